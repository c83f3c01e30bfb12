"""Sheets of an XML Spreadsheet 2003: one XML text, often named xls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from csanalysis.io.cells import MAX_COLUMNS, cell_text, check_cells
from csanalysis.io.repairs import Place
from csanalysis.io.sheets_xml import Cell, Sheet, day_text, given, local


def xml2003_sheets(events: Iterator[tuple[str, Any]], place: Place) -> list[Sheet]:
    """Return the sheets; those that their options hide are marked."""
    sheets: list[Sheet] = []
    codes: dict[str, str] = {}
    style, columns, inside = "", 0, False
    for event, node in events:
        tag = local(node.tag)
        if event == "start":
            if tag == "Style":
                style = given(node).get("ID", "")
            elif tag == "NumberFormat":
                codes[style] = given(node).get("Format", "")
            elif tag == "Worksheet":
                sheets.append(Sheet(given(node).get("Name", f"table {len(sheets) + 1}")))
                columns, inside = 0, True
        elif not inside:
            continue
        elif tag == "Worksheet":
            inside = False
        elif tag == "Visible":
            sheets[-1].visible = "Hidden" not in (node.text or "")
        elif tag == "Column":
            there = given(node)
            first = int(there.get("Index", columns + 1)) - 1
            columns = first + 1 + int(there.get("Span", "0"))
            if there.get("Hidden") == "1":
                sheets[-1].hidden_columns += range(first, min(columns, MAX_COLUMNS))
        elif tag == "Row":
            _add(sheets[-1], node, codes, place)
            node.clear()
    return sheets


def _add(sheet: Sheet, node: Any, codes: dict[str, str], place: Place) -> None:
    there = given(node)
    check_cells(int(there.get("Index", "0")), _furthest(node), place)
    gap = int(there.get("Index", sheet.height + 1)) - 1 - sheet.height
    if gap < 0:
        raise place.fault("cell_order", row=sheet.height + 1)
    if gap:
        sheet.add([], place, times=gap)
    cells: list[Cell] = []
    at = 0
    for child in node:
        if local(child.tag) == "Cell":
            cell = _cell(child, codes)
            if 0 <= cell.index < at:
                raise place.fault("cell_order", row=sheet.height + 1)
            at = (cell.index if cell.index >= 0 else at) + cell.wide
            cells += [cell, *[Cell()] * (cell.wide - 1)]
    sheet.add(cells, place, hidden=there.get("Hidden") == "1")
    if "Span" in there:
        sheet.add([], place, times=int(there["Span"]))


def _furthest(node: Any) -> int:
    """Return the largest position that a cell of a row names, or 1."""
    return max((int(given(child).get("Index", "1")) for child in node), default=1)


def _cell(node: Any, codes: dict[str, str]) -> Cell:
    there = given(node)
    data = next((child for child in node if local(child.tag) == "Data"), None)
    kind = "" if data is None else given(data).get("Type", "String")
    text = "" if data is None else "".join(data.itertext())
    code, fault = "", ""
    if kind == "Error":
        fault = "excel_error"
    elif "Formula" in there and not text and kind != "String":
        fault, text = "formula_without_value", there["Formula"]
    elif kind == "Number" and text.strip():
        code = codes.get(there.get("StyleID", ""), "")
        text = cell_text(float(text), code)
    elif kind == "DateTime":
        text = day_text(text)
    elif kind == "Boolean":
        text = "TRUE" if text.strip() == "1" else "FALSE"
    return Cell(
        text,
        wide=1 + min(max(0, int(there.get("MergeAcross", "0"))), MAX_COLUMNS - 1),
        deep=1 + int(there.get("MergeDown", "0")),
        index=int(there["Index"]) - 1 if "Index" in there else -1,
        fault=fault,
        code=code,
    )
