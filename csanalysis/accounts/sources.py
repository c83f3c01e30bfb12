"""Where events and contracts come from: a workspace, a folder, or a connection; opened as Ibis tables.

DuckDB runs inside this process and reads files in a stream, with a limit on its memory. On a connection the
same expressions run where the data are, and only account-months come back.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csanalysis.accounts.contract_periods import REQUIRED as CONTRACT_REQUIRED
from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.model.disclosure import renamed
from csanalysis.schemas.events import NAME as EVENTS
from csanalysis.schemas.events import REQUIRED as EVENT_REQUIRED
from csanalysis.schemas.events import UsageEvents, files_of, find_table

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr.types import Table

CONTRACTS = "accounts"
MEMORY = "600MB"
"""Limit on DuckDB's memory (chosen: leaves room under 1 GB for Python and its packages)."""


@dataclass(frozen=True)
class Opened:
    """An open source.

    Attributes
    ----------
    name : str
        What it is called on screen: a folder, or a connection without its secrets.
    backend : ibis backend
    contracts : ibis Table
    events : ibis Table or None
        All events; None where the source has no usage log.
    files : UsageEvents or None
        The files behind the events, where there are any.
    as_of : date or None
        Today, where the source says so.
    """

    name: str
    backend: BaseBackend
    contracts: Table
    events: Table | None
    files: UsageEvents | None
    as_of: date | None
    temporary: Path | None = field(default=None, repr=False)

    def events_of(self, paths: tuple[Path, ...]) -> Table:
        """Return the events of some of the files."""
        assert self.files is not None
        return _view(self.backend, f"part_{abs(hash(paths)):x}", paths, self.files.suffix)


@contextmanager
def open_source(
    source: Any, tables: Mapping[str, str] | None = None, memory: str = MEMORY
) -> Iterator[Opened]:
    """Open a workspace, a folder, a connection URL or an Ibis connection.

    Raises
    ------
    ValueError
        If a table or a column is missing, or a table stands twice.
    """
    names = {EVENTS: EVENTS, CONTRACTS: CONTRACTS, **(tables or {})}
    if isinstance(source, Dataset):
        with _embedded(memory) as backend:
            yield _workspace(source, backend)
    elif (isinstance(source, str) and "://" in source) or not isinstance(source, str | Path):
        yield _connected(source, names)
    else:
        with _embedded(memory) as backend:
            yield _folder(Path(source), names, backend)


@contextmanager
def _embedded(memory: str) -> Iterator[BaseBackend]:
    """Open DuckDB in this process; what does not fit its memory goes to a temporary folder."""
    import ibis

    with tempfile.TemporaryDirectory(prefix="csanalysis-", ignore_cleanup_errors=True) as spill:
        backend = ibis.duckdb.connect()
        for setting, value in {
            "TimeZone": "UTC",
            "memory_limit": memory,
            "temp_directory": spill,
            "preserve_insertion_order": "false",
        }.items():
            backend.raw_sql(f"SET {setting} = '{value}'")
        try:
            yield backend
        finally:
            backend.disconnect()


def _workspace(ds: Dataset, backend: BaseBackend) -> Opened:
    contracts = ds.tables.get("accounts")
    if contracts is None:
        raise ValueError(both("accounts.no_contracts", place=ds.root))
    if ds.pseudonyms:  # the log names accounts as the company does
        contracts = renamed(contracts, {other: name for name, other in ds.pseudonyms.items()})
    files = ds.usage_events
    events = _view(backend, EVENTS, files.paths, files.suffix) if files else None
    return _checked(Opened(str(ds.root), backend, _frame(backend, contracts), events, files, ds.as_of))


def _frame(backend: BaseBackend, contracts: Any) -> Table:
    backend.con.register(CONTRACTS, contracts)
    return _table(backend, CONTRACTS)


def _table(backend: BaseBackend, name: str) -> Table:
    """Return a table of the backend; Ibis 12 asks DuckDB 2 for its columns in a way that is to go."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "fetch_arrow_table", DeprecationWarning)
        return backend.table(name)


def _folder(folder: Path, names: Mapping[str, str], backend: BaseBackend) -> Opened:
    if not folder.is_dir():
        raise ValueError(both("accounts.no_folder", place=folder))
    tables: dict[str, Table] = {}
    files = None
    for key, name in names.items():
        there = find_table(folder, name)
        if len(there) > 1:
            raise ValueError(both("accounts.two_tables", names=", ".join(p.name for p in there)))
        if not there:
            continue
        try:
            suffix, paths = files_of(there[0])
        except ValueError as error:
            raise ValueError(both("accounts.mixed_files", place=there[0], found=error)) from error
        tables[key] = _view(backend, key, paths, suffix)
        files = UsageEvents(there[0], paths, suffix) if key == EVENTS else files
    if CONTRACTS not in tables:
        raise ValueError(both("accounts.no_contracts", place=folder))
    return _checked(Opened(str(folder), backend, tables[CONTRACTS], tables.get(EVENTS), files, None))


def _view(backend: BaseBackend, name: str, paths: tuple[Path, ...], suffix: str) -> Table:
    """Make files a table of the embedded engine; CSV cells stay text, so that none is misread."""
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    reader = (
        f"read_parquet([{listed}], union_by_name = true)"
        if suffix == ".parquet"
        else f"read_csv([{listed}], all_varchar = true, header = true, delim = ',', union_by_name = true)"
    )
    try:
        backend.raw_sql(f'CREATE OR REPLACE VIEW "{name}" AS SELECT * FROM {reader}')
        return _table(backend, name)
    except Exception as error:
        raise ValueError(both("accounts.unreadable", place=paths[0].parent, reason=error)) from error


def _connected(source: Any, names: Mapping[str, str]) -> Opened:
    import ibis

    backend = ibis.connect(source) if isinstance(source, str) else source
    tables: dict[str, Table] = {}
    for key, name in names.items():
        with suppress(ibis.common.exceptions.TableNotFound):
            tables[key] = _table(backend, name)
    if CONTRACTS not in tables:
        raise ValueError(both("accounts.no_contracts", place=backend.name))
    return _checked(Opened(backend.name, backend, tables[CONTRACTS], tables.get(EVENTS), None, None))


def _checked(opened: Opened) -> Opened:
    """Return the source if its tables have the columns that are needed."""
    for name, table, required in (
        (CONTRACTS, opened.contracts, CONTRACT_REQUIRED),
        (EVENTS, opened.events, EVENT_REQUIRED),
    ):
        missing = [] if table is None else [c for c in required if c not in table.columns]
        if missing:
            raise ValueError(
                both("accounts.missing_columns", table=name, missing=", ".join(missing), place=opened.name)
            )
    return opened
