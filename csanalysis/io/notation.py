"""Columns written in Japanese notation to plain ones; what could mean two things stops.

A column is changed only as a whole, when every cell reads the same way: eras and 年月日 to ISO dates,
full-width digits, ▲ and 円 to plain numbers, 時間 and 分 to hours. Plain cells stay as they were written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from csanalysis.io.cleaning import (
    NULLS,
    has_duration_unit,
    has_magnitude,
    plain_sign,
    to_amount,
    to_hours,
    to_number,
)
from csanalysis.io.dates import EraError, orders, read_day, read_ordered, read_serial
from csanalysis.io.repairs import Log, Place
from csanalysis.io.values import DATE, NUMBER, kind_of

ID_NAMES = re.compile(
    r"(^|[_\s])(id|ids|code|cd|no|key|zip|tel|phone)\.?$|id$|コード|番号|電話|郵便|口座|品番|型番|№|ｺｰﾄﾞ", re.I
)
_DATE_NAMES = re.compile(
    r"日付|年月日|(契約|開始|終了|更新|登録|発生|作成|解約|受注|納品|入金|利用)日時?$|(^|_|\b)date$", re.I
)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{2,}")
_PLAIN = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?%?", re.ASCII)
_ERA_YEAR = re.compile(r"(明治|大正|昭和|平成|令和)\s*(\d{1,2}|元)\s*年?")
_SHORT_YEAR = re.compile(r"(\d{1,2}|元)年?")
_ZONED = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|UTC|JST|[-+]\d\d:?\d\d)", re.I)
_NAIVE = re.compile(r"\d{4}[-/]\d\d?[-/]\d\d?[T ]\d\d?:\d\d(:\d\d(\.\d+)?)?")
_EPOCH = re.compile(r"1\d{9}(\d{3})?")
_DURATIONS = re.compile(r"時間|分")
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


def plain_columns(frame: pd.DataFrame, place: Place, log: Log, dates: str = "") -> pd.DataFrame:
    """Return the table with columns of one notation in plain form.

    Parameters
    ----------
    dates : {"", "dmy", "mdy", "text"}
        Order of dates whose order cannot be told; "text" leaves them.

    Raises
    ------
    DataContractError
        If dates may be read day or month first, an era date does not exist, time zones are mixed, amounts
        with and without a magnitude stand together, or an identifier was turned into a number like 1.0E+05.
    """
    changed: dict[str, pd.Series[str]] = {}
    for name in frame.columns:
        series = frame[name]
        distinct = [str(cell) for cell in series.unique()]
        cells = [c for c in distinct if c and c not in NULLS]
        column = Column(str(name), cells, [c for c in distinct if c in NULLS])
        if not cells:
            continue
        _check_ids(column, frame, place)
        mapping = _dates(column, frame, place, log, dates)
        if mapping is None:
            _check_zones(column, frame, place, log)
            mapping = _numbers(column, frame, place, log)
        nulls = column.nulls and (mapping is not None or _is_typed(cells))
        if nulls:
            counts = series[series.isin(column.nulls)].value_counts(sort=False).to_dict()
            told = ", ".join(f"{token} × {count}" for token, count in counts.items())
            log.tell("nulls", f"{name}: {told}", count=sum(counts.values()), before=column.nulls[0])
            mapping = (mapping or {}) | dict.fromkeys(column.nulls, "")
        if mapping:
            changed[name] = series.map({cell: cell for cell in distinct} | mapping).astype(str)
    if not changed:
        return frame
    attrs = frame.attrs
    frame = frame.assign(**changed)
    frame.attrs = attrs
    return frame


def scientific(cell: str) -> bool:
    """Tell whether an identifier was turned into a number like 1.0E+05."""
    return bool(_SCIENTIFIC.fullmatch(cell)) and cell[-1:].isdigit()


def row_of(frame: pd.DataFrame, column: Column, cell: str) -> int:
    """Return the first row of the spreadsheet that has a cell."""
    return int(frame.index[int((frame[column.name] == cell).to_numpy().argmax())])


def _is_typed(cells: list[str]) -> bool:
    return all(kind_of(cell) in (NUMBER, DATE) for cell in cells)


def _check_ids(column: Column, frame: pd.DataFrame, place: Place) -> None:
    if not ID_NAMES.search(column.name):
        return
    for cell in column.cells:
        if scientific(cell):
            row = row_of(frame, column, cell)
            raise place.fault("scientific_id", row=row, column=column.name, value=cell)


def tell_change(column: Column, frame: pd.DataFrame, mapping: dict[str, str], log: Log, kind: str) -> None:
    """Note how the cells of a column were rewritten."""
    different = {a: b for a, b in mapping.items() if a != b}
    where = frame.index[frame[column.name].isin(different)]
    before, after = next(iter(different.items()))
    cells = [f"{column.name}:{row}" for row in where[:11]]
    log.tell("notation", f"{column.name} ({kind})", count=len(where), cells=cells, before=before, after=after)


def _dates(column: Column, frame: pd.DataFrame, place: Place, log: Log, order: str) -> dict[str, str] | None:
    """Return ISO dates by cell; None where the column holds no dates, {} where they stay as written."""
    head = column.cells[:_FIRST]
    possible = orders(head) and orders(column.cells)
    if possible:
        if len(possible) > 1 and not order:
            cell = column.cells[0]
            row = row_of(frame, column, cell)
            raise place.fault("ambiguous_dates", row=row, column=column.name, value=cell)
        if order in ("dmy", "mdy"):
            return _converted(column, frame, log, lambda cell: read_ordered(cell, order), order)
        if len(possible) == 1:
            log.tell("date_order", f"{column.name}: {next(iter(possible))}", count=len(frame))
        return {}
    if all(cell.isascii() for cell in head) and not all(re.match(r"[MTSHR]\d", cell) for cell in head):
        named = _DATE_NAMES.search(column.name) and any(read_serial(cell) for cell in column.cells)
        if named and all(read_serial(c) or read_day(c) for c in column.cells):
            return _converted(column, frame, log, lambda c: read_serial(c) or read_day(c), "Excel")
        return None
    column_cells = _with_eras(column, log)
    try:
        serial = read_serial if _DATE_NAMES.search(column.name) else lambda _: None
        days = {cell: read_day(full) or serial(cell) for cell, full in column_cells.items()}
    except EraError as error:
        cell = str(error)
        if sum(kind_of(c) == DATE for c in column.cells) < 0.8 * len(column.cells):
            return None
        entered = next((c for c, full in column_cells.items() if full == cell), cell)
        row = row_of(frame, column, entered)
        raise place.fault("impossible_era", row=row, column=column.name, value=entered) from error
    if any(day is None for day in days.values()):
        return None
    mapping = {cell: day.iso() for cell, day in days.items() if day is not None}
    if all(a == b for a, b in mapping.items()):
        return {}
    tell_change(column, frame, mapping, log, "ISO 8601")
    return mapping


def _with_eras(column: Column, log: Log) -> dict[str, str]:
    """Return cells with the era of the cell above, where only the first of an era names it (昭和35, 40)."""
    if not _ERA_YEAR.fullmatch(column.cells[0]):
        return {cell: cell for cell in column.cells}
    full, era, filled = {}, "", []
    for cell in column.cells:
        if found := _ERA_YEAR.fullmatch(cell):
            era = found[1]
            full[cell] = f"{era}{found[2]}年"
        elif found := _SHORT_YEAR.fullmatch(cell):
            full[cell] = f"{era}{found[1]}年"
            filled.append(cell)
        else:
            full[cell] = cell
    if filled:
        log.tell("ditto_era", column.name, count=len(filled), before=filled[0], after=full[filled[0]])
    return full


def _converted(
    column: Column, frame: pd.DataFrame, log: Log, read: Callable[[str], object], kind: str
) -> dict[str, str]:
    mapping = {cell: day.iso() for cell in column.cells if (day := read(cell)) is not None}  # type: ignore[attr-defined]
    if any(a != b for a, b in mapping.items()):
        tell_change(column, frame, mapping, log, kind)
    return mapping


def _check_zones(column: Column, frame: pd.DataFrame, place: Place, log: Log) -> None:
    """Stop where times with and without a zone, or day numbers of a computer, stand in one column."""
    head = [
        (bool(_ZONED.fullmatch(c)), bool(_NAIVE.fullmatch(c)), bool(_EPOCH.fullmatch(c)))
        for c in column.cells[:_FIRST]
    ]
    if not any(zoned or naive for zoned, naive, _ in head):
        return
    forms: dict[str, str] = {}
    for cell in column.cells:
        if found := _ZONED.fullmatch(cell):
            forms.setdefault(found[3].upper().replace("UTC", "Z").replace("+00:00", "Z"), cell)
        elif _NAIVE.fullmatch(cell):
            forms.setdefault("naive", cell)
        elif _EPOCH.fullmatch(cell):
            forms.setdefault("epoch", cell)
        else:
            return
    if len(forms) > 1:
        cell = list(forms.values())[1]
        shown = ", ".join(forms)
        row = row_of(frame, column, cell)
        raise place.fault("mixed_zones", row=row, column=column.name, value=cell, forms=shown)
    now = datetime.now(UTC).strftime("%Y-%m-%d")
    future = frame.index[frame[column.name].str.replace("/", "-").str[:10] > now]
    if len(future):
        log.tell("future_rows", column.name, cells=[str(row) for row in future])


def _numbers(column: Column, frame: pd.DataFrame, place: Place, log: Log) -> dict[str, str] | None:
    """Return plain numbers by cell; None where the column is not all numbers, or is plain already."""
    head = column.cells[:_FIRST]
    if all(_PLAIN.fullmatch(cell) for cell in head) and all(map(_PLAIN.fullmatch, column.cells)):
        return {}
    strange = [c for c in head if kind_of(c) != NUMBER and to_amount(c) is None and to_hours(c) is None]
    if strange and len(head) > len(strange) and all(re.fullmatch(r"ー[\d,.]+", c) for c in strange):
        row = row_of(frame, column, strange[0])
        raise place.fault("not_a_number", row=row, column=column.name, value=strange[0])
    if strange or _are_labels(column.cells):
        return None
    mapping: dict[str, str] = {}
    kinds = set()
    lasting = any(_DURATIONS.search(cell) for cell in head)
    for cell in column.cells:
        plain = plain_sign(cell)
        if _PLAIN.fullmatch(plain):
            mapping[cell] = plain
        elif (value := to_number(plain)) is not None:
            mapping[cell] = cell
        elif (value := to_amount(cell)) is not None:
            mapping[cell] = _shown(value)
            kinds.add("JPY")
        elif lasting and (value := to_hours(cell)) is not None:
            mapping[cell] = _shown(round(value, 6))
            kinds.add("hour")
        else:
            return None
    if len(kinds) > 1:
        return None
    if kinds:
        _check_mixed(column, frame, place, kinds)
    if all(a == b for a, b in mapping.items()):
        return {}
    tell_change(column, frame, mapping, log, next(iter(kinds), "NFKC"))
    return mapping


def _are_labels(cells: list[str]) -> bool:
    """Tell whether cells number items, (1), (2) or ①, ②, rather than being amounts below zero or at all."""
    return all(c.strip()[:1] in "(（" for c in cells) or any(
        unicodedata.category(character) == "No" for cell in cells[:_FIRST] for character in cell
    )


def _check_mixed(column: Column, frame: pd.DataFrame, place: Place, kinds: set[str]) -> None:
    """Stop at a bare 1200 beside 12万円: it may be yen or 万円, and nothing says which."""
    named = [c for c in column.cells if (has_magnitude(c) if "JPY" in kinds else has_duration_unit(c))]
    bare = [c for c in column.cells if c not in set(named) and plain_sign(c).strip("-0.,") != ""]
    if bare and ("hour" in kinds or any(re.search("[兆億万千]", c) for c in named)):
        row = row_of(frame, column, bare[0])
        raise place.fault("mixed_units", row=row, column=column.name, value=bare[0], named=named[0])


def _shown(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
