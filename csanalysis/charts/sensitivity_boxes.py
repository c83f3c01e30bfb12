"""Chart of the conditions under which a plan fails."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from csanalysis.charts import theme
from csanalysis.charts.frame import (
    EDGE,
    Frame,
    capital,
    row_text,
    shorten,
    themed,
    title_and_notes,
    value_axis,
)
from csanalysis.charts.resources import room_for
from csanalysis.charts.sensitivity import MARK, between, colour_key, nothing_drawn, place_in, range_told
from csanalysis.labels import interval, number, percent, text
from csanalysis.sensitivity.factors import Factor
from csanalysis.sensitivity.failure_boxes import Box
from csanalysis.sensitivity.failure_map import FailureMap
from csanalysis.sensitivity.study import input_value, metric_name

MOST_BOXES = 4
_NAME, _LIMIT, _ROW = 172.0, 118.0, 27.0


def failure_map_frame(found: FailureMap, lang: str = "ja") -> Frame:
    """Return the frame of `failure_map`: a row a condition and a limit, title and notes as they need."""
    return Frame(
        _ROW * max(_rows(found), 1),
        EDGE + _NAME,
        _LIMIT + EDGE,
        top=46 + room_for(_failure_title(found, lang), theme.TITLE),
        bottom=48 + room_for(_failure_notes(found, lang), theme.SMALL),
    )


def failure_map(found: FailureMap, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the conditions under which a plan fails: the part of each input's range that meets them.

    Parameters
    ----------
    found : FailureMap
        From `csanalysis.failure_map`. At most four conditions, and the one in which the plan holds best.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Horizontal axis the place within the range of each input, 0 its low and 1 its high end; the dot is the
        value today.

    Examples
    --------
    >>> import pandas as pd
    >>> import csanalysis as cs
    >>> from matplotlib.figure import Figure
    >>> ends = pd.DataFrame({"key": ["x", "y"], "low": 0.0, "high": 1.0, "distribution": "uniform"})
    >>> found = cs.failure_map(lambda x: x[:, 0] - 0.25, factors=ends)
    >>> bars = [b for b in failure_map(found, Figure().subplots(), "en").patches if b.get_gid() == "fails"]
    >>> [f"{bar.get_width():.2f}" for bar in bars]
    ['0.25']
    """
    frame, by_key = failure_map_frame(found, lang), {factor.key: factor for factor in found.factors}
    with themed(frame, ax) as drawn:
        row = 0
        for n, box in enumerate(_shown(found), 1):
            head = text("chart.failure.box", lang, n=n, **_figures(box, lang))
            row_text(drawn, row, EDGE - frame.left, head, room=frame.width - 2 * EDGE)
            row = _limits(drawn, row + 1, box, by_key, "fails", frame, lang)
        if found.safe is not None:
            head = text("chart.failure.safe", lang, **_figures(found.safe, lang))
            row_text(drawn, row, EDGE - frame.left, head, room=frame.width - 2 * EDGE)
            row = _limits(drawn, row + 1, found.safe, by_key, "holds", frame, lang)
        drawn.set(xlim=(-0.03, 1.03), ylim=(max(row, 1) - 0.5, -0.5))
        value_axis(drawn, "")
        drawn.grid(visible=False)
        if row:
            ends = [text(f"chart.failure.{end}", lang) for end in ("low", "high")]
            drawn.set_xticks([0, 1], ends)
            drawn.tick_params(axis="x", labelcolor=theme.MUTED, labelfontfamily=theme.FONT)
            drawn.set_xlabel(text("chart.failure.axis", lang))
            signs = [("■", MARK, "chart.failure.key_fails")] if found.boxes else []
            signs += [("■", theme.ACCENT, "chart.failure.key_safe")] if found.safe else []
            signs.append(("●", theme.INK, "chart.tornado.now"))
            colour_key(drawn, [(sign, colour, text(key, lang)) for sign, colour, key in signs], frame)
        else:
            nothing_drawn(drawn, _nothing(found, lang), frame)
        title_and_notes(drawn, frame, _failure_title(found, lang), _failure_notes(found, lang))
    return drawn


def _shown(found: FailureMap) -> tuple[Box, ...]:
    return found.boxes[:MOST_BOXES]


def _rows(found: FailureMap) -> int:
    boxes = (*_shown(found), *([found.safe] if found.safe else []))
    return sum(1 + len(box.limits) for box in boxes)


def _figures(box: Box, lang: str) -> dict[str, str]:
    ends = interval(round(box.density_low, 2), round(box.density_high, 2), "ratio", lang)
    return {"density": percent(box.density, 0), "ends": ends, "coverage": percent(box.coverage, 0)}


def _limits(
    ax: Axes, row: int, box: Box, by_key: dict[str, Factor], gid: str, frame: Frame, lang: str
) -> int:
    """Draw the limits of a box, a row each, and return the next free row."""
    colour = MARK if gid == "fails" else theme.ACCENT
    for key, (least, most) in box.limits.items():
        factor = by_key[key]
        low = place_in(factor, least) if np.isfinite(least) else 0.0
        high = place_in(factor, most) if np.isfinite(most) else 1.0
        ax.plot([0, 1], [row, row], color=theme.FAINT, linewidth=2, solid_capstyle="butt", zorder=1)
        ax.barh(row, high - low, 0.34, low, color=colour, linewidth=0, zorder=2, gid=gid)
        now = place_in(factor, factor.mode)
        ax.plot([now], [row], "o", color=theme.INK, markersize=5, zorder=3, gid="now")
        room = _NAME - 22
        name = shorten(capital(factor.label(lang)), room / 0.85, theme.NORMAL)
        row_text(ax, row, EDGE - frame.left + 12, name, range_told(factor, lang), room=room)
        row_text(ax, row, 8, _limit(factor, least, most, lang), room=_LIMIT - 10, right=True, color=colour)
        row += 1
    return row


def _limit(factor: Factor, least: float, most: float, lang: str) -> str:
    if np.isfinite(least) and np.isfinite(most):
        return between(factor, least, most, lang)
    if np.isfinite(least):
        return text("chart.failure.over", lang, low=input_value(factor, least, lang))
    return text("chart.failure.under", lang, high=input_value(factor, most, lang))


def _nothing(found: FailureMap, lang: str) -> str:
    key = {0.0: "none", 1.0: "all"}.get(found.failing, "scattered")
    return text(f"failure_map.{key}", lang)


def _failure_title(found: FailureMap, lang: str) -> str:
    told = {
        "metric": metric_name(found.metric, lang),
        "threshold": found.threshold_text(lang),
        "failing": percent(found.failing, 0),
    }
    return capital(text(f"chart.failure.title_{found.kind}", lang, **told))


def _failure_notes(found: FailureMap, lang: str) -> str:
    if not found.boxes:
        return text("chart.failure.notes_none", lang, n=number(found.n))
    rest = max(1 - sum(box.coverage for box in _shown(found)), 0.0)
    return text("chart.failure.notes", lang, n=number(found.n), rest=percent(rest, 0))
