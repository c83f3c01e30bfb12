"""Where a plan fails: a few boxes of inputs, each told as one sentence (scenario discovery)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.costing.placement import CURRENT, Assignment
from csanalysis.labels import both, number, percent, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.sensitivity.factors import Factor
from csanalysis.sensitivity.failure_boxes import DENSE, Box, Limits, box_of, leaves_of
from csanalysis.sensitivity.monte_carlo import BLOCK, LARGE_IS_BAD
from csanalysis.sensitivity.sampling import Sampler, Seed, entropy_of, factor_notes, sampler
from csanalysis.sensitivity.study import (
    OWN,
    Function,
    Inputs,
    Progress,
    Study,
    bar,
    block_of,
    check_one,
    input_value,
    metric_name,
    shown,
    study_of,
)
from csanalysis.sensitivity.turns import SIGNED, STANDING, answers_of
from csanalysis.workspace.parquet_file import write_parquet

MOST_LEARNT = 2**17
"""Scenarios that the tree is made from at most."""
DEPTH = 3
"""Conditions in a row at most: a sentence holds no more."""
UNSURE = 0.2
"""A share with a 95 % interval wider than this is told as a rough figure (chosen)."""


@dataclass(frozen=True)
class FailureMap:
    """Boxes of inputs in which a metric misses a threshold, the one that covers most first.

    Attributes
    ----------
    metric : str
    threshold : float or None
        The plan fails where the metric is below it (above it for costs, heads and unmet hours). None: where
        the answer on npv is a loss, not even the price of a hire avoided.
    failing : float
        Share of all scenarios that fail.
    boxes : tuple of Box
        Found on one half of the scenarios, measured on the other.
    safe : Box or None
        The part in which the plan fails least, where that is clearly less than anywhere; density and coverage
        are shares of failing scenarios as for any box.
    n : int
        Scenarios measured on.
    """

    metric: str
    threshold: float | None
    failing: float
    boxes: tuple[Box, ...]
    safe: Box | None
    factors: tuple[Factor, ...] = field(repr=False)
    n: int
    notes: tuple[Finding, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return one row a limit of a box: box, key, least, most, and the figures of the box, see `Box`."""
        rows = [
            (at, key, least, most, b.density, b.density_low, b.density_high, b.coverage, b.size)
            for at, b in enumerate(self.boxes, 1)
            for key, (least, most) in b.limits.items()
        ]
        names = ("box", "key", "least", "most", "density", "density_low", "density_high", "coverage", "size")
        return pd.DataFrame(rows, columns=list(names))

    @property
    def kind(self) -> str:
        """What failing is: ``loss`` (no threshold), ``above`` or ``below`` it."""
        if self.threshold is None:
            return "loss"
        return "above" if self.metric in LARGE_IS_BAD else "below"

    def threshold_text(self, lang: str) -> str:
        """Return the threshold as it is written on screen; empty without one."""
        return "" if self.threshold is None else shown(self.metric, self.threshold, lang)

    def write(self, path: str | Path) -> Path:
        """Write `to_frame` as parquet; the file holds metric, threshold, n and the failing share too."""
        about = {"analysis": "failure_map", "metric": self.metric or OWN, "threshold": str(self.threshold)}
        return write_parquet(
            path, [self.to_frame()], {**about, "n": str(self.n), "failing": str(self.failing)}
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One sentence a box, and what the boxes leave out."""
        return (*_findings(self), *self.notes)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings in a language."""
        return [finding.sentence(lang) for finding in self.findings]


def failure_map(
    metric: str | Function,
    ds: Dataset | None = None,
    sc: Scenario | None = None,
    *,
    threshold: float | None = None,
    n: int = 2**14,
    seed: Seed = 1,
    factors: Inputs = None,
    assignment: Assignment | None = None,
    baseline: Assignment = CURRENT,
    depth: int = DEPTH,
) -> FailureMap:
    """Find the inputs under which a plan fails, by a shallow classification tree.

    Parameters
    ----------
    metric : str or callable
        See `csanalysis.costing.scenario_runs.METRICS`; or f(x) with x (n, d).
    ds, sc : Dataset, Scenario, optional
        For a metric by name; `sc` defaults to the defaults of the workspace.
    threshold : float, optional
        The plan fails below it; above it for costs, heads and unmet hours. Unit of the metric. Default: for
        npv a loss that avoiding a hire does not pay for, see `csanalysis.costing.cases`; for cash, savings
        and functions of one's own 0; other metrics need one.
    n : int
        Scenarios, 200 or more: half to find the boxes, half to measure them.
    seed : int or numpy.random.Generator
    factors : DataFrame, sequence of keys or of Factor, optional
        Default: every uncertainty with a range, widened by its grade, see `factors_of`.
    assignment, baseline : str, mapping or result
        Held fixed; default: `assign_tasks` at `sc`, against today.
    depth : int
        Conditions in a row, 1 to 5.

    Raises
    ------
    ValueError
        For settings out of range, an unknown metric or key, or a metric that is not finite.

    Examples
    --------
    >>> import pandas as pd
    >>> ends = pd.DataFrame({"key": ["x", "y"], "low": 0.0, "high": 1.0, "distribution": "uniform"})
    >>> found = failure_map(lambda x: x[:, 0] - 0.25, factors=ends)
    >>> [round(box.coverage, 1) for box in found.boxes], list(found.boxes[0].limits)
    ([1.0], ['x'])
    """
    check_one(metric)
    by_answer = threshold is None and metric == "npv"
    if threshold is None and (callable(metric) or metric in SIGNED) and not by_answer:
        threshold = 0.0
    usable = by_answer or (threshold is not None and np.isfinite(threshold))
    if n < 200 or not 1 <= depth <= 5 or not usable:
        raise ValueError(both("failure_map.settings", n=n, depth=depth, threshold=threshold))
    study = study_of(STANDING if by_answer else metric, ds, sc, factors, assignment, baseline)
    name, entropy = study.metrics[0], entropy_of(seed)
    rows = min(int(n) // 2, MOST_LEARNT), int(n) // 2

    def fails(found: Mapping[str, Array]) -> npt.NDArray[np.bool_]:
        if threshold is None:
            return np.asarray(answers_of(dict(found), name) == "loss")
        values = found[name]
        return np.asarray(values > threshold if name in LARGE_IS_BAD else values < threshold)

    draws = [sampler(study.factors, half, seed=entropy + at) for at, half in enumerate(rows)]
    with bar(sum(rows), ds.lang if ds else "ja") as progress:
        values = draws[0].values()
        leaves = leaves_of(values, fails(study.evaluate(values, progress)), depth)
        counts, done, failed = _measured(study, draws[1], fails, leaves, progress)
    pairs = zip(leaves, counts, strict=True)
    boxes = [box_of(limits, *count, failed, done, study.keys) for limits, count in pairs]
    failing = failed / done
    dense = max(DENSE, failing)
    found = [box for box in boxes if box is not None]
    bad = tuple(sorted((box for box in found if box.density_low > dense), key=lambda box: -box.coverage))
    best = min(found, key=lambda box: box.density, default=None)
    safe = best if best and best.density_high < failing else None
    label = name if not callable(metric) else ""
    notes = tuple(factor_notes(study.factors))
    return FailureMap(label, threshold, failing, bad, safe, study.factors, done, notes)


def _measured(
    study: Study,
    draw: Sampler,
    fails: Callable[[Mapping[str, Array]], npt.NDArray[np.bool_]],
    leaves: list[Limits],
    progress: Progress,
) -> tuple[list[tuple[int, int]], int, int]:
    """Return (scenarios, failing ones) of each leaf, and both of the whole; Ctrl-C keeps what is done."""
    counts, done, failing = np.zeros((len(leaves), 2), dtype=np.int64), 0, 0
    try:
        for block in draw.blocks(block_of(draw.n, BLOCK)):
            failed = fails(study.evaluate(block))
            for at, limits in enumerate(leaves):
                inside = np.ones(block.shape[1], bool)
                for column, (least, most) in limits.items():
                    inside &= (block[column] > least) & (block[column] <= most)
                counts[at] += int(inside.sum()), int((inside & failed).sum())
            done += block.shape[1]
            failing += int(failed.sum())
            progress(block.shape[1])
    except KeyboardInterrupt:
        if not done:
            raise
    return [(int(count), int(hits)) for count, hits in counts], done, failing


def _findings(found: FailureMap) -> Iterator[Finding]:
    said: dict[str, Shown] = {
        "metric": lambda lang: metric_name(found.metric, lang),
        "threshold": found.threshold_text,
        "failing": percent(found.failing, 0),
        "n": number(found.n),
    }
    yield Finding(f"failure_map.{found.kind}", said)
    if found.failing in (0.0, 1.0):
        yield Finding("failure_map.all" if found.failing else "failure_map.none", said)
        return
    by_key = {factor.key: factor for factor in found.factors}
    if not found.boxes:
        yield Finding("failure_map.scattered", said)
    for box in found.boxes:
        values = {**said, **_told(box, by_key)}
        yield Finding("failure_map.box", values)
        if box.density_high - box.density_low > UNSURE:
            yield Finding("failure_map.too_small", values, "warning")
    if found.boxes:
        rest = max(1 - sum(box.coverage for box in found.boxes), 0.0)
        yield Finding("failure_map.rest", {**said, "rest": percent(rest, 0)})
    if found.safe is not None:
        values = {**said, **_told(found.safe, by_key)}
        yield Finding("failure_map.safe", values)
        if found.safe.density_high - found.safe.density_low > UNSURE:
            yield Finding("failure_map.too_small", values, "warning")


def _told(box: Box, by_key: dict[str, Factor]) -> dict[str, Shown]:
    return {
        "limits": _limits(box, by_key),
        "density": percent(box.density, 0),
        "density_low": percent(box.density_low, 0),
        "density_high": percent(box.density_high, 0),
        "coverage": percent(box.coverage, 0),
    }


def _limits(box: Box, by_key: dict[str, Factor]) -> Shown:
    def told(lang: str) -> str:
        parts = []
        for key, (least, most) in box.limits.items():
            factor = by_key[key]
            ends = {"low": input_value(factor, least, lang), "high": input_value(factor, most, lang)}
            kind = "between" if np.isfinite(least) and np.isfinite(most) else "over"
            kind = "under" if not np.isfinite(least) else kind
            parts.append(text(f"failure_map.{kind}", lang, name=factor.label(lang), **ends))
        return text("failure_map.and", lang).join(parts)

    return told
