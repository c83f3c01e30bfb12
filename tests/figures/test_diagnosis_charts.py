"""Charts of the diagnosis: drawn lengths equal the results, words are legible in both languages."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import csanalysis as cs
from csanalysis.charts import theme
from csanalysis.charts.benchmarks import drawn_rows
from csanalysis.diagnosis.company_figures import SHARES
from csanalysis.diagnosis.sizing_methods import SizingMethod
from csanalysis.labels import term
from csanalysis.model.dataset import Dataset
from csanalysis.model.phases import BANDS

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
SCENARIOS = sorted(path.stem for path in (Path(__file__).parents[2] / "data" / "scenarios").glob("*.csv"))
Legible = Callable[[Axes], str]


def marked(ax: Axes, gid: str) -> list[Artist]:
    return [artist for artist in ax.get_children() if artist.get_gid() == gid]


def points(ax: Axes, gid: str) -> list[tuple[float, float]]:
    return [tuple(np.column_stack(line.get_data())[0].tolist()) for line in ax.lines if line.get_gid() == gid]


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_chart_of_every_scenario_is_legible(
    ds: Dataset, name: str, lang: str, legible: Legible
) -> None:
    other = cs.load_dataset(ds.root, scenario=name)
    sc = other.scenario
    for ax in (
        cs.charts.phase_ladder(cs.diagnose_phase(other, sc), lang=lang),
        cs.charts.sizing(cs.size_team(other, sc), lang=lang),
        cs.charts.benchmark_comparison(cs.compare_benchmarks(other, sc), lang=lang),
    ):
        words = legible(ax)
        assert bool(JAPANESE.search(words)) == (lang == "ja")
        assert ax.get_xlabel()


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("persons", [1, 2, 3, 10, 11, 20, 21, 400])
def test_the_ladder_marks_the_team_on_its_own_step(
    ds: Dataset, persons: int, lang: str, legible: Legible
) -> None:
    result = cs.diagnose_phase(ds, ds.base.replace(cs_headcount=persons))
    ax = cs.charts.phase_ladder(result, lang=lang)
    words = legible(ax)
    steps = [step for step in marked(ax, "step") if isinstance(step, Rectangle)]
    heights = [step.get_height() for step in steps]
    assert len(steps) == len(BANDS) and heights == sorted(set(heights))
    position = [band.phase for band in BANDS].index(result.phase)
    accented = [to_hex(step.get_edgecolor()).upper() == theme.ACCENT for step in steps]
    assert [n for n, accent in enumerate(accented) if accent] == [position]
    [(x, y)] = points(ax, "team")
    assert steps[position].get_x() < x < steps[position].get_x() + steps[position].get_width()
    assert y > heights[position]
    assert str(persons) in words
    assert ("20" in words.split("CCJ2025")[0]) or persons != 20


def test_twenty_persons_are_told_to_stand_in_two_bands_of_the_source(ds: Dataset) -> None:
    notes = []
    for persons in (20, 19):
        ax = cs.charts.phase_ladder(cs.diagnose_phase(ds, ds.base.replace(cs_headcount=persons)), lang="en")
        notes.append("two steps" in " ".join(text.get_text() for text in ax.texts))
    assert notes == [True, False]


def test_bars_of_the_team_size_have_the_length_of_the_result(ds: Dataset) -> None:
    result = cs.size_team(ds, ds.base)
    ax = cs.charts.sizing(result, lang="en")
    bars = [bar for bar in marked(ax, "fte") if isinstance(bar, Rectangle)]
    assert [bar.get_width() for bar in bars] == [method.fte for method in result.methods]
    ranges = [line for line in ax.lines if line.get_gid() == "range"]
    assert [list(line.get_xdata()) for line in ranges] == [[m.fte_low, m.fte_high] for m in result.methods]
    [today] = [line for line in ax.lines if line.get_gid() == "today"]
    assert list(today.get_xdata()) == [result.current_fte] * 2
    words = " ".join(text.get_text() for text in ax.texts)
    assert "4.36 FTE" in words and "today 4.4 FTE" in words
    assert f"evidence: {term('grade', result.methods[0].grade, 'en')}" in words


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("current", [0.0, 0.3, 4.4, 9_999.5])
@pytest.mark.parametrize("scale", [0.0, 0.004, 1.0, 800.0])
def test_team_sizes_of_any_magnitude_stay_legible(
    ds: Dataset, scale: float, current: float, lang: str, legible: Legible
) -> None:
    sizing = cs.size_team(ds, ds.base)
    methods = [
        replace(m, fte=m.fte * scale, fte_low=m.fte_low * scale, fte_high=m.fte_high * scale)
        for m in sizing.methods
    ]
    legible(cs.charts.sizing(replace(sizing, methods=tuple(methods), current_fte=current), lang=lang))


def test_two_methods_that_are_one_look_and_read_so(ds: Dataset) -> None:
    for arr_per_head, pale in ((None, True), (5e7, False)):
        sc = ds.base if arr_per_head is None else ds.base.replace(arr_per_head=arr_per_head)
        ax = cs.charts.sizing(cs.size_team(ds, sc), lang="en")
        bars = [bar for bar in marked(ax, "fte") if isinstance(bar, Rectangle)]
        colours = [to_hex(bar.get_facecolor()).upper() for bar in bars]
        expected = theme.ACCENT_LIGHT if pale else theme.ACCENT
        assert colours == [theme.ACCENT, expected, theme.ACCENT, theme.ACCENT]
        words = " ".join(text.get_text() for text in ax.texts)
        assert ("(a) in another form" in words and "one method" in words) == pale


def test_a_long_list_of_methods_stays_legible(ds: Dataset, legible: Legible) -> None:
    sizing = cs.size_team(ds, ds.base)
    method = sizing.method("task_hours")
    other: SizingMethod = replace(method, source="a source with a very long name, " * 4)
    legible(cs.charts.sizing(replace(sizing, methods=(method, method, method, other)), lang="en"))


def test_benchmarks_are_drawn_in_percent_of_the_published_figure(ds: Dataset) -> None:
    result = cs.compare_benchmarks(ds, ds.base)
    ax = cs.charts.benchmark_comparison(result, lang="en")
    drawn = dict((row, x) for x, row in points(ax, "company"))
    rows = drawn_rows(result)
    assert {c.metric for c in result.rows} - {c.metric for c in rows} == set(SHARES), "no firm's figure"
    for row, comparison in enumerate(rows):
        expected = 100 * comparison.value / comparison.benchmark
        assert drawn[row] == pytest.approx(min(expected, 200.0))
    assert len(result.rows) >= 10
    ranged = [c for c in result.rows if math.isfinite(c.low)]
    bands = [band for band in marked(ax, "advised") if isinstance(band, Rectangle)]
    assert [(b.get_x(), b.get_width()) for b in bands] == [
        pytest.approx((100 * c.low / c.benchmark, 100 * (c.high - c.low) / c.benchmark)) for c in ranged
    ]


def test_context_and_stand_ins_look_different_from_real_comparisons(ds: Dataset) -> None:
    result = cs.compare_benchmarks(ds, ds.base)
    ax = cs.charts.benchmark_comparison(result, lang="ja")
    lines = {round(line.get_ydata()[0]): line for line in ax.lines if line.get_gid() == "company"}
    looks = {
        (c.reading.key, line.get_color(), line.get_markerfacecolor())
        for c, line in ((c, lines[row]) for row, c in enumerate(drawn_rows(result)) if row in lines)
    }
    context = {look[1:] for look in looks if look[0] == "reading.context"}
    stand_in = {look[1:] for look in looks if look[0] == "reading.stand_in"}
    real = {look[1:] for look in looks if look[0] not in ("reading.context", "reading.stand_in")}
    assert context == {(theme.CONTEXT, theme.CONTEXT)}
    assert stand_in == {(theme.ACCENT, "white")}
    assert real == {(theme.ACCENT, theme.ACCENT)}


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_benchmarks_without_a_company_figure_or_with_zero_have_no_dot(
    ds: Dataset, lang: str, legible: Legible
) -> None:
    result = cs.compare_benchmarks(ds, ds.base)
    first, second, third, *_ = result.rows
    long = "A publisher with a name that is far too long for the column of a chart"
    crowded = next(c for c in result.rows if c.metric == "accounts_per_csm")
    rows = (
        replace(first, value=math.nan),
        replace(second, benchmark=0.0),
        replace(third, value=1e9, source=long),
        replace(crowded, value=1e7, benchmark=9e6, low=1e6, high=1e8),
    )
    ax = cs.charts.benchmark_comparison(replace(result, rows=rows), lang=lang)
    words = legible(ax)
    assert points(ax, "company") == [(200.0, 2.0), (pytest.approx(111.1, abs=0.1), 3.0)]
    assert "…" in words
    legible(cs.charts.benchmark_comparison(replace(result, rows=()), lang=lang))


def test_a_warning_is_the_headline(ds: Dataset) -> None:
    result = cs.compare_benchmarks(ds, ds.base.replace(monthly_churn=0.05))
    ax = cs.charts.benchmark_comparison(result, lang="en")
    [title] = [text.get_text() for text in ax.texts if text.get_gid() == "title"]
    assert title.startswith("Figures that call for attention: 1 of")


def test_charts_draw_on_given_axes_and_leave_settings_alone(ds: Dataset) -> None:
    before = dict(mpl.rcParams)
    axes = Figure().subplots(1, 3)
    results = (
        cs.diagnose_phase(ds, ds.base),
        cs.size_team(ds, ds.base),
        cs.compare_benchmarks(ds, ds.base),
    )
    charts = (cs.charts.phase_ladder, cs.charts.sizing, cs.charts.benchmark_comparison)
    for chart, result, ax in zip(charts, results, axes, strict=True):
        assert chart(result, ax, "ja") is ax  # type: ignore[operator]
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before
