"""When the contracts of today fall due, from the renewal dates of the accounts table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Array
from csanalysis.model.segments import ALL, Segments


@dataclass(frozen=True)
class DatedRenewals:
    """Contracts of today that have a renewal date.

    Attributes
    ----------
    due : ndarray
        Contracts falling due in month 0, 1, ...; shape (n_months, n_segments) or with n_scenarios.
    share : ndarray, shape (n_segments,)
        Share of the running contracts of a segment that have a date; 0 = the segment goes by term.
    """

    due: Array
    share: Array


def dated_renewals(ds: Dataset, segments: Segments, months: int) -> DatedRenewals:
    """Return what renewal dates say of month 0 to `months`.

    Contracts running today are counted segment by segment and scaled to the accounts of the scenario.
    A date in the past is taken as renewed since, whole terms later.
    """
    due = np.zeros((months + 1, *segments.accounts.shape))
    share = np.zeros(len(segments.keys))
    running = _running(ds)
    if running is None or running["renewal_date"].isna().all():
        return DatedRenewals(due, share)
    term = np.maximum(np.rint(segments.term_months), 1).astype(int)
    dates = running["renewal_date"]
    ahead = (12 * (dates.dt.year - ds.as_of.year) + dates.dt.month - ds.as_of.month).to_numpy(float)
    for row, key in enumerate(segments.keys):
        own = np.ones(len(running), bool) if key == ALL else (running["segment"] == key).to_numpy()
        dated = ahead[own & ~np.isnan(ahead)].astype(int)
        if not dated.size:
            continue
        share[row] = dated.size / own.sum()
        scale = segments.accounts[row] / own.sum()
        for length in np.unique(term[row]):
            month = np.where(dated < 0, dated % length, dated)
            counts = np.bincount(month, minlength=months + 1)[: months + 1].astype(float)
            counts = counts.reshape((-1,) + (1,) * (due.ndim - 2)) * scale
            due[:, row] = np.where(term[row] == length, counts, due[:, row])
    return DatedRenewals(due, share)


def _running(ds: Dataset) -> pd.DataFrame | None:
    """Return the contract periods that run at the start of month 0."""
    table = ds.tables.get("accounts")
    if table is None:
        return None
    today = pd.Timestamp(ds.as_of)
    open_today = table["end_date"].isna() | (table["end_date"] >= today)
    found: pd.DataFrame = table.loc[(table["start_date"] <= today) & open_today]
    return found


def renewed_again(term_months: Array, t: int, kept: Array) -> Array:
    """Return the contracts kept or signed one term before month `t`; none before today."""
    back = t - np.maximum(np.rint(term_months), 1).astype(int)
    place = np.indices(term_months.shape)
    return np.where(back >= 0, kept[(np.maximum(back, 0), *place)], 0.0)
