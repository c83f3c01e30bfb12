"""Table of the capacity plan, a row a quarter."""

from __future__ import annotations

import numpy as np

from csanalysis.labels import interval, number, quantity, term, text, trimmed
from csanalysis.planning.capacity import CapacityPlan
from csanalysis.planning.capacity_problem import QUARTER
from csanalysis.tables.html import Column, Html, render


def capacity(plan: CapacityPlan, lang: str = "ja") -> Html:
    """Return heads, commitments, use of the team, overtime, extra units and unmet hours of each quarter.

    Parameters
    ----------
    plan : CapacityPlan
        From `csanalysis.plan_capacity`.
    lang : {"ja", "en"}
    """
    problem, share = plan.problem, plan.problem.probability
    months = [problem.quarter == q for q in range(problem.quarters)]
    overtime, unmet = plan.overtime @ share, plan.unmet @ share
    columns = [
        Column("plan_quarter", [number(q + 1) for q in range(problem.quarters)], True),
        Column("plan_from", [number(QUARTER * q + 1) for q in range(problem.quarters)], True),
        Column("plan_hires", [quantity(float(h), "head", lang) for h in plan.hires], True),
        Column("plan_given_up", [quantity(float(g), "FTE", lang) for g in plan.given_up], True),
        Column("plan_seats", [quantity(float(s), "FTE", lang) for s in plan.seats], True),
        Column("plan_use", [_use(plan, m, lang) for m in months], True),
        Column("plan_overtime", [quantity(float(overtime[m].mean()), "hour", lang) for m in months], True),
        Column("plan_unmet", [quantity(float(unmet[m].sum()), "hour", lang) for m in months], True),
        Column("plan_committed", [_outside(plan, q, lang) for q in range(problem.quarters)]),
        Column("plan_extra", [_extra(plan, m, lang) for m in months]),
    ]
    return render(columns, lang, text("caption.capacity", lang))


def _use(plan: CapacityPlan, months: np.ndarray, lang: str) -> str:
    supply = plan.supply[months]
    if not (supply > 0).all():
        return "-"
    low, high = np.quantile(plan.problem.load[months] / supply[:, None], (0.1, 0.9))
    return interval(round(float(low), 2), round(float(high), 2), "ratio", lang)


def _outside(plan: CapacityPlan, quarter: int, lang: str) -> str:
    told = [_units(plan, key, float(values[quarter]), lang) for key, values in plan.committed.items()]
    return ("、" if lang == "ja" else "; ").join(told) or text("plan.none", lang)


def _extra(plan: CapacityPlan, months: np.ndarray, lang: str) -> str:
    means = {k: float((plan.extra(k)[months] @ plan.problem.probability).mean()) for k in plan.committed}
    told = [_units(plan, key, value, lang) for key, value in means.items()]
    return ("、" if lang == "ja" else "; ").join(told) or text("plan.none", lang)


def _units(plan: CapacityPlan, key: str, value: float, lang: str) -> str:
    rate = plan.rates[key]
    return f"{rate.name(lang)} {trimmed(value, 1)} {term('plan_unit', rate.price_form, lang)}"
