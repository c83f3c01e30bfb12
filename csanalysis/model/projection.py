"""Accounts, new accounts, losses and renewals month by month; month 0 is today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import FLAT, Array
from csanalysis.model.renewals import dated_renewals, renewed_again
from csanalysis.model.scenario import Scenario
from csanalysis.model.segments import Segments, segments_of
from csanalysis.vocabulary import Driver


@dataclass(frozen=True)
class Projection:
    """Accounts by month and segment.

    Attributes
    ----------
    segments : Segments
        The start.
    calendar : ndarray, shape (n_months,)
        Calendar month (1-12) of month 0, 1, ...
    accounts, new, lost, renewals : ndarray
        Accounts at the start of a month; new, lost and due for renewal in it. Shape (n_months, n_segments)
        or (n_months, n_segments, n_scenarios).
    capped : bool
        Whether churn per contract, term x monthly churn, had to be cut at 100 %.
    dated_share : ndarray, shape (n_segments,)
        Share of today's contracts that fall due on a renewal date; the rest is spread over the term.
    """

    segments: Segments
    calendar: Array
    accounts: Array
    new: Array
    lost: Array
    renewals: Array
    capped: bool
    dated_share: Array


def calendar_months(ds: Dataset, months: int) -> Array:
    """Return the calendar month of month 0 to `months`, from the workspace's ``as_of``."""
    return np.asarray((ds.as_of.month - 1 + np.arange(months + 1.0)) % 12 + 1)


def season(ds: Dataset, sc: Scenario, key: str, calendar: Array) -> Array:
    """Return the factor of a season profile in each month, mean 1 over a year; shape (n_months,)."""
    name = str(sc[key])
    if name == FLAT:
        return np.ones(len(calendar))
    table = ds.tables["season_profiles"]
    factor = table[table["profile"] == name].set_index("month")["factor"]
    return factor.loc[np.asarray(calendar, dtype=float)].to_numpy(dtype=float)


def project(ds: Dataset, sc: Scenario, months: int | None = None) -> Projection:
    """Project accounts over `months` (default: the horizon).

    A[t+1] = A[t] - loss[t] + N[t]. Monthly contracts lose c A[t]; longer ones lose min(1, m c) of the
    contracts due, R[t]. N[t] = N0 (1+g)^t s_new[t]. R[t] = A[t] s_renewal[t] / m; where the accounts table
    has renewal dates, contracts fall due on them and, once renewed or newly signed, again after the term.
    Monthly contracts have no renewals.

    Returns
    -------
    Projection
        Month 0 (today) to `months`.
    """
    months = int(sc.number("horizon_months")) if months is None else months
    segments = segments_of(ds, sc)
    calendar = calendar_months(ds, months)
    grown = _outer(season(ds, sc, "season_new", calendar), segments.new_accounts)
    new = grown * (1 + np.asarray(sc.number("growth_monthly"))) ** _column(np.arange(months + 1.0), grown)
    due = season(ds, sc, "season_renewal", calendar)
    dated = dated_renewals(ds, segments, months)
    share = dated.share.reshape((-1,) + (1,) * (segments.accounts.ndim - 1))
    monthly = segments.term_months <= 1
    per_contract = np.minimum(segments.term_months * segments.monthly_churn, 1.0)
    capped = bool(((segments.term_months * segments.monthly_churn > 1) & ~monthly).any())
    accounts, lost, renewals, kept = (np.zeros_like(new) for _ in range(4))
    accounts[0] = segments.accounts
    undated = accounts[0] * (1 - share)
    for t in range(months + 1):
        # Contracts of today without a date, and whole segments without any, fall due evenly over the term.
        by_term = np.where(share > 0, undated, accounts[t]) * due[t] / segments.term_months
        by_date = dated.due[t] + renewed_again(segments.term_months, t, kept)
        by_date = np.where(share > 0, np.minimum(by_date, accounts[t] - undated), 0.0)
        renewals[t] = np.where(monthly, 0.0, np.minimum(by_term + by_date, accounts[t]))
        lost[t] = np.where(monthly, segments.monthly_churn * accounts[t], per_contract * renewals[t])
        kept[t] = (1 - per_contract) * by_date + new[t]
        undated = undated - np.where(monthly, segments.monthly_churn * undated, per_contract * by_term)
        if t < months:
            accounts[t + 1] = accounts[t] - lost[t] + new[t]
    return Projection(segments, calendar, accounts, new, lost, renewals, capped, dated.share)


def driver_paths(ds: Dataset, sc: Scenario, projection: Projection) -> dict[str, Array]:
    """Return the volume of each driver by month and segment, in units a month.

    Returns
    -------
    dict
        Driver -> array of the shape of ``projection.accounts``. ``fixed`` has no volume of its own.
    """
    tickets = season(ds, sc, "season_ticket", projection.calendar)
    return {
        Driver.NEW_ACCOUNT: projection.new,
        Driver.ONBOARDING_SESSION: projection.new * sc.number("onboarding_sessions"),
        Driver.ACTIVE_ACCOUNT: projection.accounts,
        Driver.RENEWAL: projection.renewals,
        Driver.TICKET: projection.accounts
        * sc.number("tickets_per_account")
        * _column(tickets, projection.accounts),
    }


def self_onboarding_factor(sc: Scenario, months: int) -> Array:
    """Return what is left of self-serve task hours in month 0 to `months`: (1 - s[t]) / (1 - s0).

    Sessions observed today are already net of self-service, so only its rise counts.
    s[t] = s0 + (s1 - s0) (1 - exp(-(t - t0) / tau)) from the start month t0 on; tau 0 = at once.
    """
    now, target, start, tau = (
        np.asarray(sc.number(f"self_onboarding_{k}"), dtype=float) for k in ("now", "target", "start", "tau")
    )
    t = np.arange(months + 1, dtype=float)
    if any(np.ndim(x) for x in (now, target, start, tau)):
        t = t[:, None]
    since = np.maximum(t - start, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        risen = np.where(tau > 0, 1 - np.exp(-since / np.where(tau > 0, tau, 1.0)), 1.0)
    share = now + (target - now) * np.where(t >= start, risen, 0.0)
    return np.asarray((1 - share) / (1 - now), dtype=float)


def _outer(factor: Array, values: Array) -> Array:
    return np.asarray(_column(factor, values[None]) * values[None])


def _column(values: Array, like: Array) -> Any:
    """Give values by month as many axes as `like` has."""
    return np.asarray(values, dtype=float).reshape((-1,) + (1,) * (like.ndim - 1))
