"""A panel: controls, a scenario, and views that are computed and drawn again when a control moves.

Errors in widget callbacks are easily lost. Here every view runs through one function, which records an
error in `ScenarioPanel.errors`, shows it in the panel, leaves it as an error output (so that a report finds
it in the saved widget state), and raises it again where ``CSANALYSIS_STRICT`` is 1.

Light views are drawn at once. On screen, heavy ones follow on one background thread, when the control has
come to rest; until then they say that they are being computed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import ipywidgets

from csanalysis import tables
from csanalysis.labels import both, check_language, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Value
from csanalysis.model.scenario import Scenario
from csanalysis.widgets.background import BACKGROUND
from csanalysis.widgets.controls import Control, ends
from csanalysis.widgets.grid import MIME, WHATIF, whatif_grid
from csanalysis.widgets.levers import levers_of
from csanalysis.widgets.rows import Rows, style_of
from csanalysis.widgets.scenarios import ScenarioBar
from csanalysis.widgets.screen import Screen
from csanalysis.widgets.views import VIEWS

STRICT = "CSANALYSIS_STRICT"
SCENARIO = "scenario"
"""Named as the view of an error when the controls give no valid scenario."""


@dataclass(frozen=True)
class PanelError:
    """What went wrong in a panel: the exception, the view, and the values moved away from the start."""

    exception: Exception
    view: str
    changed: Mapping[str, Value]


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
    views : tuple of str
    bar : ScenarioBar
        Saves, loads and compares scenarios.
    widget : ipywidgets.VBox
        What JupyterLab shows.
    """

    def __init__(
        self, ds: Dataset, sc: Scenario, controls: Sequence[str], views: Sequence[str], lang: str
    ) -> None:
        self.scenario, self.errors, self.views = sc, list[PanelError](), tuple(views)
        self._ds, self._lang, self._keys = ds, lang, tuple(controls)
        self._held, self._on_screen = False, False
        self._screens = [Screen(name, VIEWS[name], lang) for name in views]
        self._message, self._trace = ipywidgets.HTML(), ipywidgets.Output()
        self.reset_button = ipywidgets.Button(
            description=text("widget.reset", lang), tooltip=text("widget.reset_tooltip", lang)
        )
        self._place, self.widget = ipywidgets.VBox(), ipywidgets.VBox()
        self._begin(sc)
        self.bar = ScenarioBar(ds, lang, self.views, now=self._now, load=self.load)
        style = ipywidgets.HTML(style_of(lang), layout={"display": "none"})
        told = [self._message, self._trace, *(screen.box for screen in self._screens)]
        self.widget.children = [style, self._place, self.reset_button, *told, self.bar.box]
        self.widget.add_class("csa-panel")
        self.render()
        self.reset_button.on_click(lambda _: self.reset())

    def _begin(self, sc: Scenario, before: Rows | None = None) -> None:
        """Put controls on screen that stand at `sc`, in place of those before."""
        self._start = sc
        self._rows = Rows(sc, self._keys, self._lang, self._moved)
        self._place.children = [self._rows.box]
        if before:
            before.close()

    @property
    def controls(self) -> dict[str, Control]:
        """Parameter key -> ipywidgets control."""
        return self._rows.controls

    def _moved(self) -> None:
        if not self._held and self._rows.values() != self._drawn:
            self.bar.outdated()
            self.render(in_background=self._on_screen and os.environ.get(STRICT) != "1")

    def render(self, *, in_background: bool = False) -> None:
        """Compute and draw everything for the values of the controls.

        Parameters
        ----------
        in_background : bool
            Leave views that take long to the background thread; see `wait`.

        Raises
        ------
        Exception
            What a view raised, where ``CSANALYSIS_STRICT`` is 1; it has been recorded and shown before.
        """
        self._drawn = self._rows.values()
        self._message.value, self._trace.outputs = "", ()
        failed = [self._attempt(SCENARIO, self._read_controls)]
        for screen in self._screens:
            BACKGROUND.drop(screen)
            turn = screen.begin()
            if failed[0]:
                screen.blank(turn)
            elif in_background and screen.heavy:
                screen.work()
                BACKGROUND.ask(screen, partial(self._draw, screen, self.scenario, turn))
            else:
                failed.append(self._draw(screen, self.scenario, turn))
        if self._on_screen:
            for screen in self._screens:
                if not screen.heavy:
                    screen.make_ready()
        first = next((error for error in failed if error), None)
        if first and os.environ.get(STRICT) == "1":
            raise first

    def _draw(self, screen: Screen, sc: Scenario, turn: int) -> Exception | None:
        """Draw one view; take it off the screen if it fails. Nothing is shown once the controls moved on."""
        error = self._attempt(screen.name, partial(screen.make, self._ds, sc, self._lang, turn))
        if error:
            screen.blank(turn)
        return error

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the background thread; return False if it is still at work after so many seconds."""
        return BACKGROUND.wait(seconds)

    def _read_controls(self) -> None:
        self._rows.mark()
        self.scenario = self._now()

    def _now(self) -> Scenario:
        """Return the scenario of the controls; a combination that cannot be is an error."""
        return self._start.replace(self._rows.values())

    def _attempt(self, view: str, act: Callable[[], object]) -> Exception | None:
        """Run `act`; record and show what it raises."""
        try:
            act()
        except Exception as error:
            self.errors.append(PanelError(error, view, self._rows.changed()))
            self._show(self.errors[-1])
            return error
        return None

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
        """Put every control back to the scenario the panel was made with or has loaded, and draw once."""
        self._held = True
        try:
            for key, value in self._rows.start.items():
                self._rows.put(key, value)
        finally:
            self._held = False
        self.render(in_background=self._on_screen and os.environ.get(STRICT) != "1")

    def load(self, sc: Scenario) -> None:
        """Go on from another scenario: its values become those of the controls, and what Reset returns to."""
        self._begin(sc, self._rows)
        self.render(in_background=self._on_screen and os.environ.get(STRICT) != "1")

    def sweep(self) -> list[PanelError]:
        """Drive every control to both ends (or through all choices) and back; return the errors met.

        Everything is drawn before this returns. Where ``CSANALYSIS_STRICT`` is 1 the first error is raised;
        the control is put back all the same.
        """
        known, on_screen = len(self.errors), self._on_screen
        self.wait()
        self._on_screen = False
        try:
            for control in self.controls.values():
                before = control.value
                try:
                    for end in ends(control):
                        control.value = end
                finally:
                    control.value = before
        finally:
            self._on_screen = on_screen
        return self.errors[known:]

    def static_html(self) -> str:
        """Return the panel as it stands, without controls: pictures, findings, values, a note."""
        self.wait()
        values = tables.parameters(self.scenario, self.controls, self._lang, caption="controls").html
        note = f"<p><small>{escape(text('widget.note', self._lang))}</small></p>"
        views = "".join(screen.html() for screen in self._screens)
        return f'<div class="csa-panel">{self._message.value}{views}{values}{note}</div>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the live widget for JupyterLab, and a static page for a report."""
        bundle: dict[str, Any] = dict(self.widget._repr_mimebundle_())
        self._on_screen = True
        bundle |= {"text/plain": repr(self), "text/html": self.static_html()}
        if os.environ.get(WHATIF) == "1":
            grid = whatif_grid(self._ds, self.scenario, self.controls, self.views, self._lang)
            bundle |= {MIME: grid} if grid else {}
        return bundle

    def __repr__(self) -> str:
        return f"ScenarioPanel(controls: {', '.join(self.controls)}; views: {', '.join(self.views)})"


def scenario_panel(
    ds: Dataset,
    sc: Scenario,
    controls: Sequence[str] | None = None,
    views: Sequence[str] = (),
    lang: str | None = None,
) -> ScenarioPanel:
    """Make a panel of controls and views, with which scenarios can be saved, loaded and compared.

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
        Where the controls stand at first.
    controls : sequence of str, optional
        Parameter keys, or cells such as ``resources.bpo.price``. Default: the levers of the views.
    views : sequence of str
        What is drawn, in this order: ``phase``, ``sizing``, ``benchmarks``, ``quadrant``, ``demand``,
        ``reconciliation``, ``touch``, ``self_onboarding``, ``outcome``, ``unit_costs``, ``capacity``,
        ``assignment``, ``roadmap``, ``tornado``, ``monte_carlo``, ``heat_map``, ``failure_map``.
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
    >>> panel = cs.scenario_panel(ds, ds.base, views=["phase"])
    >>> panel.controls["cs_headcount"].value
    5
    """
    lang = check_language(lang or ds.lang)
    for view in views:
        if view not in VIEWS:
            raise ValueError(both("widget.unknown_view", view=view, known=", ".join(VIEWS)))
    keys = levers_of(views, sc) if controls is None else controls
    if not keys or not views:
        raise ValueError(both("widget.no_views"))
    return ScenarioPanel(ds, sc, keys, views, lang)
