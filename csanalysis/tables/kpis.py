"""Tables of the KPIs: the figures of the last month, and what each of them means."""

from __future__ import annotations

import pandas as pd

from csanalysis.diagnosis.kpis import Kpis, definitions
from csanalysis.labels import interval, number, quantity, term, text
from csanalysis.model.disclosure import covered, noted, withheld
from csanalysis.schemas.accounts import ALL
from csanalysis.tables.html import Column, Html, render

FLOWS = ("accounts_new", "accounts_returned", "accounts_lost")
"""Each follows from the other two and the accounts at both ends of the month."""
OF_THE_LOST = ("logo_churn", "revenue_churn", "grr", "nrr", "ltv")
"""Figures of the month that tell how many, and which amounts, were lost."""


def kpis(result: Kpis, lang: str = "ja", *, segment: str = "all") -> Html:
    """Return the KPIs of the last month with the cases behind each and its 95 % interval.

    Parameters
    ----------
    result : Kpis
        From `csanalysis.compute_kpis`.
    lang : {"ja", "en"}
    segment : str
        One of the segments; ``all`` is their sum. Figures of a segment that tell of fewer than five customers
        are withheld (see `csanalysis.model.disclosure.withheld`).
    """
    frame = result.to_frame()
    last = frame[(frame["month"] == frame["month"].max()) & (frame["segment"] == segment)]
    rows = last.to_dict("records")
    hidden = _hidden(frame[frame["month"] == frame["month"].max()], segment)
    few = [hidden.get(r["metric"], False) for r in rows]
    values = [quantity(r["value"], r["unit"], lang) for r in rows]
    ranges = [interval(r["low"], r["high"], r["unit"], lang) for r in rows]
    month = f"{rows[0]['month']:%Y-%m}" if rows else "-"
    columns = [
        Column("metric", [term("kpi", r["metric"], lang) for r in rows]),
        Column("value", covered(values, few, lang), True),
        Column("interval", ["" if f else shown for f, shown in zip(few, ranges, strict=True)], True),
        Column(
            "cases",
            [number(r["n"]) if r["n"] and not f else "" for f, r in zip(few, rows, strict=True)],
            True,
        ),
    ]
    return render(columns, lang, noted(text("caption.kpis", lang, month=month), few, lang))


def _hidden(last: pd.DataFrame, segment: str) -> dict[str, bool]:
    """Return metric -> whether it is withheld for a segment; of the sum of all nothing is."""
    if segment == ALL:
        return {}
    found = {}
    for metric, rows in last[last["segment"] != ALL].groupby("metric"):
        found[str(metric)] = dict(zip(rows["segment"], withheld(rows["n"]), strict=True)).get(segment, False)
    own = last[last["segment"] == segment].set_index("metric")["n"]
    flows = [flow for flow in FLOWS if flow in own.index]
    for flow, few in zip(flows, withheld(own[flow] for flow in flows), strict=True):
        found[flow] |= few
    return found | {name: found[name] or found["accounts_lost"] for name in OF_THE_LOST if name in found}


def kpi_definitions(lang: str = "ja") -> Html:
    """Return what each KPI means, and which choice would change it."""
    rows = definitions(lang).to_dict("records")
    columns = [
        Column("metric", [r["label"] for r in rows]),
        Column("definition", [r["definition"] for r in rows]),
        Column("choice", [r["choice"] for r in rows]),
    ]
    return render(columns, lang, text("caption.kpi_definitions", lang))
