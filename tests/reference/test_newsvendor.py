"""One period and no whole numbers: the plan is a quantile, as in every textbook of inventory theory.

Published case: demand N(100, 20), price 10, cost 6: order 100 + 20 z(0.4) = 94.93306, profit 322.7315.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from csanalysis.planning.capacity_decisions import decisions_of
from csanalysis.planning.capacity_problem import CapacityProblem, Offer
from csanalysis.planning.capacity_solution import Solution
from csanalysis.planning.decomposition import solve_by_cuts

PRICE, COST = 10.0, 6.0


def ordered(
    demand: np.ndarray,
    probability: np.ndarray,
    price: float = COST,
    extra: float = PRICE,
    weight: float = 0.0,
) -> tuple[float, Solution]:
    """Return the units committed when each unit short costs `extra`, and the solution."""
    offer = Offer("supplier", demand[None], price, extra, np.ones(1, dtype=bool))
    problem = CapacityProblem(
        np.zeros_like(demand[None]), probability, (offer,), whole=False, cvar_weight=weight, cvar_level=0.8
    )
    decisions = decisions_of(problem)
    solution = solve_by_cuts(problem, decisions, gap=1e-9)
    return float(decisions.committed[0].at(solution.x)[0]), solution


@pytest.mark.parametrize("seed", range(8))
def test_the_plan_is_the_quantile_of_its_scenarios(seed: int) -> None:
    """P(demand > plan) = price / extra: to 1e-6, at ratios that fall between two scenarios."""
    rng = np.random.default_rng(seed)
    demand, n = rng.lognormal(5, 0.4, 200), 200
    ratio = (int(rng.integers(20, 180)) + 0.5) / n
    plan, solution = ordered(demand, np.full(n, 1 / n), price=1000 * ratio, extra=1000.0)
    rank = n - int(np.floor(ratio * n))
    assert plan == pytest.approx(np.sort(demand)[rank - 1], abs=1e-6)
    assert solution.gap <= 1e-9


def test_the_newsvendor_by_quadrature() -> None:
    """The normal in cells of exact mass and mean; the cell that holds the plan is split again and again."""
    edges = np.linspace(-8, 8, 401)
    for _ in range(6):
        mass = np.diff(ndtr(edges))
        density = np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi)
        demand = 100 + 20 * (-np.diff(density) / mass)
        plan, solution = ordered(demand, mass / mass.sum())
        at = int(np.searchsorted(edges, (plan - 100) / 20))
        inner = np.linspace(edges[at - 2], edges[at + 1], 62)[1:-1]
        edges = np.unique(np.concatenate([edges, inner]))
    assert plan == pytest.approx(94.93306, abs=5e-6)
    assert PRICE * 100 - solution.expected == pytest.approx(322.7315, abs=5e-5)


@pytest.mark.parametrize("seed", range(4))
def test_fear_of_bad_cases_orders_more(seed: int) -> None:
    """With a weight on CVaR the quantile is that of scenarios weighted as the objective weighs them."""
    rng = np.random.default_rng(seed)
    demand, share, weight = rng.lognormal(5, 0.4, 50), np.full(50, 1 / 50), 1.0
    plan, _ = ordered(demand, share, price=613.0, extra=1000.0, weight=weight)
    brave, _ = ordered(demand, share, price=613.0, extra=1000.0)
    candidates = np.sort(demand)
    costs = 613 * candidates[:, None] + 1000 * np.maximum(demand - candidates[:, None], 0)
    worst = np.sort(costs, axis=1)[:, -10:].mean(axis=1)
    best = candidates[int((costs.mean(axis=1) + weight * worst).argmin())]
    assert plan == pytest.approx(best, abs=1e-6) and plan >= brave
