"""What planning under uncertainty is worth: VSS and EVPI, in the objective's own terms."""

from __future__ import annotations

import numpy as np

from csanalysis.planning.capacity_decisions import Decisions
from csanalysis.planning.capacity_problem import CapacityProblem
from csanalysis.planning.capacity_recourse import tail_weights
from csanalysis.planning.capacity_solution import Solution, solution_of
from csanalysis.planning.decomposition import solve_by_cuts
from csanalysis.planning.extensive import solve_extensive

CLOSE = 1e-6
"""Gap to which the small problems are solved."""


def stochastic_solution(problem: CapacityProblem, decisions: Decisions, solution: Solution) -> float:
    """Return VSS: what the plan made for mean demand costs in all scenarios, less the plan's own."""
    share = problem.probability
    units = tuple((o.units @ share)[:, None] for o in problem.offers)
    mean = problem.with_demand((problem.load @ share)[:, None], units)
    naive = solve_by_cuts(mean, decisions, CLOSE)
    return solution_of(problem, decisions, naive.x, -np.inf).objective - solution.objective


def perfect_information(problem: CapacityProblem, decisions: Decisions, solution: Solution) -> float:
    """Return EVPI: the plan's objective less that of knowing each scenario before deciding."""
    costs = np.empty(len(problem.probability))
    for s in range(len(costs)):
        alone = problem.scenarios(np.array([s]))
        costs[s] = solve_extensive(alone, decisions, CLOSE).expected
    tail = tail_weights(costs, problem.probability, problem.cvar_level)
    return solution.objective - float(problem.probability @ costs + problem.cvar_weight * (tail @ costs))
