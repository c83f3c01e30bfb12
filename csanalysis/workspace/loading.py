"""Files of a workspace to a frozen dataset, with every fault of every file told at once."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pandera.pandas import DataFrameModel

from csanalysis.errors import DataContractError, Failure
from csanalysis.io.cleaning import to_number
from csanalysis.io.provenance import Source, sha256_of
from csanalysis.io.readers import RawTable, read_raw
from csanalysis.labels import check_language
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import hours_without_volume
from csanalysis.model.parameters import CSM_COST, OPTIONAL_KEYS, Parameter, Value, parameters_from
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.schemas.contract import Origin, check_rows, check_table
from csanalysis.schemas.links import check_links
from csanalysis.schemas.tables import OPTIONAL_TABLES, TABLES, ScenarioFile
from csanalysis.workspace.marker import MONEY_UNITS, find_workspace, read_marker

SUFFIXES = (".csv", ".xlsx")
MODELS: dict[str, type[DataFrameModel]] = {**TABLES, **OPTIONAL_TABLES, "scenario": ScenarioFile}
_MONEY_COLUMNS = {
    "resources": ("price", "base_fee", "setup_cost", "hiring_cost", "success_cap"),
    "segments": ("arpa_monthly",),
}
_PARAMETER_NUMBERS = ("low", "high", "hard_min", "hard_max", "step")


def start(workspace: str | Path | None = None) -> tuple[Dataset, Scenario, str]:
    """Open the workspace a notebook belongs to: dataset, chosen scenario and language.

    The scenario is the one of ``CSANALYSIS_SCENARIO``, else of the marker; ``CSANALYSIS_SET`` (a JSON
    object) changes single values; ``CSANALYSIS_LANG`` sets the language.
    """
    ds = load_dataset(find_workspace(workspace))
    return ds, ds.scenario, ds.lang


def load_dataset(
    path: str | Path,
    *,
    lang: str | None = None,
    scenario: str | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Dataset:
    """Load a workspace and check it against the data contract.

    Parameters
    ----------
    path : str or Path
        Folder with ``csanalysis.toml``.
    lang : {"ja", "en"}, optional
        Language; default ``CSANALYSIS_LANG``, then the marker.
    scenario : str, optional
        Scenario to choose; default ``CSANALYSIS_SCENARIO``, then the marker.
    overrides : mapping of str to str, optional
        Values to change in the chosen scenario, as text; default ``CSANALYSIS_SET``.

    Returns
    -------
    Dataset
        Frozen; money in JPY, time in months, work in hours.

    Raises
    ------
    DataContractError
        With every failure of every table, each with file, sheet, row, column, value and fix.
    WorkspaceError
        If `path` is no workspace.

    Examples
    --------
    >>> import csanalysis as cs
    >>> len(cs.load_dataset("data").tasks) >= 40
    True
    """
    root = find_workspace(path)
    marker = read_marker(root)
    lang = check_language(lang or os.environ.get("CSANALYSIS_LANG") or marker.lang)
    loading = _Loading(root, lang)
    tables: dict[str, pd.DataFrame] = {}
    origins: dict[str, Origin] = {}
    for table in (*TABLES, *OPTIONAL_TABLES):
        raw = loading.read(table, marker.files.get(table))
        if raw is None:
            continue
        origins[table] = Origin(raw.file, raw.sheet, lang)
        frame = loading.check(table, raw, origins[table])
        if frame is not None:
            tables[table] = loading.in_yen(table, frame, marker.money, raw.file)
    loading.failures += check_links(tables, origins)
    if "parameters" in tables:
        loading.failures += _default_failures(tables, origins)
    loading.stop_if_failed()
    profiles = tables["season_profiles"]["profile"].unique() if "season_profiles" in tables else ()
    space = ParameterSpace(parameters_from(tables["parameters"], profiles), tables)
    named = scenario or os.environ.get("CSANALYSIS_SCENARIO") or marker.scenario
    if overrides is None:
        overrides = json.loads(os.environ.get("CSANALYSIS_SET") or "{}")
    chosen, names = loading.scenarios(space, named, MONEY_UNITS[marker.money], overrides or {})
    repairs = pd.DataFrame(loading.repairs, columns=["file", "rule", "count", "detail"])
    ds = Dataset(root, lang, tables, chosen, names, repairs, tuple(loading.sources), marker.as_of)
    for _, row in hours_without_volume(ds).iterrows():
        loading.failures.append(
            origins["task_inventory"].failure(
                "hours_without_volume",
                row=int(row["row"]),
                column="hours_per_month",
                value=f"{row['hours_per_month']:g}",
                hours=f"{row['hours_per_month']:g}",
                driver=row["driver"],
            )
        )
    loading.stop_if_failed()
    return ds


class _Loading:
    """The state of one load: what was read, told and found wrong."""

    def __init__(self, root: Path, lang: str) -> None:
        self.root, self.lang = root, lang
        self.failures: list[Failure] = []
        self.repairs: list[dict[str, object]] = []
        self.sources: list[Source] = []

    def stop_if_failed(self) -> None:
        if self.failures:
            raise DataContractError(sorted(self.failures, key=_by_place))

    def read(self, table: str, named: str | None) -> RawTable | None:
        """Read the file of a table, or note why not."""
        names = [named] if named else [f"{table}{suffix}" for suffix in SUFFIXES]
        there = [name for name in names if (self.root / name).is_file()]
        if not there and not named and table in OPTIONAL_TABLES:
            return None
        if len(there) != 1:
            rule = "two_files" if there else "missing_file"
            shown = ", ".join(there or names)
            self.failures.append(Origin(shown, "", self.lang).failure(rule, table=table, names=shown))
            return None
        return self._read_file(table, self.root / there[0])

    def _read_file(self, table: str, path: Path) -> RawTable | None:
        name = path.relative_to(self.root).as_posix()
        try:
            raw = read_raw(path, name, self.lang)
        except DataContractError as error:
            self.failures += error.failures
            return None
        self.repairs += [{"file": name, **repair} for repair in raw.repairs]
        self.sources.append(Source(table, name, sha256_of(path), len(raw.frame), raw.encoding))
        return raw

    def check(self, table: str, raw: RawTable, origin: Origin) -> pd.DataFrame | None:
        """Type and validate one table; None if it failed."""
        checked = check_table(raw.frame, MODELS[table], origin, to_number)
        failures = list(checked.failures)
        if checked.unused_columns:
            detail, count = ", ".join(checked.unused_columns), len(checked.unused_columns)
            self.repairs.append({"file": raw.file, "rule": "unused_column", "count": count, "detail": detail})
        if not checked.frame.empty:
            told = {(f.row, f.column) for f in failures}
            failures += [f for f in check_rows(table, checked.frame, origin) if (f.row, f.column) not in told]
        self.failures += failures
        return None if failures else checked.frame

    def in_yen(self, table: str, frame: pd.DataFrame, money: str, file: str) -> pd.DataFrame:
        """Return the table with amounts in JPY and numeric defaults in normal form."""
        factor = MONEY_UNITS[money]
        if table in _MONEY_COLUMNS and factor != 1:
            columns = list(_MONEY_COLUMNS[table])
            frame = frame.assign(**{c: frame[c] * factor for c in columns})
            count = int(frame[columns].notna().sum().sum())
            self.repairs.append({"file": file, "rule": "money_unit", "count": count, "detail": ""})
        if table == "parameters":
            scale = frame["unit"].str.startswith("JPY").map({True: factor, False: 1.0})
            frame = frame.assign(**{c: frame[c] * scale for c in _PARAMETER_NUMBERS})
            pairs = zip(frame["default"], scale, strict=True)
            frame = frame.assign(default=[_normal_number(text, by) for text, by in pairs])
            if factor != 1:
                count = int((scale != 1).sum())
                self.repairs.append({"file": file, "rule": "money_unit", "count": count, "detail": ""})
        return frame

    def scenarios(
        self, space: ParameterSpace, named: str, factor: float, overrides: Mapping[str, str]
    ) -> tuple[Scenario, tuple[str, ...]]:
        """Read every scenario file, so that a fault in any is told, and choose one."""
        folder = self.root / "scenarios"
        found = {p.stem: p for p in sorted(folder.glob("*")) if p.suffix in SUFFIXES}
        read = {name: self._scenario(space, name, path, factor) for name, path in found.items()}
        named = named or (next(iter(found)) if len(found) == 1 else "")
        if not named and not found:
            chosen: Scenario | None = Scenario("", space)
        elif named in read:
            chosen = read[named]
        else:
            known = ", ".join(found) or "-"
            origin = Origin("scenarios/", "", self.lang)
            self.failures.append(origin.failure("unknown_scenario", value=named, known=known))
            chosen = None
        origin = Origin("--set", "", self.lang)
        asked: list[tuple[int | None, str, str]] = [(None, k, v) for k, v in overrides.items()]
        changes = dict(self._values(space, asked, origin, 1.0))
        self.stop_if_failed()
        assert chosen is not None
        return chosen.replace(changes), tuple(found)

    def _scenario(self, space: ParameterSpace, name: str, path: Path, factor: float) -> Scenario:
        empty = Scenario(name, space)
        raw = self._read_file("scenario", path)
        if raw is None:
            return empty
        origin = Origin(raw.file, raw.sheet, self.lang)
        if raw.frame.empty and {"key", "value"} <= set(raw.frame.columns):
            return empty
        frame = self.check("scenario", raw, origin)
        if frame is None:
            return empty
        for number in frame.loc[frame.duplicated("key"), "row"]:
            self.failures.append(origin.failure("duplicate_key", row=int(number), column="key"))
        rows = list(frame[["row", "key", "value"]].itertuples(index=False, name=None))
        return Scenario(name, space).replace(dict(self._values(space, rows, origin, factor)))

    def _values(
        self,
        space: ParameterSpace,
        rows: list[tuple[int | None, str, str]],
        origin: Origin,
        factor: float,
    ) -> Iterator[tuple[str, Value]]:
        """Yield (key, value) of rows that hold; note the others as failures."""
        for row, key, entered in rows:
            try:
                parameter = space.find(key)
            except ValueError:
                near = _nearest(key, space)
                self.failures.append(
                    origin.failure("unknown_parameter", row=row, column="key", value=key, near=near)
                )
                continue
            value = _parse(parameter, entered, factor)
            reason = parameter.explain(value if value is not None else entered, self.lang)
            if reason:
                failure = origin.failure(
                    "bad_value", row=row, column=key, value=entered, reason=reason, unit=parameter.unit
                )
                self.failures.append(failure)
                continue
            yield parameter.key, value


def _by_place(failure: Failure) -> tuple[str, int, str]:
    return failure.file, failure.row or 0, failure.column


def _nearest(key: str, space: ParameterSpace) -> str:
    near = difflib.get_close_matches(key, [*space.parameters], n=1)
    return near[0] if near else "-"


def _parse(parameter: Parameter, entered: str, factor: float) -> Value:
    if parameter.is_text:
        return entered.strip()
    number = to_number(str(entered))
    if number is None:
        return None
    is_money = parameter.unit.startswith("JPY") or parameter.unit in _MONEY_COLUMNS["resources"]
    return number * factor if is_money else number


def _normal_number(entered: str, factor: float) -> str:
    number = to_number(entered) if entered else None
    return entered if number is None else repr(number * factor)


def _default_failures(tables: Mapping[str, pd.DataFrame], origins: Mapping[str, Origin]) -> Iterator[Failure]:
    """Yield what is wrong with the defaults of the parameters table."""
    table, origin = tables["parameters"], origins["parameters"]
    rows = dict(zip(table["key"], table["row"], strict=True))
    profiles = tables["season_profiles"]["profile"].unique() if "season_profiles" in tables else ()
    for parameter in parameters_from(table, profiles).values():
        place: dict[str, Any] = {"row": int(rows[parameter.key]), "column": "default"}
        if parameter.default is None:
            if parameter.key not in OPTIONAL_KEYS and "." not in parameter.key:
                yield origin.failure("no_default", **place)
            continue
        reason = parameter.explain(parameter.default, origin.lang)
        if reason:
            value, unit = parameter.default, parameter.unit
            yield origin.failure("bad_value", value=value, reason=reason, unit=unit, **place)
        elif isinstance(parameter.default, float):
            if parameter.default < parameter.low or parameter.default > parameter.high:
                low, high = f"{parameter.low:g}", f"{parameter.high:g}"
                value = f"{parameter.default:g}"
                yield origin.failure("default_outside", value=value, low=low, high=high, **place)
            if parameter.key == CSM_COST and "resources" in tables:
                yield from _csm_price_failures(tables["resources"], parameter.default, origins["resources"])


def _csm_price_failures(card: pd.DataFrame, cost: float, origin: Origin) -> Iterator[Failure]:
    for number, price in card.loc[card["kind"] == "csm", ["row", "price"]].itertuples(index=False):
        if price != cost:
            shown = {"price": f"{price:,.0f}", "parameter": f"{cost:,.0f}"}
            yield origin.failure(
                "csm_price_differs", row=int(number), column="price", value=f"{price:g}", **shown
            )
