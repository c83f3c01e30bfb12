"""Raw tables of a workspace before they are typed: names, keys, nulls, dates, units; every change is told."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from csanalysis.io.cleaning import NULLS, has_magnitude, plain_sign, to_number, to_quantity
from csanalysis.io.declared import iso_dates
from csanalysis.io.notation import ID_NAMES, scientific
from csanalysis.io.repairs import Log, Place
from csanalysis.schemas.accounts import DATE_COLUMNS
from csanalysis.schemas.contract import Origin
from csanalysis.schemas.synonyms import match_columns

if TYPE_CHECKING:
    import pandera.pandas as pa

    from csanalysis.errors import Failure

_TWINS = str.maketrans("髙﨑濵邉邊齋齊斎廣國澤嶋島", "高崎浜辺辺斉斉斉広国沢島島")
_HOURS_A_MONTH = 744
PLAIN = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
"""A number as computers write it; any other way of writing one is told."""


class Tidying:
    """One raw table on its way to the contract.

    Attributes
    ----------
    frame : pandas.DataFrame
        Text cells under the names of the contract.
    failures : list of Failure
    log : Log
    """

    def __init__(self, table: str, frame: pd.DataFrame, schema: pa.DataFrameSchema, origin: Origin) -> None:
        self.table, self.frame, self.schema, self.origin = table, frame, schema, origin
        self.failures: list[Failure] = []
        self.log = Log()
        self.percent: tuple[str, ...] = ()

    def run(self, yen: bool) -> pd.DataFrame:
        """Apply all steps; `yen` is false where the workspace counts in thousands."""
        self._rename(yen)
        self._drop_identical()
        for name, column in self.schema.columns.items():
            if name not in self.frame:
                continue
            meta = column.metadata or {}
            if meta.get("key"):
                self._key(name)
            elif str(column.dtype).startswith("float"):
                self._number(name, str(meta.get("unit") or ""), bool(meta.get("percent")), yen)
        if self.table == "accounts":
            self._dates()
            self._twins("account_id")
        return self.frame

    def _meta(self, name: str) -> dict[str, Any]:
        return dict(self.schema.columns[name].metadata or {})

    def _rename(self, yen: bool) -> None:
        metas = {name: self._meta(name) for name in self.schema.columns}
        units = {name: str(meta.get("unit") or "") for name, meta in metas.items()}
        ratios = {n: m.get("percent") and not m.get("mixed") for n, m in metas.items()}
        units |= {name: "ratio" for name, is_ratio in ratios.items() if is_ratio}
        if not yen:  # a column in (円) would be read a thousand times too large
            units = {name: "1000JPY" if unit == "JPY" else unit for name, unit in units.items()}
        matched = match_columns(self.table, self.frame.columns, units)
        for column, names in matched.ties.items():
            shown = ", ".join(names)
            self.failures.append(self.origin.failure("two_columns", row=1, column=column, names=shown))
        if not matched.renamed:
            return
        self.frame = self.frame.rename(columns=matched.renamed)
        other = [f"{a} → {b}" for a, b in matched.renamed.items() if not a.startswith(f"{b} (")]
        if other:
            self.log.tell("column_names", ", ".join(other), count=len(other))
        self.percent = matched.percent

    def _drop_identical(self) -> None:
        unique = [name for name, column in self.schema.columns.items() if column.unique]
        again = self.frame.duplicated() if unique and set(unique) <= set(self.frame) else None
        if again is not None and again.any():
            rows = [str(row) for row in self.frame.index[again]]
            self.frame = self.frame[~again]
            self.log.tell("duplicate_rows", cells=rows)

    def _change(self, name: str, change: Callable[[str], str], rule: str = "", detail: str = "") -> None:
        """Change the cells of a column; told under `rule`, with the first change, unless that is empty."""
        before = self.frame[name]
        mapping = {cell: change(cell) for cell in before.unique()}
        different = {a: b for a, b in mapping.items() if a != b}
        if not different:
            return
        changed = before.isin(different)
        self.frame = self.frame.assign(**{name: before.map(mapping).astype(str)})
        if rule:
            first, last = next(iter(different.items()))
            cells = [f"{name}:{row}" for row in self.frame.index[changed]]
            self.log.tell(rule, detail or name, cells=cells, before=first, after=last)

    def _key(self, name: str) -> None:
        self._change(name, lambda cell: unicodedata.normalize("NFKC", cell).strip(), "keys")
        if not ID_NAMES.search(name):
            return
        for row, cell in self.frame[name].items():
            if scientific(cell):
                found = self.origin.failure("scientific_id", row=int(str(row)), column=name, value=cell)
                self.failures.append(found)

    def _number(self, name: str, unit: str, percent: bool, yen: bool) -> None:
        cells = self.frame[name]
        nulls = Counter(cell for cell in cells if cell in NULLS)
        if nulls:
            told = ", ".join(f"{token} × {count}" for token, count in nulls.items())
            places = [f"{name}:{row}" for row in cells.index[cells.isin(list(nulls))]]
            self.log.tell("nulls", f"{name}: {told}", cells=places, before=next(iter(nulls)))
            self._change(name, lambda cell: "" if cell in NULLS else cell)
        distinct = [cell for cell in self.frame[name].unique() if cell]
        if name not in self.percent and all(PLAIN.fullmatch(cell) for cell in distinct):
            if name == "hours_per_month":
                self._many_hours(name)
            return
        if unit == "JPY" and self._is_mixed(name, distinct):
            return
        if unit == "JPY" and not yen:
            return
        sign = "%" if name in self.percent else ""
        self._change(name, lambda cell: _plain(cell, unit, percent, sign), "quantities")
        if name == "hours_per_month":
            self._many_hours(name)

    def _is_mixed(self, name: str, distinct: list[str]) -> bool:
        named = [cell for cell in distinct if any(c in cell for c in "兆億万千")]
        bare = [cell for cell in distinct if not has_magnitude(cell) and to_number(cell)]
        if not (named and bare):
            return False
        for row, cell in self.frame[name].items():
            if cell in bare:
                found = self.origin.failure(
                    "mixed_units", row=int(str(row)), column=name, value=cell, named=named[0]
                )
                self.failures.append(found)
        return True

    def _many_hours(self, name: str) -> None:
        hours = self.frame[name].map(lambda cell: to_number(cell) or 0.0)
        rows = [f"{name}:{row}" for row in self.frame.index[hours > _HOURS_A_MONTH]]
        if rows:
            self.log.tell("many_hours", name, cells=rows)

    def _dates(self) -> None:
        place = Place(self.origin.file, self.origin.lang, self.origin.sheet)
        for name in DATE_COLUMNS:
            if name in self.frame:
                column, failures = iso_dates(self.frame[name], place, self.log)
                self.frame = self.frame.assign(**{name: column})
                self.failures += failures

    def _twins(self, name: str) -> None:
        """Name keys that differ only in a variant of a character (髙 and 高): they are not made one."""
        if name not in self.frame:
            return
        groups: dict[str, set[str]] = {}
        for cell in self.frame[name].unique():
            groups.setdefault(cell.translate(_TWINS), set()).add(cell)
        pairs = [" / ".join(sorted(cells)) for cells in groups.values() if len(cells) > 1]
        if pairs:
            self.log.tell("near_names", ", ".join(pairs), count=len(pairs))


def _plain(cell: str, unit: str, percent: bool, sign: str = "") -> str:
    """Return a cell as a plain number of its unit; what is none is left for the contract to refuse.

    `sign` is what the header says of cells that do not say it themselves.
    """
    if PLAIN.fullmatch(cell) and not sign:
        return cell
    plain = plain_sign(cell)
    value = to_quantity(plain if not sign or plain.endswith(sign) else plain + sign, unit, percent=percent)
    if value is None or math.isnan(value):
        return cell
    return str(int(value)) if value.is_integer() else repr(value)
