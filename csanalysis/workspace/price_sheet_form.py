"""Write the price sheet: a form of one A4 page that a vendor fills and sends back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.worksheet.datavalidation import DataValidation

from csanalysis.labels import check_language, term, text
from csanalysis.vocabulary import ResourceKind
from csanalysis.workspace.price_sheet import HEADINGS, LONGEST, SECTIONS, Field, bounds
from csanalysis.workspace.sheet_style import (
    BOX,
    DARK,
    FIELD,
    FONTS,
    GREY,
    INK,
    PALE,
    new_workbook_path,
    offer,
    one_page,
    save_workbook,
)

WIDTHS = {"A": 5, "B": 29, "C": 30, "D": 14, "E": 40}
FIRST, VALUE, LAST = "A", "C", "E"
_FORMATS = {"money": "#,##0", "ratio": "0.0%"}
_TALL = ("data_location", "service_level")
_ROW, _TALL_ROW = 36.0, 92.0


def write_price_sheet(path: str | Path, lang: str = "ja") -> Path:
    """Write the form in which a vendor states an offer.

    It asks for prices (JPY without tax), terms and the handling of information, with a unit beside each
    field, drop-downs and limits. It holds no figure of the company and nothing that a vendor cannot know.

    Parameters
    ----------
    path : str or Path
        A ``.xlsx`` file that does not exist yet.
    lang : {"ja", "en"}
        Language of the form; `read_price_sheet` reads either.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    WorkspaceError
        If the file is there already (a filled sheet is never written over), is no ``.xlsx``, or cannot be
        written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import csanalysis as cs
    >>> cs.write_price_sheet(pathlib.Path(tempfile.mkdtemp()) / "offer.xlsx", "en").name
    'offer.xlsx'
    """
    path = new_workbook_path(path, "price_sheet")
    return save_workbook(price_sheet_workbook(check_language(lang)), path)


def price_sheet_workbook(lang: str) -> openpyxl.Workbook:
    """Return the empty form."""
    book = openpyxl.Workbook()
    book.properties.creator = ""
    book.properties.title = text("price_sheet.title", lang)
    fill_price_sheet(book.active, lang)
    return book


def fill_price_sheet(sheet: Any, lang: str) -> None:
    """Write the empty form on a sheet of another workbook; `read_price_sheet` finds it there."""
    _Form(sheet, lang).write()


class _Form:
    """A sheet of one A4 page that is written from top to bottom."""

    def __init__(self, sheet: Any, lang: str) -> None:
        self.sheet, self.lang, self.row, self.number = sheet, lang, 1, 0
        sheet.title = text("price_sheet.sheet", lang)
        one_page(sheet, WIDTHS, 0.5)

    def write(self) -> None:
        self.wide(text("price_sheet.title", self.lang), 34, bold=True, size=18)
        self.wide(text("price_sheet.how", self.lang), 58)
        self.headings()
        for section, fields in SECTIONS.items():
            self.wide(text(f"price_sheet.section.{section}", self.lang), 26, bold=True, fill=PALE)
            for field in fields:
                self.field(field)
        self.sheet.print_area = f"{FIRST}1:{LAST}{self.row - 1}"
        self.lock()

    def headings(self) -> None:
        for column, name in zip(WIDTHS, HEADINGS, strict=True):
            head = text(f"price_sheet.heading.{name}", self.lang)
            self.put(column, head, bold=True, fill=DARK, color="FFFFFF", align="center")
        self.next(22)

    def field(self, field: Field) -> None:
        """Write one row: number, label, cell to fill, unit, remark."""
        self.number += 1
        label = f"{field.label(self.lang)} *" if field.required else field.label(self.lang)
        self.put("A", self.number, color=GREY, align="center", box=True)
        self.put("B", label, bold=field.required, box=True)
        cell = self.put(VALUE, None, fill=FIELD, box=True, align="right" if field.is_number else "left")
        cell.protection = Protection(locked=False)
        if field.key == "kind":
            cell.value = term("kind", ResourceKind.BPO, self.lang)
        if field.sort == "date":
            cell.number_format = "yyyy/m/d" if self.lang == "ja" else "yyyy-mm-dd"
        cell.number_format = _FORMATS.get(field.sort, cell.number_format)
        self.put("D", field.unit(self.lang), color=GREY, box=True, align="center")
        self.put("E", field.note(self.lang), color=GREY, size=10, box=True)
        self.limit(field, f"{VALUE}{self.row}")
        self.next(_TALL_ROW if field.key in _TALL else _ROW)

    def limit(self, field: Field, cell: str) -> None:
        """Attach the drop-down or the limits of a field."""
        title = "limit.title"
        if field.sort == "choice":
            words = ",".join(field.offered(self.lang))
            rule = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True)
            title, told = "choose.title", text("price_sheet.choose.text", self.lang)
        elif field.sort == "date":
            rule = DataValidation(type="date", operator="greaterThan", formula1="DATE(2000,1,1)")
            told = text("price_sheet.date.text", self.lang)
        elif field.sort == "text":
            rule = DataValidation(type="textLength", operator="lessThanOrEqual", formula1=str(LONGEST))
            told = text("price_sheet.length.text", self.lang, most=LONGEST)
        else:
            most = f"{field.high:.15g}"
            rule = DataValidation(type="decimal", operator="between", formula1="0", formula2=most)
            low, high = bounds(field)
            shown = {"low": low, "high": high, "unit": field.unit(self.lang)}
            told = text("price_sheet.limit.text", self.lang, **shown)
        rule.allow_blank = True
        rule.errorTitle, rule.error = text(f"price_sheet.{title}", self.lang), told
        rule.add(cell)
        offer(self.sheet, rule)

    def lock(self) -> None:
        """Keep labels and rows as they are; without a password, and sizes may still be changed."""
        protection = self.sheet.protection
        protection.sheet = True
        protection.formatCells = protection.formatColumns = protection.formatRows = False

    def put(
        self,
        column: str,
        value: Any,
        *,
        bold: bool = False,
        size: float = 11,
        color: str = INK,
        fill: str = "",
        box: bool = False,
        align: str = "left",
    ) -> Any:
        """Write and style one cell of the current row."""
        cell = self.sheet[f"{column}{self.row}"]
        cell.value = value or None
        cell.font = Font(name=FONTS[self.lang], size=size, bold=bold, color=color)
        indent = 0 if align == "center" or size > 12 else 1
        cell.alignment = Alignment(horizontal=align, vertical="center", wrap_text=True, indent=indent)
        if fill:
            cell.fill = PatternFill("solid", start_color=fill)
        if box:
            cell.border = BOX
        return cell

    def wide(self, value: str, height: float, **style: Any) -> None:
        """Write text across the page, and go to the next row."""
        self.put(FIRST, value, **style)
        self.sheet.merge_cells(f"{FIRST}{self.row}:{LAST}{self.row}")
        self.next(height)

    def next(self, height: float) -> None:
        self.sheet.row_dimensions[self.row].height = height
        self.row += 1
