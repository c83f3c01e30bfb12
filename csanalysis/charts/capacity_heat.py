"""Heat map of utilisation: team and contracts by month, in good and bad months."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm

from csanalysis.charts import theme
from csanalysis.charts.capacity import month_axis
from csanalysis.charts.frame import EDGE, Frame, row_text, themed, title_and_notes, write
from csanalysis.charts.touch import text_height
from csanalysis.labels import percent, text
from csanalysis.planning.capacity import CapacityPlan

SPAN = (0.5, 1.5)
"""Utilisation at which the colours are full."""
_COLOURS = LinearSegmentedColormap.from_list("use", ["#5AA5D6", "#F4F6F8", "#E8793A"])
_ROW, _LEFT = 20.0, 150.0
_LEVELS = ("p90", "p50", "p10")
_LEGIBLE = 18.0
"""Points a cell needs to hold its figure."""


def utilisation_frame(plan: CapacityPlan, lang: str = "ja") -> Frame:
    """Return the frame of `utilisation`: a row for each pool and quantile."""
    rows = 3 * (1 + len(plan.problem.offers))
    top = 24 + text_height(_title(plan, lang), theme.TITLE)
    return Frame(_ROW * rows, _LEFT, EDGE, top, 50 + text_height(text("chart.use.notes", lang), theme.SMALL))


def utilisation(plan: CapacityPlan, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the utilisation of team and contracts in every month, in a quiet, a middle and a busy month.

    Parameters
    ----------
    plan : CapacityPlan
        From `csanalysis.plan_capacity`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Horizontal axis in months; a cell is demand as a share of hours or units that are paid for in any
        case.
    """
    frame, table = utilisation_frame(plan, lang), plan.months()
    table = table[table["measure"] == "utilisation"]
    keys = list(dict.fromkeys(table["resource_id"]))
    values = np.vstack([table.loc[table["resource_id"] == k, list(_LEVELS)].to_numpy(float).T for k in keys])
    months = values.shape[1]
    with themed(frame, ax) as drawn:
        norm = TwoSlopeNorm(1.0, *SPAN)
        extent = (0.5, months + 0.5, len(values) - 0.5, -0.5)
        drawn.imshow(values, cmap=_COLOURS, norm=norm, aspect="auto", extent=extent, gid="use")
        _figures(drawn, values, frame)
        drawn.set_yticks([])
        for n, key in enumerate(keys):
            _row_names(drawn, plan, n, key, lang)
            if n:
                drawn.axhline(3 * n - 0.5, color="white", linewidth=4)
        month_axis(drawn, months, lang)
        drawn.spines[:].set_visible(False)
        title_and_notes(drawn, frame, _title(plan, lang), text("chart.use.notes", lang))
    return drawn


def _figures(ax: Axes, values: Any, frame: Frame) -> None:
    """Write the figure into every cell, or into every second, third ... where cells are narrow."""
    months = values.shape[1]
    cell = (frame.width - frame.left - frame.right) / months
    step = math.ceil(_LEGIBLE / cell)
    for row, column in np.ndindex(*values.shape):
        if column % step == 0 and np.isfinite(values[row, column]):
            share = min(float(values[row, column]), 9.99)
            write(ax, f"{100 * share:.0f}", (column + 1, row), size=theme.SMALL, ha="center")


def _row_names(ax: Axes, plan: CapacityPlan, n: int, key: str, lang: str) -> None:
    name = text("chart.capacity.team", lang) if n == 0 else plan.rates[key].name(lang)
    row_text(ax, 3 * n + 1, EDGE - _LEFT, name, room=80)
    for level, each in enumerate(_LEVELS):
        row_text(ax, 3 * n + level, -8 - 48, text(f"chart.use.{each}", lang), room=50, color=theme.MUTED)


def _title(plan: CapacityPlan, lang: str) -> str:
    team = plan.months()
    team = team[(team["measure"] == "utilisation") & (team["resource_id"] == plan.pools.own_rate.resource_id)]
    busy = team.set_index("month")["p90"]
    if not np.isfinite(busy).any():
        return text("chart.use.title_none", lang)
    over = int((busy > 1).sum())
    told = {"month": str(busy.idxmax()), "most": percent(float(busy.max()), 0), "over": str(over)}
    return text("chart.use.title_over" if over else "chart.use.title", lang, **told)
