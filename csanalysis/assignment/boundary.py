"""How little would have to change for a task to go to somebody else."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.assignment.assign import Assignment, assign_tasks
from csanalysis.assignment.boundary_quantities import GROUPS, Quantity, quantities
from csanalysis.assignment.boundary_search import nearest_flips
from csanalysis.labels import both, number, percent, term, text, trimmed
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.scenario import Scenario

TOLERANCE = 1e-4
"""Widest bracket of a boundary, as a share of the range of its quantity."""
LEAST_TOLERANCE = 1e-10
"""Narrower brackets drown in rounding."""
STEPS = 200
"""Parts of a range that are looked at before bisection; what flips and flips back within one is not seen."""
SHOWN = 3
_COLUMNS = "task_id group quantity kind current flip_at flips_to unit tolerance low high distance".split()


@dataclass(frozen=True)
class Boundaries:
    """The smallest change of one thing alone at which a task's kind of resource changes.

    Attributes
    ----------
    plan : Assignment
        The assignment that is tested.
    frame : pandas.DataFrame
        One row a task and group (trait, weight, price, quality, threshold), see `to_frame`.
    quality_matters : bool
        False where churn does not depend on quality, so that quality can flip nothing.
    """

    plan: Assignment = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    quality_matters: bool

    def to_frame(self) -> pd.DataFrame:
        """Return one row a task and group: the smallest change of any quantity of the group.

        Columns: task_id, group, quantity (key of a scenario; ``suitability.<kind>.<trait>`` is a weight, as a
        share of the weights of its kind, the others keeping their proportions), kind (today), current,
        flip_at (first value beyond the boundary; NaN: never within range), flips_to, unit, tolerance (bracket
        in that unit), low, high (range searched), distance (change as a share of the range).
        """
        return self.frame.copy()

    @property
    def nearest(self) -> pd.DataFrame:
        """One row a task: the group with the smallest distance, as in `to_frame`; NaN where nothing flips."""
        order = self.frame.sort_values("distance", kind="stable", na_position="last")
        found = order.drop_duplicates("task_id").set_index("task_id")
        return found.loc[[d.task_id for d in self.plan.decisions]].reset_index()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What to know, the answer first."""
        return tuple(self._findings())

    def _findings(self) -> Iterator[Finding]:
        near = self.nearest
        known = near[near["distance"].notna()].sort_values("distance", kind="stable")
        counts: dict[str, Shown] = {
            "tasks": number(len(near)),
            "never": number(len(near) - len(known)),
            "flips": number(len(known)),
        }
        yield Finding("boundary.finding.counts", counts)
        if len(known):
            closest = known.head(SHOWN).to_dict("records")
            names = {d.task_id: d for d in self.plan.decisions}
            told: Shown = lambda lang: text("stability.separator", lang).join(  # noqa: E731
                text(
                    "boundary.flip",
                    lang,
                    task=names[str(row["task_id"])].name(lang),
                    what=flip_text(row, lang),
                )
                for row in closest
            )
            yield Finding("boundary.finding.closest", {"tasks": told}, "question")
        by_price = self.frame[(self.frame["group"] == "price") & self.frame["flip_at"].notna()]
        key = "prices" if len(by_price) else "no_price"
        if (self.frame["group"] == "price").any():
            yield Finding(f"boundary.finding.{key}", {"count": number(len(by_price))})
        if not self.quality_matters:
            yield Finding("boundary.finding.no_quality", {}, "warning")

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings in a language."""
        return [finding.sentence(lang) for finding in self.findings]


def flip_text(row: Mapping[Hashable, Any], lang: str) -> str:
    """Return a row of the frame in words: what moves from where to where, and who does the task then."""
    return text(
        "boundary.what",
        lang,
        quantity=quantity_label(str(row["quantity"]), str(row["group"]), lang),
        current=value_text(float(row["current"]), str(row["unit"])),
        flip=printed_flip(float(row["flip_at"]), float(row["current"]), str(row["unit"])),
        kind=term("kind", row["flips_to"], lang),
    )


def quantity_label(key: str, group: str, lang: str) -> str:
    """Return the name of a quantity on screen."""
    _, *parts = key.split(".")
    if group == "trait":
        return term("trait", parts[-1], lang)
    if group == "weight":
        names = {"kind": term("kind", parts[0], lang), "trait": term("trait", parts[1], lang)}
        return text("boundary.weight", lang, **names)
    if group == "price":
        kind = parts[0] if parts else "csm"
        return text("boundary.price", lang, kind=term("kind", kind, lang))
    return text(f"boundary.{group}", lang)


def value_text(value: float, unit: str) -> str:
    """Return a value as precisely as it helps: shares in percent, amounts and days without fractions."""
    return (percent if unit.startswith("ratio") else trimmed)(value, _digits(value, unit))


def printed_flip(flip: float, current: float, unit: str) -> str:
    """Return a boundary rounded away from the current value, so that the value as printed flips too.

    Examples
    --------
    >>> printed_flip(0.4859, 0.5, "score"), printed_flip(0.625, 0.6, "ratio")
    ('0.48', '63 %')
    """
    size = 100.0 if unit.startswith("ratio") else 1.0
    digits = _digits(flip, unit)
    step = 10.0**digits
    away = math.ceil if flip > current else math.floor
    rounded = away(round(flip * size * step, 6)) / step / size
    return value_text(rounded, unit) if _digits(rounded, unit) == digits else percent(rounded, digits)


def _digits(value: float, unit: str) -> int:
    if unit.startswith("ratio"):
        return 0 if abs(value) >= 0.1 else 1
    return 0 if unit.startswith("JPY") else 1 if unit == "day" else 2


def find_boundaries(
    ds: Dataset, sc: Scenario, *, by_cost: bool = True, tolerance: float = TOLERANCE, steps: int = STEPS
) -> Boundaries:
    """Return how little one thing alone would have to change for each task to go to another kind.

    Moved one at a time: each trait of the task over its scale (days up to the last limit in `suitability`,
    beyond which nothing changes), each weight of a kind from 0 to 1, each price and `quality_ratio` over the
    declared range (prices without one from 0 to twice their value), and the threshold from 0 to 1. Play,
    locks and bundles stay. Where a task moves with its bundle, the boundary is that of the bundle.

    Parameters
    ----------
    tolerance : float
        Widest bracket, as a share of the range.
    steps : int
        Parts of a range looked at before bisection.

    Raises
    ------
    ValueError
        For a tolerance or steps out of bounds, and what `cs.assign_tasks` refuses.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> found = cs.find_boundaries(ds, ds.base, steps=50).to_frame()
    >>> trait = found.query("task_id == 'dat_alert_check' and group == 'trait'").iloc[0]
    >>> trait["quantity"], trait["kind"], trait["flips_to"]
    ('tasks.dat_alert_check.rules_fixed', 'intern', 'contract_staff')
    """
    if not LEAST_TOLERANCE <= tolerance < 1 or steps < 1:
        raise ValueError(both("boundary.bad_setting", least=f"{LEAST_TOLERANCE:g}"))
    plan = assign_tasks(ds, sc, by_cost=by_cost)
    best: dict[str, pd.DataFrame] = {}
    for each in quantities(ds, sc, plan, steps):
        rows = _rows(plan, each, tolerance)
        before = best.get(each.group)
        best[each.group] = rows if before is None else _closer(before, rows)
    frames = [best[group] for group in GROUPS if group in best]
    frame = pd.concat(frames).sort_index(kind="stable").reset_index(drop=True)
    return Boundaries(plan, frame[_COLUMNS], bool(float(sc.number("churn_sensitivity")) > 0))


def _rows(plan: Assignment, each: Quantity, tolerance: float) -> pd.DataFrame:
    """Return the nearest flip of every task by one quantity, indexed by the place of the task."""
    low, high = float(each.grid[0]), float(each.grid[-1])
    width = tolerance * (high - low)
    flips = nearest_flips(each.evaluate, each.current, each.grid, width)
    ids = [d.task_id for d in plan.decisions]
    keys = (
        [each.key.replace("tasks.", f"tasks.{task}.") for task in ids] if each.group == "trait" else each.key
    )
    kinds = np.array([*plan.fit.kinds, ""], dtype=object)
    return pd.DataFrame(
        {
            "task_id": ids,
            "group": each.group,
            "quantity": keys,
            "kind": [d.kind for d in plan.decisions],
            "current": each.current,
            "flip_at": flips.at,
            "flips_to": kinds[flips.to],
            "unit": each.unit,
            "tolerance": width,
            "low": low,
            "high": high,
            "distance": np.abs(flips.at - each.current) / (high - low),
        }
    )


def _closer(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return the nearer flip of each task of two frames; the first where both are as near."""
    nearer = other["distance"].lt(one["distance"]) | (one["distance"].isna() & other["distance"].notna())
    return one.where(~nearer, other, axis=0) if nearer.any() else one
