"""What vendors are asked to propose: tasks of the plan, a slightly wider band, volumes and hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from csanalysis.costing.placement import Assignment, place
from csanalysis.costing.scope import playbook_assignment
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import project_demand, task_hours, task_minutes
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import ContractForm

MOST_OPTION = 0.5
"""The optional band holds at most this share of the plan's hours: slightly wider (LOGLASS2023), no more."""
SWING = 1.2816
"""Month-to-month swings within this many deviations hold four months of five (normal distribution)."""
CORE, OPTION = "core", "option"
PUBLIC = ("starts_when", "what_is_done", "done_when", "ends_when", "systems", "service_level")
"""Columns of the inventory that a vendor is told, as the analyst wrote them."""


@dataclass(frozen=True)
class Scope:
    """The work a vendor is asked about.

    Attributes
    ----------
    tasks : pandas.DataFrame
        One row a task: task_id, name_ja, name_en, stage, task_group, part (core / option), starts_when,
        what_is_done, done_when, ends_when, systems, service_level, personal_data (0 / 1).
    months : tuple of date
        First day of each month of the horizon.
    times : ndarray, shape (n_tasks, n_months)
        How often each task is done, base.
    low, base, high : ndarray, shape (n_tasks, n_months)
        Task hours at the company's own pace.
    """

    tasks: pd.DataFrame
    months: tuple[date, ...]
    times: Array = field(repr=False)
    low: Array = field(repr=False)
    base: Array = field(repr=False)
    high: Array = field(repr=False)

    def part(self, name: str) -> list[int]:
        """Return the rows of a part: core or option."""
        return np.flatnonzero((self.tasks["part"] == name).to_numpy()).tolist()

    def to_frame(self) -> pd.DataFrame:
        """Return one row a month and task: month, task_id, part, times, low, base, high, unit."""
        ids, parts = self.tasks["task_id"].tolist(), self.tasks["part"].tolist()
        rows = [
            (m + 1, ids[n], parts[n], *(float(a[n, m]) for a in (self.times, self.low, self.base, self.high)))
            for m in range(len(self.months))
            for n in range(len(ids))
        ]
        columns = ["month", "task_id", "part", "times", "low", "base", "high"]
        return pd.DataFrame(rows, columns=columns).assign(unit="hour/month")


def plan_scope(ds: Dataset, sc: Scenario, assignment: Assignment | None = None) -> Scope:
    """Return what vendors are asked to propose, without any figure of cost, score or trait.

    Parameters
    ----------
    ds, sc
        Scalars.
    assignment : str, mapping or result, optional
        The plan; default what the playbook hands out (`playbook_assignment`). Work for employees and tools
        is not asked of a vendor.

    Returns
    -------
    Scope
        The plan's tasks, then further groups that the playbook would hand to the same kinds of vendor, those
        of the same stages first, up to half of the plan's hours. Empty where the plan gives nothing outside.
        Low and high: growth at the ends of its range, and swings that hold four months of five.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> scope = cs.plan_scope(ds, ds.base)
    >>> len(scope.part("core")), len(scope.part("option"))
    (6, 8)
    """
    placement = place(ds, playbook_assignment(ds, sc) if assignment is None else assignment)
    card = ds.tables["resources"].set_index("resource_id")
    hired = (ContractForm.EMPLOYMENT, ContractForm.LICENCE)
    given = {t: r for t, r in placement.mapping.items() if card.at[r, "contract_form"] not in hired}
    own = placement.resources[placement.in_house]
    core = [t for t, r in given.items() if r != own]
    option = _option(ds, sc, core, {str(card.at[given[t], "kind"]) for t in core})
    inventory = ds.tables["task_inventory"]
    chosen = inventory[inventory["task_id"].isin([*core, *option])]
    part = np.where(chosen["task_id"].isin(core), CORE, OPTION)
    order = chosen.assign(part=part).sort_values("part", kind="stable").index.to_list()
    columns = ["task_id", "name_ja", "name_en", "stage", "task_group", *PUBLIC, "personal_data"]
    tasks = inventory.loc[order, columns].assign(part=np.sort(part)).reset_index(drop=True)
    rows = inventory.index.get_indexer(pd.Index(order)).tolist()
    base, times = _volumes(ds, sc, rows)
    low, high = (_end(ds, sc, rows, end) for end in ("low", "high"))
    return Scope(
        tasks, _months(ds.as_of, base.shape[1]), times, np.minimum(low, base), base, np.maximum(high, base)
    )


def _option(ds: Dataset, sc: Scenario, core: list[str], kinds: set[str]) -> list[str]:
    """Return the tasks of the further groups that fit beside the plan."""
    inventory = ds.tables["task_inventory"].assign(hours=task_hours(ds, sc).hours)
    card = ds.tables["resources"].set_index("resource_id")
    more = {
        t for t, r in playbook_assignment(ds, sc, derived=True).items() if str(card.at[r, "kind"]) in kinds
    }
    inside = inventory[inventory["task_id"].isin(core)]
    left = MOST_OPTION * float(inside["hours"].sum())
    rest = inventory[inventory["task_id"].isin(more - set(core)) & (inventory["hours"] > 0)]
    rest = rest[~rest["task_group"].isin(inside["task_group"])]
    groups = [
        (not rows["stage"].isin(inside["stage"]).any(), float(rows["hours"].sum()), rows["task_id"].tolist())
        for _, rows in rest.groupby("task_group", sort=False)
    ]
    found: list[str] = []
    for _, hours, tasks in sorted(groups, key=lambda group: group[:2]):
        if hours <= left:
            found, left = [*found, *tasks], left - hours
    return found


def _volumes(ds: Dataset, sc: Scenario, rows: Sequence[int]) -> tuple[Array, Array]:
    """Return hours and times of some tasks, month 1 on, shape (n_tasks, n_months)."""
    hours = project_demand(ds, sc).by_segment.sum(axis=2)[1:, list(rows)].T
    minutes = np.asarray(task_minutes(ds, sc) * float(sc.number("effort")))[list(rows), None]
    times = np.divide(60 * hours, minutes, out=np.zeros_like(hours), where=minutes > 0)
    return hours, times


def _end(ds: Dataset, sc: Scenario, rows: Sequence[int], end: str) -> Array:
    growth = float(getattr(sc.stated("growth_monthly"), end))
    moved = sc.replace(growth_monthly=growth) if np.isfinite(growth) else sc
    swing = SWING * float(sc.number("demand_cv")) * (-1 if end == "low" else 1)
    return np.asarray(_volumes(ds, moved, rows)[0] * max(1 + swing, 0.0))


def _months(as_of: date, count: int) -> tuple[date, ...]:
    numbers = [as_of.year * 12 + as_of.month - 1 + n for n in range(1, count + 1)]
    return tuple(date(n // 12, n % 12 + 1, 1) for n in numbers)
