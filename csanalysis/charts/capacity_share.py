"""Chart of cost against the share of work outsourced."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from csanalysis.charts import theme
from csanalysis.charts.frame import EDGE, Frame, themed, title_and_notes, write
from csanalysis.charts.marks import Mark, side_labels
from csanalysis.charts.touch import text_height
from csanalysis.labels import money, number, percent, term, text
from csanalysis.planning.capacity_share import ShareCurve

_BAD = "#D55E00"


def share_frame(curve: ShareCurve, lang: str = "ja") -> Frame:
    """Return the frame of `outsourced_share`: as high as the lines of title and notes need."""
    top = 32 + text_height(_title(curve, lang), theme.TITLE)
    return Frame(190, 58, 140, top, 50 + text_height(_notes(curve, lang), theme.SMALL))


def outsourced_share(curve: ShareCurve, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw mean cost and the cost of the worst cases against the share of task hours given outside.

    Parameters
    ----------
    curve : ShareCurve
        From `CapacityPlan.by_share`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Vertical axis in JPY over the horizon, not from zero; horizontal axis a share.
    """
    frame, best = share_frame(curve, lang), curve.best
    lines = (("cvar", curve.cvar, _BAD), ("expected", curve.expected, theme.ACCENT))
    with themed(frame, ax) as drawn:
        marks = []
        for name, values, colour in lines:
            drawn.plot(curve.share, values, color=colour, linewidth=2, marker="o", markersize=3, gid=name)
            label = text(f"chart.share.{name}", lang, tail=percent(1 - curve.cvar_level))
            marks.append(Mark(float(values[-1]), label, money(float(values[-1]), lang), colour, "─"))
            drawn.plot(curve.share[best], values[best], "o", markersize=8, color=colour, gid="best")
        low, high = float(curve.expected.min()), float(curve.cvar.max())
        room = max(0.12 * (high - low), 0.01 * abs(high), 1.0)
        end = float(curve.share[-1])
        drawn.set(ylim=(low - room, high + room), xlim=(-0.03 * (end or 1.0), 1.03 * (end or 1.0)))
        drawn.axvline(curve.share[best], color=theme.INK, linewidth=1, linestyle=(0, (4, 2)), gid="optimum")
        _axes(drawn, frame, lang)
        side_labels(drawn, marks, frame.height, frame.right - EDGE)
        title_and_notes(drawn, frame, _title(curve, lang), _notes(curve, lang))
    return drawn


def _axes(ax: Axes, frame: Frame, lang: str) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(6, min_n_ticks=2))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: percent(x)))
    ax.yaxis.set_major_locator(MaxNLocator(5, min_n_ticks=2))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: money(y, lang)))
    ax.set_xlabel(text("chart.share.axis", lang))
    ax.tick_params(axis="both", length=0)
    ax.tick_params(axis="y", labelcolor=theme.MUTED, labelsize=theme.SMALL)
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    place, shift = (0, 1), (EDGE - frame.left, 5)
    shown = text("chart.share.cost", lang)
    write(ax, shown, place, shift, coords="axes fraction", size=theme.SMALL, color=theme.MUTED, va="bottom")


def _title(curve: ShareCurve, lang: str) -> str:
    if len(curve.share) < 2:
        return text("chart.share.title_none", lang)
    best, values = curve.best, curve.objective
    weight = 1 + float(curve.pools.scenario.number("cvar_weight"))
    told = {
        "share": percent(float(curve.share[best])),
        "all": percent(float(curve.share[-1])),
        "saved": money(float(values[-1] - values[best]) / weight, lang),
        "alone": money(float(values[0] - values[best]) / weight, lang),
    }
    key = "title_zero" if best == 0 else "title_all" if best == len(values) - 1 else "title"
    return text(f"chart.share.{key}", lang, **told)


def _notes(curve: ShareCurve, lang: str) -> str:
    weight = curve.pools.scenario.stated("cvar_weight")
    value = number(float(curve.pools.scenario.number("cvar_weight")), 1)
    return text("chart.share.notes", lang, weight=value, grade=term("grade", weight.grade, lang))
