"""Rules between tables: keys that point from one to another, and sums that must agree."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

import pandas as pd

from csanalysis.errors import Failure
from csanalysis.schemas.contract import Origin
from csanalysis.schemas.lock_rules import check_locks
from csanalysis.schemas.tables import PARAMETER_KEYS, TABLES
from csanalysis.schemas.trait_rules import check_traits

Tables = Mapping[str, pd.DataFrame]
Origins = Mapping[str, Origin]


def check_links(tables: Tables, origins: Origins) -> Iterator[Failure]:
    """Yield the failures of keys that point from one table to another."""
    tasks, resources = tables.get("task_inventory"), tables.get("resources")
    if tasks is not None and resources is not None:
        known = sorted(resources["resource_id"])
        for column in ("lock_resource", "current_resource"):
            for number, value in tasks[["row", column]].itertuples(index=False):
                if value and value not in known:
                    yield origins["task_inventory"].failure(
                        "unknown_resource",
                        row=int(number),
                        column=column,
                        value=value,
                        known=", ".join(known),
                    )
    if resources is not None and not (resources["kind"] == "csm").any():
        yield origins["resources"].failure("no_csm", column="kind")
    segments = tables.get("segments")
    if tasks is not None:
        yield from _check_segment_keys(tasks, segments, origins["task_inventory"])
    if segments is not None:
        yield from _check_reserved_segments(segments, origins["segments"])
    if segments is not None and "accounts" in tables:
        yield from _check_segment_keys(tables["accounts"], segments, origins["accounts"])
    parameters = tables.get("parameters")
    if parameters is not None and "segments" in tables:
        yield from _check_segment_sums(tables["segments"], parameters, origins["segments"])
    if parameters is not None:
        yield from _check_parameter_keys(tables, parameters, origins["parameters"])
    if "actuals" in tables:
        yield from _check_actuals(tables, origins["actuals"])
    yield from check_locks(tables, origins)
    yield from check_traits(tables, origins)


def _check_actuals(tables: Tables, origin: Origin) -> Iterator[Failure]:
    """Yield hours of tasks or resources that do not exist; an empty resource is the in-house team."""
    for table, column, rule in (
        ("task_inventory", "task_id", "unknown_task_id"),
        ("resources", "resource_id", "unknown_resource"),
    ):
        if table not in tables:
            continue
        known = sorted(tables[table][column])
        for number, value in tables["actuals"][["row", column]].itertuples(index=False):
            if value and value not in known:
                near = difflib.get_close_matches(value, known, n=1)
                yield origin.failure(
                    rule, row=int(number), column=column, value=value, known=", ".join(near or known)
                )


def _check_reserved_segments(segments: pd.DataFrame, origin: Origin) -> Iterator[Failure]:
    for number, value in segments[["row", "segment"]].itertuples(index=False):
        if value == "shared" or (value == "all" and len(segments) > 1):
            yield origin.failure("reserved_segment", row=int(number), column="segment", value=value)


def _check_segment_keys(
    table: pd.DataFrame, segments: pd.DataFrame | None, origin: Origin
) -> Iterator[Failure]:
    known = ["all"] if segments is None else sorted(segments["segment"])
    for number, value in table[["row", "segment"]].itertuples(index=False):
        if value and value not in known:
            yield origin.failure(
                "unknown_segment", row=int(number), column="segment", value=value, known=", ".join(known)
            )


def _check_segment_sums(
    segments: pd.DataFrame, parameters: pd.DataFrame, origin: Origin
) -> Iterator[Failure]:
    entered = pd.to_numeric(parameters.loc[parameters["key"] == "accounts", "default"], errors="coerce")
    total = float(segments["accounts"].sum())
    if len(entered) and abs(total - float(entered.iloc[0])) > 0.5:
        shown = f"{float(entered.iloc[0]):,.10g}"
        yield origin.failure(
            "segment_sum", column="accounts", value=f"{total:g}", total=f"{total:,.10g}", parameter=shown
        )


def _check_parameter_keys(tables: Tables, parameters: pd.DataFrame, origin: Origin) -> Iterator[Failure]:
    for number, name in parameters[["row", "key"]].itertuples(index=False):
        if name not in PARAMETER_KEYS and not cell_exists(name, tables):
            near = difflib.get_close_matches(name, PARAMETER_KEYS, n=1)
            yield origin.failure(
                "unknown_parameter", row=int(number), column="key", value=name, near=near[0] if near else "-"
            )
    for name in PARAMETER_KEYS:
        if name not in set(parameters["key"]):
            yield origin.failure("missing_parameter", column="key", value=name)


_TABLE_OF_CELL = {"resources": ("resources", "resource_id"), "tasks": ("task_inventory", "task_id")}


def cell_exists(name: str, tables: Tables) -> bool:
    """Tell whether ``resources.<id>.<column>`` or ``tasks.<id>.<column>`` names a numeric cell."""
    parts = name.split(".")
    if len(parts) != 3 or parts[0] not in _TABLE_OF_CELL:
        return False
    table, id_column = _TABLE_OF_CELL[parts[0]]
    column = TABLES[table].to_schema().columns.get(parts[2])
    if column is None or not str(column.dtype).startswith("float"):
        return False
    return table not in tables or parts[1] in set(tables[table][id_column])
