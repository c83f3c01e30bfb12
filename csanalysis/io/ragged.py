"""Rows of unequal length: what is certain is mended, what is not stops or is set aside with its text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from csanalysis.errors import DataContractError, Failure
from csanalysis.io.dialects import Dialect
from csanalysis.io.edges import is_remark, is_title, with_field_names, without_blank_ends, without_comments
from csanalysis.io.records import Records, mended, usual_width
from csanalysis.io.repairs import Log, Place, listed, shortened
from csanalysis.io.values import CODE, DATE, EMPTY, NUMBER, TIME, is_note, kind_of, shape_of

LONG_TABLE = 50
"""Rows from which single odd rows are set aside instead of stopping the whole file."""
SET_ASIDE = 0.02
"""Largest share of rows that may be set aside."""
_MOST_FAILURES = 100
_SAMPLE = 2000
_RULED = re.compile(r"[-=+]{2}[-=+ ]{2,}")


@dataclass
class Grid:
    """A rectangle of text cells, with its place on the spreadsheet.

    Attributes
    ----------
    rows : list of list of str
        Rows of equal length.
    numbers : list of int
        Spreadsheet row of each.
    merges : list of tuple
        Merged areas as (top, left, bottom, right), positions in `rows`; already filled with their value.
    hidden : set of int
        Spreadsheet rows that a workbook does not show.
    hidden_columns : list of int
        Positions of columns that it does not show.
    scaled : list of int
        Positions of columns whose number format divides by a thousand: the cells hold full amounts.
    """

    rows: list[list[str]]
    numbers: list[int]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    hidden_columns: list[int] = field(default_factory=list)
    scaled: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Columns:
    """What the cells of each column are alike in, learned from rows of the usual length."""

    kinds: tuple[str, ...]
    shapes: tuple[str, ...]
    filled: tuple[bool, ...]
    blank: tuple[bool, ...]

    def accept(self, row: list[str]) -> bool:
        """Tell whether a row fits: typed cells of the right kind, filled where all are filled."""
        for at, cell in enumerate(row):
            kind = kind_of(cell)
            if kind == EMPTY:
                if self.filled[at]:
                    return False
            elif (
                self.blank[at]
                or (self.kinds[at] and kind != self.kinds[at])
                or (self.shapes[at] and shape_of(cell.strip()) != self.shapes[at])
            ):
                return False
        return True

    def likeness(self, row: list[str]) -> float:
        """Return the share of typed columns whose kind a row has; 0 where no column is typed."""
        typed = [at for at, kind in enumerate(self.kinds) if kind]
        same = sum(kind_of(row[at]) == self.kinds[at] for at in typed)
        return same / len(typed) if typed else 0.0


def learn(rows: list[list[str]]) -> Columns:
    """Return what the columns of rows of one length are alike in."""
    step = max(1, len(rows) // _SAMPLE)
    sample = rows[::step]
    kinds, shapes, filled, blank = [], [], [], []
    for column in zip(*sample, strict=True):
        there = [(kind, cell) for cell in column if (kind := kind_of(cell)) != EMPTY]
        found = Counter(kind for kind, _ in there)
        kind, count = found.most_common(1)[0] if found else ("", 0)
        typed = kind in (NUMBER, DATE, TIME, CODE) and count >= 0.95 * len(there)
        kinds.append(kind if typed else "")
        forms = Counter(shape_of(cell.strip()) for _, cell in there) if typed and kind == CODE else Counter()
        shape, alike = forms.most_common(1)[0] if forms else ("", 0)
        shapes.append(shape if len(there) > 2 and alike >= 0.95 * len(there) else "")
        filled.append(len(there) >= 0.99 * len(column))
        blank.append(not there and len(column) > 1)
    return Columns(tuple(kinds), tuple(shapes), tuple(filled), tuple(blank))


def settle(records: Records, dialect: Dialect, place: Place, log: Log, ragged: str) -> Grid:
    """Return the records as a rectangle.

    Parameters
    ----------
    ragged : {"refuse", "auto"}
        What to do with odd rows: always stop, or set single ones of a long table aside.

    Raises
    ------
    DataContractError
        With every row that has too few or too many fields, or whose quotation is broken.
    """
    records = _without_rules(records, log)
    if not records.damaged and len({len(row) for row in records.rows}) == 1:
        return Grid(records.rows, records.lines)
    records = without_comments(with_field_names(records, log), log, dialect.delimiter)
    rows, numbers = records.rows, records.lines
    filled = [n for n, row in enumerate(rows) if any(map(str.strip, row)) or n in records.damaged]
    if not filled:
        return Grid([], [])
    without_blank_ends(rows, numbers, filled, log)
    width = usual_width([rows[n] for n in filled])
    cut = _next_table(rows, filled, width)
    if cut is not None and _is_preface(rows, cut[0], cut[1]):
        above = [n for n in filled if n < cut[1]]
        words = [" ".join(filter(None, rows[n])) for n in above]
        log.tell("preamble", listed(words), cells=[str(numbers[n]) for n in above], before=words[0])
        damaged = {n - cut[1]: raw for n, raw in records.damaged.items() if n >= cut[1]}
        return settle(Records(rows[cut[1] :], numbers[cut[1] :], damaged), dialect, place, log, ragged)
    if cut is not None:
        width, end = cut
        log.tell("other_table", f"{numbers[end]}", cells=[f"{numbers[end]}"], before=",".join(rows[end])[:80])
        rows, numbers = rows[:end], numbers[:end]
        filled = [n for n in filled if n < end]
    width = _without_trailing(rows, filled, width, log)
    return _Settling(rows, numbers, records.damaged, width, dialect, place, log).grid(filled, ragged)


def _without_rules(records: Records, log: Log) -> Records:
    """Drop the ruled lines that printed lists and consoles draw between rows."""
    ruled = {n for n, row in enumerate(records.rows) if len(row) == 1 and _RULED.fullmatch(row[0].strip())}
    if not ruled or all(len(row) < 2 for row in records.rows):
        return records
    log.tell("rule_lines", cells=[str(records.lines[n]) for n in sorted(ruled)])
    kept = [n for n in range(len(records.rows)) if n not in ruled]
    damaged = {at: records.damaged[n] for at, n in enumerate(kept) if n in records.damaged}
    return Records([records.rows[n] for n in kept], [records.lines[n] for n in kept], damaged)


def _next_table(rows: list[list[str]], filled: list[int], width: int) -> tuple[int, int] | None:
    """Return width and end of the first of two tables that follow each other; None for one table."""
    counts = Counter(len(rows[n]) for n in filled if len(rows[n]) > 1)
    large = [w for w, count in counts.items() if count >= max(3, 0.2 * len(filled))]
    if len(large) < 2:
        return None
    where = {w: [n for n in filled if len(rows[n]) == w] for w in large}
    first, second = sorted(large, key=lambda w: where[w][len(where[w]) // 2])[:2]
    start = where[second][0]
    late = sum(n > start for n in where[first])
    if late > 0.1 * len(where[first]) or len(where[first]) < 2:
        return None
    return first, start


def _is_preface(rows: list[list[str]], width: int, end: int) -> bool:
    """Tell whether the first of two tables is a list of keys and values above the table that is meant."""
    return width <= 3 and len(rows[end]) >= 2 * width and not any(map(str.strip, rows[end - 1]))


def _without_trailing(rows: list[list[str]], filled: list[int], width: int, log: Log) -> int:
    """Drop the empty last field of all rows where a delimiter ends every line but the header's."""
    head = next((n for n in filled if len(rows[n]) > 1), filled[0])
    longer = [n for n in filled if len(rows[n]) == width]
    if len(rows[head]) == width - 1 and longer and all(not rows[n][-1].strip() for n in longer):
        for n in longer:
            rows[n] = rows[n][:-1]
        log.tell("trailing_delimiter", count=len(longer))
        return width - 1
    return width


@dataclass
class _Settling:
    rows: list[list[str]]
    numbers: list[int]
    damaged: dict[int, str]
    width: int
    dialect: Dialect
    place: Place
    log: Log

    def grid(self, filled: list[int], ragged: str) -> Grid:
        usual = [n for n in filled if len(self.rows[n]) == self.width]
        if not usual:
            self._stop_or_tell(filled, len(filled), "refuse")
        top, bottom = usual[0], usual[-1]
        columns = learn([self.rows[n] for n in usual[1:]] or [self.rows[top]])
        top = self._header_above(filled, top, columns)
        odd = [n for n in filled if n >= top and len(self.rows[n]) != self.width]
        odd = self._mend(odd, bottom, columns, ragged == "auto" and len(filled) >= LONG_TABLE)
        self._stop_or_tell(odd, len(filled), ragged)
        aside = set(odd)
        kept = [n for n in range(len(self.rows)) if n not in aside]
        padded = [self._padded(self.rows[n]) for n in kept]
        return Grid(padded, [self.numbers[n] for n in kept])

    def _padded(self, row: list[str]) -> list[str]:
        if len(row) == self.width:
            return row
        if any(cell.strip() for cell in row[self.width :]):
            row = [self.dialect.delimiter.join(row)]
        return (row + [""] * self.width)[: self.width]

    def _header_above(self, filled: list[int], top: int, columns: Columns) -> int:
        """Return the first row of the table; a header of another length than its rows stops."""
        above = [n for n in filled if n < top]
        if not above or above[-1] != top - 1:
            return top
        n = above[-1]
        if n in self.damaged:
            ways = mended(self.damaged[n], self.width, self.dialect)
            if len(ways) != 1:
                raise self._failure(n, "broken_quote").error()
            self._take(n, ways[0], "quote_as_text")
            return n
        row = self.rows[n]
        names = sum(bool(cell.strip()) for cell in row)
        if len(row) > self.width and is_title(row, self.rows[top], columns.kinds):
            return top
        close = abs(len(row) - self.width) <= 1 and names > 1
        if close or (names > 1 and names >= self.width / 2 and columns.likeness(self.rows[top]) > 0.5):
            raise self._failure(n, "ragged_row").error()
        return top

    def _mend(self, odd: list[int], bottom: int, columns: Columns, quotes: bool) -> list[int]:
        """Return the rows that stay odd after those that are certain were mended."""
        left = []
        for n in odd:
            row = self.rows[n]
            there = sum(bool(cell.strip()) for cell in row)
            if n in self.damaged:
                if not (quotes and self._mend_quote(n, columns)):
                    left.append(n)
            elif n > bottom and there == 1 and is_note(row[0], self.width, bottom > 0):
                continue
            elif self.width < len(row) and not any(map(str.strip, row[self.width :])):
                if columns.accept(row[: self.width]) and n != self._first(odd):
                    self._take(n, row[: self.width], "extra_blank_fields")
                else:
                    left.append(n)
            elif is_remark(self.rows, n, self.width) or (
                1 < len(row) < self.width and columns.accept(self._padded(row))
            ):
                self._take(n, self._padded(row), "missing_blank_fields")
            else:
                left.append(n)
        return left

    def _first(self, odd: list[int]) -> int:
        """Return the position of the header if it is odd itself, else -1."""
        return odd[0] if odd and all(len(r) != self.width for r in self.rows[: odd[0]]) else -1

    def _mend_quote(self, n: int, columns: Columns) -> bool:
        mark = self.dialect.quote
        ways = mended(self.damaged[n], self.width, self.dialect)
        if len(ways) > 1:
            ways = [w for w in ways if not any(c.startswith(mark) and c.endswith(mark) for c in w)]
        ways = [way for way in ways if columns.accept(way)]
        if len(ways) != 1:
            return False
        self._take(n, ways[0], "quote_as_text")
        return True

    def _take(self, n: int, row: list[str], rule: str) -> None:
        before = self.damaged.pop(n, None) or ",".join(self.rows[n])
        self.rows[n] = row
        self.log.tell(rule, cells=(str(self.numbers[n]),), before=before, after=" | ".join(row))

    def _failure(self, n: int, rule: str) -> _Told:
        raw = self.damaged.get(n)
        shown = self.dialect.delimiter.join(self.rows[n]) if raw is None else raw
        found = len(self.rows[n])
        failure = self.place.failure(
            rule, row=self.numbers[n], value=shown, expected_fields=self.width, found_fields=found
        )
        return _Told(failure)

    def _stop_or_tell(self, odd: list[int], count: int, ragged: str) -> None:
        if not odd:
            return
        few = len(odd) <= max(1, SET_ASIDE * count) and count >= LONG_TABLE
        if ragged == "refuse" or not few:
            rules = ("broken_quote" if n in self.damaged else "ragged_row" for n in odd)
            pairs = list(zip(odd, rules, strict=True))[:_MOST_FAILURES]
            raise DataContractError([self._failure(n, rule).failure for n, rule in pairs])
        raw = [self.damaged.get(n) or self.dialect.delimiter.join(self.rows[n]) for n in odd]
        rows = [str(self.numbers[n]) for n in odd]
        self.log.tell("set_aside", listed(map(shortened, raw)), cells=rows, before=raw[0])


@dataclass(frozen=True)
class _Told:
    failure: Failure

    def error(self) -> DataContractError:
        return DataContractError([self.failure])
