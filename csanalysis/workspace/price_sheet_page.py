"""Find the price sheet in a workbook that came from outside, and the cells a vendor filled."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from csanalysis.errors import DataContractError, Failure
from csanalysis.labels import LANGUAGES, text
from csanalysis.schemas.contract import Origin
from csanalysis.workspace.minimal import plain
from csanalysis.workspace.price_sheet import FIELDS, own_texts
from csanalysis.workspace.price_sheet_cells import tax_included

MOST_ROWS, MOST_COLUMNS = 300, 30
"""Part of a sheet that is looked at; the form has 30 rows and 5 columns."""
MOST_BYTES, MOST_PARTS, MOST_RATIO = 50_000_000, 1_000, 200
"""Limits of a workbook once unpacked: a form has 0.1 MB in 12 parts (guards against zip bombs; chosen)."""
_A_FORM = len(FIELDS) // 3
"""Labels from which a sheet counts as a price sheet."""
_OLE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Form:
    """The filled cells of a price sheet.

    Attributes
    ----------
    origin : Origin
        File, sheet and language of failures.
    rows : mapping of str to int
        Row of every field that was found.
    column : int
        Column of the entries.
    cells : mapping of (row, column) to value
    unstored : mapping of (row, column) to str
        Formulas whose result is not in the file.
    twice : tuple of (str, int)
        Fields that stand twice, with the second row.
    renamed : mapping of str to str
        Fields found by their number, with the label that stands there.
    told : tuple of (rule, details)
    """

    origin: Origin
    rows: Mapping[str, int]
    column: int
    cells: Mapping[tuple[int, int], Any]
    unstored: Mapping[tuple[int, int], str]
    twice: tuple[tuple[str, int], ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    told: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def entry(self, key: str) -> Any:
        """Return what stands in the cell of a field; None where there is nothing."""
        return self.cells.get((self.rows[key], self.column)) if key in self.rows else None

    def failure(self, rule: str, key: str, **values: object) -> Failure:
        """Return a failure of a field, naming row, label and cell."""
        row = self.rows.get(key)
        return self.at(rule, row, self.column, FIELDS[key].label(self.origin.lang), **values)

    def at(self, rule: str, row: int | None, column: int, label: str = "", **values: object) -> Failure:
        """Return a failure of a cell."""
        from openpyxl.utils import get_column_letter

        cell = f"{get_column_letter(column)}{row}" if row else ""
        named = (
            text("price_sheet.named", self.origin.lang, field=label, cell=cell) if label and cell else label
        )
        entered = self.cells.get((row, column), "") if row else ""
        value = values.pop("value", entered)
        return self.origin.failure(rule, row=row, column=named or cell, value=value, **values)

    def tax_notes(self) -> Iterator[tuple[int, int]]:
        """Yield the cells beside the entries in which somebody wrote that tax is included."""
        own, entries = own_texts(), {(row, self.column) for row in self.rows.values()}
        for (row, column), value in sorted(self.cells.items()):
            if (row, column) not in entries and tax_included(value) and plain(str(value)) not in own:
                yield row, column


def load_form(data: bytes, file: str, lang: str) -> Form:
    """Return the price sheet of a workbook.

    Raises
    ------
    DataContractError
        If the bytes are no xlsx workbook, are unreasonably large, or hold no price sheet or several.
    """
    import openpyxl

    origin = Origin(file, "", lang)
    _check_container(data, origin)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of styles and extensions that are not needed here
            stored = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(data))
    except Exception as error:  # openpyxl lets through whatever zip, XML and its own parts raise
        raise DataContractError([origin.failure("not_workbook", reason=str(error))]) from error
    shown = [s for s in stored.worksheets if s.sheet_state == "visible"]
    forms = [f for s in shown if (f := _form(s, formulas[s.title], Origin(file, s.title, lang)))]
    if len(forms) != 1:
        sheets = ", ".join(f.origin.sheet for f in forms)
        raise DataContractError(
            [origin.failure("offer_two_sheets" if forms else "offer_no_form", sheets=sheets)]
        )
    hidden = tuple(s.title for s in stored.worksheets if s.sheet_state != "visible")
    others = tuple(s.title for s in shown if s.title != forms[0].origin.sheet)
    told = tuple(
        (rule, names) for rule, names in (("hidden_sheets", hidden), ("offer_sheets", others)) if names
    )
    return Form(**{**forms[0].__dict__, "told": told})


def _check_container(data: bytes, origin: Origin) -> None:
    """Stop on what is no workbook, before anything is unpacked."""
    if not data.startswith(b"PK"):
        kinds = ((_OLE, "xls / password"), (b"%PDF", "PDF"), (b"<", "HTML / XML"))
        kind = next((name for start, name in kinds if data.startswith(start)), "?")
        raise DataContractError([origin.failure("offer_not_xlsx", kind=kind)])
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            infos = parts.infolist()
            size = sum(info.file_size for info in infos)
            reasons = [
                f"{size:,} bytes" if size > MOST_BYTES or size > MOST_RATIO * max(len(data), 1) else "",
                f"{len(infos):,} parts" if len(infos) > MOST_PARTS else "",
            ]
            if not any(reasons):
                named = [info for info in infos if info.filename.endswith((".xml", ".rels"))]
                reasons.append("DTD" if any(b"<!DOCTYPE" in parts.read(info) for info in named) else "")
    except (zipfile.BadZipFile, OSError, RuntimeError, EOFError, ValueError) as error:
        raise DataContractError([origin.failure("not_workbook", reason=str(error))]) from error
    if any(reasons):
        reason = ", ".join(r for r in reasons if r)
        raise DataContractError([origin.failure("offer_too_large", reason=reason)])


def _form(stored: Any, formulas: Any, origin: Origin) -> Form | None:
    """Return a sheet as a form; None if it is none."""
    if not hasattr(stored, "iter_rows"):
        return None
    cells, unstored = _cells(stored, formulas)
    meaning = {_bare(field.label(lang)): key for key, field in FIELDS.items() for lang in LANGUAGES}
    hits = [(place, meaning[w]) for place, v in cells.items() if (w := _bare(str(v))) in meaning]
    if len({key for _, key in hits}) < _A_FORM:
        return None
    labels = Counter(column for (_, column), _ in hits).most_common(1)[0][0]
    rows: dict[str, int] = {}
    twice = []
    for (row, column), key in sorted(hits):
        if column != labels:
            continue
        if key in rows:
            twice.append((key, row))
        rows.setdefault(key, row)
    renamed = _by_number(cells, labels, rows)
    rows |= {key: row for key, (row, _) in renamed.items()}
    heads = {_bare(text("price_sheet.heading.value", lang)) for lang in LANGUAGES}
    column = next(
        (c for (_, c), v in sorted(cells.items()) if c > labels and _bare(str(v)) in heads), labels + 1
    )
    shown = {key: label for key, (_, label) in renamed.items()}
    return Form(origin, rows, column, cells, unstored, tuple(twice), shown)


def _bare(label: str) -> str:
    return plain(label).rstrip("*")


def _by_number(
    cells: Mapping[tuple[int, int], Any], labels: int, rows: Mapping[str, int]
) -> dict[str, tuple[int, str]]:
    """Return fields whose label was changed, found by the number before it, with row and present label."""
    numbered = {str(n): key for n, key in enumerate(FIELDS, 1) if key not in rows}
    found: dict[str, tuple[int, str]] = {}
    for (row, column), value in sorted(cells.items()):
        key = numbered.get(f"{value:g}" if isinstance(value, int | float) else str(value).strip())
        if column == labels - 1 and key and key not in found and row not in rows.values():
            found[key] = (row, " ".join(str(cells.get((row, labels), "")).split()))
    return found


def _cells(stored: Any, formulas: Any) -> tuple[dict[tuple[int, int], Any], dict[tuple[int, int], str]]:
    """Return the filled cells, and the formulas without a stored result."""
    cells: dict[tuple[int, int], Any] = {}
    unstored: dict[tuple[int, int], str] = {}
    part = {"max_row": min(formulas.max_row, MOST_ROWS), "max_col": min(formulas.max_column, MOST_COLUMNS)}
    for row in formulas.iter_rows(**part):
        for cell in row:
            if cell.value is None or (isinstance(cell.value, str) and not cell.value.strip()):
                continue
            place = (cell.row, cell.column)
            value = stored.cell(*place).value
            if cell.data_type == "f" and value is None:
                unstored[place] = str(cell.value)
            else:
                cells[place] = value
    return cells, unstored
