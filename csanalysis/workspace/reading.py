"""Files of one workspace to typed tables, every fault and every repair noted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pandas as pd
from pandera.pandas import DataFrameModel

from csanalysis.errors import DataContractError, Failure
from csanalysis.io.cleaning import to_quantity
from csanalysis.io.provenance import Source
from csanalysis.io.readers import Options, RawTable, read_raw
from csanalysis.io.repairs import Log
from csanalysis.schemas.accounts import check_accounts, with_dates
from csanalysis.schemas.contract import Origin, check_rows, check_table
from csanalysis.schemas.synonyms import names_of, nearest_name
from csanalysis.schemas.tables import OPTIONAL_TABLES, TABLES, ScenarioFile
from csanalysis.workspace.tidying import PLAIN, Tidying

SUFFIXES = (".csv", ".xlsx", ".xls", ".tsv", ".txt", ".xlsm", ".ods", ".fods", ".xml", ".csv.gz")
"""Endings, in small or capital letters, by which the files of a workspace are found."""
MODELS: dict[str, type[DataFrameModel]] = {**TABLES, **OPTIONAL_TABLES, "scenario": ScenarioFile}
MONEY_COLUMNS = {
    "resources": ("price", "base_fee", "setup_cost", "hiring_cost", "success_cap"),
    "segments": ("arpa_monthly",),
    "accounts": ("mrr",),
}
_PARAMETER_NUMBERS = ("low", "high", "hard_min", "hard_max", "step")


@dataclass
class Reading:
    """What one load has read, told and found wrong so far.

    Attributes
    ----------
    root : Path
    lang : {"ja", "en"}
    money : float
        JPY per unit of money in the files.
    failures, repairs, sources : list
        Gathered on the way.
    """

    root: Path
    lang: str
    money: float
    failures: list[Failure] = field(default_factory=list)
    repairs: list[dict[str, object]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)

    def stop_if_failed(self) -> None:
        """Raise all failures noted so far, sorted by place."""
        if self.failures:
            in_order = sorted(self.failures, key=lambda f: (f.file, f.row or 0, f.column))
            raise DataContractError(in_order, self.repairs)

    def tell(self, file: str, rule: str, details: Iterable[object] = (), count: int | None = None) -> None:
        """Note something that was changed, passed over, or should be known."""
        shown = [str(detail) for detail in details]
        number = len(shown) if count is None else count
        entry = {"rule": rule, "count": number, "cells": "", "before": "", "after": ""}
        self.repairs.append({"file": file, **entry, "detail": ", ".join(shown)})

    def table(self, name: str, file: str | None) -> tuple[pd.DataFrame | None, Origin | None]:
        """Read and check one table; None where it is absent or at fault."""
        path = self._find(name, file)
        raw = self.raw(name, path) if path else None
        if raw is None:
            return None, None
        origin = Origin(raw.file, raw.sheet, self.lang)
        frame = self.check(name, raw, origin)
        if frame is not None and name == "accounts":
            faults = list(check_accounts(frame, origin))
            self.failures += faults
            frame = None if faults else with_dates(frame)
        if frame is not None and name == "actuals":
            frame = frame.assign(month=pd.to_datetime(frame["month"], format="%Y-%m"))
        return (None if frame is None else self._in_yen(name, frame, raw.file)), origin

    def _find(self, table: str, named: str | None) -> Path | None:
        """Return the one file of a table; files of its name of a kind that is not read are told."""
        files = [] if named else [path.name for path in sorted(self.root.iterdir()) if path.is_file()]
        called = [name for name in files if name.lower().startswith(f"{table}.")]
        there = [name for name in called if name[len(table) :].lower() in SUFFIXES]
        if named and (self.root / named).is_file():
            there = [named]
        if len(there) == 1:
            return self.root / there[0]
        if called and not there:
            self.tell(called[0], "kind_not_read", called)
        if there or named or table in TABLES:
            shown = ", ".join(there or [named or ", ".join(f"{table}{suffix}" for suffix in SUFFIXES[:2])])
            rule = "two_files" if there else "missing_file"
            self.failures.append(Origin(shown, "", self.lang).failure(rule, table=table, names=shown))
        return None

    def raw(self, table: str, path: Path) -> RawTable | None:
        """Read one file as text cells; None if that failed."""
        name = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)
        known = names_of(table, MODELS[table].to_schema().columns) if table in MODELS else frozenset()
        options = Options(ragged="refuse", known=known, tidy=False)
        try:
            raw = read_raw(path, name, self.lang, options)
        except DataContractError as error:
            self.failures += error.failures
            return None
        self.repairs += [{"file": name, **repair} for repair in raw.repairs]
        self.sources.append(Source(table, name, raw.sha256, len(raw.frame), raw.encoding))
        return raw

    def check(self, table: str, raw: RawTable, origin: Origin) -> pd.DataFrame | None:
        """Type and validate one table; None if it failed."""
        tidying = Tidying(table, raw.frame, MODELS[table].to_schema(), origin)
        frame = tidying.run(yen=self.money == 1)
        self.repairs += [{"file": raw.file, **entry} for entry in tidying.log.entries]
        checked = check_table(frame, MODELS[table], origin, self._number, near=partial(nearest_name, table))
        told = {(f.row, f.column) for f in tidying.failures}
        failures = [*tidying.failures, *(f for f in checked.failures if (f.row, f.column) not in told)]
        if checked.unused_columns:
            self.tell(raw.file, "unused_column", checked.unused_columns)
        if not checked.frame.empty:
            told = {(f.row, f.column) for f in failures}
            failures += [f for f in check_rows(table, checked.frame, origin) if (f.row, f.column) not in told]
        self.failures += failures
        return None if failures else checked.frame

    def _number(self, cell: str, unit: str = "", *, percent: bool = True) -> float | None:
        """Read a cell; an amount that names its unit is no number where the workspace counts in thousands."""
        return to_quantity(cell, "" if unit == "JPY" and self.money != 1 else unit, percent=percent)

    def values_of(self, column: str, cells: Iterable[tuple[int, str, str]], file: str) -> list[float | None]:
        """Return the numbers of cells (row, as entered, unit); those not written plainly are told."""
        found: list[float | None] = []
        read: list[tuple[int, str, float]] = []
        for row, cell, unit in cells:
            found.append(value_of(cell, unit, self.money))
            if found[-1] is not None and not PLAIN.fullmatch(cell):
                read.append((row, cell, found[-1]))
        if read:
            log = Log()
            _, before, after = read[0]
            places = [f"{column}:{row}" for row, _, _ in read]
            log.tell("quantities", column, cells=places, before=before, after=f"{after:.12g}")
            self.repairs += [{"file": file, **entry} for entry in log.entries]
        return found

    def _in_yen(self, table: str, frame: pd.DataFrame, file: str) -> pd.DataFrame:
        """Return the table with amounts in JPY and numeric defaults in normal form."""
        count = 0
        if table in MONEY_COLUMNS:
            columns = list(MONEY_COLUMNS[table])
            frame = frame.assign(**{c: frame[c] * self.money for c in columns})
            count = int(frame[columns].notna().sum().sum())
        if table == "parameters":
            scale = frame["unit"].str.startswith("JPY").map({True: self.money, False: 1.0})
            frame = frame.assign(**{c: frame[c] * scale for c in _PARAMETER_NUMBERS})
            cells = frame[["row", "default", "unit"]].itertuples(index=False, name=None)
            numbers = self.values_of("default", cells, file)
            default = [
                cell if value is None else repr(value * factor)
                for cell, value, factor in zip(frame["default"], numbers, scale, strict=True)
            ]
            frame = frame.assign(default=default)
            count = int((scale != 1).sum())
        if count and self.money != 1:
            self.tell(file, "money_unit", count=count)
        return frame


def value_of(entered: str, unit: str, money: float, *, percent: bool | None = None) -> float | None:
    """Return a value in the unit of its parameter; None where it is empty or no number.

    An amount may name its unit (3億円) where the files count in JPY, an hour or a minute always.

    Examples
    --------
    >>> value_of("3億円", "JPY/year", 1.0), value_of("3億円", "JPY/year", 1000.0), value_of("3%", "ratio", 1)
    (300000000.0, None, 0.03)
    """
    base = unit.split("/")[0]
    known = base in ("hour", "minute") or (base == "JPY" and money == 1)
    is_ratio = base == "ratio" if percent is None else percent
    return to_quantity(entered, base if known else "", percent=is_ratio) if entered else None
