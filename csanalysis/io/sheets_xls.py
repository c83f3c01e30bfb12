"""Sheets of a workbook of Excel 97-2003, read with xlrd: it knows error cells, merged areas and formats."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from csanalysis.errors import DataContractError
from csanalysis.io.cells import cell_text, check_cells, fill_merges, shared
from csanalysis.io.ragged import Grid
from csanalysis.io.repairs import Log, Place
from csanalysis.io.sheet_formats import letters, tell_formats


@dataclass
class XlsBook:
    """An opened workbook.

    Attributes
    ----------
    book : xlrd.Book
    sheets : list of (title, is_visible, title)
    """

    book: Any
    sheets: list[tuple[str, bool, str]]

    def grid(self, title: str, place: Place, log: Log) -> Grid:
        """Return the cells of a sheet, merged areas filled; every error cell stops."""
        sheet = self.book.sheet_by_name(title)
        check_cells(sheet.nrows, sheet.ncols, place)
        failures = []
        for n in range(sheet.nrows):
            for at in range(sheet.ncols):
                cell = sheet.cell(n, at)
                if cell.ctype == 5:
                    shown = self._error(cell.value)
                    failures.append(place.failure("excel_error", row=n + 1, column=letters(at), value=shown))
        texts = ([self._text(cell) for cell in sheet.row(n)] for n in range(sheet.nrows))
        rows = shared(texts, sheet.nrows * sheet.ncols, sheet.nrows)
        rows = [(row + [""] * sheet.ncols)[: sheet.ncols] for row in rows]
        if failures:
            raise DataContractError(failures[:100])
        merges = [(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells]
        fill_merges(rows, merges, log, place)
        scaled = tell_formats(self._formats(sheet), log)
        hidden = {n + 1 for n, info in sheet.rowinfo_map.items() if info.hidden}
        columns = [at for at, info in sheet.colinfo_map.items() if info.hidden and at < sheet.ncols]
        return Grid(rows, list(range(1, len(rows) + 1)), merges, hidden, sorted(columns), scaled)

    def _formats(self, sheet: Any) -> dict[int, list[str]]:
        """Return the formats of numbers by the position of their column."""
        return {
            at: list(dict.fromkeys(self._format(cell) for cell in sheet.col(at) if cell.ctype == 2))
            for at in range(sheet.ncols)
        }

    def _format(self, cell: Any) -> str:
        return str(self.book.format_map[self.book.xf_list[cell.xf_index].format_key].format_str)

    def _error(self, code: int) -> str:
        import xlrd

        return str(xlrd.error_text_from_code.get(code, code))

    def _text(self, cell: Any) -> str:
        import xlrd

        if cell.ctype in (0, 6):
            return ""
        if cell.ctype == 4:
            return cell_text(bool(cell.value))
        form = self._format(cell)
        if cell.ctype == 3:
            if "[h" in form.lower():
                return cell_text(timedelta(days=cell.value))
            day: datetime = xlrd.xldate_as_datetime(cell.value, self.book.datemode)
            return cell_text(day.time() if cell.value < 1 else day)
        return cell_text(cell.value, form)


def open_xls(data: bytes, place: Place) -> XlsBook:
    """Open a workbook of the old format.

    Raises
    ------
    DataContractError
        If it is locked by a password, or no such workbook.
    """
    import xlrd

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    except Exception as error:  # xlrd lets through whatever its parts raise at a broken file
        if "encrypted" in str(error).lower():
            raise place.fault("password") from error
        raise place.fault("not_workbook", reason=str(error)) from error
    return XlsBook(book, [(s.name, s.visibility == 0, s.name) for s in book.sheets()])
