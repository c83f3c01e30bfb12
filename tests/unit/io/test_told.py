"""What small files become, row by row, and every word that is told of them: told.toml, checked by eye.

A repair whose place, count or example is wrong sends an analyst to the wrong cell; no other test compares
all that is told.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from csanalysis.errors import DataContractError
from csanalysis.io import read_table, sheets_xlsx
from csanalysis.io.repairs import COLUMNS

FILL = "".join(f"f{n},w,{n}\n" for n in range(60))
"""Rows without fault, for the lines <fill> of a case: only long tables are mended row by row."""
CASES: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("told.toml").read_text("utf-8"))


def told(repairs: pd.DataFrame) -> list[str]:
    return [" | ".join(map(str, row)).rstrip(" |") for row in repairs[list(COLUMNS)].to_numpy().tolist()]


def found_in(path: Path, **options: Any) -> dict[str, Any]:
    """Return everything that reading a file tells, in the form of the cases."""
    try:
        frame, repairs = read_table(path, lang="en", **options)
    except DataContractError as error:
        return {"refused": [f"{f.place()} = {f.value!r}: {f.expected}" for f in error.failures]}
    assert (repairs["file"] == path.name).all() and frame.index.name == "row"
    rows = zip(frame.index, frame.to_numpy().tolist(), strict=True)
    return {
        "names": " | ".join(frame.columns),
        "rows": [f"{n}: {' | '.join(cells)}" for n, cells in rows if not cells[0].startswith("f")],
        "told": told(repairs),
        **({"attrs": frame.attrs} if frame.attrs else {}),
    }


@pytest.mark.parametrize("name", CASES)
def test_a_file_and_all_that_is_told_of_it(name: str, tmp_path: Path) -> None:
    case = dict(CASES[name])
    data = case.pop("content").replace("<fill>\n", FILL).encode(case.pop("saved_as", "utf-8"))
    path = tmp_path / case.pop("file", "t.csv")
    path.write_bytes(data[: len(data) - case.pop("cut", 0)])
    options = {key: None if value == "none" else value for key, value in case.pop("options", {}).items()}
    assert found_in(path, **options) == case


def merged(book: openpyxl.Workbook) -> None:
    book.active.merge_cells("B1:C1")
    book.active.merge_cells("A3:A4")


def hidden(book: openpyxl.Workbook) -> None:
    book.active.row_dimensions[3].hidden = True
    book.create_sheet("控え").sheet_state = "hidden"
    book.create_sheet("別表")["A1"] = 1


def codes(book: openpyxl.Workbook) -> None:
    for row in (2, 3, 4):
        book.active.cell(row, 1).number_format = "00000"


TABLE = [["部門", "金額", "件数"], ["A", 1, 2], ["B", 3, 4], ["C", 5, 6]]
BOOKS: dict[str, tuple[list[list[object]], Callable[[openpyxl.Workbook], None] | None, dict[str, Any]]] = {
    "merged": (
        [["部門", "売上", None], [None, "額", "件"], ["A", 1, 2], [None, 3, 4]],
        merged,
        {
            "names": "部門 | 売上_額 | 売上_件",
            "rows": ["3: A | 1 | 2", "4: A | 3 | 4"],
            "told": [
                "merged_cells | 2 | B1:C1, A3:A4 | 売上 | 売上",
                "header_rows | 2 | 1, 2 | 部門 | 売上 | 部門, 売上_額, 売上_件 | 部門, 売上_額, 売上_件",
            ],
        },
    ),
    "hidden": (
        TABLE,
        hidden,
        {
            "names": "部門 | 金額 | 件数",
            "rows": ["2: A | 1 | 2", "3: B | 3 | 4", "4: C | 5 | 6"],
            "told": [
                "hidden_sheets | 1 |  |  |  | 控え",
                "other_sheets | 1 |  |  | Sheet | 別表",
                "hidden_rows | 1 | 3",
            ],
        },
    ),
    "codes": (
        [["番号", "x"], [7, 1.5], [12, True], [123456, None]],
        codes,
        {"names": "番号 | x", "rows": ["2: 00007 | 1.5", "3: 00012 | TRUE", "4: 123456 | "], "told": []},
    ),
    "errors": (
        [["a", "b"], ["x", "#REF!"], ["#N/A", 2]],
        None,
        {
            "refused": [
                "t.xlsx [Sheet] row 2 column B = '#REF!': The cell holds an Excel error",
                "t.xlsx [Sheet] row 3 column A = '#N/A': The cell holds an Excel error",
            ]
        },
    ),
    "formulas": (
        [["a", "b"], [1, "=A2*2"], [2, 3]],
        None,
        {
            "refused": [
                "t.xlsx [Sheet] row 2 column B = '=A2*2': "
                "The file holds the formula =A2*2 without its result",
            ]
        },
    ),
    "empty": ([], None, {"refused": ["t.xlsx [Sheet] = '': Row 1 should hold the column names"]}),
}


@pytest.mark.parametrize("small", [sheets_xlsx.SMALL, -1], ids=["small", "large"])
@pytest.mark.parametrize("name", BOOKS)
def test_a_workbook_and_all_that_is_told_of_it(
    name: str, small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both readers of sheets, so that a large sheet is told of as a small one is."""
    rows, change, expected = BOOKS[name]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    book.save(tmp_path / "t.xlsx")
    monkeypatch.setattr(sheets_xlsx, "SMALL", small)
    assert found_in(tmp_path / "t.xlsx") == expected
