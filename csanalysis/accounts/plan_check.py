"""What the plan would have said a year ago, from what was known then, beside what happened."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

from csanalysis.accounts.account_months import AccountMonths
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import project_demand
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Driver

YEAR = 12


@dataclass(frozen=True)
class YearAgo:
    """A plan made a year ago, with what was on record then, and the twelve months that followed.

    Attributes
    ----------
    months : pandas.DataFrame
        month (since January 1970), hours_plan, hours_actual, of the tasks on record in all these months.
    groups : pandas.DataFrame
        task_group, hours_plan, hours_actual (hours a month, mean of the year).
    as_of : int
        Month it was made in, since January 1970.
    accounts_plan, accounts_actual : float
        Accounts twelve months on.
    known : mapping of str to float
        What was on record: accounts, arr, monthly_churn, growth_monthly.
    tasks : int
        Tasks compared.
    """

    months: pd.DataFrame = field(repr=False)
    groups: pd.DataFrame = field(repr=False)
    as_of: int
    accounts_plan: float
    accounts_actual: float
    known: dict[str, float]
    tasks: int

    @property
    def error(self) -> float:
        """(Planned - actual) / actual hours of the year."""
        actual = float(self.months["hours_actual"].sum())
        return float(self.months["hours_plan"].sum()) / actual - 1 if actual else float("nan")


def plan_a_year_ago(
    ds: Dataset, sc: Scenario, rows: pd.DataFrame, months: AccountMonths | None
) -> YearAgo | None:
    """Return the plan of a year ago beside what happened; None where records do not reach back two years.

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
        Today's inventory, resources and prices: they are not on record for then.
    rows : pandas.DataFrame
        Hours by month and task: at, task_id, hours.
    months : AccountMonths, optional
        Must begin a year before the plan, to measure churn and growth as they were known then.
    """
    if months is None or months.last - months.first + 1 < 2 * YEAR:
        return None
    start = months.last - YEAR + 1
    known = _known_then(months, start)
    compared = _on_record(rows, start, months.last)
    if known is None or not compared:
        return None
    then = replace(ds, as_of=date(1970 + start // YEAR, start % YEAR + 1, 1))
    tables = {k: v for k, v in then.tables.items() if k != "accounts"}  # contracts signed since were unknown
    then = replace(then, tables=tables)
    demand = project_demand(then, sc.replace({**known, "new_accounts_per_month": None}), YEAR)
    frame = demand.to_frame()
    frame = frame[frame["task_id"].isin(compared) & (frame["month"] < YEAR)].assign(
        at=lambda f: f["month"] + start
    )
    actual = rows[rows["task_id"].isin(compared) & rows["at"].between(start, months.last)]
    groups = ds.tables["task_inventory"].set_index("task_id")["task_group"]
    by_month = pd.DataFrame(
        {
            "hours_plan": frame.groupby("at")["value"].sum(),
            "hours_actual": actual.groupby("at")["hours"].sum(),
        }
    ).fillna(0.0)
    by_group = pd.DataFrame(
        {
            "hours_plan": frame.groupby("task_group")["value"].sum() / YEAR,
            "hours_actual": actual.groupby(actual["task_id"].map(groups))["hours"].sum() / YEAR,
        }
    ).fillna(0.0)
    closing = months.table[months.table["month"] == months.table["month"].max()]["active_close"].sum()
    return YearAgo(
        by_month.rename_axis("month").reset_index(),
        by_group.rename_axis("task_group").reset_index(),
        start,
        float(demand.projection.accounts[YEAR].sum()),
        float(closing),
        known,
        len(compared),
    )


def _known_then(months: AccountMonths, start: int) -> dict[str, float] | None:
    """Return accounts, ARR, churn and growth on record at the opening of a month."""
    table = months.table
    at = table["month"].to_numpy().astype("datetime64[M]").astype(np.int64)
    before = table[(at >= start - YEAR) & (at < start)]
    opening = table[(at == start) & table["active_open"].to_numpy()]
    trials, accounts = int(before["active_open"].sum()), len(opening)
    earlier = int(table[(at == start - YEAR) & table["active_open"].to_numpy()].shape[0])
    lost = int(before["is_lost"].sum())
    if not accounts or not trials or not earlier or not lost:
        return None
    return {
        "accounts": float(accounts),
        "arr": float(12 * opening["mrr_open"].sum()),
        "monthly_churn": lost / trials,
        "growth_monthly": (accounts / earlier) ** (1 / YEAR) - 1,
    }


def _on_record(rows: pd.DataFrame, first: int, last: int) -> list[str]:
    """Return the tasks recorded throughout, whose driver is known."""
    span = rows[rows["driver"].isin([str(d) for d in Driver])].groupby("task_id")["at"].agg(["min", "max"])
    return list(span[(span["min"] <= first) & (span["max"] >= last)].index)
