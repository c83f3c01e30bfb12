"""Polluted text files made from one clean table, after Pollock (Vitagliano and others, PVLDB 16, 2023).

The pollutions and their weights (how often public files have them) are the paper's; the table and
the code are our own. A file knows what should be read from it, so that a reader can be scored cell by cell.
"""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

Row = list[str]
ROWS = 83
COLUMNS = "DATE TIME Qty ACCOUNTID Fee Plan Description URL Comments".split()
_PLANS = (
    "Starter plan",
    "Team plan, yearly",
    "Men's edition",
    'Display, 24"',
    "Kids' pack, Plaid",
    "Add-on",
    'Stand, 5" base, grey',
)
_WORDS = (
    "Onboarding, training and a review after 30 days.",
    "Includes the customer's own reports and exports",
    "Great value: quick to set up, easy to use, and hard to leave.",
    "A remarkably light feel in our 8'9\" model, impeccably designed.",
    "Support by e-mail only, answered within a day",
    "Made for teams that don't want to wait, and for those that can't.",
)


@dataclass(frozen=True)
class Polluted:
    """A file, and what should be read from it; `header` is None for a file without one."""

    name: str
    data: bytes
    header: Row | None
    rows: list[Row]
    weight: float
    loadable: bool = True


def clean_table(seed: int = 1) -> tuple[Row, list[Row]]:
    """Return the header and 83 rows of nine columns; the last column is empty throughout."""
    rng = random.Random(seed)
    rows = []
    for n in range(ROWS):
        day = date(2018, 1, 13) + timedelta(days=n + 12 * (n // 18))
        day = day if day.day > 12 else day.replace(day=day.day + 12)
        code = f"{rng.choice('ABRYZ')}{rng.choice('CGNHI')}-{rng.randrange(1000, 9999)}"
        rows.append(
            [
                day.strftime("%d/%m/%Y"),
                f"{n // 4:02d}:{n % 4 * 15:02d}",
                str(rng.randrange(0, 34)),
                code,
                f"${rng.randrange(100, 9999) / 100:.2f}",
                _PLANS[n % len(_PLANS)],
                _WORDS[n % len(_WORDS)],
                f"https://www.example.com/product/{code.replace('-', '_')}.html",
                "",
            ]
        )
    return list(COLUMNS), rows


def parts(row: Row, delimiter: str = ",", quote: str = '"', escape: str | None = None) -> list[str]:
    """Return the fields of a row as written; descriptions and addresses are quoted, as in the paper."""
    mark = quote if escape is None else escape
    fields = []
    for at, cell in enumerate(row):
        if at in (6, 7) or (delimiter.strip(" ") and delimiter.strip(" ") in cell) or quote in cell:
            fields.append(quote + cell.replace(quote, mark + quote) + quote)
        else:
            fields.append(cell)
    return fields


def line(row: Row, delimiter: str = ",", quote: str = '"', escape: str | None = None) -> str:
    """Return a row as text."""
    return delimiter.join(parts(row, delimiter, quote, escape))


def polluted_files(seed: int = 1, step: int = 1) -> Iterator[Polluted]:
    """Yield every polluted file; of those that differ in row and column only each `step`-th."""
    header, rows = clean_table(seed)
    yield from _of_the_file(header, rows)
    yield from _of_the_dialect(header, rows)
    yield from _of_single_rows(header, rows, step)


def _text(lines: list[str], end: str = "\r\n") -> bytes:
    return (end.join(lines) + end).encode()


def _of_the_file(header: Row, rows: list[Row]) -> Iterator[Polluted]:
    lines = [line(header), *map(line, rows)]
    yield Polluted("source", _text(lines), header, rows, 1)
    yield Polluted("file_no_payload", b"", None, [], 15, loadable=False)
    yield Polluted("file_no_trailing_newline", "\r\n".join(lines).encode(), header, rows, 184)
    yield Polluted("file_double_trailing_newline", _text([*lines, ""]), header, rows, 5)
    yield Polluted("file_no_header", _text(lines[1:]), None, rows, 470)
    for deep in (2, 3):
        joined = [" ".join([name] * deep) for name in header]
        yield Polluted(f"file_header_multirow_{deep}", _text([lines[0]] * deep + lines[1:]), joined, rows, 47)
    blank = "," * (len(header) - 1)
    yield Polluted("file_preamble", _text([f"PREAMBLE{blank}", blank, *lines]), header, rows, 282)
    yield Polluted("file_header_only", _text(lines[:1]), header, [], 3, loadable=False)
    yield Polluted("file_one_data_row", _text(lines[:2]), header, rows[:1], 4)
    for name, change in (("less", -1), ("same", 0), ("more", 1)):
        other = [*header, "col1"] if change > 0 else header[: len(header) + change]
        second = [_fitted(row, len(other)) for row in rows]
        data = _text([*lines, ",".join(other), *map(line, second)])
        both = rows + second
        yield Polluted(f"file_multitable_{name}", data, header, both, 188 / 3)


def _fitted(row: Row, width: int) -> Row:
    return [*row, ""][:width]


def _of_the_dialect(header: Row, rows: list[Row]) -> Iterator[Polluted]:
    table = [header, *rows]
    for end, weight in (("\r", 7), ("\n", 1691)):
        name = f"file_record_delimiter_{ord(end):#x}"
        yield Polluted(name, _text(list(map(line, table)), end), header, rows, weight)
    for mark, weight in (("\t", 4), (";", 834), (" ", 4), (", ", 101)):
        lines = [line(row, mark) for row in table]
        name = "file_field_delimiter_" + "_".join(f"{ord(c):#x}" for c in mark)
        yield Polluted(name, _text(lines), header, rows, weight)
    yield Polluted("file_quotation_0x27", _text([line(r, quote="'") for r in table]), header, rows, 11)
    for escape, weight in (("\\", 1), ("", 7)):
        lines = [line(row, escape=escape) for row in table]
        name = f"file_escape_{ord(escape) if escape else 0:#x}"
        yield Polluted(name, _text(lines), header, rows, weight)


def _of_single_rows(header: Row, rows: list[Row], step: int) -> Iterator[Polluted]:
    table = [header, *rows]
    width = len(header)
    places = [(n, at) for n in range(len(table)) for at in range(width)]
    for n, at in places[::step]:
        fields = parts(table[n])
        if at:
            less = ",".join([*fields[: at - 1], fields[at - 1] + fields[at], *fields[at + 1 :]])
            yield _one_row("row_less_sep", table, n, at, less, 247 / 672)
        more = ",".join([*fields[:at], "", *fields[at:]])
        yield _one_row("row_more_sep", table, n, at, more, 278 / 756)
        quoted = ",".join([*fields[:at], _with_quote(fields[at]), *fields[at + 1 :]])
        yield _one_row("row_extra_quote", table, n, at, quoted, 7 / 756)
    for n in range(0, len(table), step):
        yield _one_row("row_field_delimiter", table, n, 0, line(table[n], " "), 1 / 84)


def _with_quote(part: str) -> str:
    return '""' + part[1:] if part.startswith('"') else '"' + part


def _one_row(kind: str, table: list[Row], n: int, at: int, raw: str, weight: float) -> Polluted:
    """A file in which one row is spoilt; what it should read is what a lenient reader makes of that line."""
    lines = [*map(line, table[:n]), raw, *map(line, table[n + 1 :])]
    if kind == "row_extra_quote":
        cells = [*table[n][:at], '"' + table[n][at], *table[n][at + 1 :]]
    else:
        cells = next(csv.reader([raw]))
    meant = [*table[:n], cells, *table[n + 1 :]]
    return Polluted(f"{kind}_row{n}_col{at}", _text(lines), meant[0], meant[1:], weight)


@dataclass(frozen=True)
class Outcome:
    """What became of a file.

    Attributes
    ----------
    score : float
        0 to 10: loaded, and precision, recall and F1 of header, records and cells.
    state : {"right", "told", "silent", "refused"}
        Read as meant; read in part and told; wrong without a word; refused.
    """

    name: str
    score: float
    state: str
    weight: float


Reader = Callable[[bytes], tuple[Row, list[Row], bool]]
"""Returns header, rows, and whether anything was told; raises to refuse."""


def judge(file: Polluted, read: Reader) -> Outcome:
    """Return the score of a reader on one file.

    A record that is not what the file holds, and was not told, makes the file silently wrong.
    """
    try:
        header, rows, told = read(file.data)
    except Exception:
        return Outcome(file.name, 0.0, "refused", file.weight)
    names = header if file.header is not None else []
    meant = file.header or []
    parts = [(meant, names)] if meant else []
    parts.append((["\x1f".join(_plain(r)) for r in file.rows], ["\x1f".join(_plain(r)) for r in rows]))
    parts.append(([c for r in file.rows for c in r], [c for r in rows for c in r]))
    scores = [_three(a, b) for a, b in parts] + ([] if meant else [3.0])
    right = rows == [_fitted(r, len(r)) for r in file.rows] and (not meant or names == meant)
    state = "right" if right else "told" if told else "silent"
    return Outcome(file.name, 1.0 + sum(scores), state, file.weight)


def _plain(row: Row) -> Row:
    return [cell.strip() or "null" for cell in row]


def _three(meant: list[str], found: list[str]) -> float:
    """Return precision + recall + F1 of two bags."""
    if not meant:
        return 3.0
    same = sum((Counter(meant) & Counter(found)).values())
    if not same:
        return 0.0
    precision, recall = same / len(found), same / len(meant)
    return precision + recall + 2 * precision * recall / (precision + recall)


def weighted(outcomes: list[Outcome]) -> float:
    """Return the mean score by weight."""
    return sum(o.score * o.weight for o in outcomes) / sum(o.weight for o in outcomes)


def summary(outcomes: list[Outcome]) -> str:
    """Return score and states in one line."""
    states = Counter(o.state for o in outcomes)
    simple = sum(o.score for o in outcomes) / len(outcomes)
    shown = ", ".join(f"{name} {states.get(name, 0)}" for name in ("right", "told", "silent", "refused"))
    return f"{weighted(outcomes):.2f} weighted, {simple:.2f} simple, {len(outcomes)} files: {shown}"


def with_csv_module(data: bytes) -> tuple[Row, list[Row], bool]:
    """Read with the standard library, for comparison."""
    rows = [row for row in csv.reader(io.StringIO(data.decode(), newline="")) if row]
    return rows[0], rows[1:], False
