"""What marks single rows of a header: names merged downwards, units, numbers of columns."""

from __future__ import annotations

import re
import unicodedata

from csanalysis.io.ragged import Grid
from csanalysis.io.values import EMPTY, WORDS, is_yearish, kind_of

MOST_ROWS = 5
"""Most rows that a header may take."""
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
