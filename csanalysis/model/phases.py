"""Phase bands of a Customer Success organisation, by persons (CCJ2025)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from csanalysis.labels import both
from csanalysis.vocabulary import Phase

OVERLAP = 20
"""CCJ2025 puts 20 persons into two bands (11-20 and "20 or more"); here 20 is still `efficiency`."""


@dataclass(frozen=True)
class Band:
    """Persons from `first` to `last` (both included) are in `phase`; `last` is inf for the top band."""

    phase: Phase
    first: int
    last: float


BANDS = (
    Band(Phase.LAUNCH, 1, 2),
    Band(Phase.GROWTH, 3, 10),
    Band(Phase.EFFICIENCY, 11, OVERLAP),
    Band(Phase.MATURE, OVERLAP + 1, math.inf),
)
"""The four bands of CCJ2025, in order."""


def phase_of(persons: float) -> Phase:
    """Return the phase of a team of `persons` (whole number, 1 or more).

    Raises
    ------
    ValueError
        For no persons, and for a number that is not whole: persons decide the phase, FTE do not.

    Examples
    --------
    >>> [str(phase_of(n)) for n in (2, 3, 20, 21)]
    ['launch', 'growth', 'efficiency', 'mature']
    """
    if not math.isfinite(persons) or persons % 1:
        raise ValueError(both("model.whole_persons", key="cs_headcount", value=persons))
    if persons < 1:
        raise ValueError(both("phase.nobody", persons=f"{persons:g}"))
    return next(band.phase for band in BANDS if persons <= band.last)
