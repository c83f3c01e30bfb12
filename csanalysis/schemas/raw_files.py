"""Raw exports kept as CSV or parquet: their encoding and their column names, without loading them."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

ENCODINGS = ("utf-8-sig", "cp932")
"""Tried in turn on every byte: a sample may be ASCII where the rest is not."""
_BLOCK = 2**22


def encoding_of(path: Path) -> str:
    """Return the encoding of a CSV file: UTF-8 where every byte allows it, else CP932.

    Raises
    ------
    ValueError
        If it is neither, or ends in the middle of its compressed content.
    """
    for encoding in ENCODINGS:
        try:
            for _ in decoded(path, encoding):
                pass
        except UnicodeDecodeError:
            continue
        except EOFError as error:
            raise ValueError(f"{path.name}: {error}") from error
        return encoding
    raise ValueError(f"{path.name}: UTF-8? CP932?")


def decoded(path: Path, encoding: str) -> Iterator[str]:
    """Yield the text of a CSV file in blocks; bytes that are none of the encoding raise an error."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def columns_of(path: Path, suffix: str) -> list[str]:
    """Return the column names of one file as they are written.

    Raises
    ------
    ValueError
        If the file is no parquet, or its first line can be decoded in no known encoding.
    """
    if suffix == ".parquet":
        import pyarrow.parquet as pq
        from pyarrow import ArrowInvalid

        try:
            return list(pq.read_schema(path).names)
        except ArrowInvalid as error:
            raise ValueError(str(error)) from error
    with gzip.open(path) if suffix.endswith(".gz") else path.open("rb") as handle:
        line = handle.readline()
    for encoding in ENCODINGS:
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            continue
        return [name.strip() for name in next(csv.reader(io.StringIO(text)), [])]
    raise ValueError(f"{path.name}: UTF-8? CP932?")
