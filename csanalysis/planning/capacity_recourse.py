"""Second stage of the capacity plan: what demand above the plan costs, as a sum of one-sided shortages.

Each pool has its own merit order. A contract's work above its commitment is bought as extra units; above the
cap it falls back on the team. The team's work above its hours is overtime, and above overtime it is unmet.
So a scenario costs the sum over terms g of slope[g] x max(0, demand[g] - capacity[g](x)), which needs no
solver.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from csanalysis.model.parameters import Array
from csanalysis.planning.capacity_decisions import Decisions
from csanalysis.planning.capacity_limits import Affine
from csanalysis.planning.capacity_problem import CapacityProblem


@dataclass(frozen=True)
class Recourse:
    """All terms of the recourse.

    Attributes
    ----------
    demand : ndarray, shape (n_terms, n_scenarios)
    slope : ndarray, shape (n_terms,)
        JPY per unit of shortage.
    capacity : Affine
        Capacity of each term, linear in the first stage.
    group : ndarray of int, shape (n_terms,)
        Terms of one pool and quarter share a number, from 0.
    probability : ndarray, shape (n_scenarios,)
    weight, level : float
        Weight and level of CVaR.
    """

    demand: Array = field(repr=False)
    slope: Array
    capacity: Affine
    group: npt.NDArray[np.int64]
    probability: Array = field(repr=False)
    weight: float
    level: float

    def costs(self, x: Array) -> Array:
        """Return the cost of recourse in each scenario, in JPY."""
        short = np.maximum(self.demand - self.capacity.at(x)[:, None], 0.0)
        return np.asarray(self.slope @ short)

    def risk(self, costs: Array) -> float:
        """Return mean + weight x CVaR of costs."""
        mean = float(self.probability @ costs)
        return mean + self.weight * float(tail_weights(costs, self.probability, self.level) @ costs)


def recourse_of(problem: CapacityProblem, decisions: Decisions) -> Recourse:
    """Return the terms: overtime and unmet hours of each month, extra units of each month and offer."""
    present = decisions.present
    full = problem.hours + problem.overtime_hours
    parts = [
        (problem.load, np.full(problem.months, problem.overtime_cost), _scaled(present, problem.hours)),
        (
            problem.load,
            np.full(problem.months, problem.penalty - problem.overtime_cost),
            _scaled(present, full),
        ),
    ]
    for offer, committed in zip(problem.offers, decisions.committed, strict=True):
        monthly = Affine(committed.base[problem.quarter], committed.matrix[problem.quarter])
        parts.append((offer.units, np.full(problem.months, offer.extra_price), monthly))
    demand = np.vstack([d for d, _, _ in parts])
    slope = np.concatenate([s for _, s, _ in parts])
    base = np.concatenate([a.base for _, _, a in parts])
    matrix = np.vstack([a.matrix for _, _, a in parts])
    pool = np.repeat([0, 0, *range(1, len(parts) - 1)], problem.months)
    group = pool * problem.quarters + np.tile(problem.quarter, len(parts))
    used = (slope > 0) & (demand.max(axis=1) > 0)
    return Recourse(
        demand[used],
        slope[used],
        Affine(base[used], matrix[used]),
        np.unique(group[used], return_inverse=True)[1],
        problem.probability,
        problem.cvar_weight,
        problem.cvar_level,
    )


def _scaled(affine: Affine, factor: float) -> Affine:
    return Affine(factor * affine.base, factor * affine.matrix)


def tail_weights(costs: Array, probability: Array, level: float) -> Array:
    """Return the weights under which the mean of `costs` is CVaR: the worst 1 - level, scaled to 1.

    Examples
    --------
    >>> tail_weights(np.array([1.0, 4.0, 2.0, 3.0]), np.full(4, 0.25), 0.5).tolist()
    [0.0, 0.5, 0.0, 0.5]
    """
    order = np.argsort(-costs, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(probability[order])[:-1]])
    weights = np.empty_like(costs)
    weights[order] = np.clip(1 - level - before, 0.0, probability[order]) / (1 - level)
    return np.asarray(weights / weights.sum())
