"""Charts of sensitivity: what is drawn is what was found, and all words fit in both languages."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

import csanalysis as cs
from csanalysis.charts.distribution import OUTSIDE, bin_edges
from csanalysis.charts.frame import title_of
from csanalysis.charts.sensitivity import MOST_INPUTS
from csanalysis.charts.sensitivity_boxes import MOST_BOXES
from csanalysis.charts.sensitivity_map import map_colours
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.sensitivity.failure_boxes import Box
from csanalysis.sensitivity.failure_map import FailureMap
from csanalysis.sensitivity.heat_map import HeatMap
from csanalysis.sensitivity.monte_carlo import MonteCarlo
from csanalysis.sensitivity.sobol import SobolIndices
from csanalysis.sensitivity.tornado import Tornado

Legible = Callable[[Axes], str]
Found = tuple[Tornado, SobolIndices, MonteCarlo, HeatMap, FailureMap]
LANGUAGES = pytest.mark.parametrize("lang", ["ja", "en"])
CASES = {
    "default": {},
    "launch phase: nothing goes outside": {"cs_headcount": 2.0, "cs_fte": 2.0},
    "large": {"accounts": 1e7, "arr": 1e13, "cs_fte": 10_000.0, "horizon_months": 36.0},
    "a few yen": {"accounts": 1.0, "arr": 1e5, "new_accounts_per_month": 0.0, "effort": 0.01},
}


def study(ds: Dataset, sc: Scenario, metric: str = "npv") -> Found:
    held = {"assignment": cs.playbook_assignment(ds, sc), "baseline": "in_house"}
    moved = cs.tornado(metric, ds, sc, **held)
    x, y = moved.to_frame()["key"][:2]
    return (
        moved,
        cs.sobol(metric, ds, sc, n=2**6, **held),
        cs.monte_carlo(metric, ds, sc, n=2**10, **held),
        cs.heat_map(metric, ds, sc, x, y, size=33, **held),
        cs.failure_map(metric, ds, sc, n=2**11, threshold=None if metric == "npv" else 1.0, **held),
    )


def drawn(found: Found, lang: str) -> tuple[Axes, ...]:
    moved, indices, spread, pair, failures = found
    return (
        cs.charts.tornado(moved, lang=lang),
        cs.charts.total_effects(indices, lang=lang),
        cs.charts.distribution(spread, lang=lang),
        cs.charts.heat_map(pair, lang=lang),
        cs.charts.failure_map(failures, lang=lang),
    )


@pytest.fixture(scope="module")
def found(ds: Dataset) -> Found:
    return study(ds, ds.base)


@pytest.mark.parametrize("case", CASES)
def test_every_chart_is_legible(ds: Dataset, case: str, legible: Legible) -> None:
    results = study(ds, ds.base.replace(CASES[case]))
    for lang in ("ja", "en"):
        for ax in drawn(results, lang):
            words = legible(ax)
            assert title_of(ax) and "chart." not in words and "nan" not in words


@pytest.mark.parametrize("metric", ["fte_peak", "hires_avoided"])
def test_metrics_that_are_no_gain_are_legible(ds: Dataset, metric: str, legible: Legible) -> None:
    """Needs in FTE have no sign, and heads only a few values."""
    results = study(ds, ds.base, metric)
    for lang in ("ja", "en"):
        for ax in drawn(results, lang):
            legible(ax)


@LANGUAGES
def test_a_function_of_ones_own_with_long_names_is_legible(lang: str, legible: Legible) -> None:
    name = "顧客の定着にかかる手間の見込みの倍率(導入から半年まで)" if lang == "ja" else "an input " * 12
    table = pd.DataFrame(
        {"key": [*"xyz"], "low": [-1e9, 0.0, 1.0], "high": [1e9, 1e-6, 1.0], "distribution": "uniform"}
    ).assign(label_ja=name, label_en=name)

    def function(x: np.ndarray) -> np.ndarray:
        return np.asarray(x[:, 0] + 1e12 * x[:, 1])

    legible(cs.charts.tornado(cs.tornado(function, factors=table), lang=lang))
    legible(cs.charts.total_effects(cs.sobol(function, factors=table, n=64), lang=lang))
    legible(cs.charts.distribution(cs.monte_carlo(function, factors=table, n=256), lang=lang))
    legible(cs.charts.failure_map(cs.failure_map(function, factors=table, n=512), lang=lang))


def test_bars_of_the_tornado_end_at_the_metric_at_the_ends(found: Found) -> None:
    moved = found[0]
    ax = cs.charts.tornado(moved, lang="en")
    rows = moved.to_frame().head(MOST_INPUTS)
    for end in ("low", "high"):
        bars = [bar for bar in ax.patches if bar.get_gid() == end]
        assert [bar.get_x() + bar.get_width() for bar in bars] == pytest.approx(list(rows[f"at_{end}"]))
    whole = [np.asarray(line.get_xdata()) for line in ax.lines if line.get_gid() == "range"]
    assert np.array(whole) == pytest.approx(rows[["least", "most"]].to_numpy())
    [today] = [line for line in ax.lines if line.get_gid() == "today"]
    assert np.asarray(today.get_xdata())[0] == moved.base


def test_the_tornado_marks_today_and_where_the_answer_changes(found: Found) -> None:
    """Read back from the scale beside the name: place times width plus low end is the value."""
    moved = found[0]
    [scale] = cs.charts.tornado(moved, lang="en").child_axes
    rows = moved.to_frame().head(MOST_INPUTS)

    def marks(name: str) -> dict[int, float]:
        lines = [line for line in scale.lines if line.get_gid() == name]
        ends = [
            (int(np.asarray(line.get_ydata())[0]), float(np.asarray(line.get_xdata())[0])) for line in lines
        ]
        return {row: rows["low"][row] + place * (rows["high"] - rows["low"])[row] for row, place in ends}

    assert marks("now") == pytest.approx(dict(rows["today"]))
    assert marks("turn") == pytest.approx(dict(rows.loc[rows["turns"], "flips_at"]))


def test_the_nearest_turning_points_are_never_left_out() -> None:
    """Eleven inputs move the metric more than the one that turns the answer."""
    names = [f"x{n}" for n in range(12)]
    table = pd.DataFrame({"key": names, "low": 0.0, "high": 1.0, "distribution": "triangular", "mode": 0.5})
    moved = cs.tornado(
        lambda x: 1 + 100 * ((x[:, :11] - 0.5) ** 2).sum(axis=1) - 3 * (x[:, 11] - 0.5), factors=table
    )
    assert moved.overturning == (11,)
    words = [shown.get_text() for shown in cs.charts.tornado(moved, lang="en").texts]
    assert "X11" in words and sum(word.startswith("X") for word in words) == MOST_INPUTS


def test_effects_are_drawn_with_their_intervals(found: Found) -> None:
    indices = found[1]
    ax = cs.charts.total_effects(indices, lang="en")
    rows = indices.to_frame().iloc[list(indices.order[:MOST_INPUTS])]
    for name in ("first", "total"):
        widths = [bar.get_width() for bar in ax.patches if bar.get_gid() == name]
        assert widths == pytest.approx(list(rows[name]))
    ends = [np.asarray(line.get_xdata()) for line in ax.lines if line.get_gid() == "interval"]
    assert np.array(ends) == pytest.approx(rows[["total_low", "total_high"]].to_numpy())


def test_the_histogram_holds_every_scenario_inside_and_parts_at_zero(found: Found) -> None:
    spread = found[2]
    values, ax = spread.outputs["npv"], cs.charts.distribution(spread, lang="en")
    edges = bin_edges(values)
    parts = {str(part.get_gid()): part.get_data() for part in ax.patches if isinstance(part, StepPatch)}
    counted = sum(np.nansum(part.values) for part in parts.values())
    assert counted == ((values >= edges[0]) & (values <= edges[-1])).sum()
    assert counted >= (1 - 2 * OUTSIDE) * spread.n - 2
    assert np.abs(edges).min() == 0
    marks = {line.get_gid(): np.asarray(line.get_xdata()) for line in ax.lines}
    row = spread.to_frame().iloc[0]
    assert marks["median"][0] == row["q50"] and list(marks["most"]) == [row["q05"], row["q95"]]
    middle = (edges[:-1] + edges[1:]) / 2
    inside = {name: middle[np.isfinite(part.values)] for name, part in parts.items()}
    assert inside["tail"].max() <= np.quantile(values, 1 - spread.level) < inside["below"].min()
    assert inside["below"].max() < 0 < inside["above"].min()
    [below] = [line for line in ax.child_axes[0].lines if line.get_gid() == "at zero"]
    assert np.asarray(below.get_ydata())[0] == pytest.approx(1 - row["p_positive"])


@pytest.mark.parametrize(
    "values", [[5.0], [0.0, 1.0], [0.0] * 50 + [3.0] * 50, [1e-9, 2e-9, 4e-9], [-1e15, 0, 1e15]]
)
def test_bins_rise_and_hold_all_of_few_values(values: list[float]) -> None:
    edges = bin_edges(np.array(values))
    assert (np.diff(edges) > 0).all() and edges[0] <= min(values) and edges[-1] >= max(values)


def test_zero_is_the_middle_of_the_colours_of_the_map(found: Found) -> None:
    pair = found[3]
    ax = cs.charts.heat_map(pair, lang="en")
    [mesh] = [each for each in ax.collections if each.get_gid() == "metric"]
    assert np.asarray(mesh.get_array()) == pytest.approx(pair.values)
    assert mesh.norm(0.0) == pytest.approx(0.5)
    [here] = [line for line in ax.lines if line.get_gid() == "here"]
    assert (np.asarray(here.get_xdata())[0], np.asarray(here.get_ydata())[0]) == pair.here[:2]


def test_the_line_of_break_even_runs_where_the_metric_is_zero(found: Found) -> None:
    pair = found[3]
    [line] = [c for c in cs.charts.heat_map(pair, lang="en").collections if c.get_gid() == "break even"]
    points = np.concatenate([path.vertices for path in line.get_paths()])
    step = np.diff(pair.y_values)[0]
    for x, y in pair.break_even.to_numpy():
        near = np.abs(points[:, 0] - x) < 1e-6 * abs(x)
        assert np.abs(points[near, 1] - y).min() < step


@pytest.mark.parametrize("values", [np.zeros((2, 2)), np.ones((1, 3)), np.arange(6.0).reshape(2, 3)])
def test_maps_of_one_sign_have_colours_too(values: np.ndarray) -> None:
    norm, _ = map_colours(values)
    assert norm.vmin is not None and norm.vmax is not None and norm.vmin < norm.vmax


def test_boxes_cover_the_part_of_the_range_that_they_name(found: Found) -> None:
    failures = found[4]
    ax = cs.charts.failure_map(failures, lang="en")
    by_key = {factor.key: factor for factor in failures.factors}
    bars = [bar for bar in ax.patches if bar.get_gid() == "fails"]
    limits = [item for box in failures.boxes[:MOST_BOXES] for item in box.limits.items()]
    for bar, (key, (least, most)) in zip(bars, limits, strict=True):
        low, high = by_key[key].low, by_key[key].high
        ends = max(least, low), min(most, high)
        shown = [low + place * (high - low) for place in (bar.get_x(), bar.get_x() + bar.get_width())]
        assert shown == pytest.approx(ends)


@LANGUAGES
def test_many_boxes_and_none_fit(found: Found, lang: str, legible: Legible) -> None:
    failures = found[4]
    keys = [factor.key for factor in failures.factors[:3]]
    box = Box({key: (-np.inf, np.inf) for key in keys}, 0.9, 0.8, 0.95, 0.2, 0.1)
    for boxes, failing in (((box,) * 6, 0.5), ((), 0.5), ((), 0.0), ((), 1.0)):
        changed = {**vars(failures), "boxes": boxes, "failing": failing, "safe": box if boxes else None}
        ax = cs.charts.failure_map(FailureMap(**changed), lang=lang)
        legible(ax)
        assert len([bar for bar in ax.patches if bar.get_gid() == "fails"]) == 3 * min(len(boxes), MOST_BOXES)


def test_given_axes_are_drawn_on(found: Found) -> None:
    moved, indices, spread, pair, failures = found
    for chart, result in (
        (cs.charts.tornado, moved),
        (cs.charts.total_effects, indices),
        (cs.charts.distribution, spread),
        (cs.charts.heat_map, pair),
        (cs.charts.failure_map, failures),
    ):
        ax = Figure().subplots()
        assert chart(result, ax, "ja") is ax
