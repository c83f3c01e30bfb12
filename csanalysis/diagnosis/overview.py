"""What a workspace holds, and how much of it rests on assumptions."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from csanalysis.labels import number, percent
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_hours
from csanalysis.model.findings import Finding
from csanalysis.model.scenario import Scenario
from csanalysis.model.supply import PLAUSIBLE_LOAD, productive_hours_of
from csanalysis.vocabulary import Grade


@dataclass(frozen=True)
class Overview:
    """A workspace in a few figures.

    Attributes
    ----------
    files, rows, repairs : int
        Input files, their rows, and entries of the repairs log.
    changes : int
        Values that the scenario changes.
    tasks : int
        Tasks of the inventory.
    hours : float
        Task hours a month, today.
    load : float
        Task hours / hours that the FTE of today can give; NaN without a team.
    grades : mapping of str to int
        Evidence grade -> number of parameters.
    """

    files: int
    rows: int
    repairs: int
    changes: int
    tasks: int
    hours: float
    load: float
    grades: dict[str, int]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the figures say."""
        low, high = PLAUSIBLE_LOAD
        names = ("files", "rows", "repairs", "changes", "tasks")
        values = {name: number(getattr(self, name)) for name in names}
        values |= {"hours": number(self.hours, 1), "load": percent(self.load, 0)}
        plausible = low <= self.load <= high
        total = sum(self.grades.values())
        assumed = self.grades.get(Grade.ASSUMPTION, 0)
        graded = {
            "total": number(total),
            "assumed": number(assumed),
            "measured": number(self.grades.get(Grade.MEASURED, 0)),
        }
        scenario = "scenario" if self.changes else "defaults"
        found = [Finding(f"overview.{key}", values) for key in ("read", scenario, "hours")]
        if math.isfinite(self.load):
            found.append(Finding("overview.load", values) if plausible else _doubt(values, low, high))
        return (*found, Finding("overview.grades", graded, "question" if assumed else "info"))

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]


def _doubt(values: dict[str, str], low: float, high: float) -> Finding:
    ends = {"low": percent(low, 0), "high": percent(high, 0)}
    return Finding("overview.load_doubtful", {**values, **ends}, "question")


def describe_workspace(ds: Dataset, sc: Scenario) -> Overview:
    """Describe a workspace under a scenario.

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
        Scalar values.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> describe_workspace(ds, ds.base).tasks >= 40
    True
    """
    hours = float(task_hours(ds, sc).total)
    supply = float(sc.number("cs_fte")) * float(productive_hours_of(sc))
    return Overview(
        files=len(ds.sources),
        rows=sum(source.rows for source in ds.sources if source.rows > 0),  # -1: not counted
        repairs=len(ds.repairs),
        changes=len(sc.changed()),
        tasks=len(ds.tasks),
        hours=hours,
        load=hours / supply if supply else float("nan"),
        grades=dict(Counter(ds.parameters["grade"])),
    )
