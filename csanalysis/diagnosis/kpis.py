"""KPIs by month and segment, defined once on the account-month table, and reconciled with the parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from csanalysis.accounts.contract_months import (
    MonthLike,
    contract_months,
    month_dates,
    month_number,
    unseen,
)
from csanalysis.accounts.month_sums import Grid, Sums, month_sums
from csanalysis.diagnosis.kpi_findings import cautions, reconciled, today
from csanalysis.labels import term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding
from csanalysis.schemas.accounts import ALL, with_dates

HISTORY_MONTHS = 24
"""Months shown unless others are asked for."""
Z = 1.959963984540054
"""Normal quantile of a two-sided 95 % interval."""
COLUMNS = ("month", "segment", "metric", "value", "unit", "n", "low", "high")


@dataclass(frozen=True)
class Metric:
    """One KPI: name, unit, value from sums, the sum that counts the cases behind it, 95 % interval."""

    name: str
    unit: str
    value: Callable[[Sums], Grid]
    n: str
    interval: Callable[[Sums], tuple[Grid, Grid]] | None = None


def _ratio(top: Grid, bottom: Grid) -> Grid:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)


def wilson(hits: Grid, trials: Grid) -> tuple[Grid, Grid]:
    """Return the 95 % Wilson score interval of a share; NaN without trials.

    Examples
    --------
    >>> low, high = wilson(np.array([10.0]), np.array([100.0]))
    >>> f"{low[0]:.4f} {high[0]:.4f}"
    '0.0552 0.1744'
    """
    share, weight = _ratio(hits, trials), _ratio(np.full_like(trials, Z**2), trials)
    middle = (share + weight / 2) / (1 + weight)
    half = np.sqrt(weight * (share * (1 - share) + weight / 4)) / (1 + weight)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def _count(name: str, total: str) -> Metric:
    return Metric(name, "account", lambda s: s[total], total)


def _share(name: str, unit: str, top: str, bottom: str, n: str) -> Metric:
    return Metric(name, unit, lambda s: _ratio(s[top], s[bottom]), n)


def _churn(name: str, over: str) -> Metric:
    lost, opening = f"lost{over}", f"opening{over}"
    value = _share(name, "ratio/month", lost, opening, opening).value
    return Metric(name, "ratio/month", value, opening, lambda s: wilson(s[lost], s[opening]))


def _ltv(name: str, over: str) -> Metric:
    """LTV = p gm / c, with p the closing MRR per account."""
    lost, opening = f"lost{over}", f"opening{over}"

    def at(churn: Grid, s: Sums) -> Grid:
        return _ratio(_ratio(s["mrr"], s["closing"]) * s["gross_margin"], churn)

    def interval(s: Sums) -> tuple[Grid, Grid]:
        low, high = wilson(s[lost], s[opening])
        return at(high, s), at(low, s)

    return Metric(name, "JPY/account", lambda s: at(_ratio(s[lost], s[opening]), s), opening, interval)


METRICS = (
    _count("accounts_opening", "opening"),
    _count("accounts_new", "new"),
    _count("accounts_returned", "returned"),
    _count("accounts_lost", "lost"),
    _count("accounts", "closing"),
    _churn("logo_churn", ""),
    _churn("logo_churn_mean_12m", "_12m"),
    _share("revenue_churn", "ratio/month", "mrr_shrunk", "mrr_open", "opening"),
    _share("revenue_churn_mean_12m", "ratio/month", "mrr_shrunk_12m", "mrr_open_12m", "opening_12m"),
    _share("grr", "ratio/month", "mrr_floor", "mrr_open", "opening"),
    _share("grr_12m", "ratio/year", "cohort_floor", "cohort_mrr", "cohort"),
    _share("nrr", "ratio/month", "mrr_kept", "mrr_open", "opening"),
    _share("nrr_12m", "ratio/year", "cohort_kept", "cohort_mrr", "cohort"),
    _share("expansion", "ratio/month", "mrr_grown", "mrr_open", "opening"),
    Metric("arr", "JPY/year", lambda s: 12 * s["mrr"], "closing"),
    _share("accounts_per_csm", "account/head", "covered", "csms", "csms"),
    Metric("arr_per_csm", "JPY/head/year", lambda s: _ratio(12 * s["covered_mrr"], s["csms"]), "csms"),
    _share("onboarding_sessions", "session/account", "sessions", "onboarded", "onboarded"),
    _ltv("ltv", ""),
    _ltv("ltv_12m", "_12m"),
)
"""Every KPI; `definitions` says them in words."""


def definitions(lang: str = "ja") -> pd.DataFrame:
    """Return what each KPI means and which choice would change it.

    Columns: metric, label, unit, definition, choice (the texts in `lang`).
    """
    rows = [
        {
            "metric": m.name,
            "label": term("kpi", m.name, lang),
            "unit": m.unit,
            "definition": text(f"kpi_definition.{m.name}", lang),
            "choice": text(f"kpi_choice.{m.name}", lang),
        }
        for m in METRICS
    ]
    return pd.DataFrame(rows)


def kpi_frame(
    table: pd.DataFrame, first: MonthLike, last: MonthLike, gross_margin: float = np.nan
) -> pd.DataFrame:
    """Return the KPIs of an account-month table, whatever engine made it.

    Parameters
    ----------
    table : pandas.DataFrame
        As `contract_months` or `csanalysis.account_months` returns it; months outside `first` to `last` are
        passed over.
    first, last : month
        Both included; figures over twelve months begin eleven months after `first`.
    gross_margin : float
        For LTV, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        One row a month, segment (``all`` = the sum, last) and metric: month (first day), segment, metric,
        value, unit, n (cases in the denominator), low, high (95 %, for logo churn and LTV alone).
        Without cases the value is NaN and n is 0.
    """
    begin = month_number(first)
    width = month_number(last) - begin + 1
    months = month_dates(np.arange(begin, begin + width))
    table = table[table["month"].between(months[0], months[-1])]
    table = table.assign(segment=table["segment"].fillna(""))
    names = sorted(set(table["segment"]) - {ALL})
    names = names if any(names) else []
    sums = month_sums(table, names, begin, width)
    sums["gross_margin"] = np.full((len(names) + 1, width), gross_margin)
    grids = {key: np.empty((width, len(names) + 1, len(METRICS))) for key in ("value", "n", "low", "high")}
    for i, metric in enumerate(METRICS):
        value = metric.value(sums)
        low, high = metric.interval(sums) if metric.interval else (np.nan, np.nan)
        there = np.isfinite(value)
        grids["n"][:, :, i] = np.where(there, sums[metric.n], 0).T
        for key, grid in {"value": value, "low": low, "high": high}.items():
            grids[key][:, :, i] = np.where(there, grid, np.nan).T
    index = pd.MultiIndex.from_product(
        [months, [*names, ALL], [m.name for m in METRICS]], names=["month", "segment", "metric"]
    )
    frame = pd.DataFrame({key: grid.ravel() for key, grid in grids.items()}, index=index).reset_index()
    units = {m.name: m.unit for m in METRICS}
    return frame.assign(unit=frame["metric"].map(units), n=frame["n"].astype(int))[list(COLUMNS)]


@dataclass(frozen=True)
class Kpis:
    """KPIs by month and segment, and what can be said about them.

    Attributes
    ----------
    table : pandas.DataFrame
        As `kpi_frame` returns it; empty where there is nothing to measure.
    findings : tuple of Finding
        The figures of today, their reconciliation with the parameters, and cautions.
    """

    table: pd.DataFrame = field(repr=False)
    findings: tuple[Finding, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return month, segment, metric, value, unit, n, low, high."""
        return self.table.copy(deep=False)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]

    def latest(self, segment: str = ALL) -> pd.DataFrame:
        """Return value, unit, n, low and high of the last month, one row a metric."""
        last = self.table["month"] == self.table["month"].max()
        rows: pd.DataFrame = self.table[last & (self.table["segment"] == segment)]
        return rows.set_index("metric")


def compute_kpis(
    ds: Dataset, *, first: MonthLike | None = None, last: MonthLike | None = None, gap_days: int = 1
) -> Kpis:
    """Compute the KPIs of the accounts table, and reconcile them with the parameters of the company today.

    Parameters
    ----------
    ds : Dataset
        Uses the accounts table, where there is one, and the defaults of the parameters.
    first, last : month, optional
        Such as ``"2025-04"``. Default: the last 24 complete months before the workspace's ``as_of``, as
        far as the contracts reach back.
    gap_days : int
        Breaks between two contracts of fewer days count as none.

    Returns
    -------
    Kpis
        Without an accounts table, or without a complete month: an empty frame and a finding that says so.
    """
    contracts = ds.tables.get("accounts")
    if contracts is None:
        return _nothing(Finding("kpi.no_table", level="question"))
    started = with_dates(contracts)["start_date"]
    end = month_number(last) if last is not None else month_number(pd.Timestamp(ds.as_of)) - 1
    earliest = month_number(started.min())
    begin = month_number(first) if first is not None else max(earliest, end - HISTORY_MONTHS + 1)
    if first is None and begin > end:
        return _nothing(Finding("kpi.no_month", {"start": str(started.min().date())}, "question"))
    months = month_dates(np.array([begin, end]))
    table = contract_months(contracts, months[0], months[1], gap_days=gap_days)
    frame = kpi_frame(table, months[0], months[1], float(ds.base.number("gross_margin")))
    hidden = unseen(contracts, months[0], months[1], gap_days=gap_days)
    later = int((started > month_dates(np.array([end + 1]))[0]).sum())
    return Kpis(frame, (*today(frame), *reconciled(frame, ds.base), *cautions(frame, hidden, later)))


def _nothing(finding: Finding) -> Kpis:
    empty = pd.DataFrame(columns=list(COLUMNS))
    numbers = dict.fromkeys(("value", "low", "high"), float)
    return Kpis(empty.astype({**numbers, "n": int, "month": "datetime64[us]"}), (finding,))
