"""Hours, units and heads of a plan, month by month: everything that does not depend on a price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.costing.placement import Placement
from csanalysis.costing.rates import Rate, number, rates_of
from csanalysis.costing.staffing import Staffing, staff
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import Demand, task_minutes
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.model.supply import productive_hours_of, whole_heads
from csanalysis.vocabulary import ContractForm, Driver, PriceForm

_STAFFED = (ContractForm.EMPLOYMENT, ContractForm.DISPATCH)


@dataclass(frozen=True)
class Contract:
    """What one outside resource does; arrays of shape (n_months, n_scenarios), month 1 first.

    Attributes
    ----------
    rate : Rate
    active : ndarray of bool
        Months with work under the contract.
    first : ndarray of bool
        The month a new contract begins; never for one that runs today.
    leaving : ndarray of bool
        Months after all work has left a contract that runs today.
    task_hours, bought : ndarray
        Hours of work taken over (at CSM productivity), and hours bought for them.
    rework, ramp : ndarray
        Hours of `bought` that are done over, and that are lost while learning.
    management : ndarray
        CSM hours spent on directing and checking.
    units : ndarray
        What the price is quoted for: hours, seats, cases, accounts or heads.
    heads, replaced : ndarray
        Persons of the resource, and expected leavers replaced, where it is staffed by contract form.
    """

    rate: Rate
    active: npt.NDArray[np.bool_]
    first: npt.NDArray[np.bool_]
    leaving: npt.NDArray[np.bool_]
    task_hours: Array
    bought: Array
    rework: Array
    ramp: Array
    management: Array
    units: Array
    heads: Array
    replaced: Array


@dataclass(frozen=True)
class Physical:
    """A plan in hours, heads and units; arrays of shape (n_months, n_scenarios), month 1 first.

    Attributes
    ----------
    demand : Demand
    placement : Placement
    contracts : tuple of Contract
        Every outside resource with work today or in the plan, in the order of the rate card.
    task_hours : ndarray, shape (n_months, n_tasks, n_scenarios)
        Hours of every task.
    kept : ndarray, shape (n_months, n_tasks, n_scenarios)
        Share of each task that stays with the in-house team.
    own_hours, management : ndarray
        Task hours left in-house, and hours spent on directing others.
    team : Staffing
    supply, unmet : ndarray
        Hours the team can give, and task hours for which nobody is there.
    started : ndarray of bool
        Months in which the plan is in force.
    """

    demand: Demand
    placement: Placement
    contracts: tuple[Contract, ...]
    task_hours: Array
    kept: Array
    own_hours: Array
    management: Array
    team: Staffing
    supply: Array
    unmet: Array
    started: npt.NDArray[np.bool_]


def begun(sc: Scenario, months: int) -> npt.NDArray[np.bool_]:
    """Return in which of the months 1, 2, ... the plan is in force, shape (n_months, n_scenarios)."""
    return np.arange(1, months + 1)[:, None] >= np.maximum(number(sc, "start_month"), 1.0)


def simulate(ds: Dataset, sc: Scenario, placement: Placement, demand: Demand) -> Physical:
    """Return hours, units and heads of a placement in month 1 to the horizon."""
    hours = demand.by_segment.sum(axis=2)[1:]
    hours = hours[..., None] if hours.ndim == 2 else hours
    started = begun(sc, len(hours))
    contracts, kept = [], np.ones_like(hours + started[:, None] * 0.0)
    for at, rate in enumerate(rates_of(sc)):
        before, after = placement.today == at, placement.plan == at
        if at == placement.in_house or not (before | after).any():
            continue
        mask = np.where(started[:, None], after[:, None], before[:, None])
        contract, share = _contract(ds, sc, demand, rate, hours, mask, before)
        kept = np.where(mask, 1 - share[:, None], kept)
        contracts.append(contract)
    own = (hours * kept).sum(axis=1)
    management = sum((c.management for c in contracts), np.zeros_like(own))
    productive = np.atleast_1d(productive_hours_of(sc))
    own_rate = rates_of(sc)[placement.in_house]
    arrays = (number(sc, "cs_fte"), own_rate.get("attrition_annual"), own_rate.get("hiring_lead_months"))
    need, *start = np.broadcast_arrays((own + management) / productive, *(a[None] for a in arrays))
    team = staff(need, *(a[0] for a in start))
    supply = team.present * productive
    unmet = np.clip(own + management - supply, 0.0, own)
    return Physical(
        demand, placement, tuple(contracts), hours, kept, own, management, team, supply, unmet, started
    )


def _contract(
    ds: Dataset,
    sc: Scenario,
    demand: Demand,
    rate: Rate,
    hours: Array,
    mask: npt.NDArray[np.bool_],
    before: npt.NDArray[np.bool_],
) -> tuple[Contract, Array]:
    """Return what a resource does, and the share of its tasks that it has room for."""
    months = len(hours)
    since = np.arange(1.0, months + 1)[:, None] - np.maximum(number(sc, "start_month"), 1.0)
    learnt = _ramp(rate, since)
    settled, fresh = ((hours * (mask & who[:, None])).sum(axis=1) for who in (before, ~before))
    plain = 1 / rate.get("productivity")
    done = 1 + rate.get("rework_rate")
    bought = (settled + fresh / learnt) * plain * done
    cap = rate.get("capacity_cap")
    share = np.where(bought > cap, cap / np.where(bought > 0, bought, 1.0), 1.0)
    task_hours, bought = (settled + fresh) * share, bought * share
    active = mask.any(axis=1) & np.ones_like(bought, dtype=bool)
    runs_today = bool(before.any())
    first = active & (since >= 0) & (since < 1) if not runs_today else np.zeros_like(active)
    heads, replaced = _heads(sc, rate, bought, runs_today)
    units = _units(ds, sc, demand, rate, mask, bought, share, heads)
    contract = Contract(
        rate=rate,
        active=active,
        first=first,
        leaving=~active & runs_today,
        task_hours=task_hours,
        bought=bought,
        rework=task_hours * plain * rate.get("rework_rate"),
        ramp=bought - task_hours * plain * done,
        management=bought * rate.get("management_ratio"),
        units=units,
        heads=heads * active,
        replaced=replaced * active,
    )
    return contract, share


def _ramp(rate: Rate, since: Array) -> Array:
    """Return productivity while learning, as a share of the settled one: 1 - (1 - start) exp(-k / tau)."""
    tau, start = rate.get("ramp_tau_months"), rate.get("ramp_start")
    decay = np.exp(-np.maximum(since, 0.0) / np.where(tau > 0, tau, 1.0))
    return np.asarray(1 - (1 - start) * np.where(tau > 0, decay, 0.0))


def _heads(sc: Scenario, rate: Rate, bought: Array, runs_today: bool) -> tuple[Array, Array]:
    """Return persons on the payroll or on site (who stay), and the leavers replaced."""
    if rate.price_form == PriceForm.SALARY:
        per_head = np.atleast_1d(productive_hours_of(sc))
    elif rate.contract_form in _STAFFED:
        per_head = number(sc, "paid_hours")
    else:
        return np.zeros_like(bought), np.zeros_like(bought)
    heads = np.maximum.accumulate(np.asarray(whole_heads(bought / per_head)), axis=0)
    monthly = 1 - (1 - rate.get("attrition_annual")) ** (1 / 12)
    before = np.vstack([heads[:1] if runs_today else np.zeros_like(heads[:1]), heads[:-1]])
    return heads, before * monthly


def _units(
    ds: Dataset,
    sc: Scenario,
    demand: Demand,
    rate: Rate,
    mask: npt.NDArray[np.bool_],
    bought: Array,
    share: Array,
    heads: Array,
) -> Array:
    if rate.price_form == PriceForm.HOUR:
        return bought
    if rate.price_form == PriceForm.SEAT_MONTH:
        return bought / number(sc, "paid_hours")
    if rate.price_form == PriceForm.SALARY:
        return heads
    if rate.price_form == PriceForm.LICENCE:
        return accounts_path(demand) + np.zeros_like(bought)
    if rate.price_form == PriceForm.CASE:
        return cases(ds, sc, demand, mask) * share
    return np.zeros_like(bought)


def accounts_path(demand: Demand) -> Array:
    """Return accounts in month 1, 2, ... over all segments, shape (n_months, 1 or n_scenarios)."""
    total = demand.projection.accounts.sum(axis=1)[1:]
    return total[:, None] if total.ndim == 1 else np.asarray(total)


def cases(ds: Dataset, sc: Scenario, demand: Demand, mask: npt.NDArray[np.bool_]) -> Array:
    """Return the cases a contract is billed for, shape (n_months, n_scenarios).

    A case is one unit of a driver however many of its tasks the vendor does: the times of the task done
    most often, by driver and segment. Fixed tasks have no driver in common, so the times of each count.
    """
    minutes = task_minutes(ds, sc)
    minutes = (minutes[:, None] if minutes.ndim == 1 else minutes) * number(sc, "effort")
    hours = demand.by_segment.sum(axis=2)[1:]
    hours = hours[..., None] if hours.ndim == 2 else hours
    times = np.where(mask & (minutes > 0), hours * 60 / np.where(minutes > 0, minutes, 1.0), 0.0)
    return cases_of(ds.tables["task_inventory"], times)


def cases_of(inventory: pd.DataFrame, times: Array) -> Array:
    """Return cases from how often each task is done, shape (..., n_tasks, n_scenarios)."""
    group = pd.factorize(inventory["driver"] + "/" + inventory["segment"])[0]
    fixed = (inventory["driver"] == Driver.FIXED).to_numpy()
    total = times[..., fixed, :].sum(axis=-2)
    for code in np.unique(group[~fixed]):
        total = total + times[..., group == code, :].max(axis=-2)
    return np.asarray(total)
