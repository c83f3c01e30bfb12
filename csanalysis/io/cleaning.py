"""Text cells to numbers, amounts and durations, by a declared unit and never by a guess."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal

NULLS = frozenset(
    "- -- --- － ― – — … ... ‐ *** ** /// 未定 不明 未入力 N/A n/a NA NULL null None NaN nan".split()
)
"""What stands for "nothing" in a column of numbers or dates; in columns of words it is kept."""

_NUMBER = re.compile(r"[-+]?((\d+|\d{1,3}(,\d{3})+)(\.\d+)?|\.\d+)([eE][-+]?\d+)?")
_AMOUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)?(\.\d+)?\s*(兆|億|千万|百万|万|千)?")
_MAGNITUDE = {"兆": 10**12, "億": 10**8, "千万": 10**7, "百万": 10**6, "万": 10**4, "千": 10**3, None: 1}
_YEN = re.compile(r"(円|jpy|yen)$", re.I)
_PRICE_END = re.compile("(?<=\\d)[-−–―ー]$")
"""The stroke behind a price (¥1,200-), so that no digit can be added."""
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?")
_DURATION = re.compile(
    r"(?:(\d+(?:\.\d+)?)\s*(?:時間|hours?|hrs?|h))?\s*(?:(\d+(?:\.\d+)?)\s*(?:分|minutes?|mins?|m))?", re.I
)
_MINUS = "−–▲△‐"
"""Signs that accountants and word processors write for minus; the long vowel ー is none."""


def plain_sign(cell: str) -> str:
    """Return a cell in half width (NFKC) whose minus is written ▲, △, − or in brackets with "-".

    Examples
    --------
    >>> plain_sign("▲１，２００"), plain_sign("(5)"), plain_sign("△ 5"), plain_sign("ー5")
    ('-1,200', '-5', '-5', 'ー5')
    """
    plain = unicodedata.normalize("NFKC", cell).strip()
    if len(plain) > 2 and plain[0] == "(" and plain[-1] == ")" and plain[1].isdigit():
        return "-" + plain[1:-1].strip()
    for mark in ("¥", "\\"):
        if plain[:1] in (*_MINUS, "-") and plain[1:].lstrip().startswith(mark):
            return "-" + plain[1:].lstrip()[1:].strip()
    if plain[:1] in _MINUS and plain[:1]:
        rest = plain[1:].strip()
        return "-" + rest if rest[:1].isdigit() or rest[:1] == "." else plain
    return plain


def to_number(cell: str, *, percent: bool = True) -> float | None:
    """Return the number in `cell`, NaN for an empty cell, None if it is no number.

    Full-width digits, thousands separators in their places, the minus signs of `plain_sign` and, where
    `percent` allows it, a percent sign are read; anything else (units, words, two numbers) is not guessed at.

    Examples
    --------
    >>> to_number("1,200"), to_number("2.84%"), to_number("１２"), to_number("▲5"), to_number("abc")
    (1200.0, 0.0284, 12.0, -5.0, None)
    """
    plain = plain_sign(cell)
    if not plain:
        return math.nan
    in_percent = percent and plain.endswith("%")
    if in_percent:
        plain = plain[:-1].strip()
    if not _NUMBER.fullmatch(plain):
        return None
    digits = plain.replace(",", "")
    try:
        value = float(Decimal(digits) / 100) if in_percent else float(digits)
    except ArithmeticError:
        return None
    return value if math.isfinite(value) else None


def to_amount(cell: str) -> float | None:
    """Return an amount in JPY, NaN for an empty cell, None if it is none; other currencies are none.

    Examples
    --------
    >>> [to_amount(c) for c in ("￥1,200", "12万円", "1.2億円", "1億2,000万", "▲300千円", "¥500-", "$5")]
    [1200.0, 120000.0, 120000000.0, 120000000.0, -300000.0, 500.0, None]
    """
    plain = plain_sign(cell)
    if not plain:
        return math.nan
    sign = -1 if plain.startswith("-") else 1
    plain = plain.lstrip("-+").strip()
    if plain[:1] in ("¥", "\\"):
        plain = _PRICE_END.sub("", plain[1:]).strip()
    plain = plain.removeprefix("JPY").strip()
    plain = _YEN.sub("", plain.removesuffix("也")).strip()
    if not plain or not (plain[0].isdigit() or plain[0] == "."):
        return None
    total, at, last = Decimal(0), 0, None
    while at < len(plain):
        found = _AMOUNT.match(plain, at)
        if found is None or not (found[1] or found[2]):
            return None
        magnitude = _MAGNITUDE[found[3]]
        if last is not None and magnitude >= last:
            return None
        total += Decimal(((found[1] or "0").replace(",", "")) + (found[2] or "")) * magnitude
        last, at = magnitude, found.end()
    return float(sign * total)


def has_magnitude(cell: str) -> bool:
    """Tell whether an amount names its magnitude or currency: 12万, 300千円, 1200円, ¥1200."""
    return bool(re.search("[兆億万千円¥￥\\\\]|jpy|yen", cell, re.I))


def to_hours(cell: str) -> float | None:
    """Return a duration in hours, NaN for an empty cell, None if it is none. A bare number is hours.

    Examples
    --------
    >>> [to_hours(c) for c in ("1.5時間", "90分", "1:30", "1h30m", "1時間30分", "1.5", "2日")]
    [1.5, 1.5, 1.5, 1.5, 1.5, 1.5, None]
    """
    plain = plain_sign(cell)
    number = to_number(plain, percent=False)
    if number is not None:
        return number
    if clock := _CLOCK.fullmatch(plain):
        return int(clock[1]) + int(clock[2]) / 60 + int(clock[3] or 0) / 3600
    found = _DURATION.fullmatch(plain.replace(",", ""))
    if found is None or not (found[1] or found[2]):
        return None
    return float(found[1] or 0) + float(found[2] or 0) / 60


def has_duration_unit(cell: str) -> bool:
    """Tell whether a duration names its unit (時間, 分, h, min, h:mm)."""
    return bool(re.search(r"時間|分|h|m|:", unicodedata.normalize("NFKC", cell), re.I))


READERS = {"JPY": to_amount, "hour": to_hours}
"""Readers by declared unit, beyond plain numbers."""


def to_quantity(cell: str, unit: str = "", *, percent: bool = True) -> float | None:
    """Return the number of a cell in a declared unit: amounts in JPY, durations in hours or minutes.

    Parameters
    ----------
    cell : str
    unit : {"JPY", "hour", "minute", ""}
        What the column holds; a bare number is in this unit.
    percent : bool
        A percent sign is allowed.

    Returns
    -------
    float or None
        NaN for an empty cell, None if it is no such quantity.

    Examples
    --------
    >>> to_quantity("12万円", "JPY"), to_quantity("1.5時間", "minute"), to_quantity("90分", "hour")
    (120000.0, 90.0, 1.5)
    """
    value = to_number(cell, percent=percent)
    if value is not None or not unit:
        return value
    if unit == "JPY":
        return to_amount(cell)
    hours = to_hours(cell)
    if unit == "hour" or hours is None:
        return hours
    return None if _CLOCK.fullmatch(plain_sign(cell)) else hours * 60
