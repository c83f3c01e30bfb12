"""Which resource does which task: today, and from the start month of a plan on."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.vocabulary import ResourceKind

IN_HOUSE, CURRENT = "in_house", "current"


class HasMapping(Protocol):
    """A result that holds an assignment, such as the one of ``assign_tasks``."""

    @property
    def mapping(self) -> Mapping[str, str]:
        """Task -> resource."""


Assignment: TypeAlias = str | Mapping[str, str] | HasMapping
"""``in_house``, ``current``, a mapping of task_id to resource_id, or a result that holds one."""
Places: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Placement:
    """Resource of every task, as positions in the rate card.

    Attributes
    ----------
    tasks, resources : tuple of str
        Keys in the order of inventory and rate card.
    today, plan : ndarray of int, shape (n_tasks,)
        Resource of each task today, and from the start month on.
    in_house : int
        Position of the in-house team (kind csm) in the rate card.
    """

    tasks: tuple[str, ...]
    resources: tuple[str, ...]
    today: Places
    plan: Places
    in_house: int

    @property
    def mapping(self) -> dict[str, str]:
        """Task -> resource of the plan."""
        return {task: self.resources[at] for task, at in zip(self.tasks, self.plan, strict=True)}

    @property
    def outside(self) -> npt.NDArray[np.bool_]:
        """Tasks that the plan gives to anybody but the in-house team, shape (n_tasks,)."""
        return np.asarray(self.plan != self.in_house)


def in_house_resource(resources: pd.DataFrame) -> str:
    """Return the resource_id of the in-house team: the first of kind csm."""
    return str(resources.loc[resources["kind"] == ResourceKind.CSM, "resource_id"].iloc[0])


def place(ds: Dataset, assignment: Assignment) -> Placement:
    """Turn an assignment into positions; tasks that it does not name stay where they are today.

    Raises
    ------
    ValueError
        For an unknown word, task or resource, a task that is locked to another resource, and personal data
        at a resource that may not see them; each with its name.
    """
    inventory, card = ds.tables["task_inventory"], ds.tables["resources"]
    tasks, resources = tuple(inventory["task_id"]), tuple(card["resource_id"])
    own = in_house_resource(card)
    today = {t: r or own for t, r in zip(tasks, inventory["current_resource"], strict=True)}
    asked = _mapping(assignment, tasks, own)
    for task in asked:
        _known("task", task, tasks)
    for resource in asked.values():
        _known("resource", resource, resources)
    plan = {**today, **asked}
    if assignment not in (IN_HOUSE, CURRENT):
        _check_allowed(inventory, card, {t: r for t, r in asked.items() if r != today[t]})
    position = {key: n for n, key in enumerate(resources)}
    position |= dict.fromkeys(card.loc[card["kind"] == ResourceKind.CSM, "resource_id"], position[own])
    return Placement(
        tasks,
        resources,
        np.array([position[today[t]] for t in tasks], dtype=np.int64),
        np.array([position[plan[t]] for t in tasks], dtype=np.int64),
        position[own],
    )


def _mapping(assignment: Assignment, tasks: tuple[str, ...], own: str) -> Mapping[str, str]:
    if isinstance(assignment, str):
        if assignment not in (IN_HOUSE, CURRENT):
            raise ValueError(both("costing.assignment_word", value=assignment))
        return dict.fromkeys(tasks, own) if assignment == IN_HOUSE else {}
    return assignment if isinstance(assignment, Mapping) else assignment.mapping


def _known(what: str, key: str, keys: tuple[str, ...]) -> None:
    if key not in keys:
        near = difflib.get_close_matches(str(key), keys, n=1)
        raise ValueError(
            both(f"costing.unknown_{what}", key=key, near=near[0] if near else ", ".join(keys[:8]))
        )


def _check_allowed(inventory: pd.DataFrame, card: pd.DataFrame, moved: Mapping[str, str]) -> None:
    may_see = dict(zip(card["resource_id"], card["personal_data_allowed"] == 1, strict=True))
    rows = inventory.set_index("task_id")[["lock_resource", "personal_data"]]
    for task, resource in moved.items():
        lock, personal = rows.loc[task]
        if lock and lock != resource:
            raise ValueError(both("costing.locked", task=task, resource=resource, lock=lock))
        if personal == 1 and not may_see[resource]:
            raise ValueError(both("costing.personal_data", task=task, resource=resource))
