"""Frames to files: atomic, and safe to open in a spreadsheet."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

_UNSEEN = r"'\s\x00-\x1f\x7f\u200b-\u200f\u2060\ufeff"
RISKY = re.compile(rf"[{_UNSEEN}]*[=+\-@＝＋－＠]|(?:[^\S\t\r\n]|')*[\t\r\n]['\s]*[^'\s]")
"""What a spreadsheet may take for a formula, behind spaces, marks of ours, and signs that it drops unseen."""
_SPECIAL = re.compile(r"[\",;\t\r\n]")
_PLAIN_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


def write_text_atomic(path: Path, content: str, encoding: str = "utf-8") -> None:
    """Write `content` so that a reader sees the old file or the new one, never a part."""
    write_bytes_atomic(path, content.encode(encoding))


def write_bytes_atomic(path: Path, content: bytes) -> None:
    """Write bytes to a temporary neighbour, then replace `path` in one step."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary neighbour to write into, which takes the place of `path` at the end, or vanishes.

    The file keeps the permissions it had, a new one gets those of any new file, and a link stays a link.
    """
    path = path.resolve()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Return the permissions that new files do not get; they can only be read by setting them."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def neutralise(cell: str) -> str:
    """Return `cell` so that no spreadsheet takes it for a formula; plain numbers stay as they are.

    `csanalysis.io.read_table` takes the mark off again; text that begins with it gets a second one.

    Examples
    --------
    >>> neutralise("=1+1"), neutralise("-3.5"), neutralise("'=1")
    ("'=1+1", '-3.5', "''=1")
    """
    return f"'{cell}" if RISKY.match(cell) and not _PLAIN_NUMBER.fullmatch(cell.strip()) else cell


def unmarked(cell: str) -> str:
    """Return a cell without the mark of `neutralise`.

    Examples
    --------
    >>> unmarked("'=1+1"), unmarked("''=1"), unmarked("'tis")
    ('=1+1', "'=1", "'tis")
    """
    return cell[1:].strip() if cell.startswith("'") and RISKY.match(cell) else cell


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame of text cells as CSV in UTF-8 with BOM (opens right in Excel), atomically.

    Cells with a sign at which some spreadsheets part cells as well are quoted: what stands behind it would
    else begin a cell of its own, and could be a formula.
    """
    rows: list[Sequence[object]] = [list(frame.columns), *frame.itertuples(index=False, name=None)]
    lines = [",".join(_quoted(neutralise(str(cell)), len(row) == 1) for cell in row) for row in rows]
    write_text_atomic(path, "\n".join([*lines, ""]), "utf-8-sig")


def _quoted(cell: str, alone: bool) -> str:
    """Return a cell as CSV has it; an empty one that stands alone is quoted, or its row would be blank."""
    doubled = cell.replace('"', '""')
    return f'"{doubled}"' if _SPECIAL.search(cell) or (alone and not cell) else cell
