"""Columns written with a decimal comma (1.234,56): brought to a point where nothing else can be meant."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import pandas as pd

from csanalysis.io.cleaning import NULLS
from csanalysis.io.repairs import Log

_NUMBER = re.compile(
    r"(?P<sign>[-+−]?)\s?(?P<whole>\d{1,3}(?P<part>[. ])\d{3}(?:(?P=part)\d{3})*|\d+)(?:,(?P<fraction>\d+))?"
    r"(?P<percent>\s?%)?(?P<end>-?)",
    re.ASCII,
)
_GROUPED = re.compile(r"[-+]?\d{1,3}([.,])\d{3}(\1\d{3})*-?", re.ASCII)
_POINT = re.compile(r"[-+]?\d+\.(\d{1,2}|\d{4,})", re.ASCII)
_NAMES = re.compile(r"(^|[_\s])(id|code|cd|no|version|ip|tel|phone)\.?$|コード|番号|電話", re.I)


@dataclass(frozen=True)
class _Column:
    name: str
    cells: list[str]
    commas: list[str]
    sure: bool


def with_points(frame: pd.DataFrame, delimiter: str, log: Log) -> pd.DataFrame:
    """Return the table with decimal commas as points, for whole columns in which they are certain.

    A point before groups of three and a comma behind it (1.234,56) is certain in every file. Where semicolons
    part the fields, the comma is free to be the decimal mark, and 0,5 or 12,50 are certain too, unless the
    file also writes decimal points; with one such column, 1,5 is certain in the others. 1,234 and 1.234 alone
    may be either: they stay and are told.

    Parameters
    ----------
    frame : pandas.DataFrame
        Text cells.
    delimiter : str
        What parts the fields of the file; empty for a workbook.
    log : Log
        Takes an entry for every column that was changed, and one for the columns in doubt.
    """
    found = [c for name in frame.columns if (c := _column(str(name), frame[name], delimiter)) is not None]
    sure = [column for column in found if column.sure]
    if delimiter == ";" and sure:
        sure = [c for c in found if c.sure or any(len(cell.partition(",")[2]) == 1 for cell in c.commas)]
    if delimiter == ";" and any(frame[name].str.fullmatch(_POINT.pattern).any() for name in frame.columns):
        sure = [column for column in sure if any(_both(cell) for cell in column.commas)]
    changed: dict[str, pd.Series[str]] = {}
    for column in sure:
        changed[column.name] = _changed(column, frame[column.name], log)
    if delimiter == ";":
        _tell_doubt(frame, [c for c in found if c.name not in changed], bool(sure), set(changed), log)
    return frame.assign(**changed)


def to_point(cell: str) -> str | None:
    """Return a number with a decimal comma as a plain one; None if it is no such number.

    Groups of three are parted by points or spaces; a minus may stand behind, as accounting systems write it.

    Examples
    --------
    >>> to_point("1.234,56"), to_point("12,5%"), to_point("1 234,00-"), to_point("1,2,3")
    ('1234.56', '12.5%', '-1234.00', None)
    """
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", cell).strip())
    if found is None or (found["sign"] and found["end"]):
        return None
    sign = "-" if found["end"] or found["sign"] in ("-", "−") else ""
    whole = found["whole"].replace(".", "").replace(" ", "")
    fraction = f".{found['fraction']}" if found["fraction"] else ""
    return f"{sign}{whole}{fraction}{'%' if found['percent'] else ''}"


def _column(name: str, series: pd.Series[str], delimiter: str) -> _Column | None:
    """Return a column whose cells are all numbers with a decimal comma, or without decimals."""
    if _NAMES.search(name) or not series.str.contains(",", regex=False).any():
        return None
    cells = [cell for cell in series.unique().tolist() if cell and cell not in NULLS]
    commas = [cell for cell in cells if "," in cell]
    if any(to_point(cell) is None for cell in cells):
        return None
    sure = any(map(_both, commas)) or (delimiter == ";" and any(map(_is_fraction, commas)))
    return _Column(name, cells, commas, sure)


def _both(cell: str) -> bool:
    """Tell whether a cell has groups of three and a decimal comma."""
    return bool(re.search(r"\d[. ]\d{3},\d", unicodedata.normalize("NFKC", cell)))


def _is_fraction(cell: str) -> bool:
    """Tell whether what stands behind a comma can be no group of three, and no second item of a list."""
    whole, _, fraction = cell.strip().rstrip("-% ").partition(",")
    return len(fraction) not in (1, 3) or whole.lstrip("-+") == "0" or (len(fraction) == 1 and "%" in cell)


def _changed(column: _Column, series: pd.Series[str], log: Log) -> pd.Series[str]:
    mapping = {cell: to_point(cell) or cell for cell in column.cells}
    different = [cell for cell, plain in mapping.items() if cell != plain]
    log.tell_cells("decimal_comma", series, different, after=mapping[different[0]])
    return series.map(lambda cell: mapping.get(cell, cell)).astype(str)


def _tell_doubt(frame: pd.DataFrame, left: list[_Column], commas: bool, changed: set[str], log: Log) -> None:
    """Tell of columns whose comma or point may be either mark; points only where commas are decimal marks."""
    doubtful = {column.name: column.commas[0] for column in left}
    for name in frame.columns if commas else ():
        if name in changed or name in doubtful or _NAMES.search(str(name)):
            continue
        series = frame[name]
        grouped = series.str.fullmatch(_GROUPED.pattern)
        if grouped.any() and (grouped | series.str.fullmatch(r"[-+]?\d*-?")).all():
            doubtful[str(name)] = str(series[grouped].iloc[0])
    if doubtful:
        log.tell(
            "decimal_doubt", ", ".join(doubtful), cells=list(doubtful), before=next(iter(doubtful.values()))
        )
