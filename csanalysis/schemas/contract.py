"""The data contract: raw text tables to typed tables, with every failure collected.

A table passes in three steps: its columns are there, its cells have the declared type, and its values
keep the rules of its pandera model and of `ROW_RULES`. Failures are gathered, never raised one by one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd
import pandera.pandas as pa

from csanalysis.errors import Failure
from csanalysis.labels import text


class NumberReader(Protocol):
    """Reads one text cell: the number, NaN for an empty cell, None for what is no number.

    `unit` is the declared unit of the column: "JPY", "hour", "minute", or "" for a plain number.
    """

    def __call__(self, cell: str, unit: str = "", *, percent: bool = True) -> float | None:
        """Read one cell."""


SEASON_TOLERANCE = 0.001
MONTH = r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])"
"""A month in a table: 2026-03."""
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
    raw: pd.DataFrame,
    model: type[pa.DataFrameModel],
    origin: Origin,
    to_number: NumberReader,
    near: Callable[[str, Iterable[str]], str] | None = None,
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
    near : callable, optional
        Returns the unused column that may be meant by a missing one, or "".

    Returns
    -------
    Checked
        The frame has the columns of `model` in its order; cells that failed are NaN or as entered.
    """
    schema = model.to_schema()
    missing, unused = _compare_columns(raw, schema, origin, near or _nearest)
    if missing:
        return Checked(pd.DataFrame(), tuple(missing), unused)
    if raw.empty:
        return Checked(pd.DataFrame(), (origin.failure("no_rows"),), unused)
    frame, failures = _type_cells(raw, schema, origin, to_number)
    told = {(f.row, f.column) for f in failures}
    failures += [f for f in _rule_failures(frame, raw, schema, origin) if (f.row, f.column) not in told]
    return Checked(frame.reset_index(names="row"), tuple(failures), unused)


def _compare_columns(
    raw: pd.DataFrame,
    schema: pa.DataFrameSchema,
    origin: Origin,
    near_of: Callable[[str, Iterable[str]], str],
) -> tuple[list[Failure], tuple[str, ...]]:
    known = list(schema.columns)
    unused = tuple(c for c in raw.columns if c not in known)
    missing = []
    for name, column in schema.columns.items():
        if name in raw.columns or (column.metadata or {}).get("optional"):
            continue
        near = near_of(name, unused)
        if near:
            missing.append(origin.failure("missing_column_near", row=1, column=name, near=near))
        else:
            missing.append(origin.failure("missing_column", row=1, column=name))
    return missing, unused


def _nearest(name: str, unused: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(unused), n=1, cutoff=0.6)
    return near[0] if near else ""


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
            value = (
                rated
                if rated is not None
                else to_number(cell, str(meta.get("unit") or ""), percent=bool(meta.get("percent")))
            )
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
            if rule == "out_of_range" and _is_percentage(schema.columns[column], case.failure_case):
                rule = "ratio_over_one"
            yield origin.failure(rule, row=row, column=column, value=entered, **values)


def _is_percentage(column: pa.Column, value: Any) -> bool:
    """Tell whether a number may be a percentage without its sign, in a column of ratios up to 1."""
    tops = [(check.statistics or {}).get("max_value") for check in column.checks]
    return bool((column.metadata or {}).get("percent")) and 1.0 in tops and 1 < float(value) <= 100


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


def _bad_mean(table: pd.DataFrame) -> pd.Series[bool]:
    """Mark the first row of each season profile whose mean is not 1."""
    mean = table.groupby("profile")["factor"].transform("mean")
    return ((mean - 1).abs() > SEASON_TOLERANCE) & ~table.duplicated("profile")


def _bad_months(table: pd.DataFrame) -> pd.Series[bool]:
    """Mark the first row of each season profile that has not twelve months."""
    count = table.groupby("profile")["month"].transform("nunique")
    return (count != 12) & ~table.duplicated("profile")


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
    "actuals": (
        RowRule("not_a_month", "month", lambda t: ~t["month"].str.fullmatch(MONTH)),
        RowRule("doubled_row", "task_id", _doubled("month", "task_id", "resource_id")),
    ),
    "ratings": (RowRule("doubled_row", "trait", _doubled("task_id", "rater", "trait")),),
    "segments": (RowRule("no_name", "name_ja", _unnamed),),
    "season_profiles": (
        RowRule("doubled_row", "month", _doubled("profile", "month")),
        RowRule("whole_number", "month", lambda t: t["month"] % 1 != 0),
        RowRule("season_mean", "factor", _bad_mean),
        RowRule("season_months", "month", _bad_months),
    ),
    "playbook": (RowRule("doubled_row", "task_group", _doubled("quadrant", "phase", "task_group")),),
}


def check_rows(table: str, frame: pd.DataFrame, origin: Origin) -> Iterator[Failure]:
    """Yield the failures of the row rules of `table`."""
    for rule in ROW_RULES.get(table, ()):
        for number, value in frame.loc[rule.bad(frame), ["row", rule.column]].itertuples(index=False):
            yield origin.failure(rule.rule, row=int(number), column=rule.column, value=value)
