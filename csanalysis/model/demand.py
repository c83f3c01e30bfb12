"""Task hours a month from drivers, frequency and minutes (design: H = D x frequency x minutes / 60).

Hours are stated for today (month 0), without seasons. Every value may be a scalar or an array of shape
``(n_scenarios,)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Driver


def new_accounts(accounts: Any, churn: Any, growth: Any) -> Any:
    """Return new accounts a month that make good churn and give the growth; never below zero.

    Examples
    --------
    >>> float(round(new_accounts(439, 0.0284, 0.01531), 1))
    19.2
    """
    return np.maximum(accounts * (churn + growth), 0.0)


def driver_volumes(sc: Scenario) -> dict[str, Any]:
    """Return the volume of each driver a month, today.

    Returns
    -------
    dict
        Driver -> units a month: accounts, sessions, renewals, tickets; 1 for ``fixed``.
    """
    accounts = sc.number("accounts")
    entered = sc["new_accounts_per_month"]
    churn, growth = sc.number("monthly_churn"), sc.number("growth_monthly")
    new = new_accounts(accounts, churn, growth) if entered is None else entered
    term = np.asarray(sc.number("term_months"), dtype=float)
    return {
        Driver.NEW_ACCOUNT: new,
        Driver.ONBOARDING_SESSION: sc.number("onboarding_sessions") * new,
        Driver.ACTIVE_ACCOUNT: accounts,
        Driver.RENEWAL: np.where(term > 1, accounts / term, 0.0),
        Driver.TICKET: sc.number("tickets_per_account") * accounts,
        Driver.FIXED: 1.0,
    }


@dataclass(frozen=True)
class TaskHours:
    """Hours a month of every task, today.

    Attributes
    ----------
    tasks : pandas.DataFrame
        The inventory the hours belong to.
    volume : ndarray
        Driver units a month, shape (n_tasks,) or (n_tasks, n_scenarios).
    hours : ndarray
        Task hours a month, same shape; work at CSM productivity, without rework.
    """

    tasks: pd.DataFrame
    volume: Array
    hours: Array

    @property
    def total(self) -> Any:
        """Hours a month of all tasks: float, or array of shape (n_scenarios,)."""
        total = self.hours.sum(axis=0)
        return float(total) if total.ndim == 0 else total

    def to_frame(self) -> pd.DataFrame:
        """Return one row a task: task_id, names, stage, task_group, driver, volume, value, unit."""
        columns = ["task_id", "name_ja", "name_en", "stage", "task_group", "driver"]
        frame = self.tasks[columns].copy()
        return frame.assign(volume=self.volume, value=self.hours, unit="hour/month")


def task_hours(ds: Dataset, sc: Scenario) -> TaskHours:
    """Return the hours a month of every task under a scenario.

    Raises
    ------
    ValueError
        If a task is stated in hours while its driver has no volume.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> round(cs.task_hours(ds, ds.base).total)
    453
    """
    volume = _volumes(ds, driver_volumes(sc))
    frequency = task_column(ds, sc, "frequency")
    minutes = task_minutes(ds, sc)
    volume, frequency, minutes, effort = np.broadcast_arrays(
        *_aligned(volume, frequency, minutes), np.asarray(sc.number("effort"), dtype=float)
    )
    return TaskHours(ds.tasks, volume, volume * frequency * minutes / 60 * effort)


def task_column(ds: Dataset, sc: Scenario, column: str) -> Array:
    """Return a numeric column of the inventory with the scenario's cells, (n_tasks,) or (n_tasks, n)."""
    values = ds.tables["task_inventory"][column].to_numpy(dtype=float, copy=True)
    changed = dict(sc.cells("tasks", column))
    if not changed:
        return values
    width = max(np.ndim(value) and np.size(value) for value in changed.values())
    if width:
        values = np.repeat(values[:, None], width, axis=1)
    position = {key: row for row, key in enumerate(ds.tables["task_inventory"]["task_id"])}
    for key, value in changed.items():
        values[position[key]] = value
    return values


def task_minutes(ds: Dataset, sc: Scenario) -> Array:
    """Return minutes per time; a task stated in hours a month is solved back at today's volumes.

    minutes = 60 x hours / (driver x frequency x effort), all at the defaults of the workspace.
    """
    minutes, hours = task_column(ds, sc, "minutes"), task_column(ds, sc, "hours_per_month")
    inventory = ds.tables["task_inventory"]
    restated = {key for key, _ in sc.cells("tasks", "hours_per_month")}
    for key in sorted(restated & {key for key, _ in sc.cells("tasks", "minutes")}):
        raise ValueError(both("model.minutes_and_hours", key=key))
    given = inventory["minutes"].isna() | inventory["task_id"].isin(restated)
    in_hours = given.to_numpy() & ~inventory["task_id"].isin(dict(sc.cells("tasks", "minutes"))).to_numpy()
    if not in_hours.any():
        return minutes
    per_hour = 60 / _times_today(ds, in_hours)
    minutes, hours, per_hour, mask = np.broadcast_arrays(*_aligned(minutes, hours, per_hour, in_hours))
    return np.where(mask, hours * per_hour, minutes)


def hours_without_volume(ds: Dataset) -> pd.DataFrame:
    """Return the rows of the inventory that state hours while their driver has no volume today."""
    times = _volumes(ds, driver_volumes(ds.base)) * ds.tasks["frequency"].to_numpy()
    idle = (ds.tasks["hours_per_month"] > 0).to_numpy() & (times <= 0)
    found: pd.DataFrame = ds.tasks.loc[idle]
    return found


def _times_today(ds: Dataset, needed: npt.NDArray[np.bool_]) -> Array:
    base = ds.base
    times = _volumes(ds, driver_volumes(base)) * ds.tables["task_inventory"]["frequency"].to_numpy()
    times = times * base.number("effort")
    hours = ds.tables["task_inventory"]["hours_per_month"].fillna(0).to_numpy()
    empty = np.flatnonzero(needed & (times <= 0) & (hours > 0))
    if empty.size:
        key = ds.tables["task_inventory"]["task_id"].iloc[int(empty[0])]
        raise ValueError(both("model.no_volume", key=key))
    return np.where(times > 0, times, np.inf)


def _volumes(ds: Dataset, volumes: Mapping[str, Any]) -> Array:
    rows = [np.asarray(volumes[d], dtype=float) for d in ds.tables["task_inventory"]["driver"]]
    return np.stack(np.broadcast_arrays(*rows))


def _aligned(*arrays: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    """Give arrays of shape (n_tasks,) a second axis where another one has it."""
    widest = max(a.ndim for a in arrays)
    return [a if a.ndim == widest else a[:, None] for a in arrays]
