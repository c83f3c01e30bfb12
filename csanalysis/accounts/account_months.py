"""Raw events and contracts to the account-month table: the one heavy step, on any engine, told in full."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from csanalysis.accounts.account_store import Build, read_months, update
from csanalysis.accounts.contract_months import MonthLike, month_dates, month_number
from csanalysis.accounts.month_join import LOG_COLUMNS, joined
from csanalysis.accounts.row_log import COLUMNS as LOG
from csanalysis.accounts.row_log import findings_of, log_of
from csanalysis.accounts.sources import MEMORY, Told, open_source
from csanalysis.accounts.store import Manifest, read_manifest
from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.model.disclosure import names_are_hidden, pseudonyms, renamed
from csanalysis.model.findings import Finding

HISTORY_MONTHS = 36
"""Months of the table unless others are asked for, as far as contracts reach back (chosen)."""
TIME_ZONE = "Asia/Tokyo"
_YEARS = range(2000, 2040)


@dataclass(frozen=True)
class AccountMonths:
    """The account-month table, and what was found wrong on the way.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per account and month under contract; columns as in docs/accounts.md.
    first, last : int
        Months since January 1970, both included.
    log : pandas.DataFrame
        What was wrong with rows of the source: rule, count, detail. No row is dropped without a line here.
    source : str
    has_events : bool
        Without a usage log all usage columns are 0, and mean nothing.
    computed : tuple of int
        Months whose events were read in this run; empty where a stored table was enough.
    findings : tuple of Finding
    """

    table: pd.DataFrame = field(repr=False)
    first: int
    last: int
    log: pd.DataFrame = field(repr=False)
    source: str
    has_events: bool
    computed: tuple[int, ...] = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return the table."""
        return self.table.copy(deep=False)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]


def account_months(
    source: Any,
    *,
    store: str | Path | None = None,
    first: MonthLike | None = None,
    last: MonthLike | None = None,
    as_of: date | None = None,
    time_zone: str = TIME_ZONE,
    gap_days: int = 1,
    deduplicate: bool = True,
    tables: Mapping[str, str] | None = None,
    memory: str = MEMORY,
) -> AccountMonths:
    """Sum up raw events and contracts to one row per account and month.

    Parameters
    ----------
    source : Dataset, path, URL or Ibis connection
        A workspace; a folder with ``accounts`` and, if there is one, ``usage_events`` (a file
        ``.csv``, ``.csv.gz`` or ``.parquet``, or a folder of such files); a connection with tables of these
        names, such as ``"duckdb:///warehouse.duckdb"``; or a folder that `store` wrote, which is read as it
        stands.
    store : str or Path, optional
        Folder to keep the table in. The next call reads only what is new: files that were added or changed,
        or, on a connection, months whose number of rows changed. Late events are among these.
    first, last : month, optional
        Months of the table. Default: 36 complete months before `as_of`, as far as contracts reach back.
    as_of : date, optional
        Today; events from this day on are told as future. Default: that of the workspace, else the clock's.
    time_zone : str
        Of months and days, and of events without a zone. One without summer time, such as ``Asia/Tokyo``,
        or a fixed difference such as ``+09:00``.
    gap_days : int
        Breaks between two contracts of fewer days count as none.
    deduplicate : bool
        Count an event once that stands twice with the same account, instant, event and count.
    tables : mapping, optional
        ``usage_events`` and ``accounts`` -> their names at the source.
    memory : str
        Limit on the memory of the embedded engine; what does not fit goes to disk.

    Returns
    -------
    AccountMonths
        Only account-months reach Python, never an event. A workspace without contract periods gives an empty
        table and a finding that says so.

    Raises
    ------
    ValueError
        If tables or columns are missing, or the store belongs to another program version or writer.

    Examples
    --------
    >>> import csanalysis as cs
    >>> months = cs.account_months(cs.load_dataset("data"), first="2026-03", last="2026-03")
    >>> int(months.to_frame()["active_close"].sum())
    439
    """
    if isinstance(source, Dataset) and source.accounts is None:
        return _nothing(source)
    if isinstance(source, str | Path) and "://" not in str(source):
        kept = read_manifest(Path(source))
        if kept is not None:
            return _result(str(source), _renamed(read_months(Path(source), kept, first, last), source))
    offset = utc_offset(time_zone)
    with open_source(source, tables, memory) as opened:
        today = as_of or opened.as_of or datetime.now().date()
        settings = {"offset": offset, "deduplicate": deduplicate, "gap_days": gap_days}
        build = update(
            opened,
            Path(store) if store is not None else None,
            settings,
            None if first is None else month_number(first),
            month_number(today) - 1 if last is None else month_number(last),
            HISTORY_MONTHS,
        )
        return _result(opened.name, _renamed(build, source), today, opened.told)


def _renamed(build: Build, source: Any) -> Build:
    """Return the table with pseudonyms where names are hidden; also of accounts that the log alone knows."""
    from_workspace = isinstance(source, Dataset)
    if not (source.pseudonyms if from_workspace else names_are_hidden()):
        return build
    lang = source.lang if from_workspace else os.environ.get("CSANALYSIS_LANG", "ja")
    names = dict(source.pseudonyms) if from_workspace else pseudonyms(sorted(build.known), "account_id", lang)
    strangers = sorted(set(build.strays["account_id"]) - set(names))
    names |= pseudonyms(strangers, "stranger", lang)
    known = frozenset(names.get(name, name) for name in build.known)
    return replace(build, table=renamed(build.table, names), strays=renamed(build.strays, names), known=known)


def _nothing(ds: Dataset) -> AccountMonths:
    """Return an empty table: without contract periods there is no account-month."""
    table = joined(pd.DataFrame(columns=["account_id", "month"]), pd.DataFrame(columns=list(LOG_COLUMNS)))
    month = month_number(ds.as_of) - 1
    return AccountMonths(
        table.assign(month=table["month"].astype("datetime64[us]")),
        month,
        month,
        pd.DataFrame(columns=list(LOG)),
        str(ds.root),
        False,
        (),
        (Finding("accounts.no_table", level="question"),),
    )


def _result(source: str, build: Build, today: date | None = None, told: Sequence[Told] = ()) -> AccountMonths:
    manifest: Manifest = build.manifest
    log = log_of(build, today, told)
    table = build.table.assign(month=month_dates(build.table["month"].to_numpy(np.int64)))
    return AccountMonths(
        table.reset_index(drop=True),
        build.first,
        build.last,
        log,
        source,
        manifest.has_events,
        build.computed,
        tuple(findings_of(table, log, manifest.has_events)),
    )


def utc_offset(time_zone: str) -> int:
    """Return local clock minus UTC, in seconds.

    Raises
    ------
    ValueError
        If the zone is not known, or its clock changes: then state the difference.

    Examples
    --------
    >>> utc_offset("Asia/Tokyo"), utc_offset("-03:30")
    (32400, -12600)
    """
    if time_zone[:1] in "+-" and time_zone:
        hours, _, minutes = time_zone[1:].partition(":")
        if hours.isdigit() and (minutes.isdigit() or not minutes) and int(hours) <= 14:
            return (1 if time_zone[0] == "+" else -1) * (3600 * int(hours) + 60 * int(minutes or 0))
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(both("accounts.no_zone", zone=time_zone)) from error
    found = {datetime(y, m, 1, tzinfo=zone).utcoffset() for y in _YEARS for m in range(1, 13)}
    if len(found) > 1:
        raise ValueError(both("accounts.changing_zone", zone=time_zone))
    return int((found.pop() or timedelta(0)).total_seconds())
