"""Where a table came from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """One input file of a workspace.

    Attributes
    ----------
    table : str
        Table it was read as.
    file : str
        Path relative to the workspace.
    sha256 : str
        Hash of the bytes, hexadecimal.
    rows : int
        Data rows read; -1 where a file is too large to count them.
    encoding : str
        Text encoding used; empty for workbooks.
    """

    table: str
    file: str
    sha256: str
    rows: int
    encoding: str = ""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
