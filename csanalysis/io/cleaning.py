"""Text cells to numbers, without guessing."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal

_NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)?(\.\d+)?([eE][-+]?\d+)?")


def to_number(cell: str, *, percent: bool = True) -> float | None:
    """Return the number in `cell`, NaN for an empty cell, None if it is no number.

    Full-width digits, thousands separators in their places and, where `percent` allows it, a percent
    sign are read; anything else (units, words, two numbers) is not guessed at.

    Examples
    --------
    >>> to_number("1,200"), to_number("2.84%"), to_number("１２"), to_number("abc")
    (1200.0, 0.0284, 12.0, None)
    """
    plain = unicodedata.normalize("NFKC", cell).strip()
    if not plain:
        return math.nan
    in_percent = percent and plain.endswith("%")
    if in_percent:
        plain = plain[:-1].strip()
    if not _NUMBER.fullmatch(plain) or not any(c.isdigit() for c in plain):
        return None
    digits = plain.replace(",", "")
    try:
        value = float(Decimal(digits) / 100) if in_percent else float(digits)
    except ArithmeticError:
        return None
    return value if math.isfinite(value) else None
