"""The in-house team month by month: leavers, replacements, whole-head hires, seats not refilled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from csanalysis.model.parameters import Array
from csanalysis.model.supply import HEAD_GUARD, whole_heads


@dataclass(frozen=True)
class Staffing:
    """The team by month, in FTE; arrays of shape (n_months, n_scenarios), month 1 first.

    Attributes
    ----------
    present : ndarray
        FTE at work and paid.
    hires : ndarray
        Heads that join in the month for new seats; whole numbers.
    replaced : ndarray
        Expected leavers replaced in the month, in heads.
    unfilled : ndarray
        Seats that leavers left and that are given up so far, in heads.
    """

    present: Array
    hires: Array
    replaced: Array
    unfilled: Array


def staff(need: Array, start_fte: Array, attrition_annual: Array, lead_months: Array) -> Staffing:
    """Return the team that covers `need`, as far as hiring lead allows.

    Leavers are expected values: a = 1 - (1 - attrition_annual)^(1/12) of those present, a month. Each is
    replaced one for one after the hiring lead, so that the loss of a twentieth of a head does not buy a
    whole one; until then the seat is empty, and a long lead may well ask for one head more. Seats are added
    in whole heads, ordered `lead_months` ahead on the forecast need, never before today. Nobody is dismissed,
    but leavers are not replaced while the team, less the seats that are empty in the mean, is a whole head
    or more above all need to come.

    Parameters
    ----------
    need : ndarray, shape (n_months, n_scenarios)
        FTE needed in month 1, 2, ...
    start_fte, attrition_annual, lead_months : ndarray, shape (n_scenarios,)
        FTE today, share of leavers a year, months from order to the first day.
    """
    months, width = need.shape
    monthly = 1 - (1 - attrition_annual) ** (1 / 12)
    lead = np.rint(lead_months).astype(int)
    ahead = np.maximum.accumulate(need[::-1], axis=0)[::-1]
    present, hires, replaced, unfilled, ordered = (np.zeros((months + 1, width)) for _ in range(5))
    present[0] = start_fte
    seats, vacant = np.array(start_fte, dtype=float), np.zeros(width)
    columns = np.arange(width)
    for t in range(1, months + 1):
        leavers = monthly * present[t - 1]
        spare = seats - ahead[t - 1] - monthly * lead * seats
        allowed = np.maximum(np.floor(np.maximum(spare, 0.0) + HEAD_GUARD), unfilled[t - 1])
        unfilled[t] = np.minimum(allowed, unfilled[t - 1] + leavers)
        ordered[t] = leavers - (unfilled[t] - unfilled[t - 1])
        due = t - lead
        replaced[t] = np.where(due >= 1, ordered[np.maximum(due, 0), columns], 0.0)
        vacant = vacant + ordered[t] - replaced[t]
        there = seats - unfilled[t] - vacant
        hires[t] = np.where(t >= lead, whole_heads(need[t - 1] - there), 0.0)
        seats = seats + hires[t]
        present[t] = np.maximum(there + hires[t], 0.0)
    return Staffing(present[1:], hires[1:], replaced[1:], unfilled[1:])
