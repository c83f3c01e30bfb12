"""Chart of the sixteen cells (quadrant x phase), and of the plays of the company's cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from csanalysis.charts import theme
from csanalysis.charts.frame import (
    EDGE,
    Frame,
    capital,
    row_text,
    themed,
    title_and_notes,
    value_axis,
    write,
)
from csanalysis.diagnosis.quadrant import QuadrantMap
from csanalysis.labels import number, term, text
from csanalysis.vocabulary import Basis, Phase, Play, Quadrant

_LEFT, _RIGHT, _ROW = 158.0, 196.0, 17.0
_CELL, _GRID_GAP, _HEADS = 24.0, 44.0, 18.0
_HOURS, _KIND = 46.0, 96.0
_PLAYS = (Play.HAND_OVER, Play.SELL, Play.PREPARE, Play.KEEP)
_BASES = (Basis.SOURCE, Basis.DERIVED, Basis.NOT_IN_SOURCE)

PLAY_COLOURS = {
    Play.HAND_OVER: theme.ACCENT,
    Play.SELL: "#D55E00",
    Play.PREPARE: "#7DB7DC",
    Play.KEEP: theme.CONTEXT,
}
"""What is done with a task group, told apart without red against green."""

BASIS_COLOURS = {
    Basis.SOURCE: theme.ACCENT_LIGHT,
    Basis.DERIVED: theme.GRID,
    Basis.NOT_IN_SOURCE: "white",
}


def current_plays(result: QuadrantMap) -> pd.DataFrame:
    """Return the plays of today's phase as they are drawn: by play, the largest first.

    A group without a task in the inventory is left out unless the source itself names it.
    """
    now = result.plays[result.plays["current"]]
    now = now[(now["hours"] > 0) | (now["basis"] == Basis.SOURCE)]
    order = now["play"].map({str(play): n for n, play in enumerate(_PLAYS)})
    return now.assign(order=order).sort_values(["order", "hours"], ascending=[True, False], kind="stable")


def quadrant_frame(result: QuadrantMap) -> Frame:
    """Return the frame of `quadrant_map` for a number of plays."""
    top = 50 + _CELL * len(Quadrant) + _HEADS + _GRID_GAP
    return Frame(_ROW * max(len(current_plays(result)), 1), _LEFT, _RIGHT, top=top, bottom=78)


def quadrant_map(result: QuadrantMap, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw what is known of the 16 cells, and the plays of the company's own cell with their hours.

    Parameters
    ----------
    result : QuadrantMap
        From `csanalysis.map_quadrant`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Horizontal axis in hours a month; the cells are an inset above.
    """
    frame = quadrant_frame(result)
    plays = current_plays(result)
    with themed(frame, ax) as drawn:
        for row, play in enumerate(plays.to_dict("records")):
            _play(drawn, row, play, frame, lang)
        most = float(plays["hours"].max()) if len(plays) else 0.0
        drawn.set(xlim=(0, 1.04 * max(most, 1.0)), ylim=(max(len(plays), 1) - 0.5, -0.5))
        drawn.xaxis.set_major_locator(MaxNLocator(4, min_n_ticks=2))
        value_axis(drawn, text("chart.quadrant.axis", lang))
        _key(drawn, frame, plays, lang)
        _grid(drawn, result, frame, lang)
        notes = text("chart.quadrant.notes", lang)
        title_and_notes(drawn, frame, _title(result, plays, lang), notes)
    return drawn


def _play(ax: Axes, row: int, play: Mapping[Any, Any], frame: Frame, lang: str) -> None:
    hours, basis = float(play["hours"]), str(play["basis"])
    known = basis == Basis.SOURCE
    ax.barh(row, hours, height=0.62, color=PLAY_COLOURS[Play(play["play"])], gid="play")
    ink = theme.INK if known else theme.MUTED
    name = capital(term("task_group", play["task_group"], lang))
    room = frame.left - EDGE - 8
    row_text(ax, row, EDGE - frame.left, name, room=room, color=ink)
    told = number(hours, 1)
    row_text(ax, row, 10, told, room=_HOURS - 8, right=True, color=ink)
    kind = term("kind", play["kind"], lang)
    row_text(ax, row, 10 + _HOURS, kind, room=_KIND - 6, right=True, color=ink)
    last = frame.right - EDGE - 10 - _HOURS - _KIND
    row_text(ax, row, 10 + _HOURS + _KIND, term("basis_short", basis, lang), room=last, right=True, color=ink)


def _key(ax: Axes, frame: Frame, plays: pd.DataFrame, lang: str) -> None:
    """Write the heads of the columns, and the plays in their colours as a key."""
    for offset, head in ((0.0, "hours"), (_HOURS, "kind"), (_HOURS + _KIND, "basis")):
        shown = text(f"chart.quadrant.{head}", lang)
        _above(ax, (1, 1), (10 + offset, 4), shown, theme.MUTED)
    step = (frame.width - frame.right - EDGE - 6) / len(_PLAYS)
    for n, play in enumerate(p for p in _PLAYS if p in set(plays["play"])):
        place = EDGE - frame.left + n * step
        _above(ax, (0, 1), (place, 4), f"■ {term('play', play, lang)}", PLAY_COLOURS[play])


def _above(ax: Axes, place: tuple[float, float], offset: tuple[float, float], shown: str, color: str) -> None:
    write(ax, shown, place, offset, coords="axes fraction", size=theme.SMALL, color=color, va="bottom")


def _grid(ax: Axes, result: QuadrantMap, frame: Frame, lang: str) -> None:
    """Draw the 16 cells above the bars, the company's own outlined."""
    inner = frame.width - frame.left - frame.right
    wide = (frame.width - frame.left - EDGE) / inner
    height = _CELL * len(Quadrant)
    inset = ax.inset_axes((0, 1 + _GRID_GAP / frame.height, wide, height / frame.height))
    inset.set(xlim=(0, len(Phase)), ylim=(len(Quadrant), 0))
    inset.set_axis_off()
    known = {(r["quadrant"], r["phase"]): r for r in result.cells.to_dict("records")}
    for y, quadrant in enumerate(Quadrant):
        own = quadrant == result.quadrant
        ink = theme.ACCENT if own else theme.INK
        name = capital(term("quadrant", quadrant, lang))
        row_text(inset, y + 0.5, EDGE - frame.left, name, room=frame.left - EDGE - 6, color=ink)
        for x, phase in enumerate(Phase):
            cell = known[(str(quadrant), str(phase))]
            _cell(inset, (x, y), str(cell["basis"]), int(cell["from_source"]), lang)
    for x, phase in enumerate(Phase):
        ink = theme.ACCENT if phase == result.phase else theme.MUTED
        name = capital(term("phase", phase, lang))
        write(inset, name, (x + 0.5, 0), (0, 4), color=ink, size=theme.SMALL, ha="center", va="bottom")
    place = (list(Phase).index(result.phase), list(Quadrant).index(result.quadrant))
    own_cell = Rectangle(
        (place[0] + 0.02, place[1] + 0.06), 0.96, 0.88, fill=False, linewidth=2, edgecolor=theme.ACCENT
    )
    own_cell.set_gid("own")
    own_cell.set_clip_on(False)
    inset.add_patch(own_cell)


def _cell(ax: Axes, place: tuple[int, int], basis: str, sourced: int, lang: str) -> None:
    x, y = place
    colour = BASIS_COLOURS[Basis(basis)]
    edge = theme.FAINT if basis == Basis.NOT_IN_SOURCE else "none"
    box = Rectangle((x + 0.02, y + 0.06), 0.96, 0.88, facecolor=colour, edgecolor=edge, gid="cell")
    ax.add_patch(box)
    ink = theme.INK if basis == Basis.SOURCE else theme.MUTED
    shown = text(f"chart.quadrant.cell.{basis}", lang, count=sourced)
    write(ax, shown, (x + 0.5, y + 0.5), color=ink, size=theme.SMALL, ha="center")


def _title(result: QuadrantMap, plays: pd.DataFrame, lang: str) -> str:
    where = {
        "quadrant": capital(term("quadrant", result.quadrant, lang)),
        "phase": term("phase", result.phase, lang),
    }
    if not len(plays) or set(plays["basis"]) == {str(Basis.NOT_IN_SOURCE)}:
        return text("chart.quadrant.title_unknown", lang, **where)
    out = plays[plays["play"].isin([Play.HAND_OVER, Play.SELL])]
    if out.empty:
        return text("chart.quadrant.title_none", lang, **where)
    total = float(plays["hours"].sum())
    hours = float(out["hours"].sum())
    sourced = int((out["basis"] == Basis.SOURCE).sum())
    told = {"count": len(out), "sourced": sourced, "hours": number(hours, 1), "total": number(total, 1)}
    return text("chart.quadrant.title", lang, **where, **told)
