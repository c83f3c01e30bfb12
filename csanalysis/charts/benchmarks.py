"""Chart of the company's figures beside published ones."""

from __future__ import annotations

import math
import re

from matplotlib.axes import Axes

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
from csanalysis.diagnosis.benchmarks import BenchmarkComparison, Comparison
from csanalysis.diagnosis.company_figures import SHARES
from csanalysis.labels import has, interval, number, quantity, term, text
from csanalysis.vocabulary import Grade

_LEFT, _RIGHT, _ROW = 192, 150, 29
_SECOND_COLUMN = 70
_SCALE_END, _MOST_TOLD = 200.0, 10_000.0
_JUDGED = ("reading.stand_in", "reading.above", "reading.below", "reading.within", "reading.near")
STRONG_GRADES = (Grade.MEASURED, Grade.PRIMARY, Grade.SECONDHAND)
"""Grades drawn as a filled diamond; a vendor's figure, an opinion or an assumption is drawn hollow."""


def drawn_rows(result: BenchmarkComparison) -> tuple[Comparison, ...]:
    """Return the rows that can be drawn: a share of firms is no measure of one firm's figure."""
    return tuple(c for c in result.rows if c.metric not in SHARES)


def benchmark_frame(result: BenchmarkComparison) -> Frame:
    """Return the frame of `benchmark_comparison` for a number of rows."""
    height = _ROW * max(len(drawn_rows(result)), 1)
    return Frame(height, _LEFT, _RIGHT, top=54, bottom=66)


def benchmark_comparison(result: BenchmarkComparison, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the company's figures against published ones, each published figure being 100 %.

    Rows without a reading (surveys of other kinds of firms) are grey; shares of firms stand in the table
    alone.

    Parameters
    ----------
    result : BenchmarkComparison
        From `csanalysis.compare_benchmarks`; rows keep their order.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Horizontal axis in percent of the published figure.
    """
    frame, rows = benchmark_frame(result), drawn_rows(result)
    with themed(frame, ax) as drawn:
        drawn.axvline(100, color=theme.FAINT, linewidth=1, zorder=0)
        for row, comparison in enumerate(rows):
            _range(drawn, row, comparison)
            _marks(drawn, row, comparison)
            _labels(drawn, row, comparison, frame, lang)
        drawn.set(xlim=(0, 1.06 * _SCALE_END), ylim=(max(len(rows), 1) - 0.5, -0.5))
        drawn.set_xticks([0, 50, 100, 150, 200])
        value_axis(drawn, text("chart.benchmarks.axis", lang))
        _header(drawn, 14, text("chart.benchmarks.company", lang), theme.ACCENT)
        _header(drawn, 14 + _SECOND_COLUMN, text("chart.benchmarks.published", lang), theme.INK)
        title_and_notes(drawn, frame, _title(result, lang), text("chart.benchmarks.notes", lang))
    return drawn


def _normalised(figure: float, comparison: Comparison) -> float:
    """Return `figure` in percent of the published one; NaN where that has no meaning."""
    if comparison.metric in SHARES:  # a share of firms is no measure for the figure of one firm
        return math.nan
    return 100 * figure / comparison.benchmark if comparison.benchmark > 0 else math.nan


def _is_context(comparison: Comparison) -> bool:
    """Tell whether the row is shown without being judged: other kinds of firms, or no figure of ours."""
    return not comparison.reading.key.startswith(_JUDGED)


def _is_stand_in(comparison: Comparison) -> bool:
    return comparison.reading.key == "reading.stand_in"


def _range(ax: Axes, row: int, comparison: Comparison) -> None:
    low, high = (_normalised(end, comparison) for end in (comparison.low, comparison.high))
    if math.isfinite(low) and math.isfinite(high):
        width = min(high, _SCALE_END) - low
        ax.barh(row, width, left=low, height=0.34, color=theme.ACCENT_LIGHT, gid="advised")


def _marks(ax: Axes, row: int, comparison: Comparison) -> None:
    """Draw the company's dot, and the published figure as a diamond on top, so that both stay visible."""
    context = _is_context(comparison)
    own, colour = _normalised(comparison.value, comparison), theme.CONTEXT if context else theme.ACCENT
    if own <= _SCALE_END:
        inside = "white" if _is_stand_in(comparison) else colour
        ax.plot(
            [own],
            [row],
            "o",
            markersize=9.5,
            color=colour,
            markerfacecolor=inside,
            clip_on=False,
            gid="company",
        )
    elif math.isfinite(own):
        ax.plot([_SCALE_END], [row], ">", markersize=8, color=colour, gid="company")
        beyond = f"{number(own)} %" if own < _MOST_TOLD else f"> {number(_MOST_TOLD)} %"
        write(ax, beyond, (_SCALE_END, row), (-8, 0), ha="right", size=theme.SMALL, color=theme.MUTED)
    edge = theme.MUTED if context else theme.INK
    fill = edge if comparison.grade in STRONG_GRADES else "white"
    ax.plot([100], [row], "D", markersize=4.5, color=edge, markerfacecolor=fill, gid="published")


def _labels(ax: Axes, row: int, comparison: Comparison, frame: Frame, lang: str) -> None:
    room = frame.left - EDGE - 8
    colour = theme.MUTED if _is_context(comparison) else theme.INK
    metric = capital(term("metric", comparison.metric, lang))
    name = metric + text("chart.in_brackets", lang, what=_about(comparison, lang))
    name, evidence = shorten(name, room, theme.NORMAL), _evidence(comparison, room, lang)
    row_text(ax, row, EDGE - frame.left, name, evidence, room=room, color=colour)
    unit = comparison.unit.split("/")[0]  # what it is per is said by the name of the metric
    ends = interval(comparison.low, comparison.high, unit, lang)
    advised = text("chart.range", lang, ends=ends) if ends else ""
    published = quantity(comparison.benchmark, unit, lang)
    own = quantity(comparison.value, comparison.own_unit.split("/")[0], lang)
    row_text(ax, row, 14, own, room=_SECOND_COLUMN - 6, right=True, color=colour)
    last = frame.right - 14 - _SECOND_COLUMN - 4
    row_text(ax, row, 14 + _SECOND_COLUMN, published, advised, room=last, right=True, color=colour)


def _about(comparison: Comparison, lang: str) -> str:
    """Return whom the published figure speaks of where that differs from us, else what it is."""
    key = f"segment.{comparison.segment}"
    if _is_context(comparison) and has(key) and comparison.statistic not in ("before", "after"):
        return text(key, lang)
    return term("statistic", comparison.statistic, lang)


def _evidence(comparison: Comparison, room: float, lang: str) -> str:
    """Return grade and source; of a long source only the publisher (the tables give it in full)."""
    grade = term("grade", comparison.grade, lang)
    publisher = re.split(r"[,;(、。(]", comparison.source)[0].strip()
    for source in (comparison.source, publisher):
        shown = text("chart.benchmarks.evidence", lang, grade=grade, publisher=source)
        if text_width(shown, theme.SMALL) <= room:
            return shown
    return shorten(shown, room, theme.SMALL)


def _header(ax: Axes, offset: float, shown: str, color: str) -> None:
    write(ax, shown, (1, 1), (offset, 5), coords="axes fraction", size=theme.SMALL, color=color, va="bottom")


def _title(result: BenchmarkComparison, lang: str) -> str:
    """Return how the figures compare; those that were taken from the published one are only counted."""
    rest = [c for c in result.rows if not _is_context(c)]
    warned = sum(c.reading.level == "warning" for c in rest)
    stand_ins = sum(_is_stand_in(c) for c in rest)
    compared = [c.reading for c in rest if not _is_stand_in(c) and c.statistic != "warning_line"]
    above = sum(reading.key.startswith("reading.above") for reading in compared)
    below = sum(reading.key.startswith("reading.below") for reading in compared)
    counts = {"above": above, "below": below, "level": len(compared) - above - below, "warned": warned}
    key = "chart.benchmarks.title_warned" if warned else "chart.benchmarks.title"
    told = text(key, lang, compared=len(compared), **counts)
    return told + (text("chart.benchmarks.stand_ins", lang, count=stand_ins) if stand_ins else "")
