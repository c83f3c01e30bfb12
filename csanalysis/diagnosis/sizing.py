"""Team size by four methods, each with its range, source and grade."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from csanalysis.diagnosis.sizing_methods import (
    INPUTS,
    SizingBasis,
    SizingMethod,
    basis_of,
    is_independent,
    size_by,
)
from csanalysis.labels import money, number, percent, quantity, term
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import project_demand
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.parameters import Parameter
from csanalysis.model.projection import Projection
from csanalysis.model.scenario import Scenario
from csanalysis.model.segments import disagreements

BALANCE = 0.05
"""Within this share of the need the team counts as about right (chosen)."""
GAP_TOLD = 0.10
"""Methods that differ by more than this share of the smaller one are said to disagree (chosen)."""


@dataclass(frozen=True)
class TeamSizing:
    """Team size by four methods, beside the team of today.

    Attributes
    ----------
    methods : tuple of SizingMethod
        In the order cost_ratio (a), arr_per_head (b), coverage (c), task_hours (d, average month of today).
    current_fte : float
        FTE of today.
    mean_fte, peak_fte : float
        Method (d) over the horizon: mean over month 0 to the last, and the highest month.
    peak_month : int
        Month of the peak; 0 = today.
    independent : bool
        Whether (b) is a witness of its own, or (a) in another form.
    basis : SizingBasis
    findings : tuple of Finding
    """

    methods: tuple[SizingMethod, ...]
    current_fte: float
    mean_fte: float
    peak_fte: float
    peak_month: int
    independent: bool
    basis: SizingBasis
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
    """Size the team by four methods: share of ARR, ARR per head, coverage, task hours.

    Parameters
    ----------
    ds : Dataset
        Uses the task inventory, and the segments table where there is one.
    sc : Scenario
        Scalar values.

    Returns
    -------
    TeamSizing
        Methods ``cost_ratio`` (ADISH), ``arr_per_head``, ``coverage``, ``task_hours``; FTE and JPY a year.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> sizing = cs.size_team(ds, ds.base)
    >>> [round(sizing.method(m).fte, 2) for m in ("cost_ratio", "coverage", "task_hours")]
    [4.45, 4.48, 4.36]
    """
    basis = basis_of(ds, sc)
    methods = tuple(size_by(ds, sc, method) for method in INPUTS)
    demand = project_demand(ds, sc)
    months = demand.total / basis.productive_hours
    current = float(sc.number("cs_fte"))
    horizon = (float(months.mean()), float(months.max()), int(months.argmax()))
    independent = is_independent(ds, sc, basis)
    findings = (*_findings(sc, methods, basis, current, horizon), *_limits(ds, demand.projection))
    return TeamSizing(methods, current, *horizon, independent, basis, findings)


def _findings(
    sc: Scenario,
    methods: tuple[SizingMethod, ...],
    basis: SizingBasis,
    current: float,
    horizon: tuple[float, float, int],
) -> list[Finding]:
    by_name = {m.method: m for m in methods}
    ratio, hours = by_name["cost_ratio"], by_name["task_hours"]
    found = [
        Finding(
            "sizing.cost_ratio",
            {
                **_told(ratio, sc.parameter(ratio.varied), 1),
                "arr": lambda lang: money(basis.arr, lang),
                "ratio": percent(basis.cost_ratio),
            },
            source="ADISH",
        ),
        Finding(
            "sizing.task_hours",
            {**_told(hours, sc.parameter(hours.varied), 2), "hours": number(basis.task_hours, 1)},
        ),
    ]
    if ratio.fte == 0:
        found.append(Finding("sizing.no_budget", level="warning"))
    found.append(_gap(hours, current))
    mean, peak, month = horizon
    if peak > current and hours.fte <= current:
        values: dict[str, Shown] = {
            "mean": number(mean, 1),
            "peak": number(peak, 1),
            "month": number(month),
            "current": number(current, 1),
        }
        found.append(Finding("sizing.peak", values, "warning"))
    smaller, larger = sorted((ratio.fte, hours.fte))
    if larger - smaller > GAP_TOLD * smaller:
        told: dict[str, Shown] = {"one": number(ratio.fte, 1), "other": number(hours.fte, 1)}
        apart = ratio.fte_high < hours.fte_low or hours.fte_high < ratio.fte_low
        found.append(Finding("sizing.disagree" if apart else "sizing.overlap", told, level="question"))
    return found


def _limits(ds: Dataset, projection: Projection) -> list[Finding]:
    """Return what a reader of the projection must know: disagreeing tables, the cap, partial dates."""
    found = [_disagreement(ds.space.find(key), *values) for key, *values in disagreements(ds)]
    if projection.capped:
        found.append(Finding("sizing.capped", level="warning"))
    if projection.dated_share.any() and (projection.dated_share < 1).any():
        lowest = percent(float(projection.dated_share.min()), 0)
        found.append(Finding("sizing.dated", {"share": lowest}, "question"))
    return found


def _disagreement(parameter: Parameter, total: float, value: float) -> Finding:
    values: dict[str, Shown] = {
        "name": parameter.label,
        "total": lambda lang: quantity(total, parameter.unit, lang),
        "value": lambda lang: quantity(value, parameter.unit, lang),
    }
    return Finding("sizing.segments_differ", values, "warning")


def _told(method: SizingMethod, parameter: Parameter, digits: int) -> dict[str, Shown]:
    return {
        "fte": number(method.fte, digits),
        "low": number(method.fte_low, 1),
        "high": number(method.fte_high, 1),
        "grade": lambda lang: term("grade", method.grade, lang),
        "varied": lambda lang: parameter.label(lang),
    }


def _gap(needed: SizingMethod, current: float) -> Finding:
    values: dict[str, Shown] = {
        "needed": number(needed.fte, 2),
        "current": number(current, 2),
        "low": number(needed.fte_low, 1),
        "high": number(needed.fte_high, 1),
    }
    if current <= 0:
        return Finding("sizing.no_team", values, level="warning")
    share = needed.fte / current - 1
    values["share"] = percent(abs(share), 0)
    if abs(share) <= BALANCE:
        return Finding("sizing.in_balance", values)
    if needed.fte_low <= current <= needed.fte_high:
        return Finding("sizing.undecided", values, level="question")
    return Finding("sizing.short" if share > 0 else "sizing.spare", values, level="warning")
