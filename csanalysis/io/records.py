"""Text to records: the fast reader where the quotation is sound, line by line where it is not."""

from __future__ import annotations

import csv
import itertools
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tqdm import tqdm

from csanalysis.io.dialects import Dialect

LARGE = 5_000_000
"""Characters from which a file counts as large."""
_MOST_SHARED = 1_000_000
_BLOCK = 1_000_000
_AT_ONCE = 10_000
LONGEST = 100
"""Most lines that one quoted cell may hold; a mark left open swallows more than anyone writes."""
_MOST_MARKS = 200
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


@dataclass
class Records:
    """The rows of a text file.

    Attributes
    ----------
    rows : list of list of str
        Fields as they stand.
    lines : list of int
        Spreadsheet row of each, from 1.
    damaged : dict
        Raw text of rows whose quotation is broken, by position in `rows` (which holds an empty row there).
    """

    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    damaged: dict[int, str] = field(default_factory=dict)


def read_records(content: str, dialect: Dialect, first: int = 1) -> Records:
    """Return all records of a text; `first` is the row number of its first line."""
    if not dialect.delimiter:
        rows = [[line.rstrip("\r\n")] for line in _lines(content)]
        return Records(rows, list(range(first, first + len(rows))))
    try:
        rows = _shared(_fields(content, dialect), len(content))
    except csv.Error:
        return _line_by_line(content, dialect, first)
    if content.count(dialect.quote) and _swallowed(rows, dialect):
        return _line_by_line(content, dialect, first)
    return Records(rows, list(range(first, first + len(rows))))


def _fields(content: str, dialect: Dialect) -> Iterator[list[str]]:
    """Return the fields of every row; without marks they are split at once, which is faster."""
    marked = dialect.skip_space or dialect.quote in content or (dialect.escape and dialect.escape in content)
    return dialect.reader(_lines(content), strict=True) if marked else _split(content, dialect.delimiter)


def _split(content: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the fields of each line of a text without quotation marks, block by block to save memory."""
    at = 0
    while at < len(content):
        end = content.find("\n", at + _BLOCK) + 1 or len(content)
        block = content[at:end].replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
        yield from (line.split(delimiter) if line else [] for line in block.split("\n"))
        at = end


def _lines(content: str) -> Iterator[str]:
    """Yield lines with their ends; a stream over the text would copy it with four bytes a character."""
    return (found[0] for found in _LINE.finditer(content) if found[0])


def _shared(rows: Iterator[list[str]], size: int) -> list[list[str]]:
    """Return rows; in a large file, equal cells are one string, and a terminal shows the progress."""
    if size < LARGE:
        return list(rows)
    found: list[list[str]] = []
    seen: dict[str, str] = {}
    with tqdm(unit=" rows", disable=not sys.stderr.isatty(), leave=False) as shown:
        while block := list(itertools.islice(rows, _AT_ONCE)):
            found += [[*map(seen.setdefault, row, row)] for row in block]
            shown.update(len(block))
            if len(seen) > _MOST_SHARED:
                seen.clear()
    return found


def usual_width(rows: list[list[str]]) -> int:
    """Return the number of fields that most filled rows have; more fields win a tie."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return max(widths, key=lambda w: (widths[w], w)) if widths else 1


def _swallowed(rows: list[list[str]], dialect: Dialect) -> bool:
    """Tell whether a quotation mark left open has swallowed the ends of rows."""
    width = usual_width(rows)
    return any(_is_swallow(row, width, dialect) for row in rows)


def _is_swallow(row: list[str], width: int, dialect: Dialect) -> bool:
    """Tell whether a cell of s line breaks holds s times the delimiters of a whole row: it was not meant."""
    for cell in row:
        if "\n" not in cell and "\r" not in cell:
            continue
        breaks = len(re.findall(r"\r\n|\r|\n", cell))
        if breaks > LONGEST or (width > 2 and cell.count(dialect.delimiter) == breaks * (width - 1)):
            return True
    return False


def _line_by_line(content: str, dialect: Dialect, first: int) -> Records:
    """Read row by row; a row whose quotation is broken is one line, and reading goes on behind it."""
    lines = list(_lines(content))
    found = Records()
    width = usual_width([line.split(dialect.delimiter) for line in lines if dialect.quote not in line])
    if width == 1:
        width = usual_width(list(_loose(content, dialect)))
    at = 0
    while at < len(lines):
        row, taken = _one(lines, at, dialect, width)
        if row is None:
            found.damaged[len(found.rows)] = lines[at].rstrip("\r\n")
        found.rows.append(row or [])
        found.lines.append(first + len(found.lines))
        at += taken
    return found


def _loose(content: str, dialect: Dialect) -> Iterator[list[str]]:
    yield from dialect.reader(_lines(content), strict=False)


def _one(lines: list[str], at: int, dialect: Dialect, width: int) -> tuple[list[str] | None, int]:
    """Return the record that begins at a line and the lines it takes; (None, 1) where it is broken."""
    if dialect.quote not in lines[at]:
        return lines[at].rstrip("\r\n").split(dialect.delimiter) if lines[at].strip("\r\n") else [], 1
    reader = dialect.reader(iter(lines[at : at + LONGEST]), strict=True)
    try:
        row = next(reader)
    except (csv.Error, StopIteration):
        return None, 1
    if _is_swallow(row, width, dialect):
        return None, 1
    return row, int(getattr(reader, "line_num", 1))


def mended(raw: str, width: int, dialect: Dialect) -> list[list[str]]:
    """Return the ways to read a broken row as `width` fields by taking one quotation mark as text.

    Examples
    --------
    >>> mended('2,"5,x,"a, b"', 4, Dialect())
    [['2', '"5', 'x', 'a, b']]
    """
    ways: list[list[str]] = []
    if raw.count(dialect.quote) > _MOST_MARKS:
        return ways
    for variant in _variants(raw, dialect):
        reader = dialect.reader(iter([variant]), strict=True)
        try:
            row = next(reader)
        except (csv.Error, StopIteration):
            continue
        if len(row) == width and row not in ways:
            ways.append(row)
    return ways


def _variants(raw: str, dialect: Dialect) -> Iterator[str]:
    mark, part = dialect.quote, dialect.delimiter
    for at in (n for n, c in enumerate(raw) if c == mark):
        before, after = raw[:at], raw[at + 1 :]
        starts = not before or before.endswith(part)
        if starts and not after.startswith(mark):
            end = raw.find(part, at)
            end = len(raw) if end < 0 else end
            yield f"{before}{mark}{raw[at:end].replace(mark, mark * 2)}{mark}{raw[end:]}"
        elif not (after == "" or after.startswith(part)) or not starts:
            yield f"{before}{mark}{mark}{after}"
