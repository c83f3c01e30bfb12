"""What must hold of any capacity plan: a higher penalty never leaves more undone, order means nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csanalysis.planning.capacity_decisions import decisions_of
from csanalysis.planning.capacity_problem import CapacityProblem, Offer
from csanalysis.planning.capacity_recourse import recourse_of, tail_weights
from csanalysis.planning.decomposition import solve_by_cuts
from csanalysis.planning.demand_scenarios import noise


@st.composite
def problems(draw: st.DrawFn) -> CapacityProblem:
    """Return a small problem with one contract."""
    months, n = draw(st.integers(1, 8)), draw(st.integers(1, 12))
    factor = noise(months, n, draw(st.floats(0, 0.6)), draw(st.integers(0, 5)))
    growth = np.linspace(1, draw(st.floats(0.8, 1.5)), months)[:, None]
    start = draw(st.floats(0.5, 4))
    units = 80 * factor * growth
    return CapacityProblem(
        load=100 * start * draw(st.floats(0.7, 1.4)) * factor * growth,
        probability=np.full(n, 1 / n),
        offers=(Offer("bpo", units, 3000.0, 3900.0, np.ones(months, dtype=bool), held_until=4),),
        start_fte=start,
        attrition=draw(st.floats(0, 0.05)),
        lead=draw(st.integers(0, 4)),
        hours=104.0,
        overtime_hours=draw(st.floats(0, 40)),
        head_cost=450e3,
        hiring_cost=draw(st.floats(0, 1e6)),
        overtime_cost=5400.0,
        penalty=12e3,
        cvar_weight=draw(st.floats(0, 2)),
        cvar_level=draw(st.floats(0, 0.95)),
    )


def unmet(problem: CapacityProblem, x: np.ndarray) -> np.ndarray:
    full = (problem.hours + problem.overtime_hours) * decisions_of(problem).present.at(x)
    return np.maximum(problem.load - full[:, None], 0.0).sum(axis=0)


@given(problems(), st.floats(1.05, 4))
@settings(max_examples=25)
def test_a_higher_penalty_never_leaves_more_undone(problem: CapacityProblem, factor: float) -> None:
    """In the terms of the objective (mean and tail together, as far as the gap decides)."""
    gap = 1e-7
    dear = replace(problem, penalty=problem.penalty * factor)
    cheap_x, dear_x = (solve_by_cuts(p, decisions_of(p), gap) for p in (problem, dear))

    # With plans a at the low and b at the high penalty, optimality of both gives, for J linear in the
    # penalty, J_high(b) - J_low(b) <= J_high(a) - J_low(a): what the rise costs is never more under b.
    def rise(x: np.ndarray) -> float:
        low, high = (recourse_of(p, decisions_of(p)) for p in (problem, dear))
        return high.risk(high.costs(x)) - low.risk(low.costs(x))

    slack = gap * (cheap_x.objective + dear_x.objective) + 1e-3
    assert rise(dear_x.x) <= rise(cheap_x.x) + slack
    if problem.cvar_weight == 0:
        hours = [float(problem.probability @ unmet(problem, s.x)) for s in (cheap_x, dear_x)]
        assert hours[1] <= hours[0] + slack / (problem.penalty * (factor - 1))


@given(problems(), st.integers(0, 100))
@settings(max_examples=25)
def test_the_order_of_scenarios_changes_nothing(problem: CapacityProblem, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(problem.probability))
    mixed = problem.scenarios(order)
    one, other = (solve_by_cuts(p, decisions_of(p), 1e-8) for p in (problem, mixed))
    assert other.objective == pytest.approx(one.objective, rel=1e-7)
    assert np.sort(other.costs) == pytest.approx(np.sort(one.costs), rel=1e-4)


@given(problems())
@settings(max_examples=25)
def test_the_bound_lies_below_every_plan(problem: CapacityProblem) -> None:
    """A proof worth its name: no plan that keeps the limits beats the bound."""
    decisions = decisions_of(problem)
    solution = solve_by_cuts(problem, decisions)
    assert solution.gap <= 1e-4 and decisions.allows(solution.x)
    recourse = recourse_of(problem, decisions)
    rng = np.random.default_rng(0)
    for _ in range(20):
        x = solution.x + rng.normal(0, 1, len(solution.x)) * rng.choice([0, 1, 10], len(solution.x))
        x = np.where(decisions.whole, np.round(x), x)
        if decisions.allows(x):
            value = (1 + recourse.weight) * decisions.first_cost(x) + recourse.risk(recourse.costs(x))
            assert value >= solution.bound * (1 - 1e-9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 0.99))
def test_tail_weights_give_cvar(values: list[float], level: float) -> None:
    """CVaR by its definition: the least of eta + E(cost - eta)+ / (1 - level), attained at some cost."""
    costs, share = np.array(values), np.full(len(values), 1 / len(values))
    by_eta = [eta + share @ np.maximum(costs - eta, 0) / (1 - level) for eta in costs]
    weights = tail_weights(costs, share, level)
    assert weights.sum() == pytest.approx(1)
    assert weights @ costs == pytest.approx(min(by_eta), rel=1e-6, abs=1e-4)
