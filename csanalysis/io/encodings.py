"""Bytes to text: a strict ladder over all bytes, never a guess from a sample.

Most Japanese files decode in one way only. Where CP932 and EUC-JP both hold, the letters decide: EUC-JP read
as CP932 turns into half-width kana and rare characters, which no one writes.
"""

from __future__ import annotations

import codecs
import re

from csanalysis.io.repairs import Log, Place, shortened

LADDER = ("utf-8-sig", "cp932", "euc_jp")
"""Tried in this order, strictly."""
_BOMS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_ISO_2022 = (b"\x1b$B", b"\x1b$@", b"\x1b(J")
_FOREIGN = re.compile("[^\\x00-\\x7f]")
_HALF_KANA = re.compile("[｡-ﾟ]")
_KANA = re.compile("[ぁ-ヿ]")
_HIRAGANA = re.compile("[ぁ-ん]")
_HALF_BESIDE = re.compile("[｡-ﾟ][@a-z[-`{-~]")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_JUDGED = 1_000_000
"""Characters by which a language is judged."""
_RARE, _HANGUL = 0xD0, 0xC8
"""First row of the rare kanji of EUC-JP, and last row of the syllables of EUC-KR."""
_LETTERS = re.compile("[^\\W\\d_a-zA-Z]")
_WESTERN = re.compile("(?<=[A-Za-z])[㐀-鿿豈-﫿]|[㐀-鿿豈-﫿](?=[a-z])")
_UTF8_READ_AS_CP932 = re.compile("[縺繧繝][^\\s\\x00-\\x7f].?[縺繧繝]")


def decode(data: bytes, place: Place, log: Log, encoding: str | None = None) -> tuple[str, str]:
    """Return the text of `data` and its encoding; anything but UTF-8 is told.

    Raises
    ------
    DataContractError
        If no encoding fits all bytes, the text is hardly Japanese, cut within a character, or spoilt before.
    """
    if encoding is not None:
        try:
            content = data.decode(encoding)
        except (ValueError, LookupError) as error:
            raise place.fault("unknown_encoding", encodings=encoding) from error
    else:
        content, encoding = _climb(data, place)
    content = content.removeprefix("\ufeff")
    if encoding not in (LADDER[0], "utf-8"):
        log.tell("encoding", encoding, before="utf-8", after=encoding)
    if (plain := content.rstrip("\r\n\x1a")) and "\x1a" in content[len(plain) :]:
        log.tell("end_mark", cells=(str(content.count("\n", 0, len(plain)) + 1),))
        content = plain
    if "\x00" in content:
        row = content.count("\n", 0, content.index("\x00")) + 1
        if content.count("\x00") > max(8, len(content) // 1000):
            raise place.fault("not_text", row=row, kind="binary / UTF-16")
        log.tell("nul_removed", count=content.count("\x00"), before="\\x00", cells=(f"{row}",))
        content = content.replace("\x00", "")
    return content, encoding


def _climb(data: bytes, place: Place) -> tuple[str, str]:
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            return _strictly(data, encoding, place), encoding
    if any(escape in data for escape in _ISO_2022):
        return _strictly(data, "iso2022_jp_ext", place), "iso2022_jp_ext"
    if b"\x00" in data and data.count(b"\x00") > len(data) // 10:
        raise place.fault("not_text", kind="binary / UTF-16")
    try:
        return data.decode(LADDER[0]), LADDER[0]
    except UnicodeDecodeError as error:
        cut = error.start >= len(data) - 3 and error.reason == "unexpected end of data"
        if cut and data[: error.start].decode("utf-8", "ignore").isascii() is False:
            raise place.fault("cut_text", row=data.count(b"\n") + 1) from error
    held = [(text, name) for name in LADDER[1:] if (text := _try(data, name)) is not None]
    if len(held) > 1 and _is_euc(held[0][0], held[1][0]):
        held = held[1:]
    judged = _judged(held[0][0]) if held else ""
    if held and _is_foreign(judged, held[0][1]):
        raise place.fault("doubtful_encoding", encoding=held[0][1], value=shortened(held[0][0], 40))
    if not held or _is_western(judged):
        raise place.fault("unknown_encoding", encodings=", ".join((*LADDER, "utf-16")))
    return held[0]


def _judged(content: str) -> str:
    """Return the part of a text by which its language is judged: it begins at its first foreign letter."""
    first = _FOREIGN.search(content)
    start = max(0, first.start() - 1) if first else 0
    return content[start : start + _JUDGED]


def _strictly(data: bytes, encoding: str, place: Place) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise place.fault("unknown_encoding", encodings=encoding) from error


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_euc(as_cp932: str, as_euc: str) -> bool:
    """Tell which of two readings is Japanese: half-width kana beside rare kanji speak for EUC-JP."""
    foreign = sum(not c.isascii() for c in as_euc)
    half = len(_HALF_KANA.findall(as_cp932))
    rare = sum(not c.isascii() for c in as_cp932) - half if half else 0
    return bool(half) and (len(_KANA.findall(as_euc)) * 5 >= foreign or rare > 0)


def _is_foreign(read: str, encoding: str) -> bool:
    """Tell whether bytes that fit are hardly Japanese: Chinese and Korean encodings share their range.

    Read as EUC-JP, Korean is all of the first rows of kanji and Chinese much of the rare ones, without any
    kana. Read as CP932, Chinese turns into half-width kana with small letters and signs between.
    """
    if encoding == "cp932":
        half = len(_HALF_KANA.findall(read))
        mixed = len(_HALF_BESIDE.findall(read)) + len(_PRIVATE.findall(read))
        return mixed > 2 and mixed * 8 > half and not _HIRAGANA.search(read)
    kanji = [c for c in read if "\u4e00" <= c <= "\u9fff"]
    if _KANA.search(read) or len(kanji) < 4:
        return False
    rows = [c.encode("euc_jp")[0] for c in kanji]
    return sum(row >= _RARE for row in rows) * 8 > len(rows) or max(rows) <= _HANGUL


def _is_western(as_cp932: str) -> bool:
    """Tell whether this is Latin-1 that happens to fit: single kanji inside words of Latin letters."""
    within = len(_WESTERN.findall(as_cp932))
    return within > 0 and not _KANA.search(as_cp932) and len(_LETTERS.findall(as_cp932)) <= 2 * within


def spoilt(cell: str) -> str | None:
    """Return what a cell should have read, or "" if that is lost; None where it was not spoilt before.

    Examples
    --------
    >>> spoilt("鬘ｧ螳｢"), spoilt("株式会社�"), spoilt("顧客")
    ('顧客', '', None)
    """
    if cell.isascii():
        return None
    if "\ufffd" in cell:
        return ""
    for wrong in ("cp932", "cp1252"):
        try:
            meant = cell.encode(wrong).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        foreign = [c for c in meant if not c.isascii()]
        if any(c >= "\u2000" for c in foreign) or (
            wrong == "cp1252" and foreign and all(map(str.isalpha, foreign))
        ):
            return meant
    return "" if _UTF8_READ_AS_CP932.search(cell) else None
