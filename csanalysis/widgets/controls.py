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
_LOG_STEP, _LOG_ROUNDING = 0.01, 1e-12
_ROUNDING, _SAME = 1e-9, 1e-9
_DIGITS, _MOST_DECIMALS = 12, 4
_MOST_STEPS = 10**9
_LAYOUT = {"width": "32em", "max_width": "100%"}
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
        its ``value`` is the model's value. A slider has no readout of its own: whatever is typed into that of
        ipywidgets becomes the nearest step without a word.

    Raises
    ------
    ValueError
        For a derived parameter without a number of its own.
    """
    common = {
        "description": _label(parameter, lang),
        "tooltip": evidence(parameter, lang),
        "layout": ipywidgets.Layout(**_LAYOUT),
        "style": _STYLE,
    }
    if parameter.is_text:
        return _choices(parameter, str(value), lang, common)
    if value is None or isinstance(value, str):
        raise ValueError(both("widget.no_number", key=parameter.key))
    return _slider(parameter, float(value), common)


def span(parameter: Parameter, value: float) -> tuple[float, float]:
    """Return the range of a slider: low to high, widened to hold `value`, never beyond the hard bounds.

    Examples
    --------
    >>> span(Parameter("cs_fte", "FTE", 4.4, low=1, high=25, hard_min=0.1, hard_max=10_000), 40.0)
    (1.0, 40.0)
    """
    floor, ceiling = _hard_bounds(parameter)
    low = _first(parameter.low, max(floor, min(0.0, 2 * value)))
    high = _first(parameter.high, min(ceiling, max(1.0, 2 * value)))
    return float(min(low, value)), float(max(high, value))


def on_grid(
    low: float, high: float, value: float, step: float, bounds: tuple[float, float]
) -> tuple[float, float]:
    """Return ends around `low` and `high` from which `value` is a whole number of steps away.

    JupyterLab moves a slider to the nearest step as soon as it is shown: a value off the steps would
    change the scenario without anybody touching it. The ends lie outside the range where the hard
    bounds allow it, else inside.

    Examples
    --------
    >>> on_grid(1, 8, 4.5, 1.0, (0, 10))
    (0.5, 8.5)
    >>> on_grid(1, 8, 4.5, 1.0, (1, 8))
    (1.5, 7.5)
    """
    floor, ceiling = bounds
    down = min(math.ceil((value - low) / step - _ROUNDING), _whole((value - floor) / step))
    up = min(math.ceil((high - value) / step - _ROUNDING), _whole((ceiling - value) / step))
    if down <= 0 and up <= 0:  # a slider needs two ends
        down, up = min(1, _whole((value - floor) / step)), min(1, _whole((ceiling - value) / step))
    return value - max(down, 0) * step, value + max(up, 0) * step


def _whole(steps: float) -> int:
    return math.floor(steps + _ROUNDING) if math.isfinite(steps) else _MOST_STEPS


def _slider(parameter: Parameter, value: float, common: dict[str, Any]) -> Control:
    low, high = span(parameter, value)
    bounds = _hard_bounds(parameter)
    step = _step(parameter, low, high)
    common = {"readout": False, **common}
    if parameter.unit == WHOLE_UNIT:
        step = max(1, round(step))
        least, most = on_grid(low, high, value, step, bounds)
        return ipywidgets.IntSlider(value=int(value), min=int(least), max=int(most), step=step, **common)
    if low > 0 and high / low >= LOG_SPAN:
        powers = [math.log10(x) if x > 0 else -math.inf for x in (low, high, value, *bounds)]
        least, most = on_grid(powers[0], powers[1], powers[2], _LOG_STEP, (powers[3], powers[4]))
        ends = {"min": least - _LOG_ROUNDING, "max": most + _LOG_ROUNDING, "step": _LOG_STEP}
        return ipywidgets.FloatLogSlider(value=value, base=10, **ends, **common)
    least, most = on_grid(low, high, value, step, bounds)
    return ipywidgets.FloatSlider(value=value, min=least, max=most, step=step, **common)


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


def value_of(control: Control, parameter: Parameter, start: Value) -> Value:
    """Return the value of a control for the model, without the rounding noise of a browser.

    Parameters
    ----------
    control : ipywidgets widget
    parameter : Parameter
    start : float or str
        Where the control stood at first; a control that stands there again gives exactly this.
    """
    if parameter.is_text:
        return str(control.value)
    value = float(control.value)
    if isinstance(start, float) and math.isclose(value, start, rel_tol=_SAME):
        return start
    floor, ceiling = _hard_bounds(parameter)
    for bound in (floor, ceiling):
        if math.isclose(value, bound, rel_tol=_SAME, abs_tol=_ROUNDING):
            return bound
    return float(f"{value:.{_DIGITS}g}")


def _hard_bounds(parameter: Parameter) -> tuple[float, float]:
    return _first(parameter.hard_min, -math.inf), _first(parameter.hard_max, math.inf)


def _label(parameter: Parameter, lang: str) -> str:
    unit = unit_name(parameter.unit, lang)
    label = parameter.label(lang)
    return text("widget.label", lang, label=label, unit=unit) if unit else label


def evidence(parameter: Parameter, lang: str) -> str:
    """Return source and grade of a parameter as one sentence; empty where there is no source."""
    grade = term("grade", parameter.grade, lang)
    return text("widget.tooltip", lang, source=parameter.source, grade=grade) if parameter.source else ""


def shown_number(parameter: Parameter, value: float) -> str:
    """Return a value as it stands beside its slider: decimals as step and value need them, ratios in percent.

    Examples
    --------
    >>> shown_number(Parameter("churn", "ratio/month", 0.0284, low=0.01, high=0.06, step=0.001), 0.0284)
    '2.84%'
    >>> shown_number(Parameter("arr", "JPY/year", 3e8, low=1e8, high=9e8, step=1e6), 5e8)
    '500,000,000'
    """
    scale, kind = (100, "%") if parameter.unit.split("/")[0] == "ratio" else (1, "f")
    decimals = max(0, -math.floor(math.log10(scale * _step(parameter, *span(parameter, value))) + 1e-9))
    while decimals < _MOST_DECIMALS and not math.isclose(round(scale * value, decimals), scale * value):
        decimals += 1
    return f"{value:,.{decimals}{kind}}"


def _step(parameter: Parameter, low: float, high: float) -> float:
    return _first(parameter.step, (high - low) / 100 or 1.0)


def _first(value: float, otherwise: float) -> float:
    return otherwise if math.isnan(value) else value
