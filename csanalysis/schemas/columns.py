"""Column types of the data contract, as pandera fields.

A field says more than pandera's checks, in its metadata: whether the column may be missing (``optional``),
what an empty cell means (``blank``), whether H/M/L is read as 5/3/1 (``rating``), in which unit a number
stands (``unit``) or that rows differ in it (``mixed``), and whether cells are matched with others, so that
width variants must not count (``key``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandera.pandas as pa

KEY_PATTERN = r"[^\s.;,]+"
"""Keys stand in ``tasks.<task_id>.<column>``: no spaces, dots, commas or semicolons."""


def key(*, unique: bool = False) -> Any:
    """Declare a key that other tables or scenarios point to."""
    return pa.Field(unique=unique, str_matches=rf"^{KEY_PATTERN}$", metadata={"key": True})


def words(*, filled: bool = False, optional: bool = False, key: bool = False) -> Any:
    """Declare free text; `filled`: the cell may not be empty; `key`: it is matched with other cells."""
    rules = {"str_length": {"min_value": 1}} if filled else {}
    return pa.Field(**rules, metadata={"optional": optional, "key": key})  # type: ignore[arg-type]


def choice(terms: Iterable[str], *, blank: str | None = None, optional: bool = False) -> Any:
    """Declare one of the terms of a vocabulary; an empty cell means `blank`."""
    return pa.Field(
        isin=[str(t) for t in terms], metadata={"blank": blank, "optional": optional, "key": True}
    )


def number(
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    blank: float | None = None,
    empty: bool = False,
    optional: bool = False,
    percent: bool = False,
    unit: str = "",
    mixed: bool = False,
) -> Any:
    """Declare a number within bounds.

    An empty cell means `blank`, or stays empty where `empty` is true; `percent` allows a percent sign; a cell
    may name its `unit` ("JPY", "hour" or "minute") and is converted to it. `mixed`: the unit differs from row
    to row, so that no header can name it.
    """
    bounds = {k: v for k, v in {"ge": ge, "gt": gt, "le": le, "lt": lt}.items() if v is not None}
    meta = {"blank": blank, "optional": optional, "percent": percent, "unit": unit, "mixed": mixed}
    return pa.Field(**bounds, nullable=empty, metadata=meta)  # type: ignore[arg-type]


def flag(*, blank: float | None = None) -> Any:
    """Declare 0 or 1."""
    return pa.Field(isin=[0.0, 1.0], metadata={"blank": blank})


def rating() -> Any:
    """Declare a rating from 1 to 5; H, M and L are read as 5, 3 and 1."""
    return pa.Field(ge=1, le=5, metadata={"rating": True})
