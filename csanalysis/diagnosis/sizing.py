"""Team size by several methods, each with its range, source and grade."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.diagnosis.findings import Finding
from csanalysis.labels import money, number, percent, term
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_hours
from csanalysis.model.parameters import Parameter
from csanalysis.model.scenario import Scenario
from csanalysis.model.supply import productive_hours, whole_heads

GAP_TOLD = 0.10
"""Methods that differ by more than this share of the smaller one are said to disagree (chosen)."""


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


def fte_by_hours(hours: Any, productive: Any) -> Any:
    """Return FTE for task hours a month, at `productive` hours per FTE and month."""
    return hours / productive


@dataclass(frozen=True)
class SizingMethod:
    """Team size by one method.

    Attributes
    ----------
    method : str
        ``cost_ratio`` or ``task_hours``.
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
class TeamSizing:
    """Team size by every method, beside the team of today."""

    methods: tuple[SizingMethod, ...]
    current_fte: float
    findings: tuple[Finding, ...]

    def method(self, name: str) -> SizingMethod:
        """Return one method by name."""
        return next(m for m in self.methods if m.method == name)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a method.

        Columns: method, fte, heads (persons), annual_cost, unit (of annual_cost), fte_low, fte_high,
        varied (parameter behind the range), source, grade.
        """
        rows = [
            {
                "method": m.method,
                "fte": m.fte,
                "heads": m.heads,
                "annual_cost": m.annual_cost,
                "unit": "JPY/year",
                "fte_low": m.fte_low,
                "fte_high": m.fte_high,
                "varied": m.varied,
                "source": m.source,
                "grade": m.grade,
            }
            for m in self.methods
        ]
        return pd.DataFrame(rows)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]


def size_team(ds: Dataset, sc: Scenario) -> TeamSizing:
    """Size the team by the cost ratio (ADISH) and by task hours.

    Parameters
    ----------
    ds : Dataset
        Uses the task inventory.
    sc : Scenario
        Scalar values.

    Returns
    -------
    TeamSizing
        Methods ``cost_ratio`` and ``task_hours``, in FTE and JPY a year.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> round(cs.size_team(ds, ds.base).method("task_hours").fte, 2)
    4.36
    """
    methods = (_by_cost_ratio(sc), _by_task_hours(ds, sc))
    current = float(sc.number("cs_fte"))
    return TeamSizing(methods, current, tuple(_findings(ds, sc, methods, current)))


def _by_cost_ratio(sc: Scenario) -> SizingMethod:
    decisive = sc.parameter("cs_cost_ratio")
    names = ("arr", "tools_annual_cost", "external_annual_cost", "csm_monthly_cost")
    arr, tools, external, cost = (float(sc.number(n)) for n in names)
    at = _over_range(sc, decisive, lambda r: float(fte_by_cost_ratio(arr, r, tools, external, cost)))
    return SizingMethod("cost_ratio", *at, at[0] * 12 * cost, decisive.key, decisive.source, decisive.grade)


def _by_task_hours(ds: Dataset, sc: Scenario) -> SizingMethod:
    decisive = sc.parameter("non_customer_time")
    paid, cost = float(sc.number("paid_hours")), float(sc.number("csm_monthly_cost"))
    hours = task_hours(ds, sc).total
    at = _over_range(sc, decisive, lambda share: float(fte_by_hours(hours, productive_hours(paid, share))))
    return SizingMethod("task_hours", *at, at[0] * 12 * cost, decisive.key, decisive.source, decisive.grade)


def _over_range(sc: Scenario, varied: Parameter, fte: Callable[[float], float]) -> tuple[float, float, float]:
    """Return FTE at the scenario's value, and the least and most over the parameter's range."""
    now = float(sc.number(varied.key))
    ends = [end for end in (varied.low, varied.high) if not np.isnan(end)]
    sizes = [fte(x) for x in (now, *ends)]
    return sizes[0], min(sizes), max(sizes)


def _findings(ds: Dataset, sc: Scenario, methods: tuple[SizingMethod, ...], current: float) -> list[Finding]:
    ratio, hours = methods
    total = task_hours(ds, sc).total
    found = [
        Finding(
            "sizing.cost_ratio",
            {
                "arr": lambda lang: money(float(sc.number("arr")), lang),
                "ratio": percent(float(sc.number("cs_cost_ratio"))),
                "fte": number(ratio.fte, 1),
                "low": number(ratio.fte_low, 1),
                "high": number(ratio.fte_high, 1),
                "grade": lambda lang: term("grade", ratio.grade, lang),
            },
            source="ADISH",
        ),
        Finding(
            "sizing.task_hours",
            {
                "hours": number(total, 1),
                "fte": number(hours.fte, 2),
                "low": number(hours.fte_low, 1),
                "high": number(hours.fte_high, 1),
                "grade": lambda lang: term("grade", hours.grade, lang),
            },
        ),
    ]
    if ratio.fte == 0:
        found.append(Finding("sizing.no_budget", level="warning"))
    found.append(_gap(hours.fte, current))
    smaller, larger = sorted((ratio.fte, hours.fte))
    if larger - smaller > GAP_TOLD * smaller:
        values = {"one": number(ratio.fte, 1), "other": number(hours.fte, 1)}
        found.append(Finding("sizing.disagree", values, level="question"))
    return found


def _gap(needed: float, current: float) -> Finding:
    values = {"needed": number(needed, 2), "current": number(current, 2)}
    if current <= 0:
        return Finding("sizing.no_team", values, level="warning")
    share = needed / current - 1
    values["share"] = percent(abs(share), 0)
    if abs(share) <= 0.05:
        return Finding("sizing.in_balance", values)
    return Finding("sizing.short" if share > 0 else "sizing.spare", values, level="warning")
