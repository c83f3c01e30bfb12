"""The rule of an assignment as arrays: who is chosen, given any suitability scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from csanalysis.assignment.eligibility import Eligibility, Mask, bundles
from csanalysis.assignment.suitability import Suitability
from csanalysis.costing.unit_cost import TaskCosts
from csanalysis.model.parameters import Array

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Rule:
    """The rule of an assignment, ready for any suitability scores.

    Attributes
    ----------
    units : ndarray of int, shape (n_tasks,)
        Number of the bundle of each task.
    first, open : ndarray of bool, shape (n_tasks, n_resources)
        Who is asked first, and who may do it at all.
    cost : ndarray, shape (n_tasks, n_resources)
        JPY a month of the whole bundle, expected churn loss included.
    kind_of : ndarray of int, shape (n_resources,)
        Position of each offer's kind among the scored kinds.
    threshold : float
        Suitability from which a kind suits.
    in_house : int
    by_cost : bool
        False: the best suitability among all who may do it, whatever they cost and whoever is named.
    """

    units: npt.NDArray[np.int64]
    first: Mask
    open: Mask
    cost: Array
    kind_of: Positions
    threshold: float
    in_house: int
    by_cost: bool

    def resources(self, scores: Array) -> Positions:
        """Return the offer chosen for each task: (n_tasks, n_kinds, ...) -> (n_tasks, ...)."""
        by_offer = by_bundle(scores, self.units)[:, self.kind_of]
        return choose(
            by_offer, self.first, self.open, self.cost, self.threshold, self.in_house, by_cost=self.by_cost
        )

    def kinds(self, scores: Array) -> Positions:
        """Return the kind chosen for each task: (n_tasks, n_kinds, ...) -> (n_tasks, ...)."""
        return np.asarray(self.kind_of[self.resources(scores)])


def by_bundle(scores: Array, units: npt.NDArray[np.int64]) -> Array:
    """Return the scores with every bundle at its least suitable task: all of it has to suit."""
    joined = scores.copy()
    for rows in bundles(units):
        joined[rows] = scores[rows].min(axis=0)
    return joined


def choose(
    scores: Array,
    first: Mask,
    allowed: Mask,
    cost: Array,
    threshold: float | Array,
    in_house: int,
    *,
    by_cost: bool = True,
) -> Positions:
    """Return the offer chosen for each task.

    Those asked first count alone as soon as one of them outside suits; else all that are allowed count. Of
    these the cheapest that suits is taken, of equal cost the more suitable. Where nobody suits the work stays
    in-house, or with the offer it is locked to.

    Parameters
    ----------
    scores : ndarray, shape (n_tasks, n_resources, ...)
    first, allowed : ndarray of bool, shape (n_tasks, n_resources)
    cost : ndarray
        Shape (n_tasks, n_resources) or that of `scores`, JPY a month.
    threshold : float or ndarray
        Scalar, or the shape of `scores` without its second axis.
    """
    more = (1,) * (scores.ndim - 2)
    first, allowed = (mask.reshape(*mask.shape, *more) for mask in (first, allowed))
    cost = cost.reshape(*cost.shape, *more) if cost.ndim == 2 else cost
    limit = threshold if np.ndim(threshold) == 0 else np.asarray(threshold)[:, None]
    suits = scores >= limit
    chosen = allowed & suits
    if by_cost:
        outside = np.arange(scores.shape[1]).reshape(1, -1, *more) != in_house
        asked = (first & suits & outside).any(axis=1, keepdims=True)
        chosen = np.where(asked, first & suits, chosen)
        lowest = np.where(chosen, cost, np.inf).min(axis=1, keepdims=True)
        best = np.where(chosen & (cost <= lowest), scores, -1.0)
    else:
        best = np.where(chosen, scores, -1.0)
    only = np.where(allowed[:, in_house] | ~allowed.any(axis=1), in_house, allowed.argmax(axis=1))
    return np.asarray(np.where(chosen.any(axis=1), best.argmax(axis=1), only))


def rule_of(
    fit: Suitability, allowed: Eligibility, costs: TaskCosts, threshold: float, *, by_cost: bool = True
) -> Rule:
    """Return the rule of an assignment."""
    cost = costs.jpy + costs.churn_loss
    for rows in bundles(allowed.units):
        cost[rows] = cost[rows].sum(axis=0)
    kind_of = np.array([fit.kinds.index(kind) for kind in allowed.kinds], dtype=np.intp)
    return Rule(
        allowed.units, allowed.first, allowed.open, cost, kind_of, threshold, allowed.in_house, by_cost
    )
