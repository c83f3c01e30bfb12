"""Where a plan fails: a few boxes of inputs, each told as one sentence (scenario discovery)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

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
from csanalysis.sensitivity.monte_carlo import LARGE_IS_BAD, wilson
from csanalysis.sensitivity.sampling import Seed, entropy_of, sampler
from csanalysis.sensitivity.study import Function, Inputs, bar, input_value, metric_name, shown, study_of

DEPTH = 3
"""Conditions in a row at most: a sentence holds no more."""
SMALLEST = 0.02
"""Least share of all scenarios in a box."""
DENSE = 0.5
"""In a box of failure more than this share of the scenarios fails, and more than in the whole space."""

UNSURE = 0.2
"""A share with a 95 % interval wider than this is told as a rough figure (chosen)."""

Limits = dict[int, tuple[float, float]]
"""Position of an input -> above, and up to."""


@dataclass(frozen=True)
class Box:
    """A part of the space of inputs in which the plan mostly fails.

    Attributes
    ----------
    limits : mapping of str to (float, float)
        Key -> least and most value; infinite where not limited.
    density : float
        Share of the scenarios in the box that fail; `density_low` and `density_high`: its 95 % interval.
    coverage : float
        Share of all failing scenarios that lie in the box.
    size : float
        Share of all scenarios that lie in the box.
    """

    limits: dict[str, tuple[float, float]]
    density: float
    density_low: float
    density_high: float
    coverage: float
    size: float


@dataclass(frozen=True)
class FailureMap:
    """Boxes of inputs in which a metric misses a threshold, the one that covers most first.

    Attributes
    ----------
    metric : str
    threshold : float
        The plan fails where the metric is below it (above it for costs, heads and unmet hours).
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
    threshold: float
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
    threshold: float = 0.0,
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
    threshold : float
        The plan fails below it; above it for costs, heads and unmet hours. Unit of the metric.
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
    if n < 200 or not 1 <= depth <= 5 or not np.isfinite(threshold):
        raise ValueError(both("failure_map.settings", n=n, depth=depth, threshold=threshold))
    study = study_of(metric, ds, sc, factors, assignment, baseline)
    name, entropy = study.metrics[0], entropy_of(seed)
    half = int(n) // 2
    learn, check = (sampler(study.factors, half, seed=s) for s in (entropy, entropy + 1))
    with bar(2 * half) as progress:
        samples = []
        for draw in (learn, check):
            values = draw.values()
            samples.append((values, _fails(name, study.evaluate(values)[name], threshold)))
            progress(half)
    found = _boxes(samples[0], samples[1], study.keys, depth)
    failing = float(samples[1][1].mean())
    dense = max(DENSE, failing)
    boxes = tuple(sorted((box for box in found if box.density_low > dense), key=lambda box: -box.coverage))
    best = min(found, key=lambda box: box.density, default=None)
    safe = best if best and best.density_high < failing else None
    label = name if isinstance(metric, str) else ""
    return FailureMap(label, threshold, failing, boxes, safe, study.factors, half, learn.notes)


def _fails(name: str, values: Array, threshold: float) -> npt.NDArray[np.bool_]:
    return np.asarray(values > threshold if name in LARGE_IS_BAD else values < threshold)


def _boxes(
    learn: tuple[Array, npt.NDArray[np.bool_]],
    check: tuple[Array, npt.NDArray[np.bool_]],
    keys: tuple[str, ...],
    depth: int,
) -> tuple[Box, ...]:
    """Return the leaves of the tree, measured on the other half; those alike in kind that touch are one."""
    if learn[1].all() or not learn[1].any():
        return ()
    from sklearn.tree import DecisionTreeClassifier

    leaf = max(int(np.ceil(SMALLEST * learn[0].shape[1])), 2)
    tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=leaf, random_state=0)
    tree.fit(learn[0].T, learn[1])
    dense = max(DENSE, float(learn[1].mean()))
    leaves = list(_leaves(tree.tree_, 0, {}))
    alike = [[limits for limits, share in leaves if (share > dense) == failing] for failing in (True, False)]
    return tuple(
        box for limits in _merged(alike[0]) + alike[1] if (box := _measured(limits, check, keys)) is not None
    )


def _measured(
    limits: Limits, check: tuple[Array, npt.NDArray[np.bool_]], keys: tuple[str, ...]
) -> Box | None:
    values, failed = check
    inside = np.ones(values.shape[1], bool)
    for column, (least, most) in limits.items():
        inside &= (values[column] > least) & (values[column] <= most)
    count, hits = int(inside.sum()), int((inside & failed).sum())
    if not count or not limits:
        return None
    low, high = wilson(hits, count)
    named = {keys[column]: ends for column, ends in limits.items()}
    covered = hits / max(int(failed.sum()), 1)
    return Box(named, hits / count, low, high, covered, count / len(failed))


def _leaves(tree: object, node: int, limits: Limits) -> Iterator[tuple[Limits, float]]:
    """Yield the limits of every leaf, and the share of its scenarios that fail."""
    column = int(tree.feature[node])  # type: ignore[attr-defined]
    if column < 0:
        share = tree.value[node][0]  # type: ignore[attr-defined]
        yield limits, float(share[1] / share.sum())
        return
    cut = float(tree.threshold[node])  # type: ignore[attr-defined]
    least, most = limits.get(column, (-np.inf, np.inf))
    children = tree.children_left[node], tree.children_right[node]  # type: ignore[attr-defined]
    yield from _leaves(tree, int(children[0]), {**limits, column: (least, min(most, cut))})
    yield from _leaves(tree, int(children[1]), {**limits, column: (max(least, cut), most)})


def _merged(leaves: list[Limits]) -> list[Limits]:
    """Join leaves that differ in one limit and touch there: two sentences become one."""
    for a, one in enumerate(leaves):
        for b, other in enumerate(leaves[a + 1 :], a + 1):
            if one.keys() != other.keys():
                continue
            apart = [k for k in one if one[k] != other[k]]
            if len(apart) != 1:
                continue
            (low_one, high_one), (low_other, high_other) = one[apart[0]], other[apart[0]]
            if high_one in (low_other,) or high_other in (low_one,):
                ends = (min(low_one, low_other), max(high_one, high_other))
                joined = {**one, apart[0]: ends}
                if ends == (-np.inf, np.inf):
                    del joined[apart[0]]
                return _merged([leaf for n, leaf in enumerate(leaves) if n not in (a, b)] + [joined])
    return leaves


def _findings(found: FailureMap) -> Iterator[Finding]:
    said: dict[str, Shown] = {
        "metric": lambda lang: metric_name(found.metric, lang),
        "threshold": lambda lang: shown(found.metric, found.threshold, lang),
        "failing": percent(found.failing, 0),
        "n": number(found.n),
    }
    large = found.metric in LARGE_IS_BAD
    yield Finding("failure_map.above" if large else "failure_map.below", said)
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
        yield Finding("failure_map.safe", {**said, **_told(found.safe, by_key)})


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
