"""A filled sheet of the minimal input to answers; every fault of the sheet is told at once, with its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from csanalysis.errors import DataContractError, Failure
from csanalysis.labels import text
from csanalysis.model.scenario import ParameterSpace
from csanalysis.schemas.contract import Origin
from csanalysis.workspace.minimal import (
    MENUS,
    QUESTIONS,
    TASK_COLUMNS,
    Answers,
    Entry,
    Problem,
    Task,
    judge_choice,
    judge_hours,
    judge_number,
    label,
    plain,
)
from csanalysis.workspace.minimal_page import Page, load_pages
from csanalysis.workspace.minimal_tables import example_dataset
from csanalysis.workspace.minimal_tasks import without_volume

VALUE, BASIS = 2, 5
"""Columns B and E: the answer to a question, and whether it is from records or an estimate."""


@dataclass(frozen=True)
class SheetAnswers:
    """What a sheet holds.

    Attributes
    ----------
    answers : Answers
    lang : {"ja", "en"}
        Language of the sheet.
    notes : tuple of str
        What was read otherwise than an analyst might expect.
    """

    answers: Answers
    lang: str
    notes: tuple[str, ...] = ()


def read_minimal_sheet(path: str | Path, lang: str | None = None, *, otherwise: str = "ja") -> SheetAnswers:
    """Read a filled sheet of the minimal input.

    Questions and columns are found by their labels, in Japanese or English, wherever they stand. The task
    list is taken from the workshop sheet where the one of the first sheet is empty.

    Parameters
    ----------
    path : str or Path
        An xlsx file made with ``csanalysis init --minimal-template``.
    lang : {"ja", "en"}, optional
        Language of error texts; default: the sheet's.
    otherwise : {"ja", "en"}
        Language of error texts where there is no sheet to take it from.

    Raises
    ------
    DataContractError
        With every fault: file, sheet, row, cell such as C7, value, what was expected, and the fix.
    """
    path = Path(path)
    pages = load_pages(path, lang or otherwise)
    filled = next((page for page in pages if page.questions()), None)
    if filled is None:
        raise DataContractError([Origin(path.name, "", lang or otherwise).failure("minimal_sheet")])
    spoken = lang or filled.language()
    pages = [replace(page, origin=replace(page.origin, lang=spoken)) for page in pages]
    page = next(page for page in pages if page.questions())
    questions = page.questions()
    reading = _Reading(page, example_dataset(spoken).space)
    entries = reading.entries(questions)
    listed, notes = _task_rows(page, [p for p in pages if p is not page], reading)
    tasks = reading.tasks(listed, entries)
    if reading.failures:
        raise DataContractError(reading.failures)
    return SheetAnswers(Answers(entries, tasks), page.language(), notes)


class _Reading:
    """Answers of one sheet, and the failures met on the way."""

    def __init__(self, page: Page, space: ParameterSpace) -> None:
        self.page, self.space, self.failures = page, space, list[Failure]()
        self.lang = page.origin.lang

    def entries(self, questions: Mapping[str, list[int]]) -> dict[str, Entry]:
        entries = {}
        for key in QUESTIONS:
            rows = questions.get(key, [])
            named = label(key, self.page.language())
            if not rows:
                fault = self.page.origin.failure("minimal_row_missing", column="A", label=named)
                self.failures.append(fault)
                continue
            for row in rows[1:]:
                self.failures.append(self.page.fault(Problem("minimal_row_twice", {"label": named}), row, 1))
            value = self.judged(rows[0], VALUE, key)
            basis = "records" if key in MENUS or not self.page.at(rows[0], VALUE) else self.basis(rows[0])
            if value is not None:
                entries[key] = Entry(value, estimated=basis == "estimate")
        return entries

    def basis(self, row: int) -> str:
        """Return ``records`` or ``estimate``; an empty cell vouches for nothing."""
        if not self.page.at(row, BASIS):
            return "estimate"
        return str(self.kept(judge_choice("basis", self.page.at(row, BASIS), self.lang), row, BASIS))

    def judged(self, row: int, column: int, key: str) -> float | str | None:
        unusable = self.page.unusable(row, column)
        if unusable:
            self.failures.append(unusable)
            return None
        entered = self.page.at(row, column)
        if key == "hours":
            return self.kept(judge_hours(entered, self.lang), row, column)
        if key in MENUS or key in TASK_COLUMNS:
            return self.kept(judge_choice(key, entered, self.lang), row, column)
        return self.kept(judge_number(key, entered, self.space, self.lang), row, column)

    def kept(self, judged: float | str | Problem, row: int, column: int) -> float | str | None:
        if isinstance(judged, Problem):
            self.failures.append(self.page.fault(judged, row, column))
            return None
        return judged

    def tasks(self, page: Page, entries: Mapping[str, Entry]) -> tuple[Task, ...]:
        """Return the tasks of a page; what can only be judged with the numbers waits until they hold."""
        self.page = page
        header = page.header()
        missing = [n for n in TASK_COLUMNS if header is None or n not in header[1]]
        for name in missing:
            told = label(name, self.lang)
            self.failures.append(page.origin.failure("minimal_header", row=header and header[0], label=told))
        if header is None or missing:
            return ()
        rows = page.task_rows()
        if not rows:
            self.failures.append(page.origin.failure("minimal_no_tasks", row=header[0] + 1))
        tasks = {row: task for row in rows if (task := self.task(row, header[1]))}
        self.failures += self.between(tasks, header[1], entries)
        return tuple(tasks.values())

    def task(self, row: int, columns: Mapping[str, int]) -> Task | None:
        name = self.page.at(row, columns["name"])
        if not name:
            told = {"label": label("name", self.lang)}
            self.failures.append(self.page.fault(Problem("minimal_empty", told), row, columns["name"]))
        rest = {c: self.judged(row, columns[c], c) for c in TASK_COLUMNS[1:]}
        if not name or None in rest.values():
            return None
        return Task(
            name,
            str(rest["stage"]),
            float(rest["hours"] or 0),
            str(rest["value"]),
            rest["routine"] == "yes",
            rest["personal_data"] == "yes",
        )

    def between(
        self, tasks: Mapping[int, Task], columns: Mapping[str, int], entries: Mapping[str, Entry]
    ) -> Iterator[Failure]:
        """Yield tasks that stand twice, and hours that nothing brings about."""
        seen: dict[tuple[str, str], int] = {}
        complete = all(key in entries for key in QUESTIONS)
        for row, task in tasks.items():
            first = seen.setdefault((plain(task.name), task.stage), row)
            if first != row:
                yield self.page.fault(Problem("minimal_twice", {"first": first}), row, columns["name"])
            idle = without_volume(task, Answers(entries)) if complete else None
            if idle:
                yield self.page.fault(idle, row, columns["hours"])


def _task_rows(page: Page, others: list[Page], reading: _Reading) -> tuple[Page, tuple[str, ...]]:
    """Return the page whose task list counts, and what to tell about the other."""
    filled = [other for other in others if other.task_rows()]
    if not filled:
        return page, ()
    told = {"sheet": filled[0].origin.sheet, "count": len(filled[0].task_rows())}
    if page.task_rows():
        return page, (text("minimal.note.workshop_unused", reading.lang, **told),)
    return filled[0], (text("minimal.note.workshop_used", reading.lang, **told),)
