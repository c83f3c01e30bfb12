"""Scenario parameters: what they mean, their bounds, and how a value is judged."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.labels import both, has, text
from csanalysis.schemas.tables import TABLES

Array: TypeAlias = npt.NDArray[np.float64]
Value: TypeAlias = float | str | Array | None

TEXT_UNITS = ("choice", "profile")
WHOLE_UNIT = "person"
FLAT = "flat"
"""Name of the season profile whose twelve factors are 1; needs no table."""
OUT_OF_BOUNDS = "model.out_of_bounds"
OPTIONAL_KEYS = ("new_accounts_per_month",)
"""Parameters whose default may be empty: they are derived unless entered."""
CSM_COST = "csm_monthly_cost"


@dataclass(frozen=True)
class Parameter:
    """One scenario parameter or one cell of a table.

    Attributes
    ----------
    key : str
        Frozen key such as ``arr`` or ``resources.bpo.price``.
    unit : str
        Unit of the value, such as ``JPY/year``; ``choice`` and ``profile`` take text.
    default : float, str or None
        Value where no scenario changes it; None = derived.
    low, high : float
        Plausible range (NaN: not given); `hard_min` and `hard_max` are the bounds no value may pass.
    """

    key: str
    unit: str
    default: float | str | None
    low: float = np.nan
    high: float = np.nan
    hard_min: float = np.nan
    hard_max: float = np.nan
    step: float = np.nan
    choices: tuple[str, ...] = ()
    group: str = ""
    role: str = ""
    distribution: str = "none"
    label_ja: str = ""
    label_en: str = ""
    source: str = ""
    grade: str = "assumption"

    @property
    def is_text(self) -> bool:
        """Tell whether the value is a term instead of a number."""
        return self.unit in TEXT_UNITS

    @property
    def allows_percent(self) -> bool:
        """Tell whether the value may be entered with a percent sign."""
        return self.unit.startswith("ratio")

    def label(self, lang: str) -> str:
        """Return the label on screen; the key where there is none."""
        shown = self.label_ja if lang == "ja" else self.label_en
        return shown or self.label_en or self.label_ja or self.key

    def check(self, value: Value) -> Value:
        """Return `value` in its normal form (float, str, float array or None).

        Raises
        ------
        ValueError
            Naming key, value and what is allowed, in English and Japanese.
        """
        problem = self.problem(value)
        if problem:
            key, values = problem
            hint = f"hint.{self.key}"
            more = f" ({both(hint)})" if key == OUT_OF_BOUNDS and has(hint) else ""
            raise ValueError(both(key, **values) + more)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, np.ndarray):
            return np.asarray(value, dtype=float)
        return float(value)

    def explain(self, value: Value, lang: str) -> str:
        """Return what is wrong with `value` in one language; empty if nothing is."""
        problem = self.problem(value)
        if not problem:
            return ""
        hint = f"hint.{self.key}"
        more = f" ({text(hint, lang)})" if problem[0] == OUT_OF_BOUNDS and has(hint) else ""
        return text(problem[0], lang, **problem[1]) + more

    def problem(self, value: Value) -> tuple[str, dict[str, object]] | None:
        """Return label and values of what is wrong with `value`, or None."""
        named: dict[str, object] = {"key": self.key, "value": value}
        if self.is_text:
            if not isinstance(value, str) or (self.choices and value not in self.choices):
                return "model.not_a_choice", {**named, "choices": ", ".join(self.choices)}
            return None
        if value is None:
            return None if self.key in OPTIONAL_KEYS else ("model.not_a_number", named)
        if isinstance(value, (str, bool)):
            return "model.not_a_number", named
        try:
            numbers = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            return "model.not_a_number", named
        if numbers.ndim > 1 or numbers.size == 0 or not np.isfinite(numbers).all():
            return "model.not_a_number", named
        low, high = self.hard_min, self.hard_max
        outside = (numbers < low) | (numbers > high)
        if outside.any():
            named["value"] = f"{np.atleast_1d(numbers)[np.atleast_1d(outside)][0]:.15g}"
            return OUT_OF_BOUNDS, {**named, "bounds": _bounds(low, high), "unit": self.unit}
        if self.unit == WHOLE_UNIT and (numbers % 1 != 0).any():
            return "model.whole_persons", named
        return None


def _bounds(low: float, high: float) -> str:
    if np.isnan(high):
        return f">= {low:,.10g}"
    if np.isnan(low):
        return f"<= {high:,.10g}"
    return f"{low:,.10g} .. {high:,.10g}"


def parameters_from(table: pd.DataFrame, profiles: Iterable[str] = ()) -> dict[str, Parameter]:
    """Turn the validated parameters table into `Parameter` objects, in its order.

    Season parameters take ``flat`` or one of `profiles`.

    A numeric default that is no number stays as the text found; the loader reports it.
    """
    found = (_parameter(record) for record in table.to_dict("records"))
    seasons = (FLAT, *profiles)
    return {p.key: replace(p, choices=seasons) if p.unit == "profile" else p for p in found}


def _parameter(record: Mapping[Hashable, Any]) -> Parameter:
    entered, unit = str(record["default"]), str(record["unit"])
    numeric = not entered or unit not in TEXT_UNITS
    default = _default(entered) if numeric else entered
    numbers = ("low", "high", "hard_min", "hard_max", "step")
    words = ("group", "role", "distribution", "label_ja", "label_en", "source", "grade")
    rest: dict[str, Any] = {name: float(record[name]) for name in numbers}
    rest |= {name: str(record[name]) for name in words}
    if isinstance(default, float):
        # A company may lie outside the range it was shipped with; the range then reaches out to it.
        rest["low"], rest["high"] = min(rest["low"], default), max(rest["high"], default)
    return Parameter(
        key=str(record["key"]),
        unit=unit,
        default=default,
        choices=tuple(c.strip() for c in str(record["choices"]).split(";") if c.strip()),
        **rest,
    )


def _default(entered: str) -> float | str | None:
    if not entered:
        return None
    try:
        return float(entered)
    except ValueError:
        return entered


_JUST = 1e-9
"""A bound that may not be reached is kept by this much."""


def column_bounds(table: str, column: str) -> tuple[float, float]:
    """Return the hard bounds of a numeric column, from the data contract."""
    low, high = -np.inf, np.inf
    for check in TABLES[table].to_schema().columns[column].checks:
        statistics = check.statistics or {}
        if check.name == "isin":
            allowed = statistics["allowed_values"]
            return float(min(allowed)), float(max(allowed))
        least, most = (
            float(statistics.get(k, v)) for k, v in (("min_value", -np.inf), ("max_value", np.inf))
        )
        low = max(low, least + (_JUST if check.name == "greater_than" else 0.0))
        high = min(high, most - (_JUST if check.name == "less_than" else 0.0))
    return low, high
