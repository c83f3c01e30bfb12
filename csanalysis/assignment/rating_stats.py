"""What several people think of the tasks: their views, how far they agree, and the medians taken on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from csanalysis.assignment.suitability import trait_values
from csanalysis.labels import both, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.schemas.trait_rules import trait_scale
from csanalysis.vocabulary import TRAITS

Level = Literal["ordinal", "interval"]
AGREED, TENTATIVE = 0.8, 0.667
"""Alpha from which people agree, and below which no conclusion should be drawn (Krippendorff 2004)."""


def scales() -> Array:
    """Return lowest and highest value of each trait, shape (n_traits, 2); days have no highest value."""
    return np.array([trait_scale(trait) for trait in TRAITS])


@dataclass(frozen=True)
class Agreement:
    """How far the raters agree.

    Attributes
    ----------
    raters : tuple of str
    cells : pandas.DataFrame
        One row a task and trait that two people or more rated: task_id, trait, raters (how many), low,
        median, high, value = how far they are apart (share of the scale; days: of the highest), unit.
    alpha : mapping of str to float
        Krippendorff's alpha by trait: 1 = they agree, 0 = as by chance; NaN where nothing can be compared.
    """

    raters: tuple[str, ...]
    cells: pd.DataFrame = field(repr=False)
    alpha: dict[str, float]

    def to_frame(self) -> pd.DataFrame:
        """Return `cells`, those where people differ most first."""
        order = ["value", "task_id", "trait"]
        return self.cells.sort_values(order, ascending=[False, True, True], ignore_index=True)

    def alpha_frame(self) -> pd.DataFrame:
        """Return one row a trait: trait, value (alpha), unit."""
        return pd.DataFrame({"trait": list(self.alpha), "value": list(self.alpha.values()), "unit": "alpha"})


def raters_of(ds: Dataset) -> tuple[str, ...]:
    """Return the names of all raters, sorted."""
    ratings = ds.ratings
    return () if ratings is None else tuple(sorted(set(ratings["rater"])))


def agreement(ds: Dataset) -> Agreement | None:
    """Return how far the raters agree; None where fewer than two people rated the tasks.

    Examples
    --------
    >>> import csanalysis as cs
    >>> agreement(cs.load_dataset("data")) is None
    True
    """
    ratings, raters = ds.ratings, raters_of(ds)
    if ratings is None or len(raters) < 2:
        return None
    grouped = ratings.groupby(["task_id", "trait"])["value"]
    cells = grouped.agg(raters="count", low="min", median="median", high="max").reset_index()
    cells = cells[cells["raters"] > 1].reset_index(drop=True)
    limits = dict(zip(TRAITS, scales(), strict=True))
    scale = np.array([limits[trait][1] - limits[trait][0] for trait in cells["trait"]])
    whole = np.where(np.isfinite(scale), scale, np.maximum(cells["high"], 1))
    cells = cells.assign(value=(cells["high"] - cells["low"]) / whole, unit="share of scale")
    alpha = {}
    for trait in TRAITS:
        rows = ratings[ratings["trait"] == trait]
        table = rows.pivot(index="rater", columns="task_id", values="value")
        level: Level = "ordinal" if limits[trait][1] == 5 else "interval"
        alpha[trait] = krippendorff_alpha(table.to_numpy(dtype=float), level)
    return Agreement(raters, cells, alpha)


def krippendorff_alpha(ratings: Array, level: Level) -> float:
    """Return Krippendorff's alpha, the agreement of several people corrected for chance.

    Parameters
    ----------
    ratings : ndarray
        Shape (n_raters, n_units), NaN where a person did not rate a unit.
    level : {"ordinal", "interval"}
        Whether values have an order alone, or distances too.

    Returns
    -------
    float
        1 = agreement, 0 = as by chance; NaN where no unit has two ratings or all ratings are equal.
    """
    values = np.unique(ratings[~np.isnan(ratings)])
    counts = (ratings[:, :, None] == values).sum(axis=0).astype(float)  # (n_units, n_values)
    counts = counts[counts.sum(axis=1) > 1]
    per_unit = counts.sum(axis=1)
    scaled = counts / (per_unit[:, None] - 1)
    observed = scaled.T @ counts - np.diag(scaled.sum(axis=0))
    of_value = observed.sum(axis=1)
    by_chance = (np.outer(of_value, of_value) - np.diag(of_value)) / max(of_value.sum() - 1, 1)
    if level == "ordinal":
        middle = np.cumsum(of_value) - of_value / 2
        distance = np.subtract.outer(middle, middle) ** 2
    else:
        distance = np.subtract.outer(values, values) ** 2
    expected = float((by_chance * distance).sum())
    return 1 - float((observed * distance).sum()) / expected if expected > 0 else float("nan")


def medians(ds: Dataset) -> pd.DataFrame:
    """Return the median of each rated trait: task_id, trait, value, raters (how many), unit.

    Raises
    ------
    ValueError
        If the workspace holds no ratings.
    """
    ratings = ds.ratings
    if ratings is None:
        raise ValueError(both("stability.no_ratings"))
    grouped = ratings.groupby(["task_id", "trait"], sort=True)["value"]
    frame = grouped.agg(value="median", raters="count").reset_index()
    return frame.assign(unit=[_unit(trait) for trait in frame["trait"]])


def apply_medians(ds: Dataset, sc: Scenario) -> Scenario:
    """Return the scenario with the raters' medians in the cells ``tasks.<task_id>.<trait>``.

    Raises
    ------
    ValueError
        If the workspace holds no ratings.
    """
    found = medians(ds)
    cells = zip(found["task_id"], found["trait"], found["value"], strict=True)
    origin = text("stability.median_origin", ds.lang, count=len(raters_of(ds)))
    return sc.replace({f"tasks.{task}.{trait}": float(value) for task, trait, value in cells}, origin=origin)


def _unit(trait: str) -> str:
    high = trait_scale(trait)[1]
    return "rating" if high == 5 else "ratio" if high == 1 else "day"


@dataclass(frozen=True)
class Views:
    """The ratings each draw may take.

    Attributes
    ----------
    by_task : tuple of ndarray
        In the order of the inventory, each of shape (n_raters of the task, n_traits).
    not_taken_on : int
        Cells whose median differs from the value the scenario works with.
    """

    by_task: tuple[Array, ...] = field(repr=False)
    not_taken_on: int


def views(ds: Dataset, sc: Scenario) -> Views:
    """Return each rater's view of each task (one scenario).

    What a rater left empty has the scenario's value. A cell that the scenario sets to something else than
    the raters' median is a what-if: it counts for all of them.
    """
    values, ratings = trait_values(ds, sc), ds.ratings
    task_ids = list(ds.tables["task_inventory"]["task_id"])
    if ratings is None:
        return Views(tuple(row[None] for row in values), 0)
    names = list(raters_of(ds))
    cube = np.full((len(task_ids), len(names), len(TRAITS)), np.nan)
    at = {
        "task_id": pd.Index(task_ids).get_indexer(pd.Index(ratings["task_id"])),
        "rater": pd.Index(names).get_indexer(pd.Index(ratings["rater"])),
        "trait": pd.Index(TRAITS).get_indexer(pd.Index(ratings["trait"])),
    }
    cube[at["task_id"], at["rater"], at["trait"]] = ratings["value"].to_numpy(dtype=float)
    rated = ~np.isnan(cube)
    middle = values.copy()
    for task, trait in zip(*np.nonzero(rated.any(axis=1)), strict=True):
        middle[task, trait] = np.nanmedian(cube[task, :, trait])
    differs = ~np.isclose(middle, values)
    what_if = np.array([[f"tasks.{task}.{trait}" in sc.changes for trait in TRAITS] for task in task_ids])
    use = rated & ~(differs & what_if)[:, None]
    filled = np.where(use, cube, values[:, None])
    people = [rated[task].any(axis=1) for task in range(len(task_ids))]
    by_task = (filled[t][p] if p.any() else values[t][None] for t, p in enumerate(people))
    return Views(tuple(by_task), int((differs & ~what_if).sum()))
