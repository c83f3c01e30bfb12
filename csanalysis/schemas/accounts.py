"""The accounts table: a row is a contract period of an account.

A price change closes one row and opens the next; a renewal at the same price changes only `renewal_date`.
Dates are ISO text (2026-03-31) in the file. A period lasts from `start_date` to `end_date`, both days
included; an empty `end_date` means that it is running.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from csanalysis.schemas.columns import number, words

if TYPE_CHECKING:
    from csanalysis.errors import Failure
    from csanalysis.schemas.contract import Origin

DATE_COLUMNS = ("start_date", "end_date", "renewal_date")
MONEY_COLUMNS = ("mrr",)
ALL = "all"
"""Key of the sum over segments: no segment beside others may be called so."""

_ISO_DATE = r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}"


class Accounts(pa.DataFrameModel):
    """A row is a contract period; `mrr` in JPY a month without tax."""

    account_id: Series[str] = words(filled=True, key=True)
    segment: Series[str] = words(optional=True, key=True)
    start_date: Series[str] = words(filled=True)
    end_date: Series[str] = words()
    mrr: Series[float] = number(ge=0, unit="JPY")
    renewal_date: Series[str] = words(optional=True)
    csm: Series[str] = words(optional=True, key=True)
    onboarding_sessions: Series[float] = number(ge=0, empty=True, optional=True)
    complexity: Series[float] = number(ge=1, le=5, empty=True, optional=True)


class Fault(NamedTuple):
    """One thing wrong with one contract period.

    `position` counts rows from 0; `other` is the position of the period it overlaps, or None.
    """

    rule: str
    column: str
    position: int
    other: int | None = None


def with_dates(contracts: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its date columns as datetimes; what is no ISO date, or is empty, becomes NaT.

    Parameters
    ----------
    contracts : pandas.DataFrame
        Dates as text (years 1900-2199) or as datetimes already.

    Examples
    --------
    >>> text = pd.DataFrame({"start_date": ["2026-03-31", "2026-02-30", "2026/3/1", ""]})
    >>> with_dates(text)["start_date"].isna().tolist()
    [False, True, True, True]
    """
    return contracts.assign(**{c: _dates(contracts[c]) for c in DATE_COLUMNS if c in contracts})


def _dates(cells: pd.Series[Any]) -> pd.Series[pd.Timestamp]:
    if not pd.api.types.is_datetime64_any_dtype(cells):
        plain = cells.where(cells.notna(), "").astype(str)
        iso = plain.where(plain.str.fullmatch(_ISO_DATE), "")
        cells = pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce")
    return cells.astype("datetime64[us]")


def faults(contracts: pd.DataFrame) -> Iterator[Fault]:
    """Yield what is wrong with contract periods: dates, their order, amounts, overlaps, segment keys."""
    dated = with_dates(contracts).reset_index(drop=True)
    entered = contracts.reset_index(drop=True)
    for column in DATE_COLUMNS:
        if column in entered:
            empty = entered[column].isna() | (entered[column].astype(str) == "")
            yield from _marked("not_a_date", column, dated[column].isna() & ~empty)
            if column == "start_date":
                yield from _marked("empty_cell", column, empty)
    yield from _marked("ends_before_start", "end_date", dated["end_date"] < dated["start_date"])
    if "renewal_date" in dated:
        early = dated["renewal_date"] < dated["start_date"]
        yield from _marked("renewal_before_start", "renewal_date", early)
    yield from _marked("bad_mrr", "mrr", ~(dated["mrr"] >= 0))
    if "segment" in dated:
        taken = dated["segment"] == ALL
        yield from _marked("reserved_segment", "segment", taken & (not taken.all()))
    yield from _overlaps(dated)


def _marked(rule: str, column: str, bad: pd.Series[bool]) -> Iterator[Fault]:
    for position in bad.index[bad]:
        yield Fault(rule, column, int(position))


def _overlaps(dated: pd.DataFrame) -> Iterator[Fault]:
    """Yield the later one of two periods of an account that share a day."""
    ends = dated["end_date"].fillna(pd.Timestamp.max.floor("D"))
    sound = dated["start_date"].notna() & (ends >= dated["start_date"])
    periods = dated.loc[sound, ["account_id", "start_date"]].assign(end=ends)
    periods = periods.sort_values(["account_id", "start_date"], kind="stable")
    by_account = periods["account_id"]
    longest = periods.groupby(by_account)["end"].cummax()
    holder = pd.Series(periods.index, index=periods.index).where(periods["end"] == longest)
    before = holder.groupby(by_account).ffill().groupby(by_account).shift()
    clash = periods["start_date"] <= longest.groupby(by_account).shift()
    for position in periods.index[clash]:
        yield Fault("overlapping_periods", "start_date", int(position), int(before[position]))


def check_accounts(frame: pd.DataFrame, origin: Origin) -> Iterator[Failure]:
    """Yield the failures of the accounts table that need more than one cell, and those of its dates.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table after `check_table`: text dates, column `row` = row of the spreadsheet.
    origin : Origin
        File, sheet and language.
    """
    rows = frame["row"].tolist()
    for fault in faults(frame):
        other = {} if fault.other is None else {"other": int(rows[fault.other])}
        value = frame[fault.column].iloc[fault.position]
        account = frame["account_id"].iloc[fault.position]
        yield origin.failure(
            fault.rule,
            row=int(rows[fault.position]),
            column=fault.column,
            value=value,
            account=account,
            **other,
        )
