"""Calibration: shrinkage between record and inventory, seasons, and the plan of a year ago."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.accounts.account_months import AccountMonths
from csanalysis.accounts.calibration import Calibration
from csanalysis.accounts.driver_history import driver_history
from csanalysis.accounts.season import season_profiles
from csanalysis.accounts.shrinkage import shrink_normal, shrink_poisson
from csanalysis.model.dataset import Dataset


@pytest.fixture(scope="module")
def months(example: Dataset) -> AccountMonths:
    return cs.account_months(example)


@pytest.fixture(scope="module")
def found(example: Dataset, months: AccountMonths) -> Calibration:
    return cs.calibrate(example, months=months)


def test_one_variance_gives_the_estimator_of_james_and_stein() -> None:
    """The positive-part rule towards 0, n in place of n - 2: 1 - n s2 / sum y2 (Efron and Morris 1973)."""
    y = np.array([0.4, -0.1, 0.3, 0.25, -0.35])
    s2 = 0.02
    shrunk = shrink_normal(y, np.full(5, s2))
    weight = 1 - 5 * s2 / (y**2).sum()
    np.testing.assert_allclose(shrunk.trust, weight, rtol=1e-9)
    np.testing.assert_allclose(np.log(shrunk.factor), weight * y, rtol=1e-9)
    quiet = shrink_normal(y / 100, np.full(5, s2))
    assert (quiet.trust == 0).all() and (quiet.factor == 1).all()


def test_counts_are_pulled_towards_the_expected_by_their_weight() -> None:
    rng = np.random.default_rng(4)
    expected = rng.uniform(1, 400, 300)
    true = rng.gamma(9, 1 / 9, 300)
    count = rng.poisson(true * expected)
    shrunk = shrink_poisson(count, expected)
    assert shrunk.spread == pytest.approx(1 / 3, rel=0.15)
    np.testing.assert_allclose(shrunk.factor, 1 + shrunk.trust * (shrunk.raw - 1), rtol=1e-9)
    error, raw = ((shrunk.factor - true) ** 2).mean(), ((shrunk.raw - true) ** 2).mean()
    assert error < raw
    inside = ((shrunk.low <= true) & (true <= shrunk.high)).mean()
    assert 0.92 < inside < 0.98


def test_shrinkage_beats_records_and_inventory_where_minutes_differ() -> None:
    rng = np.random.default_rng(6)
    s2 = rng.uniform(0.01, 0.3, 400)
    true = 0.2 * rng.standard_normal(400)
    y = true + np.sqrt(s2) * rng.standard_normal(400)
    shrunk = shrink_normal(y, s2)
    error = ((np.log(shrunk.factor) - true) ** 2).mean()
    assert error < ((y - true) ** 2).mean() and error < (true**2).mean()
    inside = ((np.log(shrunk.low) <= true) & (true <= np.log(shrunk.high))).mean()
    assert 0.92 < inside < 0.98


def test_thin_records_stay_nearer_to_the_inventory(example: Dataset, months: AccountMonths) -> None:
    """The same recorded minutes, once over two years and once in a single month."""
    actuals = example.tables["actuals"]
    task = actuals[actuals["task_id"] == "srv_survey_project"]
    one = actuals[(actuals["task_id"] != "srv_survey_project")]
    thin = pd.concat([one, task.assign(hours=8.0).head(1)])
    full = pd.concat([one, task.assign(hours=8.0)])
    weights = []
    for table in (thin, full):
        ds = replace(example, tables={**example.tables, "actuals": table})
        row = cs.calibrate(ds, months=months).tasks.set_index("task_id").loc["srv_survey_project"]
        assert row["minutes_recorded"] == pytest.approx(480.0)
        assert row["minutes_plan"] < row["minutes"] < row["minutes_recorded"]
        weights.append(row["minutes_trust"])
    assert weights[0] < 0.6 < weights[1]


def test_hours_of_a_vendor_count_at_csm_productivity(example: Dataset, months: AccountMonths) -> None:
    actuals = example.tables["actuals"]
    own, bought = actuals["task_id"] == "sup_record", "bpo"
    card = example.tables["resources"].set_index("resource_id").loc[bought]
    rate = float(card["productivity"] / (1 + card["rework_rate"]))
    moved = actuals.assign(resource_id=actuals["resource_id"].where(~own, bought))
    moved["hours"] = moved["hours"].where(~own, moved["hours"] / rate)
    ds = replace(example, tables={**example.tables, "actuals": moved})
    one, other = (cs.calibrate(d, months=months).tasks for d in (example, ds))
    pd.testing.assert_frame_equal(one, other, rtol=1e-9)


def test_the_calibrated_scenario_holds_the_calibrated_cells(example: Dataset, found: Calibration) -> None:
    sc = found.apply(example.base)
    row = found.tasks.iloc[0]
    assert sc[f"tasks.{row['task_id']}.minutes"] == row["minutes"]
    assert sc[f"tasks.{row['task_id']}.frequency"] == row["frequency"]
    assert 453 < cs.task_hours(example, sc).total < 560
    again = cs.calibrate(example, sc).tasks
    assert abs(again["hours_actual"].sum() / again["hours_plan"].sum() - 1) < 0.02


def test_drivers_of_the_past_are_those_of_the_contracts(example: Dataset, months: AccountMonths) -> None:
    history = driver_history(months, 12.0, 2.84)
    last = history.loc[months.last]
    kpis = cs.compute_kpis(example).latest()["value"]
    assert last["active_account"] == kpis["accounts_opening"] and last["new_account"] == kpis["accounts_new"]
    assert 20 < last["renewal"] < 60 and last["fixed"] == 1
    assert history["ticket"].isna().sum() == 12, "the log begins a year after the table"


def test_seasons_have_mean_one_and_are_found_where_there_are_any(
    example: Dataset, months: AccountMonths, found: Calibration
) -> None:
    np.testing.assert_allclose(found.seasons.groupby("profile")["factor"].mean(), 1.0)
    history = driver_history(months, 12.0, 2.84)
    wave = 1 + 0.5 * np.sin(2 * np.pi * (history.index.to_numpy() % 12) / 12)
    history["new_account"] = np.round(40 * wave)
    seasons = season_profiles(example, example.base, history).query("profile == 'season_new'")
    assert np.corrcoef(seasons["factor"], 1 + 0.5 * np.sin(2 * np.pi * np.arange(12) / 12))[0, 1] > 0.95
    assert season_profiles(example, example.base, history.tail(11)).empty


def test_the_plan_of_a_year_ago_uses_what_was_known_then(example: Dataset, months: AccountMonths) -> None:
    found = cs.calibrate(example, months=months).year_ago
    assert found is not None
    assert found.known["accounts"] == 366 and found.accounts_actual == 439
    table = months.table.copy()
    later = table["month"] >= "2025-05-01"
    table.loc[later, "mrr_open"] = 1.0
    table.loc[later, "is_lost"] = True
    spoilt = cs.calibrate(example, months=replace(months, table=table)).year_ago
    assert spoilt is not None
    np.testing.assert_allclose(spoilt.months["hours_plan"], found.months["hours_plan"])
    short = replace(months, first=months.last - 20, table=months.table)
    assert cs.calibrate(example, months=short).year_ago is None


def test_without_records_it_says_so(example: Dataset) -> None:
    for gone in ("actuals", "accounts"):
        tables = {name: table for name, table in example.tables.items() if name != gone}
        found = cs.calibrate(replace(example, tables=tables))
        assert found.sentences("ja") and found.sentences("en")
        assert found.to_frame().empty == (gone == "actuals")
