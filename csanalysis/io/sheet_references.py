"""Sheets whose cells do not say where they are: the form allows it, and some systems write so."""

from __future__ import annotations

import re

from csanalysis.io.sheet_formats import column_at, letters

_ANY = re.compile(rb"<c(?=[\s/>])")
_REFERRED = re.compile(rb'<c\s[^<>]*?\br="[A-Z]{1,3}\d{1,7}"')
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def with_references(xml: bytes) -> bytes:
    """Return a sheet whose cells all name their place; one that does already comes back as it is.

    A cell without a place stands right of the one before it, a row without a number below the one before it.
    """
    if len(_ANY.findall(xml)) == len(_REFERRED.findall(xml)):
        return xml
    from defusedxml.ElementTree import fromstring, tostring

    sheet = fromstring(xml)
    number = 0
    for row in sheet.iter():
        if row.tag.rpartition("}")[2] != "row":
            continue
        number = int(row.get("r") or number + 1)
        row.set("r", str(number))
        at = -1
        for cell in row:
            if cell.tag.rpartition("}")[2] != "c":
                continue
            named = _REFERENCE.fullmatch(cell.get("r", ""))
            at = column_at(named[1].encode()) if named else at + 1
            cell.set("r", f"{letters(at)}{number}")
    return re.sub(rb"<(/?)\w+:", rb"<\1", tostring(sheet))
