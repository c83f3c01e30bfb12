"""Customer segments: the optional table, or one segment `all` from the parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario

ALL = "all"
_USED = (
    *("accounts", "arr", "monthly_churn", "growth_monthly", "term_months", "new_accounts_per_month"),
    *("onboarding_sessions", "tickets_per_account"),
)
"""Parameters that decide volumes: where one of them is an array, all volumes are."""


@dataclass(frozen=True)
class Segments:
    """Accounts of today by segment; arrays of shape (n_segments,) or (n_segments, n_scenarios).

    Attributes
    ----------
    keys : tuple of str
        Segment keys; ``("all",)`` where the workspace has no segments table.
    accounts : ndarray
        Active accounts today.
    monthly_churn : ndarray
        Share of accounts lost a month.
    new_accounts : ndarray
        New accounts a month today: entered, else accounts x (churn + growth), never below zero.
    term_months : ndarray
        Contract length in months; 1 = monthly contract.
    arpa_monthly : ndarray
        JPY per account and month.
    touch : tuple of str
        Touch model of each segment; empty where not given.
    """

    keys: tuple[str, ...]
    accounts: Array
    monthly_churn: Array
    new_accounts: Array
    term_months: Array
    arpa_monthly: Array
    touch: tuple[str, ...]


def segments_of(ds: Dataset, sc: Scenario) -> Segments:
    """Return the segments under a scenario.

    With a segments table, a changed parameter scales all segments alike: accounts, new accounts, churn,
    term and revenue keep their proportions.

    Parameters
    ----------
    ds : Dataset
        Uses the segments table where there is one.
    sc : Scenario
        Scalars or arrays of shape ``(n_scenarios,)``.
    """
    accounts, churn, term = (_row(sc, k) for k in ("accounts", "monthly_churn", "term_months"))
    arpa = _row(sc, "arr") / (12 * accounts)
    table, entered = ds.tables.get("segments"), sc["new_accounts_per_month"]
    keys: tuple[str, ...] = (ALL,)
    touch: tuple[str, ...] = ("",)
    own: Array | None = None
    if table is not None:
        keys, touch = tuple(table["segment"]), tuple(table["touch"])
        columns = {c: table[c].to_numpy(float)[:, None] for c in table.select_dtypes("number")}
        more = _change(ds, sc, "accounts")
        accounts = columns["accounts"] * more
        arpa = columns["arpa_monthly"] * _change(ds, sc, "arr") / more
        churn = np.minimum(_moved(ds, sc, "monthly_churn", columns["monthly_churn"]), 1.0)
        term = np.maximum(columns["term_months"] * _change(ds, sc, "term_months"), 1.0)
        own = columns["new_accounts_per_month"]
    new = np.maximum(accounts * (churn + _row(sc, "growth_monthly")), 0.0)
    if own is not None:
        new = np.where(np.isnan(own), new, own * _change(ds, sc, "accounts"))
    if entered is not None:
        new = _row(sc, "new_accounts_per_month") * _shares(new)
    arrays = np.broadcast_arrays(accounts, churn, new, term, arpa)
    scalar = all(np.ndim(sc[k]) == 0 for k in _USED if sc[k] is not None)
    accounts, churn, new, term, arpa = (a[:, 0] if scalar else a for a in arrays)
    return Segments(keys, accounts, churn, new, term, arpa, touch)


DISAGREES = 0.01
"""Sums of the segments table this far (as a share) from the parameter are told."""


def disagreements(ds: Dataset) -> list[tuple[str, float, float]]:
    """Return (parameter key, sum of the segments, value) where the segments table says something else.

    Revenue is the sum of accounts x arpa_monthly x 12, churn the mean by accounts; both at the defaults.
    """
    table = ds.tables.get("segments")
    if table is None:
        return []
    accounts = table["accounts"].to_numpy(float)
    sums = {
        "arr": float(12 * (accounts * table["arpa_monthly"].to_numpy(float)).sum()),
        "monthly_churn": float(np.average(table["monthly_churn"].to_numpy(float), weights=accounts))
        if accounts.sum()
        else 0.0,
    }
    values = {key: float(ds.base.number(key)) for key in sums}
    return [
        (key, total, values[key])
        for key, total in sums.items()
        if abs(total - values[key]) > DISAGREES * max(abs(total), abs(values[key]))
    ]


def _row(sc: Scenario, key: str) -> Array:
    """Return a value as an array of shape (1, 1) or (1, n_scenarios)."""
    return np.atleast_1d(np.asarray(sc.number(key), dtype=float))[None, :]


def _moved(ds: Dataset, sc: Scenario, key: str, values: Array) -> Array:
    """Return the segments' values scaled as the parameter is; a default of zero is added to instead."""
    if float(ds.base.number(key)):
        return values * _change(ds, sc, key)
    return values + _row(sc, key)


def _change(ds: Dataset, sc: Scenario, key: str) -> Array:
    """Return value / default of a parameter; 1 where the default is zero."""
    default = float(ds.base.number(key))
    return _row(sc, key) / default if default else np.ones((1, 1))


def _shares(values: Array) -> Any:
    """Return how a total is divided between segments: as their own values are, else evenly."""
    whole = values.sum(axis=0, keepdims=True)
    return np.where(whole > 0, values / np.where(whole > 0, whole, 1.0), 1 / len(values))
