"""Scenario files: differences from the defaults, checked key by key and value by value."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from csanalysis.errors import Failure
from csanalysis.model.parameters import Parameter, Value
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.schemas.contract import Origin
from csanalysis.workspace.reading import SUFFIXES, Reading, value_of

FOLDER = "scenarios"
_Row = tuple[int | None, str, str]


def choose_scenario(
    reading: Reading, space: ParameterSpace, named: str, overrides: Mapping[str, str] | None
) -> tuple[Scenario, tuple[str, ...]]:
    """Read every scenario file, choose one, and apply the overrides.

    Every fault of every file is a failure, but for one: a file that is not chosen and names tasks that
    the inventory no longer has (the analyst brought another task list) is told, and not usable.
    """
    found = _files(reading)
    named = named or (next(iter(found)) if len(found) == 1 else "")
    chosen = Scenario("", space)
    for name, path in found.items():
        scenario, without_task = _read(reading, space, name, path)
        if name == named:
            chosen = scenario
            reading.failures += without_task
        elif without_task:
            reading.tell(without_task[0].file, "scenario_unusable", [f.expected for f in without_task])
    if named not in found and (named or found):
        origin = Origin(f"{FOLDER}/", "", reading.lang)
        known = ", ".join(found) or "-"
        reading.failures.append(origin.failure("unknown_scenario", value=named, known=known))
    origin = Origin("--set", "", reading.lang)
    asked: list[_Row] = [(None, key, value) for key, value in _overrides(reading, overrides).items()]
    changes, without_task = _values(reading, space, asked, origin, 1.0)
    reading.failures += without_task
    reading.stop_if_failed()
    return chosen.replace(changes, origin="--set"), tuple(found)


def scenario_paths(root: Path) -> dict[str, Path]:
    """Return the scenario files of a workspace by name; of two files of one name, the last."""
    return {path.stem: path for path in _listed(root)}


def _listed(root: Path) -> list[Path]:
    """Return the scenario files; lock files and hidden files are none."""
    paths = sorted((root / FOLDER).glob("*"))
    return [
        path for path in paths if path.suffix.lower() in SUFFIXES and not path.name.startswith(("~$", "."))
    ]


def read_scenario_file(reading: Reading, space: ParameterSpace, name: str, path: Path) -> Scenario:
    """Return the scenario of one file; its faults are noted as failures."""
    scenario, without_task = _read(reading, space, name, path)
    reading.failures += without_task
    return scenario


def _files(reading: Reading) -> dict[str, Path]:
    """Return the scenario files by name."""
    found: dict[str, Path] = {}
    for path in _listed(reading.root):
        if path.stem in found:
            names = f"{found[path.stem].name}, {path.name}"
            origin = Origin(f"{FOLDER}/", "", reading.lang)
            reading.failures.append(origin.failure("two_files", table=path.stem, names=names))
        found[path.stem] = path
    return found


def _overrides(reading: Reading, overrides: Mapping[str, str] | None) -> Mapping[str, str]:
    if overrides is not None:
        return overrides
    entered = os.environ.get("CSANALYSIS_SET") or "{}"
    try:
        values = json.loads(entered)
    except ValueError:
        values = None
    if isinstance(values, dict):
        return {str(key): str(value) for key, value in values.items()}
    reading.failures.append(Origin("CSANALYSIS_SET", "", reading.lang).failure("not_json", value=entered))
    return {}


def _read(reading: Reading, space: ParameterSpace, name: str, path: Path) -> tuple[Scenario, list[Failure]]:
    """Return a scenario, and the failure of tasks it names that do not exist."""
    empty = Scenario(name, space)
    raw = reading.raw("scenario", path)
    if raw is None or (raw.frame.empty and {"key", "value"} <= set(raw.frame.columns)):
        return empty, []
    origin = Origin(raw.file, raw.sheet, reading.lang)
    frame = reading.check("scenario", raw, origin)
    if frame is None:
        return empty, []
    rows: list[_Row] = list(frame[["row", "key", "value"]].itertuples(index=False, name=None))
    changes, without_task = _values(reading, space, rows, origin, reading.money)
    return empty.replace(changes, origin=raw.file), without_task


def _values(
    reading: Reading, space: ParameterSpace, rows: list[_Row], origin: Origin, factor: float
) -> tuple[dict[str, Value], list[Failure]]:
    """Return the values of rows that hold and the failure of unknown tasks; note other failures."""
    values: dict[str, Value] = {}
    entries: list[tuple[int, str, str]] = []
    unknown_tasks: list[str] = []
    for row, key, entered in rows:
        if not space.knows(space.canonical(key)):
            if key.startswith("tasks."):
                unknown_tasks.append(key.split(".")[1])
                continue
            reading.failures.append(_unknown(space, key, row, origin))
            continue
        parameter = space.find(key)
        if parameter.key in values or _other_form(parameter.key) in values:
            reading.failures.append(origin.failure("two_values", row=row, column=key, value=entered))
            continue
        value = _parse(parameter, entered, factor)
        if row is not None and not parameter.is_text:
            entries.append((row, entered, "ratio" if parameter.allows_percent else parameter.unit))
        reason = parameter.explain(value if value is not None else entered, reading.lang)
        if reason:
            failure = origin.failure(
                "bad_value", row=row, column=key, value=entered, reason=reason, unit=parameter.unit
            )
            reading.failures.append(failure)
            continue
        values[parameter.key] = value
    reading.values_of("value", entries, origin.file)
    tasks = ", ".join(dict.fromkeys(unknown_tasks))
    return values, [origin.failure("unknown_task", column="key", tasks=tasks)] if tasks else []


def _unknown(space: ParameterSpace, key: str, row: int | None, origin: Origin) -> Failure:
    near = difflib.get_close_matches(key, [*space.parameters], n=1)
    return origin.failure(
        "unknown_parameter", row=row, column="key", value=key, near=near[0] if near else "-"
    )


def _other_form(key: str) -> str:
    """Return the other way to state a task's work: minutes for hours_per_month and back."""
    forms = {"minutes": "hours_per_month", "hours_per_month": "minutes"}
    stem, _, column = key.rpartition(".")
    return f"{stem}.{forms[column]}" if stem.startswith("tasks.") and column in forms else ""


def _parse(parameter: Parameter, entered: str, factor: float) -> Value:
    if parameter.is_text:
        return entered.strip()
    number = value_of(entered, parameter.unit, factor, percent=parameter.allows_percent)
    if number is None:
        return None
    return number * factor if is_money(parameter) else number


def is_money(parameter: Parameter) -> bool:
    """Tell whether a value is an amount, which files may state in another unit of money."""
    return parameter.unit.startswith("JPY")
