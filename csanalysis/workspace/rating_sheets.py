"""Rating sheets for several people: written as xlsx, read back, every fault told with its cell.

The sheets of the folder ``ratings/`` of a workspace are read with it. Existing values are not shown to raters
unless asked for: a number on the sheet pulls every answer towards it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from csanalysis.errors import DataContractError, Failure
from csanalysis.io.cleaning import to_number
from csanalysis.io.provenance import Source, sha256_of
from csanalysis.labels import LANGUAGES, both, text
from csanalysis.model.dataset import Dataset
from csanalysis.schemas.contract import RATINGS, Origin
from csanalysis.schemas.trait_rules import is_rating, is_share, nearest, scale_text, trait_scale
from csanalysis.vocabulary import TRAITS
from csanalysis.workspace.minimal import Problem, plain
from csanalysis.workspace.reading import Reading

if TYPE_CHECKING:
    from csanalysis.workspace.minimal_page import Page

FOLDER = "ratings"
POINTS = (3, 5)
COLUMNS = ("row", "task_id", "rater", "trait", "value")
KEYS = ["task_id", "rater", "trait"]


def write_rating_sheet(
    ds: Dataset,
    path: str | Path,
    rater: str = "",
    *,
    traits: Sequence[str] = TRAITS,
    points: int = 5,
    show_values: bool = False,
) -> Path:
    """Write a sheet on which one person rates the tasks, in the language of the dataset.

    Parameters
    ----------
    path : str or Path
        A new ``.xlsx`` file; in the folder ``ratings/`` of a workspace it is read with the workspace.
    rater : str, optional
        Name of the person; empty = to be entered on the sheet.
    traits : sequence of str
        Columns to rate.
    points : {5, 3}
        Ratings from 1 to 5, or H, M, L (read as 5, 3, 1).
    show_values : bool
        Whether today's values stand on the sheet. They anchor the rater, so the default is False.

    Raises
    ------
    ValueError
        For an unknown trait or number of points.
    WorkspaceError
        If the file exists, is no ``.xlsx``, or cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import csanalysis as cs
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "suzuki.xlsx"
    >>> cs.write_rating_sheet(cs.load_dataset("data"), path, rater="Suzuki").name
    'suzuki.xlsx'
    """
    from csanalysis.workspace.rating_page import rating_workbook
    from csanalysis.workspace.sheet_style import new_workbook_path, save_workbook

    unknown = [trait for trait in traits if trait not in TRAITS]
    if unknown or not traits or points not in POINTS:
        raise ValueError(both("rating_sheet.bad_setting", traits=", ".join(TRAITS)))
    path = new_workbook_path(path, "minimal")
    return save_workbook(rating_workbook(ds, rater, traits, points, show_values), path)


def read_rating_sheets(ds: Dataset, paths: Iterable[str | Path]) -> Dataset:
    """Return the dataset with the ratings of filled sheets.

    What a person had rated before is replaced. A sheet may be filled in part; `Dataset.repairs` tells.

    Raises
    ------
    DataContractError
        With every fault of every sheet: file, sheet, row, cell such as D7, value, what was expected, fix.
    """
    gathered = _Gathering(list(ds.tables["task_inventory"]["task_id"]), ds.lang)
    for path in paths:
        gathered.read(Path(path), Path(path).name)
    if gathered.failures:
        raise DataContractError(gathered.failures)
    tables = {**ds.tables}
    new, old = gathered.frame(), ds.ratings
    if old is not None:
        kept = pd.MultiIndex.from_frame(old[KEYS]).isin(pd.MultiIndex.from_frame(new[KEYS]))
        new = pd.concat([old[~kept], new], ignore_index=True)
    if len(new):
        tables["ratings"] = new
    blank = dict.fromkeys(ds.repair_log.columns, "")
    told = [*ds.repair_log.to_dict("records"), *({**blank, **entry} for entry in gathered.told)]
    log = pd.DataFrame(told, columns=ds.repair_log.columns)
    return replace(ds, tables=tables, repair_log=log, sources=(*ds.sources, *gathered.sources))


def read_rating_folder(reading: Reading, tables: dict[str, pd.DataFrame]) -> None:
    """Add the sheets of the folder ``ratings/`` to the table `ratings` of a workspace that is being read."""
    files = sorted(p for p in (reading.root / FOLDER).glob("*") if p.is_file())
    files = [path for path in files if not path.name.startswith(("~$", "."))]
    paths = [path for path in files if path.suffix.lower() == ".xlsx"]
    for path in files:
        if path not in paths:
            reading.tell(f"{FOLDER}/{path.name}", "rating_not_read", [path.name])
    if not paths or "task_inventory" not in tables:
        return
    gathered = _Gathering(list(tables["task_inventory"]["task_id"]), reading.lang)
    if "ratings" in tables:
        gathered.known(tables["ratings"])
    for path in paths:
        gathered.read(path, path.relative_to(reading.root).as_posix())
    reading.failures += gathered.failures
    reading.repairs += gathered.told
    reading.sources += gathered.sources
    frames = [tables["ratings"]] if "ratings" in tables else []
    if gathered.rows:
        tables["ratings"] = pd.concat([*frames, gathered.frame()], ignore_index=True)


@dataclass
class _Gathering:
    """Ratings, faults and notes of all sheets read so far."""

    task_ids: list[str]
    lang: str
    rows: list[tuple[int, str, str, str, float]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    told: list[dict[str, object]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    seen: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def frame(self) -> pd.DataFrame:
        frame = pd.DataFrame(self.rows, columns=list(COLUMNS))
        return frame.astype({"row": int, "task_id": str, "rater": str, "trait": str, "value": float})

    def known(self, table: pd.DataFrame) -> None:
        """Note what the table `ratings` holds, so that a sheet may not say it again."""
        place = text("rating_sheet.the_table", self.lang)
        self.seen |= dict.fromkeys(table[KEYS].itertuples(index=False, name=None), place)

    def tell(self, file: str, rule: str, details: Sequence[str], count: int) -> None:
        self.told.append({"file": file, "rule": rule, "count": count, "detail": ", ".join(details)})

    def read(self, path: Path, name: str) -> None:
        """Read one sheet; `name` is how errors call it."""
        from csanalysis.workspace.minimal_page import load_pages

        try:
            pages = load_pages(path, self.lang)
        except DataContractError as error:
            self.failures += [replace(failure, file=name) for failure in error.failures]
            return
        pages = [replace(page, origin=replace(page.origin, file=name)) for page in pages]
        found = next(((page, header) for page in pages if (header := _header(page))), None)
        if found is None:
            self.failures.append(Origin(name, "", self.lang).failure("rating_header"))
            return
        before = len(self.rows)
        self._page(*found)
        self.sources.append(Source("ratings", name, sha256_of(path), len(self.rows) - before))

    def _page(self, page: Page, header: tuple[int, dict[str, int]]) -> None:
        first, columns = header
        traits = {trait: columns[trait] for trait in TRAITS if trait in columns}
        last = max(row for row, _ in page.cells)
        filled = [
            (row, trait, column)
            for row in range(first + 1, last + 1)
            for trait, column in traits.items()
            if (row, column) in page.cells
        ]
        file = page.origin.file
        if not filled:
            self.tell(file, "empty_sheet", [], 1)
            return
        from csanalysis.workspace.rating_page import RATER_CELL

        rater = page.at(*RATER_CELL)
        if not rater:
            self.failures.append(page.fault(Problem("no_rater"), *RATER_CELL))
        rated = {row: self._task(page, row, columns["task_id"]) for row in sorted({r for r, _, _ in filled})}
        for row, trait, column in filled:
            self._cell(page, row, column, rated[row], rater, trait)
        missing = {task for task in self.task_ids if task not in rated.values()}
        gaps = len(self.task_ids) * len(traits) - len(filled)
        if gaps > 0:
            self.tell(file, "partial_sheet", [t for t in self.task_ids if t in missing], gaps)

    def _task(self, page: Page, row: int, column: int) -> str:
        """Return the task of a row; empty, with a failure, where there is no such task."""
        task_id = page.at(row, column)
        if task_id in self.task_ids:
            return task_id
        problem = Problem("rated_task", {"near": nearest(task_id, self.task_ids)})
        self.failures.append(page.fault(problem, row, column))
        return ""

    def _cell(self, page: Page, row: int, column: int, task: str, rater: str, trait: str) -> None:
        unusable = page.unusable(row, column)
        if unusable:
            self.failures.append(unusable)
            return
        value = judge(trait, page.at(row, column))
        if isinstance(value, Problem):
            self.failures.append(page.fault(value, row, column))
            return
        key = (task, rater, trait)
        if task and rater and key in self.seen:
            problem = Problem("rated_twice", {"rater": rater, "other": self.seen[key]})
            self.failures.append(page.fault(problem, row, column))
            return
        self.seen[key] = page.origin.file
        self.rows.append((row, task, rater, trait, value))


def judge(trait: str, entered: str) -> float | Problem:
    """Return the value of a filled cell, or what is wrong with it."""
    term = RATINGS.get(plain(entered).upper()) if is_rating(trait) else None
    value = term if term is not None else to_number(entered, percent=is_share(trait))
    if value is None or value != value:
        return Problem("not_a_number")
    low, high = trait_scale(trait)
    return value if low <= value <= high else Problem("out_of_range", {"bound": scale_text(trait)})


def _header(page: Page) -> tuple[int, dict[str, int]] | None:
    """Return row and columns of the header: task_id and traits, by key or label in either language."""
    meaning = {plain(text(f"trait.{trait}", lang)): trait for trait in TRAITS for lang in LANGUAGES}
    meaning |= {plain(name): name for name in (*TRAITS, "task_id")}
    meaning |= {plain(text("rating_sheet.task_id", lang)): "task_id" for lang in LANGUAGES}
    for row in sorted({row for row, _ in page.cells}):
        named = {
            meaning[word]: column
            for at, column in sorted(page.cells)
            if at == row and (word := plain(page.at(row, column))) in meaning
        }
        if "task_id" in named and len(named) > 1:
            return row, named
    return None
