"""Minutes, frequency and season from hours really spent; where records are thin, the inventory counts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.accounts.account_months import AccountMonths, account_months
from csanalysis.accounts.calibration_findings import findings_of
from csanalysis.accounts.driver_history import driver_history
from csanalysis.accounts.plan_check import YearAgo, plan_a_year_ago
from csanalysis.accounts.season import SEASONS, season_profiles
from csanalysis.accounts.shrinkage import Shrunk, shrink_normal, shrink_poisson
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_column, task_minutes
from csanalysis.model.findings import Finding
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Driver

LEAST_VARIANCE = 1e-6
LEAST_MONTHS = 3
"""Months from which a task's own spread says anything (chosen)."""
TASK_COLUMNS = (
    *("task_id", "months", "hours", "volume", "minutes_plan", "minutes_recorded", "minutes", "minutes_low"),
    *("minutes_high", "minutes_trust", "frequency_plan", "frequency_recorded", "frequency", "frequency_low"),
    *("frequency_high", "frequency_trust", "hours_plan", "hours_actual", "unit"),
)


@dataclass(frozen=True)
class Calibration:
    """The inventory beside what was recorded.

    Attributes
    ----------
    tasks : pandas.DataFrame
        One row a task on record: months and hours recorded, volume (times done); minutes and frequency of the
        inventory (_plan), as recorded, after shrinkage with 95 % interval and weight of the record (_trust,
        0 to 1); hours a month by the inventory at the volumes that happened, and really spent.
    seasons : pandas.DataFrame
        profile, month, factor (mean 1), count, trust: in the form of the table season_profiles.
    plan : pandas.DataFrame
        Month by month: month (since January 1970), hours_plan, hours_actual, of the tasks on record.
    year_ago : YearAgo or None
        What the plan would have said a year ago; None where the records do not reach back so far.
    minutes_spread, frequency_spread : float
        How far tasks really differ from the inventory (standard deviation of the log, and of the factor).
    findings : tuple of Finding
    """

    tasks: pd.DataFrame = field(repr=False)
    seasons: pd.DataFrame = field(repr=False)
    plan: pd.DataFrame = field(repr=False)
    year_ago: YearAgo | None = field(repr=False)
    minutes_spread: float
    frequency_spread: float
    findings: tuple[Finding, ...] = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a task on record."""
        return self.tasks.copy(deep=False)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]

    @property
    def changes(self) -> dict[str, float]:
        """Calibrated cells for a scenario: ``sc.replace(calibration.changes)``."""
        found = {}
        for row in self.tasks.to_dict("records"):
            for column in ("minutes", "frequency"):
                value = float(row[column])
                if np.isfinite(value):
                    found[f"tasks.{row['task_id']}.{column}"] = value
        return found

    def apply(self, sc: Scenario) -> Scenario:
        """Return the scenario with the calibrated minutes and frequencies."""
        return sc.replace(self.changes, origin="measured: actuals, shrunk towards the inventory")


def calibrate(ds: Dataset, sc: Scenario | None = None, *, months: AccountMonths | None = None) -> Calibration:
    """Calibrate minutes, frequency and season from the table of hours really spent.

    Parameters
    ----------
    ds : Dataset
        Uses `actuals`; accounts and the usage log give the volumes of past months. Without accounts only
        minutes and fixed tasks can be calibrated.
    sc : Scenario, optional
        The inventory to compare with; default the workspace's own.
    months : AccountMonths, optional
        A table made before, so that no event is read again.

    Returns
    -------
    Calibration
        Without actuals: empty tables and a finding that says so.

    Notes
    -----
    Hours of a resource are turned into hours at CSM productivity: hours x productivity / (1 + rework_rate).

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> found = cs.calibrate(ds)
    >>> bool(found.to_frame()["minutes_trust"].between(0, 1).all())
    True
    """
    sc = ds.base if sc is None else sc
    if ds.actuals is None:
        return _nothing(Finding("calibration.no_table", level="question"))
    months = account_months(ds) if months is None else months
    months = None if months.table.empty else months
    history = _history(ds, sc, months)
    rows = _rows(ds, sc, history)
    minutes, minutes_of = _minutes(rows)
    frequency, frequency_of = _frequency(rows)
    tasks = _tasks(ds, sc, rows, minutes, minutes_of, frequency, frequency_of)
    plan = rows.groupby("at", as_index=False)[["hours_plan", "hours_actual"]].sum(min_count=1)
    found = Calibration(
        tasks,
        season_profiles(ds, sc, history),
        plan.rename(columns={"at": "month"}),
        plan_a_year_ago(ds, sc, rows, months),
        minutes.spread,
        frequency.spread,
        (),
    )
    return replace(found, findings=tuple(findings_of(found, ds)))


def _history(ds: Dataset, sc: Scenario, months: AccountMonths | None) -> pd.DataFrame:
    """Return volumes of past months; without accounts nothing but fixed work is known."""
    if months is not None:
        term = float(sc.number("term_months"))
        return driver_history(months, term, float(sc.number("onboarding_sessions")))
    at = _month_numbers(ds.actuals["month"]) if ds.actuals is not None else np.zeros(1, int)
    index = pd.RangeIndex(int(at.min()), int(at.max()) + 1)
    return pd.DataFrame({str(d): 1.0 if d == Driver.FIXED else np.nan for d in Driver}, index=index)


def _month_numbers(dates: pd.Series[Any]) -> Any:
    return dates.to_numpy().astype("datetime64[M]").astype(np.int64)


def _rows(ds: Dataset, sc: Scenario, history: pd.DataFrame) -> pd.DataFrame:
    """Return one row a month and task: hours at CSM productivity, volume, and what the inventory expects.

    Expected times leave out months that are none of the task's own, and months whose volume is not known.
    """
    inventory = ds.tables["task_inventory"]
    own = inventory[["task_id", "driver", "calendar_months", "spread_months"]].assign(
        frequency_plan=task_column(ds, sc, "frequency"), minutes_plan=task_minutes(ds, sc)
    )
    assert ds.actuals is not None
    entered = ds.actuals.assign(at=_month_numbers(ds.actuals["month"]))
    card = ds.tables["resources"].set_index("resource_id")
    rate = card["productivity"] / (1 + card["rework_rate"])
    entered["hours"] = entered["hours"] * entered["resource_id"].map(rate).fillna(1.0)
    sums = entered.groupby(["task_id", "at"])
    rows = pd.DataFrame(
        {"hours": sums["hours"].sum(), "volume": sums["volume"].sum(min_count=1)}
    ).reset_index()
    rows = _filled(rows, history).merge(own, on="task_id", how="left")
    calendar = rows["at"] % 12 + 1
    listed = rows["calendar_months"].str.split(";")
    wanted = [
        not text or str(month) in cells
        for text, month, cells in zip(rows["calendar_months"], calendar, listed, strict=True)
    ]
    drivers = rows.assign(open=wanted)[["at", "driver", "open"]]
    volume = [
        float(history[d].get(at, np.nan)) * is_open for at, d, is_open in drivers.itertuples(index=False)
    ]
    expected = np.array(volume) * rows["frequency_plan"].to_numpy(float)
    return rows.assign(
        expected=expected,
        hours_plan=expected * rows["minutes_plan"].to_numpy(float) / 60,
        hours_actual=rows["hours"],
    )


def _filled(rows: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Add the months between the first and the last record in which a task was not done: 0 times."""
    last = int(min(rows["at"].max(), history.index.max()))
    parts = []
    for task, own in rows.groupby("task_id"):
        months = pd.RangeIndex(int(own["at"].min()), last + 1)
        whole = own.set_index("at").drop(columns="task_id").reindex(months)
        none = whole["hours"].isna()
        whole.loc[none, ["hours", "volume"]] = 0.0
        parts.append(whole.rename_axis("at").reset_index().assign(task_id=task))
    return pd.concat(parts, ignore_index=True)


def _minutes(rows: pd.DataFrame) -> tuple[Shrunk, pd.Index]:
    """Return posteriors of (recorded / inventory minutes) for tasks whose times are on record.

    A month's mean over v times varies as 1 / v: that variance is pooled over all tasks. Where a task's own
    months differ more than that, its own spread counts.
    """
    done = rows[(rows["volume"] > 0) & (rows["hours"] > 0) & (rows["minutes_plan"] > 0)]
    log = np.log(60 * done["hours"] / done["volume"] / done["minutes_plan"])
    sums = done.assign(weighted=log * done["volume"]).groupby("task_id")[["weighted", "volume"]].sum()
    mean = sums["weighted"] / sums["volume"]
    residual = (log - done["task_id"].map(mean)) ** 2 * done["volume"]
    freedom = len(done) - len(sums)
    variance = float(residual.sum()) / freedom if freedom > 0 else 1.0
    pooled = variance / sums["volume"]
    squares = (residual * done["volume"]).groupby(done["task_id"]).sum() / sums["volume"] ** 2
    count = done.groupby("task_id").size()
    own = (squares * count / (count - 1).clip(lower=1)).where(count >= LEAST_MONTHS, 0.0)
    each = np.maximum(np.maximum(pooled, own).to_numpy(float), LEAST_VARIANCE)
    return shrink_normal(mean.to_numpy(float), each), sums.index


def _frequency(rows: pd.DataFrame) -> tuple[Shrunk, pd.Index]:
    """Return posteriors of (times recorded / times expected); fixed tasks are done as often as planned.

    Where months spread more than Poisson counts would, counts weigh less by that factor (quasi-Poisson).
    """
    known = rows[rows["volume"].notna() & rows["expected"].notna() & (rows["driver"] != str(Driver.FIXED))]
    sums = known.groupby("task_id")[["volume", "expected"]].sum()
    sums = sums[sums["expected"] > 0]
    if sums.empty:
        none = np.zeros(0)
        return Shrunk(none, none, none, none, none, 0.0), sums.index
    told = known["expected"] * known["task_id"].map(sums["volume"] / sums["expected"])
    usable = told > 0
    freedom = int(usable.sum()) - len(sums)
    misses = ((known["volume"] - told) ** 2 / told)[usable].sum()
    excess = max(float(misses) / freedom, 1.0) if freedom > 0 else 1.0
    return shrink_poisson(sums["volume"] / excess, sums["expected"] / excess), sums.index


def _tasks(
    ds: Dataset,
    sc: Scenario,
    rows: pd.DataFrame,
    minutes: Shrunk,
    minutes_of: pd.Index,
    frequency: Shrunk,
    frequency_of: pd.Index,
) -> pd.DataFrame:
    """Return one row a task on record, in the order of the inventory."""
    sums = rows.groupby("task_id").agg(
        months=("at", "size"),
        hours=("hours", "sum"),
        volume=("volume", "sum"),
        minutes_plan=("minutes_plan", "first"),
        frequency_plan=("frequency_plan", "first"),
    )
    known = rows[rows["hours_plan"].notna()]
    for name in ("hours_plan", "hours_actual"):
        sums[name] = known.groupby("task_id")[name].mean()
    for name, found, index in (
        ("minutes", minutes, minutes_of),
        ("frequency", frequency, frequency_of),
    ):
        plan = sums[f"{name}_plan"]
        for suffix, factor in (
            ("_recorded", found.raw),
            ("", found.factor),
            ("_low", found.low),
            ("_high", found.high),
        ):
            sums[f"{name}{suffix}"] = plan * pd.Series(factor, index=index)
        sums[f"{name}_trust"] = pd.Series(found.trust, index=index)
    order = [task for task in ds.tables["task_inventory"]["task_id"] if task in sums.index]
    frame = sums.loc[order].reset_index().assign(unit="minute; times; hour/month")
    return frame[list(TASK_COLUMNS)]


def _nothing(finding: Finding) -> Calibration:
    tasks = pd.DataFrame(columns=list(TASK_COLUMNS))
    seasons = pd.DataFrame(columns=["profile", "month", "factor", "count", "trust"])
    plan = pd.DataFrame(columns=["month", "hours_plan", "hours_actual"])
    return Calibration(tasks, seasons, plan, None, np.nan, np.nan, (finding,))


__all__ = ["SEASONS", "Calibration", "calibrate"]
