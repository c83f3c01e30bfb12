"""What kind of thing a text cell is: number, date, code or words. Used to find tables, not to read them."""

from __future__ import annotations

import functools
import re
import unicodedata

EMPTY, NUMBER, DATE, TIME, CODE, WORDS = "empty", "number", "date", "time", "code", "words"

_NUMBER = re.compile(
    r"[-+−–▲△(]?\s*[¥$€£\\]?\s*[-+]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?([eE][-+]?\d+)?\s*\)?"
    r"\s*(%|円|千円|万円|百万円|億円|兆円|人|件|社|回|時間|分|日|名|個|歳|世帯|万|億|h|hours?|min)?"
)
_ERA = r"(明治|大正|昭和|平成|令和|[MTSHRmtshr])"
_DATE = re.compile(
    r"(\d{4}[-/.年]\s?\d{1,2}([-/.月]\s?\d{1,2}日?|月)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    rf"|{_ERA}\s?(\d{{1,2}}|元)([年./-]\s?\d{{1,2}}([月./-]\s?\d{{1,2}}日?|月)?|年(度)?)"
    r"|\d{1,2}[- ](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[- ]\d{2,4})"
    r"([T ]\s?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s?(z|utc|jst|[-+]\d{2}:?\d{2})?)?",
    re.I,
)
_TIME = re.compile(r"\d{1,3}:\d{2}(:\d{2})?(\s?[ap]m)?|\d+時間?(\d+分)?", re.I)
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][-A-Za-z0-9_./:]*")
_YEARISH = re.compile(
    rf"((19|20)\d\d(年度?)?|{_ERA}\s?(\d{{1,2}}|元)年?度?|fy\s?\d{{2,4}}|(\d{{2}}|\d{{4}})?q[1-4]|\d{{1,2}}月"
    r"|第?[1-4]四半期|(19|20)\d\d[-/.年]\d{1,2}月?)",
    re.I,
)
_NOTHING = frozenset(
    "- － ― – — … ... *** ** * x X 未定 不明 N/A n/a NA NULL null None nan #N/A ・ .".split()
)


@functools.lru_cache(maxsize=65536)
def kind_of(cell: str) -> str:
    """Return the kind of a cell: ``empty``, ``number``, ``date``, ``time``, ``code`` or ``words``.

    Examples
    --------
    >>> [kind_of(c) for c in ("△1,200", "令和元年5月1日", "09:30", "MG-8769", "顧客名", "")]
    ['number', 'date', 'time', 'code', 'words', 'empty']
    """
    if len(cell) > 60:
        return WORDS
    plain = unicodedata.normalize("NFKC", cell).strip()
    if not plain or cell.strip() in _NOTHING:
        return EMPTY
    if any(c.isdigit() for c in plain):
        if _NUMBER.fullmatch(plain):
            return NUMBER
        if _DATE.fullmatch(plain):
            return DATE
        if _TIME.fullmatch(plain):
            return TIME
        if _CODE.fullmatch(plain):
            return CODE
    elif "元年" in plain and _DATE.fullmatch(plain):
        return DATE
    return WORDS


def is_yearish(cell: str) -> bool:
    """Tell whether a cell may name a column of a period: 2024, 令和6年度, FY24, 4月, 24Q1."""
    return bool(_YEARISH.fullmatch(unicodedata.normalize("NFKC", cell).strip()))


@functools.lru_cache(maxsize=65536)
def shape_of(cell: str) -> str:
    """Return a cell with digits as 9 and letters as A: two codes of one system have one shape.

    Examples
    --------
    >>> shape_of("MG-8769")
    'AA-9999'
    """
    return re.sub(r"[A-Za-z]", "A", re.sub(r"\d", "9", cell))


def as_float(cell: str) -> float | None:
    """Return the number of a plain cell (separators, minus signs), None for anything else."""
    plain = unicodedata.normalize("NFKC", cell).strip().replace(",", "")
    negative = plain[:1] in "-−–▲△" if plain else False
    if plain.startswith("(") and plain.endswith(")"):
        plain, negative = plain[1:-1], True
    plain = plain.lstrip("-−–▲△+ ").lstrip("¥$\\")
    if not re.fullmatch(r"\d+(\.\d+)?", plain):
        return None
    return -float(plain) if negative else float(plain)


_NOTE = re.compile(
    r"\s*([※*＊]|[(（\[【]?\s*(注|備考|出典|出所|資料|補足|note|source|footnote)s?\s*\d*\s*[)）\]】:：.、]?)",
    re.I,
)


def is_note(cell: str, width: int, below_rows: bool) -> bool:
    """Tell whether a cell that stands alone in a row is a note and no datum.

    Marked notes (※, 注, 出典, Note) always are; any words are, below a table of three columns or more.

    Examples
    --------
    >>> is_note("※速報値", 2, True), is_note("A社", 2, True), is_note("2024年4月現在", 5, True)
    (True, False, True)
    """
    if not cell.strip():
        return False
    return bool(_NOTE.match(cell)) or (width >= 3 and below_rows)
