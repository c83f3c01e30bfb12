"""Chart of how a metric is distributed when all uncertain numbers vary at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from csanalysis.charts import theme
from csanalysis.charts.frame import (
    EDGE,
    Frame,
    capital,
    row_text,
    themed,
    title_and_notes,
    write,
)
from csanalysis.charts.resources import room_for
from csanalysis.charts.sensitivity import MARK, metric_range, values_across
from csanalysis.labels import interval, number, percent, term, text
from csanalysis.model.parameters import Array
from csanalysis.sensitivity.monte_carlo import LARGE_IS_BAD, MonteCarlo
from csanalysis.sensitivity.study import metric_name, shown

OUTSIDE = 0.005
"""Share of the scenarios at either side that the picture leaves out."""
_BINS, _FEW = 60, 40
_LEFT, _RIGHT, _HIGH, _BETWEEN, _LOW, _ROW = 46.0, 158.0, 150.0, 34.0, 70.0, 31.0
_ABOVE, _BELOW = "#7DB7DC", "#E8B184"


def distribution_frame(found: MonteCarlo, lang: str = "ja", metric: str = "") -> Frame:
    """Return the frame of `distribution`: as high as title and notes need."""
    name = metric or next(iter(found.outputs))
    return Frame(
        _HIGH,
        _LEFT,
        _RIGHT,
        top=36 + room_for(_title(found, name, lang), theme.TITLE),
        bottom=46 + _BETWEEN + _LOW + room_for(_notes(found, name, lang), theme.SMALL),
    )


def distribution(found: MonteCarlo, ax: Axes | None = None, lang: str = "ja", *, metric: str = "") -> Axes:
    """Draw the histogram of a metric with its quantiles, zero and bad tail, and the shares up to each value.

    Parameters
    ----------
    found : MonteCarlo
        From `csanalysis.monte_carlo`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}
    metric : str, optional
        One of ``found.outputs``; default the first.

    Returns
    -------
    matplotlib.axes.Axes
        Counts of scenarios over the metric, the worst 1 - level darker; the empirical distribution function
        is an inset below, the figures one at the right.

    Raises
    ------
    KeyError
        If `metric` was not evaluated.

    Examples
    --------
    >>> import csanalysis as cs
    >>> from matplotlib.figure import Figure
    >>> ds = cs.load_dataset("data")
    >>> plan = cs.playbook_assignment(ds, ds.base)
    >>> found = cs.monte_carlo("npv", ds, ds.base, n=2**8, assignment=plan)
    >>> len(distribution(found, Figure().subplots(), "en").child_axes)
    2
    """
    name = metric or next(iter(found.outputs))
    values, frame = found.outputs[name], distribution_frame(found, lang, name)
    edges = bin_edges(values)
    with themed(frame, ax) as drawn:
        _histogram(drawn, found, name, edges)
        inset = drawn.inset_axes((0, -(_LOW + _BETWEEN) / _HIGH, 1, _LOW / _HIGH))
        _shares(inset, values, edges)
        for each, key in ((drawn, "scenarios"), (inset, "below")):
            _dress(each, text(f"chart.distribution.{key}", lang), name, values, frame)
        inset.yaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share, 0)))
        inner = frame.width - frame.left - frame.right
        if np.ptp(values) > 0:
            values_across(inset, inner, lambda value: shown(name, value, lang))
        else:
            inset.set_xticks([float(values[0])], [shown(name, float(values[0]), lang)])
        inset.tick_params(axis="x", pad=7)
        inset.set_xlabel(capital(metric_name(name, lang)))
        drawn.set_xticks([])
        _figures(drawn, found, name, frame, lang)
        title_and_notes(drawn, frame, _title(found, name, lang), _notes(found, name, lang))
    return drawn


def bin_edges(values: Array) -> Array:
    """Return the edges of the bins: one for each value where there are few, else round zero, zero an edge.

    Examples
    --------
    >>> import numpy as np
    >>> bin_edges(np.array([1.0, 1.0, 3.0])).tolist()
    [0.0, 2.0, 4.0]
    """
    low, high = np.quantile(values, (OUTSIDE, 1 - OUTSIDE), method="inverted_cdf")
    inside = values[(values >= low) & (values <= high)]
    different = np.unique(inside)
    if len(different) == 1:
        half = max(0.1 * abs(float(different[0])), 0.5)
        return np.array([different[0] - half, different[0] + half])
    if len(different) == 2 or len(different) <= _FEW < len(values):
        half = float(np.diff(different).min()) / 2
        between = (different[:-1] + different[1:]) / 2
        return np.concatenate([[different[0] - half], between, [different[-1] + half]])
    step = (high - low) / _BINS
    return np.asarray(step * np.arange(np.floor(low / step), np.ceil(high / step) + 1))


def _histogram(ax: Axes, found: MonteCarlo, name: str, edges: Array) -> None:
    values = found.outputs[name]
    counts, _ = np.histogram(values, edges)
    for gid, colour, inside in _parts(values, (edges[:-1] + edges[1:]) / 2, name, found.level):
        if inside.any():
            part = np.where(inside, counts, np.nan)
            ax.stairs(part, edges, fill=True, facecolor=colour, linewidth=0, gid=gid)
    ax.set_ylim(0, 1.12 * max(int(counts.max()), 1))
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=2))
    low, high = np.quantile(values, (0.05, 0.95))
    top = 1.06 * max(int(counts.max()), 1)
    ax.plot([low, high], [top, top], color=theme.INK, linewidth=1.6, marker="|", markersize=7, gid="most")


def _parts(
    values: Array, middle: Array, name: str, level: float
) -> list[tuple[str, str, npt.NDArray[np.bool_]]]:
    """Return name, colour and bins of the parts of the histogram: the bad tail, and what parts at zero."""
    everywhere = np.ones(len(middle), bool)
    if np.ptp(values) == 0:
        return [("all", theme.CONTEXT, everywhere)]
    if name in LARGE_IS_BAD:
        tail = middle >= np.quantile(values, level)
        return [("tail", MARK, tail), ("all", theme.CONTEXT, ~tail)]
    tail = middle <= np.quantile(values, 1 - level)
    return [
        ("tail", MARK, tail),
        ("below", _BELOW, ~tail & (middle <= 0)),
        ("above", _ABOVE, ~tail & (middle > 0)),
    ]


def _shares(ax: Axes, values: Array, edges: Array) -> None:
    """Draw the empirical distribution function, over the part that is shown."""
    places = np.linspace(edges[0], edges[-1], 400)
    share = np.searchsorted(np.sort(values), places, side="right") / len(values)
    ax.step(places, share, where="post", color=theme.ACCENT, linewidth=1.6, gid="share")
    ax.set_ylim(0, 1)
    ax.set_yticks([0, 0.5, 1])
    if edges[0] < 0 < edges[-1]:
        below = float((values <= 0).mean())
        ax.plot([0], [below], "o", color=theme.INK, markersize=5, gid="at zero")


def _dress(ax: Axes, label: str, name: str, values: Array, frame: Frame) -> None:
    edges = bin_edges(values)
    ax.set_xlim(edges[0], edges[-1])
    ax.axvline(float(np.quantile(values, 0.5)), color=theme.INK, linewidth=1.6, gid="median")
    if edges[0] < 0 < edges[-1] and name not in LARGE_IS_BAD:
        ax.axvline(0, color=theme.MUTED, linewidth=1.2, linestyle=(0, (4, 2)), gid="zero")
    ax.tick_params(axis="both", length=0, labelfontfamily=theme.FONT)
    ax.tick_params(axis="y", labelcolor=theme.MUTED, labelsize=theme.SMALL)
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    place = (EDGE - frame.left, 5.0)
    write(ax, label, (0, 1), place, coords="axes fraction", size=theme.SMALL, color=theme.MUTED, va="bottom")


def _figures(ax: Axes, found: MonteCarlo, name: str, frame: Frame, lang: str) -> None:
    """Write the figures of the sample with their errors beside the histogram."""
    row = _row(found, name)
    worst = percent(1 - found.level, 0)

    def told(column: str) -> str:
        return shown(name, row[column], lang)

    def with_error(column: str) -> str:
        return text("chart.distribution.error", lang, value=told(column), error=told(f"{column}_error"))

    share = percent(row["p_positive"], 0)
    ends = interval(round(row["p_low"], 3), round(row["p_high"], 3), "ratio", lang)
    entries = [
        ("┃", theme.INK, "median", told("q50")),
        ("━", theme.INK, "most", metric_range(name, row["q05"], row["q95"], lang)),
        ("■", _ABOVE, "positive", text("chart.distribution.interval", lang, value=share, ends=ends)),
        ("■", MARK, "tail", with_error("cvar")),
        (" ", theme.INK, "mean", with_error("mean")),
    ]
    if name in LARGE_IS_BAD:
        del entries[2]
    inset = ax.inset_axes((1, 0, (frame.right - EDGE) / (frame.width - frame.left - frame.right), 1))
    inset.set(xlim=(0, 1), ylim=(_HIGH, 0))
    inset.set_axis_off()
    for n, (sign, colour, key, figure) in enumerate(entries):
        row_text(inset, n * _ROW + 12, 8, sign, room=12, color=colour)
        label = text(f"chart.distribution.{key}", lang, worst=worst)
        row_text(inset, n * _ROW + 12, 21, label, figure, room=frame.right - EDGE - 23)


def _row(found: MonteCarlo, name: str) -> dict[str, float]:
    records = {str(r["metric"]): r for r in found.to_frame().to_dict("records")}
    return {str(k): float(v) for k, v in records[name].items() if k not in ("metric", "unit")}


def _title(found: MonteCarlo, name: str, lang: str) -> str:
    row = _row(found, name)
    told = {
        "metric": metric_name(name, lang),
        "n": number(found.n),
        "share": percent(row["p_positive"], 0),
        "worst": percent(1 - found.level, 0),
        "cvar": shown(name, row["cvar"], lang),
        "q50": shown(name, row["q50"], lang),
        "ends": metric_range(name, row["q05"], row["q95"], lang),
    }
    if row["sd"] == 0:
        return text("monte_carlo.constant", lang, **told)
    return text(f"chart.distribution.{'title_range' if name in LARGE_IS_BAD else 'title'}", lang, **told)


def _notes(found: MonteCarlo, name: str, lang: str) -> str:
    values = found.outputs[name]
    edges = bin_edges(values)
    left_out = float(((values < edges[0]) | (values > edges[-1])).mean())
    outside = text("chart.distribution.outside", lang, share=percent(OUTSIDE)) if left_out else ""
    told = {
        "inputs": number(len(found.draw.factors)),
        "method": term("sampling_method", found.draw.method, lang),
        "seed": str(found.draw.entropy),
        "outside": outside,
    }
    return text("chart.distribution.notes", lang, **told)
