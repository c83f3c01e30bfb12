"""Charts of the work to come, and of what the sizing methods imply for each other."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from csanalysis.charts import theme
from csanalysis.charts.frame import (
    EDGE,
    Frame,
    capital,
    row_text,
    themed,
    title_and_notes,
    wrap,
    write,
)
from csanalysis.charts.marks import Mark, side_labels
from csanalysis.diagnosis.reconcile import CURRENT, UNITS, Reconciliation
from csanalysis.diagnosis.sizing import BALANCE
from csanalysis.labels import number, quantity, term, text
from csanalysis.model.demand import Demand
from csanalysis.model.parameters import Array
from csanalysis.vocabulary import Stage

DEMAND_FRAME = Frame(height=190, left=46, right=132, top=56, bottom=70)
STAGE_COLOURS = {
    Stage.ONBOARDING: theme.ACCENT,
    Stage.ADOPTION: "#7DB7DC",
    Stage.RENEWAL: theme.CONTEXT,
    Stage.EXPANSION: "#D5D9DF",
}
"""Lifecycle stages from the bottom of a bar up; each is named beside its part."""

_MOST_NAMED = 13
_METHOD_LEFT, _METHOD_ROW = 132.0, 36.0
_SPAN = 0.5
"""Departure from the assumption at which a dot stands at the rim of its column."""


def hours_by_stage(
    demand: Demand, ax: Axes | None = None, lang: str = "ja", *, capacity: float | None = None
) -> Axes:
    """Draw the hours of each lifecycle stage in every month to come, beside what today's team can give.

    Parameters
    ----------
    demand : Demand
        From `csanalysis.project_demand`; one scenario.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}
    capacity : float, optional
        Hours a month that the team of today can give: FTE x paid hours x (1 - non-customer time).

    Returns
    -------
    matplotlib.axes.Axes
        Vertical axis in hours a month, horizontal axis in months from today.
    """
    table = demand.to_frame().pivot_table(index="month", columns="stage", values="value", aggfunc="sum")
    parts = {stage: table[str(stage)].to_numpy() for stage in Stage if str(stage) in table}
    total = sum(parts.values(), np.zeros(len(table)))
    with themed(DEMAND_FRAME, ax) as drawn:
        floor = np.zeros(len(table))
        for stage, hours in parts.items():
            drawn.bar(table.index, hours, 0.78, floor, color=STAGE_COLOURS[stage], gid=str(stage))
            floor = floor + hours
        most = max(float(total.max()), capacity or 0.0, 1e-9)
        drawn.set(xlim=(-0.6, len(table) - 0.4), ylim=(0, 1.08 * most))
        _month_axis(drawn, demand, lang)
        _stage_names(drawn, parts, capacity, lang)
        if capacity is not None:
            drawn.axhline(capacity, color=theme.INK, linewidth=1.2, linestyle=(0, (4, 2)), gid="capacity")
        notes = text("chart.demand.notes", lang)
        title_and_notes(drawn, DEMAND_FRAME, _demand_title(total, capacity, lang), notes)
    return drawn


def _month_axis(ax: Axes, demand: Demand, lang: str) -> None:
    calendar = [int(month) for month in demand.projection.calendar]
    step = math.ceil(len(calendar) / _MOST_NAMED)
    shown = range(0, len(calendar), step)
    ax.set_xticks(list(shown), [text(f"month.{calendar[n]}", lang) for n in shown])
    ax.set_xlabel(text("chart.demand.months", lang))
    ax.yaxis.set_major_locator(MaxNLocator(5, min_n_ticks=2))
    ax.tick_params(axis="both", length=0)
    ax.tick_params(axis="x", pad=7)
    ax.tick_params(axis="y", labelcolor=theme.MUTED)
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    write(
        ax,
        text("chart.demand.hours", lang),
        (0, 1),
        (EDGE - DEMAND_FRAME.left, 5),
        coords="axes fraction",
        size=theme.SMALL,
        color=theme.MUTED,
        va="bottom",
    )


def _stage_names(ax: Axes, parts: dict[Stage, Array], capacity: float | None, lang: str) -> None:
    """Name each part beside the last bar, and the capacity beside its line."""
    marks, below = [], 0.0
    for stage, hours in parts.items():
        last = float(hours[-1])
        name, told = capital(term("stage", stage, lang)), quantity(last, "hour", lang)
        marks.append(Mark(below + last / 2, name, told, STAGE_COLOURS[stage]))
        below += last
    if capacity is not None:
        name, told = text("chart.demand.capacity", lang), quantity(capacity, "hour", lang)
        marks.append(Mark(capacity, name, told, theme.INK, "─"))
    side_labels(ax, marks, DEMAND_FRAME.height, DEMAND_FRAME.right - EDGE)


def _demand_title(total: Array, capacity: float | None, lang: str) -> str:
    month = int(total.argmax())
    told = {"peak": number(float(total[month]), 0), "month": month, "now": number(float(total[0]), 0)}
    if capacity is None:
        return text("chart.demand.title", lang, **told)
    told["capacity"] = number(capacity, 0)
    above = np.flatnonzero(total > capacity * (1 + BALANCE))
    if not above.size:
        return text("chart.demand.title_enough", lang, **told)
    key = "chart.demand.title_now" if above[0] == 0 else "chart.demand.title_short"
    return text(key, lang, **told, first=int(above[0]))


def reconciliation_frame(result: Reconciliation) -> Frame:
    """Return the frame of `reconciliation` for a number of methods."""
    return Frame(_METHOD_ROW * len(result.frame), _METHOD_LEFT, EDGE, top=88, bottom=66)


def reconciliation(result: Reconciliation, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw, for each team size, what every other method's assumption would have to be.

    Parameters
    ----------
    result : Reconciliation
        From `csanalysis.reconcile`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        One column a quantity; a dot on the column's line means that the assumption need not move.
    """
    frame = reconciliation_frame(result)
    rows = result.frame.to_dict("records")
    with themed(frame, ax) as drawn:
        for x, name in enumerate(UNITS):
            _column_head(drawn, x, name, result.assumed[name], frame, lang)
            for y, row in enumerate(rows):
                _implied(drawn, (x, y), name, float(row[name]), result.assumed[name], lang)
        for y, row in enumerate(rows):
            _method(drawn, y, str(row["method"]), float(row["fte"]), frame, lang)
        drawn.set(xlim=(-0.5, len(UNITS) - 0.5), ylim=(len(rows) - 0.5, -0.5))
        drawn.set_xticks([])
        drawn.set_yticks([])
        drawn.spines[["left", "bottom"]].set_visible(False)
        drawn.set_xlabel(text("chart.reconciliation.axis", lang))
        title_and_notes(
            drawn, frame, _reconciliation_title(result, lang), text("chart.reconciliation.notes", lang)
        )
    return drawn


def _column_head(ax: Axes, x: int, name: str, assumed: float, frame: Frame, lang: str) -> None:
    room = (frame.width - frame.left - frame.right) / len(UNITS) - 6
    shown = wrap(capital(term("implied", name, lang)), room, theme.SMALL)
    write(ax, shown, (x, -0.5), (0, 16), size=theme.SMALL, ha="center", va="bottom")
    told = text("chart.reconciliation.assumed", lang, value=_short(assumed, name, lang))
    write(ax, told, (x, -0.5), (0, 4), size=theme.SMALL, color=theme.MUTED, ha="center", va="bottom")


def _implied(ax: Axes, place: tuple[int, int], name: str, value: float, assumed: float, lang: str) -> None:
    x, y = place
    write(ax, _short(value, name, lang), (x, y), (0, 7), ha="center")
    away = value / assumed - 1 if assumed else math.nan
    if not math.isfinite(away):
        return
    ax.plot([x - 0.4, x + 0.4], [y + 0.24] * 2, color=theme.GRID, linewidth=1, zorder=0)
    ax.plot([x, x], [y + 0.1, y + 0.38], color=theme.INK, linewidth=1, zorder=1)
    held = max(-_SPAN, min(_SPAN, away))
    marker = "o" if held == away else (">" if away > 0 else "<")
    at = x + 0.4 * held / _SPAN
    ax.plot([at], [y + 0.24], marker, markersize=6, color=theme.ACCENT, clip_on=False, gid="implied")


def _method(ax: Axes, y: int, method: str, fte: float, frame: Frame, lang: str) -> None:
    name, own = text(f"sizing.method.{method}", lang), method == CURRENT
    ink = theme.ACCENT if own else theme.INK
    told = quantity(round(fte, 2), "FTE", lang)
    row_text(ax, y, EDGE - frame.left, name, told, room=frame.left - EDGE - 8, color=ink)


def _short(value: float, name: str, lang: str) -> str:
    """Return a value with its base unit: what it is per stands in the head of the column."""
    base = UNITS[name].split("/")[0]
    return quantity(float(f"{value:.3g}"), base, lang) if math.isfinite(value) else "-"


def _reconciliation_title(result: Reconciliation, lang: str) -> str:
    sizes = result.frame[result.frame["method"] != CURRENT].set_index("method")["fte"]
    today = result.frame.loc[result.frame["method"] == CURRENT, "fte"]
    values = {"low": number(float(sizes.min()), 1), "high": number(float(sizes.max()), 1)}
    values["current"] = number(float(today.iloc[0]), 1)
    one = any(finding.key == "reconcile.one_method" for finding in result.findings)
    return text("chart.reconciliation.title_one" if one else "chart.reconciliation.title", lang, **values)
