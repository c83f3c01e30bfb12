"""Tables of sensitivity: what is varied, and what each analysis finds, with unit, evidence and source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

from csanalysis.labels import interval, number, percent, quantity, term, text
from csanalysis.model.scenario import CHANGED
from csanalysis.sensitivity.factors import WIDENING, Factor
from csanalysis.sensitivity.failure_map import FailureMap
from csanalysis.sensitivity.heat_map import HeatMap
from csanalysis.sensitivity.monte_carlo import MonteCarlo
from csanalysis.sensitivity.sobol import SobolIndices
from csanalysis.sensitivity.study import metric_name, shown
from csanalysis.sensitivity.tornado import NOTHING, Tornado
from csanalysis.tables.html import Column, Html, render

Varied: TypeAlias = Tornado | SobolIndices | MonteCarlo | FailureMap | Sequence[Factor]

MOST_CROSSINGS = 12
"""Rows of `break_even` at most."""
_STATISTICS = ("mean", "q05", "q25", "q50", "q75", "q95", "p_positive", "cvar")


def factors(varied: Varied, lang: str = "ja") -> Html:
    """Return what is varied: value today, range as sampled, how far widened, distribution, evidence, source.

    Parameters
    ----------
    varied : result of an analysis, or sequence of Factor
    lang : {"ja", "en"}
    """
    if isinstance(varied, MonteCarlo):
        rows = varied.draw.factors
    elif isinstance(varied, (Tornado, SobolIndices, FailureMap)):
        rows = varied.factors
    else:
        rows = tuple(varied)
    columns = [
        Column("parameter", [f.label(lang) for f in rows]),
        Column("now", [_value(f, f.mode, lang) for f in rows]),
        Column("range_varied", [_ends(f, lang) for f in rows]),
        Column("widened", [_widened(f, lang) for f in rows]),
        Column("distribution", [text(f"distribution.{f.distribution}", lang) for f in rows]),
        *_evidence(rows, lang),
    ]
    return render(columns, lang, text("caption.factors", lang))


def tornado(found: Tornado, lang: str = "ja") -> Html:
    """Return what each input alone does to the metric, the widest swing first; idle ones are counted.

    Parameters
    ----------
    found : Tornado
        From `csanalysis.tornado`. Today's values: `factors`; the most between the ends: ``to_frame``.
    lang : {"ja", "en"}
    """
    records = found.to_frame().to_dict("records")
    limit = NOTHING * max(abs(found.base), 1e-300)
    moving = [(f, r) for f, r in zip(found.factors, records, strict=True) if float(r["swing"]) > limit]
    rows = [factor for factor, _ in moving]

    def metric(column: str) -> list[str]:
        return [shown(found.metric, float(r[column]), lang) for _, r in moving]

    def value(column: str) -> list[str]:
        return [_value(factor, float(r[column]), lang) for factor, r in moving]

    columns = [
        Column("parameter", [f.label(lang) for f in rows]),
        Column("range_varied", [_ends(f, lang) for f in rows]),
        Column("at_low", metric("at_low"), True),
        Column("at_high", metric("at_high"), True),
        Column("flips_at", value("flips_at")),
        *_evidence(rows, lang),
    ]
    told = {
        "metric": metric_name(found.metric, lang),
        "base": shown(found.metric, found.base, lang),
        "idle": number(len(records) - len(rows)),
    }
    return render(columns, lang, text("caption.tornado", lang, **told))


def monte_carlo(found: MonteCarlo, lang: str = "ja") -> Html:
    """Return mean, quantiles, share above zero and CVaR of each metric, errors beside them.

    Parameters
    ----------
    found : MonteCarlo
        From `csanalysis.monte_carlo`.
    lang : {"ja", "en"}
    """
    told = {"n": number(found.n), "worst": percent(1 - found.level, 0)}
    columns = [Column("spread", [text(f"spread.{key}", lang, **told) for key in _STATISTICS])]
    for record in found.to_frame().to_dict("records"):
        name = str(record["metric"])
        row = {str(k): float(v) for k, v in record.items() if k not in ("metric", "unit")}
        columns.append(
            Column(metric_name(name, lang), [_figure(name, k, row, lang) for k in _STATISTICS], True)
        )
    return render(columns, lang, text("caption.monte_carlo", lang, **told))


def _figure(metric: str, key: str, row: dict[str, float], lang: str) -> str:
    """Return a statistic of a metric, with its standard error or interval where it has one."""
    if key == "p_positive":
        ends = interval(round(row["p_low"], 3), round(row["p_high"], 3), "ratio", lang)
        return _with_interval(row[key], 1, ends, lang)
    told = shown(metric, row[key], lang)
    if f"{key}_error" not in row:
        return told
    error = shown(metric, row[f"{key}_error"], lang)
    return text("chart.distribution.error", lang, value=told, error=error)


def sobol(found: SobolIndices, lang: str = "ja") -> Html:
    """Return effects with intervals, the largest first, and what to measure; negligible inputs are counted.

    Parameters
    ----------
    found : SobolIndices
        From `csanalysis.sobol`.
    lang : {"ja", "en"}
    """
    rows = [found.factors[i] for i in found.order]
    records = found.to_frame().iloc[list(found.order)].to_dict("records")

    def effect(name: str) -> list[str]:
        told = []
        for r in records:
            low, high = (max(round(float(r[f"{name}_{end}"]), 3), 0.0) for end in ("low", "high"))
            ends = interval(low, high, "ratio", lang)
            told.append(_with_interval(max(float(r[name]), 0.0), 1, ends, lang))
        return told

    first = {key: str(n) for n, key in enumerate(found.measure_next, 1)}
    columns = [
        Column("parameter", [f.label(lang) for f in rows]),
        Column("effect_total", effect("total"), True),
        Column("effect_first", effect("first"), True),
        Column("measure", [first.get(f.key, "") for f in rows], True),
        *_evidence(rows, lang),
    ]
    told = {
        "metric": metric_name(found.metric, lang),
        "n": number(found.n),
        "confidence": percent(found.confidence),
        "idle": number(len(found.factors) - len(rows)),
    }
    return render(columns, lang, text("caption.sobol", lang, **told))


def break_even(found: HeatMap, lang: str = "ja") -> Html:
    """Return where the metric is zero: the second number for values of the first one; at most twelve rows.

    Parameters
    ----------
    found : HeatMap
        From `csanalysis.heat_map`. All crossings: ``found.break_even``.
    lang : {"ja", "en"}
    """
    points = found.break_even
    step = max(math.ceil(len(points) / MOST_CROSSINGS), 1)
    pairs = points.iloc[::step].to_numpy(float)
    one, other = found.x, found.y
    columns = [
        Column(one.label(lang), [_value(one, float(x), lang) for x, _ in pairs], True),
        Column(other.label(lang), [_value(other, float(y), lang) for _, y in pairs], True),
    ]
    told = {"metric": metric_name(found.metric, lang), "x": one.label(lang), "y": other.label(lang)}
    return render(columns, lang, text("caption.break_even", lang, **told))


def failure_map(found: FailureMap, lang: str = "ja") -> Html:
    """Return the limits of each condition under which the plan fails, and of the one where it holds best.

    Parameters
    ----------
    found : FailureMap
        From `csanalysis.failure_map`.
    lang : {"ja", "en"}
    """
    by_key = {factor.key: factor for factor in found.factors}
    boxes = [(text("table.failure.box", lang, n=n), box) for n, box in enumerate(found.boxes, 1)]
    boxes += [(text("table.failure.safe", lang), found.safe)] if found.safe else []
    rows = [(name, box, by_key[key], *ends) for name, box in boxes for key, ends in box.limits.items()]
    density = []
    for _, box, *_ in rows:
        ends = interval(round(box.density_low, 2), round(box.density_high, 2), "ratio", lang)
        density.append(_with_interval(box.density, 0, ends, lang))
    inputs = [factor for _, _, factor, _, _ in rows]
    columns = [
        Column("condition", [row[0] for row in rows]),
        Column("parameter", [factor.label(lang) for factor in inputs]),
        Column("above", [_value(factor, least, lang) for _, _, factor, least, _ in rows], True),
        Column("up_to", [_value(factor, most, lang) for _, _, factor, _, most in rows], True),
        Column("now", [_value(factor, factor.mode, lang) for factor in inputs], True),
        Column("density", density, True),
        Column("coverage", [percent(box.coverage, 0) for _, box, *_ in rows], True),
        *_evidence(inputs, lang),
    ]
    told = {
        "metric": metric_name(found.metric, lang),
        "threshold": found.threshold_text(lang),
        "failing": percent(found.failing, 0),
    }
    return render(columns, lang, text(f"caption.failure_map_{found.kind}", lang, **told))


def _value(factor: Factor, value: float, lang: str) -> str:
    if not math.isfinite(value):
        return "-"
    return quantity(value, factor.unit, lang) if factor.unit else f"{value:,.4g}"


def _ends(factor: Factor, lang: str) -> str:
    """Return the range of an input; the unit stands once."""
    base = factor.unit.split("/")[0]
    low = quantity(factor.low, base, lang) if base else _value(factor, factor.low, lang)
    low = low.split(" ")[0] if base not in ("", "JPY") else low
    return text("unit.interval", lang, low=low, high=_value(factor, factor.high, lang))


def _with_interval(share: float, digits: int, ends: str, lang: str) -> str:
    return text("chart.distribution.interval", lang, value=percent(share, digits), ends=ends)


def _widened(factor: Factor, lang: str) -> str:
    """Return how much further the ends lie from the value than stated."""
    by = {str(grade): times for grade, times in WIDENING.items()}.get(factor.grade, 1.0)
    return text("table.widened", lang, times=f"{by:g}") if by != 1 else text("table.as_stated", lang)


def _evidence(rows: Sequence[Factor], lang: str) -> list[Column]:
    grades = [term("grade", f.grade, lang) if f.grade else text("sobol.no_grade", lang) for f in rows]
    sources = [text("chart.cost.by_hand", lang) if f.source == CHANGED else f.source for f in rows]
    return [Column("grade", grades), Column("source", sources)]
