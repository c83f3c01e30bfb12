"""From a workspace to the capacity problem: hours, units and prices, by the ledger's rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import numpy as np

from csanalysis.costing.ledger import CostLedger, ledger_of
from csanalysis.costing.physical import Contract
from csanalysis.costing.placement import IN_HOUSE, Assignment
from csanalysis.costing.rates import Rate, hour_cost, number, rates_of, units_per_bought_hour
from csanalysis.labels import both, money
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import project_demand
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.model.supply import productive_hours_of, whole_heads
from csanalysis.planning.capacity_problem import CapacityProblem, Offer
from csanalysis.planning.demand_scenarios import NO_CAP
from csanalysis.vocabulary import ContractForm, CostItem, PriceForm

_STAFFED = (ContractForm.EMPLOYMENT, ContractForm.DISPATCH)
_DECIDED_ITEMS = (CostItem.SALARY, CostItem.FEE, CostItem.HIRING)


@dataclass(frozen=True)
class Pool:
    """Work that an assignment gives to one outside resource; arrays of shape (n_months,).

    Attributes
    ----------
    rate : Rate
        The offer, with its true cap.
    task_hours, bought, management, units : ndarray
        As in `Contract`, as if there were no cap; `units` are fractional.
    contract : Contract
    """

    rate: Rate
    task_hours: Array
    bought: Array
    management: Array
    units: Array
    contract: Contract = field(repr=False)


@dataclass(frozen=True)
class Pools:
    """An assignment before noise: what the team and each outside resource have to do.

    Attributes
    ----------
    own : ndarray, shape (n_months,)
        Task hours of the in-house team.
    outside : tuple of Pool
    own_rate : Rate
    scenario : Scenario
    fixed_cost, fixed_in_house : float
        JPY over the horizon that no decision changes (tools, base fees, set-up, notice, licences, success
        fees, packages), with the assignment, and with all work in-house.
    """

    own: Array
    outside: tuple[Pool, ...]
    own_rate: Rate
    scenario: Scenario = field(repr=False)
    fixed_cost: float
    fixed_in_house: float

    @property
    def outside_share(self) -> float:
        """Share of all task hours that the assignment gives outside, over the horizon."""
        given = sum(float(p.task_hours.sum()) for p in self.outside)
        return given / max(given + float(self.own.sum()), 1e-12)


def pools_of(ds: Dataset, sc: Scenario, assignment: Assignment) -> Pools:
    """Return the pools of an assignment.

    Raises
    ------
    ValueError
        If a parameter has several values; as `cost_to_serve` for the assignment.
    """
    for key, value in sc.changed().items():
        if np.ndim(value if not isinstance(value, str) and value is not None else 0.0):
            raise ValueError(both("plan.one_scenario", key=key))
    rates = {rate.resource_id: rate for rate in rates_of(sc)}
    free, demand = (
        sc.replace({f"resources.{key}.capacity_cap": NO_CAP for key in rates}),
        project_demand(ds, sc),
    )
    ledger = ledger_of(ds, free, assignment, demand)
    physical = ledger.physical
    outside = tuple(_pool(sc, rates[c.rate.resource_id], c) for c in physical.contracts)
    own_rate = rates[physical.placement.resources[physical.placement.in_house]]
    fixed = _fixed(ledger, own_rate)
    all_own = fixed if assignment == IN_HOUSE else _fixed(ledger_of(ds, free, IN_HOUSE, demand), own_rate)
    return Pools(physical.own_hours[:, 0], outside, own_rate, sc, fixed, all_own)


def _pool(sc: Scenario, rate: Rate, contract: Contract) -> Pool:
    bought = contract.bought[:, 0]
    per_hour = float(units_per_bought_hour(sc, rate)[0])
    units = bought * per_hour if per_hour else contract.units[:, 0]
    return Pool(rate, contract.task_hours[:, 0], bought, contract.management[:, 0], units, contract)


def _fixed(ledger: CostLedger, own: Rate) -> float:
    """Return the lines of a ledger that no decision changes, in JPY."""
    decided = {own.resource_id} | {
        c.rate.resource_id for c in ledger.physical.contracts if c.rate.sells_labour
    }
    lines = ledger.lines.items()
    return float(sum(v.sum() for (key, i), v in lines if not (key in decided and i in _DECIDED_ITEMS)))


def problem_of(
    pools: Pools, factor: Array, *, share: float = 1.0, most_heads: float = np.inf
) -> CapacityProblem:
    """Return the capacity problem under noise.

    Parameters
    ----------
    pools : Pools
    factor : ndarray, shape (n_months, n_scenarios)
    share : float
        Part of the outside work that goes outside; the rest stays with the team.
    most_heads : float
        Ceiling on seats.
    """
    sc, months = pools.scenario, len(pools.own)
    kept = pools.own + (1 - share) * sum((p.task_hours for p in pools.outside), np.zeros(months))
    load, offers = kept[:, None] * factor, []
    for pool in pools.outside if share > 0 else ():
        bought = share * pool.bought[:, None] * factor
        cap = float(pool.rate.get("capacity_cap")[0])
        taken = np.where(bought > cap, cap / np.where(bought > 0, bought, 1.0), 1.0) * share * factor
        load = load + pool.task_hours[:, None] * (share * factor - taken) + pool.management[:, None] * taken
        if pool.rate.sells_labour and pool.contract.active.any():
            offers.append(_offer(sc, pool, pool.units[:, None] * taken))
    hours = float(productive_hours_of(sc))
    overtime = float(hour_cost(sc)[0]) * (1 + float(sc.number("overtime_premium")))
    return CapacityProblem(
        load=load,
        probability=np.full(factor.shape[1], 1 / factor.shape[1]),
        offers=tuple(offers),
        start_fte=float(sc.number("cs_fte")),
        attrition=_monthly(pools.own_rate),
        lead=round(float(pools.own_rate.get("hiring_lead_months")[0])),
        hours=hours,
        overtime_hours=float(sc.number("overtime_cap")),
        head_cost=float(sc.number("csm_monthly_cost")),
        hiring_cost=float(pools.own_rate.get("hiring_cost")[0]),
        overtime_cost=overtime,
        penalty=max(float(sc.number("unmet_hour_penalty")), *_dearest(pools, overtime)),
        fixed_cost=pools.fixed_cost if share > 0 else pools.fixed_in_house,
        most_heads=most_heads,
        cvar_weight=float(sc.number("cvar_weight")),
        cvar_level=float(sc.number("cvar_level")),
    )


def _monthly(rate: Rate) -> float:
    return float(1 - (1 - rate.get("attrition_annual")[0]) ** (1 / 12))


def _offer(sc: Scenario, pool: Pool, units: Array) -> Offer:
    rate, contract = pool.rate, pool.contract
    cell = {name: float(values[0]) for name, values in rate.cells.items() if len(values)}
    months, active = len(units), contract.active[:, 0]
    starts = np.flatnonzero(contract.first[:, 0])
    person_hours = _person_hours(sc, rate)
    staffed = person_hours > 0 and cell["hiring_cost"] > 0
    new = bool(starts.size)
    per_bought = pool.units / np.where(pool.bought > 0, pool.bought, np.inf)
    cap = cell["capacity_cap"] * float(per_bought.max()) if np.isfinite(cell["capacity_cap"]) else np.inf
    return Offer(
        resource_id=rate.resource_id,
        units=units,
        price=cell["price"],
        extra_price=cell["price"] * (1 + cell["premium"]),
        active=active,
        included=cell["included_units"],
        minimum=cell["minimum_units"],
        cap=cap,
        block=1.0 if rate.price_form == PriceForm.SALARY else cell["block"],
        first_month=round(cell["hiring_lead_months"]) if staffed and new else 1,
        held_until=min(int(starts[0] + cell["min_term_months"]), months) if new else 0,
        person_units=person_hours * float(units_per_bought_hour(sc, rate)[0]) if staffed else 0.0,
        hiring_cost=cell["hiring_cost"],
        attrition=_monthly(rate),
        persons=0.0 if new or not person_hours else float(whole_heads(pool.bought[0] / person_hours)),
    )


def _person_hours(sc: Scenario, rate: Rate) -> float:
    """Return the hours a month one person of a staffed kind gives; 0 where no person is ours to hire."""
    if rate.price_form == PriceForm.SALARY:
        return float(productive_hours_of(sc))
    return float(number(sc, "paid_hours")[0]) if rate.contract_form in _STAFFED else 0.0


def _dearest(pools: Pools, overtime: float) -> Iterator[float]:
    yield overtime
    for pool in pools.outside:
        yield extra_per_task_hour(pool)


def extra_per_task_hour(pool: Pool) -> float:
    """Return JPY per task hour done by extra units, settled; 0 where no labour is sold."""
    if not pool.rate.sells_labour or not pool.task_hours.any():
        return 0.0
    last = int(np.flatnonzero(pool.task_hours)[-1])
    price = float(pool.rate.get("price")[0] * (1 + pool.rate.get("premium")[0]))
    return price * float(pool.units[last] / pool.task_hours[last])


def merit_findings(pools: Pools, problem: CapacityProblem, bought: Collection[str]) -> Iterator[Finding]:
    """Yield where costs do not rise from extra units to overtime to unmet hours, and what was done.

    Extra units are told of the offers of which some are `bought`.
    """
    entered = float(pools.scenario.number("unmet_hour_penalty"))
    if problem.penalty > entered * (1 + 1e-12):
        told = {"entered": entered, "used": problem.penalty}
        yield Finding("plan.penalty_raised", {k: _money(v) for k, v in told.items()}, "warning")
    for pool in pools.outside:
        extra = extra_per_task_hour(pool)
        if pool.rate.resource_id in bought and extra > problem.overtime_cost * (1 + 1e-12):
            values = {"extra": _money(extra), "overtime": _money(problem.overtime_cost)}
            yield Finding("plan.extra_dear", {"name": pool.rate.name, **values}, "warning")


def _money(value: float) -> Shown:
    return lambda lang: money(value, lang)
