"""Text cells to dates: Japanese eras, year-month-day in any separator, one order for a whole column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

ERAS = {
    "明治": (date(1868, 1, 25), date(1912, 7, 29)),
    "大正": (date(1912, 7, 30), date(1926, 12, 24)),
    "昭和": (date(1926, 12, 25), date(1989, 1, 7)),
    "平成": (date(1989, 1, 8), date(2019, 4, 30)),
    "令和": (date(2019, 5, 1), date(9999, 12, 31)),
}
"""First and last day of each era."""
_LETTERS = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}
_LETTERS |= {name[0]: name for name in ERAS}
_LIGATURES = {"㍾": "明治", "㍽": "大正", "㍼": "昭和", "㍻": "平成", "㋿": "令和"}
_ERA = re.compile(
    r"(明治|大正|昭和|平成|令和|[MTSHR明大昭平令])\s*\.?\s*(\d{1,2}|元)\s*(年|[-./])?"
    r"(?:\s*(\d{1,2})\s*(?:月|[-./])?(?:\s*(\d{1,2})\s*日?)?)?(?:\s*[(（][月火水木金土日][)）])?",
    re.I,
)
_YEAR_FIRST = re.compile(
    r"(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])?(?:\s*(\d{1,2})\s*日?)?(?:\s*[(（][月火水木金土日][)）])?"
)
_COMPACT = re.compile(r"((?:19|20|21)\d\d)([01]\d)([0-3]\d)")
_YEAR_LAST = re.compile(
    r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2}|(?<=/)\d)"
    r"(?:[ T,]\s*(\d{1,2})(:\d{2}(?::\d{2}(?:\.\d+)?)?)(?:\s*([ap])\.?m\.?)?"
    r"(\s*(?:z|utc|gmt|jst|[-+]\d\d:?\d\d))?)?",
    re.I,
)
_DIGITS_OF_DAY = re.compile(r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})\s?日?(?:[T ].{1,20})?")
_TIME_OF_DAY = re.compile(
    r"(?<=[日\d)])(?:\s+|(?<=日)|(?<=\)))([01]?\d|2[0-3])(?::|時(?=\d|$))(?:([0-5]?\d)(?:分|:(?=\d)|$))?(?:([0-5]?\d)秒?)?$"
)
_DIGITS = "〇一二三四五六七八九"
_KANJI = re.compile(f"(?<![{_DIGITS}十])[{_DIGITS}十]{{1,8}}(?=[年月日])")
SERIALS = (20_000, 80_000)
"""Day numbers of Excel that may stand in a column of dates: 1954 to 2119."""


class EraError(ValueError):
    """A date of an era that had not begun or was over, or a day that does not exist."""


@dataclass(frozen=True)
class Day:
    """A date as precise as it was written.

    Attributes
    ----------
    year, month, day : int
        Month and day are 0 where they were not written.
    """

    year: int
    month: int = 0
    day: int = 0

    def iso(self) -> str:
        """Return 2024, 2024-04 or 2024-04-01."""
        parts = (f"{self.year:04d}", f"{self.month:02d}", f"{self.day:02d}")
        return "-".join(parts[: 1 + bool(self.month) + bool(self.day)])


def _with_digits(cell: str) -> str:
    """Return a cell whose years, months and days in Chinese numerals are digits.

    Examples
    --------
    >>> _with_digits("昭和六十三年十二月二十日"), _with_digits("二〇二四年四月")
    ('昭和63年12月20日', '2024年4月')
    """
    return _KANJI.sub(lambda found: _digits(found[0]), cell)


def _digits(numeral: str) -> str:
    if "十" not in numeral:
        return "".join(str(_DIGITS.index(c)) for c in numeral)
    tens, _, ones = numeral.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return numeral
    return str((_DIGITS.index(tens) if tens else 1) * 10 + (_DIGITS.index(ones) if ones else 0))


def read_era(cell: str) -> Day | None:
    """Return the date of a Japanese era; None if the cell names none.

    A letter (R6.4.1) needs a full date: codes such as S1-2 look like eras otherwise.

    Raises
    ------
    EraError
        If the era was over or had not begun, or the day does not exist.

    Examples
    --------
    >>> [read_era(c).iso() for c in ("令和元年5月1日", "R6.4.1", "Ｈ３１／４／３０", "昭和35年")]
    ['2019-05-01', '2024-04-01', '2019-04-30', '1960']
    """
    plain = _with_digits(unicodedata.normalize("NFKC", "".join(_LIGATURES.get(c, c) for c in cell)).strip())
    found = _ERA.fullmatch(plain)
    if found is None or not (found[3] or found[4]):
        return None
    letter = found[1].upper() in _LETTERS
    if letter and not (found[5] and found[3] in ("年", ".", "/")):
        return None
    first, last = ERAS[_LETTERS.get(found[1].upper(), found[1])]
    year = first.year - 1 + (1 if found[2] == "元" else int(found[2]))
    month, day = int(found[4] or 0), int(found[5] or 0)
    try:
        low = date(year, month or 1, day or 1)
        high = date(year, month or 12, day or 28)
    except ValueError as error:
        raise EraError(cell) from error
    if high < first or low > last or year < first.year:
        raise EraError(cell)
    return Day(year, month, day)


def read_day(cell: str) -> Day | None:
    """Return a date written year first or by era; None for anything else or a day that does not exist.

    Examples
    --------
    >>> [read_day(c).iso() for c in ("2024/4/1", "2024年4月", "20240401", "令和6年4月1日(月)")]
    ['2024-04-01', '2024-04', '2024-04-01', '2024-04-01']
    """
    plain = _with_digits(unicodedata.normalize("NFKC", cell).strip())
    found = _YEAR_FIRST.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if found is None:
        return read_era(cell)
    year, month, day = int(found[1]), int(found[2]), int(found[3] or 0)
    try:
        date(year, month, day or 1)
    except ValueError:
        return None
    return Day(year, month, day)


def iso_of(cell: str) -> str | None:
    """Return a date written year first or by era in ISO form, with its time of day where it has one.

    Examples
    --------
    >>> iso_of("令和6年4月1日 10時05分"), iso_of("2024年4月1日 9:30:15"), iso_of("2024年4月")
    ('2024-04-01 10:05', '2024-04-01 09:30:15', '2024-04')
    """
    plain = unicodedata.normalize("NFKC", cell).strip()
    found = _TIME_OF_DAY.search(plain)
    day = read_day(plain[: found.start()] if found else plain)
    if day is None or (found and not day.day):
        return None
    if found is None:
        return day.iso()
    seconds = f":{int(found[3]):02d}" if found[3] else ""
    return f"{day.iso()} {int(found[1]):02d}:{int(found[2] or 0):02d}{seconds}"


def is_short(cell: str) -> bool:
    """Tell whether a cell is a date of three numbers whose year does not stand first with four digits.

    Examples
    --------
    >>> [is_short(c) for c in ("03-04-2024", "1/2/24 9:30 PM", "2024-04-03", "12-34-56")]
    [True, True, False, False]
    """
    three = _YEAR_LAST.fullmatch(cell.strip())
    return three is not None and any(_by_order(cell, order) is not None for order in ("dmy", "mdy", "ymd"))


def orders(cells: Iterable[str]) -> set[str]:
    """Return the orders, "dmy", "mdy" and "ymd", in which all cells are dates; empty if there is none.

    "ymd" is possible where the year has two digits; where dates repeat the year more than the day, or less,
    that tells first from last.

    Examples
    --------
    >>> sorted(orders(["03-04-2024", "05-06-2024"])), orders(["03-04-2024", "28-06-2024"]), orders(["x"])
    (['dmy', 'mdy'], {'dmy'}, set())
    >>> orders(["24/04/01", "24/05/02"])
    {'ymd'}
    """
    possible, firsts, lasts = {"dmy", "mdy", "ymd"}, set(), set()
    for cell in cells:
        found = _YEAR_LAST.fullmatch(cell.strip())
        if found is None:
            return set()
        possible &= {order for order in possible if _by_order(cell, order) is not None}
        if not possible:
            return possible
        firsts.add(found[1])
        lasts.add(found[4])
    if "ymd" in possible and len(firsts) < len(lasts):
        return {"ymd"}
    return possible - {"ymd"} if len(lasts) < len(firsts) else possible


def _by_order(cell: str, order: str) -> Day | None:
    found = _YEAR_LAST.fullmatch(cell.strip())
    if found is None or (len(found[1]) < 2 or len(found[4]) > 2 if order == "ymd" else len(found[4]) < 2):
        return None
    parts = dict(zip(order, (int(found[1]), int(found[3]), int(found[4])), strict=True))
    year = parts["y"] + (2000 if parts["y"] < 100 else 0)
    try:
        date(year, parts["m"], parts["d"])
    except ValueError:
        return None
    return Day(year, parts["m"], parts["d"])


def read_ordered(cell: str, order: str) -> Day | None:
    """Return a date of three numbers in a stated order ("dmy", "mdy" or "ymd").

    Examples
    --------
    >>> [read_ordered("03-04-24", order).iso() for order in ("dmy", "mdy", "ymd")]
    ['2024-04-03', '2024-03-04', '2003-04-24']
    """
    return _by_order(unicodedata.normalize("NFKC", cell), order)


def iso_ordered(cell: str, order: str) -> str | None:
    """Return a date of three numbers in ISO form, with its time of day (24 hours) where it has one.

    Examples
    --------
    >>> iso_ordered("03-04-2024", "dmy"), iso_ordered("3/4/2024 1:05 PM", "mdy")
    ('2024-04-03', '2024-03-04 13:05')
    """
    plain = unicodedata.normalize("NFKC", cell).strip()
    day, found = _by_order(plain, order), _YEAR_LAST.fullmatch(plain)
    if day is None or found is None:
        return None
    if found[5] is None:
        return day.iso()
    hour = int(found[5]) % 12 + 12 * (found[7] in "pP") if found[7] else int(found[5])
    return f"{day.iso()} {hour:02d}{found[6]}{(found[8] or '').strip()}"


def looks_like_day(cell: str) -> bool:
    """Tell whether a cell has the digits of a date, whether the day exists or not.

    Examples
    --------
    >>> [looks_like_day(c) for c in ("2024-04-31", "2024年13月1日", "31/04/2024 10:00", "12-34-56", "x")]
    [True, True, True, False, False]
    """
    plain = unicodedata.normalize("NFKC", cell).strip()
    if found := _YEAR_LAST.fullmatch(plain):
        return len(found[4]) == 4
    return bool(_DIGITS_OF_DAY.fullmatch(plain))


def exists(cell: str) -> bool:
    """Tell whether the day of a cell that looks like one is in the calendar, in any order."""
    plain = unicodedata.normalize("NFKC", cell).strip()
    if found := _DIGITS_OF_DAY.fullmatch(plain):
        return read_day("-".join(found.groups())) is not None
    return is_short(plain) or read_day(plain) is not None


def read_moment(cell: str) -> str | None:
    """Return the date and time of a day number of Excel with a fraction (1900 system); None for others.

    Examples
    --------
    >>> read_moment("45383.5"), read_moment("45383")
    ('2024-04-01 12:00:00', None)
    """
    plain = unicodedata.normalize("NFKC", cell).strip()
    if not re.fullmatch(r"\d{5}\.\d+", plain) or not SERIALS[0] <= float(plain) <= SERIALS[1]:
        return None
    moment = datetime(1899, 12, 30) + timedelta(seconds=round(float(plain) * 86_400))
    return moment.isoformat(" ")


def read_serial(cell: str) -> Day | None:
    """Return the date of a day number of Excel (1900 system); None for other numbers.

    Examples
    --------
    >>> read_serial("45383").iso()
    '2024-04-01'
    """
    plain = unicodedata.normalize("NFKC", cell).strip()
    if not re.fullmatch(r"\d{5}(\.0+)?", plain) or not SERIALS[0] <= float(plain) <= SERIALS[1]:
        return None
    day = date(1899, 12, 30) + timedelta(days=int(float(plain)))
    return Day(day.year, day.month, day.day)
