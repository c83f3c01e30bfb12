"""Chart of the share of a metric's variance that involves each uncertain input."""

from __future__ import annotations

from matplotlib.axes import Axes

from csanalysis.charts import theme
from csanalysis.charts.frame import (
    EDGE,
    Frame,
    capital,
    row_text,
    shorten,
    themed,
    title_and_notes,
    value_axis,
)
from csanalysis.charts.resources import room_for
from csanalysis.charts.sensitivity import MOST_INPUTS, colour_key, nothing_drawn, range_told, values_across
from csanalysis.labels import interval, number, percent, text
from csanalysis.sensitivity.sobol import SobolIndices
from csanalysis.sensitivity.study import metric_name

_NAME, _GAP, _RIGHT, _ROW = 150.0, 14.0, 116.0, 29.0


def total_effects_frame(found: SobolIndices, lang: str = "ja") -> Frame:
    """Return the frame of `total_effects`: a row an input, title and notes as high as they need."""
    return Frame(
        _ROW * max(len(found.order[:MOST_INPUTS]), 1),
        EDGE + _NAME + _GAP,
        _RIGHT,
        top=46 + room_for(_effect_title(found, lang), theme.TITLE),
        bottom=48 + room_for(_effect_notes(found, lang), theme.SMALL),
    )


def total_effects(found: SobolIndices, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the share of a metric's variance that involves each input, with its interval.

    Parameters
    ----------
    found : SobolIndices
        From `csanalysis.sobol`. At most ten inputs, the largest total effect first; those below one percent
        are left out.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Horizontal axis a share of the variance: the total effect pale, the effect alone in it, and a line
        over the interval of the total effect.

    Examples
    --------
    >>> import csanalysis as cs
    >>> from matplotlib.figure import Figure
    >>> ds = cs.load_dataset("data")
    >>> plan = cs.playbook_assignment(ds, ds.base)
    >>> found = cs.sobol("npv", ds, ds.base, n=2**6, factors=["effort", "monthly_churn"], assignment=plan)
    >>> len(total_effects(found, Figure().subplots(), "en").patches)
    4
    """
    frame, rows = total_effects_frame(found, lang), found.order[:MOST_INPUTS]
    effects = found.to_frame()
    with themed(frame, ax) as drawn:
        for row, at in enumerate(rows):
            effect = {str(name): float(value) for name, value in effects.iloc[at].drop("key").items()}
            _effect(drawn, row, effect)
            _effect_beside(drawn, row, at, effect, found, frame, lang)
        ends = [float(end) for at in rows for end in effects.iloc[at].drop("key")]
        drawn.set(xlim=(min([0.0, *ends]), 1.04 * max([0.01, *ends])))
        drawn.set_ylim(max(len(rows), 1) - 0.5, -0.5)
        if rows:
            inner = frame.width - frame.left - frame.right
            values_across(drawn, inner, lambda share: percent(share, 0))
            key = (
                ("■", theme.ACCENT_LIGHT, "total"),
                ("■", theme.ACCENT, "first"),
                ("─", theme.INK, "interval"),
            )
            named = [(sign, colour, text(f"chart.effects.key_{name}", lang)) for sign, colour, name in key]
            colour_key(drawn, named, frame)
        else:
            nothing_drawn(drawn, text("chart.effects.none", lang), frame)
        value_axis(drawn, text("chart.effects.axis", lang, metric=metric_name(found.metric, lang)))
        title_and_notes(drawn, frame, _effect_title(found, lang), _effect_notes(found, lang))
    return drawn


def _effect(ax: Axes, row: int, effect: dict[str, float]) -> None:
    ax.barh(row, effect["total"], 0.56, color=theme.ACCENT_LIGHT, linewidth=0, gid="total")
    ax.barh(row, effect["first"], 0.28, color=theme.ACCENT, linewidth=0, gid="first")
    ends = [effect["total_low"], effect["total_high"]]
    ax.plot(ends, [row, row], color=theme.INK, linewidth=1, marker="|", markersize=7, gid="interval")


def _effect_beside(
    ax: Axes, row: int, at: int, effect: dict[str, float], found: SobolIndices, frame: Frame, lang: str
) -> None:
    factor, room = found.factors[at], _NAME - 8
    name = shorten(capital(factor.label(lang)), room / 0.85, theme.NORMAL)
    row_text(ax, row, EDGE - frame.left, name, range_told(factor, lang), room=room)
    ends = interval(max(round(effect["total_low"], 2), 0.0), round(effect["total_high"], 2), "ratio", lang)
    total = text("chart.effects.total", lang, total=percent(effect["total"], 0), ends=ends)
    alone = text("chart.effects.alone", lang, first=percent(max(effect["first"], 0.0), 0))
    if factor.key in found.measure_next:
        place = str(found.measure_next.index(factor.key) + 1)
        alone = text("chart.effects.measure", lang, place=place, alone=alone)
    row_text(ax, row, 10, total, alone, room=frame.right - EDGE - 10, right=True)


def _effect_title(found: SobolIndices, lang: str) -> str:
    metric = metric_name(found.metric, lang)
    if not found.order:
        return text("sobol.finding.constant", lang, metric=metric, n=number(found.n))
    first = found.order[0]
    told = {
        "metric": metric,
        "name": found.factors[first].label(lang),
        "total": percent(float(found.estimates.total[first]), 0),
        "alone": percent(min(max(float(found.estimates.first.sum()), 0.0), 1.0), 0),
    }
    return text("chart.effects.title", lang, **told)


def _effect_notes(found: SobolIndices, lang: str) -> str:
    told = {
        "n": number(found.n),
        "evaluations": number(found.evaluations),
        "confidence": percent(found.confidence),
        "left": number(len(found.factors) - len(found.order[:MOST_INPUTS])),
    }
    return text("chart.effects.notes", lang, **told)
