"""Tables of the KPIs: the figures of the last month, and what each of them means."""

from __future__ import annotations

from csanalysis.diagnosis.kpis import Kpis, definitions
from csanalysis.labels import interval, number, quantity, term, text
from csanalysis.tables.html import Column, Html, render

LEAST = 5
"""Fewest cases of a segment whose figure is shown: below, it would tell of single accounts."""


def kpis(result: Kpis, lang: str = "ja", *, segment: str = "all") -> Html:
    """Return the KPIs of the last month with the cases behind each and its 95 % interval.

    Parameters
    ----------
    result : Kpis
        From `csanalysis.compute_kpis`.
    lang : {"ja", "en"}
    segment : str
        One of the segments; ``all`` is their sum. Figures of fewer than five cases of a segment are left out.
    """
    frame = result.to_frame()
    last = frame[(frame["month"] == frame["month"].max()) & (frame["segment"] == segment)]
    rows = last.to_dict("records")
    few = [segment != "all" and 0 < r["n"] < LEAST for r in rows]
    hidden = text("kpi.too_few", lang, least=LEAST)
    values = [quantity(r["value"], r["unit"], lang) for r in rows]
    ranges = [interval(r["low"], r["high"], r["unit"], lang) for r in rows]
    month = f"{rows[0]['month']:%Y-%m}" if rows else "-"
    columns = [
        Column("metric", [term("kpi", r["metric"], lang) for r in rows]),
        Column("value", [hidden if f else shown for f, shown in zip(few, values, strict=True)], True),
        Column("interval", ["" if f else shown for f, shown in zip(few, ranges, strict=True)], True),
        Column(
            "cases",
            [number(r["n"]) if r["n"] and not f else "" for f, r in zip(few, rows, strict=True)],
            True,
        ),
    ]
    return render(columns, lang, text("caption.kpis", lang, month=month))


def kpi_definitions(lang: str = "ja") -> Html:
    """Return what each KPI means, and which choice would change it."""
    rows = definitions(lang).to_dict("records")
    columns = [
        Column("metric", [r["label"] for r in rows]),
        Column("definition", [r["definition"] for r in rows]),
        Column("choice", [r["choice"] for r in rows]),
    ]
    return render(columns, lang, text("caption.kpi_definitions", lang))
