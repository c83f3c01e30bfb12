"""A panel: controls, a scenario, and views that are computed and drawn again when a control moves.

Errors in widget callbacks are easily lost. Here every view runs through `ScenarioPanel.render`, which
records an error in `ScenarioPanel.errors`, shows it in the panel, leaves it as an error output (so that a
report finds it in the saved widget state), and raises it again where ``CSANALYSIS_STRICT`` is 1.
"""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from typing import Any

import ipywidgets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from traitlets import Unicode

from csanalysis import tables
from csanalysis.charts.frame import title_of
from csanalysis.charts.theme import DPI
from csanalysis.labels import both, check_language, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Value
from csanalysis.model.scenario import Scenario
from csanalysis.widgets.controls import control_for, ends, value_of
from csanalysis.widgets.views import VIEWS, View

STRICT = "CSANALYSIS_STRICT"
SCENARIO = "scenario"
"""Named as the view of an error when the controls give no valid scenario."""
_CLASS = "csa-control"
_STYLE = f"<style>.{_CLASS} .widget-readout {{max-width: 10em; min-width: 4em}}</style>"
"""Long amounts stay whole beside their slider."""


@dataclass(frozen=True)
class PanelError:
    """What went wrong in a panel: the exception, the view, and the values moved away from the start."""

    exception: Exception
    view: str
    changed: Mapping[str, Value]


class _Picture(ipywidgets.Image):  # type: ignore[misc]  # the package is untyped
    """An image with a tooltip: JupyterLab asks for a description first, and fails if there is none."""

    description = Unicode("").tag(sync=True)


@dataclass
class _Screen:
    """One view on screen: a figure that is kept and drawn again, and the sentences below it."""

    name: str
    view: View
    png: bytes = b""
    title: str = ""
    sentences: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.figure = Figure(dpi=DPI, facecolor="white")
        FigureCanvasAgg(self.figure)
        self.image = _Picture(format="png", layout={"max_width": "100%"})
        self.told = ipywidgets.HTML()
        self.box = ipywidgets.VBox([self.image, self.told])

    def draw(self, ds: Dataset, sc: Scenario, lang: str) -> None:
        """Compute and draw the view, then put picture and sentences on screen."""
        self.figure.clear()
        self.sentences = self.view(ds, sc, lang, self.figure)
        self.title = title_of(self.figure.axes[0])
        stream = io.BytesIO()
        self.figure.savefig(stream, format="png", dpi=DPI, pil_kwargs={"compress_level": 1})
        self.png = stream.getvalue()
        self.image.value, self.image.tooltip = self.png, self.title
        self.told.value = tables.listed(self.sentences).html
        self.box.layout.display = None

    def blank(self) -> None:
        """Take the view off the screen: no picture may stand beside values it was not drawn for."""
        self.png, self.title, self.sentences = b"", "", []
        self.image.value, self.image.tooltip, self.told.value = b"", "", ""
        self.box.layout.display = "none"

    def html(self) -> str:
        """Return picture and sentences as static HTML; nothing if the view failed."""
        if not self.png:
            return ""
        source = f"data:image/png;base64,{base64.b64encode(self.png).decode('ascii')}"
        picture = f'<img src="{source}" alt="{escape(self.title)}" style="max-width:100%">'
        return f"<figure>{picture}</figure>{tables.listed(self.sentences).html}"


class ScenarioPanel:
    """Controls of some parameters and the views that follow them.

    Attributes
    ----------
    scenario : Scenario
        The scenario of the controls as they stand.
    errors : list of PanelError
        Everything that ever went wrong in this panel, oldest first.
    controls : dict
        Parameter key -> ipywidgets control.
    widget : ipywidgets.VBox
        What JupyterLab shows.
    """

    def __init__(
        self, ds: Dataset, sc: Scenario, controls: Sequence[str], views: Sequence[str], lang: str
    ) -> None:
        self.scenario, self.errors = sc, list[PanelError]()
        self._ds, self._start, self._lang, self._held = ds, sc, lang, False
        found = [sc.parameter(key) for key in controls]
        self._parameters = {parameter.key: parameter for parameter in found}
        self.controls = {p.key: control_for(p, sc[p.key], lang) for p in found}
        self._screens = [_Screen(name, VIEWS[name]) for name in views]
        self._message, self._trace = ipywidgets.HTML(), ipywidgets.Output()
        self.reset_button = ipywidgets.Button(
            description=text("widget.reset", lang), tooltip=text("widget.reset_tooltip", lang)
        )
        told = [self._message, self._trace, *(screen.box for screen in self._screens)]
        for control in self.controls.values():
            control.add_class(_CLASS)
        style = ipywidgets.HTML(_STYLE, layout={"display": "none"})
        self.widget = ipywidgets.VBox([style, *self.controls.values(), self.reset_button, *told])
        self.render()
        for control in self.controls.values():
            control.observe(self._moved, names="value")
        self.reset_button.on_click(lambda _: self.reset())

    def _moved(self, _: Any) -> None:
        if not self._held and self._values() != self._drawn:
            self.render()

    def _values(self) -> dict[str, Value]:
        return {k: value_of(c, self._parameters[k], self._start[k]) for k, c in self.controls.items()}

    def render(self) -> None:
        """Compute and draw everything for the values of the controls.

        Raises
        ------
        Exception
            What a view raised, where ``CSANALYSIS_STRICT`` is 1; it has been recorded and shown before.
        """
        self._drawn = self._values()
        self._message.value, self._trace.outputs = "", ()
        failed = [self._attempt(SCENARIO, self._read_controls)]
        for screen in self._screens:
            draw = partial(screen.draw, self._ds, self.scenario, self._lang)
            failed.append(failed[0] or self._attempt(screen.name, draw))
            if failed[-1]:
                screen.blank()
        first = next((error for error in failed if error), None)
        if first and os.environ.get(STRICT) == "1":
            raise first

    def _read_controls(self) -> None:
        self.scenario = self._start.replace(self._values())

    def _attempt(self, view: str, act: Callable[[], None]) -> Exception | None:
        """Run `act`; record and show what it raises."""
        try:
            act()
        except Exception as error:
            self.errors.append(PanelError(error, view, self._changed()))
            self._show(self.errors[-1])
            return error
        return None

    def _changed(self) -> dict[str, Value]:
        return {key: value for key, value in self._values().items() if value != self._start[key]}

    def _show(self, failure: PanelError) -> None:
        kind, cause = type(failure.exception).__name__, str(failure.exception)
        changed = ", ".join(f"{key} = {value}" for key, value in failure.changed.items())
        told = text(
            "widget.failed",
            self._lang,
            view=term("view", failure.view, self._lang),
            changed=changed or text("widget.nothing_changed", self._lang),
            cause=f"{kind}: {cause}",
        )
        self._message.value += f'<p role="alert">{escape(told)}</p>'
        output = {"output_type": "error", "ename": kind, "evalue": cause, "traceback": [f"{kind}: {cause}"]}
        self._trace.outputs = (*self._trace.outputs, output)

    def reset(self) -> None:
        """Put every control back to the scenario the panel was made with, and draw once."""
        self._held = True
        try:
            for key, control in self.controls.items():
                control.value = self._start[key]
        finally:
            self._held = False
        self.render()

    def sweep(self) -> list[PanelError]:
        """Drive every control to both ends (or through all choices) and back; return the errors met.

        Where ``CSANALYSIS_STRICT`` is 1 the first error is raised; the control is put back all the same.
        """
        known = len(self.errors)
        for control in self.controls.values():
            before = control.value
            try:
                for end in ends(control):
                    control.value = end
            finally:
                control.value = before
        return self.errors[known:]

    def static_html(self) -> str:
        """Return the panel as it stands, without controls: pictures, findings, values, a note."""
        values = tables.parameters(self.scenario, self.controls, self._lang, caption="controls").html
        note = f"<p><small>{escape(text('widget.note', self._lang))}</small></p>"
        views = "".join(screen.html() for screen in self._screens)
        return f'<div class="csa-panel">{self._message.value}{views}{values}{note}</div>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the live widget for JupyterLab, and a static page for a report."""
        bundle: dict[str, Any] = dict(self.widget._repr_mimebundle_())
        return {**bundle, "text/plain": repr(self), "text/html": self.static_html()}

    def __repr__(self) -> str:
        views = ", ".join(screen.name for screen in self._screens)
        return f"ScenarioPanel(controls: {', '.join(self.controls)}; views: {views})"


def scenario_panel(
    ds: Dataset, sc: Scenario, controls: Sequence[str], views: Sequence[str], lang: str | None = None
) -> ScenarioPanel:
    """Make a panel of controls and views.

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
        Where the controls stand at first.
    controls : sequence of str
        Parameter keys, or cells such as ``resources.bpo.price``.
    views : sequence of {"phase", "sizing", "benchmarks"}
        What is drawn, in this order.
    lang : {"ja", "en"}, optional
        Default: the language of the dataset.

    Raises
    ------
    ValueError
        For an unknown key or view, or none at all.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> panel = cs.scenario_panel(ds, ds.base, controls=["cs_headcount"], views=["phase"])
    >>> panel.controls["cs_headcount"].value
    5
    """
    lang = check_language(lang or ds.lang)
    if not controls or not views:
        raise ValueError(both("widget.no_views"))
    for view in views:
        if view not in VIEWS:
            raise ValueError(both("widget.unknown_view", view=view, known=", ".join(VIEWS)))
    return ScenarioPanel(ds, sc, controls, views, lang)
