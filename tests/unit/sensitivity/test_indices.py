"""Sobol indices on inputs that go wrong in practice, and what they say in words."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from csanalysis.costing.scenario_runs import METRICS
from csanalysis.labels import has
from csanalysis.model.dataset import Dataset
from csanalysis.sensitivity.factors import Factor
from csanalysis.sensitivity.indices import Outputs, estimate
from csanalysis.sensitivity.sobol import SobolIndices, sobol


def unit_frame(d: int, **columns: object) -> pd.DataFrame:
    keys = [f"x{i}" for i in range(d)]
    return pd.DataFrame({"key": keys, "low": 0.0, "high": 1.0, "distribution": "uniform", **columns})


def weighted(x: np.ndarray) -> np.ndarray:
    """Shares of the variance 16 : 4 : 1."""
    return x @ np.array([4.0, 2.0, 1.0])


def keys_of(found: SobolIndices) -> list[str]:
    return [finding.key.removeprefix("sobol.finding.") for finding in found.findings]


@pytest.mark.parametrize("size", [0.0, 7.0, 1e9, 1e-9])
def test_a_constant_metric_gives_zeros(size: float) -> None:
    """Also where it varies by rounding alone."""
    found = sobol(lambda x: size * (1 + 1e-15 * x[:, 0]), factors=unit_frame(3), n=64)
    numbers = found.to_frame().drop(columns="key").to_numpy()
    assert (numbers == 0).all()
    assert keys_of(found) == ["constant"] and found.measure_next == ()


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_the_size_of_a_metric_does_not_matter(size: float) -> None:
    found = sobol(lambda x: size * (weighted(x) + 100), factors=unit_frame(3), n=256)
    usual = sobol(lambda x: weighted(x) + 100, factors=unit_frame(3), n=256)
    np.testing.assert_allclose(found.to_frame()["total_high"], usual.to_frame()["total_high"], rtol=1e-9)


def test_one_input_explains_everything() -> None:
    found = sobol(lambda x: np.exp(x[:, 0]), factors=unit_frame(1), n=2**10)
    row = found.to_frame().iloc[0]
    assert row["first"] == pytest.approx(1, abs=0.01) and row["total"] == pytest.approx(1, abs=0.01)


def test_an_input_without_width_has_no_effect_and_is_told() -> None:
    found = sobol(weighted, factors=unit_frame(3, low=[0.0, 1.0, 0.0]), n=256)
    assert found.to_frame().loc[1, ["first", "total", "total_high"]].tolist() == [0, 0, 0]
    assert "sampling.constant" in keys_of(found)


def test_a_number_that_is_no_power_of_two_is_rounded_up_and_told() -> None:
    found = sobol(weighted, factors=unit_frame(3), n=1000)
    assert found.n == 1024 and found.evaluations == 5 * 1024
    assert "1,000" in next(s for s in found.sentences("en") if "rounded" in s)
    assert sobol(weighted, factors=unit_frame(3), n=1000, method="random").n == 1000
    assert sobol(weighted, factors=unit_frame(3), n=1).n == 2


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_a_metric_that_is_not_finite_is_named_with_a_point(bad: float) -> None:
    def broken(x: np.ndarray) -> np.ndarray:
        return np.where(x[:, 0] > 0.5, bad, x[:, 1])

    with pytest.raises(ValueError, match="not finite at") as caught:
        sobol(broken, factors=unit_frame(2), n=1024)
    count, evaluated = re.search(r"at (\d+) of (\d+)", str(caught.value)).groups()  # type: ignore[union-attr]
    point = re.search(r"at the inputs ([\d.]+), ([\d.]+)", str(caught.value)).groups()  # type: ignore[union-attr]
    assert int(evaluated) == 4096 and int(count) == pytest.approx(2048, abs=20)
    assert float(point[0]) > 0.5


def test_a_metric_of_another_shape_is_named() -> None:
    with pytest.raises(ValueError, match="shape"):
        sobol(lambda x: x, factors=unit_frame(2), n=64)


def test_a_metric_cannot_change_its_inputs() -> None:
    """Columns are shared between calls, so a change would spoil the next one unseen."""

    def careless(x: np.ndarray) -> np.ndarray:
        x -= 1
        return x[:, 0]

    with pytest.raises(ValueError, match="read-only"):
        sobol(careless, factors=unit_frame(2), n=64)


def test_settings_and_missing_inputs_are_named() -> None:
    for settings in ({"confidence": 1.0}, {"resamples": 1}, {"n": 0}, {"method": "saltelli"}):
        with pytest.raises(ValueError):
            sobol(weighted, factors=unit_frame(3), **settings)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="needs factors"):
        sobol(weighted)
    with pytest.raises(ValueError, match="dataset"):
        sobol("npv")


def test_a_seed_repeats_and_blocks_do_not_matter() -> None:
    """The second function is evaluated in other blocks; zero is a seed like any."""
    one, same, other = (sobol(weighted, factors=unit_frame(3), n=2**13, seed=s) for s in (0, 0, 1))
    pd.testing.assert_frame_equal(one.to_frame(), same.to_frame())
    assert not one.to_frame().equals(other.to_frame())
    rng = np.random.default_rng(3)
    assert sobol(weighted, factors=unit_frame(3), n=64, seed=rng).seed != 3


def test_errors_shrink_with_the_sample_and_cover_the_truth() -> None:
    """Pseudo-random points: intervals at 95 % must hold the truth in about 95 of 100 runs."""
    truth = np.array([16, 4, 1]) / 21
    inside = []
    for seed in range(100):
        found = sobol(weighted, factors=unit_frame(3), n=2**11, seed=seed, method="random").to_frame()
        for order in ("first", "total"):
            inside.append((found[f"{order}_low"] <= truth) & (truth <= found[f"{order}_high"]))
    assert 0.9 <= np.mean(inside) <= 0.99
    small, large = (sobol(weighted, factors=unit_frame(3), n=n, method="random") for n in (2**8, 2**12))
    ratio = small.estimates.total_error / large.estimates.total_error
    np.testing.assert_allclose(ratio, 4, rtol=0.5)


def test_groups_of_rows_give_the_errors_of_rows() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 3, 2**14))
    mixed = np.repeat(a[None], 3, axis=0)
    mixed[range(3), range(3)] = b
    outputs = Outputs(weighted(a.T), weighted(b.T), np.stack([weighted(m.T) for m in mixed]))
    grouped, rows = (estimate(outputs, 500, np.random.default_rng(0), groups=g) for g in (2**10, 2**14))
    np.testing.assert_allclose(grouped.first, rows.first, rtol=1e-12)
    np.testing.assert_allclose(grouped.first_error, rows.first_error, rtol=0.2)
    np.testing.assert_allclose(grouped.total_error, rows.total_error, rtol=0.2)


def test_a_run_that_is_stopped_keeps_what_is_done() -> None:
    calls = []

    def stopped(x: np.ndarray) -> np.ndarray:
        calls.append(len(x))
        if len(calls) > 12:
            raise KeyboardInterrupt
        return weighted(x)

    found = sobol(stopped, factors=unit_frame(3), n=2**14)
    assert found.n == 2 * 4096 and "sobol.interrupted" in keys_of(found)
    assert found.to_frame().loc[0, "total"] == pytest.approx(16 / 21, abs=0.01)
    with pytest.raises(KeyboardInterrupt):
        sobol(stopped, factors=unit_frame(3), n=2**14)


def test_progress_adds_up_to_all_evaluations() -> None:
    told: list[int] = []
    found = sobol(weighted, factors=unit_frame(3), n=2**14, progress=told.append)
    assert sum(told) == found.evaluations and len(told) == 4


def test_two_threads_at_once_get_the_answers_of_one() -> None:
    def run(seed: int) -> np.ndarray:
        return sobol(weighted, factors=unit_frame(3), n=2**13, seed=seed).estimates.total

    alone = [run(seed) for seed in range(4)]
    with ThreadPoolExecutor(2) as pool:
        for found, expected in zip(pool.map(run, range(4)), alone, strict=True):
            assert np.array_equal(found, expected)


def test_what_a_small_sample_cannot_claim_is_told() -> None:
    def close(x: np.ndarray) -> np.ndarray:
        return x @ np.array([1.0, 1.01])

    assert {"too_small", "no_order"} <= set(keys_of(sobol(close, factors=unit_frame(2), n=32)))
    large = keys_of(sobol(weighted, factors=unit_frame(3), n=2**12))
    assert not {"too_small", "no_order"} & set(large) and "errors" in large and "apart" in large


def test_inputs_that_act_together_are_told() -> None:
    found = sobol(lambda x: (x[:, 0] - 0.5) * (x[:, 1] - 0.5), factors=unit_frame(3), n=2**10)
    assert {"together", "idle"} <= set(keys_of(found))
    np.testing.assert_allclose(found.interactions[:2], 1, atol=0.05)


def test_what_to_measure_next_weighs_effect_by_grade() -> None:
    factors = unit_frame(4, grade=["measured", "primary", "assumption", "assumption"])

    def metric(x: np.ndarray) -> np.ndarray:
        return x @ np.array([4.0, 2.0, 1.8, 0.01])

    found = sobol(metric, factors=factors, n=2**10)
    assert found.measure_next == ("x2", "x1")


def test_every_sentence_is_there_in_both_languages() -> None:
    factors = [Factor("a", 0, 1, 0.5, "uniform", label_ja="価格", label_en="price"), *_plain("bcd")]
    found = sobol(lambda x: x[:, 0] * x[:, 1] + x[:, 3], factors=factors, n=33)
    ja, en = found.sentences("ja"), found.sentences("en")
    assert len(ja) == len(en) == len(found.findings)
    assert any("価格" in sentence for sentence in ja) and any("price" in sentence for sentence in en)
    assert not any("{" in sentence for sentence in ja + en)
    assert all(has(f"sobol.metric.{metric}") for metric in METRICS)


def _plain(keys: str) -> list[Factor]:
    return [Factor(key, 0, 1, 0.5, "uniform") for key in keys]


def test_a_metric_of_the_cost_model_by_name(example: Dataset) -> None:
    """The same numbers as from a function that evaluates the model itself, in other blocks."""
    from csanalysis.costing.scenario_runs import scenario_model
    from csanalysis.sensitivity.factors import factors_of

    keys = ["resources.bpo.price", "effort", "quality_ratio"]
    plan = "in_house"
    by_name = sobol("total_cost", example, factors=keys, assignment=plan, n=16)
    model = scenario_model(example, example.base, plan, keys=keys)

    def metric(x: np.ndarray) -> np.ndarray:
        return model.evaluate(x.T, ["total_cost"])["total_cost"]

    by_hand = sobol(metric, factors=factors_of(example.base, keys), n=16)
    pd.testing.assert_frame_equal(by_name.to_frame(), by_hand.to_frame())
    assert by_name.to_frame()["key"].tolist() == keys
    with pytest.raises(ValueError, match="no_such_metric"):
        sobol("no_such_metric", example, factors=keys, assignment=plan, n=16)
