"""The rows of a table: what is no datum (blank rows, notes, totals, a next table) is taken out and told."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pandas as pd

from csanalysis.io.beside import check_beside
from csanalysis.io.frames import frame_of
from csanalysis.io.headers import Header, clean_name
from csanalysis.io.names import Rules, names_of
from csanalysis.io.notes import without_examples, without_notes
from csanalysis.io.ragged import Grid, learn
from csanalysis.io.repairs import Log, Place, listed
from csanalysis.io.side_heads import fill_side_heads
from csanalysis.io.totals import without_totals
from csanalysis.io.values import EMPTY, WORDS, is_yearish, kind_of

DITTO = frozenset("〃 同上 〃〃 仝".split())
_IN_DITTO = ("〃", "仝", "同上")
_RULE = re.compile(r":?[-=]{2,}:?")
_MOST_TITLES = 5
_WIDE = 3
_SECTION = re.compile(r"\s*[■□●○◆◇▼【〈《<＜]")
_BLANK = (" ", "\u3000")
_FEWEST_INNER = 2
_FEW_LONE = 0.4
_AT_ONCE = 1000


def table_of(grid: Grid, header: Header, place: Place, log: Log, rules: Rules) -> pd.DataFrame:
    """Return the frame of text cells; the index is the row that a spreadsheet shows.

    The rows below the header are taken out of the grid, so that they are not held twice.

    Raises
    ------
    DataContractError
        If a name stands twice, a total is not the sum of its rows, or a cell was spoilt.
    """
    rows, numbers = grid.rows[header.body :], grid.numbers[header.body :]
    del grid.rows[header.body :], grid.numbers[header.body :]
    rows, numbers = _without_blanks(rows, numbers, log)
    rows, numbers = _first_table(rows, numbers, grid, header, log, rules)
    rows, numbers = without_notes(rows, numbers, log, rules)
    rows, numbers = without_examples(rows, numbers, log, rules)
    _tell_levels(rows, header, log, rules)
    _tell_lone(rows, numbers, header, log, rules)
    names, keep = names_of(rows, header, place, log, rules)
    if not rules.known:
        check_beside(rows, keep, header, place, log)
    if len(keep) < len(header.names):
        rows = [[row[at] for at in keep] for row in rows]
    _fill_ditto(rows, numbers, names, log)
    if not rules.known:
        fill_side_heads(rows, numbers, names, log)
    if rules.totals == "check":
        rows, numbers = without_totals(rows, numbers, names, place, log, behind=not rules.known)
    frame = frame_of(rows, pd.Index(numbers, name="row"), names, log)
    if header.unit:
        frame.attrs["unit"] = header.unit
    if any(header.units):
        units = {name: header.units[at] for name, at in zip(names, keep, strict=True) if header.units[at]}
        told = listed(f"{name}: {unit}" for name, unit in units.items())
        log.tell(
            "units_row",
            told,
            cells=[str(grid.numbers[header.body - 1])],
            before=next(iter(units.values()), ""),
        )
        frame.attrs["units"] = units
    return frame


def _without_blanks(rows: list[list[str]], numbers: list[int], log: Log) -> tuple[list[list[str]], list[int]]:
    filled = [any(map(str.strip, row)) for row in rows]
    ruled = [n for n, row in enumerate(rows[:1]) if _is_ruled([c.strip() for c in row])]
    if ruled and filled[0]:
        log.tell("rule_lines", cells=[str(numbers[0])], before=" | ".join(rows[0]))
        filled[0] = False
    if all(filled):
        return rows, numbers
    last = max((n for n, full in enumerate(filled) if full), default=-1)
    blank = [numbers[n] for n in range(1 if ruled else 0, last) if not filled[n]]
    if blank:
        log.tell("blank_rows", cells=[str(n) for n in blank])
    kept = [n for n, full in enumerate(filled) if full]
    return [rows[n] for n in kept], [numbers[n] for n in kept]


def _is_ruled(row: list[str]) -> bool:
    there = [cell for cell in row if cell]
    return len(there) >= min(2, len(row)) and all(map(_RULE.fullmatch, there))


def _first_table(
    rows: list[list[str]], numbers: list[int], grid: Grid, header: Header, log: Log, rules: Rules
) -> tuple[list[list[str]], list[int]]:
    """Drop repetitions of the header; stop at the header of another table.

    Where the columns were known, only a header of the same names ends the table.
    """
    if not header.found or len(header.names) < 2:
        return rows, numbers
    last = [clean_name(c) for c in grid.rows[header.body - 1]]
    names = [clean_name(c) for c in grid.rows[header.first]]
    repeats, cut = [], len(rows)
    gaps = {b for a, b in itertools.pairwise(numbers) if b > a + 1}
    wanted = set(names) - {""}
    titles = [row for row in grid.rows[: header.first] if any(map(str.strip, row))]
    starts = {row[0].strip() for row in titles} - {""}
    firsts = {row[0] for row in rows}
    heads = {cell for cell in firsts if _is_one_of(cell, wanted)}
    pages = {cell for cell in firsts if cell.strip() in starts}
    if not heads and not pages and not gaps:
        return rows, numbers
    for n in (n for n, row in enumerate(rows) if row[0] in heads or row[0] in pages or numbers[n] in gaps):
        row, following = rows[n], rows[min(n + 1, len(rows) - 1)]
        if row[0] in pages and row in titles and [*map(clean_name, following)] in (names, last):
            repeats.append(n)
            continue
        if row[0] not in heads and numbers[n] not in gaps:
            continue
        cells = [clean_name(c) for c in row]
        if cells in (names, last):
            repeats.append(n)
        elif (len(wanted) > 1 and _are_most_names(cells, names, wanted)) or (
            n and not rules.known and numbers[n] in gaps and _begins_table(rows, n, names, numbers)
        ):
            cut = n
            break
    if repeats:
        log.tell("repeated_header", cells=[str(numbers[n]) for n in repeats])
    if cut < len(rows):
        log.tell(
            "other_table",
            str(numbers[cut]),
            cells=[str(numbers[cut])],
            before=" | ".join(c for c in rows[cut] if c)[:80],
        )
    gone = set(repeats)
    kept = [n for n in range(cut) if n not in gone]
    return [rows[n] for n in kept], [numbers[n] for n in kept]


def _is_one_of(cell: str, names: set[str]) -> bool:
    return cell.strip() in names or (not cell.isascii() and clean_name(cell) in names)


def _are_most_names(cells: list[str], names: list[str], wanted: set[str]) -> bool:
    """Tell whether a row repeats most names of a header; the others are names too, not values."""
    same = sum(a == b for a, b in zip(cells, names, strict=True) if b)
    others = [a for a, b in zip(cells, names, strict=True) if a and a != b]
    return same >= 0.6 * len(wanted) and all(kind_of(cell) == WORDS or is_yearish(cell) for cell in others)


def _begins_table(rows: list[list[str]], n: int, names: list[str], numbers: list[int]) -> bool:
    """Tell whether a row below a gap, or below its title, is all words where both tables have values."""
    head = next((m for m in range(n, min(n + _MOST_TITLES, len(rows))) if len({*rows[m]} - {""}) > 1), None)
    if head is None or head + 1 >= len(rows):
        return False
    cells = [clean_name(c) for c in rows[head]]
    there = [cell for cell in cells if cell]
    if len(set(there)) < 2 or (head == n and len(there) * 2 < len(cells)):
        return False
    if head > n and cells[0] and cells[0] == names[0]:
        return True
    if head == n and _is_among(rows, n):
        return False
    end = next((m for m in range(head + 2, len(rows)) if numbers[m] > numbers[m - 1] + 1), len(rows))
    near = rows[max(0, n - 400) : n] + rows[head + 1 : min(end, head + 400)]
    if any(cell.strip() and cell == row[at] for row in near for at, cell in enumerate(rows[head])):
        return False
    for part in (
        rows[max(0, n - 400) : n],
        rows[head + 1 : head + 400],
        rows[head + 1 : min(end, head + 400)],
    ):
        kinds = learn(part).kinds
        typed = [cells[at] for at, kind in enumerate(kinds) if kind and cells[at]]
        if typed and all(kind_of(cell) == WORDS for cell in typed):
            return True
    return False


def _is_among(rows: list[list[str]], n: int) -> bool:
    """Tell whether a row is of the kinds of its neighbours, values among them."""
    kinds = [[*map(kind_of, row)] for row in rows[n - 1 : n + 2]]
    return kinds.count(kinds[0]) == len(kinds) == 3 and not {*kinds[0]} <= {WORDS, EMPTY}


def _tell_levels(rows: list[list[str]], header: Header, log: Log, rules: Rules) -> None:
    """Tell of first cells that are indented to several depths: those further left may sum up the others."""
    if rules.known or not header.found or len(rows) < _WIDE:
        return
    inner = [row[0] for row in rows if row[0][:1] in _BLANK and row[0].strip() and row[0][-1] not in _BLANK]
    if len(inner) < _FEWEST_INNER or rows[0][0][:1] in _BLANK:
        return
    depths = [len(cell) - len(cell.lstrip()) for cell in inner]
    if all(kind_of(cell) == WORDS for cell in inner):
        deepest = inner[depths.index(max(depths))].strip()
        log.tell("levels", count=len(set(depths)) + 1, before=deepest)


def _tell_lone(rows: list[list[str]], numbers: list[int], header: Header, log: Log, rules: Rules) -> None:
    """Tell of rows within a table that hold their first cell alone: headings of sections, or remarks."""
    if rules.known or len(header.names) < 2 or len(rows) < _WIDE:
        return
    alone = (n for n, row in enumerate(rows) if not row[1].strip() and row[0].strip())
    lone = [n for n in alone if not any(map(str.strip, rows[n][2:]))]
    if len(header.names) < _WIDE and lone:
        lone = [n for n in lone if _SECTION.match(rows[n][0]) or is_yearish(rows[n][0])]
    if lone and len(lone) <= _FEW_LONE * len(rows):
        named = listed(rows[n][0].strip() for n in lone)
        log.tell("lone_rows", named, cells=[str(numbers[n]) for n in lone], before=rows[lone[0]][0])


def _fill_ditto(rows: list[list[str]], numbers: list[int], names: list[str], log: Log) -> None:
    cells: list[str] = []
    example = ("", "")
    for n in _may_be_ditto(rows):
        row = rows[n]
        for at, cell in enumerate(row):
            if cell.strip() in DITTO:
                example = example if cells else (cell.strip(), rows[n - 1][at])
                row[at] = rows[n - 1][at]
                cells.append(f"{names[at]}:{numbers[n]}")
    if cells:
        log.tell("ditto", cells=cells, before=example[0], after=example[1])


def _may_be_ditto(rows: list[list[str]]) -> Iterator[int]:
    """Yield the rows below the first that hold a mark for "as above"; looked for in many rows at once."""
    for start in range(0, len(rows), _AT_ONCE):
        block = rows[start : start + _AT_ONCE]
        if _may_hold_ditto("\n".join(map("\n".join, block))):
            yield from (n for n, row in enumerate(block, start) if n and _may_hold_ditto("\n".join(row)))


def _may_hold_ditto(cells: str) -> bool:
    return any(mark in cells for mark in _IN_DITTO)
