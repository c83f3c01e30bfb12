"""Chart of self-onboarding as a lever: time freed against upkeep and tool."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from csanalysis.charts import theme
from csanalysis.charts.frame import EDGE, Frame, themed, title_and_notes, write
from csanalysis.charts.marks import Mark, side_labels
from csanalysis.charts.touch import text_height
from csanalysis.costing.touch import TouchPlan
from csanalysis.costing.touch_curve import SelfOnboarding
from csanalysis.labels import interval, money, number, percent, quantity, term, text

_LOW, _BETWEEN = 104.0, 62.0
_LEFT, _RIGHT, _HIGH = 46.0, 146.0, 140.0


def self_onboarding_frame(result: TouchPlan, lang: str = "ja") -> Frame:
    """Return the frame of `self_onboarding`: as high as the lines of title and notes need."""
    lever = result.lever
    return Frame(
        _HIGH,
        _LEFT,
        _RIGHT,
        top=40 + text_height(_lever_title(lever, lang), theme.TITLE),
        bottom=46 + _LOW + _BETWEEN + text_height(_lever_notes(lever, lang), theme.SMALL),
    )


def self_onboarding(result: TouchPlan, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the hours that self-onboarding frees month by month and by target, against upkeep and tool.

    Parameters
    ----------
    result : TouchPlan
        From `csanalysis.plan_touch`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Hours a month, months from today; hours once settled by target are an inset below. The tool's fee is
        drawn in hours of the same cost in-house.
    """
    lever = result.lever
    frame = self_onboarding_frame(result, lang)
    with themed(frame, ax) as drawn:
        marks = _by_month(drawn, lever, lang)
        _hours_axis(drawn, text("chart.self.by_month", lang))
        months = len(lever.table)
        drawn.set_xlim(0.5, months + 0.5)
        drawn.xaxis.set_major_locator(MaxNLocator(13, integer=True, min_n_ticks=1))
        drawn.set_xlabel(text("chart.self.months", lang))
        side_labels(drawn, marks, _HIGH, _RIGHT - EDGE)
        inset = drawn.inset_axes((0, -(_LOW + _BETWEEN) / _HIGH, 1, _LOW / _HIGH))
        marks = _by_target(inset, lever, lang)
        _hours_axis(inset, text("chart.self.by_target", lang))
        inset.set_xlabel(text("chart.self.target", lang))
        inset.xaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share)))
        side_labels(inset, marks, _LOW, _RIGHT - EDGE)
        title_and_notes(drawn, frame, _lever_title(lever, lang), _lever_notes(lever, lang))
    return drawn


def _by_month(ax: Axes, lever: SelfOnboarding, lang: str) -> list[Mark]:
    table = lever.table
    saved, upkeep = table["hours_saved"], table["upkeep_hours"]
    charged = (table["upkeep_jpy"] + table["licence_jpy"]) / lever.hour_cost
    running = charged.where(table["licence_jpy"] > 0)
    if lever.crossing is not None:
        last = float(table["month"].iloc[-1]) + 0.5
        ax.axvspan(
            lever.crossing - 0.5, last, color=theme.ACCENT_LIGHT, linewidth=0, zorder=0, gid="crossing"
        )
        shown = text("chart.self.worth", lang, month=lever.crossing)
        at, shift = (1.0, 1.0), (0.0, 5.0)
        colour = theme.ACCENT
        write(
            ax,
            shown,
            at,
            shift,
            coords="axes fraction",
            size=theme.SMALL,
            color=colour,
            ha="right",
            va="bottom",
        )
    ax.plot(
        table["month"], upkeep, color=theme.CONTEXT, linewidth=2, gid="upkeep", marker="o", markersize=2.5
    )
    ax.plot(
        table["month"],
        running,
        color=theme.INK,
        linewidth=1.5,
        linestyle=(0, (4, 2)),
        marker="o",
        markersize=2.5,
        gid="burden",
    )
    ax.plot(
        table["month"],
        saved,
        color=theme.ACCENT,
        linewidth=2,
        marker="o",
        markersize=4,
        gid="saved",
        clip_on=False,
    )
    marks = _marks(float(saved.iloc[-1]), float(upkeep.iloc[-1]), lang)
    if lever.licence and running.notna().any():
        marks.append(_burden(float(running.iloc[-1]), lang))
    _limits(ax, [*saved, *upkeep, *running.dropna(), lever.burden_jpy / lever.hour_cost])
    return marks


def _by_target(ax: Axes, lever: SelfOnboarding, lang: str) -> list[Mark]:
    table = lever.target_table
    burden = lever.burden_jpy / lever.hour_cost
    ax.axhline(lever.upkeep_today, color=theme.CONTEXT, linewidth=2, gid="upkeep")
    if lever.licence:
        ax.axhline(burden, color=theme.INK, linewidth=1.5, linestyle=(0, (4, 2)), gid="burden")
    ax.plot(table["target"], table["hours_saved"], color=theme.ACCENT, linewidth=2, gid="saved")
    ax.plot(
        [lever.target],
        [lever.settled_hours],
        "o",
        markersize=7,
        color=theme.ACCENT,
        gid="target",
        clip_on=False,
    )
    low, high = float(table["target"].min()), float(table["target"].max())
    share = lever.break_even_target
    if share is not None and low <= share <= high:
        ax.axvspan(share, high, color=theme.ACCENT_LIGHT, linewidth=0, zorder=0, gid="break_even")
    ax.set_xlim(low - 0.02 * (high - low), high + 0.02 * (high - low))
    ax.xaxis.set_major_locator(MaxNLocator(6, min_n_ticks=2))
    _limits(ax, [*table["hours_saved"], lever.upkeep_today, burden])
    marks = _marks(float(table["hours_saved"].iloc[-1]), lever.upkeep_today, lang)
    return [*marks, _burden(burden, lang)] if lever.licence else marks


def _marks(saved: float, upkeep: float, lang: str) -> list[Mark]:
    names = (("saved", saved, theme.ACCENT), ("upkeep", upkeep, theme.CONTEXT))
    return [
        Mark(value, text(f"chart.self.{name}", lang), _hours(value, lang), colour, "─")
        for name, value, colour in names
    ]


def _burden(hours: float, lang: str) -> Mark:
    return Mark(hours, text("chart.self.burden", lang), _hours(hours, lang), theme.INK, "─")


def _hours(value: float, lang: str) -> str:
    return quantity(round(value, 1), "hour/month", lang)


def _limits(ax: Axes, values: list[float]) -> None:
    low, high = min(0.0, *values), max(1.0, *values)
    ax.set_ylim(low - (0.06 * (high - low) if low < 0 else 0.0), high + 0.1 * (high - low))


def _hours_axis(ax: Axes, label: str) -> None:
    ax.yaxis.set_major_locator(MaxNLocator(4, min_n_ticks=2))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda hours, _: f"{hours:,.5g}"))
    ax.tick_params(axis="both", length=0, labelfontfamily=theme.FONT)
    ax.tick_params(axis="x", pad=7, labelcolor=theme.MUTED)
    ax.tick_params(axis="y", labelcolor=theme.MUTED)
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    place, shift = (0.0, 1.0), (EDGE - _LEFT, 5.0)
    write(ax, label, place, shift, coords="axes fraction", size=theme.SMALL, color=theme.MUTED, va="bottom")


def _lever_title(lever: SelfOnboarding, lang: str) -> str:
    share = lever.break_even_target
    values = {
        "now": percent(lever.now),
        "target": percent(lever.target),
        "horizon": number(len(lever.table)),
        "month": number(lever.crossing or 0),
        "hours": number(abs(lever.settled_hours), 1),
        "share": percent(share, 0) if share is not None else "-",
        "start": number(lever.start),
    }
    return text(f"chart.self.title.{_state(lever)}", lang, **values)


def _state(lever: SelfOnboarding) -> str:
    if lever.served_hours <= 0:
        return "no_tasks"
    if lever.target < lever.now:
        return "below"
    if not lever.pulled:
        return "off" if lever.break_even_target is not None else "off_never"
    if not lever.starts_within:
        return "too_late"
    return "never" if lever.crossing is None else "crosses"


def _lever_notes(lever: SelfOnboarding, lang: str) -> str:
    ends = interval(lever.hour_cost_low, lever.hour_cost_high, "JPY", lang)
    values = {
        "cost": money(lever.hour_cost, lang),
        "ends": text("chart.in_brackets", lang, what=ends) if ends else "",
        "tool": "",
    }
    if lever.licence:
        fee, grade = money(lever.licence.monthly_jpy, lang), term("grade", lever.licence.grade, lang)
        values["tool"] = text("chart.self.tool", lang, tool=lever.licence.name(lang), fee=fee, grade=grade)
    return text("chart.self.notes", lang, **values)
