"""The sheets an analyst fills: minimal input on one page, and the workshop that lists the tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from csanalysis.labels import check_language, text
from csanalysis.model.scenario import ParameterSpace
from csanalysis.vocabulary import Stage
from csanalysis.workspace.minimal import (
    MENUS,
    NUMBERS,
    QUOTE,
    TASK_COLUMNS,
    example_value,
    label,
    offered,
    shown,
)
from csanalysis.workspace.minimal_tables import example_dataset
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

WIDTHS = {"A": 33, "B": 17, "C": 15, "D": 13, "E": 9, "F": 11, "G": 23}
LAST = "G"
ROWS = 32
"""Empty rows of a task list in print; drop-downs reach `DROP_DOWNS` rows, for longer lists."""
DROP_DOWNS = 200
MINUTES = ((0, 3), (3, 8), (8, 18), (18, 26), (26, 30))
"""The half hour of the workshop, step by step (chosen; LOGLASS2023 gives the half hour)."""


def write_minimal_template(path: str | Path, lang: str) -> Path:
    """Write the workbook of the minimal input: the sheet to fill, and the workshop sheet.

    Raises
    ------
    WorkspaceError
        If the file is there already (a filled sheet is never written over), is no ``.xlsx``, or cannot be
        written.
    """
    path = new_workbook_path(path, "minimal")
    return save_workbook(minimal_workbook(check_language(lang)), path)


def minimal_workbook(lang: str) -> openpyxl.Workbook:
    """Return the workbook: first the sheet to fill, then the workshop."""
    book = openpyxl.Workbook()
    _Page(book.active, lang, "input").fill_input(example_dataset(lang).space)
    _Page(book.create_sheet(), lang, "workshop").fill_workshop()
    return book


class _Page:
    """A sheet of one A4 page that is written from top to bottom."""

    def __init__(self, sheet: Any, lang: str, name: str) -> None:
        self.sheet, self.lang, self.row = sheet, lang, 1
        sheet.title = text(f"minimal.sheet.{name}", lang)
        one_page(sheet, WIDTHS, 0.4)

    def say(self, key: str) -> str:
        return text(f"minimal.{key}", self.lang)

    def fill_input(self, space: ParameterSpace) -> None:
        self.title("input.title", "input.how", 56)
        self.band("input.numbers", ("value", "unit", "example", "basis"))
        for key in NUMBERS:
            self.question(key, space, basis=True)
        self.band("input.quote", ("value", "unit", "example", "basis"))
        for key in QUOTE:
            self.question(key, space, basis=True)
        self.band("input.menus", ("value", "example"))
        for key in MENUS:
            self.question(key, space, basis=False)
        self.task_list("input.tasks")

    def fill_workshop(self) -> None:
        self.title("workshop.title", "workshop.how", 62)
        self.band("workshop.agenda")
        for n, (start, end) in enumerate(MINUTES, 1):
            self.put("A", text("minimal.workshop.minutes", self.lang, start=start, end=end), bold=True)
            self.wide(self.say(f"workshop.step{n}"), "B", 34)
        self.band("workshop.prompts")
        for stage in Stage:
            self.put("A", text(f"stage.{stage}", self.lang), bold=True)
            self.wide(self.say(f"workshop.prompt.{stage}"), "B", 34)
        self.task_list("workshop.tasks")

    def title(self, title: str, how: str, height: float) -> None:
        self.wide(self.say(title), "A", 28, bold=True, size=16)
        self.wide(self.say(how), "A", height)

    def band(self, key: str, captions: Sequence[str] = ()) -> None:
        for column in WIDTHS:
            self.put(column, None, fill=DARK)
        self.put("A", self.say(key), bold=True, fill=DARK, color="FFFFFF", wrap=False)
        for column, caption in zip("BCDEFG", captions, strict=False):
            self.put(column, self.say(f"column.{caption}"), fill=DARK, color="FFFFFF", align="center")
        self.next(18)

    def question(self, key: str, space: ParameterSpace, *, basis: bool) -> None:
        """Write one row: label, cell to fill, unit, example, basis, note."""
        parameter = space.find(key)
        example = shown(key, example_value(key, space), parameter.unit, self.lang)
        self.put("A", label(key, self.lang), border=True)
        cell = self.put("B", None, fill=FIELD, border=True, align="right")
        if basis:
            self.put("D", example, color=GREY, border=True, align="right", italic=True)
            cell.number_format = _number_format(parameter.unit)
            self.put("C", self.say(f"{key}.unit"), color=GREY, border=True)
            self.put("E", offered("basis", self.lang)[0], fill=FIELD, border=True, align="center")
            self.drop_down(f"E{self.row}", offered("basis", self.lang))
        else:
            self.put("C", example, color=GREY, border=True, italic=True)
            self.sheet.merge_cells(f"C{self.row}:E{self.row}")
            self.drop_down(f"B{self.row}", offered(key, self.lang))
        self.wide(self.say(f"{key}.note"), "F", 21 if basis else 31, color=GREY, size=9)

    def task_list(self, key: str) -> None:
        """Write header, a grey example and empty rows; nothing stands below, so that a list may grow."""
        self.wide(self.say(key), "A", 32, bold=True, fill=DARK, color="FFFFFF")
        head: dict[str, Any] = {"bold": True, "fill": PALE, "border": True}
        sample: dict[str, Any] = {"color": GREY, "italic": True, "border": True}
        for column, name in zip("ABCDEF", TASK_COLUMNS, strict=True):
            caption = label(name, self.lang).replace("(", "\n(")
            self.put(column, caption, align="center", **head)
        self.put(LAST, self.say("column.memo"), align="center", **head)
        self.next(30)
        for column, name in zip("ABCDEF", TASK_COLUMNS, strict=True):
            self.put(column, self.say(f"sample.{name}"), align=_side(column), **sample)
        self.put(LAST, self.say("sample.memo"), **sample)
        self.next(19)
        first, last = self.row, self.row + DROP_DOWNS - 1
        for column, name in zip("BDEF", ("stage", "value", "routine", "personal_data"), strict=True):
            self.drop_down(f"{column}{first}:{column}{last}", offered(name, self.lang))
        for _ in range(ROWS):
            for column in WIDTHS:
                fill = "" if column == LAST else FIELD
                self.put(column, None, fill=fill, border=True, align=_side(column))
            self.next(19)

    def put(
        self,
        column: str,
        value: Any,
        *,
        bold: bool = False,
        italic: bool = False,
        size: float = 11,
        color: str = INK,
        fill: str = "",
        border: bool = False,
        align: str = "left",
        wrap: bool = True,
    ) -> Any:
        """Write and style one cell of the current row."""
        cell = self.sheet[f"{column}{self.row}"]
        if value is not None:
            cell.value = value
        cell.font = Font(name=FONTS[self.lang], size=size, bold=bold, italic=italic, color=color)
        indent = 0 if align == "center" or size > 12 else 1
        cell.alignment = Alignment(horizontal=align, vertical="center", wrap_text=wrap, indent=indent)
        if fill:
            cell.fill = PatternFill("solid", start_color=fill)
        if border:
            cell.border = BOX
        return cell

    def wide(self, value: str, start: str, height: float, **style: Any) -> None:
        """Write text across the page from column `start`, and go to the next row."""
        self.put(start, value, **style)
        self.sheet.merge_cells(f"{start}{self.row}:{LAST}{self.row}")
        self.next(height)

    def next(self, height: float) -> None:
        self.sheet.row_dimensions[self.row].height = height
        self.row += 1

    def drop_down(self, cells: str, words: Sequence[str]) -> None:
        rule = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
        rule.errorTitle, rule.error = self.say("drop_down.title"), self.say("drop_down.text")
        rule.add(cells)
        offer(self.sheet, rule)


def _side(column: str) -> str:
    return "left" if column in ("A", LAST) else "center"


def _number_format(unit: str) -> str:
    if unit.startswith("ratio"):
        return "0.00%"
    return "#,##0" if unit.startswith("JPY") else "General"
