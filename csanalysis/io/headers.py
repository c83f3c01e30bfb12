"""Where a table begins in a grid, and what its columns are called."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass, replace

from csanalysis.io.header_rows import (
    MOST_ROWS,
    counts_up,
    is_units,
    merged_depth,
    numbers_columns,
    repeats,
    years_below,
)
from csanalysis.io.ragged import Columns, Grid, learn
from csanalysis.io.repairs import Log, Place, listed
from csanalysis.io.tops import first_row, goes_on_below, worded
from csanalysis.io.values import CODE, DATE, EMPTY, NUMBER, WORDS, is_yearish, kind_of, shape_of

_SEARCHED = 60
_TABLE_UNIT = re.compile(r"単位\s*[:：]\s*([^\s()\[\]]{1,20})")
_BRACKETED = re.compile(r"[(\[]([^()\[\]]+)[)\]]")
_SCALED_UNIT = re.compile("[千百十億万]")
_IDEOGRAPH = re.compile("[一-鿿々ぁ-ヿ]")


@dataclass(frozen=True)
class Header:
    """The names of a table.

    Attributes
    ----------
    names : tuple of str
        One per column; empty where a column has none.
    first, body : int
        Positions of the first header row and of the first row below the header.
    units : tuple of str
        Units of a units row; empty strings without one.
    found : bool
        False where the table has no header.
    unit : str
        Unit of the whole table, stated above it (単位：千円); empty without one.
    """

    names: tuple[str, ...]
    first: int
    body: int
    units: tuple[str, ...] = ()
    found: bool = True
    unit: str = ""


def clean_name(name: str) -> str:
    r"""Return a header without width variants and line breaks, spaces single, none in spread words.

    Examples
    --------
    >>> clean_name("人　　口"), clean_name("月額\n（円）"), clean_name("Account  ID"), clean_name("営業 計")
    ('人口', '月額(円)', 'Account ID', '営業 計')
    """
    plain = unicodedata.normalize("NFKC", name)
    lines = [" ".join(line.split()) for line in plain.splitlines()]
    words = (" " if plain.isascii() else "").join(filter(None, lines)).split(" ")
    joined = words[0]
    for before, word in itertools.pairwise(words):
        joined += word if _IDEOGRAPH.fullmatch(before) and _IDEOGRAPH.match(word) else f" {word}"
    return joined


def find_header(grid: Grid, header: str | None, known: frozenset[str], place: Place, log: Log) -> Header:
    """Return the header of a table; title rows above it are told.

    Parameters
    ----------
    header : "auto" or None
        None for a table without column names.
    known : frozenset of str
        Names, cleaned, of which the header should hold two.

    Raises
    ------
    DataContractError
        If there is no row that could be the header, or no row below it.
    """
    start = _named_row(grid, known) if header is not None else None
    if start is None:
        start = first_row(grid)
    if start is None:
        raise place.fault("no_header")
    if header is None:
        found = Header(("",) * len(grid.rows[start]), start, start, found=False)
    elif known and _hits(grid.rows[start], known) >= 2:
        found = Header(tuple(map(clean_name, grid.rows[start])), start, start + 1)
    else:
        found = _judge(grid, start)
    _tell_preamble(grid, found.first, log)
    found = replace(found, unit=_table_unit(grid, found, log))
    depth = found.body - found.first - (1 if any(found.units) else 0)
    if depth > 1:
        lines = [str(number) for number in grid.numbers[found.first : found.first + depth]]
        above = " | ".join(dict.fromkeys(filter(None, map(str.strip, grid.rows[found.first]))))
        names = listed(filter(None, found.names))
        log.tell("header_rows", names, cells=lines, before=above, after=names)
    return found


def _hits(row: list[str], known: frozenset[str]) -> int:
    return len({clean_name(cell) for cell in row} & known)


def _named_row(grid: Grid, known: frozenset[str]) -> int | None:
    hits = [_hits(row, known) for row in grid.rows[:_SEARCHED]] if known else []
    best = max(hits, default=0)
    return hits.index(best) if best >= 2 else None


def _table_unit(grid: Grid, found: Header, log: Log) -> str:
    """Return the unit stated above a table, there also in brackets alone, or in the corner of its header."""
    above = [(n, cell) for n in range(found.first) for cell in grid.rows[n]]
    corner = [(n, grid.rows[n][0]) for n in range(found.first, found.body)]
    for n, cell in above + corner:
        plain = unicodedata.normalize("NFKC", cell).strip()
        alone = n < found.first and is_units([plain]) and _BRACKETED.fullmatch(plain)
        if stated := _TABLE_UNIT.search(plain) or alone:
            if grid.scaled and _SCALED_UNIT.match(stated[1]):
                return ""
            log.tell("table_unit", stated[1], cells=[str(grid.numbers[n])], before=cell)
            return stated[1]
    return ""


def _tell_preamble(grid: Grid, first: int, log: Log) -> None:
    above = [(grid.numbers[n], grid.rows[n]) for n in range(first)]
    lines = [(number, dict.fromkeys(c.strip() for c in row if c.strip())) for number, row in above]
    there = [(number, " ".join(cells)) for number, cells in lines if cells]
    if there:
        shown = listed(words for _, words in there)
        log.tell("preamble", shown, cells=[str(number) for number, _ in there], before=there[0][1])


def _judge(grid: Grid, start: int) -> Header:
    """Return one header row or several, or none, by what the rows below are like."""
    rows = grid.rows
    width = len(rows[start])
    body = [row for row in rows[start + 1 : start + 400] if any(c.strip() for c in row)]
    if not body:
        values = [cell for cell in rows[start] if kind_of(cell) in (NUMBER, DATE) and not is_yearish(cell)]
        if len(values) * 2 > sum(bool(cell.strip()) for cell in rows[start]):
            return Header(("",) * width, start, start, found=False)
        return Header(tuple(map(clean_name, rows[start])), start, start + 1)
    least = merged_depth(grid, start)
    deep = body[max(least - 1, min(MOST_ROWS, len(body) // 2)) :]
    columns = learn(deep)
    typed = [at for at in range(width) if columns.kinds[at]]
    depth, units = 0, ("",) * width
    for n in range(start, min(start + MOST_ROWS, len(rows))):
        row = rows[n]
        if not any(c.strip() for c in row):
            if not depth or not goes_on_below(rows, n):
                break
            depth += 1
            continue
        if depth and is_units(own := _own(grid, n)):
            units = tuple(clean_name(c) for c in own)
            depth += 1
            break
        if n >= start + least and not (
            goes_on_below(rows, n - 1) or _goes_on(grid, start, n, columns, typed)
            if depth
            else _is_header(row, rows[n + 1 : n + 400], columns, typed)
        ):
            break
        depth += 1
    if depth == 0:
        return Header(("",) * width, start, start, found=False)
    last = start + depth - (1 if any(units) else 0)
    named: list[list[str]] = []
    for n in range(start, last):
        if n == start or not numbers_columns(rows[n]):
            named.append(_spread(grid, n, last, named[-1] if named else []))
    names = _join(named)
    return Header(names, start, start + depth, units)


def _own(grid: Grid, n: int) -> list[str]:
    """Return a row without the names that are merged into it from above."""
    row = list(grid.rows[n])
    for top, left, bottom, right in grid.merges:
        if top < n <= bottom:
            row[left : right + 1] = [""] * len(row[left : right + 1])
    return row


def _is_header(row: list[str], below: list[list[str]], columns: Columns, typed: list[int]) -> bool:
    """Tell whether the first row of a table names columns rather than holding values."""
    there = [at for at in typed if row[at].strip()]
    if not there:
        return bool(typed) or not repeats(row, below)
    same = [at for at in there if _is_alike(row[at], columns.kinds[at], columns.shapes[at])]
    if len(same) * 2 < len(there):
        return True
    named = [row[at] for at in same]
    if kind_of(row[0]) == WORDS and counts_up(named) and not counts_up([r[same[0]] for r in below[:3]]):
        return True
    return all(map(is_yearish, named)) and not years_below(below, same)


def _goes_on(grid: Grid, start: int, n: int, columns: Columns, typed: list[int]) -> bool:
    """Tell whether a row continues the header: repeats or completes the row above, or is merged with it."""
    row, above = grid.rows[n], grid.rows[n - 1]
    if len(set(row)) == 1 < len(row):
        return False
    kinds = {kind_of(cell) for cell in row if cell.strip()}
    if (
        row == above
        or (numbers_columns(row) and not numbers_columns(grid.rows[min(n + 1, len(grid.rows) - 1)]))
        or _completes(row, above, typed)
        or _complements(row, above, columns)
    ):
        return True
    counted = worded(row, grid.rows[n + 1 : n + 50])
    named = [at for at, c in enumerate(row) if at in counted or kind_of(c) == WORDS or is_yearish(c)]
    if not kinds or len(named) < sum(bool(c.strip()) for c in row):
        return False
    if any(top <= n <= bottom and start <= top < n for top, _, bottom, _ in grid.merges):
        return True
    if any(top == n - 1 and right > left for top, left, _, right in grid.merges):
        return True
    there = [at for at in typed if row[at].strip()]
    if any(_is_alike(row[at], columns.kinds[at], columns.shapes[at]) for at in {*there} - counted):
        return False
    if any(kind_of(cell) == WORDS and _recurs(grid, n, at) for at, cell in enumerate(row)):
        return False
    keyed = row[0].strip() or len(there) < sum(bool(cell.strip()) for cell in row)
    if not keyed and len(grid.rows) > n + 2:
        return True
    coded = sum(kind_of(cell) == CODE for cell in above) * 2 >= len(above)
    if coded and there and len(grid.rows) > n + 2:
        return True
    gaps = [at for at, cell in enumerate(above) if not cell.strip() or above.count(cell) > 1]
    if gaps and any(row[at].strip() for at in gaps) and len(grid.rows) > n + 1:
        return bool(typed)
    wanted = [at for at in typed if above[at].strip() or row[at].strip()]
    return len(wanted) > 1 and len(there) == len(wanted) and len(grid.rows) > n + 2


def _recurs(grid: Grid, n: int, at: int) -> bool:
    """Tell whether a cell stands again in its column: a category of the data, unless its whole row does."""
    row = grid.rows[n]
    return any(other[at] == row[at] and other != row for other in grid.rows[n + 1 : n + 200])


def _completes(row: list[str], above: list[str], typed: list[int]) -> bool:
    """Tell whether a row names the columns that the row above leaves blank, and codes the ones it names."""
    gaps = [at for at, cell in enumerate(above) if not cell.strip()]
    codes = [cell for cell, name in zip(row, above, strict=True) if name.strip()]
    if len(gaps) < 2 or not all(cell.strip() for cell in row) or len(set(codes)) < len(codes):
        return False
    kinds = [kind_of(row[at]) for at in gaps]
    named = kinds.count(WORDS) * 2 > len(gaps) and set(kinds) <= {WORDS, CODE}
    return named and bool(set(gaps) & set(typed))


def _complements(row: list[str], above: list[str], columns: Columns) -> bool:
    """Tell whether a row names just the columns that the row above does not: keys beside a crossed heading.

    One column may have both: the name of the crossed heading and, below it, of the keys beside it.
    """
    gaps = [at for at, cell in enumerate(above) if not cell.strip()]
    there = [at for at, cell in enumerate(row) if cell.strip()]
    both = set(there) - set(gaps)
    kinds = {kind_of(row[at]) for at in there}
    if len(gaps) < 2 or not set(gaps) <= set(there) or len(both) > 1 or not kinds <= {WORDS, CODE}:
        return False
    typed = [at for at in gaps if columns.kinds[at]]
    distinct = len({row[at] for at in there}) == len(there) < len(row)
    return distinct and any(not _is_alike(row[at], columns.kinds[at], columns.shapes[at]) for at in typed)


def _is_alike(cell: str, kind: str, shape: str) -> bool:
    found = kind_of(cell)
    if found == EMPTY:
        return False
    if kind == CODE:
        return found in (CODE, NUMBER, DATE) and (not shape or shape_of(cell.strip()) == shape)
    return found == kind


def _spread(grid: Grid, n: int, end: int, above: list[str]) -> list[str]:
    """Return a header row; a name over several columns stands over all of them until the next name.

    Only rows above another header row are spread, only where nothing was merged, and not beyond the columns
    of the name `above`; marks alone ("," or "-") are no name.
    """
    row = [clean_name(cell) for cell in grid.rows[n]]
    if n == end - 1 or grid.merges:
        return row
    row = [cell if any(map(str.isalnum, cell)) else "" for cell in row]
    last = ""
    for at, cell in enumerate(row):
        below = any(grid.rows[m][at].strip() for m in range(n + 1, end))
        if above and at and above[at] != above[at - 1]:
            last = ""
        last = cell or last
        if not cell and below and at:
            row[at] = last
    return row


def _join(rows: list[list[str]]) -> tuple[str, ...]:
    """Join the names above each other with "_", each only once."""
    joined = ["_".join(dict.fromkeys(c for c in column if c)) for column in zip(*rows, strict=True)]
    return tuple(joined)
