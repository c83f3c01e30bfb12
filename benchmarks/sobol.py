"""Seconds of a Sobol analysis, beside SALib and scipy in one run.

    python benchmarks/sobol.py [--inputs 15] [--n 65536] [--repeats 7] [--models ishigami linear]

The whole analysis, the same for all: draw n points of Sobol's sequence in twice as many dimensions as inputs,
evaluate the same function of numpy at the (inputs + 2) n points of Saltelli's design, and estimate first and
total order of every input. SALib adds intervals from 100 bootstraps, its default; csanalysis from 200, and
once from 100; scipy computes none here. Repeats take turns, so that all see the same machine; the median
counts, and `least` is the shortest. SALib runs once. The first call of csanalysis in a fresh process is told
apart. Peak memory is that of the largest process so far, each program in one of its own.

Before timing, the total orders of all programs are compared: within 0.01 of each other.

Three functions: `ishigami`, that of Ishigami and Homma in the first three of the inputs, and `linear`, a sum
that costs next to nothing and so shows the work of the programs alone, and `costs`, npv of the example by the
compiled cost model over 15 of its uncertain numbers. The function is the same for all, and
so is its time, which no program can save: `function alone` is its share.

Bytes of inputs and outputs a second are set beside a plain copy by numpy.

Goals: 90 times as fast as SALib, 8 times as fast as scipy, with intervals.
The peer comes from PyPI: pip install SALib.
"""

from __future__ import annotations

import argparse
import functools
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

import csanalysis as cs
from csanalysis.costing.scenario_runs import ScenarioModel, scenario_model
from csanalysis.sensitivity.factors import factors_of
from csanalysis.sensitivity.indices import BLOCK
from csanalysis.sensitivity.sobol import sobol

GOALS = {"SALib, 100 bootstraps": 90, "scipy, no intervals": 8}
OURS = "csanalysis, 200 bootstraps"
AGREED = 0.01
Function = Callable[[np.ndarray], np.ndarray]
Program = Callable[[Function, int, int], np.ndarray]


def ishigami(x: np.ndarray) -> np.ndarray:
    """Ishigami's function of the first three columns."""
    wave, other, square = np.sin(x[:, 0]), np.sin(x[:, 1]), x[:, 2] * x[:, 2]
    return wave + 7 * other * other + 0.1 * square * square * wave


def linear(x: np.ndarray) -> np.ndarray:
    """A sum of two columns."""
    return x[:, 0] + 2 * x[:, 1]


@functools.cache
def example() -> tuple[ScenarioModel, np.ndarray, np.ndarray]:
    """Return the example's cost model, and the ends of all its uncertain numbers."""
    ds = cs.load_dataset(Path(__file__).parents[1] / "data")
    factors = factors_of(ds.base)
    plan = cs.playbook_assignment(ds, ds.base)
    model = scenario_model(ds, ds.base, plan, "in_house", [factor.key for factor in factors])
    return model, np.array([f.low for f in factors]), np.array([f.high for f in factors])


def costs(x: np.ndarray) -> np.ndarray:
    """Return npv of the example; each column runs over the range of one uncertain number."""
    model, low, high = example()
    middle = (low + high) / 2
    values = np.repeat(middle[:, None], len(x), axis=1)
    d = min(x.shape[1], len(low))
    values[:d] = middle[:d, None] + ((high - low) / 2 / np.pi)[:d, None] * x.T[:d]
    return model.evaluate(values, ["npv"])["npv"]


MODELS = {"ishigami": ishigami, "linear": linear, "costs": costs}


def ours(function: Function, d: int, n: int, resamples: int = 200) -> np.ndarray:
    """Total order by csanalysis."""
    keys = [f"x{i}" for i in range(d)]
    ends = {"low": -np.pi, "high": np.pi, "distribution": "uniform"}
    found = sobol(function, factors=pd.DataFrame({"key": keys, **ends}), n=n, seed=1, resamples=resamples)
    return found.to_frame()["total"].to_numpy()


def salib(function: Function, d: int, n: int) -> np.ndarray:
    """Total order by SALib."""
    from SALib.analyze import sobol as analyze
    from SALib.sample import sobol as sample

    problem = {"num_vars": d, "names": [f"x{i}" for i in range(d)], "bounds": [[-np.pi, np.pi]] * d}
    points = sample.sample(problem, n, calc_second_order=False, seed=1)
    found = analyze.analyze(problem, function(points), calc_second_order=False, num_resamples=100, seed=1)
    return found["ST"]


def scipy(function: Function, d: int, n: int) -> np.ndarray:
    """Total order by scipy."""
    ends = [stats.uniform(-np.pi, 2 * np.pi)] * d
    found = stats.sobol_indices(func=lambda x: function(x.T), n=n, dists=ends, rng=np.random.default_rng(1))
    return found.total_order


PROGRAMS: dict[str, Program] = {
    OURS: ours,
    "csanalysis, 100 bootstraps": lambda function, d, n: ours(function, d, n, 100),
    "scipy, no intervals": scipy,
    "SALib, 100 bootstraps": salib,
}


def function_alone(function: Function, d: int, n: int) -> np.ndarray:
    """Evaluate the function as often as the design does, on columns that lie in the cache."""
    block = (np.random.default_rng(1).random((d, min(BLOCK, n))) * 2 * np.pi - np.pi).T
    for _ in range((d + 2) * n // len(block)):
        function(block)
    return np.empty(0)


def seconds(program: Program, function: Function, d: int, n: int) -> float:
    """Return the time of one run."""
    begin = time.perf_counter()
    program(function, d, n)
    return time.perf_counter() - begin


def compare(function: Function, d: int, n: int) -> None:
    """Stop unless all programs agree."""
    totals = {name: program(function, d, n) for name, program in PROGRAMS.items()}
    for name, found in totals.items():
        if np.abs(found - totals[OURS]).max() > AGREED:
            sys.exit(f"{name} finds other indices: nothing to compare")


def peaks(model: str, d: int, n: int) -> dict[str, tuple[float, float]]:
    """Return seconds of the first call and peak memory (MB) of each program in a process of its own."""
    found = {}
    for name in PROGRAMS:
        asked = [sys.executable, __file__, "--alone", name, "--models", model, f"--inputs={d}", f"--n={n}"]
        told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()
        found[name] = float(told[-2]), float(told[-1])
    return found


def alone(name: str, model: str, d: int, n: int) -> None:
    """Print seconds of the first call and peak memory (MB) of this process."""
    first = seconds(PROGRAMS[name], MODELS[model], d, n)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    print(first, int(peak.split()[1]) / 1024)


def copy_bandwidth() -> float:
    """Return bytes per second that numpy reads and writes in a plain copy."""
    source = np.ones(2**25)
    target = np.empty_like(source)
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        np.copyto(target, source)
        times.append(time.perf_counter() - begin)
    return 2 * source.nbytes / min(times)


def measure(model: str, d: int, n: int, repeats: int) -> None:
    """Measure one function and print its table."""
    function = MODELS[model]
    compare(function, d, min(n, 2**14))
    quick = {"function alone": function_alone, **PROGRAMS}
    slow = quick.pop("SALib, 100 bootstraps")
    times: dict[str, list[float]] = {name: [] for name in quick}
    for _ in range(repeats):
        for name, program in quick.items():
            times[name].append(seconds(program, function, d, n))
    times["SALib, 100 bootstraps"] = [seconds(slow, function, d, n)]
    firsts = peaks(model, d, n)
    base = float(np.median(times[OURS]))
    rows = [
        {
            "program": name,
            "median s": f"{np.median(found):.4f}",
            "least s": f"{min(found):.4f}",
            "csanalysis is": "" if name == OURS else f"{np.median(found) / base:,.1f} x",
            "first call s": f"{firsts[name][0]:.3f}" if name in firsts else "",
            "peak MB": f"{firsts[name][1]:,.0f}" if name in firsts else "",
        }
        for name, found in times.items()
    ]
    print(f"\n{model}: {d} inputs, n = {n:,}, {(d + 2) * n:,} evaluations")
    print(pd.DataFrame(rows).to_string(index=False))
    moved = 8 * (d + 2) * n * (d + 1) / min(times[OURS])
    copied = copy_bandwidth()
    told = f"inputs and outputs {moved / 1e9:.1f} GB/s, a copy by numpy {copied / 1e9:.1f} GB/s"
    print(f"{told}: {copied / moved:.0f} times from it")
    for name, goal in GOALS.items():
        ratio = float(np.median(times[name])) / base
        print(f"goal {goal} x {name}: {ratio:,.1f} x, {'met' if ratio >= goal else 'NOT met'}")


def main() -> None:
    """Measure and print."""
    assert __doc__
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--inputs", type=int, default=15, help="number of inputs (default 15)")
    parser.add_argument(
        "--n", type=int, default=2**16, help="rows of the design, a power of two (default 65536)"
    )
    parser.add_argument("--repeats", type=int, default=7, help="runs of each program but SALib (default 7)")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=[*MODELS], help="functions")
    parser.add_argument("--alone", choices=PROGRAMS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        alone(asked.alone, asked.models[0], asked.inputs, asked.n)
        return
    for model in asked.models:
        measure(model, asked.inputs, asked.n, asked.repeats)
    print(f"\nmachine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print("versions: " + ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "SALib")))


if __name__ == "__main__":
    main()
