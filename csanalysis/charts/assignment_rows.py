"""Charts with a row a task: how stable its choice is, and how near a boundary it lies."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from csanalysis.assignment.boundary import Boundaries, flip_text
from csanalysis.assignment.stability import Stability
from csanalysis.charts import theme
from csanalysis.charts.assignment import text_height
from csanalysis.charts.frame import (
    EDGE,
    Frame,
    row_text,
    text_width,
    themed,
    title_and_notes,
    value_axis,
    write,
)
from csanalysis.labels import number, percent, term, text
from csanalysis.vocabulary import ResourceKind

_NAME, _ROW, _NARROW = 168.0, 12.0, 11.0
_TOP_KIND = 132.0
_CHANGE = 226.0
LEAST_SHOWN = 0.005
"""Shares below half a percent are too narrow to be seen."""


def probability_frame(result: Stability, lang: str = "ja") -> Frame:
    """Return the frame of `assignment_probabilities`."""
    top = 44 + text_height(_probability_title(result, lang), theme.TITLE)
    bottom = 46 + text_height(_probability_notes(result, lang), theme.SMALL)
    return Frame(_NARROW * len(result.tasks), EDGE + _NAME, _TOP_KIND + EDGE, top=top, bottom=bottom)


def assignment_probabilities(result: Stability, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw for each task the share of draws in which each kind was chosen, the least stable first.

    Parameters
    ----------
    result : Stability
        From `csanalysis.assess_stability`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}
    """
    frame = probability_frame(result, lang)
    best = result.probability.max(axis=1)
    order = np.argsort(best, kind="stable")
    names = _names(result, lang)
    with themed(frame, ax) as drawn:
        for row, task in enumerate(order):
            _shares(drawn, row, result, int(task))
            open_choice = best[task] < result.decide_at
            ink = theme.INK if open_choice else theme.MUTED
            row_text(drawn, row, EDGE - frame.left, names[task], room=_NAME - 8, color=ink)
            top = term("kind", result.top[task], lang)
            label = text(f"chart.probability.{result.labels[task]}", lang)
            told = text("chart.probability.row", lang, kind=top, share=percent(best[task], 0), label=label)
            row_text(drawn, row, 8, told, room=_TOP_KIND - 8, right=True, color=ink)
        drawn.axvline(result.decide_at, color=theme.INK, linewidth=1, linestyle=(0, (4, 3)), gid="decide")
        drawn.set(xlim=(0, 1), ylim=(len(order) - 0.5, -0.5))
        drawn.xaxis.set_major_formatter(FuncFormatter(lambda x, _: percent(x, 0)))
        value_axis(drawn, text("chart.probability.axis", lang))
        _kind_key(drawn, result, frame, lang)
        title_and_notes(drawn, frame, _probability_title(result, lang), _probability_notes(result, lang))
    return drawn


def _names(result: Stability, lang: str) -> list[str]:
    shown, other = result.tasks[f"name_{lang}"], result.tasks["name_en" if lang == "ja" else "name_ja"]
    return [str(name) for name in shown.where(shown != "", other)]


def _shares(ax: Axes, row: int, result: Stability, task: int) -> None:
    left = 0.0
    for at in np.argsort(-result.probability[task], kind="stable"):
        share = float(result.probability[task, at])
        if share > 0:
            colour = theme.KIND_COLOURS[ResourceKind(result.kinds[at])]
            ax.barh(row, share, left=left, height=0.66, color=colour, gid="share")
            left += share


def _kind_key(ax: Axes, result: Stability, frame: Frame, lang: str) -> None:
    there = result.probability.max(axis=0) >= LEAST_SHOWN
    entries = [
        (f"■ {term('kind', kind, lang)}", theme.KIND_COLOURS[ResourceKind(kind)])
        for kind, seen in zip(result.kinds, there, strict=True)
        if seen
    ]
    wide = sum(text_width(shown, theme.SMALL) + 12 for shown, _ in entries)
    size = theme.SMALL * min(1.0, (frame.width - 2 * EDGE) / wide)
    at = EDGE - frame.left
    for shown, colour in entries:
        write(ax, shown, (0, 1), (at, 10), coords="axes fraction", size=size, color=colour)
        at += (text_width(shown, theme.SMALL) + 12) * size / theme.SMALL


def _probability_title(result: Stability, lang: str) -> str:
    open_tasks = result.labels.count("discuss")
    told = {"count": open_tasks, "tasks": len(result.labels), "limit": percent(result.decide_at, 0)}
    key = "chart.probability.title" if open_tasks else "chart.probability.title_all"
    return text(key, lang, **told)


def _probability_notes(result: Stability, lang: str) -> str:
    raters = len(result.raters)
    who = text(
        "chart.probability.raters" if raters > 1 else "chart.probability.one_view", lang, raters=raters
    )
    return text("chart.probability.notes", lang, n=number(result.n)) + who


def flip_frame(result: Boundaries, lang: str = "ja") -> Frame:
    """Return the frame of `flip_distances`."""
    top = 24 + text_height(_flip_title(result, lang), theme.TITLE)
    bottom = 46 + text_height(_flip_notes(result, lang), theme.SMALL)
    rows = max(int(result.nearest["distance"].notna().sum()), 1)
    return Frame(_ROW * rows, EDGE + _NAME, _CHANGE + EDGE, top=top, bottom=bottom)


def flip_distances(result: Boundaries, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw how far each task is from going to somebody else, the nearest first, and what would take it there.

    Parameters
    ----------
    result : Boundaries
        From `csanalysis.find_boundaries`. Tasks that nothing flips are counted in the notes.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}
    """
    frame = flip_frame(result, lang)
    rows = result.nearest.dropna(subset="distance").sort_values("distance", kind="stable")
    names = {d.task_id: d for d in result.plan.decisions}
    with themed(frame, ax) as drawn:
        for row, flip in enumerate(rows.to_dict("records")):
            colour = theme.KIND_COLOURS[ResourceKind(flip["flips_to"])]
            distance = float(flip["distance"])
            drawn.plot([0, distance], [row, row], color=theme.FAINT, linewidth=2, zorder=1)
            drawn.plot([distance], [row], "o", markersize=5, color=colour, gid="flip", clip_on=False)
            name = names[flip["task_id"]].name(lang)
            row_text(drawn, row, EDGE - frame.left, name, room=_NAME - 8)
            row_text(drawn, row, 10, flip_text(flip, lang), room=_CHANGE - 10, right=True)
        most = float(rows["distance"].max()) if len(rows) else 1.0
        drawn.set(xlim=(0, 1.05 * max(most, 0.05)), ylim=(max(len(rows), 1) - 0.5, -0.5))
        drawn.xaxis.set_major_formatter(FuncFormatter(lambda x, _: percent(x, 0)))
        drawn.locator_params(axis="x", nbins=3)
        value_axis(drawn, text("chart.flip.axis", lang))
        title_and_notes(drawn, frame, _flip_title(result, lang), _flip_notes(result, lang))
    return drawn


def _flip_title(result: Boundaries, lang: str) -> str:
    near = result.nearest.dropna(subset="distance").sort_values("distance", kind="stable")
    if near.empty:
        return text("chart.flip.title_none", lang)
    closest = near.iloc[0]
    name = next(d for d in result.plan.decisions if d.task_id == closest["task_id"]).name(lang)
    share = float(closest["distance"])
    digits = 1 if share < 0.095 else 0
    return text("chart.flip.title", lang, task=name, share=percent(share, digits), count=len(near))


def _flip_notes(result: Boundaries, lang: str) -> str:
    never = int(result.nearest["distance"].isna().sum())
    tolerance = float(np.max(result.frame["tolerance"] / (result.frame["high"] - result.frame["low"])))
    digits = max(0, -math.floor(math.log10(100 * tolerance)))
    told = text("chart.flip.notes", lang, never=never, tolerance=percent(tolerance, digits))
    return told if result.quality_matters else told + text("chart.flip.no_quality", lang)
