"""Raw usage events to one row per account and month, as Ibis expressions: no row reaches Python.

Every row of the log counts somewhere. It has a place among the months, or is counted under a month of its own
(`NO_TIME`); a doubled row, a count that is none and an event after the cut are counted beside what was kept.
Months are integers since January 1970, on the local clock of the company.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from csanalysis.schemas.events import TICKET, UNIT_COUNT

if TYPE_CHECKING:
    from ibis.expr.types import Column, Table

NO_TIME = -(10**6)
"""Month of rows whose time cannot be read."""
USAGE_COLUMNS = ("events", "usage", "tickets", "active_days", "last_day")
"""Columns of the account-month table that come from events: rows, sums of counts, days, day of the month."""
TOLD_COLUMNS = ("duplicates", "bad_counts", "naive_times", "zoned_times")
"""Columns that count what is wrong with, or assumed of, the rows of an account and month.

naive_times and zoned_times, rows without and with a time zone, are counted where times are text.
"""

LARGEST = 1e300
"""A count beyond it is none."""

_ISO = (
    r"^\d{4}-\d{1,2}-\d{1,2}"
    r"([T ]([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d([.]\d+)?)?( ?(Z|[+-]\d{2}:?\d{2}))?)?$"
)
_EPOCH = r"^\d{13}$"
_CLOCK = r"^(\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}([.]\d{1,6})?)?)?)"
_ZONE = r"(Z|[+-]\d{2}:?\d{2})$"


def event_months(
    events: Table,
    offset_seconds: int,
    *,
    deduplicate: bool = True,
    months: Collection[int] | None = None,
    bitwise: bool = True,
) -> Table:
    """Return usage by account and month.

    Parameters
    ----------
    events : ibis Table
        account_id, timestamp, event and, where there is one, count (empty = 1). `timestamp` may be a
        timestamp with or without a zone, a date, milliseconds since 1970, or text: ISO with or without a
        zone, or 13 digits of milliseconds. Without a zone it is read on the local clock.
    offset_seconds : int
        Local clock minus UTC, such as 32,400 for Japan.
    deduplicate : bool
        Count rows of one account, instant, event and count once. Costs memory and time, since every row
        must be compared: turn it off where the log cannot hold a row twice.
    months : collection of int, optional
        Months to look at alone; default all.
    bitwise : bool
        Whether the engine can take the bitwise or of a column: days are then counted in the bits of a number,
        which takes no memory. Without, each day is remembered (PySpark). The result is the same.

    Returns
    -------
    ibis Table
        account_id, month, `USAGE_COLUMNS`, `TOLD_COLUMNS`; with `bitwise`, `days` (bit n: the day n + 1 has
        usage) stands for active_days and last_day until `with_days` has counted them. usage and tickets are
        sums of counts; days are days with usage, tickets left out.
    """
    import ibis

    timed = _timed(_near(events, months, offset_seconds), offset_seconds)
    if months is not None and not (_has_bounds(events, months) and is_unbroken(months)):
        timed = timed.filter(ibis.coalesce(month_of(timed.local), NO_TIME).isin(sorted(months)))
    if not bitwise:
        timed = timed.mutate(account_id=timed.account_id.strip())
    rows = timed
    if deduplicate:
        # One instant may be written with and without a zone: that makes no other event.
        keys = [name for name in timed.columns if name not in ("is_ticket", "zoned")]
        same = {name: timed[name].min() for name in ("is_ticket", "zoned") if name in timed.columns}
        rows = timed.group_by(keys).aggregate(times=timed.count(), **same)
    return _by_account(_by_month(_counted(rows), bitwise), bitwise)


def month_counts(events: Table, offset_seconds: int) -> Table:
    """Return month and rows: how many rows of the log fall into each month, whatever they hold."""
    import ibis

    local, _ = _local(events.timestamp, offset_seconds)
    months = events.select(month=ibis.coalesce(month_of(local), NO_TIME))
    return months.group_by("month").aggregate(rows=months.count())


def _has_bounds(events: Table, months: Collection[int]) -> bool:
    """Tell whether months can be said as a least and a largest timestamp."""
    return bool(events.timestamp.type().is_timestamp()) and NO_TIME not in months


def is_unbroken(months: Collection[int]) -> bool:
    """Tell whether no month is missing between the first and the last."""
    return max(months) - min(months) + 1 == len(set(months))


def _near(events: Table, months: Collection[int] | None, offset_seconds: int) -> Table:
    """Keep the rows from the first month to the last where the column is a timestamp: no other is read."""
    import ibis

    if months is None or not _has_bounds(events, months):
        return events
    low, high = (ibis.timestamp(end) for end in bounds_of(events, months, offset_seconds))
    if events.timestamp.type().timezone is not None:
        low, high = (end.cast(events.timestamp.type()) for end in (low, high))
    return events.filter((events.timestamp >= low) & (events.timestamp < high))


def bounds_of(events: Table, months: Collection[int], offset_seconds: int) -> tuple[str, str]:
    """Return the first instant of the first month and the end of the last, on the clock of the column."""
    zoned = events.timestamp.type().timezone is not None
    shift = np.timedelta64(offset_seconds if zoned else 0, "s")
    low, high = (np.datetime64(at, "M").astype("datetime64[s]") for at in (min(months), max(months) + 1))
    return str(low - shift), str(high - shift)


def month_of(local: Column) -> Column:
    """Return the month of a timestamp: months since January 1970."""
    return ((local.year().cast("int64") - 1970) * 12 + local.month().cast("int64") - 1).cast("int64")


def plain_date(text: Column) -> Column:
    """Return 2026/3/2 and 2026年3月2日 as 2026-3-2; what is no date stays what it is."""
    dashed = text.strip().replace("/", "-").replace("年", "-").replace("月", "-")
    return dashed.replace("日", "").strip()


def _timed(events: Table, offset_seconds: int) -> Table:
    """Return account_id, local (naive, on the company's clock), event, is_ticket and count as entered.

    is_ticket is found here, where engines look at each different word once; zoned (whether a zone was
    stated) is there only where rows may differ in it.
    """
    import ibis

    local, zoned = _local(events.timestamp, offset_seconds)
    columns = {
        "account_id": events.account_id.cast("string"),
        "local": local,
        "event": events.event.cast("string"),
        "is_ticket": ibis.coalesce(
            events.event.cast("string").strip().lower() == TICKET, ibis.literal(False)
        ),
    }
    if "count" in events.columns:
        columns["entered"] = events["count"]
    if not isinstance(zoned, bool):
        columns["zoned"] = zoned
    return events.select(**columns)


def _counted(rows: Table) -> Table:
    """Add count (0 where it is none) and bad (no number, infinite or negative)."""
    import ibis

    if "entered" not in rows.columns:
        return rows.mutate(bad=ibis.literal(False), count=ibis.literal(UNIT_COUNT))
    entered = rows.entered
    if entered.type().is_string():
        text = entered.strip().nullif("")
        number = text.try_cast("float64")
        bad = text.notnull() & ~ibis.coalesce(number.between(0, LARGEST), ibis.literal(False))
    else:
        # Not a number is larger than every number, to engines.
        number = entered.cast("float64")
        bad = ~ibis.coalesce(number.between(0, LARGEST), ibis.literal(True))
    return rows.mutate(bad=bad, count=ibis.ifelse(bad, 0.0, ibis.coalesce(number, UNIT_COUNT)))


def _local(stamp: Column, offset_seconds: int) -> tuple[Column, Column | bool]:
    """Return the local time without a zone (null where it cannot be read), and whether a zone was stated.

    The latter is one answer for all rows, but for text.
    """
    import ibis

    kind = stamp.type()
    shift = ibis.interval(seconds=offset_seconds)
    epoch = ibis.timestamp("1970-01-01 00:00:00")
    if kind.is_timestamp():
        if kind.timezone is None:
            return stamp, False
        return stamp.cast("timestamp") + shift, True
    if kind.is_date():
        return stamp.cast("timestamp"), False
    if kind.is_integer():
        return epoch + stamp.cast("int64").as_interval("ms") + shift, True
    text = plain_date(stamp.cast("string"))
    iso, number = text.re_search(_ISO), text.re_search(_EPOCH)
    clock = text.re_extract(_CLOCK, 1).replace("T", " ")
    read = clock.nullif("").try_cast("timestamp")
    zone = text.re_extract(_ZONE, 1)
    stated = iso & (zone != "")
    digits = zone.re_replace(r"[^\d]", "")
    away = ibis.coalesce(
        digits.substr(0, 2).try_cast("int64") * 3600 + digits.substr(2, 2).try_cast("int64") * 60, 0
    )
    away = ibis.ifelse(zone.startswith("-"), -away, away)
    seconds = ibis.ifelse(stated, ibis.literal(offset_seconds, "int64") - away, 0)
    since = ibis.ifelse(number, text, "0").try_cast("int64") + 1000 * offset_seconds
    local = ibis.ifelse(iso, read + seconds.as_interval("s"), ibis.null("timestamp"))
    local = ibis.ifelse(number, epoch + since.as_interval("ms"), local)
    return local, ibis.coalesce(stated | number, ibis.literal(False))


def _by_month(rows: Table, bitwise: bool) -> Table:
    """Return sums by account as entered and month; `days` is a mask of days, or their number."""
    import ibis

    month = rows.local.truncate("M")
    day = rows.local.day()
    used = ~rows.is_ticket & ~rows.bad
    if bitwise:
        bit = ibis.ifelse(used, ibis.literal(1, "int64") << (day - 1).cast("int64"), ibis.literal(0, "int64"))
        days = {"days": bit.bit_or()}
    else:
        own = ibis.ifelse(used, day, ibis.null("int32"))
        days = {"active_days": own.nunique(), "last_day": own.max()}
    keyed = rows.mutate(month=month)
    sums = {
        "rows": keyed.count(),
        "bad_counts": keyed.count(where=keyed.bad),
        "usage": ibis.ifelse(keyed.is_ticket, 0.0, keyed["count"]).sum(),
        "tickets": ibis.ifelse(keyed.is_ticket, keyed["count"], 0.0).sum(),
        "times": keyed.times.sum() if "times" in rows.columns else keyed.count(),
    }
    if "zoned" in rows.columns:
        sums["zoned_times"] = keyed.count(where=keyed.zoned)
    return keyed.group_by(["account_id", "month"]).aggregate(**sums, **days)


def _by_account(by_id: Table, bitwise: bool) -> Table:
    """Return the sums by account without spaces around its key, and days counted."""
    import ibis

    account = ibis.coalesce(by_id.account_id.strip(), "")
    days_named = ("days",) if bitwise else ("active_days", "last_day")
    added = [name for name in by_id.columns if name not in ("account_id", "month", *days_named)]
    days = {n: by_id[n].bit_or() if bitwise else by_id[n].max() for n in days_named}
    month = ibis.coalesce(month_of(by_id.month), NO_TIME)
    keyed = by_id.mutate(account_id=account, month=month).group_by(["account_id", "month"])
    sums = keyed.aggregate(**{name: by_id[name].sum() for name in added}, **days)
    text = "zoned_times" in by_id.columns
    zoned = sums.zoned_times if text else ibis.literal(0)
    whole = {
        "events": sums["rows"] - sums.bad_counts,
        **{name: sums[name] for name in days_named},
        "duplicates": sums.times - sums["rows"],
        "bad_counts": sums.bad_counts,
        "naive_times": sums["rows"] - zoned if text else ibis.literal(0),
        "zoned_times": zoned,
    }
    amounts = {name: sums[name].cast("float64") for name in ("usage", "tickets")}
    typed = sums.mutate(**{name: ibis.coalesce(n, 0).cast("int64") for name, n in whole.items()}, **amounts)
    counted = [name for name in USAGE_COLUMNS if name not in ("active_days", "last_day")]
    return typed.select("account_id", "month", *counted, *days_named, *TOLD_COLUMNS)


def with_days(found: pd.DataFrame) -> pd.DataFrame:
    """Return sums with active_days and last_day counted from the bits of `days`, where there are any.

    Examples
    --------
    >>> with_days(pd.DataFrame({"days": [0, 0b101]}))[["active_days", "last_day"]].values.tolist()
    [[0, 0], [2, 3]]
    """
    if "days" not in found:
        return found
    bits = found["days"].to_numpy(np.int64)
    last = np.frexp(bits.astype(float))[1]
    days = {"active_days": np.bitwise_count(bits).astype(np.int64), "last_day": last.astype(np.int64)}
    return found.drop(columns="days").assign(**days)
