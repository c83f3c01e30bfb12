"""Sheets of an Office Open XML workbook, transitional or strict.

openpyxl reads small sheets (it knows number formats); calamine reads large and strict ones. What neither
tells, the sheet's XML does: error cells, formulas without a result, merged areas, hidden rows.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

import numpy as np

from csanalysis.errors import DataContractError, Failure
from csanalysis.io.cells import EXCEL_ERRORS, cell_text, check_cells, fill_merges, shared
from csanalysis.io.containers import MAX_BYTES
from csanalysis.io.ragged import Grid
from csanalysis.io.repairs import Log, Place
from csanalysis.io.sheet_formats import (
    coded,
    column_at,
    format_codes,
    format_columns,
    padded_cells,
    tell_formats,
)
from csanalysis.io.sheet_references import with_references
from csanalysis.io.workbook_parts import sheets_of

SMALL = 200_000
"""Cells up to which openpyxl reads a sheet."""
_MOST_FAILURES = 100
_CELL = re.compile(
    rb'<c\b[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"[^<>]*?(/?)>|<row\b(?=[\s>])(?:[^<>]*?\br="(\d{1,7})")?'
)
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_ERROR = re.compile(rb'<c\b([^<>]*\bt="e"[^<>]*)(?<!/)>([^<]*(?:<(?!/?c\b)[^<]*)*)</c>')
_BARE_FORMULA = re.compile(
    rb"<c\b([^<>]*)(?<!/)>\s*<f\b[^<>]*(?:(?<=/)>|(?<!/)>([^<]*)</f>)\s*(?:(?:<v\s*/>|<v>\s*</v>)\s*)?</c>"
)
_REF = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_MERGE = re.compile(rb'<mergeCell\b[^<>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_HIDDEN = re.compile(rb'<row\b(?=[^<>]*\bhidden="(?:1|true)")[^<>]*\br="(\d{1,7})"')
_COLUMN = re.compile(rb"<col\b[^<>]*>")
_PREFIX = re.compile(rb"<(/?)[A-Za-z]\w*:(?=(?:worksheet|row|c|f|v|is|t|mergeCell|sheetData)\b)")
_SHARED = re.compile(rb'<c\b[^<>]*\bt="s"[^<>]*>\s*<v>\s*(-?\d{1,9})\s*</v>')
_ITEM = re.compile(rb"<(?:\w+:)?si\b")


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

    def grid(self, title: str, place: Place, log: Log) -> Grid:
        """Return the cells of a sheet, merged areas filled.

        Raises
        ------
        DataContractError
            With every error cell and every formula without its result.
        """
        part = next(part for name, _, part in self.sheets if name == title)
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            xml = archive.read(part)
            if xml.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise place.fault("not_workbook", reason=f"UTF-16: {part}")
            _check_form(xml, place)
            if b"<c " not in xml:
                xml = _PREFIX.sub(rb"<\1", xml)
            _check_unfolded(xml, archive, place)
        xml = with_references(xml)
        rows, columns, count = _extent(xml, place)
        check_cells(rows, columns, place)
        failures = [*_errors(xml, place), *_bare_formulas(xml, place)]
        if failures:
            raise DataContractError(failures[:_MOST_FAILURES])
        merges = [
            (int(top) - 1, column_at(left), int(bottom) - 1, column_at(right))
            for left, top, right, bottom in _MERGE.findall(xml)
        ]
        small = count <= SMALL and not self.strict
        codes = format_codes(self.data)
        padded = {} if small else padded_cells(xml, codes)
        formats = format_columns(xml, codes)
        hidden = {int(row) for row in _HIDDEN.findall(xml)}
        concealed = _hidden_columns(xml, columns)
        read = self._small if small else self._large
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions, which hold no values
            try:
                cells = shared(read(title, rows, columns), count, rows)
            except (TypeError, ValueError):  # of what openpyxl checks beside the values: fonts, rules, lists
                if not small:
                    raise
                padded = padded_cells(xml, codes)
                cells = shared(self._large(title, rows, columns), count, rows)
        del xml
        cells += [[] for _ in range(rows - len(cells))]
        cells = [row if len(row) == columns else (row + [""] * columns)[:columns] for row in cells]
        for (n, at), code in padded.items():
            cells[n][at] = coded(int(cells[n][at]), code)
        _check_texts(cells, place)
        fill_merges(cells, merges, log, place)
        scaled = tell_formats(formats, log)
        return Grid(cells, list(range(1, len(cells) + 1)), merges, hidden, concealed, scaled)

    def _small(self, title: str, rows: int, columns: int) -> Iterator[list[str]]:
        import openpyxl
        from openpyxl.utils.escape import unescape

        book = openpyxl.load_workbook(io.BytesIO(self.data), data_only=True, read_only=True)
        sheet = book[title]
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_row=rows, max_col=columns) if rows else ():
            texts = [cell_text(cell.value, str(cell.number_format)) for cell in row]
            yield [unescape(text) if "_x" in text else text for text in texts]

    def _large(self, title: str, rows: int, columns: int) -> Iterator[list[str]]:
        import python_calamine

        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(self.data))
        sheet = book.get_sheet_by_name(title)
        before = [""] * (sheet.start or (0, 0))[1]
        for row in sheet.iter_rows():
            yield before + [cell_text(value) for value in row[: columns - len(before)]]


def _check_form(xml: bytes, place: Place) -> None:
    """Stop at a sheet that is no well-formed XML: patterns are looked for in sound tags only."""
    parser = expat.ParserCreate()

    def stop(name: str, *_: object) -> None:
        raise place.fault("document_type", part=name)

    parser.StartDoctypeDeclHandler = stop
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise place.fault("not_workbook", reason=str(error)) from error


def _check_unfolded(xml: bytes, archive: zipfile.ZipFile, place: Place) -> None:
    """Stop where shared texts are missing, or few long ones would unfold to more than `MAX_BYTES`."""
    part = next((n for n in archive.namelist() if n.lower().endswith("xl/sharedstrings.xml")), None)
    if part is None:
        return
    texts = archive.read(part)
    starts = [found.start() for found in _ITEM.finditer(texts)]
    lengths = np.diff(np.array([*starts, len(texts)]))
    used = np.fromiter((int(found[1]) for found in _SHARED.finditer(xml)), np.int64)
    if len(used) and not 0 <= int(used.min()) <= int(used.max()) < len(lengths):
        raise place.fault("not_workbook", reason=f"no text {used.max()} of {len(lengths)}")
    total = int(lengths[used].sum())
    if total > MAX_BYTES:
        raise place.fault("archive_size", size=total // 1_000_000, limit=MAX_BYTES // 1_000_000)


def open_xlsx(data: bytes, place: Place) -> XlsxBook:
    """Open a workbook whose archive was checked before.

    Raises
    ------
    DataContractError
        If its parts are broken, or a sheet is named that it does not hold.
    """
    return XlsxBook(data, *sheets_of(data, place))


def _hidden_columns(xml: bytes, columns: int) -> list[int]:
    """Return the positions of the columns that a sheet does not show."""
    found: set[int] = set()
    for tag in _COLUMN.findall(xml):
        low, high = (re.search(rb'\b%b="(\d{1,5})"' % name, tag) for name in (b"min", b"max"))
        if low and high and re.search(rb'\bhidden="(?:1|true)"', tag):
            found.update(range(int(low[1]) - 1, min(int(high[1]), columns)))
    return sorted(found)


def _extent(xml: bytes, place: Place) -> tuple[int, int, int]:
    """Return rows, columns and number of the cells that hold something; cells out of order stop.

    Parsers drop rows that stand behind later ones, keep one of two cells of one place, and differ over a
    cell that names another row than the one it stands in.
    """
    rows, columns, count, last, row = 0, 0, 0, (0, -1), 0
    positions: dict[bytes, int] = {}
    for found in _CELL.finditer(xml):
        if not found[1]:
            row = int(found[4] or 0)
            continue
        at = positions.get(found[1])
        at = positions.setdefault(found[1], column_at(found[1])) if at is None else at
        here = (int(found[2]), at)
        if here <= last or (row and here[0] != row) or here[0] > _LAST_ROW or at >= _LAST_COLUMN:
            raise place.fault("cell_order", row=here[0], column=found[1].decode())
        last = here
        if not found[3]:
            count, rows, columns = count + 1, here[0], max(columns, at + 1)
    return rows, columns, count


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
