"""A workspace on disk to a frozen dataset, with every fault of every file told at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from csanalysis.io.repairs import COLUMNS as REPAIR_COLUMNS
from csanalysis.labels import check_language
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import hours_without_volume
from csanalysis.model.disclosure import names_are_hidden
from csanalysis.model.parameters import Parameter
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.schemas.contract import Origin
from csanalysis.schemas.events import NAME as EVENTS
from csanalysis.schemas.links import check_links
from csanalysis.schemas.tables import OPTIONAL_TABLES, TABLES
from csanalysis.workspace.defaults import default_failures, parameters_of, tell_defaults, without_orphans
from csanalysis.workspace.event_files import open_events
from csanalysis.workspace.marker import MONEY_UNITS, find_workspace, read_marker
from csanalysis.workspace.price_sheet_offers import joined, read_folder
from csanalysis.workspace.pseudonyms import hide_log, hide_names, other_names
from csanalysis.workspace.rating_sheets import read_rating_folder
from csanalysis.workspace.reading import Reading
from csanalysis.workspace.scenario_files import choose_scenario


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
    show_names: bool | None = None,
) -> Dataset:
    """Load a workspace and check it against the data contract.

    Price sheets in its folder ``offers`` join the rate card (see `read_price_sheet`).

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
    show_names : bool, optional
        False gives accounts and persons pseudonyms; default: shown, unless ``CSANALYSIS_NAMES`` is "hidden".

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
    asked = lang or os.environ.get("CSANALYSIS_LANG")
    marker = read_marker(root, asked)
    reading = Reading(root, check_language(asked or marker.lang), MONEY_UNITS[marker.money])
    tables: dict[str, pd.DataFrame] = {}
    origins: dict[str, Origin] = {}
    for table in (*TABLES, *OPTIONAL_TABLES):
        frame, origin = reading.table(table, marker.files.get(table))
        if origin is not None:
            origins[table] = origin
        if frame is not None:
            tables[table] = frame
    offers = read_folder(reading, tables.get("resources"), marker.as_of)
    cells: dict[str, Parameter] = {}
    if "parameters" in tables:
        tables, cells = joined(tables, parameters_of(tables), offers, reading.lang)
    if "parameters" in tables:
        tables["parameters"] = without_orphans(reading, tables, origins["parameters"].file)
    reading.failures += check_links(tables, origins)
    read_rating_folder(reading, tables)
    events = open_events(reading, marker.files.get(EVENTS))
    if "parameters" in tables:
        reading.failures += default_failures(tables, origins)
    reading.stop_if_failed()
    tell_defaults(reading, tables["parameters"], origins["parameters"].file)
    hidden = names_are_hidden() if show_names is None else not show_names
    others = other_names(tables, reading.lang) if hidden else {}
    tables = hide_names(tables, others)
    space = ParameterSpace({**parameters_of(tables), **cells}, tables)
    named = scenario or os.environ.get("CSANALYSIS_SCENARIO") or marker.scenario
    chosen, names = choose_scenario(reading, space, named, overrides)
    blank = dict.fromkeys(("cells", "before", "after"), "")
    repairs = pd.DataFrame([{**blank, **r} for r in reading.repairs], columns=["file", *REPAIR_COLUMNS])
    sources = reading.sources
    if hidden:
        file = origins["accounts"].file if "accounts" in origins else ""
        repairs, sources = hide_log(repairs, sources, file, others, reading.lang)
    ds = Dataset(
        root,
        reading.lang,
        tables,
        chosen,
        names,
        repairs,
        tuple(sources),
        marker.as_of,
        events,
        others.get("account_id", {}),
    )
    _stop_on_hours_without_volume(ds, reading, origins["task_inventory"])
    return ds


def _stop_on_hours_without_volume(ds: Dataset, reading: Reading, origin: Origin) -> None:
    for row, hours, driver in hours_without_volume(ds)[["row", "hours_per_month", "driver"]].itertuples(
        index=False
    ):
        shown = f"{hours:g}"
        reading.failures.append(
            origin.failure(
                "hours_without_volume",
                row=int(row),
                column="hours_per_month",
                value=shown,
                hours=shown,
                driver=driver,
            )
        )
    reading.stop_if_failed()
