"""Rules of locks: what goes together cannot be locked apart, nor where data of persons may not go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from csanalysis.errors import Failure
from csanalysis.schemas.contract import Origin


@dataclass(frozen=True)
class LockProblem:
    """A lock that cannot be kept.

    Attributes
    ----------
    rule : {"two_locks", "lock_persons"}
        Two locks in one bundle; or data of persons at an offer that may not see them.
    row : int
        Place of the task in the inventory, from 0.
    task_id, lock, other : str
        The task, its lock, and the lock it contradicts (or the bundle, or the task itself).
    """

    rule: str
    row: int
    task_id: str
    lock: str
    other: str


def lock_problems(tasks: pd.DataFrame, resources: pd.DataFrame) -> list[LockProblem]:
    """Return all locks that cannot be kept, in the order of the inventory."""
    blind = set(resources.loc[resources["personal_data_allowed"] != 1, "resource_id"])
    locks = locks_of(tasks)
    first = _first_locks(tasks)
    found = []
    columns = (tasks[name] for name in ("task_id", "bundle_id", "lock_resource", "personal_data"))
    for row, (task_id, bundle, lock, personal) in enumerate(zip(*columns, strict=True)):
        if bundle and lock and lock != first[bundle]:
            found.append(LockProblem("two_locks", row, task_id, lock, first[bundle]))
        elif personal == 1 and locks.iloc[row] in blind:
            found.append(LockProblem("lock_persons", row, task_id, str(locks.iloc[row]), bundle or task_id))
    return found


def locks_of(tasks: pd.DataFrame) -> pd.Series[str]:
    """Return the lock of each task; one locked task locks its whole bundle."""
    own, bundle = tasks["lock_resource"], tasks["bundle_id"]
    first = _first_locks(tasks)
    return pd.Series([o or first.get(b, "") for o, b in zip(own, bundle, strict=True)], index=tasks.index)


def _first_locks(tasks: pd.DataFrame) -> dict[str, str]:
    """Return bundle -> the first lock in it."""
    found: dict[str, str] = {}
    for bundle, lock in zip(tasks["bundle_id"], tasks["lock_resource"], strict=True):
        if bundle and lock:
            found.setdefault(bundle, lock)
    return found


def check_locks(tables: Mapping[str, pd.DataFrame], origins: Mapping[str, Origin]) -> Iterator[Failure]:
    """Yield a failure for each lock that cannot be kept."""
    if not {"task_inventory", "resources"} <= set(tables):
        return
    tasks = tables["task_inventory"]
    for problem in lock_problems(tasks, tables["resources"]):
        yield origins["task_inventory"].failure(
            problem.rule,
            row=int(tasks["row"].iloc[problem.row]),
            column="lock_resource",
            value=problem.lock,
            task=problem.task_id,
            other=problem.other,
        )
