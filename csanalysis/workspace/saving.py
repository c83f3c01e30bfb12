"""Save, read and put away scenarios: atomic, one writer at a time, and nothing is ever lost.

A scenario is the file ``scenarios/NAME.csv``; the marker names the one that notebooks use. Before a file is
replaced or taken away, what it held goes into ``scenarios/.earlier``.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from csanalysis.errors import ScenarioExistsError, ScenarioNotChosenError, WorkspaceError
from csanalysis.io.provenance import sha256_of
from csanalysis.io.readers import read_raw
from csanalysis.io.writers import write_csv
from csanalysis.labels import text
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Parameter, Value
from csanalysis.model.scenario import Scenario
from csanalysis.workspace.create import example_dir
from csanalysis.workspace.marker import MONEY_UNITS, choose_in_marker, read_marker
from csanalysis.workspace.reading import Reading
from csanalysis.workspace.scenario_files import FOLDER, is_money, read_scenario_file, scenario_paths
from csanalysis.workspace.scenario_names import check_name

EARLIER = ".earlier"
"""Folder of what saved scenarios held before; its name keeps it from being read as a scenario."""
_LOCK = ".saving"
_PATIENCE, _STALE = 5.0, 30.0


def scenario_names(ds: Dataset) -> tuple[str, ...]:
    """Return the names of the scenarios in the workspace as it is now, also those saved by others."""
    return tuple(scenario_paths(ds.root))


def version_of(ds: Dataset, name: str) -> str:
    """Return a digest of a scenario's file; empty where there is none."""
    path = scenario_paths(ds.root).get(name)
    return sha256_of(path) if path else ""


def read_scenario(ds: Dataset, name: str) -> Scenario:
    """Read one scenario as it stands in the workspace now.

    Raises
    ------
    WorkspaceError
        If there is none of this name.
    DataContractError
        If its file is at fault.

    Examples
    --------
    >>> import csanalysis as cs
    >>> read_scenario(cs.load_dataset("data"), "enterprise_propose_new").number("accounts")
    40.0
    """
    path = scenario_paths(ds.root).get(name)
    if path is None:
        raise WorkspaceError(text("scenario.gone", ds.lang, name=name))
    reading = Reading(ds.root, ds.lang, _money(ds))
    found = read_scenario_file(reading, ds.space, name, path)
    reading.stop_if_failed()
    return found


def save_scenario(ds: Dataset, sc: Scenario, name: str, *, known: str | None = None) -> str:
    """Write a scenario as ``scenarios/NAME.csv`` and make it the one that notebooks use.

    Parameters
    ----------
    ds : Dataset
        Its workspace is written to.
    sc : Scenario
        Scalar values; the differences from the defaults are written.
    name : str
        Letters of any script, digits, spaces and ``-_()``.
    known : str, optional
        The `version_of` the file that may be replaced. Without it, and where somebody else has written
        meanwhile, an existing scenario is kept.

    Returns
    -------
    str
        The version of the file now.

    Raises
    ------
    ScenarioExistsError
        If there is a scenario of this name that `known` does not speak of.
    ScenarioNotChosenError
        If it was written, but the marker of the workspace cannot be.
    WorkspaceError
        If the name cannot be used, a value cannot be written, or the workspace is read-only.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")  # the example is never written to
    >>> cs.save_scenario(ds, ds.scenario, "mine")
    Traceback (most recent call last):
    ...
    csanalysis.errors.WorkspaceError: ...
    """
    name = check_name(name, ds.lang)
    _refuse_example(ds)
    with _writing(ds):
        there = scenario_paths(ds.root)
        _refuse_twin(name, there, ds.lang)
        path = ds.root / FOLDER / f"{name}.csv"
        if path.exists():
            if known is None or sha256_of(path) != known:
                raise ScenarioExistsError(text("scenario.exists", ds.lang, name=name))
            _keep_earlier(path)
        frame = _rows(sc, _notes(there.get(sc.name), ds.lang), _money(ds), ds.lang)
        write_csv(path, frame)
        try:
            choose_in_marker(ds.root, name)
        except OSError as error:
            reason = error.strerror or str(error)
            raise ScenarioNotChosenError(
                text("scenario.not_chosen", ds.lang, name=name, reason=reason)
            ) from error
        return sha256_of(path)


def put_away(ds: Dataset, name: str) -> Path:
    """Take a scenario out of the workspace and return where its file went.

    Raises
    ------
    WorkspaceError
        If there is none of this name, if notebooks use it, or if the workspace is read-only.
    """
    _refuse_example(ds)
    with _writing(ds):
        path = scenario_paths(ds.root).get(name)
        if path is None:
            raise WorkspaceError(text("scenario.gone", ds.lang, name=name))
        if read_marker(ds.root).scenario == name:
            raise WorkspaceError(text("scenario.in_use", ds.lang, name=name))
        kept = _keep_earlier(path)
        path.unlink()
        return kept


def _refuse_example(ds: Dataset) -> None:
    if ds.root == example_dir():
        raise WorkspaceError(text("scenario.example", ds.lang))


def _refuse_twin(name: str, there: dict[str, Path], lang: str) -> None:
    """Refuse a name that some systems take for another one, and a name that a workbook has."""
    for other, path in there.items():
        if other.casefold() == name.casefold() and (other != name or path.suffix != ".csv"):
            raise WorkspaceError(text("scenario.twin", lang, file=path.name))


@contextmanager
def _writing(ds: Dataset) -> Iterator[None]:
    """Hold the scenarios folder for one writer; what the system refuses is told as a read-only workspace."""
    folder = ds.root / FOLDER
    lock = folder / _LOCK
    try:
        folder.mkdir(exist_ok=True)
        _take(lock, ds.lang)
        try:
            yield
        finally:
            with suppress(OSError):
                lock.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise WorkspaceError(text("scenario.read_only", ds.lang, folder=folder, reason=reason)) from error


def _take(lock: Path, lang: str) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            return
        except FileExistsError:
            with suppress(OSError):
                if time.time() - lock.stat().st_mtime > _STALE:  # left behind by a program that was ended
                    lock.unlink()
                    continue
            if time.monotonic() > end:
                raise WorkspaceError(text("scenario.busy", lang)) from None
            time.sleep(0.05)


def _keep_earlier(path: Path) -> Path:
    folder = path.parent / EARLIER
    folder.mkdir(exist_ok=True)
    stamp = f"{datetime.now():%Y%m%d-%H%M%S-%f}"
    return Path(shutil.copy2(path, folder / f"{path.stem} {stamp}{path.suffix}"))


def _notes(path: Path | None, lang: str) -> dict[tuple[str, str], str]:
    """Return the notes of the file a scenario came from, by key and value."""
    if path is None:
        return {}
    frame = read_raw(path, path.name, lang).frame
    if not {"key", "value", "note"} <= set(frame.columns):
        return {}
    rows = frame[["key", "value", "note"]].itertuples(index=False, name=None)
    return {(str(key), str(value)): str(note) for key, value, note in rows}


def _rows(sc: Scenario, notes: dict[tuple[str, str], str], money: float, lang: str) -> pd.DataFrame:
    """Return the differences of a scenario as text cells."""
    made = text("scenario.note", lang, day=f"{datetime.now():%Y-%m-%d}")
    rows = []
    for key, value in sc.changed().items():
        cell = cell_of(sc.parameter(key), value, money, lang)
        rows.append((key, cell, notes.get((key, cell), made)))
    return pd.DataFrame(rows, columns=["key", "value", "note"], dtype=str)


def cell_of(parameter: Parameter, value: Value, money: float, lang: str = "ja") -> str:
    """Return a value as a cell of a scenario file, in the file's unit of money; it reads back as itself.

    Examples
    --------
    >>> cell_of(Parameter("arr", "JPY/year", 3e8), 300_276_000.0, 1000.0)
    '300276'
    """
    if isinstance(value, str):
        return value
    if value is None or np.ndim(value) > 0:
        raise WorkspaceError(text("scenario.no_cell", lang, key=parameter.key))
    factor = money if is_money(parameter) else 1.0
    near = float(value) / factor
    tries = [near, float(np.nextafter(near, np.inf)), float(np.nextafter(near, -np.inf))]
    exact = next((each for each in tries if each * factor == value), near)
    return np.format_float_positional(exact, trim="-")


def _money(ds: Dataset) -> float:
    return MONEY_UNITS[read_marker(ds.root).money]
