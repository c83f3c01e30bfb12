"""The cheapest path of one task group through in / pilot / out, by exact backward induction.

A state is (mode, k): k counts the months the vendor has worked before this month, so that learning and the
minimum term are part of the state and no history is lost; column T means "settled long ago", for work that
is outside today. A path goes in -> pilot or out, pilot -> pilot, out or in, out -> out or in. Whoever comes
back and goes out again starts with k = 0 and pays the way out once more.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from csanalysis.model.parameters import Array

IN, PILOT, OUT = 0, 1, 2
"""Modes of a month."""
_ROUNDS = 100
_CLOSE = 1e-9


@dataclass(frozen=True)
class PathCosts:
    """Cost of every state and switch, in JPY; T months, row t is month t + 1.

    Attributes
    ----------
    inside : ndarray, shape (T,)
        A month with all work in-house.
    pilot, out : ndarray, shape (T, T + 1)
        A month with a part, or all of it, outside after k months with the vendor; column T: settled.
    enter : ndarray, shape (T,)
        Going out in this month.
    leave_pilot, leave_out : ndarray, shape (T, T + 1)
        This being the first month back in-house, after k months with the vendor.
    """

    inside: Array
    pilot: Array
    out: Array
    enter: Array
    leave_pilot: Array
    leave_out: Array

    def plus(self, other: PathCosts, times: float) -> PathCosts:
        """Return these costs plus `times` those of `other`."""
        return PathCosts(
            **{f.name: getattr(self, f.name) + times * getattr(other, f.name) for f in fields(self)}
        )


@dataclass(frozen=True)
class Rules:
    """What a path may do.

    Attributes
    ----------
    discount : ndarray, shape (T,)
        Factor by which a month's amount is worth less today.
    earliest : int
        Row of the first month in which work may go out.
    out_today : bool
        Whether the work is outside already, settled.
    pilot : bool
        Whether a pilot may be run.
    """

    discount: Array
    earliest: int = 0
    out_today: bool = False
    pilot: bool = True


@dataclass(frozen=True)
class Path:
    """A path and its cost today.

    Attributes
    ----------
    modes : tuple of int
        Mode of each month.
    cost : float
        JPY, discounted.
    """

    modes: tuple[int, ...]
    cost: float


@dataclass(frozen=True)
class _ToGo:
    """Cheapest cost from month t on, given its mode; discounted; row T (after the horizon) is 0."""

    inside: Array
    pilot: Array
    out: Array


def best_path(costs: PathCosts, rules: Rules) -> Path:
    """Return the cheapest path; where two cost the same, the one that switches less."""
    to_go = _induce(costs, rules)
    if rules.out_today:
        settled = len(costs.inside)
        back = _leave(costs, rules, to_go, 0, OUT, settled)
        stays = float(to_go.out[0, settled])
        return _walk(costs, rules, to_go, OUT if stays <= back else IN, settled, min(stays, back))
    stays, goes = float(to_go.inside[0]), _go(costs, rules, to_go, 0)
    if stays <= goes[0]:
        return _walk(costs, rules, to_go, IN, 0, stays)
    return _walk(costs, rules, to_go, goes[1], 0, goes[0])


def path_cost(costs: PathCosts, rules: Rules, modes: tuple[int, ...]) -> float:
    """Return the cost today of a given path, in JPY."""
    return float(months_cost(costs, rules, modes) @ rules.discount)


def months_cost(costs: PathCosts, rules: Rules, modes: tuple[int, ...]) -> Array:
    """Return what each month of a path costs with its switch, in JPY, not discounted; shape (T,)."""
    settled = len(costs.inside)
    before, k = (OUT, settled) if rules.out_today else (IN, 0)
    found = np.zeros(settled)
    for t, mode in enumerate(modes):
        if mode == IN:
            leave = {IN: 0.0, PILOT: costs.leave_pilot[t, k], OUT: costs.leave_out[t, k]}[before]
            found[t], k = costs.inside[t] + leave, 0
        else:
            found[t] = (costs.out if mode == OUT else costs.pilot)[t, k]
            found[t] += costs.enter[t] if before == IN else 0.0
            k = min(k + 1, settled)
        before = mode
    return found


def go_out_price(base: PathCosts, slope: PathCosts, rules: Rules, quote: float) -> float | None:
    """Return the highest price at which work that is in-house goes out at all within the horizon.

    Costs are `base` + price x `slope`. None where no price from zero up takes it out, or the price carries
    no cost. Exact: the gap between the best path that goes out and staying in is a concave, piecewise linear
    function of price, and Newton's steps on it end at its root.
    """
    inside = Rules(rules.discount, rules.earliest, False, rules.pilot)

    def gap(price: float) -> tuple[float, float]:
        costs = base.plus(slope, price)
        path = _first_switch(costs, inside)
        stay = float(costs.inside @ rules.discount)
        return (path.cost - stay, path_cost(slope, inside, path.modes)) if path else (np.inf, 0.0)

    return _root(gap, quote)


def come_back_price(base: PathCosts, slope: PathCosts, rules: Rules, quote: float) -> float | None:
    """Return the lowest price at which settled work outside comes back at all; None if no price does so."""
    outside = Rules(rules.discount, rules.earliest, True, rules.pilot)
    stay_out = (OUT,) * len(base.inside)

    def gap(price: float) -> tuple[float, float]:
        costs = base.plus(slope, price)
        path = _first_switch(costs, outside)
        if path is None:
            return np.inf, 0.0
        rise = path_cost(slope, outside, path.modes) - path_cost(slope, outside, stay_out)
        return path.cost - path_cost(costs, outside, stay_out), rise

    return _root(gap, quote)


def _root(gap: object, start: float) -> float | None:
    """Return the root of a concave, piecewise linear function at or above 0; None where there is none."""
    assert callable(gap)
    price = start
    for _ in range(_ROUNDS):
        value, rise = gap(price)
        if not np.isfinite(value) or rise == 0:
            return None
        better = price - value / rise
        if better < 0 and price == 0:
            return None if rise > 0 else 0.0
        better = max(better, 0.0)
        if abs(better - price) <= _CLOSE * max(1.0, price):
            return float(better)
        price = better
    return float(price)


def _induce(costs: PathCosts, rules: Rules) -> _ToGo:
    months = len(costs.inside)
    to_go = _ToGo(
        np.zeros(months + 1), np.zeros((months + 1, months + 1)), np.zeros((months + 1, months + 1))
    )
    after = np.minimum(np.arange(months + 1) + 1, months)
    for t in range(months - 1, -1, -1):
        worth = rules.discount[t]
        stay, out, pilot = (0.0, np.zeros(months + 1), np.zeros(months + 1))
        if t + 1 < months:
            stay = min(float(to_go.inside[t + 1]), _go(costs, rules, to_go, t + 1)[0])
            later, home = rules.discount[t + 1], to_go.inside[t + 1]
            out = np.minimum(to_go.out[t + 1, after], later * costs.leave_out[t + 1, after] + home)
            pilot = np.minimum(to_go.pilot[t + 1, after], to_go.out[t + 1, after])
            pilot = np.minimum(pilot, later * costs.leave_pilot[t + 1, after] + home)
        to_go.inside[t] = worth * costs.inside[t] + stay
        to_go.out[t] = worth * costs.out[t] + out
        to_go.pilot[t] = worth * costs.pilot[t] + pilot
    return to_go


def _go(costs: PathCosts, rules: Rules, to_go: _ToGo, t: int) -> tuple[float, int]:
    """Return the cost of going out in month t and on, and the mode: a pilot where it is cheaper."""
    if t < rules.earliest or t >= len(costs.inside):
        return np.inf, OUT
    out = float(to_go.out[t, 0])
    pilot = float(to_go.pilot[t, 0]) if rules.pilot else np.inf
    return float(rules.discount[t] * costs.enter[t]) + min(out, pilot), PILOT if pilot < out else OUT


def _leave(costs: PathCosts, rules: Rules, to_go: _ToGo, t: int, mode: int, k: int) -> float:
    fee = (costs.leave_out if mode == OUT else costs.leave_pilot)[t, k]
    return float(rules.discount[t] * fee + to_go.inside[t])


def _walk(
    costs: PathCosts, rules: Rules, to_go: _ToGo, mode: int, k: int, cost: float, start: int = 0
) -> Path:
    """Follow the cheapest choices from `mode` in month `start`; months before it are not in the path."""
    months, modes = len(costs.inside), [mode]
    for t in range(start + 1, months):
        before = modes[-1]
        if before == IN:
            going, to = _go(costs, rules, to_go, t)
            modes.append(to if going < to_go.inside[t] else IN)
            k = 0
            continue
        k = min(k + 1, months)
        choices = [((to_go.out if before == OUT else to_go.pilot)[t, k], before)]
        choices += [(to_go.out[t, k], OUT)] if before == PILOT else []
        choices.append((_leave(costs, rules, to_go, t, before, k), IN))
        modes.append(min(choices, key=lambda choice: choice[0])[1])
    return Path(tuple(modes), cost)


def _first_switch(costs: PathCosts, rules: Rules) -> Path | None:
    """Return the cheapest path that leaves today's mode at least once; None where none may."""
    to_go, months = _induce(costs, rules), len(costs.inside)
    today = costs.out[:, months] if rules.out_today else costs.inside
    prefix = np.concatenate([[0.0], np.cumsum(rules.discount * today)])
    best: tuple[float, int, int] | None = None
    for t in range(months):
        cost, mode = _go(costs, rules, to_go, t)
        if rules.out_today:
            cost, mode = _leave(costs, rules, to_go, t, OUT, months), IN
        if np.isfinite(cost) and (best is None or prefix[t] + cost < best[0]):
            best = float(prefix[t] + cost), t, mode
    if best is None:
        return None
    cost, t, mode = best
    rest = _walk(costs, rules, to_go, mode, 0, cost, start=t)
    return Path((OUT if rules.out_today else IN,) * t + rest.modes, cost)
