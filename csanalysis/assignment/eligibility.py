"""Who may do a task at all: locks, data of persons, the playbook's play, contract form, capacity, bundles.

How playbook and traits meet. The play of the company's quadrant and phase decides whether work may leave the
house, and whom to ask first; the traits decide who suits. In full:

- *locked*: the lock decides.
- *kept*, *prepared*: the in-house team alone.
- *handed over*, *sold*: the named kind, in the named contract form, is asked first, beside the in-house team.
  Only where nobody of that kind may or suits are the others asked.
- *no row*: everybody is asked alike, the traits decide; but where the cell hands nothing out at all (a team
  in its launch phase, a quadrant the sources do not treat), nothing goes out here either.
- *few tickets*: support stays in-house at first, whatever the play says (LOGLASS2023).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.costing.placement import in_house_resource
from csanalysis.costing.rates import Rate, rates_of
from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_hours
from csanalysis.model.playbook import SUPPORT, has_few_tickets, plays_now, tickets_a_month
from csanalysis.model.scenario import Scenario
from csanalysis.schemas.lock_rules import lock_problems, locks_of
from csanalysis.vocabulary import Driver, Play, ResourceKind, Split

Mask = npt.NDArray[np.bool_]
LOCKED, KEPT, PREPARED, FEW, NOTHING_OUT, NAMED, FREE = (
    "locked kept prepared few_tickets nothing_out named free".split()
)
"""What the rules before traits and cost say about a task, see the text of this module."""
_OUT = [str(Play.HAND_OVER), str(Play.SELL)]
_BY_PLAY = {Play.KEEP: KEPT, Play.PREPARE: PREPARED, Play.HAND_OVER: NAMED, Play.SELL: NAMED}
_ROW = ["play", "kind", "contract_form", "basis", "source"]


@dataclass(frozen=True)
class Eligibility:
    """Who may do which task, before traits and cost.

    Attributes
    ----------
    task_ids, resource_ids, kinds : tuple of str
        Tasks of the inventory; offers of the rate card, and the kind of each.
    states : tuple of str
        One of `locked`, `kept`, `prepared`, `few_tickets`, `nothing_out`, `named`, `free` for each task.
    plays : pandas.DataFrame
        One row a task: play, kind, contract_form, basis, source; empty where the playbook has no row.
    first, open : ndarray of bool, shape (n_tasks, n_resources)
        Who is asked first, and who may do it at all; alike for all tasks of a bundle.
    why_not : ndarray of str, shape (n_tasks, n_resources)
        What keeps an offer from a task; empty where nothing does.
    units : ndarray of int, shape (n_tasks,)
        Number of the bundle; tasks of one bundle share it, a task alone has its own.
    in_house : int
        Position of the in-house team in the rate card.
    tickets, few_tickets : float
        Tickets a month, and how many count as few.
    """

    task_ids: tuple[str, ...]
    resource_ids: tuple[str, ...]
    kinds: tuple[str, ...]
    states: tuple[str, ...]
    plays: pd.DataFrame = field(repr=False)
    first: Mask = field(repr=False)
    open: Mask = field(repr=False)
    why_not: npt.NDArray[np.object_] = field(repr=False)
    units: npt.NDArray[np.int64] = field(repr=False)
    in_house: int
    tickets: float
    few_tickets: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row a task and offer: task_id, resource_id, kind, eligible, first, why_not, unit."""
        index = pd.MultiIndex.from_product(
            [self.task_ids, self.resource_ids], names=["task_id", "resource_id"]
        )
        return index.to_frame(index=False).assign(
            kind=np.tile(self.kinds, len(self.task_ids)),
            eligible=self.open.ravel(),
            first=self.first.ravel(),
            why_not=self.why_not.ravel(),
            unit="1",
        )


def eligibility(ds: Dataset, sc: Scenario) -> Eligibility:
    """Return who may do which task.

    Raises
    ------
    ValueError
        For a bundle whose tasks are locked to different offers, or a lock that may not see the data of
        persons behind it; all of them are named.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> found = eligibility(ds, ds.base).to_frame().query("task_id == 'rnw_negotiation' and eligible")
    >>> list(found["kind"])
    ['csm']
    """
    inventory, rates = ds.tables["task_inventory"], rates_of(sc)
    _check_locks(ds)
    own = [rate.resource_id for rate in rates].index(in_house_resource(ds.tables["resources"]))
    units, tasks = units_of(inventory), _tasks(ds, sc, few_tickets=has_few_tickets(sc))
    why = _obstacles(tasks, rates, own, units)
    named = np.array(
        [[_asked_first(task, rate, at == own) for at, rate in enumerate(rates)] for task in tasks]
    )
    plays = [[task.play, task.kind, task.form, task.basis, task.source] for task in tasks]
    return Eligibility(
        task_ids=tuple(inventory["task_id"]),
        resource_ids=tuple(rate.resource_id for rate in rates),
        kinds=tuple(rate.kind for rate in rates),
        states=tuple(task.state for task in tasks),
        plays=pd.DataFrame(plays, columns=_ROW),
        first=together(named & np.asarray(why == ""), units),
        open=np.asarray(why == ""),
        why_not=why,
        units=units,
        in_house=own,
        tickets=tickets_a_month(sc),
        few_tickets=float(sc.number("few_tickets_per_month")),
    )


def units_of(inventory: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the number of each task's bundle; tasks that go together share it."""
    names = inventory["bundle_id"].where(inventory["bundle_id"] != "", " " + inventory["task_id"])
    return np.asarray(pd.factorize(names)[0], dtype=np.int64)


def bundles(units: npt.NDArray[np.int64]) -> list[npt.NDArray[np.intp]]:
    """Return the positions of the tasks of every bundle of two or more."""
    return [np.flatnonzero(units == unit) for unit in np.flatnonzero(np.bincount(units) > 1)]


def together(mask: Mask, units: npt.NDArray[np.int64]) -> Mask:
    """Return the mask with every bundle reduced to what holds for all its tasks."""
    joined = mask.copy()
    for rows in bundles(units):
        joined[rows] = mask[rows].all(axis=0)
    return joined


@dataclass(frozen=True)
class _Task:
    """What of a task decides who may do it; `whole_hours` is 0 where the work may be shared."""

    state: str
    lock: str
    personal: bool
    whole_hours: float
    play: str
    kind: str
    form: str
    basis: str
    source: str


def _check_locks(ds: Dataset) -> None:
    problems = lock_problems(ds.tables["task_inventory"], ds.tables["resources"])
    told = [both(f"assignment.{p.rule}", task=p.task_id, lock=p.lock, other=p.other) for p in problems]
    if told:
        raise ValueError("; ".join(told))


def _tasks(ds: Dataset, sc: Scenario, *, few_tickets: bool) -> list[_Task]:
    inventory, plays = ds.tables["task_inventory"], plays_now(ds, sc)
    rows = plays[_ROW].reindex(inventory["task_group"]).fillna("")
    hours = np.asarray(task_hours(ds, sc).hours, dtype=float).reshape(len(inventory), -1)[:, 0]
    whole = np.where(inventory["split"] == Split.WHOLE, hours, 0.0)
    support = (inventory["driver"] == Driver.TICKET) | (inventory["task_group"] == SUPPORT)
    locks, personal = locks_of(inventory), inventory["personal_data"] == 1
    silent = FREE if ds.tables["playbook"].empty or plays["play"].isin(_OUT).any() else NOTHING_OUT
    found = []
    for lock, sees, left, ticket, row in zip(
        locks, personal, whole, support, rows.itertuples(index=False), strict=True
    ):
        state = _BY_PLAY[Play(str(row.play))] if row.play else silent
        state = FEW if few_tickets and ticket and state in (NAMED, FREE) else state
        found.append(_Task(LOCKED if lock else state, lock, bool(sees), float(left), *map(str, row)))
    return found


def _obstacles(
    tasks: list[_Task], rates: tuple[Rate, ...], own: int, units: npt.NDArray[np.int64]
) -> npt.NDArray[np.object_]:
    """Return what keeps each offer from each task; what keeps one task of a bundle keeps all of it."""
    why = np.array(
        [[_obstacle(task, rate, at == own) for at, rate in enumerate(rates)] for task in tasks], dtype=object
    )
    joined = together(np.asarray(why == ""), units)
    return np.where(~joined & (why == ""), "bundle", why)


def _obstacle(task: _Task, rate: Rate, own: bool) -> str:
    """Return what keeps an offer from a task, empty if nothing does."""
    if task.state == LOCKED:
        return "" if task.lock == rate.resource_id else LOCKED
    if own:
        return ""
    if rate.kind == ResourceKind.CSM:
        return "same_team"
    if task.state in (KEPT, PREPARED, FEW, NOTHING_OUT):
        return task.state
    if task.personal and rate.get("personal_data_allowed")[0] != 1:
        return "personal_data"
    if task.state == NAMED and rate.kind == task.kind and rate.contract_form != task.form:
        return "contract_form"
    bought = task.whole_hours * (1 + rate.get("rework_rate")[0]) / rate.get("productivity")[0]
    return "capacity" if bought > rate.get("capacity_cap")[0] else ""


def _asked_first(task: _Task, rate: Rate, own: bool) -> bool:
    return task.state != NAMED or own or rate.kind == task.kind
