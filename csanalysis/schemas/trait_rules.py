"""Rules of what is said about traits: every kind judged on all of them, every rating on its trait's scale."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from csanalysis.errors import Failure
from csanalysis.schemas.contract import Origin
from csanalysis.schemas.tables import TABLES
from csanalysis.vocabulary import TRAITS


def trait_scale(trait: str) -> tuple[float, float]:
    """Return the lowest and highest value of a trait; days have no highest (infinite)."""
    low, high = -np.inf, np.inf
    for check in TABLES["task_inventory"].to_schema().columns[trait].checks:
        low = max(low, float((check.statistics or {}).get("min_value", -np.inf)))
        high = min(high, float((check.statistics or {}).get("max_value", np.inf)))
    return low, high


def scale_text(trait: str) -> str:
    """Return the scale of a trait as ``1 .. 5`` or ``>= 0``."""
    low, high = trait_scale(trait)
    return f"{low:g} .. {high:g}" if np.isfinite(high) else f">= {low:g}"


def check_traits(tables: Mapping[str, pd.DataFrame], origins: Mapping[str, Origin]) -> Iterator[Failure]:
    """Yield the failures of the tables `suitability` and `ratings`."""
    if "suitability" in tables:
        yield from _check_kinds(tables["suitability"], tables.get("resources"), origins["suitability"])
    if "ratings" in tables:
        yield from _check_ratings(tables["ratings"], tables.get("task_inventory"), origins["ratings"])


def _check_kinds(table: pd.DataFrame, resources: pd.DataFrame | None, origin: Origin) -> Iterator[Failure]:
    for kind, rows in table.groupby("kind", sort=False):
        first = int(rows["row"].iloc[0])
        missing = ", ".join(trait for trait in TRAITS if trait not in set(rows["trait"]))
        if missing:
            yield origin.failure("missing_traits", row=first, column="trait", value=kind, traits=missing)
        if rows["weight"].sum() <= 0:
            yield origin.failure("no_weight", row=first, column="weight", value=kind)
    offered = [] if resources is None else sorted(set(resources["kind"]) - set(table["kind"]))
    for kind in offered:
        yield origin.failure("kind_not_judged", column="kind", value=kind)


def _check_ratings(table: pd.DataFrame, tasks: pd.DataFrame | None, origin: Origin) -> Iterator[Failure]:
    known = None if tasks is None else list(tasks["task_id"])
    for row, task_id, trait, value in table[["row", "task_id", "trait", "value"]].itertuples(index=False):
        if known is not None and task_id not in known:
            yield origin.failure(
                "rated_task", row=int(row), column="task_id", value=task_id, near=nearest(task_id, known)
            )
        low, high = trait_scale(trait)
        if not low <= value <= high:
            shown = {"value": f"{value:g}", "bound": scale_text(trait)}
            yield origin.failure("out_of_range", row=int(row), column="value", **shown)


def nearest(task_id: str, known: list[str]) -> str:
    """Return the known key nearest to one that is not, or a dash."""
    near = difflib.get_close_matches(task_id, known, n=1)
    return near[0] if near else "-"


def is_rating(trait: str) -> bool:
    """Tell whether a trait is rated from 1 to 5 (H, M and L are read as 5, 3 and 1)."""
    return trait_scale(trait) == (1, 5)


def is_share(trait: str) -> bool:
    """Tell whether a trait is a share between 0 and 1."""
    return trait_scale(trait)[1] == 1
