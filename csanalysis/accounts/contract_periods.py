"""Raw contract periods to account-months, as Ibis expressions: the rules of `contract_months`, on any engine.

A workspace's own table has been through the data contract. A raw export has not: here two contracts may run
side by side, an amount may be negative, and a date may be none. Such rows are counted and told.

An opening, the first instant of month m, is covered by a period if ``first_open <= m <= last_open``, with
first_open the first opening on or after its start and last_open the month of its last day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csanalysis.accounts.event_months import month_of, plain_date

if TYPE_CHECKING:
    from ibis.expr.types import Column, Table

RUNNING = 10**6
"""Month that stands for "no end"."""
REQUIRED = ("account_id", "start_date", "end_date", "mrr")
CONTRACT_COLUMNS = (
    *("active_open", "active_close", "mrr_open", "mrr_close", "csm", "is_new", "is_returned", "is_lost"),
    *("onboarding_sessions", "complexity", "begun", "renewal_date", "contracts"),
)
"""Columns of the account-month table that come from contracts.

begun: first day of the unbroken stretch of custom; renewal_date: the latest of the open periods; contracts:
periods open at the closing, else at the opening.
"""
_ISO = r"^((19|20|21)\d{2}-\d{1,2}-\d{1,2})([T ].*)?$"
_THOUSANDS = r"^-?\d{1,3}(,\d{3})+([.]\d+)?$"


def clean_contracts(contracts: Table) -> Table:
    """Return contract periods with typed columns, every row of the export, and what is wrong with each.

    Columns account_id, segment, start, end (null = running), mrr, csm, sessions, complexity, renewal, fault
    (empty, no_account, bad_start, bad_end, ends_before_start, bad_mrr, doubled) and negative.
    """
    import ibis

    def words(name: str) -> Column:
        if name not in contracts.columns:
            return ibis.literal("")
        return ibis.coalesce(contracts[name].cast("string").strip(), "")

    def number(name: str) -> Column:
        if name not in contracts.columns:
            return ibis.null("float64")
        cell = contracts[name]
        if not cell.type().is_string():
            return cell.cast("float64")
        text = cell.replace("¥", "").replace("￥", "").replace("円", "").strip()
        text = ibis.ifelse(text.re_search(_THOUSANDS), text.replace(",", ""), text)
        return text.nullif("").try_cast("float64")

    typed = contracts.select(
        account_id=words("account_id"),
        segment=words("segment"),
        start=_date(contracts, "start_date"),
        end=_date(contracts, "end_date"),
        ended=_filled(contracts, "end_date"),
        mrr=number("mrr"),
        csm=words("csm"),
        sessions=number("onboarding_sessions"),
        complexity=number("complexity"),
        renewal=_date(contracts, "renewal_date"),
    )
    typed = typed.mutate(doubled=ibis.row_number().over(group_by=typed.columns, order_by="start"))
    amount = ibis.coalesce(typed.mrr.isnan() | typed.mrr.isinf(), ibis.literal(True))
    fault = ibis.cases(
        (typed.account_id == "", "no_account"),
        (typed.start.isnull(), "bad_start"),
        (typed.ended & typed.end.isnull(), "bad_end"),
        (ibis.coalesce(typed.end < typed.start, ibis.literal(False)), "ends_before_start"),
        (amount, "bad_mrr"),
        (typed.doubled > 0, "doubled"),
        else_="",
    )
    negative = ibis.coalesce(typed.mrr < 0, ibis.literal(False))
    return typed.mutate(fault=fault, negative=negative).drop("doubled", "ended")


def period_months(clean: Table, first: int, last: int, gap_days: int = 1) -> Table:
    """Return one row per account and month, first to last, in which it is open at the opening or closing.

    Parameters
    ----------
    clean : ibis Table
        From `clean_contracts`; rows with a fault are left out.
    first, last : int
        Months since January 1970, both included.
    gap_days : int
        A break of fewer days counts as none, and the old price runs on through it.

    Returns
    -------
    ibis Table
        account_id, segment, month and `CONTRACT_COLUMNS`. Contracts open side by side are added up; where
        they add up to less than nothing, mrr is 0.
    """
    import ibis

    periods = _placed(clean.filter(clean.fault == ""), gap_days)
    spine = ibis.range(first, last + 2).unnest().name("opening").as_table()
    spine = spine.mutate(opening=spine.opening.cast("int64"))
    covered = periods.join(
        spine, (periods.first_open <= spine.opening) & (spine.opening <= periods.last_open)
    )
    at = covered.group_by(["account_id", "opening"]).aggregate(
        segment=covered.last_segment.max(),
        mrr=covered.mrr.sum(),
        csm=(covered.start.cast("string") + covered.csm).max().substr(10),
        sessions=covered.first_sessions.max(),
        complexity=covered.complexity.max(),
        born=covered.born.min(),
        begun=covered.begun.max(),
        renewal=covered.renewal.max(),
        contracts=covered.count(),
    )
    return _months(at, first, last)


def _months(at: Table, first: int, last: int) -> Table:
    """Put each opening beside the next one, which closes its month."""
    import ibis

    opening = at.mutate(month=at.opening, side=ibis.literal(0, "int64"))
    closing = at.mutate(month=at.opening - 1, side=ibis.literal(1, "int64"))
    both = opening.union(closing)
    both = both.filter((both.month >= first) & (both.month <= last))
    is_open, is_close = both.side == 0, both.side == 1
    none = ibis.null("string")
    sums = both.group_by(["account_id", "month"]).aggregate(
        segment=both.segment.max(),
        open_=ibis.ifelse(is_open, 1, 0).max(),
        close_=ibis.ifelse(is_close, 1, 0).max(),
        mrr_open=ibis.ifelse(is_open, both.mrr, 0.0).sum(),
        mrr_close=ibis.ifelse(is_close, both.mrr, 0.0).sum(),
        csm_open=ibis.ifelse(is_open, both.csm, none).max(),
        csm_close=ibis.ifelse(is_close, both.csm, none).max(),
        sessions=both.sessions.max(),
        complexity=both.complexity.max(),
        born=both.born.min(),
        begun=both.begun.max(),
        renewal_date=both.renewal.max(),
        contracts_open=ibis.ifelse(is_open, both.contracts, 0).max(),
        contracts_close=ibis.ifelse(is_close, both.contracts, 0).max(),
    )
    was, now = sums.open_ == 1, sums.close_ == 1
    is_new = ~was & now & (sums.born > sums.month)
    return sums.select(
        "account_id",
        "segment",
        "month",
        active_open=was,
        active_close=now,
        mrr_open=ibis.greatest(sums.mrr_open, 0.0),
        mrr_close=ibis.greatest(sums.mrr_close, 0.0),
        csm=ibis.coalesce(sums.csm_close, sums.csm_open),
        is_new=is_new,
        is_returned=~was & now & ~(sums.born > sums.month),
        is_lost=was & ~now,
        onboarding_sessions=ibis.ifelse(is_new, sums.sessions, ibis.null("float64")),
        complexity=sums.complexity,
        begun=sums.begun.cast("timestamp"),
        renewal_date=sums.renewal_date.cast("timestamp"),
        contracts=ibis.ifelse(now, sums.contracts_close, sums.contracts_open).cast("int64"),
    )


def _placed(sound: Table, gap_days: int) -> Table:
    """Return periods with the openings they cover, and what their account's other periods say."""
    import ibis

    by_start = ibis.window(group_by="account_id", order_by=["start", "end"])
    before = ibis.window(group_by="account_id", order_by=["start", "end"], preceding=(None, 1))
    far = ibis.date("2300-01-01")
    stop = ibis.coalesce(sound.end, far)
    ahead = sound.mutate(stop=stop, next_start=sound.start.lead().over(by_start))
    gap = ahead.next_start.delta(ahead.stop, unit="day") - 1
    bridged = ibis.coalesce((gap > 0) & (gap < gap_days), ibis.literal(False))
    ahead = ahead.mutate(
        stop=ibis.ifelse(bridged, ahead.next_start - ibis.interval(days=1), ahead.stop).cast("date")
    )
    joined = ahead.mutate(reached=ahead.stop.max().over(before))
    fresh = ibis.coalesce(joined.start.delta(joined.reached, unit="day") > 1, ibis.literal(True))
    joined = joined.mutate(
        stretch=ibis.ifelse(fresh, 1, 0)
        .sum()
        .over(ibis.window(group_by="account_id", order_by=["start", "end"], preceding=None, following=0)),
        place=ibis.row_number().over(by_start),
    )
    account = ibis.window(group_by="account_id")
    late = ibis.ifelse(joined.start.day() > 1, 1, 0)
    first_open = month_of(joined.start) + late
    return joined.mutate(
        first_open=first_open,
        last_open=ibis.ifelse(joined.stop >= far, RUNNING, month_of(joined.stop)),
        begun=joined.start.min().over(ibis.window(group_by=["account_id", "stretch"])),
        born=first_open.min().over(account),
        first_sessions=ibis.ifelse(joined.place == 0, joined.sessions, ibis.null("float64"))
        .max()
        .over(account),
        last_segment=(joined.start.cast("string") + joined.segment).max().over(account).substr(10),
    )


def _filled(table: Table, name: str) -> Column:
    """Tell where a column holds anything."""
    import ibis

    cell = table[name]
    return (ibis.coalesce(cell.strip(), "") != "") if cell.type().is_string() else cell.notnull()


def _date(table: Table, name: str) -> Column:
    """Return a column as dates; null where it is empty, missing or no date."""
    import ibis

    if name not in table.columns:
        return ibis.null("date")
    cell = table[name]
    if cell.type().is_string():
        text = plain_date(cell)
        return ibis.ifelse(text.re_search(_ISO), text.re_extract(_ISO, 1), ibis.null("string")).try_cast(
            "date"
        )
    return cell.cast("date")
