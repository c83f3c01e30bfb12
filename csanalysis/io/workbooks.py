"""Which sheet of a workbook holds the table: hidden ones are told, never read without a word."""

from __future__ import annotations

import dataclasses
import re
from typing import Protocol

from csanalysis.errors import DataContractError
from csanalysis.io.containers import Content
from csanalysis.io.headers import clean_name
from csanalysis.io.ragged import Grid
from csanalysis.io.repairs import Log, Place, listed
from csanalysis.io.sheet_formats import letters
from csanalysis.io.sheets_xls import open_xls
from csanalysis.io.sheets_xlsx import open_xlsx
from csanalysis.io.sheets_xml import open_xml

INSTRUCTIONS = "instructions 説明"
"""Sheet of the templates that tells how to fill them in; no one needs to be told that it is not read."""

_CONTENTS = re.compile("目次|表紙|凡例|はじめに|使い方|記入要領|read ?me|^(index|contents|cover)$", re.I)
"""Sheets that tell of the others, by their names."""


class Book(Protocol):
    """Something with sheets: (title, is visible, part of the file)."""

    sheets: list[tuple[str, bool, str]]

    def grid(self, title: str, place: Place, log: Log) -> Grid:
        """Return the cells of a sheet."""


def open_book(content: Content, place: Place) -> Book:
    """Open a workbook by its kind; whatever its parser raises at broken parts becomes a fault."""
    if content.kind == "xls":
        return open_xls(content.data, place)
    if content.kind in ("ods", "fods", "xml"):
        return open_xml(content.data, content.kind, place)
    return open_xlsx(content.data, place)


def read_sheet(
    book: Book, place: Place, log: Log, sheet: str | None = None, known: frozenset[str] = frozenset()
) -> tuple[Grid, Place]:
    """Return the cells of the sheet that holds the table, and its place.

    Without a name it is the first visible sheet that holds a table, or else anything; where the columns are
    known, the only visible one that shows them.

    Raises
    ------
    DataContractError
        If the sheet is not there, or more than one fits.
    """
    visible = [title for title, shown, _ in book.sheets if shown]
    hidden = [title for title, shown, _ in book.sheets if not shown]
    if sheet is not None:
        if sheet not in (*visible, *hidden):
            raise place.fault("no_sheet", value=sheet, sheets=listed((*visible, *hidden)))
        grid = _grid(book, sheet, place, log)
        visible = [sheet]
        chosen = sheet
    else:
        if not visible:
            raise place.fault("no_visible_sheet")
        asked = [title for title in visible if title != INSTRUCTIONS] or visible
        chosen, grid = _choose(book, asked, place, log, known)
        if hidden:
            log.tell("hidden_sheets", listed(hidden), count=len(hidden))
    rest = [title for title in visible if title not in (chosen, INSTRUCTIONS)]
    if rest:
        log.tell("other_sheets", listed(rest), count=len(rest), after=chosen)
    at = dataclasses.replace(place, sheet=chosen)
    if not any(any(row) for row in grid.rows):
        raise at.fault("no_header")
    concealed = [n for n in sorted(grid.hidden) if n <= len(grid.rows) and any(grid.rows[n - 1])]
    if concealed:
        log.tell("hidden_rows", cells=[str(n) for n in concealed])
    columns = [at for at in grid.hidden_columns if any(row[at].strip() for row in grid.rows)]
    if columns:
        log.tell("hidden_columns", cells=[letters(at) for at in columns])
    return grid, at


def _choose(
    book: Book, visible: list[str], place: Place, log: Log, known: frozenset[str]
) -> tuple[str, Grid]:
    first: tuple[str, Grid, Log] | None = None
    cover: tuple[str, Grid, Log] | None = None
    matching: list[tuple[str, Grid, Log]] = []
    for title in visible:
        own = Log()
        try:
            grid = _grid(book, title, place, own)
        except DataContractError:
            if first is None:
                raise
            continue
        if known and _fits(grid, known):
            matching.append((title, grid, own))
        if first is None and _is_table(grid) and not (_CONTENTS.search(title) and len(visible) > 1):
            first = (title, grid, own)
            if not known:
                break
        if cover is None and any(any(row) for row in grid.rows):
            cover = (title, grid, own)
    if len(matching) > 1:
        raise place.fault("several_sheets", value=", ".join(title for title, _, _ in matching))
    title, grid, own = next(iter(matching), first or cover or (visible[0], Grid([], []), Log()))
    log.entries += own.entries
    return title, grid


def _is_table(grid: Grid) -> bool:
    """Tell whether a sheet holds rows and columns; a cover page has one text below the other."""
    return sum(len([cell for cell in row if cell.strip()]) > 1 for row in grid.rows) > 1


def _fits(grid: Grid, known: frozenset[str]) -> bool:
    return any(len({clean_name(cell) for cell in row} & known) >= 2 for row in grid.rows[:60])


def _grid(book: Book, title: str, place: Place, log: Log) -> Grid:
    at = dataclasses.replace(place, sheet=title)
    try:
        return book.grid(title, at, log)
    except DataContractError:
        raise
    except Exception as error:  # parsers of workbooks let through whatever zip, XML and their own parts raise
        raise at.fault("not_workbook", reason=f"{type(error).__name__}: {error}"[:200]) from error
