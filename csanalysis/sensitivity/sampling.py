"""Samples of uncertain inputs: points of the unit cube, correlated by rank, made values block by block.

A point depends on seed, method and its number alone. Points are made in chunks of a fixed size, whatever
block is asked for, so that no result depends on the size of a block and no run holds all inputs in memory.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from scipy.special import betaincinv, ndtri

from csanalysis.labels import both, number
from csanalysis.model.findings import Finding
from csanalysis.model.parameters import Array
from csanalysis.sensitivity.correlation import OPEN, Correlation, correlated, correlation_matrix, normal_root
from csanalysis.sensitivity.factors import Factor
from csanalysis.vocabulary import Distribution

METHODS = ("sobol", "lhs", "random")
CHUNK = {"sobol": 2**12, "lhs": 2**16, "random": 2**12}
"""Points made at a time; of a Latin hypercube, those that are stratified together."""
MOST, MOST_DIMENSIONS = 2**30, 21201
"""Points a Sobol sequence of 30 bits holds, and dimensions that scipy knows directions for."""
PERT_SHAPE = 4.0
"""Weight of the mode in the PERT distribution, against 1 for each end."""
_Z95 = 1.6448536269514722

Seed: TypeAlias = int | np.random.Generator


@dataclass(frozen=True)
class Sample:
    """Points of the unit cube, shape (n, d), and what to know about them."""

    points: Array = field(repr=False)
    notes: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Sampler:
    """Values of uncertain inputs by the block, always the same ones.

    Attributes
    ----------
    factors : tuple of Factor
    n : int
    method : {"sobol", "lhs", "random"}
    entropy : int
        Seed of all points.
    root : ndarray or None
        Symmetric root of the correlation of the normal scores, shape (d, d).
    notes : tuple of Finding
        Repairs, and what the sample does not promise.
    """

    factors: tuple[Factor, ...]
    n: int
    method: str
    entropy: int
    root: Array | None = field(default=None, repr=False)
    notes: tuple[Finding, ...] = ()

    def blocks(self, size: int = 2**16, start: int = 0) -> Iterator[Array]:
        """Yield values from point `start` on, shape (d, `size`); the last block may be shorter."""
        chunks = unit_chunks(self.n, len(self.factors), self.method, self.entropy, start)
        moved = chunks if self.root is None else (correlated(c, self.root) for c in chunks)
        return recut((column_values(c, self.factors, out=c) for c in moved), size)

    def values(self, start: int = 0, stop: int | None = None) -> Array:
        """Return values of the points from `start` to before `stop`, shape (d, stop - start)."""
        stop = self.n if stop is None else min(stop, self.n)
        if stop <= start:
            return np.empty((len(self.factors), 0))
        return next(self.blocks(stop - start, start))


def sampler(
    factors: Sequence[Factor],
    n: int,
    *,
    method: str = "sobol",
    seed: Seed = 1,
    correlation: Correlation | None = None,
) -> Sampler:
    """Return what draws `n` points of uncertain inputs, block by block.

    Parameters
    ----------
    factors : sequence of Factor
    n : int
        1 or more; for Sobol points a power of two keeps their balance.
    method : {"sobol", "lhs", "random"}
        Scrambled Sobol sequence, Latin hypercube, or pseudo-random.
    seed : int or numpy.random.Generator
        0 is a seed like any; of a generator, the next number becomes the seed.
    correlation : ndarray, DataFrame or mapping, optional
        See `Correlation`; by a Gaussian copula.

    Raises
    ------
    ValueError
        For a setting out of range, or a matrix that is no correlation.

    Examples
    --------
    >>> from csanalysis.sensitivity.factors import Factor
    >>> draw = sampler([Factor("x", 0, 1, 0.5, "uniform"), Factor("y", 0, 1, 0.5, "pert")], 2**12)
    >>> [block.shape for block in draw.blocks(3000)]
    [(2, 3000), (2, 1096)]
    """
    if not factors:
        raise ValueError(both("sensitivity.no_factor"))
    check_design(n, len(factors), method)
    notes = [*sample_notes(n, method), *factor_notes(factors)]
    root = None
    if correlation is not None:
        root, repairs = normal_root(correlation_matrix(correlation, [factor.key for factor in factors]))
        notes += repairs
    return Sampler(tuple(factors), n, method, entropy_of(seed), root, tuple(notes))


def unit_points(n: int, d: int, method: str = "sobol", seed: Seed = 1) -> Sample:
    """Return `n` points of the unit cube of `d` dimensions, shape (n, d).

    Examples
    --------
    >>> sample = unit_points(100, 2)
    >>> sample.points.shape, [note.key for note in sample.notes]
    ((100, 2), ['sampling.unbalanced'])
    """
    check_design(n, d, method)
    columns = np.concatenate(list(unit_chunks(n, d, method, entropy_of(seed))), axis=1)
    return Sample(columns.T, sample_notes(n, method))


def check_design(n: int, d: int, method: str) -> None:
    """Stop for a number of points, of inputs, or a method that cannot be."""
    if method not in METHODS:
        raise ValueError(both("sampling.method", found=method, allowed=", ".join(METHODS)))
    most = MOST if method == "sobol" else 2**62
    if isinstance(n, (bool, np.bool_)) or not isinstance(n, (int, np.integer)) or not 1 <= n <= most:
        raise ValueError(both("sampling.n", n=n, most=number(most)))
    if d < 1 or (method == "sobol" and d > MOST_DIMENSIONS):
        raise ValueError(both("sampling.dimensions", d=d, most=MOST_DIMENSIONS))


def sample_notes(n: int, method: str) -> tuple[Finding, ...]:
    """Return what a number of points costs a method."""
    if method == "sobol" and n & (n - 1):
        values = {"n": number(n), "near": number(1 << n.bit_length())}
        return (Finding("sampling.unbalanced", values, "warning"),)
    if method == "lhs" and n > CHUNK["lhs"]:
        return (Finding("sampling.many_hypercubes", {"n": number(n), "size": number(CHUNK["lhs"])}),)
    return ()


def factor_notes(factors: Iterable[Factor]) -> tuple[Finding, ...]:
    """Return what to know of the inputs: those that cannot vary."""
    fixed = [factor for factor in factors if factor.is_constant]
    if not fixed:
        return ()
    return (Finding("sampling.constant", {"names": lambda lang: _names(fixed, lang)}, "warning"),)


def _names(factors: Iterable[Factor], lang: str) -> str:
    return ", ".join(factor.label(lang) for factor in factors)


def entropy_of(seed: Seed) -> int:
    """Return the number all points come from; of a generator, its next one."""
    if isinstance(seed, np.random.Generator):
        return int(seed.integers(2**63))
    try:
        found = -1 if isinstance(seed, (bool, np.bool_)) else operator.index(seed)
    except TypeError:
        found = -1
    if found < 0:
        raise ValueError(both("sampling.seed", seed=seed))
    return found


def stream(entropy: int, *place: int) -> np.random.Generator:
    """Return the random numbers of one place in a run."""
    return np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=place))


def unit_chunks(n: int, d: int, method: str, entropy: int, start: int = 0) -> Iterator[Array]:
    """Yield points `start` to before `n` in column layout, shape (d, m)."""
    from scipy.stats import qmc  # takes a second to load

    size = CHUNK[method]
    first = start // size
    engine = None
    if method == "sobol":
        engine = qmc.Sobol(d, rng=stream(entropy))
        if first:
            engine.fast_forward(first * size)
    for chunk in range(first, -(-n // size)):
        if engine is not None:  # whole chunks, a power of two: the rest of the last one is not used
            points = engine.random(size)
        elif method == "lhs":
            points = qmc.LatinHypercube(d, rng=stream(entropy, chunk)).random(min(size, n - chunk * size))
        else:
            points = stream(entropy, chunk).random((size, d))
        begin = max(start - chunk * size, 0)
        yield np.ascontiguousarray(points[begin : n - chunk * size].T)


def recut(chunks: Iterable[Array], size: int) -> Iterator[Array]:
    """Yield the columns of `chunks` in blocks of `size`; the last may be shorter."""
    held, width = list[Array](), 0
    for chunk in chunks:
        while width + chunk.shape[1] >= size:
            taken = size - width
            held.append(chunk[:, :taken])
            yield held[0] if len(held) == 1 else np.concatenate(held, axis=1)
            chunk, held, width = chunk[:, taken:], [], 0
        if chunk.shape[1]:
            held.append(chunk)
            width += chunk.shape[1]
    if held:
        yield np.concatenate(held, axis=1)


def to_values(points: Array, factors: Sequence[Factor]) -> Array:
    """Return values of points of the unit cube: shape (n, d) becomes (d, n)."""
    return column_values(np.ascontiguousarray(np.asarray(points, dtype=float).T), factors)


def column_values(columns: Array, factors: Sequence[Factor], out: Array | None = None) -> Array:
    """Return values by the inverse distribution of each factor: shape (d, m), one row a factor.

    `out` takes the values; it may be `columns` itself.
    """
    if len(columns) != len(factors):
        raise ValueError(both("sampling.factors", points=len(columns), factors=len(factors)))
    values = np.empty(columns.shape) if out is None else out
    for row, column, factor in zip(values, columns, factors, strict=True):
        _inverse(column, factor, row)
    return values


def _inverse(p: Array, factor: Factor, out: Array) -> None:
    low, high, kind = factor.low, factor.high, factor.distribution
    if kind == Distribution.DISCRETE:
        share = np.cumsum(factor.weights)
        at = np.searchsorted(share / share[-1], p, side="right")
        last = int(np.flatnonzero(factor.weights)[-1])
        out[:] = np.array(factor.values)[np.minimum(at, last)]
        return
    if kind == Distribution.LOGNORMAL:
        middle, spread = np.log(low * high) / 2, np.log(high / low) / (2 * _Z95)
        np.exp(middle + spread * ndtri(np.clip(p, OPEN, 1 - OPEN)), out=out)
        np.clip(out, np.fmax(factor.hard_min, 0), np.fmin(factor.hard_max, np.inf), out=out)
        return
    if low == high:
        out[:] = low
        return
    peak = (factor.mode - low) / (high - low)
    if kind == Distribution.TRIANGULAR:
        p = np.where(p < peak, np.sqrt(p * peak), 1 - np.sqrt((1 - p) * (1 - peak)))
    elif kind == Distribution.PERT:
        p = betaincinv(1 + PERT_SHAPE * peak, 1 + PERT_SHAPE * (1 - peak), p)
    np.multiply(p, high - low, out=out)
    out += low
    np.minimum(out, high, out=out)  # rounding may lead beyond it


def rank_correlate(points: Array, correlation: Correlation, keys: Sequence[str] = ()) -> Sample:
    """Return points with the rank correlations asked for, by a Gaussian copula.

    Parameters
    ----------
    points : ndarray, shape (n, d)
        Independent, uniform.
    correlation : ndarray, DataFrame or mapping
        Spearman's rank correlations; not positive definite: the nearest that is, told in the notes.
    keys : sequence of str
        Of the columns, for a frame or a mapping.

    Raises
    ------
    ValueError
        For a matrix of another shape, not symmetric, outside -1 to 1, or with another diagonal than 1.
    """
    keys = keys or [str(i) for i in range(points.shape[1])]
    root, notes = normal_root(correlation_matrix(correlation, keys))
    return Sample(correlated(points.T, root).T, notes)
