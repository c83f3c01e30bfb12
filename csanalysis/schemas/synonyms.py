"""Other names of columns, in both languages: a column is read under its own name, and that is told."""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources

_WITHOUT = " without a key"
"""Ending of the tables of names that count where nothing else names the column."""
_BRACKET = re.compile(r"[(\[【]([^)\]】]*)[)\]】]$")
UNITS = {
    "JPY": frozenset("円 jpy yen 円/月 月額 税抜 税別".split()),
    "1000JPY": frozenset("千円 1000円 1000jpy 千円/月".split()),
    "hour": frozenset("時間 h hour hours 時間/月".split()),
    "minute": frozenset("分 min minute minutes 分/回".split()),
    "ratio": frozenset("ratio 割合 比率".split()),
    "": frozenset("件 社 回 月 か月 ヶ月 日 人 months days 1-5 1〜5".split()),
}
"""Units in brackets that say what the column holds anyway, by the unit it is declared in."""


@functools.cache
def _table() -> dict[str, dict[str, list[str]]]:
    file = resources.files("csanalysis") / "resources" / "synonyms.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def folded(name: str) -> str:
    """Return a name without width, case, spaces and underscores.

    Examples
    --------
    >>> folded("Ａccount Name"), folded("account_name")
    ('accountname', 'accountname')
    """
    return re.sub(r"[\s_\-・]+", "", unicodedata.normalize("NFKC", name).casefold())


def names_of(table: str, columns: Iterable[str]) -> frozenset[str]:
    """Return the names, as written, under which a table's columns are known: for finding its header."""
    found = set(columns)
    for column in tuple(found):
        found.update(_table().get(table, {}).get(column, ()))
        found.update(_table().get(table + _WITHOUT, {}).get(column, ()))
    return frozenset(found)


def other_names(table: str, column: str) -> tuple[str, ...]:
    """Return the names under which files keep a column of a table.

    Examples
    --------
    >>> other_names("accounts", "csm")[0]
    '担当CSM'
    """
    return tuple(_table().get(table, {}).get(column, ()))


@dataclass(frozen=True)
class Matched:
    """What the columns of a file are called in the workspace.

    Attributes
    ----------
    renamed : dict
        Name in the file to column, where they differ.
    ties : dict
        Column to the names that could all be meant.
    percent : tuple of str
        Columns whose name says that they hold percentages.
    """

    renamed: dict[str, str]
    ties: dict[str, tuple[str, ...]]
    percent: tuple[str, ...] = ()


def match_columns(table: str, names: Iterable[str], units: Mapping[str, str]) -> Matched:
    """Match the names of a file with the columns of a table.

    Parameters
    ----------
    table : str
    names : iterable of str
        Names in the file, cleaned.
    units : mapping of str to str
        Column to its declared unit ("JPY", "1000JPY", "hour", "minute", "ratio" or "").

    Examples
    --------
    >>> match_columns("accounts", ["顧客番号", "月額(円)", "memo"], {"account_id": "", "mrr": "JPY"}).renamed
    {'顧客番号': 'account_id', '月額(円)': 'mrr'}
    """
    names = list(names)
    matched = _matched(table, names, units)
    found = {*names, *matched.renamed.values(), *matched.ties}
    if without := [
        column for column in _table().get(table + _WITHOUT, {}) if column in units and column not in found
    ]:
        instead = _matched(table + _WITHOUT, names, {column: units[column] for column in without})
        free = {name: column for name, column in instead.renamed.items() if name not in matched.renamed}
        return Matched({**matched.renamed, **free}, {**matched.ties, **instead.ties}, matched.percent)
    return matched


def _matched(table: str, names: list[str], units: Mapping[str, str]) -> Matched:
    known = {folded(column): column for column in units}
    for column, others in _table().get(table, {}).items():
        if column in units:
            for other in others:
                known.setdefault(folded(other), column)
    meant: dict[str, list[str]] = {}
    percent = []
    for name in names:
        if name in units:
            continue
        column, in_percent = _column(name, known, units)
        if column and column not in names:
            meant.setdefault(column, []).append(name)
            percent += [column] if in_percent else []
    renamed = {found[0]: column for column, found in meant.items() if len(found) == 1}
    ties = {column: tuple(found) for column, found in meant.items() if len(found) > 1}
    return Matched(renamed, ties, tuple(percent))


def _column(name: str, known: Mapping[str, str], units: Mapping[str, str]) -> tuple[str, bool]:
    if (column := known.get(folded(name))) is not None:
        return column, False
    plain = unicodedata.normalize("NFKC", name).strip()
    bracket = _BRACKET.search(plain)
    if bracket is None:
        return "", False
    column = known.get(folded(plain[: bracket.start()]), "")
    unit = bracket[1].strip().casefold()
    if column and unit in ("%", "パーセント") and units[column] == "ratio":
        return column, True
    fits = column and (unit in UNITS.get(units[column], ()) or (unit in UNITS[""] and not units[column]))
    return (column, False) if fits else ("", False)


def nearest_name(table: str, column: str, unused: Iterable[str]) -> str:
    """Return the unused name of a file that is most like a column or one of its synonyms; "" for none.

    Examples
    --------
    >>> nearest_name("accounts", "mrr", ["月額利用料", "memo"])
    '月額利用料'
    """
    best, found = 0.0, ""
    for name in unused:
        for known in (column, *_table().get(table, {}).get(column, ())):
            likeness = difflib.SequenceMatcher(None, folded(name), folded(known)).ratio()
            if likeness > best:
                best, found = likeness, name
    return found if best >= 0.6 else ""
