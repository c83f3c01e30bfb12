"""Map of a metric over two inputs."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.ticker import FuncFormatter, MaxNLocator

from csanalysis.charts import theme
from csanalysis.charts.frame import (
    EDGE,
    Frame,
    capital,
    text_width,
    themed,
    title_and_notes,
    wrap,
    write,
)
from csanalysis.charts.resources import room_for
from csanalysis.charts.sensitivity import (
    metric_range,
    values_across,
)
from csanalysis.labels import percent, quantity, term, text, unit_name
from csanalysis.model.parameters import Array
from csanalysis.sensitivity.factors import Factor
from csanalysis.sensitivity.heat_map import HeatMap
from csanalysis.sensitivity.study import metric_name, shown

_LOSS_TO_GAIN = LinearSegmentedColormap.from_list("gain", ["#E07B33", "#F6F4F1", "#4A9CC9"])
_PLAIN = LinearSegmentedColormap.from_list("plain", ["#F4F7FA", "#4A9CC9"])
_MAP_LEFT, _MAP_RIGHT, _MAP = 66.0, 112.0, 220.0


def heat_map_frame(found: HeatMap, lang: str = "ja") -> Frame:
    """Return the frame of `heat_map`: as high as title and notes need."""
    top = 42 + room_for(_map_title(found, lang), theme.TITLE)
    return Frame(
        _MAP, _MAP_LEFT, _MAP_RIGHT, top=top, bottom=52 + room_for(_map_notes(found, lang), theme.SMALL)
    )


def heat_map(found: HeatMap, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw a metric over two inputs, the line on which it is zero, and where the company stands.

    Parameters
    ----------
    found : HeatMap
        From `csanalysis.heat_map`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Axes in the units of both inputs. Orange is below zero and blue above, as strong at the same distance;
        a metric of one sign runs from pale to blue.

    Examples
    --------
    >>> import csanalysis as cs
    >>> from matplotlib.figure import Figure
    >>> ds = cs.load_dataset("data")
    >>> keys, plan = ("resources.bpo.price", "effort"), cs.playbook_assignment(ds, ds.base)
    >>> found = cs.heat_map("npv", ds, ds.base, *keys, assignment=plan, size=5)
    >>> heat_map(found, Figure().subplots(), "en").get_xlabel()
    'BPO price per hour (JPY/hour)'
    """
    frame = heat_map_frame(found, lang)
    inner = frame.width - frame.left - frame.right
    norm, colours = map_colours(found.values)
    with themed(frame, ax) as drawn:
        mesh = drawn.pcolormesh(
            _edges(found.x_values), _edges(found.y_values), found.values, cmap=colours, norm=norm
        )
        mesh.set_gid("metric")
        if turns(found.values):
            line = drawn.contour(
                found.x_values, found.y_values, found.values, [0.0], colors=theme.INK, linewidths=1.6
            )
            line.set_gid("break even")
        _here(drawn, found, frame, lang)
        values_across(drawn, inner, lambda value: _input_tick(found.x, value, lang))
        drawn.yaxis.set_major_locator(MaxNLocator(6, min_n_ticks=2))
        drawn.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _input_tick(found.y, value, lang)))
        drawn.tick_params(axis="both", length=0, labelfontfamily=theme.FONT, labelcolor=theme.MUTED)
        drawn.tick_params(axis="y", labelsize=theme.SMALL)
        drawn.spines[:].set_visible(False)
        drawn.set_xlabel(_axis_label(found.x, lang))
        place = (EDGE - frame.left, 6.0)
        style = {"coords": "axes fraction", "color": theme.MUTED, "va": "bottom"}
        write(drawn, _axis_label(found.y, lang), (0, 1), place, **style)  # type: ignore[arg-type]
        if np.ptp(found.values) > 0:
            _map_key(drawn, found, norm, colours, frame, lang)
        title_and_notes(drawn, frame, _map_title(found, lang), _map_notes(found, lang))
    return drawn


def turns(values: Array) -> bool:
    """Tell whether a metric has both signs on a map of two rows and columns or more."""
    return min(values.shape) > 1 and bool((values >= 0).any() and (values < 0).any())


def map_colours(values: Array) -> tuple[Normalize, LinearSegmentedColormap]:
    """Return the colours of a map: zero in the middle where the metric has both signs."""
    if (values < 0).any() or not (values > 0).any():
        most = float(np.abs(values).max()) or 1.0
        return Normalize(-most, most), _LOSS_TO_GAIN
    low, high = float(values.min()), float(values.max())
    return Normalize(low, high if high > low else low + 1.0), _PLAIN


def _edges(places: Array) -> Array:
    """Return the borders of cells around values, half way to the next."""
    if len(places) == 1:
        return np.array([places[0] - 0.5, places[0] + 0.5])
    between = (places[:-1] + places[1:]) / 2
    return np.concatenate([[2 * places[0] - between[0]], between, [2 * places[-1] - between[-1]]])


def _input_tick(factor: Factor, value: float, lang: str) -> str:
    base = factor.unit.split("/")[0]
    return quantity(value, base, lang) if base else f"{value:,.4g}"


def _axis_label(factor: Factor, lang: str) -> str:
    name, unit = capital(factor.label(lang)), unit_name(factor.unit, lang) if factor.unit else ""
    return text("chart.heatmap.axis", lang, name=name, unit=unit) if unit else name


def _here(ax: Axes, found: HeatMap, frame: Frame, lang: str) -> None:
    """Mark where the company stands, its value beside the mark on the side that has room."""
    x, y, value = found.here
    low, high = ax.get_xlim()
    bottom, top = ax.get_ylim()
    x, y = min(max(x, low), high), min(max(y, bottom), top)
    style = {"markersize": 9, "markerfacecolor": "white", "markeredgecolor": theme.INK, "markeredgewidth": 2}
    ax.plot([x], [y], "o", gid="here", clip_on=False, **style)  # type: ignore[arg-type]
    told = f"{text('chart.heatmap.here', lang)} {shown(found.metric, value, lang)}"
    inner = frame.width - frame.left - frame.right
    at = (x - low) / (high - low) * inner
    right = at + 10 + text_width(told, theme.NORMAL) < inner
    rise = min(max((y - bottom) / (top - bottom) * frame.height, 8.0), frame.height - 8.0)
    shift = rise - (y - bottom) / (top - bottom) * frame.height
    write(ax, told, (x, y), (10 if right else -10, shift), ha="left" if right else "right", gid="here")


def _map_key(
    ax: Axes, found: HeatMap, norm: Normalize, colours: LinearSegmentedColormap, frame: Frame, lang: str
) -> None:
    """Draw what colours mean, and the line where there is one, in the column at the right."""
    inner, room = frame.width - frame.left - frame.right, frame.right - EDGE - 12
    named = text("chart.heatmap.key", lang, metric=metric_name(found.metric, lang))
    style = {"coords": "axes fraction", "size": theme.SMALL}
    write(ax, wrap(named, room, theme.SMALL), (1, 1), (12, 0), va="top", color=theme.MUTED, **style)  # type: ignore[arg-type]
    bar = ax.inset_axes((1 + 12 / inner, 0.2, 10 / inner, 0.55))
    bar.set_axis_off()
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 0.0)
    bar.imshow(np.linspace(1, 0, 100)[:, None], cmap=colours, aspect="auto", vmin=0, vmax=1)
    for share in (0.0, 0.5, 1.0):
        told = shown(found.metric, low + share * (high - low), lang)
        write(ax, told, (1, 0.2 + 0.55 * share), (27, 0), **style)  # type: ignore[arg-type]
    if turns(found.values):
        write(ax, "━", (1, 0), (12, 8), color=theme.INK, **style)  # type: ignore[arg-type]
        write(ax, text("chart.heatmap.line", lang), (1, 0), (24, 8), **style)  # type: ignore[arg-type]


def _map_title(found: HeatMap, lang: str) -> str:
    share = float((found.values >= 0).mean())
    told = {
        "metric": metric_name(found.metric, lang),
        "x": found.x.label(lang),
        "y": found.y.label(lang),
        "share": percent(share, 0),
        "here": shown(found.metric, found.here[2], lang),
        "ends": metric_range(found.metric, float(found.values.min()), float(found.values.max()), lang),
    }
    key = "title_same" if np.ptp(found.values) == 0 else "title_one" if share in (0.0, 1.0) else "title"
    return capital(text(f"chart.heatmap.{key}", lang, **told))


def _map_notes(found: HeatMap, lang: str) -> str:
    x, y = (term("grade", factor.grade, lang) for factor in (found.x, found.y))
    return text("chart.heatmap.notes", lang, x_grade=x, y_grade=y)
