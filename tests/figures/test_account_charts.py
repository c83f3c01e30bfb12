"""Charts of retention, health and calibration: drawn values equal the results; legible in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import csanalysis as cs
from csanalysis.model.dataset import Dataset

Legible = Callable[[Axes], str]


@pytest.fixture(scope="module")
def results(ds: Dataset) -> dict[str, Any]:
    months = cs.account_months(ds)
    tables = {name: table for name, table in ds.tables.items() if name not in ("accounts", "actuals")}
    bare = replace(ds, tables=tables)
    none = cs.account_months(bare)
    return {
        "retention": (cs.measure_retention(months), cs.measure_retention(none)),
        "health": (cs.score_health(ds, months=months), cs.score_health(bare, months=none)),
        "calibration": (cs.calibrate(ds, months=months), cs.calibrate(bare, months=none)),
    }


def charts(results: dict[str, Any], which: int, ds: Dataset, lang: str) -> list[Axes]:
    retention, health, calibration = (results[n][which] for n in ("retention", "health", "calibration"))
    return [
        cs.charts.retention_curve(retention, lang=lang),
        cs.charts.health_scores(health, lang=lang),
        cs.charts.health_backtest(health, lang=lang),
        cs.charts.calibrated_minutes(calibration, ds, lang=lang),
        cs.charts.plan_a_year_ago(calibration, lang=lang),
    ]


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("which", [0, 1])
def test_legible_with_and_without_records(
    results: dict[str, Any], ds: Dataset, lang: str, which: int, legible: Legible
) -> None:
    for ax in charts(results, which, ds, lang):
        assert legible(ax)


def test_drawn_values_are_the_results(
    results: dict[str, Any], ds: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSANALYSIS_NAMES", "shown")  # small groups too, as on the analyst's own screen
    retention, health, calibration = (results[n][0] for n in ("retention", "health", "calibration"))
    curve, scores, tested, minutes, year = charts(results, 0, ds, "en")
    [line] = [line for line in curve.lines if line.get_gid() == "survival"]
    np.testing.assert_array_equal(np.asarray(line.get_ydata())[1:], retention.curves["all"].survival)
    bars = sum(patch.get_height() for patch in scores.patches)
    assert bars == health.accounts["health"].notna().sum()
    drawn = [float(line.get_xdata()[0]) for line in tested.lines if line.get_gid() == "auc"]
    assert drawn == [judged.auc for judged in health.backtest.judgements]
    assert len([line for line in minutes.lines if line.get_gid() == "calibrated"]) == 12
    [actual] = [line for line in year.lines if line.get_gid() == "actual"]
    np.testing.assert_array_equal(actual.get_ydata(), calibration.year_ago.months["hours_actual"])


def test_given_axes_are_used(results: dict[str, Any]) -> None:
    ax = Figure().subplots()
    assert cs.charts.health_scores(results["health"][0], ax, "ja") is ax
