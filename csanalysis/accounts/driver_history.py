"""What happened in past months, by driver of work: accounts, new accounts, sessions, renewals and tickets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csanalysis.accounts.account_months import AccountMonths
from csanalysis.accounts.retention import aged
from csanalysis.vocabulary import Driver


def driver_history(months: AccountMonths, term_months: float, sessions_each: float) -> pd.DataFrame:
    """Return volumes by month, for all segments together.

    Parameters
    ----------
    months : AccountMonths
    term_months : float
        Contract length, for the renewals: a contract falls due when its age is a multiple of it.
    sessions_each : float
        Onboarding sessions of a new account whose number is not recorded.

    Returns
    -------
    pandas.DataFrame
        Index: month since January 1970; a column for each driver. Tickets are NaN before the usage log
        begins, or without one. Active accounts are those of the opening.
    """
    table = aged(months.table)
    index = pd.RangeIndex(months.first, months.last + 1)
    by_month = table.groupby("at")
    new = by_month["is_new"].sum()
    recorded = table["onboarding_sessions"].fillna(sessions_each).where(table["is_new"], 0.0)
    sessions = recorded.groupby(table["at"]).sum()
    term = max(round(term_months), 1)
    due = table["active_open"] & (table["age"] > 0) & (table["age"] % term == 0) & (term > 1)
    tickets = by_month["tickets"].sum()
    frame = pd.DataFrame(
        {
            Driver.NEW_ACCOUNT: new,
            Driver.ONBOARDING_SESSION: sessions,
            Driver.ACTIVE_ACCOUNT: by_month["active_open"].sum(),
            Driver.RENEWAL: due.groupby(table["at"]).sum(),
            Driver.TICKET: tickets,
        },
        index=index,
    )
    frame = frame.fillna(0.0).astype(float).assign(**{Driver.FIXED: 1.0})
    logged = table.loc[table["events"] > 0, "at"]
    start = int(logged.min()) if len(logged) else months.last + 1
    frame.loc[frame.index < start, Driver.TICKET] = np.nan
    return frame.rename(columns=str)
