"""What the report says first: key figures and findings, each with range, source and grade."""

from __future__ import annotations

import math

from csanalysis.diagnosis.benchmarks import BenchmarkComparison, compare_benchmarks
from csanalysis.diagnosis.company_figures import company_figures
from csanalysis.diagnosis.phase import PhaseDiagnosis, diagnose_phase
from csanalysis.diagnosis.sizing import TeamSizing, size_team
from csanalysis.diagnosis.sizing_methods import SizingMethod
from csanalysis.labels import money, number, percent, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.report.board import board_of
from csanalysis.report.index import KeyFigure, Summary
from csanalysis.vocabulary import Grade

STAND_IN = "reading.stand_in"
PHASE_NOTEBOOK, SIZING_NOTEBOOK = "02_phase_diagnosis", "05_cost_sizing"


def summarise(ds: Dataset, sc: Scenario, lang: str) -> Summary:
    """Return decision, key figures and findings of a scenario for the first page."""
    phase, sizing, benchmarks = diagnose_phase(ds, sc), size_team(ds, sc), compare_benchmarks(ds, sc)
    figures = (
        _phase(phase, lang),
        *(_size(m, lang) for m in sizing.methods if sizing.independent or m.method != "arr_per_head"),
        _cost(ds, sc, benchmarks, lang),
        _churn(sc, benchmarks, lang),
    )
    return Summary(figures, tuple(_findings(phase, sizing, benchmarks, lang)), board_of(ds, sc, lang))


def _phase(diagnosis: PhaseDiagnosis, lang: str) -> KeyFigure:
    persons = text("memo.persons", lang, persons=number(diagnosis.persons), fte=number(diagnosis.fte, 1))
    return KeyFigure(
        label=text("memo.phase", lang),
        value=term("phase", diagnosis.phase, lang),
        note=persons,
        source=diagnosis.source,
        grade="opinion",
        link=PHASE_NOTEBOOK,
    )


def _size(method: SizingMethod, lang: str) -> KeyFigure:
    return KeyFigure(
        label=text(f"memo.size.{method.method}", lang),
        value=text("memo.fte", lang, fte=number(method.fte, 2)),
        note=text("memo.annual_cost", lang, cost=money(method.annual_cost, lang)),
        low=number(method.fte_low, 1),
        high=number(method.fte_high, 1),
        source=method.source,
        grade=method.grade,
        link=SIZING_NOTEBOOK,
    )


def _cost(ds: Dataset, sc: Scenario, benchmarks: BenchmarkComparison, lang: str) -> KeyFigure:
    cost = sc.stated("csm_monthly_cost")
    low, high = (_cost_ratio_at(ds, sc, end) for end in (cost.low, cost.high))
    return KeyFigure(
        label=term("metric", "cs_cost_ratio", lang),
        value=percent(benchmarks.company_figures["cs_cost_ratio"]),
        note=text("memo.cost_note", lang, cost=money(sc.number(cost.key), lang)),
        low=_end(low, 1),
        high=_end(high, 1),
        source=cost.source,
        grade=_weakest(sc, ("csm_monthly_cost", "cs_fte", "arr")),
        link=SIZING_NOTEBOOK,
    )


def _cost_ratio_at(ds: Dataset, sc: Scenario, monthly_cost: float) -> float:
    if not math.isfinite(monthly_cost):
        return math.nan
    return company_figures(ds, sc.replace(csm_monthly_cost=monthly_cost))["cs_cost_ratio"]


def _churn(sc: Scenario, benchmarks: BenchmarkComparison, lang: str) -> KeyFigure:
    churn = sc.stated("monthly_churn")
    value = benchmarks.company_figures["monthly_churn"]
    return KeyFigure(
        label=term("metric", "monthly_churn", lang),
        value=percent(value, 2),
        note=text("memo.churn_note", lang, annual=percent(1 - (1 - value) ** 12)),
        low=_end(churn.low, 2),
        high=_end(churn.high, 2),
        source=churn.source,
        grade=churn.grade,
        link=PHASE_NOTEBOOK,
    )


def _end(value: float, digits: int) -> str:
    return percent(value, digits) if math.isfinite(value) else ""


def _weakest(sc: Scenario, keys: tuple[str, ...]) -> str:
    return max((sc.stated(key).grade for key in keys), key=[str(g) for g in Grade].index)


def _findings(
    phase: PhaseDiagnosis, sizing: TeamSizing, benchmarks: BenchmarkComparison, lang: str
) -> list[str]:
    """Return every sentence on phase and size, and the benchmark readings that ask for attention."""
    asked = [f for f in benchmarks.findings if f.level != "info"]
    stand_ins = [c.metric for c in benchmarks.rows if c.reading.key == STAND_IN]
    told = [f.sentence(lang) for f in asked if f.key != STAND_IN]
    if stand_ins:
        names = (term("metric", metric, lang) for metric in dict.fromkeys(stand_ins))
        told.append(text("memo.stand_ins", lang, figures=("、" if lang == "ja" else ", ").join(names)))
    return [*phase.sentences(lang), *sizing.sentences(lang), *told]
