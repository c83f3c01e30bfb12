"""Phase of the Customer Success organisation, by persons (CCJ2025)."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from csanalysis.diagnosis.phase_fit import PhaseCheck, check_phase
from csanalysis.labels import number, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.phases import BANDS, OVERLAP, Band, phase_of
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Phase

SOURCE = "CCJ2025"


@dataclass(frozen=True)
class PhaseDiagnosis:
    """Phase of a team and what it means.

    Attributes
    ----------
    phase : Phase
        The phase by persons.
    persons : int
        Persons in the team.
    fte : float
        Full-time equivalents; decide cost and capacity, not the phase.
    findings : tuple of Finding
        What the phase asks for, and what is uncertain about it.
    checks, next_checks : tuple of PhaseCheck
        Figures that fit or contradict the themes of this phase, and of the next one.
    """

    phase: Phase
    persons: int
    fte: float
    findings: tuple[Finding, ...]
    checks: tuple[PhaseCheck, ...] = ()
    next_checks: tuple[PhaseCheck, ...] = ()
    source: str = SOURCE

    def to_frame(self, lang: str = "ja") -> pd.DataFrame:
        """Return one row a phase: phase, label, first, last (persons), theme, current, unit, source."""
        rows = [
            {
                "phase": str(band.phase),
                "label": term("phase", band.phase, lang),
                "first": band.first,
                "last": band.last,
                "theme": text(f"phase.theme.{band.phase}", lang),
                "current": band.phase == self.phase,
                "unit": "person",
                "source": self.source,
            }
            for band in BANDS
        ]
        return pd.DataFrame(rows)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]


def diagnose_phase(ds: Dataset, sc: Scenario) -> PhaseDiagnosis:
    """Diagnose the phase of the team from its persons (CCJ2025).

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
        Uses ``cs_headcount`` (persons, whole) and ``cs_fte`` (FTE).

    Raises
    ------
    ValueError
        If there is no person, or persons are not whole.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> str(cs.diagnose_phase(ds, ds.scenario).phase)
    'growth'
    """
    persons, fte = float(sc.number("cs_headcount")), float(sc.number("cs_fte"))
    phase = phase_of(persons)
    following = _following(phase)
    checks = check_phase(ds, sc, phase)
    later = check_phase(ds, sc, following.phase) if following else ()
    findings = (*_findings(phase, int(persons), fte), *_fit(checks, later))
    return PhaseDiagnosis(phase, int(persons), fte, findings, checks, later)


def _following(phase: Phase) -> Band | None:
    """Return the band after a phase; None after the last."""
    order = [band.phase for band in BANDS]
    at = order.index(phase) + 1
    return BANDS[at] if at < len(BANDS) else None


def _fit(checks: tuple[PhaseCheck, ...], later: tuple[PhaseCheck, ...]) -> list[Finding]:
    """Return what fits and contradicts the phase, then what the next one asks for."""
    told = [check.finding(now=True) for check in checks]
    if later:
        told.append(Finding(f"fit.asks.{later[0].phase}", source=SOURCE))
    return [*told, *(check.finding(now=False) for check in later)]


def _findings(phase: Phase, persons: int, fte: float) -> list[Finding]:
    found = [
        Finding(
            "phase.is",
            {"persons": number(persons), "fte": number(fte, 1), "phase": lambda lang: _named(phase, lang)},
            source=SOURCE,
        ),
        Finding(f"phase.theme.{phase}", source=SOURCE),
    ]
    if persons == OVERLAP:
        found.append(Finding("phase.overlap", level="warning", source=SOURCE))
    following = _following(phase)
    if following:
        values: dict[str, Shown] = {
            "more": number(following.first - persons),
            "first": number(following.first),
            "phase": lambda lang: _named(following.phase, lang),
        }
        found.append(Finding("phase.next", values, source=SOURCE))
    if fte > persons:
        told: dict[str, Shown] = {"fte": number(fte, 1), "persons": number(persons)}
        found.append(Finding("phase.fte_above_persons", told, level="question"))
    return found


def _named(phase: Phase, lang: str) -> str:
    return term("phase", phase, lang)
