"""What is wrong, or should be known, about the defaults of the parameters table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from csanalysis.errors import Failure
from csanalysis.io.cleaning import to_number
from csanalysis.io.readers import read_raw
from csanalysis.model.parameters import CSM_COST, OPTIONAL_KEYS, Parameter, parameters_from
from csanalysis.schemas.contract import Origin
from csanalysis.schemas.links import cell_exists
from csanalysis.workspace.create import example_dir
from csanalysis.workspace.reading import Reading

Tables = Mapping[str, pd.DataFrame]
_PARAMETERS = "parameters.csv"


def parameters_of(tables: Tables) -> dict[str, Parameter]:
    """Return the parameters of a workspace; season parameters take its season profiles."""
    profiles = tables["season_profiles"]["profile"].unique() if "season_profiles" in tables else ()
    return parameters_from(tables["parameters"], profiles)


def without_orphans(reading: Reading, tables: Tables, file: str) -> pd.DataFrame:
    """Return the parameters without ranges of cells whose row is no longer in its table, and tell them."""
    table = tables["parameters"]
    orphan = table["key"].map(lambda name: _is_orphan(str(name), tables))
    if orphan.any():
        reading.tell(file, "range_without_row", table.loc[orphan, "key"])
    return table[~orphan].reset_index(drop=True)


def _is_orphan(name: str, tables: Tables) -> bool:
    """Tell whether a key names a numeric cell of a row that is not there."""
    return not cell_exists(name, tables) and cell_exists(name, {})


def default_failures(tables: Tables, origins: Mapping[str, Origin]) -> Iterator[Failure]:
    """Yield defaults that are missing, out of bounds, or at odds with the rate card."""
    table, origin = tables["parameters"], origins["parameters"]
    rows = dict(zip(table["key"], table["row"], strict=True))
    for parameter in parameters_of(tables).values():
        place: dict[str, Any] = {"row": int(rows[parameter.key]), "column": "default"}
        if parameter.default is None:
            if parameter.key not in OPTIONAL_KEYS and "." not in parameter.key:
                yield origin.failure("no_default", **place)
            continue
        reason = parameter.explain(parameter.default, origin.lang)
        if reason:
            value, unit = parameter.default, parameter.unit
            yield origin.failure("bad_value", value=value, reason=reason, unit=unit, **place)
        elif parameter.key == CSM_COST and "resources" in tables:
            yield from _csm_price_failures(tables["resources"], parameter.default, origins["resources"])


def _csm_price_failures(card: pd.DataFrame, cost: object, origin: Origin) -> Iterator[Failure]:
    for number, price in card.loc[card["kind"] == "csm", ["row", "price"]].itertuples(index=False):
        if price != cost:
            shown = {"price": f"{price:,.0f}", "parameter": f"{cost:,.0f}"}
            yield origin.failure(
                "csm_price_differs", row=int(number), column="price", value=f"{price:g}", **shown
            )


def tell_defaults(reading: Reading, table: pd.DataFrame, file: str) -> None:
    """Note ranges that had to reach out to a default, and values whose source is still the example's."""
    defaults = pd.to_numeric(table["default"], errors="coerce")
    outside = (defaults < table["low"]) | (defaults > table["high"])
    if outside.any():
        reading.tell(file, "range_widened", table.loc[outside, "key"])
    folder = example_dir()
    if folder.resolve() == reading.root.resolve():
        return
    example = read_raw(folder / _PARAMETERS, _PARAMETERS, reading.lang).frame.set_index("key")
    own = table.set_index("key")
    shared = own.index.intersection(example.index)
    shipped = example.loc[shared, "default"].map(lambda cell: to_number(cell))
    changed = pd.to_numeric(own.loc[shared, "default"], errors="coerce") != shipped
    changed &= own.loc[shared, "default"].ne(example.loc[shared, "default"])
    same_source = own.loc[shared, "source"] == example.loc[shared, "source"]
    stale = shared[changed & same_source]
    if len(stale):
        reading.tell(file, "source_of_example", stale)
