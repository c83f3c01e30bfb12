"""Charts of phase and team size.

Every chart is a frame of fixed columns in points, so that no label is cut or covers another one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

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
    wrap,
    write,
)
from csanalysis.diagnosis.phase import PhaseDiagnosis
from csanalysis.diagnosis.sizing import TeamSizing
from csanalysis.diagnosis.sizing_methods import SizingMethod
from csanalysis.labels import has, number, quantity, term, text
from csanalysis.model.phases import BANDS, OVERLAP, Band

PHASE_FRAME = Frame(height=170, left=12, right=12, top=40, bottom=54)
_STEP_BASE, _STEP_RISE, _STEP_WIDTH = 62.0, 22.0, 0.96

_SIZING_LEFT, _SIZING_RIGHT, _SIZING_ROW = 132, 104, 46


def phase_ladder(result: PhaseDiagnosis, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the four phases as steps with their persons and theme, and where the team stands.

    Parameters
    ----------
    result : PhaseDiagnosis
        From `csanalysis.diagnose_phase`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
    """
    with themed(PHASE_FRAME, ax) as drawn:
        for position, band in enumerate(BANDS):
            _step(drawn, position, band, band.phase == result.phase, lang)
        _mark_team(drawn, result, lang)
        drawn.set(xlim=(-0.52, 3.52), ylim=(0, PHASE_FRAME.height))
        drawn.set_yticks([])
        drawn.spines["left"].set_visible(False)
        drawn.set_xticks(range(len(BANDS)), [_persons_range(band, lang) for band in BANDS])
        drawn.tick_params(axis="x", length=0)
        drawn.set_xlabel(text("chart.phase.persons", lang))
        notes = text("chart.source", lang, source=result.source)
        if result.persons == OVERLAP:
            notes = f"{text('chart.phase.overlap', lang)} {notes}"
        title_and_notes(drawn, PHASE_FRAME, _phase_title(result, lang), notes)
    return drawn


def _step(ax: Axes, position: int, band: Band, current: bool, lang: str) -> None:
    fill, edge = (theme.ACCENT_LIGHT, theme.ACCENT) if current else (theme.GRID, "none")
    ink = theme.ACCENT if current else theme.INK
    height = _step_height(position)
    left = position - _STEP_WIDTH / 2
    ax.add_patch(Rectangle((left, 0), _STEP_WIDTH, height, facecolor=fill, edgecolor=edge, gid="step"))
    room = (PHASE_FRAME.width - PHASE_FRAME.left - PHASE_FRAME.right) / 4.04 * _STEP_WIDTH - 12
    shown = wrap(text(f"chart.phase.theme.{band.phase}", lang), room, theme.SMALL)
    name = capital(term("phase", band.phase, lang))
    write(ax, name, (left, _STEP_BASE), (6, -7), color=ink, size=theme.LARGE, va="top")
    write(ax, shown, (left, _STEP_BASE), (6, -21), size=theme.SMALL, va="top")


def _step_height(position: int) -> float:
    return _STEP_BASE + _STEP_RISE * position


def _mark_team(ax: Axes, result: PhaseDiagnosis, lang: str) -> None:
    position = next(n for n, band in enumerate(BANDS) if band.phase == result.phase)
    top = _step_height(position)
    place = position - _STEP_WIDTH / 2 + _STEP_WIDTH * _within(result.persons, BANDS[position])
    ax.plot([place], [top + 6], marker="v", markersize=8, color=theme.ACCENT, gid="team")
    team = {"persons": quantity(result.persons, "person", lang), "fte": quantity(result.fte, "FTE", lang)}
    label = text("chart.phase.team", lang, **team)
    write(ax, label, (position, top + 14), color=theme.ACCENT, ha="center", va="bottom")


def _within(persons: int, band: Band) -> float:
    """Return where in the band's step the team stands, 0 to 1; the top band has no end and is never full."""
    if math.isinf(band.last):
        return 1 - 0.5 * band.first / persons
    return (persons - band.first + 0.5) / (band.last - band.first + 1)


def _persons_range(band: Band, lang: str) -> str:
    if math.isinf(band.last):
        return text("chart.phase.from", lang, first=band.first)
    return text("chart.phase.range", lang, first=band.first, last=number(band.last))


def _phase_title(result: PhaseDiagnosis, lang: str) -> str:
    values = {"persons": number(result.persons), "phase": term("phase", result.phase, lang)}
    following = next((band for band in BANDS if band.first > result.persons), None)
    if following is None:
        return text("chart.phase.title_top", lang, **values)
    more = {"first": following.first, "next": term("phase", following.phase, lang)}
    return text("chart.phase.title", lang, **values, **more)


def sizing_frame(result: TeamSizing, lang: str = "ja") -> Frame:
    """Return the frame of `sizing`: as high as the methods and the lines of the notes need."""
    height = _SIZING_ROW * len(result.methods) + 16
    notes = wrap(_sizing_notes(result, lang), PHASE_FRAME.width - 2 * EDGE, theme.SMALL)
    bottom = 46 + 1.45 * theme.SMALL * len(notes.split("\n"))
    return Frame(height, _SIZING_LEFT, _SIZING_RIGHT, top=56, bottom=bottom)


def sizing(result: TeamSizing, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the FTE that each method asks for, with its range, beside the team of today.

    Parameters
    ----------
    result : TeamSizing
        From `csanalysis.size_team`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Horizontal axis in FTE.
    """
    frame = sizing_frame(result, lang)
    with themed(frame, ax) as drawn:
        for row, method in enumerate(result.methods):
            _sizing_bar(drawn, row, method, _is_echo(result, method))
            _sizing_labels(drawn, row, method, frame, lang, _is_echo(result, method))
        _today(drawn, result.current_fte, lang)
        largest = max(result.current_fte, *(m.fte_high for m in result.methods), 0.1)
        drawn.set(xlim=(0, 1.06 * largest), ylim=(len(result.methods) - 0.5, -0.85))
        drawn.xaxis.set_major_locator(MaxNLocator(6, integer=largest > 4, min_n_ticks=2))
        value_axis(drawn, text("chart.sizing.fte", lang))
        title_and_notes(drawn, frame, _sizing_title(result, lang), _sizing_notes(result, lang))
    return drawn


def _is_echo(result: TeamSizing, method: SizingMethod) -> bool:
    """Tell whether a method only says again what the cost ratio says."""
    return method.method == "arr_per_head" and not result.independent


def _sizing_bar(ax: Axes, row: int, method: SizingMethod, echo: bool) -> None:
    """Draw the FTE of a method; pale where it is another method in another form."""
    fill = theme.ACCENT_LIGHT if echo else theme.ACCENT
    ax.barh(row, method.fte, height=0.46, color=fill, gid="fte")
    ends = [method.fte_low, method.fte_high]
    ax.plot(ends, [row, row], color=theme.INK, linewidth=1.2, marker="|", markersize=9, gid="range")


def _sizing_labels(ax: Axes, row: int, method: SizingMethod, frame: Frame, lang: str, echo: bool) -> None:
    name = text(f"sizing.method.{method.method}", lang)
    grade = text("chart.grade", lang, grade=term("grade", method.grade, lang))
    if echo:
        grade = text("chart.sizing.same_as_a", lang)
    ends = f"{number(method.fte_low, 1)}–{number(method.fte_high, 1)}"
    value = quantity(round(method.fte, 2), "FTE", lang) if method.fte < 10 else _fte(method.fte, lang)
    row_text(ax, row, EDGE - frame.left, name, grade, room=frame.left - EDGE - 6)
    row_text(
        ax, row, 12, value, text("chart.range", lang, ends=ends), room=frame.right - EDGE - 12, right=True
    )


def _fte(value: float, lang: str) -> str:
    return quantity(value, "FTE", lang)


def _today(ax: Axes, fte: float, lang: str) -> None:
    ax.axvline(fte, color=theme.INK, linewidth=1.2, linestyle=(0, (4, 2)), gid="today")
    label = text("chart.sizing.today", lang, fte=_fte(fte, lang))
    write(ax, label, (fte, -0.85), (0, 1), ha="center", va="bottom")


def _sizing_title(result: TeamSizing, lang: str) -> str:
    needed = result.method("task_hours").fte
    return text("chart.sizing.title", lang, needed=_fte(needed, lang), current=_fte(result.current_fte, lang))


def _sizing_notes(result: TeamSizing, lang: str) -> str:
    varied = [_varied(method, lang) for method in result.methods]
    sources = dict.fromkeys(method.source for method in result.methods)
    notes = text("chart.sizing.notes", lang, varied=_listed(varied, lang), sources="; ".join(sources))
    return notes if result.independent else f"{text('chart.sizing.one_method', lang)} {notes}"


def _varied(method: SizingMethod, lang: str) -> str:
    key = f"chart.varied.{method.varied}"
    return text(key, lang) if has(key) else method.varied


def _listed(items: Iterable[str], lang: str) -> str:
    return text("chart.comma", lang).join(items)
