"""Continuous commitments at their exact quantile.

With everything else held, the best commitment of a contract in a quarter is the quantile of its demand at
which the price of a committed unit equals the expected price of the extra units it saves, the scenarios
weighted as the objective weighs them. A solver stops within its tolerance; this puts the commitment on the
demand itself.
"""

from __future__ import annotations

import numpy as np

from csanalysis.model.parameters import Array
from csanalysis.planning.capacity_decisions import Decisions
from csanalysis.planning.capacity_problem import CapacityProblem
from csanalysis.planning.capacity_recourse import Recourse, tail_weights


def quantile(demand: Array, weights: Array, above: float) -> float:
    """Return the smallest demand that at most `above` of the weight lies beyond.

    Examples
    --------
    >>> quantile(np.array([4.0, 1.0, 3.0, 2.0]), np.ones(4), 1.0)
    3.0
    """
    order = np.argsort(demand, kind="stable")
    beyond = weights.sum() - np.cumsum(weights[order])
    tolerance = 1e-12 * max(float(weights.sum()), 1.0)
    return float(demand[order][np.flatnonzero(beyond <= above + tolerance)[0]])


def polished(problem: CapacityProblem, decisions: Decisions, recourse: Recourse, x: Array) -> Array:
    """Return the decision with each continuous commitment at its quantile, where that is no worse."""
    for offer, committed in zip(problem.offers, decisions.committed, strict=True):
        if (offer.block and problem.whole) or offer.person_units or offer.extra_price <= 0:
            continue
        for quarter in range(problem.quarters):
            months = offer.active & (problem.quarter == quarter)
            if not months.any():
                continue
            costs = recourse.costs(x)
            tail = tail_weights(costs, problem.probability, problem.cvar_level)
            weights = (problem.probability + problem.cvar_weight * tail) / (1 + problem.cvar_weight)
            demand, spread = offer.units[months].ravel(), np.tile(weights, int(months.sum()))
            best = quantile(demand, spread, months.sum() * offer.price / offer.extra_price)
            at = int(np.flatnonzero(committed.matrix[quarter])[0])
            tried = x.copy()
            tried[at] = min(max(best - committed.base[quarter], 0.0), decisions.upper[at])
            if decisions.allows(tried) and _objective(decisions, recourse, tried) <= _objective(
                decisions, recourse, x
            ) * (1 + 1e-12):
                x = tried
    return x


def _objective(decisions: Decisions, recourse: Recourse, x: Array) -> float:
    return (1 + recourse.weight) * decisions.first_cost(x) + recourse.risk(recourse.costs(x))
