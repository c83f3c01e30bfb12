"""What a report says about its own making: input files, software, changed parameters."""

from __future__ import annotations

import platform
from collections.abc import Collection
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from csanalysis import labels
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario

SOFTWARE = ("csanalysis", "pandas", "numpy", "matplotlib", "seaborn", "ipywidgets", "pandera", "nbclient")
"""Packages whose versions a report states."""


@dataclass(frozen=True)
class Change:
    """One parameter whose value is not its default.

    Attributes
    ----------
    key, label : str
        Parameter key, and its name in the language of the report.
    default, now : str
        Values as shown, in `unit`.
    unit : str
        Unit of both.
    source : str
        Where it was changed.
    """

    key: str
    label: str
    default: str
    now: str
    unit: str
    source: str


def versions() -> tuple[tuple[str, str], ...]:
    """Return (software, version) of Python and the packages that a report rests on."""
    found = [("Python", platform.python_version())]
    for name in SOFTWARE:
        found.append((name, package_version(name)))
    return tuple(found)


def package_version(name: str) -> str:
    """Return the version of an installed package, or a dash if it runs without being installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"


def changes(sc: Scenario, lang: str, given: Collection[str] = ()) -> tuple[Change, ...]:
    """Return the parameters that differ from the defaults.

    Parameters
    ----------
    sc : Scenario
    lang : {"ja", "en"}
    given : collection of str
        Keys that were set for this run alone.
    """
    here = {sc.space.canonical(key) for key in given}
    found = []
    for key, value in sorted(sc.changed().items()):
        parameter = sc.parameter(key)
        source = f"scenarios/{sc.name}.csv"
        if key in here:
            source = labels.text("report.changed_by_set", lang)
        default, now = shown(parameter.default, key, lang), shown(value, key, lang)
        found.append(Change(key, parameter.label(lang), default, now, parameter.unit, source))
    return tuple(found)


def shown(value: object, key: str, lang: str) -> str:
    """Return the value of parameter `key` as text, a number without needless decimals.

    Examples
    --------
    >>> shown(500_000_000.0, "arr", "en"), shown(0.0075, "monthly_churn", "en")
    ('500,000,000', '0.0075')
    >>> shown("smb", "customer_size", "ja")
    'SMB'
    """
    if value is None:
        return labels.text("report.derived", lang)
    if isinstance(value, int | float):
        return f"{value:,.10g}"
    return labels.term(key, value, lang)


def inputs(ds: Dataset) -> tuple[tuple[str, str, str, str], ...]:
    """Return (table, file, rows, SHA-256) of every input file; a large log is neither counted nor hashed."""
    rows = [f"{s.rows:,}" if s.rows >= 0 else "-" for s in ds.sources]
    return tuple((s.table, s.file, n, s.sha256 or "-") for s, n in zip(ds.sources, rows, strict=True))
