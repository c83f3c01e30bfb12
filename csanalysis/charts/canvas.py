"""A canvas for charts that are drawn again and again: each line of text is set once and then copied.

Most of the time of drawing a chart of this package goes into its letters, and from one position of a slider
to the next most lines stay what and where they are.
"""

from __future__ import annotations

import io
import math
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from PIL import Image

from csanalysis.charts import theme

_MOST_LINES = 2000
_RIM = 4
_SUBPIXELS = 64
"""The rasteriser places letters on 64ths of a pixel."""


@dataclass(frozen=True)
class _Line:
    """Pixels of a line of text, bottom row first, and the rows below its baseline."""

    pixels: npt.NDArray[np.uint8]
    below: int


class LineRenderer(RendererAgg):
    """Draws as matplotlib's Agg does, but keeps the pixels of every horizontal line of text."""

    def __init__(self, width: float, height: float, dpi: float) -> None:
        super().__init__(width, height, dpi)
        self._lines: OrderedDict[tuple[Any, ...], _Line] = OrderedDict()

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        """Draw a line of text; from the kept pixels if it was drawn before."""
        if angle or ismath or gc.get_alpha() not in (None, 1) or not s.strip():
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        left, top = math.floor(x), math.floor(y)
        inside = (round(_SUBPIXELS * (x - left)), round(_SUBPIXELS * (y - top)))
        key = (s, hash(prop), tuple(gc.get_rgb()), inside)
        if key not in self._lines:
            self._lines[key] = self._set(gc.get_rgb(), inside, s, prop, mtext)
            if len(self._lines) > _MOST_LINES:
                self._lines.popitem(last=False)
        self._lines.move_to_end(key)
        line = self._lines[key]
        self.draw_image(gc, left - _RIM, int(self.height) - top - line.below, line.pixels)

    def _set(self, rgb: Any, inside: tuple[int, int], s: str, prop: Any, mtext: Any) -> _Line:
        width, height, descent = self.get_text_width_height_descent(s, prop, False)
        below = max(math.ceil(descent), 0) + _RIM
        tallest = max(height, prop.get_size_in_points() * self.dpi / 72)  # of a dash, height is its ink alone
        rows = math.ceil(tallest) + below + _RIM
        scratch = RendererAgg(math.ceil(width) + 2 * _RIM, rows, self.dpi)
        gc = scratch.new_gc()
        gc.set_foreground(rgb)
        across, down = (part / _SUBPIXELS for part in inside)
        scratch.draw_text(gc, _RIM + across, rows - below + down, s, prop, 0, False, mtext)
        return _Line(np.asarray(scratch.buffer_rgba())[::-1].copy(), below)


class PanelCanvas(FigureCanvasAgg):
    """The canvas of a figure that a panel keeps."""

    _drawn_size: tuple[float, ...] = ()
    renderer: LineRenderer

    def get_renderer(self) -> LineRenderer:
        """Return the renderer of the figure's size; the kept lines outlive a change of size."""
        size = (*self.get_width_height(physical=True), self.figure.dpi)
        if size != self._drawn_size:
            kept = self.renderer._lines if self._drawn_size else OrderedDict()
            self.renderer = LineRenderer(*size)
            self.renderer._lines, self._drawn_size = kept, size
        return self.renderer

    def png(self) -> bytes:
        """Draw the figure and return it as PNG, packed for speed instead of size."""
        with theme.drawing():
            self.draw()
        size = self.get_width_height(physical=True)
        drawn = Image.frombuffer("RGBA", size, self.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
        stream = io.BytesIO()
        drawn.save(stream, "png", compress_level=1, compress_type=zlib.Z_RLE)
        return stream.getvalue()


class PanelFigure(Figure):
    """A figure that is kept and drawn on again and again.

    Setting up axes takes about as long as drawing them. It can be done before they are asked for, while
    nobody waits; they are new ones each time, so that nothing of the last chart stays behind.
    """

    _ready: Axes | None = None

    def __init__(self) -> None:
        super().__init__(dpi=theme.DPI, facecolor="white")
        PanelCanvas(self)

    def make_ready(self) -> None:
        """Set up the axes of the next chart."""
        with theme.drawing():
            self._ready = self._ready or Axes(self, (0, 0, 1, 1))

    def take_axes(self, place: tuple[float, float, float, float]) -> Axes:
        """Return empty axes at `place`: left, bottom, width, height as shares of the figure."""
        self.make_ready()
        axes, self._ready = self._ready, None
        assert axes is not None
        axes.set_position(place)
        self.add_axes(axes)
        return axes

    def wipe(self) -> None:
        """Take everything off; unlike `clear` without setting up anew what goes."""
        for axes in list(self.axes):
            self.delaxes(axes)
