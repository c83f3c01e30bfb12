"""Lines that are longer or shorter than the rows of a table: blank ends, titles, remarks, and comments."""

from __future__ import annotations

from csanalysis.io.records import Records, usual_width
from csanalysis.io.repairs import Log, listed, shortened
from csanalysis.io.values import CODE, DATE, EMPTY, NUMBER, WORDS, is_yearish, kind_of

_MOST_ROWS = 5
"""Most rows that a header may take."""
_FIELDS, _TOP = "#Fields:", 20
"""How the names of a log begin, and the lines in which they are looked for."""
_HEAD = 4000
"""Characters in which they are looked for."""
_WIDE = 3
"""Columns from which a text alone in its row is no datum."""
_PROSE = 5
"""Words from which a cell is prose and no name."""


def without_blank_ends(rows: list[list[str]], numbers: list[int], filled: list[int], log: Log) -> None:
    """Cut the blank fields that end the rows of a header where all rows below it are alike shorter.

    Examples
    --------
    >>> log, rows = Log(), [["id", "name", ""], ["1", "a"], ["2", "b"]]
    >>> without_blank_ends(rows, [1, 2, 3], [0, 1, 2], log)
    >>> rows[0], log.entries[0]["rule"]
    (['id', 'name'], 'extra_blank_fields')
    """
    width = len(rows[filled[-1]]) if filled else 0
    body = next((at for at, n in enumerate(reversed(filled)) if len(rows[n]) != width), len(filled))
    longer = [n for n in filled[: len(filled) - body] if len(rows[n]) > width]
    if width < 2 or not 0 < len(longer) <= _MOST_ROWS or longer[-1] != filled[len(filled) - body - 1]:
        return
    if any(cell.strip() for n in longer for cell in rows[n][width:]):
        return
    for n in longer:
        before, rows[n] = rows[n], rows[n][:width]
        cells, shown = (str(numbers[n]),), " | ".join(rows[n])
        log.tell("extra_blank_fields", cells=cells, before=",".join(before), after=shown)


def without_comments(records: Records, log: Log, delimiter: str) -> Records:
    """Drop the lines of another length that begin with # between the rows of a table.

    Lines above the table stay; so does everything where a row itself begins so.

    Examples
    --------
    >>> log, rows = Log(), [["id", "v"], ["1", "a"], ["# second shift"], ["2", "b"]]
    >>> without_comments(Records(rows, [1, 2, 3, 4]), log, ",").lines, log.entries[0]["rule"]
    ([1, 2, 4], 'comments')
    """
    marked = [n for n, row in enumerate(records.rows) if row and row[0].startswith("#")]
    if not marked:
        return records
    width = usual_width(records.rows)
    usual = [n for n, row in enumerate(records.rows) if len(row) == width]
    if width < 2 or not usual or any(len(records.rows[n]) == width and n > usual[0] for n in marked):
        return records
    gone = {n for n in marked if usual[0] < n < usual[-1]}
    if not gone:
        return records
    words = [delimiter.join(records.rows[n]).strip() for n in sorted(gone)]
    lines = [str(records.lines[n]) for n in sorted(gone)]
    log.tell("comments", listed(map(shortened, words)), cells=lines, before=words[0])
    kept = [n for n in range(len(records.rows)) if n not in gone]
    damaged = {at: records.damaged[n] for at, n in enumerate(kept) if n in records.damaged}
    return Records([records.rows[n] for n in kept], [records.lines[n] for n in kept], damaged)


def without_directives(text: str) -> str:
    r"""Return a log in the W3C extended format without the lines that begin with #; any other text as it is.

    Examples
    --------
    >>> without_directives("#Fields: date uri\n2024-04-01 /a\n"), without_directives("#a,b\n1,2\n")
    ('2024-04-01 /a\n', '#a,b\n1,2\n')
    """
    if not text.startswith("#") or _FIELDS not in text[:_HEAD]:
        return text
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#")) or text


def with_field_names(records: Records, log: Log) -> Records:
    """Take the names of a log in the W3C extended format (#Fields: date time ...) for its header.

    Examples
    --------
    >>> log, rows = Log(), [["#Version:", "1.0"], ["#Fields:", "date", "uri"], ["2024-04-01", "/a"]]
    >>> with_field_names(Records(rows, [1, 2, 3]), log).rows[1], log.entries[0]["rule"]
    (['date', 'uri'], 'field_names')
    """
    at = next((n for n, row in enumerate(records.rows[:_TOP]) if row and row[0].startswith(_FIELDS)), None)
    if at is None:
        return records
    names = " ".join(records.rows[at]).removeprefix(_FIELDS).split()
    usual = {len(row) for row in records.rows[at + 1 : at + _TOP] if row and not row[0].startswith("#")}
    if usual != {len(names)}:
        return records
    log.tell("field_names", listed(names), cells=[str(records.lines[at])], before=" ".join(records.rows[at]))
    rows = list(records.rows)
    rows[at] = names
    for n in range(at):
        rows[n] = [" ".join(rows[n])] if rows[n] else []
    return Records(rows, records.lines, records.damaged)


def is_title(row: list[str], header: list[str], kinds: tuple[str, ...]) -> bool:
    """Tell whether a row of another length is a title with delimiters in it, above a plain header.

    Parameters
    ----------
    kinds : tuple of str
        Kind of the cells of each column below; empty where they are no one kind.

    Examples
    --------
    >>> is_title(["Sample 22", "Saturday", " 11 Feb 2017"], ["time", "value"], ("number", "number"))
    True
    """
    distinct = {cell.strip() for cell in header} - {""}
    if len(distinct) < len(header) or not any(kinds):
        return False
    if any(
        kind_of(cell) not in (WORDS, CODE) or kind_of(cell) == kinds[at] for at, cell in enumerate(header)
    ):
        return False
    prose = any(len(cell.split()) >= _PROSE or kind_of(cell) in (NUMBER, DATE) for cell in row)
    return prose and not any(map(is_yearish, row))


def is_remark(rows: list[list[str]], n: int, width: int) -> bool:
    """Tell whether a row holds one text alone, right below the names of the columns and above their rows.

    Examples
    --------
    >>> is_remark([["day", "shop", "amount"], ["card of A"], ["2024-04-01", "x", "5"]], 1, 3)
    True
    """
    if not 0 < n < len(rows) - 1 or len(rows[n]) != 1 or width < _WIDE or kind_of(rows[n][0]) != WORDS:
        return False
    above, below = rows[n - 1], rows[n + 1]
    named = len(above) == width and all(kind_of(cell) in (WORDS, EMPTY) for cell in above)
    return named and len(below) == width and any(kind_of(cell) not in (WORDS, EMPTY) for cell in below)
