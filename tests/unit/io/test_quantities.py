"""Amounts, durations, dates and cells of workbooks: exact answers, and what is no quantity is none.

One table per function: an answer that is only nearly right would be multiplied through the whole model.
"""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta

import pandas as pd
import pytest

from csanalysis.errors import DataContractError
from csanalysis.io.cells import cell_text, check_cells, fill_merges
from csanalysis.io.cleaning import (
    has_duration_unit,
    has_magnitude,
    plain_sign,
    to_amount,
    to_hours,
    to_quantity,
)
from csanalysis.io.dates import Day, EraError, orders, read_day, read_era, read_ordered, read_serial
from csanalysis.io.declared import iso_dates
from csanalysis.io.repairs import SHOWN, Log, Place, listed, shortened
from csanalysis.io.totals import without_totals

PLACE = Place("t.csv", "en", "s")


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("(1,200)", "-1,200"),
        ("(a)", "(a)"),
        ("()", "()"),
        ("(5", "(5"),
        ("▲¥300", "-300"),
        ("-¥ 300", "-300"),
        ("△\\5", "-5"),
        ("−.5", "-.5"),
        ("▲A", "▲A"),
        ("–5", "-5"),
        ("‐5", "-5"),
        ("ー5", "ー5"),
        ("", ""),
        (" ５ ", "5"),
    ],
)
def test_minus_signs(cell: str, plain: str) -> None:
    assert plain_sign(cell) == plain


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1,234,567円", 1_234_567),
        ("JPY 500", 500),
        ("500 yen", 500),
        ("500JPY", 500),
        ("¥ 1,200", 1200),
        ("2兆3億", 2_000_300_000_000),
        ("3千万", 30_000_000),
        ("2百万円", 2_000_000),
        ("1.5千円", 1500),
        (".5万", 5000),
        ("-12万円", -120_000),
        ("+3万", 30_000),
        ("12万345", 120_345),
        ("0円", 0),
    ],
)
def test_amounts(cell: str, amount: float) -> None:
    assert to_amount(cell) == amount


@pytest.mark.parametrize(
    "cell", ["2万3億", "3万万", "円", "$5", "万", "1,20円", "a5円", "5円5", "EUR 5", "-"]
)
def test_what_is_no_amount(cell: str) -> None:
    assert to_amount(cell) is None


@pytest.mark.parametrize(
    "cell", ["12万", "300千円", "1200円", "¥1200", "￥1", "5 JPY", "5 Yen", "1億", "1兆"]
)
def test_a_named_magnitude(cell: str) -> None:
    assert has_magnitude(cell) and not has_magnitude("1,200") and not has_magnitude("12時間")


@pytest.mark.parametrize(
    ("cell", "hours"),
    [
        ("1:30", 1.5),
        ("100:00", 100.0),
        ("0:00:36", 0.01),
        ("1:30:36", 1.51),
        ("1,200時間", 1200.0),
        ("2h", 2.0),
        ("3 hours", 3.0),
        ("1hr 15min", 1.25),
        ("45m", 0.75),
        ("1.5h 30分", 2.0),
        ("−2", -2.0),
        ("７.５", 7.5),
    ],
)
def test_durations(cell: str, hours: float) -> None:
    assert to_hours(cell) == pytest.approx(hours, rel=1e-12)


@pytest.mark.parametrize("cell", ["1:60", "1:5", "2日", "h", "30分1時間", "12345:00", "1:30:60", "50%"])
def test_what_is_no_duration(cell: str) -> None:
    assert to_hours(cell) is None


def test_units_of_durations_are_seen() -> None:
    assert [has_duration_unit(c) for c in ("1時間", "5分", "2H", "3ｍｉｎ", "1:30", "1.5")] == [True] * 5 + [
        False
    ]


@pytest.mark.parametrize(
    ("cell", "unit", "percent", "value"),
    [
        ("5", "", True, 5.0),
        ("5%", "", True, 0.05),
        ("5%", "", False, None),
        ("12万", "", True, None),
        ("12万", "JPY", True, 120_000.0),
        ("1.5時間", "hour", True, 1.5),
        ("90分", "minute", True, 90.0),
        ("1.5時間", "minute", True, 90.0),
        ("7", "minute", True, 7.0),
        ("7", "hour", True, 7.0),
        ("1:30", "hour", True, 1.5),
        ("1:30", "minute", True, None),
        ("２日", "minute", True, None),
    ],
)
def test_quantities(cell: str, unit: str, percent: bool, value: float | None) -> None:
    """A clock of minutes may be hours and minutes or minutes and seconds, so it is none."""
    assert to_quantity(cell, unit, percent=percent) == value


@pytest.mark.parametrize("unit", ["", "JPY", "hour", "minute"])
def test_an_empty_cell_is_no_number_in_every_unit(unit: str) -> None:
    assert math.isnan(to_quantity(" ", unit) or 0.0)
    assert math.isnan(to_amount("") or 0.0) and math.isnan(to_hours("") or 0.0)


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("明治1年1月25日", "1868-01-25"),
        ("大正15年12月24日", "1926-12-24"),
        ("昭和元年12月25日", "1926-12-25"),
        ("昭和64年1月7日", "1989-01-07"),
        ("平成元年1月8日", "1989-01-08"),
        ("平成31年4月30日", "2019-04-30"),
        ("令和元年5月1日", "2019-05-01"),
        ("㋿6年4月", "2024-04"),
        ("㍻30年", "2018"),
        ("令和6年4月1日(月)", "2024-04-01"),
        ("r6/4/1", "2024-04-01"),
        ("H 30.12.31", "2018-12-31"),
        ("昭和 64 年", "1989"),
        ("令和6-4-1", "2024-04-01"),
    ],
)
def test_eras(cell: str, iso: str) -> None:
    found = read_era(cell)
    assert found is not None and found.iso() == iso
    again = read_day(cell)
    assert again is not None and again.iso() == iso


@pytest.mark.parametrize(
    "cell",
    [
        "平成31年5月1日",
        "令和元年4月30日",
        "昭和64年1月8日",
        "大正15年12月25日",
        "令和0年",
        "令和6年2月30日",
        "令和6年13月",
        "平成32年",
    ],
)
def test_days_that_an_era_never_had(cell: str) -> None:
    with pytest.raises(EraError, match=cell[:2]):
        read_era(cell)


@pytest.mark.parametrize(
    "cell", ["S1-2", "R6", "R6.4", "R6-4-1", "H30", "令和6", "令和", "2024年", "T 1 2", ""]
)
def test_what_names_no_era(cell: str) -> None:
    assert read_era(cell) is None


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024/4/1", Day(2024, 4, 1)),
        ("2024.12", Day(2024, 12)),
        ("２０２４年４月", Day(2024, 4)),
        ("20240229", Day(2024, 2, 29)),
        ("2024-04-01(月)", Day(2024, 4, 1)),
        ("20230229", None),
        ("2024/13/1", None),
        ("2024/4/31", None),
        ("22000101", None),
        ("2024", None),
        ("1/4/2024", None),
    ],
)
def test_days_year_first(cell: str, day: Day | None) -> None:
    assert read_day(cell) == day


def test_orders_of_day_and_month() -> None:
    assert orders(["03-04-2024", "13-04-2024"]) == {"dmy"} and orders(["04/13/24"]) == {"mdy"}
    assert orders(["03/04/2024 10:30", "3.4.2024"]) == {"dmy", "mdy"}
    assert orders(["13-01-2024", "01-13-2024"]) == set() and orders(["31-31-2024"]) == set()
    assert orders(["03-04/2024"]) == set() and orders(["13-01-2024", "01-13-2024", "x"]) == set()
    assert read_ordered("３/4/24", "dmy") == Day(2024, 4, 3) and read_ordered("3/4/1999", "mdy") == Day(
        1999, 3, 4
    )
    assert read_ordered("31-04-2024", "dmy") is None and read_ordered("2024-04-01", "dmy") is None


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("45383", Day(2024, 4, 1)),
        ("45383.0", Day(2024, 4, 1)),
        ("４５３８３", Day(2024, 4, 1)),
        ("20000", Day(1954, 10, 3)),
        ("80000", Day(2119, 1, 11)),
        ("19999", None),
        ("80001", None),
        ("45383.5", None),
        ("453831", None),
    ],
)
def test_day_numbers(cell: str, day: Day | None) -> None:
    assert read_serial(cell) == day


def iso(*cells: str) -> tuple[list[str], list[tuple[int | None, str, str]], list[dict[str, object]]]:
    log = Log()
    series = pd.Series(cells, index=range(2, 2 + len(cells)), name="start_date", dtype=str)
    found, failures = iso_dates(series, PLACE, log)
    return found.tolist(), [(f.row, f.column, f.value) for f in failures], log.entries


def test_declared_dates() -> None:
    assert iso("2026-03-31", "", "-") == (["2026-03-31", "", "-"], [], [])
    cells, failures, told = iso("令和6年4月1日", "-", "45383", "soon", "2024-04-01", "2024年4月")
    assert cells == ["2024-04-01", "", "2024-04-01", "soon", "2024-04-01", "2024年4月"] and failures == []
    assert [(entry["rule"], entry["count"]) for entry in told] == [("notation", 3)]
    assert iso("13-04-2024", "03-04-2024")[0] == ["2024-04-13", "2024-04-03"]
    assert iso("03-04-2024", "03-05-2024")[1] == [(2, "start_date", "03-04-2024")]
    assert iso("2024/4/1", "平成31年5月1日")[1] == [(3, "start_date", "平成31年5月1日")]


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (None, "", ""),
        ("=x", "", "=x"),
        (True, "", "TRUE"),
        (False, "", "FALSE"),
        (90.0, "", "90"),
        (90.5, "", "90.5"),
        (7, "00000", "00007"),
        (7.0, "000", "007"),
        (7, "0.00", "7"),
        (7, "0", "7"),
        (1e15, "", "1000000000000000.0"),
        (999999999999999.0, "", "999999999999999"),
        (datetime(2026, 4, 1), "", "2026-04-01"),
        (datetime(2026, 4, 1, 9, 5), "", "2026-04-01 09:05:00"),
        (date(2026, 4, 1), "", "2026-04-01"),
        (timedelta(hours=25.5), "", "25:30"),
        (timedelta(minutes=1, seconds=5), "", "0:01:05"),
        (time(9, 5), "", "09:05"),
        (time(9, 5, 7), "", "09:05:07"),
        (complex(1, 2), "", "(1+2j)"),
    ],
)
def test_cells_of_workbooks_as_text(value: object, number_format: str, shown: str) -> None:
    assert cell_text(value, number_format) == shown


def test_merged_cells_are_filled_but_numbers_count_once() -> None:
    """A number merged over rows would be added up once per row; one merged over columns is a heading."""
    rows = [["a", "", "5", ""], ["", "", "", ""], ["1.5", "", "x", ""]]
    log = Log()
    fill_merges(
        rows, [(0, 0, 1, 1), (0, 2, 1, 2), (2, 0, 2, 1), (9, 0, 9, 0), (0, 9, 0, 9), (1, 3, 2, 3)], log, PLACE
    )
    assert rows == [["a", "a", "5", ""], ["a", "a", "", ""], ["1.5", "1.5", "x", ""]]
    assert [(e["rule"], e["count"], e["before"]) for e in log.entries] == [("merged_cells", 2, "a")]
    quiet = Log()
    fill_merges([["-5"], [""]], [(0, 0, 1, 0)], quiet, PLACE)
    assert quiet.entries == []


def test_a_sheet_of_too_many_cells_is_refused() -> None:
    check_cells(30_000, 1000, PLACE)
    with pytest.raises(DataContractError, match="30,001"):
        check_cells(30_001, 1000, PLACE)


def test_the_log_counts_and_shortens() -> None:
    log = Log()
    log.tell("a")
    log.tell("b", "d", cells=[str(n) for n in range(12)], before="x\ny", after="z" * 90)
    log.tell("c", count=0, cells=["1"])
    assert [e["count"] for e in log.entries] == [1, 12, 0]
    second = log.entries[1]
    assert (second["detail"], second["before"], second["cells"]) == ("d", "x y", listed(range(12)))
    assert len(str(second["after"])) == 80 and str(second["after"]).endswith("…")
    assert listed(range(SHOWN)).endswith("9") and listed([]) == ""
    assert shortened("x" * 80) == "x" * 80 and shortened("y" * 81) == "y" * 79 + "…"
    failure = PLACE.failure("total_differs", row=3, column="n", value="9" * 99, label="計", total="5")
    assert (failure.file, failure.sheet, failure.row, failure.column) == ("t.csv", "s", 3, "n")
    assert len(failure.value) == 80 and "計" in failure.expected and failure.lang == "en"


def totals(*rows: str) -> tuple[list[list[str]], list[int], list[dict[str, object]]]:
    cells = [row.split(",") for row in rows]
    log = Log()
    kept, numbers = without_totals(cells, list(range(2, 2 + len(cells))), ["名", "a", "b"], PLACE, log)
    return kept, numbers, log.entries


def test_totals_are_dropped_where_they_are_the_sum() -> None:
    kept, numbers, told = totals("x,1,2", "y,3,4", "合計,4,6")
    assert numbers == [2, 3] and [row[0] for row in kept] == ["x", "y"]
    assert (told[0]["rule"], told[0]["cells"], told[0]["detail"]) == ("totals", "4", "合計")
    groups = totals("x,1,2", "y,3,4", "小計,4,6", "z,5,6", "小計,5,6", "総計,9,12")
    assert groups[1] == [2, 3, 5] and groups[2][0]["count"] == 3
    assert totals("全体,4,6", "x,1,2", "y,3,4")[1] == [3, 4]
    assert totals("x,1,10", "y,3,20", "total,4,15")[1] == [2, 3]  # the second column is a mean


def test_totals_that_are_no_sum_are_refused_and_other_words_kept() -> None:
    with pytest.raises(DataContractError) as caught:
        totals("x,1,2", "y,3,4", "合計,4,7")
    (failure,) = caught.value.failures
    assert (failure.row, failure.column, failure.value) == (4, "b", "7") and "6" in failure.expected
    assert totals("x,1,2", "統計,3,4", "y,5,6")[1] == [2, 3, 4]
    assert totals("x,1,2", "y,3,4", "合計,,")[1] == [2, 3, 4]
    assert totals("x,a,b", "y,c,d", "合計,4,6")[1] == [2, 3, 4]
    assert totals("合計,1,2", "合計,3,4")[1] == [2, 3]
    assert totals(",1,2", ",3,4")[1] == [2, 3]


def test_totals_of_amounts_and_durations() -> None:
    """1,500円 below 1,200円 and 300円, or 2:15 of hours, were kept as data and said not to add up."""
    assert totals("x,1200円,1:30", "y,300円,0:45", "合計,1500円,2:15")[1] == [2, 3]
    assert totals("x,12万円,", "y,3万円,", "合計,15万円,")[1] == [2, 3]
    with pytest.raises(DataContractError) as caught:
        totals("x,1:30,", "y,0:45,", "合計,9:15,")
    assert "2:15" in caught.value.failures[0].expected
    kept, _, told = totals("x,1.4,1", "y,2.4,2", "合計,3.9,3")
    assert len(kept) == 2 and told[0]["rule"] == "totals_rounded"
    with pytest.raises(DataContractError):
        totals("x,1.4,1", "y,2.4,2", "合計,4.1,3")
    with pytest.raises(DataContractError):
        totals("x,14,1", "y,24,2", "合計,39,3")


def test_totals_of_many_small_groups() -> None:
    """Half the rows were totals of groups, so that only the last was tried, and did not add up."""
    regions = ("関東,1,5", "関東,2,6", "関東 計,3,11", "関西,4,7", "関西 計,4,7", "総合計,7,18")
    assert totals(*regions)[1] == [2, 3, 5]
    with pytest.raises(DataContractError, match="総合計"):
        totals(*regions[:4], "関西 計,5,7", "総合計,7,18")


def test_a_first_row_without_a_name() -> None:
    """Exports of web statistics put the total first, without a name; persons are counted once in it."""
    rows = ("page_view,10000,800", "scroll,5000,700", "click,10,5")
    assert totals(",15010,1505", *rows)[1] == [3, 4, 5]
    kept, _, told = totals(",15010,900", *rows)
    assert len(kept) == 4 and [(e["rule"], e["cells"]) for e in told] == [("totals_kept", "2")]
    assert totals(",15011,900", *rows)[2] == []


def test_totals_behind_the_name_of_their_group() -> None:
    """Budgets write 計 in the second column, behind the merged name of the group: it was counted as data."""
    names = ["款", "項", "額"]
    log = Log()
    cells = [row.split(",") for row in ("歳入,市税,100", "歳入,交付税,50", "歳入,計,150", "歳出,人件費,80")]
    kept, numbers = without_totals(cells, [2, 3, 4, 5], names, PLACE, log)
    assert numbers == [2, 3, 5] and [e["rule"] for e in log.entries] == ["totals"]
    log = Log()
    cells = [row.split(",") for row in ("売上,件数,1", "売上,単価,5", "売上,合計,9", "費用,件数,2")]
    kept, _ = without_totals(cells, [2, 3, 4, 5], names, PLACE, log)
    assert len(kept) == 4 and [e["rule"] for e in log.entries] == ["totals_kept"]


def test_ways_to_write_totals_and_prices() -> None:
    for label in ("総合計 (2 レコード)", "Grand Totals (2 records)", "トータル", "合計（2件）"):
        assert totals("x,1,2", "y,3,4", f"{label},4,6")[1] == [2, 3], label
    assert len(totals("x,1,2", "y,3,4", "スーパートータル,5,6")[1]) == 3
    assert [to_amount(cell) for cell in ("¥1,200-", "￥800－", "1,200円也", "1,200-", "¥1,200-5")] == [
        1200,
        800,
        1200,
        None,
        None,
    ]


def test_words_of_a_category_are_no_totals() -> None:
    """A column of statistics (mean, rate) once lost a row whose figure its neighbour had too."""
    log = Log()
    cells = [row.split(",") for row in ("nps,mean,30", "churn,mean,30", "csat,mean,4", "csat,median,4")]
    assert without_totals(cells, [2, 3, 4, 5], ["kpi", "statistic", "value"], PLACE, log)[1] == [2, 3, 4, 5]
    assert log.entries == []
    log = Log()
    cells = [["男女計"[n % 3], str(n % 47), "1"] for n in range(9_000)]
    assert len(without_totals(cells, list(range(9_000)), ["性別", "県", "v"], PLACE, log)[0]) == 9_000
    assert [(entry["rule"], entry["count"]) for entry in log.entries] == [("totals_kept", 3_000)]
