"""What only the number formats of a workbook say: the zeros of a code, and the unit of an amount."""

from __future__ import annotations

import io
import re
import zipfile

from csanalysis.io.repairs import Log

_ZEROS = re.compile(r"0{2,}")
_QUOTED = re.compile(r'"([^"]*)"|\\\\(.)')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_SCALED = re.compile(r"[0#?],+(?![0#?])")
_UNIT = re.compile(r"[^\W\d_]")
_NO_UNIT = re.compile(r"[\s¥￥円△▲()（）+-]")


def column_at(letters: bytes) -> int:
    """Return the position, from 0, of a column by its letters.

    Examples
    --------
    >>> column_at(b"A"), column_at(b"AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def format_codes(data: bytes) -> dict[bytes, str]:
    """Return the number formats of a workbook's own by the style that cells name."""
    from defusedxml.ElementTree import fromstring

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = next((n for n in archive.namelist() if n.lower().endswith("xl/styles.xml")), None)
        styles = None if part is None else fromstring(archive.read(part))
    own: dict[str | None, str] = {}
    found: dict[bytes, str] = {}
    for node in () if styles is None else styles.iter():
        name = node.tag.rpartition("}")[2]
        if name == "numFmt":
            own.setdefault(node.get("numFmtId"), node.get("formatCode", ""))
        elif name == "cellXfs":
            for n, form in enumerate(node):
                if form.get("numFmtId") in own:
                    found[str(n).encode()] = own[form.get("numFmtId")]
    return found


def padded_cells(xml: bytes, codes: dict[bytes, str]) -> dict[tuple[int, int], int]:
    """Return the places of whole numbers that a format of zeros alone pads, and their width.

    calamine does not tell formats; codes such as 00123 would lose their zeros.
    """
    wanted = {style: len(code) for style, code in codes.items() if _ZEROS.fullmatch(code)}
    cells = _cells(xml, list(wanted), rb"\d+")
    return {(row - 1, column_at(at)): wanted[style] for style, at, row in cells}


def format_unit(code: str) -> str:
    """Return the unit that a number format writes behind or before a number; "" for none.

    Yen need no word. Where the format also divides by thousands, the value is in the base unit as it stands.

    Examples
    --------
    >>> format_unit('#,##0"千円"'), format_unit('#,##0,"千円"'), format_unit('"¥"#,##0'), format_unit('0"人"')
    ('千円', '', '', '人')
    """
    first = _BRACKETS.sub("", code).split(";")[0]
    bare = _QUOTED.sub("", first)
    if _SCALED.search(bare) or not re.search("[0#]", bare) or re.search("[dmhysge]", bare.lower()):
        return ""
    unit = "".join(a or b for a, b in _QUOTED.findall(first)).strip()
    return unit if _UNIT.search(_NO_UNIT.sub("", unit)) else ""


def unit_columns(xml: bytes, codes: dict[bytes, str]) -> dict[bytes, list[str]]:
    """Return the units that formats show, by the letters of the column."""
    units = {style: unit for style, code in codes.items() if (unit := format_unit(code))}
    found: dict[bytes, list[str]] = {}
    for style, at, _ in _cells(xml, list(units), rb"[-+.\dE]+"):
        there = found.setdefault(at, [])
        if units[style] not in there:
            there.append(units[style])
    return found


def tell_units(columns: dict[bytes, list[str]], log: Log) -> None:
    """Note the units that only number formats show: a value of 1,200千円 is read as 1200."""
    if columns:
        shown = [f"{letters.decode()}: {'/'.join(units)}" for letters, units in columns.items()]
        log.tell("format_units", ", ".join(shown), cells=[letters.decode() for letters in columns])


def _cells(xml: bytes, styles: list[bytes], value: bytes) -> list[tuple[bytes, bytes, int]]:
    """Return style, column and row of the cells of numbers that have one of some styles."""
    if not styles:
        return []
    chosen = re.compile(
        rb'<c\b(?=[^<>]*\bs="('
        + b"|".join(styles)
        + rb')")(?![^<>]*\bt="[^n])[^<>]*\br="([A-Z]{1,3})(\d{1,7})"'
        rb"[^<>]*>\s*(?:<f\b[^<>]*(?:/>|>[^<]*</f>)\s*)?<v>" + value + rb"</v>"
    )
    return [(found[1], found[2], int(found[3])) for found in chosen.finditer(xml)]
