"""Sums over an account-month table, by segment and month: what every KPI is a ratio of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Grid = npt.NDArray[np.float64]
Sums = dict[str, Grid]
"""Name -> array of shape (n_segments + 1, n_months); the last row is the sum over segments."""

YEAR = 12


def month_sums(table: pd.DataFrame, segments: Sequence[str], first: int, months: int) -> Sums:
    """Add up accounts and MRR.

    Parameters
    ----------
    table : pandas.DataFrame
        As `contract_months` or `csanalysis.account_months` returns it.
    segments : sequence of str
        Keys in the order of the rows of the result; empty: the sum alone.
    first, months : int
        First month, counted from January 1970, and number of months.

    Returns
    -------
    dict
        In accounts: opening, new, returned, lost, closing, onboarded (new, with a number of sessions),
        covered (closing, with a CSM). In JPY a month: mrr_open, mrr (closing); of the opening accounts
        mrr_kept, mrr_floor (kept, no account above its opening), mrr_shrunk, mrr_grown; covered_mrr.
        sessions, csms (persons). ``<name>_12m``: this month and the eleven before.
        cohort, cohort_mrr, cohort_kept, cohort_floor: as opening, mrr_open, mrr_kept and mrr_floor, from
        the opening eleven months before to this closing. Zero where the table does not reach back so far.
    """
    grid = _Grid(table, segments, first, months)
    opening, closing = (table[f"active_{side}"].to_numpy(bool) for side in ("open", "close"))
    was, now = (table[f"mrr_{side}"].to_numpy(float) for side in ("open", "close"))
    sessions = table["onboarding_sessions"].to_numpy(float)
    onboarded = table["is_new"].to_numpy(bool) & np.isfinite(sessions)
    covered = closing & (table["csm"].fillna("") != "").to_numpy()
    sums = {
        "opening": grid.add(opening),
        "closing": grid.add(closing),
        **{name: grid.add(table[f"is_{name}"]) for name in ("new", "returned", "lost")},
        "mrr_open": grid.add(opening * was),
        "mrr": grid.add(closing * now),
        "mrr_kept": grid.add(opening * now),
        "mrr_floor": grid.add(opening * np.minimum(was, now)),
        "mrr_shrunk": grid.add(opening * np.maximum(was - now, 0.0)),
        "mrr_grown": grid.add(opening * np.maximum(now - was, 0.0)),
        "onboarded": grid.add(onboarded),
        "sessions": grid.add(np.where(onboarded, sessions, 0.0)),
        "covered": grid.add(covered),
        "covered_mrr": grid.add(covered * now),
        "csms": grid.count_different(table["csm"], covered),
    }
    for name in ("opening", "lost", "mrr_open", "mrr_shrunk"):
        sums[f"{name}_12m"] = _over_a_year(sums[name])
    return sums | _cohorts(table, grid, opening, closing)


class _Grid:
    """Adds up a column of the table by segment and month."""

    def __init__(self, table: pd.DataFrame, segments: Sequence[str], first: int, months: int) -> None:
        self.month = table["month"].to_numpy().astype("datetime64[M]").astype(np.int64) - first
        self.shape = len(segments), months
        numbers = {name: i for i, name in enumerate(segments)}
        place = table["segment"].map(numbers) if segments else pd.Series(0, index=table.index)
        self.place = place.to_numpy(dtype=np.int64)

    def add(self, what: Any, rows: Any = slice(None), later: int = 0) -> Grid:
        """Add up `what`, one value for each of `rows` of the table, `later` months later."""
        height, width = self.shape
        month, place, weight = self.month[rows] + later, self.place[rows], np.asarray(what, dtype=float)
        inside = month < width
        month, place, weight = month[inside], place[inside], weight[inside]
        parts = np.bincount(place * width + month, weight, max(height, 1) * width).reshape(-1, width)
        # Without any row, bincount forgets that weights are floats.
        return np.vstack([parts[:height], np.bincount(month, weight, width)]).astype(float)

    def count_different(self, names: pd.Series[Any], where: npt.NDArray[np.bool_]) -> Grid:
        """Count different names a month; one that serves two segments counts once in the sum."""
        rows = np.flatnonzero(where)
        keys = {"name": pd.factorize(names)[0][rows], "month": self.month[rows], "place": self.place[rows]}
        found = pd.DataFrame(keys)
        by_part = (~found.duplicated()).to_numpy()
        in_sum = (~found.duplicated(["name", "month"])).to_numpy()
        return np.vstack([self.add(by_part, rows)[:-1], self.add(in_sum, rows)[-1:]])


def _over_a_year(grid: Grid) -> Grid:
    out = np.zeros_like(grid)
    if grid.shape[1] >= YEAR:
        windows = np.lib.stride_tricks.sliding_window_view(grid, YEAR, axis=1)
        out[:, YEAR - 1 :] = windows.sum(axis=2)
    return out


def _cohorts(table: pd.DataFrame, grid: _Grid, opening: Any, closing: Any) -> Sums:
    """Follow the accounts of each opening to the closing eleven months later, point to point."""
    rows = np.flatnonzero(opening)
    account = pd.factorize(table["account_id"])[0]
    then = pd.DataFrame({"account": account[rows], "month": grid.month[rows] + YEAR - 1})
    at_closing = {"account": account[closing], "month": grid.month[closing]}
    today = pd.DataFrame({**at_closing, "now": table["mrr_close"].to_numpy(float)[closing]})
    now = then.merge(today, on=["account", "month"], how="left")["now"].fillna(0.0).to_numpy()
    was = table["mrr_open"].to_numpy(float)[rows]
    columns = {"": np.ones(len(rows)), "_mrr": was, "_kept": now, "_floor": np.minimum(was, now)}
    return {f"cohort{name}": grid.add(what, rows, YEAR - 1) for name, what in columns.items()}
