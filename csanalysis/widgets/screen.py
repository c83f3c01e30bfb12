"""One view on screen: a figure that is kept and drawn on again, and the sentences below it."""

from __future__ import annotations

import base64
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass
from html import escape

import ipywidgets
from traitlets import Unicode

from csanalysis import tables
from csanalysis.charts import theme
from csanalysis.charts.canvas import PanelCanvas, PanelFigure
from csanalysis.charts.frame import title_of
from csanalysis.labels import text
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.widgets.views import View

HEAVY = 0.35
"""Seconds from which a view is computed in the background."""
_OLD = "csa-old"


class Picture(ipywidgets.Image):  # type: ignore[misc]  # the package is untyped
    """An image with a tooltip: JupyterLab asks for a description first, and fails if there is none."""

    description = Unicode("").tag(sync=True)


@dataclass(frozen=True)
class Shot:
    """What a view gave: picture (PNG), the statement above it, sentences."""

    png: bytes
    title: str
    sentences: tuple[str, ...]


class Screen:
    """A view and its place on screen.

    Attributes
    ----------
    shot : Shot or None
        What stands on screen; None where the view failed.
    heavy : bool
        Whether it took long the last time.
    """

    def __init__(self, name: str, view: View, lang: str) -> None:
        self.name, self.view = name, view
        self.shot: Shot | None = None
        self.heavy = False
        self._figure = PanelFigure()
        self._turn = 0
        self._drawing, self._showing = threading.Lock(), threading.Lock()
        self._image = Picture(format="png", layout={"max_width": "100%", "align_self": "flex-start"})
        self._told = ipywidgets.HTML()
        busy = f'<p role="status" class="csa-busy">{escape(text("widget.computing", lang))}</p>'
        self._busy = ipywidgets.HTML(busy, layout={"display": "none"})
        self.box = ipywidgets.VBox([self._busy, self._image, self._told])

    def begin(self) -> int:
        """Return the number of a new turn: what belongs to an earlier one is no longer shown."""
        with self._showing:
            self._turn += 1
            return self._turn

    def make(self, ds: Dataset, sc: Scenario, lang: str, turn: int) -> None:
        """Compute and draw the view; show it if its turn is still the newest.

        One thread draws at a time: the figure is kept.
        """
        with self._drawing:
            if turn != self._turn:
                return
            start = time.perf_counter()
            # What takes long must not keep the settings of the theme from charts that others draw meanwhile.
            with nullcontext() if self.heavy else theme.drawing():
                self._figure.wipe()
                sentences = self.view(ds, sc, lang, self._figure)
                canvas = self._figure.canvas
                assert isinstance(canvas, PanelCanvas)
                shot = Shot(canvas.png(), title_of(self._figure.axes[0]), tuple(sentences))
            heavy = time.perf_counter() - start > HEAVY
            with self._showing:
                if turn == self._turn:
                    self._show(shot)
                    self.heavy = heavy

    def make_ready(self) -> None:
        """Do beforehand what the next `make` needs for any values."""
        self._figure.make_ready()

    def _show(self, shot: Shot) -> None:
        self.shot = shot
        self._image.value, self._image.tooltip = shot.png, shot.title
        self._told.value = tables.listed(shot.sentences).html
        self._rest()

    def work(self) -> None:
        """Show that the view is being computed: what stands there belongs to earlier values."""
        self._busy.layout.display = None
        self.box.add_class(_OLD)

    def _rest(self) -> None:
        if self._busy.layout.display is None:
            self._busy.layout.display = "none"
            self.box.remove_class(_OLD)
        if self.box.layout.display is not None:
            self.box.layout.display = None

    def blank(self, turn: int) -> None:
        """Take the view off the screen: no picture may stand beside values it was not drawn for."""
        with self._showing:
            if turn != self._turn:
                return
            self._rest()
            self.shot = None
            self._image.value, self._image.tooltip, self._told.value = b"", "", ""
            self.box.layout.display = "none"

    def html(self) -> str:
        """Return picture and sentences as static HTML; nothing if the view failed."""
        if self.shot is None:
            return ""
        source = f"data:image/png;base64,{base64.b64encode(self.shot.png).decode('ascii')}"
        picture = f'<img src="{source}" alt="{escape(self.shot.title)}" style="max-width:100%">'
        return f"<figure>{picture}</figure>{tables.listed(self.shot.sentences).html}"
