"""What was wrong with rows of events and contracts: every one of them counted, and said in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from csanalysis.accounts.contract_months import month_number
from csanalysis.accounts.event_months import NO_TIME
from csanalysis.accounts.store import month_name
from csanalysis.labels import number
from csanalysis.model.findings import Finding

if TYPE_CHECKING:
    from csanalysis.accounts.account_store import Build
    from csanalysis.accounts.sources import Told

COLUMNS = ("rule", "count", "detail")
EXAMPLES = 5
QUESTIONS = ("no_time", "unknown_account", "outside_contract", "future", "two_open", "bad_counts")
"""Rules that ask the analyst to look at the source."""


def log_of(build: Build, today: date | None = None, read: Sequence[Told] = ()) -> pd.DataFrame:
    """Return rule, count and detail of everything that was found; a rule that found nothing is left out.

    Counts are rows of the source, but for renamed (columns), reencoded (files) and two_open (account-months);
    the first two, `read`, are told by the run that reads the files.
    """
    rows = [*read, *_of_events(build, today), *_of_contracts(build)]
    return pd.DataFrame([r for r in rows if r[1]], columns=list(COLUMNS)).astype({"count": "int64"})


def _of_events(build: Build, today: date | None) -> Iterator[tuple[str, int, str]]:
    table, strays = build.table, build.strays
    month = strays["month"]
    running = build.last + 1 if today and today.day > 1 and month_number(today) == build.last + 1 else None
    nobody = strays["account_id"] == ""
    inside = month.between(build.first, build.last) & ~nobody
    code, accounts = pd.factorize(strays["account_id"])  # each account is looked up once, not each row
    known = np.array([name in build.known for name in accounts.tolist()], dtype=bool)[code]
    for rule, where in {
        "no_time": month == NO_TIME,
        "no_account": nobody & (month != NO_TIME),
        "future": (month > build.last) & (month != running) & ~nobody,
        "running_month": (month == running) & ~nobody,
        "early": (month < build.first) & (month != NO_TIME) & ~nobody,
        "unknown_account": inside & ~known,
        "outside_contract": inside & known,
    }.items():
        part = strays[where]
        by_month = rule in ("future", "early", "running_month")
        names = part["month"].map(month_name) if by_month else part["account_id"]
        yield rule, int(part["rows"].sum()), _examples(names) if rule != "no_time" else ""
    for rule in ("duplicates", "bad_counts"):
        concerned = table.loc[table[rule] > 0, "account_id"]
        yield rule, int(table[rule].sum()), _examples(concerned)
    naive, zoned = (int(table[f"{kind}_times"].sum()) for kind in ("naive", "zoned"))
    if naive and zoned:
        yield "mixed_zones", naive, number(zoned)
    late = build.late
    yield "late", sum(late.values()), _examples(pd.Series([month_name(m) for m in late], dtype=str))


def _of_contracts(build: Build) -> Iterator[tuple[str, int, str]]:
    for rule, count in sorted(build.manifest.faults.items()):
        yield f"contract_{rule}", count, build.manifest.concerned.get(rule, "")
    several = build.table[build.table["contracts"] > 1]
    yield "two_open", len(several), _examples(several["account_id"])


def _examples(names: pd.Series[str]) -> str:
    found = sorted(map(str, names.unique().tolist()))
    return ", ".join(found[:EXAMPLES]) + (", …" if len(found) > EXAMPLES else "")


def findings_of(table: pd.DataFrame, log: pd.DataFrame, has_events: bool) -> Iterator[Finding]:
    """Yield what the table holds, then each line of the log."""
    if not has_events:
        yield Finding("accounts.no_events", level="question")
    else:
        values = {
            "rows": number(int(table["events"].sum())),
            "accounts": number(table["account_id"].nunique()),
            "months": number(table["month"].nunique()),
        }
        yield Finding("accounts.summed", values)
        if len(table) and not table["tickets"].sum():
            yield Finding("accounts.no_tickets", level="question")
    for rule, count, detail in log.itertuples(index=False):
        level = "question" if rule in QUESTIONS or rule.startswith("contract_") else "info"
        yield Finding(f"accounts.told.{rule}", {"n": number(count), "detail": detail or "-"}, level)
