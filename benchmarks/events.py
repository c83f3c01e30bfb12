"""Events to account-months: time and peak memory beside pandas, polars and plain DuckDB SQL, in one run.

    python benchmarks/events.py [--rows 1e6 1e7] [--folder FOLDER] [--programs csanalysis sql ...]

A log is generated as parquet (10,000 accounts, 24 months, one row in a thousand doubled, 8 % tickets). Every
program does the same work in a process of its own, whose peak memory is read from the system: each row
counted once, then by account and month rows, usage, tickets, days with usage and doubled rows. Imports are
not timed, and results are compared. "cpu s" is the time both cores worked: it says more than the seconds on
the clock where other work goes on beside. Contracts are left out, but for the lines "whole table" (with
contracts, told, written) and "re-score" (`score_health` on the stored table, no event read).

- ``sql, same checks``: SQL for DuckDB as a careful engineer would write and tune it, with the checks of cells
  that csanalysis makes (counts that are none, empty ones, how a ticket is written), within the same memory;
  ``no limit``: with the memory DuckDB takes by itself, which 1e8 rows need.
- ``no checks``: every cell is trusted; ``count(distinct)``: days counted as an analyst writes it at first.
- ``no doubles``: the same without the comparison of rows, for logs that cannot hold a row twice.

Goals: at most 1.1 x the time of ``sql, same checks`` under 1 GB; a re-score 100 times faster than the scan.
1e8 rows need 1 GB of disk and are run by hand: ``--rows 1e8 --programs csanalysis sql_free table score``.
The peer polars comes from PyPI: pip install polars.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

ACCOUNTS, MONTHS, FIRST = 10_000, 24, "2024-04-01"
BLOCK = 2_000_000
TICKETS, DOUBLED = 0.08, 0.001
GOAL_TIME, GOAL_MEMORY, GOAL_RESCORE = 1.1, 1000, 100
OFFSET = 9 * 3600
PROGRAMS = (
    *("csanalysis", "sql", "sql_free", "sql_trusting", "sql_distinct", "polars", "pandas"),
    *("csanalysis_plain", "sql_plain", "table", "score"),
)
SQL_COLUMNS = "account_id, year(timestamp) * 12 + month(timestamp) - 23641 AS month"


def generate(folder: Path, rows: int) -> Path:
    """Write a log of `rows` rows in several files, and contracts; the same bytes for the same number."""
    place = folder / f"log_{rows}"
    if (place / "done").exists():
        return place
    log = place / "usage_events"
    log.mkdir(parents=True, exist_ok=True)
    names = pa.array([f"A{n:05d}" for n in range(ACCOUNTS)])
    kinds = pa.array(["login", "report", "export", "ticket"])
    span = int((np.datetime64("2026-04-01") - np.datetime64(FIRST)) / np.timedelta64(1, "s"))
    for number, start in enumerate(range(0, rows, BLOCK)):
        rng = np.random.default_rng([7, rows, number])
        count = min(BLOCK, rows - start)
        own = count - int(DOUBLED * count)
        # Files follow each other in time, as exports of one month after the other do.
        low, high = (start / rows, (start + count) / rows)
        seconds = (span * (low + (high - low) * rng.random(own))).astype("int64")
        stamp = np.datetime64(FIRST, "us") + seconds.astype("timedelta64[s]").astype("timedelta64[us]")
        account = (ACCOUNTS * rng.random(own) ** 1.5).astype("int32")
        kind = np.where(rng.random(own) < TICKETS, 3, rng.integers(0, 3, own)).astype("int32")
        amount = np.where(kind == 3, 1, rng.integers(1, 6, own)).astype("float64")
        again = rng.integers(0, own, count - own)
        order = np.argsort(stamp, kind="stable") if rows <= 10**7 else np.arange(own)
        pick = np.concatenate([order, again])
        table = pa.table(
            {
                "account_id": pa.DictionaryArray.from_arrays(account[pick], names),
                "timestamp": stamp[pick],
                "event": pa.DictionaryArray.from_arrays(kind[pick], kinds),
                "count": amount[pick],
            }
        )
        pq.write_table(table, log / f"part_{number:04d}.parquet", compression="zstd")
    starts = np.datetime64("2022-01-05") + 30 * (np.arange(ACCOUNTS) % 24)
    # One in four leaves on an anniversary in the last two years.
    ends = np.where(
        np.arange(ACCOUNTS) % 4 == 0, starts + 365 * (3 + np.arange(ACCOUNTS) % 2), np.datetime64("NaT")
    )
    contracts = pd.DataFrame(
        {
            "account_id": names.to_pandas(),
            "start_date": starts,
            "end_date": ends.astype("datetime64[D]"),
            "mrr": 5e4,
        }
    )
    contracts.to_parquet(place / "accounts.parquet")
    (place / "done").touch()
    return place


CHECKED = """
    SELECT account_id, year(month) * 12 + month(month) - 23641 AS month, events, usage, tickets,
           bit_count(days) AS active_days, times - events - bad AS duplicates, bad
    FROM (
        SELECT account_id, date_trunc('month', timestamp) AS month, count(*) FILTER (good) AS events,
               sum(CASE WHEN good AND NOT ticket THEN amount ELSE 0 END) AS usage,
               sum(CASE WHEN good AND ticket THEN amount ELSE 0 END) AS tickets,
               bit_or(CASE WHEN good AND NOT ticket
                           THEN 1::BIGINT << (day(timestamp) - 1) ELSE 0 END) AS days,
               sum(times) AS times, count(*) FILTER (NOT good) AS bad
        FROM (SELECT *, coalesce(count BETWEEN 0 AND 1e300, true) AS good, coalesce(count, 1) AS amount
              FROM (SELECT account_id, timestamp, event, count, count(*) AS times,
                           min(coalesce(lower(trim(event)) = 'ticket', false)) AS ticket
                    FROM read_parquet('{place}/usage_events/*.parquet')
                    GROUP BY account_id, timestamp, event, count))
        GROUP BY 1, 2
    )
"""
"""The same checks as csanalysis makes: counts that are none, empty ones, how a ticket is written."""


def _checked(place: Path, *, limited: bool = True) -> pd.DataFrame:
    return _duckdb(CHECKED.format(place=place), limited=limited)


def _duckdb(query: str, *, limited: bool = True) -> pd.DataFrame:
    """Run SQL with the memory limit that csanalysis sets, or with DuckDB's own: most of the machine."""
    import duckdb

    from csanalysis.accounts.sources import MEMORY

    with tempfile.TemporaryDirectory() as spill, duckdb.connect() as connection:
        settings = (
            *([f"memory_limit = '{MEMORY}'"] if limited else []),
            f"temp_directory = '{spill}'",
            "preserve_insertion_order = false",
        )
        for setting in settings:
            connection.execute(f"SET {setting}")
        return connection.execute(query).df()


def _sql(place: Path, *, distinct: bool, bits: bool) -> pd.DataFrame:
    """Run plain SQL that trusts every cell."""
    rows = "*, count(*) AS times" if distinct else "*, 1 AS times"
    group = "GROUP BY account_id, timestamp, event, count" if distinct else ""
    if distinct:
        rows = "account_id, timestamp, event, count, count(*) AS times"
    used = "event != 'ticket'"
    days = (
        f"bit_count(bit_or(CASE WHEN {used} THEN 1 << (day(timestamp) - 1) ELSE 0 END)::INTEGER)"
        if bits
        else f"count(DISTINCT CASE WHEN {used} THEN day(timestamp) END)"
    )
    query = f"""
        SELECT {SQL_COLUMNS}, count(*) AS events,
               sum(count) FILTER ({used}) AS usage, sum(count) FILTER (NOT {used}) AS tickets,
               {days} AS active_days, sum(times - 1) AS duplicates
        FROM (SELECT {rows} FROM read_parquet('{place}/usage_events/*.parquet') {group})
        GROUP BY 1, 2
    """
    return _duckdb(query)


def _ours(place: Path, *, deduplicate: bool) -> pd.DataFrame:
    from csanalysis.accounts.log_reading import read_usage
    from csanalysis.accounts.sources import open_source

    with open_source(place) as opened:
        settings = {"offset": OFFSET, "deduplicate": deduplicate}
        assert opened.files is not None
        return pd.concat(read_usage(opened, settings, None, opened.files.paths).values())


def _pandas(place: Path) -> pd.DataFrame:
    log = pd.read_parquet(place / "usage_events")
    log["account_id"], log["event"] = log["account_id"].astype("category"), log["event"].astype("category")
    keys = ["account_id", "timestamp", "event", "count"]
    rows = log.groupby(keys, observed=True, sort=False).size().rename("times").reset_index()
    used = rows["event"] != "ticket"
    rows["month"] = rows["timestamp"].dt.year * 12 + rows["timestamp"].dt.month - 23641
    rows["usage"], rows["tickets"] = rows["count"].where(used, 0.0), rows["count"].where(~used, 0.0)
    rows["day"] = rows["timestamp"].dt.day.where(used)
    rows["again"] = rows["times"] - 1
    return (
        rows.groupby(["account_id", "month"], observed=True)
        .agg(
            events=("times", "size"),
            usage=("usage", "sum"),
            tickets=("tickets", "sum"),
            active_days=("day", "nunique"),
            duplicates=("again", "sum"),
        )
        .reset_index()
    )


def _polars(place: Path) -> pd.DataFrame:
    import polars as pl

    log = pl.scan_parquet(str(place / "usage_events" / "*.parquet"))
    rows = log.group_by(["account_id", "timestamp", "event", "count"]).agg(times=pl.len())
    used = pl.col("event") != "ticket"
    month = pl.col("timestamp").dt.year().cast(pl.Int64) * 12 + pl.col("timestamp").dt.month() - 23641
    sums = rows.group_by([pl.col("account_id"), month.alias("month")]).agg(
        events=pl.len(),
        usage=pl.col("count").filter(used).sum(),
        tickets=pl.col("count").filter(~used).sum(),
        active_days=pl.col("timestamp").dt.day().filter(used).n_unique(),
        duplicates=(pl.col("times") - 1).sum(),
    )
    return sums.collect(engine="streaming").to_pandas()


def _table(place: Path) -> pd.DataFrame:
    import csanalysis as cs

    store = place / "store"
    months = cs.account_months(place, store=store, as_of=date(2026, 4, 1), first="2024-04")
    return months.to_frame()


def _score(place: Path, ds: Any) -> pd.DataFrame:
    """Read the stored months that a score needs, and score."""
    import csanalysis as cs

    months = cs.account_months(place / "store", first="2025-08")
    return cs.score_health(ds, months=months, judge=False).to_frame()


def _example() -> Any:
    import csanalysis as cs

    return cs.load_dataset(Path(__file__).parents[1] / "data", lang="en")


WORK = {
    "csanalysis": lambda place: _ours(place, deduplicate=True),
    "csanalysis_plain": lambda place: _ours(place, deduplicate=False),
    "sql": _checked,
    "sql_free": lambda place: _checked(place, limited=False),
    "sql_trusting": lambda place: _sql(place, distinct=True, bits=True),
    "sql_distinct": lambda place: _sql(place, distinct=True, bits=False),
    "sql_plain": lambda place: _sql(place, distinct=False, bits=True),
    "polars": _polars,
    "pandas": _pandas,
    "table": _table,
}
NAMES = {
    "csanalysis": "csanalysis",
    "sql": "duckdb sql, same checks",
    "sql_free": "duckdb sql, same checks, no limit",
    "sql_trusting": "duckdb sql, no checks",
    "sql_distinct": "duckdb sql, no checks, count(distinct)",
    "polars": "polars (streaming)",
    "pandas": "pandas",
    "csanalysis_plain": "csanalysis, no doubles",
    "sql_plain": "duckdb sql, no checks, no doubles",
    "table": "csanalysis, whole table stored",
    "score": "csanalysis, re-score",
}


IMPORTS = {
    **dict.fromkeys(
        ("sql", "sql_free", "sql_trusting", "sql_distinct", "sql_plain"),
        ("duckdb", "csanalysis.accounts.sources"),
    ),
    **dict.fromkeys(
        ("csanalysis", "csanalysis_plain", "table", "score"),
        ("ibis.backends.duckdb", "csanalysis.accounts.health"),
    ),
    "polars": ("polars", "pandas"),
}


def child(program: str, place: Path) -> None:
    """Do the work of one program in this process, and tell time, memory and a digest of the result."""
    for package in IMPORTS.get(program, ()):  # the import is no part of the work
        importlib.import_module(package)
    ds = _example() if program == "score" else None
    if program == "table" and (place / "store").exists():
        import shutil

        shutil.rmtree(place / "store")
    if program == "score":  # the second call is measured: the first sets up what later ones use
        _score(place, ds)
    begin, worked = time.perf_counter(), time.process_time()
    frame = _score(place, ds) if program == "score" else WORK[program](place)
    seconds, worked = time.perf_counter() - begin, time.process_time() - worked
    columns = [c for c in ("events", "usage", "tickets", "active_days", "duplicates") if c in frame]
    digest = [len(frame), *(round(float(frame[c].sum()), 6) for c in columns)]
    print(json.dumps({"seconds": seconds, "cpu": worked, "memory": _peak(), "digest": digest}))


def _peak() -> float:
    """Return the peak memory of this process in MB."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (2**20 if sys.platform == "darwin" else 1024)


def measure(program: str, place: Path) -> dict[str, object]:
    """Run one program in a process of its own."""
    command = [sys.executable, __file__, "--child", program, "--folder", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {
            "seconds": np.nan,
            "cpu": np.nan,
            "memory": np.nan,
            "digest": None,
            "error": done.stderr.strip()[-200:],
        }
    return json.loads(done.stdout.splitlines()[-1])


def report(rows: int, found: dict[str, dict[str, object]], repeats: int) -> None:
    """Print one size: time, memory, and how csanalysis compares."""
    sql, free, ours = (found.get(n, {}).get("seconds", np.nan) for n in ("sql", "sql_free", "csanalysis"))
    sql = sql if np.isfinite(sql) else free  # a large log may not fit the limit
    frame = pd.DataFrame(
        {
            "program": [NAMES[name] for name in found],
            "seconds": [f"{r['seconds']:.3g}" for r in found.values()],
            "cpu s": [f"{r['cpu']:.3g}" for r in found.values()],
            "peak MB": [f"{r['memory']:,.0f}" for r in found.values()],
            "x sql": [f"{r['seconds'] / sql:.2f}" for r in found.values()],
        }
    )
    print(f"\n{rows:,} rows (best of {repeats})\n{frame.to_string(index=False)}")
    for name, result in found.items():
        if result.get("error"):
            print(f"{NAMES[name]} failed: {result['error']}")
    same = {
        json.dumps(found[n]["digest"])
        for n in ("csanalysis", "sql", "sql_free", "sql_trusting", "sql_distinct", "polars", "pandas")
        if n in found and found[n]["digest"]
    }
    if len(same) > 1:
        sys.exit(f"the programs disagree: {same}")
    if sql and ours:
        memory = float(found["csanalysis"]["memory"])  # type: ignore[arg-type]
        print(f"goal {GOAL_TIME} x: {ours / sql:.2f} x, {'met' if ours <= GOAL_TIME * sql else 'NOT met'}")
        print(f"goal {GOAL_MEMORY} MB: {memory:,.0f} MB, {'met' if memory < GOAL_MEMORY else 'NOT met'}")
    if "score" in found:
        ratio = ours / float(found["score"]["seconds"])  # type: ignore[arg-type]
        verdict = "met" if ratio >= GOAL_RESCORE else "NOT met"
        print(f"goal {GOAL_RESCORE} x faster re-score: {ratio:,.0f} x, {verdict}")


def main() -> None:
    """Measure and print."""
    assert __doc__
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--rows", type=float, nargs="+", default=[1e6, 1e7])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "csanalysis_events")
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=PROGRAMS)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked.child, asked.folder)
        return
    for rows in (int(size) for size in asked.rows):
        place = generate(asked.folder, rows)
        found: dict[str, dict[str, object]] = {}
        for _ in range(asked.repeats):  # in turn, so that a slow minute of the machine hits all alike
            for name in asked.programs:
                result = measure(name, place)
                best = found.get(name)
                if best is None or result["seconds"] < best["seconds"]:  # type: ignore[operator]
                    found[name] = result
        report(rows, found, asked.repeats)
    names = ("duckdb", "ibis-framework", "polars", "pandas", "pyarrow")
    print(f"\nmachine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print("versions: " + ", ".join(f"{name} {version(name)}" for name in names))


if __name__ == "__main__":
    main()
