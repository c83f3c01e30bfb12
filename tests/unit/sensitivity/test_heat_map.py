"""Each cell of a heat map is the model at that point, and the line through it is where the sign changes."""

from __future__ import annotations

import numpy as np
import pytest

from csanalysis.costing.comparison import compare
from csanalysis.costing.outcome import evaluate_outcome
from csanalysis.labels import LANGUAGES
from csanalysis.sensitivity.heat_map import heat_map

PRICE, EFFORT = "resources.bpo.price", "effort"


@pytest.fixture(scope="module")
def found(held):
    ds, sc, plan = held
    return heat_map("npv", ds, sc, PRICE, EFFORT, **plan)


def test_cells_equal_direct_evaluations(held, found) -> None:
    ds, sc, plan = held
    for row in found.to_frame().iloc[::157].to_dict("records"):
        at = sc.replace({PRICE: row[PRICE], EFFORT: row[EFFORT]})
        direct = compare(ds, at, plan["assignment"], plan["baseline"]).npv()[0]
        assert row["value"] == pytest.approx(direct, abs=0.01)


def test_the_point_of_today_is_told(held, found) -> None:
    ds, sc, plan = held
    assert found.here[:2] == (3000, 1)
    outcome = evaluate_outcome(ds, sc, plan["assignment"], plan["baseline"])
    assert found.here[2] == pytest.approx(outcome.npv)
    for lang in LANGUAGES:
        assert len(found.sentences(lang)) == 3


def test_the_line_is_where_the_sign_changes(found) -> None:
    line = found.break_even
    assert len(line)
    step = found.y_values[1] - found.y_values[0]
    for row in line.to_dict("records"):
        column = int(np.abs(found.x_values - row[PRICE]).argmin())
        near = found.values[np.abs(found.y_values - row[EFFORT]) <= step * 1.01, column]
        assert near.min() < 0 <= near.max()


@pytest.mark.slow
def test_levers_of_whole_numbers_take_whole_numbers(held) -> None:
    """A lever such as the horizon changes the shape of the model: each value is a run of its own."""
    ds, sc, plan = held
    found = heat_map("npv", ds, sc, "horizon_months", "start_month", size=7, **plan)
    assert (found.x_values % 1 == 0).all() and (found.y_values % 1 == 0).all()
    x, y = found.x_values[2], found.y_values[1]
    direct = compare(ds, sc.replace(horizon_months=x, start_month=y), plan["assignment"], plan["baseline"])
    assert found.values[1, 2] == pytest.approx(direct.npv()[0], abs=0.01)


@pytest.mark.parametrize(
    ("x", "y"), [(PRICE, PRICE), ("", EFFORT), ("resources.csm.price", "csm_monthly_cost")]
)
def test_two_different_keys_are_needed(held, x: str, y: str) -> None:
    ds, sc, plan = held
    with pytest.raises(ValueError, match=r"two different keys|no parameter|unknown"):
        heat_map("npv", ds, sc, x, y, **plan)


def test_a_map_on_one_side_of_zero_says_so(held) -> None:
    ds, sc, plan = held
    found = heat_map("total_cost", ds, sc, PRICE, EFFORT, size=5, **plan)
    assert len(found.sentences("en")) == 1 and found.break_even.empty
    found = heat_map("staff_saving", ds, sc, PRICE, "discount_rate_annual", size=5, **plan)
    assert "zero or above" in found.sentences("en")[1] and found.break_even.empty
