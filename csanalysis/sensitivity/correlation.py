"""Rank correlations of uncertain inputs: checked, repaired where they cannot be, and given to points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from csanalysis.labels import both, number
from csanalysis.model.findings import Finding
from csanalysis.model.parameters import Array

Correlation: TypeAlias = "Array | pd.DataFrame | Mapping[tuple[str, str], float]"
"""Rank correlations (Spearman): a matrix in the order of the factors, a frame by key, or pairs of keys."""
OPEN = 2.0**-40
"""Distance kept from 0 and 1 where a distribution has no ends."""
_TOLERANCE = 1e-9


def correlated(columns: Array, root: Array) -> Array:
    """Return uniform points, shape (d, m), with the correlation whose root is given."""
    tied = np.flatnonzero((np.abs(root - np.eye(len(root))) > _TOLERANCE).any(axis=1))
    found = np.array(columns)  # inputs without a correlation stay as they are
    scores = ndtri(np.clip(columns[tied], OPEN, 1 - OPEN))
    found[tied] = ndtr(root[np.ix_(tied, tied)] @ scores)
    return found


def correlation_matrix(correlation: Correlation, keys: Sequence[str]) -> Array:
    """Return the matrix of rank correlations in the order of `keys`; what is not stated is 0."""
    d = len(keys)
    if isinstance(correlation, (pd.DataFrame, Mapping)):
        if isinstance(correlation, pd.DataFrame):
            rows, columns = ([str(key) for key in axis] for axis in (correlation.index, correlation.columns))
            entered = correlation.to_numpy(dtype=float)
            pairs = {(i, j): float(entered[r, c]) for r, i in enumerate(rows) for c, j in enumerate(columns)}
        else:
            pairs = {pair: r for (i, j), r in correlation.items() for pair in ((i, j), (j, i))}
            for (i, j), r in correlation.items():
                if pairs[i, j] != r or pairs[j, i] != r:
                    raise ValueError(both("sampling.not_symmetric", one=i, other=j))
        unknown = sorted({key for pair in pairs for key in pair} - set(keys))
        if unknown:
            raise ValueError(both("sampling.unknown_factor", keys=", ".join(unknown)))
        matrix = np.eye(d)
        for (i, j), r in pairs.items():
            matrix[keys.index(i), keys.index(j)] = r
    else:
        matrix = np.array(correlation, dtype=float)
    if matrix.shape != (d, d):
        raise ValueError(both("sampling.matrix_shape", expected=d, found=matrix.shape))
    outside = ~(np.abs(matrix) <= 1 + _TOLERANCE)
    outside |= np.eye(d, dtype=bool) & (np.abs(matrix - 1) > _TOLERANCE)
    if outside.any():
        i, j = np.argwhere(outside)[0]
        raise ValueError(both("sampling.not_in_range", one=keys[i], other=keys[j], value=matrix[i, j]))
    apart = np.abs(matrix - matrix.T) > _TOLERANCE
    if apart.any():
        i, j = np.argwhere(apart)[0]
        raise ValueError(both("sampling.not_symmetric", one=keys[i], other=keys[j]))
    return np.asarray((matrix + matrix.T) / 2)


def normal_root(ranks: Array) -> tuple[Array, tuple[Finding, ...]]:
    """Return the symmetric root of the correlation of normal scores, and what had to be repaired.

    Normal scores with correlation 2 sin(pi r / 6) have the rank correlation r.
    """
    asked = 2 * np.sin(np.pi * ranks / 6)
    np.fill_diagonal(asked, 1.0)
    matrix, notes = asked, tuple[Finding, ...]()
    if np.linalg.eigvalsh(asked)[0] < -_TOLERANCE:
        matrix = nearest_correlation(asked)
        reached = 6 / np.pi * np.arcsin(np.clip(matrix / 2, -0.5, 0.5))
        values = {"change": number(float(np.abs(reached - ranks).max()), 3)}
        notes = (Finding("sampling.repaired", values, "warning", "Higham 2002"),)
    found, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(found, 0))) @ vectors.T, notes


def nearest_correlation(matrix: Array, rounds: int = 200) -> Array:
    """Return the nearest positive semidefinite matrix with a diagonal of 1 (Higham 2002)."""
    found, correction = matrix.copy(), np.zeros_like(matrix)
    for _ in range(rounds):
        values, vectors = np.linalg.eigh(found - correction)
        positive = (vectors * np.maximum(values, 0)) @ vectors.T
        correction = positive - (found - correction)
        before, found = found, positive.copy()
        np.fill_diagonal(found, 1.0)
        if np.abs(found - before).max() < _TOLERANCE:
            break
    values, vectors = np.linalg.eigh(found)
    positive = (vectors * np.maximum(values, 0)) @ vectors.T
    scale = np.sqrt(np.diag(positive))
    return np.asarray(positive / np.outer(scale, scale))
