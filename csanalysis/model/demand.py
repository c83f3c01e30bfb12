"""Task hours from drivers, frequency and minutes: H = D x frequency x minutes / 60 x effort.

Two questions are answered: the hours of an average month at today's volumes (`task_hours`), and the hours of
every month to come (`project_demand`). Every value may be a scalar or an array of shape ``(n_scenarios,)``.
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
from csanalysis.model.projection import Projection, driver_paths, project, self_onboarding_factor
from csanalysis.model.scenario import Scenario
from csanalysis.model.segments import ALL, Segments, segments_of
from csanalysis.vocabulary import Driver

SHARED = "shared"
"""Segment under which fixed work that belongs to no segment is shown, where there are several."""


def volumes_today(sc: Scenario, segments: Segments) -> dict[str, Array]:
    """Return the volume of each driver in an average month of today, by segment.

    Returns
    -------
    dict
        Driver -> units a month (accounts, sessions, renewals, tickets), shape (n_segments,) or
        (n_segments, n_scenarios).
    """
    accounts, new, term = segments.accounts, segments.new_accounts, segments.term_months
    return {
        Driver.NEW_ACCOUNT: new,
        Driver.ONBOARDING_SESSION: new * sc.number("onboarding_sessions"),
        Driver.ACTIVE_ACCOUNT: accounts,
        Driver.RENEWAL: np.where(term > 1, accounts / term, 0.0),
        Driver.TICKET: accounts * sc.number("tickets_per_account"),
    }


@dataclass(frozen=True)
class TaskHours:
    """Hours of every task in an average month of today.

    Attributes
    ----------
    tasks : pandas.DataFrame
        The inventory the hours belong to.
    segments : tuple of str
        Segments in the order of the arrays; the last may be ``shared``.
    volume, by_segment : ndarray
        Driver units and hours a month, shape (n_tasks, n_segments) or (n_tasks, n_segments, n_scenarios).
        Hours are work at CSM productivity, without rework.
    """

    tasks: pd.DataFrame
    segments: tuple[str, ...]
    volume: Array
    by_segment: Array

    @property
    def hours(self) -> Array:
        """Hours a month of every task: shape (n_tasks,) or (n_tasks, n_scenarios)."""
        return np.asarray(self.by_segment.sum(axis=1))

    @property
    def total(self) -> Any:
        """Hours a month of all tasks: float, or array of shape (n_scenarios,)."""
        total = self.hours.sum(axis=0)
        return float(total) if total.ndim == 0 else total

    def to_frame(self) -> pd.DataFrame:
        """Return one row a task: task_id, names, stage, task_group, driver, volume, value, unit."""
        columns = ["task_id", "name_ja", "name_en", "stage", "task_group", "driver"]
        frame = self.tasks[columns].copy()
        return frame.assign(volume=self.volume.sum(axis=1), value=self.hours, unit="hour/month")


@dataclass(frozen=True)
class Demand:
    """Hours of every task in every month to come.

    Attributes
    ----------
    projection : Projection
        The accounts behind it.
    tasks : pandas.DataFrame
    segments : tuple of str
        Segments in the order of the array; the last may be ``shared``.
    by_segment : ndarray
        Hours, shape (n_months, n_tasks, n_segments) or (..., n_scenarios); month 0 is today.
    """

    projection: Projection
    tasks: pd.DataFrame
    segments: tuple[str, ...]
    by_segment: Array

    @property
    def total(self) -> Array:
        """Hours of all tasks, shape (n_months,) or (n_months, n_scenarios)."""
        return np.asarray(self.by_segment.sum(axis=(1, 2)))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a month, task and segment (one scenario).

        Columns: month (0 = today), calendar_month, task_id, stage, task_group, segment, value, unit.
        """
        months, n_tasks, _ = self.by_segment.shape
        index = pd.MultiIndex.from_product(
            [range(months), range(n_tasks), self.segments], names=["month", "task", "segment"]
        )
        frame = index.to_frame(index=False)
        keys = self.tasks[["task_id", "stage", "task_group"]].iloc[frame.pop("task")].reset_index(drop=True)
        calendar = self.projection.calendar[frame["month"]].astype(int)
        frame = pd.concat([frame[["month"]].assign(calendar_month=calendar), keys, frame["segment"]], axis=1)
        return frame.assign(value=self.by_segment.ravel(), unit="hour/month")


def task_hours(ds: Dataset, sc: Scenario) -> TaskHours:
    """Return the hours of every task in an average month of today: no season, no months left out.

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
    segments = segments_of(ds, sc)
    keys = segment_keys(ds)
    volume = _by_task(ds, volumes_today(sc, segments), keys)
    per_unit, share = hours_per_unit(ds, sc), _months_share(ds)
    volume, per_unit, share = _aligned(volume, per_unit[:, None], share[:, None])
    hours = volume * per_unit * share
    return TaskHours(ds.tasks, keys, np.broadcast_to(volume, hours.shape), hours)


def project_demand(ds: Dataset, sc: Scenario, months: int | None = None) -> Demand:
    """Return the hours of every task in month 0 (today) to `months` (default: the horizon).

    H[i,t] = sum_k w[k] D[t-k] frequency minutes / 60 effort, with equal weights over spread_months
    (D before today = D today), only in the task's calendar months. Hours of self-serve tasks fall with
    the rise of self-onboarding.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> [round(h) for h in cs.project_demand(ds, ds.base, 12).total[[0, 12]]]
    [453, 531]
    """
    projection = project(ds, sc, months)
    last = len(projection.calendar) - 1
    keys = segment_keys(ds)
    paths = driver_paths(ds, sc, projection)
    by_month = [_by_task(ds, {d: path[t] for d, path in paths.items()}, keys) for t in range(last + 1)]
    inventory = ds.tables["task_inventory"]
    volume = _spread(np.stack(by_month), inventory["spread_months"].to_numpy(dtype=int))
    factor = calendar_mask(ds, projection.calendar)
    left = self_onboarding_factor(sc, last)
    served = inventory["self_serve"].to_numpy() == 1
    factor, left = _aligned(factor, left[:, None])
    factor = factor * np.where(served[:, None] if left.ndim == 3 else served, left, 1.0)
    per_unit = hours_per_unit(ds, sc)
    volume, per_unit, factor = _aligned(volume, per_unit[None, :, None], factor[:, :, None])
    return Demand(projection, ds.tasks, keys, volume * per_unit * factor)


def segment_keys(ds: Dataset) -> tuple[str, ...]:
    """Return the segments hours are told by: ``all``, or the table's and ``shared`` for fixed work."""
    table = ds.tables.get("segments")
    return (ALL,) if table is None else (*table["segment"], SHARED)


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
    times = _times_today(ds)
    empty = np.flatnonzero(in_hours & (times <= 0) & (inventory["hours_per_month"].fillna(0).to_numpy() > 0))
    if empty.size:
        raise ValueError(both("model.no_volume", key=inventory["task_id"].iloc[int(empty[0])]))
    per_hour = 60 / np.where(times > 0, times, np.inf)
    minutes, hours, per_hour, mask = _aligned(minutes, hours, per_hour, in_hours)
    return np.where(mask, hours * per_hour, minutes)


def hours_without_volume(ds: Dataset) -> pd.DataFrame:
    """Return the rows of the inventory that state hours while their driver has no volume today."""
    idle = (ds.tasks["hours_per_month"] > 0).to_numpy() & (_times_today(ds) <= 0)
    found: pd.DataFrame = ds.tasks.loc[idle]
    return found


def _times_today(ds: Dataset) -> Array:
    """Return how often each task is done in an average month at the defaults, weighted by effort."""
    base = ds.base
    volume = _by_task(ds, volumes_today(base, segments_of(ds, base)), segment_keys(ds)).sum(axis=1)
    frequency = ds.tables["task_inventory"]["frequency"].to_numpy(dtype=float)
    return np.asarray(volume * frequency * _months_share(ds) * float(base.number("effort")))


def hours_per_unit(ds: Dataset, sc: Scenario) -> Array:
    """Return hours per driver unit, shape (n_tasks,) or (n_tasks, n_scenarios)."""
    frequency, minutes = _aligned(task_column(ds, sc, "frequency"), task_minutes(ds, sc))
    effort = np.asarray(sc.number("effort"), dtype=float)
    per_unit, effort = _aligned(frequency * minutes / 60, effort[None])
    return np.asarray(per_unit * effort)


def _by_task(ds: Dataset, volumes: Mapping[str, Array], keys: tuple[str, ...]) -> Array:
    """Return the volume of each task's driver by segment: (n_tasks, n_segments) or with n_scenarios."""
    more = np.broadcast_shapes(*(v.shape[1:] for v in volumes.values()))
    inventory = ds.tables["task_inventory"]
    out = np.zeros((len(inventory), len(keys), *more))
    for row, (driver, segment) in enumerate(zip(inventory["driver"], inventory["segment"], strict=True)):
        at = keys.index(segment) if segment and segment in keys else None
        if driver == Driver.FIXED:
            out[row, -1 if at is None else at] = 1.0
        elif at is None:
            out[row, : len(volumes[driver])] = volumes[driver]
        else:
            out[row, at] = volumes[driver][at]
    return out


def _months_of(ds: Dataset) -> list[set[int]]:
    every = set(range(1, 13))
    cells = ds.tables["task_inventory"]["calendar_months"]
    return [{int(m) for m in cell.split(";")} if cell else every for cell in cells]


def _months_share(ds: Dataset) -> Array:
    """Return the share of a year's months in which each task happens."""
    return np.array([len(months) / 12 for months in _months_of(ds)])


def calendar_mask(ds: Dataset, calendar: Array) -> Array:
    """Return 1 where a task happens in a month, else 0; shape (n_months, n_tasks)."""
    months = _months_of(ds)
    return np.array([[float(int(m) in own) for own in months] for m in calendar])


def _spread(volume: Array, spread_months: npt.NDArray[np.int_]) -> Array:
    """Spread the work of one driver unit evenly over months; volumes before today equal today's."""
    out = volume.copy()
    months = np.arange(len(volume))
    for width in np.unique(spread_months[spread_months > 1]):
        rows = spread_months == width
        back = [volume[np.maximum(months - k, 0)][:, rows] for k in range(width)]
        out[:, rows] = np.mean(back, axis=0)
    return out


def _aligned(*arrays: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    """Give every array the axes of the widest one: those that lack scenarios get a last axis of 1."""
    widest = max(a.ndim for a in arrays)
    return [a.reshape(a.shape + (1,) * (widest - a.ndim)) for a in arrays]
