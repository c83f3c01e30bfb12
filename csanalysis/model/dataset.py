"""A loaded workspace. Frozen: frames are handed out as copies (copy-on-write, no cost)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from csanalysis.labels import check_language, text
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.schemas.events import UsageEvents

_WORDS = ("count", "cells", "before", "after", "detail")


@dataclass(frozen=True)
class Dataset:
    """The tables, scenarios and provenance of one workspace.

    Attributes
    ----------
    root : Path
        Folder of the workspace.
    lang : {"ja", "en"}
        Language of texts on screen.
    tables : mapping of str to pandas.DataFrame
        Typed tables by name; money in JPY, time in months, work in hours.
    scenario : Scenario
        The chosen scenario.
    scenarios : tuple of str
        Names of all scenarios.
    repairs : pandas.DataFrame
        What was changed or passed over while reading: file, rule, count, cells, before, after, detail.
    sources : tuple
        One record per input file: table, file, sha256, rows, encoding.
    as_of : datetime.date
        First day of month 0, today.
    usage_events : UsageEvents or None
        The files of the usage log, none of it in memory; None where the workspace has no such table.
    pseudonyms : mapping of str to str
        Account -> what the accounts table calls it instead; empty where names are shown. The usage log names
        accounts as the company does, so whoever joins the two needs it.
    """

    root: Path
    lang: str
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    scenario: Scenario
    scenarios: tuple[str, ...]
    repair_log: pd.DataFrame = field(repr=False)
    sources: tuple[Any, ...] = field(repr=False)
    as_of: date = date(2026, 4, 1)
    usage_events: UsageEvents | None = None
    pseudonyms: Mapping[str, str] = field(default_factory=dict, repr=False)

    def _table(self, name: str) -> pd.DataFrame:
        return self.tables[name].copy(deep=False)

    def _optional(self, name: str) -> pd.DataFrame | None:
        return self._table(name) if name in self.tables else None

    @property
    def tasks(self) -> pd.DataFrame:
        """Task inventory, one row a task."""
        return self._table("task_inventory")

    @property
    def resources(self) -> pd.DataFrame:
        """Rate card, one row an offer; prices in JPY."""
        return self._table("resources")

    @property
    def suitability(self) -> pd.DataFrame:
        """Desirability of each trait for each kind of resource."""
        return self._table("suitability")

    @property
    def parameters(self) -> pd.DataFrame:
        """Scenario parameters with range, source and grade."""
        return self._table("parameters")

    @property
    def benchmarks(self) -> pd.DataFrame:
        """Published figures with source and grade."""
        return self._table("benchmarks")

    @property
    def playbook(self) -> pd.DataFrame:
        """Plays by quadrant, phase and task group."""
        return self._table("playbook")

    @property
    def segments(self) -> pd.DataFrame | None:
        """Customer segments; None where the workspace has no such table."""
        return self._optional("segments")

    @property
    def season_profiles(self) -> pd.DataFrame | None:
        """Season profiles, twelve factors each; None where the workspace has no such table."""
        return self._optional("season_profiles")

    @property
    def accounts(self) -> pd.DataFrame | None:
        """Contract periods; None where the workspace has no such table."""
        return self._optional("accounts")

    @property
    def offers(self) -> pd.DataFrame | None:
        """What vendors offer beside a price; None where the workspace has no offers.

        Columns resource_id, vendor, file, sub_contracting (yes, no, with_consent; empty: not answered),
        data_location, service_level, valid_until (NaT: not stated).
        """
        return self._optional("offers")

    @property
    def ratings(self) -> pd.DataFrame | None:
        """What each person thinks of the traits of tasks; None where nobody filled a rating sheet."""
        return self._optional("ratings")

    @property
    def actuals(self) -> pd.DataFrame | None:
        """Hours really spent, one row a month, task and resource; None where the workspace has no such table.

        Columns month (first day), task_id, resource_id (empty: the in-house team), hours, volume (times done;
        NaN: not known).
        """
        return self._optional("actuals")

    @property
    def repairs(self) -> pd.DataFrame:
        """What was changed or passed over while reading."""
        return self.repair_log.copy(deep=False)

    def repairs_told(self, lang: str | None = None) -> tuple[tuple[str, str], ...]:
        """Return (file, sentence) of every repair: what `check`, notebooks and reports show.

        Parameters
        ----------
        lang : {"ja", "en"}, optional
            Default: the language of the dataset.

        Examples
        --------
        >>> import csanalysis as cs
        >>> cs.load_dataset("data").repairs_told("en")  # nothing had to be mended
        ()
        """
        return repair_sentences(self.repair_log.to_dict("records"), lang or self.lang)

    @property
    def space(self) -> ParameterSpace:
        """All keys a scenario may change."""
        return self.scenario.space

    @property
    def base(self) -> Scenario:
        """The defaults of the parameters table: the company today."""
        return Scenario("", self.space)

    def with_language(self, lang: str) -> Dataset:
        """Return the dataset with another language for texts on screen."""
        return replace(self, lang=check_language(lang))


def repair_sentences(log: Iterable[Mapping[Any, Any]], lang: str) -> tuple[tuple[str, str], ...]:
    """Return (file, sentence) of every entry of a repairs log."""
    found = []
    for record in log:
        words = {**dict.fromkeys(_WORDS, ""), **{str(name): value for name, value in record.items()}}
        found.append((str(words["file"]), text(f"repair.{words['rule']}", lang, **words)))
    return tuple(found)
