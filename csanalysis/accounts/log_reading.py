"""Read the log: which months and files, in which lots; only sums come back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from csanalysis.accounts.event_months import bounds_of, event_months, is_unbroken, with_days
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
    lots = [(months, paths)] if opened.files is None else batches(paths, opened.files.suffix, months)
    if len(lots) > 1 and all(own is not None and is_unbroken(own) for own, _ in lots):
        return _in_turn(opened, settings, [(own, held) for own, held in lots if own is not None])
    found: dict[int, pd.DataFrame] = {}
    for own, held in lots:
        events = opened.events_of(held) if held and own is not None else opened.events
        found |= by_month(with_days(frame_of(opened, _summed(opened, events, settings, own))))
    return found


def _summed(opened: Opened, events: Any, settings: Mapping[str, Any], months: Collection[int] | None) -> Any:
    from ibis.expr.operations import BitOr

    return event_months(
        events,
        int(settings["offset"]),
        deduplicate=bool(settings["deduplicate"]),
        months=months,
        bitwise=opened.backend.has_operation(BitOr),
    )


def _in_turn(
    opened: Opened, settings: Mapping[str, Any], lots: Sequence[tuple[Collection[int], tuple[Path, ...]]]
) -> dict[int, pd.DataFrame]:
    """Read one lot of months after the other. The lot is in the view, so that Ibis makes its SQL once."""
    found: dict[int, pd.DataFrame] = {}
    whole: Any = opened.events
    sums: Any = None
    query = ""
    zone = "TIMESTAMPTZ" if whole.timestamp.type().timezone else "TIMESTAMP"
    for months, held in lots:
        low, high = bounds_of(whole, months, int(settings["offset"]))
        ends = [f"{zone} '{end}{'+00' if zone == 'TIMESTAMPTZ' else ''}'" for end in (low, high)]
        events = opened.events_of(held, f'WHERE "timestamp" >= {ends[0]} AND "timestamp" < {ends[1]}')
        if not query:
            sums = _summed(opened, events, settings, None)
            query = opened.backend.compile(sums)
        table = opened.backend.con.sql(query).to_arrow_table().cast(sums.schema().to_pyarrow())
        found |= by_month(with_days(table.to_pandas()))
    return found


def frame_of(opened: Opened, expression: Any) -> pd.DataFrame:
    """Return what an expression yields; only sums come this way."""
    found: pd.DataFrame = opened.backend.to_pyarrow(expression).to_pandas()
    return found


def by_month(table: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """Return month -> its rows."""
    return {int(str(month)): part for month, part in table.groupby("month", sort=True)}
