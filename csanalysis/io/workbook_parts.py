"""Which parts of an Office Open XML archive are its sheets; a sheet whose part is missing stops."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections import Counter

from csanalysis.io.repairs import Place

_STRICT = b"http://purl.oclc.org/ooxml/"
_NO_CELLS = ("chartsheet", "dialogsheet", "macrosheet")
"""Kinds of sheets that hold no cells; Excel shows them among the others."""
_WORKBOOK = "xl/workbook.xml"


def sheets_of(data: bytes, place: Place) -> tuple[list[tuple[str, bool, str]], bool]:
    """Return title, visibility and part of each sheet with cells, and whether the workbook is a strict one.

    Raises
    ------
    DataContractError
        If parts are broken, stand twice in the archive, or a sheet that is named is not there.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            counts = Counter(archive.namelist())
            main = main_part(archive)
            raw = archive.read(main)
            book = fromstring(raw)
            folder = posixpath.dirname(main)
            links = fromstring(archive.read(f"{folder}/_rels/{posixpath.basename(main)}.rels"))
    except (KeyError, ParseError, DefusedXmlException, zipfile.BadZipFile, ValueError) as error:
        raise place.fault("not_workbook", reason=str(error)) from error
    if twice := [name for name, count in counts.items() if count > 1]:
        raise place.fault("not_workbook", reason=f"two parts {twice[0]}")
    targets = {link.get("Id"): posixpath.normpath(_part(folder, link.get("Target", ""))) for link in links}
    kinds = {link.get("Id"): link.get("Type", "").lower() for link in links}
    sheets = []
    for sheet in book.iter():
        if sheet.tag.rpartition("}")[2] != "sheet":
            continue
        link = next((v for k, v in sheet.attrib.items() if k.rpartition("}")[2] == "id"), None)
        if kinds.get(link, "").endswith(_NO_CELLS):
            continue
        title, part = sheet.get("name", ""), targets.get(link, "")
        if part not in counts:
            raise place.fault("broken_sheet", value=title, part=part or f"r:id={link}")
        sheets.append((title, sheet.get("state", "visible") == "visible", part))
    return sheets, _STRICT in raw


def main_part(archive: zipfile.ZipFile) -> str:
    """Return the part that lists the sheets: the one the archive names, mostly xl/workbook.xml."""
    from defusedxml.ElementTree import fromstring

    names = archive.namelist()
    if "_rels/.rels" in names:
        for link in fromstring(archive.read("_rels/.rels")):
            part = posixpath.normpath(_part("", link.get("Target", "")))
            if link.get("Type", "").endswith("/officeDocument") and part in names:
                return part
    return next((n for n in names if n.lower().endswith(_WORKBOOK)), _WORKBOOK)


def _part(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
