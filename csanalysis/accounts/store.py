"""The account-month table on disk: parquet by month, and one manifest that says which files count.

    STORE/manifest.json
    STORE/data/month=2026-03/<run>.parquet

New files are written beside the old ones, and the manifest is replaced in one step of the file system. A run
that is killed at any point leaves the manifest, and with it the old table, as they were; what it had written
is swept away by the next run. So are the files of the table before: until then, who reads it can go on.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.labels import both

SCHEMA_VERSION = 2
"""Raised whenever the columns or their meaning change: a store of another version is made anew."""
MANIFEST = "manifest.json"
_DATA = "data"


@dataclass(frozen=True)
class Manifest:
    """What a store holds.

    Attributes
    ----------
    settings : mapping
        What every number depends on: clock, deduplication, gap_days.
    first, last : int
        Months of the table, since January 1970.
    partitions : mapping of str to str
        Month number -> file below the store. Months outside the table are kept too: rows without a time,
        and rows from before or after, which may belong to it later.
    rows : mapping of str to int
        Month number -> rows of the log it was made from.
    contracts : mapping of str to str
        Month number -> hash of what the contracts said of it.
    files : mapping of str to dict
        File of the log -> size, mtime_ns and months (numbers).
    faults : mapping of str to int
        What was wrong with contract rows, with counts.
    concerned : mapping of str to str
        The same rules -> accounts, as examples.
    has_events : bool
        Whether the source had a usage log.
    generation : int
    version : int
    """

    settings: Mapping[str, Any]
    first: int
    last: int
    partitions: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    contracts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Any] = field(default_factory=dict)
    faults: Mapping[str, int] = field(default_factory=dict)
    concerned: Mapping[str, str] = field(default_factory=dict)
    has_events: bool = False
    generation: int = 0
    version: int = SCHEMA_VERSION


def read_manifest(store: Path) -> Manifest | None:
    """Return the manifest of a store; None where there is no table yet.

    Raises
    ------
    ValueError
        If a newer version of the program wrote it, or it is no manifest.
    """
    path = store / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ValueError(both("accounts.bad_store", place=path)) from error
    version = int(found.get("version", 0))
    if version > SCHEMA_VERSION:
        raise ValueError(both("accounts.newer_store", place=path, version=version, known=SCHEMA_VERSION))
    if version < SCHEMA_VERSION:
        return None
    return Manifest(**found)


def month_name(month: int) -> str:
    """Return a month as it stands in paths; months out of all range have a name of their own.

    Examples
    --------
    >>> month_name(0), month_name(-1_000_000)
    ('1970-01', 'none')
    """
    return "none" if abs(month) >= 10**5 else str(np.datetime64(month, "M"))


def read_partitions(store: Path, manifest: Manifest, keys: Iterable[str]) -> pd.DataFrame:
    """Return partitions of a store as one frame, in the order of their keys.

    Files are small, so one thread reads them faster than several.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = [store / manifest.partitions[key] for key in keys]
    parts = [pq.ParquetFile(path).read(use_threads=False) for path in files]
    found: pd.DataFrame = pa.concat_tables(parts).to_pandas()
    return found


def write_partition(store: Path, month: int, frame: pd.DataFrame, run: str) -> str:
    """Write one month under a new name, and return the name; nothing refers to it yet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = f"{_DATA}/month={month_name(month)}/{run}.parquet"
    path = store / name
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), temporary, compression="zstd")
    _flush(temporary)
    os.replace(temporary, path)
    return name


def new_run() -> str:
    """Return a name that no other run has."""
    return uuid.uuid4().hex[:12]


def commit(store: Path, manifest: Manifest, seen: int) -> None:
    """Make a manifest the one that counts, in one step.

    Parameters
    ----------
    store : Path
    manifest : Manifest
    seen : int
        Generation this run began from: another one means that somebody else has written meanwhile.

    Raises
    ------
    ValueError
        If another run was faster; the store keeps what that run wrote.
    """
    now = read_manifest(store)
    if (now.generation if now else 0) != seen:
        raise ValueError(both("accounts.two_writers", place=store))
    temporary = store / f".{MANIFEST}.{new_run()}"
    temporary.write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True), encoding="utf-8")
    _flush(temporary)
    os.replace(temporary, store / MANIFEST)


def sweep(store: Path, manifest: Manifest) -> int:
    """Remove what the manifest does not refer to, such as the remains of a killed run; return how many."""
    kept = set(manifest.partitions.values())
    found: Iterable[Path] = [*store.glob(f"{_DATA}/*/*"), *store.glob(f".{MANIFEST}.*")]
    stale = [path for path in found if path.relative_to(store).as_posix() not in kept]
    for path in stale:
        path.unlink(missing_ok=True)
    for folder in store.glob(f"{_DATA}/*"):
        if folder.is_dir() and not any(folder.iterdir()):
            shutil.rmtree(folder, ignore_errors=True)
    return len(stale)


def _flush(path: Path) -> None:
    """Wait until a file's bytes are on disk, so that its new name never stands for half a file."""
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())
