"""The four methods of team size as pure functions, and what they stand on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_hours
from csanalysis.model.scenario import Scenario
from csanalysis.model.segments import segments_of
from csanalysis.model.supply import productive_hours, whole_heads
from csanalysis.vocabulary import Grade, Role, Touch

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
        The uncertain input that moves the size most; its low and high give the range.
    source : str
        Of the parameter behind the range.
    grade : str
        The weakest evidence grade among the inputs.
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


INPUTS = {
    "cost_ratio": ("cs_cost_ratio", "csm_monthly_cost", "arr"),
    "arr_per_head": ("arr_per_head", "arr"),
    "coverage": ("accounts_per_csm", "accounts"),
    "task_hours": (
        *("non_customer_time", "paid_hours", "effort", "monthly_churn", "growth_monthly"),
        *("onboarding_sessions", "tickets_per_account", "accounts"),
    ),
}
"""Method -> parameters it stands on, the deciding one first."""


def fte_by(ds: Dataset, sc: Scenario, method: str) -> float:
    """Return the FTE of one method under a scenario."""
    if method == "coverage":
        segments = segments_of(ds, sc)
        per_csm = [float(sc.number(key)) for key in _coverage_keys(segments.touch)]
        return float(fte_by_coverage(segments.accounts, per_csm))
    if method == "task_hours":
        hours = productive_hours(sc.number("paid_hours"), sc.number("non_customer_time"))
        return float(fte_by_hours(task_hours(ds, sc).total, hours))
    if method == "arr_per_head":
        return float(fte_by_arr_per_head(sc.number("arr"), sc.number("arr_per_head")))
    names = ("arr", "cs_cost_ratio", "tools_annual_cost", "external_annual_cost", "csm_monthly_cost")
    return float(fte_by_cost_ratio(*(sc.number(name) for name in names)))


def size_by(ds: Dataset, sc: Scenario, method: str) -> SizingMethod:
    """Return a method's size with the range, source and grade of what it stands on.

    The range is that of the one uncertain input that moves the size most, each taken from low to high
    alone. The grade is the weakest among the inputs, tasks of the inventory included.
    """
    inputs = INPUTS[method]
    if method == "coverage":
        inputs = (*dict.fromkeys(_coverage_keys(segments_of(ds, sc).touch)), "accounts")
    stated = {key: sc.stated(key) for key in inputs}
    now = fte_by(ds, sc, method)
    ranges = {}
    for key, parameter in stated.items():
        if key == inputs[0] or parameter.role == Role.UNCERTAINTY:
            ends = [end for end in (parameter.low, parameter.high) if not math.isnan(end)]
            sizes = [now, *(fte_by(ds, sc.replace({key: end}), method) for end in ends)]
            ranges[key] = (min(sizes), max(sizes))
    varied = max(ranges, key=lambda key: ranges[key][1] - ranges[key][0])
    grades = [parameter.grade for parameter in stated.values()]
    if method == "task_hours":
        grades += list(ds.tables["task_inventory"]["grade"].unique())
    cost = now * 12 * float(sc.number("csm_monthly_cost"))
    weakest = max(grades, key=[str(g) for g in Grade].index)
    return SizingMethod(method, now, *ranges[varied], cost, varied, stated[varied].source, weakest)


def _coverage_keys(touch: tuple[str, ...]) -> list[str]:
    return [TOUCH_PARAMETERS[Touch(t)] if t else "accounts_per_csm" for t in touch]


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
