"""What a solver hands back, and which limit stands in the way where there is no plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from csanalysis.errors import InfeasiblePlanError
from csanalysis.model.parameters import Array
from csanalysis.planning.capacity_decisions import Decisions
from csanalysis.planning.capacity_limits import Family
from csanalysis.planning.capacity_problem import CapacityProblem
from csanalysis.planning.capacity_recourse import recourse_of, tail_weights


@dataclass(frozen=True)
class Solution:
    """A first stage with its cost.

    Attributes
    ----------
    x : ndarray
        Decisions, in the order of `Decisions`.
    costs : ndarray, shape (n_scenarios,)
        Cost of each scenario over the horizon, in JPY.
    expected, cvar, objective : float
        Mean, mean of the worst scenarios, and mean + weight x CVaR, in JPY.
    bound : float
        No plan has a smaller objective than this.
    rounds : int
        Times the master problem was solved; 0 of the extensive form.
    """

    x: Array
    costs: Array
    expected: float
    cvar: float
    objective: float
    bound: float
    rounds: int = 0

    @property
    def gap(self) -> float:
        """Proven distance from the optimum, as a share of the objective."""
        return max(0.0, self.objective - self.bound) / max(abs(self.objective), 1e-12)


def solution_of(
    problem: CapacityProblem, decisions: Decisions, x: Array, bound: float, rounds: int = 0
) -> Solution:
    """Return a first stage with its cost: whole numbers are rounded, recourse is computed anew."""
    x = np.where(decisions.whole, np.round(x), np.clip(x, 0.0, decisions.upper))
    costs = decisions.first_cost(x) + recourse_of(problem, decisions).costs(x)
    expected = float(problem.probability @ costs)
    cvar = float(tail_weights(costs, problem.probability, problem.cvar_level) @ costs)
    return Solution(x, costs, expected, cvar, expected + problem.cvar_weight * cvar, bound, rounds)


def infeasible(decisions: Decisions) -> InfeasiblePlanError:
    """Return the error where there is no plan: it names each limit whose absence would allow one."""
    binding = [f for n, f in enumerate(decisions.limits) if _possible(decisions, n)]
    return InfeasiblePlanError([(f.name, f.resource_id) for f in binding or decisions.limits])


def _possible(decisions: Decisions, without: int) -> bool:
    kept: list[Family] = [f for n, f in enumerate(decisions.limits) if n != without]
    rows = [LinearConstraint(f.matrix, f.low, f.high) for f in kept]
    bounds = Bounds(np.zeros(len(decisions.upper)), np.where(np.isfinite(decisions.upper), 1e9, np.inf))
    done = milp(np.zeros(len(decisions.upper)), constraints=rows, bounds=bounds, integrality=decisions.whole)
    return bool(done.status == 0)
