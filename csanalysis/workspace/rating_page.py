"""The page of a rating sheet: one row a task, one column a trait, drop-downs and limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from csanalysis.labels import text
from csanalysis.model.dataset import Dataset
from csanalysis.schemas.trait_rules import is_rating, is_share, scale_text, trait_scale
from csanalysis.workspace.sheet_style import BOX, DARK, FIELD, FONTS, GREY, INK, held, offer

WIDTHS = (22, 34, 34)
"""Column widths of task_id, task and what is done; a trait takes `TRAIT_WIDTH`."""
TRAIT_WIDTH = 15
HEAD = ("task_id", "task", "what")
RATER_CELL = (3, 2)
"""Row and column of the rater's name."""
HEADER_ROW = 6


def rating_workbook(
    ds: Dataset, rater: str, traits: Sequence[str], points: int, show_values: bool
) -> openpyxl.Workbook:
    """Return the workbook of one rater, in the language of the dataset."""
    book = openpyxl.Workbook()
    sheet = book.active
    page = _Page(sheet, ds.lang, traits, points)
    page.head(rater)
    for row, task in enumerate(ds.tasks.to_dict("records"), HEADER_ROW + 1):
        page.task(row, {str(key): value for key, value in task.items()}, show_values)
    page.rules(HEADER_ROW + 1, HEADER_ROW + len(ds.tasks))
    return book


class _Page:
    def __init__(self, sheet: Any, lang: str, traits: Sequence[str], points: int) -> None:
        self.sheet, self.lang, self.traits, self.points = sheet, lang, tuple(traits), points
        self.last = len(HEAD) + len(self.traits)
        sheet.title = self.say("sheet")
        sheet.sheet_view.showGridLines = False
        for column, width in enumerate([*WIDTHS, *[TRAIT_WIDTH] * len(self.traits)], 1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.page_setup.paperSize, sheet.page_setup.orientation = sheet.PAPERSIZE_A4, "landscape"
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        for side in ("left", "right", "top", "bottom"):
            setattr(sheet.page_margins, side, 0.4)
        sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
        sheet.freeze_panes = sheet.cell(HEADER_ROW + 1, len(HEAD))

    def say(self, key: str) -> str:
        return text(f"rating_sheet.{key}", self.lang)

    def head(self, rater: str) -> None:
        """Write title, instructions, the rater's name, the scales and the header."""
        self.wide(1, self.say("title"), 26, bold=True, size=16)
        self.wide(2, self.say(f"how_{self.points}"), 48)
        self.put(RATER_CELL[0], 1, self.say("rater"), bold=True, border=True)
        self.put(*RATER_CELL, held(rater), fill=FIELD, border=True)
        self.sheet.row_dimensions[RATER_CELL[0]].height = 22
        for column, trait in enumerate(self.traits, len(HEAD) + 1):
            self.put(HEADER_ROW - 1, column, self.meaning(trait), color=GREY, size=8, top=True)
        self.sheet.row_dimensions[HEADER_ROW - 1].height = 74
        names = [self.say(key) for key in HEAD] + [text(f"trait.{trait}", self.lang) for trait in self.traits]
        for column, name in enumerate(names, 1):
            self.put(HEADER_ROW, column, name, bold=True, fill=DARK, color="FFFFFF", center=True)
        self.sheet.row_dimensions[HEADER_ROW].height = 44

    def meaning(self, trait: str) -> str:
        return text(f"trait_meaning.{trait}", self.lang)

    def task(self, row: int, task: dict[str, Any], show_values: bool) -> None:
        shown = task[f"name_{self.lang}"] or task["name_ja"] or task["name_en"]
        self.put(row, 1, held(task["task_id"]), color=GREY, size=9, border=True)
        for column, words in ((2, shown), (3, task["what_is_done"])):
            self.put(row, column, held(words), size=10, border=True)
        for column, trait in enumerate(self.traits, len(HEAD) + 1):
            value = task[trait] if show_values else None
            cell = self.put(row, column, value, fill=FIELD, border=True, center=True)
            cell.number_format = "0%" if is_share(trait) else "General"
        longest = max(_lines(shown, WIDTHS[1]), _lines(task["what_is_done"], WIDTHS[2]))
        self.sheet.row_dimensions[row].height = max(20, 13.5 * longest + 4)

    def rules(self, first: int, last: int) -> None:
        """Limit the cells of every trait to its scale."""
        for column, trait in enumerate(self.traits, len(HEAD) + 1):
            rule = self.rule(trait)
            rule.errorTitle = self.say("error_title")
            rule.error = text("rating_sheet.error", self.lang, scale=self.offered(trait))
            rule.promptTitle, rule.prompt = text(f"trait.{trait}", self.lang)[:32], self.meaning(trait)[:255]
            letter = get_column_letter(column)
            rule.add(f"{letter}{first}:{letter}{last}")
            offer(self.sheet, rule)

    def rule(self, trait: str) -> DataValidation:
        low, high = trait_scale(trait)
        if is_rating(trait):
            terms = "H,M,L" if self.points == 3 else "1,2,3,4,5"
            return DataValidation(type="list", formula1=f'"{terms}"', allow_blank=True)
        if is_share(trait) and self.points == 3:
            return DataValidation(type="list", formula1='"0%,50%,100%"', allow_blank=True)
        if np.isfinite(high):
            ends = {"operator": "between", "formula1": f"{low:g}", "formula2": f"{high:g}"}
        else:
            ends = {"operator": "greaterThanOrEqual", "formula1": f"{low:g}"}
        return DataValidation(type="decimal", allow_blank=True, **ends)

    def offered(self, trait: str) -> str:
        if self.points == 3 and trait_scale(trait)[1] != np.inf:
            return "H, M, L" if is_rating(trait) else "0 %, 50 %, 100 %"
        return "0 .. 100 %" if is_share(trait) else scale_text(trait)

    def put(
        self,
        row: int,
        column: int,
        value: Any,
        *,
        bold: bool = False,
        size: float = 11,
        color: str = INK,
        fill: str = "",
        border: bool = False,
        center: bool = False,
        top: bool = False,
    ) -> Any:
        """Write and style one cell."""
        cell = self.sheet.cell(row, column, value)
        cell.font = Font(name=FONTS[self.lang], size=size, bold=bold, color=color)
        across = "center" if center else "left"
        cell.alignment = Alignment(horizontal=across, vertical="bottom" if top else "center", wrap_text=True)
        if fill:
            cell.fill = PatternFill("solid", start_color=fill)
        if border:
            cell.border = BOX
        return cell

    def wide(self, row: int, value: str, height: float, **style: Any) -> None:
        """Write text across the page."""
        self.put(row, 1, value, **style)
        self.sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=self.last)
        self.sheet.row_dimensions[row].height = height


def _lines(words: str, width: float) -> int:
    """Return about how many lines a text takes: a Japanese letter is two columns wide."""
    columns = sum(2 if ord(letter) > 0x2E7F else 1 for letter in words)
    return int(columns * 0.95 // width) + 1
