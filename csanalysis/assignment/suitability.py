"""Suitability of each kind of resource for each task: a weighted geometric mean of desirabilities.

A desirability (Derringer and Suich 1980, linear exponents) turns one trait of a task into a number between 0
(rules the kind out) and 1 (nothing left to wish for). All kinds are scored on all traits, so that their
scores compare. Limits, shapes and weights stand in the table `suitability`; nothing is fixed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_column
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import TRAITS, ResourceKind, Shape

LEAD, RULES = TRAITS.index("lead_days"), TRAITS.index("rules_fixed")
NEVER = -1e300
"""Logarithm of a desirability of 0: finite, so that a weight of 0 takes it away instead of giving NaN."""
STEP = 1e-9
"""Width of the rise or fall of a target that lies on its own limit."""


@dataclass(frozen=True)
class Rules:
    """The table `suitability` as arrays.

    Attributes
    ----------
    kinds : tuple of str
        In the order of the vocabulary, so that the order of rows changes nothing.
    rise_to, rise_width, fall_from, fall_width : ndarray
        Desirability 1 is reached at `rise_to` and kept up to `fall_from`; infinite where the shape has no
        such side. Shape (n_kinds, n_traits), in the unit of the trait.
    weights : ndarray
        Shape (n_kinds, n_traits); each row adds up to 1.
    short : ndarray of bool
        Where a short process is wanted, so that fixed rules relieve a long one; shape (n_kinds,).
    """

    kinds: tuple[str, ...]
    rise_to: Array
    rise_width: Array
    fall_from: Array
    fall_width: Array
    weights: Array
    short: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, table: pd.DataFrame) -> Rules:
        """Read the table.

        Raises
        ------
        ValueError
            If a kind lacks a trait, states one twice, or has a negative weight or none above 0.
        """
        there = set(table["kind"])
        kinds = tuple(str(kind) for kind in ResourceKind if kind in there)
        for kind in kinds:
            _check(kind, table[table["kind"] == kind])
        rows = table.set_index(["kind", "trait"]).loc[[(kind, trait) for kind in kinds for trait in TRAITS]]
        size = (len(kinds), len(TRAITS))
        low, target, high, weight = (
            rows[name].to_numpy(dtype=float).reshape(size) for name in ("low", "target", "high", "weight")
        )
        shape = rows["shape"].to_numpy().reshape(size)
        rise_to = np.select([shape == Shape.LARGER, shape == Shape.TARGET], [high, target], -np.inf)
        fall_from = np.select([shape == Shape.SMALLER, shape == Shape.TARGET], [low, target], np.inf)
        return cls(
            kinds,
            rise_to,
            np.where(np.isfinite(rise_to), np.maximum(rise_to - low, STEP), 1.0),
            fall_from,
            np.where(np.isfinite(fall_from), np.maximum(high - fall_from, STEP), 1.0),
            weight / weight.sum(axis=1, keepdims=True),
            shape[:, LEAD] == Shape.SMALLER,
        )


def _check(kind: str, rows: pd.DataFrame) -> None:
    traits = list(rows["trait"])
    missing = [trait for trait in TRAITS if trait not in traits]
    if missing:
        raise ValueError(both("suitability.missing_traits", kind=kind, traits=", ".join(missing)))
    if len(set(traits)) < len(traits):
        raise ValueError(both("suitability.doubled_traits", kind=kind))
    weights = rows["weight"].to_numpy(dtype=float)
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() <= 0:
        raise ValueError(both("suitability.bad_weights", kind=kind))


@dataclass(frozen=True)
class Suitability:
    """How well each kind of resource suits each task.

    Attributes
    ----------
    task_ids, kinds : tuple of str
    scores : ndarray
        Shape (n_tasks, n_kinds) or (n_tasks, n_kinds, n_scenarios), between 0 and 1.
    parts : ndarray
        Desirability of each trait before weighting, shape (n_tasks, n_kinds, n_traits) or with n_scenarios.
    weights : ndarray
        Shape (n_kinds, n_traits); each row adds up to 1.
    traits : tuple of str
    """

    task_ids: tuple[str, ...]
    kinds: tuple[str, ...]
    scores: Array
    parts: Array = field(repr=False)
    weights: Array = field(repr=False)
    traits: tuple[str, ...] = TRAITS

    def score(self, task_id: str, kind: str) -> float:
        """Return one score (one scenario)."""
        return float(self.scores[self.task_ids.index(task_id), self.kinds.index(kind)])

    def loss(self) -> Array:
        """Return what each trait costs: -weight x log(desirability), 0 = nothing, shape of `parts`."""
        weights = self.weights.reshape((1, *self.weights.shape, *([1] * (self.parts.ndim - 3))))
        return np.asarray(-weights * log_desirability(self.parts))

    def weakest(self, task_id: str, kind: str) -> str:
        """Return the trait that lowers a score most (one scenario)."""
        loss = self.loss()[self.task_ids.index(task_id), self.kinds.index(kind)]
        return self.traits[int(np.argmax(loss))]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a task and kind: task_id, kind, value (0-1), weakest trait, unit (one scenario)."""
        index = pd.MultiIndex.from_product([self.task_ids, self.kinds], names=["task_id", "kind"])
        weakest = np.array(self.traits, dtype=object)[self.loss().argmax(axis=2)]
        frame = index.to_frame(index=False)
        return frame.assign(value=self.scores.ravel(), weakest_trait=weakest.ravel(), unit="score")

    def parts_frame(self) -> pd.DataFrame:
        """Return one row a task, kind and trait: task_id, kind, trait, value (0-1), weight, unit."""
        names = ["task_id", "kind", "trait"]
        frame = pd.MultiIndex.from_product([self.task_ids, self.kinds, self.traits], names=names)
        weight = np.broadcast_to(self.weights, self.parts.shape).ravel()
        return frame.to_frame(index=False).assign(value=self.parts.ravel(), weight=weight, unit="score")


def trait_values(ds: Dataset, sc: Scenario) -> Array:
    """Return the traits of the tasks with the scenario's cells: (n_tasks, n_traits) or (..., n_scenarios)."""
    columns = [task_column(ds, sc, trait) for trait in TRAITS]
    widest = max(columns, key=np.ndim).shape
    return np.stack([c if c.shape == widest else np.broadcast_to(c[:, None], widest) for c in columns], 1)


def desirability_of(values: Array, rules: Rules) -> Array:
    """Return the desirability of trait values, (n_tasks, n_traits, ...) -> (n_tasks, n_kinds, n_traits, ...).

    A process that should be short but is long is relieved by fixed rules (LOGLASS2023: it can be handed over
    where flow and decision table are complete): d' = 1 - (1 - d) (1 - rules_fixed).
    """
    more = (1,) * (values.ndim - 2)

    def wide(limits: Array) -> Array:
        return limits.reshape((1, *limits.shape, *more))

    x = values[:, None]
    rise = np.where(np.isfinite(wide(rules.rise_to)), (x - wide(rules.rise_to)) / wide(rules.rise_width), 0)
    fall = np.where(
        np.isfinite(wide(rules.fall_from)), (wide(rules.fall_from) - x) / wide(rules.fall_width), 0
    )
    parts = np.clip(np.minimum(rise, fall) + 1, 0, 1)
    long = 1 - parts[:, rules.short, LEAD]
    parts[:, rules.short, LEAD] = 1 - long * (1 - values[:, None, RULES])
    return np.asarray(parts)


def log_desirability(parts: Array) -> Array:
    """Return log(d), and `NEVER` for d = 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(np.log(parts), NEVER))


def score_of(parts: Array, weights: Array) -> Array:
    """Return the weighted geometric mean: prod over traits of d^w.

    Parameters
    ----------
    parts : ndarray
        Shape (n_tasks, n_kinds, n_traits, ...).
    weights : ndarray
        Shape (n_kinds, n_traits), rows add up to 1; a weight of 0 takes a trait out, also where d = 0.
    """
    return np.asarray(np.exp(np.einsum("tkj...,kj->tk...", log_desirability(parts), weights)))


def desirabilities(ds: Dataset, sc: Scenario) -> Array:
    """Return the desirability of each trait: (n_tasks, n_kinds, n_traits) or (..., n_scenarios), 0 to 1."""
    return desirability_of(trait_values(ds, sc), Rules.of(ds.tables["suitability"]))


def suitability_scores(ds: Dataset, sc: Scenario) -> Suitability:
    """Return how well each kind of resource suits each task, by its traits alone (LOGLASS2023).

    Neither eligibility nor cost counts here; see `cs.assign_tasks`.

    Raises
    ------
    ValueError
        If a kind lacks a trait or has no weight above 0.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> fit = suitability_scores(ds, ds.base)
    >>> fit.score("onb_session_deliver", "bpo") > fit.score("onb_session_deliver", "csm")
    True
    """
    rules = Rules.of(ds.tables["suitability"])
    parts = desirability_of(trait_values(ds, sc), rules)
    task_ids = tuple(str(key) for key in ds.tables["task_inventory"]["task_id"])
    return Suitability(task_ids, rules.kinds, score_of(parts, rules.weights), parts, rules.weights)
