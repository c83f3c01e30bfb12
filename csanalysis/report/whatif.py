"""Sliders without a kernel and without a network: one component for all panels of a report.

A panel leaves a grid of the model beside its pictures (see `csanalysis.widgets.grid`). What a notebook
leaves is data, never markup: every text of it is escaped here. One small script, the file
``templates/whatif.js``, moves between the points; pages allow this script by its hash and no other.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from csanalysis import labels
from csanalysis.widgets.grid import MIME

__all__ = ["MARK", "MIME", "Point", "Slider", "read_grid", "render_whatif", "script", "script_hash"]

MARK = "data-whatif"
_WIDTH, _HEIGHT, _RIM = 220, 48, 6


@dataclass(frozen=True)
class Point:
    """One computed value: its name, place, figures as texts, the one drawn, and why there are none."""

    value: str
    x: float
    cells: tuple[str, ...]
    y: float | None
    fault: str


@dataclass(frozen=True)
class Slider:
    """One assumption and its points.

    Attributes
    ----------
    label : str
    base : int
        Position of the scenario's own value.
    drawn : int
        Position of the figure that the small chart shows.
    points : tuple of Point
    """

    label: str
    base: int
    drawn: int
    points: tuple[Point, ...]

    @property
    def ends(self) -> tuple[str, str]:
        """The least and the largest value of the figure drawn, as texts; empty where there is none."""
        shown = sorted((p.y, p.cells[self.drawn]) for p in self.points if p.y is not None)
        return (shown[0][1], shown[-1][1]) if shown else ("", "")

    @property
    def moves(self) -> bool:
        """Whether any figure changes along the slider."""
        return len({point.cells for point in self.points if not point.fault}) > 1

    @property
    def places(self) -> tuple[tuple[float, float] | None, ...]:
        """Where each point stands in the small chart; None where there is no number."""
        shown = [p.y for p in self.points if p.y is not None]
        if self.ends[0] == self.ends[1]:  # they differ in digits that are not shown, if at all
            shown = [min(shown, default=0.0)]
        xs = [p.x for p in self.points]
        return tuple(
            None if p.y is None else (_along(p.x, xs, _WIDTH), _HEIGHT - _along(p.y, shown, _HEIGHT))
            for p in self.points
        )


def _along(value: float, values: Sequence[float], room: float) -> float:
    low, high = min(values), max(values)
    share = (value - low) / (high - low) if high > low else 0.5  # also where only digits not shown differ
    return round(_RIM + share * (room - 2 * _RIM), 1)


def read_grid(grid: Any) -> tuple[tuple[str, ...], tuple[Slider, ...]]:
    """Return figures and sliders of what a notebook left.

    Raises
    ------
    ValueError
        If it is no grid of `csanalysis.widgets.grid.whatif_grid`.
    """
    try:
        figures = tuple(map(str, grid["figures"]))
        sliders = tuple(_slider(each, len(figures)) for each in grid["sliders"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error
    return figures, sliders


def _slider(given: Mapping[str, Any], figures: int) -> Slider:
    points = tuple(_point(each) for each in given["points"])
    base, drawn = int(given["base"]), int(given["drawn"])
    if (
        not 0 <= base < len(points)
        or not 0 <= drawn < figures
        or any(len(p.cells) != figures for p in points)
    ):
        raise ValueError("base")
    return Slider(str(given["label"]), base, drawn, points)


def _point(given: Mapping[str, Any]) -> Point:
    x, y = float(given["x"]), None if given["y"] is None else float(given["y"])
    if not math.isfinite(x) or (y is not None and not math.isfinite(y)):
        raise ValueError("x, y")
    return Point(str(given["value"]), x, tuple(map(str, given["cells"])), y, str(given["fault"]))


def render_whatif(grid: Any, lang: str, number: int) -> str:
    """Return the HTML of the sliders of one panel; empty where a slider has nothing to move to.

    Parameters
    ----------
    grid : dict
        As `whatif_grid` gives it; what comes from a notebook is not trusted.
    lang : {"ja", "en"}
    number : int
        Tells the components of a page apart.

    Raises
    ------
    ValueError
        If it is no such grid.
    """
    figures, sliders = read_grid(grid)
    sliders = tuple(slider for slider in sliders if len(slider.points) > 1)
    if not sliders or not figures:
        return ""
    html: str = _template().render(
        figures=figures,
        sliders=sliders,
        number=number,
        size=(_WIDTH, _HEIGHT),
        data=json.dumps([_data(slider) for slider in sliders], ensure_ascii=False),
        text=functools.partial(_text, lang),
        alt=functools.partial(_alt, figures, lang),
    )
    return html


def _text(lang: str, key: str, **values: object) -> str:
    return labels.text(f"whatif.{key}", lang, **values)


def _alt(figures: Sequence[str], lang: str, slider: Slider) -> str:
    points = ", ".join(f"{point.value} → {point.cells[slider.drawn]}" for point in slider.points)
    return _text(lang, "chart", label=slider.label, figure=figures[slider.drawn], points=points)


def _data(slider: Slider) -> dict[str, Any]:
    """Return what the script needs, in few letters."""
    points = [
        {"v": point.value, "c": list(point.cells), "f": point.fault, "p": place}
        for point, place in zip(slider.points, slider.places, strict=True)
    ]
    return {"b": slider.base, "s": points}


@functools.cache
def _template() -> Any:
    loader = PackageLoader("csanalysis.report")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("whatif.html.j2")


@functools.cache
def script() -> str:
    """Return the one script of a report."""
    return (resources.files("csanalysis.report") / "templates" / "whatif.js").read_text(encoding="utf-8")


@functools.cache
def script_hash() -> str:
    """Return the script's hash as a content security policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script().encode()).digest()).decode()}"
