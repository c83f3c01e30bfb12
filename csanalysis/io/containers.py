"""What a file is, by its bytes and not by its name; compressed files are opened within limits."""

from __future__ import annotations

import email
import email.policy
import io
import json
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePath

from csanalysis.errors import DataContractError
from csanalysis.io.repairs import Log, Place

MAX_BYTES = 500_000_000
"""Most bytes of a file, and of an archive when unpacked."""
MAX_RATIO = 100
"""Most bytes that one byte of an archive may unpack to."""
MAX_ENTRIES = 10_000
"""Most entries of an archive."""
FREE = 1_000_000
"""Bytes below which the ratio of an archive does not matter: small files of blanks pack tightly."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES = {
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"%PDF": "PDF",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"PAR1": "parquet",
    b"SQLite format 3": "SQLite",
    b"{\\rtf": "RTF",
}
_BIFF = re.compile(rb"\x09[\x00\x02\x04\x08][\x04\x06\x08]\x00[\x00\x02-\x05]")
"""Sheets of Excel 2 to 5 that stand in the file without a frame around them."""
_SYLK = re.compile(rb"ID;P\w*[^\r\n]*\r?\n(?:[BCFOP]|N[ENU]);")
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
_HTML = re.compile(rb"^\s*<(!doctype html|html|head|meta|table|body|style|div)\b", re.I)
_SPREADSHEETML = b"urn:schemas-microsoft-com:office:spreadsheet"
_DTD = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.I)
_OPEN_DOCUMENT = b"urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_PROLOG = re.compile(rb"^\s*(<\?.*?\?>\s*)+", re.S)
_ENDINGS = {
    "text": (".csv", ".tsv", ".txt", ".tab", ".dat", ".log", ".gz", ""),
    "html": (".html", ".htm"),
    "xls": (".xls",),
    "xlsx": (".xlsx", ".xlsm", ".xltx"),
    "ods": (".ods",),
    "fods": (".fods",),
    "xml": (".xml",),
}
_NAMED = (".csv", ".tsv", ".txt", ".xls", ".xlsx", ".xlsm", ".ods", ".fods", ".xml")
"""Endings that say what a file holds."""
_SHOWN = {"xml": "XML Spreadsheet 2003", "fods": "OpenDocument", "ods": "OpenDocument"}


@dataclass(frozen=True)
class Content:
    """The bytes of a table.

    Attributes
    ----------
    kind : {"text", "html", "xlsx", "xls", "ods", "fods", "xml"}
    data : bytes
        Unpacked where the file was compressed; a workbook stays as it is.
    """

    kind: str
    data: bytes


def open_content(data: bytes, name: str, place: Place, log: Log) -> Content:
    """Return what `data` holds; a name that says something else is told.

    Raises
    ------
    DataContractError
        If the file is empty, too large, locked by a password, or no table at all.
    """
    check_size(len(data), place)
    if data.startswith(b"\x1f\x8b"):
        data = _gunzip(data, place)
        log.tell("unpacked", "gzip")
    if not data.strip():
        raise place.fault("empty_file")
    if data[:13].lower() == b"mime-version:":
        data = _page_of(data, place)
    kind = _kind(data, place)
    ending = PurePath(name.lower().removesuffix(".gz")).suffix
    shown = _SHOWN.get(kind, kind)
    if ending not in _ENDINGS[kind] and ending in _NAMED:
        log.tell("other_kind", shown, before=ending, after=shown)
    return Content(kind, data)


def _page_of(data: bytes, place: Place) -> bytes:
    """Return the pages of a web archive (MHTML), one behind the other, in UTF-8."""
    parts = email.message_from_bytes(data, policy=email.policy.default).walk()
    pages = [part.get_content() for part in parts if part.get_content_type() == "text/html"]
    if not pages:
        raise place.fault("not_text", kind="MHTML")
    return "\n".join(pages).encode()


def check_size(size: int, place: Place) -> None:
    """Stop at a file of more than `MAX_BYTES`."""
    if size > MAX_BYTES:
        raise place.fault("too_large", size=size // 1_000_000, limit=MAX_BYTES // 1_000_000)


def _kind(data: bytes, place: Place) -> str:
    for signature, shown in _SIGNATURES.items():
        if data.startswith(signature):
            raise place.fault("not_text", kind=shown)
    if _BIFF.match(data):
        return "xls"
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise place.fault("password")
        return "xls"
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        return _kind_of_archive(data, place)
    head = data[:4096].removeprefix(b"\xef\xbb\xbf")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode()
    if head.lstrip().startswith(b"<"):
        if _SPREADSHEETML in head:
            return "xml"
        if _OPEN_DOCUMENT in head:
            return "fods"
        if _HTML.match(_PROLOG.sub(b"", _COMMENT.sub(b"", head))):
            return "html"
        if head.lstrip().startswith(b"<?xml"):
            raise place.fault("not_text", kind="XML")
    if _SYLK.match(head):
        raise place.fault("not_text", kind="SYLK")
    if head.lstrip()[:1] in (b"{", b"[") and _is_json(data):
        raise place.fault("not_text", kind="JSON")
    return "text"


def _is_json(data: bytes) -> bool:
    """Tell whether a text is JSON as a whole, or one JSON object a line."""
    for part in (data, data.lstrip().split(b"\n", 1)[0]):
        try:
            if isinstance(json.loads(part), (dict, list)):
                return True
        except (ValueError, RecursionError):
            continue
    return False


def _kind_of_archive(data: bytes, place: Place) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_archive(archive, len(data), place)
            names = {entry.filename.lower() for entry in archive.infolist()}
    except DataContractError:
        raise
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        zlib.error,
        ValueError,
    ) as error:
        raise place.fault("not_workbook", reason=str(error)) from error
    if "xl/workbook.bin" in names:
        raise place.fault("other_book", kind="xlsb")
    if "content.xml" in names:
        return "ods"
    if not any("/_rels/workbook" in name or name.startswith("xl/") for name in names):
        raise place.fault("not_text", kind="ZIP")
    return "xlsx"


def check_archive(archive: zipfile.ZipFile, packed: int, place: Place) -> None:
    """Stop at an archive that unpacks to too much, or whose XML declares a document type.

    Every entry is unpacked in pieces and counted: the sizes that an archive states may lie.
    """
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise place.fault("archive_entries", count=len(entries), limit=MAX_ENTRIES)
    if any(entry.flag_bits & 1 for entry in entries):
        raise place.fault("password")
    stated = sum(entry.file_size for entry in entries)
    _check_unpacked(stated, packed, place)
    total = 0
    for entry in entries:
        with archive.open(entry) as stream:
            first = True
            while piece := stream.read(1 << 20):
                total += len(piece)
                _check_unpacked(total, packed, place)
                plain = piece.replace(b"\x00", b"") if first else piece
                if first and plain.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")[:1] == b"<":
                    _check_dtd(plain, entry.filename, place)
                first = False


def _check_dtd(head: bytes, part: str, place: Place) -> None:
    """Stop at a document type; it stands before the first element, so the first piece shows it."""
    if _DTD.search(head):
        raise place.fault("document_type", part=part)


def _check_unpacked(total: int, packed: int, place: Place) -> None:
    if total > MAX_BYTES:
        raise place.fault("archive_size", size=total // 1_000_000, limit=MAX_BYTES // 1_000_000)
    if total > FREE and total > MAX_RATIO * packed:
        raise place.fault("archive_ratio", ratio=total // max(packed, 1), limit=MAX_RATIO)


def _gunzip(data: bytes, place: Place) -> bytes:
    pieces: list[bytes] = []
    total, rest = 0, data
    try:
        while rest.startswith(b"\x1f\x8b"):
            unpacker = zlib.decompressobj(wbits=31)
            while True:
                piece = unpacker.decompress(rest, 1 << 20)
                pieces.append(piece)
                total += len(piece)
                _check_unpacked(total, len(data), place)
                if unpacker.eof:
                    break
                rest = unpacker.unconsumed_tail
                if not rest and not piece:
                    raise place.fault("cut_archive")
            rest = unpacker.unused_data.lstrip(b"\x00")
    except zlib.error as error:
        raise place.fault("cut_archive") from error
    return b"".join(pieces)
