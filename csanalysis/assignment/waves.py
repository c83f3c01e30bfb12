"""In which order work goes out: first, next, later or never, and a small pilot before all of it.

*First* goes what goes out now, is named by the playbook, short, and decided. Short means that the kind's
desirability of `lead_days` has nothing left to wish for, fixed rules counted in (LOGLASS2023: short work
first). *Next* goes what misses one of these, and what the playbook hands out in the next phase. *Later* comes
what a later phase hands out, support while tickets are few, and what has to be cut into short pieces first.
*Never* is what stays in-house. A bundle goes with its slowest task.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.assignment.assign import assign_tasks
from csanalysis.assignment.pilot import Pilot, choose_pilot, pilot_findings
from csanalysis.assignment.reasons import Decision
from csanalysis.assignment.stability import Stability
from csanalysis.assignment.wave_tasks import DONE, WAVES, WaveTask, wave_tasks
from csanalysis.labels import both, money, number, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.scenario import Scenario

PILOT_SHARE = 0.25
"""Share of the accounts a pilot begins with (chosen: FULLSTAR says to start small, without a figure)."""


@dataclass(frozen=True)
class Waves:
    """Order in which work goes out, and the pilot before it.

    Attributes
    ----------
    tasks : tuple of WaveTask
        One a task, in the order of the inventory.
    pilot : Pilot or None
        None where nothing goes out.
    decide_at : float
        Share of draws from which a choice counted as decided; NaN without a stability analysis.
    """

    tasks: tuple[WaveTask, ...] = field(repr=False)
    pilot: Pilot | None
    decide_at: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row a task.

        Columns: task_id, bundle_id, task_group, wave, reason, resource_id and kind (then; empty where it
        stays), phase, probability, lead_days, hours, hours_freed (net of management), jpy, in_house_jpy, unit
        of the hours and unit_jpy of the amounts.
        """
        rows = []
        for task in self.tasks:
            d, rate = task.decision, None if task.target is None else task.decision.rates[task.target]
            rows.append(
                {
                    "task_id": d.task_id,
                    "bundle_id": d.bundle_id,
                    "task_group": d.task_group,
                    "wave": task.wave,
                    "reason": task.reason,
                    "resource_id": rate.resource_id if rate else "",
                    "kind": rate.kind if rate else "",
                    "phase": task.phase,
                    "probability": task.probability,
                    "lead_days": task.lead_days,
                    "hours": task.hours,
                    "hours_freed": task.freed,
                    "jpy": task.jpy,
                    "in_house_jpy": task.in_house_jpy,
                }
            )
        return pd.DataFrame(rows).assign(unit="hour/month", unit_jpy="JPY/month")

    def totals(self) -> pd.DataFrame:
        """Return one row a wave: wave, tasks, hours, hours_freed, jpy, in_house_jpy, units."""
        frame = self.to_frame()
        order = [*([DONE] if (frame["wave"] == DONE).any() else []), *WAVES]
        sums = frame.groupby("wave")[["hours", "hours_freed", "jpy", "in_house_jpy"]].sum().reindex(order)
        found = sums.fillna(0.0).assign(
            tasks=frame["wave"].value_counts().reindex(order).fillna(0).astype(int)
        )
        return found.rename_axis("wave").reset_index().assign(unit="hour/month", unit_jpy="JPY/month")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What to know, the answer first."""
        return tuple(self._findings())

    def _findings(self) -> Iterator[Finding]:
        for row in self.totals().to_dict("records"):
            members = sorted(
                (t.decision for t in self.tasks if t.wave == row["wave"]), key=lambda d: -d.hours
            )
            if members:
                yield Finding(f"waves.finding.{row['wave']}", _told(row, members), source="LOGLASS2023")
        yield from pilot_findings(self.pilot)
        if np.isnan(self.decide_at):
            yield Finding("waves.finding.no_stability", {}, "question")
        if self.pilot:
            yield Finding("waves.finding.not_cash", {}, "warning")

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings in a language."""
        return [finding.sentence(lang) for finding in self.findings]


def _told(row: Mapping[Hashable, Any], members: list[Decision]) -> dict[str, Shown]:
    paid, own = float(row["jpy"]), float(row["in_house_jpy"])
    return {
        "tasks": number(len(members)),
        "hours": number(row["hours"], 1),
        "freed": number(row["hours_freed"], 1),
        "paid": lambda lang: money(paid, lang),
        "own": lambda lang: money(own, lang),
        "names": lambda lang: text("stability.separator", lang).join(d.name(lang) for d in members[:3]),
    }


def plan_waves(
    ds: Dataset,
    sc: Scenario,
    stability: Stability | None = None,
    *,
    by_cost: bool = True,
    pilot_share: float = PILOT_SHARE,
) -> Waves:
    """Plan in which order work goes out.

    Parameters
    ----------
    stability : Stability, optional
        From `cs.assess_stability` for the same scenario: a task whose kind is chosen in fewer draws than
        count as decided does not go first. For the rule used here, hand it the assignment's `eligible_kinds`
        and `choose`.
    by_cost : bool
        As in `cs.assign_tasks`.
    pilot_share : float
        Share of the accounts the pilot begins with, where the work can be shared; above 0, up to 1.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> waves = cs.plan_waves(ds, ds.base)
    >>> found = waves.to_frame().set_index("task_id")["wave"]
    >>> list(found[["onb_session_deliver", "exp_upsell_call", "srv_survey_project", "rnw_negotiation"]])
    ['first', 'next', 'later', 'never']
    """
    if not 0 < pilot_share <= 1:
        raise ValueError(both("waves.bad_share"))
    plan = assign_tasks(ds, sc, by_cost=by_cost)
    decide_at = stability.decide_at if stability else np.nan
    found = wave_tasks(ds, sc, plan, stability)
    return Waves(found, _pilot(ds, sc, found, pilot_share), decide_at)


def _pilot(ds: Dataset, sc: Scenario, tasks: tuple[WaveTask, ...], share: float) -> Pilot | None:
    """Return the pilot: from the first wave, else from work that would go out now but waits."""
    first = [t for t in tasks if t.wave == "first"]
    waiting = [t for t in tasks if t.wave == "next" and t.decision.outside]
    pool = first or waiting
    return choose_pilot(ds, sc, [t.decision for t in pool], share) if pool else None
