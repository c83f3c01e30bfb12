"""Where a choice flips: the nearest change of one quantity, by a scan of its range and bisection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from csanalysis.model.parameters import Array

Kinds = npt.NDArray[np.intp]
Evaluate = Callable[[Array], Kinds]
"""Values of the quantity, one row a task (n_tasks, m) -> kind chosen (n_tasks, m); all else as it stands."""


@dataclass(frozen=True)
class Flips:
    """The nearest flip of each task; arrays of shape (n_tasks,).

    Attributes
    ----------
    at : ndarray
        First value found on the far side, NaN where the range holds no flip.
    to : ndarray of int
        Kind chosen there, -1 where there is none.
    """

    at: Array
    to: Kinds


def nearest_flips(evaluate: Evaluate, current: Array, grid: Array, tolerance: float) -> Flips:
    """Return the value nearest to the current one at which the kind changes.

    The range is scanned on the grid, so that a choice that flips and flips back is found too, if it lasts for
    a step; then the step is halved until it is no wider than `tolerance`.

    Parameters
    ----------
    evaluate : callable
    current : ndarray, shape (n_tasks,)
        Today's value of each task, within the grid.
    grid : ndarray, shape (m,)
        Rising; its ends are the range.
    tolerance : float
        Widest bracket, in the unit of the quantity.

    Examples
    --------
    >>> step = lambda x: (x > 0.3).astype(int)
    >>> found = nearest_flips(step, np.array([0.1, 0.9]), np.linspace(0, 1, 11), 1e-6)
    >>> found.at.round(3).tolist(), found.to.tolist()
    ([0.3, 0.3], [1, 0])
    """
    kinds = evaluate(np.broadcast_to(grid, (len(current), len(grid))))
    today = evaluate(current[:, None])[:, 0]
    differs = kinds != today[:, None]
    above, below = grid > current[:, None], grid < current[:, None]
    up = _refined(evaluate, current, grid, differs & above, today, tolerance, 1)
    down = _refined(evaluate, current, grid, differs & below, today, tolerance, -1)
    with np.errstate(invalid="ignore"):
        use_up = np.isnan(down) | (np.abs(up - current) <= np.abs(down - current))
    at = np.where(use_up, up, down)
    known = np.isfinite(at)
    reached = evaluate(np.where(known, at, current)[:, None])[:, 0]
    return Flips(at, np.where(known, reached, -1))


def _refined(
    evaluate: Evaluate,
    current: Array,
    grid: Array,
    differs: npt.NDArray[np.bool_],
    today: Kinds,
    tolerance: float,
    direction: int,
) -> Array:
    """Return the nearest flip on one side, the bracket halved until it is narrow enough."""
    if not differs.any():
        return np.full(len(current), np.nan)
    order = np.arange(len(grid)) if direction > 0 else np.arange(len(grid))[::-1]
    first = order[differs[:, order].argmax(axis=1)]
    known = differs.any(axis=1)
    beyond = np.where(known, grid[first], current)
    step = grid[np.clip(first - direction, 0, len(grid) - 1)]
    before = np.maximum(step, current) if direction > 0 else np.minimum(step, current)
    before = np.where(known, before, current)
    while (np.abs(beyond - before) > tolerance).any():
        middle = (before + beyond) / 2
        flipped = evaluate(middle[:, None])[:, 0] != today
        beyond, before = np.where(flipped, middle, beyond), np.where(flipped, before, middle)
    return np.where(known, beyond, np.nan)
