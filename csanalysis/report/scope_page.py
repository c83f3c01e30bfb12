"""Sheets that look made by hand when printed: A4, headings, widths, repeated heads, page numbers."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break

from csanalysis.io.writers import neutralise
from csanalysis.labels import text
from csanalysis.workspace.sheet_style import BOX, DARK, FIELD, FONTS, INK, PALE

OPTION = "F6F1E6"
_POINTS_PER_LINE = 1.38
_LONGEST = 2_000
_AMOUNT = re.compile(r"-(\d[\d,.]*\s?\w*)?")
"""A dash for "none", or a negative amount with its unit: nothing a spreadsheet would compute."""


@dataclass(frozen=True)
class Style:
    """How a cell looks; sizes in points."""

    bold: bool = False
    size: float = 10
    color: str = INK
    fill: str = ""
    box: bool = True
    align: str = "left"
    form: str = ""


HEAD = Style(bold=True, color="FFFFFF", fill=DARK, align="center")
CENTRE = Style(align="center")
ANSWER = Style(fill=FIELD)


class Page:
    """A sheet that is written from top to bottom.

    Parameters
    ----------
    sheet : Worksheet
        Empty.
    lang : {"ja", "en"}
    widths : sequence of float
        Of the columns, in characters.
    landscape : bool
    mark : str
        Stands at the foot of every page, left of the page number.
    scale : int
        Percent at which the sheet is printed, so that breaks stay where they are set; 0: fitted to the width.
    """

    def __init__(
        self,
        sheet: Any,
        lang: str,
        widths: Sequence[float],
        *,
        landscape: bool = False,
        mark: str = "",
        scale: int = 0,
    ) -> None:
        self.sheet, self.lang, self.widths, self.row = sheet, lang, tuple(widths), 1
        sheet.sheet_view.showGridLines = False
        for n, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(n)].width = width
        setup = sheet.page_setup
        setup.paperSize, setup.orientation = sheet.PAPERSIZE_A4, "landscape" if landscape else "portrait"
        if scale:
            setup.scale = scale
        else:
            setup.fitToWidth, setup.fitToHeight = 1, 0
            sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_options.horizontalCentered = True
        margins = sheet.page_margins
        margins.left = margins.right = margins.top = 0.5
        margins.bottom, margins.footer = 0.7, 0.35
        footer(sheet, mark)

    @property
    def last(self) -> str:
        """Letter of the last column."""
        return str(get_column_letter(len(self.widths)))

    def title(self, shown: str, below: str = "") -> None:
        """Write the heading of the sheet, and a paragraph below it."""
        self.wide(shown, Style(bold=True, size=18, color=DARK, box=False), 34)
        if below:
            self.wide(below, Style(box=False))
        self.gap()

    def band(self, shown: str) -> None:
        """Write the heading of a section over the whole width."""
        self.wide(shown, Style(bold=True, size=11, fill=PALE, box=False), 22)

    def wide(self, shown: str, style: Style, height: float = 0) -> None:
        """Write text across the page, as high as its lines need."""
        self.put(1, shown, style)
        self.sheet.merge_cells(f"A{self.row}:{self.last}{self.row}")
        self.next(height or height_of(shown, sum(self.widths), style.size))

    def heads(self, captions: Sequence[str], *, repeat: bool = True) -> None:
        """Write the heads of a table; they stand again on every page that follows."""
        for n, caption in enumerate(captions, 1):
            self.put(n, caption, HEAD)
        if repeat:
            self.sheet.print_title_rows = f"{self.row}:{self.row}"
            self.sheet.freeze_panes = f"A{self.row + 1}"
        self.next(max(self._height(captions, [HEAD] * len(captions)), 22))

    def cells(self, values: Sequence[object], styles: Sequence[Style], least: float = 20) -> None:
        """Write a row of a table, as high as its longest cell needs."""
        for n, (value, style) in enumerate(zip(values, styles, strict=True), 1):
            self.put(n, value, style)
        self.next(max(self._height(values, styles), least))

    def _height(self, values: Sequence[object], styles: Sequence[Style]) -> float:
        return max(
            height_of(str(v), w, s.size) if isinstance(v, str) else 0.0
            for v, s, w in zip(values, styles, self.widths, strict=True)
        )

    def put(self, column: int, value: object, style: Style) -> None:
        """Write one cell of the current row; text is never taken for a formula."""
        cell = self.sheet.cell(self.row, column)
        if isinstance(value, str):
            cell.value = safe(value) or None
            if cell.value is not None:
                cell.data_type = "s"
        else:
            cell.value = value
        cell.font = Font(name=FONTS[self.lang], size=style.size, bold=style.bold, color=style.color)
        indent = 0 if style.align == "center" or style.size > 12 else 1
        cell.alignment = Alignment(horizontal=style.align, vertical="center", wrap_text=True, indent=indent)
        if style.fill:
            cell.fill = PatternFill("solid", start_color=style.fill)
        if style.box:
            cell.border = BOX
        if style.form:
            cell.number_format = style.form

    def next(self, height: float) -> None:
        """Go to the next row."""
        self.sheet.row_dimensions[self.row].height = height
        self.row += 1

    def gap(self, height: float = 8) -> None:
        """Leave a little room."""
        self.next(height)

    def page_break(self) -> None:
        """Begin a new page with the next row."""
        self.sheet.row_breaks.append(Break(id=self.row - 1))

    def finish(self) -> None:
        """Print what was written, and nothing beside it."""
        self.sheet.print_area = f"A1:{self.last}{self.row - 1}"


def footer(sheet: Any, mark: str) -> None:
    """Write what stands at the foot of every page: a mark, and the page number."""
    sheet.oddFooter.left.text, sheet.oddFooter.left.size = mark, 8
    sheet.oddFooter.right.text, sheet.oddFooter.right.size = "&P / &N", 8


def safe(shown: str) -> str:
    """Return text that no spreadsheet takes for a formula and that fits into a cell.

    Examples
    --------
    >>> safe("=HYPERLINK(1)"), safe("-1+1"), safe("-61.5万円")
    ("'=HYPERLINK(1)", "'-1+1", '-61.5万円')
    """
    clean = "".join(c for c in shown if c in "\n\u3000" or c.isprintable()).strip()[:_LONGEST]
    return clean if _AMOUNT.fullmatch(clean) else neutralise(clean)


def height_of(shown: str, width: float, size: float) -> float:
    """Return the height in points that text needs in a column of `width` characters.

    Examples
    --------
    >>> height_of("a", 20, 10) < height_of("a" * 200, 20, 10)
    True
    """
    room = max((width - 2.5) * 11 / size, 4.0)
    lines = sum(max(1, math.ceil(units(part) / room)) for part in shown.split("\n"))
    return lines * size * _POINTS_PER_LINE + 6


def units(shown: str) -> float:
    """Return the width of text in characters: Japanese signs take two, words do not break (a tenth more)."""
    wide = sum(unicodedata.east_asian_width(c) in "WFA" for c in shown)
    return 2.15 * wide + 1.12 * (len(shown) - wide)


def sheet_name(key: str, lang: str) -> str:
    """Return the name of a sheet: at most 31 characters, as Excel has it."""
    return text(f"scope.sheet.{key}", lang)[:31]
