"""What a panel can show: each view computes a result, draws its chart and tells its findings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from matplotlib.figure import Figure

from csanalysis.charts import (
    benchmark_comparison,
    hours_by_stage,
    phase_ladder,
    quadrant_map,
    reconciliation,
    sizing,
)
from csanalysis.charts.benchmarks import benchmark_frame
from csanalysis.charts.demand import DEMAND_FRAME, reconciliation_frame
from csanalysis.charts.diagnosis import PHASE_FRAME, sizing_frame
from csanalysis.charts.quadrant import quadrant_frame
from csanalysis.diagnosis.benchmarks import compare_benchmarks
from csanalysis.diagnosis.phase import diagnose_phase
from csanalysis.diagnosis.quadrant import map_quadrant
from csanalysis.diagnosis.reconcile import reconcile
from csanalysis.diagnosis.sizing import size_team
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import project_demand
from csanalysis.model.scenario import Scenario
from csanalysis.model.supply import productive_hours_of

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


_ABOUT_LOAD = ("sizing.in_balance", "sizing.short", "sizing.spare", "sizing.no_team", "sizing.peak")

VIEWS: dict[str, View] = {
    "phase": phase,
    "sizing": team,
    "benchmarks": benchmarks,
    "quadrant": quadrant,
    "demand": demand,
    "reconciliation": methods,
}
"""Name in ``scenario_panel(views=[...])`` -> view."""
