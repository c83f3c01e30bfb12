"""When one task goes out, to whom, and why then."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from csanalysis.assignment.assign import Assignment
from csanalysis.assignment.eligibility import FEW, FREE, KEPT, LOCKED, NAMED, NOTHING_OUT, PREPARED, bundles
from csanalysis.assignment.reasons import Decision
from csanalysis.assignment.stability import Stability
from csanalysis.assignment.suitability import LEAD
from csanalysis.labels import term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.phases import phase_of
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Phase, Play, ResourceKind

WAVES = ("first", "next", "later", "never")
DONE = "done"
"""Work that is with this offer already."""
_OUT = (Play.HAND_OVER, Play.SELL)


@dataclass(frozen=True)
class WaveTask:
    """When a task goes out, to whom, and why then.

    Attributes
    ----------
    decision : Decision
    wave : str
        One of `WAVES`, or `done`.
    reason : str
        End of the label ``waves.reason.<reason>``.
    target : int or None
        Position in the rate card of who does it then; None where it stays.
    phase : str
        Phase in which the playbook hands it out; empty where that does not matter.
    probability : float
        Share of draws in which the target's kind was chosen; NaN for what stays now, and without an analysis.
    lead_days, hours, freed : float
        Days until the value arrives; task hours a month, and those left after managing who does it.
    jpy, in_house_jpy : float
        Full cost a month outside (at the margin) and of the same hours in-house; NaN where it stays.
    """

    decision: Decision
    wave: str
    reason: str
    target: int | None
    phase: str
    probability: float
    lead_days: float
    hours: float
    freed: float
    jpy: float
    in_house_jpy: float

    def why(self, lang: str) -> str:
        """Return why it goes then."""
        return text(
            f"waves.reason.{self.reason}",
            lang,
            phase=term("phase", self.phase, lang) if self.phase else "",
            probability=f"{100 * self.probability:.0f}" if np.isfinite(self.probability) else "-",
            days=f"{self.lead_days:g}",
        )


def wave_tasks(
    ds: Dataset, sc: Scenario, plan: Assignment, stability: Stability | None
) -> tuple[WaveTask, ...]:
    """Return when each task goes out; a bundle goes with its slowest task."""
    later = _later_plays(ds, sc)
    shares = _probabilities(plan, stability)
    decide_at = stability.decide_at if stability else np.nan
    tasks = [_task(ds, plan, row, later, shares, decide_at) for row in range(len(plan.decisions))]
    order = [DONE, *WAVES]
    for rows in bundles(plan.eligible.units):
        slowest = max((tasks[row] for row in rows), key=lambda task: order.index(task.wave))
        for row in rows:
            joined = replace(tasks[row], wave=slowest.wave, reason=slowest.reason, phase=slowest.phase)
            stays = {"target": None, "freed": 0.0, "jpy": np.nan, "in_house_jpy": np.nan}
            tasks[row] = replace(joined, **stays) if joined.wave == "never" else joined
    return tuple(tasks)


def _later_plays(ds: Dataset, sc: Scenario) -> dict[str, tuple[int, str, str]]:
    """Return task group -> (phases from now, phase, kind) of the first later phase that hands it out."""
    order, book = list(Phase), ds.tables["playbook"]
    now = order.index(phase_of(float(sc.number("cs_headcount"))))
    own = book[(book["quadrant"] == sc.quadrant) & book["play"].isin([str(p) for p in _OUT])]
    found: dict[str, tuple[int, str, str]] = {}
    for ahead, phase in enumerate(order[now + 1 :], 1):
        for group, kind in own.loc[own["phase"] == phase, ["task_group", "kind"]].itertuples(index=False):
            found.setdefault(str(group), (ahead, str(phase), str(kind)))
    return found


def _probabilities(plan: Assignment, stability: Stability | None) -> pd.DataFrame:
    """Return the share of draws by task and kind; empty without a stability analysis."""
    if stability is None:
        return pd.DataFrame(index=[d.task_id for d in plan.decisions])
    frame: pd.DataFrame = stability.to_frame().pivot(index="task_id", columns="kind", values="probability")
    return frame.reindex([d.task_id for d in plan.decisions])


def _task(
    ds: Dataset,
    plan: Assignment,
    row: int,
    later: dict[str, tuple[int, str, str]],
    shares: pd.DataFrame,
    decide_at: float,
) -> WaveTask:
    """Return when one task goes out, without regard to its bundle."""
    d = plan.decisions[row]
    target, phase = (d.chosen, "") if d.outside else _later_target(plan, row, later.get(d.task_group))
    kind = "" if target is None else d.rates[target].kind
    chance = float(shares[kind].iloc[row]) if d.outside and kind in shares else np.nan
    today = str(ds.tables["task_inventory"]["current_resource"].iloc[row])
    if d.outside:
        wave, reason = _wave_outside(plan, row, chance, decide_at, today)
    else:
        wave, reason = _wave_inside(plan, row, later.get(d.task_group), target)
    target, phase = (None, "") if wave == "never" else (target, phase)
    days = float(ds.tables["task_inventory"]["lead_days"].iloc[row])
    freed, paid, own = _worth(d, target)
    return WaveTask(d, wave, reason, target, phase, chance, days, d.hours, freed, paid, own)


def _later_target(plan: Assignment, row: int, play: tuple[int, str, str] | None) -> tuple[int | None, str]:
    """Return the cheapest offer of the kind the playbook names, now or later, and the phase."""
    named = plan.decisions[row].named if plan.eligible.states[row] in (NAMED, FEW) else ""
    kind = named or (play[2] if play else "")
    offers = [at for at, name in enumerate(plan.eligible.kinds) if name == kind and name != ResourceKind.CSM]
    best = min(offers, key=lambda at: plan.costs.jpy[row, at], default=None)
    return best, "" if named or play is None else play[1]


def _wave_outside(plan: Assignment, row: int, chance: float, decide_at: float, today: str) -> tuple[str, str]:
    """Return the wave of work that goes out now, and why."""
    d, state = plan.decisions[row], plan.eligible.states[row]
    if today == d.resource_id:
        return DONE, "done"
    if state == LOCKED:
        return "next", "locked"
    if np.isfinite(chance) and chance < decide_at:
        return "next", "discuss"
    if state == FREE:
        return "next", "unnamed"
    if d.reason == "other":
        return "next", "second_choice"
    kind = int(plan.rule.kind_of[d.chosen])
    return ("first", "ready") if _short(plan, row, kind) else ("next", "long")


def _short(plan: Assignment, row: int, kind: int) -> bool:
    """Tell whether the kind wants short work and finds nothing to wish for in this one."""
    return bool(plan.short[kind] and plan.fit.parts[row, kind, LEAD] >= 1)


def _wave_inside(
    plan: Assignment, row: int, play: tuple[int, str, str] | None, target: int | None
) -> tuple[str, str]:
    """Return the wave of work that stays in-house now, and why."""
    d, state = plan.decisions[row], plan.eligible.states[row]
    suits = target is not None and plan.scores[row, target] >= d.threshold
    if state == LOCKED:
        return "never", "locked"
    if state == FEW:
        return "later", "few_tickets"
    if state in (KEPT, PREPARED, NOTHING_OUT):
        if play is None or target is None:
            return "never", "kept"
        if not suits:
            return "later", "cut"
        return ("next", "next_phase") if play[0] == 1 else ("later", "later_phase")
    if d.reason == "none_suits":
        return "later", "cut"
    if state == NAMED and target is not None:
        return "later", "price" if suits else "cut"
    return "never", "own_better"


def _worth(d: Decision, target: int | None) -> tuple[float, float, float]:
    """Return hours freed, full cost outside and in-house a month; nothing freed and NaN where it stays."""
    if target is None:
        return 0.0, np.nan, np.nan
    rate = d.rates[target]
    bought = d.hours * float(((1 + rate.get("rework_rate")) / rate.get("productivity"))[0])
    freed = d.hours - bought * float(rate.get("management_ratio")[0])
    return freed, float(d.jpy[target]), float(d.jpy[d.own])
