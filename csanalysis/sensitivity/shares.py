"""Shares that add up to one, such as weights: drawn from a Dirichlet distribution, and checked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from csanalysis.labels import both
from csanalysis.model.parameters import Array
from csanalysis.sensitivity.sampling import Seed, check_design, entropy_of, stream

_TOLERANCE = 1e-9


def shares(n: int, alpha: Sequence[float], seed: Seed = 1) -> Array:
    """Return shares that add up to 1, drawn from a Dirichlet distribution: shape (len(alpha), n).

    Examples
    --------
    >>> drawn = shares(1000, [8, 1, 1])
    >>> bool(abs(drawn.sum(axis=0) - 1).max() < 1e-12)
    True
    """
    check_design(n, len(alpha), "random")
    strength = np.array(alpha, dtype=float)
    if not np.isfinite(strength).all() or (strength <= 0).any():
        raise ValueError(both("sampling.alpha", alpha=", ".join(f"{a:g}" for a in strength)))
    return np.ascontiguousarray(stream(entropy_of(seed)).dirichlet(strength, n).T)


def check_shares(found: Array | Sequence[float]) -> Array:
    """Return shares of shape (k,) or (k, n) as they are, or stop where they do not add up to 1."""
    values = np.asarray(found, dtype=float)
    sums = np.atleast_1d(values.sum(axis=0))
    wrong = np.flatnonzero(~(np.abs(sums - 1) <= _TOLERANCE))
    if wrong.size:
        raise ValueError(both("sampling.shares", sum=f"{sums[wrong[0]]:.10g}"))
    if (values < 0).any():
        raise ValueError(both("sampling.negative_share", value=f"{values.min():.6g}"))
    return values
