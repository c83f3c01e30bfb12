"""Dates and times of logs and ledgers that were passed over without a word."""

from __future__ import annotations

from pathlib import Path

from tests.unit.io.reading import read, refused


def test_days_that_do_not_exist_are_told(tmp_path: Path) -> None:
    """A column of dates with 31 April, or with the day before the month, stayed as written without a word."""
    for days in (
        "2024-04-05\n2,2024-05-04\n3,2024-31-05",
        "2024/4/30 10:00\n2,2024/4/31 11:00",
        "20240401\n2,20240431",
        "2024年4月30日\n2,2024年13月1日",
        "13/04/2024\n2,14/04/2024\n3,15/04/2024\n4,16/04/2024\n5,31/04/2024",
    ):
        told = read(tmp_path, f"id,利用日\n1,{days}\n").attrs["repairs"]
        assert told.at["impossible_days", "count"] == 1, days
    assert read(tmp_path, "id,利用日\n1,20240401\n2,99999999\n").attrs["repairs"].empty


def test_further_forms_of_dates_and_times(tmp_path: Path) -> None:
    """Eras with a point, day numbers with a time of day and years of two digits were passed over."""
    assert read(tmp_path, "a,取引日\n1,R.06/04/01\n2,R.06/05/01\n")["取引日"][2] == "2024-04-01"
    frame = read(tmp_path, "a,利用日時\n1,45383.5\n2,45384\n3,45384.25\n")
    assert frame["利用日時"].tolist() == ["2024-04-01 12:00:00", "2024-04-02", "2024-04-02 06:00:00"]
    short = read(tmp_path, "a,日時\n1,24/4/1 9:00\n2,24/4/2 10:30\n")
    assert short.attrs["repairs"].at["date_order", "detail"] == "日時: ymd"
    versions = read(tmp_path, "a,版\n1,10.2.1\n2,10.2.3\n")
    assert versions.attrs["repairs"].empty


def test_times_in_several_forms_are_refused(tmp_path: Path) -> None:
    for times in ("1711929600\n2,1711933200000", "2024/04/01 10:00:00\n2,2024/04/01 11:00:00 JST"):
        assert "row 3 column ts" in refused(tmp_path, f"a,ts\n1,{times}\n")
    one_zone = "a,ts\n1,2024-04-01T10:00:00+0900\n2,2024/04/01 11:00:00 JST\n3,2024-04-01T10:00:00+09:00\n"
    assert len(read(tmp_path, one_zone)) == 3
    assert len(read(tmp_path, "a,code\n1,1711929600\n2,1711933200000\n")) == 2


def test_dates_that_a_spreadsheet_exchanged(tmp_path: Path) -> None:
    """Opened where months stand first, 04/05/2024 becomes 2024-04-05 and 13/05/2024 stays as it was."""
    turned = "a,2024-01-04\nb,2024-05-04\nc,2024-12-04\n"
    left = "d,13/04/2024\ne,14/04/2024\nf,30/04/2024\n"
    assert "row 5 column ts = '13/04/2024'" in refused(tmp_path, f"user,ts\n{turned}{left}")
    for told in (f"{turned}{left}g,04/05/2024\n", f"{turned}{left}g,2024-05-14\n"):
        assert read(tmp_path, f"user,ts\n{told}").attrs["repairs"].index.tolist() == ["date_order"]


def test_eras_in_one_sign_and_times_in_words(tmp_path: Path) -> None:
    eras = read(tmp_path, "氏名,生年月日\nA,昭60.12.20\nB,平2.1.5\nC,R元.5.1\n")
    assert eras["生年月日"].tolist() == ["1985-12-20", "1990-01-05", "2019-05-01"]
    times = read(tmp_path, "a,日時\n1,2024年4月1日 10時30分\n2,令和6年4月2日(火)9:05\n3,2024年4月3日\n")
    assert times["日時"].tolist() == ["2024-04-01 10:30", "2024-04-02 09:05", "2024-04-03"]
    words = read(tmp_path, "a,語\n1,大1\n2,平2\n3,明3-1\n")
    assert words["語"].tolist() == ["大1", "平2", "明3-1"]
    over = read(tmp_path, "a,日時\n1,2024年4月1日 25:30\n2,2024年4月2日 9:05\n")
    assert over["日時"].tolist() == ["2024年4月1日 25:30", "2024年4月2日 9:05"]
