"""Quadrant (customer size x product type) and the plays of each phase (CCJ2025)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pandas as pd

from csanalysis.labels import number, term
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_hours
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.phases import phase_of
from csanalysis.model.playbook import SUPPORT, has_few_tickets, tickets_a_month
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Basis, Phase, Play, Quadrant

SOURCE = "CCJ2025"
_COLUMNS = ["phase", "task_group", "play", "kind", "contract_form", "basis", "source"]


@dataclass(frozen=True)
class QuadrantMap:
    """Plays of the company's quadrant, by phase.

    Attributes
    ----------
    quadrant : Quadrant
    phase : Phase
        The company's phase today.
    plays : pandas.DataFrame
        One row a phase and task group: phase, task_group, play, kind, contract_form, basis (source /
        derived / not_in_source), source, play_ja, play_en, hours (a month, today; 0 if no task has the
        group), current (is it the phase of today).
    cells : pandas.DataFrame
        One row for each of the 16 cells: quadrant, phase, basis (the best of its plays), plays, from_source.
    findings : tuple of Finding
    """

    quadrant: Quadrant
    phase: Phase
    plays: pd.DataFrame
    cells: pd.DataFrame
    findings: tuple[Finding, ...]

    def to_frame(self, lang: str = "ja") -> pd.DataFrame:
        """Return the plays with their text in `lang`, hours a month and the unit."""
        frame = self.plays.drop(columns=["play_ja", "play_en"])
        other = "en" if lang == "ja" else "ja"
        text = self.plays[f"play_{lang}"].where(self.plays[f"play_{lang}"] != "", self.plays[f"play_{other}"])
        return frame.assign(text=text, unit="hour/month")

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]


def map_quadrant(ds: Dataset, sc: Scenario) -> QuadrantMap:
    """Return the plays that the playbook holds for the company's quadrant.

    Parameters
    ----------
    ds : Dataset
        Uses playbook and task inventory.
    sc : Scenario
        Uses ``customer_size``, ``product_type``, ``cs_headcount`` and what decides the hours.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> found = cs.map_quadrant(ds, ds.base)
    >>> str(found.quadrant), "onboarding_delivery" in set(found.plays.query("play == 'hand_over'").task_group)
    ('smb_replace_existing', True)
    """
    quadrant, phase = sc.quadrant, phase_of(float(sc.number("cs_headcount")))
    book = ds.tables["playbook"]
    hours = task_hours(ds, sc).to_frame().groupby("task_group")["value"].sum()
    own = book[book["quadrant"] == quadrant]
    plays = own[[*_COLUMNS, "play_ja", "play_en"]].reset_index(drop=True)
    order = {str(p): n for n, p in enumerate(Phase)}
    plays = plays.assign(
        hours=plays["task_group"].map(hours).fillna(0.0), current=plays["phase"] == str(phase)
    ).sort_values("phase", key=lambda s: s.map(order), kind="stable", ignore_index=True)
    cells = _cells(book)
    findings = (*_findings(quadrant, phase, plays, hours), *_few_tickets(sc, plays))
    return QuadrantMap(quadrant, phase, plays, cells, findings)


def _few_tickets(sc: Scenario, plays: pd.DataFrame) -> list[Finding]:
    """Return the exception for support where tickets are few (LOGLASS2023)."""
    now = plays[plays["current"] & (plays["play"] == Play.HAND_OVER) & (plays["hours"] > 0)]
    if not has_few_tickets(sc) or SUPPORT not in set(now["task_group"]):
        return []
    values: dict[str, Shown] = {
        "tickets": number(tickets_a_month(sc)),
        "few": number(float(sc.number("few_tickets_per_month"))),
    }
    return [Finding("quadrant.few_tickets", values, "question", "LOGLASS2023")]


def _cells(book: pd.DataFrame) -> pd.DataFrame:
    """Return what is known of each of the 16 cells: the best basis among its plays."""
    rows = []
    for quadrant in Quadrant:
        for phase in Phase:
            basis = book.loc[(book["quadrant"] == quadrant) & (book["phase"] == phase), "basis"]
            known = Counter(basis)
            best = next((str(b) for b in Basis if known[str(b)]), str(Basis.NOT_IN_SOURCE))
            sourced = known[str(Basis.SOURCE)]
            rows.append((str(quadrant), str(phase), best, len(basis), sourced))
    return pd.DataFrame(rows, columns=["quadrant", "phase", "basis", "plays", "from_source"])


def _findings(
    quadrant: Quadrant, phase: Phase, plays: pd.DataFrame, hours: pd.Series[float]
) -> list[Finding]:
    where: dict[str, Shown] = {
        "quadrant": lambda lang: term("quadrant", quadrant, lang),
        "phase": lambda lang: term("phase", phase, lang),
    }
    now = plays[plays["current"]]
    found = [Finding("quadrant.is", where, source=SOURCE)]
    if not (now["basis"] == Basis.SOURCE).any():
        derived = (now["basis"] == Basis.DERIVED).any()
        key = "quadrant.derived" if derived else "quadrant.not_in_source"
        found.append(Finding(key, where, "warning", SOURCE))
    for play in (Play.HAND_OVER, Play.SELL, Play.PREPARE, Play.KEEP):
        rows = now[(now["play"] == play) & (now["hours"] > 0)]
        if len(rows):
            found.append(Finding(f"quadrant.{play}", {**where, **_told(rows)}, source=SOURCE))
    unknown = sorted(set(hours.index) - set(now["task_group"]))
    if unknown:
        names: Shown = lambda lang: _names(unknown, lang)  # noqa: E731
        found.append(Finding("quadrant.no_play", {**where, "groups": names}, "question"))
    return found


def _told(rows: pd.DataFrame) -> dict[str, Shown]:
    largest = rows.sort_values("hours", ascending=False)
    groups = list(largest["task_group"])
    sourced = int((rows["basis"] == Basis.SOURCE).sum())
    return {
        "groups": lambda lang: _names(groups, lang),
        "hours": number(float(rows["hours"].sum()), 1),
        "count": number(len(rows)),
        "sourced": number(sourced),
    }


def _names(groups: list[str], lang: str) -> str:
    return ("、" if lang == "ja" else ", ").join(term("task_group", g, lang) for g in groups)
