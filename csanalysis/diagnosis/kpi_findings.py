"""What the KPIs say: today's figures, whether records and parameters agree, and what limits a reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csanalysis.accounts.contract_months import Unseen
from csanalysis.labels import money, number, percent
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.scenario import Scenario
from csanalysis.schemas.accounts import ALL

AGREES = 0.01
"""Within this share of each other records and parameter count as one figure (chosen: rounding, timing)."""
UNLIKELY = 0.05
"""A start of the table without losses that is less likely than this is questioned (chosen)."""


@dataclass(frozen=True)
class _Closing:
    """The sum over segments in the last month: metric -> number."""

    value: Mapping[str, float]
    n: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]


def _closing(frame: pd.DataFrame) -> _Closing:
    rows = frame[(frame["segment"] == ALL) & (frame["month"] == frame["month"].max())]
    columns = (rows[name].astype(float) for name in ("value", "n", "low", "high"))
    return _Closing(*(dict(zip(rows["metric"], column, strict=True)) for column in columns))


def _month(frame: pd.DataFrame) -> str:
    return f"{frame['month'].max():%Y-%m}"


def today(frame: pd.DataFrame) -> Iterator[Finding]:
    """Yield accounts, ARR, churn and retention of the last month and the year up to it."""
    last = _closing(frame)
    arr = _amount(last.value["arr"])
    accounts = number(last.value["accounts"])
    yield Finding("kpi.today", {"month": _month(frame), "accounts": accounts, "arr": arr})
    if not last.n["logo_churn_mean_12m"]:
        yield Finding("kpi.no_year", {"months": number(frame["month"].nunique())}, "question")
        return
    yield Finding(
        "kpi.churn",
        {
            "logo": percent(last.value["logo_churn_mean_12m"], 2),
            "low": percent(last.low["logo_churn_mean_12m"], 2),
            "high": percent(last.high["logo_churn_mean_12m"], 2),
            "n": number(last.n["logo_churn_mean_12m"]),
            "revenue": percent(last.value["revenue_churn_mean_12m"], 2),
        },
    )
    if last.n["nrr_12m"]:
        kept = {"nrr": percent(last.value["nrr_12m"]), "grr": percent(last.value["grr_12m"])}
        yield Finding("kpi.retention", {**kept, "n": number(last.n["nrr_12m"])})


def reconciled(frame: pd.DataFrame, base: Scenario) -> Iterator[Finding]:
    """Yield the difference between records and parameters: ARR, accounts, monthly churn."""
    last = _closing(frame)
    for key in ("arr", "accounts"):
        own, asked = last.value[key], float(base.number(key))
        agrees = abs(own - asked) <= AGREES * asked
        values: dict[str, Shown] = {"month": _month(frame), "share": _signed(100 * (own / asked - 1), 1)}
        for name, amount in (("own", own), ("parameter", asked), ("difference", own - asked)):
            values[name] = _amount(amount) if key == "arr" else number(amount)
        verdict = "agrees" if agrees else "differs"
        yield Finding(f"kpi.{key}_{verdict}", values, "info" if agrees else "warning")
    if last.n["logo_churn_mean_12m"]:
        yield _churn(last, base)


def _churn(last: _Closing, base: Scenario) -> Finding:
    asked = float(base.number("monthly_churn"))
    by_revenue = base["churn_basis"] == "revenue"
    own = last.value["revenue_churn_mean_12m" if by_revenue else "logo_churn_mean_12m"]
    values: dict[str, Shown] = {
        "own": percent(own, 2),
        "parameter": percent(asked, 2),
        "points": _signed(100 * (own - asked), 2),
    }
    if by_revenue:
        return Finding("kpi.churn_by_revenue", values)
    low, high = (end["logo_churn_mean_12m"] for end in (last.low, last.high))
    values |= {"low": percent(low, 2), "high": percent(high, 2)}
    verdict = "agrees" if low <= asked <= high else "differs"
    return Finding(f"kpi.churn_{verdict}", values, "info" if low <= asked <= high else "warning")


def cautions(frame: pd.DataFrame, hidden: Unseen, later: int) -> Iterator[Finding]:
    """Yield what the month openings hide, and what the table may not contain.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `kpi_frame` returns it.
    hidden : Unseen
        Contracts and breaks between two month openings.
    later : int
        Contract periods that begin after the last closing.
    """
    whole = frame[frame["segment"] == ALL].pivot(index="month", columns="metric", values="value")
    before = _doubtful_start(whole)
    if before:
        yield Finding("kpi.no_loss_before", {"month": before}, "question")
    returned = whole["accounts_returned"].sum()
    if returned:
        yield Finding("kpi.returned", {"n": number(returned)})
    if hidden.short_gaps:
        yield Finding("kpi.short_gaps", {"n": number(hidden.short_gaps)}, "question")
    if hidden.spells or hidden.gaps:
        yield Finding("kpi.unseen", {"spells": number(hidden.spells), "gaps": number(hidden.gaps)})
    if later:
        yield Finding("kpi.later", {"n": number(later), "month": _month(frame)})
    last = _closing(frame)
    accounts, csms = last.value["accounts"], last.n["accounts_per_csm"]
    bare = round(accounts - (last.value["accounts_per_csm"] * csms if csms else 0.0))
    if bare:
        yield Finding("kpi.no_csm", {"n": number(bare), "accounts": number(accounts)}, "question")


def _doubtful_start(whole: pd.DataFrame) -> str:
    """Return the first month with a loss if the months before it are too long without one to be true."""
    lost, opening = whole["accounts_lost"].to_numpy(), whole["accounts_opening"].to_numpy()
    first = int(np.argmax(lost > 0))
    if not lost[first] or not first:
        return ""
    churn = lost[first:].sum() / opening[first:].sum()
    chance = (1 - churn) ** opening[:first].sum()
    return f"{whole.index[first]:%Y-%m}" if chance < UNLIKELY else ""


def _amount(value: float) -> Shown:
    return lambda lang: money(value, lang)


def _signed(value: float, digits: int) -> str:
    shown = number(value, digits)
    return shown if shown.startswith("-") or not any(c in "123456789" for c in shown) else f"+{shown}"
