"""The capacity plan against the same model written a second time, from its description alone.

Here the team is followed month by month in columns of its own, blocks and persons are counted in whole
numbers, and every row is written out by hand for a plain `milp`; nothing of the package's matrices is used.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from csanalysis.planning.capacity_decisions import decisions_of
from csanalysis.planning.capacity_problem import CapacityProblem, Offer
from csanalysis.planning.capacity_worth import perfect_information, stochastic_solution
from csanalysis.planning.decomposition import solve_by_cuts
from csanalysis.planning.extensive import solve_extensive

GAP = 1e-4
CASES = range(20)


class Program:
    """Columns by name, rows as dictionaries."""

    def __init__(self) -> None:
        self.names: dict[object, int] = {}
        self.cost: dict[object, float] = defaultdict(float)
        self.whole: set[object] = set()
        self.free: set[object] = set()
        self.rows: list[tuple[dict[object, float], float, float]] = []

    def row(self, terms: dict[object, float], low: float = -np.inf, high: float = np.inf) -> None:
        for name in terms:
            self.names.setdefault(name, len(self.names))
        self.rows.append((terms, low, high))

    def solve(self) -> float:
        for name in self.cost:
            self.names.setdefault(name, len(self.names))
        size = len(self.names)
        matrix = np.zeros((len(self.rows), size))
        for n, (terms, _, _) in enumerate(self.rows):
            for name, value in terms.items():
                matrix[n, self.names[name]] += value
        cost, lower = np.zeros(size), np.zeros(size)
        for name, value in self.cost.items():
            cost[self.names[name]] = value
        for name in self.free:
            lower[self.names[name]] = -np.inf
        whole = np.array([name in self.whole for name in self.names], dtype=int)
        low, high = (np.array([row[n] for row in self.rows]) for n in (1, 2))
        done = milp(
            cost,
            constraints=LinearConstraint(matrix, low, high),
            bounds=Bounds(lower, np.inf),
            integrality=whole,
            options={"mip_rel_gap": 1e-9},
        )
        assert done.status == 0, done.message
        return float(done.fun)


def written_again(p: CapacityProblem) -> float:
    """Return the least objective of a problem, month by month."""
    program, months = Program(), p.months
    for t in range(1, months + 1):
        _team(program, p, t)
    scenario_cost: list[dict[object, float]] = []
    for s, share in enumerate(p.probability):
        spent: dict[object, float] = {}
        for t in range(1, months + 1):
            over, unmet = ("over", t, s), ("unmet", t, s)
            program.row({("there", t): p.hours, over: 1.0, unmet: 1.0}, low=p.load[t - 1, s])
            program.row({over: 1.0, ("there", t): -p.overtime_hours}, high=0.0)
            spent |= {over: p.overtime_cost, unmet: p.penalty}
            for o in p.offers:
                extra = ("extra", o.resource_id, t, s)
                held = ("held", o.resource_id, (t - 1) // 3)
                program.row({held: 1.0, extra: 1.0}, low=o.units[t - 1, s])
                spent[extra] = o.extra_price
        for name, value in spent.items():
            program.cost[name] += share * value
        program.row({("bad", s): 1.0, "worst": 1.0, **{k: -v for k, v in spent.items()}}, low=0.0)
        program.cost[("bad", s)] = p.cvar_weight * share / (1 - p.cvar_level)
        scenario_cost.append(spent)
    program.cost["worst"] = p.cvar_weight
    if p.cvar_weight:
        program.free.add("worst")
    for o in p.offers:
        _contract(program, p, o)
    return program.solve() + (1 + p.cvar_weight) * p.fixed_cost - _credit(p)


def _team(program: Program, p: CapacityProblem, t: int) -> None:
    """there[t] = there[t-1] - leavers + replaced + hired; what is not refilled is never ordered."""
    q, first = (t - 1) // 3, (t - 1) % 3 == 0
    length = min(3, p.months - 3 * q)
    risk = 1 + p.cvar_weight
    program.row({("there", 0): 1.0}, p.start_fte, p.start_fte)
    drop = {("order", t): 1.0, ("there", t - 1): -p.attrition, ("drop", q): 1 / length}
    program.row(drop, 0.0, 0.0)
    program.row({("drop", q): 1 / length, ("there", t - 1): -p.attrition}, high=0.0)
    step: dict[object, float] = {("there", t): 1.0, ("there", t - 1): -(1 - p.attrition)}
    due = t - p.lead
    if due >= 1:
        step[("order", due)] = step.get(("order", due), 0.0) - 1.0
        program.cost[("order", due)] += risk * p.hiring_cost
    if first:
        step[("hire", q)] = -1.0
        program.cost[("hire", q)] += risk * p.hiring_cost
        program.whole.add(("hire", q))
        if t < p.lead:
            program.row({("hire", q): 1.0}, 0.0, 0.0)
    program.row(step, 0.0, 0.0)
    program.cost[("there", t)] += risk * p.head_cost
    seats = {("hire", k): 1.0 for k in range(q + 1)} | {("drop", k): -1.0 for k in range(q + 1)}
    program.row(seats, high=p.most_heads - p.start_fte)


def _contract(program: Program, p: CapacityProblem, o: Offer) -> None:
    risk = 1 + p.cvar_weight
    for q in range(p.quarters):
        held, people = ("held", o.resource_id, q), ("people", o.resource_id, q)
        active = int(o.active[3 * q : 3 * q + 3].sum())
        if not active:
            program.row({held: 1.0}, 0.0, 0.0)
            continue
        program.row({held: 1.0}, max(o.minimum, min(o.included, o.cap)), o.cap)
        if o.block:
            program.whole.add(("block", o.resource_id, q))
            program.row({held: 1.0, ("block", o.resource_id, q): -o.block}, 0.0, 0.0)
        program.cost[held] += risk * o.price * active
        if 3 * q + 1 < o.first_month:
            program.row({held: 1.0}, 0.0, 0.0)
        if q and 3 * q + 1 <= o.held_until and o.active[3 * q - 3 : 3 * q].any():
            program.row({held: 1.0, ("held", o.resource_id, q - 1): -1.0}, low=0.0)
        if o.person_units:
            program.whole.add(people)
            program.row({people: o.person_units, held: -1.0}, low=0.0)
            before = {("people", o.resource_id, q - 1): -1.0} if q else {}
            program.row({people: 1.0, **before}, low=0.0 if q else o.persons)
            length = min(3, p.months - 3 * q)
            program.cost[people] += risk * o.hiring_cost * o.attrition * length
            program.cost[people] += risk * o.hiring_cost * (q == p.quarters - 1)


def _credit(p: CapacityProblem) -> float:
    """Included units and persons who are there already cost nothing."""
    risk = 1 + p.cvar_weight
    free = sum(o.price * min(o.included, o.cap) * o.active.sum() for o in p.offers)
    return float(risk * (free + sum(o.hiring_cost * o.persons for o in p.offers if o.person_units)))


def random_problem(seed: int) -> CapacityProblem:
    """Return a small problem in which caps, ceilings and terms bind."""
    rng = np.random.default_rng(seed)
    months, n = int(rng.integers(4, 11)), int(rng.integers(3, 9))
    noise = rng.lognormal(0, rng.uniform(0.1, 0.5), (months, n))
    growth = np.linspace(1, rng.uniform(0.7, 1.6), months)[:, None]
    start = float(np.round(rng.uniform(1, 4), 1))
    offers = [_random_offer(rng, k, noise * growth) for k in range(int(rng.integers(1, 3)))]
    return CapacityProblem(
        load=100 * start * rng.uniform(0.8, 1.3) * growth * noise,
        probability=np.full(n, 1 / n),
        offers=tuple(offers),
        start_fte=start,
        attrition=float(rng.uniform(0, 0.04)),
        lead=int(rng.integers(0, 5)),
        hours=100.0,
        overtime_hours=float(rng.choice([0.0, 10.0, 20.0])),
        head_cost=450e3,
        hiring_cost=float(rng.choice([0.0, 500e3])),
        overtime_cost=5400.0,
        penalty=float(rng.choice([6000.0, 12000.0, 30000.0])),
        fixed_cost=1e6,
        most_heads=float(rng.choice([np.inf, start + 0.5])),
        cvar_weight=float(rng.choice([0.3, 1.0, 2.0])),
        cvar_level=float(rng.choice([0.5, 0.8, 0.9])),
    )


def _random_offer(rng: np.random.Generator, k: int, shape: np.ndarray) -> Offer:
    months, start = len(shape), int(rng.integers(0, 3))
    cap = float(rng.choice([np.inf, 80.0, 120.0]))
    active = np.arange(months) >= start
    block = float(rng.choice([0.0, 0.0, 20.0]))
    staffed = k == 1
    price = float(rng.uniform(2000, 4500))
    return Offer(
        resource_id=f"offer{k}",
        units=np.minimum(100 * shape * rng.uniform(0.9, 1.1, shape.shape), cap) * active[:, None],
        price=price,
        extra_price=price * float(rng.uniform(1.0, 2.5)),
        active=active,
        included=float(rng.choice([0.0, 20.0])),
        minimum=0.0 if staffed else float(rng.choice([0.0, 40.0])),
        cap=cap,
        block=block,
        first_month=1,
        held_until=int(rng.choice([0, 6])),
        person_units=60.0 if staffed else 0.0,
        hiring_cost=50e3 if staffed else 0.0,
        attrition=0.02 if staffed else 0.0,
        persons=float(rng.integers(0, 2)) if staffed else 0.0,
    )


@pytest.mark.parametrize("seed", CASES)
def test_three_ways_to_the_same_optimum(seed: int) -> None:
    """By cuts, written out in full, and written a second time: equal within a proven gap."""
    problem = random_problem(seed)
    decisions = decisions_of(problem)
    expected = written_again(problem)
    full, cut = solve_extensive(problem, decisions), solve_by_cuts(problem, decisions)
    assert full.objective == pytest.approx(expected, rel=1e-6)
    assert cut.gap <= GAP
    assert cut.bound <= expected * (1 + 1e-7)
    assert expected * (1 - 1e-7) <= cut.objective <= expected * (1 + GAP)
    assert decisions.allows(cut.x, 1e-6) and decisions.allows(full.x, 1e-6)


def test_the_cases_are_worth_testing() -> None:
    """Over the cases, caps, ceilings, overtime and unmet hours are all at work."""
    seen: dict[str, int] = defaultdict(int)
    for seed in CASES:
        p = random_problem(seed)
        d = decisions_of(p)
        x = solve_by_cuts(p, d).x
        present = d.present.at(x)[:, None]
        seen["unmet"] += bool((p.load > (p.hours + p.overtime_hours) * present + 1).any())
        seen["hired"] += bool(x[: p.quarters].sum() > 0)
        seen["kept small"] += bool(x[p.quarters : 2 * p.quarters].sum() > 0.05)
        seen["ceiling"] += bool((d.seats.at(x) + 1 > p.most_heads).any())
        for o in p.offers:
            seen["cap"] += bool((o.units >= o.cap - 1e-9).any())
            seen["block"] += o.block > 0
    assert all(seen[name] >= 3 for name in ("unmet", "hired", "kept small", "ceiling", "cap", "block")), seen


@pytest.mark.parametrize("seed", CASES)
def test_planning_and_knowing_are_never_worth_less_than_nothing(seed: int) -> None:
    """VSS and EVPI are not negative, up to the gap of the solution."""
    problem = random_problem(seed)
    decisions = decisions_of(problem)
    solution = solve_by_cuts(problem, decisions)
    slack = solution.gap * solution.objective + 1e-6 * solution.objective
    assert stochastic_solution(problem, decisions, solution) >= -slack
    assert perfect_information(problem, decisions, solution) >= -slack
