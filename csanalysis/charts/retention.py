"""Chart of retention by age, with its interval."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

from csanalysis.accounts.retention import ALL, YEAR, Retention, told_part
from csanalysis.charts import theme
from csanalysis.charts.frame import EDGE, Frame, themed, title_and_notes, write
from csanalysis.charts.marks import Mark, side_labels
from csanalysis.labels import number, percent, text

_FRAME = Frame(height=170, left=46, right=130, top=62, bottom=66)
_NOTHING = Frame(height=20, left=46, right=46, top=40, bottom=30)
_MOST = 3


def retention_frame(result: Retention) -> Frame:
    """Return the frame of `retention_curve`: small where there is nothing to draw."""
    return _FRAME if ALL in result.curves else _NOTHING


def retention_curve(result: Retention, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the share of accounts still there by age, with its 95 % interval.

    Parameters
    ----------
    result : Retention
        From `csanalysis.measure_retention`; segments are drawn as thin lines, three at most.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Age in months, share as a ratio.
    """
    frame = retention_frame(result)
    with themed(frame, ax) as drawn:
        if ALL not in result.curves:
            drawn.set_axis_off()
            title_and_notes(drawn, frame, text("chart.retention.nothing", lang), result.sentences(lang)[0])
            return drawn
        curves = {name: told_part(curve) for name, curve in result.curves.items()}
        hidden = any(len(curves[name].age) < len(curve.age) for name, curve in result.curves.items())
        curve = curves[ALL]
        age = np.concatenate([[0.0], curve.age])
        low, high = (np.concatenate([[1.0], end]) for end in (curve.low, curve.high))
        drawn.fill_between(age, low, high, step="post", color=theme.ACCENT_LIGHT, linewidth=0, gid="interval")
        share = np.concatenate([[1.0], curve.survival])
        drawn.step(age, share, where="post", color=theme.ACCENT, linewidth=2, gid="survival")
        marks = [Mark(float(share[-1]), text("chart.retention.all", lang), "", theme.ACCENT, "─")]
        for position, name in enumerate([n for n in curves if n != ALL][:_MOST]):
            own, colour = curves[name], list(theme.KIND_COLOURS.values())[position + 1]
            drawn.step(
                own.age, own.survival, where="post", color=colour, linewidth=1.2, gid=f"segment {name}"
            )
            if len(own.survival):
                marks.append(Mark(float(own.survival[-1]), name, "", colour, "─"))
        drawn.set(xlim=(0, max(float(age[-1]), 1.0)), ylim=(0, 1.05))
        marks = [_named(mark, result) for mark in marks]
        side_labels(drawn, marks, frame.height, frame.right - EDGE)
        _axes(drawn, lang)
        notes = _notes(result, lang)
        if hidden:
            notes = f"{notes} {text('chart.retention.notes_withheld', lang)}"
        title_and_notes(drawn, frame, _title(result, lang), notes)
    return drawn


def _named(mark: Mark, result: Retention) -> Mark:
    return Mark(mark.place, mark.name, percent(mark.place), mark.color, mark.sign)


def _axes(ax: Axes, lang: str) -> None:
    ax.xaxis.set_major_locator(MultipleLocator(6))
    ax.yaxis.set_major_locator(MultipleLocator(0.25))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda ratio, _: percent(ratio, 0)))
    ax.tick_params(axis="both", length=0, labelsize=theme.SMALL, labelfontfamily=theme.FONT)
    ax.tick_params(axis="y", labelcolor=theme.MUTED)
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(text("chart.retention.age", lang))
    place, shift = (0.0, 1.0), (EDGE - _FRAME.left, 5.0)
    shown = text("chart.retention.share", lang)
    write(ax, shown, place, shift, coords="axes fraction", size=theme.SMALL, color=theme.MUTED, va="bottom")


def _title(result: Retention, lang: str) -> str:
    share, low, high = told_part(result.curves[ALL]).at(YEAR)
    if not math.isfinite(share):
        return text("chart.retention.title_short", lang)
    values = {"share": percent(share), "low": percent(low), "high": percent(high)}
    return text("chart.retention.title", lang, **values)


def _notes(result: Retention, lang: str) -> str:
    first, last = (str(np.datetime64(month, "M")) for month in (result.first, result.last))
    lost = number(result.curves[ALL].events.sum())
    return text("chart.retention.notes", lang, first=first, last=last, lost=lost)
