"""What is known of an account at a cut: usage against its own past, tickets, distance to the renewal.

Nothing after the cut is looked at: neither usage nor the end of a contract. Renewals are taken from the day
custom began, or from the month of a renewal date, and the term: a date that was moved on later tells nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

RECENT, BASELINE = 2, 6
"""Months that count as recent, and months before them to compare with (chosen)."""
LEAST_BASELINE = 2
"""Months of baseline an account needs before a fall can be told (chosen)."""
TICKET_MONTHS = 3
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """The account-month table as arrays of shape (n_accounts, n_months).

    Attributes
    ----------
    accounts : ndarray of str
    first : int
        Month of the first column, since January 1970.
    usage, tickets, mrr : ndarray
        NaN where the account was not under contract; usage and tickets also before the log begins.
    active : ndarray of bool
        Open at the closing.
    lost : ndarray of bool
    begun, renewal : ndarray
        Month in which custom began; month of the renewal date stated (NaN: none).
    complexity : ndarray
    log_from : int
        First month of the usage log, since January 1970.
    """

    accounts: npt.NDArray[np.object_]
    first: int
    usage: Numbers
    tickets: Numbers
    mrr: Numbers
    active: npt.NDArray[np.bool_]
    lost: npt.NDArray[np.bool_]
    begun: Numbers
    renewal: Numbers
    complexity: Numbers
    log_from: int


def grid_of(table: pd.DataFrame) -> Grid:
    """Return the account-month table as arrays."""
    at = table["month"].to_numpy().astype("datetime64[M]").astype(np.int64)
    first, last = (int(at.min()), int(at.max())) if len(at) else (0, 0)
    code, names = pd.factorize(table["account_id"])
    place = (code, at - first)

    def spread(values: object, empty: float = np.nan) -> Numbers:
        out = np.full((len(names), last - first + 1), empty)
        out[place] = np.asarray(values, dtype=float)
        return out

    logged = at[table["events"].to_numpy() > 0]
    log_from = int(logged.min()) if len(logged) else last + 1
    usage, tickets = spread(table["usage"]), spread(table["tickets"])
    unseen = max(log_from - first, 0)
    usage[:, :unseen] = tickets[:, :unseen] = np.nan
    return Grid(
        np.asarray(names, dtype=object),
        first,
        usage,
        tickets,
        spread(table["mrr_close"]),
        spread(table["active_close"], 0.0) > 0,
        spread(table["is_lost"], 0.0) > 0,
        spread(_months(table["begun"])),
        spread(_months(table["renewal_date"])),
        spread(table["complexity"]),
        log_from,
    )


def _months(dates: pd.Series[Any]) -> Numbers:
    known = dates.notna().to_numpy()
    months = dates.fillna(pd.Timestamp("1970-01-01")).to_numpy().astype("datetime64[M]").astype(float)
    return np.where(known, months, np.nan)


def features_at(grid: Grid, cut: int, term_months: float) -> pd.DataFrame:
    """Return what is known at the closing of month `cut`, one row per account open then.

    Parameters
    ----------
    grid : Grid
    cut : int
        Month since January 1970, within the grid.
    term_months : float
        Contract length; 1 = monthly contracts, which have no renewal to wait for.

    Returns
    -------
    pandas.DataFrame
        account (position), recent and baseline (usage a month; NaN: unknown), trend (recent / baseline),
        tickets (in three months), ticket_ratio (against the mean account), renewal_in (months from the
        closing; NaN: none), age (months), mrr (JPY a month), mrr_rise (over six months, ratio), complexity.
    """
    column = cut - grid.first
    who = np.flatnonzero(grid.active[:, column])
    begun = grid.begun[who, column]
    months = grid.first + np.arange(column + 1)
    own = months[None, :] >= begun[:, None]
    # A month in which custom began late shows little usage for that reason alone: it is no baseline.
    whole = months[None, :] > begun[:, None]
    recent = _mean(grid.usage[who, : column + 1], own, column - RECENT + 1, column + 1, 1)
    low = max(column - RECENT - BASELINE + 1, 0)
    baseline = _mean(grid.usage[who, : column + 1], whole, low, column - RECENT + 1, LEAST_BASELINE)
    trend = np.divide(recent, baseline, out=np.full(len(who), np.nan), where=baseline > 0)
    trend = np.where((baseline == 0) & (recent > 0), np.inf, np.where(baseline == 0, 0.0, trend))
    start = max(column - TICKET_MONTHS + 1, 0)
    asked = grid.tickets[who, start : column + 1]
    tickets = np.where(np.isfinite(asked).any(axis=1), np.nansum(asked, axis=1), np.nan)
    mean = float(np.nanmean(tickets)) if np.isfinite(tickets).any() else np.nan
    before = grid.mrr[who, max(column - 6, 0)]
    now = grid.mrr[who, column]
    rise = np.divide(now, before, out=np.full(len(who), np.nan), where=before > 0) - 1
    return pd.DataFrame(
        {
            "account": who,
            "recent": recent,
            "baseline": baseline,
            "trend": trend,
            "tickets": tickets,
            "ticket_ratio": tickets / mean if mean and np.isfinite(mean) else tickets * np.nan,
            "renewal_in": _renewal(grid, who, column, term_months),
            "age": cut - begun,
            "mrr": now,
            "mrr_rise": rise,
            "complexity": grid.complexity[who, column],
        }
    )


def _mean(usage: Numbers, own: npt.NDArray[np.bool_], low: int, high: int, least: int) -> Numbers:
    """Return the mean of columns low to high - 1 that are the account's own; NaN with fewer than `least`."""
    low = max(low, 0)
    part = usage[:, low:high]
    seen = own[:, low:high] & np.isfinite(part)
    count = seen.sum(axis=1)
    total = np.where(seen, part, 0.0).sum(axis=1)
    enough = count >= max(least, 1)
    return np.asarray(np.divide(total, count, out=np.full(len(part), np.nan), where=enough))


def renewals_at(grid: Grid, cut: int, term_months: float) -> tuple[npt.NDArray[np.int64], Numbers]:
    """Return the accounts open at a closing (positions), and their months to the renewal; NaN: none."""
    column = cut - grid.first
    who = np.flatnonzero(grid.active[:, column])
    return who, _renewal(grid, who, column, term_months)


def _renewal(grid: Grid, who: npt.NDArray[np.int64], column: int, term_months: float) -> Numbers:
    """Return months from the closing to the next renewal: 0 = in the month that follows."""
    term = round(term_months)
    if term <= 1:
        return np.full(len(who), np.nan)
    stated = grid.renewal[who, column]
    anchor = np.where(np.isfinite(stated), stated, grid.begun[who, column])
    return np.asarray((anchor - (grid.first + column + 1)) % term, dtype=float)


def lost_within(grid: Grid, cut: int, who: npt.NDArray[np.int64], horizon: int) -> npt.NDArray[np.bool_]:
    """Tell which accounts are lost in the `horizon` months after `cut`."""
    column = cut - grid.first
    return np.asarray(grid.lost[who, column + 1 : column + 1 + horizon].any(axis=1))
