"""Units of the cells of the inventory and the rate card: their columns name them, or other cells do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csanalysis.schemas.tables import TABLES
from csanalysis.vocabulary import PriceForm


def _having(mark: str) -> frozenset[str]:
    schemas = (TABLES[table].to_schema() for table in ("task_inventory", "resources"))
    columns = (pair for schema in schemas for pair in schema.columns.items())
    return frozenset(name for name, column in columns if (column.metadata or {}).get(mark))


_RATIOS, _RATINGS = _having("percent"), _having("rating")
_BY_PRICE = {
    PriceForm.SALARY: ("JPY/head/month", "head/month"),
    PriceForm.HOUR: ("JPY/hour", "hour/month"),
    PriceForm.SEAT_MONTH: ("JPY/head/month", "head/month"),
    PriceForm.CASE: ("JPY/case", "case/month"),
    PriceForm.SUCCESS: ("JPY", "month"),
    PriceForm.LICENCE: ("JPY/account/month", "account/month"),
}
"""Unit of the price, and of the volumes it is paid for."""
_PER_PRICE = ("included_units", "minimum_units", "block")
_UNITS = {
    "base_fee": "JPY/month",
    "success_cap": "JPY/month",
    "setup_cost": "JPY",
    "hiring_cost": "JPY",
    "min_term_months": "month",
    "notice_months": "month",
    "ramp_tau_months": "month",
    "hiring_lead_months": "month",
    "capacity_cap": "hour/month",
    "attrition_annual": "ratio/year",
    "minutes": "minute",
    "hours_per_month": "hour/month",
    "frequency": "time",
    "spread_months": "month",
    "lead_days": "day",
}


def cell_unit(column: str, row: Mapping[str, Any]) -> str:
    """Return the unit of a cell of the inventory or the rate card; "" for yes or no.

    Parameters
    ----------
    column : str
    row : mapping
        The row it stands in: prices and volumes are counted in what ``price_form`` names.

    Examples
    --------
    >>> cell_unit("minimum_units", {"price_form": "hour"}), cell_unit("premium", {})
    ('hour/month', 'ratio')
    """
    if column == "price" or column in _PER_PRICE:
        price, volume = _BY_PRICE[PriceForm(row["price_form"])]
        return price if column == "price" else volume
    return _UNITS.get(column, "ratio" if column in _RATIOS else "score" if column in _RATINGS else "")
