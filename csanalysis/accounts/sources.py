"""Where events and contracts come from: a workspace, a folder, or a connection; opened as Ibis tables.

DuckDB runs inside this process and reads files in a stream, with a limit on its memory. On a connection the
same expressions run where the data are, and only account-months come back.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csanalysis.accounts.contract_periods import REQUIRED as CONTRACT_REQUIRED
from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.model.disclosure import renamed
from csanalysis.schemas.events import NAME as EVENTS
from csanalysis.schemas.events import REQUIRED as EVENT_REQUIRED
from csanalysis.schemas.events import UNITS as EVENT_UNITS
from csanalysis.schemas.events import UsageEvents, files_of, find_table
from csanalysis.schemas.raw_files import columns_of, decoded, encoding_of
from csanalysis.schemas.synonyms import match_columns

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr.types import Table

CONTRACTS = "accounts"
CONTRACT_UNITS = {
    **dict.fromkeys(("account_id", "segment", "start_date", "end_date", "renewal_date", "csm"), ""),
    **{"mrr": "JPY", "onboarding_sessions": "", "complexity": ""},
}
Told = tuple[str, int, str]
"""Rule, count, detail."""
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
    renamed : mapping of str to str
        Column -> its name in the log, where that is another.
    told : tuple of (rule, count, detail)
        What was done to read the files.
    """

    name: str
    backend: BaseBackend
    contracts: Table
    events: Table | None
    files: UsageEvents | None
    as_of: date | None
    renamed: Mapping[str, str] = field(default_factory=dict)
    told: tuple[Told, ...] = ()
    copies: Mapping[Path, Path] = field(default_factory=dict, repr=False)

    def events_of(self, paths: tuple[Path, ...], where: str = "") -> Table:
        """Return the events of some of the files, as SQL names them; the table of the call before is gone."""
        assert self.files is not None
        read = tuple(self.copies.get(path, path) for path in paths)
        table = _view(self.backend, "part_of_events", read, self.files.suffix, where)
        return table.rename({new: old for new, old in self.renamed.items() if old in table.columns})


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
        with _embedded(memory, source.root) as (backend, spill):
            yield _workspace(source, backend, spill)
    elif (isinstance(source, str) and "://" in source) or not isinstance(source, str | Path):
        with _connection(source) as backend:
            yield _connected(backend, names)
    else:
        with _embedded(memory, source) as (backend, spill):
            yield _folder(Path(source), names, backend, spill)


@contextmanager
def _embedded(memory: str, place: Any) -> Iterator[tuple[BaseBackend, Path]]:
    """Open DuckDB in this process; what does not fit its memory goes to a temporary folder."""
    import duckdb
    import ibis

    with tempfile.TemporaryDirectory(prefix="csanalysis-", ignore_cleanup_errors=True) as spill:
        backend = ibis.duckdb.connect()
        for setting, value in {
            "TimeZone": "UTC",
            "memory_limit": memory,
            "temp_directory": spill,
            "preserve_insertion_order": "false",
            "enable_progress_bar": "false",
        }.items():
            backend.raw_sql(f"SET {setting} = '{value}'")
        try:
            yield backend, Path(spill)
        except (duckdb.InvalidInputException, duckdb.IOException) as error:
            # Rows of a CSV file are looked at when they are summed up: DuckDB names file and line.
            raise ValueError(both("accounts.unreadable", place=place, reason=_reason(error))) from error
        finally:
            backend.disconnect()


@contextmanager
def _connection(source: Any) -> Iterator[BaseBackend]:
    """Open a URL, and close it again; a connection that was handed in stays open."""
    import ibis

    if not isinstance(source, str):
        yield source
        return
    backend = ibis.connect(source)
    try:
        yield backend
    finally:
        backend.disconnect()


def _workspace(ds: Dataset, backend: BaseBackend, spill: Path) -> Opened:
    contracts = ds.tables.get("accounts")
    if contracts is None:
        raise ValueError(both("accounts.no_contracts", place=ds.root))
    if ds.pseudonyms:  # the log names accounts as the company does
        contracts = renamed(contracts, {other: name for name, other in ds.pseudonyms.items()})
    files = ds.usage_events
    copies = _copies(files.paths, files.suffix, spill, ds.root) if files else {}
    events = _files_view(backend, EVENTS, files, copies) if files else None
    opened = Opened(str(ds.root), backend, _frame(backend, contracts), events, files, ds.as_of, copies=copies)
    return _checked(opened)


def _frame(backend: BaseBackend, contracts: Any) -> Table:
    backend.con.register(CONTRACTS, contracts)
    return _table(backend, CONTRACTS)


def _table(backend: BaseBackend, name: str) -> Table:
    """Return a table of the backend; Ibis 12 asks DuckDB 2 for its columns in a way that is to go."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "fetch_arrow_table", DeprecationWarning)
        return backend.table(name)


def _folder(folder: Path, names: Mapping[str, str], backend: BaseBackend, spill: Path) -> Opened:
    if not folder.is_dir():
        raise ValueError(both("accounts.no_folder", place=folder))
    tables: dict[str, Table] = {}
    files, copies = None, dict[Path, Path]()
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
        here = UsageEvents(there[0], paths, suffix)
        copies |= _copies(paths, suffix, spill, folder)
        tables[key] = _files_view(backend, key, here, copies)
        files = here if key == EVENTS else files
    if CONTRACTS not in tables:
        raise ValueError(both("accounts.no_contracts", place=folder))
    opened = Opened(str(folder), backend, tables[CONTRACTS], tables.get(EVENTS), files, None, copies=copies)
    return _checked(opened)


def _copies(paths: tuple[Path, ...], suffix: str, spill: Path, place: Any) -> dict[Path, Path]:
    """Return file -> its copy in UTF-8, for the CSV files that are in another encoding."""
    found: dict[Path, Path] = {}
    for path in paths if suffix != ".parquet" else ():
        try:
            encoding = encoding_of(path)
        except (ValueError, OSError) as error:
            raise ValueError(both("accounts.unreadable", place=place, reason=error)) from error
        if encoding != "utf-8-sig":
            found[path] = spill / f"{len(list(spill.iterdir()))}.csv"
            with found[path].open("w", encoding="utf-8", newline="") as handle:
                handle.writelines(decoded(path, encoding))
    return found


def _files_view(backend: BaseBackend, name: str, files: UsageEvents, copies: Mapping[Path, Path]) -> Table:
    return _view(backend, name, tuple(copies.get(path, path) for path in files.paths), files.suffix)


def _view(backend: BaseBackend, name: str, paths: tuple[Path, ...], suffix: str, where: str = "") -> Table:
    """Make files a table of the embedded engine; CSV cells stay text, so that none is misread."""
    listed = ", ".join(map(_quoted, paths))
    try:
        form = "" if suffix == ".parquet" else _csv_form(paths, suffix)
        reader = (
            f"read_csv([{listed}], {form})" if form else f"read_parquet([{listed}], union_by_name = true)"
        )
        backend.raw_sql(f'CREATE OR REPLACE VIEW "{name}" AS SELECT * FROM {reader} {where}')
        return _table(backend, name)
    except Exception as error:
        place, reason = paths[0].parent, _reason(error)
        raise ValueError(both("accounts.unreadable", place=place, reason=reason)) from error


def _csv_form(paths: tuple[Path, ...], suffix: str) -> str:
    """Return how DuckDB reads CSV files: nothing is guessed.

    Left to guess, it passes over first rows that look unlike the others, and over rows that begin with #.
    """
    form = """header = true, skip = 0, comment = '', delim = ',', quote = '"', escape = '"', """
    headers = {tuple(columns_of(path, suffix)) for path in paths}
    for header in headers:
        if twice := sorted({name for name in header if name and header.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)}: 2 x")
    if len(headers) > 1:
        return f"{form} all_varchar = true, union_by_name = true"
    names = [name or f"column{n}" for n, name in enumerate(headers.pop())]
    return f"{form} auto_detect = false, columns = {{{', '.join(f'{_quoted(n)}: {_TEXT}' for n in names)}}}"


_TEXT = "'VARCHAR'"


def _quoted(word: object) -> str:
    return "'" + str(word).replace("'", "''") + "'"


def _reason(error: Exception) -> str:
    """Return what DuckDB says, without its advice on options that cannot be set here."""
    kept = str(error).split("Possible fixes")[0].split("The search space")[0]
    return " ".join(kept.split())


def _connected(backend: BaseBackend, names: Mapping[str, str]) -> Opened:
    import ibis

    tables: dict[str, Table] = {}
    for key, name in names.items():
        with suppress(ibis.common.exceptions.TableNotFound):
            tables[key] = _table(backend, name)
    if CONTRACTS not in tables:
        raise ValueError(both("accounts.no_contracts", place=backend.name))
    return _checked(Opened(backend.name, backend, tables[CONTRACTS], tables.get(EVENTS), None, None))


def _checked(opened: Opened) -> Opened:
    """Return the source with the columns that are needed, under the names used here.

    Raises
    ------
    ValueError
        If a column is missing, or several could be meant.
    """
    told: list[Told] = []
    contracts, _ = _named(opened, CONTRACTS, opened.contracts, told)
    events, renamed = (None, {}) if opened.events is None else _named(opened, EVENTS, opened.events, told)
    if opened.copies:
        told.append(("reencoded", len(opened.copies), ", ".join(sorted(p.name for p in opened.copies))))
    return replace(opened, contracts=contracts, events=events, renamed=renamed, told=tuple(told))


def _named(opened: Opened, name: str, table: Table, told: list[Told]) -> tuple[Table, dict[str, str]]:
    """Return a table under the names of its columns used here, and column -> the name it had."""
    required = CONTRACT_REQUIRED if name == CONTRACTS else EVENT_REQUIRED
    matched = match_columns(name, table.columns, CONTRACT_UNITS if name == CONTRACTS else EVENT_UNITS)
    renamed = {column: old for old, column in matched.renamed.items()}
    missing = [c for c in required if c not in table.columns and c not in renamed]
    if missing:
        shown = [f"{c}: {' / '.join(matched.ties[c])}?" if c in matched.ties else c for c in missing]
        values = {"table": name, "missing": ", ".join(shown), "place": opened.name}
        raise ValueError(both("accounts.missing_columns", **values, found=", ".join(table.columns)))
    if renamed:
        shown = [f"{old} → {new}" for new, old in renamed.items()]
        told.append(("renamed", len(renamed), f"{name}: {', '.join(shown)}"))
    return table.rename(renamed), renamed
