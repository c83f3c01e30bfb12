"""Account health: score, reasons, what to do, and whether the score would have told who leaves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.accounts.account_months import AccountMonths, account_months
from csanalysis.accounts.health_actions import actions_of, sheet_of
from csanalysis.accounts.health_backtest import HORIZON, Backtest, backtest, cases_of, chance_of
from csanalysis.accounts.health_features import Grid, features_at, grid_of, renewals_at
from csanalysis.accounts.health_findings import findings_of
from csanalysis.accounts.health_score import (
    COMPONENTS,
    band_of,
    component_scores,
    health,
    lost_points,
    reason_flags,
    reasons_of,
)
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_minutes
from csanalysis.model.findings import Finding
from csanalysis.model.scenario import Scenario

YEAR = 12


@dataclass(frozen=True)
class Health:
    """Health of every account under contract at the last closing.

    Attributes
    ----------
    accounts : pandas.DataFrame
        account_id, csm, segment, health (0-100, NaN: nothing known), band, usage_score, ticket_score,
        renewal_score, trend, tickets, renewal_in (months), mrr (JPY/month), mrr_rise, chance (of loss within
        three months; NaN without a back-test), reasons (tuple of codes); the least healthy first.
    month : int
        The closing it speaks of, since January 1970.
    weights : mapping of str to float
        Of usage, tickets and renewal; they add up to 1.
    fitted : bool
        Whether the weights were fitted on the company's own losses.
    actions, sheet : pandas.DataFrame
        Triggers with what follows; activity and outcome KPIs.
    backtest : Backtest or None
        None where the records hold too few losses.
    synthetic : bool
        Whether the records are the toolkit's invented example, on which a back-test is circular.
    findings : tuple of Finding
    """

    accounts: pd.DataFrame = field(repr=False)
    month: int
    weights: dict[str, float]
    fitted: bool
    actions: pd.DataFrame = field(repr=False)
    sheet: pd.DataFrame = field(repr=False)
    backtest: Backtest | None = field(repr=False)
    synthetic: bool
    findings: tuple[Finding, ...] = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an account, the least healthy first."""
        return self.accounts.copy(deep=False)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]


def score_health(
    ds: Dataset,
    sc: Scenario | None = None,
    *,
    months: AccountMonths | None = None,
    weights: str = "parameters",
    judge: bool = True,
    seed: int = 1,
) -> Health:
    """Score every account from 0 to 100, say why, what to do, and how far to believe it (BRIDGE).

    Parameters
    ----------
    ds : Dataset
        Uses accounts and, where there is one, the usage log.
    sc : Scenario, optional
        For ``health_weight_*`` and ``term_months``; default the parameters' defaults.
    months : AccountMonths, optional
        A table made before, so that no event is read again; default `account_months` of `ds`.
    weights : {"parameters", "fitted"}
        Weights of the parameter table, or by logistic regression on the company's own losses.
    judge : bool
        Whether to fit and to back-test; without, weights of the parameter table alone can be used.
    seed : int
        Of the resampling behind the intervals.

    Returns
    -------
    Health
        Without accounts: an empty frame and a finding that says so.

    Raises
    ------
    ValueError
        For other `weights`, or if all ``health_weight_*`` are 0.

    Examples
    --------
    >>> import csanalysis as cs
    >>> found = cs.score_health(cs.load_dataset("data"))
    >>> len(found.to_frame()), sorted(found.weights)
    (439, ['renewal', 'tickets', 'usage'])
    """
    if weights not in ("parameters", "fitted"):
        raise ValueError(f"weights must be parameters or fitted, not {weights!r}")
    sc = ds.base if sc is None else sc
    given = _weights(sc)
    table = account_months(ds) if months is None else months
    if table.table.empty:
        return _nothing(Finding("health.no_table", level="question"), given)
    grid = grid_of(table.table)
    if grid.log_from > table.last:
        key = "health.no_match" if table.has_events else "health.no_events"
        return _nothing(Finding(key, level="question"), given)
    term = float(sc.number("term_months"))
    tested = None
    if judge:
        cases = cases_of(grid, table.last, term)
        tested = backtest(cases, given, fitted=weights == "fitted", seed=seed)
    used = dict(tested.weights) if tested and weights == "fitted" else given
    accounts = _scored(table, grid, term, used, tested)
    inventory = ds.tables["task_inventory"]["task_id"]
    minutes = dict(zip(inventory, task_minutes(ds, sc), strict=True))
    actions = actions_of(accounts, {str(k): float(v) for k, v in minutes.items()})
    sheet = sheet_of(_facts(grid, table, accounts, actions, term))
    found = Health(
        accounts,
        table.last,
        used,
        weights == "fitted" and tested is not None,
        actions,
        sheet,
        tested,
        is_synthetic(ds),
        (),
    )
    return replace(found, findings=tuple(findings_of(found, weights)))


def is_synthetic(ds: Dataset) -> bool:
    """Tell whether the usage log is the toolkit's invented one, by its place beside the example's marker."""
    if ds.usage_events is None:
        return False
    return (ds.root / "README.md").is_file() and _EXAMPLE in (ds.root / "README.md").read_text("utf-8")[:4000]


_EXAMPLE = "**The company is invented.**"


def _weights(sc: Scenario) -> dict[str, float]:
    raw = {name: float(sc.number(f"health_weight_{name}")) for name in COMPONENTS}
    total = sum(raw.values())
    if not total > 0:
        raise ValueError("health_weight_usage, _tickets and _renewal must not all be 0")
    return {name: value / total for name, value in raw.items()}


def _scored(
    table: AccountMonths, grid: Grid, term: float, weights: dict[str, float], tested: Backtest | None
) -> pd.DataFrame:
    """Return the accounts open at the last closing with score, band, chance and reasons."""
    known = features_at(grid, table.last, term)
    scores = component_scores(known)
    score = health(scores, weights)
    points = lost_points(scores, weights)
    last = table.table[table.table["month"] == table.table["month"].max()].set_index("account_id")
    names = grid.accounts[known["account"]]
    frame = pd.DataFrame(
        {
            "account_id": names,
            "csm": last.loc[names, "csm"].to_numpy(),
            "segment": last.loc[names, "segment"].to_numpy(),
            "health": score,
            "band": band_of(score),
            **{f"{n}_score": scores[:, i] for i, n in enumerate(("usage", "ticket", "renewal"))},
            **{c: known[c] for c in ("trend", "tickets", "renewal_in", "mrr", "mrr_rise")},
            "chance": chance_of(score, tested.intercept, tested.slope) if tested else np.nan,
            "reasons": reasons_of(reason_flags(known), points),
        }
    )
    return frame.sort_values(["health", "mrr"], ascending=[True, False], ignore_index=True)


def _facts(
    grid: Grid, table: AccountMonths, accounts: pd.DataFrame, actions: pd.DataFrame, term: float
) -> dict[str, Any]:
    """Return the counts behind the KPI sheet; outcomes are those of the last twelve months."""
    due = renewed = 0
    for month in range(max(table.last - YEAR + 1, grid.first + 1), table.last + 1):
        who, away = renewals_at(grid, month - 1, term)
        ahead = who[away == 0]
        due += len(ahead)
        renewed += int(grid.active[ahead, month - grid.first].sum())
    now, then = table.last - grid.first, max(table.last - YEAR - grid.first, 0)
    whole = grid.active[:, then] & grid.active[:, now]
    risk, expansion = (actions.loc[actions["kind"] == kind] for kind in ("risk", "expansion"))
    at_risk = accounts["band"] == "at_risk"
    plain = risk["trigger"].isin(["risky_renewal", "plain_renewal"])
    return {
        "accounts": len(accounts),
        "scored": int(accounts["health"].notna().sum()),
        "risk": int(risk.loc[~plain, "accounts"].sum()),
        "renewals_ahead": int(risk.loc[plain, "accounts"].sum()),
        "expansion": int(expansion["accounts"].sum()),
        "hours": float(actions["hours"].sum()),
        "due": due,
        "renewed": renewed,
        "open_all_year": int(whole.sum()),
        "raised": int((whole & (grid.mrr[:, now] > grid.mrr[:, then])).sum()),
        "at_risk": int(at_risk.sum()),
        "at_risk_mrr": float(accounts.loc[at_risk, "mrr"].sum()),
    }


def _nothing(finding: Finding, weights: dict[str, float]) -> Health:
    columns = [
        *("account_id", "csm", "segment", "health", "band", "usage_score", "ticket_score", "renewal_score"),
        *("trend", "tickets", "renewal_in", "mrr", "mrr_rise", "chance", "reasons"),
    ]
    empty = pd.DataFrame(columns=columns)
    actions = pd.DataFrame(
        columns=["trigger", "kind", "owner", "days", "task_id", "accounts", "mrr", "hours"]
    )
    sheet = pd.DataFrame(columns=["kpi", "kind", "owner", "value", "unit", "n"])
    return Health(empty, 0, weights, False, actions, sheet, None, False, (finding,))


__all__ = ["HORIZON", "Health", "is_synthetic", "score_health"]
