"""Compute or update the account-month table: read only the months of the log that may have changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.accounts.contract_months import MonthLike, month_number
from csanalysis.accounts.contract_periods import clean_contracts, period_months
from csanalysis.accounts.log_reading import by_month, frame_of, read_usage, stamped, what_to_read
from csanalysis.accounts.month_join import LOG_COLUMNS, hash_of, joined, log_rows, logged_of
from csanalysis.accounts.sources import Opened
from csanalysis.accounts.store import (
    Manifest,
    commit,
    new_run,
    read_manifest,
    read_partitions,
    sweep,
    write_partition,
)

KNOWN = "accounts"
"""Name of the partition that holds the accounts of all contracts."""


@dataclass(frozen=True)
class Build:
    """A table in memory, and how it came about.

    Attributes
    ----------
    table : pandas.DataFrame
        Rows under contract, months `first` to `last`.
    strays : pandas.DataFrame
        Sums of log rows that are in no row of the table: account_id, month, rows.
    known : frozenset of str
        Accounts with a contract at any time.
    manifest : Manifest
    first, last : int
    computed : tuple of int
        Months whose events were read.
    late : mapping of int to int
        Month that was stored before -> rows of the log that came since.
    """

    table: pd.DataFrame
    strays: pd.DataFrame
    known: frozenset[str]
    manifest: Manifest
    first: int
    last: int
    computed: tuple[int, ...] = ()
    late: Mapping[int, int] = field(default_factory=dict)


def update(
    opened: Opened,
    store: Path | None,
    settings: Mapping[str, Any],
    first: int | None,
    last: int,
    history: int,
) -> Build:
    """Compute the table; with a store, read only what changed since, and write what is new.

    Parameters
    ----------
    opened : Opened
    store : Path, optional
    settings : mapping
        offset (seconds), deduplicate, gap_days. A store made with others is made anew.
    first, last : int
        Months; without `first`, `history` months up to `last` as far as contracts reach back.
    history : int
    """
    there = read_manifest(store) if store else None
    seen = there.generation if there else 0
    old = there if there and dict(there.settings) == dict(settings) else None
    clean = clean_contracts(opened.contracts)
    contracts, faults, concerned, known, begin = _contracts(
        opened, clean, settings, first, last, history, old
    )
    months, paths, stamps = what_to_read(opened, store, old, int(settings["offset"]))
    usage = read_usage(opened, settings, months, paths)
    read = set(usage) | (months or set())
    parts, hashes, rows = _parts(store, old, usage, read, contracts, begin, last)
    late = _late(old, rows, read)
    manifest = Manifest(
        settings=dict(settings),
        first=begin,
        last=last,
        rows={str(m): n for m, n in rows.items()},
        contracts=hashes,
        files=stamped(stamps, usage, months),
        faults=faults,
        concerned=concerned,
        has_events=opened.events is not None,
        generation=seen + 1,
    )
    if store is not None:
        manifest = _written(store, there, old, manifest, parts, known, seen)
    frames = [part if part is not None else _stored(store, old, m) for m, part in sorted(parts.items())]
    whole = pd.concat(frames, ignore_index=True)
    return _build(whole, known, manifest, begin, last, tuple(sorted(read)), late)


def read_months(store: Path, manifest: Manifest, first: MonthLike | None, last: MonthLike | None) -> Build:
    """Return a stored table, or some months of it, without looking at any event."""
    begin = manifest.first if first is None else max(month_number(first), manifest.first)
    end = manifest.last if last is None else min(month_number(last), manifest.last)
    whole = begin == manifest.first and end == manifest.last
    wanted = sorted(int(m) for m in manifest.partitions if m != KNOWN and (whole or begin <= int(m) <= end))
    table = read_partitions(store, manifest, map(str, wanted))
    named = read_partitions(store, manifest, [KNOWN])["account_id"]
    return _build(table, frozenset(named.tolist()), manifest, begin, end)


def _contracts(
    opened: Opened,
    clean: Any,
    settings: Mapping[str, Any],
    first: int | None,
    last: int,
    history: int,
    old: Manifest | None,
) -> tuple[pd.DataFrame, dict[str, int], dict[str, str], frozenset[str], int]:
    """Return contract months, faults of contract rows and whose, the accounts known, and the first month."""
    faults, concerned = _faults(opened, clean)
    sound = clean.filter(clean.fault == "")
    spans = sound.group_by("account_id").aggregate(born=sound.start.min())
    accounts = frame_of(opened, spans)
    begin = last - history + 1 if first is None else first
    if first is None and len(accounts):
        begin = max(begin, min(month_number(accounts["born"].min()), last))
    if old:
        begin = min(begin, old.first)
    found = frame_of(opened, period_months(clean, begin, last, int(settings["gap_days"])))
    found["month"] = found["month"].astype("int64")
    for name in ("begun", "renewal_date"):
        found[name] = pd.to_datetime(found[name]).astype("datetime64[us]")
    return found, faults, concerned, frozenset(accounts["account_id"].tolist()), begin


def _faults(opened: Opened, clean: Any) -> tuple[dict[str, int], dict[str, str]]:
    """Return what is wrong with contract rows: how many rows, and the first and last account concerned."""
    own = clean.filter((clean.fault != "") | clean.negative)
    ends = {"least": own.account_id.min(), "most": own.account_id.max()}
    counted = frame_of(opened, own.group_by(["fault", "negative"]).aggregate(rows=own.count(), **ends))
    faults: dict[str, int] = defaultdict(int)
    names: dict[str, set[str]] = defaultdict(set)
    for fault, _, number, least, most in counted.itertuples(index=False):
        rule = str(fault) or "negative_mrr"
        faults[rule] += int(number)
        names[rule] |= {str(least), str(most)} - {""}
    return dict(faults), {
        rule: " … ".join(sorted(found)[:: max(len(found) - 1, 1)]) for rule, found in names.items()
    }


def _parts(
    store: Path | None,
    old: Manifest | None,
    usage: Mapping[int, pd.DataFrame],
    read: Collection[int],
    contracts: pd.DataFrame,
    first: int,
    last: int,
) -> tuple[dict[int, pd.DataFrame | None], dict[str, str], dict[int, int]]:
    """Return month -> its new rows (None: as stored), month -> hash of its contracts, month -> log rows."""
    stored = {int(m) for m in old.partitions if m != KNOWN} if old else set()
    promised = by_month(contracts)
    none = contracts.iloc[:0]
    months = sorted({*range(first, last + 1), *usage, *stored, *read})
    hashes = {str(m): hash_of(promised.get(m, none)) for m in months} if store else {}
    kept = {
        m for m in stored - set(read) if old is not None and old.contracts.get(str(m)) == hashes.get(str(m))
    }
    logged = [part for m, part in usage.items() if m not in kept]
    logged += [logged_of(_stored(store, old, m)) for m in sorted(stored - kept - set(read))]
    log = pd.concat(logged) if logged else pd.DataFrame(columns=list(LOG_COLUMNS))
    log = log.astype({"month": "int64", "account_id": str})
    made = by_month(joined(contracts[~contracts["month"].isin(kept)], log))
    empty = joined(none, log.iloc[:0])
    parts: dict[int, pd.DataFrame | None] = {m: None if m in kept else made.get(m, empty) for m in months}
    rows = {m: int(log_rows(part).sum()) for m, part in parts.items() if part is not None}
    if old is not None:
        rows |= {m: old.rows.get(str(m), 0) for m in kept}
    return parts, hashes, rows


def _late(old: Manifest | None, rows: Mapping[int, int], read: Collection[int]) -> dict[int, int]:
    """Return how many rows came since for months that were complete when they were stored."""
    if old is None:
        return {}
    more = {m: rows.get(m, 0) - old.rows[str(m)] for m in read if str(m) in old.rows and m <= old.last}
    return {m: n for m, n in sorted(more.items()) if n > 0}


def _written(
    store: Path,
    there: Manifest | None,
    old: Manifest | None,
    manifest: Manifest,
    parts: Mapping[int, pd.DataFrame | None],
    known: frozenset[str],
    seen: int,
) -> Manifest:
    """Write what is new, then let the manifest count; the table of before stays readable until then."""
    store.mkdir(parents=True, exist_ok=True)
    if there:
        sweep(store, there)
    run = new_run()
    names = dict(old.partitions) if old else {}
    for month, part in parts.items():
        if part is not None:
            names[str(month)] = write_partition(store, month, part, run)
    listed = pd.DataFrame({"account_id": sorted(known)}, dtype=str)
    names[KNOWN] = write_partition(store, -(10**7), listed, f"{KNOWN}-{run}")
    manifest = replace(manifest, partitions=names)
    commit(store, manifest, seen)
    return manifest


def _stored(store: Path | None, manifest: Manifest | None, month: int) -> pd.DataFrame:
    assert store is not None and manifest is not None
    return read_partitions(store, manifest, [str(month)])


def _build(
    whole: pd.DataFrame,
    known: frozenset[str],
    manifest: Manifest,
    first: int,
    last: int,
    computed: tuple[int, ...] = (),
    late: Mapping[int, int] | None = None,
) -> Build:
    """Part the rows under contract within the months from log rows that have no place there."""
    rows = log_rows(whole)
    month = whole["month"].to_numpy()
    inside = (month >= first) & (month <= last)
    placed = (whole["active_open"] | whole["active_close"]).to_numpy() & inside
    apart = ~placed & (rows.to_numpy() > 0)
    strays = whole.loc[apart, ["account_id", "month"]].assign(rows=rows[apart])
    # Sorted by numbers for the accounts: comparing their names row by row takes ten times as long.
    account = pd.factorize(whole["account_id"], sort=True)[0]
    order = np.lexsort((month, account))
    table = whole.take(order[placed[order]]).reset_index(drop=True)
    return Build(
        table, strays.reset_index(drop=True), known, manifest, first, last, computed, dict(late or {})
    )
