"""Labels in the right column of a chart, beside what they name and none on another."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes

from csanalysis.charts import theme
from csanalysis.charts.frame import text_width, write

SIDE_GAP = 25.0
"""Points between two labels of two lines each."""


@dataclass(frozen=True)
class Mark:
    """A label: where it belongs on the vertical axis (data), its sign in colour, name and figure."""

    place: float
    name: str
    told: str
    color: str
    sign: str = "■"


def apart(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move places (rising) up and down until they are `gap` apart, within `low` to `high`.

    Examples
    --------
    >>> apart([10, 12, 90], 20, 0, 100)
    [10, 30, 90]
    >>> apart([95, 99], 20, 0, 100)
    [80, 100]
    """
    places: list[float] = []
    for want in wanted:
        places.append(max(want, places[-1] + gap if places else low))
    for n in range(len(places) - 1, -1, -1):
        ceiling = high if n == len(places) - 1 else places[n + 1] - gap
        places[n] = min(places[n], ceiling)
    return places


def side_labels(ax: Axes, marks: list[Mark], height: float, room: float) -> None:
    """Write marks right of the axes, `height` points high, in columns of `room` points."""
    low, high = ax.get_ylim()
    marks = sorted(marks, key=lambda mark: mark.place)
    wanted = [(mark.place - low) / (high - low) * height for mark in marks]
    for place, mark in zip(apart(wanted, SIDE_GAP, 8.0, height - 8.0), marks, strict=True):
        at = (1.0, place / height)
        write(ax, mark.sign, at, (6, 5), coords="axes fraction", color=mark.color)
        size = min(1.0, (room - 22) / text_width(mark.name, theme.NORMAL)) * theme.NORMAL
        write(ax, mark.name, at, (19, 5), coords="axes fraction", size=size)
        write(ax, mark.told, at, (19, -6), coords="axes fraction", size=theme.SMALL, color=theme.MUTED)
