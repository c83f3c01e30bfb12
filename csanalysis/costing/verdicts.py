"""A verdict for each task group: hand over, pilot, wait or keep, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from csanalysis.costing.placement import Placement
from csanalysis.costing.rates import rates_of
from csanalysis.costing.unit_cost import saving_per_hour
from csanalysis.labels import money, number, term
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_hours
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.parameters import Array
from csanalysis.model.playbook import plays_now
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Conclusion, Play, Verdict


@dataclass(frozen=True)
class GroupVerdict:
    """What to do with a task group.

    Attributes
    ----------
    task_group : str
    verdict : Verdict
    reason : Finding
    hours, given : float
        Task hours a month of the group, and those the plan gives outside; today's average month.
    resource_id : str
        Who gets most of them; empty where nobody does.
    saving : tuple of float
        JPY saved per task hour at default, cautious and hopeful values; NaN where nothing is given.
    """

    task_group: str
    verdict: Verdict
    reason: Finding
    hours: float
    given: float
    resource_id: str
    saving: tuple[float, float, float]


def verdicts_of(
    ds: Dataset, sc: Scenario, placement: Placement, heads: float, conclusion: Conclusion
) -> tuple[GroupVerdict, ...]:
    """Return a verdict for each task group, largest first.

    Parameters
    ----------
    ds, sc
        Scalars.
    placement : Placement
        The plan.
    heads : float
        Whole heads the plan as a whole avoids at a bearable price.
    conclusion : Conclusion
        What the plan comes to as a whole.
    """
    inventory = ds.tables["task_inventory"].assign(hours=task_hours(ds, sc).hours)
    inventory["given_to"] = [
        placement.resources[at] if given else ""
        for at, given in zip(placement.plan, placement.outside, strict=True)
    ]
    plays = plays_now(ds, sc)
    names = {rate.resource_id: rate.name for rate in rates_of(sc)}
    found = []
    for group, rows in inventory.groupby("task_group", sort=False):
        given = rows[rows["given_to"] != ""]
        if len(given):
            to = str(given.groupby("given_to")["hours"].sum().idxmax())
            scope = inventory.loc[inventory["given_to"] == to, "task_id"]
            saving = saving_per_hour(ds, sc, to, scope)
            verdict, reason = _of_given(saving, heads, conclusion, names[to])
        else:
            to, saving = "", np.full(3, np.nan)
            verdict, reason = _of_kept(rows, plays, str(group))
        default, cautious, hopeful = (float(v) for v in saving)
        hours, out = float(rows["hours"].sum()), float(given["hours"].sum())
        found.append(GroupVerdict(str(group), verdict, reason, hours, out, to, (default, cautious, hopeful)))
    return tuple(sorted(found, key=lambda v: (-v.given, -v.hours)))


def _of_given(saving: Array, heads: float, conclusion: Conclusion, name: Shown) -> tuple[Verdict, Finding]:
    """Judge work that the plan gives outside by what an hour saves over the ranges of the evidence."""
    default, cautious, hopeful = (float(v) for v in saving)
    values: dict[str, Shown] = {"name": name, "heads": number(heads)}
    shown = {"default": abs(default), "cautious": abs(cautious), "hopeful": abs(hopeful)}
    values |= {key: _money(value) for key, value in shown.items()}
    if cautious >= 0 and conclusion in (Conclusion.DO_NOT, Conclusion.UNDECIDED):
        return Verdict.PILOT, Finding("verdict.cheaper_alone", values)
    if cautious >= 0:
        return Verdict.HAND_OVER, Finding("verdict.cheaper_always", values)
    if hopeful < 0:
        return Verdict.KEEP, Finding("verdict.dearer_always", values)
    if conclusion == Conclusion.DO_NOT and default < 0:
        return Verdict.KEEP, Finding("verdict.plan_loses", values)
    if default >= 0:
        return Verdict.PILOT, Finding("verdict.cheaper_unproven", values)
    if heads >= 1:
        return Verdict.PILOT, Finding("verdict.avoids_hire", values)
    return Verdict.WAIT, Finding("verdict.undecided", values, "question")


def _of_kept(rows: pd.DataFrame, plays: pd.DataFrame, group: str) -> tuple[Verdict, Finding]:
    """Judge work that stays: locked, kept by the playbook, or not part of this plan yet."""
    if (rows["lock_resource"] != "").all():
        reason = str(rows["lock_reason"].iloc[0])
        return Verdict.KEEP, Finding("verdict.locked", {"reason": reason})
    if group not in plays.index:
        return Verdict.KEEP, Finding("verdict.no_play", {}, "question")
    play, kind = plays.at[group, "play"], plays.at[group, "kind"]
    source = str(plays.at[group, "source"])
    if play in (Play.HAND_OVER, Play.SELL):
        values: dict[str, Shown] = {"kind": lambda lang: term("kind", kind, lang), "source": source}
        return Verdict.WAIT, Finding("verdict.not_in_plan", values, source=source)
    key = "verdict.prepare" if play == Play.PREPARE else "verdict.play_keep"
    verdict = Verdict.WAIT if play == Play.PREPARE else Verdict.KEEP
    return verdict, Finding(key, {"source": source}, source=source)


def _money(value: float) -> Shown:
    return lambda lang: money(value, lang)
