"""Labels written once above the rows they stand for: filled where nothing else can be meant, else told."""

from __future__ import annotations

import itertools
import re

from csanalysis.io.repairs import Log, listed
from csanalysis.io.total_labels import total_label
from csanalysis.io.values import CODE, DATE, WORDS, is_yearish, kind_of

_ERAS = {era: n % 5 for n, era in enumerate("明治 大正 昭和 平成 令和 M T S H R".split())}
"""Eras in their order: S above M is a size."""
_REMARKS = re.compile("備考|メモ|コメント|フラグ|印$|note|memo|remark|comment|flag", re.I)
"""Columns in which a blank means that there is nothing to say."""
_DIGITS = 4
_FEWEST, _MOST = 4, 50_000
_MOST_LEVELS = 3


def fill_side_heads(rows: list[list[str]], numbers: list[int], names: list[str], log: Log) -> None:
    """Fill labels downwards where every group lists the same items, or where eras stand beside years.

    Other blanks below a label may also mean that there is none: they stay, and are told.

    Parameters
    ----------
    rows : list of list of str
        Rows of the table; changed in place.
    numbers : list of int
        Spreadsheet row of each.
    names : list of str
        Names of the columns.
    """
    for at in range(min(_MOST_LEVELS, len(names) - 1)):
        blank = _blanks(rows, at)
        if not blank:
            return
        if not _REMARKS.search(names[at]) and (_are_eras(rows, at) or _is_crossed(rows, at)):
            for n in blank:
                rows[n][at] = rows[n - 1][at]
            cells = [f"{names[at]}:{numbers[n]}" for n in blank]
            log.tell("side_heads", names[at], cells=cells, after=rows[blank[0]][at])
            continue
        blank = [n for n in blank if not any(map(total_label, rows[n]))]
        if blank in ([], [len(rows) - 1]):  # a last row without a name is a total
            return
        cells = [f"{names[at]}:{numbers[n]}" for n in blank]
        labels = listed(row[at].strip() for row in rows if row[at].strip())
        log.tell("side_heads_blank", names[at], cells=cells, before=labels)


def _blanks(rows: list[list[str]], at: int) -> list[int]:
    """Return the rows without a label of their own in a column of labels that each stand once.

    There are none where a label returns, where a blank has nothing beside it, or in a column of amounts.
    """
    if not _FEWEST <= len(rows) <= _MOST or not rows[0][at].strip():
        return []
    blank = [n for n, row in enumerate(rows) if not row[at].strip()]
    if not blank or len(blank) > len(rows) - 2:
        return []
    labels = [row[at].strip() for row in rows if row[at].strip() and not total_label(row[at])]
    kinds = {kind_of(label) for label in labels if not is_yearish(label)}
    if len(labels) < 2 or len(set(labels)) < len(labels) or not kinds <= {WORDS, DATE, CODE}:
        return []
    bare = [n for n in blank if not rows[n][at + 1].strip() and kind_of((*rows[n], "")[at + 2]) != WORDS]
    if any(not any(map(total_label, rows[n])) for n in bare):
        return []
    parents = [n for n in blank if at and rows[n][at - 1].strip() not in ("", rows[n - 1][at - 1].strip())]
    return [] if parents else blank


def _groups(rows: list[list[str]], at: int) -> list[list[str]]:
    """Return what stands beside each label, from top to bottom."""
    starts = [n for n, row in enumerate(rows) if row[at].strip()] + [len(rows)]
    return [[row[at + 1].strip() for row in rows[a:b]] for a, b in itertools.pairwise(starts)]


def _is_crossed(rows: list[list[str]], at: int) -> bool:
    """Tell whether the same items, in one order, stand below every label."""
    first, *others = _groups(rows, at)
    return len(first) > 1 and len(set(first)) == len(first) and all(group == first for group in others)


def _are_eras(rows: list[list[str]], at: int) -> bool:
    """Tell whether the labels are eras beside years that count up, and begin anew with the next era."""
    eras = [_ERAS.get(row[at].strip(), -1) for row in rows if row[at].strip()]
    if -1 in eras or eras != sorted(eras):
        return False
    last = 0
    for group in _groups(rows, at):
        years = ["1" if year.removesuffix("年") == "元" else year.removesuffix("年") for year in group]
        if not all(year.isdecimal() and len(year) <= _DIGITS for year in years) or [
            *map(int, years)
        ] != sorted({*map(int, years)}):
            return False
        if last and int(years[0]) > last:
            return False
        last = int(years[-1])
    return True
