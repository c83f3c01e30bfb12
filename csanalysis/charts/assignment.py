"""Charts of an assignment: tasks by value and repeatability, and hours by wave."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from csanalysis.assignment.assign import Assignment
from csanalysis.assignment.reasons import Decision
from csanalysis.assignment.suitability import Suitability
from csanalysis.assignment.wave_tasks import DONE, WAVES, WaveTask
from csanalysis.assignment.waves import Waves
from csanalysis.charts import theme
from csanalysis.charts.frame import (
    EDGE,
    Frame,
    capital,
    row_text,
    text_width,
    themed,
    title_and_notes,
    value_axis,
    wrap,
    write,
)
from csanalysis.labels import money, number, term, text
from csanalysis.vocabulary import ResourceKind

_WIDTH = 72 * theme.PAGE_WIDTH
_CELL = 62.0
_LARGEST = 36.0
"""Diameter in points that no bubble exceeds."""
_SCALE = range(1, 6)
_STEP = 0.9
"""Share of a cell's width for its bubbles."""
_BAR, _SUMS = 30.0, 190.0
Kinds = dict[str, tuple[float, int]]
"""Kind -> hours and tasks."""


def text_height(shown: str, size: float) -> float:
    """Return the height of text wrapped over the whole width, in points."""
    return 1.3 * size * len(wrap(shown, _WIDTH - 2 * EDGE, size).split("\n"))


def assignment_frame(result: Assignment, lang: str = "ja") -> Frame:
    """Return the frame of `assignment_map`."""
    top = 24 + text_height(_map_title(result, lang), theme.TITLE) + 14 * len(_key_lines(result, lang))
    bottom = 44 + text_height(text("chart.assignment.notes", lang), theme.SMALL)
    return Frame(_CELL * len(_SCALE), 54, EDGE, top=top, bottom=bottom)


def assignment_map(result: Assignment, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw hours by value added (vertical) and repeatability (horizontal), a bubble for each kind and cell.

    Parameters
    ----------
    result : Assignment
        From `csanalysis.assign_tasks`. Ratings between two whole numbers go to the nearer one.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}
    """
    frame = assignment_frame(result, lang)
    with themed(frame, ax) as drawn:
        drawn.set(xlim=(0.5, 5.5), ylim=(0.5, 5.5))
        drawn.set_xticks(list(_SCALE))
        drawn.set_yticks(list(_SCALE))
        drawn.tick_params(length=0)
        for edge in range(1, 5):
            drawn.axhline(edge + 0.5, color=theme.GRID, linewidth=0.8)
            drawn.axvline(edge + 0.5, color=theme.GRID, linewidth=0.8)
        drawn.set_xlabel(text("chart.assignment.repeatability", lang))
        drawn.set_ylabel(text("chart.assignment.value", lang))
        cells = _cells(result)
        scale = _scale(cells, (frame.width - frame.left - frame.right) / len(_SCALE))
        for place, kinds in cells.items():
            _bubbles(drawn, place, kinds, scale)
        _key(drawn, result, lang)
        title_and_notes(drawn, frame, _map_title(result, lang), text("chart.assignment.notes", lang))
    return drawn


def _rated(fit: Suitability, traits: Sequence[float]) -> tuple[int, int]:
    """Return repeatability and value added as whole numbers of the scale."""
    value, repeated = traits[fit.traits.index("value_added")], traits[fit.traits.index("repeatability")]
    return math.floor(repeated + 0.5), math.floor(value + 0.5)


def _cells(result: Assignment) -> dict[tuple[int, int], Kinds]:
    """Return (repeatability, value) -> kind -> (hours, tasks)."""
    found: dict[tuple[int, int], Kinds] = {}
    for d, traits in zip(result.decisions, result.traits, strict=True):
        kinds = found.setdefault(_rated(result.fit, traits.tolist()), {})
        hours, tasks = kinds.get(d.kind, (0.0, 0))
        kinds[d.kind] = (hours + d.hours, tasks + 1)
    return found


def _scale(cells: Mapping[tuple[int, int], Kinds], cell: float) -> float:
    """Return points of diameter per root of an hour, such that no bubble touches its neighbour."""
    room = [
        min(_LARGEST, _STEP * cell / len(kinds)) / math.sqrt(hours)
        for kinds in cells.values()
        for hours, _ in kinds.values()
        if hours > 0
    ]
    return min(room, default=1.0)


def _bubbles(ax: Axes, place: tuple[int, int], kinds: Kinds, scale: float) -> None:
    """Draw the kinds of one cell side by side, hours below each bubble."""
    order = [kind for kind in ResourceKind if kind in kinds]
    for n, kind in enumerate(order):
        hours, tasks = kinds[kind]
        x = place[0] + (n - (len(order) - 1) / 2) * _STEP / len(order)
        size = max(scale * math.sqrt(hours), 3.0) ** 2
        ax.scatter([x], [place[1] + 0.13], s=size, color=theme.KIND_COLOURS[kind], gid="bubble", linewidths=0)
        shown = number(hours, 0 if hours >= 9.5 else 1)
        write(ax, shown, (x, place[1] - 0.24), size=theme.SMALL, ha="center")
        told = f"({tasks})"
        write(ax, told, (x, place[1] - 0.39), size=theme.SMALL - 1, ha="center", color=theme.MUTED)


def _by_kind(decisions: Sequence[Decision]) -> list[tuple[str, float, int]]:
    """Return kind, hours and tasks, in the order of the vocabulary."""
    found = []
    for kind in ResourceKind:
        mine = [d for d in decisions if d.kind == kind]
        if mine:
            found.append((str(kind), sum(d.hours for d in mine), len(mine)))
    return found


def _key_text(kind: str, hours: float, tasks: int, lang: str) -> str:
    name = term("kind", kind, lang)
    return "■ " + text("chart.assignment.key", lang, kind=name, hours=number(hours, 1), tasks=tasks)


def _key_lines(result: Assignment, lang: str) -> list[list[tuple[str, str]]]:
    """Return the key as lines of (text, colour) that fit the width."""
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0.0
    for kind, hours, tasks in _by_kind(result.decisions):
        shown = _key_text(kind, hours, tasks, lang)
        wide = text_width(shown, theme.SMALL) + 14
        if lines[-1] and used + wide > _WIDTH - 2 * EDGE:
            lines.append([])
            used = 0.0
        lines[-1].append((shown, theme.KIND_COLOURS[ResourceKind(kind)]))
        used += wide
    return lines


def _key(ax: Axes, result: Assignment, lang: str) -> None:
    left = EDGE - 54
    lines = _key_lines(result, lang)
    for n, line in enumerate(lines):
        at = left
        for shown, colour in line:
            offset = (at, 8 + 14.0 * (len(lines) - 1 - n))
            write(ax, shown, (0, 1), offset, coords="axes fraction", size=theme.SMALL, color=colour)
            at += text_width(shown, theme.SMALL) + 14


def _map_title(result: Assignment, lang: str) -> str:
    out = [d for d in result.decisions if d.outside]
    total = sum(d.hours for d in result.decisions)
    if not out:
        return text("chart.assignment.title_none", lang, tasks=len(result.decisions), total=number(total, 1))
    told = {"out": len(out), "tasks": len(result.decisions)}
    hours = {"hours": number(sum(d.hours for d in out), 1), "total": number(total, 1)}
    return text("chart.assignment.title", lang, **told, **hours)


def _waves_shown(result: Waves) -> list[str]:
    there = {task.wave for task in result.tasks}
    return [*([DONE] if DONE in there else []), *WAVES]


def waves_frame(result: Waves, lang: str = "ja") -> Frame:
    """Return the frame of `wave_hours`."""
    top = 44 + text_height(_waves_title(result, lang), theme.TITLE)
    bottom = 48 + text_height(_waves_notes(result, lang), theme.SMALL)
    return Frame(_BAR * len(_waves_shown(result)), 92, _SUMS, top=top, bottom=bottom)


def wave_hours(result: Waves, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the hours of each wave by who does them, the pilot hatched; what they free and cost beside them.

    Parameters
    ----------
    result : Waves
        From `csanalysis.plan_waves`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}
    """
    frame, totals = waves_frame(result, lang), _totals(result)
    with themed(frame, ax) as drawn:
        for row, wave in enumerate(_waves_shown(result)):
            _wave(drawn, row, [t for t in result.tasks if t.wave == wave])
            name = capital(term("wave", wave, lang))
            sums = totals[wave]
            count = text("chart.waves.tasks", lang, count=int(sums["tasks"]))
            row_text(drawn, row, EDGE - frame.left, name, count, room=frame.left - EDGE - 6)
            first = text("chart.waves.hours", lang, hours=number(sums["hours"], 1))
            row_text(drawn, row, 8, first, _money_text(sums, lang), room=_SUMS - EDGE - 8, right=True)
        most = max(sums["hours"] for sums in totals.values())
        drawn.set(xlim=(0, 1.04 * max(most, 1.0)), ylim=(len(_waves_shown(result)) - 0.5, -0.5))
        drawn.xaxis.set_major_locator(MaxNLocator(4, min_n_ticks=2))
        value_axis(drawn, text("chart.waves.axis", lang))
        _pilot(drawn, result)
        _waves_key(drawn, result, frame, lang)
        title_and_notes(drawn, frame, _waves_title(result, lang), _waves_notes(result, lang))
    return drawn


def _kind_then(task: WaveTask) -> str:
    at = task.decision.own if task.target is None else task.target
    return task.decision.rates[at].kind


def _wave(ax: Axes, row: int, tasks: Sequence[WaveTask]) -> None:
    left = 0.0
    for kind in ResourceKind:
        hours = sum(t.hours for t in tasks if _kind_then(t) == kind)
        if hours > 0:
            ax.barh(row, hours, left=left, height=0.56, color=theme.KIND_COLOURS[kind], gid="wave")
            left += hours


def _pilot(ax: Axes, result: Waves) -> None:
    """Hatch the pilot at the beginning of the bar of its kind."""
    if result.pilot is None:
        return
    first = next(t for t in result.tasks if t.decision.task_id == result.pilot.task_ids[0])
    row = _waves_shown(result).index(first.wave)
    kinds = [str(kind) for kind in ResourceKind]
    before = kinds[: kinds.index(str(result.pilot.rate.kind))]
    left = sum(t.hours for t in result.tasks if t.wave == first.wave and _kind_then(t) in before)
    ax.barh(
        row,
        result.pilot.hours,
        left=left,
        height=0.56,
        facecolor="none",
        edgecolor=theme.INK,
        hatch="////",
        gid="pilot",
    )


def _waves_key(ax: Axes, result: Waves, frame: Frame, lang: str) -> None:
    kinds = [kind for kind in ResourceKind if any(_kind_then(t) == kind for t in result.tasks)]
    entries = [(f"■ {term('kind', kind, lang)}", theme.KIND_COLOURS[kind]) for kind in kinds]
    if result.pilot:
        entries.append((f"□ {text('chart.waves.pilot', lang)}", theme.INK))
    wide = sum(text_width(shown, theme.SMALL) for shown, _ in entries) + 12 * len(entries)
    size = theme.SMALL * min(1.0, (frame.width - 2 * EDGE) / wide)
    at = EDGE - frame.left
    for shown, colour in entries:
        write(ax, shown, (0, 1), (at, 10), coords="axes fraction", size=size, color=colour)
        at += (text_width(shown, theme.SMALL) + 12) * size / theme.SMALL


def _totals(result: Waves) -> dict[str, dict[str, float]]:
    """Return wave -> tasks, hours, hours_freed, jpy, in_house_jpy."""
    names = ("tasks", "hours", "hours_freed", "jpy", "in_house_jpy")
    return {r["wave"]: {name: float(r[name]) for name in names} for r in result.totals().to_dict("records")}


def _money_text(sums: dict[str, float], lang: str) -> str:
    if sums["jpy"] == sums["in_house_jpy"] == 0:
        return ""
    told = {"paid": money(sums["jpy"], lang), "own": money(sums["in_house_jpy"], lang)}
    return text("chart.waves.freed", lang, freed=number(sums["hours_freed"], 1), **told)


def _waves_title(result: Waves, lang: str) -> str:
    if result.pilot is None:
        return text("chart.waves.title_none", lang)
    first = _totals(result)["first"]
    told = {
        "tasks": int(first["tasks"]),
        "hours": number(first["hours"], 1),
        "pilot": number(result.pilot.hours, 1),
    }
    return text("chart.waves.title" if told["tasks"] else "chart.waves.title_waiting", lang, **told)


def _waves_notes(result: Waves, lang: str) -> str:
    used = "chart.waves.stability" if math.isfinite(result.decide_at) else "chart.waves.no_stability"
    return text("chart.waves.notes", lang) + text(used, lang)
