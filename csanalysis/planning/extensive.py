"""The capacity problem written out in full, a column for every month and scenario, solved by HiGHS.

The oracle of the decomposition: slower, but nothing in it is clever. One function for each family of rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from csanalysis.model.parameters import Array
from csanalysis.planning.capacity_decisions import Decisions
from csanalysis.planning.capacity_limits import Affine
from csanalysis.planning.capacity_problem import CapacityProblem, Offer
from csanalysis.planning.capacity_solution import Solution, infeasible, solution_of

Rows = tuple[sparse.csr_array, Array, Array]


@dataclass(frozen=True)
class Columns:
    """Where the columns of the program stand: first stage, overtime, unmet, extra units, CVaR."""

    first: int
    months: int
    scenarios: int
    offers: int

    @property
    def block(self) -> int:
        """Columns of one kind of recourse."""
        return self.months * self.scenarios

    @property
    def eta(self) -> int:
        """Column of the threshold of CVaR; the excess of each scenario follows."""
        return self.first + (2 + self.offers) * self.block

    @property
    def size(self) -> int:
        """All columns."""
        return self.eta + 1 + self.scenarios

    def part(self, kind: int) -> int:
        """Return the first column of a kind: 0 overtime, 1 unmet, 2 and up extra units of an offer."""
        return self.first + kind * self.block

    def rows(self, affine: Affine, kinds: tuple[int, ...], factor: float) -> sparse.csr_array:
        """Return factor x affine part plus the columns of some kinds, a row for each month and scenario."""
        first = sparse.csr_array(np.repeat(factor * affine.matrix, self.scenarios, axis=0))
        eye, parts = sparse.eye_array(self.block), [first]
        for kind in range(2 + self.offers):
            parts.append(eye if kind in kinds else sparse.csr_array((self.block, self.block)))
        parts.append(sparse.csr_array((self.block, 1 + self.scenarios)))
        return sparse.csr_array(sparse.hstack(parts))


def solve_extensive(
    problem: CapacityProblem, decisions: Decisions, gap: float = 1e-9, time_limit: float = np.inf
) -> Solution:
    """Solve the extensive form.

    Raises
    ------
    InfeasiblePlanError
        If no first stage keeps all limits.
    """
    cost, rows, bounds, whole = program(problem, decisions)
    limits = [LinearConstraint(matrix, low, high) for matrix, low, high in rows]
    options = {"mip_rel_gap": gap, **({"time_limit": time_limit} if np.isfinite(time_limit) else {})}
    done = milp(cost, constraints=limits, bounds=bounds, integrality=whole, options=options)
    if done.status == 2:
        raise infeasible(decisions)
    if done.x is None:
        raise TimeoutError(done.message)
    x, bound = done.x[: len(decisions.upper)], done.mip_dual_bound
    constant = (1 + problem.cvar_weight) * decisions.constant
    return solution_of(problem, decisions, x, float(done.fun if bound is None else bound) + constant)


def program(
    problem: CapacityProblem, decisions: Decisions
) -> tuple[Array, list[Rows], Bounds, npt.NDArray[np.bool_]]:
    """Return cost, rows, bounds and whole columns of the extensive form."""
    columns = Columns(len(decisions.upper), problem.months, len(problem.probability), len(problem.offers))
    recourse = recourse_cost(problem, columns)
    share, weight = problem.probability, problem.cvar_weight
    cost = recourse * np.tile(_spread_probability(share, columns), 1)
    cost[: columns.first] = (1 + weight) * decisions.cost
    cost[columns.eta] = weight
    cost[columns.eta + 1 :] = weight * share / (1 - problem.cvar_level)
    rows = [
        *first_stage(decisions, columns),
        team_hours(problem, decisions, columns),
        overtime_limit(problem, decisions, columns),
        *(extra_units(problem, o, decisions.committed[n], columns, n) for n, o in enumerate(problem.offers)),
        tail_excess(recourse, columns),
    ]
    upper, lower = np.full(columns.size, np.inf), np.zeros(columns.size)
    upper[: columns.first], lower[columns.eta] = decisions.upper, -np.inf
    if weight == 0:  # nothing else holds the threshold of CVaR
        lower[columns.eta] = upper[columns.eta] = 0.0
    whole = np.zeros(columns.size, dtype=bool)
    whole[: columns.first] = decisions.whole
    return cost, rows, Bounds(lower, upper), whole


def _spread_probability(share: Array, columns: Columns) -> Array:
    """Return the probability of every column of recourse, 1 elsewhere."""
    spread = np.ones(columns.size)
    spread[columns.first : columns.eta] = np.tile(share, (2 + columns.offers) * columns.months)
    return spread


def recourse_cost(problem: CapacityProblem, columns: Columns) -> Array:
    """Return JPY per unit of each recourse column, 0 elsewhere; shape (n_columns,)."""
    cost = np.zeros(columns.size)
    prices = [problem.overtime_cost, problem.penalty, *(o.extra_price for o in problem.offers)]
    for kind, price in enumerate(prices):
        cost[columns.part(kind) : columns.part(kind) + columns.block] = price
    return cost


def first_stage(decisions: Decisions, columns: Columns) -> list[Rows]:
    """Limits of the first stage."""
    found = []
    for family in decisions.limits:
        rest = sparse.csr_array((len(family.low), columns.size - columns.first))
        matrix = sparse.csr_array(sparse.hstack([sparse.csr_array(family.matrix), rest]))
        found.append((matrix, family.low, family.high))
    return found


def team_hours(problem: CapacityProblem, decisions: Decisions, columns: Columns) -> Rows:
    """Hours of the team + overtime + unmet >= load."""
    matrix = columns.rows(decisions.present, (0, 1), problem.hours)
    low = problem.load.ravel() - np.repeat(problem.hours * decisions.present.base, columns.scenarios)
    return matrix, low, np.full(columns.block, np.inf)


def overtime_limit(problem: CapacityProblem, decisions: Decisions, columns: Columns) -> Rows:
    """Overtime <= overtime hours per FTE x FTE at work."""
    matrix = columns.rows(decisions.present, (0,), -problem.overtime_hours)
    high = np.repeat(problem.overtime_hours * decisions.present.base, columns.scenarios)
    return matrix, np.full(columns.block, -np.inf), high


def extra_units(problem: CapacityProblem, offer: Offer, committed: Affine, columns: Columns, n: int) -> Rows:
    """Cover units: committed + extra >= needed of an offer."""
    monthly = Affine(committed.base[problem.quarter], committed.matrix[problem.quarter])
    low = offer.units.ravel() - np.repeat(monthly.base, columns.scenarios)
    return columns.rows(monthly, (2 + n,), 1.0), low, np.full(columns.block, np.inf)


def tail_excess(recourse: Array, columns: Columns) -> Rows:
    """Excess of a scenario >= its recourse cost - threshold of CVaR."""
    inner = recourse[columns.first : columns.eta].reshape(-1, columns.scenarios)
    at = columns.first + np.arange(inner.size).reshape(inner.shape)
    scenario = np.broadcast_to(np.arange(columns.scenarios), inner.shape)
    data, row, column = -inner.ravel(), scenario.ravel(), at.ravel()
    one, index = np.ones(columns.scenarios), np.arange(columns.scenarios)
    data = np.concatenate([data, one, one])
    row = np.concatenate([row, index, index])
    column = np.concatenate([column, np.full(columns.scenarios, columns.eta), columns.eta + 1 + index])
    matrix = sparse.csr_array((data, (row, column)), shape=(columns.scenarios, columns.size))
    return matrix, np.zeros(columns.scenarios), np.full(columns.scenarios, np.inf)
