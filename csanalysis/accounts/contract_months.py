"""Contract periods to the account-month table, on which every KPI is defined.

An account is looked at only at month openings, the first instant of a month. A period runs from the first
instant of its `start_date` to the last instant of its `end_date`, so one that starts on the 1st is open at
that month's opening, and one that ends on the last day of a month is not open at the next. The closing
of a month is the opening of the next. Hence, within month t:

- *lost*: open at the opening, not at the closing (last day 10 March or 31 March: lost in March);
- *new*: not open at the opening, open at the closing, never a customer before (start 10 March: new in
  March; start 1 April: in April's opening count, so new in March, by whose closing it was won);
- *returned*: as new, but a customer once before;
- a price change counts in the month between whose opening and closing it falls;
- what begins and ends between two openings is not seen: neither a contract that short, nor a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.labels import both
from csanalysis.schemas.accounts import faults, with_dates

MonthLike = str | date | pd.Timestamp | pd.Period | np.datetime64
Numbers = npt.NDArray[Any]

RUNNING = int(np.datetime64("2300-01-01", "D").astype(int))
"""Day that stands for "no end"."""
MONTH_DAYS = 31
"""A gap below this is told as short."""


@dataclass(frozen=True)
class Unseen:
    """What month openings hide or make of short breaks, within the months asked for.

    Attributes
    ----------
    spells : int
        Stretches of custom that lie between two openings: never counted.
    gaps : int
        Breaks between two openings: not counted as a loss.
    short_gaps : int
        Breaks below 31 days that contain an opening: counted as lost and returned.
    """

    spells: int
    gaps: int
    short_gaps: int


def month_number(month: MonthLike) -> int:
    """Return months since January 1970.

    Examples
    --------
    >>> month_number("1970-03"), month_number(date(1971, 1, 15))
    (2, 12)
    """
    period = month if isinstance(month, pd.Period) else pd.Timestamp(month).to_period("M")
    return (int(period.year) - 1970) * 12 + int(period.month) - 1


def month_dates(numbers: Numbers) -> Numbers:
    """Return the first day of months counted from January 1970."""
    return numbers.astype("datetime64[M]").astype("datetime64[us]")


def contract_months(
    contracts: pd.DataFrame, first: MonthLike, last: MonthLike, *, gap_days: int = 1
) -> pd.DataFrame:
    """Return one row per account and month in which it is open at the opening or at the closing.

    Parameters
    ----------
    contracts : pandas.DataFrame
        Contract periods: account_id, start_date, end_date, mrr (JPY a month); segment, csm and
        onboarding_sessions where there are any. Dates as ISO text or datetimes; empty end = running.
    first, last : month
        Such as ``"2025-04"`` or any date in the month; both included.
    gap_days : int
        A break of fewer days between two periods counts as none, and the old price runs on through it.
        1: every break counts that contains a month opening.

    Returns
    -------
    pandas.DataFrame
        Sorted by account and month: account_id, segment (of the account's latest period), month (first
        day), active_open, active_close, mrr_open, mrr_close (JPY a month, 0 where not open), csm (at the
        closing, else at the opening), is_new, is_returned, is_lost, onboarding_sessions (of the first
        period, in the month the account is new; else NaN).

    Raises
    ------
    ValueError
        If periods break the rules of the accounts table.

    Examples
    --------
    >>> one = pd.DataFrame(
    ...     {"account_id": ["A"], "start_date": ["2026-01-10"], "end_date": ["2026-02-28"], "mrr": [5e4]}
    ... )
    >>> contract_months(one, "2026-01", "2026-03")[["active_open", "is_new", "is_lost"]].values.tolist()
    [[False, True, False], [True, False, True]]
    """
    begin, end = month_number(first), month_number(last)
    if end < begin:
        raise ValueError(both("accounts.months", first=first, last=last))
    periods = _periods(contracts, gap_days)
    period, instant = _openings(periods, begin, end)
    code = periods["code"].to_numpy()[period]
    width = end - begin + 1
    at_open, at_close = instant <= end, instant > begin
    open_keys = code[at_open] * width + instant[at_open] - begin
    close_keys = code[at_close] * width + instant[at_close] - 1 - begin
    keys = np.union1d(open_keys, close_keys)
    opening, closing = (np.full(len(keys), -1) for _ in range(2))
    opening[np.searchsorted(keys, open_keys)] = period[at_open]
    closing[np.searchsorted(keys, close_keys)] = period[at_close]
    return _table(periods, keys // width, keys % width + begin, opening, closing)


def unseen(contracts: pd.DataFrame, first: MonthLike, last: MonthLike, *, gap_days: int = 1) -> Unseen:
    """Count what month openings hide or make of short breaks from `first` to `last`.

    Parameters are those of `contract_months`; a spell or break belongs to the month it begins in.
    """
    periods = _periods(contracts, gap_days)
    begin, end = month_number(first), month_number(last)
    code, start, stop = (periods[c].to_numpy() for c in ("code", "start", "end"))
    joined = np.zeros(len(code), dtype=bool)
    joined[1:] = (code[1:] == code[:-1]) & (start[1:] == stop[:-1] + 1)
    spell = np.cumsum(~joined)
    heads = np.flatnonzero(~joined)
    starts, stops = start[heads], stop[np.flatnonzero(np.diff(spell, append=spell[-1:] + 1))]
    short = _next_opening(starts) > _month(stops)
    inside = (_month(starts) >= begin) & (_month(starts) <= end)
    again = np.flatnonzero(code[heads][1:] == code[heads][:-1])
    gap_first, gap_last = stops[again] + 1, starts[again + 1] - 1
    hidden = _next_opening(gap_first) > _month(gap_last)
    within = (_month(gap_first) >= begin) & (_month(gap_first) <= end)
    brief = ~hidden & (gap_last - gap_first + 1 < MONTH_DAYS)
    return Unseen(int((short & inside).sum()), int((hidden & within).sum()), int((brief & within).sum()))


def _periods(contracts: pd.DataFrame, gap_days: int) -> pd.DataFrame:
    """Return sound periods by account and start: code, start and end as days since 1970."""
    for column in ("account_id", "start_date", "end_date", "mrr"):
        if column not in contracts:
            raise ValueError(both("accounts.no_column", column=column))
    for fault in faults(contracts):
        account = contracts["account_id"].iloc[fault.position]
        raise ValueError(both("accounts.fault", rule=fault.rule, column=fault.column, account=account))
    rows = with_dates(contracts).sort_values(["account_id", "start_date"], kind="stable")
    rows = rows.reset_index(drop=True)
    for column, blank in (("segment", ""), ("csm", ""), ("onboarding_sessions", np.nan)):
        rows[column] = rows[column].where(rows[column].notna(), blank) if column in rows else blank
    code = pd.factorize(rows["account_id"])[0]
    start, stop = (_days(rows[c]) for c in ("start_date", "end_date"))
    stop = np.where(rows["end_date"].isna(), RUNNING, stop)
    gap = start[1:] - stop[:-1] - 1
    bridged = (code[1:] == code[:-1]) & (gap > 0) & (gap < gap_days)
    stop[:-1] = np.where(bridged, start[1:] - 1, stop[:-1])
    return rows.assign(code=code, start=start, end=stop)


def _days(dates: pd.Series) -> Numbers:
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def _month(days: Numbers) -> Numbers:
    return np.asarray(days).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _next_opening(days: Numbers) -> Numbers:
    """Return the month of the first opening on or after a day."""
    return _month(np.asarray(days) - 1) + 1


def _openings(periods: pd.DataFrame, begin: int, end: int) -> tuple[Numbers, Numbers]:
    """Return (position of the period, month) for every opening from `begin` to `end` + 1 it covers."""
    earliest = np.maximum(_next_opening(periods["start"].to_numpy()), begin)
    latest = np.minimum(_month(periods["end"].to_numpy()), end + 1)
    count = np.maximum(latest - earliest + 1, 0)
    period = np.repeat(np.arange(len(periods)), count)
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return period, earliest[period] + nth


def _table(
    periods: pd.DataFrame, code: Numbers, month: Numbers, opening: Numbers, closing: Numbers
) -> pd.DataFrame:
    """Build the account-month table; `opening` and `closing` are positions of periods, -1 = none."""
    is_open, is_closed = opening >= 0, closing >= 0
    somewhere = np.where(is_closed, closing, opening)
    head = periods.drop_duplicates("code", keep="first")
    tail = periods.drop_duplicates("code", keep="last")
    first_start = head["start"].to_numpy()[code]
    opening_day = month_dates(month).astype("datetime64[D]").astype(np.int64)
    gained = ~is_open & is_closed
    is_new = gained & (first_start > opening_day)
    mrr = periods["mrr"].to_numpy(dtype=float)
    sessions = head["onboarding_sessions"].to_numpy(dtype=float)[code]
    return pd.DataFrame(
        {
            "account_id": head["account_id"].to_numpy()[code],
            "segment": tail["segment"].to_numpy()[code],
            "month": month_dates(month),
            "active_open": is_open,
            "active_close": is_closed,
            "mrr_open": np.where(is_open, mrr[opening], 0.0),
            "mrr_close": np.where(is_closed, mrr[closing], 0.0),
            "csm": periods["csm"].to_numpy()[somewhere],
            "is_new": is_new,
            "is_returned": gained & ~is_new,
            "is_lost": is_open & ~is_closed,
            "onboarding_sessions": np.where(is_new, sessions, np.nan),
        }
    )
