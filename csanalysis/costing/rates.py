"""Cells of the rate card under a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from csanalysis.labels import LANGUAGES
from csanalysis.model.parameters import CSM_COST, Array, Parameter
from csanalysis.model.scenario import Scenario
from csanalysis.model.supply import HEAD_GUARD, productive_hours_of
from csanalysis.vocabulary import PriceForm, ResourceKind


@dataclass(frozen=True)
class Rate:
    """One offer of the rate card under a scenario.

    Attributes
    ----------
    resource_id, kind, contract_form, price_form : str
        As on the rate card.
    names : mapping of str to str
        Language -> name.
    cells : mapping of str to ndarray
        Numeric columns, shape (1,) or (n_scenarios,); an empty cell (no cap) is infinite.
    """

    resource_id: str
    kind: str
    contract_form: str
    price_form: str
    names: Mapping[str, str]
    cells: Mapping[str, Array] = field(repr=False)

    def get(self, column: str) -> Array:
        """Return a numeric column."""
        return self.cells[column]

    @property
    def sells_labour(self) -> bool:
        """Whether an outside resource is paid for work done: not a licence, and not for success."""
        paid_otherwise = (PriceForm.LICENCE, PriceForm.SUCCESS)
        return self.kind != ResourceKind.CSM and self.price_form not in paid_otherwise

    @property
    def without_minimum(self) -> Rate:
        """The same offer without a minimum."""
        return replace(self, cells={**self.cells, "minimum_units": np.zeros(1)})

    def name(self, lang: str) -> str:
        """Return the name on screen, in the other language where there is none."""
        return self.names[lang] or next((n for n in self.names.values() if n), self.resource_id)


def rates_of(sc: Scenario) -> tuple[Rate, ...]:
    """Return the offers of the rate card in its order."""
    found = []
    for key, row in sc.space.rows["resources"].items():
        numeric = [column for column, value in row.items() if isinstance(value, float)]
        cells = {c: _array(np.inf if np.isnan(row[c]) else row[c]) for c in numeric}
        cells |= {c: _array(v) for c in numeric for r, v in sc.cells("resources", c) if r == key}
        if row["kind"] == ResourceKind.CSM:
            cells["price"] = number(sc, CSM_COST)
        names = {lang: str(row[f"name_{lang}"]) for lang in LANGUAGES}
        forms = str(row["kind"]), str(row["contract_form"]), str(row["price_form"])
        found.append(Rate(key, *forms, names, cells))
    return tuple(found)


def price_stated(sc: Scenario, rate: Rate, column: str = "price") -> Parameter:
    """Return a price of an offer with range, source and grade."""
    return sc.stated(f"resources.{rate.resource_id}.{column}")


def _array(value: object) -> Array:
    return np.atleast_1d(np.asarray(value, dtype=float))


def number(sc: Scenario, key: str) -> Array:
    """Return a parameter as an array of shape (1,) or (n_scenarios,)."""
    return np.atleast_1d(np.asarray(sc.number(key), dtype=float))


def hour_cost(sc: Scenario) -> Array:
    """Return JPY per productive hour of the in-house team: csm_monthly_cost / productive hours."""
    return np.asarray(number(sc, "csm_monthly_cost") / np.atleast_1d(productive_hours_of(sc)))


def billed_units(units: Array, rate: Rate) -> Array:
    """Return the units paid for: max(0, max(minimum, units rounded up to blocks) - included)."""
    block = rate.get("block")
    step = np.where(block > 0, block, 1.0)
    rounded = np.where(block > 0, np.ceil(units / step - HEAD_GUARD) * step, units)
    committed = np.maximum(rounded, rate.get("minimum_units"))
    return np.asarray(np.maximum(committed - rate.get("included_units"), 0.0))


def committed_units(rate: Rate) -> Array:
    """Return the units a month that are paid for without any work, shape (1,) or (n_scenarios,)."""
    return billed_units(np.zeros(1), rate)


def units_per_bought_hour(sc: Scenario, rate: Rate) -> Array:
    """Return billed units per hour bought; 0 where hours are not what the price is quoted for."""
    per_hour = {
        PriceForm.HOUR: np.ones(1),
        PriceForm.SEAT_MONTH: 1 / number(sc, "paid_hours"),
        PriceForm.SALARY: 1 / np.atleast_1d(productive_hours_of(sc)),
    }
    return np.asarray(per_hour.get(PriceForm(rate.price_form), np.zeros(1)))
