"""What a panel can show: each view computes a result, draws its chart and tells its findings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from matplotlib.figure import Figure

from csanalysis import charts
from csanalysis.assignment.assign import assign_tasks
from csanalysis.charts import (
    assignment_map,
    benchmark_comparison,
    capacity_plan,
    cumulative_cash,
    distribution,
    hours_by_stage,
    phase_ladder,
    quadrant_map,
    reconciliation,
    roadmap,
    self_onboarding,
    sizing,
    touch_tiers,
    unit_cost,
)
from csanalysis.charts.assignment import assignment_frame
from csanalysis.charts.benchmarks import benchmark_frame
from csanalysis.charts.capacity import capacity_frame
from csanalysis.charts.demand import DEMAND_FRAME, reconciliation_frame
from csanalysis.charts.diagnosis import PHASE_FRAME, sizing_frame
from csanalysis.charts.distribution import distribution_frame
from csanalysis.charts.full_cost import unit_cost_frame
from csanalysis.charts.outcome import cumulative_cash_frame
from csanalysis.charts.quadrant import quadrant_frame
from csanalysis.charts.roadmap import roadmap_frame
from csanalysis.charts.sensitivity import tornado_frame
from csanalysis.charts.sensitivity_boxes import failure_map_frame
from csanalysis.charts.sensitivity_map import heat_map_frame
from csanalysis.charts.touch import touch_frame
from csanalysis.charts.touch_lever import self_onboarding_frame
from csanalysis.costing.outcome import evaluate_outcome
from csanalysis.costing.scope import playbook_assignment
from csanalysis.costing.touch import plan_touch
from csanalysis.diagnosis.benchmarks import compare_benchmarks
from csanalysis.diagnosis.phase import diagnose_phase
from csanalysis.diagnosis.quadrant import map_quadrant
from csanalysis.diagnosis.reconcile import reconcile
from csanalysis.diagnosis.sizing import size_team
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import project_demand
from csanalysis.model.scenario import Scenario
from csanalysis.model.supply import productive_hours_of
from csanalysis.planning.capacity import plan_capacity
from csanalysis.planning.roadmap import plan_roadmap
from csanalysis.sensitivity.failure_map import failure_map
from csanalysis.sensitivity.heat_map import heat_map
from csanalysis.sensitivity.monte_carlo import monte_carlo
from csanalysis.sensitivity.tornado import Tornado, tornado
from csanalysis.widgets.measures import FEW_SCENARIOS

View: TypeAlias = Callable[[Dataset, Scenario, str, Figure], list[str]]
"""``view(ds, sc, lang, fig) -> sentences``; `fig` is empty and may be resized."""


def phase(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw the phase ladder."""
    result = diagnose_phase(ds, sc)
    phase_ladder(result, PHASE_FRAME.axes(fig), lang)
    return result.sentences(lang)


def team(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw team size by method."""
    result = size_team(ds, sc)
    sizing(result, sizing_frame(result, lang).axes(fig), lang)
    return result.sentences(lang)


def benchmarks(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw the company's figures against published ones."""
    result = compare_benchmarks(ds, sc)
    benchmark_comparison(result, benchmark_frame(result).axes(fig), lang)
    return result.sentences(lang)


def quadrant(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw the 16 cells and the plays of the company's own."""
    result = map_quadrant(ds, sc)
    quadrant_map(result, quadrant_frame(result).axes(fig), lang)
    return result.sentences(lang)


def demand(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw the hours of each stage and month, and tell whether the team of today can bear them."""
    capacity = float(sc.number("cs_fte") * productive_hours_of(sc))
    hours_by_stage(project_demand(ds, sc), DEMAND_FRAME.axes(fig), lang, capacity=capacity)
    return [f.sentence(lang) for f in size_team(ds, sc).findings if f.key in _ABOUT_LOAD]


def methods(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw what the sizing methods imply for each other."""
    result = reconcile(size_team(ds, sc))
    reconciliation(result, reconciliation_frame(result).axes(fig), lang)
    return result.sentences(lang)


def touch(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw accounts, ARR and FTE by touch tier."""
    result = plan_touch(ds, sc)
    touch_tiers(result, touch_frame(result, lang).axes(fig), lang)
    return [f.sentence(lang) for f in result.findings if not f.key.startswith(_ABOUT_SELF)]


def self_service(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw hours freed by self-onboarding against upkeep and tool."""
    result = plan_touch(ds, sc)
    self_onboarding(result, self_onboarding_frame(result, lang).axes(fig), lang)
    return [f.sentence(lang) for f in result.findings if f.key.startswith(_ABOUT_SELF)]


def outcome(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw the cumulative cash of the hand-over that the playbook names, beside doing all in-house."""
    result = evaluate_outcome(ds, sc, playbook_assignment(ds, sc))
    cumulative_cash(result, cumulative_cash_frame(result, lang).axes(fig), lang)
    return result.sentences(lang)


def unit_costs(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw the full cost per task hour of what the playbook hands over."""
    result = evaluate_outcome(ds, sc, playbook_assignment(ds, sc))
    unit_cost(result, unit_cost_frame(result.unit_costs, lang).axes(fig), lang)
    return [f.sentence(lang) for f in result.findings if f.key.startswith(_ABOUT_PRICE)]


def road(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw in / pilot / out by task group and month."""
    result = plan_roadmap(ds, sc)
    roadmap(result, roadmap_frame(result, lang).axes(fig), lang)
    return result.sentences(lang)


def capacity(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw demand and capacity of the playbook's hand-over by month, and tell the plan behind them."""
    plan = plan_capacity(ds, sc)
    capacity_plan(plan, capacity_frame(plan, lang).axes(fig), lang)
    return plan.headline(lang)


def assignment(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw which tasks go to whom, by value and repeatability."""
    result = assign_tasks(ds, sc)
    assignment_map(result, assignment_frame(result, lang).axes(fig), lang)
    return result.summary.sentences(lang)


def alone(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw what each uncertain number alone does to the worth of the playbook's hand-over."""
    result = _alone(ds, sc)
    charts.tornado(result, tornado_frame(result, lang).axes(fig), lang)
    return result.sentences(lang)


def together(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw the worth of the playbook's hand-over with all uncertain numbers varying at once."""
    plan = playbook_assignment(ds, sc)
    result = monte_carlo("npv", ds, sc, n=FEW_SCENARIOS, assignment=plan, baseline=_BASELINE)
    distribution(result, distribution_frame(result, lang).axes(fig), lang)
    return result.sentences(lang)


def pair(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw the worth of the playbook's hand-over over the two numbers that move it most."""
    x, y = (factor.key for factor in _alone(ds, sc).factors[:2])
    result = heat_map("npv", ds, sc, x, y, assignment=playbook_assignment(ds, sc), baseline=_BASELINE)
    charts.heat_map(result, heat_map_frame(result, lang).axes(fig), lang)
    return result.sentences(lang)


def failures(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw the conditions under which the playbook's hand-over loses money."""
    plan = playbook_assignment(ds, sc)
    result = failure_map("npv", ds, sc, n=FEW_SCENARIOS, assignment=plan, baseline=_BASELINE)
    charts.failure_map(result, failure_map_frame(result, lang).axes(fig), lang)
    return result.sentences(lang)


def _alone(ds: Dataset, sc: Scenario) -> Tornado:
    return tornado("npv", ds, sc, assignment=playbook_assignment(ds, sc), baseline=_BASELINE)


_BASELINE = "in_house"
_ABOUT_PRICE = ("outcome.unit_", "outcome.price_", "outcome.no_price", "outcome.conclusion.nothing")
_ABOUT_SELF = "touch.self."
_ABOUT_LOAD = ("sizing.in_balance", "sizing.short", "sizing.spare", "sizing.no_team", "sizing.peak")

VIEWS: dict[str, View] = {
    "assignment": assignment,
    "phase": phase,
    "sizing": team,
    "benchmarks": benchmarks,
    "quadrant": quadrant,
    "demand": demand,
    "reconciliation": methods,
    "touch": touch,
    "self_onboarding": self_service,
    "outcome": outcome,
    "unit_costs": unit_costs,
    "capacity": capacity,
    "roadmap": road,
    "tornado": alone,
    "monte_carlo": together,
    "heat_map": pair,
    "failure_map": failures,
}
"""Name in ``scenario_panel(views=[...])`` -> view."""
