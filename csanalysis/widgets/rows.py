"""The controls of a panel, grouped as the parameter table groups them, with a field and a note beside each.

The field shows the number of the slider and takes one that is typed, also between the slider's steps. The
note says an amount in 万円 and 億円 where the slider counts in yen, and what the default is where the control
stands off it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

import ipywidgets

from csanalysis import tables
from csanalysis.labels import quantity, term, text
from csanalysis.model.parameters import Parameter, Value
from csanalysis.model.scenario import Scenario
from csanalysis.widgets.controls import Control, control_for, evidence, shown_number, value_of
from csanalysis.workspace.typed import typed_number

_CLASS, _CHANGED = "csa-control", "csa-changed"
_PLAIN_YEN = 10_000.0
"""Smaller amounts read well in yen."""
_STYLE = f"""<style>
.{_CLASS} .noUi-handle:focus-visible, .csa-panel button:focus-visible, .csa-panel select:focus-visible,
.csa-panel input:focus-visible {{outline: 3px solid #b35900; outline-offset: 2px}}
.{_CHANGED} > .widget-html {{font-weight: 600}}
.csa-group {{font-weight: 600; margin: .4em 0 0}}
.csa-busy {{margin: 0; font-weight: 600}}
.csa-old img, .csa-old ul {{opacity: .35}}
.csa-fault {{color: #9a2b00}}
.csa-source {{cursor: help; color: #6a717a}}
.csa-panel .widget-html-content p {{margin: .1em 0; line-height: 1.4}}
.csa-compare {{overflow-x: auto}}
.csa-compare th, .csa-compare td {{white-space: normal !important; max-width: 18em;
overflow-wrap: break-word}}
.csa-panel.jupyter-widgets-disconnected::after {{content: "LOST"; display: block; padding: .5em;
background: #fdf7e3; border-left: 4px solid #e0a100}}
</style>"""
"""What has the focus can be seen; a panel whose kernel was restarted says that it is a picture now."""


def style_of(lang: str) -> str:
    """Return the style rules of a panel."""
    return _STYLE.replace("LOST", text("widget.lost", lang))


class Rows:
    """Controls with their fields and notes.

    Attributes
    ----------
    controls : dict
        Parameter key -> ipywidgets control.
    fields : dict
        Parameter key -> ipywidgets.Text, for the sliders.
    box : ipywidgets.VBox
    """

    def __init__(self, sc: Scenario, keys: Sequence[str], lang: str, moved: Callable[[], None]) -> None:
        found = [sc.parameter(key) for key in keys]
        self._lang, self._space, self._moved = lang, sc, moved
        self._parameters = {parameter.key: parameter for parameter in found}
        self.start = {parameter.key: sc[parameter.key] for parameter in found}
        self.controls: dict[str, Control] = {}
        self._places = {key: ipywidgets.HBox(layout={"max_width": "100%"}) for key in self.start}
        self.fields = {parameter.key: self._field(parameter) for parameter in found if not parameter.is_text}
        self._notes = {key: ipywidgets.HTML(layout={"margin": "0 0 0 1em"}) for key in self.start}
        self._lines = {key: self._line(key) for key in self.start}
        self.box = ipywidgets.VBox(self._grouped())
        for key, value in self.start.items():
            self._place(key, value)
        self.mark()

    def _field(self, parameter: Parameter) -> ipywidgets.Text:
        name = tables.label_of(parameter, self._space, self._lang)
        field = ipywidgets.Text(
            continuous_update=False,
            placeholder=name,
            tooltip=text("widget.field", self._lang, label=name),
            layout={"width": "9em"},
        )
        field.observe(lambda _: self._typed(parameter.key), names="value")
        return field

    def _line(self, key: str) -> ipywidgets.HBox:
        parts = [self._places[key], *filter(None, [self.fields.get(key)]), self._notes[key]]
        layout = {"flex_flow": "row wrap", "align_items": "center", "overflow": "visible"}
        return ipywidgets.HBox(parts, layout=layout)

    def _place(self, key: str, value: Value) -> None:
        """Put a new control at `value` into its place.

        JupyterLab moves a slider to its nearest step: for a value between the steps they must lie anew.
        """
        parameter = self._parameters[key]
        control = control_for(parameter, value, self._lang)
        control.add_class(_CLASS)
        if not (parameter.label_ja or parameter.label_en):
            control.description = tables.label_of(parameter, self._space, self._lang)
        before = self.controls.get(key)
        self.controls[key], self._places[key].children = control, [control]
        control.observe(lambda _: self._moved(), names="value")
        if before is not None:
            _end(before)

    def put(self, key: str, value: Value) -> None:
        """Let a control stand at `value`, without telling anybody."""
        if self.values()[key] != value:
            self._place(key, value)

    def _typed(self, key: str) -> None:
        """Take the number typed into a field; what is none, or out of bounds, is told and changes nothing."""
        field, parameter, value = self.fields[key], self._parameters[key], self.values()[key]
        assert isinstance(value, float | int)
        if field.value == shown_number(parameter, value):
            return
        try:
            entered = typed_number(parameter, field.value, self._lang)
            self._space.replace({key: entered})
        except ValueError as error:
            stays = text("widget.stays", self._lang, value=shown_number(parameter, value))
            told = f"{error} {stays}"
            self._notes[key].value = f'<span role="alert" class="csa-fault">{escape(told)}</span>'
            return
        self.put(key, entered)
        self.mark()
        self._moved()

    def close(self) -> None:
        """Take everything off the screen, for good."""
        _end(self.box)

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
        """Bring fields and notes up to date."""
        for key, value in self.values().items():
            parameter = self._parameters[key]
            off = is_off(parameter, value)
            note = _note(parameter, value, off, self._lang)
            if self._notes[key].value != note:
                self._notes[key].value = note
                (self._lines[key].add_class if off else self._lines[key].remove_class)(_CHANGED)
            if key in self.fields and isinstance(value, float | int):
                self.fields[key].value = shown_number(parameter, value)

    def changed(self) -> dict[str, Value]:
        """Return the values that were moved away from where the panel began."""
        return {key: value for key, value in self.values().items() if value != self.start[key]}


def is_off(parameter: Parameter, value: Value) -> bool:
    """Tell whether a value is another one than the default of the parameter table."""
    default = parameter.default
    if isinstance(value, float) and isinstance(default, float):
        return not math.isclose(value, default, rel_tol=1e-9)
    return value != default


def _end(widget: ipywidgets.Widget) -> None:
    """Close a widget with all that stand in it; layout and style are widgets of their own."""
    for child in getattr(widget, "children", ()):
        _end(child)
    for part in (widget, widget.layout, getattr(widget, "style", None)):
        if part is not None:
            part.close()


def _note(parameter: Parameter, value: Value, off: bool, lang: str) -> str:
    """Return the note as HTML: the amount in large units, the default where it is left, and the evidence."""
    parts = []
    if parameter.unit.startswith("JPY") and isinstance(value, float) and abs(value) >= _PLAIN_YEN:
        parts.append(quantity(value, parameter.unit, lang))
    if off:
        default = tables.shown(parameter, parameter.default, lang)
        parts.append(text("widget.off_default", lang, default=default or term("widget", "derived", lang)))
    known = escape(evidence(parameter, lang))
    mark = f' <span class="csa-source" role="img" title="{known}" aria-label="{known}">ⓘ</span>'
    return f"<span>{escape('  '.join(parts))}</span>{mark if known else ''}"
