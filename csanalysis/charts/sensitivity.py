"""Chart of what each uncertain input alone does to a metric, and what charts of sensitivity share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from csanalysis.charts import theme
from csanalysis.charts.frame import (
    EDGE,
    Frame,
    capital,
    row_text,
    shorten,
    text_width,
    themed,
    title_and_notes,
    value_axis,
    write,
)
from csanalysis.charts.resources import room_for, source_told
from csanalysis.costing.scenario_runs import METRICS
from csanalysis.labels import interval, number, quantity, term, text
from csanalysis.sensitivity.factors import Factor
from csanalysis.sensitivity.study import input_value, metric_name, shown
from csanalysis.sensitivity.tornado import NOTHING, Tornado

MOST_INPUTS = 10
MARK = "#D55E00"
"""What turns the answer, and where a plan fails."""
_TURNING = 3
_NAME, _STRIP, _GAP, _ROW = 150.0, 58.0, 14.0, 29.0
_RIGHT = 138.0


def tornado_frame(found: Tornado, lang: str = "ja") -> Frame:
    """Return the frame of `tornado`: a row an input, title and notes as high as they need."""
    return Frame(
        _ROW * max(len(_moving(found)), 1),
        EDGE + _NAME + _STRIP + _GAP,
        _RIGHT,
        top=60 + room_for(_tornado_title(found, lang), theme.TITLE),
        bottom=48 + room_for(_tornado_notes(found, lang), theme.SMALL),
    )


def tornado(found: Tornado, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw how far each input alone moves a metric, and where in its range the answer changes.

    Parameters
    ----------
    found : Tornado
        From `csanalysis.tornado`. At most ten inputs: the widest swings, the nearest turning points.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Horizontal axis in the unit of the metric; bars run from its value today to that at either end of the
        input, a line from the least to the most between them. The inset beside the names shows each range
        from end to end, with today's value and the turning point.

    Examples
    --------
    >>> import csanalysis as cs
    >>> from matplotlib.figure import Figure
    >>> ds = cs.load_dataset("data")
    >>> found = cs.tornado("npv", ds, ds.base, assignment=cs.playbook_assignment(ds, ds.base))
    >>> len(tornado(found, Figure().subplots(), "en").patches)
    20
    """
    frame, rows = tornado_frame(found, lang), _moving(found)
    with themed(frame, ax) as drawn:
        for row, at in enumerate(rows):
            _bars(drawn, row, at, found)
            _beside(drawn, row, at, found, frame, lang)
        drawn.set(xlim=_limits(found, rows), ylim=(max(len(rows), 1) - 0.5, -0.5))
        if rows:
            low, high = drawn.get_xlim()
            drawn.axvline(found.base, color=theme.INK, linewidth=1.2, gid="today")
            if low < 0 < high:
                drawn.axvline(0, color=theme.MUTED, linewidth=1, linestyle=(0, (4, 2)), zorder=0, gid="zero")
            inner = frame.width - frame.left - frame.right
            values_across(drawn, inner, lambda value: shown(found.metric, value, lang))
            _ranges(drawn, rows, found, inner)
            _tornado_key(drawn, found, frame, lang)
        else:
            nothing_drawn(drawn, text("chart.tornado.none", lang), frame)
        value_axis(drawn, capital(metric_name(found.metric, lang)))
        title_and_notes(drawn, frame, _tornado_title(found, lang), _tornado_notes(found, lang))
    return drawn


def values_across(ax: Axes, room: float, told: Callable[[float], str]) -> None:
    """Write ticks of a horizontal axis, `room` points long: as many as fit beside each other."""
    low, high = ax.get_xlim()
    for most in range(5, 0, -1):
        ticks = [t for t in MaxNLocator(most, min_n_ticks=2).tick_values(low, high) if low <= t <= high]
        labels = [told(float(tick)) for tick in ticks]
        widest = max((text_width(label, theme.NORMAL) for label in labels), default=0.0)
        between = (ticks[1] - ticks[0]) / (high - low) * room if len(ticks) > 1 else room
        if between >= 1.08 * widest + 8:
            break
    ax.set_xticks(ticks, labels)
    ax.tick_params(axis="x", length=0, labelcolor=theme.MUTED, labelfontfamily=theme.FONT)


def colour_key(ax: Axes, entries: Sequence[tuple[str, str, str]], frame: Frame, rise: float = 7.0) -> None:
    """Write what signs mean in a row above the axes: (sign, its colour, words)."""
    place = EDGE - frame.left
    for sign, colour, words in entries:
        for told, ink in ((sign, colour), (words, theme.MUTED)):
            offset = (place, rise)
            write(ax, told, (0, 1), offset, coords="axes fraction", size=theme.SMALL, color=ink, va="bottom")
            place += text_width(told, theme.SMALL) + (3 if told == sign else 11)


def nothing_drawn(ax: Axes, told: str, frame: Frame) -> None:
    """Write a sentence where there is nothing to draw."""
    ax.set_xticks([])
    place = (EDGE - frame.left, 0.0)
    write(ax, told, (0, 0.5), place, coords="axes fraction", color=theme.MUTED)


def range_told(factor: Factor, lang: str) -> str:
    """Return the range of an input with its unit, and its evidence grade."""
    grade = term("grade", factor.grade, lang) if factor.grade else text("sobol.no_grade", lang)
    ends = between(factor, factor.low, factor.high, lang)
    return text("chart.tornado.range", lang, ends=ends, grade=grade)


def between(factor: Factor, low: float, high: float, lang: str) -> str:
    """Return two values of an input as a range; the unit stands once."""
    base = factor.unit.split("/")[0]
    least = quantity(low, base, lang) if base else input_value(factor, low, lang)
    least = least.split(" ")[0] if base not in ("", "JPY") else least
    return text("unit.interval", lang, low=least, high=input_value(factor, high, lang))


def place_in(factor: Factor, value: float) -> float:
    """Return where a value stands in the range of its input: 0 at the low end, 1 at the high one."""
    span = factor.high - factor.low
    return min(max((value - factor.low) / span, 0.0), 1.0) if span > 0 else 0.5


def _moving(found: Tornado) -> list[int]:
    """Return the inputs to show: the widest swings, but none of the nearest turning points is left out."""
    swing = found.to_frame()["swing"].to_numpy()
    moving = [int(at) for at in np.flatnonzero(swing > NOTHING * max(abs(found.base), 1e-300))]
    turning = [at for at in found.overturning[:_TURNING] if at not in moving[:MOST_INPUTS]]
    return moving[: MOST_INPUTS - len(turning)] + sorted(turning)


def _limits(found: Tornado, rows: list[int]) -> tuple[float, float]:
    ends = [
        found.base,
        *(float(end) for at in rows for end in (found.values[at].min(), found.values[at].max())),
    ]
    span = max(max(ends) - min(ends), NOTHING * max(abs(found.base), 1.0))
    return min(ends) - 0.06 * span, max(ends) + 0.06 * span


def _bars(ax: Axes, row: int, at: int, found: Tornado) -> None:
    values = found.values[at]
    sides = (("low", 0, -0.17, theme.CONTEXT), ("high", -1, 0.17, theme.ACCENT))
    for name, end, shift, colour in sides:
        width = float(values[end]) - found.base
        ax.barh(row + shift, width, 0.3, found.base, color=colour, linewidth=0, gid=name)
    whole = [min(float(values.min()), found.base), max(float(values.max()), found.base)]
    ax.plot(whole, [row, row], color=theme.INK, linewidth=0.8, marker="|", markersize=5, gid="range")


def _ranges(ax: Axes, rows: list[int], found: Tornado, inner: float) -> None:
    """Draw the range of each input from end to end, today's value in it and where the answer changes."""
    inset = ax.inset_axes((-(_STRIP + _GAP) / inner, 0, _STRIP / inner, 1))
    inset.set(xlim=(-0.06, 1.06), ylim=ax.get_ylim())
    inset.set_axis_off()
    for row, at in enumerate(rows):
        factor = found.factors[at]
        inset.plot([0, 1], [row, row], color=theme.FAINT, linewidth=2, zorder=1)
        inset.plot([0], [row], "s", color=theme.CONTEXT, markersize=4.5)
        inset.plot([1], [row], "s", color=theme.ACCENT, markersize=4.5)
        if math.isfinite(found.flips[at]):
            turn = place_in(factor, float(found.flips[at]))
            inset.plot([turn], [row], "|", color=MARK, markersize=13, markeredgewidth=2, gid="turn")
        now = place_in(factor, float(found.today[at]))
        inset.plot([now], [row], "o", color=theme.INK, markersize=5, zorder=4, gid="now")


def _beside(ax: Axes, row: int, at: int, found: Tornado, frame: Frame, lang: str) -> None:
    factor, values = found.factors[at], found.values[at]
    room = _NAME - 8
    name = shorten(capital(factor.label(lang)), room / 0.85, theme.NORMAL)
    row_text(ax, row, EDGE - frame.left, name, range_told(factor, lang), room=room)
    room = frame.right - EDGE - 10
    least, most = min(float(values.min()), found.base), max(float(values.max()), found.base)
    turns = math.isfinite(found.flips[at])
    told = text("chart.tornado.stands", lang)
    if turns:
        told = text("chart.tornado.turns", lang, at=input_value(factor, float(found.flips[at]), lang))
    row_text(ax, row, 10, metric_range(found.metric, least, most, lang), told, room=room, right=True)


def metric_range(metric: str, low: float, high: float, lang: str) -> str:
    """Return two values of a metric as a range; its unit stands once."""
    if metric in METRICS:
        return interval(low, high, METRICS[metric], lang)
    least, most = (shown(metric, value, lang) for value in (low, high))
    return text("unit.interval", lang, low=least, high=most)


def _tornado_key(ax: Axes, found: Tornado, frame: Frame, lang: str) -> None:
    """Write the key above the names, and the metric of today above its line."""
    entries = (
        ("■", theme.CONTEXT, "low"),
        ("■", theme.ACCENT, "high"),
        ("─", theme.INK, "between"),
        ("●", theme.INK, "now"),
        ("┃", MARK, "turn"),
    )
    named = [(sign, colour, text(f"chart.tornado.{name}", lang)) for sign, colour, name in entries]
    colour_key(ax, named, frame, 21.0)
    told = text("chart.tornado.today", lang, value=shown(found.metric, found.base, lang))
    low, high = ax.get_xlim()
    half = text_width(told, theme.SMALL) / 2
    inner = frame.width - frame.left - frame.right
    at = (found.base - low) / (high - low) * inner
    at = min(max(at, half - _STRIP), inner + frame.right - EDGE - half)
    write(ax, told, (0, 1), (at, 5), coords="axes fraction", size=theme.SMALL, ha="center", va="bottom")


def _tornado_title(found: Tornado, lang: str) -> str:
    rows, metric = _moving(found), metric_name(found.metric, lang)
    if not rows:
        return text("tornado.nothing", lang, metric=metric, base=shown(found.metric, found.base, lang))
    values = found.values[rows[0]]
    told = {
        "metric": metric,
        "name": found.factors[rows[0]].label(lang),
        "ends": metric_range(found.metric, float(values.min()), float(values.max()), lang),
        "count": number(len(found.factors)),
        "flips": number(len(found.overturning)),
    }
    return text(f"chart.tornado.{'title' if found.overturning else 'title_stands'}", lang, **told)


def _tornado_notes(found: Tornado, lang: str) -> str:
    sources = (source_told(found.factors[at].source, lang) for at in _moving(found))
    cut = dict.fromkeys(shorten(source, 150, theme.SMALL) for source in sources if source)
    return text("chart.tornado.notes", lang, sources="; ".join(cut) or "-")
