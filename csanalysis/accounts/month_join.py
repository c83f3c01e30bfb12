"""What contracts and the usage log say of an account and month, side by side; rows of either stay."""

from __future__ import annotations

import hashlib
from typing import Any

import pandas as pd

from csanalysis.accounts.contract_periods import CONTRACT_COLUMNS
from csanalysis.accounts.event_months import TOLD_COLUMNS, USAGE_COLUMNS

COLUMNS = ("account_id", "segment", "month", *CONTRACT_COLUMNS, *USAGE_COLUMNS, *TOLD_COLUMNS)
"""Columns of the account-month table."""
LOG_COLUMNS = ("account_id", "month", *USAGE_COLUMNS, *TOLD_COLUMNS)
_TYPES: dict[str, Any] = {
    **dict.fromkeys(("active_open", "active_close", "is_new", "is_returned", "is_lost"), (False, bool)),
    **dict.fromkeys(("contracts", "events", "active_days", "last_day", *TOLD_COLUMNS), (0, "int64")),
    **dict.fromkeys(("mrr_open", "mrr_close", "usage", "tickets"), (0.0, float)),
    **dict.fromkeys(("segment", "csm"), ("", str)),
    **dict.fromkeys(("onboarding_sessions", "complexity"), (None, float)),
    **dict.fromkeys(("begun", "renewal_date"), (None, "datetime64[us]")),
}
"""Column -> what an empty cell means (None: stays empty), and its type."""


def joined(contracts: pd.DataFrame, logged: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both by account and month, sorted, in the columns of the table."""
    both = contracts.merge(logged, on=["account_id", "month"], how="outer")
    both = both.reindex(columns=list(COLUMNS))
    typed: dict[str, Any] = {}
    for name, (blank, kind) in _TYPES.items():
        cells = both[name] if blank is None else both[name].where(both[name].notna(), blank)
        typed[name] = cells.astype(kind)
    both = both.assign(**typed, month=both["month"].astype("int64"))
    return both.sort_values(["account_id", "month"], ignore_index=True)


def log_rows(part: pd.DataFrame) -> pd.Series[Any]:
    """Return how many rows of the log stand behind each row of the table."""
    return part["events"] + part["duplicates"] + part["bad_counts"]


def logged_of(part: pd.DataFrame) -> pd.DataFrame:
    """Return what rows of the table say of the log alone."""
    return part.loc[log_rows(part) > 0, list(LOG_COLUMNS)]


def hash_of(part: pd.DataFrame) -> str:
    """Return a hash of contract rows, whatever their order."""
    rows = pd.util.hash_pandas_object(part.sort_values("account_id"), index=False)
    return hashlib.sha256(rows.to_numpy().tobytes()).hexdigest()[:16]
