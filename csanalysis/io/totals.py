"""Rows of totals: dropped where they are the sum of their rows, so that nothing is counted twice."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable

from csanalysis.io.repairs import Log, Place, shortened
from csanalysis.io.values import EMPTY, as_float, kind_of

_SURE = re.compile(
    r"[【<(]?(.*[^合総累]?(総?合計|小計|総計)|(grand|sub)?[ -]?totals?|totals?[:：]?|sum)[】>)]?", re.I
)
_MAYBE = re.compile(r".{0,8}(?<![会設時統家集度重])(計|総数)|全国|全体|全社|総額")
_MARKS = ("計", "総", "全", "均", "total", "sum", "average", "mean", "avg")
_MEAN = re.compile(r"(.{0,6}平均(値)?|(overall )?(average|mean|avg)\.?)", re.I)
_TOO_MANY = 0.34
"""Share of such labels from which they are a category of the data."""


def without_totals(
    rows: list[list[str]], numbers: list[int], names: list[str], place: Place, log: Log
) -> tuple[list[list[str]], list[int]]:
    """Return the rows without those that sum others up.

    Raises
    ------
    DataContractError
        If a row says that it is a total, but is not the sum of the rows above or below it.
    """
    labels = {n: label for n, row in enumerate(rows) if (label := _label(row))}
    if len(labels) > max(1, _TOO_MANY * len(rows)):
        labels = {n: label for n, label in labels.items() if _SURE.fullmatch(label)}
    if not labels and _is_bare_total(rows):
        log.tell("totals", shortened(" | ".join(rows[-1])), cells=[str(numbers[-1])])
        return rows[:-1], numbers[:-1]
    if not labels or len(labels) > 0.6 * len(rows):
        return rows, numbers
    plain = [n for n in range(len(rows)) if n not in labels]
    columns = [at for at in range(len(names)) if _is_numeric(rows, plain, at)]
    gone, kept_back = [], []
    for n in labels:
        entered = {at: value for at in columns if (value := as_float(rows[n][at])) is not None}
        if not entered:
            kept_back.append(n)
            continue
        groups = [g for g in _groups(n, labels, plain, len(rows)) if g]
        sums = [{at: _sum(rows, group, at) for at in entered} for group in groups]
        is_mean = _MEAN.fullmatch(labels[n]) and any(_are_means(entered, rows, group) for group in groups)
        if is_mean or any(_agrees(entered, found, rows, plain) for found in sums):
            gone.append(n)
        elif _SURE.fullmatch(labels[n]) and sums:
            best = max(sums, key=lambda found: sum(_same(entered[at], found[at]) for at in entered))
            at = next(at for at in entered if not _same(entered[at], best[at]))
            raise place.fault(
                "total_differs",
                row=numbers[n],
                column=names[at],
                value=rows[n][at],
                label=labels[n],
                total=f"{best[at]:,.10g}",
            )
        else:
            kept_back.append(n)
    if kept_back:
        named = ", ".join(dict.fromkeys(labels[n] for n in kept_back))
        log.tell("totals_kept", named, cells=[str(numbers[n]) for n in kept_back])
    if gone:
        cells = [str(numbers[n]) for n in gone]
        log.tell("totals", ", ".join(dict.fromkeys(labels[n] for n in gone)), cells=cells)
    out = set(gone)
    kept = [n for n in range(len(rows)) if n not in out]
    return [rows[n] for n in kept], [numbers[n] for n in kept]


def _is_bare_total(rows: list[list[str]]) -> bool:
    """Tell whether the last row has no name, where all others have, and adds all columns of numbers up.

    Two small numbers may add up to a third by chance, so that more than one sum, or more rows, must agree.
    """
    if len(rows) < 3 or not rows[-1] or rows[-1][0].strip() or not all(row[0].strip() for row in rows[:-1]):
        return False
    entered = {at: as_float(cell) for at, cell in enumerate(rows[-1]) if cell.strip()}
    above = list(range(len(rows) - 1))
    if not entered or (len(above) < 3 and len(entered) < 2 and all((v or 0) < 100 for v in entered.values())):
        return False
    return all(
        value is not None and _is_numeric(rows, above, at) and _same(value, _sum(rows, above, at))
        for at, value in entered.items()
    )


def _label(row: list[str]) -> str:
    """Return the words by which a row says that it is a total, or ""."""
    for cell in row[:3]:
        if not cell or cell.isspace():
            continue
        if len(cell) > 24 or not any(mark in cell.lower() for mark in _MARKS):
            return ""
        plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell))
        named = _SURE.fullmatch(plain) or _MAYBE.fullmatch(plain) or _MEAN.fullmatch(plain)
        return plain if named else ""
    return ""


def _is_numeric(rows: list[list[str]], plain: list[int], at: int) -> bool:
    cells = [rows[n][at] for n in plain if kind_of(rows[n][at]) != EMPTY]
    return bool(cells) and all(as_float(cell) is not None for cell in cells)


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
    return math.fsum(as_float(rows[m][at]) or 0.0 for m in group)


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
    values = [value for n in plain if (value := as_float(rows[n][at])) is not None]
    return min(values) <= entered <= max(values)
