"""Prices on hours, heads and units: the lines of the cost ledger and what is already inside them."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from csanalysis.costing.physical import Contract, Physical
from csanalysis.costing.rates import billed_units, hour_cost, number, units_per_bought_hour
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import Demand
from csanalysis.model.parameters import Array
from csanalysis.model.playbook import plays_now
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import CostItem, CostPart, Play, PriceForm

Lines: TypeAlias = dict[tuple[str, str], Array]
"""(resource_id, item) -> JPY a month, shape (n_months, n_scenarios)."""
Parts: TypeAlias = dict[tuple[str, str], tuple[Array, Array]]
"""(resource_id, part) -> hours and JPY a month."""


def price(ds: Dataset, sc: Scenario, physical: Physical) -> tuple[Lines, Parts]:
    """Return the lines of the ledger, and what is already inside them."""
    own = physical.placement.resources[physical.placement.in_house]
    shape = np.zeros_like(physical.supply + number(sc, "csm_monthly_cost"))
    hiring_cost = number(sc, f"resources.{own}.hiring_cost")
    team = physical.team
    lines: Lines = {
        (own, str(CostItem.SALARY)): team.present * number(sc, "csm_monthly_cost"),
        (own, str(CostItem.HIRING)): (team.hires + team.replaced) * hiring_cost,
        (own, str(CostItem.TOOLS)): shape + number(sc, "tools_annual_cost") / 12,
        (own, str(CostItem.EXTERNAL)): shape + number(sc, "external_annual_cost") / 12,
    }
    parts: Parts = {(own, str(CostPart.ATTRITION)): (shape, team.replaced * hiring_cost)}
    for contract in physical.contracts:
        key = contract.rate.resource_id
        lines |= {
            (key, item): shape + value for item, value in _contract_lines(sc, physical, contract).items()
        }
        parts |= {(key, part): value for part, value in _contract_parts(sc, contract).items()}
    lines |= _packages(ds, sc, physical)
    return lines, parts


def _contract_lines(sc: Scenario, physical: Physical, contract: Contract) -> dict[str, Array]:
    rate, months = contract.rate, len(contract.active)
    unit_price, base = rate.get("price"), rate.get("base_fee")
    idle = contract.units if rate.price_form == PriceForm.LICENCE else contract.units * 0
    in_notice = contract.leaving & (np.arange(1, months + 1)[:, None] <= rate.get("notice_months"))
    item = CostItem.SALARY if rate.price_form == PriceForm.SALARY else CostItem.FEE
    found: dict[str, Array] = {
        str(item): contract.active * billed_units(contract.units, rate) * unit_price,
        str(CostItem.BASE): np.asarray(contract.active * base, dtype=float),
        str(CostItem.SETUP): contract.first * rate.get("setup_cost"),
        str(CostItem.NOTICE): in_notice * (billed_units(idle, rate) * unit_price + base),
        str(CostItem.HIRING): (_joined(contract) + contract.replaced) * rate.get("hiring_cost"),
    }
    if rate.price_form == PriceForm.SUCCESS:
        success = np.minimum(rate.get("success_cap"), rate.get("success_rate") * agency_uplift(sc, physical))
        found[str(CostItem.SUCCESS_FEE)] = np.asarray(contract.active * success, dtype=float)
    return found


def _joined(contract: Contract) -> Array:
    """Return persons who join a staffed resource; those of a contract that runs today are there already."""
    start = contract.heads[:1] * 0 if contract.first.any() else contract.heads[:1]
    return np.maximum(np.diff(np.vstack([start, contract.heads]), axis=0), 0.0)


def _contract_parts(sc: Scenario, contract: Contract) -> dict[str, tuple[Array, Array]]:
    rate = contract.rate
    hourly = rate.get("price") * units_per_bought_hour(sc, rate)
    return {
        str(CostPart.RAMP): (contract.ramp, contract.ramp * hourly),
        str(CostPart.REWORK): (contract.rework, contract.rework * hourly),
        str(CostPart.MANAGEMENT): (contract.management, contract.management * hour_cost(sc)),
        str(CostPart.ATTRITION): (contract.replaced * 0, contract.replaced * rate.get("hiring_cost")),
    }


def mrr_path(sc: Scenario, demand: Demand) -> Array:
    """Return recurring revenue in JPY a month, month 1, 2, ..., shape (n_months, 1 or n_scenarios)."""
    projection = demand.projection
    revenue = (projection.accounts * projection.segments.arpa_monthly).sum(axis=1)[1:]
    revenue = revenue[:, None] if revenue.ndim == 1 else revenue
    grown = (1 + number(sc, "monthly_expansion")) ** np.arange(1, len(revenue) + 1)[:, None]
    return np.asarray(revenue * grown)


def agency_uplift(sc: Scenario, physical: Physical) -> Array:
    """Return the revenue an agency adds, in JPY a month: agency_uplift x recurring revenue."""
    return mrr_path(sc, physical.demand) * number(sc, "agency_uplift")


def uplift_today(sc: Scenario) -> Array:
    """Return the revenue an agency adds today, in JPY a month."""
    return np.asarray(number(sc, "arr") / 12 * number(sc, "agency_uplift"))


def sold_tasks(ds: Dataset, sc: Scenario) -> npt.NDArray[np.bool_]:
    """Return which tasks the playbook sells as a package in this quadrant and phase, shape (n_tasks,)."""
    plays, inventory = plays_now(ds, sc), ds.tables["task_inventory"]
    return np.asarray(inventory["task_group"].isin(plays.index[plays["play"] == Play.SELL]))


def _packages(ds: Dataset, sc: Scenario, physical: Physical) -> Lines:
    """Return revenue of paid onboarding packages (CCJ2025).

    They are sold while a partner does work of a group that the playbook sells in this quadrant and phase.
    """
    sold = sold_tasks(ds, sc)
    placement, started, lines = physical.placement, physical.started, Lines()
    new = physical.demand.projection.new.sum(axis=1)[1:]
    new = new[:, None] if new.ndim == 1 else new
    revenue = new * number(sc, "package_uptake") * number(sc, "package_price")
    for places, when in ((placement.today, ~started), (placement.plan, started)):
        by = places[sold & (places != placement.in_house)]
        if len(by):
            key = placement.resources[int(by[0])], str(CostItem.PACKAGE_REVENUE)
            lines[key] = lines.get(key, np.zeros(1)) - revenue * when
    return lines
