"""Raw usage events to one row per account and month, as Ibis expressions: no row reaches Python.

Every row of the log counts somewhere. It has a place among the months, or is counted under a month of its own
(`NO_TIME`); a doubled row, a count that is none and an event after the cut are counted beside what was kept.
Months are integers since January 1970, on the local clock of the company.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from csanalysis.schemas.events import TICKET, UNIT_COUNT

if TYPE_CHECKING:
    from ibis.expr.types import Column, Table

NO_TIME = -(10**6)
"""Month of rows whose time cannot be read."""
USAGE_COLUMNS = ("events", "usage", "tickets", "active_days", "last_day")
"""Columns of the account-month table that come from events: rows, sums of counts, days, day of the month."""
TOLD_COLUMNS = ("duplicates", "bad_counts", "naive_times", "zoned_times")
"""Columns that count what is wrong with, or assumed of, the rows of an account and month."""

_ISO = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d+)?)?( ?(Z|[+-]\d{2}:?\d{2}))?)?$"
_EPOCH = r"^\d{13}$"
_CLOCK = r"^(\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?)"
_ZONE = r"(Z|[+-]\d{2}:?\d{2})$"


def event_months(
    events: Table, offset_seconds: int, *, deduplicate: bool = True, months: Collection[int] | None = None
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

    Returns
    -------
    ibis Table
        account_id, month, `USAGE_COLUMNS`, `TOLD_COLUMNS`. usage and tickets are sums of counts; days are
        days with usage, tickets left out.
    """
    timed = _timed(_near(events, months), offset_seconds)
    if months is not None:
        import ibis

        timed = timed.filter(ibis.coalesce(month_of(timed.local), NO_TIME).isin(sorted(months)))
    if deduplicate:
        rows = timed.group_by(timed.columns).aggregate(times=timed.count())
    else:
        import ibis

        rows = timed.mutate(times=ibis.literal(1, "int64"))
    by_id = _by_month(_counted(rows))
    return _by_account(by_id)


def month_counts(events: Table, offset_seconds: int) -> Table:
    """Return month and rows: how many rows of the log fall into each month, whatever they hold."""
    import ibis

    local, _ = _local(events.timestamp, offset_seconds)
    months = events.select(month=ibis.coalesce(month_of(local), NO_TIME))
    return months.group_by("month").aggregate(rows=months.count())


def _near(events: Table, months: Collection[int] | None) -> Table:
    """Keep the rows within two days of the months, where the column is a timestamp: the rest is not read."""
    import ibis

    if months is None or not events.timestamp.type().is_timestamp() or NO_TIME in months:
        return events
    ends = [np.datetime64(at, "M").astype("datetime64[D]") for at in (min(months), max(months) + 1)]
    low, high = (ibis.timestamp(str(end + days)) for end, days in zip(ends, (-2, 2), strict=True))
    if events.timestamp.type().timezone is not None:
        low, high = (end.cast(events.timestamp.type()) for end in (low, high))
    return events.filter((events.timestamp >= low) & (events.timestamp < high))


def month_of(local: Column) -> Column:
    """Return the month of a timestamp: months since January 1970."""
    return ((local.year().cast("int64") - 1970) * 12 + local.month().cast("int64") - 1).cast("int64")


def _timed(events: Table, offset_seconds: int) -> Table:
    """Return account_id, local (naive, on the company's clock), zoned, event and count as entered."""
    import ibis

    local, zoned = _local(events.timestamp, offset_seconds)
    entered = events["count"] if "count" in events.columns else ibis.null("float64")
    return events.select(
        account_id=events.account_id.cast("string"),
        local=local,
        zoned=zoned,
        event=events.event.cast("string"),
        entered=entered,
    )


def _counted(rows: Table) -> Table:
    """Add count (0 where it is none) and bad (no number, or negative)."""
    import ibis

    entered = rows.entered
    if entered.type().is_string():
        text = entered.strip().nullif("")
        number = text.try_cast("float64")
        unreadable = text.notnull() & number.isnull()
    else:
        number = entered.cast("float64")
        unreadable = ibis.literal(False)
    bad = unreadable | ibis.coalesce(number.isnan() | number.isinf() | (number < 0), ibis.literal(False))
    return rows.mutate(bad=bad, count=ibis.ifelse(bad, 0.0, ibis.coalesce(number, UNIT_COUNT)))


def _local(stamp: Column, offset_seconds: int) -> tuple[Column, Column]:
    """Return the local time without a zone (null where it cannot be read), and whether a zone was stated."""
    import ibis

    kind = stamp.type()
    shift = ibis.interval(seconds=offset_seconds)
    epoch = ibis.timestamp("1970-01-01 00:00:00")
    if kind.is_timestamp():
        if kind.timezone is None:
            return stamp, ibis.literal(False)
        return stamp.cast("timestamp") + shift, ibis.literal(True)
    if kind.is_date():
        return stamp.cast("timestamp"), ibis.literal(False)
    if kind.is_integer():
        return epoch + (stamp.cast("int64") // 1000).as_interval("s") + shift, ibis.literal(True)
    text = stamp.cast("string").strip().replace("/", "-")
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
    since = (ibis.ifelse(number, text, "0").try_cast("int64") // 1000) + offset_seconds
    local = ibis.ifelse(iso, read + seconds.as_interval("s"), ibis.null("timestamp"))
    local = ibis.ifelse(number, epoch + since.as_interval("s"), local)
    return local, ibis.coalesce(stated | number, ibis.literal(False))


def _by_month(rows: Table) -> Table:
    """Return sums by account as entered and month."""
    import ibis

    month = ibis.coalesce(month_of(rows.local), NO_TIME)
    day = rows.local.day().cast("int64")
    kept = ~rows.bad
    is_ticket = rows.event.strip().lower() == TICKET
    used = kept & ~ibis.coalesce(is_ticket, ibis.literal(False))
    none = ibis.literal(0, "int64")
    bit = ibis.ifelse(used & day.notnull(), ibis.literal(1, "int64") << (day - 1), none)
    told = rows.times - 1
    return (
        rows.mutate(month=month)
        .group_by(["account_id", "month"])
        .aggregate(
            events=ibis.ifelse(kept, 1, 0).cast("int64").sum(),
            usage=ibis.ifelse(used, rows["count"], 0.0).sum(),
            tickets=ibis.ifelse(kept & ~used, rows["count"], 0.0).sum(),
            days=bit.bit_or(),
            last_day=ibis.ifelse(used, day, none).max(),
            duplicates=told.sum(),
            bad_counts=ibis.ifelse(rows.bad, 1, 0).cast("int64").sum(),
            naive_times=ibis.ifelse(rows.zoned, 0, 1).cast("int64").sum(),
            zoned_times=ibis.ifelse(rows.zoned, 1, 0).cast("int64").sum(),
        )
    )


def _by_account(by_id: Table) -> Table:
    """Return the sums by account without spaces around its key, and days counted."""
    import ibis

    account = ibis.coalesce(by_id.account_id.strip(), "")
    sums = (
        by_id.mutate(account_id=account)
        .group_by(["account_id", "month"])
        .aggregate(
            **{name: by_id[name].sum() for name in ("events", "usage", "tickets", *TOLD_COLUMNS)},
            days=by_id.days.bit_or(),
            last_day=ibis.coalesce(by_id.last_day.max(), 0),
        )
    )
    one = ibis.literal(1, "int64")
    active = sum(((sums.days >> n) & one for n in range(1, 31)), sums.days & one)
    ordered = ["account_id", "month", *USAGE_COLUMNS, *TOLD_COLUMNS]
    whole = {name: sums[name].cast("int64") for name in ("events", "last_day", *TOLD_COLUMNS)}
    amounts = {name: sums[name].cast("float64") for name in ("usage", "tickets")}
    return sums.mutate(active_days=active.cast("int64"), **whole, **amounts).select(*ordered)
