"""What a panel can show: each view computes a result, draws its chart and tells its findings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from matplotlib.figure import Figure

from csanalysis.charts import benchmark_comparison, phase_ladder, sizing
from csanalysis.charts.benchmarks import benchmark_frame
from csanalysis.charts.diagnosis import PHASE_FRAME, sizing_frame
from csanalysis.diagnosis.benchmarks import compare_benchmarks
from csanalysis.diagnosis.phase import diagnose_phase
from csanalysis.diagnosis.sizing import size_team
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario

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
    sizing(result, sizing_frame(result).axes(fig), lang)
    return result.sentences(lang)


def benchmarks(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    """Draw the company's figures against published ones."""
    result = compare_benchmarks(ds, sc)
    benchmark_comparison(result, benchmark_frame(result).axes(fig), lang)
    return result.sentences(lang)


VIEWS: dict[str, View] = {"phase": phase, "sizing": team, "benchmarks": benchmarks}
"""Name in ``scenario_panel(views=[...])`` -> view."""
