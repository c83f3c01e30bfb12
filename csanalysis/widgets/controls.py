"""A control for every scenario parameter: range, step, label and evidence come from its row of the table."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import ipywidgets

from csanalysis.labels import both, term, text, unit_name
from csanalysis.model.parameters import WHOLE_UNIT, Parameter, Value

Control: TypeAlias = ipywidgets.ValueWidget

LOG_SPAN = 1000.0
"""From this ratio of high to low on a slider is logarithmic: each decade gets the same room."""
_ROUNDING = 1e-12
_MOST_DECIMALS = 4
_LAYOUT = {"width": "36em", "max_width": "100%"}
_STYLE = {"description_width": "17em"}


def control_for(parameter: Parameter, value: Value, lang: str = "ja") -> Control:
    """Return the control of a parameter, standing at `value`.

    Parameters
    ----------
    parameter : Parameter
        Gives the range ``low`` to ``high``, widened where `value` lies outside it; the hard bounds hold.
    value : float or str
        The value of the scenario, in the parameter's unit.
    lang : {"ja", "en"}

    Returns
    -------
    ipywidgets widget
        IntSlider for persons, FloatSlider or FloatLogSlider for other numbers, Dropdown for choices;
        its ``value`` is the model's value.

    Raises
    ------
    ValueError
        For a derived parameter without a number of its own.
    """
    common = {
        "description": _label(parameter, lang),
        "tooltip": _evidence(parameter, lang),
        "layout": ipywidgets.Layout(**_LAYOUT),
        "style": _STYLE,
    }
    if parameter.is_text:
        return _choices(parameter, str(value), lang, common)
    if value is None or isinstance(value, str):
        raise ValueError(both("widget.no_number", key=parameter.key))
    return _slider(parameter, float(value), common)


def span(parameter: Parameter, value: float) -> tuple[float, float]:
    """Return the ends of a slider: low to high, widened to hold `value`, never beyond the hard bounds.

    Examples
    --------
    >>> span(Parameter("cs_fte", "FTE", 4.4, low=1, high=25, hard_min=0.1, hard_max=10_000), 40.0)
    (1.0, 40.0)
    """
    low = _first(parameter.low, max(_first(parameter.hard_min, -math.inf), min(0.0, 2 * value)))
    high = _first(parameter.high, min(_first(parameter.hard_max, math.inf), max(1.0, 2 * value)))
    return float(min(low, value)), float(max(high, value))


def _slider(parameter: Parameter, value: float, common: dict[str, Any]) -> Control:
    low, high = span(parameter, value)
    step = _first(parameter.step, (high - low) / 100 or 1.0)
    if parameter.unit == WHOLE_UNIT:
        whole = {"min": math.ceil(low), "max": math.floor(high), "step": max(1, round(step))}
        return ipywidgets.IntSlider(value=int(value), **whole, **common)
    common = {"readout_format": _format(parameter, value, step), **common}
    if low > 0 and high / low >= LOG_SPAN:
        exponents = {"min": math.log10(low) - _ROUNDING, "max": math.log10(high) + _ROUNDING}
        return ipywidgets.FloatLogSlider(value=value, base=10, step=0.01, **exponents, **common)
    return ipywidgets.FloatSlider(value=value, min=low, max=high, step=step, **common)


def _choices(parameter: Parameter, value: str, lang: str, common: dict[str, Any]) -> Control:
    vocabulary = "profile" if parameter.unit == "profile" else parameter.key
    offered = dict.fromkeys([*parameter.choices, value])
    options = [(term(vocabulary, choice, lang), choice) for choice in offered]
    return ipywidgets.Dropdown(options=options, value=value, **common)


def ends(control: Control) -> list[Any]:
    """Return the values a control can be driven to: both ends of a slider, every choice of a list."""
    if isinstance(control, ipywidgets.Dropdown):
        return [choice for _, choice in control.options]
    if isinstance(control, ipywidgets.FloatLogSlider):
        return [control.base**control.min, control.base**control.max]
    return [control.min, control.max]


def value_of(control: Control, parameter: Parameter) -> float | str:
    """Return the value of a control for the model; rounding of a logarithm stays within the hard bounds."""
    if parameter.is_text:
        return str(control.value)
    floor, ceiling = _first(parameter.hard_min, -math.inf), _first(parameter.hard_max, math.inf)
    return float(min(max(control.value, floor), ceiling))


def _label(parameter: Parameter, lang: str) -> str:
    unit = unit_name(parameter.unit, lang)
    label = parameter.label(lang)
    return text("widget.label", lang, label=label, unit=unit) if unit else label


def _evidence(parameter: Parameter, lang: str) -> str:
    grade = term("grade", parameter.grade, lang)
    return text("widget.tooltip", lang, source=parameter.source, grade=grade) if parameter.source else ""


def _format(parameter: Parameter, value: float, step: float) -> str:
    """Return the d3 format of a readout: decimals as `step` and `value` need them, ratios in percent."""
    scale, kind = (100, "%") if parameter.unit.split("/")[0] == "ratio" else (1, "f")
    decimals = max(0, -math.floor(math.log10(scale * step) + 1e-9))
    while decimals < _MOST_DECIMALS and not math.isclose(round(scale * value, decimals), scale * value):
        decimals += 1
    return f",.{decimals}{kind}"


def _first(value: float, otherwise: float) -> float:
    return otherwise if math.isnan(value) else value
