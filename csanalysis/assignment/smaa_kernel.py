"""Inner loops of the stability analysis: weights and ratings drawn, scores in log space, one choice a draw.

Draws are the trailing axis, so that every operation runs along memory. A stream of random numbers belongs to
the weights or to one task, and is read draw by draw: neither the order of tasks nor the size of a chunk
changes a number.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from csanalysis.assignment.suitability import LEAD, NEVER, RULES, Rules
from csanalysis.model.parameters import Array

Index = npt.NDArray[np.int8]

ZERO_SCORE = -700.0
"""Logarithm below which a score is 0: about the smallest number float64 holds."""
BLOCK = 2**18
"""Scores worked on at a time without rating noise: they stay in the processor's cache."""


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers of `name` (a task, or the weights) under `seed`; 0 is a seed like any."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(key,)))


def draw_weights(rng: np.random.Generator, alpha: Array, size: int) -> Array:
    """Return Dirichlet weights.

    Parameters
    ----------
    alpha : ndarray
        Shape (n_kinds, n_traits): a vector for each kind; or (1, n_traits): one for all kinds. A 0 keeps its
        trait out.

    Returns
    -------
    ndarray
        Shape (n_kinds or 1, n_traits, size); adds up to 1 over the traits.
    """
    gamma = rng.standard_gamma(alpha, size=(size, *alpha.shape))
    gamma /= gamma.sum(axis=2, keepdims=True)
    return np.ascontiguousarray(gamma.transpose(1, 2, 0))


@dataclass(frozen=True)
class Noise:
    """Spread and limits of the rating noise by trait, each of shape (n_traits, 1).

    A value moves by a symmetric triangular error of half width `fixed` + `relative` x value, and stays
    between `low` and `high`.
    """

    fixed: Array
    relative: Array
    low: Array
    high: Array


def draw_ratings(rng: np.random.Generator, views: Array, noise: Noise, size: int) -> Array:
    """Return trait values of one task: a rater's view each draw, with an error of rating.

    Parameters
    ----------
    views : ndarray
        Shape (n_raters, n_traits).

    Returns
    -------
    ndarray
        Shape (n_traits, size).
    """
    n_raters, n_traits = views.shape
    uniform = np.ascontiguousarray(rng.random((size, 1 + 2 * n_traits)).T)
    rater = np.minimum((uniform[0] * n_raters).astype(np.intp), n_raters - 1)
    value = views.T[:, rater]
    error = uniform[1 : n_traits + 1] - uniform[n_traits + 1 :]  # triangular between -1 and 1
    error *= noise.fixed + noise.relative * value
    error += value
    return np.clip(error, noise.low, noise.high, out=error)


class NoisyScorer:
    """Log scores of one task for drawn ratings and weights, one kind at a time."""

    def __init__(self, rules: Rules) -> None:
        falls = ~np.isfinite(rules.rise_to)
        self.peak = np.where(falls, rules.fall_from, rules.rise_to)[:, :, None]
        self.width = np.where(falls, -rules.fall_width, rules.rise_width)[:, :, None]
        self.targets = [np.flatnonzero(np.isfinite(r) & np.isfinite(f)) for r, f in _sides(rules)]
        self.fall_from, self.fall_width = rules.fall_from[:, :, None], rules.fall_width[:, :, None]
        self.short = rules.short

    def log_score(self, kind: int, values: Array, weights: Array) -> Array:
        """Return log scores (n_draws,) of values (n_traits, n_draws) and weights (n_traits, n_draws)."""
        part = values - self.peak[kind]
        part /= self.width[kind]
        rows = self.targets[kind]
        if rows.size:
            fall = (self.fall_from[kind, rows] - values[rows]) / self.fall_width[kind, rows]
            part[rows] = np.minimum(part[rows], fall)
        part += 1
        np.clip(part, 0, 1, out=part)
        if self.short[kind]:
            part[LEAD] = 1 - (1 - part[LEAD]) * (1 - values[RULES])
        np.log(part, out=part)
        np.maximum(part, NEVER, out=part)
        return np.asarray(np.einsum("jd,jd->d", part, weights))


def _sides(rules: Rules) -> list[tuple[Array, Array]]:
    return list(zip(rules.rise_to, rules.fall_from, strict=True))


def fixed_scores(logs: Array, weights: Array) -> Array:
    """Return log scores (n_kinds, n_tasks, n_draws): matrix products of log desirabilities and weights.

    Parameters
    ----------
    logs : ndarray
        Shape (n_kinds, n_tasks, n_traits).
    weights : ndarray
        Shape (n_kinds or 1, n_traits, n_draws).
    """
    return np.asarray(logs @ weights)


def best_kind(log_scores: Array, fallback: int) -> Index:
    """Return the kind of the highest score in each draw; `fallback` where none is above 0.

    Parameters
    ----------
    log_scores : ndarray
        Shape (n_kinds, n_tasks, n_draws); below `ZERO_SCORE` where a kind is not eligible.
    fallback : int
        Index of the kind that does what nobody suits.

    Returns
    -------
    ndarray of int8
        Shape (n_tasks, n_draws). Of equal scores the first kind wins.
    """
    best = np.full(log_scores.shape[1:], ZERO_SCORE)
    chosen = np.zeros(best.shape, dtype=np.int8)
    better = np.empty(best.shape, dtype=np.bool_)
    number = np.empty(best.shape, dtype=np.int8)
    for kind, scores in enumerate(log_scores):
        np.greater(scores, best, out=better)
        np.maximum(scores, best, out=best)
        # Kinds come in rising order, so that the latest better one is the largest: faster than a masked copy.
        np.multiply(better.view(np.int8), np.int8(kind + 1), out=number)
        np.maximum(chosen, number, out=chosen)
    chosen[chosen == 0] = fallback + 1
    chosen -= 1
    return chosen


def count(chosen: Index, n_kinds: int) -> npt.NDArray[np.int64]:
    """Return how often each kind was chosen: (n_tasks, n_draws) -> (n_tasks, n_kinds)."""
    return np.stack([np.count_nonzero(chosen == kind, axis=1) for kind in range(n_kinds)], axis=1)


def count_fixed(logs: Array, weights: Array, fallback: int) -> npt.NDArray[np.int64]:
    """Return how often each kind is best where only the weights are drawn, in blocks of tasks."""
    n_kinds, n_tasks, _ = logs.shape
    step = max(1, BLOCK // (n_kinds * weights.shape[2]))
    blocks = [logs[:, at : at + step] for at in range(0, n_tasks, step)]
    return np.concatenate([count(best_kind(fixed_scores(b, weights), fallback), n_kinds) for b in blocks])
