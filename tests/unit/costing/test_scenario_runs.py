"""Many scenarios at once: what is asked for is checked, and the same whichever model runs it."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import csanalysis as cs
from csanalysis.costing import scenario_runs
from csanalysis.costing.comparison import compare
from csanalysis.costing.scenario_runs import METRICS, ScenarioModel, scenario_model
from csanalysis.model import kernel
from csanalysis.model.dataset import Dataset

KEYS = ("effort", "monthly_churn", "resources.bpo.price")
VALUES = np.array([[0.8, 1.0, 1.3], [0.01, 0.03, 0.06], [2000.0, 3000.0, 5000.0]])


@pytest.fixture(scope="module")
def model(example: Dataset, plan: dict[str, str]) -> ScenarioModel:
    """The worked example with three uncertain numbers."""
    return scenario_model(example, example.base, plan, keys=KEYS)


@pytest.mark.parametrize("compiled", [True, False])
def test_each_scenario_is_the_outcome_of_its_own_values(
    example: Dataset, plan: dict[str, str], compiled: bool
) -> None:
    """Whole runs must say what `cs.evaluate_outcome` says of each scenario alone."""
    found = scenario_model(example, example.base, plan, keys=KEYS).evaluate(
        VALUES, list(METRICS), compiled=compiled
    )
    for at, values in enumerate(VALUES.T):
        sc = example.base.replace(dict(zip(KEYS, values, strict=True)))
        alone = cs.evaluate_outcome(example, sc, plan)
        assert found["npv"][at] == pytest.approx(alone.npv)
        assert found["hires_avoided"][at] == alone.hires_avoided
        assert found["total_cost"][at] == pytest.approx(cs.cost_to_serve(example, sc, plan).total)
        assert found["total_cost_baseline"][at] == pytest.approx(
            cs.cost_to_serve(example, sc, "current").total
        )


def test_errors_name_what_is_wrong(example: Dataset, plan: dict[str, str], model: ScenarioModel) -> None:
    with pytest.raises(ValueError, match="npw"):
        model.evaluate(VALUES, ["npw"])
    for values in (VALUES[:2], VALUES[0]):
        with pytest.raises(ValueError, match="3"):
            model.evaluate(values)
    for bad in (-0.1, np.nan, np.inf):
        for compiled in (True, False):
            with pytest.raises(ValueError, match="monthly_churn"):
                model.evaluate(np.array([[1.0], [bad], [3000.0]]), compiled=compiled)
    with pytest.raises(ValueError, match="monthly_chum"):
        scenario_model(example, example.base, plan, keys=["monthly_chum"])
    with pytest.raises(ValueError, match="csm_monthly_cost"):
        scenario_model(example, example.base, plan, keys=["csm_monthly_cost", "resources.csm.price"])
    with pytest.raises(ValueError, match="nobody"):
        scenario_model(example, example.base, {"nws_write": "nobody"})


@pytest.mark.parametrize("compiled", [True, False, None])
def test_none_one_and_constant_scenarios(
    example: Dataset, plan: dict[str, str], model: ScenarioModel, compiled: bool | None
) -> None:
    """No scenario gives no value; a model without uncertain numbers gives one value as often as asked."""
    assert model.evaluate(VALUES[:, :0], ["npv", "heads"], compiled=compiled)["heads"].shape == (0,)
    one = model.evaluate(VALUES[:, 1:2], compiled=compiled)["npv"]
    fixed = scenario_model(example, example.base.replace(dict(zip(KEYS, VALUES[:, 1], strict=True))), plan)
    assert fixed.evaluate(np.empty((0, 70)), compiled=compiled)["npv"] == pytest.approx(np.repeat(one, 70))


def test_cells_of_tasks_run_with_numpy(example: Dataset, plan: dict[str, str]) -> None:
    """Minutes decide the coefficients that the compiled model takes as given."""
    model = scenario_model(example, example.base, plan, keys=["tasks.nws_write.minutes", "effort"])
    values = np.array([[60.0, 180.0, 400.0], [1.0, 1.1, 1.0]])
    one, other = (model.evaluate(values, ["fte_peak"], compiled=c)["fte_peak"] for c in (True, False))
    assert one.tolist() == other.tolist() and len(set(one)) == 3


def test_numpy_where_numba_is_missing(model: ScenarioModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled model is for speed alone: without numba everything still works, `warm` included."""
    expected = model.evaluate(VALUES, compiled=False)["npv"]
    monkeypatch.setitem(sys.modules, "csanalysis.model.kernel", None)  # importing it fails
    monkeypatch.setattr(scenario_runs, "has_kernel", lambda: False)
    monkeypatch.setattr(scenario_runs, "COMPILED_FROM", 1)
    for compiled in (None, True):
        assert model.evaluate(VALUES, compiled=compiled)["npv"].tolist() == expected.tolist()
    scenario_runs.warm()


def test_compiled_from_a_thousand_scenarios_on(model: ScenarioModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few scenarios must not wait for the compiled model to load."""
    run, widths = kernel.run, list[int]()

    def told(*arguments: object) -> object:
        widths.append(arguments[2].shape[1])  # type: ignore[attr-defined]
        return run(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(kernel, "run", told)
    few, many = (np.repeat(VALUES, k, axis=1) for k in (10, 400))
    small, large = model.evaluate(few)["npv"], model.evaluate(many)["npv"]
    assert widths == [1200]
    assert large[::400] == pytest.approx(small[::10])


@pytest.mark.parametrize("compiled", [True, False])
def test_results_do_not_depend_on_blocks(
    model: ScenarioModel, monkeypatch: pytest.MonkeyPatch, compiled: bool
) -> None:
    """To the last bit, wherever a block ends; and every scenario is told once to a progress bar."""
    rng = np.random.default_rng(3)
    values = rng.uniform([[0.5], [0.0], [1000.0]], [[2.0], [0.1], [6000.0]], (3, 300))
    names, whole = list(METRICS), None
    for size in (512, 64, 100, 7):
        monkeypatch.setattr(scenario_runs, "KERNEL_BLOCK", size)
        monkeypatch.setattr(scenario_runs, "NUMPY_BLOCK", size)
        done = list[int]()
        found = model.evaluate(values, names, compiled=compiled, progress=done.append)
        assert sum(done) == 300 and max(done) == min(size, 300)
        whole = whole or found
        for name in names:
            assert found[name].tolist() == whole[name].tolist(), (size, name)


def test_metrics_are_those_of_the_comparison(
    example: Dataset, plan: dict[str, str], model: ScenarioModel
) -> None:
    """The names stand for the properties that the ledger's tests work by hand."""
    sc = example.base.replace(dict(zip(KEYS, VALUES, strict=True)))
    comparison, found = compare(example, sc, plan, "current"), model.evaluate(VALUES, list(METRICS))
    team = comparison.plan.physical.team
    assert found["heads"].tolist() == comparison.heads.tolist()
    assert found["cash_saving"] == pytest.approx(found["total_cost_baseline"] - found["total_cost"])
    assert (found["fte_peak"] >= found["fte_required"]).all() and team.present.shape[1] == 3
    assert found["heads_required"].tolist() == np.ceil(found["fte_peak"]).tolist()
    yearly = found["total_cost"] / example.base.number("arr")
    assert found["cs_cost_ratio_result"] == pytest.approx(yearly), "the horizon is a year"
    own = comparison.cash_parts()["staff"].sum(axis=0)
    assert found["staff_saving"] == pytest.approx(own)


def test_warm_leaves_nothing_to_compile(model: ScenarioModel) -> None:
    """After `warm`, a run of any shape uses what is there."""
    scenario_runs.warm()
    before = len(kernel._run.signatures)
    model.evaluate(VALUES, compiled=True)
    assert before == len(kernel._run.signatures) == 1


def test_a_horizon_beyond_the_compiled_model_runs_with_numpy(workspace) -> None:
    """A workspace may allow longer plans than the kernel has room for: it must not write past its arrays."""
    table = workspace / "parameters.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text(
        "\n".join(
            line.replace(",1,120,", ",1,400,") if line.startswith("horizon_months,") else line
            for line in lines
        ),
        encoding="utf-8",
    )
    ds = cs.load_dataset(workspace)
    sc = ds.base.replace(horizon_months=150)
    plan = cs.playbook_assignment(ds, sc)
    values = np.linspace(0.9, 1.1, 4)[None]
    found = scenario_model(ds, sc, plan, keys=["effort"]).evaluate(values, ["npv"], compiled=True)
    alone = compare(ds, sc.replace(effort=0.9), plan, "current").npv()[0]
    assert found["npv"][0] == pytest.approx(alone)
