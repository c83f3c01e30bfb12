"""What the forms have in common: fonts, colours, boxes, and that a filled form is never written over."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Border, Side
from openpyxl.worksheet.datavalidation import DataValidation

from csanalysis.errors import WorkspaceError
from csanalysis.io.writers import neutralise, write_bytes_atomic
from csanalysis.labels import both

FONTS = {"ja": "Yu Gothic", "en": "Calibri"}
INK, DARK, PALE, FIELD, GREY = "222222", "1F4E5F", "E8EEF1", "FFF9DB", "666666"
LONGEST_CELL = 32_767
LINE = Side(style="thin", color="B5BEC4")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)


def one_page(sheet: Any, widths: Mapping[str, float], margin: float) -> None:
    """Lay out a sheet as one A4 page: column letters with widths (characters), margins in inches."""
    sheet.sheet_view.showGridLines = False
    for column, width in widths.items():
        sheet.column_dimensions[column].width = width
    sheet.page_setup.paperSize, sheet.page_setup.orientation = sheet.PAPERSIZE_A4, "portrait"
    sheet.page_setup.fitToWidth = sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    for side in ("left", "right", "top", "bottom"):
        setattr(sheet.page_margins, side, margin)


def new_workbook_path(path: str | Path, area: str) -> Path:
    """Return where a new form may be written; `area` is the family of labels of the form.

    Raises
    ------
    WorkspaceError
        If the file is there already, or is no ``.xlsx``.
    """
    path = Path(path).expanduser().absolute()
    if path.suffix.lower() != ".xlsx":
        raise WorkspaceError(both(f"{area}.not_xlsx", file=path.name))
    if path.exists():
        raise WorkspaceError(both(f"{area}.exists", file=path))
    return path


def held(entered: str) -> str:
    """Return text as a cell can hold it: no formula, and none of the control characters that XML forbids.

    Raises
    ------
    WorkspaceError
        If it is longer than a cell: a spreadsheet would cut it without a word.

    Examples
    --------
    >>> held("=1+1"), held("two" + chr(11) + " words")
    ("'=1+1", 'two words')
    """
    safe = neutralise(ILLEGAL_CHARACTERS_RE.sub("", entered))
    if len(safe) > LONGEST_CELL:
        raise WorkspaceError(both("workspace.long_cell", most=f"{LONGEST_CELL:,}", start=safe[:40]))
    return safe


def offer(sheet: Any, rule: DataValidation) -> None:
    """Attach a drop-down or limits to a sheet; a spreadsheet enforces them only where it is told to."""
    rule.showErrorMessage = rule.showInputMessage = True
    sheet.add_data_validation(rule)


def save_workbook(book: openpyxl.Workbook, path: Path) -> Path:
    """Write a workbook in one step.

    Raises
    ------
    WorkspaceError
        If it cannot be written.
    """
    stream = io.BytesIO()
    book.save(stream)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes_atomic(path, stream.getvalue())
    except OSError as error:
        raise WorkspaceError(both("workspace.cannot_write", folder=path, reason=error.strerror)) from error
    return path
