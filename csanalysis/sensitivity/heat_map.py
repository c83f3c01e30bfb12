"""Two numbers at once: a metric over the grid of both, and the line on which it is zero."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from csanalysis.costing.placement import CURRENT, Assignment
from csanalysis.costing.scenario_runs import METRICS
from csanalysis.labels import both, percent
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.parameters import WHOLE_UNIT, Array
from csanalysis.model.scenario import Scenario
from csanalysis.sensitivity.factors import Factor, factors_of
from csanalysis.sensitivity.study import bar, check_one, input_value, metric_name, shown, study_of
from csanalysis.sensitivity.turns import SIGNED
from csanalysis.vocabulary import Distribution
from csanalysis.workspace.parquet_file import write_parquet

SIZE = 41
"""Values of each of the two numbers."""


@dataclass(frozen=True)
class HeatMap:
    """A metric over two numbers, all others as in the scenario.

    Attributes
    ----------
    metric : str
    x, y : Factor
    x_values, y_values : ndarray, shape (n_x,) and (n_y,)
    values : ndarray, shape (n_y, n_x)
        The metric.
    here : tuple of float
        Values of both in the scenario, and the metric there.
    """

    metric: str
    x: Factor
    y: Factor
    x_values: Array = field(repr=False)
    y_values: Array = field(repr=False)
    values: Array = field(repr=False)
    here: tuple[float, float, float]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a point: the keys of both numbers, value, unit."""
        y, x = np.meshgrid(self.y_values, self.x_values, indexing="ij")
        columns = {self.x.key: x.ravel(), self.y.key: y.ravel(), "value": self.values.ravel()}
        return pd.DataFrame(columns).assign(unit=METRICS[self.metric])

    def write(self, path: str | Path) -> Path:
        """Write `to_frame` as parquet; the file holds the metric too."""
        return write_parquet(path, [self.to_frame()], {"analysis": "heat_map", "metric": self.metric})

    @property
    def break_even(self) -> pd.DataFrame:
        """Points where the metric changes its sign along y: the keys of both numbers, one row a crossing."""
        rows = []
        for column, x in enumerate(self.x_values):
            line = self.values[:, column]
            for row in np.flatnonzero((line[:-1] >= 0) != (line[1:] >= 0)):
                share = line[row] / (line[row] - line[row + 1])
                y = self.y_values[row] + share * (self.y_values[row + 1] - self.y_values[row])
                rows.append((float(x), float(y)))
        return pd.DataFrame(rows, columns=[self.x.key, self.y.key], dtype=float)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Where the metric is above zero, and how far from it the company stands."""
        return tuple(_findings(self))

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings in a language."""
        return [finding.sentence(lang) for finding in self.findings]


def heat_map(
    metric: str,
    ds: Dataset,
    sc: Scenario | None = None,
    x: str = "",
    y: str = "",
    *,
    assignment: Assignment | None = None,
    baseline: Assignment = CURRENT,
    size: int = SIZE,
) -> HeatMap:
    """Evaluate a metric over the ranges of two numbers.

    Parameters
    ----------
    metric : str
        See `csanalysis.costing.scenario_runs.METRICS`.
    ds, sc : Dataset, Scenario
        `sc` defaults to the defaults of the workspace.
    x, y : str
        Keys of parameters or cells with a range; widened by its grade, see `factors_of`.
    assignment, baseline : str, mapping or result
        Held fixed; default: `assign_tasks` at `sc`, against today.
    size : int
        Values of each number, 2 or more; fewer where only whole ones are possible.

    Raises
    ------
    ValueError
        For an unknown metric or key, twice the same key, or one without a range.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> plan = cs.playbook_assignment(ds, ds.base)
    >>> keys = "resources.bpo.price", "effort"
    >>> cs.heat_map("npv", ds, ds.base, *keys, assignment=plan, size=5).values.shape
    (5, 5)
    """
    check_one(metric)
    if callable(metric) or not isinstance(ds, Dataset):
        raise ValueError(both("study.needs_dataset"))
    scenario = sc or ds.base
    if not x or not y or scenario.space.find(x).key == scenario.space.find(y).key:
        raise ValueError(both("heat_map.two_keys", x=x, y=y))
    study = study_of(metric, ds, scenario, factors_of(scenario, (x, y)), assignment, baseline)
    one, other = study.factors
    xs, ys = (_values(factor, max(int(size), 2)) for factor in study.factors)
    points = np.array([p.ravel() for p in np.meshgrid(xs, ys)])
    with bar(points.shape[1], ds.lang) as progress:
        found = study.evaluate(np.column_stack([study.base, points]), progress)[metric]
    here = (float(study.base[0]), float(study.base[1]), float(found[0]))
    return HeatMap(metric, one, other, xs, ys, found[1:].reshape(len(ys), len(xs)), here)


def _values(factor: Factor, size: int) -> Array:
    if factor.distribution == Distribution.DISCRETE:
        return np.unique(factor.values)
    if factor.unit == WHOLE_UNIT:
        return np.unique(np.rint(np.linspace(factor.low, factor.high, size)))
    return np.linspace(factor.low, factor.high, size)


def _findings(found: HeatMap) -> Iterator[Finding]:
    above = float((found.values >= 0).mean())
    x, y, here = found.here
    said: dict[str, Shown] = {
        "metric": lambda lang: metric_name(found.metric, lang),
        "x": found.x.label,
        "y": found.y.label,
        "share": percent(above, 0),
        "here": lambda lang: shown(found.metric, here, lang),
        "at_x": lambda lang: input_value(found.x, x, lang),
        "at_y": lambda lang: input_value(found.y, y, lang),
    }
    yield Finding("heat_map.here", said)
    if found.metric not in SIGNED:
        return
    if above in (0.0, 1.0):
        yield Finding("heat_map.always" if above else "heat_map.never", said)
        return
    yield Finding("heat_map.share", said)
    row = int(np.abs(found.y_values - y).argmin())
    line = found.values[row] >= 0
    crossings = np.flatnonzero(line[:-1] != line[1:])
    if crossings.size:
        at = found.x_values[crossings]
        nearest = crossings[np.abs(at - x).argmin()]
        low, high = (float(found.x_values[n]) for n in (nearest, nearest + 1))
        ends: dict[str, Shown] = {
            "low": lambda lang: input_value(found.x, low, lang),
            "high": lambda lang: input_value(found.x, high, lang),
        }
        yield Finding("heat_map.crossing", {**said, **ends})
