"""The grid behind a slider without a kernel: every point is the model's own answer, and faults are told."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

import csanalysis as cs
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Parameter
from csanalysis.widgets import grid, measures
from csanalysis.widgets.grid import grid_values, whatif_grid


@pytest.fixture(scope="module")
def ds() -> Dataset:
    return cs.load_dataset(Path(__file__).parents[3] / "data", lang="en")


def test_every_point_is_what_the_model_says(ds: Dataset) -> None:
    found = whatif_grid(ds, ds.base, ["arr", "cs_cost_ratio"], ["sizing"], "en")
    assert found is not None and json.loads(json.dumps(found)) == found
    slider = found["sliders"][0]
    assert slider["points"][slider["base"]]["value"] == "JPY 300.3M/year"
    assert found["figures"][slider["drawn"]] == "FTE needed: (a) share of ARR"  # the first does not move
    for point in slider["points"]:
        sizing = cs.size_team(ds, ds.base.replace(arr=point["x"]))
        assert point["y"] == sizing.method("cost_ratio").fte and point["fault"] == ""
        assert point["cells"][0] == "4.36 FTE"
    ends = [slider["points"][n]["x"] for n in (0, -1)]
    assert ends[0] <= 1e8 and ends[1] >= 1e9


def test_choices_are_complete_and_words_have_no_place_in_a_chart(ds: Dataset) -> None:
    found = whatif_grid(ds, ds.base, ["product_type"], ["quadrant"], "en")
    assert found is not None
    assert [point["value"] for point in found["sliders"][0]["points"]] == [
        "replaces existing work",
        "proposes new work",
    ]


def test_an_impossible_combination_is_told_at_its_point(ds: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails_when_large(ds: Dataset, sc: object) -> tuple[measures.Measure, ...]:
        if sc["cs_headcount"] > 20:  # type: ignore[index]
            raise ValueError("no plan for so many\nand more")
        return (measures.Measure("measure.persons", 1.0, "person"),)

    monkeypatch.setitem(measures.MEASURES, "phase", fails_when_large)
    found = whatif_grid(ds, ds.base, ["cs_headcount"], ["phase"], "en")
    assert found is not None
    last = found["sliders"][0]["points"][-1]
    assert last["fault"] == "cannot be computed here (no plan for so many)"
    assert (last["y"], last["cells"]) == (None, ["-"])


def test_views_without_figures_have_no_sliders(ds: Dataset) -> None:
    assert whatif_grid(ds, ds.base, ["arr"], ["unknown"], "en") is None


@pytest.mark.parametrize("own", [0.0284, 0.06, 0.2])
def test_the_scenarios_own_value_is_among_the_points(own: float) -> None:
    parameter = Parameter("k", "ratio", own, low=0.01, high=0.06, hard_min=0, hard_max=1, step=0.001)
    values = grid_values(parameter, own)
    assert own in values and values == sorted(set(values)) and len(values) in (grid.POINTS, grid.POINTS + 1)
    assert values[0] <= 0.01 + 1e-9 and values[-1] >= 0.06 - 1e-9


def test_a_wide_range_has_points_in_every_decade() -> None:
    parameter = Parameter("arr", "JPY/year", 3e8, low=1e6, high=1e12, hard_min=1e6, hard_max=1e12)
    values = [float(str(value)) for value in grid_values(parameter, 3e8)]
    assert (
        3e8 in values
        and values[0] == pytest.approx(1e6, rel=0.03)
        and values[-1] == pytest.approx(1e12, rel=0.03)
    )
    assert max(b / a for a, b in itertools.pairwise(values)) < 30


def test_a_panel_leaves_the_grid_only_where_a_report_asks(
    ds: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = cs.scenario_panel(ds, ds.base, controls=["cs_headcount"], views=["phase"])
    assert grid.MIME not in panel._repr_mimebundle_()
    monkeypatch.setenv(grid.WHATIF, "1")
    assert panel._repr_mimebundle_()[grid.MIME]["sliders"][0]["label"] == "CS persons"
