"""The usage log of a workspace: found and looked at, never loaded."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from csanalysis.io.provenance import Source, sha256_of
from csanalysis.schemas.contract import Origin
from csanalysis.schemas.events import NAME, REQUIRED, UNITS, UsageEvents, files_of, find_table
from csanalysis.schemas.raw_files import columns_of
from csanalysis.schemas.synonyms import match_columns
from csanalysis.workspace.reading import Reading

SMALL = 64 * 2**20
"""Bytes up to which a log is hashed and counted when a workspace is opened (chosen: well below a second)."""


def open_events(reading: Reading, named: str | None) -> UsageEvents | None:
    """Return a handle on the usage log; None where there is none. Faults go to `reading`."""
    there = [reading.root / named] if named else find_table(reading.root, NAME)
    if not there:
        return None
    shown = ", ".join(path.name for path in there)
    origin = Origin(shown, "", reading.lang)
    try:
        if len(there) != 1 or not there[0].exists():
            raise ValueError(shown)
        suffix, paths = files_of(there[0])
        columns = [columns_of(path, suffix) for path in paths]
    except (ValueError, OSError) as error:
        reading.failures.append(origin.failure("events_unreadable", value=str(error)))
        return None
    renamed = [match_columns(NAME, found, UNITS).renamed for found in columns]
    other = dict.fromkeys(f"{a} → {b}" for names in renamed for a, b in names.items())
    if other:
        reading.tell(shown, "column_names", other)
    meant = [{*found, *names.values()} for found, names in zip(columns, renamed, strict=True)]
    missing = [name for name in REQUIRED if any(name not in found for found in meant)]
    reading.failures += [origin.failure("events_missing_column", row=1, column=name) for name in missing]
    events = UsageEvents(there[0], paths, suffix)
    reading.sources.append(_source(events, shown))
    return None if missing else events


def _source(events: UsageEvents, shown: str) -> Source:
    """Return where the log comes from: hash and rows of a small one, the number of files of a large one."""
    if events.bytes > SMALL:
        return Source(NAME, shown, "", -1)
    hashes = [sha256_of(path) for path in events.paths]
    whole = hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
    return Source(NAME, shown, whole, sum(_rows(path, events.suffix) for path in events.paths))


def _rows(path: Path, suffix: str) -> int:
    if suffix == ".parquet":
        import pyarrow.parquet as pq

        return int(pq.ParquetFile(path).metadata.num_rows)
    opener = gzip.open if suffix.endswith(".gz") else open
    with opener(path, "rb") as handle:
        return max(sum(1 for line in handle if line.strip()) - 1, 0)
