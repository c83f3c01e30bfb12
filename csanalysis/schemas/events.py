"""The usage log: a row is an event of an account. It may be larger than memory, so it is never loaded.

A workspace holds a handle on its files; the columns alone are looked at when it is opened. What is wrong with
single rows is told, with counts, when the log is summed up to account-months.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NAME = "usage_events"
REQUIRED = ("account_id", "timestamp", "event")
OPTIONAL = ("count",)
UNITS = dict.fromkeys((*REQUIRED, *OPTIONAL), "")
"""Columns with their declared unit: none has any."""
TICKET = "ticket"
"""Event that stands for a ticket; every other event is usage."""
UNIT_COUNT = 1.0
"""What an empty count means."""
SUFFIXES = (".parquet", ".csv", ".csv.gz")


@dataclass(frozen=True)
class UsageEvents:
    """The files of a usage log; nothing of them is in memory.

    Attributes
    ----------
    root : Path
        The file itself, or the folder that holds the files.
    paths : tuple of Path
        All files, sorted; one format.
    suffix : str
        ``.parquet``, ``.csv`` or ``.csv.gz``.
    """

    root: Path
    paths: tuple[Path, ...]
    suffix: str

    @property
    def bytes(self) -> int:
        """Return the size of all files."""
        return sum(path.stat().st_size for path in self.paths)


def files_of(place: Path) -> tuple[str, tuple[Path, ...]]:
    """Return suffix and files of a table kept as one file or as a folder of files of one format.

    Raises
    ------
    ValueError
        If the folder holds no such file, or files of more than one format.
    """
    if place.is_file():
        found = [place]
    else:
        found = sorted(p for p in place.rglob("*") if p.is_file() and suffix_of(p) and not _hidden(p, place))
    suffixes = sorted({suffix_of(path) for path in found})
    if len(suffixes) != 1 or not suffixes[0]:
        raise ValueError(", ".join(suffixes) or str(place))
    return suffixes[0], tuple(found)


def suffix_of(path: Path) -> str:
    """Return the suffix of a file that can be read, or an empty string.

    Examples
    --------
    >>> suffix_of(Path("usage_events.csv.gz")), suffix_of(Path("notes.txt"))
    ('.csv.gz', '')
    """
    name = path.name.lower()
    return next((s for s in sorted(SUFFIXES, key=len, reverse=True) if name.endswith(s)), "")


def find_table(folder: Path, name: str) -> list[Path]:
    """Return where a table may stand in a folder: files ``name.<suffix>`` and a folder ``name``."""
    files = [folder / f"{name}{suffix}" for suffix in SUFFIXES]
    return [p for p in files if p.is_file()] + [p for p in [folder / name] if p.is_dir()]


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.relative_to(root).parts)
