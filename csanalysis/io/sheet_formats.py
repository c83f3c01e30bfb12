"""What only the number formats of a workbook say: the zeros of a code, and the unit of an amount."""

from __future__ import annotations

import functools
import io
import re
import zipfile

from csanalysis.io.repairs import Log

_ZEROS = re.compile("0[-/ 0]*")
_LIMIT = re.compile(r"(?:\[<=(\d{1,12})\])?([^\[\]/]*|[^\[\]]*\\/[^\[\]]*)$")
_ESCAPED = re.compile(r'\\(.)|"([-/ ]*)"')
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


def letters(at: int) -> str:
    """Return the letters of a column by its position from 0.

    Examples
    --------
    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    found = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        found = chr(65 + rest) + found
    return found


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


def coded(value: int, code: str) -> str:
    r"""Return a whole number as a format of zeros shows it: a code, a postcode, a telephone number.

    Other formats leave it as it is.

    Examples
    --------
    >>> coded(42, "00000"), coded(600042, "000\\-0000"), coded(1200, "#,##0"), coded(-3, "000")
    ('00042', '060-0042', '1200', '-3')
    >>> coded(600042, "[<=999]000;[<=9999]000\\-00;000\\-0000")
    '060-0042'
    """
    if value < 0 or code.count("0") < 2:
        return str(value)
    plain = next((form for limit, form in _sections(code) if limit is None or value <= limit), "")
    if plain.count("0") < 2:
        return str(value)
    digits = list(str(value).zfill(plain.count("0")))
    shown = [digits.pop() if mark == "0" else mark for mark in reversed(plain)]
    return "".join([*digits, *reversed(shown)])


@functools.lru_cache(maxsize=4096)
def _sections(code: str) -> tuple[tuple[int | None, str], ...]:
    """Return the sections of a format for codes, zeros and strokes, each with its limit; else none."""
    found = []
    for part in map(_LIMIT.match, code.split(";")):
        plain = _ESCAPED.sub(r"\1\2", part[2]) if part else ""
        if not part or not _ZEROS.fullmatch(plain):
            return ()
        found.append((int(part[1]) if part[1] else None, plain))
        if not part[1]:
            break
    return tuple(found)


def padded_cells(xml: bytes, codes: dict[bytes, str]) -> dict[tuple[int, int], str]:
    """Return the places of whole numbers that a format of zeros shows as codes, and the format.

    calamine does not tell formats; codes such as 00123 would lose their zeros.
    """
    wanted = {style: code for style, code in codes.items() if code.count("0") > 1 and _sections(code)}
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


def is_scaled(code: str) -> bool:
    """Tell whether a number format shows a number divided by a thousand or more.

    Examples
    --------
    >>> is_scaled('#,##0,"千円"'), is_scaled("#,##0")
    (True, False)
    """
    return bool(_SCALED.search(_QUOTED.sub("", _BRACKETS.sub("", code).split(";")[0])))


def format_columns(xml: bytes, codes: dict[bytes, str]) -> dict[int, list[str]]:
    """Return, by position of the column, the formats of numbers that say more than the number does."""
    telling = {style: code for style, code in codes.items() if format_unit(code) or is_scaled(code)}
    found: dict[int, list[str]] = {}
    for style, at, _ in _cells(xml, list(telling), rb"[-+.\dE]+"):
        there = found.setdefault(column_at(at), [])
        if telling[style] not in there:
            there.append(telling[style])
    return found


def tell_formats(columns: dict[int, list[str]], log: Log) -> list[int]:
    """Note what only number formats show: units (1,200千円 is read as 1200), amounts in thousands.

    Returns
    -------
    list of int
        Positions of the columns that are shown divided by a thousand or more.
    """
    units = {at: list(dict.fromkeys(filter(None, map(format_unit, codes)))) for at, codes in columns.items()}
    units = {at: shown for at, shown in units.items() if shown}
    if units:
        told = [f"{letters(at)}: {'/'.join(shown)}" for at, shown in units.items()]
        log.tell("format_units", ", ".join(told), cells=[letters(at) for at in units])
    scaled = [at for at, codes in columns.items() if any(map(is_scaled, codes))]
    if scaled:
        example = next(code for code in columns[scaled[0]] if is_scaled(code))
        log.tell("format_scaled", example, cells=[letters(at) for at in scaled])
    return scaled


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
