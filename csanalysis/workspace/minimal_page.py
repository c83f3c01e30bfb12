"""Cells of a workbook with their places: where the questions and the task list of the minimal input stand."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from csanalysis.errors import DataContractError, Failure
from csanalysis.labels import LANGUAGES, text
from csanalysis.schemas.contract import Origin
from csanalysis.workspace.minimal import QUESTIONS, TASK_COLUMNS, Problem, label, plain

_UNSTORED = object()


def load_pages(path: Path, lang: str) -> list[Page]:
    """Return the visible sheets of a workbook; DataContractError if it cannot be read."""
    origin = Origin(path.name, "", lang)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataContractError([origin.failure("unreadable", reason=reason)]) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of styles and extensions that are not needed here
            stored = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(data))
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, SyntaxError) as error:
        raise DataContractError([origin.failure("not_workbook", reason=str(error))]) from error
    visible = [s for s in stored.worksheets if s.sheet_state == "visible"]
    return [Page(Origin(path.name, s.title, lang), _cells(s, formulas[s.title])) for s in visible]


def _cells(stored: Any, formulas: Any) -> dict[tuple[int, int], Any]:
    """Return the filled cells by row and column; a formula without a stored result is marked."""
    cells: dict[tuple[int, int], Any] = {}
    for row in formulas.iter_rows():
        for cell in row:
            if cell.value is None or (isinstance(cell.value, str) and not cell.value.strip()):
                continue
            value = stored.cell(cell.row, cell.column).value
            cells[cell.row, cell.column] = _UNSTORED if value is None else value
    return cells


def _shown(value: Any) -> str:
    if value is _UNSTORED or value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value).strip()


@dataclass(frozen=True)
class Page:
    """The filled cells of one sheet, by row and column."""

    origin: Origin
    cells: Mapping[tuple[int, int], Any]

    def at(self, row: int, column: int) -> str:
        """Return a cell as text; empty where there is nothing."""
        return _shown(self.cells.get((row, column)))

    def questions(self) -> dict[str, list[int]]:
        """Return the rows of every question whose label stands in column A; empty if there is none."""
        meaning = {plain(label(key, lang)): key for key in QUESTIONS for lang in LANGUAGES}
        found: dict[str, list[int]] = {}
        for row, column in sorted(self.cells):
            key = meaning.get(plain(self.at(row, column))) if column == 1 else None
            if key:
                found.setdefault(key, []).append(row)
        return found

    def header(self) -> tuple[int, dict[str, int]] | None:
        """Return row and columns of the header of the task list; None if there is none."""
        meaning = {plain(label(name, lang)): name for name in TASK_COLUMNS for lang in LANGUAGES}
        best: tuple[int, dict[str, int]] | None = None
        for row in sorted({row for row, _ in self.cells}):
            columns = [c for r, c in self.cells if r == row]
            named = {meaning[w]: c for c in columns if (w := plain(self.at(row, c))) in meaning}
            if len(named) > (len(best[1]) if best else len(TASK_COLUMNS) // 2):
                best = row, named
        return best

    def task_rows(self) -> list[int]:
        """Return the rows of the task list that hold anything, without the example of the template."""
        header = self.header()
        if header is None:
            return []
        first, columns = header
        samples = {plain(text("minimal.sample.name", lang)) for lang in LANGUAGES}
        rows = sorted({r for r, c in self.cells if r > first and c in columns.values()})
        return [r for r in rows if plain(self.at(r, columns.get("name", 1))) not in samples]

    def language(self) -> str:
        """Return the language most labels are written in."""
        written = [plain(self.at(row, 1)) for row, column in self.cells if column == 1]
        count = {lang: sum(plain(label(k, lang)) in written for k in QUESTIONS) for lang in LANGUAGES}
        return max(count, key=lambda lang: count[lang])

    def fault(self, problem: Problem, row: int, column: int) -> Failure:
        """Return the failure of one cell, named as C7."""
        value, cell = self.at(row, column), f"{get_column_letter(column)}{row}"
        return self.origin.failure(problem.rule, row=row, column=cell, value=value, **problem.values)

    def unusable(self, row: int, column: int) -> Failure | None:
        """Return the failure of a formula without result or an Excel error."""
        value = self.cells.get((row, column))
        if value is _UNSTORED:
            return self.fault(Problem("minimal_formula"), row, column)
        if isinstance(value, str) and value.startswith("#") and value.endswith(("!", "?", "/A")):
            return self.fault(Problem("excel_error"), row, column)
        return None
