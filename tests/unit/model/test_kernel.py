"""The compiled model as a program: compiled once, kept on disk, safe in threads, scenarios apart.

That it computes what the numpy model computes is shown in `tests/properties/test_kernel_properties.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from numba.core.caching import CompileResultCacheImpl

import csanalysis as cs
from csanalysis.costing.rates import Rate, billed_units
from csanalysis.costing.scenario_runs import METRICS, ScenarioModel, scenario_model, warm
from csanalysis.model import kernel
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.sensitivity.factors import factors_of
from csanalysis.sensitivity.sampling import sampler

NAMES = tuple(METRICS)
Values = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def model(example: Dataset) -> ScenarioModel:
    """The example under all of its uncertain numbers."""
    keys = [factor.key for factor in factors_of(example.base)]
    return scenario_model(example, example.base, cs.playbook_assignment(example, example.base), keys=keys)


@pytest.fixture(scope="module")
def values(example: Dataset) -> Values:
    return sampler(factors_of(example.base), 1000, seed=2).values()


def same(one: dict[str, Values], other: dict[str, Values], where: Any = slice(None)) -> bool:
    return all(one[name][where].tobytes() == other[name].tobytes() for name in NAMES)


def test_metrics_have_the_order_of_the_rows() -> None:
    """Names and rows are written down in two layers."""
    assert set(kernel.METRICS) == set(METRICS)
    assert kernel.slots(0, 0) == len(kernel.GLOBALS)


def test_offsets_follow_the_names() -> None:
    """Values are stored by name and read by constant offsets: both must speak of the same slot."""
    named = {
        "_START": ("start", kernel.GLOBALS),
        "_NEXT_LEFT": ("self_next", kernel.GLOBALS),
        "_PRODUCTIVE": ("productive", kernel.GLOBALS),
        "_PACKAGE": ("package", kernel.GLOBALS),
        "_S_ARPA": ("arpa", kernel.SEGMENT),
        "_NOTICE": ("notice", kernel.CONTRACT),
        "_SUCCESS_CAP": ("success_cap", kernel.CONTRACT),
    }
    for constant, (name, names) in named.items():
        first = len(kernel.GLOBALS) if names is kernel.SEGMENT else 0
        assert int(getattr(kernel, constant)) == (first + names.index(name)) * kernel.BLOCK
    assert kernel.contract_slot(2, 1, "plain") == kernel.slots(2, 1)
    assert kernel.segment_slot(1, "accounts") == kernel.slots(1, 0)


@pytest.mark.parametrize("width", [1, 63, 64, 65, 200])
def test_scenarios_do_not_see_each_other(model: ScenarioModel, values: Values, width: int) -> None:
    """To the last bit, a scenario gives the same alone, at another place, and in a broken block."""
    whole = model.evaluate(values, NAMES, compiled=True)
    assert same(whole, model.evaluate(values[:, :width], NAMES, compiled=True), slice(width))
    order = np.random.default_rng(1).permutation(values.shape[1])[:width]
    assert same(whole, model.evaluate(values[:, order], NAMES, compiled=True), order)


def test_longest_horizon(example: Dataset) -> None:
    """Regression: accounts after the last of 120 months overwrote today's new ones."""
    tasks = example.tables["task_inventory"].assign(driver="new_account", spread_months=12.0)
    tables = {**example.tables, "task_inventory": tasks}
    space = ParameterSpace(example.space.parameters, tables)
    ds = replace(example, tables=tables, scenario=Scenario("", space))
    sc = ds.base.replace(horizon_months=120, growth_monthly=0.02)
    model = scenario_model(ds, sc, cs.playbook_assignment(example, example.base), keys=["effort"])
    fast, true = (model.evaluate([[0.9, 1.1]], NAMES, compiled=c) for c in (True, False))
    for name in NAMES:
        assert fast[name] == pytest.approx(true[name], rel=1e-9), name


def test_compiled_once_for_all_shapes(example: Dataset, model: ScenarioModel, values: Values) -> None:
    """Every further signature would cost another compilation, in the middle of a slider's move."""
    model.evaluate(values[:, :2], compiled=True)
    nothing = scenario_model(example, example.base, "current")
    nothing.evaluate(np.empty((0, 3)), compiled=True)
    assert len(kernel._run.signatures) == 1


def test_threads(model: ScenarioModel, values: Values) -> None:
    """Two notebooks' callbacks at once, or a server's: the same result, and the process lives."""
    expected, found = model.evaluate(values, NAMES, compiled=True), list[bool]()

    def evaluate() -> None:
        for _ in range(3):
            found.append(same(expected, model.evaluate(values, NAMES, compiled=True)))

    threads = [threading.Thread(target=evaluate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 12


@pytest.mark.slow
def test_threads_at_the_first_call() -> None:
    """Where the first calls come at once, the model is loaded once, and no thread sees it half."""
    code = """
import threading
from csanalysis.costing.scenario_runs import warm
from csanalysis.model import kernel
threads = [threading.Thread(target=warm) for _ in range(2)]
[t.start() for t in threads]
[t.join() for t in threads]
assert len(kernel._run.signatures) == 1
hits = sum(kernel._run.stats.cache_hits.values())
print("loaded" if hits else "compiled")
"""
    warm()
    root = Path(cs.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "loaded", "a second process must not compile again"


def test_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only installation without a home folder compiles in every process instead of failing."""
    monkeypatch.setattr(CompileResultCacheImpl, "_locator_classes", [])
    assert kernel.compiled(_twice)(2.0) == 4.0


def _twice(number: float) -> float:
    return 2 * number


def test_units_paid_for_are_those_of_the_rate_card() -> None:
    """Blocks, minimum and included units in the same order as on the rate card."""
    plain = getattr(kernel._billed, "py_func", kernel._billed)  # with NUMBA_DISABLE_JIT it is plain already
    rng = np.random.default_rng(1)
    for units, step, minimum, included in rng.choice([0, 0.5, 10, 10 + 1e-12, 33.3], (300, 4)):
        cells = {"block": [step], "minimum_units": [minimum], "included_units": [included]}
        rate = Rate("r", "bpo", "", "hour", {}, {key: np.array(v) for key, v in cells.items()})
        found = plain(units, step, minimum, included)
        assert found == billed_units(np.array([units]), rate)[0]
