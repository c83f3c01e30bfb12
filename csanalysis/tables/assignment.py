"""Tables of the assignment: who does what and why, how near a boundary it is, and in which wave it goes."""

from __future__ import annotations

import math

from csanalysis.assignment.assign import Assignment
from csanalysis.assignment.boundary import Boundaries, flip_text
from csanalysis.assignment.boundary_quantities import GROUPS
from csanalysis.assignment.reasons import Decision, why_finding
from csanalysis.assignment.wave_tasks import DONE, WAVES, WaveTask
from csanalysis.assignment.waves import Waves
from csanalysis.labels import money, number, percent, term, text
from csanalysis.tables.html import Column, Html, render


def assignment(plan: Assignment, lang: str = "ja") -> Html:
    """Return who does each task or bundle, its hours and cost, and why; what goes outside first."""
    units: dict[str, list[Decision]] = {}
    for d in plan.decisions:
        units.setdefault(f" {d.bundle_id}" if d.bundle_id else d.task_id, []).append(d)
    order = sorted(units.values(), key=lambda unit: (not unit[0].outside, unit[0].chosen, -_hours(unit)))
    separator = text("stability.separator", lang)
    paid = [sum(float(d.jpy[d.chosen]) for d in unit) for unit in order]
    columns = [
        Column("task", [separator.join(d.name(lang) for d in unit) for unit in order]),
        Column("who", [unit[0].rates[unit[0].chosen].name(lang) for unit in order]),
        Column("hours", [number(_hours(unit), 1) for unit in order], True),
        Column("monthly_full_cost", [money(value, lang) for value in paid], True),
        Column("why", [why_finding(unit[0]).sentence(lang) for unit in order]),
    ]
    limit = number(plan.rule.threshold, 2)
    return render(columns, lang, text("caption.assignment", lang, threshold=limit))


def _hours(unit: list[Decision]) -> float:
    return sum(d.hours for d in unit)


def assignment_changes(plan: Assignment, other: Assignment, lang: str = "ja") -> Html:
    """Return the tasks that two assignments give to different offers, such as with and without cost."""
    there = {d.task_id: d for d in other.decisions}
    rows = [(d, there[d.task_id]) for d in plan.decisions if there[d.task_id].resource_id != d.resource_id]
    columns = [
        Column("task", [d.name(lang) for d, _ in rows]),
        Column("who", [d.rates[d.chosen].name(lang) for d, _ in rows]),
        Column("suitability", [number(float(d.scores[d.chosen]), 2) for d, _ in rows], True),
        Column("monthly_full_cost", [money(float(d.jpy[d.chosen]), lang) for d, _ in rows], True),
        Column("who_else", [e.rates[e.chosen].name(lang) for _, e in rows]),
        Column("suitability_else", [number(float(e.scores[e.chosen]), 2) for _, e in rows], True),
        Column("cost_else", [money(float(e.jpy[e.chosen]), lang) for _, e in rows], True),
    ]
    return render(columns, lang, text("caption.assignment_changes", lang))


def boundaries(result: Boundaries, lang: str = "ja", *, group: str = "") -> Html:
    """Return the smallest change of each task that would give it to somebody else, the nearest first.

    Tasks that nothing flips are counted in the caption.

    Parameters
    ----------
    result : Boundaries
        From `csanalysis.find_boundaries`.
    lang : {"ja", "en"}
    group : str, optional
        Only changes of this group: trait, weight, price, quality or threshold. Default: the nearest of all.

    Raises
    ------
    ValueError
        For a group that is not one of these.
    """
    if group and group not in GROUPS:
        raise ValueError(f"group must be one of {', '.join(GROUPS)}, not {group!r}")
    frame = result.frame[result.frame["group"] == group] if group else result.nearest
    found = frame[frame["flip_at"].notna()]
    rows = found.sort_values("distance", kind="stable").to_dict("records")
    names = {d.task_id: d for d in result.plan.decisions}
    columns = [
        Column("task", [names[str(r["task_id"])].name(lang) for r in rows]),
        Column("who", [term("kind", r["kind"], lang) for r in rows]),
        Column("flip", [flip_text(r, lang) for r in rows]),
        Column("flip_distance", [_share(float(r["distance"])) for r in rows], True),
    ]
    what = text(f"boundary.group.{group}" if group else "boundary.group.any", lang)
    return render(columns, lang, text("caption.boundaries", lang, what=what, never=len(frame) - len(found)))


def _share(share: float) -> str:
    return percent(share) if math.isfinite(share) else "-"


def waves(result: Waves, lang: str = "ja") -> Html:
    """Return in which wave each task goes out, to whom and why then."""
    order = [DONE, *WAVES]
    found = sorted(result.tasks, key=lambda t: (order.index(t.wave), -t.hours))
    columns = [
        Column("wave", [term("wave", t.wave, lang) for t in found]),
        Column("task", [t.decision.name(lang) for t in found]),
        Column("who", [_taker(t, lang) for t in found]),
        Column("hours", [number(t.hours, 1) for t in found], True),
        Column("hours_freed", [number(t.freed, 1) if t.target is not None else "-" for t in found], True),
        Column("probability", [_share(t.probability) for t in found], True),
        Column("why", [t.why(lang) for t in found]),
    ]
    return render(columns, lang, text("caption.waves", lang))


def _taker(task: WaveTask, lang: str) -> str:
    at = task.decision.own if task.target is None else task.target
    return task.decision.rates[at].name(lang)


def wave_totals(result: Waves, lang: str = "ja") -> Html:
    """Return tasks, hours and money of each wave."""
    rows = result.totals().to_dict("records")
    out = [row["wave"] != "never" for row in rows]

    def amount(value: float, shown: bool) -> str:
        return money(value, lang) if shown else "-"

    columns = [
        Column("wave", [term("wave", r["wave"], lang) for r in rows]),
        Column("tasks", [number(r["tasks"]) for r in rows], True),
        Column("hours", [number(r["hours"], 1) for r in rows], True),
        Column("hours_freed", [number(r["hours_freed"], 1) for r in rows], True),
        Column("monthly_full_cost", [amount(r["jpy"], o) for r, o in zip(rows, out, strict=True)], True),
        Column("in_house_cost", [amount(r["in_house_jpy"], o) for r, o in zip(rows, out, strict=True)], True),
    ]
    return render(columns, lang, text("caption.wave_totals", lang))
