"""The frame of a chart: axes with columns of text beside them, laid out in points.

Text has a place of its own in points, so that no label is cut off or covers another one, in either
language, and a panel redraws without solving a layout.
"""

from __future__ import annotations

import base64
import functools
import io
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags

from csanalysis.charts import theme
from csanalysis.charts.canvas import PanelFigure

EDGE = 10.0
"""Points left free at the rim of a chart."""

Coordinates: TypeAlias = str | tuple[str, str]


@dataclass(frozen=True)
class Frame:
    """Size of the axes and the room around its axes for columns of text, all in points (1/72 inch)."""

    height: float
    left: float
    right: float
    top: float
    bottom: float
    width: float = 72 * theme.PAGE_WIDTH

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the figure in inches."""
        return self.width / 72, (self.top + self.height + self.bottom) / 72

    def axes(self, fig: Figure) -> Axes:
        """Give `fig` the size of the frame and return axes in their place."""
        width, height = (72 * side for side in self.size)
        fig.set_size_inches(*self.size)
        inner = self.width - self.left - self.right
        place = (self.left / width, self.bottom / height, inner / width, self.height / height)
        with theme.drawing():
            return fig.take_axes(place) if isinstance(fig, PanelFigure) else fig.add_axes(place)


class Chart(Figure):
    """A figure of the notebooks: its picture carries the statement above it for those who cannot see it."""

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        """Return the picture as Jupyter makes it, and its statement as alternative text."""
        stream = io.BytesIO()
        self.savefig(stream, format="png", dpi=self.dpi, facecolor=self.get_facecolor(), bbox_inches="tight")
        bundle = {"image/png": base64.b64encode(stream.getvalue()).decode(), "text/plain": repr(self)}
        statements = [statement for ax in self.axes for statement in _statements(ax)]
        return bundle, {"image/png": {"alt": " / ".join(statements)}}


@contextmanager
def themed(frame: Frame, ax: Axes | None) -> Iterator[Axes]:
    """Draw within the theme on `ax`, or on a new figure of the size of `frame`."""
    # The first figure makes Jupyter set up its display, which must outlive the settings of the theme.
    fig = plt.figure(dpi=theme.DPI, facecolor="white", FigureClass=Chart) if ax is None else None
    with theme.drawing():
        drawn = frame.axes(fig) if fig else ax
        assert drawn is not None
        drawn.tick_params(labelfontfamily=theme.FONT)  # ticks made later, while drawing, need it too
        yield drawn


@functools.cache
def text_width(text: str, size: float) -> float:
    """Return the width of one line of text in points, at a size of type.

    Examples
    --------
    >>> text_width("顧客", 10)
    20.0
    """
    with theme.drawing():
        font = get_font(findfont(FontProperties()))
    font.set_size(size, 72)
    font.set_text(text, flags=LoadFlags.NO_HINTING)
    return float(font.get_width_height()[0]) / 64


def wrap(text: str, width: float, size: float) -> str:
    """Break `text` into lines of at most `width` points: English at spaces, Japanese anywhere.

    A line does not begin with a closing sign or full stop.
    """
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and text_width(lines[-1] + piece.rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return "\n".join(line.rstrip() for line in lines)


def shorten(text: str, width: float, size: float) -> str:
    """Cut `text` to `width` points, with an ellipsis where something is left out."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _pieces(text: str) -> list[str]:
    """Split text where a line may break; each piece keeps the space or closing sign that follows it."""
    pieces = [""]
    for char in text:
        wide = unicodedata.east_asian_width(char) in "WF"
        starts = wide or (pieces[-1] and unicodedata.east_asian_width(pieces[-1][-1]) in "WF")
        after_space = pieces[-1].endswith(" ")
        if (starts or after_space) and char not in "、。)」・〜ー" and char != " ":
            pieces.append("")
        pieces[-1] += char
    return [piece for piece in pieces if piece]


def write(
    ax: Axes,
    shown: str,
    place: tuple[float, float],
    offset: tuple[float, float] = (0, 0),
    *,
    coords: Coordinates = "data",
    size: float = theme.NORMAL,
    color: str = theme.INK,
    ha: Literal["left", "center", "right"] = "left",
    va: Literal["top", "center", "bottom"] = "center",
    gid: str | None = None,
) -> Artist:
    """Write text at `place` in `coords`, moved by `offset` points."""
    return ax.annotate(
        shown,
        place,
        offset,
        xycoords=coords,
        textcoords="offset points",
        size=size,
        color=color,
        ha=ha,
        va=va,
        linespacing=1.25,
        gid=gid,
        annotation_clip=False,
    )


def title_and_notes(ax: Axes, frame: Frame, title: str, notes: str) -> None:
    """Write the statement above the chart and the small notes below it, over the whole width."""
    left, room = EDGE - frame.left, frame.width - 2 * EDGE
    shown = wrap(title, room, theme.TITLE)
    top = (left, frame.top - EDGE)
    drawn = write(ax, shown, (0, 1), top, coords="axes fraction", size=theme.TITLE, va="top", gid="title")
    drawn.set_label(" ".join(title.split()))
    small, below = wrap(notes, room, theme.SMALL), (left, EDGE - 4 - frame.bottom)
    colour = theme.MUTED
    write(ax, small, (0, 0), below, coords="axes fraction", size=theme.SMALL, color=colour, va="bottom")


def title_of(ax: Axes) -> str:
    """Return the statement above a chart, in one line."""
    return _statements(ax)[0]


def _statements(ax: Axes) -> list[str]:
    return [str(shown.get_label()) for shown in ax.texts if shown.get_gid() == "title"]


def row_text(
    ax: Axes,
    row: float,
    offset: float,
    first: str,
    second: str = "",
    *,
    room: float,
    right: bool = False,
    color: str = theme.INK,
) -> None:
    """Write one or two lines beside a row: `offset` points from the left (or right) end of the axes.

    Type becomes smaller where a line is wider than `room` points.
    """
    place, shift = (1 if right else 0, row), 5 if second else 0
    coords: Coordinates = ("axes fraction", "data")
    write(
        ax,
        first,
        place,
        (offset, shift),
        coords=coords,
        size=_fitting(first, room, theme.NORMAL),
        color=color,
    )
    if second:
        small = _fitting(second, room, theme.SMALL)
        write(ax, second, place, (offset, -6), coords=coords, size=small, color=theme.MUTED)


def _fitting(text: str, room: float, size: float) -> float:
    """Return the size of type at which `text` fits; small type is drawn a little wider than it measures."""
    width = text_width(text, size)
    return size if width <= room else 0.9 * size * room / width


def capital(text: str) -> str:
    """Return a label as it begins a line: "monthly churn" as "Monthly churn"."""
    return text[:1].upper() + text[1:]


def value_axis(ax: Axes, label: str) -> None:
    """Leave only a horizontal value axis with light grid lines behind the marks."""
    ax.set_yticks([])
    ax.set_xlabel(label)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    ax.tick_params(axis="x", length=0)
