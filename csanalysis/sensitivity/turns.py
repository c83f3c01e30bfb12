"""Where a number, moved alone, turns the answer: on either side of today, to what, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from csanalysis.costing.cases import standing_of
from csanalysis.labels import text
from csanalysis.model.parameters import Array
from csanalysis.sensitivity.factors import Factor
from csanalysis.sensitivity.study import OWN, Progress, Study, input_value
from csanalysis.vocabulary import Distribution

STANDING = ("npv", "heads", "staff_saving")
"""Metrics behind the answer on npv: a gain, a hire worth paying for, or a loss."""
SIGNED = frozenset(("npv", "npv_terminal", "first_year_cash", "cash_saving", "staff_saving", OWN))
"""Metrics of which the sign is an answer; of the others none is."""
RANK = {"loss": 0, "below": 0, "hire": 1, "gain": 2, "above": 2}
"""Answers from bad to good."""
REFINED, FINE = 2, 41
"""The part in which the answer changes is cut this often into so many values."""

Cells = dict[tuple[int, int], tuple[float, float]]
"""Input and side -> the last value seen with today's answer, and the first with another."""
Answers = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Turn:
    """One change of the answer.

    Attributes
    ----------
    at : float
        Value of the input nearest to today's from which the answer is another one.
    until : float
        Value beyond which it changes again; NaN: it stays so to the end of the range.
    answer : str
        ``gain``, ``hire``, ``loss``; ``above`` or ``below`` zero.
    """

    at: float
    until: float
    answer: str


def answers_of(found: dict[str, Array], metric: str) -> Answers:
    """Return the answer of each scenario, the same word for all where the metric gives none."""
    if all(name in found for name in STANDING):
        return standing_of(*(found[name] for name in STANDING))
    values = found[metric]
    if metric not in SIGNED:
        return np.full(len(values), "above")
    return np.where(values >= 0, "above", "below")


def alone(study: Study, grid: Array, progress: Progress | None = None) -> dict[str, Array]:
    """Return metrics at the base point, then at every point of every input, the others as they stand.

    Parameters
    ----------
    study : Study
    grid : ndarray, shape (d, n_points)
        Values of each input.
    """
    d, points = grid.shape
    values = np.repeat(study.base[:, None], 1 + d * points, axis=1)
    for i in range(d):
        values[i, 1 + i * points : 1 + (i + 1) * points] = grid[i]
    return study.evaluate(values, progress)


def turns_of(study: Study, grid: Array, answers: Answers, metric: str) -> tuple[tuple[Turn, ...], ...]:
    """Return the turns of each input: at most one below today's value, and one above.

    A stretch of another answer narrower than the steps of `grid` is not seen.
    """
    d, points = grid.shape
    sides = [
        (i, side, answers[1 + i * points : 1 + (i + 1) * points][order], grid[i][order])
        for i in range(d)
        for side in (-1, 1)
        if (order := _outward(grid[i], study.base[i], side)).size
    ]
    cells: Cells = {}
    coarse: dict[tuple[int, int], tuple[float, str]] = {}
    for i, side, told, values in sides:
        other = np.flatnonzero(told != answers[0])
        if other.size:
            first = int(other[0])
            again = np.flatnonzero(told[first:] != told[first])
            until = float(values[first + again[0] - 1]) if again.size else np.nan
            coarse[i, side] = (until, str(told[first]))
            cells[i, side] = (float(values[first - 1]) if first else study.base[i], float(values[first]))
    for _ in range(REFINED):
        cells = _refined(study, cells, answers[0], metric)
    found = []
    for i in range(d):
        turns = [Turn(cells[i, s][1], *coarse[i, s]) for s in (-1, 1) if (i, s) in cells]
        found.append(tuple(sorted(turns, key=lambda turn: abs(turn.at - study.base[i]))))
    return tuple(found)


def _outward(values: Array, today: float, side: int) -> npt.NDArray[np.int64]:
    """Return positions of the values on one side of today's, the nearest first."""
    beyond = np.flatnonzero(side * (values - today) > 0)
    return beyond if side > 0 else beyond[::-1]


def _refined(study: Study, cells: Cells, now: str, metric: str) -> Cells:
    """Return narrower parts in which the answer changes; those of discrete inputs as they are."""
    found = dict(cells)
    for side in (-1, 1):
        at = [i for i, s in cells if s == side]
        at = [i for i in at if study.factors[i].distribution != Distribution.DISCRETE]
        if not at:
            continue
        fine = np.repeat(study.base[:, None], FINE, axis=1)
        for i in at:
            fine[i] = np.linspace(*cells[i, side], FINE)
        told = answers_of(alone(study, fine), metric)
        for i in at:
            other = told[1 + i * FINE : 1 + (i + 1) * FINE] != now
            first = max(int(other.argmax()), 1)
            found[i, side] = float(fine[i][first - 1]), float(fine[i][first])
    return found


def turn_text(factor: Factor, today: float, turns: tuple[Turn, ...], lang: str) -> str:
    """Return what becomes of the answer where, such as "a loss at 4,150 or more"."""
    parts = []
    for turn in turns:
        above = turn.at > today
        kind = ("over" if above else "under") if np.isnan(turn.until) else "between"
        low, high = sorted((turn.at, turn.at if np.isnan(turn.until) else turn.until))
        shown = {"at": input_value(factor, turn.at, lang, apart_from=today)}
        shown |= {"low": input_value(factor, low, lang, apart_from=today)}
        shown |= {"high": input_value(factor, high, lang, apart_from=today)}
        answer = text(f"turn.answer.{turn.answer}", lang)
        parts.append(text(f"turn.{kind}", lang, answer=answer, **shown))
    return text("turn.and", lang).join(parts)
