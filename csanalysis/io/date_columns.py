"""Columns of dates to ISO form: eras, day numbers of Excel, and one order of day and month for a column."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

import pandas as pd

from csanalysis.io.dates import (
    Day,
    EraError,
    exists,
    is_short,
    iso_of,
    iso_ordered,
    looks_like_day,
    orders,
    read_day,
    read_moment,
    read_serial,
)
from csanalysis.io.repairs import Log, Place
from csanalysis.io.values import DATE, kind_of

_DATE_NAMES = re.compile(
    r"日付|年月日|^日時$|タイムスタンプ|(^|_|\b)(datetime|timestamp)$|(契約|締結|開始|終了|更新|登録|発生|作成|解約|受注|納品|納入|検収|入金|支払|請求|発注|出荷|利用|入社|退社|退職"
    r"|申込|申請|承認|完了|満了|失効|購入|販売|訪問|受付|起票|回答|予約|変更|基準|期限|期)日時?$|(^|_|\b)date$",
    re.I,
)
_ERA_YEAR = re.compile(r"(明治|大正|昭和|平成|令和)\s*(\d{1,2}|元)\s*年?")
_ERA_LETTER = re.compile(r"[MTSHR]\.?\s?\d", re.I)
_COMPACT = re.compile(r"(19|20)\d{6}", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-(\d\d)(?!\d)", re.ASCII)
_LEAST_EXCHANGED = 3
_FIVE_DIGITS = re.compile(r"\s?\d{5}")
_SHORT_YEAR = re.compile(r"(\d{1,2}|元)年?")
_PARTS = re.compile(r"\s*\d{1,2}[-/.]")
_MOST = 0.8
"""Share of dates from which a column is one of dates."""
_FIRST = 200


@dataclass(frozen=True)
class Column:
    """A column as its distinct cells.

    Attributes
    ----------
    name : str
    cells : list of str
        Distinct, without blanks and without what stands for nothing.
    nulls : list of str
        Distinct cells that stand for nothing.
    """

    name: str
    cells: list[str]
    nulls: list[str]


def row_of(frame: pd.DataFrame, column: Column, cell: str) -> int:
    """Return the first row of the spreadsheet that has a cell."""
    return int(frame.index[int((frame[column.name] == cell).to_numpy().argmax())])


def tell_change(column: Column, frame: pd.DataFrame, mapping: dict[str, str], log: Log, kind: str) -> None:
    """Note how the cells of a column were rewritten."""
    different = {a: b for a, b in mapping.items() if a != b}
    first, *_ = different.values()
    log.tell_cells("notation", frame[column.name], [*different], f"{column.name} ({kind})", after=first)


def plain_dates(
    column: Column, frame: pd.DataFrame, place: Place, log: Log, order: str
) -> dict[str, str] | None:
    """Return ISO dates by cell; None where the column holds no dates, {} where they stay as written."""
    head = column.cells[:_FIRST]
    _tell_impossible(column, frame, log)
    short = [cell for cell in column.cells if is_short(cell)] if _are_dates(head) else []
    if short and _are_dates(column.cells):
        return _short_dates(column, short, frame, place, log, order)
    if all(cell.isascii() for cell in head) and not any(map(_ERA_LETTER.match, head)):
        named = _DATE_NAMES.search(column.name) and any(
            map(_from_excel, filter(_FIVE_DIGITS.match, column.cells))
        )
        if named and all(_from_excel(cell) or read_day(cell) for cell in column.cells):
            return _converted(column, frame, log, lambda c: _from_excel(c) or _iso(read_day(c)), "Excel")
        return None
    try:
        serial = read_serial if _DATE_NAMES.search(column.name) else lambda _: None
        mapping = {cell: iso_of(cell) or _iso(serial(cell)) or "" for cell in column.cells}
    except EraError as error:
        cell = str(error)
        if sum(kind_of(c) == DATE for c in column.cells) < 0.8 * len(column.cells):
            return None
        row = row_of(frame, column, cell)
        raise place.fault("impossible_era", row=row, column=column.name, value=cell) from error
    if not all(mapping.values()):
        return None
    if all(a == b for a, b in mapping.items()):
        return {}
    tell_change(column, frame, mapping, log, "ISO 8601")
    return mapping


def _tell_impossible(column: Column, frame: pd.DataFrame, log: Log) -> None:
    """Tell of days that are in no calendar (2024-04-31) in a column of dates; they stay as written."""
    named = bool(_DATE_NAMES.search(column.name))

    def looks(cell: str) -> bool:
        return looks_like_day(cell) or (named and bool(_COMPACT.fullmatch(cell)))

    head = column.cells[:_FIRST]
    if sum(map(looks, head)) < _MOST * len(head):
        return
    days = {cell: cell.partition(" ")[0].partition("T")[0] for cell in column.cells}
    no_days = {day for day in set(days.values()) if looks(day) and not exists(day)}
    wrong = [cell for cell, day in days.items() if day in no_days]
    if wrong:
        log.tell_cells("impossible_days", frame[column.name], wrong)


def _from_excel(cell: str) -> str | None:
    """Return the date, or date and time, of a day number of Excel."""
    return _iso(read_serial(cell)) or read_moment(cell)


def _iso(day: Day | None) -> str | None:
    return None if day is None else day.iso()


def _are_dates(cells: list[str]) -> bool:
    dates = sum(is_short(cell) or (kind_of(cell) == DATE and not _PARTS.match(cell)) for cell in cells)
    return dates >= _MOST * len(cells)


def _short_dates(
    column: Column, short: list[str], frame: pd.DataFrame, place: Place, log: Log, order: str
) -> dict[str, str] | None:
    """Hold the dates of three numbers in a column to one order; others may be written year first."""
    possible = orders(short)
    if not order and _are_exchanged(column, short):
        raise place.fault(
            "exchanged_dates", row=row_of(frame, column, short[0]), column=column.name, value=short[0]
        )
    if order in ("dmy", "mdy", "ymd"):
        return _converted(
            column, frame, log, lambda cell: iso_ordered(cell, order) or _iso(read_day(cell)), order
        )
    if len(possible) == 1:
        forms = next(iter(possible)) + (" + yyyy-mm-dd" if len(short) < len(column.cells) else "")
        log.tell_cells("date_order", frame[column.name], short, f"{column.name}: {forms}")
    elif order != "text":
        row = row_of(frame, column, short[0])
        rule = "ambiguous_dates" if possible else "mixed_orders"
        raise place.fault(rule, row=row, column=column.name, value=short[0])
    return {}


def _are_exchanged(column: Column, short: list[str]) -> bool:
    """Tell whether a spreadsheet turned the dates that it could read, day and month exchanged.

    It leaves 13/04/2024 as text where it expects the month first, and makes 2024-12-04 of 12/04/2024: then
    all days above 12 are in one form, and none in the other.
    """
    turned = [found for cell in column.cells if (found := _ISO.match(cell))]
    firsts = [int(re.split("[-/.]", cell)[0]) for cell in short]
    enough = min(len(turned), len(firsts)) >= _LEAST_EXCHANGED
    return enough and all(int(found[1]) <= 12 for found in turned) and min(firsts) > 12


def with_eras(series: pd.Series[str], nulls: Collection[str], log: Log) -> pd.Series[str]:
    """Return a column of years with the era of the row above, where only the first of an era names it.

    Years are filled row by row: 2 after 平成元年 is another year than 2 after 令和元年.
    """
    there = next((cell for cell in series if cell and cell not in nulls), "")
    if not _ERA_YEAR.fullmatch(there):
        return series
    filled: list[str] = []
    places: list[str] = []
    era, example = "", ("", "")
    for row, cell in series.items():
        full = cell
        if found := _ERA_YEAR.fullmatch(cell):
            era, full = found[1], f"{found[1]}{found[2]}年"
        elif found := _SHORT_YEAR.fullmatch(cell):
            full = f"{era}{found[1]}年"
            places.append(f"{series.name}:{row}")
            example = example if example[0] else (cell, full)
        elif cell and cell not in nulls:
            return series
        filled.append(full)
    if not places:
        return series
    log.tell("ditto_era", str(series.name), cells=places, before=example[0], after=example[1])
    return pd.Series(filled, index=series.index, name=series.name, dtype=str)


def _converted(
    column: Column, frame: pd.DataFrame, log: Log, read: Callable[[str], str | None], kind: str
) -> dict[str, str]:
    mapping = {cell: day for cell in column.cells if (day := read(cell)) is not None}
    if any(a != b for a, b in mapping.items()):
        tell_change(column, frame, mapping, log, kind)
    return mapping
