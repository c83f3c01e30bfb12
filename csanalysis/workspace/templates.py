"""Workbooks to enter tables in: drop-downs, units in the header, instructions in both languages.

A template holds the workspace's own rows: moved beside the marker, in place of the CSV file of its name, it
loads as the same table.
"""

from __future__ import annotations

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
from csanalysis.io.writers import neutralise
from csanalysis.labels import both
from csanalysis.schemas.tables import OPTIONAL_TABLES, TABLES
from csanalysis.workspace.sheet_style import DARK, FIELD, FONTS, GREY, save_workbook

FOLDER = "templates"
SHEET = "table"
UNITS = {"JPY": "JPY", "hour": "h", "minute": "min"}
_LONGEST_LIST = 255
_ROWS = 500


def write_templates(folder: Path) -> list[Path]:
    """Write one workbook per table of the workspace in `folder` into its folder ``templates``.

    Returns
    -------
    list of Path
        In the order of the tables; tables that the workspace does not have give a form with its header alone.
    """
    written = []
    for table, model in {**TABLES, **OPTIONAL_TABLES}.items():
        path = folder / f"{table}.csv"
        options = Options(ragged="refuse", tidy=False, known=frozenset(model.to_schema().columns))
        frame = read_raw(path, path.name, "en", options).frame if path.is_file() else pd.DataFrame()
        written.append(save_workbook(template(table, frame), folder / FOLDER / f"{table}.xlsx"))
    return written


def template(table: str, frame: pd.DataFrame) -> openpyxl.Workbook:
    """Return the workbook of a table: its rows, and how to fill it in.

    Parameters
    ----------
    table : str
    frame : pandas.DataFrame
        Text cells, as in the file; may be empty.
    """
    model: type[DataFrameModel] = {**TABLES, **OPTIONAL_TABLES}[table]
    columns = model.to_schema().columns
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    last = max(len(frame) + 1, _ROWS)
    for at, (name, column) in enumerate(columns.items(), 1):
        meta = column.metadata or {}
        head = sheet.cell(1, at, header_of(name, meta))
        head.font = Font(name=FONTS["ja"], bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor=DARK)
        head.alignment = Alignment(wrap_text=True, vertical="top")
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = min(max(12, len(name) + 4), 32)
        if (rule := _rule(column)) is not None:
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{last}")
        is_number = str(column.dtype).startswith("float")
        for row, cell in enumerate(frame.get(name, ()), 2):
            _put(sheet.cell(row, at), str(cell), is_number)
    sheet.freeze_panes = "A2"
    _instruct(book.create_sheet(INSTRUCTIONS), table, columns)
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


def _unit(meta: dict[str, Any]) -> str:
    return UNITS.get(str(meta.get("unit") or ""), "ratio" if meta.get("percent") else "")


def _put(cell: Any, entered: str, is_number: bool) -> None:
    value = to_number(entered, percent=False) if is_number and entered else None
    cell.font = Font(name=FONTS["ja"])
    if value is not None:
        cell.value = int(value) if value.is_integer() and "." not in entered else value
        return
    if entered:
        cell.value = neutralise(entered)
        cell.data_type = "s"
    cell.number_format = "@"


def _rule(column: Any) -> DataValidation | None:
    """Return a drop-down of the terms of a column, or the bounds of its numbers."""
    for check in column.checks:
        terms = (check.statistics or {}).get("allowed_values")
        if terms is None:
            continue
        shown = ",".join(f"{t:g}" if isinstance(t, float) else str(t) for t in terms if str(t))
        if len(shown) <= _LONGEST_LIST:
            return DataValidation(type="list", formula1=f'"{shown}"', allow_blank=True)
    return None


def _instruct(sheet: Any, table: str, columns: dict[str, Any]) -> None:
    lines = [both("template.title", table=table), both("template.how"), both("template.place", table=table)]
    for row, words in enumerate(lines, 1):
        cell = sheet.cell(row, 1, words)
        cell.font = Font(name=FONTS["ja"], bold=row == 1)
    for at, key in enumerate(("column", "needed", "unit", "terms"), 1):
        cell = sheet.cell(len(lines) + 2, at, both(f"template.{key}"))
        cell.font, cell.fill = Font(name=FONTS["ja"], color=GREY), PatternFill("solid", fgColor=FIELD)
    for row, (name, column) in enumerate(columns.items(), len(lines) + 3):
        meta = column.metadata or {}
        needed = both("template.optional" if meta.get("optional") else "template.required")
        unit = _unit(meta)
        terms = next(
            (v for c in column.checks if (v := (c.statistics or {}).get("allowed_values")) is not None), ()
        )
        shown = ", ".join(f"{t:g}" if isinstance(t, float) else str(t) for t in terms if str(t))
        for at, words in enumerate((name, needed, unit, shown), 1):
            sheet.cell(row, at, words).font = Font(name=FONTS["ja"])
    for letter, width in zip("ABCD", (30, 26, 12, 90), strict=True):
        sheet.column_dimensions[letter].width = width
