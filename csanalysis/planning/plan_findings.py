"""What a capacity plan says, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from csanalysis.labels import money, number, percent, term, trimmed
from csanalysis.model.findings import Finding, Shown
from csanalysis.planning.capacity_problem import QUARTER
from csanalysis.planning.capacity_terms import merit_findings

if TYPE_CHECKING:
    from csanalysis.planning.capacity import CapacityPlan

UNMET_TOLD = 0.5
"""Expected unmet hours over the horizon below which nothing is said of them."""
IDLE = 0.8
"""Mean utilisation of the team below which it is called idle (chosen)."""
TINY = 0.05


def plan_findings(plan: CapacityPlan) -> Iterator[Finding]:
    """Yield all findings of a plan, the value of planning among them."""
    yield from headline(plan)
    weight = 1 + plan.problem.cvar_weight
    values = {"vss": _money(max(plan.vss, 0.0) / weight), "evpi": _money(max(plan.evpi, 0.0) / weight)}
    small = max(plan.vss, 0.0) <= plan.gap * plan.objective
    yield Finding("plan.worth_none" if small else "plan.worth", values)


def headline(plan: CapacityPlan) -> Iterator[Finding]:
    """Yield the findings that need no further solving."""
    yield _team(plan)
    yield from _contracts(plan)
    yield _cost(plan)
    yield _load(plan)
    if plan.unmet_hours > UNMET_TOLD:
        mean = plan.unmet @ plan.problem.probability
        told: dict[str, Shown] = {
            "hours": number(plan.unmet_hours, 1),
            "month": number(int(mean.argmax()) + 1),
            "penalty": _money(plan.problem.penalty),
        }
        yield Finding("plan.unmet", told, "warning")
    if plan.problem.lead > plan.problem.months:
        yield Finding("plan.lead_beyond", {"lead": number(plan.problem.lead)}, "warning")
    bought = {o.resource_id for o in plan.problem.offers if plan.extra(o.resource_id).mean() > TINY}
    yield from merit_findings(plan.pools, plan.problem, bought)
    yield _basis(plan)


def _team(plan: CapacityPlan) -> Finding:
    heads, given = plan.hires, float(plan.given_up.sum())
    values: dict[str, Shown] = {
        "today": trimmed(plan.problem.start_fte, 2),
        "seats": trimmed(float(plan.seats[-1]), 2),
        "heads": number(float(heads.sum())),
        "months": number(plan.problem.months),
        "given": number(given, 2),
    }
    if heads.sum() > 0:
        values["first"] = number(QUARTER * int(np.flatnonzero(heads > 0)[0]) + 1)
        return Finding("plan.hire", values)
    return Finding("plan.shrink" if given > TINY else "plan.hold", values)


def _contracts(plan: CapacityPlan) -> Iterator[Finding]:
    for offer in plan.problem.offers:
        held = plan.committed[offer.resource_id][plan.problem.quarter][offer.active]
        extra = plan.extra(offer.resource_id)[offer.active] @ plan.problem.probability
        need = offer.units[offer.active] @ plan.problem.probability
        price_form = plan.rates[offer.resource_id].price_form
        values: dict[str, Shown] = {
            "name": plan.rates[offer.resource_id].name,
            "low": trimmed(float(held.min()), 1),
            "high": trimmed(float(held.max()), 1),
            "need": trimmed(float(need.mean()), 1),
            "extra": trimmed(float(extra.mean()), 1),
            "premium": percent(offer.extra_price / offer.price - 1 if offer.price > 0 else 0.0),
            "unit": _unit(price_form),
        }
        yield Finding("plan.commit", values)
        capped = float((offer.units[offer.active] >= offer.cap - TINY).mean()) if offer.active.any() else 0.0
        if capped > 0:
            told: dict[str, Shown] = {
                "name": plan.rates[offer.resource_id].name,
                "cap": trimmed(offer.cap, 1),
                "share": percent(capped, 0),
                "unit": _unit(price_form),
            }
            yield Finding("plan.capped", told, "warning")


def _cost(plan: CapacityPlan) -> Finding:
    low, high = np.quantile(plan.costs, (0.1, 0.9))
    values: dict[str, Shown] = {
        "months": number(plan.problem.months),
        "expected": _money(plan.expected_cost),
        "low": _money(float(low)),
        "high": _money(float(high)),
        "cvar": _money(plan.cvar),
        "tail": percent(1 - plan.problem.cvar_level),
        "weight": trimmed(plan.problem.cvar_weight, 2),
    }
    return Finding("plan.cost", values)


def _load(plan: CapacityPlan) -> Finding:
    supply = plan.supply
    mean = plan.problem.load @ plan.problem.probability
    share = mean.sum() / supply.sum() if supply.sum() > 0 else 0.0
    over = float((plan.problem.load > supply[:, None]).mean())
    values: dict[str, Shown] = {
        "mean": percent(share, 0),
        "over": percent(over, 0),
        "overtime": number(float((plan.overtime @ plan.problem.probability).mean()), 1),
    }
    return Finding(
        "plan.idle" if share < IDLE else "plan.load", values, "warning" if share < IDLE else "info"
    )


def _basis(plan: CapacityPlan) -> Finding:
    sc = plan.pools.scenario
    cv = sc.stated("demand_cv")
    values: dict[str, Shown] = {
        "n": number(len(plan.problem.probability)),
        "seed": str(plan.seed),
        "cv": percent(float(sc.number("demand_cv"))),
        "grade": lambda lang: term("grade", cv.grade, lang),
        "gap": f"{math.ceil(1e5 * plan.gap) / 1e3:g} %",
    }
    return Finding("plan.basis", values)


def _unit(price_form: str) -> Shown:
    return lambda lang: term("plan_unit", price_form, lang)


def _money(value: float) -> Shown:
    return lambda lang: money(value, lang)
