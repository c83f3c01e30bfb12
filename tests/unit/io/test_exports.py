"""Layouts and notations of real exports that once were read wrong without a word."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from csanalysis.errors import DataContractError
from csanalysis.io import cells, read_table, sheets_xlsx
from tests.unit.io.reading import read, refused


def sheet(folder: Path, *rows: list[object], then: Callable[[openpyxl.Workbook], None] | None = None) -> Path:
    book = openpyxl.Workbook()
    for n, row in enumerate(rows, 1):
        for at, value in enumerate(row, 1):
            book.active.cell(n, at, value)
    if then:
        then(book)
    book.save(folder / "t.xlsx")
    return folder / "t.xlsx"


def test_dates_and_times_of_a_log_are_asked_in_every_form(tmp_path: Path) -> None:
    """Times with AM and PM, dates beside ISO dates, and both orders in one column used to pass unasked."""
    log = "user,ts\nu1,1/2/2024 10:05 AM\nu2,3/4/2024 11:30 PM\n"
    assert "row 2" in refused(tmp_path, log)
    assert read(tmp_path, log, dates="mdy")["ts"].tolist() == ["2024-01-02 10:05", "2024-03-04 23:30"]
    mixed = "user,day\nu1,2024-04-01\nu2,04/05/2024\n"
    assert "row 3 column day" in refused(tmp_path, mixed)
    assert read(tmp_path, mixed, dates="dmy")["day"].tolist() == ["2024-04-01", "2024-05-04"]
    assert "month first" in refused(tmp_path, "user,day\nu1,13/02/2024\nu2,02/14/2024\n")


def test_two_digit_years_may_stand_first(tmp_path: Path) -> None:
    """24/04/01 was told as day first; the part that changes least is the year."""
    frame = read(tmp_path, "id,日付\n1,24/04/01\n2,24/05/02\n3,24/12/31\n")
    assert frame.attrs["repairs"].at["date_order", "detail"] == "日付: ymd"
    assert "more than one order" in refused(tmp_path, "id,日付\n1,01/02/03\n")
    codes = read(tmp_path, "code,x\n12-34-56,1\n99-01-02,2\n")
    assert codes["code"].tolist() == ["12-34-56", "99-01-02"] and codes.attrs["repairs"].empty


def test_era_letters_beside_common_years(tmp_path: Path) -> None:
    frame = read(tmp_path, "顧客番号,開始日\n1,R6.4.1\n2,2024/6/1\n")
    assert frame["開始日"].tolist() == ["2024-04-01", "2024-06-01"]


def test_years_without_their_era_are_filled_row_by_row(tmp_path: Path) -> None:
    """2 stands for 1990 below 平成元年 and for 2020 below 令和元年."""
    frame = read(tmp_path, "年次,x\n平成元年,1\n2,2\n3,3\n-,4\n令和元年,5\n2,6\n3,7\n")
    assert frame["年次"].tolist() == ["1989", "1990", "1991", "", "2019", "2020", "2021"]
    told = frame.attrs["repairs"].loc["ditto_era"]
    assert (told["count"], told["cells"]) == (4, "年次:3, 年次:4, 年次:7, 年次:8")


def test_text_written_as_formula(tmp_path: Path) -> None:
    frame = read(tmp_path, 'code,name\n="0123",A\n"=""0456""",B\n')
    assert frame["code"].tolist() == ["0123", "0456"]
    told = frame.attrs["repairs"].loc["text_formula"]
    assert (told["count"], told["cells"], told["before"]) == (2, "code:2, code:3", '="0123"')


def test_a_last_row_without_a_name_that_adds_up(tmp_path: Path) -> None:
    rows = "担当,顧客,金額\n山田,A社,100\n鈴木,B社,200\n,,{}\n"
    summed = read(tmp_path, rows.format(300))
    assert summed["金額"].tolist() == ["100", "200"] and "totals" in summed.attrs["repairs"].index
    assert len(read(tmp_path, rows.format(301))) == 3
    chance = read(tmp_path, "id,ok\n1,yes\n2,no\n3,\n")
    assert chance["id"].tolist() == ["1", "2", "3"] and chance.attrs["repairs"].empty
    nested = read(tmp_path, "年齢,人\n総数,6\n0～4歳,3\n0,1\n1,2\n5～9歳,3\n5,1\n6,2\n")
    assert len(nested) == 7 and nested.attrs["repairs"].at["totals_kept", "cells"] == "2"


def test_means_errors_and_cells_that_do_not_read(tmp_path: Path) -> None:
    assert read(tmp_path, "dept,amt\nA,10\nB,20\n平均,15\n")["amt"].tolist() == ["10", "20"]
    assert len(read(tmp_path, "dept,amt\nA,10\nB,20\n平均,18\n")) == 3
    assert "row 2 column v = '#REF!'" in refused(tmp_path, "id,v\n1,#REF!\n2,3\n")
    assert "row 4 column 率 = '0.05'" in refused(tmp_path, "名,率\nA,12%\nB,3.4％\nC,0.05\n")
    left = read(tmp_path, "部門,金額\nA,▲100\nB,200\nC,調査中\nD,▲5\n")
    assert left["金額"].tolist()[0] == "▲100"
    assert left.attrs["repairs"].loc["left_as_text", ["cells", "before"]].tolist() == ["金額:4", "調査中"]
    kanji = read(tmp_path, "氏名,生年月日\nA,昭和六十三年十二月二十日\nB,二〇二四年四月一日\n")
    assert kanji["生年月日"].tolist() == ["1988-12-20", "2024-04-01"]
    foot = read(tmp_path, "業務,件数\n受付,10\n作成,\n\n作成：経理部,\n")
    assert foot["業務"].tolist() == ["受付", "作成"]


def test_a_second_table_below_its_title(tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        ["1. 売上"],
        ["月", "額"],
        ["4月", 1],
        ["5月", 2],
        [],
        ["2. 費用"],
        ["費目", "額"],
        ["家賃", 3],
    )
    frame, repairs = read_table(path)
    assert len(frame) == 2 and repairs["rule"].tolist()[-1] == "other_table"


def test_remarks_ruled_lines_rare_delimiters_and_unseen_marks(tmp_path: Path) -> None:
    assert read(tmp_path, "# made 2024, by x\nid,v\n1,2\n3,4\n").columns.tolist() == ["id", "v"]
    assert read(tmp_path, "# of users,v\n1,2\n3,4\n").columns.tolist() == ["# of users", "v"]
    days = "\n# ---\n# Days\nday,views\n0,1\n1,2\n"
    pages = read(tmp_path, "# ---\n# Pages\n#\npath,views,users\n/,1234,567\n/a,12,5\n/b,1,1\n" + days)
    assert pages["path"].tolist() == ["/", "/a", "/b"] and "preamble" in pages.attrs["repairs"].index
    ruled = read(tmp_path, "| id | name |\n|----|------|\n| 1 | A |\n| 2 | B |\n")
    assert ruled["id"].tolist() == ["1", "2"] and "rule_lines" in ruled.attrs["repairs"].index
    assert read(tmp_path, "id~name\n1~A\n2~B\n").columns.tolist() == ["id", "name"]
    unseen = read(tmp_path, "id,name\n1,A\u200b\n2,\ufeffB\n3,C\n")
    assert unseen["name"].tolist() == ["A", "B", "C"] and unseen.attrs["repairs"].at["spaces", "count"] == 2


def test_units_of_empty_columns_alone(tmp_path: Path) -> None:
    """Found by fuzzing: the only unit stood above a column that is dropped because it is empty."""
    frame = read(tmp_path, "a,b,\n,,%\n1,2,\n3,4,\n")
    assert frame.columns.tolist() == ["a", "b"] and len(frame) == 2


def test_one_row_of_values_has_no_header(tmp_path: Path) -> None:
    frame = read(tmp_path, '01101,"0600000",北海道,0,0\n')
    assert frame.iloc[0].tolist() == ["01101", "0600000", "北海道", "0", "0"]


def test_escaped_characters_of_a_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks write a carriage return as _x000D_; both readers give what Excel shows."""
    path = sheet(tmp_path, ["a", "b"], ["x_x0041_y", 1], ["plain_x", 2])
    found = [read_table(path)[0]["a"].tolist()]
    monkeypatch.setattr(sheets_xlsx, "SMALL", -1)
    found.append(read_table(path)[0]["a"].tolist())
    assert found == [["xAy", "plain_x"]] * 2


def test_the_unit_of_a_whole_table(tmp_path: Path) -> None:
    """Public bodies state the unit above the table; without it a figure is off by a thousand."""
    frame, repairs = read_table(
        sheet(tmp_path, ["表1"], [None, "（単位：千円）"], ["部門", "額"], ["A", 1], ["B", 2])
    )
    assert frame.attrs["unit"] == "千円"
    assert repairs.set_index("rule").loc["table_unit", ["cells", "detail"]].tolist() == ["2", "千円"]


def test_keys_and_values_above_the_table(tmp_path: Path) -> None:
    settings = [["一覧"], ["出力日", "2024/04/01", "出力者", "山田"], ["条件", "全件"], []]
    table = [["No.", "契約番号", "額"], [1, "K-1", 100], [2, "K-2", 200]]
    frame, repairs = read_table(sheet(tmp_path, *settings, *table))
    assert frame.columns.tolist() == ["No.", "契約番号", "額"] and len(frame) == 2
    assert "出力日 2024/04/01" in repairs.set_index("rule").at["preamble", "detail"]


def test_names_above_codes_and_names_beside_them(tmp_path: Path) -> None:
    """Public statistics name categories above their codes and leave the rest of that row blank."""
    frame = read(
        tmp_path, ",,,総数,男\nareaコード,area,unit,00100,00110\n01000,北海道,人,5,2\n02000,青森県,人,3,1\n"
    )
    assert frame.columns.tolist() == ["areaコード", "area", "unit", "総数_00100", "男_00110"]
    assert frame.iloc[0].tolist() == ["01000", "北海道", "人", "5", "2"]
    plain = read(tmp_path, ",,A,B\n北海道,札幌,1,2\n青森,八戸,3,4\n")
    assert plain.columns.tolist() == ["column_1", "column_2", "A", "B"]


def test_spread_names_and_a_cover_page(tmp_path: Path) -> None:
    def cover(book: openpyxl.Workbook) -> None:
        book.active.title = "表紙"
        data = book.create_sheet("データ")
        for row in (["年　次", "人　　口"], ["平成30年", 1], ["令和元年", 2]):
            data.append(row)

    frame, repairs = read_table(sheet(tmp_path, ["報告書"], [], ["令和6年3月"], then=cover))
    assert frame.columns.tolist() == ["年次", "人口"] and frame["年次"].tolist() == ["2018", "2019"]
    assert repairs["rule"].tolist() == ["other_sheets", "notation"] and repairs["detail"][0] == "表紙"


def test_large_sheets_read_as_small_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader of large sheets knows no formats and no place of the table: codes lost their zeros."""

    def formats(book: openpyxl.Workbook) -> None:
        for row in (5, 6):
            book.active.cell(row, 3).number_format = "00000"

    rows = [[], [], [], [None, None, "番号", "日時", "有効"]]
    rows += [[None, None, 7, datetime(2024, 4, 1, 9, 30), True], [None, None, 12, datetime(2024, 4, 2), None]]
    path = sheet(tmp_path, *rows, then=formats)
    small = read_table(path)[0]
    monkeypatch.setattr(sheets_xlsx, "SMALL", -1)
    large = read_table(path)[0]
    pd.testing.assert_frame_equal(small, large)
    assert large.loc[5].tolist() == ["00007", "2024-04-01 09:30:00", "TRUE"]


def test_kinds_that_look_like_text(tmp_path: Path) -> None:
    assert "SYLK" in refused(tmp_path, 'ID;PWXL;N;E\nC;Y1;X1;K"a"\nE\n')
    assert "JSON" in refused(tmp_path, '[{"a": 1, "b": 2}]') and "JSON" in refused(
        tmp_path, '{"a": 1}\n{"a": 2}\n'
    )
    assert read(tmp_path, "ID;Preis\n1;2\n3;4\n").columns.tolist() == ["ID", "Preis"]


def test_pages_without_end_tags_and_with_tables_in_tables(tmp_path: Path) -> None:
    rows = "<tr><th>id<th>name<tr><td>1<td>A&amp;B<tr><td>2<td>C<br>D"
    for page in (f"<table>{rows}</table>", f"<table><tr><td>menu<td><table>{rows}</table></table>"):
        path = tmp_path / "t.xls"
        path.write_text(page, encoding="utf-8")
        frame = read_table(path)[0]
        assert frame.to_numpy().tolist() == [["1", "A&B"], ["2", "C\nD"]]


def test_a_terminal_sees_the_rows_of_a_large_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheet(tmp_path, ["a", "b"], *([n, "x"] for n in range(20)))
    monkeypatch.setattr(cells, "LARGE", 10)
    read_table(path)
    assert not capsys.readouterr().err
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert len(read_table(path)[0]) == 20
    assert "rows" in capsys.readouterr().err


def workbook(sheet_xml: bytes, folder: Path, shared: bytes = b"") -> Path:
    """Return a workbook with this sheet; random bytes keep it below the limit of packing."""
    path = sheet(folder, ["a"], [1])
    noise = b"<!--" + random.Random(1).randbytes(60_000).hex().encode() + b"-->"
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist() if "haredStrings" not in name}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, sheet_xml + noise if "sheet1" in name else part)
        if shared:
            new.writestr("xl/sharedStrings.xml", shared)
    return path


_START = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
)
_END = b"</row></sheetData></worksheet>"
_TEXT = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>%b</t></si></sst>'


def test_workbooks_without_styles_of_their_own(tmp_path: Path) -> None:
    """Systems write workbooks that openpyxl warns of; the values are sound, and nobody needs the warning."""
    path = sheet(tmp_path, ["a", "b"], [1, "x"])
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    styles = re.sub(rb"<cellStyles.*</cellStyles>", b"", parts["xl/styles.xml"])
    with zipfile.ZipFile(path, "w") as new:
        for name, part in parts.items():
            new.writestr(name, styles if name == "xl/styles.xml" else part)
    assert read_table(path)[0].to_numpy().tolist() == [["1", "x"]]


def test_unknown_codecs_are_told(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a,b\n\xff,2\n")
    for codec in ("idna", "hex", "no such", "ascii"):
        with pytest.raises(DataContractError, match="encoding"):
            read_table(tmp_path / "t.csv", encoding=codec, lang="en")


@pytest.mark.parametrize(
    ("inside", "shared", "said"),
    [
        (b"<c " * 30_000, b"", "not well-formed"),
        (b'<c r="A1" t="e"/>' * 30_000, b"", "out of order"),
        (b'<c r="A1"><f>1</f>' + b" " * 60_000 + b"<x/></c>", b"", "Row 1"),
        (b'<c r="A1"><v>1</v></c><c r="B1"><v>1</v></c>', b"", "overlapping"),
        (b'<c r="A1" t="s"><v>0</v></c>' * 20_000, _TEXT % (b"a" * 30_000), "600 MB"),
    ],
)
def test_hostile_sheets_stop_early(tmp_path: Path, inside: bytes, shared: bytes, said: str) -> None:
    """Each took quadratic time, or unfolded to gigabytes, before it was held to its form."""
    areas = b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 3 + b"</mergeCells></worksheet>"
    end = _END.replace(b"</worksheet>", areas) if said == "overlapping" else _END
    path = workbook(_START + inside + end, tmp_path, shared)
    with pytest.raises(DataContractError, match=said):
        read_table(path, lang="en")


def test_hostile_pages_and_headers_stop_early(tmp_path: Path) -> None:
    path = tmp_path / "t.html"
    path.write_text("<table>" + ("<tr>" + "<td colspan=1000 rowspan=1000>x" * 3) * 600 + "</table>")
    with pytest.raises(DataContractError, match="rowspan"):
        read_table(path, lang="en")
    path.write_text("<table><tr><td>" * 3000)
    with pytest.raises(DataContractError):
        read_table(path)
    assert read(tmp_path, "a" + " " * 100_000 + "b,c\n1,2\n").columns.tolist() == ["a b", "c"]
