"""One run of the stability analysis: its streams of random numbers, read on chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from csanalysis.assignment import smaa_kernel as kernel
from csanalysis.assignment.rating_stats import scales
from csanalysis.assignment.suitability import NEVER, Rules, desirability_of, log_desirability
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Array
from csanalysis.vocabulary import ResourceKind

Choose = Callable[[Array], npt.NDArray[np.integer]]
"""Scores (n_tasks, n_kinds, n_draws), -1 where not eligible -> chosen kind index (n_tasks, n_draws)."""


class Run:
    """The streams of one analysis; each call of `counts` reads on where the last one stopped."""

    def __init__(
        self,
        ds: Dataset,
        rules: Rules,
        by_task: tuple[Array, ...],
        eligible: npt.NDArray[np.bool_],
        alpha: Array,
        noise: float,
        seed: int,
        choose: Choose | None,
    ) -> None:
        self.rules, self.by_task, self.eligible, self.alpha = rules, by_task, eligible, alpha
        self.choose, self.n_kinds = choose, len(rules.kinds)
        self.fallback = rules.kinds.index(ResourceKind.CSM)
        self.weights = kernel.stream(seed, "weights")
        self.noise = _noise(noise)
        self.fixed = noise == 0 and all(len(view) == 1 for view in by_task)
        if self.fixed:
            parts = desirability_of(np.concatenate(by_task), rules)
            logs = np.where(eligible[:, :, None], log_desirability(parts), NEVER)
            self.logs = np.ascontiguousarray(logs.transpose(1, 0, 2))
        else:
            task_ids = ds.tables["task_inventory"]["task_id"]
            self.streams = [kernel.stream(seed, f"task {task_id}") for task_id in task_ids]
            self.scorer = kernel.NoisyScorer(rules)

    def counts(self, size: int) -> npt.NDArray[np.int64]:
        """Return how often each kind was chosen in the next `size` draws: (n_tasks, n_kinds)."""
        weights = kernel.draw_weights(self.weights, self.alpha, size)
        if self.fixed and self.choose is None:
            return kernel.count_fixed(self.logs, weights, self.fallback)
        scores = kernel.fixed_scores(self.logs, weights) if self.fixed else self._noisy(weights, size)
        if self.choose is None:
            chosen = kernel.best_kind(scores, self.fallback)
        else:
            told = np.where(self.eligible[:, :, None], np.exp(scores).transpose(1, 0, 2), -1.0)
            chosen = np.asarray(self.choose(told)).astype(np.int8)
        return kernel.count(chosen, self.n_kinds)

    def _noisy(self, weights: Array, size: int) -> Array:
        """Return log scores (n_kinds, n_tasks, n_draws); -inf where a kind is not eligible."""
        scores = np.full((self.n_kinds, len(self.by_task), size), -np.inf)
        weights = np.broadcast_to(weights, (self.n_kinds, *weights.shape[1:]))
        with np.errstate(divide="ignore"):
            for task, view in enumerate(self.by_task):
                values = kernel.draw_ratings(self.streams[task], view, self.noise, size)
                for kind in np.flatnonzero(self.eligible[task]):
                    scores[kind, task] = self.scorer.log_score(int(kind), values, weights[kind])
        return scores


def _noise(noise: float) -> kernel.Noise:
    """Return the spread by trait: `noise` steps of the four of a 1-5 rating, so much of others."""
    low, high = scales().T[:, :, None]
    bounded = np.isfinite(high)
    fixed = np.where(bounded, noise * (np.where(bounded, high, 0) - low) / 4, 0.0)
    return kernel.Noise(fixed, np.where(bounded, 0.0, noise / 4), low, high)
