"""The accounts that touch tiers divide: contract by contract, segment by segment, or one average account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.model.segments import segments_of
from csanalysis.vocabulary import Grade, Touch

ACCOUNTS, SEGMENTS, AVERAGE = "accounts", "segments", "average"
"""What the tiers stand on, best first."""

LIFT_COMPLEXITY = 5.0
"""Complexity (1-5) from which an account is served one tier higher (chosen).

5 is what the inventory reads H (of H/M/L) as. ADISH names complexity as a driver of team size, without a
figure; high touch takes several times the hours of low touch, so the clearest cases alone.
"""

ORDER = (Touch.HIGH, Touch.LOW, Touch.TECH)
"""Tiers from the top down; positions in `tier_of`."""
COVERAGE = {
    Touch.HIGH: "accounts_per_csm_high",
    Touch.LOW: "accounts_per_csm_low",
    Touch.TECH: "accounts_per_csm_tech",
}
"""Tier -> parameter: accounts that one CSM covers."""
HIGH_MIN, LOW_MIN = "touch_high_min_arr", "touch_low_min_arr"
"""Parameters: least yearly contract for high and for low touch."""


@dataclass(frozen=True)
class Book:
    """Rows that belong to one tier each; arrays of shape (n_rows,).

    Attributes
    ----------
    basis : str
        ``accounts``, ``segments`` or ``average``.
    accounts : ndarray
        Accounts a row stands for; they add up to the parameter ``accounts``.
    arr : ndarray
        JPY a year; adds up to the parameter ``arr``.
    yearly : ndarray
        Contract value of one account, JPY a year, as the thresholds see it.
    complexity : ndarray
        1 to 5; NaN where not known.
    given : tuple of str
        Touch that the segments table states; empty where the thresholds decide.
    recorded_accounts, recorded_arr : float
        What the table itself adds up to.
    """

    basis: str
    accounts: Array
    arr: Array
    yearly: Array
    complexity: Array
    given: tuple[str, ...]
    recorded_accounts: float
    recorded_arr: float


def tier_of(
    yearly: Any, high_min: float, low_min: float, complexity: Any = np.nan, lift: float = np.inf
) -> Any:
    """Return the tier of accounts as a position: 0 high, 1 low, 2 tech touch.

    An account reaches a tier with the least yearly contract of it; one of at least `lift` complexity is
    served one tier higher than its contract alone would have it.

    Parameters
    ----------
    yearly : float or array of shape (n_accounts,)
        Contract value in JPY a year.
    high_min, low_min : float
        Least contract for high and for low touch, JPY a year.
    complexity : float or array of shape (n_accounts,)
        1 to 5; NaN (not known) never lifts.
    lift : float
        Complexity that lifts.

    Examples
    --------
    >>> tier_of([3e6, 6e5, 5e5, 5e5], 3e6, 6e5, [1, 1, 5, np.nan], lift=5).tolist()
    [0, 1, 1, 2]
    """
    value = np.asarray(yearly, dtype=float)
    plain = np.where(value >= high_min, 0, np.where(value >= low_min, 1, 2))
    return np.maximum(plain - (np.asarray(complexity, dtype=float) >= lift), 0)


def tiers_of(book: Book, high_min: float, low_min: float, lift: float = LIFT_COMPLEXITY) -> Any:
    """Return the tier of every row of a book; a touch that is given wins."""
    found = tier_of(book.yearly, high_min, low_min, book.complexity, lift)
    given = np.array([ORDER.index(Touch(touch)) if touch else -1 for touch in book.given])
    return np.where(given >= 0, given, found)


def book_of(ds: Dataset, sc: Scenario) -> Book:
    """Return the best there is: running contracts, else segments, else one average account."""
    running = _running(ds)
    if running is not None and len(running):
        return _contracts(ds, sc, running)
    accounts, arr = float(sc.number("accounts")), float(sc.number("arr"))
    if ds.tables.get("segments") is None:
        one = np.array([accounts])
        return Book(
            AVERAGE, one, np.array([arr]), np.array([arr / accounts]), one * np.nan, ("",), accounts, arr
        )
    found = segments_of(ds, sc)
    yearly = 12 * found.arpa_monthly
    count = found.accounts
    total = float(count.sum())
    scaled = count * accounts / total
    recorded = float((count * yearly).sum())
    value = _shared(count * yearly, count, arr)
    return Book(SEGMENTS, scaled, value, yearly, count * np.nan, found.touch, total, recorded)


def _contracts(ds: Dataset, sc: Scenario, running: pd.DataFrame) -> Book:
    """Return one row a contract. A scenario's change of ARR per account moves every contract alike."""
    now, base = ({k: float(s.number(k)) for k in ("accounts", "arr")} for s in (sc, ds.base))
    mrr = running["mrr"].to_numpy(dtype=float)
    moved = (now["arr"] / base["arr"]) / (now["accounts"] / base["accounts"])
    known = running["complexity"] if "complexity" in running else pd.Series(np.nan, running.index)
    each = np.full(len(mrr), now["accounts"] / len(mrr))
    return Book(
        ACCOUNTS,
        accounts=each,
        arr=_shared(mrr, each, now["arr"]),
        yearly=12 * mrr * moved,
        complexity=np.asarray(known, dtype=float),
        given=("",) * len(mrr),
        recorded_accounts=float(len(mrr)),
        recorded_arr=float(12 * mrr.sum()),
    )


def _shared(value: Array, accounts: Array, total: float) -> Array:
    """Divide a total as `value` is divided, or by accounts where no value is known."""
    weight = value if value.sum() > 0 else accounts
    return np.asarray(total * weight / weight.sum())


def _running(ds: Dataset) -> pd.DataFrame | None:
    """Return the contract periods that run on the first day of month 0; one an account at most."""
    table = ds.tables.get("accounts")
    if table is None:
        return None
    today = pd.Timestamp(ds.as_of)
    open_today = table["end_date"].isna() | (table["end_date"] >= today)
    found: pd.DataFrame = table.loc[(table["start_date"] <= today) & open_today]
    return found


def weakest(grades: Iterable[str]) -> str:
    """Return the weakest of some evidence grades.

    Examples
    --------
    >>> weakest(["vendor", "measured"])
    'vendor'
    """
    return max(grades, key=[str(grade) for grade in Grade].index)
