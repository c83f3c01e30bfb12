"""Draws per second of the stability analysis, beside scikit-criteria and pymcdm in one run.

    python benchmarks/stability.py [--seconds 5] [--tasks 60 300]

Work of one draw, the same for all: draw one weight vector, score seven kinds of resource on eight criteria
by weighted product, and choose the best kind of every task. The libraries get the desirabilities as a matrix,
in two ways: one decision problem a task (what the method asks for: the kinds are the alternatives of a task),
and all tasks stacked into one matrix whose scores are then split by hand (a trick that only the weighted
product without normalisation allows). Before timing, the choices of all programs are compared on the same
weights.

Two more lines have no peer: weights of each kind for itself, and the full analysis with errors of rating.

Goal: 800 times the draws per second of scikit-criteria at 300 tasks, one decision problem a task. Against the
stacked matrix it is told as well.
The peers come from PyPI: pip install scikit-criteria pymcdm.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

import csanalysis as cs
from csanalysis.assignment.smaa_kernel import best_kind, draw_weights, fixed_scores, stream
from csanalysis.assignment.suitability import log_desirability, suitability_scores
from csanalysis.model.dataset import Dataset

GOAL = 800
LEAST = 1e-3
"""Desirabilities below it are raised to it: scikit-criteria refuses 0."""
CHECKED = 5
"""Draws whose choices are compared between programs."""
Chooser = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Row:
    """One line of the result."""

    program: str
    work: str
    tasks: int
    per_second: float


def inventory_of(example: Dataset, tasks: int) -> Dataset:
    """Return the example with `tasks` tasks: its own, drawn again with ratings a little changed."""
    rng = np.random.default_rng(tasks)
    table = example.tables["task_inventory"]
    rows = table.iloc[rng.integers(0, len(table), tasks)].reset_index(drop=True)
    changed = {
        name: np.clip(rows[name] + rng.uniform(-0.5, 0.5, tasks), 1, 5)
        for name in ("value_added", "repeatability", "periodicity", "domain_knowledge")
    }
    rows = rows.assign(task_id=[f"task_{i}" for i in range(tasks)], **changed)
    return replace(example, tables={**example.tables, "task_inventory": rows})


def scikit_criteria(parts: np.ndarray, stacked: bool) -> Chooser:
    """Return a function of one weight vector that chooses with scikit-criteria."""
    from skcriteria import mkdm
    from skcriteria.agg.simple import WeightedProductModel

    method = WeightedProductModel()
    objectives = [max] * parts.shape[2]
    whole = parts.reshape(-1, parts.shape[2])

    def one_by_one(weights: np.ndarray) -> np.ndarray:
        ranks = [method.evaluate(mkdm(matrix, objectives, weights=weights)).rank_ for matrix in parts]
        return np.argmin(ranks, axis=1)

    def at_once(weights: np.ndarray) -> np.ndarray:
        result = method.evaluate(mkdm(whole, objectives, weights=weights))
        return result.e_.score.reshape(parts.shape[:2]).argmax(axis=1)

    return at_once if stacked else one_by_one


def pymcdm(parts: np.ndarray, stacked: bool) -> Chooser:
    """Return a function of one weight vector that chooses with pymcdm."""
    from pymcdm.methods import WPM

    method = WPM(normalization_function=lambda column, cost: column)
    types = np.ones(parts.shape[2])
    whole = parts.reshape(-1, parts.shape[2])

    def one_by_one(weights: np.ndarray) -> np.ndarray:
        return np.array([method(matrix, weights, types, validation=False).argmax() for matrix in parts])

    def at_once(weights: np.ndarray) -> np.ndarray:
        scores = method(whole, weights, types, validation=False)
        return scores.reshape(parts.shape[:2]).argmax(axis=1)

    return at_once if stacked else one_by_one


def rate_of(choose: Chooser, criteria: int, seconds: float) -> float:
    """Return draws per second of a peer: weights drawn, best kinds counted."""
    rng = np.random.default_rng(1)
    choose(rng.dirichlet(np.ones(criteria)))
    draws, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        choose(rng.dirichlet(np.ones(criteria)))
        draws += 1
    return draws / (time.perf_counter() - start)


def our_rate(ds: Dataset, seconds: float, n: int, **settings: object) -> float:
    """Return draws per second of the public function, set-up included: the median run."""
    rates, start = [], time.perf_counter()
    while time.perf_counter() - start < seconds or len(rates) < 3:
        begin = time.perf_counter()
        cs.assess_stability(ds, ds.base, n, **settings)  # type: ignore[arg-type]
        rates.append(n / (time.perf_counter() - begin))
    return float(np.median(rates))


def compare(parts: np.ndarray, choosers: dict[str, Chooser]) -> None:
    """Stop if any program chooses otherwise than ours on the same weights."""
    logs = np.ascontiguousarray(log_desirability(parts).transpose(1, 0, 2))
    weights = draw_weights(stream(0, "benchmark"), np.ones((1, parts.shape[2])), CHECKED)
    ours = best_kind(fixed_scores(logs, weights), 0)
    for name, choose in choosers.items():
        for draw in range(CHECKED):
            if not np.array_equal(choose(weights[0, :, draw]), ours[:, draw]):
                sys.exit(f"{name} chooses otherwise on the same weights: nothing to compare")


def measure(tasks: int, seconds: float) -> list[Row]:
    """Return all lines at one number of tasks."""
    ds = inventory_of(cs.load_dataset(Path(__file__).parents[1] / "data", lang="en"), tasks)
    parts = np.maximum(suitability_scores(ds, ds.base).parts, LEAST)
    each, stack = "one problem a task", "all tasks stacked"
    peers = {
        (library.__name__, work): library(parts, stacked)
        for library in (scikit_criteria, pymcdm)
        for work, stacked in ((each, False), (stack, True))
    }
    compare(parts, {f"{name}, {work}": chooser for (name, work), chooser in peers.items()})
    rows = [Row(name, work, tasks, rate_of(choose, 8, seconds)) for (name, work), choose in peers.items()]
    n = 100_000
    rate = our_rate(ds, seconds, n, weights="uniform", noise=0.0)
    rows.append(Row("csanalysis", "the same", tasks, rate))
    rows.append(Row("csanalysis", "+ weights by kind", tasks, our_rate(ds, seconds, n, noise=0.0)))
    rows.append(Row("csanalysis", "+ errors of rating", tasks, our_rate(ds, seconds, n // 10)))
    return rows


def report(rows: list[Row]) -> None:
    """Print the table and whether the goal was met."""
    frame = pd.DataFrame([row.__dict__ for row in rows])
    ours = frame[(frame["program"] == "csanalysis") & (frame["work"] == "the same")]
    base = frame["tasks"].map(ours.set_index("tasks")["per_second"])
    peer = frame["program"] != "csanalysis"
    shown = frame.assign(
        per_second=frame["per_second"].map("{:,.1f}".format),
        ours_is=[
            f"{b / p:,.0f} x" if is_peer else ""
            for b, p, is_peer in zip(base, frame["per_second"], peer, strict=True)
        ],
    )
    print(shown.rename(columns={"per_second": "draws/s", "ours_is": "csanalysis is"}).to_string(index=False))
    print(f"\nmachine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    names = ("numpy", "pandas", "scikit-criteria", "pymcdm")
    print("versions: " + ", ".join(f"{name} {version(name)}" for name in names))
    largest = frame["tasks"].max()
    for rival in frame[(frame["program"] == "scikit_criteria") & (frame["tasks"] == largest)].itertuples():
        ratio = float(ours.set_index("tasks")["per_second"][largest] / rival.per_second)
        told = "met" if ratio >= GOAL else "NOT met"
        print(f"goal {GOAL} x scikit-criteria at {largest} tasks, {rival.work}: {ratio:,.0f} x, {told}")


def main() -> None:
    """Measure and print."""
    assert __doc__
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--seconds", type=float, default=5.0, help="time for each line (default 5)")
    parser.add_argument("--tasks", type=int, nargs="+", default=[60, 300], help="tasks (default 60 300)")
    asked = parser.parse_args()
    report([row for tasks in asked.tasks for row in measure(tasks, asked.seconds)])


if __name__ == "__main__":
    main()
