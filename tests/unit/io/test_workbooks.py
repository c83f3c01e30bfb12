"""What only the form of a workbook says (merged areas, hidden columns, formats) stays, and counts once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

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
    assert told == {"format_units": (3, "A, D, F", "A: 千円, D: 人, F: h")}
