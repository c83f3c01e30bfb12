"""The four methods of team size as pure functions, and what they stand on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_hours
from csanalysis.model.scenario import Scenario
from csanalysis.model.segments import segments_of
from csanalysis.model.supply import productive_hours, whole_heads
from csanalysis.vocabulary import Grade, Touch

SAME_METHOD = 0.01
"""ARR per head this near to 12 x cost / ratio is that ratio in another form, no witness of its own."""

TOUCH_PARAMETERS = {
    Touch.HIGH: "accounts_per_csm_high",
    Touch.LOW: "accounts_per_csm_low",
    Touch.TECH: "accounts_per_csm_tech",
}
"""Touch model of a segment -> parameter; a segment without one uses ``accounts_per_csm``."""


def fte_by_cost_ratio(arr: Any, ratio: Any, tools: Any, external: Any, monthly_cost: Any) -> Any:
    """Return FTE that a share of ARR pays for: (ARR x ratio - tools - external) / (12 x cost), not below 0.

    Parameters
    ----------
    arr, tools, external : float or array of shape (n_scenarios,)
        JPY a year.
    ratio : float or array
        Customer Success cost / ARR.
    monthly_cost : float or array
        JPY per FTE and month.

    Examples
    --------
    The table of ADISH is the case without tools and outside services:

    >>> [float(round(fte_by_cost_ratio(arr * 1e8, 0.08, 0, 0, 450_000), 1)) for arr in (1, 5, 10)]
    [1.5, 7.4, 14.8]
    """
    return np.maximum((arr * ratio - tools - external) / (12 * monthly_cost), 0.0)


def fte_by_arr_per_head(arr: Any, arr_per_head: Any) -> Any:
    """Return FTE at a given ARR per head; both in JPY a year."""
    return arr / arr_per_head


def fte_by_coverage(accounts: Any, accounts_per_csm: Any) -> Any:
    """Return FTE for accounts at given accounts per CSM, summed over the last axis of segments.

    Examples
    --------
    >>> float(fte_by_coverage([20, 150], [22, 100]).round(2))
    2.41
    """
    return np.sum(np.asarray(accounts, dtype=float) / np.asarray(accounts_per_csm, dtype=float), axis=-1)


def fte_by_hours(hours: Any, productive: Any) -> Any:
    """Return FTE for task hours a month, at `productive` hours per FTE and month."""
    return hours / productive


@dataclass(frozen=True)
class SizingMethod:
    """Team size by one method.

    Attributes
    ----------
    method : str
        ``cost_ratio``, ``arr_per_head``, ``coverage`` or ``task_hours``.
    fte, fte_low, fte_high : float
        FTE at the scenario's value, and at the ends of the range of `varied`.
    annual_cost : float
        JPY a year for the team of `fte`.
    varied : str
        Parameter whose low and high give the range.
    source, grade : str
        Of the parameter that decides the method.
    """

    method: str
    fte: float
    fte_low: float
    fte_high: float
    annual_cost: float
    varied: str
    source: str
    grade: str

    @property
    def heads(self) -> float:
        """Whole persons needed for `fte`."""
        return float(whole_heads(self.fte))


@dataclass(frozen=True)
class SizingBasis:
    """What the methods stand on: JPY a year (ARR, tools, external), JPY a month per FTE, hours a month."""

    arr: float
    accounts: float
    cost_ratio: float
    tools: float
    external: float
    monthly_cost: float
    productive_hours: float
    arr_per_head: float
    accounts_per_csm: float
    task_hours: float

    def cost_ratio_of(self, fte: float) -> float:
        """Return Customer Success cost / ARR of a team of `fte`."""
        cost = 12 * self.monthly_cost * fte + self.tools + self.external
        return cost / self.arr if self.arr else float("nan")


def basis_of(ds: Dataset, sc: Scenario) -> SizingBasis:
    """Return the scalar values of a scenario that the methods stand on."""
    names = ("arr", "cs_cost_ratio", "tools_annual_cost", "external_annual_cost", "csm_monthly_cost")
    arr, ratio, tools, external, cost = (float(sc.number(n)) for n in names)
    return SizingBasis(
        arr=arr,
        accounts=float(segments_of(ds, sc).accounts.sum()),
        cost_ratio=ratio,
        tools=tools,
        external=external,
        monthly_cost=cost,
        productive_hours=float(productive_hours(sc.number("paid_hours"), sc.number("non_customer_time"))),
        arr_per_head=float(sc.number("arr_per_head")),
        accounts_per_csm=float(sc.number("accounts_per_csm")),
        task_hours=task_hours(ds, sc).total,
    )


def ratio_fte(basis: SizingBasis, ratio: float) -> float:
    """Return FTE by the cost ratio, at another ratio."""
    return float(fte_by_cost_ratio(basis.arr, ratio, basis.tools, basis.external, basis.monthly_cost))


def hours_fte(sc: Scenario, basis: SizingBasis, non_customer_time: float) -> float:
    """Return FTE by task hours, at another share of non-customer time."""
    return float(fte_by_hours(basis.task_hours, productive_hours(sc.number("paid_hours"), non_customer_time)))


def size_by(
    sc: Scenario, name: str, decisive: str, basis: SizingBasis, fte: Callable[[float], float]
) -> SizingMethod:
    """Return a method's size at the scenario's value and over the range of its decisive parameter."""
    parameter = sc.parameter(decisive)
    now = float(sc.number(parameter.key))
    ends = [end for end in (parameter.low, parameter.high) if not math.isnan(end)]
    sizes = [float(fte(x)) for x in (now, *ends)]
    cost = sizes[0] * 12 * basis.monthly_cost
    return SizingMethod(
        name, sizes[0], min(sizes), max(sizes), cost, parameter.key, parameter.source, parameter.grade
    )


def size_by_coverage(ds: Dataset, sc: Scenario, basis: SizingBasis) -> SizingMethod:
    """Return the coverage method; with touch models, each segment at its own accounts per CSM."""
    segments = segments_of(ds, sc)
    keys = [TOUCH_PARAMETERS[Touch(t)] if t else "accounts_per_csm" for t in segments.touch]
    parameters = [sc.parameter(key) for key in keys]

    def size(values: list[float]) -> float:
        return float(fte_by_coverage(segments.accounts, values))

    now = [float(sc.number(key)) for key in keys]
    fewest = [n if math.isnan(p.high) else max(n, p.high) for n, p in zip(now, parameters, strict=True)]
    most = [n if math.isnan(p.low) else min(n, p.low) for n, p in zip(now, parameters, strict=True)]
    worst = max(parameters, key=lambda p: list(Grade).index(Grade(p.grade)))
    sources = "; ".join(dict.fromkeys(p.source for p in parameters))
    cost = size(now) * 12 * basis.monthly_cost
    varied = ", ".join(dict.fromkeys(keys))
    return SizingMethod("coverage", size(now), size(fewest), size(most), cost, varied, sources, worst.grade)


def is_independent(ds: Dataset, sc: Scenario, basis: SizingBasis) -> bool:
    """Tell whether ARR per head says something that the cost ratio does not."""
    base = ds.base
    untouched = basis.arr_per_head == float(base.number("arr_per_head"))
    pairs = [(sc, basis.arr_per_head)] + ([(base, float(base.number("arr_per_head")))] if untouched else [])
    for scenario, per_head in pairs:
        ratio = float(scenario.number("cs_cost_ratio"))
        if ratio and math.isclose(
            per_head, 12 * float(scenario.number("csm_monthly_cost")) / ratio, rel_tol=SAME_METHOD
        ):
            return False
    return True
