"""Make a workspace: a copy of the example that the analyst then edits."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from csanalysis.errors import WorkspaceError
from csanalysis.io.readers import read_raw
from csanalysis.io.writers import write_csv, write_text_atomic
from csanalysis.labels import both, check_language
from csanalysis.workspace.marker import MARKER

SYNTHETIC = ("accounts.csv", "actuals.csv")
"""Not copied, nor is the usage log: invented customers have no place among somebody's own numbers."""
_PACKAGE = Path(__file__).resolve().parent.parent


def example_dir() -> Path:
    """Return the folder of the example workspace: the repository's ``data/``, or the wheel's copy."""
    return _shipped("data", MARKER)


def notebooks_dir(workspace: Path) -> Path:
    """Return the notebooks of a workspace; the toolkit's own where it has none."""
    own = workspace / "notebooks"
    return own if any(own.glob("*.ipynb")) else _shipped("notebooks", "00_start_here.ipynb")


def _shipped(folder: str, proof: str) -> Path:
    """Look in the repository first: a stale bundle may lie beside an editable install."""
    for root in (_PACKAGE.parent, _PACKAGE / "_bundle"):
        if (root / folder / proof).is_file():
            return root / folder
    raise WorkspaceError(both("workspace.no_example"))


def create_workspace(target: str | Path, lang: str | None = None, *, templates: bool = False) -> Path:
    """Copy the example workspace and the notebooks into a new folder.

    Parameters
    ----------
    target : str or Path
        A folder that does not exist or is empty.
    lang : {"ja", "en"}, optional
        Language of the workspace (default ja).
    templates : bool
        Write a workbook per table into the folder ``templates`` as well.

    Returns
    -------
    Path
        The folder; it appears whole or not at all. Tables are CSV in UTF-8 with BOM, for Excel.

    Raises
    ------
    WorkspaceError
        If the folder is not empty or cannot be written.
    """
    chosen = check_language(lang or "ja")

    def fill(folder: Path) -> None:
        fill_from_example(folder, chosen)
        if templates:
            from csanalysis.workspace.templates import write_templates

            write_templates(folder)

    return make_folder(target, fill)


def check_target(target: str | Path) -> Path:
    """Return the absolute path of a folder to make; WorkspaceError unless it is new or empty."""
    target = Path(target).expanduser().absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise WorkspaceError(both("workspace.not_empty", folder=target))
    return target


def make_folder(target: str | Path, fill: Callable[[Path], None]) -> Path:
    """Make a folder that appears whole or not at all; `fill` gets a temporary neighbour to write into."""
    target = check_target(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    except OSError as error:
        raise WorkspaceError(both("workspace.cannot_write", folder=target, reason=error.strerror)) from error
    try:
        fill(temporary)
        temporary.chmod(0o755)
        if target.exists():
            target.rmdir()
        temporary.rename(target)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return target


def fill_from_example(folder: Path, lang: str) -> None:
    """Write a copy of the example workspace, with the notebooks, into an empty folder."""
    example = example_dir()
    marker = (example / MARKER).read_text(encoding="utf-8")
    write_text_atomic(folder / MARKER, marker.replace('lang = "ja"', f'lang = "{lang}"'))
    shutil.copy(example / "README.md", folder / "README.md")
    (folder / "scenarios").mkdir()
    for path in sorted(set(example.rglob("*.csv")) - {example / name for name in SYNTHETIC}):
        write_csv(folder / path.relative_to(example), _text_cells(path))
    (folder / "notebooks").mkdir()
    for path in sorted(notebooks_dir(example).glob("*.ipynb")):
        shutil.copy(path, folder / "notebooks" / path.name)


def _text_cells(path: Path) -> pd.DataFrame:
    return read_raw(path, path.name, "en").frame
