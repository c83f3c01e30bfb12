"""Entries of a price sheet, judged one by one: the value meant, or what is wrong with it.

What is unmistakable is mended and told: full-width digits, thousands separators, 円, 万, か月, a note that
tax is not included, Japanese years. Anything that could mean two things is a fault.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from csanalysis.io.cleaning import to_number
from csanalysis.workspace.minimal import Problem, plain
from csanalysis.workspace.price_sheet import LONGEST, Field, bounds

Value: TypeAlias = float | str | date | None

_TAX_IN = re.compile(
    r"税([0-9]+%)?込|内税|(incl\.?|including|inclusiveof)(consumption)?(tax|vat)|(tax|vat)incl|withtax|withvat"
)
_TAX_OUT = re.compile(
    r"[(\[]?(消費税)?(税抜き?|税別|外税|\+税|excl\.?(uding)?tax|taxexcl\.?(uded)?|withouttax|plustax)[)\]]?"
)
_NONE = {"-", "ー", "―", "—", "–", "なし", "無し", "無", "該当なし", "none", "n/a", "na", "nil"}
_TIMES = {"千": 1e3, "万": 1e4, "億": 1e8}
_ENDINGS = {
    "money": r"(円|jpy|yen|¥)$",
    "months": r"(か月|ヶ月|カ月|ケ月|ヵ月|箇月|months?|月)$",
    "hours": r"(時間|hours?|hrs?|h)$",
    "units": r"$",
    "ratio": r"$",
}
_MINUS = str.maketrans({"−": "-", "–": "-", "△": "-", "▲": "-"})
_ERAS = {"令和": 2018, "r": 2018}
_SERIAL = (20_000, 80_000)
"""Excel's day numbers that are read as dates: the years 1954 to 2119."""


@dataclass(frozen=True)
class Judged:
    """The value of one entry; None where it is empty. `mended` tells text that was turned into a value."""

    value: Value
    mended: str = ""


def tax_included(entered: object) -> bool:
    """Tell whether text says that tax is included.

    Examples
    --------
    >>> tax_included("3,300円（税込）"), tax_included("税抜"), tax_included("incl. tax")
    (True, False, True)
    """
    return isinstance(entered, str) and bool(_TAX_IN.search(plain(entered)))


def judge(field: Field, raw: object, lang: str) -> Judged | Problem:
    """Return the value of one cell, or what is wrong with it.

    Numbers come in the unit of the field, ratios as 0.3 for 30 %, dates as `datetime.date`.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return Problem("offer_empty", _named(field, lang)) if field.required else Judged(None)
    if field.sort == "text":
        return _text(field, raw, lang)
    if field.sort == "choice":
        return _choice(field, raw, lang)
    return _date(field, raw, lang) if field.sort == "date" else _number(field, raw, lang)


def _named(field: Field, lang: str) -> dict[str, object]:
    return {"field": field.label(lang), "unit": field.unit(lang)}


def _text(field: Field, raw: object, lang: str) -> Judged | Problem:
    number = isinstance(raw, float) and raw.is_integer()
    entered = str(int(raw)) if isinstance(raw, float) and number else str(raw)
    if isinstance(raw, datetime):
        entered = raw.date().isoformat()
    shown = " ".join("".join(c if c.isprintable() else " " for c in entered).split())
    if len(shown) > LONGEST:
        return Problem("offer_too_long", {**_named(field, lang), "most": LONGEST})
    return Judged(shown)


def _choice(field: Field, raw: object, lang: str) -> Judged | Problem:
    meant = plain(str(raw))
    for key, words in field.words().items():
        if meant in words:
            return Problem("offer_tax") if (field.key, key) == ("tax", "included") else Judged(key)
    terms = " / ".join(field.offered(lang))
    return Problem("offer_choice", {**_named(field, lang), "terms": terms})


def _number(field: Field, raw: object, lang: str) -> Judged | Problem:
    if tax_included(raw):
        return Problem("offer_tax")
    if isinstance(raw, str) and plain(raw) in _NONE:
        return Judged(None, raw)
    value = float(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else None
    if isinstance(raw, str):
        value = number_in(raw, field.sort)
    if value is None or not math.isfinite(value):
        return Problem("offer_number", _named(field, lang))
    if not 0 <= value <= field.high:
        low, high = bounds(field)
        return Problem("offer_bounds", {**_named(field, lang), "low": low, "high": high})
    return Judged(value, f"{raw.strip()} -> {value:,.15g}" if isinstance(raw, str) else "")


def number_in(entered: str, sort: str) -> float | None:
    """Return the number that text of a vendor means, None where it is not sure.

    Examples
    --------
    >>> number_in("３，０００円（税抜）", "money"), number_in("12万円", "money"), number_in("30%", "ratio")
    (3000.0, 120000.0, 0.3)
    >>> number_in("６か月", "months"), number_in("3,000円/時間", "money"), number_in("応相談", "money")
    (6.0, None, None)
    """
    rest = _TAX_OUT.sub("", plain(entered)).translate(_MINUS)
    rest = re.sub(_ENDINGS[sort], "", rest)
    times = 1.0
    if sort == "money":
        rest = re.sub(r"^(-?)(¥|\\|jpy)", r"\1", rest)
        times = _TIMES.get(rest[-1:], 1.0)
        rest = rest[:-1] if times != 1 else rest
    value = to_number(rest, percent=sort == "ratio")
    return None if value is None or math.isnan(value) else round(value * times, 6)


def _date(field: Field, raw: object, lang: str) -> Judged | Problem:
    if isinstance(raw, datetime | date):
        return Judged(raw.date() if isinstance(raw, datetime) else raw)
    if isinstance(raw, str) and plain(raw) in _NONE:
        return Judged(None, raw)
    found = None
    if isinstance(raw, str):
        found = date_in(raw)
    elif isinstance(raw, int | float) and not isinstance(raw, bool) and _SERIAL[0] <= raw <= _SERIAL[1]:
        found = date(1899, 12, 30) + timedelta(days=int(raw))
    if found is None:
        return Problem("offer_date", _named(field, lang))
    return Judged(found, f"{raw} -> {found.isoformat()}")


def date_in(entered: str) -> date | None:
    """Return the day that text names with year, month and day, None for anything else.

    Examples
    --------
    >>> date_in("2026年9月30日"), date_in("令和8年9月30日"), date_in("30 days")
    (datetime.date(2026, 9, 30), datetime.date(2026, 9, 30), None)
    """
    shown = unicodedata.normalize("NFKC", plain(entered)).replace("元年", "1年")
    found = re.fullmatch(r"(令和|r)?(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", shown)
    if not found:
        return None
    era, year = _ERAS.get(found[1], 0), int(found[2])
    if (era == 0) != (year >= 2000):
        return None
    try:
        return date(era + year, int(found[3]), int(found[4]))
    except ValueError:
        return None
