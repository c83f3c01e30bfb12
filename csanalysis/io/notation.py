"""Columns written in Japanese notation to plain ones; what could mean two things stops.

A column is changed only as a whole, when every cell reads the same way: eras and 年月日 to ISO dates,
full-width digits, ▲ and 円 to plain numbers, 時間 and 分 to hours. Plain cells stay as they were written.
"""

from __future__ import annotations

import re
import unicodedata
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
from csanalysis.io.date_columns import Column, plain_dates, row_of, tell_change, with_eras
from csanalysis.io.repairs import Log, Place
from csanalysis.io.values import DATE, NUMBER, TIME, kind_of

ID_NAMES = re.compile(
    r"(^|[_\s])(id|ids|code|cd|no|key|zip|tel|phone)\.?$|id$|コード|番号|電話|郵便|口座|品番|型番|枝番|№|ｺｰﾄﾞ",
    re.I,
)
_SPOILT = (
    (re.compile("郵便|〒"), re.compile(r"\d{5,6}")),
    (re.compile("電話|携帯|ファックス|(^|_)tel", re.I), re.compile(r"[1-9]\d{8,9}")),
)
"""Columns, and cells that lost a zero in front: postcodes have 7 digits, telephones begin with 0."""
_STROKED = re.compile(r"\d{1,2}-\d{1,2}(-\d{1,2})?")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_WITHHELD = frozenset("X Ｘ ｘ χ Χ".split())
"""What public statistics write for a figure that would tell of a single business."""
_FIGURES = 3
"""Digits from which numbers are figures of statistics, and no marks, sizes or check digits."""
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{2,}")
_PLAIN = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?%?", re.ASCII)
_ZONED = re.compile(
    r"\d{4}[-/]\d\d?[-/]\d\d?[T ]\d\d?:\d\d(:\d\d(\.\d+)?)?\s?(Z|UTC|GMT|JST|[-+]\d\d:?\d\d)", re.I
)
_TIME_NAMES = re.compile(r"(^|_|\b)(ts|time|timestamp|date|datetime|at)$|日時|時刻|タイムスタンプ", re.I)
_NAIVE = re.compile(r"\d{4}[-/]\d\d?[-/]\d\d?[T ]\d\d?:\d\d(:\d\d(\.\d+)?)?")
_EPOCH = re.compile(r"1\d{9}(\d{3})?")
_DURATIONS = re.compile(r"時間|分")
_JAPANESE = re.compile(r"(明治|大正|昭和|平成|令和)|[\d,.]+\s*[千百億万]*円|\d+(年|時間|分)|[０-９]")
_MOST_JUDGED = 2000
_FEW = 0.34
_VERY_FEW = 0.2
_FIRST = 200


def plain_columns(frame: pd.DataFrame, place: Place, log: Log, dates: str = "") -> pd.DataFrame:
    """Return the table with columns of one notation in plain form.

    Parameters
    ----------
    dates : {"", "dmy", "mdy", "ymd", "text"}
        Order of dates whose order cannot be told; "text" leaves them.

    Raises
    ------
    DataContractError
        If dates may be read day or month first, an era date does not exist, time zones are mixed, amounts
        with and without a magnitude stand together, or an identifier was turned into a number like 1.0E+05.
    """
    changed: dict[str, pd.Series[str]] = {}
    for name in frame.columns:
        entered = frame[name]
        series = with_eras(entered, NULLS, log)
        if series is not entered:
            frame = frame.assign(**{name: series})
        distinct: list[str] = series.unique().tolist()
        nothing = _nothing(str(name), distinct)
        cells = [c for c in distinct if c and c not in nothing]
        column = Column(str(name), cells, [c for c in distinct if c in nothing])
        if not cells:
            continue
        _check_ids(column, frame, place)
        _tell_spoilt(column, series, log)
        mapping = plain_dates(column, frame, place, log, dates)
        if mapping is None:
            _check_zones(column, frame, place, log)
            mapping = _numbers(column, frame, place, log)
        if mapping is None:
            _tell_left(column, frame, log)
        nulls = column.nulls and (mapping is not None or _is_typed(cells))
        if nulls:
            counts = series[series.isin(column.nulls)].value_counts(sort=False).to_dict()
            told = ", ".join(f"{token} × {count}" for token, count in counts.items())
            log.tell_cells("nulls", series, column.nulls, f"{name}: {told}")
            mapping = (mapping or {}) | dict.fromkeys(column.nulls, "")
        if mapping:
            changed[name] = series.map({cell: cell for cell in distinct} | mapping).astype(str)
    return frame.assign(**changed)


def _nothing(name: str, distinct: list[str]) -> frozenset[str]:
    """Return what stands for nothing in a column: NA not where it may be an identifier; X, a figure withheld.

    X does only where all else is numbers, and some have three digits: beside 36, 38, 40 it is a size.
    """
    if ID_NAMES.search(name):
        return NULLS - {"NA"}
    figures = [c for c in distinct if c and c not in NULLS | _WITHHELD]
    withheld = not _WITHHELD.isdisjoint(distinct) and all(kind_of(c) == NUMBER for c in figures)
    withheld = withheld and any(sum(map(str.isdigit, c)) >= _FIGURES for c in figures)
    return NULLS | _WITHHELD if withheld else NULLS


def scientific(cell: str) -> bool:
    """Tell whether an identifier was turned into a number like 1.0E+05."""
    return bool(_SCIENTIFIC.fullmatch(cell)) and cell[-1:].isdigit()


def _is_typed(cells: list[str]) -> bool:
    return all(kind_of(cell) in (NUMBER, DATE, TIME) for cell in cells)


def _check_ids(column: Column, frame: pd.DataFrame, place: Place) -> None:
    if not ID_NAMES.search(column.name):
        return
    for cell in column.cells:
        if scientific(cell):
            row = row_of(frame, column, cell)
            raise place.fault("scientific_id", row=row, column=column.name, value=cell)


def _tell_spoilt(column: Column, entered: pd.Series[str], log: Log) -> None:
    """Tell of codes that a spreadsheet made numbers or days of: zeros are lost, 1-2 became a date."""
    forms = [form for names, form in _SPOILT if names.search(column.name)]
    lost = [cell for cell in column.cells if any(form.fullmatch(cell) for form in forms)]
    if lost:
        log.tell_cells("lost_zeros", entered, lost)
    if ID_NAMES.search(column.name) and any(map(_STROKED.fullmatch, column.cells[:_FIRST])):
        days = [cell for cell in column.cells if _ISO_DAY.fullmatch(cell)]
        if days:
            log.tell_cells("codes_as_days", entered, days)


def _check_zones(column: Column, frame: pd.DataFrame, place: Place, log: Log) -> None:
    """Stop where times with and without a zone, or day numbers of a computer, stand in one column."""
    head = [
        (bool(_ZONED.fullmatch(c)), bool(_NAIVE.fullmatch(c)), bool(_EPOCH.fullmatch(c)))
        for c in column.cells[:_FIRST]
    ]
    timed = any(zoned or naive for zoned, naive, _ in head)
    if not timed and not (_TIME_NAMES.search(column.name) and all(epoch for _, _, epoch in head)):
        return
    forms: dict[str, str] = {}
    for cell in column.cells:
        if _NAIVE.fullmatch(cell):
            forms.setdefault("naive", cell)
        elif found := _ZONED.fullmatch(cell):
            forms.setdefault(_zone(found[3]), cell)
        elif found := _EPOCH.fullmatch(cell):
            forms.setdefault("epoch ms" if found[1] else "epoch s", cell)
        else:
            return
    if len(forms) > 1:
        cell = list(forms.values())[1]
        shown = ", ".join(forms)
        row = row_of(frame, column, cell)
        raise place.fault("mixed_zones", row=row, column=column.name, value=cell, forms=shown)
    if not timed:
        return
    now = datetime.now(UTC).strftime("%Y-%m-%d")
    future = frame.index[frame[column.name].str.replace("/", "-").str[:10] > now]
    if len(future):
        log.tell("future_rows", column.name, cells=[str(row) for row in future])


def _zone(written: str) -> str:
    """Return one name for the ways to write a zone: Z, UTC, +0000; JST, +0900, +09:00."""
    plain = written.upper().replace("JST", "+09:00").replace("UTC", "Z").replace("GMT", "Z")
    plain = f"{plain[:3]}:{plain[-2:]}" if len(plain) > 1 else plain
    return "Z" if plain in ("+00:00", "-00:00") else plain


def _numbers(column: Column, frame: pd.DataFrame, place: Place, log: Log) -> dict[str, str] | None:
    """Return plain numbers by cell; None where the column is not all numbers, or is plain already."""
    head = column.cells[:_FIRST]
    if all(_PLAIN.fullmatch(cell) for cell in head) and all(map(_PLAIN.fullmatch, column.cells)):
        _check_percent(column, frame, place)
        return {}
    strange = [c for c in head if kind_of(c) != NUMBER and to_amount(c) is None and to_hours(c) is None]
    if strange and len(head) > len(strange) and all(re.fullmatch(r"[ーｰ][\d,.]+", c) for c in strange):
        row = row_of(frame, column, strange[0])
        raise place.fault("not_a_number", row=row, column=column.name, value=strange[0])
    if strange or _are_labels(column.cells):
        return None
    mapping: dict[str, str] = {}
    kinds = set()
    lasting = any(_DURATIONS.search(cell) for cell in head)
    for cell in column.cells:
        plain = plain_sign(cell)
        if _PLAIN.fullmatch(plain) or to_number(plain) is not None:
            mapping[cell] = plain
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
    _check_percent(column, frame, place)
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


def _check_percent(column: Column, frame: pd.DataFrame, place: Place) -> None:
    """Stop at a bare 0.05 beside 12%: it may be a ratio or a percentage."""
    signed = [cell for cell in column.cells if cell.rstrip()[-1:] in "%％"]
    if not signed or len(signed) == len(column.cells):
        return
    bare = next((c for c in column.cells if c not in set(signed) and 0 < abs(to_number(c) or 0) <= 1), "")
    if bare:
        row = row_of(frame, column, bare)
        raise place.fault("mixed_units", row=row, column=column.name, value=bare, named=signed[0])


def _tell_left(column: Column, frame: pd.DataFrame, log: Log) -> None:
    """Tell of a column in Japanese notation that stays as written because a few of its cells do not read."""
    cells = column.cells[:_MOST_JUDGED]
    odd = [cell for cell in cells if kind_of(cell) not in (NUMBER, DATE, TIME)]
    japanese = any(cell[0] in "▲△" or _JAPANESE.match(cell) for cell in cells)
    few = _FEW if japanese else _VERY_FEW
    few = 0.5 if _WITHHELD.issuperset(odd) else few
    if odd and len(odd) <= few * len(cells) and not ID_NAMES.search(column.name):
        log.tell_cells("left_as_text", frame[column.name], odd)


def _shown(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
