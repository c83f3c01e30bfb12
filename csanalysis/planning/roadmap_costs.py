"""What a task group costs in each state of the roadmap, from the functions of the cost ledger.

One offer is simulated once for every month in which it could start (the scenario axis), so that the cost of
month t after k months with the vendor is read off, with ramp, rework, minimum, cap and management as the
ledger has them. A task group carries its share, by hours, of what the offer costs when it does all the
groups given to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from csanalysis.costing.break_even import price_key
from csanalysis.costing.physical import Contract, Physical, simulate
from csanalysis.costing.placement import Placement, Places
from csanalysis.costing.pricing import agency_uplift, mrr_path, price
from csanalysis.costing.rates import Rate, billed_units, hour_cost, number, rates_of
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import Demand, task_column
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.model.supply import productive_hours_of
from csanalysis.planning.roadmap_path import PathCosts
from csanalysis.vocabulary import CostItem, PriceForm

_RUNNING = (*(CostItem.SALARY, CostItem.FEE, CostItem.BASE, CostItem.SUCCESS_FEE, CostItem.PACKAGE_REVENUE),)


@dataclass(frozen=True)
class OfferCosts:
    """What an offer costs when it does its whole scope; T months.

    Attributes
    ----------
    rate : Rate
    hours : ndarray, shape (T,)
        Task hours of the scope.
    monthly : tuple of ndarray, each shape (T, T + 1)
        Running cost in JPY of month t after k months with the vendor (column T: settled): the part without
        the price, and the part per JPY of price.
    joining : ndarray, shape (T,)
        JPY for persons of the offer who join when it starts in month t.
    committed : tuple of ndarray, each shape (T,)
        JPY of a month that are owed without any work: as `monthly`.
    management : ndarray, shape (T, T + 1)
        Hours of the in-house team for directing and checking, inside `monthly`.
    learning : ndarray, shape (T, T + 1)
        JPY a month, inside `monthly`, for hours lost while the vendor learns.
    """

    rate: Rate
    hours: Array
    monthly: tuple[Array, Array]
    joining: Array
    committed: tuple[Array, Array]
    management: Array
    learning: Array


@dataclass(frozen=True)
class GroupCosts:
    """States and switches of a task group: costs are `base` + price x `slope` of the main offer.

    Attributes
    ----------
    base, slope : PathCosts
    hours : ndarray, shape (T,)
        Task hours that may go out.
    set_up, bring_back : float
        JPY once: for going out, and for in-house heads (in fractions) on the way back.
    """

    base: PathCosts
    slope: PathCosts
    hours: Array
    set_up: float
    bring_back: float


def offer_costs(
    ds: Dataset, sc: Scenario, resource_id: str, rows: Sequence[int], demand: Demand
) -> OfferCosts:
    """Return what an offer costs month by month, for every month in which it could start.

    Parameters
    ----------
    ds, sc
        Scalars.
    resource_id : str
    rows : sequence of int
        Tasks of the inventory, by position.
    demand : Demand
        Of the same scenario.
    """
    rate = next(r for r in rates_of(sc) if r.resource_id == resource_id)
    months, key = len(demand.by_segment) - 1, price_key(rate)
    quote = float(sc.number(key))
    prices = quote, quote / 2 if quote > 0 else 1000.0  # the second never above the hard bound of the cell
    tau = f"resources.{resource_id}.ramp_tau_months"
    block = np.append(np.arange(1.0, months + 1), 1.0), np.append(np.full(months, sc.number(tau)), 0.0)
    moved = sc.replace(
        {
            "start_month": np.tile(block[0], 2),
            tau: np.tile(block[1], 2),
            key: np.repeat(prices, months + 1),
        }
    )
    physical = simulate(ds, moved, _placement(ds, resource_id, rows), demand)
    [contract] = physical.contracts
    lines, parts = price(ds, moved, physical)
    one, other = _by_age(_wide(lines[resource_id, CostItem.HIRING], physical), months)
    hiring = _without_start(one), _without_start(other)
    running = _by_age(_running(moved, physical, contract, lines), months)
    ramp = _wide(parts[resource_id, "ramp"][1], physical)
    return OfferCosts(
        rate=rate,
        hours=_first(physical.task_hours[:, list(rows)].sum(axis=1)),
        monthly=_line(running[0] + hiring[0], running[1] + hiring[1], prices),
        joining=_by_age(_wide(lines[resource_id, CostItem.HIRING], physical), months)[0][:, 0],
        committed=_committed(moved, contract, prices),
        management=_by_age(_wide(contract.management, physical), months)[0],
        learning=_by_age(ramp, months)[0],
    )


def _placement(ds: Dataset, resource_id: str, rows: Sequence[int]) -> Placement:
    """Return everything in-house today, and the scope at the offer from its start on."""
    inventory, card = ds.tables["task_inventory"], ds.tables["resources"]
    resources = tuple(card["resource_id"])
    own = resources.index(str(card.loc[card["kind"] == "csm", "resource_id"].iloc[0]))
    today: Places = np.full(len(inventory), own, dtype=np.int64)
    plan = today.copy()
    plan[list(rows)] = resources.index(resource_id)
    return Placement(tuple(inventory["task_id"]), resources, today, plan, own)


def _running(
    sc: Scenario, physical: Physical, contract: Contract, lines: Mapping[tuple[str, str], Array]
) -> Array:
    """Return fees, management and work left over by the cap, less an agency's margin; (T, width)."""
    key = contract.rate.resource_id
    fees = sum((v for (r, item), v in lines.items() if r == key and item in _RUNNING), np.zeros(1))
    scope = physical.placement.outside
    left = (physical.task_hours * physical.kept)[:, scope].sum(axis=1)
    cost = fees + (contract.management + left) * hour_cost(sc)
    if contract.rate.price_form == PriceForm.SUCCESS:
        cost = cost - agency_uplift(sc, physical) * number(sc, "gross_margin")
    return _wide(cost, physical)


def _wide(values: Array, physical: Physical) -> Array:
    return np.asarray(values + np.zeros(physical.started.shape))


def _first(values: Array) -> Array:
    return np.asarray(values[:, 0])


def _by_age(values: Array, months: int) -> tuple[Array, Array]:
    """Turn (month, start) into (month, months with the vendor), for both prices; column T: settled."""
    found = []
    for block in (values[:, : months + 1], values[:, months + 1 :]):
        settled = block[:, months]
        aged = np.repeat(settled[:, None], months + 1, axis=1)
        for t in range(months):
            aged[t, : t + 1] = block[t, t::-1]
        found.append(aged)
    return found[0], found[1]


def _without_start(hiring: Array) -> Array:
    """Leave out the persons of the first month, who are paid for on the way out."""
    rest = hiring.copy()
    rest[:, 0] = 0.0
    rest[0, -1] = 0.0
    return rest


def _line(at_quote: Array, at_other: Array, prices: tuple[float, float]) -> tuple[Array, Array]:
    """Return the part without the price and the part per JPY of price: cost is linear in it."""
    slope = (at_quote - at_other) / (prices[0] - prices[1])
    return at_quote - prices[0] * slope, slope


def _committed(sc: Scenario, contract: Contract, prices: tuple[float, float]) -> tuple[Array, Array]:
    rate, months = contract.rate, len(contract.units)
    idle = contract.units if rate.price_form == PriceForm.LICENCE else contract.units * 0
    owed = billed_units(idle, rate) * rate.get("price") + rate.get("base_fee")
    owed = np.asarray(owed + np.zeros((months, 2 * (months + 1))))
    return _line(owed[:, months], owed[:, -1], prices)


def group_costs(
    ds: Dataset,
    sc: Scenario,
    scopes: Mapping[str, Sequence[int]],
    offers: Mapping[str, OfferCosts],
    demand: Demand,
    pilot_share: float,
) -> GroupCosts:
    """Return states and switches of a task group.

    Parameters
    ----------
    scopes : mapping of str to sequence of int
        Offer -> tasks of the group that may go to it, by position; the main offer first.
    offers : mapping
        Offer -> its costs for the whole scope.
    pilot_share : float
        Share of the work outside in a pilot.
    """
    hours = {r: demand.by_segment[1:, list(rows)].sum(axis=(1, 2)) for r, rows in scopes.items()}
    total = np.asarray(sum(hours.values()))
    own = number(sc, "csm_monthly_cost") / np.atleast_1d(productive_hours_of(sc))
    csm = _placement(ds, next(iter(scopes)), ()).in_house
    hiring = float(rates_of(sc)[csm].get("hiring_cost")[0])
    bring_back = float(total.mean()) / float(productive_hours_of(sc)) * hiring
    inside = total * float(own[0])
    loss = _churn_loss(ds, sc, [n for rows in scopes.values() for n in rows], demand)
    shared = {r: _shares(hours[r], offers[r].hours) for r in scopes}
    main, parts = next(iter(scopes)), {}
    for which in (0, 1):
        constant = which == 0
        out = np.zeros_like(offers[main].monthly[0])
        idle, leave = out[:, 0].copy(), out.copy()
        enter = np.zeros(len(total))
        for r, (share, mean) in shared.items():
            offer = offers[r]
            quote = float(offer.rate.get(price_key(offer.rate).split(".")[-1])[0])
            monthly, committed = (
                (pair[which] if r == main else constant * (pair[0] + quote * pair[1]))
                for pair in (offer.monthly, offer.committed)
            )
            out = out + share[:, None] * monthly
            idle = idle + mean * committed
            leave = leave + mean * committed[:, None] * _owed(offer.rate, len(total))
            enter = enter + constant * mean * (float(offer.rate.get("setup_cost")[0]) + offer.joining)
        out = out + constant * loss[:, None]
        pilot = constant * (1 - pilot_share) * inside[:, None] + (1 - pilot_share) * idle[:, None]
        parts[which] = PathCosts(
            inside=constant * inside,
            pilot=pilot + pilot_share * out,
            out=out,
            enter=enter,
            leave_pilot=leave + constant * pilot_share * bring_back,
            leave_out=leave + constant * bring_back,
        )
    set_up = float(parts[0].enter[0])
    return GroupCosts(parts[0], parts[1], total, set_up, bring_back)


def _shares(hours: Array, whole: Array) -> tuple[Array, float]:
    """Return the group's share of an offer's hours by month, and over the horizon."""
    mean = float(hours.sum() / whole.sum()) if whole.sum() > 0 else 0.0
    return np.divide(hours, whole, out=np.full(len(hours), mean), where=whole > 0), mean


def _owed(rate: Rate, months: int) -> Array:
    """Return for how many months the fixed part is owed after leaving, shape (T, T + 1).

    The notice, or what is left of the minimum term if that is longer; not beyond the horizon.
    """
    notice = float(rate.get("notice_months")[0])
    left = float(rate.get("min_term_months")[0]) - np.arange(months + 1.0)
    left[months] = 0.0
    return np.minimum(np.maximum(notice, left)[None, :], months - np.arange(months)[:, None])


def _churn_loss(ds: Dataset, sc: Scenario, rows: Sequence[int], demand: Demand) -> Array:
    """Return JPY of margin that a month outside costs by customers lost until the horizon ends."""
    contact = np.asarray(task_column(ds, sc, "customer_contact"))
    hours = demand.by_segment[1:].sum(axis=2) * contact
    everything = hours.sum(axis=1)
    share = np.divide(hours[:, rows].sum(axis=1), everything, out=np.zeros(len(hours)), where=everything > 0)
    rise = float(sc.number("churn_sensitivity")) * (1 - float(sc.number("quality_ratio")))
    margin = mrr_path(sc, demand)[:, 0] * float(sc.number("gross_margin"))
    yearly, churn = 1 + float(sc.number("discount_rate_annual")), float(sc.number("monthly_churn"))
    stays = yearly ** (-1 / 12) * (1 - churn)
    left = len(margin) - np.arange(len(margin))
    later = np.array([float((stays ** np.arange(n)).sum()) for n in left])
    return np.asarray(rise * share * margin * later)
