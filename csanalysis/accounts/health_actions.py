"""Triggers and what follows from them: risk, expansion, and the sheet of activity and outcome KPIs (BRIDGE).

BRIDGE says that triggers, actions, responsibility and hand-over rules are to be agreed, and names no figure:
those below are chosen, stand here alone, and are shown with the grade assumption.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.accounts.health_score import AT_RISK, GREW, HEALTHY, RENEWAL_NEAR

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Trigger:
    """A rule that asks for an action.

    Attributes
    ----------
    code : str
        Its texts are ``trigger.<code>`` and ``action.<code>``.
    kind : {"risk", "expansion"}
    owner : str
        Kind of resource that acts.
    days : int
        Working days within which it acts (the service level).
    task_id : str
        Task of the example inventory that the action is.
    holds : callable
        Frame of accounts -> array of bool.
    """

    code: str
    kind: str
    owner: str
    days: int
    task_id: str
    holds: Callable[[pd.DataFrame], Flags]


def _has(reason: str) -> Callable[[pd.DataFrame], Flags]:
    def holds(accounts: pd.DataFrame) -> Flags:
        return np.array([reason in found for found in accounts["reasons"].to_numpy()], dtype=bool)

    return holds


def _near(accounts: pd.DataFrame) -> Flags:
    return np.asarray(accounts["renewal_in"].to_numpy(dtype=float) <= RENEWAL_NEAR)


def _risky_renewal(accounts: pd.DataFrame) -> Flags:
    return _near(accounts) & (accounts["health"].to_numpy(dtype=float) < AT_RISK)


def _plain_renewal(accounts: pd.DataFrame) -> Flags:
    return _near(accounts) & ~(accounts["health"].to_numpy(dtype=float) < AT_RISK)


def _grown(accounts: pd.DataFrame) -> Flags:
    """Usage grew while the price did not: room for more, agreed before the renewal."""
    trend, rise = (accounts[c].to_numpy(dtype=float) for c in ("trend", "mrr_rise"))
    return np.asarray((trend >= GREW) & np.isfinite(trend) & ~(rise > 0))


def _healthy_renewal(accounts: pd.DataFrame) -> Flags:
    usage = accounts["usage_score"].to_numpy(dtype=float)
    return _near(accounts) & (usage >= HEALTHY) & ~_has("tickets_many")(accounts)


TRIGGERS = (
    Trigger("no_usage", "risk", "csm", 2, "ado_risk_response", _has("no_usage")),
    Trigger("usage_fell", "risk", "csm", 5, "ado_low_usage_contact", _has("usage_fell")),
    Trigger("usage_falling", "risk", "tech_touch", 10, "ado_monthly_notice", _has("usage_falling")),
    Trigger("tickets_many", "risk", "csm", 5, "ado_user_training", _has("tickets_many")),
    Trigger("risky_renewal", "risk", "csm", 3, "rnw_negotiation", _risky_renewal),
    Trigger("plain_renewal", "risk", "bpo", 10, "rnw_intent_confirm", _plain_renewal),
    Trigger("usage_grew", "expansion", "csm", 10, "exp_proposal", _grown),
    Trigger("healthy_renewal", "expansion", "bpo", 15, "exp_appointment", _healthy_renewal),
)


def fired(accounts: pd.DataFrame) -> dict[str, Flags]:
    """Return trigger code -> accounts for which it fires."""
    return {trigger.code: trigger.holds(accounts) for trigger in TRIGGERS}


def actions_of(accounts: pd.DataFrame, minutes: Mapping[str, float]) -> pd.DataFrame:
    """Return one row a trigger: what fires, for how many, who acts within how many days, and the hours.

    Parameters
    ----------
    accounts : pandas.DataFrame
        With reasons, health, usage_score, trend, renewal_in, mrr, mrr_rise.
    minutes : mapping
        Task of the inventory -> minutes per time.

    Returns
    -------
    pandas.DataFrame
        trigger, kind, owner, days, task_id (empty where the inventory has no such task), accounts, mrr
        (JPY/month behind them), hours (NaN without the task).
    """
    flags = fired(accounts)
    rows = []
    for trigger in TRIGGERS:
        own = flags[trigger.code]
        each = minutes.get(trigger.task_id, float("nan"))
        rows.append(
            {
                "trigger": trigger.code,
                "kind": trigger.kind,
                "owner": trigger.owner,
                "days": trigger.days,
                "task_id": trigger.task_id if trigger.task_id in minutes else "",
                "accounts": int(own.sum()),
                "mrr": float(accounts.loc[own, "mrr"].sum()),
                "hours": float(own.sum()) * each / 60,
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class SheetRow:
    """A KPI of the sheet: activity or outcome, its owner and where it is handed over.

    Texts: ``health_kpi.<code>``, ``health_kpi_handover.<code>``.
    """

    code: str
    kind: str
    owner: str
    unit: str
    value: Callable[[Mapping[str, Any]], tuple[float, float]]


def _ratio(top: str, bottom: str) -> Callable[[Mapping[str, Any]], tuple[float, float]]:
    def value(facts: Mapping[str, Any]) -> tuple[float, float]:
        base = float(facts[bottom])
        return (float(facts[top]) / base if base else float("nan")), base

    return value


def _count(name: str) -> Callable[[Mapping[str, Any]], tuple[float, float]]:
    return lambda facts: (float(facts[name]), float(facts["accounts"]))


SHEET = (
    SheetRow("risk_actions", "activity", "csm", "account", _count("risk")),
    SheetRow("renewal_contacts", "activity", "bpo", "account", _count("renewals_ahead")),
    SheetRow("expansion_actions", "activity", "csm", "account", _count("expansion")),
    SheetRow("action_hours", "activity", "csm", "hour/month", _count("hours")),
    SheetRow("renewal_rate", "outcome", "csm", "ratio/year", _ratio("renewed", "due")),
    SheetRow("upsell_rate", "outcome", "csm", "ratio/year", _ratio("raised", "open_all_year")),
    SheetRow("at_risk_share", "outcome", "csm", "ratio", _ratio("at_risk", "scored")),
    SheetRow("at_risk_mrr", "outcome", "csm", "JPY/month", _count("at_risk_mrr")),
)


def sheet_of(facts: Mapping[str, Any], rows: Sequence[SheetRow] = SHEET) -> pd.DataFrame:
    """Return the sheet: kpi, kind, owner, value, unit, n."""
    found = []
    for row in rows:
        value, n = row.value(facts)
        found.append((row.code, row.kind, row.owner, value, row.unit, n))
    return pd.DataFrame(found, columns=["kpi", "kind", "owner", "value", "unit", "n"])
