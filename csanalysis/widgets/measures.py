"""The figures behind a view: what a comparison of scenarios and a report without a kernel show of it.

A view draws; its measures are the few numbers a reader would write down. They come from the same results.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from csanalysis.assignment.assign import assign_tasks
from csanalysis.costing.comparison import compare
from csanalysis.costing.placement import IN_HOUSE
from csanalysis.costing.scope import playbook_assignment
from csanalysis.costing.touch import plan_touch
from csanalysis.costing.touch_tiers import few_tiers, told_total
from csanalysis.costing.unit_cost import unit_costs
from csanalysis.diagnosis.benchmarks import compare_benchmarks
from csanalysis.diagnosis.phase import diagnose_phase
from csanalysis.diagnosis.quadrant import map_quadrant
from csanalysis.diagnosis.sizing import size_team
from csanalysis.labels import both, quantity, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import project_demand
from csanalysis.model.scenario import Scenario
from csanalysis.model.supply import productive_hours_of
from csanalysis.planning.capacity import plan_capacity
from csanalysis.planning.roadmap import plan_roadmap
from csanalysis.sensitivity.monte_carlo import monte_carlo
from csanalysis.sensitivity.tornado import tornado
from csanalysis.vocabulary import Play

FEW_SCENARIOS = 2**12
"""Scenarios behind a view: so few that a slider does not wait for them; the errors are told."""


@dataclass(frozen=True)
class Measure:
    """One figure of a view.

    Attributes
    ----------
    key : str
        Label of the figure; `of` fills its placeholder.
    value : float
        NaN where the figure is a term.
    unit : str
        As in `quantity`; for a term its vocabulary.
    word : str
        The term, empty for a number.
    """

    key: str
    value: float
    unit: str
    word: str = ""
    of: str = ""

    @property
    def name(self) -> str:
        """What tells it from other measures."""
        return f"{self.key}:{self.of}"

    def label(self, lang: str) -> str:
        """Return what the figure is."""
        if not self.of:
            return text(self.key, lang)
        vocabulary, _, of = self.of.rpartition(".")
        return text(self.key, lang, of=term(vocabulary, of, lang))

    def shown(self, lang: str) -> str:
        """Return the figure with its unit."""
        return term(self.unit, self.word, lang) if self.word else quantity(self.value, self.unit, lang)


Measures: TypeAlias = Callable[[Dataset, Scenario], tuple[Measure, ...]]


def _phase(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    found = diagnose_phase(ds, sc)
    return (
        Measure("measure.persons", float(found.persons), "person"),
        Measure("measure.phase", math.nan, "phase", str(found.phase)),
    )


def _sizing(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    found = size_team(ds, sc)
    methods = sorted(found.methods, key=lambda m: m.method != "task_hours")
    asked = [Measure("measure.fte_by", m.fte, "FTE", of=f"sizing.method.{m.method}") for m in methods]
    return (*asked, Measure("measure.fte_today", found.current_fte, "FTE"))


def _benchmarks(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    found = compare_benchmarks(ds, sc).company_figures
    units = {
        "accounts_per_csm": "account",
        "cs_cost_ratio": "ratio",
        "monthly_churn": "ratio/month",
        "onboarding_sessions": "session",
    }
    return tuple(
        Measure("measure.figure", float(found[name]), unit, of=f"metric.{name}")
        for name, unit in units.items()
        if name in found
    )


def _quadrant(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    found = map_quadrant(ds, sc)
    plays = found.to_frame()
    out = plays[(plays["phase"] == found.phase) & plays["play"].isin([Play.HAND_OVER, Play.SELL])]
    return (
        Measure("measure.groups_out", float(out["task_group"].nunique()), "item_count"),
        Measure("measure.quadrant", math.nan, "quadrant", str(found.quadrant)),
        Measure("measure.phase", math.nan, "phase", str(found.phase)),
    )


def _assignment(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    frame = assign_tasks(ds, sc).to_frame()
    outside = frame["kind"] != "csm"
    return (
        Measure("measure.hours_out", float(frame.loc[outside, "hours"].sum()), "hour/month"),
        Measure("measure.tasks_out", float(outside.sum()), "item_count"),
        Measure("measure.hours", float(frame["hours"].sum()), "hour/month"),
    )


def _demand(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    total = np.asarray(project_demand(ds, sc).total, dtype=float).reshape(-1)
    capacity = float(sc.number("cs_fte") * productive_hours_of(sc))
    return (
        Measure("measure.hours_peak", float(total.max()), "hour/month"),
        Measure("measure.hours_mean", float(total.mean()), "hour/month"),
        Measure("measure.hours_team", capacity, "hour/month"),
    )


def _touch(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    found = plan_touch(ds, sc)
    few = few_tiers(found.tiers)
    tiers = [
        Measure("measure.fte_of", math.nan if few else t.fte, "FTE", of=f"touch.{t.touch}")
        for t in found.tiers
    ]
    total = told_total(found.tiers, found.total)
    return (Measure("measure.fte_total", total.fte, "FTE"), *tiers)


def _self_onboarding(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    curve = plan_touch(ds, sc).curve
    return (
        Measure("measure.hours_saved", float(curve["hours_saved"].mean()), "hour/month"),
        Measure("measure.hours_upkeep", float(curve["upkeep_hours"].mean()), "hour/month"),
        Measure("measure.net", float(curve["net_jpy"].sum()), "JPY"),
    )


def _outcome(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    found = compare(ds, sc, playbook_assignment(ds, sc), IN_HOUSE, project_demand(ds, sc))
    return (
        Measure("result.npv", _one(found.npv()), "JPY"),
        Measure("result.cash_saving", float(found.cash.sum()), "JPY"),
        Measure("result.capacity_freed", _one(found.capacity_freed), "hour/month"),
        Measure("result.hires_avoided", _one(found.hires_avoided), "head"),
    )


def _unit_costs(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    given = [task for task, resource in playbook_assignment(ds, sc).items() if resource != "csm"]
    totals = unit_costs(ds, sc, given).totals.sort_values("jpy") if given else None
    if totals is None:
        return ()
    names = totals.drop_duplicates("kind")
    kinds = sorted(zip(names["kind"], names["jpy"], strict=True), key=lambda pair: pair[0] != "bpo")
    return tuple(Measure("measure.cost_of", float(jpy), "JPY/hour", of=f"kind.{kind}") for kind, jpy in kinds)


def _capacity(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    plan = plan_capacity(ds, sc)
    return (
        Measure("measure.expected_cost", plan.expected_cost, "JPY"),
        Measure("measure.bad_cost", plan.cvar, "JPY"),
        Measure("measure.hires", float(plan.hires.sum()), "head"),
        Measure("measure.seats_last", float(plan.seats[-1]), "FTE"),
    )


def _roadmap(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    found = plan_roadmap(ds, sc)
    out = [group for group in found.candidates if group.states[-1] != "in"]
    return (
        Measure("measure.groups_out_last", float(len(out)), "item_count"),
        Measure("measure.groups_may", float(len(found.candidates)), "item_count"),
        Measure("measure.road_saving", float(sum(g.saving for g in found.candidates)), "JPY"),
    )


def _tornado(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    found = tornado("npv", ds, sc, assignment=playbook_assignment(ds, sc), baseline=IN_HOUSE)
    return (
        Measure("result.npv", found.base, "JPY"),
        Measure("measure.turning", float(len(found.overturning)), "item_count"),
    )


def _monte_carlo(ds: Dataset, sc: Scenario) -> tuple[Measure, ...]:
    plan = playbook_assignment(ds, sc)
    found = monte_carlo("npv", ds, sc, n=FEW_SCENARIOS, assignment=plan, baseline=IN_HOUSE)
    row = found.to_frame().to_dict("records")[0]
    return (
        Measure("measure.chance", float(row["p_positive"]), "ratio"),
        Measure("measure.npv_median", float(row["q50"]), "JPY"),
        Measure("measure.npv_bad", float(row["cvar"]), "JPY"),
    )


def _one(values: object) -> float:
    return float(np.asarray(values).reshape(-1)[0])


MEASURES: dict[str, Measures] = {
    "assignment": _assignment,
    "phase": _phase,
    "sizing": _sizing,
    "reconciliation": _sizing,
    "benchmarks": _benchmarks,
    "quadrant": _quadrant,
    "demand": _demand,
    "touch": _touch,
    "self_onboarding": _self_onboarding,
    "outcome": _outcome,
    "unit_costs": _unit_costs,
    "capacity": _capacity,
    "roadmap": _roadmap,
    "tornado": _tornado,
    "monte_carlo": _monte_carlo,
}
"""View -> its figures, the one that matters most first. A view without an entry has none."""

STANDARD = ("sizing", "assignment", "outcome")
"""What is compared where a panel shows views without figures."""


def measures(ds: Dataset, sc: Scenario, views: Iterable[str]) -> tuple[Measure, ...]:
    """Return the figures of views, each once, in order.

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
        Scalar values.
    views : iterable of str
        Names of `MEASURES`; those without figures are passed over.

    Raises
    ------
    ValueError
        Where a figure of one view is named twice with different values.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> [m.shown("en") for m in measures(ds, ds.base, ["phase"])]
    ['5 persons', 'growth']
    """
    found: dict[str, Measure] = {}
    for view in views:
        for measure in MEASURES[view](ds, sc) if view in MEASURES else ():
            known = found.setdefault(measure.name, measure)
            if (known.value, known.word) != (measure.value, measure.word) and not math.isnan(known.value):
                raise ValueError(both("measure.two_values", key=measure.name))
    return tuple(found.values())
