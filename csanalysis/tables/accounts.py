"""Tables of account-months, cohorts, health and calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from csanalysis.accounts.account_months import AccountMonths
from csanalysis.accounts.calibration import Calibration
from csanalysis.accounts.health import Health
from csanalysis.accounts.health_few import few_kpis, few_triggers
from csanalysis.accounts.retention import Retention
from csanalysis.labels import interval, number, percent, quantity, term, text, trimmed
from csanalysis.model.dataset import Dataset
from csanalysis.model.disclosure import covered, names_are_hidden, noted, withheld
from csanalysis.tables.html import Column, Html, render

AGES = (0, 3, 6, 9, 12, 15, 18)
"""Ages shown of a cohort, in months."""


def told_rows(result: AccountMonths, lang: str = "ja") -> Html:
    """Return what was wrong with rows of events and contracts, with counts.

    Parameters
    ----------
    result : AccountMonths
        From `csanalysis.account_months`.
    lang : {"ja", "en"}
    """
    rows = result.log.to_dict("records")
    values = [{"n": number(r["count"]), "detail": r["detail"] or "-"} for r in rows]
    columns = [
        Column("count", [v["n"] for v in values], True),
        Column(
            "told", [text(f"accounts.told.{r['rule']}", lang, **v) for r, v in zip(rows, values, strict=True)]
        ),
    ]
    return render(columns, lang, text("caption.told_rows", lang))


def cohorts(result: Retention, lang: str = "ja") -> Html:
    """Return the share of accounts still there, by quarter in which custom began and age in months.

    Parameters
    ----------
    result : Retention
        From `csanalysis.measure_retention`.
    lang : {"ja", "en"}
    """
    frame = result.cohorts
    names = list(dict.fromkeys(frame["cohort"]))
    found = {
        (c, a): (s, low, high)
        for c, a, s, low, high in frame[["cohort", "age", "share", "low", "high"]].itertuples(index=False)
    }
    started = frame.drop_duplicates("cohort").set_index("cohort")["started"]

    def cell(cohort: str, age: int) -> str:
        if (cohort, age) not in found:
            return ""
        share, low, high = found[cohort, age]
        told = interval(low, high, "ratio", lang)
        return percent(share, 0) if age == 0 else f"{percent(share, 0)} ({told})"

    few = withheld(started[n] for n in names)
    shown = {age: ["" if f else cell(n, age) for n, f in zip(names, few, strict=True)] for age in AGES[1:]}
    columns = [
        Column("cohort", names),
        Column("started", covered([number(started[n]) for n in names], few, lang), True),
        *(Column(text("cohort.age", lang, age=age), shown[age], True) for age in AGES[1:]),
    ]
    return render(columns, lang, noted(text("caption.cohorts", lang), few, lang))


def health_accounts(result: Health, lang: str = "ja", *, n: int = 15) -> Html:
    """Return the `n` least healthy accounts with score, reasons, renewal and MRR.

    Where names are hidden MRR is left out: an amount tells a customer as its name does.

    Parameters
    ----------
    result : Health
        From `csanalysis.score_health`.
    lang : {"ja", "en"}
    n : int
    """
    rows = result.accounts.head(n).to_dict("records")
    joined = "、" if lang == "ja" else ", "
    columns = [
        Column("account", [r["account_id"] for r in rows]),
        Column("health", [_score(r["health"]) for r in rows], True),
        Column("usage_score", [_score(r["usage_score"]) for r in rows], True),
        Column("ticket_score", [_score(r["ticket_score"]) for r in rows], True),
        Column("renewal_score", [_score(r["renewal_score"]) for r in rows], True),
        Column(
            "chance", [percent(r["chance"], 0) if math.isfinite(r["chance"]) else "-" for r in rows], True
        ),
        *([] if names_are_hidden() else [Column("mrr", [_mrr(r, lang) for r in rows], True)]),
        Column("csm_name", [r["csm"] for r in rows]),
        Column("reasons", [joined.join(term("health_reason", c, lang) for c in r["reasons"]) for r in rows]),
    ]
    return render(columns, lang, text("caption.health_accounts", lang, n=number(len(rows))))


def health_actions(result: Health, lang: str = "ja") -> Html:
    """Return triggers with the action that follows, its owner, its service level, and the hours it takes."""
    rows = result.actions.to_dict("records")
    few = list(few_triggers(result.actions).values())
    hours = [number(r["hours"], 1) if math.isfinite(r["hours"]) else "-" for r in rows]
    columns = [
        Column("trigger", [text(f"trigger.{r['trigger']}", lang) for r in rows]),
        Column("trigger_kind", [term("trigger_kind", r["kind"], lang) for r in rows]),
        Column("action", [text(f"action.{r['trigger']}", lang) for r in rows]),
        Column("owner", [term("kind", r["owner"], lang) for r in rows]),
        Column("within_days", [text("health.days", lang, n=r["days"]) for r in rows], True),
        Column("accounts", covered([number(r["accounts"]) for r in rows], few, lang), True),
        Column("mrr", covered([_mrr(r, lang) for r in rows], few, lang), True),
        Column("hours", covered(hours, few, lang), True),
    ]
    return render(columns, lang, noted(text("caption.health_actions", lang), few, lang))


def health_sheet(result: Health, lang: str = "ja") -> Html:
    """Return activity and outcome KPIs with owner and hand-over rule."""
    rows = result.sheet.to_dict("records")
    few = list(few_kpis(result.sheet, result.accounts).values())
    columns = [
        Column("metric", [text(f"health_kpi.{r['kpi']}", lang) for r in rows]),
        Column("kpi_kind", [term("kpi_kind", r["kind"], lang) for r in rows]),
        Column("value", covered([quantity(r["value"], r["unit"], lang) for r in rows], few, lang), True),
        Column("cases", ["" if f else number(r["n"]) for f, r in zip(few, rows, strict=True)], True),
        Column("owner", [term("kind", r["owner"], lang) for r in rows]),
        Column("handover", [text(f"health_kpi_handover.{r['kpi']}", lang) for r in rows]),
    ]
    return render(columns, lang, noted(text("caption.health_sheet", lang), few, lang))


def health_calibration(result: Health, lang: str = "ja") -> Html:
    """Return chances told beside losses observed, by fifths of the judged cases."""
    rows = [] if result.backtest is None else result.backtest.calibration.to_dict("records")
    few = withheld(r["n"] for r in rows)
    columns = [
        Column("fifth", [number(n + 1) for n in range(len(rows))], True),
        Column("predicted", [percent(r["predicted"]) for r in rows], True),
        Column("observed", covered([percent(r["observed"]) for r in rows], few, lang), True),
        Column(
            "interval", covered([interval(r["low"], r["high"], "ratio", lang) for r in rows], few, lang), True
        ),
        Column("cases", covered([number(r["n"]) for r in rows], few, lang), True),
        Column("losses", covered([number(r["losses"]) for r in rows], few, lang), True),
    ]
    return render(columns, lang, text("caption.health_calibration", lang))


def calibration(result: Calibration, ds: Dataset, lang: str = "ja") -> Html:
    """Return plan and records by task: minutes, times, hours, and how far the record is trusted.

    Parameters
    ----------
    result : Calibration
        From `csanalysis.calibrate`.
    ds : Dataset
        Names the tasks.
    lang : {"ja", "en"}
    """
    inventory = ds.tables["task_inventory"].set_index("task_id")
    other = "en" if lang == "ja" else "ja"
    rows = result.tasks.to_dict("records")
    named = [inventory.loc[r["task_id"]] for r in rows]
    columns = [
        Column("task", [str(t[f"name_{lang}"] or t[f"name_{other}"]) for t in named]),
        Column("months_recorded", [number(r["months"]) for r in rows], True),
        Column("minutes_plan", [trimmed(r["minutes_plan"], 1) for r in rows], True),
        Column("minutes_recorded", [_plain(r["minutes_recorded"], 1) for r in rows], True),
        Column("minutes_calibrated", [_plain(r["minutes"], 1) for r in rows], True),
        Column("interval", [interval(r["minutes_low"], r["minutes_high"], "", lang) for r in rows], True),
        Column(
            "trust",
            [percent(r["minutes_trust"], 0) if _known(r["minutes_trust"]) else "-" for r in rows],
            True,
        ),
        Column("frequency_plan", [trimmed(r["frequency_plan"], 3) for r in rows], True),
        Column("frequency_calibrated", [_plain(r["frequency"], 3) for r in rows], True),
        Column("hours_plan", [_plain(r["hours_plan"], 1) for r in rows], True),
        Column("hours_actual", [_plain(r["hours_actual"], 1) for r in rows], True),
    ]
    return render(columns, lang, text("caption.calibration", lang))


def _mrr(row: Mapping[Any, Any], lang: str) -> str:
    return quantity(row["mrr"], "JPY/month", lang)


def _known(value: float) -> bool:
    return math.isfinite(value)


def _plain(value: float, digits: int) -> str:
    return trimmed(value, digits) if _known(value) else "-"


def _score(value: float) -> str:
    return number(value) if _known(value) else "-"
