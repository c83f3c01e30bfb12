"""What is varied and what is looked at: the metric of a study as a function of its inputs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from tqdm import tqdm

from csanalysis.costing.placement import CURRENT, Assignment
from csanalysis.costing.scenario_runs import METRICS, scenario_model
from csanalysis.labels import both, has, quantity, text, unit_name
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.sensitivity.factors import Factor, factors_of, frame_factors

Function: TypeAlias = Callable[[Array], Array]
"""Values of shape (n, d) -> metric of shape (n,)."""
Inputs: TypeAlias = "pd.DataFrame | Sequence[str] | Sequence[Factor] | None"
Progress: TypeAlias = Callable[[int], object]
OWN = "function"
"""Name of a metric that is a function of one's own."""
LEAST = 2**10
"""Scenarios evaluated at a time, at least."""
SLOW = 2**17
"""Evaluations from which a run shows a progress bar."""


@dataclass(frozen=True)
class Study:
    """Inputs, their value today, and metrics as a function of them.

    Attributes
    ----------
    factors : tuple of Factor
    metrics : tuple of str
        Names; `OWN` for a function.
    base : ndarray, shape (d,)
        Values of the inputs in the scenario.
    scenario : Scenario or None
    """

    factors: tuple[Factor, ...]
    metrics: tuple[str, ...]
    base: Array = field(repr=False)
    scenario: Scenario | None
    function: Callable[[Array, Progress | None], Mapping[str, Array]] = field(repr=False)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the inputs."""
        return tuple(factor.key for factor in self.factors)

    def evaluate(self, values: Array, progress: Progress | None = None) -> dict[str, Array]:
        """Return metric -> values of shape (n,) for inputs of shape (d, n).

        Raises
        ------
        ValueError
            For a metric that is not finite: how often, and at which inputs first.
        """
        found = dict(self.function(values, progress))
        for name, result in found.items():
            broken = np.flatnonzero(~np.isfinite(result))
            if broken.size:
                point = ", ".join(
                    f"{key} = {value:.6g}" for key, value in zip(self.keys, values[:, broken[0]], strict=True)
                )
                told = {"metric": name, "count": broken.size, "n": len(result), "point": point}
                raise ValueError(both("study.not_finite", **told))
        return found


def check_one(metric: object) -> None:
    """Stop unless there is one metric: a name, or a function."""
    if not isinstance(metric, str) and not callable(metric):
        raise ValueError(both("study.one_metric", found=metric))


def study_of(
    metric: str | Function | Sequence[str],
    ds: Dataset | None,
    sc: Scenario | None,
    factors: Inputs = None,
    assignment: Assignment | None = None,
    baseline: Assignment = CURRENT,
) -> Study:
    """Return a study of the cost model, or of a function with a frame of factors.

    Parameters
    ----------
    metric : str, sequence of str, or callable
        Names from `csanalysis.costing.scenario_runs.METRICS`, or f(x) with x of shape (n, d).
    ds, sc : Dataset, Scenario, optional
        For metrics by name; `sc` defaults to the defaults of the workspace.
    factors : DataFrame, sequence of keys or of Factor, optional
        Default: every uncertain number with a range and a distribution, see `factors_of`.
    assignment, baseline : str, mapping or result
        Held fixed; default: `assign_tasks` at `sc`, against today.

    Raises
    ------
    ValueError
        For an unknown metric or key, or a function without factors.
    """
    if callable(metric):
        inputs = _given(factors)
        if not inputs:
            raise ValueError(both("study.needs_factors"))
        base = np.array([factor.mode for factor in inputs])
        return Study(inputs, (OWN,), base, None, _own(metric))
    if not isinstance(ds, Dataset) or not (sc is None or isinstance(sc, Scenario)):
        raise ValueError(both("study.needs_dataset"))
    names = (metric,) if isinstance(metric, str) else tuple(metric) if isinstance(metric, Sequence) else ()
    unknown = [name for name in names if name not in METRICS]
    if unknown or not names:
        told = unknown[0] if unknown else metric
        raise ValueError(both("runs.unknown_metric", metric=told, known=", ".join(METRICS)))
    scenario = sc or ds.base
    inputs = tuple(_stated(f, scenario, factors) for f in _given(factors))
    inputs = inputs or factors_of(scenario, factors)  # type: ignore[arg-type]
    if not inputs:
        raise ValueError(both("sensitivity.no_factor"))
    model = scenario_model(
        ds, scenario, _plan(ds, scenario, assignment), baseline, [factor.key for factor in inputs]
    )
    base = np.array([float(scenario.number(factor.key)) for factor in inputs])

    def run(values: Array, progress: Progress | None) -> Mapping[str, Array]:
        return model.evaluate(values, names, progress=progress)

    return Study(inputs, names, base, scenario, run)


def _plan(ds: Dataset, sc: Scenario, assignment: Assignment | None) -> Assignment:
    if assignment is not None:
        return assignment
    from csanalysis.assignment.assign import assign_tasks

    return assign_tasks(ds, sc)


def _given(factors: Inputs) -> tuple[Factor, ...]:
    """Return factors that are stated in full; none for keys, which need a scenario."""
    if isinstance(factors, pd.DataFrame):
        return frame_factors(factors)
    found = () if factors is None or isinstance(factors, str) else tuple(factors)
    return found if found and all(isinstance(f, Factor) for f in found) else ()  # type: ignore[return-value]


def _stated(factor: Factor, sc: Scenario, given: Inputs) -> Factor:
    """Return a factor of a table of one's own with what the model knows of its key and it leaves out."""
    if not isinstance(given, pd.DataFrame) or not sc.space.knows(factor.key):
        return factor
    known = sc.stated(factor.key)
    names = ("unit", "label_ja", "label_en", "source", "grade")
    told: dict[str, Any] = {name: getattr(factor, name) or getattr(known, name) for name in names}
    value = sc[factor.key]
    if "mode" not in given and isinstance(value, float) and factor.low <= value <= factor.high:
        told["mode"] = value
    return replace(factor, **told, hard_min=known.hard_min, hard_max=known.hard_max)


def _own(metric: Function) -> Callable[[Array, Progress | None], Mapping[str, Array]]:
    def run(values: Array, progress: Progress | None) -> Mapping[str, Array]:
        result = np.asarray(metric(values.T), dtype=float)
        if result.shape != values.shape[1:]:
            raise ValueError(both("study.shape", expected=values.shape[1:], found=result.shape))
        if progress is not None:
            progress(len(result))
        return {OWN: result}

    return run


@contextmanager
def bar(total: int, lang: str = "ja", shown: bool | None = None) -> Iterator[Progress]:
    """Show a progress bar on long work: by default from `SLOW` evaluations on, where somebody may watch."""
    watched = sys.stderr.isatty() or "ipykernel" in sys.modules
    hidden = not shown if shown is not None else total < SLOW or not watched
    with tqdm(total=total, desc=text("study.running", lang), unit="", leave=False, disable=hidden) as line:
        yield line.update


def block_of(n: int, most: int) -> int:
    """Return how many scenarios to evaluate at a time: a sixteenth of all, so that Ctrl-C loses little."""
    return int(min(max(n // 16, LEAST), most))


def metric_name(metric: str, lang: str) -> str:
    """Return how a metric is called on screen."""
    key = f"sobol.metric.{metric or OWN}"
    return text(key, lang) if has(key) else metric


def shown(metric: str, value: float, lang: str) -> str:
    """Return a value of a metric as it is written on screen."""
    return quantity(value, METRICS[metric], lang) if metric in METRICS else f"{value:,.4g}"


def input_value(factor: Factor, value: float, lang: str, apart_from: float | None = None) -> str:
    """Return a value of an input with its unit as it is written on screen.

    Where rounding would make it look like another value, `apart_from`, it gets more digits.
    """
    told = quantity(value, factor.unit, lang) if factor.unit else f"{value:,.4g}"
    if apart_from is None or value == apart_from or not np.isfinite([value, apart_from]).all():
        return told
    if told != input_value(factor, apart_from, lang):
        return told
    digits = 4
    scale = 100.0 if factor.unit.startswith("ratio") else 1.0
    while digits < 15 and f"{scale * value:,.{digits}g}" == f"{scale * apart_from:,.{digits}g}":
        digits += 1
    name = unit_name(factor.unit, lang) if factor.unit else ""
    return f"{scale * value:,.{digits}g} {name}".rstrip()
