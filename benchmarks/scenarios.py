"""Scenarios per second of the cost model, beside EMA Workbench, a pandas loop and numpy, in one run.

    python benchmarks/scenarios.py [--n 10000 100000 1000000] [--seconds 5] [--large]

Work of one scenario, the same for all: the plan of the example beside today's assignment over the horizon,
with all uncertain numbers of the parameters table drawn at once (scrambled Sobol points, drawn before the
clock runs); out come worth today and heads not hired.

- `EMA Workbench`: `perform_experiments`, sequential, on a Python model of one scenario with numpy.
- `EMA Workbench, empty model`: the same with a model that computes nothing, its own share of the time.
- `pandas loop`: scenario by scenario too, and cash by month from the frames of the ledgers.
- `numpy`: the same functions, many scenarios at once, in blocks.
- `csanalysis`: the compiled model, at each `--n` (a study of 10,000,000 too with `--large`).

Before timing, all programs must agree on the same scenarios: heads exactly, money to 1e-9. Runs take turns,
so that all see the same machine; the median counts. Told apart: what the first call costs with an empty cache
(compiling) and later (loading); peak memory of each program in a process of its own; bytes of inputs and
outputs per second against a plain copy by numpy; and a whole study (drawing, evaluating, quantiles) against
the evaluation alone.

Goals: 3,000 times the scenarios per second of EMA Workbench; a study within 3 times the evaluation;
10,000,000 scenarios under 2 GB. The peer comes from PyPI: pip install ema_workbench.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

import csanalysis as cs
from csanalysis.costing.comparison import compare
from csanalysis.costing.scenario_runs import KERNEL_BLOCK, ScenarioModel, scenario_model, warm
from csanalysis.sensitivity.factors import Factor, factors_of
from csanalysis.sensitivity.sampling import Sampler, sampler

GOAL, STUDY_GOAL = 3000, 3
METRICS = ("npv", "hires_avoided")
CHECKED = 20
EMPTY = "EMA Workbench, empty model"
Program = Callable[[np.ndarray], np.ndarray]
"""Takes values of shape (d, n), returns the metrics, shape (2, n)."""

_DS = cs.load_dataset(Path(__file__).parents[1] / "data", lang="en")
_PLAN = cs.playbook_assignment(_DS, _DS.base)


def factors() -> tuple[Factor, ...]:
    """All uncertain numbers of the example."""
    return factors_of(_DS.base)


def model() -> ScenarioModel:
    """The example's plan beside today, ready for many scenarios."""
    return scenario_model(_DS, _DS.base, _PLAN, keys=[factor.key for factor in factors()])


def draw(n: int) -> Sampler:
    """Scrambled Sobol points of all uncertain numbers."""
    return sampler(factors(), n, seed=1)


def one_scenario(**values: float) -> dict[str, float]:
    """Evaluate one scenario with numpy."""
    found = compare(_DS, _DS.base.replace(values), _PLAN, "current")
    return {"npv": float(found.npv()[0]), "hires_avoided": float(found.hires_avoided[0])}


def workbench(values: np.ndarray, function: Callable[..., dict[str, float]]) -> np.ndarray:
    """Run a model of one scenario with EMA Workbench, one experiment a scenario."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tells at import which of its other evaluators are not installed
        from ema_workbench import Model, RealParameter, ScalarOutcome, Scenario, perform_experiments

    names = {factor.key: factor.key.replace(".", "__") for factor in factors()}
    keys = {name: key for key, name in names.items()}
    peer = Model("csanalysis", lambda **v: function(**{keys[k]: x for k, x in v.items()}))
    peer.uncertainties = [RealParameter(names[f.key], f.low, f.high) for f in factors()]
    peer.outcomes = [ScalarOutcome(name) for name in METRICS]
    points = [Scenario(str(i), **dict(zip(keys, column, strict=True))) for i, column in enumerate(values.T)]
    _, found = perform_experiments(peer, scenarios=points, log_progress=True)
    return np.array([found[name] for name in METRICS])


def ema(values: np.ndarray) -> np.ndarray:
    """Evaluate with EMA Workbench."""
    return workbench(values, one_scenario)


def ema_empty(values: np.ndarray) -> np.ndarray:
    """Run EMA Workbench on a model that computes nothing: no model can be faster with it."""
    return workbench(values, lambda **_: dict.fromkeys(METRICS, 0.0))


def pandas_loop(values: np.ndarray) -> np.ndarray:
    """Evaluate one scenario after the other, cash by month from the frames of the ledgers."""
    keys, rows = [factor.key for factor in factors()], []
    for column in values.T:
        sc = _DS.base.replace(dict(zip(keys, column, strict=True)))
        found = compare(_DS, sc, _PLAN, "current")
        plan, other = (
            ledger.to_frame().groupby("month")["jpy"].sum() for ledger in (found.plan, found.baseline)
        )
        hires = [ledger.team()["hires"].sum() for ledger in (found.plan, found.baseline)]
        customers = pd.Series((found.flow() - found.cash)[:, 0], index=plan.index)
        discount = (1 + float(sc.number("discount_rate_annual"))) ** (-plan.index.to_numpy() / 12)
        rows.append((float(((other - plan + customers) * discount).sum()), hires[1] - hires[0]))
    return np.array(rows).T


def numpy_blocks(values: np.ndarray) -> np.ndarray:
    """Evaluate many at once with numpy."""
    return np.stack(list(model().evaluate(values, METRICS, compiled=False).values()))


def ours(values: np.ndarray) -> np.ndarray:
    """Evaluate with the compiled model."""
    return np.stack(list(model().evaluate(values, METRICS, compiled=True).values()))


PROGRAMS: dict[str, Program] = {
    "EMA Workbench": ema,
    EMPTY: ema_empty,
    "pandas loop": pandas_loop,
    "numpy": numpy_blocks,
    "csanalysis": ours,
}
SMALL = {"EMA Workbench": 100, EMPTY: 1000, "pandas loop": 50, "numpy": 5000}
"""Scenarios of one run of the slower programs."""


def agree() -> None:
    """Stop unless all programs find the same."""
    values = draw(CHECKED).values()
    expected = numpy_blocks(values)
    for name, program in PROGRAMS.items():
        if name == EMPTY:
            continue
        found = program(values)
        money = np.abs(found[0] - expected[0]) <= 1e-9 * np.abs(expected[0]).max()
        if not money.all() or not np.array_equal(found[1], expected[1]):
            sys.exit(f"{name} finds something else: nothing to compare")


def seconds(run: Callable[[], object]) -> float:
    """Return the time of one run."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def study(n: int) -> None:
    """Draw, evaluate, and summarise: what a user calls."""
    cs.monte_carlo(list(METRICS), _DS, _DS.base, n=n, assignment=_PLAN, progress=False).to_frame()


def evaluated(n: int) -> float:
    """Return the seconds of the evaluation alone, inputs drawn block by block outside the clock."""
    prepared = model()
    return sum(
        seconds(lambda block=block: prepared.evaluate(block, METRICS, compiled=True))
        for block in draw(n).blocks(KERNEL_BLOCK)
    )


def copy_bandwidth() -> float:
    """Return bytes per second that numpy reads and writes in a plain copy."""
    source = np.ones(2**25)
    target = np.empty_like(source)
    return 2 * source.nbytes / min(seconds(lambda: np.copyto(target, source)) for _ in range(5))


def child(*words: str, **environment: str) -> list[float]:
    """Return the numbers that this file prints in a process of its own."""
    asked = [sys.executable, __file__, *words]
    done = subprocess.run(
        asked, check=True, capture_output=True, text=True, env={**os.environ, **environment}
    )
    return [float(word) for word in done.stdout.split()]


def first_calls() -> tuple[float, float]:
    """Return the seconds of the first call with an empty cache, and with a filled one."""
    with tempfile.TemporaryDirectory() as folder:
        return tuple(child("--first", NUMBA_CACHE_DIR=folder)[0] for _ in range(2))  # type: ignore[return-value]


def memory() -> float:
    """Return the peak memory of this process, in MB.

    Linux counts in `ru_maxrss` what the process that started this one held; its `VmHWM` does not.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(sizes: list[int], length: float) -> pd.DataFrame:
    """Return one row a program and size."""
    runs = {(name, n): draw(n).values() for name, n in SMALL.items()}
    runs |= {("csanalysis", n): draw(n).values() for n in sizes if n <= 10**6}
    rates: dict[tuple[str, int], list[float]] = {key: [] for key in runs}
    begin = time.perf_counter()
    while time.perf_counter() - begin < length * len(runs) or len(rates["numpy", SMALL["numpy"]]) < 3:
        for (name, n), values in runs.items():
            rates[name, n].append(n / seconds(lambda name=name, values=values: PROGRAMS[name](values)))
    return pd.DataFrame(
        [
            {"program": name, "n": n, "per_second": float(np.median(found)), "best": max(found)}
            for (name, n), found in rates.items()
        ]
    )


def report(frame: pd.DataFrame) -> None:
    """Print the table and whether the first goal was met."""
    largest = frame[frame["program"] == "csanalysis"].nlargest(1, "n").iloc[0]
    shown = frame.assign(
        per_second=frame["per_second"].map("{:,.0f}".format),
        best=frame["best"].map("{:,.0f}".format),
        ours=(largest["per_second"] / frame["per_second"]).map("{:,.1f} x".format),
        peak=[
            f"{child('--alone', name, '--n', str(n))[0]:,.0f}" for name, n in frame[["program", "n"]].values
        ],
    )
    names = {"per_second": "scenarios/s", "best": "best run", "ours": "csanalysis is", "peak": "peak MB"}
    print(shown.rename(columns=names).to_string(index=False))
    by = frame.set_index("program")["per_second"]
    ratio = float(largest["per_second"] / by["EMA Workbench"])
    print(f"goal {GOAL:,} x EMA Workbench: {ratio:,.0f} x, {'met' if ratio >= GOAL else 'NOT met'}")
    moved = (len(factors()) + len(METRICS)) * 8 * float(largest["best"])
    bandwidth = copy_bandwidth()
    print(
        f"best runs: inputs and outputs {moved / 1e9:.2f} GB/s, a copy by numpy {bandwidth / 1e9:.1f} GB/s: "
        f"{bandwidth / moved:.0f} times from it"
    )


def main() -> None:
    """Measure and print."""
    assert __doc__
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    sizes = [10**4, 10**5, 10**6]
    parser.add_argument("--n", type=int, nargs="+", default=sizes, help="scenarios (default 1e4, 1e5, 1e6)")
    parser.add_argument("--seconds", type=float, default=5.0, help="time for each line (default 5)")
    parser.add_argument("--large", action="store_true", help="a study of 10,000,000 scenarios too")
    parser.add_argument("--alone", choices=[*PROGRAMS, "study"], help=argparse.SUPPRESS)
    parser.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.first:
        print(seconds(warm))
        return
    if asked.alone:
        study(asked.n[0]) if asked.alone == "study" else PROGRAMS[asked.alone](draw(asked.n[0]).values())
        print(memory())
        return
    agree()
    months, tasks = int(_DS.base.number("horizon_months")), len(_DS.tasks)
    print(f"{len(factors())} uncertain numbers, {months} months, {tasks} tasks")
    report(measure(asked.n, asked.seconds))
    compiling, loading = first_calls()
    print(f"first call: {compiling:.1f} s with an empty cache, {loading:.2f} s later")
    for n in [10**6, *([10**7] if asked.large else [])]:
        parts = [(seconds(lambda n=n: study(n)), evaluated(n)) for _ in range(3 if n == 10**6 else 1)]
        whole, alone = np.median(parts, axis=0)
        told = "met" if whole <= STUDY_GOAL * alone else "NOT met"
        peak = child("--alone", "study", "--n", str(n))[0]
        print(
            f"study of {n:,}: {whole:.2f} s, evaluation alone {alone:.2f} s, {whole / alone:.2f} times "
            f"(goal {STUDY_GOAL}, {told}), peak {peak:,.0f} MB"
        )
    print(f"\nmachine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    packages = ("numpy", "pandas", "numba", "ema_workbench")
    print("versions: " + ", ".join(f"{name} {version(name)}" for name in packages))


if __name__ == "__main__":
    main()
