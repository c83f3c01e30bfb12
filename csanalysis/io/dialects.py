"""How a text file parts its fields: delimiter, quotation mark and escape, by how well rows and cells agree.

A dialect scores by pattern and type, after van den Burg, Nazabal and Sutton (Wrangling messy CSV files
by detecting row and type patterns, 2019): rows of one width; cells that are numbers, dates, codes or words.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from csanalysis.io.values import CODE, DATE, EMPTY, NUMBER, TIME, kind_of

DELIMITERS = (",", "\t", ";", "|")
SAMPLE = 256_000
"""Characters that the choice is made on; the whole file is held to it afterwards."""
_ROWS = 400
_LEAST_SHARE = 0.2
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
_REMARKS = re.compile(r"(?:#[^\r\n]*(?:\r\n|\r|\n))+(?=[^\r\n])")
_COLON = re.compile(r"://|:\s|\b\d{1,2}:\d\d\b")
"""Colons that part nothing: addresses, keys before their values, times of day."""
_WRAPPED = re.compile(r'"[^",\s]+,(?:[^"\s]|"")*"\s*(?:\r|\n)')
_EXCEL_HINT = re.compile(r"\s*\"?sep=(.)\"?\s*\r?\n?", re.I)
_WORTH = {EMPTY: 0.8, NUMBER: 1.0, DATE: 1.0, TIME: 1.0, CODE: 0.9}

csv.field_size_limit(1 << 27)


@dataclass(frozen=True)
class Dialect:
    """How fields are parted.

    Attributes
    ----------
    delimiter : str
        One character; empty where a line is one field.
    quote : str
        Quotation mark; doubled inside a quoted field unless `escape` is set.
    escape : str
        Character before a quotation mark that belongs to the text; empty for none.
    skip_space : bool
        Spaces after a delimiter do not count.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    skip_space: bool = False

    def reader(self, lines: Iterator[str], *, strict: bool) -> Iterator[list[str]]:
        """Return a reader of the standard library for this dialect."""
        return csv.reader(
            lines,
            delimiter=self.delimiter or "\x1f",
            quotechar=self.quote,
            escapechar=self.escape or None,
            doublequote=not self.escape,
            skipinitialspace=self.skip_space,
            strict=strict,
        )

    def told(self) -> str:
        """Return what differs from comma and double quotation mark, or ""."""
        shown = {"\t": "TAB", " ": "SPACE"}.get(self.delimiter, self.delimiter)
        parts = [shown] if self.delimiter not in (",", "") else []
        parts += [f"quote {self.quote}"] if self.quote != '"' else []
        parts += [f"escape {self.escape}"] if self.escape else []
        return " ".join(parts)


def excel_hint(content: str) -> tuple[str, int]:
    r"""Return the delimiter of a first line ``sep=;`` and the length of that line; ("", 0) without one.

    Examples
    --------
    >>> excel_hint("sep=;\na;b\n")
    (';', 6)
    """
    found = _EXCEL_HINT.match(content)
    return (found[1], found.end()) if found else ("", 0)


def find_dialect(content: str, known: frozenset[str] = frozenset(), delimiter: str = "") -> Dialect | None:
    """Return the dialect that explains a text best; None where no delimiter does.

    Parameters
    ----------
    content : str
        The text.
    known : frozenset of str
        Column names that the header should hold; a dialect that shows two of them is taken.
    delimiter : str
        A delimiter that the file states itself.
    """
    sample = _sample(content)
    sample = sample[remarks.end() :] if (remarks := _REMARKS.match(sample)) else sample
    scored = []
    for dialect in _candidates(sample, delimiter):
        rows = [r for r in _rows(sample, dialect) if any(cell.strip() for cell in r)]
        if known and _shows(rows, known):
            return dialect
        scored.append((_score(rows, dialect), dialect))
    best, found = max(scored, key=lambda pair: pair[0])
    if best > 0 and found.delimiter:
        return found
    lines = [line for line in sample.splitlines() if line.strip()]
    if rare := _rare(lines):
        return rare
    if '"' in sample and {len(r) for r in _rows(sample, Dialect()) if r} == {1}:
        return Dialect()
    plain = sum(not any(mark in line for mark in (*DELIMITERS, '"')) for line in lines)
    aligned = sum("  " in line.strip() for line in lines)
    return Dialect("") if plain >= 0.95 * len(lines) and aligned * 2 < len(lines) else None


def unwrapped(content: str) -> str | None:
    r"""Return a text whose rows were each put in quotation marks as one cell, without them; None for others.

    Examples
    --------
    >>> unwrapped('"id,v"\n"1,2"\n'), unwrapped('"id","v"\n"1","2"\n')
    ('id,v\n1,2\n', None)
    """
    if not _WRAPPED.match(content):
        return None
    reader = Dialect().reader(io.StringIO(content, newline=""), strict=True)
    try:
        rows = list(reader)
        if sum(map(len, rows)) < 2 or any(len(row) > 1 for row in rows):
            return None
        inner = "".join(f"{''.join(row)}\n" for row in rows)
        widths = {len(row) for row in Dialect().reader(io.StringIO(inner, newline=""), strict=True) if row}
    except csv.Error:
        return None
    return inner if len(widths) == 1 and widths != {1} else None


def _rare(lines: list[str]) -> Dialect | None:
    """Return the dialect of lines that all part alike at full-width commas, or at spaces; None otherwise."""
    if len(lines) < 2 or any(mark in line for line in lines for mark in DELIMITERS):
        return None
    colons = () if any(map(_COLON.search, lines)) else (":",)
    for mark in ("，", "、", "~", "^", "¦", "\x01", "\x1f", *colons):
        if lines[0].count(mark) and len({line.count(mark) for line in lines}) == 1:
            return Dialect(mark)
    alike = len({len(line.split()) for line in lines}) == 1 and len(lines[0].split()) > 1
    if alike and (len(lines) > 2 or any("  " in line for line in lines)):
        return Dialect(" ", skip_space=True)
    return None


def _sample(content: str) -> str:
    if len(content) <= SAMPLE:
        return content
    end = max(content.rfind("\n", 0, SAMPLE), content.rfind("\r", 0, SAMPLE))
    return content[: end + 1 or SAMPLE]


def _candidates(sample: str, delimiter: str) -> Iterator[Dialect]:
    """Yield dialects that could be meant, the usual ones first: a tie goes to the first."""
    for mark in (delimiter,) if delimiter else DELIMITERS:
        if mark not in sample:
            continue
        yield Dialect(mark)
        if re.search(rf"{re.escape(mark)} +\"", sample):
            yield Dialect(mark, skip_space=True)
        if '\\"' in sample:
            yield Dialect(mark, escape="\\")
        border = re.escape(mark)
        if len(re.findall(rf"(?:^|{border})'(?![=+@-])[^'\r\n]*'(?=$|{border})", sample, re.M)) >= 2:
            yield Dialect(mark, quote="'")
    if not any(mark in sample for mark in ((delimiter,) if delimiter else DELIMITERS)):
        yield Dialect("")


def _rows(sample: str, dialect: Dialect) -> list[list[str]]:
    reader = dialect.reader(io.StringIO(sample, newline=""), strict=False)
    try:
        return list(itertools.islice(reader, _ROWS))
    except csv.Error:
        return []


def _shows(rows: list[list[str]], known: frozenset[str]) -> bool:
    return any(sum(cell.strip() in known for cell in row) >= 2 for row in rows[:30])


def _score(rows: list[list[str]], dialect: Dialect) -> float:
    """Return consistency squared times the worth of the cells; 0 where no width stands out."""
    widths = Counter(len(row) for row in rows)
    wide = {w: n for w, n in widths.items() if w > 1}
    if not wide:
        return 0.0
    width = max(wide, key=lambda w: (wide[w], w))
    share = wide[width] / len(rows)
    if share < _LEAST_SHARE:
        return 0.0
    cells = [cell for row in rows if len(row) == width for cell in row]
    worth = sum(_worth(cell, dialect) for cell in cells) / len(cells)
    return share**2 * worth * (width - 1) / width


def _worth(cell: str, dialect: Dialect) -> float:
    kind = kind_of(cell)
    if kind in _WORTH:
        return _WORTH[kind]
    if dialect.delimiter != "," and _DECIMAL_COMMA.fullmatch(cell.strip()):
        return 1.0
    plain = cell.strip()
    if (plain[:1] in "\"'" and plain[-1:] in "\"'") or plain.count('"') % 2 or '\\"' in plain:
        return 0.1
    return 0.3 if any(mark in cell for mark in DELIMITERS[1:] if mark != dialect.delimiter) else 0.6
