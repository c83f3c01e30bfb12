"""Boxes of inputs in which a plan fails: the leaves of a shallow classification tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from csanalysis.model.parameters import Array
from csanalysis.sensitivity.monte_carlo import wilson

SMALLEST = 0.02
"""Least share of all scenarios in a box."""
DENSE = 0.5
"""In a box of failure more than this share of the scenarios fails, and more than in the whole space."""
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


def leaves_of(values: Array, failed: npt.NDArray[np.bool_], depth: int) -> list[Limits]:
    """Return the leaves of a tree; those in which the plan mostly fails and that touch are one."""
    if failed.all() or not failed.any():
        return []
    from sklearn.tree import DecisionTreeClassifier

    leaf = max(int(np.ceil(SMALLEST * values.shape[1])), 2)
    tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=leaf, random_state=0)
    tree.fit(values.T, failed)
    dense = max(DENSE, float(failed.mean()))
    leaves = list(_leaves(tree.tree_, 0, {}))
    alike = [[limits for limits, share in leaves if (share > dense) == failing] for failing in (True, False)]
    return [limits for limits in _merged(alike[0]) + alike[1] if limits]


def box_of(limits: Limits, count: int, hits: int, failing: int, n: int, keys: tuple[str, ...]) -> Box | None:
    """Return a leaf with what was measured in it: scenarios, and failing ones; None for an empty one."""
    if not count:
        return None
    low, high = wilson(hits, count)
    named = {keys[column]: ends for column, ends in limits.items()}
    return Box(named, hits / count, low, high, hits / max(failing, 1), count / n)


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
