"""The cost model as the compiled kernel takes it: tasks summed into coefficients, values into slots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.costing.placement import Placement
from csanalysis.costing.pricing import sold_tasks
from csanalysis.costing.rates import Rate, number, rates_of
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import calendar_mask, hours_per_unit, segment_keys, task_column
from csanalysis.model.parameters import Array
from csanalysis.model.projection import calendar_months, season
from csanalysis.model.renewals import dated_renewals
from csanalysis.model.scenario import Scenario
from csanalysis.model.segments import segments_of
from csanalysis.model.supply import productive_hours_of
from csanalysis.vocabulary import ContractForm, Driver, PriceForm

_STAFFED = (ContractForm.EMPLOYMENT, ContractForm.DISPATCH)
_UNIT = {
    PriceForm.HOUR: "hours",
    PriceForm.SEAT_MONTH: "hours",
    PriceForm.SALARY: "heads",
    PriceForm.LICENCE: "accounts",
    PriceForm.CASE: "cases",
    PriceForm.SUCCESS: "success",
}
Sides = tuple[Placement, Placement]


def contracts_of(sides: Sides) -> list[tuple[int, int]]:
    """Return (side, position on the rate card) of every outside resource with work today or in the plan."""
    found = []
    for side, placement in enumerate(sides):
        used = np.union1d(placement.today, placement.plan)
        found += [(side, int(at)) for at in used if at != placement.in_house]
    return found


def structure_of(ds: Dataset, sc: Scenario, sides: Sides) -> Any:
    """Return what all scenarios share; scalar values of `sc` where the coefficients need them."""
    from csanalysis.model import kernel

    months = int(sc.number("horizon_months"))
    calendar = calendar_months(ds, months)
    segments = segments_of(ds, sc)
    dated = dated_renewals(ds, segments, months)
    per_account = np.where(segments.accounts > 0, segments.accounts, 1.0)
    basis, basis_of = _basis(ds)
    contracts, rates = contracts_of(sides), rates_of(sc)
    rows = [_contract_row(sides[side], rates[at], side, at) for side, at in contracts]
    cases, index = _cases(ds, sc, sides, contracts, rates, basis_of, calendar)
    sells = [[_sells(ds, sc, side, places) for places in (side.today, side.plan)] for side in sides]
    return kernel.Structure(
        season(ds, sc, "season_new", calendar),
        season(ds, sc, "season_renewal", calendar),
        season(ds, sc, "season_ticket", calendar),
        np.ascontiguousarray(dated.due / per_account),
        np.ascontiguousarray(dated.share),
        basis,
        _hours(ds, sc, sides, contracts, basis_of, len(basis), calendar),
        np.array(rows, dtype=np.int64).reshape(-1, 5),
        cases,
        index,
        np.array(sells, dtype=np.int64),
    )


def _contract_row(placement: Placement, rate: Rate, side: int, at: int) -> list[int]:
    from csanalysis.model import kernel

    staffed = rate.price_form == PriceForm.SALARY or rate.contract_form in _STAFFED
    done = [bool((places == at).any()) for places in (placement.today, placement.plan)]
    return [side, kernel.UNITS.index(_UNIT[PriceForm(rate.price_form)]), staffed, *done]


def _basis(ds: Dataset) -> tuple[Any, Any]:
    """Return the kinds of units tasks are counted by, and the kind of each task."""
    from csanalysis.model import kernel

    inventory, keys = ds.tables["task_inventory"], segment_keys(ds)
    fixed = inventory["driver"] == Driver.FIXED
    frame = pd.DataFrame(
        {
            "driver": [kernel.DRIVERS.index(d) for d in inventory["driver"]],
            "segment": [keys.index(s) if s and s in keys else -1 for s in inventory["segment"]],
            "spread": np.where(fixed, 1, inventory["spread_months"].to_numpy(dtype=int)),
            "served": (inventory["self_serve"] == 1).astype(int),
        }
    )
    codes, unique = pd.factorize(pd.MultiIndex.from_frame(frame))
    return np.array([list(row) for row in unique], dtype=np.int64), codes


def _hours(
    ds: Dataset,
    sc: Scenario,
    sides: Sides,
    contracts: list[tuple[int, int]],
    basis_of: Any,
    n_basis: int,
    calendar: Array,
) -> Array:
    """Return hours per unit at effort 1, shape (n_outputs, n_basis, n_months), see `kernel.Structure`."""
    mask = calendar_mask(ds, calendar)[1:]
    by_task = hours_per_unit(ds, sc)[:, None] / float(sc.number("effort")) * mask.T
    contact = np.asarray(task_column(ds, sc, "customer_contact"))[:, None]
    chosen = [by_task, by_task * contact]
    for side, at in contracts:
        today, plan = ((places == at)[:, None] for places in (sides[side].today, sides[side].plan))
        chosen += [by_task * today, by_task * (today & plan), by_task * (plan & ~today)]
        chosen += [by_task * contact * today, by_task * contact * plan]
    out = np.zeros((len(chosen), n_basis, mask.shape[0]))
    for row, hours in enumerate(chosen):
        np.add.at(out[row], basis_of, hours)
    return out


def _cases(
    ds: Dataset,
    sc: Scenario,
    sides: Sides,
    contracts: list[tuple[int, int]],
    rates: tuple[Rate, ...],
    basis_of: Any,
    calendar: Array,
) -> tuple[Array, Any]:
    """Return the tasks that may decide how many cases a contract is billed for, group by group."""
    inventory = ds.tables["task_inventory"]
    fixed = (inventory["driver"] == Driver.FIXED).to_numpy()
    group = pd.factorize(inventory["driver"] + "/" + inventory["segment"])[0]
    group = np.where(fixed, group.max() + 1 + np.arange(len(group)), group)
    times = task_column(ds, sc, "frequency")[:, None] * calendar_mask(ds, calendar)[1:].T
    times = times * (hours_per_unit(ds, sc) > 0)[:, None]
    rows, index = [], []
    for number_of, (side, at) in enumerate(contracts):
        if rates[at].price_form != PriceForm.CASE:
            continue
        today, plan = sides[side].today == at, sides[side].plan == at
        own = np.flatnonzero(today | plan)
        own = own[np.argsort(group[own], kind="stable")]
        for n, task in enumerate(own):
            first = n == 0 or group[task] != group[own[n - 1]]
            rows.append(times[task])
            index.append([number_of, basis_of[task], first, today[task], plan[task]])
    months = times.shape[1]
    return np.array(rows).reshape(-1, months), np.array(index, dtype=np.int64).reshape(-1, 5)


def _sells(ds: Dataset, sc: Scenario, placement: Placement, places: Any) -> bool:
    return bool((sold_tasks(ds, sc) & (places != placement.in_house)).any())


def values_of(ds: Dataset, sc: Scenario, sides: Sides) -> Iterator[tuple[int, Array]]:
    """Yield (slot, value) of a scenario; values of shape (1,) or (n_scenarios,)."""
    from csanalysis.model import kernel

    segments = segments_of(ds, sc)
    yield from enumerate(_globals(sc, sides))
    per_contract = np.minimum(segments.term_months * segments.monthly_churn, 1.0)
    names = ("accounts", "monthly_churn", None, "new_accounts", "term_months", "arpa_monthly")
    for s in range(len(segments.keys)):
        for slot, name in zip(kernel.SEGMENT, names, strict=True):
            values = per_contract if name is None else getattr(segments, name)
            yield kernel.segment_slot(s, slot), np.atleast_1d(values[s])
    rates = rates_of(sc)
    for c, (_, at) in enumerate(contracts_of(sides)):
        for name, value in _contract_values(sc, rates[at]).items():
            yield kernel.contract_slot(len(segments.keys), c, name), value


def _globals(sc: Scenario, sides: Sides) -> list[Array]:
    """Return the values of `kernel.GLOBALS` in their order."""
    own = rates_of(sc)[sides[0].in_house]
    start = np.maximum(number(sc, "start_month"), 1.0)
    now, target = number(sc, "self_onboarding_now"), number(sc, "self_onboarding_target")
    begins, tau = number(sc, "self_onboarding_start"), number(sc, "self_onboarding_tau")
    return [
        1 + number(sc, "growth_monthly"),
        1 + number(sc, "monthly_expansion"),
        number(sc, "gross_margin"),
        number(sc, "onboarding_sessions"),
        number(sc, "tickets_per_account"),
        number(sc, "effort"),
        start,
        number(sc, "arr"),
        (target - now) / (1 - now),
        begins,
        *_decay(begins, tau),
        number(sc, "cs_fte"),
        _monthly(own.get("attrition_annual")),
        np.rint(own.get("hiring_lead_months")),
        own.get("hiring_cost"),
        number(sc, "csm_monthly_cost"),
        np.atleast_1d(productive_hours_of(sc)),
        (number(sc, "tools_annual_cost") + number(sc, "external_annual_cost")) / 12,
        number(sc, "monthly_churn"),
        number(sc, "churn_sensitivity") * (1 - number(sc, "quality_ratio")),
        (1 + number(sc, "discount_rate_annual")) ** (-1 / 12),
        number(sc, "agency_uplift"),
        number(sc, "package_uptake") * number(sc, "package_price"),
    ]


def _contract_values(sc: Scenario, rate: Rate) -> dict[str, Array]:
    """Return the values of `kernel.CONTRACT` by name."""
    salaried = rate.price_form == PriceForm.SALARY
    per_head = np.atleast_1d(productive_hours_of(sc)) if salaried else number(sc, "paid_hours")
    seat = rate.price_form == PriceForm.SEAT_MONTH
    first, following = _decay(np.maximum(number(sc, "start_month"), 1.0), rate.get("ramp_tau_months"))
    return {
        "plain": 1 / rate.get("productivity"),
        "done": 1 + rate.get("rework_rate"),
        "cap": rate.get("capacity_cap"),
        "ramp_loss": 1 - rate.get("ramp_start"),
        "ramp_first": first,
        "ramp_next": following,
        "management": rate.get("management_ratio"),
        "price": rate.get("price"),
        "base": rate.get("base_fee"),
        "included": rate.get("included_units"),
        "block": rate.get("block"),
        "minimum": rate.get("minimum_units"),
        "notice": rate.get("notice_months"),
        "setup": rate.get("setup_cost"),
        "hiring_cost": rate.get("hiring_cost"),
        "per_head": per_head,
        "leaving": _monthly(rate.get("attrition_annual")),
        "per_hour": 1 / number(sc, "paid_hours") if seat else np.ones(1),
        "success_rate": rate.get("success_rate"),
        "success_cap": rate.get("success_cap"),
    }


def _decay(start: Array, tau: Array) -> tuple[Array, Array]:
    """Return exp(-k / tau) in the first month from `start` on, and the factor a month; tau 0: at once."""
    slow = np.where(tau > 0, tau, 1.0)
    begun = np.where(tau > 0, np.exp(-(np.ceil(start) - start) / slow), 0.0)
    return begun, np.where(tau > 0, np.exp(-1 / slow), 0.0)


def _monthly(yearly: Array) -> Array:
    """Return the share of leavers a month."""
    return np.asarray(1 - (1 - yearly) ** (1 / 12))
