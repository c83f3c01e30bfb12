"""Workbooks that are one XML text: OpenDocument (ods, fods) and XML Spreadsheet 2003, which systems export.

calamine reads ods, but gives error cells as blanks and tells no merged areas: the XML tells both.
"""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from csanalysis.errors import DataContractError
from csanalysis.io.cells import MAX_COLUMNS, cell_text, check_cells, fill_merges
from csanalysis.io.ragged import Grid
from csanalysis.io.repairs import Log, Place
from csanalysis.io.sheet_formats import letters, tell_formats

_DURATION = re.compile(r"(-?)P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?")
_MOST_FAILURES = 100
_LAST_ROW = 1_048_576


@dataclass
class Cell:
    """A cell with what it says and how far it reaches.

    Attributes
    ----------
    text : str
    times, wide, deep : int
        How often it stands side by side, and the columns and rows that it is merged over.
    index : int
        Position that it names; -1 for the one behind the cell before it.
    fault, code : str
        Rule of the failure that it is, and the format of a number.
    """

    text: str = ""
    times: int = 1
    wide: int = 1
    deep: int = 1
    index: int = -1
    fault: str = ""
    code: str = ""


@dataclass
class Sheet:
    """A sheet as it is read: rows from the top, empty ones as empty lists."""

    title: str
    visible: bool = True
    rows: list[list[str]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    faults: list[tuple[int, int, Cell]] = field(default_factory=list)
    formats: dict[int, list[str]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    hidden_columns: list[int] = field(default_factory=list)
    area: int = 0
    blank: int = 0

    def add(self, cells: list[Cell], place: Place, *, times: int = 1, hidden: bool = False) -> None:
        """Add a row, as often as it is repeated; blank ones are held once a row with cells follows.

        Raises
        ------
        DataContractError
            If the row, or the sheet, is longer than a sheet may be.
        """
        row: list[str] = []
        n = self.height
        for cell in cells:
            if cell.index >= 0:
                row += [""] * (cell.index - len(row))
            at = len(row)
            if cell.wide > 1 or cell.deep > 1:
                self.merges.append((n, at, n + cell.deep - 1, at + cell.wide - 1))
            if cell.fault:
                self.faults.append((n + 1, at, cell))
            if cell.code and cell.code not in self.formats.setdefault(at, []):
                self.formats[at].append(cell.code)
            row += [cell.text] * (min(cell.times, MAX_COLUMNS) if cell.text else 0)
            if not cell.text:
                row += [""] * min(cell.times, MAX_COLUMNS - at)
            if len(row) > MAX_COLUMNS:
                shown, limit = f"{len(row):,}", f"{MAX_COLUMNS:,}"
                raise place.fault("too_many_columns", row=n + 1, columns=shown, limit=limit)
        while row and not row[-1]:
            row.pop()
        stated = max(0, times)
        times = max(0, min(times, _LAST_ROW - n))
        if not row:
            self.blank += times
            return
        if n + stated > _LAST_ROW:
            raise place.fault("not_workbook", reason=f"row {n + stated:,} > {_LAST_ROW:,}")
        self.area += self.blank + times * len(row)
        check_cells(self.area, 1, place)
        self.rows += [[]] * self.blank + [row] * times
        self.blank = 0
        if hidden:
            self.hidden.update(range(n + 1, n + times + 1))

    @property
    def height(self) -> int:
        """Rows so far, the blank ones at the end included."""
        return len(self.rows) + self.blank


@dataclass
class XmlBook:
    """An opened workbook.

    Attributes
    ----------
    tables : list of Sheet
    sheets : list of (title, is_visible, title)
    """

    tables: list[Sheet]
    sheets: list[tuple[str, bool, str]]

    def grid(self, title: str, place: Place, log: Log) -> Grid:
        """Return the cells of a sheet, merged areas filled; error cells and formulas without value stop."""
        sheet = next(table for table in self.tables if table.title == title)
        if sheet.faults:
            raise DataContractError(
                [
                    place.failure(cell.fault, row=n, column=letters(at), value=cell.text)
                    for n, at, cell in sheet.faults[:_MOST_FAILURES]
                ]
            )
        last = max((n for n, row in enumerate(sheet.rows, 1) if row), default=0)
        columns = max(map(len, sheet.rows), default=0)
        check_cells(last, columns, place)
        rows = [row + [""] * (columns - len(row)) for row in sheet.rows[:last]]
        fill_merges(rows, sheet.merges, log, place)
        scaled = tell_formats(sheet.formats, log)
        hidden_columns = [at for at in sheet.hidden_columns if at < columns]
        return Grid(rows, list(range(1, last + 1)), sheet.merges, sheet.hidden, hidden_columns, scaled)


def open_xml(data: bytes, kind: str, place: Place) -> XmlBook:
    """Open a workbook.

    Parameters
    ----------
    data : bytes
    kind : {"ods", "fods", "xml"}

    Raises
    ------
    DataContractError
        If it is locked by a password, declares a document type, is no well-formed XML, or has rows or
        columns beyond those of a sheet.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    from csanalysis.io.sheets_ods import ods_sheets
    from csanalysis.io.sheets_xml2003 import xml2003_sheets

    parts = [data]
    try:
        if kind == "ods":
            parts = _parts(data, place)
        read: Callable[[Iterator[tuple[str, Any]], Place], list[Sheet]]
        read = xml2003_sheets if kind == "xml" else ods_sheets
        events = (iterparse(io.BytesIO(part), events=("start", "end"), forbid_dtd=True) for part in parts)
        tables = read(itertools.chain.from_iterable(events), place)
    except DataContractError:
        raise
    except DefusedXmlException as error:
        raise place.fault("document_type", part=place.file) from error
    except Exception as error:  # of the parts of the archive, of its XML, and of numbers and days in it
        raise place.fault("not_workbook", reason=f"{type(error).__name__}: {error}"[:200]) from error
    if not tables:
        raise place.fault("not_workbook", reason="no sheet")
    return XmlBook(tables, [(table.title, table.visible, table.title) for table in tables])


def _parts(data: bytes, place: Place) -> list[bytes]:
    """Return the texts of an archive: the styles, where they stand apart, and the cells."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.namelist()
        manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in parts else b""
        if b"encryption-data" in manifest:
            raise place.fault("password")
        return [archive.read(part) for part in ("styles.xml", "content.xml") if part in parts]


def day_text(written: str) -> str:
    """Return a day or a time of a day in ISO form as a cell shows it.

    Examples
    --------
    >>> day_text("2024-04-01T00:00:00.000"), day_text("1899-12-31T09:30:00.000"), day_text("2024-04-01")
    ('2024-04-01', '9:30', '2024-04-01')
    """
    day = datetime.fromisoformat(written.rstrip("Z"))
    since = day - datetime(1899, 12, 31)
    return cell_text(since if since < timedelta(days=60) else day)


def duration_text(written: str) -> str:
    """Return a duration in ISO form as hours and minutes.

    Examples
    --------
    >>> duration_text("PT172H15M00S"), duration_text("P1DT2H")
    ('172:15', '26:00')
    """
    found = _DURATION.fullmatch(written)
    if found is None:
        return written
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
    shown = cell_text(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))
    return found[1] + shown


def local(tag: str) -> str:
    """Return the name of a tag or attribute without its namespace."""
    return tag.rpartition("}")[2]


def given(node: Any) -> dict[str, str]:
    """Return the attributes of an element without their namespaces."""
    return {local(name): value for name, value in node.attrib.items()}
