"""Rows of totals: dropped where they are the sum of their rows, so that nothing is counted twice."""

from __future__ import annotations

import functools
import itertools
import math
import re
import unicodedata
from collections.abc import Iterable

from csanalysis.io.cleaning import to_amount, to_hours
from csanalysis.io.decimals import to_point
from csanalysis.io.repairs import SHOWN, Log, Place, shortened
from csanalysis.io.total_labels import MEAN, RATIO, SURE, total_label
from csanalysis.io.values import EMPTY, as_float, kind_of

_CALLED = re.compile(r"[合総小]計|\btotals?\b|\bsum\b", re.I)
"""Words by which a text anywhere in a row calls it a total."""
_EXTREMES = ((re.compile("最[大高]|max", re.I), max), (re.compile("最[小低]|min", re.I), min))
_FIRST_CELLS = 3
_MOST_INDENTED = 50_000
_LARGEST_GROUP = 1000
_MOST_COMPARED = 20_000_000
"""Rows times totals up to which each total is held to its rows; more are a category of a long table."""
_TOO_MANY = 0.34
"""Share of such labels from which they are a category of the data."""


def without_totals(
    rows: list[list[str]],
    numbers: list[int],
    names: list[str],
    place: Place,
    log: Log,
    *,
    behind: bool = True,
) -> tuple[list[list[str]], list[int]]:
    """Return the rows without those that sum others up.

    Parameters
    ----------
    behind : bool
        Words such as 計 are also looked for behind the name of a group (歳入, 計).

    Raises
    ------
    DataContractError
        If a row says that it is a total, but is not the sum of the rows above or below it.
    """
    labels = _labels(rows, _FIRST_CELLS if behind else 1)
    if not labels:
        return _without_bare_totals(rows, numbers, log)
    if len(labels) > 0.6 * len(rows) or len(labels) * len(rows) > _MOST_COMPARED:
        named = ", ".join(dict.fromkeys(labels.values()))
        log.tell(
            "totals_kept", named, count=len(labels), cells=[str(numbers[n]) for n in labels][: SHOWN + 1]
        )
        return rows, numbers
    plain = [n for n in range(len(rows)) if n not in labels]
    columns = [at for at in range(len(names)) if _is_numeric(rows, plain, at)]
    told: dict[str, list[int]] = {"totals_kept": [], "totals_rounded": [], "totals": [], "ratio_rows": []}
    for n in labels:
        entered = {at: value for at in columns if (value := _value(rows[n][at])) is not None}
        groups = _groups_of(rows, n, labels, plain)
        if RATIO.fullmatch(labels[n]):
            below = n and n - 1 not in {*plain, *told["totals_kept"]}
            reckoned = below and _is_extreme(labels[n], entered, rows, plain)
            told["ratio_rows" if reckoned else "totals_kept"].append(n)
        elif not entered:
            told["totals_kept"].append(n)
        elif _is_sum_or_mean(labels[n], entered, rows, groups, plain):
            told["totals"].append(n)
        elif any(_is_rounded(rows, n, group, entered) for group in groups):
            told["totals_rounded"].append(n)
        elif SURE.fullmatch(labels[n]) and groups and _leads(rows[n]):
            sums = [{at: _sum(rows, group, at) for at in entered} for group in groups]
            best = max(sums, key=lambda found: sum(_same(entered[at], found[at]) for at in entered))
            at = next(at for at in entered if not _same(entered[at], best[at]))
            cell, total = rows[n][at], _shown(best[at], rows[n][at])
            raise place.fault(
                "total_differs", row=numbers[n], column=names[at], value=cell, label=labels[n], total=total
            )
        else:
            told["totals_kept"].append(n)
    for rule, found in told.items():
        if found:
            named = ", ".join(dict.fromkeys(labels[n] for n in found))
            log.tell(rule, named, cells=[str(numbers[n]) for n in found])
    out = {*told["totals"], *told["totals_rounded"], *told["ratio_rows"]}
    kept = [n for n in range(len(rows)) if n not in out]
    return [rows[n] for n in kept], [numbers[n] for n in kept]


def _labels(rows: list[list[str]], cells: int) -> dict[int, str]:
    """Return the rows that say they are totals; where many do, only those whose words leave no doubt.

    Many rows may be the totals of small groups (関東計) or a category (男, 女, 計): they are all taken for
    totals only where each is the sum of its group.
    """
    width = min(_FIRST_CELLS, len(rows[0]) if rows else 0)
    words = {cell for at in range(width) for cell in {row[at] for row in rows}}
    named = {cell: label for cell in words if (label := total_label(cell))}
    labels = {n: label for n, row in enumerate(rows) if (label := _label(row, named))} if named else {}
    if cells > 1 and len(rows) <= _MOST_INDENTED:
        labels |= _indented(rows)
    if not labels:
        return {}
    labels = {
        n: label
        for n, label in labels.items()
        if _leads(rows[n]) or (cells > 1 and not MEAN.fullmatch(label) and len(_kin(rows, n, labels)) > 1)
    }
    sums = {n: label for n, label in labels.items() if not RATIO.fullmatch(label)}
    if len(sums) <= max(1, _TOO_MANY * len(rows)) or len(labels) * len(rows) > _MOST_COMPARED:
        return labels if sums else {}
    plain = [n for n in range(len(rows)) if n not in labels]
    columns = [at for at in range(len(rows[0])) if _is_numeric(rows, plain, at)]
    for n, label in sums.items():
        entered = {at: value for at in columns if (value := _value(rows[n][at])) is not None}
        groups = _groups_of(rows, n, labels, plain)
        if not entered or not _is_sum_or_mean(label, entered, rows, groups, plain):
            return {n: label for n, label in labels.items() if SURE.fullmatch(label)}
    return labels


def _indented(rows: list[list[str]]) -> dict[int, str]:
    """Return the rows whose first filled cell, further right, says that they are totals (小計 as 単価)."""
    found: dict[int, str] = {}
    for n, row in enumerate(rows):
        if not any(map(str.strip, row[:_FIRST_CELLS])):
            label = total_label(_leading(row))
            found |= {n: label} if label else {}
    return found


def _is_sum_or_mean(
    label: str, entered: dict[int, float], rows: list[list[str]], groups: list[list[int]], plain: list[int]
) -> bool:
    if MEAN.fullmatch(label) and any(_are_means(entered, rows, group) for group in groups):
        return True
    return any(_agrees(entered, {at: _sum(rows, g, at) for at in entered}, rows, plain) for g in groups)


def _is_extreme(label: str, entered: dict[int, float], rows: list[list[str]], plain: list[int]) -> bool:
    """Tell whether a row called the largest or smallest value is that of each column; others always are."""
    form = next((form for words, form in _EXTREMES if words.match(label)), None)
    for at, value in entered.items() if form else ():
        values = [other for n in plain if (other := _value(rows[n][at])) is not None]
        if form and not _same(value, form(values)):
            return False
    return True


def _is_rounded(rows: list[list[str]], n: int, group: list[int], entered: dict[int, float]) -> bool:
    """Tell whether a total differs from its rows by no more than their decimals were rounded.

    Whole numbers are held to the exact sum: a difference of one may be a mistake.
    """
    for at, value in entered.items():
        difference = abs(value - _sum(rows, group, at))
        if difference <= 1e-9:
            continue
        if difference > 0.05 * (len(group) + 1) + 1e-9:  # more than one decimal place may lose
            return False
        places = max(_decimals(rows[m][at]) for m in (*group, n))
        if not places or difference > 0.5 * 10**-places * (len(group) + 1) + 1e-9:
            return False
    return len(group) > 1


@functools.lru_cache(maxsize=65536)
def _decimals(cell: str) -> int:
    found = re.search(r"\.(\d+)", unicodedata.normalize("NFKC", cell))
    return len(found[1]) if found else 0


def _without_bare_totals(
    rows: list[list[str]], numbers: list[int], log: Log
) -> tuple[list[list[str]], list[int]]:
    """Drop a first or last row that has no name, where all others have, and adds all columns of numbers up.

    If it adds up some of them only (others count persons once, say), or none but says that it is a total, it
    is kept and told.
    """
    for n in (len(rows) - 1, 0) if len(rows) > 2 else ():
        if not rows[n] or rows[n][0].strip(" *"):
            continue
        others = [m for m in range(len(rows)) if m != n]
        if not all(rows[m][0].strip(" *") for m in others):
            continue
        sums, count = _sums(rows, n, others)
        if not sums and not any(map(_CALLED.search, rows[n])):
            continue
        shown, cells = shortened(" | ".join(rows[n])), [str(numbers[n])]
        if not sums or sums < count:
            log.tell("totals_kept", shown, cells=cells)
            continue
        log.tell("totals", shown, cells=cells)
        return [rows[m] for m in others], [numbers[m] for m in others]
    return rows, numbers


def _sums(rows: list[list[str]], n: int, others: list[int]) -> tuple[int, int]:
    """Return how many cells of a row are the sums of their columns, and how many it has.

    Two small numbers may add up to a third by chance, so that more than one sum, or more rows, must agree.
    """
    there = [at for at, cell in enumerate(rows[n]) if cell.strip(" *")]
    entered = {at: _value(rows[n][at]) for at in there if any(rows[m][at] != rows[n][at] for m in others)}
    if len(others) < 3 and len(entered) < 2 and all((v or 0) < 100 for v in entered.values()):
        return 0, 0
    found = [
        at
        for at, value in entered.items()
        if value and _is_numeric(rows, others, at) and _same(value, _sum(rows, others, at))
    ]
    called = sum(value is None and bool(_CALLED.search(rows[n][at])) for at, value in entered.items())
    return len(found), sum(value is None or value != 0 for value in entered.values()) - called


def _label(row: list[str], named: dict[str, str]) -> str:
    """Return the words by which a row says in its first cells that it is a total, or ""."""
    return next((named[cell] for cell in row[:_FIRST_CELLS] if cell in named), "")


def _leads(row: list[str]) -> bool:
    """Tell whether the words stand in the first filled cell: behind another they may be a category."""
    return bool(total_label(_leading(row)))


def _leading(row: list[str]) -> str:
    return next((cell for cell in row if cell and not cell.isspace()), "")


def _is_numeric(rows: list[list[str]], plain: list[int], at: int) -> bool:
    cells = [rows[n][at] for n in plain if kind_of(rows[n][at]) != EMPTY]
    return bool(cells) and all(_value(cell) is not None for cell in cells)


def _kin(rows: list[list[str]], n: int, labels: dict[int, str]) -> list[int]:
    """Return the rows next to a row that begin with the same name as it, without totals."""
    above = range(n - 1, max(n - _LARGEST_GROUP, 0) - 1, -1)
    below = range(n + 1, min(n + _LARGEST_GROUP, len(rows)))
    found = [
        m for side in (above, below) for m in itertools.takewhile(lambda m: rows[m][0] == rows[n][0], side)
    ]
    return [m for m in found if m not in labels]


def _groups_of(rows: list[list[str]], n: int, labels: dict[int, str], plain: list[int]) -> list[list[int]]:
    """Return the rows that a total may stand for; behind the name of a group it stands for that group."""
    if not _leads(rows[n]):
        return [_kin(rows, n, labels)]
    return [group for group in _groups(n, labels, plain, len(rows)) if group]


def _groups(n: int, labels: Iterable[int], plain: list[int], end: int) -> Iterable[list[int]]:
    """Yield the rows that a total may stand for: its group, all above, the totals above, all below."""
    marks = sorted(labels)
    before = max((m for m in marks if m < n), default=-1)
    after = min((m for m in marks if m > n), default=end)
    yield [m for m in plain if before < m < n]
    yield [m for m in plain if m < n]
    yield [m for m in marks if m < n]
    yield [m for m in plain if n < m < after]
    yield [m for m in plain if m > n]
    yield plain


def _sum(rows: list[list[str]], group: list[int], at: int) -> float:
    return math.fsum(_value(rows[m][at]) or 0.0 for m in group)


@functools.lru_cache(maxsize=65536)
def _value(cell: str) -> float | None:
    """Return the number of a cell, also of an amount (1,200円), a duration (1:30) or with a decimal comma."""
    if kind_of(cell) == EMPTY:
        return None
    value = as_float(cell)
    if value is None and (plain := to_point(cell)) is not None:
        value = as_float(plain)
    if value is None:
        value = to_amount(cell)
    return to_hours(cell) if value is None and re.search("[:時分h]", cell, re.I) else value


def _shown(value: float, like: str) -> str:
    """Return a sum in the notation of a cell: hours and minutes, or a number."""
    if ":" in like:
        hours, minutes = divmod(round(value * 60), 60)
        return f"{hours}:{minutes:02d}"
    return f"{value:,.10g}"


def _same(entered: float, found: float) -> bool:
    return math.isclose(entered, found, rel_tol=1e-9, abs_tol=1e-6)


def _agrees(
    entered: dict[int, float], found: dict[int, float], rows: list[list[str]], plain: list[int]
) -> bool:
    """Tell whether most columns are the sum; others may be shares or means within the values they are of."""
    same = [at for at in entered if _same(entered[at], found[at])]
    if not same:
        return False
    others = [at for at in entered if at not in same]
    return len(others) <= len(same) and all(_is_mean(entered[at], rows, plain, at) for at in others)


def _are_means(entered: dict[int, float], rows: list[list[str]], group: list[int]) -> bool:
    """Tell whether all numbers of a row are the means of a group, as far as they were rounded."""
    for at, value in entered.items():
        mean = _sum(rows, group, at) / len(group)
        if not math.isclose(value, mean, rel_tol=5e-3):
            return False
    return len(group) > 1


def _is_mean(entered: float, rows: list[list[str]], plain: list[int], at: int) -> bool:
    values = [value for n in plain if (value := _value(rows[n][at])) is not None]
    return min(values) <= entered <= max(values)
