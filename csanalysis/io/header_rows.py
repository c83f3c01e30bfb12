"""What marks single rows of a header: names merged downwards, units, numbers of columns, and what is data."""

from __future__ import annotations

import re
import unicodedata

from csanalysis.io.ragged import Grid
from csanalysis.io.values import EMPTY, WORDS, is_yearish, kind_of, shape_of

MOST_ROWS = 5
"""Most rows that a header may take."""
_DIGITS = 5
"""Most digits, with spaces around them, of a number that counts columns."""
_ORDINAL = re.compile("(?:([①-⑳])|[(（]([0-9０-９]{1,2})[)）])(?:$|[=＝])")
_UNIT = re.compile(
    r"[(（\[]?\s*(単位\s*[:：]?\s*)?(円|千円|百万円|億円|%|％|人|千人|万人|世帯|戸|台|名|個|本|枚|冊|校|店|か所|箇所|歳|倍|点|pt|ポイント|件|社|時間|分|日|か?月|年|回|㎡|km2?|kg|t|h|hours?"
    r"|minutes?|jpy|usd|yen|days?|months?|people|ratio|−|-|…)(/\S{1,6})?\s*[)）\]]?",
    re.I,
)


def merged_depth(grid: Grid, start: int) -> int:
    """Return how many rows the names of the first header row reach down, being merged with those below."""
    if not all(kind_of(c) in (WORDS, EMPTY) or is_yearish(c) for c in grid.rows[start]):
        return 0
    down = [b - t + 1 for t, left, b, right in grid.merges if t == start < b and right == left]
    wide = any(t == start and right > left for t, left, _, right in grid.merges)
    depth = max(down, default=0)
    return depth if wide and depth <= MOST_ROWS and start + depth < len(grid.rows) else 0


def is_units(row: list[str]) -> bool:
    """Tell whether all cells of a row are units; the first may say that they are (単位)."""
    there = [unicodedata.normalize("NFKC", c).strip() for c in row if c.strip()]
    if len(there) > 1 and there[0].strip("()[] ") == "単位":
        del there[0]
    return bool(there) and all(_UNIT.fullmatch(c) for c in there)


def numbers_columns(row: list[str]) -> bool:
    """Tell whether a row numbers the columns: ①, ②, ③=①-②, or (1), (2), (3)."""
    found = [_ORDINAL.match(cell.strip()) for cell in row if cell.strip()]
    numbers = [int(unicodedata.normalize("NFKC", mark[1] or mark[2])) for mark in found if mark]
    return len(numbers) == len(found) > 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def counts_up(cells: list[str]) -> bool:
    """Tell whether cells count 1, 2, 3: days of a month name columns so."""
    numbers = [int(c) for c in cells if c.strip().isdecimal() and len(c) <= _DIGITS]
    return len(cells) > 2 and numbers == list(range(1, len(cells) + 1))


def years_below(below: list[list[str]], at: list[int]) -> bool:
    """Tell whether the cells of some columns below a row are years for the most part."""
    cells = [row[n] for row in below[:50] for n in at if row[n].strip()]
    return bool(cells) and sum(map(is_yearish, cells)) > 0.8 * len(cells)


def repeats(row: list[str], below: list[list[str]]) -> bool:
    """Tell whether a row is data: names are not repeated in their columns, unless the whole header is.

    A lone column whose first row begins as the others do (a log) has no name either.
    """
    end = next((n for n, other in enumerate(below) if n > 2 and not any(map(str.strip, other))), len(below))
    below = below[:end]
    hits = [
        sum(other[at].strip() == cell.strip() for other in below[:200]) >= 2
        for at, cell in enumerate(row)
        if cell.strip()
    ]
    if len(row) == 1 and any(c.isdigit() for c in row[0][:10]):
        starts = [shape_of(other[0][:10]) for other in below[:200] if other[0].strip()]
        return sum(start == shape_of(row[0][:10]) for start in starts) > 0.8 * len(starts)
    return any(hits) and not all(hits)
