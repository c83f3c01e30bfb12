"""Bytes to a raw frame of text cells: encoding, shape and workbooks.

Nothing is interpreted here. Every cell arrives as the text a person would see, an empty cell as the
empty string, and the index carries the row number that a spreadsheet shows (the header is row 1).
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from csanalysis.errors import DataContractError, Failure
from csanalysis.labels import text

ENCODINGS = ("utf-8-sig", "cp932")
"""Tried in this order, strictly, on all bytes; never a guess from a sample."""

_SIGNATURES = {
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"%PDF": "PDF",
    b"PK\x03\x04": "ZIP / xlsx",
    b"\xd0\xcf\x11\xe0": "OLE (xls)",
    b"\x1f\x8b": "gzip",
}
_EXCEL_ERRORS = ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!")


@dataclass(frozen=True)
class RawTable:
    """A table as it stands in its file.

    Attributes
    ----------
    frame : pandas.DataFrame
        Text cells; the index is the spreadsheet row.
    file, sheet, encoding : str
        Where it was read.
    repairs : tuple of dict
        What was changed on the way in: rule, count, detail.
    """

    frame: pd.DataFrame
    file: str
    sheet: str = ""
    encoding: str = ""
    repairs: tuple[dict[str, object], ...] = ()


def read_table(path: str | Path, *, lang: str = "ja") -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""Read one CSV or xlsx file as text cells.

    Parameters
    ----------
    path : str or Path
        A CSV file in UTF-8 (with or without BOM) or CP932, or an xlsx workbook (first visible sheet).
    lang : {"ja", "en"}
        Language of error texts.

    Returns
    -------
    frame : pandas.DataFrame
        Text cells; the index is the spreadsheet row.
    repairs : pandas.DataFrame
        Columns file, rule, count, detail.

    Raises
    ------
    DataContractError
        If the file cannot be read as a table; it names file, row and fix.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "t.csv"
    >>> _ = path.write_text("id,hours\n001,2\n", encoding="cp932")
    >>> read_table(path)[0].loc[2, "id"]
    '001'
    """
    path = Path(path)
    raw = read_raw(path, path.name, lang)
    repairs = pd.DataFrame(raw.repairs, columns=["rule", "count", "detail"])
    repairs.insert(0, "file", raw.file)
    return raw.frame, repairs


def read_raw(path: Path, name: str, lang: str) -> RawTable:
    """Read one file; `name` is how errors call it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise _fault(name, lang, "unreadable", reason=reason) from error
    if not data.strip():
        raise _fault(name, lang, "empty_file")
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _read_workbook(data, name, lang)
    return _read_csv(data, name, lang)


def _fault(
    name: str,
    lang: str,
    rule: str,
    *,
    sheet: str = "",
    row: int | None = None,
    column: str = "",
    value: str = "",
    **values: Any,
) -> DataContractError:
    failure = Failure(
        file=name,
        sheet=sheet,
        row=row,
        column=column,
        value=value,
        expected=text(f"data.{rule}.expected", lang, **values),
        fix=text(f"data.{rule}.fix", lang, **values),
        lang=lang,
    )
    return DataContractError([failure])


def _decode(data: bytes, name: str, lang: str) -> tuple[str, str]:
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            raise _fault(name, lang, "not_text", kind=kind)
    if b"\x00" in data:
        raise _fault(name, lang, "not_text", kind="binary / UTF-16")
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise _fault(name, lang, "unknown_encoding", encodings=", ".join(ENCODINGS))


def _read_csv(data: bytes, name: str, lang: str) -> RawTable:
    content, encoding = _decode(data, name, lang)
    try:
        records = list(csv.reader(io.StringIO(content, newline=""), strict=True))
    except csv.Error as error:
        raise _fault(name, lang, "broken_csv", reason=str(error)) from error
    repairs: list[dict[str, object]] = []
    if encoding != ENCODINGS[0]:
        repairs.append({"rule": "encoding", "count": 1, "detail": encoding})
    frame = _frame(records, name, "", lang, repairs)
    return RawTable(frame, name, "", encoding, tuple(repairs))


def _read_workbook(data: bytes, name: str, lang: str) -> RawTable:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(data))
    except Exception as error:  # openpyxl lets through whatever zip, XML and its own parts raise
        raise _fault(name, lang, "not_workbook", reason=str(error)) from error
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not visible:
        raise _fault(name, lang, "no_visible_sheet")
    sheet = visible[0]
    repairs: list[dict[str, object]] = []
    hidden = [s.title for s in book.worksheets if s.sheet_state != "visible"]
    if hidden:
        repairs.append({"rule": "hidden_sheets", "count": len(hidden), "detail": ", ".join(hidden)})
    if len(visible) > 1:
        rest = ", ".join(s.title for s in visible[1:])
        repairs.append({"rule": "other_sheets", "count": len(visible) - 1, "detail": rest})
    records = [[_cell_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    for number, row in enumerate(records, 1):
        for value in row:
            if value in _EXCEL_ERRORS:
                raise _fault(name, lang, "excel_error", sheet=sheet.title, row=number, value=value)
    for cells in formulas[sheet.title].iter_rows():
        for cell in cells:
            if cell.data_type == "f" and sheet[cell.coordinate].value is None:
                where = {"sheet": sheet.title, "row": cell.row, "column": cell.column_letter}
                raise _fault(name, lang, "formula_without_value", value=str(cell.value), **where)
    frame = _frame(records, name, sheet.title, lang, repairs)
    return RawTable(frame, name, sheet.title, "", tuple(repairs))


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def clean_name(name: str) -> str:
    """Return a header or key without width variants and surrounding space (NFKC)."""
    return unicodedata.normalize("NFKC", name).strip()


def _frame(
    records: list[list[str]], name: str, sheet: str, lang: str, repairs: list[dict[str, object]]
) -> pd.DataFrame:
    """Shape records into a frame; ragged rows and doubled headers stop, blank rows are told."""
    while records and not any(cell.strip() for cell in records[-1]):
        records.pop()
    if not records or not any(cell.strip() for cell in records[0]):
        raise _fault(name, lang, "no_header", sheet=sheet)
    header = [clean_name(cell) for cell in records[0]]
    while header and not header[-1]:
        header.pop()
    _check_header(header, name, sheet, lang)
    rows: list[list[str]] = []
    index: list[int] = []
    failures: list[Failure] = []
    for number, record in enumerate(records[1:], 2):
        if not any(cell.strip() for cell in record):
            continue
        if any(cell.strip() for cell in record[len(header) :]) or len(record) < len(header):
            fault = _fault(
                name,
                lang,
                "ragged_row",
                sheet=sheet,
                row=number,
                value=",".join(record)[:60],
                expected_fields=len(header),
                found_fields=len(record),
            )
            failures.extend(fault.failures)
            continue
        rows.append([cell.strip() for cell in record[: len(header)]])
        index.append(number)
    if failures:
        raise DataContractError(failures)
    blank = len(records) - 1 - len(rows)
    if blank:
        repairs.append({"rule": "blank_rows", "count": blank, "detail": ""})
    return pd.DataFrame(rows, columns=header, index=pd.Index(index, name="row"), dtype=str)


def _check_header(header: list[str], name: str, sheet: str, lang: str) -> None:
    for position, column in enumerate(header, 1):
        if not column:
            raise _fault(name, lang, "blank_header", sheet=sheet, row=1, position=position)
    for column in _doubled(header):
        raise _fault(name, lang, "doubled_header", sheet=sheet, row=1, column=column)


def _doubled(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [n for n in names if n in seen or seen.add(n)]  # type: ignore[func-returns-value]
