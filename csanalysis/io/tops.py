"""Where the first row of a table is, below titles, remarks, and lists of keys and values."""

from __future__ import annotations

import re

from csanalysis.io.ragged import Grid
from csanalysis.io.values import EMPTY, NUMBER, TIME, WORDS, is_yearish, kind_of

_SAMPLE = 2000
_IDEOGRAPH = re.compile("[一-鿿々ぁ-ヿ]")
_MOST_PAIRS = 10
"""Most rows of keys and values above a table."""
_FEW_ROWS = 3


def first_row(grid: Grid) -> int | None:
    """Return the first row of the table: from the first well filled row up to the group names above it.

    Title rows, one text across all columns, and lines such as "author, name" are not part of it.
    """
    rows = grid.rows[:_SAMPLE]
    remarks = _remarks(rows)
    filled = [0] * remarks + [sum(bool(c.strip()) for c in row) for row in rows[remarks:]]
    usual = sorted(n for n in filled if n)
    if not usual:
        return None
    typical = usual[len(usual) // 2]
    spans = _spans(grid, rows)
    single = _without_merged(filled, grid)
    wide = max(spans) > 1
    strong = (
        n
        for n, count in enumerate(single)
        if count * 4 >= typical * 3 and (spans[n] > 1 or not wide or typical == 1)
    )
    start = next(strong, next(n for n, count in enumerate(filled) if count))
    while start > remarks and spans[start - 1] > 1 and _heads(rows, start - 1, filled[start - 1], typical):
        start -= 1
    start = _below_pairs(rows, filled, start)
    return start + 1 if _codes_above(rows[start : start + 2]) else start


def _spans(grid: Grid, rows: list[list[str]]) -> list[int]:
    """Return how many texts each row has; one text again and again may be a title over all columns.

    No number is a title, and without merged cells neither is a text below names, beside blank cells: it names
    each of its columns.
    """
    spans: list[int] = []
    for row in rows:
        there = [cell.strip() for cell in row if cell.strip()]
        texts = len(set(there))
        if texts == 1 and not is_yearish(there[0]):
            below = bool(spans) and spans[-1] > 1 and not grid.merges and len(there) < len(row)
            texts = len(there) if below or kind_of(there[0]) == NUMBER else 1
        spans.append(texts)
    return spans


def worded(row: list[str], below: list[list[str]]) -> set[int]:
    """Return the cells that hold a number with a word where the column has numbers alone: 1時間, 40代.

    Examples
    --------
    >>> worded(["日", "1時間", "3人"], [["1", "0.5", "4人"]])
    {1}
    """
    there = {at for at, cell in enumerate(row) if kind_of(cell) in (NUMBER, TIME) and _IDEOGRAPH.search(cell)}
    return {at for at in there if below and not any(_IDEOGRAPH.search(other[at]) for other in below)}


def _without_merged(filled: list[int], grid: Grid) -> list[int]:
    """Return how many cells each row fills, those merged to the right counted once."""
    single = list(filled)
    for top, left, bottom, right in grid.merges:
        for n in range(top, min(bottom + 1, len(single))):
            if grid.rows[n][left : left + 1] != [""]:
                single[n] = max(1, single[n] - (right - left)) if filled[n] else 0
    return single


def _codes_above(rows: list[list[str]]) -> bool:
    """Tell whether the first of two rows codes the names of the second, beside columns named further down."""
    if len(rows) < 2 or [bool(c.strip()) for c in rows[0]] != [bool(c.strip()) for c in rows[1]]:
        return False
    kinds = [[kind_of(cell) for cell in row if cell.strip()] for row in rows]
    beside = not any(cell.strip() for cell in rows[0][:2]) and len(kinds[0]) > 2
    return beside and set(kinds[1]) == {WORDS} and WORDS not in kinds[0][1:] and kinds[0][0] == WORDS


def _remarks(rows: list[list[str]]) -> int:
    """Return how many rows at the top are remarks (# exported by): names follow them, not values."""
    count = next((n for n, row in enumerate(rows) if not row[0].startswith("# ")), 0)
    return count if count and all(kind_of(cell) in (WORDS, EMPTY) for cell in rows[count]) else 0


def _below_pairs(rows: list[list[str]], filled: list[int], start: int) -> int:
    """Return where a table begins below keys and values (printed on, 2024/04/01) and a blank row.

    One row of figures under their names, above a wider table, is no table either: boxes of a dashboard.
    """
    end = next((n for n in range(start, len(rows)) if not filled[n]), len(rows))
    head = next((n for n in range(end, len(rows)) if filled[n]), len(rows))
    last = next((n for n in range(head, len(rows)) if not filled[n]), len(rows))
    block = [[cell for cell in row if cell.strip()] for row in rows[start:end]]
    names = {cell.strip() for cell in rows[head]} - {""} if head < len(rows) else set()
    if len(block) > _MOST_PAIRS or last - head < max(2, len(block)) or len(names) < 2:
        return start
    paired = all(kind_of(key) == WORDS for row in block for key in row[::2])
    valued = any(kind_of(value) != WORDS and not is_yearish(value) for value in block[0][1::2])
    named = all(kind_of(name) in (WORDS, EMPTY) or is_yearish(name) for name in names)
    boxed = len(block) == 2 and {*map(kind_of, block[0])} == {WORDS} and WORDS not in map(kind_of, block[1])
    boxed = boxed and len(block[0]) < len(names) and last - head > _FEW_ROWS
    return head if ((paired and valued) or boxed) and named else start


def goes_on_below(rows: list[list[str]], n: int) -> bool:
    """Tell whether a header goes on below a blank row: with names only where it names a group or nothing.

    Examples
    --------
    >>> goes_on_below([["day", "travel", "", "sum"], ["", "", "", ""], ["", "air", "rail", ""]], 1)
    True
    """
    if n + 1 >= len(rows) or any(map(str.strip, rows[n])):
        return False
    above, row = rows[n - 1], rows[n + 1]
    there = [at for at, cell in enumerate(row) if cell.strip()]
    groups = {at for at in range(1, len(row) - 1) if above[at].strip() and not above[at + 1].strip()}
    free = groups | {at for at, cell in enumerate(above) if not cell.strip()}
    named = len(there) > 1 and 0 not in there and set(there) <= free and bool(groups & set(there))
    return named and all(kind_of(row[at]) == WORDS for at in there)


def _heads(rows: list[list[str]], n: int, count: int, typical: int) -> bool:
    """Tell whether a row right above a table may be part of its header: words, spread over the columns."""
    row = rows[n]
    odd = {at for at, cell in enumerate(row) if kind_of(cell) not in (WORDS, EMPTY) and not is_yearish(cell)}
    if odd and odd - worded(row, rows[n + 1 : n + 50]):
        return False
    keys = sum(cell.rstrip().endswith((":", "：")) for cell in row)
    if keys * 3 >= count and keys:
        return False
    if count * 2 <= typical and all(cell.strip()[:1] in "([（［【" for cell in row if cell.strip()):
        return False
    from_left = all(cell.strip() for cell in row[:count])
    return not from_left or count * 2 > typical or typical <= 3
