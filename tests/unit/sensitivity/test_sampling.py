"""Samples: the distributions meant, whatever the block, and no input that passes in silence."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from csanalysis.model.dataset import Dataset
from csanalysis.sensitivity.factors import WIDENING, Factor, factors_of, frame_factors
from csanalysis.sensitivity.sampling import METHODS, rank_correlate, sampler, to_values, unit_points
from csanalysis.sensitivity.shares import check_shares, shares
from csanalysis.vocabulary import Grade

UNIFORM = Factor("x", -1.0, 3.0, 0.0, "uniform")
EVERY = (
    UNIFORM,
    Factor("t", 1.0, 5.0, 2.0, "triangular"),
    Factor("p", 1.0, 5.0, 2.0, "pert"),
    Factor("l", 2.0, 8.0, 4.0, "lognormal"),
    Factor("d", 1.0, 9.0, 1.0, "discrete", values=(1.0, 4.0, 9.0), weights=(1.0, 2.0, 1.0)),
)


def frame(**columns: object) -> pd.DataFrame:
    given_columns = {"key": ["x"], "low": [0.0], "high": [1.0], "distribution": ["uniform"], **columns}
    return pd.DataFrame(given_columns)


def test_inverse_distributions_are_those_of_scipy() -> None:
    p = np.concatenate([[0.0, 1.0], np.linspace(1e-6, 1 - 1e-6, 1001)])
    found = to_values(np.tile(p[:, None], 5), EVERY)
    z = stats.norm.ppf(0.95)
    expected = [
        stats.uniform(-1, 4).ppf(p),
        stats.triang(0.25, 1, 4).ppf(p),
        stats.beta(2, 4, loc=1, scale=4).ppf(p),
        stats.lognorm(s=np.log(4) / (2 * z), scale=4).ppf(p),
    ]
    for row, (values, wanted) in enumerate(zip(found, expected, strict=False)):
        inside = slice(2, None) if EVERY[row].distribution == "lognormal" else slice(None)
        np.testing.assert_allclose(values[inside], wanted[inside], rtol=1e-9)
    assert np.isfinite(found).all()
    assert to_values(np.array([[0.0, 0.24, 0.25, 0.5, 0.76, 1.0]]).T, EVERY[4:]).tolist() == [
        [1, 1, 4, 4, 9, 9]
    ]


def test_low_and_high_of_lognormal_are_its_5_and_95_percent_quantiles() -> None:
    np.testing.assert_allclose(to_values(np.array([[0.05], [0.95]]), EVERY[3:4]), [[2.0, 8.0]])


@given(
    st.floats(-1e9, 1e9),
    st.floats(0, 1e9),
    st.floats(0, 1),
    st.sampled_from(["uniform", "triangular", "pert"]),
)
def test_no_value_lies_outside_its_range(low: float, width: float, peak: float, kind: str) -> None:
    """A value one rounding beyond a hard bound would stop the model."""
    high = low + width
    mode = min(max(low + peak * width, low), high)
    values = to_values(np.linspace(0, 1, 101)[:, None], [Factor("x", low, high, mode, kind)])
    assert low <= values.min() and values.max() <= high


def test_a_lognormal_value_stays_within_the_hard_bounds() -> None:
    bounded = Factor("l", 2.0, 8.0, 4.0, "lognormal", hard_min=1.5, hard_max=9.0)
    values = to_values(np.linspace(0, 1, 101)[:, None], [bounded])
    assert (values.min(), values.max()) == (1.5, 9.0)


@pytest.mark.parametrize("method", METHODS)
def test_the_size_of_a_block_changes_nothing(method: str) -> None:
    matrix = np.full((5, 5), 0.2) + 0.8 * np.eye(5)
    draw = sampler(EVERY, 70_000, method=method, seed=0, correlation=matrix)
    whole = draw.values()
    for size in (999, 4096, 69_999, 200_000):
        assert np.array_equal(np.concatenate(list(draw.blocks(size)), axis=1), whole)
    assert np.array_equal(draw.values(65_000, 66_000), whole[:, 65_000:66_000])
    assert whole.shape == (5, 70_000) and draw.values(7, 7).shape == (5, 0)


@pytest.mark.parametrize("method", METHODS)
def test_seed_0_is_a_seed_and_a_generator_moves_on(method: str) -> None:
    def points(seed: int | np.random.Generator) -> np.ndarray:
        return unit_points(64, 3, method, seed).points

    assert np.array_equal(points(0), points(0)) and not np.array_equal(points(0), points(1))
    rng = np.random.default_rng(5)
    assert not np.array_equal(points(rng), points(rng))
    assert np.array_equal(points(np.random.default_rng(5)), points(np.random.default_rng(5)))


def test_methods_are_stratified_as_their_names_promise() -> None:
    for method, n in (("lhs", 1000), ("sobol", 1024)):
        strata = np.floor(unit_points(n, 4, method).points * n).astype(int)
        assert all(len(set(column)) == n for column in strata.T), method
    assert np.array_equal(unit_points(100, 3).points, unit_points(128, 3).points[:100])


def test_what_a_number_of_points_costs_is_told() -> None:
    assert [note.key for note in unit_points(100, 2).notes] == ["sampling.unbalanced"]
    assert not unit_points(128, 2).notes and not unit_points(100, 2, "lhs").notes
    many = sampler([UNIFORM], 10**7, method="lhs")
    assert [note.key for note in many.notes] == ["sampling.many_hypercubes"]


@pytest.mark.parametrize(
    ("n", "method", "seed", "told"),
    [
        (0, "sobol", 1, "whole number"),
        (2.5, "sobol", 1, "whole number"),
        (True, "sobol", 1, "whole number"),
        (2**31, "sobol", 1, "1,073,741,824"),
        (8, "halton", 1, "halton"),
        (8, "sobol", -1, "seed"),
        (8, "sobol", None, "seed"),
        (8, "sobol", 1.5, "seed"),
    ],
)
def test_settings_out_of_range_are_named(n: int, method: str, seed: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        unit_points(n, 2, method, seed)


def test_rank_correlations_are_reached() -> None:
    wanted = np.array([[1, 0.7, -0.4], [0.7, 1, 0], [-0.4, 0, 1]])
    sample = rank_correlate(unit_points(2**14, 3).points, wanted)
    np.testing.assert_allclose(stats.spearmanr(sample.points).statistic, wanted, atol=0.01)
    assert not sample.notes
    assert stats.kstest(sample.points[:, 0], "uniform").statistic < 0.005


def test_correlations_may_be_given_by_key() -> None:
    keys = ["x", "t", "p", "l", "d"]
    pairs = {("t", "l"): 0.5}
    table = pd.DataFrame([[1, 0.5], [0.5, 1]], index=["t", "l"], columns=["t", "l"])
    matrix = np.eye(5)
    matrix[1, 3] = matrix[3, 1] = 0.5
    found = [sampler(EVERY, 256, correlation=c).values() for c in (pairs, table, matrix)]
    assert np.array_equal(found[0], found[1]) and np.array_equal(found[0], found[2])
    with pytest.raises(ValueError, match="price"):
        rank_correlate(np.zeros((4, 5)), {("t", "price"): 0.5}, keys)


def test_a_correlation_that_cannot_be_is_repaired_and_told() -> None:
    impossible = np.array([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]])
    sample = rank_correlate(unit_points(2**13, 3).points, impossible)
    (note,) = sample.notes
    reached = stats.spearmanr(sample.points).statistic
    assert note.key == "sampling.repaired" and note.level == "warning"
    assert abs(np.abs(reached - impossible).max() - float(str(note.values["change"]))) < 0.02
    assert "not positive definite" in note.sentence("en") and "正定値" in note.sentence("ja")


def test_perfect_correlation_needs_no_repair() -> None:
    sample = rank_correlate(unit_points(256, 2).points, np.ones((2, 2)))
    assert not sample.notes
    np.testing.assert_allclose(sample.points[:, 0], sample.points[:, 1], atol=1e-9)


@pytest.mark.parametrize(
    ("matrix", "told"),
    [
        ([[1, 0.5], [0.4, 1]], "symmetric"),
        ([[1, 1.5], [1.5, 1]], "cannot be 1.5"),
        ([[1, np.nan], [np.nan, 1]], "cannot be nan"),
        ([[2, 0], [0, 1]], "cannot be 2"),
        (np.eye(3), "rows and columns"),
        ({("0", "1"): 0.5, ("1", "0"): 0.4}, "symmetric"),
    ],
)
def test_what_is_no_correlation_is_refused(matrix: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        rank_correlate(np.full((4, 2), 0.5), matrix)  # type: ignore[arg-type]


def test_shares_follow_the_dirichlet_distribution() -> None:
    drawn = shares(20_000, [6.0, 3.0, 1.0], seed=0)
    np.testing.assert_allclose(check_shares(drawn).mean(axis=1), [0.6, 0.3, 0.1], atol=0.005)
    np.testing.assert_allclose(drawn[0].var(), 0.6 * 0.4 / 11, rtol=0.05)
    with pytest.raises(ValueError, match="above 0"):
        shares(10, [1.0, 0.0])


@pytest.mark.parametrize(
    ("found", "told"), [([0.5, 0.4], "not 0.9"), ([1.5, -0.5], "negative"), ([0.5, np.nan], "not nan")]
)
def test_shares_that_do_not_add_up_are_refused(found: list[float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check_shares(found)


def test_weaker_evidence_widens_the_range_up_to_the_hard_bounds(example: Dataset) -> None:
    found = {factor.key: factor for factor in factors_of(example.base)}
    for key, factor in found.items():
        stated, value = example.base.stated(key), example.base.number(key)
        by = WIDENING[Grade(stated.grade)]
        assert factor.low == pytest.approx(max(value - by * (value - stated.low), stated.hard_min))
        assert factor.high == pytest.approx(min(value + by * (stated.high - value), stated.hard_max))
    assert {"monthly_churn", "resources.bpo.price"} <= set(found)
    widths = list(WIDENING.values())
    assert list(WIDENING) == list(Grade) and all(one <= other for one, other in pairwise(widths))


@pytest.mark.parametrize("value", [0.005, 0.03, 0.2])
def test_a_changed_value_is_an_assumption_and_takes_its_range_along(example: Dataset, value: float) -> None:
    """The ends keep their ratio to the value, within or beyond the range that was stated; then they widen."""
    found = factors_of(example.base.replace(monthly_churn=value), ["monthly_churn"])[0]
    high = value * 0.06 / 0.0284
    assert found.grade == Grade.ASSUMPTION and found.mode == value
    assert found.high == pytest.approx(min(value + 2 * (high - value), 1.0))
    assert "monthly_churn" in {factor.key for factor in factors_of(example.base.replace(monthly_churn=value))}


def test_a_lever_is_sampled_only_where_it_is_named(example: Dataset) -> None:
    assert "arr" not in {factor.key for factor in factors_of(example.base)}
    money, persons = factors_of(example.base, ["arr", "cs_headcount"])
    assert money.distribution == "uniform"
    assert persons.distribution == "discrete" and set(np.diff(persons.values)) == {1.0}


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (["product_type"], "no number"),
        (["new_accounts_per_month"], "no number"),
        (["no_such_key"], "no_such_key"),
        (["effort", "effort"], "twice"),
        (["resources.bpo.notice_months"], "no range"),
    ],
)
def test_keys_that_cannot_be_sampled_are_named(example: Dataset, keys: list[str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        factors_of(example.base, keys)


def test_several_values_at_once_are_refused(example: Dataset) -> None:
    many = example.base.replace(effort=np.array([0.9, 1.1]))
    with pytest.raises(ValueError, match="effort"):
        factors_of(many, ["effort"])


def test_a_table_of_factors_is_read_with_its_optional_columns() -> None:
    rows = pd.DataFrame(
        {
            "key": ["a", "b", "c"],
            "low": [0, 1, None],
            "high": [4, 2, None],
            "distribution": ["PERT", "uniform", "discrete"],
            "mode": [1, None, None],
            "values": [None, None, "3; 1; 2"],
            "weights": [None, None, [1, 0, 1]],
            "grade": ["measured", None, "opinion"],
        }
    )
    a, b, c = frame_factors(rows)
    assert (a.mode, a.distribution, a.grade) == (1.0, "pert", "measured")
    assert (b.mode, b.grade) == (1.5, "")
    assert (c.low, c.high, c.values, c.weights) == (1.0, 3.0, (3.0, 1.0, 2.0), (1.0, 0.0, 1.0))


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"low": [2.0]}, "x: low 2.0 is above high 1.0"),
        ({"distribution": ["normal"]}, "normal"),
        ({"distribution": ["none"]}, "none"),
        ({"high": [np.inf]}, "not finite"),
        ({"low": [None]}, "None is no number"),
        ({"low": [np.nan]}, "not finite"),
        ({"low": ["much"]}, "much"),
        ({"distribution": ["pert"], "mode": [2.0]}, "mode 2.0"),
        ({"distribution": ["lognormal"]}, "above 0"),
        ({"distribution": ["discrete"]}, "values"),
        ({"distribution": ["discrete"], "values": ["1;2"], "weights": ["1"]}, "weights"),
        ({"distribution": ["discrete"], "values": ["1;2"], "weights": ["0;0"]}, "weights"),
        ({"distribution": ["discrete"], "values": ["1;2"], "weights": ["1;inf"]}, "weights"),
        ({"key": ["x", "x"], "low": [0, 0], "high": [1, 1], "distribution": ["uniform"] * 2}, "twice: x"),
        ({"key": [], "low": [], "high": [], "distribution": []}, "no input"),
    ],
)
def test_a_table_that_cannot_be_sampled_is_refused(columns: dict[str, list[object]], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        frame_factors(frame(**columns))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="lacks distribution"):
        frame_factors(frame().drop(columns="distribution"))


def test_a_range_without_width_is_kept_and_told() -> None:
    (fixed,) = frame_factors(frame(low=[1.0]))
    draw = sampler([fixed, UNIFORM], 16)
    assert fixed.is_constant and set(draw.values()[0]) == {1.0}
    assert [note.key for note in draw.notes] == ["sampling.constant"]
    with pytest.raises(ValueError, match="no input"):
        sampler([], 16)


def test_points_of_another_width_than_the_factors_are_refused() -> None:
    with pytest.raises(ValueError, match="3 dimensions"):
        to_values(np.zeros((4, 3)), [UNIFORM])
