"""Cohorts and retention curves on the account-month table, and the churn range they support.

Age is counted in month openings since an unbroken stretch of custom began: 0 in its first month. An account
counts at an age only in months the table covers, so those who came before the table enter late, and those who
are still there leave without a loss. Months before the first loss on record are left out: a list of today's
customers reaches back far, but whoever was lost in those months is missing from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.accounts.account_months import AccountMonths, account_months
from csanalysis.accounts.survival import Curve, Z, kaplan_meier
from csanalysis.labels import number, percent
from csanalysis.model.dataset import Dataset
from csanalysis.model.disclosure import withheld
from csanalysis.model.findings import Finding
from csanalysis.vocabulary import Grade

ALL = "all"
YEAR = 12
FEW_LOSSES = 10
"""Fewer losses than this give no churn range (chosen: its ends would lie a factor of four apart)."""
CHURN = "monthly_churn"


@dataclass(frozen=True)
class Retention:
    """Retention of accounts by age.

    Attributes
    ----------
    curves : mapping of str to Curve
        Segment -> curve by age in months; ``all`` = everybody.
    cohorts : pandas.DataFrame
        One row a cohort (quarter in which custom began) and age: cohort, age, started, active, share, low,
        high (95 %, Wilson), mrr_share (MRR now / MRR at the first closing).
    churn, churn_low, churn_high : float
        Logo churn a month over the last twelve months of the table, with its 95 % interval (Wilson); NaN with
        fewer than ten losses.
    lost, account_months : int
        Losses and account-months behind the churn.
    first, last : int
        Months used, since January 1970.
    findings : tuple of Finding
    """

    curves: dict[str, Curve] = field(repr=False)
    cohorts: pd.DataFrame = field(repr=False)
    churn: float
    churn_low: float
    churn_high: float
    lost: int
    account_months: int
    first: int
    last: int
    findings: tuple[Finding, ...] = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return the curves: segment, age (months), at_risk, events, survival, std_error, low, high."""
        parts = [curve.to_frame().assign(segment=name) for name, curve in self.curves.items()]
        columns = ["segment", "age", "at_risk", "events", "survival", "std_error", "low", "high"]
        return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]

    def apply(self, ds: Dataset) -> Dataset:
        """Return the dataset with the measured churn and its range in place of the parameter's.

        Sensitivity analyses take the range from there. Values a scenario itself changed stay.

        Raises
        ------
        ValueError
            If there are too few losses to give a range.
        """
        if not np.isfinite(self.churn):
            raise ValueError("too few losses on record to give a churn range")
        source = f"measured: {self.lost} losses in {self.account_months} account-months"
        values: dict[str, Any] = {
            "low": self.churn_low,
            "high": self.churn_high,
            "source": source,
            "grade": str(Grade.MEASURED),
        }
        parameter = replace(ds.space.parameters[CHURN], default=self.churn, **values)
        table = ds.tables["parameters"].copy()
        own = table["key"] == CHURN
        for name, value in {**values, "default": repr(self.churn)}.items():
            table.loc[own, name] = value
        tables = {**ds.tables, "parameters": table}
        space = replace(ds.space, parameters={**ds.space.parameters, CHURN: parameter}, tables=tables)
        return replace(ds, tables=tables, scenario=replace(ds.scenario, space=space))


def measure_retention(source: Any, **options: Any) -> Retention:
    """Return retention curves by age, cohorts and the range of monthly churn.

    Parameters
    ----------
    source : AccountMonths, or what `account_months` takes
    **options
        Passed to `account_months`.

    Returns
    -------
    Retention
        A workspace without contract periods gives empty curves and a finding that says so.

    Examples
    --------
    >>> import csanalysis as cs
    >>> kept = cs.measure_retention(cs.load_dataset("data"))
    >>> bool(kept.churn_low < 0.0284 < kept.churn_high)
    True
    """
    months = source if isinstance(source, AccountMonths) else account_months(source, **options)
    if months.table.empty:
        return _nothing(Finding("retention.no_table", level="question"))
    table = aged(months.table)
    lost = table.loc[table["is_lost"], "at"]
    if lost.empty:
        return _nothing(Finding("retention.no_loss", level="question"))
    first = int(lost.min())
    table = table[table["at"] >= first]
    curves = {ALL: _curve(table)}
    names = sorted(set(table["segment"]) - {"", ALL})
    curves |= {name: _curve(table[table["segment"] == name]) for name in names}
    year = table[(table["at"] > months.last - YEAR) & table["active_open"]]
    hits, trials = int(year["is_lost"].sum()), len(year)
    churn = hits / trials if hits >= FEW_LOSSES else np.nan
    low, high = _wilson(hits, trials) if hits >= FEW_LOSSES else (np.nan, np.nan)
    found = Retention(curves, _cohorts(table, first), churn, low, high, hits, trials, first, months.last, ())
    return replace(found, findings=tuple(_findings(found)))


def aged(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with `at` (month since January 1970) and `age` (openings since custom began)."""
    at = table["month"].to_numpy().astype("datetime64[M]").astype(np.int64)
    begun = table["begun"].to_numpy().astype("datetime64[D]")
    first_opening = (begun - np.timedelta64(1, "D")).astype("datetime64[M]").astype(np.int64) + 1
    return table.assign(at=at, age=at - first_opening + 1)


def _curve(table: pd.DataFrame) -> Curve:
    """Return the curve of rows open at their opening; a loss at age a means the closing was not reached."""
    seen = table[table["active_open"]]
    sums = seen.groupby("age")["is_lost"].agg(["size", "sum"])
    return kaplan_meier(sums.index, sums["size"], sums["sum"])


def _cohorts(table: pd.DataFrame, first: int) -> pd.DataFrame:
    """Follow the accounts whose custom began within the months used, by quarter."""
    begun = table["begun"].to_numpy().astype("datetime64[M]").astype(np.int64)
    inside = table.assign(cohort_at=begun // 3 * 3)[(begun >= first) & (table["age"] >= 0)]
    closing = inside[inside["active_close"]]
    start = closing[closing["age"] == 0].groupby("cohort_at")
    started, mrr = start.size(), start["mrr_close"].sum()
    last = int(table["at"].max())
    rows = []
    for cohort, count in ((int(str(at)), int(n)) for at, n in started.items()):
        own = closing[closing["cohort_at"] == cohort]
        # Only ages that every account of the cohort can have reached.
        for age in range(last - (cohort + 2) + 1):
            there = own[own["age"] == age]
            low, high = _wilson(len(there), count)
            paid = float(there["mrr_close"].sum()) / float(mrr[cohort]) if mrr[cohort] else np.nan
            rows.append((cohort, age, count, len(there), len(there) / count, low, high, paid))
    columns = ["cohort", "age", "started", "active", "share", "low", "high", "mrr_share"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(cohort=frame["cohort"].map(quarter_name).astype(str))


def told_part(curve: Curve) -> Curve:
    """Return a curve up to where too few accounts are left to be told; nothing of a small group.

    Examples
    --------
    >>> told_part(kaplan_meier([1, 2, 3], [9, 6, 4], [1, 1, 1])).age.tolist()
    [1.0, 2.0]
    """
    few = [any(withheld([n])) for n in curve.at_risk]
    most = int(np.argmax(curve.at_risk)) if few else 0
    end = few.index(True, most) if any(few[most:]) else len(few)
    return Curve(*(getattr(curve, column.name)[: end if end > most else 0] for column in fields(curve)))


def quarter_name(month: int) -> str:
    """Return the calendar quarter of a month.

    Examples
    --------
    >>> quarter_name(0), quarter_name(15)
    ('1970Q1', '1971Q2')
    """
    return f"{1970 + int(month) // 12}Q{int(month) % 12 // 3 + 1}"


def _wilson(hits: float, trials: float) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share; NaN without trials."""
    if not trials:
        return np.nan, np.nan
    share, weight = hits / trials, Z**2 / trials
    middle = (share + weight / 2) / (1 + weight)
    half = np.sqrt(weight * (share * (1 - share) + weight / 4)) / (1 + weight)
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def _nothing(finding: Finding) -> Retention:
    columns = ["cohort", "age", "started", "active", "share", "low", "high", "mrr_share"]
    return Retention({}, pd.DataFrame(columns=columns), np.nan, np.nan, np.nan, 0, 0, 0, 0, (finding,))


def _findings(found: Retention) -> list[Finding]:
    curve = told_part(found.curves[ALL])
    first, last = (str(np.datetime64(m, "M")) for m in (found.first, found.last))
    findings = [Finding("retention.window", {"first": first, "last": last})]
    for age in (YEAR, 2 * YEAR):
        share, low, high = curve.at(age)
        if np.isfinite(share) and np.isfinite(low):
            values = {"age": number(age), "share": percent(share), "low": percent(low), "high": percent(high)}
            findings.append(Finding("retention.survival", values))
    if np.isfinite(found.churn):
        values = {
            "churn": percent(found.churn, 2),
            "low": percent(found.churn_low, 2),
            "high": percent(found.churn_high, 2),
            "lost": number(found.lost),
            "n": number(found.account_months),
        }
        findings.append(Finding("retention.range", values))
    else:
        findings.append(Finding("retention.few", {"lost": number(found.lost)}, "question"))
    worst = _worst_age(curve)
    if worst:
        findings.append(worst)
    return findings


def _worst_age(curve: Curve) -> Finding | None:
    """Say at which age most of the losses come, where one age has far more than its share."""
    if curve.events.sum() < FEW_LOSSES:
        return None
    place = int(np.argmax(curve.events))
    share = float(curve.events[place] / curve.events.sum())
    if share < 0.25:
        return None
    hazard = float(curve.events[place] / curve.at_risk[place])
    values = {"age": number(curve.age[place]), "share": percent(share, 0), "hazard": percent(hazard)}
    return Finding("retention.worst_age", values)
