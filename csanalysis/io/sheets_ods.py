"""Sheets of an OpenDocument text (content.xml of an ods file, or a flat fods file)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from csanalysis.io.cells import MAX_COLUMNS, cell_text
from csanalysis.io.repairs import Place
from csanalysis.io.sheets_xml import Cell, Sheet, day_text, duration_text, given, local

_CODE = re.compile(r"\d[\d -]*")
_SPACES = re.compile(r"[ \t\r\n]+")
_KIND = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_SCALED = "#,##0,"
_MOST_SPACES = 100
"""Spaces that one element may stand for; a file that states more of them wants to fill the memory."""
_UNSEEN = ("annotation", "ruby-text", "shapes", "frame")


def ods_sheets(events: Iterator[tuple[str, Any]], place: Place) -> list[Sheet]:
    """Return the sheets of an OpenDocument text; those that its styles hide are marked."""
    sheets: list[Sheet] = []
    unseen: set[str] = set()
    scaled: set[str] = set()
    style, depth, columns = "", 0, 0
    for event, node in events:
        tag = local(node.tag)
        if event == "start":
            if tag == "style" or tag.endswith("-style"):
                style = given(node).get("name", "")
                if given(node).get("data-style-name") in scaled:
                    scaled.add(style)
            elif tag == "number" and given(node).get("display-factor", "1") != "1":
                scaled.add(style)
            elif tag == "table-properties" and given(node).get("display") == "false":
                unseen.add(style)
            elif tag == "table":
                depth += 1
                if depth == 1:
                    named = given(node)
                    columns = 0
                    shown = named.get("style-name") not in unseen
                    sheets.append(Sheet(named.get("name", f"table {len(sheets) + 1}"), shown))
        elif tag == "table":
            depth -= 1
        elif tag == "table-column" and depth == 1:
            times = int(given(node).get("number-columns-repeated", "1"))
            if given(node).get("visibility") in ("collapse", "filter"):
                sheets[-1].hidden_columns += range(columns, min(columns + times, MAX_COLUMNS))
            columns += times
        elif tag == "table-row" and depth == 1:
            row = given(node)
            cells = [_cell(child, scaled) for child in node if local(child.tag).endswith("table-cell")]
            times = int(row.get("number-rows-repeated", "1"))
            hidden = row.get("visibility", "visible") != "visible"
            sheets[-1].add(cells, place, times=times, hidden=hidden)
            node.clear()
    return sheets


def _cell(node: Any, scaled: set[str]) -> Cell:
    there = given(node)
    times = int(there.get("number-columns-repeated", "1"))
    if local(node.tag) == "covered-table-cell":
        return Cell(times=times)
    shown = "\n".join(_text(child) for child in node if local(child.tag) == "p")
    kind = there.get("value-type", "")
    fault = ""
    if node.get(_KIND) == "error":
        fault, text = "excel_error", shown
    elif not kind and "formula" in there:
        fault, text = "formula_without_value", there["formula"]
    elif kind in ("float", "percentage", "currency"):
        text = _number(there.get("value", ""), shown)
    elif kind == "date":
        text = day_text(there.get("date-value", ""))
    elif kind == "time":
        text = duration_text(there.get("time-value", ""))
    elif kind == "boolean":
        text = there.get("boolean-value", "").upper()
    else:
        text = shown or there.get("string-value", "")
    wide, deep = int(there.get("number-columns-spanned", "1")), int(there.get("number-rows-spanned", "1"))
    code = _SCALED if there.get("style-name") in scaled else ""
    return Cell(text, times, wide, deep, fault=fault, code=code)


def _number(value: str, shown: str) -> str:
    """Return a number, or the code that it is shown as: 00123, 060-0042."""
    plain = cell_text(float(value))
    coded = _CODE.fullmatch(shown) and (shown[0] == "0" or "-" in shown) and len(shown) > 1
    return shown if coded and re.sub(r"\D", "", shown).lstrip("0") == plain else plain


def _text(node: Any) -> str:
    """Return the words of a paragraph: no notes, no reading aids, spaces and breaks as they are meant."""
    found = [_SPACES.sub(" ", node.text or "")]
    for child in node:
        tag = local(child.tag)
        if tag == "s":
            found.append(" " * min(int(given(child).get("c", "1")), _MOST_SPACES))
        elif tag in ("tab", "line-break"):
            found.append("\t" if tag == "tab" else "\n")
        elif tag not in _UNSEEN:
            found.append(_text(child))
        found.append(_SPACES.sub(" ", child.tail or ""))
    return "".join(found)
