"""The controls of a panel, grouped as the parameter table groups them, each with a note beside it.

The note says an amount in 万円 and 億円 where the slider counts in yen, and what the default is where the
control stands off it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import ipywidgets

from csanalysis import tables
from csanalysis.labels import quantity, term, text
from csanalysis.model.parameters import Parameter, Value
from csanalysis.model.scenario import Scenario
from csanalysis.widgets.controls import Control, control_for, value_of

_CLASS, _CHANGED = "csa-control", "csa-changed"
_PLAIN_YEN = 10_000.0
"""Smaller amounts read well in yen."""
STYLE = f"""<style>
.{_CLASS} .widget-readout {{max-width: 10em; min-width: 4em}}
.{_CLASS} .noUi-handle:focus-visible, .csa-panel button:focus-visible, .csa-panel select:focus-visible,
.csa-panel input:focus-visible {{outline: 3px solid #b35900; outline-offset: 2px}}
.{_CHANGED} > .widget-html {{font-weight: 600}}
.csa-group {{font-weight: 600; margin: .4em 0 0}}
.csa-busy {{margin: 0; font-weight: 600}}
.csa-old img, .csa-old ul {{opacity: .35}}
.csa-panel .widget-html-content p {{margin: .1em 0; line-height: 1.4}}
</style>"""
"""Long amounts stay whole beside their slider; what has the focus can be seen."""


class Rows:
    """Controls with their notes.

    Attributes
    ----------
    controls : dict
        Parameter key -> ipywidgets control.
    box : ipywidgets.VBox
    """

    def __init__(self, sc: Scenario, keys: Sequence[str], lang: str) -> None:
        found = [sc.parameter(key) for key in keys]
        self._lang, self._space = lang, sc
        self._parameters = {parameter.key: parameter for parameter in found}
        self.controls: dict[str, Control] = {p.key: control_for(p, sc[p.key], lang) for p in found}
        self._notes = {key: ipywidgets.HTML(layout={"margin": "0 0 0 1em"}) for key in self.controls}
        self._lines = {}
        for key, control in self.controls.items():
            control.add_class(_CLASS)
            if not (self._parameters[key].label_ja or self._parameters[key].label_en):
                control.description = tables.label_of(self._parameters[key], sc, lang)
            layout = {"flex_flow": "row wrap", "align_items": "center", "overflow": "visible"}
            self._lines[key] = ipywidgets.HBox([control, self._notes[key]], layout=layout)
        self.start = {key: sc[key] for key in self.controls}
        self.box = ipywidgets.VBox(self._grouped())
        self.mark()

    def _grouped(self) -> list[ipywidgets.Widget]:
        groups: dict[str, list[str]] = {}
        for key, parameter in self._parameters.items():
            groups.setdefault(parameter.group, []).append(key)
        shown: list[ipywidgets.Widget] = []
        for group, keys in groups.items():
            if len(groups) > 1:
                name = text(f"group.{group}", self._lang) if group else text("group.other", self._lang)
                shown.append(ipywidgets.HTML(f'<p class="csa-group">{escape(name)}</p>'))
            shown += [self._lines[key] for key in keys]
        return shown

    def values(self) -> dict[str, Value]:
        """Return the values of all controls, for the model."""
        return {
            key: value_of(control, self._parameters[key], self.start[key])
            for key, control in self.controls.items()
        }

    def mark(self) -> None:
        """Bring the notes up to date."""
        for key, value in self.values().items():
            parameter = self._parameters[key]
            off = is_off(parameter, value)
            note = f"<span>{escape(_note(parameter, value, off, self._lang))}</span>"
            if self._notes[key].value != note:
                self._notes[key].value = note
                (self._lines[key].add_class if off else self._lines[key].remove_class)(_CHANGED)

    def changed(self) -> dict[str, Value]:
        """Return the values that were moved away from where the panel began."""
        return {key: value for key, value in self.values().items() if value != self.start[key]}


def is_off(parameter: Parameter, value: Value) -> bool:
    """Tell whether a value is another one than the default of the parameter table."""
    default = parameter.default
    if isinstance(value, float) and isinstance(default, float):
        return not math.isclose(value, default, rel_tol=1e-9)
    return value != default


def _note(parameter: Parameter, value: Value, off: bool, lang: str) -> str:
    parts = []
    if parameter.unit.startswith("JPY") and isinstance(value, float) and abs(value) >= _PLAIN_YEN:
        parts.append(quantity(value, parameter.unit, lang))
    if off:
        default = tables.shown(parameter, parameter.default, lang)
        parts.append(text("widget.off_default", lang, default=default or term("widget", "derived", lang)))
    return "  ".join(parts)
