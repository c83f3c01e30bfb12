"""Scenario discovery is told in sentences that people act on: the boxes must be where the failures are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from csanalysis.labels import LANGUAGES
from csanalysis.sensitivity.failure_map import failure_map
from csanalysis.sensitivity.monte_carlo import monte_carlo


def corner(x):
    """Fails in one corner: x above 0.7 and y below 0.4, 12 % of the square."""
    return np.where((x[:, 0] > 0.7) & (x[:, 1] < 0.4), -1.0, 1.0)


def test_a_known_box_is_found(two) -> None:
    found = failure_map(corner, factors=two)
    box = found.boxes[0]
    assert len(found.boxes) == 1
    assert box.limits["x"][0] == pytest.approx(0.7, abs=0.01) and box.limits["x"][1] == np.inf
    assert box.limits["y"][1] == pytest.approx(0.4, abs=0.01) and box.limits["y"][0] == -np.inf
    assert box.coverage > 0.98 and box.density > 0.95
    assert found.failing == pytest.approx(0.12, abs=0.01)
    assert box.density_low <= box.density <= box.density_high


def test_coverage_and_density_are_measured_on_scenarios_of_their_own(held) -> None:
    """A third sample agrees with the figures told: they are not those the tree was fitted to."""
    ds, sc, plan = held
    other = monte_carlo("npv", ds, sc, n=2**14, seed=99, **plan)
    inputs, failed = other.inputs(), other.outputs["npv"] < 0
    found = failure_map("npv", ds, sc, seed=1, threshold=0, **plan)
    for box in found.boxes:
        inside = np.ones(len(inputs), bool)
        for key, (least, most) in box.limits.items():
            inside &= (inputs[key] > least) & (inputs[key] <= most)
        assert failed[inside].mean() == pytest.approx(box.density, abs=0.03)
        assert (failed & inside).sum() / failed.sum() == pytest.approx(box.coverage, abs=0.03)
        assert box.density_low > found.failing
    assert found.safe is not None and found.safe.density_high < found.failing
    for lang in LANGUAGES:
        assert len(found.sentences(lang)) >= len(found.boxes) + 2


def test_boxes_that_touch_are_one_sentence(two) -> None:
    """A cut that parts two boxes of the same kind says nothing."""
    found = failure_map(lambda x: x[:, 0] - 0.6, factors=two)
    assert [list(box.limits) for box in found.boxes] == [["x"]]


def test_costs_fail_above_their_threshold(held) -> None:
    ds, sc, plan = held
    found = failure_map("total_cost", ds, sc, threshold=30e6, n=2**12, **plan)
    assert "above JPY 30M" in found.sentences("en")[0]
    assert 0 < found.failing < 1 and found.boxes


@pytest.mark.parametrize(("value", "word"), [(1.0, "No scenario fails"), (-1.0, "Every scenario fails")])
def test_all_or_none(two, value: float, word: str) -> None:
    found = failure_map(lambda x: np.full(len(x), value), factors=two, n=400)
    assert not found.boxes and found.safe is None and word in found.sentences("en")[1]
    assert found.to_frame().empty


def test_failures_without_a_pattern_are_said_to_have_none() -> None:
    rng = np.random.default_rng(0)
    names = pd.DataFrame({"key": ["x", "y"], "low": 0.0, "high": 1.0, "distribution": "uniform"})
    found = failure_map(lambda x: rng.choice([-1.0, 1.0], size=len(x), p=[0.3, 0.7]), factors=names)
    assert not found.boxes and "scattered" in found.sentences("en")[1]


def test_without_a_threshold_failing_is_a_loss_that_no_hire_pays_for(held) -> None:
    ds, sc, plan = held
    found = failure_map("npv", ds, sc, n=2**12, **plan)
    losses = monte_carlo("npv", ds, sc, n=2**12, **plan).answers["loss"]
    assert found.failing == pytest.approx(losses, abs=0.03) and found.kind == "loss"
    assert "not even the price of a hire avoided" in found.sentences("en")[0]


def test_a_metric_without_a_meaningful_sign_needs_a_threshold(held) -> None:
    ds, sc, plan = held
    with pytest.raises(ValueError, match="without a meaningful sign"):
        failure_map("total_cost", ds, sc, **plan)


def test_boxes_go_to_parquet(tmp_path, two) -> None:
    found = failure_map(corner, factors=two, n=2000)
    assert len(pd.read_parquet(found.write(tmp_path / "boxes.parquet"))) == len(found.to_frame())


@pytest.mark.parametrize("settings", [{"n": 10}, {"depth": 0}, {"depth": 9}, {"threshold": np.nan}])
def test_settings_out_of_range(two, settings) -> None:
    with pytest.raises(ValueError, match="must be"):
        failure_map(corner, factors=two, **settings)


def test_the_same_seed_gives_the_same_map(two) -> None:
    """Compared as shown: since Python 3.13 dataclasses that hold NaN, here no hard bound, equal nothing."""
    one, other = (failure_map(corner, factors=two, n=2000, seed=0) for _ in range(2))
    assert repr(one) == repr(other) and one.boxes
