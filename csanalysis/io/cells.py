"""Cells of a workbook as the text a person would see, and areas of a sheet."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from tqdm import tqdm

from csanalysis.io.cleaning import plain_sign
from csanalysis.io.repairs import Log, Place
from csanalysis.io.sheet_formats import coded, letters

EXCEL_ERRORS = frozenset(
    "#N/A #REF! #DIV/0! #VALUE! #NAME? #NUM! #NULL! #SPILL! #CALC! #GETTING_DATA #FIELD! #BLOCKED!".split()
)
MAX_CELLS = 30_000_000
MAX_COLUMNS = 16_384
"""As many as a spreadsheet has."""
"""Most cells of a sheet, counting the blanks between them."""
LARGE = 300_000
"""Cells from which a table counts as large."""
_MOST_SHARED = 1_000_000
_LABELS = re.compile(
    r"(^|[_\s])(id|ids|code|cd|no|year|month|week|day|quarter)\.?$|id$|コード|番号|品番|型番|№|年|月$|週$|期$|日$|順位|[回項]$",
    re.I,
)


def cell_text(value: Any, number_format: str = "") -> str:
    """Return a value as text: whole numbers without decimals, dates in ISO form, durations as h:mm.

    Examples
    --------
    >>> cell_text(90.0), cell_text(7, "00000"), cell_text(date(2026, 4, 1)), cell_text(timedelta(hours=25.5))
    ('90', '00007', '2026-04-01', '25:30')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return coded(int(value), number_format)
        if not math.isfinite(value):
            raise ValueError(f"no number: {value}")
        return repr(value)
    if isinstance(value, int):
        return coded(value, number_format)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
    if isinstance(value, time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    return str(value)


def check_cells(rows: int, columns: int, place: Place) -> None:
    """Stop at a sheet of more than `MAX_CELLS` cells: one stray cell far out makes it that large."""
    if rows * columns > MAX_CELLS:
        raise place.fault("too_many_cells", rows=f"{rows:,}", columns=f"{columns:,}", limit=f"{MAX_CELLS:,}")


def shared(rows: Iterator[list[str]], cells: int, total: int | None = None) -> list[list[str]]:
    """Return rows with equal cells as one string; a terminal shows how far a large table is read."""
    if cells < LARGE:
        return list(rows)
    seen: dict[str, str] = {}
    found = []
    with tqdm(rows, total=total, unit=" rows", disable=not sys.stderr.isatty(), leave=False) as shown:
        for row in shown:
            found.append([seen.setdefault(cell, cell) for cell in row])
            if len(seen) > _MOST_SHARED:
                seen.clear()
    return found


def fill_merges(
    rows: list[list[str]], merges: list[tuple[int, int, int, int]], log: Log, place: Place
) -> None:
    """Write the value of each merged area into all its cells; a number merged downwards counts once.

    Raises
    ------
    DataContractError
        If areas overlap so much that they hold more cells than the sheet: no spreadsheet writes that.
    """
    width = max(map(len, rows), default=0)
    area = sum(
        max(0, min(bottom, len(rows) - 1) - top + 1) * max(0, min(right, width - 1) - left + 1)
        for top, left, bottom, right in merges
    )
    if area > len(rows) * width:
        raise place.fault("not_workbook", reason="overlapping merged areas")
    filled: list[str] = []
    example = ""
    for top, left, bottom, right in merges:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        if not value.strip() or (left == right and _is_number(value)):
            continue
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [value] * len(row[left : right + 1])
        filled.append(f"{letters(left)}{top + 1}:{letters(right)}{bottom + 1}")
        example = example or value
    if filled:
        log.tell("merged_cells", cells=filled, before=example, after=example)


def numbers_once(
    rows: list[list[str]],
    merges: list[tuple[int, int, int, int]],
    names: tuple[str, ...],
    body: int,
    log: Log,
) -> None:
    """Leave a number that was merged below the header in its first cell alone: a datum counts once.

    In columns of identifiers, years and the like it stands for every row of its area. Words that fill a row
    of their own, merged over its columns, are a heading and stand once, too.

    Parameters
    ----------
    rows : list of list of str
        Rows of the sheet, merged areas filled.
    merges : list of tuple
        Merged areas (top, left, bottom, right), positions in `rows`.
    names : tuple of str
        Names of the columns.
    body : int
        Position of the first row below the header.
    """
    once: list[str] = []
    repeated: list[str] = []
    for top, left, bottom, right in merges:
        if top < body or top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        if not _is_number(plain_sign(value).replace(",", "")):
            if top == bottom and left < right and {cell.strip() for cell in rows[top]} <= {value.strip(), ""}:
                rows[top][left + 1 : right + 1] = [""] * len(rows[top][left + 1 : right + 1])
            continue
        labels = left == right and bool(_LABELS.search(names[left]))
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [value if labels else ""] * len(row[left : right + 1])
        rows[top][left] = value
        (repeated if labels else once).append(f"{letters(left)}{top + 1}:{letters(right)}{bottom + 1}")
    if repeated:
        log.tell("merged_labels", cells=repeated)
    if once:
        log.tell("merged_numbers", cells=once)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).isdigit()
