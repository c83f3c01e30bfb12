"""Sobol indices: the design of Saltelli, its estimators, and their bootstrap errors. Pure arrays.

The design holds two independent samples A and B of shape (n, d), and for each input i the sample AB_i: A with
column i taken from B. From the metric at these (d + 2) n points (Saltelli et al. 2010, Comput. Phys. Commun.
181; Jansen 1999), after subtracting the mean of all of them,

    first_i = mean(B (AB_i - A)) / var          total_i = mean((A - AB_i)^2) / (2 var)

with the variance of A and B together: the estimators of SALib.

Both are ratios of sums over rows. The bootstrap therefore draws rows, or groups of consecutive rows where
there are more than `GROUPS`, and combines their sums in one matrix product; it copies no row. Of Sobol points
the true errors are smaller than these, which know nothing of the balance of the sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from csanalysis.labels import both
from csanalysis.model.parameters import Array

GROUPS = 2**9
"""Groups of rows that the bootstrap draws from at most: they add 3 % to the error of a standard error."""
SMALL = 2**18
"""Products of matrices up to this many multiplications stay on one thread, and do not wait for others."""
CONSTANT = 1e-12
"""A metric that varies by less, relative to its size, is constant: what varies is rounding."""
EXTREME = 1e100
"""A metric whose range is beyond this, or below its inverse, is scaled: squares must not overflow."""
BLOCK = 2**12
"""Rows evaluated at a time: their columns stay in the processor's cache."""
Metric = Callable[[Array], Array]
"""Values of shape (m, d), read-only, columns contiguous -> metric of shape (m,)."""


@dataclass(frozen=True)
class Estimates:
    """First and total order of every input, and their bootstrap standard errors, each of shape (d,)."""

    first: Array
    total: Array
    first_error: Array
    total_error: Array


@dataclass(frozen=True)
class Outputs:
    """The metric at the points of a design.

    Attributes
    ----------
    a, b : ndarray, shape (n,)
    ab : ndarray, shape (d, n)
        Row i: the metric at AB_i.
    interrupted : bool
        Ctrl-C stopped the evaluation; the rows are those finished before.
    """

    a: Array
    b: Array
    ab: Array
    interrupted: bool = False


def evaluate(
    metric: Metric,
    blocks: Iterable[Array],
    d: int,
    n: int,
    *,
    stacked: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Outputs:
    """Return the metric at the points of a design, a block of rows at a time.

    Parameters
    ----------
    metric : callable
        Must treat each row for itself.
    blocks : iterable of ndarray
        Values of A above values of B, shape (2 d, m) each; together n columns.
    d, n : int
        Inputs, and rows of A.
    stacked : bool
        Call the metric once a block with all its (d + 2) m points, for metrics whose every call costs.
    progress : callable, optional
        Called with the number of points evaluated since the last call.

    Raises
    ------
    ValueError
        If the metric returns another shape, or values that are not finite: how many, and a point.
    KeyboardInterrupt
        If not even the first block is finished.
    """
    found = np.empty((d + 2, n))
    done, faults = 0, _Faults()
    fill = _fill_at_once if stacked else _fill_by_column
    try:
        for block in blocks:
            width = block.shape[1]
            fill(metric, block, found[:, done : done + width], faults)
            done += width
            if progress is not None:
                progress((d + 2) * width)
    except KeyboardInterrupt:
        if not done:
            raise
    faults.tell(found[:, :done].size)
    return Outputs(found[0, :done], found[1, :done], found[2:, :done], done < n)


def _fill_by_column(metric: Metric, block: Array, found: Array, faults: _Faults) -> None:
    """Evaluate A, B and each AB_i; the matrix A is kept, and one column of it exchanged at a time."""
    d = len(block) // 2
    values, other = block[:d].copy(), block[d:]
    found[0] = _checked(metric, values, faults)
    found[1] = _checked(metric, other, faults)
    for i in range(d):
        values[i] = other[i]
        found[2 + i] = _checked(metric, values, faults)
        values[i] = block[i]


def _fill_at_once(metric: Metric, block: Array, found: Array, faults: _Faults) -> None:
    d, width = len(block) // 2, block.shape[1]
    values = np.empty((d, d + 2, width))
    values[:] = block[:d, None]
    values[:, 1] = block[d:]
    values[np.arange(d), np.arange(2, d + 2)] = block[d:]
    found[:] = _checked(metric, values.reshape(d, -1), faults).reshape(found.shape)


def _checked(metric: Metric, values: Array, faults: _Faults) -> Array:
    points = values.T
    points.flags.writeable = False
    result = np.asarray(metric(points), dtype=float)
    if result.shape != points.shape[:1]:
        raise ValueError(both("sobol.wrong_shape", expected=points.shape[:1], found=result.shape))
    if not np.isfinite(result).all():
        faults.note(result, points)
    return result


class _Faults:
    """Counts values of the metric that are not finite, and keeps the first point."""

    def __init__(self) -> None:
        self.count, self.value, self.point = 0, 0.0, np.empty(0)

    def note(self, result: Array, points: Array) -> None:
        bad = np.flatnonzero(~np.isfinite(result))
        if not self.count:
            self.value, self.point = float(result[bad[0]]), points[bad[0]].copy()
        self.count += len(bad)

    def tell(self, evaluated: int) -> None:
        if self.count:
            point = ", ".join(f"{value:.6g}" for value in self.point)
            raise ValueError(
                both("sobol.not_finite", count=self.count, all=evaluated, value=self.value, point=point)
            )


def estimate(
    outputs: Outputs, resamples: int = 200, rng: np.random.Generator | None = None, groups: int = GROUPS
) -> Estimates:
    """Return the indices and their standard errors; zeros where the metric is constant.

    Parameters
    ----------
    outputs : Outputs
        Finite values.
    resamples : int
        Of the bootstrap; below 2 there are no errors (NaN).
    rng : numpy.random.Generator, optional
        Of the bootstrap; default: seed 0.
    groups : int
        Groups of rows that the bootstrap draws from at most.

    Examples
    --------
    >>> import numpy as np
    >>> a, b = np.random.default_rng(1).random((2, 2, 4096))
    >>> mixed = np.stack([b[0] + a[1], a[0] + b[1]])
    >>> found = estimate(Outputs(a.sum(axis=0), b.sum(axis=0), mixed))
    >>> found.first.round(1).tolist(), found.total.round(1).tolist()
    ([0.5, 0.5], [0.5, 0.5])
    """
    d, n = outputs.ab.shape
    every = outputs.a, outputs.b, outputs.ab
    least, most = min(y.min() for y in every), max(y.max() for y in every)
    if most - least <= CONSTANT * max(abs(least), abs(most)):
        return Estimates(*np.zeros((4, d)))
    if not 1 / EXTREME < most - least < EXTREME:
        outputs = Outputs(*(y / max(abs(least), abs(most)) for y in every))
    sums, counts = _group_sums(outputs, groups)
    first, total = _ratios(sums.sum(axis=0), np.float64(n))
    if resamples < 2:
        return Estimates(first, total, *np.full((2, d), np.nan))
    weights = _draws(len(counts), resamples, rng or np.random.default_rng(0))
    parts = np.array_split(weights, -(-resamples * sums.size // SMALL))
    drawn = np.concatenate([part @ sums for part in parts])
    drawn_first, drawn_total = _ratios(drawn, weights @ counts)
    return Estimates(first, total, drawn_first.std(axis=0, ddof=1), drawn_total.std(axis=0, ddof=1))


def _group_sums(outputs: Outputs, groups: int) -> tuple[Array, Array]:
    """Return sums of shape (n_groups, 2 d + 2), and rows of each group.

    Columns: B (AB_i - A) of every i, (A - AB_i)^2 of every i, A + B, A^2 + B^2; all centred.
    """
    d, n = outputs.ab.shape
    size = -(-n // groups)
    used = -(-n // size)
    counts = np.full(used, float(size))
    counts[-1] = n - size * (used - 1)
    mean = (outputs.a.mean() + outputs.b.mean() + d * outputs.ab.mean()) / (d + 2)
    a, b, moved = np.zeros((3, used * size))  # what fills up the last group stays 0 and adds nothing
    np.subtract(outputs.a, mean, out=a[:n])
    np.subtract(outputs.b, mean, out=b[:n])
    rows_a, rows_b, rows = (y.reshape(used, size) for y in (a, b, moved))
    sums = np.empty((used, 2 * d + 2))
    for i in range(d):
        np.subtract(outputs.ab[i], outputs.a, out=moved[:n])
        sums[:, i] = np.vecdot(rows_b, rows)
        sums[:, d + i] = np.vecdot(rows, rows)
    sums[:, 2 * d] = rows_a.sum(axis=1) + rows_b.sum(axis=1)
    sums[:, 2 * d + 1] = np.vecdot(rows_a, rows_a) + np.vecdot(rows_b, rows_b)
    return sums, counts


def _ratios(sums: Array, n: Array | np.float64) -> tuple[Array, Array]:
    """Return first and total order from sums of shape (..., 2 d + 2) over n rows; zeros without variance."""
    d = sums.shape[-1] // 2 - 1
    means = sums / np.asarray(n)[..., None]
    variance = means[..., -1:] / 2 - (means[..., -2:-1] / 2) ** 2
    varies = variance > np.finfo(float).eps * means[..., -1:]
    divisor = np.where(varies, variance, 1.0)
    first = np.where(varies, means[..., :d] / divisor, 0.0)
    total = np.where(varies, means[..., d : 2 * d] / (2 * divisor), 0.0)
    return first, total


def _draws(groups: int, resamples: int, rng: np.random.Generator) -> Array:
    """Return how often each group is drawn in each resample, shape (resamples, n_groups)."""
    drawn = rng.integers(groups, size=(resamples, groups))
    drawn += groups * np.arange(resamples)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=resamples * groups)
    return counts.reshape(resamples, groups).astype(float)
