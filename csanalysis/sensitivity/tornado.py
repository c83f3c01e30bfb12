"""Each uncertain number alone over its range: how far it moves a metric, and where it turns the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.costing.placement import CURRENT, Assignment
from csanalysis.labels import number
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.sensitivity.factors import Factor
from csanalysis.sensitivity.sampling import factor_notes
from csanalysis.sensitivity.study import (
    OWN,
    Function,
    Inputs,
    bar,
    check_one,
    input_value,
    metric_name,
    shown,
    study_of,
)
from csanalysis.sensitivity.turns import SIGNED, STANDING, Turn, alone, answers_of, turn_text, turns_of
from csanalysis.vocabulary import Distribution
from csanalysis.workspace.parquet_file import write_parquet

POINTS = 161
"""Values of each input that are looked at, both ends among them."""
NOTHING = 1e-9
"""A swing below this share of the metric's size is none."""
_TOLD = 3


@dataclass(frozen=True)
class Tornado:
    """What each input does to a metric, all others as in the scenario.

    Attributes
    ----------
    metric : str
    factors : tuple of Factor
        Widest swing first.
    base : float
        The metric with every input as it stands.
    points, values : ndarray, shape (d, n_points)
        Values of each input over its range, and the metric there.
    today : ndarray, shape (d,)
        Values of the inputs in the scenario.
    turns : tuple of tuple of Turn
        Of each input: where the answer becomes another one, the nearest first; at most one on either side.
    answer : str
        The answer today, see `Turn`.
    notes : tuple of Finding
    """

    metric: str
    factors: tuple[Factor, ...]
    base: float
    today: Array = field(repr=False)
    points: Array = field(repr=False)
    values: Array = field(repr=False)
    turns: tuple[tuple[Turn, ...], ...] = field(repr=False)
    answer: str
    notes: tuple[Finding, ...] = ()

    @property
    def flips(self) -> Array:
        """Value of each input nearest to today's from which the answer is another one; NaN: none."""
        return np.array([turns[0].at if turns else np.nan for turns in self.turns])

    def curve(self) -> pd.DataFrame:
        """Return one row an input and value looked at: key, at (unit of the input), value (of the metric)."""
        keys = np.repeat([f.key for f in self.factors], self.points.shape[1])
        return pd.DataFrame({"key": keys, "at": self.points.ravel(), "value": self.values.ravel()})

    def write(self, path: str | Path) -> Path:
        """Write `curve` as parquet; the file holds metric, answer and value of today too."""
        about = {"analysis": "tornado", "metric": self.metric or OWN, "base": repr(self.base)}
        return write_parquet(path, [self.curve()], {**about, "answer": self.answer})

    def to_frame(self) -> pd.DataFrame:
        """Return one row an input, widest swing first.

        Columns: key, low, today, high (unit of the input), at_low, at_high (the metric at the ends), least,
        most (over the whole range), swing (most - least), turns (does the answer change somewhere), flips_at
        (NaN: nowhere), unit, grade, source.
        """
        values = self.values
        least, most = values.min(axis=1), values.max(axis=1)
        return pd.DataFrame(
            {
                "key": [f.key for f in self.factors],
                "low": [f.low for f in self.factors],
                "today": self.today,
                "high": [f.high for f in self.factors],
                "at_low": values[:, 0],
                "at_high": values[:, -1],
                "least": np.minimum(least, self.base),
                "most": np.maximum(most, self.base),
                "swing": np.maximum(most, self.base) - np.minimum(least, self.base),
                "turns": np.isfinite(self.flips),
                "flips_at": self.flips,
                "unit": [f.unit for f in self.factors],
                "grade": [f.grade for f in self.factors],
                "source": [f.source for f in self.factors],
            }
        )

    @cached_property
    def overturning(self) -> tuple[int, ...]:
        """Positions of the inputs that change the answer, the shortest way through their range first."""
        found = np.flatnonzero(np.isfinite(self.flips))
        span = np.array([max(f.high - f.low, 1e-300) for f in self.factors])
        way = np.abs(self.flips - self.today) / span
        return tuple(int(i) for i in found[np.argsort(way[found], kind="stable")])

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What moves the metric most, and what would change the answer."""
        return (*_findings(self), *self.notes)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings in a language."""
        return [finding.sentence(lang) for finding in self.findings]


def tornado(
    metric: str | Function,
    ds: Dataset | None = None,
    sc: Scenario | None = None,
    *,
    factors: Inputs = None,
    assignment: Assignment | None = None,
    baseline: Assignment = CURRENT,
    points: int = POINTS,
) -> Tornado:
    """Move each uncertain number alone from end to end of its range.

    Parameters
    ----------
    metric : str or callable
        A metric of the cost model, see `csanalysis.costing.scenario_runs.METRICS`, or f(x) with x (n, d).
    ds, sc : Dataset, Scenario, optional
        For a metric by name; `sc` defaults to the defaults of the workspace.
    factors : DataFrame, sequence of keys or of Factor, optional
        Default: every uncertainty with a range, widened by its grade, see `factors_of`.
    assignment, baseline : str, mapping or result
        Held fixed; default: `assign_tasks` at `sc`, against today.
    points : int
        Values looked at in each range, 2 or more: whole heads make the metric a saw between the ends.

    Returns
    -------
    Tornado
        For npv the answer is a gain, a hire worth paying for, or a loss, see `csanalysis.costing.cases`; for
        cash, savings and functions of one's own the sign; other metrics give no answer to turn.

    Raises
    ------
    ValueError
        For an unknown metric or key, or a metric that is not finite.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> plan = cs.playbook_assignment(ds, ds.base)
    >>> found = cs.tornado("npv", ds, ds.base, assignment=plan)
    >>> bool(found.to_frame()["swing"].is_monotonic_decreasing)
    True
    """
    check_one(metric)
    names = (metric, *(m for m in STANDING if m != metric)) if metric == "npv" else metric
    study = study_of(names, ds, sc, factors, assignment, baseline)
    name = study.metrics[0]
    points = max(int(points), 2)
    grid = np.array([_grid(factor, points) for factor in study.factors])
    with bar(grid.size + 1, ds.lang if ds else "ja") as progress:
        found = alone(study, grid, progress)
    answers = answers_of(found, name)
    turns = turns_of(study, grid, answers, name)
    values = found[name][1:].reshape(grid.shape)
    base = float(found[name][0])
    swing = np.maximum(values.max(axis=1), base) - np.minimum(values.min(axis=1), base)
    swing = np.where(swing > NOTHING * max(abs(base), 1e-300), swing, 0.0)
    order = np.argsort(-swing, kind="stable")
    return Tornado(
        name if isinstance(metric, str) else "",
        tuple(study.factors[i] for i in order),
        base,
        study.base[order],
        grid[order],
        values[order],
        tuple(turns[i] for i in order),
        str(answers[0]),
        tuple(factor_notes(study.factors)),
    )


def _grid(factor: Factor, points: int) -> Array:
    if factor.distribution == Distribution.DISCRETE:
        allowed = np.unique(factor.values)
        return np.asarray(allowed[np.rint(np.linspace(0, len(allowed) - 1, points)).astype(int)])
    return np.linspace(factor.low, factor.high, points)


def _findings(found: Tornado) -> Iterator[Finding]:
    frame = found.to_frame()
    moved = frame[frame["swing"] > NOTHING * max(abs(found.base), 1e-300)]
    said: dict[str, Shown] = {
        "metric": lambda lang: metric_name(found.metric, lang),
        "base": lambda lang: shown(found.metric, found.base, lang),
        "count": number(len(frame)),
    }
    if moved.empty:
        yield Finding("tornado.nothing", said)
        return
    rows = frame.to_dict("records")
    for at in range(min(len(moved), _TOLD)):
        yield Finding("tornado.moves", {**said, **_told(found, found.factors[at], rows[at])})
    if not found.overturning and (found.metric or OWN) in SIGNED:
        yield Finding("tornado.stands", said)
    for at in found.overturning[:_TOLD]:
        values = {**said, **_told(found, found.factors[at], rows[at])}
        yield Finding("tornado.overturns", values, "warning")
    if len(found.overturning) > _TOLD:
        yield Finding("tornado.more", {**said, "more": number(len(found.overturning) - _TOLD)})


def _told(found: Tornado, factor: Factor, row: Mapping[Any, Any]) -> dict[str, Shown]:
    def metric(name: str) -> Shown:
        return lambda lang: shown(found.metric, float(row[name]), lang)

    def given(name: str) -> Shown:
        return lambda lang: input_value(factor, float(row[name]), lang)

    inputs: dict[str, Shown] = {name: given(name) for name in ("low", "high", "today")}
    turns = found.turns[found.factors.index(factor)]
    inputs["turns"] = lambda lang: turn_text(factor, float(row["today"]), turns, lang)
    return {**inputs, "name": factor.label, "least": metric("least"), "most": metric("most")}
