"""Where a report is written: never over anything else, and never by halves."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from csanalysis import labels
from csanalysis.errors import ReportError

MARKER = ".csanalysis-report"
"""File that marks a folder as a report; it lists what belongs to it, so that nothing else is lost."""

_WORKSPACE_MARKER = "csanalysis.toml"
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


def check_target(out: str | Path, keep: tuple[Path, ...], lang: str) -> Path:
    """Return the absolute output folder, if a report may be written there.

    Parameters
    ----------
    out : str or Path
        A new or empty folder, or an earlier report.
    keep : tuple of Path
        Folders that must not be replaced: the workspace and its notebooks.
    lang : {"ja", "en"}
        Language of the error.

    Raises
    ------
    ReportError
        If `out` is a file, holds a workspace, the current folder or files that are no report, or if
        its place cannot be written to.
    """
    target = Path(out).expanduser().resolve()

    def refuse(key: str, **values: object) -> ReportError:
        return ReportError(labels.text(f"report.{key}", lang, out=target, **values))

    if target.exists() and not target.is_dir():
        raise refuse("out_is_file")
    for folder in keep:
        if target == folder.resolve() or target in folder.resolve().parents:
            raise refuse("out_is_workspace", workspace=folder)
    if target.is_dir():
        present = {entry.name for entry in target.iterdir()} - _LITTER
        if _WORKSPACE_MARKER in present:
            raise refuse("out_is_workspace", workspace=target)
        if present and MARKER not in present:
            raise refuse("out_not_report")
        others = sorted(present - _files_of(target)) if present else []
        if others:
            raise refuse("out_has_others", files=", ".join(others[:5]))
        if target == Path.cwd() or target in Path.cwd().parents:
            raise refuse("out_is_current")
    above = next(folder for folder in target.parents if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise refuse("out_not_written", detail=above)
    return target


def _files_of(report: Path) -> set[str]:
    """Return the names of the files that an earlier report consists of."""
    try:
        listed = json.loads((report / MARKER).read_text(encoding="utf-8"))["files"]
        return {MARKER, *map(str, listed)}
    except (OSError, ValueError, KeyError, TypeError):
        return {MARKER}


@contextlib.contextmanager
def replacing(target: Path, lang: str) -> Iterator[Path]:
    """Give a new folder beside `target` that takes its place when the block ends without an error.

    On any error or interrupt `target` stays as it was, and nothing else is left behind.
    """
    made = [folder for folder in target.parents if not folder.exists()]
    fresh = target.with_name(f".{target.name}-{uuid.uuid4().hex[:8]}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh.mkdir()
        yield fresh
        files = sorted(entry.name for entry in fresh.iterdir())
        (fresh / MARKER).write_text(json.dumps({"files": files}, ensure_ascii=False), encoding="utf-8")
        _swap(fresh, target)
    except BaseException as error:
        shutil.rmtree(fresh, ignore_errors=True)
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError):
            text = labels.text("report.out_not_written", lang, out=target, detail=error)
            raise ReportError(text) from error
        raise


def _swap(fresh: Path, target: Path) -> None:
    """Put `fresh` in the place of `target`; the earlier folder goes only when that is done."""
    old = fresh.with_name(f"{fresh.name}-old")
    try:
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    finally:
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
