"""Sheets of an Office Open XML workbook, transitional or strict.

openpyxl reads small sheets (it knows number formats); calamine reads large and strict ones. What neither
tells, the sheet's XML does: error cells, formulas without a result, merged areas, hidden rows.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from csanalysis.errors import DataContractError, Failure
from csanalysis.io.cells import EXCEL_ERRORS, cell_text, check_cells, fill_merges
from csanalysis.io.ragged import Grid
from csanalysis.io.repairs import Log, Place

SMALL = 200_000
"""Cells up to which openpyxl reads a sheet."""
_STRICT = b"http://purl.oclc.org/ooxml/"
_MOST_FAILURES = 100
_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*?(/?)>')
_ERROR = re.compile(rb'<c\b([^>]*\bt="e"[^>]*)>(.*?)</c>', re.S)
_BARE_FORMULA = re.compile(
    rb"<c\b([^>]*)>\s*<f\b[^>]*?(?:/>|>([^<]*)</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>", re.S
)
_REF = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_MERGE = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_HIDDEN = re.compile(rb'<row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d{1,7})"')
_PREFIX = re.compile(rb"<(/?)[A-Za-z]\w*:(?=(?:worksheet|row|c|f|v|is|t|mergeCell|sheetData)\b)")


@dataclass
class XlsxBook:
    """An opened workbook.

    Attributes
    ----------
    data : bytes
    sheets : list of (title, is_visible, part)
    strict : bool
    """

    data: bytes
    sheets: list[tuple[str, bool, str]]
    strict: bool
    _books: dict[str, Any] = field(default_factory=dict)

    def grid(self, title: str, place: Place, log: Log) -> Grid:
        """Return the cells of a sheet, merged areas filled.

        Raises
        ------
        DataContractError
            With every error cell and every formula without its result.
        """
        part = next(part for name, _, part in self.sheets if name == title)
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            xml = _PREFIX.sub(rb"<\1", archive.read(part))
        rows, columns, count = _extent(xml)
        check_cells(rows, columns, place)
        failures = [*_errors(xml, place), *_bare_formulas(xml, place)]
        if failures:
            raise DataContractError(failures[:_MOST_FAILURES])
        small = count <= SMALL and not self.strict
        cells = self._small(title, rows, columns) if small else self._large(title, rows, columns)
        _check_texts(cells, place)
        merges = [
            (int(top) - 1, _number(left), int(bottom) - 1, _number(right))
            for left, top, right, bottom in _MERGE.findall(xml)
        ]
        fill_merges(cells, merges, log)
        hidden = {int(row) for row in _HIDDEN.findall(xml)}
        return Grid(cells, list(range(1, len(cells) + 1)), merges, hidden)

    def _small(self, title: str, rows: int, columns: int) -> list[list[str]]:
        import openpyxl

        if "small" not in self._books:
            self._books["small"] = openpyxl.load_workbook(io.BytesIO(self.data), data_only=True)
        sheet = self._books["small"][title]
        if not rows:
            return []
        return [
            [cell_text(cell.value, str(cell.number_format)) for cell in row]
            for row in sheet.iter_rows(max_row=rows, max_col=columns)
        ]

    def _large(self, title: str, rows: int, columns: int) -> list[list[str]]:
        import python_calamine

        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(self.data))
        found = book.get_sheet_by_name(title).to_python(skip_empty_area=False, nrows=rows or None)
        cells = [[cell_text(value) for value in row[:columns]] for row in found]
        cells += [[] for _ in range(rows - len(cells))]
        return [(row + [""] * (columns - len(row)))[:columns] for row in cells[:rows]]


def open_xlsx(data: bytes, place: Place) -> XlsxBook:
    """Open a workbook whose archive was checked before.

    Raises
    ------
    DataContractError
        If its parts are broken.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            main = _main_part(archive)
            raw = archive.read(main)
            book = fromstring(raw)
            folder = posixpath.dirname(main)
            links = fromstring(archive.read(f"{folder}/_rels/{posixpath.basename(main)}.rels"))
            names = set(archive.namelist())
    except (KeyError, ParseError, DefusedXmlException, zipfile.BadZipFile, ValueError) as error:
        raise place.fault("not_workbook", reason=str(error)) from error
    targets = {link.get("Id"): posixpath.normpath(_part(folder, link.get("Target", ""))) for link in links}
    sheets = []
    for sheet in book.iter():
        if sheet.tag.rpartition("}")[2] != "sheet":
            continue
        link = next((v for k, v in sheet.attrib.items() if k.rpartition("}")[2] == "id"), None)
        part = targets.get(link, "")
        if part in names and "worksheets" in part:
            sheets.append((sheet.get("name", ""), sheet.get("state", "visible") == "visible", part))
    return XlsxBook(data, sheets, _STRICT in raw)


def _main_part(archive: zipfile.ZipFile) -> str:
    return next(n for n in ("xl/workbook.xml", *archive.namelist()) if n.lower().endswith("xl/workbook.xml"))


def _part(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"


def _number(letters: bytes) -> int:
    """Return the position, from 0, of a column by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _extent(xml: bytes) -> tuple[int, int, int]:
    """Return rows, columns and number of the cells that hold something."""
    rows, count = 0, 0
    letters: set[bytes] = set()
    for column, row, closed in _CELL.findall(xml):
        if not closed:
            count += 1
            letters.add(column)
            rows = max(rows, int(row))
    return rows, max(map(_number, letters), default=-1) + 1, count


def _errors(xml: bytes, place: Place) -> Iterator[Failure]:
    if b't="e"' not in xml:
        return
    for attributes, inside in _ERROR.findall(xml):
        found, value = _REF.search(attributes), _VALUE.search(inside)
        if found:
            shown = value[1].decode() if value else ""
            yield place.failure("excel_error", row=int(found[2]), column=found[1].decode(), value=shown)


def _bare_formulas(xml: bytes, place: Place) -> Iterator[Failure]:
    if b"<f" not in xml:
        return
    for attributes, formula in _BARE_FORMULA.findall(xml):
        found = _REF.search(attributes)
        if found and b't="str"' not in attributes:
            shown = "=" + formula.decode("utf-8", "replace")
            yield place.failure(
                "formula_without_value", row=int(found[2]), column=found[1].decode(), value=shown
            )


def _check_texts(cells: list[list[str]], place: Place) -> None:
    """Error values that were pasted as text are errors all the same."""
    failures = [
        place.failure("excel_error", row=n, value=cell)
        for n, row in enumerate(cells, 1)
        if not EXCEL_ERRORS.isdisjoint(row)
        for cell in row
        if cell in EXCEL_ERRORS
    ]
    if failures:
        raise DataContractError(failures[:_MOST_FAILURES])
