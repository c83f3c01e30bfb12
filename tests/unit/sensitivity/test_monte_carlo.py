"""A probability that decides over people's work must be right, and must say how sure it is."""

from __future__ import annotations

import threading
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from csanalysis.costing.comparison import compare
from csanalysis.labels import LANGUAGES
from csanalysis.sensitivity.monte_carlo import BLOCK, QUANTILES, cvar, monte_carlo, wilson
from csanalysis.sensitivity.sampling import CHUNK


def linear_normal(x):
    """A sum of logarithms: normal, where the inputs are lognormal."""
    return 1.0 + np.log(x) @ np.array([1.0, -2.0])


@pytest.fixture
def lognormals() -> pd.DataFrame:
    return pd.DataFrame(
        {"key": ["a", "b"], "low": [1.0, 0.5], "high": [4.0, 2.0], "distribution": "lognormal"}
    )


def exact(frame: pd.DataFrame) -> NormalDist:
    z95 = NormalDist().inv_cdf(0.95)
    middle = np.log(frame["low"] * frame["high"]) / 2
    spread = np.log(frame["high"] / frame["low"]) / (2 * z95)
    return NormalDist(1 + middle[0] - 2 * middle[1], float(np.hypot(spread[0], 2 * spread[1])))


def test_quantiles_of_a_linear_normal_case(lognormals) -> None:
    """The closed form: 5, 25, 50, 75 and 95 % of a normal distribution, and its CVaR."""
    found = monte_carlo(linear_normal, factors=lognormals, n=2**16, level=0.9)
    row, normal = found.to_frame().iloc[0], exact(lognormals)
    for q in QUANTILES:
        assert row[f"q{round(100 * q):02d}"] == pytest.approx(normal.inv_cdf(q), abs=0.01)
    assert row["mean"] == pytest.approx(normal.mean, abs=1e-3)
    assert row["sd"] == pytest.approx(normal.stdev, rel=0.002)
    worst = normal.mean - normal.stdev * NormalDist().pdf(NormalDist().inv_cdf(0.1)) / 0.1
    assert row["cvar"] == pytest.approx(worst, abs=0.02)
    positive = 1 - normal.cdf(0)
    assert row["p_low"] <= positive <= row["p_high"]


def test_standard_errors_hold_what_they_say(lognormals) -> None:
    """Of 200 runs of independent draws, the mean lies within 1.96 errors of the truth in about 95 %."""
    normal = exact(lognormals)
    inside = 0
    for seed in range(200):
        row = (
            monte_carlo(linear_normal, factors=lognormals, n=200, seed=seed, method="random")
            .to_frame()
            .iloc[0]
        )
        inside += abs(row["mean"] - normal.mean) <= 1.96 * row["mean_error"]
    assert 180 <= inside <= 199


def test_rank_correlation_changes_the_spread(lognormals) -> None:
    """a - 2 b is narrower where a and b move together; for normals the spread is known."""
    z95 = NormalDist().inv_cdf(0.95)
    spread = (np.log(lognormals["high"] / lognormals["low"]) / (2 * z95)).to_numpy()
    ranks = 0.7
    rho = 2 * np.sin(np.pi * ranks / 6)
    found = monte_carlo(linear_normal, factors=lognormals, n=2**15, correlation={("a", "b"): ranks})
    expected = np.sqrt(spread[0] ** 2 + 4 * spread[1] ** 2 - 4 * rho * spread[0] * spread[1])
    assert found.to_frame()["sd"][0] == pytest.approx(expected, rel=0.01)
    assert "rank correlations" in " ".join(found.sentences("en"))


def test_outputs_equal_direct_evaluations_of_the_inputs_made_again(held) -> None:
    ds, sc, plan = held
    found = monte_carlo(["npv", "hires_avoided"], ds, sc, n=2**12, **plan)
    for at in (0, 1, 777, 4095):
        values = found.inputs(at, at + 1).iloc[0].to_dict()
        direct = compare(ds, sc.replace(values), plan["assignment"], plan["baseline"])
        assert found.outputs["npv"][at] == pytest.approx(direct.npv()[0], rel=1e-9)
        assert found.outputs["hires_avoided"][at] == direct.hires_avoided[0]


def test_a_longer_run_begins_with_the_shorter_one(lognormals) -> None:
    """Blocks are a matter of memory: they must not show in the numbers."""
    short = monte_carlo(linear_normal, factors=lognormals, n=2**10, method="random", seed=0)
    long = monte_carlo(
        linear_normal, factors=lognormals, n=BLOCK + 3 * CHUNK["random"], method="random", seed=0
    )
    np.testing.assert_array_equal(short.outputs["function"], long.outputs["function"][: 2**10])
    assert not np.array_equal(
        short.outputs["function"],
        monte_carlo(linear_normal, factors=lognormals, n=2**10, method="random", seed=1).outputs["function"],
    )


def test_few_scenarios_do_not_claim_a_probability(lognormals) -> None:
    found = monte_carlo(linear_normal, factors=lognormals, n=16)
    told = " ".join(found.sentences("en"))
    assert "too few to state this probability" in told and "rough figure" in told
    assert "too few" not in " ".join(monte_carlo(linear_normal, factors=lognormals, n=2**13).sentences("en"))


def test_a_constant_metric_has_no_spread_and_no_nan(two) -> None:
    found = monte_carlo(lambda x: np.full(len(x), 3.0), factors=two, n=128)
    row = found.to_frame().iloc[0]
    assert not row.isna().any() and row["sd"] == 0 and row["cvar"] == 3
    assert "is the same" in found.sentences("en")[0]


def test_ctrl_c_keeps_what_is_done(two) -> None:
    calls = []

    def slow(x):
        calls.append(len(x))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return x[:, 0]

    found = monte_carlo(slow, factors=two, n=2**15)
    assert found.n == 2 * 2**11 and np.isfinite(found.outputs["function"]).all()
    assert "stopped" in " ".join(found.sentences("en"))


def test_ctrl_c_before_anything_is_done_is_ctrl_c(two) -> None:
    def never(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        monte_carlo(never, factors=two, n=128)


def test_progress_tells_every_scenario(two) -> None:
    told = []
    monte_carlo(lambda x: x[:, 0], factors=two, n=BLOCK + 7, progress=told.append)
    assert sum(told) == BLOCK + 7


def test_two_threads_at_once(held) -> None:
    """A report and a slider may run at the same time: neither may end the process or change the other."""
    ds, sc, plan = held
    alone = monte_carlo("npv", ds, sc, n=2**12, **plan).outputs["npv"]
    found = [np.zeros(0)] * 2

    def run(at: int) -> None:
        found[at] = monte_carlo("npv", ds, sc, n=2**12, **plan).outputs["npv"]

    threads = [threading.Thread(target=run, args=(at,)) for at in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in found:
        np.testing.assert_array_equal(result, alone)


def test_parquet_holds_inputs_outputs_and_seed(tmp_path, two) -> None:
    found = monte_carlo(lambda x: x[:, 0] * x[:, 1], factors=two, n=BLOCK + 5, seed=7)
    path = found.write(tmp_path / "runs.parquet")
    again = pd.read_parquet(path)
    assert len(again) == BLOCK + 5
    np.testing.assert_allclose(again["x"] * again["y"], again["metric.function"])
    from pyarrow import parquet

    about = parquet.read_schema(path).metadata
    assert about[b"csanalysis.seed"] == b"7" and about[b"csanalysis.method"] == b"sobol"
    assert [p.name for p in tmp_path.iterdir()] == ["runs.parquet"]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path, two) -> None:
    found = monte_carlo(lambda x: x[:, 0], factors=two, n=128)
    with pytest.raises(FileNotFoundError, match="missing; make it first"):
        found.write(tmp_path / "missing" / "runs.parquet")
    assert not list(tmp_path.iterdir())


def test_cvar_against_a_sort(two) -> None:
    rng = np.random.default_rng(0)
    losses = rng.normal(size=1000)
    assert cvar(losses, 0.9)[0] == pytest.approx(np.sort(losses)[-100:].mean())
    assert cvar(losses, 0.0)[0] == pytest.approx(losses.mean())
    assert cvar(np.array([5.0]), 0.9) == (5.0, 0.0)


def test_wilson_against_its_published_example() -> None:
    """Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20)[0] == 0 and wilson(20, 20)[1] == 1


@pytest.mark.parametrize("settings", [{"level": 1.0}, {"n": 0}, {"seed": -1}, {"method": "dice"}])
def test_settings_out_of_range(two, settings) -> None:
    with pytest.raises(ValueError, match=" / "):
        monte_carlo(lambda x: x[:, 0], factors=two, **{"n": 16, **settings})


def test_a_metric_that_is_not_finite(two) -> None:
    with pytest.raises(ValueError, match="not finite at"), np.errstate(divide="ignore"):
        monte_carlo(lambda x: 1 / np.floor(2 * x[:, 0]), factors=two, n=64)


def test_unknown_metric_and_missing_inputs(held, two) -> None:
    ds, sc, plan = held
    with pytest.raises(ValueError, match="no metric nvp"):
        monte_carlo("nvp", ds, sc, **plan)
    with pytest.raises(ValueError, match="needs factors"):
        monte_carlo(lambda x: x[:, 0])
    with pytest.raises(ValueError, match="needs a dataset"):
        monte_carlo("npv")


def test_it_speaks_both_languages(held) -> None:
    ds, sc, plan = held
    found = monte_carlo("npv", ds, sc, n=2**11, **plan)
    for lang in LANGUAGES:
        assert len(found.sentences(lang)) == 6


def test_a_hire_avoided_is_neither_gain_nor_loss(held) -> None:
    """The board's conclusion "worth paying for" must not be counted among the losses."""
    ds, sc, plan = held
    found = monte_carlo(["npv", "heads", "staff_saving"], ds, sc, n=2**12, **plan)
    assert sum(found.answers.values()) == pytest.approx(1) and found.answers["hire"] > 0.1
    assert found.answers["gain"] == pytest.approx((found.outputs["npv"] >= 0).mean())
    assert found.answers == monte_carlo("npv", ds, sc, n=2**12, **plan).answers
    assert "above zero" not in " ".join(monte_carlo("total_cost", ds, sc, n=2**11, **plan).sentences("en"))


def test_a_moved_value_takes_its_range_along(held) -> None:
    """A number that a scenario sets stays as uncertain as the one it replaces, wherever it lies."""
    ds, sc, plan = held
    n = len(monte_carlo("npv", ds, sc, n=2**11, **plan).draw.factors)
    for price in (4900.0, 5100.0, 9000.0):
        draw = monte_carlo("npv", ds, sc.replace({"resources.bpo.price": price}), n=2**11, **plan).draw
        factor = next(f for f in draw.factors if f.key == "resources.bpo.price")
        assert len(draw.factors) == n and factor.mode == price
        assert factor.low == pytest.approx(price / 3) and factor.high == pytest.approx(price * 7 / 3)


def test_a_table_of_factors_on_keys_of_the_model_knows_the_model(held) -> None:
    ds, sc, plan = held
    frame = pd.DataFrame({"key": ["effort"], "low": [0.8], "high": [1.6], "distribution": ["triangular"]})
    factor = monte_carlo("npv", ds, sc, n=2**11, factors=frame, **plan).draw.factors[0]
    assert factor.mode == 1.0 and factor.unit == "multiplier" and factor.grade == "assumption"
    assert factor.label("en") == "multiplier on all task minutes"
