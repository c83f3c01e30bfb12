"""The capacity problem by cuts: a small master problem, and recourse evaluated without a solver.

The mean recourse of each pool and quarter depends on little more than one capacity, so it gets cuts of its
own, a grid of them before the first solve. CVaR is one convex function of all capacities and gets a cut at
every point visited. Cuts never lie above what they stand for, so the dual bound of the master is a bound of
the problem, and the search stops when the best plan found is within the gap of it.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from csanalysis.errors import InfeasiblePlanError
from csanalysis.model.parameters import Array
from csanalysis.planning.capacity_decisions import Decisions
from csanalysis.planning.capacity_problem import CapacityProblem
from csanalysis.planning.capacity_quantile import polished
from csanalysis.planning.capacity_recourse import Recourse, recourse_of, tail_weights
from csanalysis.planning.capacity_solution import Solution, infeasible, solution_of

GAP = 1e-4
GRID = 6
"""Cuts of each mean before the first solve, beside the one below all demand."""
ROUNDS = 400
MOST_ROUNDS = 400
"""Masters solved before the search settles for the gap it has proved (chosen: seconds, not minutes)."""
TOLERANCE = 1e-9
"""Share of a cut by which it may be broken."""
WHOLE = 1e-6
"""Distance from a whole number that is rounding."""


@dataclass
class Cuts:
    """Rows of the master: matrix (x, mean of each group, CVaR) >= low, in units of `scale` JPY."""

    decisions: Decisions
    recourse: Recourse
    scale: float
    rows: list[sparse.csr_array] = field(default_factory=list)
    low: list[Array] = field(default_factory=list)
    last: Array | None = None

    @cached_property
    def limits(self) -> list[LinearConstraint]:
        """Limits of the first stage, as rows of the master."""
        families, rest = self.decisions.limits, ((0, 0), (0, self.groups + 1))
        wide = [sparse.csr_array(np.pad(f.matrix, rest)) for f in families]
        return [LinearConstraint(m, f.low, f.high) for m, f in zip(wide, families, strict=True)]

    @cached_property
    def groups(self) -> int:
        """Groups of terms: a pool in a quarter."""
        return int(self.recourse.group.max(initial=-1)) + 1

    def add_means(self, capacity: Array) -> None:
        """Add a cut of the mean of every group, at the capacities of its terms."""
        r = self.recourse
        short = r.demand - capacity[:, None]
        value = r.slope / self.scale * (np.maximum(short, 0.0) @ r.probability)
        fall = r.slope / self.scale * ((short > 0) @ r.probability)
        total = (np.arange(self.groups)[:, None] == r.group).astype(float)
        slopes = total @ (fall[:, None] * r.capacity.matrix)
        matrix = np.hstack([slopes, np.eye(self.groups), np.zeros((self.groups, 1))])
        self._add(matrix, total @ (value + fall * (capacity - r.capacity.base)))

    def add_tail(self, x: Array) -> None:
        """Add a cut of CVaR at a decision, with the weights of the worst scenarios there."""
        r, capacity = self.recourse, self.recourse.capacity.at(x)
        short = r.demand - capacity[:, None]
        costs = r.slope @ np.maximum(short, 0.0)
        weights = tail_weights(costs, r.probability, r.level)
        fall = r.slope / self.scale * ((short > 0) @ weights)
        row = np.concatenate([fall @ r.capacity.matrix, np.zeros(self.groups), [1.0]])
        self._add(row[None], np.array([weights @ costs / self.scale + fall @ (capacity - r.capacity.base)]))

    def add_order(self) -> None:
        """Add that CVaR is not below the mean."""
        row = np.concatenate([np.zeros(len(self.decisions.upper)), np.full(self.groups, -1.0), [1.0]])
        self._add(row[None], np.zeros(1))

    def _add(self, matrix: Array, low: Array) -> None:
        """Add the rows that the last solution of the master breaks; all of them before there is one."""
        if self.last is not None:
            broken = matrix @ self.last < low - TOLERANCE * np.maximum(np.abs(low), 1.0)
            matrix, low = matrix[broken], low[broken]
        self.rows.append(sparse.csr_array(matrix))
        self.low.append(low)


def solve_by_cuts(
    problem: CapacityProblem, decisions: Decisions, gap: float = GAP, start: Array | None = None
) -> Solution:
    """Solve by cuts to a proven relative gap.

    First without whole numbers, which is quick and brings most of the cuts; then by branch and bound.

    Parameters
    ----------
    problem : CapacityProblem
    decisions : Decisions
    gap : float
        Proven distance from the optimum at which to stop, as a share of the objective.
    start : ndarray, optional
        A first stage to begin from, such as the plan of a neighbouring scenario.

    Raises
    ------
    InfeasiblePlanError
        If no first stage keeps all limits.
    """
    search = Search.of(problem, decisions, gap)
    if start is not None and decisions.allows(start):
        search.look_at(start)
    floor = search.branch() if decisions.whole.any() else search.descend(search.box)[1]
    assert search.best is not None
    x = polished(problem, decisions, search.cuts.recourse, search.best.x)
    return solution_of(problem, decisions, x, floor, search.rounds)


Box: TypeAlias = tuple[Array, Array]
"""Lower and upper bounds of the decisions."""


@dataclass
class Search:
    """Cuts found so far, and the best plan in whole numbers."""

    problem: CapacityProblem
    decisions: Decisions
    cuts: Cuts
    gap: float
    best: Solution | None = None
    rounds: int = 0

    @classmethod
    def of(cls, problem: CapacityProblem, decisions: Decisions, gap: float) -> Search:
        """Begin with a grid of cuts."""
        recourse = recourse_of(problem, decisions)
        cuts = Cuts(decisions, recourse, scale=max(float(recourse.slope.max(initial=0.0)), 1.0))
        for capacity in _grid(recourse):
            cuts.add_means(capacity)
        cuts.add_order()
        return cls(problem, decisions, cuts, gap)

    def within(self, floor: float) -> bool:
        """Tell whether the best plan is within the gap of a bound."""
        return self.best is not None and _close(self.best.objective, floor, self.gap)

    def look_at(self, x: Array) -> None:
        """Add cuts at a decision, and keep it if it is the best plan in whole numbers so far."""
        self.cuts.add_means(self.cuts.recourse.capacity.at(x))
        if self.cuts.recourse.weight > 0:
            self.cuts.add_tail(x)
        if np.allclose(x[self.decisions.whole], np.round(x[self.decisions.whole]), atol=1e-6):
            seen = solution_of(self.problem, self.decisions, x, -np.inf)
            self.best = seen if self.best is None or seen.objective < self.best.objective else self.best

    @property
    def box(self) -> Box:
        """Bounds of all decisions."""
        return np.zeros_like(self.decisions.upper), self.decisions.upper

    def branch(self) -> float:
        """Search the whole numbers, the most promising bounds first; return the bound of the problem.

        A branch is dropped once its bound is within the gap of the best plan; the cuts of one branch hold in
        all. After `MOST_ROUNDS` the search ends with the best plan so far and its bound, a wider gap.
        """
        x, bound = self.descend(self.box)
        self.try_near(x)
        tick, heap, floor = itertools.count(), [(bound, 0, self.box, x)], np.inf
        while heap:
            bound, _, box, x = heapq.heappop(heap)
            if self.within(bound) or (self.rounds >= MOST_ROUNDS and self.best is not None):
                return min(floor, bound)
            at = self.fraction(x)
            if at is None:
                floor = min(floor, bound)
                continue
            for part in _halves(box, at, float(x[at])):
                if not (part[0] <= part[1]).all():
                    continue
                try:
                    inner, inner_bound = self.descend(part, bound)
                except InfeasiblePlanError:
                    continue
                heapq.heappush(heap, (max(bound, inner_bound), next(tick) + 1, part, inner))
        return floor

    def fraction(self, x: Array) -> int | None:
        """Return the whole-number decision that is furthest from a whole number, if any is."""
        away = np.where(self.decisions.whole, np.abs(x - np.round(x)), 0.0)
        at = int(away.argmax())
        return at if away[at] > WHOLE else None

    def try_near(self, x: Array) -> None:
        """Look for a first plan in whole numbers near one without."""
        for shift in (0.5, 0.2, 0.8):
            held = np.floor(np.where(self.decisions.whole, x + shift, 0.0))
            box = held, np.where(self.decisions.whole, held, self.decisions.upper)
            with suppress(InfeasiblePlanError):
                self.descend(box)

    def descend(self, box: Box, known: float = -np.inf) -> tuple[Array, float]:
        """Add cuts until the plan between bounds is close to its bound; return both.

        Stops early where the bound shows that nothing better than the best plan lies between, or where whole
        numbers are missing and the bound no longer rises.
        """
        floor, top, best = known, np.inf, box[0]
        for _ in range(ROUNDS):
            x, bound = self.master(box)
            risen, floor = bound - floor, max(floor, bound)
            value = self.objective(x)
            self.look_at(x)
            if value < top:
                top, best = value, x
            elif self.cuts.recourse.weight > 0:
                self.look_at((x + best) / 2)
            if _close(top, floor, self.gap / 2) or self.within(floor):
                break
            if np.isfinite(known) and self.fraction(x) is not None and risen < self.gap * abs(floor):
                break
        return x, floor

    def objective(self, x: Array) -> float:
        """Return mean + weight x CVaR of a decision, whole or not, in JPY."""
        recourse = self.cuts.recourse
        return (1 + recourse.weight) * self.decisions.first_cost(x) + recourse.risk(recourse.costs(x))

    def master(self, box: Box) -> tuple[Array, float]:
        """Solve the master between bounds; return its decision and its bound in JPY."""
        self.rounds += 1
        done = _master(self.cuts, box)
        self.cuts.last = done.x
        constant = (1 + self.cuts.recourse.weight) * self.decisions.constant
        return np.clip(done.x[: len(box[0])], *box), float(done.fun) * self.cuts.scale + constant


def _close(value: float, floor: float, gap: float) -> bool:
    return value - floor <= gap * max(abs(value), 1e-12)


def _grid(recourse: Recourse) -> Iterator[Array]:
    """Yield capacities at which every term gets a cut: below all demand, and at even quantiles."""
    yield recourse.demand.min(axis=1) - 1
    ordered = np.sort(recourse.demand, axis=1)
    for share in (np.arange(GRID) + 0.5) / GRID:
        yield ordered[:, int(share * ordered.shape[1])]


def _halves(box: Box, at: int, value: float) -> tuple[Box, Box]:
    """Return the bounds below and above a fraction."""
    lower, upper = box[0].copy(), box[1].copy()
    lower[at], upper[at] = np.ceil(value), np.floor(value)
    return (box[0], upper), (lower, box[1])


def _master(cuts: Cuts, box: Box) -> OptimizeResult:
    decisions, weight = cuts.decisions, cuts.recourse.weight
    first = (1 + weight) * decisions.cost / cuts.scale
    cost = np.concatenate([first, np.ones(cuts.groups), [weight]])
    rest = cuts.groups + 1
    bounds = Bounds(np.pad(box[0], (0, rest)), np.pad(box[1], (0, rest), constant_values=np.inf))
    cuts.rows, cuts.low = [sparse.vstack(cuts.rows, format="csr")], [np.concatenate(cuts.low)]
    limits = [LinearConstraint(cuts.rows[0], cuts.low[0], np.inf), *cuts.limits]
    done = milp(cost, constraints=limits, bounds=bounds)
    if done.x is None:
        raise infeasible(decisions)
    return done
