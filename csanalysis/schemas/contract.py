"""The data contract: raw text tables to typed tables, with every failure collected.

A table passes in three steps: its columns are there, its cells have the declared type, and its values
keep the rules of its pandera model and of `ROW_RULES`. Failures are gathered, never raised one by one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pandera.pandas as pa

from csanalysis.errors import Failure
from csanalysis.labels import text
from csanalysis.schemas.tables import PARAMETER_KEYS, TABLES

NumberReader = Callable[[str], float | None]
RATINGS = {"H": 5.0, "M": 3.0, "L": 1.0}


@dataclass(frozen=True)
class Origin:
    """Where a raw table stands, for failures."""

    file: str
    sheet: str
    lang: str

    def failure(
        self, rule: str, *, row: int | None = None, column: str = "", value: object = "", **values: Any
    ) -> Failure:
        """Build a failure from the texts ``data.<rule>.expected`` and ``data.<rule>.fix``."""
        values = {"column": column, "value": value, **values}
        return Failure(
            file=self.file,
            sheet=self.sheet,
            row=row,
            column=column,
            value=str(value),
            expected=text(f"data.{rule}.expected", self.lang, **values),
            fix=text(f"data.{rule}.fix", self.lang, **values),
            lang=self.lang,
        )


@dataclass(frozen=True)
class Checked:
    """A table after the contract: typed frame, failures, and columns that are kept but not used."""

    frame: pd.DataFrame
    failures: tuple[Failure, ...]
    unused_columns: tuple[str, ...] = ()


def check_table(
    raw: pd.DataFrame, model: type[pa.DataFrameModel], origin: Origin, to_number: NumberReader
) -> Checked:
    """Type and validate one raw table.

    Parameters
    ----------
    raw : pandas.DataFrame
        Text cells, index = spreadsheet row.
    model : pandera model
        The table's contract.
    origin : Origin
        File, sheet and language for failures.
    to_number : callable
        Reads one text cell: the number, NaN for an empty cell, None for what is no number.

    Returns
    -------
    Checked
        The frame has the columns of `model` in its order; cells that failed are NaN or as entered.
    """
    schema = model.to_schema()
    missing, unused = _compare_columns(raw, schema, origin)
    if missing:
        return Checked(pd.DataFrame(), tuple(missing), unused)
    if raw.empty:
        return Checked(pd.DataFrame(), (origin.failure("no_rows"),), unused)
    frame, failures = _type_cells(raw, schema, origin, to_number)
    told = {(f.row, f.column) for f in failures}
    failures += [f for f in _rule_failures(frame, raw, schema, origin) if (f.row, f.column) not in told]
    return Checked(frame.reset_index(names="row"), tuple(failures), unused)


def _compare_columns(
    raw: pd.DataFrame, schema: pa.DataFrameSchema, origin: Origin
) -> tuple[list[Failure], tuple[str, ...]]:
    known = list(schema.columns)
    unused = tuple(c for c in raw.columns if c not in known)
    missing = []
    for name, column in schema.columns.items():
        if name in raw.columns or (column.metadata or {}).get("optional"):
            continue
        near = difflib.get_close_matches(name, unused, n=1, cutoff=0.6)
        if near:
            missing.append(origin.failure("missing_column_near", row=1, column=name, near=near[0]))
        else:
            missing.append(origin.failure("missing_column", row=1, column=name))
    return missing, unused


def _type_cells(
    raw: pd.DataFrame, schema: pa.DataFrameSchema, origin: Origin, to_number: NumberReader
) -> tuple[pd.DataFrame, list[Failure]]:
    typed: dict[str, pd.Series[Any]] = {}
    failures: list[Failure] = []
    for name, column in schema.columns.items():
        meta = column.metadata or {}
        cells = raw[name] if name in raw else pd.Series("", index=raw.index, dtype=str)
        if not str(column.dtype).startswith("float"):
            blank = meta.get("blank")
            typed[name] = (cells if blank is None else cells.replace("", str(blank))).astype(str)
            continue
        values = []
        for row, cell in zip(raw.index.tolist(), cells, strict=True):
            rated = RATINGS.get(cell.upper()) if meta.get("rating") else None
            value = rated if rated is not None else to_number(cell)
            if value is None:
                failures.append(origin.failure("not_a_number", row=row, column=name, value=cell))
                value = float("nan")
            values.append(value)
        numbers = pd.Series(values, index=raw.index, dtype=float)
        blank = meta.get("blank")
        typed[name] = numbers if blank is None else numbers.where(cells != "", blank)
    return pd.DataFrame(typed), failures


def _rule_failures(
    frame: pd.DataFrame, raw: pd.DataFrame, schema: pa.DataFrameSchema, origin: Origin
) -> Iterator[Failure]:
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        for case in error.failure_cases.itertuples():
            column = str(case.column)
            row = None if pd.isna(case.index) else int(case.index)
            entered = raw.loc[row, column] if row is not None and column in raw else case.failure_case
            rule, values = _explain(str(case.check), schema.columns[column])
            yield origin.failure(rule, row=row, column=column, value=entered, **values)


def _explain(check: str, column: pa.Column) -> tuple[str, dict[str, str]]:
    """Map a pandera check, as it names itself, to a label and its values."""
    if check == "not_nullable" or check.startswith("str_length"):
        return "empty_cell", {}
    if check == "field_uniqueness":
        return "duplicate_key", {}
    if check.startswith("isin"):
        terms = next(c.statistics["allowed_values"] for c in column.checks if c.name == "isin")
        shown = (f"{t:g}" if isinstance(t, float) else str(t) for t in terms)
        return "not_a_term", {"terms": ", ".join(t for t in shown if t)}
    if check.startswith("str_matches"):
        return ("not_months" if column.name == "calendar_months" else "not_a_key"), {}
    bound = re.fullmatch(r"(\w+)\((.*)\)", check)
    signs = {
        "greater_than_or_equal_to": ">=",
        "greater_than": ">",
        "less_than_or_equal_to": "<=",
        "less_than": "<",
    }
    if bound and bound[1] in signs:
        return "out_of_range", {"bound": f"{signs[bound[1]]} {bound[2]}"}
    return "rule", {"check": check}


@dataclass(frozen=True)
class RowRule:
    """A rule over several columns of one row; `bad` marks the rows that break it."""

    rule: str
    column: str
    bad: Callable[[pd.DataFrame], pd.Series[bool]]


def _doubled(*columns: str) -> Callable[[pd.DataFrame], pd.Series[bool]]:
    return lambda t: t.duplicated(list(columns), keep="first")


def _unnamed(table: pd.DataFrame) -> pd.Series[bool]:
    return (table["name_ja"] == "") & (table["name_en"] == "")


def _unordered(*columns: str) -> Callable[[pd.DataFrame], pd.Series[bool]]:
    def bad(table: pd.DataFrame) -> pd.Series[bool]:
        outcome = pd.Series(False, index=table.index)
        values = [table[c] for c in columns]
        for i, low in enumerate(values):
            for high in values[i + 1 :]:
                outcome |= low > high
        return outcome

    return bad


ROW_RULES: dict[str, tuple[RowRule, ...]] = {
    "task_inventory": (
        RowRule("no_name", "name_ja", _unnamed),
        RowRule("minutes_or_hours", "minutes", lambda t: t["minutes"].isna() == t["hours_per_month"].isna()),
        RowRule("whole_number", "spread_months", lambda t: t["spread_months"] % 1 != 0),
        RowRule(
            "lock_reason", "lock_reason", lambda t: (t["lock_resource"] != "") & (t["lock_reason"] == "")
        ),
    ),
    "resources": (RowRule("no_name", "name_ja", _unnamed),),
    "suitability": (
        RowRule("doubled_row", "kind", _doubled("kind", "trait")),
        RowRule("unordered", "low", _unordered("low", "target", "high")),
        RowRule("equal_ends", "high", lambda t: t["low"] == t["high"]),
        RowRule("empty_cell", "target", lambda t: (t["shape"] == "target") & t["target"].isna()),
    ),
    "parameters": (
        RowRule("duplicate_key", "key", _doubled("key")),
        RowRule("unordered", "low", _unordered("hard_min", "low", "high", "hard_max")),
        RowRule("unordered", "hard_min", _unordered("hard_min", "hard_max")),
    ),
    "benchmarks": (
        RowRule("doubled_row", "metric", _doubled("metric", "segment", "statistic", "source")),
        RowRule("unordered", "low", _unordered("low", "high")),
    ),
    "playbook": (RowRule("doubled_row", "task_group", _doubled("quadrant", "phase", "task_group")),),
}


def check_rows(table: str, frame: pd.DataFrame, origin: Origin) -> Iterator[Failure]:
    """Yield the failures of the row rules of `table`."""
    for rule in ROW_RULES.get(table, ()):
        for number, value in frame.loc[rule.bad(frame), ["row", rule.column]].itertuples(index=False):
            yield origin.failure(rule.rule, row=int(number), column=rule.column, value=value)


def check_links(tables: dict[str, pd.DataFrame], origins: dict[str, Origin]) -> Iterator[Failure]:
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
    parameters = tables.get("parameters")
    if parameters is not None:
        yield from _check_parameter_keys(tables, parameters, origins["parameters"])


def _check_parameter_keys(
    tables: dict[str, pd.DataFrame], parameters: pd.DataFrame, origin: Origin
) -> Iterator[Failure]:
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


def cell_exists(name: str, tables: dict[str, pd.DataFrame]) -> bool:
    """Tell whether ``resources.<id>.<column>`` or ``tasks.<id>.<column>`` names a numeric cell."""
    parts = name.split(".")
    if len(parts) != 3 or parts[0] not in _TABLE_OF_CELL:
        return False
    table, id_column = _TABLE_OF_CELL[parts[0]]
    column = TABLES[table].to_schema().columns.get(parts[2])
    if column is None or not str(column.dtype).startswith("float"):
        return False
    return table not in tables or parts[1] in set(tables[table][id_column])
