"""Read the log: which months and files, in which lots; only sums come back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from csanalysis.accounts.event_months import event_months, with_days
from csanalysis.accounts.log_files import batches, changed_files, count_months, stamps_of
from csanalysis.accounts.sources import Opened
from csanalysis.accounts.store import Manifest


def what_to_read(
    opened: Opened, store: Path | None, old: Manifest | None, offset: int
) -> tuple[set[int] | None, tuple[Path, ...], dict[str, Any]]:
    """Return months to read (None: all), the files that hold them, and stamps of all files for a store."""
    if opened.events is None:
        return set(), (), {}
    if store is None:
        return None, opened.files.paths if opened.files else (), {}
    if opened.files is None:
        if old is None:
            return None, (), {}
        counts = count_months(opened, opened.events, offset)
        before = {int(m): n for m, n in old.rows.items()}
        moved = {m for m in {*counts, *before} if counts.get(m, 0) != before.get(m, 0)}
        return moved, (), {}
    stamps = stamps_of(opened.files, old.files if old else {}, opened, offset)
    if old is None:
        return None, opened.files.paths, stamps
    moved = changed_files(old.files, stamps)
    held = [path for path in opened.files.paths if moved & set(stamps[str(path)]["months"])]
    return moved, tuple(held), stamps


def stamped(stamps: dict[str, Any], usage: Iterable[int], months: set[int] | None) -> dict[str, Any]:
    """Return the stamps; a single file read whole holds the months that were found in it."""
    if months is None and len(stamps) == 1:
        return {name: {**stamp, "months": sorted(usage)} for name, stamp in stamps.items()}
    return stamps


def read_usage(
    opened: Opened, settings: Mapping[str, Any], months: Collection[int] | None, paths: tuple[Path, ...]
) -> dict[int, pd.DataFrame]:
    """Return the sums of the log by month: the step that reads events.

    Parameters
    ----------
    opened : Opened
    settings : mapping
        offset (seconds), deduplicate.
    months : collection of int, optional
        Months to read; None: all.
    paths : tuple of Path
        The files that hold them, where the source has files.
    """
    if opened.events is None or (months is not None and not months):
        return {}
    if opened.files is not None and not paths:
        return {}
    from ibis.expr.operations import BitOr

    lots = [(months, paths)] if opened.files is None else batches(paths, opened.files.suffix, months)
    found: dict[int, pd.DataFrame] = {}
    for own, held in lots:
        expression = event_months(
            opened.events_of(held) if held and own is not None else opened.events,
            int(settings["offset"]),
            deduplicate=bool(settings["deduplicate"]),
            months=own,
            bitwise=opened.backend.has_operation(BitOr),
        )
        found |= by_month(with_days(frame_of(opened, expression)))
    return found


def frame_of(opened: Opened, expression: Any) -> pd.DataFrame:
    """Return what an expression yields; only sums come this way."""
    found: pd.DataFrame = opened.backend.to_pyarrow(expression).to_pandas()
    return found


def by_month(table: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """Return month -> its rows."""
    return {int(str(month)): part for month, part in table.groupby("month", sort=True)}
