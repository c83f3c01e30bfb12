"""How much capacity, when: heads and commitments by quarter under uncertain demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
import pandas as pd

from csanalysis.costing.placement import Assignment
from csanalysis.costing.rates import Rate
from csanalysis.costing.scope import playbook_assignment
from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.planning.capacity_decisions import Decisions, decisions_of
from csanalysis.planning.capacity_problem import QUARTER, CapacityProblem
from csanalysis.planning.capacity_share import ShareCurve, share_curve
from csanalysis.planning.capacity_solution import Solution
from csanalysis.planning.capacity_terms import Pools, pools_of, problem_of
from csanalysis.planning.capacity_worth import perfect_information, stochastic_solution
from csanalysis.planning.decomposition import GAP, solve_by_cuts
from csanalysis.planning.demand_scenarios import noise
from csanalysis.planning.extensive import solve_extensive
from csanalysis.planning.plan_findings import headline, plan_findings

BANDS = (0.1, 0.5, 0.9)
"""Quantiles of demand that are shown."""
Solver: TypeAlias = Callable[[CapacityProblem, Decisions, float], Solution]
METHODS: dict[str, Solver] = {"decomposition": solve_by_cuts, "extensive": solve_extensive}


@dataclass(frozen=True)
class CapacityPlan:
    """Heads and commitments by quarter, and what they cost in each demand scenario.

    Attributes
    ----------
    problem : CapacityProblem
        Demand, prices and limits; month 1 first.
    decisions : Decisions
    solution : Solution
    pools : Pools
        The assignment before noise.
    seed : int
    """

    problem: CapacityProblem = field(repr=False)
    decisions: Decisions = field(repr=False)
    solution: Solution
    pools: Pools = field(repr=False)
    seed: int

    @property
    def expected_cost(self) -> float:
        """Mean cost over the horizon in JPY: ledger items plus overtime and the penalty of unmet hours."""
        return self.solution.expected

    @property
    def cvar(self) -> float:
        """Mean cost of the worst (1 - cvar_level) of the scenarios, in JPY."""
        return self.solution.cvar

    @property
    def objective(self) -> float:
        """What is made least: expected_cost + cvar_weight x cvar, in JPY."""
        return self.solution.objective

    @property
    def gap(self) -> float:
        """Proven distance of the objective from the optimum, as a share of it."""
        return self.solution.gap

    @property
    def costs(self) -> Array:
        """Cost of each scenario over the horizon in JPY, shape (n_scenarios,)."""
        return self.solution.costs

    @cached_property
    def vss(self) -> float:
        """Value of the stochastic solution: what planning for mean demand would add to the objective."""
        return stochastic_solution(self.problem, self.decisions, self.solution)

    @cached_property
    def evpi(self) -> float:
        """Expected value of perfect information: what knowing demand would take off the objective, in JPY.

        Computed when first asked for: it solves every scenario on its own.
        """
        return perfect_information(self.problem, self.decisions, self.solution)

    @property
    def seats(self) -> Array:
        """Seats of the in-house team by quarter, in FTE."""
        return self.decisions.seats.at(self.solution.x)

    @property
    def hires(self) -> Array:
        """Seats added by quarter, in whole heads."""
        return np.diff(self.solution.x[: self.problem.quarters], prepend=0.0)

    @property
    def given_up(self) -> Array:
        """Seats left empty by leavers and not refilled, by quarter, in FTE."""
        quarters = self.problem.quarters
        return np.asarray(self.solution.x[quarters : 2 * quarters])

    @property
    def present(self) -> Array:
        """FTE of the in-house team at work, by month."""
        return self.decisions.present.at(self.solution.x)

    @property
    def supply(self) -> Array:
        """Hours of the in-house team without overtime, by month."""
        return self.problem.hours * self.present

    @property
    def committed(self) -> dict[str, Array]:
        """Resource -> units committed, by quarter."""
        offers = zip(self.problem.offers, self.decisions.committed, strict=True)
        return {o.resource_id: c.at(self.solution.x) for o, c in offers}

    @property
    def overtime(self) -> Array:
        """Overtime in hours, shape (n_months, n_scenarios)."""
        most = self.problem.overtime_hours * self.present[:, None]
        return np.clip(self.problem.load - self.supply[:, None], 0.0, most)

    @property
    def unmet(self) -> Array:
        """Hours for which nobody is there, shape (n_months, n_scenarios)."""
        full = (self.problem.hours + self.problem.overtime_hours) * self.present
        return np.maximum(self.problem.load - full[:, None], 0.0)

    @property
    def unmet_hours(self) -> float:
        """Expected unmet hours over the horizon."""
        return float((self.unmet @ self.problem.probability).sum())

    def extra(self, resource_id: str) -> Array:
        """Return units bought above the commitment, shape (n_months, n_scenarios)."""
        offer = next(o for o in self.problem.offers if o.resource_id == resource_id)
        return np.maximum(offer.units - self.committed[resource_id][self.problem.quarter][:, None], 0.0)

    @property
    def rates(self) -> dict[str, Rate]:
        """Resource -> offer, the team first."""
        outside = {p.rate.resource_id: p.rate for p in self.pools.outside}
        return {self.pools.own_rate.resource_id: self.pools.own_rate, **outside}

    @property
    def levers(self) -> tuple[str, ...]:
        """Price, premium and minimum of each contract, as parameter keys."""
        cells = ("price", "premium", "minimum_units")
        return tuple(f"resources.{o.resource_id}.{cell}" for o in self.problem.offers for cell in cells)

    def to_frame(self) -> pd.DataFrame:
        """Return the plan: quarter, first_month, resource_id, measure, value, unit.

        Measures: hires (heads), given_up and seats (FTE) of the team, committed (units a month) of contracts.
        """
        own = self.pools.own_rate.resource_id
        team = {
            "hires": (self.hires, "head"),
            "given_up": (self.given_up, "FTE"),
            "seats": (self.seats, "FTE"),
        }
        rows = [(own, name, values, unit) for name, (values, unit) in team.items()]
        rows += [(key, "committed", values, self.unit(key)) for key, values in self.committed.items()]
        return pd.DataFrame(
            [
                (q + 1, QUARTER * q + 1, key, measure, float(value), unit)
                for key, measure, values, unit in rows
                for q, value in enumerate(values)
            ],
            columns=["quarter", "first_month", "resource_id", "measure", "value", "unit"],
        )

    def unit(self, resource_id: str) -> str:
        """Return what a contract's price is quoted for, a month."""
        return f"{self.rates[resource_id].price_form}/month"

    def months(self) -> pd.DataFrame:
        """Return what happens: month, resource_id, measure, p10, p50, p90, value (the mean), unit.

        Measures of the team: load (hours), utilisation (ratio of load to hours without overtime), overtime
        and unmet (hours); of contracts: used (units), utilisation (ratio of units to the commitment) and
        extra.
        """
        own = self.pools.own_rate.resource_id
        tables = [
            _bands(own, "load", self.problem.load, "hour/month"),
            _bands(own, "utilisation", _ratio(self.problem.load, self.supply), "ratio"),
            _bands(own, "overtime", self.overtime, "hour/month"),
            _bands(own, "unmet", self.unmet, "hour/month"),
        ]
        for offer in self.problem.offers:
            key = offer.resource_id
            held = self.committed[key][self.problem.quarter] * offer.active
            tables.append(_bands(key, "used", offer.units, self.unit(key)))
            tables.append(_bands(key, "utilisation", _ratio(offer.units, held), "ratio"))
            tables.append(_bands(key, "extra", self.extra(key), self.unit(key)))
        return pd.concat(tables, ignore_index=True)

    def by_share(self, points: int = 11) -> ShareCurve:
        """Return the cost of plans that give a growing part of the outside work outside, from none to all."""
        return share_curve(self.pools, self.problem, noise_of(self), points)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the plan says, what it rests on, and what planning was worth."""
        return tuple(plan_findings(self))

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]

    def headline(self, lang: str = "ja") -> list[str]:
        """Return the findings that need no further solving."""
        return [finding.sentence(lang) for finding in headline(self)]


def noise_of(plan: CapacityPlan) -> Array:
    """Return the noise behind a plan, shape (n_months, n_scenarios)."""
    cv = float(plan.pools.scenario.number("demand_cv"))
    return noise(plan.problem.months, len(plan.problem.probability), cv, plan.seed)


def _bands(resource: str, measure: str, values: Array, unit: str) -> pd.DataFrame:
    low, mid, high = np.quantile(values, BANDS, axis=1)
    columns = {"month": np.arange(1, len(values) + 1), "resource_id": resource, "measure": measure}
    told = {"p10": low, "p50": mid, "p90": high, "value": values.mean(axis=1), "unit": unit}
    return pd.DataFrame({**columns, **told})


def _ratio(values: Array, held: Array) -> Array:
    """Return values as a share of what is held; NaN where nothing is."""
    return np.asarray(values / np.where(held > 1e-9, held, np.nan)[:, None])


def plan_capacity(
    ds: Dataset,
    sc: Scenario,
    assignment: Assignment | None = None,
    n_scenarios: int = 200,
    seed: int = 1,
    *,
    most_heads: float = np.inf,
    gap: float = GAP,
    method: str = "decomposition",
) -> CapacityPlan:
    """Plan heads and commitments by quarter for an assignment under uncertain demand (ADISH names the risk).

    A two-stage stochastic programme without backlog. Chosen once, before demand is known: seats added to the
    team by quarter in whole heads, seats of leavers not refilled, and units committed by quarter and
    contract. Then, in every month and scenario: extra units at ``premium`` up to ``capacity_cap``, overtime
    up to ``overtime_cap``, unmet hours at ``unmet_hour_penalty``. Made least is the mean cost plus
    ``cvar_weight`` times the mean of the worst (1 - ``cvar_level``) of the scenarios.

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
        One value of every parameter.
    assignment : str, mapping or result, optional
        Which resource does which task; default what the playbook hands over.
    n_scenarios, seed : int
        See `csanalysis.planning.demand_scenarios`.
    most_heads : float, optional
        Ceiling on seats of the team; default none.
    gap : float, optional
        Proven distance from the optimum at which to stop, as a share of the objective.
    method : {"decomposition", "extensive"}
        How to solve it; the plan is the same within the gap.

    Returns
    -------
    CapacityPlan

    Raises
    ------
    InfeasiblePlanError
        If no plan keeps all limits; it names those in the way.
    ValueError
        For a parameter with several values, or an assignment that is not allowed.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> plan = cs.plan_capacity(ds, ds.base, n_scenarios=100)
    >>> plan.gap <= 1e-4, float(plan.hires.sum())
    (True, 0.0)
    """
    if method not in METHODS:
        raise ValueError(both("plan.method", method=method, known=", ".join(METHODS)))
    pools = pools_of(ds, sc, playbook_assignment(ds, sc) if assignment is None else assignment)
    factor = noise(len(pools.own), n_scenarios, float(sc.number("demand_cv")), seed)
    problem = problem_of(pools, factor, most_heads=most_heads)
    decisions = decisions_of(problem)
    return CapacityPlan(problem, decisions, METHODS[method](problem, decisions, gap), pools, seed)
