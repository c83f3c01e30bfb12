"""The roadmap is exact: every path of small cases is enumerated and costed by an independent walk."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from csanalysis.planning.roadmap_path import (
    IN,
    OUT,
    PILOT,
    PathCosts,
    Rules,
    best_path,
    come_back_price,
    go_out_price,
    path_cost,
)

Modes = tuple[int, ...]


def cost_by_hand(costs: PathCosts, rules: Rules, modes: Modes) -> float:
    """Walk a path month by month; infinite where a rule forbids a step. Written without the package."""
    months, total = len(modes), 0.0
    worked = months if rules.out_today else 0
    before = OUT if rules.out_today else IN
    for t, mode in enumerate(modes):
        jpy = 0.0
        if mode != IN and before == IN:
            if t < rules.earliest:
                return np.inf
            worked, jpy = 0, float(costs.enter[t])
        if mode == PILOT and (before == OUT or not rules.pilot):
            return np.inf
        if mode == IN and before != IN:
            jpy = float((costs.leave_out if before == OUT else costs.leave_pilot)[t, worked])
        if mode == IN:
            jpy += float(costs.inside[t])
        else:
            jpy += float((costs.out if mode == OUT else costs.pilot)[t, worked])
            worked = min(worked + 1, months)
        total, before = total + float(rules.discount[t]) * jpy, mode
    return total


def random_case(seed: int, months: int, pilot: bool) -> tuple[PathCosts, PathCosts, Rules]:
    """Return costs of the size of the example's: base, and slope per JPY of price (none is negative)."""
    rng = np.random.default_rng(seed)
    states = (months, months + 1)
    learning = 1 + 2 * np.exp(-np.arange(months + 1) / rng.uniform(0.3, 4))
    hours = rng.uniform(0, 100, months)
    slope_out = hours[:, None] * learning * rng.uniform(0.8, 1.2)
    fixed = rng.uniform(0, 20, months)[:, None] * np.ones(states)
    owed = np.minimum(rng.integers(0, 4), months - np.arange(months))[:, None] * np.zeros(states)
    base = PathCosts(
        inside=hours * 4327,
        pilot=0.75 * hours[:, None] * 4327 + rng.uniform(0, 2e4, states),
        out=rng.uniform(0, 8e4, states),
        enter=rng.uniform(0, 1e5, months),
        leave_pilot=rng.uniform(0, 1e5, states),
        leave_out=rng.uniform(0, 4e5, states),
    )
    slope = PathCosts(
        inside=np.zeros(months),
        pilot=0.25 * slope_out + fixed,
        out=slope_out + fixed,
        enter=np.zeros(months),
        leave_pilot=owed,
        leave_out=owed,
    )
    discount = 1.08 ** (-np.arange(1, months + 1) / 12)
    return base, slope, Rules(discount, int(rng.integers(0, 3)), bool(rng.integers(0, 2)), pilot)


def by_enumeration(costs: PathCosts, rules: Rules) -> float:
    choices = (IN, PILOT, OUT) if rules.pilot else (IN, OUT)
    months = len(costs.inside)
    return min(cost_by_hand(costs, rules, modes) for modes in product(choices, repeat=months))


def check(months: int, seed: int, pilot: bool) -> Modes:
    base, slope, rules = random_case(seed, months, pilot)
    costs = base.plus(slope, 800.0 + 300 * (5 * seed % 12))
    path = best_path(costs, rules)
    assert path.cost == pytest.approx(by_enumeration(costs, rules), rel=1e-12)
    assert cost_by_hand(costs, rules, path.modes) == pytest.approx(path.cost, rel=1e-12)
    assert path_cost(costs, rules, path.modes) == pytest.approx(path.cost, rel=1e-12)
    return path.modes


@pytest.mark.parametrize("seed", range(8))
def test_in_and_out_equal_all_4096_paths_of_a_year(seed: int) -> None:
    check(12, seed, pilot=False)


@pytest.mark.parametrize("seed", range(12))
def test_with_pilots_the_best_of_all_paths_is_found(seed: int) -> None:
    check(7, seed, pilot=True)


def test_the_random_cases_hold_switches_both_ways_and_pilots() -> None:
    """Otherwise the cases above would prove little."""
    steps: set[tuple[int, int]] = set()
    for seed in range(12):
        start = OUT if random_case(seed, 7, True)[2].out_today else IN
        path = (start, *check(7, seed, pilot=True))
        steps |= set(pairwise(path))
    assert {(IN, IN), (OUT, OUT), (PILOT, OUT), (OUT, IN)} <= steps
    assert {(IN, OUT), (IN, PILOT)} <= steps


@pytest.mark.parametrize("seed", range(10))
def test_the_band_is_where_the_best_of_all_paths_changes(seed: int) -> None:
    """Just below the lower price all enumeration goes out, just above it stays; likewise for the way back."""
    base, slope, rules = random_case(seed, 6, pilot=True)
    goes = go_out_price(base, slope, rules, 3000.0)
    assert goes is None or goes >= 0
    for price, out in () if goes is None else ((goes * 0.999, True), (goes * 1.001 + 0.01, False)):
        costs, fresh = base.plus(slope, price), Rules(rules.discount, rules.earliest)
        stay = cost_by_hand(costs, fresh, (IN,) * 6)
        assert (by_enumeration(costs, fresh) < stay - 1e-6) == out
    back = come_back_price(base, slope, rules, 3000.0)
    for price, home in () if back is None else ((back * 0.999 - 0.01, False), (back * 1.001, True)):
        costs, outside = base.plus(slope, max(price, 0.0)), Rules(rules.discount, rules.earliest, True)
        stay = cost_by_hand(costs, outside, (OUT,) * 6)
        assert (by_enumeration(costs, outside) < stay - 1e-6) == home or price < 0
    assert goes is None or back is None or goes <= back


def test_a_case_by_hand() -> None:
    """Inside 10 a month, outside 6, 9 to go out: pays from three months on (30 > 9 + 18), not in two."""
    for months, goes in ((2, False), (3, True)):
        states = np.ones((months, months + 1))
        costs = PathCosts(
            10.0 * np.ones(months), 99 * states, 6 * states, 9.0 * np.ones(months), 5 * states, 5 * states
        )
        modes = best_path(costs, Rules(np.ones(months))).modes
        assert modes == ((OUT,) * months if goes else (IN,) * months)


def test_a_switch_is_not_made_for_nothing() -> None:
    states = np.ones((4, 5))
    costs = PathCosts(np.ones(4), states, states, np.zeros(4), 0 * states, 0 * states)
    assert best_path(costs, Rules(np.ones(4))).modes == (IN,) * 4
    assert best_path(costs, Rules(np.ones(4), out_today=True)).modes == (OUT,) * 4
