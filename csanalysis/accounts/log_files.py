"""Which months a file of the log holds, and which files have changed: what an update must read again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from csanalysis.accounts.event_months import NO_TIME, month_counts
from csanalysis.accounts.sources import Opened
from csanalysis.schemas.events import UsageEvents

_LONGEST = 240
"""A file whose months span more is taken to hold a wrong date: its months are then counted one by one."""
ROWS_AT_ONCE = 4_000_000
"""Rows that are compared at once (measured: their hash table fits into the default limit on memory)."""
AGAIN = 2.0
"""Parts of files may be read so many times on average; else the log is read in one go."""


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
    groups = _row_groups(path)
    if not groups:
        return None
    months = range(min(g.first for g in groups), max(g.last for g in groups) + 1)
    if len(months) > _LONGEST:
        return None
    return {*months, *([NO_TIME] if any(g.nulls for g in groups) else [])}


@dataclass(frozen=True)
class _RowGroup:
    """Part of a parquet file: its first and last month, how many rows, whether times are missing."""

    first: int
    last: int
    rows: int
    nulls: bool


def _row_groups(path: Path) -> list[_RowGroup] | None:
    """Return the parts of a parquet file with the months of each, a day added at both ends."""
    import pyarrow.parquet as pq

    meta = pq.ParquetFile(path).metadata
    names = [meta.schema.column(n).name for n in range(meta.num_columns)]
    if "timestamp" not in names:
        return None
    column, found = names.index("timestamp"), []
    for part in map(meta.row_group, range(meta.num_row_groups)):
        said = part.column(column).statistics
        if said is None or not said.has_min_max or not hasattr(said.min, "year"):
            return None
        ends = _month(_day(said.min) - 1), _month(_day(said.max) + 1)
        found.append(_RowGroup(*ends, part.num_rows, said.null_count != 0))
    return found


def batches(
    paths: tuple[Path, ...], suffix: str, months: Collection[int] | None
) -> list[tuple[Collection[int] | None, tuple[Path, ...]]]:
    """Part a large log into months that are read one lot after the other, each small enough for memory.

    A row is a double only of rows of its own month, so the sums are the same. What is compared within memory
    need not go to disk, which would take longer than all the rest.

    Parameters
    ----------
    paths : tuple of Path
    suffix : str
    months : collection of int, optional
        Months to read; None: all.

    Returns
    -------
    list of (months, paths)
        One lot with everything where the log is small, is no parquet with statistics, or is in no order of
        time, so that parts of it would be read again and again.
    """
    whole: list[tuple[Collection[int] | None, tuple[Path, ...]]] = [(months, paths)]
    groups = {path: _row_groups(path) for path in paths} if suffix == ".parquet" else {}
    known = [group for own in groups.values() for group in own or ()]
    if not known or not all(groups.values()) or any(group.nulls for group in known):
        return whole
    first, last = min(g.first for g in known), max(g.last for g in known)
    if last - first > _LONGEST:
        return whole
    rows = np.zeros(last - first + 1)
    for group in known:
        rows[group.first - first : group.last - first + 1] += group.rows / (group.last - group.first + 1)
    wanted = np.array([months is None or first + n in months for n in range(len(rows))])
    lot = ((np.cumsum(rows * wanted) - rows * wanted / 2) // ROWS_AT_ONCE).astype(int)
    lots = [[first + int(n) for n in np.flatnonzero(wanted & (lot == at))] for at in np.unique(lot[wanted])]
    near = [[g for g in known if g.first <= own[-1] and g.last >= own[0]] for own in lots]
    if len(lots) < 2 or sum(g.rows for part in near for g in part) > AGAIN * sum(g.rows for g in known):
        return whole
    return [
        (own, tuple(p for p, held in groups.items() if any(g in part for g in held or ())))
        for own, part in zip(lots, near, strict=True)
    ]


def _day(moment: Any) -> np.datetime64:
    return np.datetime64(f"{moment.year:04d}-{moment.month:02d}-{moment.day:02d}", "D")


def _month(day: np.datetime64) -> int:
    return int(day.astype("datetime64[M]").astype(int))
