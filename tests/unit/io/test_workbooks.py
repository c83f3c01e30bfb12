"""What only the form of a workbook says (merged areas, hidden columns, formats) stays, and counts once."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from csanalysis.errors import DataContractError
from csanalysis.io import read_table, sheets_xlsx


def read(
    folder: Path, rows: list[list[object]], then: Callable[[openpyxl.Workbook], None]
) -> tuple[pd.DataFrame, dict[str, tuple[int, str, str]]]:
    """Return the table of a sheet and, by rule, how many cells were told of, which, and the detail."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    then(book)
    book.save(folder / "t.xlsx")
    frame, repairs = read_table(folder / "t.xlsx")
    told = repairs[["rule", "count", "cells", "detail"]].itertuples(index=False)
    return frame, {rule: (count, cells, detail) for rule, count, cells, detail in told}


def test_merged_numbers_count_once_and_merged_labels_in_every_row(tmp_path: Path) -> None:
    """A number merged over two months stood in both; an identifier merged downwards left its rows blank."""
    rows: list[list[object]] = [["顧客番号", "年", "品目", "4月", "5月", "予算"]]
    rows += [[1001, 2023, "A", 10, None, 100], [None, None, "B", 20, 30, None]]

    def merge(book: openpyxl.Workbook) -> None:
        for area in ("A2:A3", "B2:B3", "D2:E2", "F2:F3"):
            book.active.merge_cells(area)

    frame, told = read(tmp_path, rows, merge)
    assert frame.to_numpy().tolist() == [
        ["1001", "2023", "A", "10", "", "100"],
        ["1001", "2023", "B", "20", "30", ""],
    ]
    assert told["merged_labels"][0] == told["merged_numbers"][0] == 2
    assert set(told["merged_numbers"][1].split(", ")) == {"D2:E2", "F2:F3"}
    page = "<table><tr><th>品目<th>額</tr><tr><td>A<td rowspan=2>10</tr><tr><td>B</tr><tr><td>C<td>5</table>"
    (tmp_path / "t.xls").write_text(page, encoding="utf-8")
    assert read_table(tmp_path / "t.xls")[0]["額"].tolist() == ["10", "", "5"]


def test_hidden_columns_are_told(tmp_path: Path) -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book.active.column_dimensions["B"].hidden = True
        book.active.column_dimensions["D"].hidden = True

    frame, told = read(tmp_path, [["id", "secret", "v"], [1, "x", 2]], hide)
    assert frame.columns.tolist() == ["id", "secret", "v"] and told == {"hidden_columns": (1, "B", "")}


@pytest.mark.parametrize("small", [200_000, -1])
def test_units_that_only_the_format_shows_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    """Excel shows 1,200千円, the cell holds 1200: a factor of a thousand that no value tells."""
    monkeypatch.setattr(sheets_xlsx, "SMALL", small)

    def formats(book: openpyxl.Workbook) -> None:
        forms = ('#,##0"千円"', '#,##0,"千円"', '"¥"#,##0', '0"人"', '[$-411]ggge"年"m"月"d"日"', '0.0"h"')
        for at, form in enumerate(forms, 1):
            book.active.cell(2, at).number_format = form

    frame, told = read(tmp_path, [["a", "b", "c", "d", "e", "f"], [1200, 1200000, 5, 3, 45383, 1.5]], formats)
    assert frame["a"].tolist() == ["1200"]
    assert told == {
        "format_units": (3, "A, D, F", "A: 千円, D: 人, F: h"),
        "format_scaled": (1, "B", '#,##0,"千円"'),
    }


def changed(folder: Path, pattern: bytes, new: bytes) -> Path:
    """Write a workbook whose sheet has another text in place of a pattern."""
    book = openpyxl.Workbook()
    for row in (["id", "name", "v"], [1, "A", 10], [2, "B", 20]):
        book.active.append(row)
    book.save(folder / "t.xlsx")
    with zipfile.ZipFile(folder / "t.xlsx") as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(folder / "t.xlsx", "w") as written:
        for name, part in parts.items():
            written.writestr(name, re.sub(pattern, new, part, flags=re.S) if "sheet1.xml" in name else part)
    return folder / "t.xlsx"


@pytest.mark.parametrize(
    ("pattern", "new"),
    [(rb' r="[A-Z]+\d+"', b""), (rb' r="[A-Z]*\d+"', b""), (rb'"', b"'"), (rb'(<c) r="B\d"', rb"\1")],
)
def test_cells_that_do_not_say_where_they_are(tmp_path: Path, pattern: bytes, new: bytes) -> None:
    """The form lets them follow each other; they were taken for an empty sheet."""
    frame, repairs = read_table(changed(tmp_path, pattern, new))
    assert frame.to_numpy().tolist() == [["1", "A", "10"], ["2", "B", "20"]] and repairs.empty


@pytest.mark.parametrize(
    ("pattern", "new"),
    [
        (rb'(<row r="2".*?</row>)(<row r="3".*?</row>)', rb"\2\1"),
        (rb"</row></sheetData>", b'<c r="C3"><v>99</v></c></row></sheetData>'),
    ],
)
def test_cells_out_of_order_are_refused(tmp_path: Path, pattern: bytes, new: bytes) -> None:
    """Parsers dropped the row behind a later one, and took the last of two cells of one place."""
    with pytest.raises(DataContractError, match="out of order"):
        read_table(changed(tmp_path, pattern, new), lang="en")


def test_rows_of_one_cell_are_told_and_a_block_beside_the_title_is_none_of_the_header(tmp_path: Path) -> None:
    rows: list[list[object]] = [["", "", "作成者：", "山田"], ["No", "顧客", "担当", "金額"]]
    rows += [["関東支店"], [1, "A", "x", 10], [2, "B", "y", 20], [3, "C", "z", 30]]
    frame, told = read(tmp_path, rows, lambda _: None)
    assert frame.columns.tolist() == ["No", "顧客", "担当", "金額"] and len(frame) == 4
    assert told["lone_rows"] == (1, "3", "関東支店") and told["preamble"][2] == "作成者： 山田"


@pytest.mark.parametrize("small", [200_000, -1])
def test_codes_and_amounts_are_what_their_formats_make_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    """Postcodes lost their zeros, and full amounts were said to be in the thousands of their title."""
    monkeypatch.setattr(sheets_xlsx, "SMALL", small)
    forms = (r"000\-0000", '0000"-"00', r"[<=999]000;[<=9999]000\-00;000\-0000", "0.0", "#,##0,")

    def formats(book: openpyxl.Workbook) -> None:
        for row in (3, 4):
            for at, form in enumerate(forms, 1):
                book.active.cell(row, at).number_format = form

    rows: list[list[object]] = [["", "", "", "", "単位：千円"], ["〒", "枝番", "局", "率", "額"]]
    frame, told = read(tmp_path, [*rows, [600042, 501, 1234, 0.5, 12345678], [1, 2, 3, 4, 5]], formats)
    assert frame.to_numpy().tolist() == [
        ["060-0042", "0005-01", "012-34", "0.5", "12345678"],
        ["000-0001", "0000-02", "003", "4", "5"],
    ]
    assert told["format_scaled"] == (1, "E", "#,##0,") and "unit" not in frame.attrs
