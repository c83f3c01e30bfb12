"""Workbooks to enter tables in: drop-downs, units in the header, instructions in both languages.

A template holds the workspace's own rows: moved beside the marker, in place of the CSV file of its name, it
loads as the same table.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from pandera.pandas import DataFrameModel

from csanalysis.io.cleaning import to_number
from csanalysis.io.readers import Options, read_raw
from csanalysis.io.workbooks import INSTRUCTIONS
from csanalysis.labels import both, has, text
from csanalysis.schemas.synonyms import other_names
from csanalysis.schemas.tables import OPTIONAL_TABLES, TABLES
from csanalysis.workspace.marker import read_marker
from csanalysis.workspace.sheet_style import DARK, FIELD, FONTS, GREY, held, offer, save_workbook

FOLDER = "templates"
SHEET = "table"
UNITS = {"JPY": "JPY", "1000JPY": "1000JPY", "hour": "h", "minute": "min"}
_BY_ENDING = {"_months": "months / か月", "_days": "days / 日", "_date": "2026-03-31"}
_BY_NAME = {"calendar_months": "3;9"}
_MONTH = "2026-03"
_COLUMNS = {
    **{"column": 24, "meaning_ja": 46, "meaning_en": 46, "unit": 18, "terms": 60},
    **{"empty": 26, "needed": 18, "name": 34},
}
"""Columns of the instructions, with their widths in characters."""
_LINE_HEIGHT = 15
_LONGEST_LIST = 255
_ROWS = 500
_BOUNDS = {
    "greater_than_or_equal_to": (">=", "min_value"),
    "greater_than": (">", "min_value"),
    "less_than_or_equal_to": ("<=", "max_value"),
    "less_than": ("<", "max_value"),
}
_OPERATORS = {
    ">=": "greaterThanOrEqual",
    ">": "greaterThan",
    "<=": "lessThanOrEqual",
    "<": "lessThan",
}


def write_templates(folder: Path) -> list[Path]:
    """Write one workbook per table of the workspace in `folder` into its folder ``templates``.

    Returns
    -------
    list of Path
        In the order of the tables; tables that the workspace does not have give a form with its header alone.
    """
    written = []
    money = read_marker(folder).money
    for table, model in {**TABLES, **OPTIONAL_TABLES}.items():
        path = folder / f"{table}.csv"
        options = Options(ragged="refuse", tidy=False, known=frozenset(model.to_schema().columns))
        frame = read_raw(path, path.name, "en", options).frame if path.is_file() else pd.DataFrame()
        written.append(save_workbook(template(table, frame, money), folder / FOLDER / f"{table}.xlsx"))
    return written


def template(table: str, frame: pd.DataFrame, money: str = "JPY") -> openpyxl.Workbook:
    """Return the workbook of a table: its rows, and how to fill it in.

    Parameters
    ----------
    table : str
    frame : pandas.DataFrame
        Text cells, as in the file; may be empty. Unknown columns stand behind the others.
    money : {"JPY", "1000JPY"}
        In which amounts stand in the files of the workspace.
    """
    model: type[DataFrameModel] = {**TABLES, **OPTIONAL_TABLES}[table]
    columns = model.to_schema().columns
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    last = max(len(frame) + 1, _ROWS)
    own = {str(name): None for name in frame.columns if name not in columns}
    for at, (name, column) in enumerate({**columns, **own}.items(), 1):
        meta = _meta(column, money)
        head = sheet.cell(1, at, header_of(name, meta) if column else held(name))
        head.font = Font(name=FONTS["ja"], bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor=DARK)
        head.alignment = Alignment(wrap_text=True, vertical="top")
        letter = get_column_letter(at)
        longest = max([len(str(head.value)), *(1.6 * len(str(cell)) for cell in frame.get(name, ()))])
        sheet.column_dimensions[letter].width = min(max(12, longest + 4), 36)
        is_number = str(getattr(column, "dtype", "")).startswith("float")
        if not is_number:  # else a spreadsheet makes 123 of a code 00123 as it is entered
            sheet.column_dimensions[letter].number_format = "yyyy-mm-dd" if name.endswith("_date") else "@"
        if column and (rule := _rule(column)) is not None:
            offer(sheet, rule)
            rule.add(f"{letter}2:{letter}{last}")
        for row, cell in enumerate(frame.get(name, ()), 2):
            _put(sheet.cell(row, at), str(cell), is_number)
    sheet.freeze_panes = "A2"
    _instruct(book.create_sheet(INSTRUCTIONS), table, columns, money)
    sheet.print_title_rows, sheet.print_title_cols = "1:1", "A:A"
    for page in book.worksheets:
        page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
    book.worksheets[1].sheet_properties.pageSetUpPr.fitToPage = True
    book.worksheets[1].page_setup.fitToHeight = 0
    return book


def header_of(name: str, meta: dict[str, Any]) -> str:
    """Return a column's name with its unit in brackets; the reader takes it for the name.

    Examples
    --------
    >>> header_of("mrr", {"unit": "JPY"}), header_of("rework_rate", {"percent": True}), header_of("kind", {})
    ('mrr (JPY)', 'rework_rate (ratio)', 'kind')
    """
    unit = _unit(meta)
    return f"{name} ({unit})" if unit else name


def _meta(column: Any, money: str) -> dict[str, Any]:
    meta = dict(getattr(column, "metadata", None) or {})
    return {**meta, "unit": money} if meta.get("unit") == "JPY" else meta


def _unit(meta: dict[str, Any]) -> str:
    is_ratio = meta.get("percent") and not meta.get("mixed")
    return UNITS.get(str(meta.get("unit") or ""), "ratio" if is_ratio else "")


def _put(cell: Any, entered: str, is_number: bool) -> None:
    value = to_number(entered, percent=False) if is_number and entered else None
    cell.font = Font(name=FONTS["ja"])
    if value is not None:
        cell.value = int(value) if value.is_integer() and "." not in entered else value
        return
    if entered:
        cell.value = held(entered)
        cell.data_type = "s"
    cell.number_format = "@"


def _rule(column: Any) -> DataValidation | None:
    """Return a drop-down of the terms of a column, or the bounds of its numbers; both told when broken.

    A number out of bounds is a warning: a cell may also say ``12万円``, ``90分`` or H.
    """
    terms, bounds = _terms(column), _bounds(column)
    if terms:
        shown = ",".join(terms)
        assert len(shown) <= _LONGEST_LIST  # Excel takes no longer list
        rule = DataValidation(type="list", formula1=f'"{shown}"', allow_blank=True)
        rule.error = both("template.not_a_term")
    elif bounds:
        ends = [f"{end:g}" for _, end in bounds]
        operator = "between" if len(bounds) == 2 else _OPERATORS[bounds[0][0]]
        rule = DataValidation("decimal", *ends, operator=operator, allow_blank=True)
        rule.errorStyle = "warning"
        rule.error = both("template.out_of_bounds", bounds=_told(bounds))
    else:
        return None
    return rule


def _terms(column: Any) -> list[str]:
    for check in column.checks:
        terms = (check.statistics or {}).get("allowed_values")
        if terms is not None:
            return [f"{t:g}" if isinstance(t, float) else str(t) for t in terms if str(t)]
    return []


def _bounds(column: Any) -> list[tuple[str, float]]:
    """Return the bounds of a number, the lower one first."""
    found = [_BOUNDS[c.name] + (c.statistics,) for c in column.checks if c.name in _BOUNDS]
    return [
        (sign, float(stated[end])) for sign, end, stated in sorted(found, key=lambda f: f[0], reverse=True)
    ]


def _told(bounds: list[tuple[str, float]]) -> str:
    return ", ".join(f"{sign} {end:g}" for sign, end in bounds)


def _when_empty(column: Any) -> str:
    """Say what an empty cell means."""
    blank = (column.metadata or {}).get("blank")
    if blank is not None and blank != "":
        return f"{blank:g}" if isinstance(blank, float | int) else str(blank)
    is_text = not str(column.dtype).startswith("float")
    free = is_text and all(
        check.name == "str_matches" and re.match((check.statistics or {})["pattern"], "")
        for check in column.checks
    )
    return both("template.may_be_empty" if column.nullable or free or blank == "" else "template.not_empty")


def _instruct(sheet: Any, table: str, columns: dict[str, Any], money: str) -> None:
    """Write what every column holds, in both languages."""
    lines = [both("template.title", table=table), both("template.how"), both("template.place", table=table)]
    for row, words in enumerate([*lines, both("template.meaning")], 1):
        cell = sheet.cell(row, 1, words)
        cell.font = Font(name=FONTS["ja"], bold=row == 1)
    top = len(lines) + 3
    for at, (key, width) in enumerate(_COLUMNS.items(), 1):
        words = text(f"template.{key}", key[-2:]) if key.startswith("meaning_") else both(f"template.{key}")
        cell = sheet.cell(top, at, words)
        cell.font, cell.fill = Font(name=FONTS["ja"], color=GREY), PatternFill("solid", fgColor=FIELD)
        sheet.column_dimensions[get_column_letter(at)].width = width
    for row, (name, column) in enumerate(columns.items(), top + 1):
        told = _told_of(table, name, column, money)
        for at, words in enumerate(told, 1):
            cell = sheet.cell(row, at, words)
            cell.font = Font(name=FONTS["ja"])
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        most = max(_lines(words, width) for words, width in zip(told, _COLUMNS.values(), strict=True))
        sheet.row_dimensions[row].height = _LINE_HEIGHT * most
    sheet.print_title_rows = f"{top}:{top}"


def _lines(words: str, width: int) -> int:
    """Return how many lines a text takes in a cell of `width` characters; not every program finds out."""
    long = (sum(1 if sign.isascii() else 2 for sign in line) for line in words.split("\n"))
    return sum(max(1, -(-length // (width - 2))) for length in long)


def _told_of(table: str, name: str, column: Any, money: str) -> list[str]:
    """Return what the instructions say of a column, in the order of `_COLUMNS`."""
    meta = _meta(column, money)
    key = f"meaning.{table}.{name}" if has(f"meaning.{table}.{name}") else f"meaning.{name}"
    called = [other for other in other_names(table, name) if not other.isascii()]
    terms = _terms(column)
    named = [] if terms == ["0", "1"] else [_named(name, term) for term in terms]
    return [
        name,
        text(key, "ja"),
        text(key, "en"),
        _written(name, column, meta),
        ("\n" if named else ", ").join(named or terms) or _told(_bounds(column)),
        _when_empty(column),
        both("template.optional" if meta.get("optional") else "template.required"),
        "、".join(called),
    ]


def _written(name: str, column: Any, meta: dict[str, Any]) -> str:
    """Return the unit of a column, or an example where cells are written in a form of their own."""
    if meta.get("mixed"):
        return both("template.by_row")
    if name == "month" and not str(column.dtype).startswith("float"):
        return _MONTH
    by_ending = (unit for end, unit in _BY_ENDING.items() if name.endswith(end))
    return _unit(meta) or _BY_NAME.get(name) or next(by_ending, "")


def _named(name: str, term: str) -> str:
    """Return a choice with what it is called in Japanese."""
    key = next((k for k in (f"choice.{name}.{term}", f"{name}.{term}") if has(k)), "")
    return f"{term} ({text(key, 'ja')})" if key else term
