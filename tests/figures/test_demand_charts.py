"""Hours by stage and the reconciliation of methods: drawn values equal the results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

import csanalysis as cs
from csanalysis.charts.frame import title_of
from csanalysis.diagnosis.reconcile import UNITS
from csanalysis.model.dataset import Dataset
from csanalysis.model.supply import productive_hours_of
from csanalysis.vocabulary import Stage

Legible = Callable[[Axes], str]
SCENARIOS = sorted(path.stem for path in (Path(__file__).parents[2] / "data" / "scenarios").glob("*.csv"))


def lines(ax: Axes, gid: str) -> list[Line2D]:
    return [line for line in ax.lines if line.get_gid() == gid]


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_charts_of_every_scenario_are_legible(ds: Dataset, name: str, lang: str, legible: Legible) -> None:
    other = cs.load_dataset(ds.root, scenario=name)
    sc = other.scenario
    capacity = float(sc.number("cs_fte") * productive_hours_of(sc))
    for ax in (
        cs.charts.hours_by_stage(cs.project_demand(other, sc), lang=lang, capacity=capacity),
        cs.charts.reconciliation(cs.reconcile(cs.size_team(other, sc)), lang=lang),
    ):
        legible(ax)
        assert ax.get_xlabel()


def test_stages_are_stacked_to_the_hours_of_the_month(ds: Dataset) -> None:
    demand = cs.project_demand(ds, ds.base)
    ax = cs.charts.hours_by_stage(demand, lang="en", capacity=457.6)
    stacks = {
        stage: [p for p in ax.patches if p.get_gid() == str(stage) and isinstance(p, Rectangle)]
        for stage in Stage
    }
    total = np.sum([[bar.get_height() for bar in bars] for bars in stacks.values()], axis=0)
    assert total == pytest.approx(demand.total)
    tops = [bar.get_y() + bar.get_height() for bar in stacks[Stage.EXPANSION]]
    assert tops == pytest.approx(list(demand.total))
    [capacity] = lines(ax, "capacity")
    assert list(capacity.get_ydata()) == [457.6, 457.6]
    assert "458 hours a month) first falls short in month 5" in title_of(ax)
    assert f"needs {demand.total.max():.0f} hours" in title_of(ax)
    assert [tick.get_text() for tick in ax.get_xticklabels()][:3] == ["Apr", "May", "Jun"]


@pytest.mark.parametrize(
    ("capacity", "told"),
    [
        (None, "hours this month to"),
        (9_999.0, "enough even in"),
        (100.0, "already this month"),
        (0.0, "already"),
    ],
)
def test_the_title_tells_whether_the_team_is_enough(
    ds: Dataset, capacity: float | None, told: str, legible: Legible
) -> None:
    ax = cs.charts.hours_by_stage(cs.project_demand(ds, ds.base), lang="en", capacity=capacity)
    legible(ax)
    assert told in title_of(ax)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("months", [1, 12, 36, 120])
def test_any_horizon_is_legible(ds: Dataset, months: int, lang: str, legible: Legible) -> None:
    legible(cs.charts.hours_by_stage(cs.project_demand(ds, ds.base, months), lang=lang, capacity=500.0))


def test_dots_stand_as_far_from_the_line_as_the_assumption_would_have_to_move(ds: Dataset) -> None:
    result = cs.reconcile(cs.size_team(ds, ds.base))
    dots = lines(cs.charts.reconciliation(result, lang="en"), "implied")
    rows = result.frame.to_dict("records")
    expected = [
        x + 0.8 * (row[name] / result.assumed[name] - 1) for x, name in enumerate(UNITS) for row in rows
    ]
    assert [float(dot.get_xdata()[0]) for dot in dots] == pytest.approx(expected)


def test_what_lies_beyond_the_rim_is_a_triangle_and_nobody_is_no_dot(ds: Dataset, legible: Legible) -> None:
    sizing = cs.size_team(ds, ds.base)
    far = [
        replace(m, fte=m.fte * factor) for m, factor in zip(sizing.methods, (0, 0.01, 100, 1), strict=True)
    ]
    ax = cs.charts.reconciliation(cs.reconcile(replace(sizing, methods=tuple(far))), lang="ja")
    legible(ax)
    assert {dot.get_marker() for dot in lines(ax, "implied")} == {"o", "<", ">"}


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_title_says_when_two_methods_are_one(ds: Dataset, lang: str) -> None:
    one = title_of(cs.charts.reconciliation(cs.reconcile(cs.size_team(ds, ds.base)), lang=lang))
    other = ds.base.replace(arr_per_head=5e7)
    four = title_of(cs.charts.reconciliation(cs.reconcile(cs.size_team(ds, other)), lang=lang))
    assert "(b)" in one and "(b)" not in four


def test_charts_draw_on_given_axes(ds: Dataset) -> None:
    first, second = Figure().subplots(1, 2)
    assert cs.charts.hours_by_stage(cs.project_demand(ds, ds.base), first, "ja") is first
    assert cs.charts.reconciliation(cs.reconcile(cs.size_team(ds, ds.base)), second, "ja") is second
