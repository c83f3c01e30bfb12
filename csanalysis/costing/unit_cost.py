"""Full cost per task hour: from the quoted price to what an hour of the company's own work really costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.costing.physical import cases_of
from csanalysis.costing.pricing import uplift_today
from csanalysis.costing.rates import (
    Rate,
    billed_units,
    hour_cost,
    number,
    price_stated,
    rates_of,
    units_per_bought_hour,
)
from csanalysis.labels import LANGUAGES
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_column, task_hours, task_minutes
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.model.segments import segments_of
from csanalysis.model.supply import whole_heads
from csanalysis.vocabulary import PriceForm, ResourceKind

PARTS = ("price", "own_time", "productivity", "rework", "fixed", "management")
"""Steps from price to full cost, in order."""
_WORSE_HIGH = ("price", "rework_rate", "management_ratio")
_WORSE_LOW = ("productivity",)


@dataclass(frozen=True)
class UnitCosts:
    """Full cost per task hour by resource, settled (without ramp and set-up), at today's average month.

    Attributes
    ----------
    task_ids : tuple of str
        The scope: what each resource would do.
    hours : float
        Task hours of the scope a month, today.
    parts : pandas.DataFrame
        One row a resource and step: resource_id, part, jpy (per task hour), unit.
    totals : pandas.DataFrame
        One row a resource: resource_id, kind, jpy, low, high (NaN: no range declared), monthly (JPY), grade,
        source, name_ja, name_en, unit.
    """

    task_ids: tuple[str, ...]
    hours: float
    parts: pd.DataFrame = field(repr=False)
    totals: pd.DataFrame = field(repr=False)

    def of(self, resource_id: str) -> float:
        """Return JPY per task hour of a resource."""
        return float(self.totals.loc[self.totals["resource_id"] == resource_id, "jpy"].iloc[0])

    def grade(self, resource_id: str) -> str:
        """Return the evidence grade of a resource's price."""
        return str(self.totals.loc[self.totals["resource_id"] == resource_id, "grade"].iloc[0])

    def to_frame(self) -> pd.DataFrame:
        """Return the steps, see `parts`."""
        return self.parts.copy()


@dataclass(frozen=True)
class TaskCosts:
    """Cost of each task at each resource, at the margin.

    Attributes
    ----------
    task_ids, resource_ids : tuple of str
    hours : ndarray, shape (n_tasks,)
        Task hours in an average month of today.
    jpy : ndarray, shape (n_tasks, n_resources)
        JPY a month, settled; management and rework included, set-up and minimum left out. Base fees are left
        out too, but for licences and agencies, which are paid as a whole.
    churn_loss : ndarray, shape (n_tasks, n_resources)
        JPY a month of margin expected to be lost by outside work of lower quality; not in `jpy`.
    """

    task_ids: tuple[str, ...]
    resource_ids: tuple[str, ...]
    hours: Array
    jpy: Array
    churn_loss: Array


@dataclass(frozen=True)
class _Volumes:
    """An average month of today: hours and times of tasks, shape (n_tasks, n_scenarios), and totals."""

    inventory: pd.DataFrame
    hours: Array
    times: Array
    accounts: Array
    uplift: Array

    def of(self, chosen: npt.NDArray[np.bool_]) -> _Scope:
        """Return the volumes of a scope."""
        cases = cases_of(self.inventory[chosen], self.times[chosen])
        return _Scope(self.hours[chosen].sum(axis=0), cases, self.accounts, self.uplift)


@dataclass(frozen=True)
class _Scope:
    """Volumes of a scope in an average month of today; arrays of shape (n_scenarios,)."""

    hours: Array
    cases: Array
    accounts: Array
    uplift: Array


def task_costs(ds: Dataset, sc: Scenario) -> TaskCosts:
    """Return the cost of each task at each resource in an average month of today, at the margin.

    What is paid as a whole is shared out by hours: a case price among the tasks of its driver and segment, a
    licence among the self-serve tasks, an agency's fees among the tasks of its task group.
    """
    rates, volumes = rates_of(sc), _volumes(ds, sc)
    hours = volumes.hours[:, 0]
    jpy = np.column_stack([hours * _marginal(sc, rate, volumes) for rate in rates])
    contact = task_column(ds, sc, "customer_contact") * hours
    share = contact / max(float(contact.sum()), 1e-12)
    rise = float(sc.number("churn_sensitivity")) * (1 - float(sc.number("quality_ratio")))
    margin = float(sc.number("arr")) / 12 * float(sc.number("gross_margin"))
    outside = np.array([rate.kind != ResourceKind.CSM for rate in rates])
    lost = (rise * margin * share)[:, None] * outside[None, :]
    ids = tuple(volumes.inventory["task_id"])
    return TaskCosts(ids, tuple(r.resource_id for r in rates), hours, jpy, lost)


def _marginal(sc: Scenario, rate: Rate, volumes: _Volumes) -> Array:
    """Return JPY per task hour of each task at a resource, shape (n_tasks,) or (1,)."""
    if rate.kind == ResourceKind.CSM or units_per_bought_hour(sc, rate).any():
        steps = _steps(sc, rate, volumes.of(volumes.hours[:, 0] > 0))
        return np.asarray(sum(steps[part][:1] for part in PARTS if part != "fixed"))
    whole = rate.price_form in (PriceForm.LICENCE, PriceForm.SUCCESS)
    found = np.zeros(len(volumes.inventory))
    for row in range(len(found)):
        steps = _steps(sc, rate, volumes.of(_sharing(rate, volumes.inventory, row)))
        found[row] = sum(float(steps[part][0]) for part in PARTS if whole or part != "fixed")
    return found


def _sharing(rate: Rate, inventory: pd.DataFrame, row: int) -> npt.NDArray[np.bool_]:
    """Return the tasks that share what is paid for the task in `row` as a whole."""
    if rate.price_form == PriceForm.LICENCE:
        served = (inventory["self_serve"] == 1).to_numpy()
        return np.asarray(served if served[row] else np.arange(len(inventory)) == row)
    columns = ["task_group"] if rate.price_form == PriceForm.SUCCESS else ["driver", "segment"]
    return np.asarray((inventory[columns] == inventory[columns].iloc[row]).all(axis=1))


def unit_costs(ds: Dataset, sc: Scenario, task_ids: Iterable[str], only: Iterable[str] = ()) -> UnitCosts:
    """Return the full cost per task hour of every resource that may do a scope, the in-house team first.

    Parameters
    ----------
    ds, sc
        Scalars.
    task_ids : iterable of str
        The scope.
    only : iterable of str, optional
        Offers to show beside the in-house team; default all that may see the scope's data.

    Examples
    --------
    >>> import csanalysis as cs
    >>> from csanalysis.costing.scope import playbook_assignment
    >>> ds = cs.load_dataset("data")
    >>> costs = unit_costs(ds, ds.base, playbook_assignment(ds, ds.base))
    >>> round(costs.hours, 1), round(costs.of("csm")), round(costs.of("bpo"))
    (100.0, 4327, 4505)
    """
    chosen, asked = tuple(task_ids), tuple(only)
    scope = _scope(ds, sc, chosen)
    parts, totals = [], []
    for rate in rates_of(sc):
        own = rate.kind == ResourceKind.CSM
        if (asked and rate.resource_id not in asked and not own) or not (own or may_do(ds, rate, chosen)):
            continue
        steps = _steps(sc, rate, scope)
        parts += [(rate.resource_id, part, float(steps[part][0])) for part in PARTS]
        low, high = _range(ds, sc, rate, chosen)
        full = sum(float(steps[part][0]) for part in PARTS)
        stated = price_stated(sc, rate)
        row = (rate.resource_id, rate.kind, full, low, high, full * float(scope.hours[0]))
        totals.append((*row, stated.grade, stated.source, *map(rate.name, LANGUAGES)))
    frame = pd.DataFrame(parts, columns=["resource_id", "part", "jpy"]).assign(unit="JPY/hour")
    columns = ["resource_id", "kind", "jpy", "low", "high", "monthly", "grade", "source"]
    columns += [f"name_{lang}" for lang in LANGUAGES]
    order = pd.DataFrame(totals, columns=columns).assign(unit="JPY/hour")
    return UnitCosts(chosen, float(scope.hours[0]), frame, order)


def may_do(ds: Dataset, rate: Rate, task_ids: Iterable[str]) -> bool:
    """Tell whether a resource may see the data of all tasks, and none is locked to another."""
    rows = ds.tables["task_inventory"].set_index("task_id").loc[list(task_ids)]
    card = ds.tables["resources"].set_index("resource_id")
    sees = card.at[rate.resource_id, "personal_data_allowed"] == 1 or not (rows["personal_data"] == 1).any()
    return bool(sees and rows["lock_resource"].isin(["", rate.resource_id]).all())


def saving_per_hour(ds: Dataset, sc: Scenario, resource_id: str, task_ids: Iterable[str]) -> Array:
    """Return JPY saved per task hour at a resource: default, everything cautious, everything hopeful.

    All declared ranges of the offer's price, productivity, rework and management, and of the in-house cost
    per hour, stand together at their cautious or hopeful end. Shape (3,).
    """
    chosen = tuple(task_ids)
    rate = next(r for r in rates_of(sc) if r.resource_id == resource_id)
    ends = _ends(sc, rate)
    own = {"csm_monthly_cost": False, "non_customer_time": False}
    values = {k: _three(sc, k, worse_high) for k, worse_high in {**ends, **own}.items()}
    moved = sc.replace({k: v for k, v in values.items() if v is not None})
    outside = _full(moved, _rate_in(moved, resource_id), _scope(ds, moved, chosen))
    return np.broadcast_to(np.asarray(hour_cost(moved) - outside), (3,)).copy()


def _rate_in(sc: Scenario, resource_id: str) -> Rate:
    return next(r for r in rates_of(sc) if r.resource_id == resource_id)


def _full(sc: Scenario, rate: Rate, scope: _Scope) -> Array:
    return np.asarray(sum(_steps(sc, rate, scope)[part] for part in PARTS))


def _ends(sc: Scenario, rate: Rate) -> Mapping[str, bool]:
    """Return the cells of an offer that have a range: key -> whether more is dearer."""
    if rate.kind == ResourceKind.CSM:
        return {"csm_monthly_cost": True, "non_customer_time": True}
    keys = {f"resources.{rate.resource_id}.{c}": True for c in _WORSE_HIGH}
    keys |= {f"resources.{rate.resource_id}.{c}": False for c in _WORSE_LOW}
    return {key: worse for key, worse in keys.items() if np.isfinite(sc.stated(key).low)}


def _three(sc: Scenario, key: str, worse_high: bool) -> Array | None:
    """Return default, cautious and hopeful value of a key; None where it has no range."""
    stated = sc.stated(key)
    if not np.isfinite(stated.low):
        return None
    worse, better = (stated.high, stated.low) if worse_high else (stated.low, stated.high)
    return np.array([float(sc.number(key)), worse, better])


def _range(ds: Dataset, sc: Scenario, rate: Rate, task_ids: tuple[str, ...]) -> tuple[float, float]:
    """Return the full cost with all declared ranges at their hopeful, and at their cautious end."""
    values = {key: _three(sc, key, worse) for key, worse in _ends(sc, rate).items()}
    known = {key: value for key, value in values.items() if value is not None}
    if not known:
        return np.nan, np.nan
    moved = sc.replace(known)
    full = np.broadcast_to(_full(moved, _rate_in(moved, rate.resource_id), _scope(ds, moved, task_ids)), (3,))
    return float(full[2]), float(full[1])


def _volumes(ds: Dataset, sc: Scenario) -> _Volumes:
    found = task_hours(ds, sc).hours, task_minutes(ds, sc)
    hours, minutes = (a[:, None] if a.ndim == 1 else a for a in found)
    hours, minutes = np.broadcast_arrays(hours, minutes * number(sc, "effort"))
    times = np.divide(60 * hours, minutes, out=np.zeros(hours.shape), where=minutes > 0)
    accounts = np.atleast_1d(segments_of(ds, sc).accounts.sum(axis=0))
    return _Volumes(ds.tables["task_inventory"], hours, times, accounts, uplift_today(sc))


def _scope(ds: Dataset, sc: Scenario, task_ids: Iterable[str]) -> _Scope:
    volumes = _volumes(ds, sc)
    return volumes.of(volumes.inventory["task_id"].isin(list(task_ids)).to_numpy())


def _steps(sc: Scenario, rate: Rate, scope: _Scope) -> dict[str, Array]:
    """Return JPY per task hour of each step from the price to the full cost."""
    none = np.zeros(1)
    if rate.kind == ResourceKind.CSM:
        paid = number(sc, "csm_monthly_cost") / number(sc, "paid_hours")
        return dict.fromkeys(PARTS, none) | {"price": paid, "own_time": hour_cost(sc) - paid}
    hours = np.where(scope.hours > 0, scope.hours, 1.0)
    productivity, rework = rate.get("productivity"), rate.get("rework_rate")
    bought = scope.hours * (1 + rework) / productivity
    per_hour = units_per_bought_hour(sc, rate)
    by_volume = {PriceForm.CASE: scope.cases, PriceForm.LICENCE: scope.accounts}
    units = by_volume.get(PriceForm(rate.price_form), bought * per_hour)
    paid_units = np.asarray(whole_heads(units)) if rate.price_form == PriceForm.SALARY else units
    hourly = rate.get("price") * per_hour
    fee = billed_units(paid_units, rate) * rate.get("price") + rate.get("base_fee")
    if rate.price_form == PriceForm.SUCCESS:
        fee = fee + np.minimum(rate.get("success_cap"), rate.get("success_rate") * scope.uplift)
    price = hourly if per_hour.any() else units * rate.get("price") / hours
    slower = hourly * (1 / productivity - 1)
    again = hourly * rework / productivity
    return {
        "price": price,
        "own_time": none,
        "productivity": slower,
        "rework": again,
        "fixed": fee / hours - price - slower - again,
        "management": rate.get("management_ratio") * bought / hours * hour_cost(sc),
    }
