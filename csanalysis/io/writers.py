"""Frames to files: atomic, and safe to open in a spreadsheet."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pandas as pd

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_PLAIN_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


def write_text_atomic(path: Path, content: str, encoding: str = "utf-8") -> None:
    """Write `content` so that a reader sees the old file or the new one, never a part."""
    write_bytes_atomic(path, content.encode(encoding))


def write_bytes_atomic(path: Path, content: bytes) -> None:
    """Write bytes to a temporary neighbour, then replace `path` in one step."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def neutralise(cell: str) -> str:
    """Return `cell` so that no spreadsheet takes it for a formula; plain numbers stay as they are.

    `csanalysis.io.read_table` takes the mark off again; text that begins with it gets a second one.

    Examples
    --------
    >>> neutralise("=1+1"), neutralise("-3.5"), neutralise("'=1")
    ("'=1+1", '-3.5', "''=1")
    """
    if not cell.strip() or not cell.lstrip("'").startswith(_FORMULA_STARTS):
        return cell
    return cell if _PLAIN_NUMBER.fullmatch(cell) else f"'{cell}"


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame of text cells as CSV in UTF-8 with BOM (opens right in Excel), atomically."""
    safe = frame.map(lambda cell: neutralise(str(cell)))
    safe.columns = pd.Index([neutralise(str(name)) for name in frame.columns])
    write_text_atomic(path, safe.to_csv(index=False, lineterminator="\n"), "utf-8-sig")
