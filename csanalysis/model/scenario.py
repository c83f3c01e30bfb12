"""A scenario: the defaults of a workspace and the differences from them. Frozen."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.labels import both
from csanalysis.model.cell_units import cell_unit
from csanalysis.model.parameters import CSM_COST, Array, Parameter, Value, column_bounds
from csanalysis.schemas.links import cell_exists
from csanalysis.vocabulary import Grade, ProductType, Quadrant

CHANGED = "scenario"
"""Source of a value that was changed by hand, where no file is known."""
_CELL_TABLES = {"resources": ("resources", "resource_id"), "tasks": ("task_inventory", "task_id")}


@dataclass(frozen=True)
class ParameterSpace:
    """All keys a scenario may change: the parameters and the numeric cells of two tables."""

    parameters: Mapping[str, Parameter]
    tables: Mapping[str, pd.DataFrame] = field(repr=False)

    def canonical(self, key: str) -> str:
        """Return the key itself, or ``csm_monthly_cost`` for the price of the csm resource."""
        parts = key.split(".")
        if len(parts) == 3 and parts[0] == "resources" and parts[2] == "price":
            card = self.tables["resources"]
            if parts[1] in set(card.loc[card["kind"] == "csm", "resource_id"]):
                return CSM_COST
        return key

    def find(self, key: str) -> Parameter:
        """Return the parameter of `key`; a cell that no parameter declares has source and grade of its row.

        Raises
        ------
        ValueError
            If there is no such parameter or cell; it names the nearest key.
        """
        key = self.canonical(key)
        if "." not in key and key in self.parameters:
            return self.parameters[key]
        if cell_exists(key, self.tables):
            return self._cell(key)
        near = difflib.get_close_matches(key, [*self.parameters], n=1)
        raise ValueError(both("model.unknown_key", key=key, near=near[0] if near else "-"))

    @cached_property
    def rows(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Rows of the tables whose cells a scenario may change: prefix -> row key -> column -> value."""
        found = {}
        for prefix, (name, id_column) in _CELL_TABLES.items():
            records = self.tables[name].to_dict("records")
            found[prefix] = {str(r[id_column]): {str(k): v for k, v in r.items()} for r in records}
        return found

    def knows(self, key: str) -> bool:
        """Tell whether there is such a parameter or cell."""
        return key in self.parameters or cell_exists(key, self.tables)

    def _cell(self, key: str) -> Parameter:
        prefix, row, column = key.split(".")
        name, _ = _CELL_TABLES[prefix]
        record = self.rows[prefix][row]
        cell = float(record[column])
        default = None if np.isnan(cell) else cell
        low, high = column_bounds(name, column)
        declared = self.parameters.get(key)
        if declared is None:
            source, grade = str(record["source"]), str(record["grade"])
            unit = cell_unit(column, record)
            return Parameter(key, unit, default, hard_min=low, hard_max=high, source=source, grade=grade)
        fields = {**declared.__dict__, "default": default}
        fields["hard_min"] = np.fmax(declared.hard_min, low)
        fields["hard_max"] = np.fmin(declared.hard_max, high)
        return Parameter(**fields)


@dataclass(frozen=True)
class Scenario:
    """Values of all parameters: the defaults of a workspace with some changes.

    A numeric value is a scalar, or an array of shape ``(n_scenarios,)`` for many scenarios at once.

    Examples
    --------
    >>> import csanalysis as cs
    >>> sc = cs.load_dataset("data").scenario
    >>> sc.replace(arr=5e8)["arr"]
    500000000.0
    """

    name: str
    space: ParameterSpace = field(repr=False)
    changes: Mapping[str, Value] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def __getitem__(self, key: str) -> Any:
        """Return the value of a parameter key or cell."""
        parameter = self.space.find(key)
        return self.changes.get(parameter.key, parameter.default)

    def __hash__(self) -> int:
        return hash((self.name, tuple(sorted(self.changes))))

    def number(self, key: str) -> Any:
        """Return a numeric value: a float, or an array of shape ``(n_scenarios,)``."""
        value = self[key]
        if value is None or isinstance(value, str):
            raise ValueError(both("model.not_a_number", key=key, value=value))
        return value

    def replace(
        self, changes: Mapping[str, Value] | None = None, /, *, origin: str = "", **more: Value
    ) -> Scenario:
        """Return a scenario with some values changed.

        Parameters
        ----------
        changes, **more
            Parameter keys and values; cell keys such as ``resources.bpo.price`` go into `changes`.
        origin : str, optional
            Where the values come from, such as a file; shown as their source.

        Raises
        ------
        ValueError
            For an unknown key, or a value outside the hard bounds; it names both.
        """
        asked: dict[str, Value] = {}
        for key, value in {**(changes or {}), **more}.items():
            parameter = self.space.find(key)
            checked = parameter.check(value)
            if parameter.key in asked and not _same(asked[parameter.key], checked):
                raise ValueError(both("model.two_values", key=parameter.key))
            asked[parameter.key] = checked
        merged = {**self.changes, **asked}
        kept = {k: v for k, v in merged.items() if not _same(v, self.space.find(k).default)}
        told = {**self.origins, **dict.fromkeys(asked, origin)}
        return Scenario(self.name, self.space, kept, {k: told[k] for k in kept if k in told})

    def parameter(self, key: str) -> Parameter:
        """Return label, unit, range, source and grade of a key."""
        return self.space.find(key)

    def stated(self, key: str) -> Parameter:
        """Return the parameter as this scenario states it.

        A changed value is an assumption of the scenario: it does not inherit the default's source and
        grade, and it keeps the default's range only where it lies within.
        """
        parameter = self.space.find(key)
        if parameter.key not in self.changes:
            return parameter
        value, low, high = self.changes[parameter.key], parameter.low, parameter.high
        if not isinstance(value, float) or not low <= value <= high:
            low = high = np.nan
        source = self.origins.get(parameter.key) or CHANGED
        return replace(parameter, source=source, grade=str(Grade.ASSUMPTION), low=low, high=high)

    def changed(self) -> dict[str, Value]:
        """Return the differences from the defaults."""
        return dict(self.changes)

    def cells(self, prefix: str, column: str) -> Iterator[tuple[str, Array | float]]:
        """Yield (row key, value) of the changed cells of one column; `prefix` is tasks or resources."""
        for key, value in self.changes.items():
            parts = key.split(".")
            if len(parts) == 3 and parts[0] == prefix and parts[2] == column:
                yield parts[1], value  # type: ignore[misc]

    @property
    def quadrant(self) -> Quadrant:
        """Customer size x product type (CCJ2025)."""
        return Quadrant(f"{self['customer_size']}_{ProductType(self['product_type'])}")


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return one is other
    return one == other
