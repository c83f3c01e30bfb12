"""Which months a file of the log holds, and which files have changed: what an update must read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from csanalysis.accounts.event_months import NO_TIME, month_counts
from csanalysis.accounts.sources import Opened
from csanalysis.schemas.events import UsageEvents

_LONGEST = 240
"""A file whose months span more is taken to hold a wrong date: its months are then counted one by one."""


def stamps_of(
    files: UsageEvents, before: Mapping[str, Any], opened: Opened, offset: int
) -> dict[str, dict[str, Any]]:
    """Return size, time of change and months of every file; months of unchanged files as known before.

    Parameters
    ----------
    files : UsageEvents
    before : mapping
        The stamps of the stored table.
    opened : Opened
    offset : int
        Local clock minus UTC, seconds.
    """
    found = {}
    alone = len(files.paths) == 1 and not before
    for path in files.paths:
        status = path.stat()
        stamp: dict[str, Any] = {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
        known = before.get(str(path))
        if known and all(known[key] == stamp[key] for key in stamp):
            stamp["months"] = known["months"]
        else:
            stamp["months"] = [] if alone else _months(path, files.suffix, opened, offset)
        found[str(path)] = stamp
    return found


def changed_files(before: Mapping[str, Any], now: Mapping[str, Any]) -> set[int]:
    """Return the months that files hold, or held, which were added, changed or removed."""
    months: set[int] = set()
    for name in {*before, *now}:
        if before.get(name) != now.get(name):
            months |= {m for stamps in (before, now) for m in stamps.get(name, {}).get("months", ())}
    return months


def count_months(opened: Opened, events: Any, offset: int) -> dict[int, int]:
    """Return month -> rows of a log."""
    rows = opened.backend.to_pyarrow(month_counts(events, offset)).to_pylist()
    return {int(row["month"]): int(row["rows"]) for row in rows}


def _months(path: Path, suffix: str, opened: Opened, offset: int) -> list[int]:
    """Return the months of one file: from the statistics of parquet, else by reading its times."""
    found = _from_statistics(path) if suffix == ".parquet" else None
    return sorted(found if found is not None else count_months(opened, opened.events_of((path,)), offset))


def _from_statistics(path: Path) -> set[int] | None:
    """Return months between the least and the latest time of a file, a day added at both ends.

    None where the column is no timestamp, or the statistics are missing or too wide to be of use.
    """
    import pyarrow.parquet as pq

    meta = pq.ParquetFile(path).metadata
    names = [meta.schema.column(n).name for n in range(meta.num_columns)]
    column = names.index("timestamp")
    spans = [meta.row_group(n).column(column).statistics for n in range(meta.num_row_groups)]
    if any(s is None or not s.has_min_max or not hasattr(s.min, "year") for s in spans) or not spans:
        return None
    low, high = (_day(end) for end in (min(s.min for s in spans), max(s.max for s in spans)))
    months = range(_month(low - 1), _month(high + 1) + 1)
    if len(months) > _LONGEST:
        return None
    nulls: Iterable[int] = [NO_TIME] if any(s.null_count != 0 for s in spans) else []
    return {*months, *nulls}


def _day(moment: Any) -> np.datetime64:
    return np.datetime64(f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}", "D")


def _month(day: np.datetime64) -> int:
    return int(day.astype("datetime64[M]").astype(int))
