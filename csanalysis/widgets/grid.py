"""A grid of the model around a scenario, for sliders in a report that has no kernel.

One assumption moves at a time, the others stay as the scenario has them. Every point is computed by the
model; nothing is interpolated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import ipywidgets

from csanalysis import tables
from csanalysis.labels import text
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Parameter, Value
from csanalysis.model.scenario import Scenario
from csanalysis.widgets.controls import control_for, ends, value_of
from csanalysis.widgets.measures import MEASURES, Measure, measures

MIME = "application/vnd.csanalysis.whatif+json"
WHATIF = "CSANALYSIS_WHATIF"
"""Set to 1 where a report is made: panels then leave the grid beside their pictures."""
POINTS = 7
_FEW = {"assignment": 3, "capacity": 5, "roadmap": 5}
"""Views whose figures take long get fewer points."""
_MOST_FIGURES = 5


def grid_values(parameter: Parameter, value: Value, points: int = POINTS) -> list[Value]:
    """Return values over the range of a parameter's control, `value` among them, in order.

    Parameters
    ----------
    parameter : Parameter
    value : float or str
        The scenario's own.
    points : int
        About how many; choices are always complete.

    Examples
    --------
    >>> parameter = Parameter("cs_headcount", "person", 5.0, low=1, high=25, hard_min=1, hard_max=100, step=1)
    >>> [float(value) for value in grid_values(parameter, 5.0, 4)]
    [1.0, 5.0, 9.0, 17.0, 25.0]
    """
    control = control_for(parameter, value)
    if isinstance(control, ipywidgets.Dropdown):
        return list(ends(control))
    low, high = float(control.min), float(control.max)
    wide = isinstance(control, ipywidgets.FloatLogSlider)
    found = {_number(value): value}
    for n in range(points):
        steps = round(n / max(points - 1, 1) * (high - low) / control.step)
        place = min(low + steps * control.step, high)
        control.value = control.base**place if wide else place
        moved = value_of(control, parameter, value)
        found.setdefault(_number(moved), moved)
    return [found[number] for number in sorted(found)]


def _number(value: Value) -> float:
    return float(f"{value:.9g}") if isinstance(value, float | int) else math.nan


def whatif_grid(
    ds: Dataset, sc: Scenario, keys: Iterable[str], views: Sequence[str], lang: str
) -> dict[str, Any] | None:
    """Return what a slider without a kernel needs: for every point the figures of the views.

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
    keys : iterable of str
        One slider each.
    views : sequence of str
        Whose figures are shown.
    lang : {"ja", "en"}

    Returns
    -------
    dict or None
        JSON-ready: ``figures`` (labels) and ``sliders``, each with ``label``, ``base`` (position), ``drawn``
        (the figure of its chart: the first that moves) and ``points``: ``value`` (text), ``x``, ``cells``
        (texts), ``y`` (number of the figure drawn, or None), ``fault`` (why there are none, else empty).
        None where the views have no figures.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> grid = whatif_grid(ds, ds.base, ["cs_headcount"], ["phase"], "en")
    >>> grid["sliders"][0]["points"][grid["sliders"][0]["base"]]["cells"]
    ['5 persons', 'growth']
    """
    shown = [view for view in views if view in MEASURES]
    if not shown:
        return None
    base = measures(ds, sc, shown)[:_MOST_FIGURES]
    points = min(_FEW.get(view, POINTS) for view in shown)
    sliders = [_slider(ds, sc, sc.parameter(key), base, shown, points, lang) for key in keys]
    return {"figures": [each.label(lang) for each in base], "sliders": sliders}


def _slider(
    ds: Dataset,
    sc: Scenario,
    parameter: Parameter,
    base: tuple[Measure, ...],
    views: Sequence[str],
    points: int,
    lang: str,
) -> dict[str, Any]:
    own = sc[parameter.key]
    values = grid_values(parameter, own, points)
    rows, faults = [], []
    for value in values:
        figures, fault = (base, "") if value == own else _figures(ds, sc, parameter.key, value, views)
        by_name = {figure.name: figure for figure in figures}
        rows.append([by_name.get(one.name) for one in base])
        faults.append(fault)
    cells = [[one.shown(lang) if one else "-" for one in row] for row in rows]
    drawn = _moving(cells, rows)
    found = [
        {
            "value": tables.shown(parameter, value, lang),
            "x": float(value) if isinstance(value, float) else float(n),
            "cells": cells[n],
            "y": _finite(row[drawn]),
            "fault": fault,
        }
        for n, (value, row, fault) in enumerate(zip(values, rows, faults, strict=True))
    ]
    label = tables.label_of(parameter, sc, lang)
    return {"label": label, "base": values.index(own), "drawn": drawn, "points": found}


def _moving(cells: Sequence[Sequence[str]], rows: Sequence[Sequence[Measure | None]]) -> int:
    """Return the position of the first figure that can be seen to change along the slider; 0 if none can.

    Numbers that differ in digits nobody is shown do not count: drawn to scale, noise would fill the chart.
    """
    for position in range(len(rows[0])):
        shown = {
            line[position]
            for line, row in zip(cells, rows, strict=True)
            if _finite(row[position]) is not None
        }
        if len(shown) > 1:
            return position
    return 0


def _finite(figure: Measure | None) -> float | None:
    return figure.value if figure is not None and math.isfinite(figure.value) else None


def _figures(
    ds: Dataset, sc: Scenario, key: str, value: Value, views: Sequence[str]
) -> tuple[tuple[Measure, ...], str]:
    """Return the figures at one point, or why there are none: an impossible combination is told."""
    try:
        return measures(ds, sc.replace({key: value}), views), ""
    except (ValueError, ArithmeticError) as error:
        return (), text("whatif.fault", ds.lang, cause=str(error).splitlines()[0])
