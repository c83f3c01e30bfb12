"""A tornado is read as "what would have to be true": its ends and its turning points must be the model's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.costing.cases import standing
from csanalysis.costing.comparison import compare
from csanalysis.costing.outcome import evaluate_outcome
from csanalysis.labels import LANGUAGES
from csanalysis.sensitivity.tornado import tornado


@pytest.fixture(scope="module")
def found(held):
    ds, sc, plan = held
    return tornado("npv", ds, sc, **plan)


def test_ends_equal_direct_evaluations(held, found) -> None:
    """Every bar ends where the model itself, asked for that one scenario, says."""
    ds, sc, plan = held
    frame = found.to_frame()
    for row in frame.to_dict("records"):
        for end in ("low", "high"):
            direct = compare(ds, sc.replace({row["key"]: row[end]}), plan["assignment"], plan["baseline"])
            assert row[f"at_{end}"] == pytest.approx(direct.npv()[0], abs=0.01)


def test_turning_points_change_the_conclusion(held, found) -> None:
    ds, sc, plan = held
    now = standing(compare(ds, sc, plan["assignment"], plan["baseline"]))[0]
    turning = found.to_frame().query("turns")
    assert len(turning) >= 3
    for row in turning.to_dict("records"):
        step = 1e-6 * (row["high"] - row["low"]) * np.sign(row["flips_at"] - row["today"])
        after = sc.replace({row["key"]: float(np.clip(row["flips_at"] + step, row["low"], row["high"]))})
        assert standing(compare(ds, after, plan["assignment"], plan["baseline"]))[0] != now
        close = row["flips_at"] - (row["flips_at"] - row["today"]) * 1e-2
        before = sc.replace({row["key"]: float(close)})
        assert standing(compare(ds, before, plan["assignment"], plan["baseline"]))[0] == now


def test_both_sides_and_the_end_of_another_answer_are_told(held, found) -> None:
    """A price may turn a hire avoided into a gain below, and into a loss above; growth only for a stretch."""
    ds, sc, plan = held
    turns = dict(zip((f.key for f in found.factors), found.turns, strict=True))
    assert found.answer == "hire"
    assert {t.answer for t in turns["resources.bpo.price"]} == {"gain", "loss"}
    assert all(np.isnan(t.until) for t in turns["resources.bpo.price"])
    stretch = next(t for t in turns["growth_monthly"] if t.at > sc["growth_monthly"])
    assert stretch.answer == "gain" and stretch.at < stretch.until < 0.03
    beyond = sc.replace(growth_monthly=stretch.until + 0.001)
    assert standing(compare(ds, beyond, plan["assignment"], plan["baseline"]))[0] == "hire"
    told = " ".join(found.sentences("en"))
    assert "a gain at JPY 2,669/hour or less; a loss at JPY 4,1" in told and "changes again" in told


def test_metrics_without_an_answer_turn_nothing(held) -> None:
    """The sign of a cost says nothing: no sentence may claim that an answer stands or changes."""
    ds, sc, plan = held
    found = tornado("total_cost", ds, sc, **plan)
    assert not found.overturning
    assert "answer" not in " ".join(found.sentences("en"))


def test_the_curve_goes_to_parquet(tmp_path, two) -> None:
    found = tornado(lambda x: 2 * x[:, 0] - x[:, 1], factors=two)
    again = pd.read_parquet(found.write(tmp_path / "tornado.parquet"))
    pd.testing.assert_frame_equal(again, found.curve(), check_dtype=False)


def test_the_turning_price_is_the_break_even_price(held, found) -> None:
    """Two ways to one number: the root that the outcome solves for, and the search of the tornado."""
    ds, sc, plan = held
    frame = found.to_frame().set_index("key")
    exact = evaluate_outcome(ds, sc, plan["assignment"], plan["baseline"]).break_even_price
    assert frame.loc["resources.bpo.price", "flips_at"] == pytest.approx(exact, abs=0.2)


def test_the_saw_between_the_ends_is_seen(found) -> None:
    """Whole heads make more work worth more and less in turn: the ends alone would hide it."""
    frame = found.to_frame().set_index("key")
    effort = frame.loc["effort"]
    assert effort["most"] > max(effort["at_low"], effort["at_high"])
    assert (frame["swing"].diff().dropna() <= 0).all()


def test_a_function_of_ones_own(two) -> None:
    found = tornado(lambda x: 2 * x[:, 0] - x[:, 1], factors=two)
    frame = found.to_frame().set_index("key")
    assert frame.loc["x", "swing"] == pytest.approx(2) and frame.loc["y", "swing"] == pytest.approx(1)
    assert found.base == pytest.approx(0.5)
    assert frame.loc["x", "flips_at"] == pytest.approx(0.25, abs=1e-3)
    assert np.isnan(frame.loc["y", "flips_at"])  # zero at the very end, never below


def test_a_constant_metric_moves_nothing(two) -> None:
    found = tornado(lambda x: np.full(len(x), 7.0), factors=two)
    assert (found.to_frame()["swing"] == 0).all() and not found.overturning
    assert "No number moves" in found.sentences("en")[0]


def test_an_input_without_width_is_told(two) -> None:
    two.loc[1, "high"] = 0.0
    found = tornado(lambda x: x.sum(axis=1), factors=two)
    assert found.to_frame().set_index("key").loc["y", "swing"] == 0
    assert any("y" in sentence for sentence in found.sentences("en")[-1:])


def test_a_metric_that_is_not_finite_is_an_error(two) -> None:
    with pytest.raises(ValueError, match=r"not finite at .* x = .*有限"), np.errstate(all="ignore"):
        tornado(lambda x: np.log(x[:, 0] - 0.5), factors=two)


def test_discrete_inputs_take_their_values_only() -> None:
    frame = pd.DataFrame(
        {"key": ["k"], "low": [1], "high": [5], "distribution": ["discrete"], "values": ["1;2;5"]}
    )
    seen = []
    tornado(lambda x: seen.append(np.unique(x)) or x[:, 0] - 2.5, factors=frame)
    assert set(np.concatenate(seen)) <= {1.0, 2.0, 3.0, 5.0}  # 3: the middle, where it stands


def test_it_speaks_both_languages(found) -> None:
    for lang in LANGUAGES:
        assert len(found.sentences(lang)) >= 6


@pytest.mark.parametrize("analysis", [cs.tornado, cs.sobol, cs.failure_map, cs.heat_map])
def test_several_metrics_at_once_are_refused_by_name(held, analysis) -> None:
    ds, sc, plan = held
    with pytest.raises(ValueError, match=r"name one metric.*'heads'.*指標は1つずつ"):
        analysis(["npv", "heads"], ds, sc, **plan)
