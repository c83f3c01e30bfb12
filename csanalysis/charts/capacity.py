"""Chart of the capacity plan: the fan of demand, the capacity that stands ready, and what flexes above it."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.ticker import MaxNLocator

from csanalysis.charts import theme
from csanalysis.charts.frame import EDGE, Frame, themed, title_and_notes, write
from csanalysis.charts.marks import Mark, side_labels
from csanalysis.charts.touch import text_height
from csanalysis.labels import interval, number, percent, quantity, term, text
from csanalysis.model.parameters import Array
from csanalysis.planning.capacity import BANDS, CapacityPlan
from csanalysis.vocabulary import ResourceKind

TEAM, OVERTIME, FAN = theme.ACCENT_LIGHT, "#E9EBEE", theme.ACCENT
_MOST_NAMED = 13


def capacity_frame(plan: CapacityPlan, lang: str = "ja") -> Frame:
    """Return the frame of `capacity_plan`: as high as the lines of title and notes need."""
    top = 32 + text_height(_title(plan, lang), theme.TITLE)
    return Frame(210, 46, 140, top, 50 + text_height(_notes(plan, lang), theme.SMALL))


def capacity_plan(plan: CapacityPlan, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw demand by month as a fan over the capacity that is there in any case.

    Parameters
    ----------
    plan : CapacityPlan
        From `csanalysis.plan_capacity`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Vertical axis in hours of work a month: the team's hours, and task hours of contracts.
    """
    frame, months = capacity_frame(plan, lang), np.arange(1, plan.problem.months + 1)
    demand, layers = total_demand(plan), core_layers(plan)
    low, mid, high = np.quantile(demand, BANDS, axis=1)
    with themed(frame, ax) as drawn:
        floor, marks = np.zeros(len(months)), []
        for name, values, colour in layers:
            label = _name(plan, name, lang)
            drawn.bar(months, values, 1.0, floor, color=colour, linewidth=0, gid=name)
            told = quantity(float(values[-1]), "hour", lang)
            marks.append(Mark(floor[-1] + values[-1] / 2, label, told, colour))
            floor = floor + values
        drawn.fill_between(months, low, high, facecolor=FAN, alpha=0.12, linewidth=0, gid="fan")
        for edge in (low, high):
            drawn.plot(months, edge, color=FAN, linewidth=0.8, linestyle=(0, (3, 2)))
        drawn.plot(months, mid, color=FAN, linewidth=2, gid="median")
        drawn.step(months, _core(layers), where="mid", color=theme.INK, linewidth=1.2, gid="core")
        marks.append(
            Mark(mid[-1], text("chart.capacity.demand", lang), _fan_range(low, high, lang), FAN, "─")
        )
        most = max(float(high.max()), float(floor.max()), 1e-9)
        drawn.set(xlim=(0.5, len(months) + 0.5), ylim=(0, 1.08 * most))
        month_axis(drawn, len(months), lang)
        _hours_axis(drawn, frame, lang)
        side_labels(drawn, marks, frame.height, frame.right - EDGE)
        title_and_notes(drawn, frame, _title(plan, lang), _notes(plan, lang))
    return drawn


def total_demand(plan: CapacityPlan) -> Array:
    """Return hours of team and contracts together, shape (n_months, n_scenarios)."""
    total = plan.problem.load
    for offer in plan.problem.offers:
        total = total + offer.units * _hours_per_unit(plan, offer.resource_id)[:, None]
    return np.asarray(total)


def core_layers(plan: CapacityPlan) -> list[tuple[str, Array, str]]:
    """Return name, hours by month and colour of what is there: team, commitments, overtime."""
    layers = [("team", plan.supply, TEAM)]
    for offer in plan.problem.offers:
        key = offer.resource_id
        held = plan.committed[key][plan.problem.quarter] * offer.active
        colour = _pale(theme.KIND_COLOURS[ResourceKind(plan.rates[key].kind)])
        layers.append((key, held * _hours_per_unit(plan, key), colour))
    return [*layers, ("overtime", plan.problem.overtime_hours * plan.present, OVERTIME)]


def _core(layers: list[tuple[str, Array, str]]) -> Array:
    return np.asarray(sum(values for name, values, _ in layers if name != "overtime"))


def _hours_per_unit(plan: CapacityPlan, resource_id: str) -> Array:
    pool = next(p for p in plan.pools.outside if p.rate.resource_id == resource_id)
    return np.asarray(pool.task_hours / np.where(pool.units > 0, pool.units, np.inf))


def _pale(colour: str) -> str:
    """Return a colour mixed with as much white."""
    red, green, blue = to_rgb(colour)
    return to_hex(((1 + red) / 2, (1 + green) / 2, (1 + blue) / 2))


def _name(plan: CapacityPlan, name: str, lang: str) -> str:
    if name in ("team", "overtime"):
        return text(f"chart.capacity.{name}", lang)
    return text("chart.capacity.committed", lang, name=plan.rates[name].name(lang))


def _fan_range(low: Array, high: Array, lang: str) -> str:
    return interval(round(float(low[-1])), round(float(high[-1])), "hour", lang)


def month_axis(ax: Axes, months: int, lang: str) -> None:
    """Write the months of the plan along the axis."""
    step = math.ceil(months / _MOST_NAMED)
    ax.set_xticks(range(1, months + 1, step))
    ax.set_xlabel(text("chart.capacity.months", lang))
    ax.tick_params(axis="both", length=0)


def _hours_axis(ax: Axes, frame: Frame, lang: str) -> None:
    ax.yaxis.set_major_locator(MaxNLocator(5, min_n_ticks=2))
    ax.tick_params(axis="y", labelcolor=theme.MUTED)
    ax.spines["left"].set_visible(False)
    place, shift = (0, 1), (EDGE - frame.left, 5)
    shown = text("chart.capacity.hours", lang)
    write(ax, shown, place, shift, coords="axes fraction", size=theme.SMALL, color=theme.MUTED, va="bottom")


def _title(plan: CapacityPlan, lang: str) -> str:
    demand = float((total_demand(plan) @ plan.problem.probability).sum())
    flexible = float((plan.overtime @ plan.problem.probability).sum())
    for offer in plan.problem.offers:
        per_unit = _hours_per_unit(plan, offer.resource_id)
        flexible += float((plan.extra(offer.resource_id) @ plan.problem.probability) @ per_unit)
    if demand <= 0:
        return text("chart.capacity.title_none", lang)
    unmet = plan.unmet_hours / demand
    shares = {"core": percent(1 - flexible / demand - unmet), "flexible": percent(flexible / demand)}
    key = "title_unmet" if round(unmet, 3) > 0 else "title"
    return text(f"chart.capacity.{key}", lang, unmet=percent(unmet), **shares)


def _notes(plan: CapacityPlan, lang: str) -> str:
    stated = plan.pools.scenario.stated("demand_cv")
    return text(
        "chart.capacity.notes",
        lang,
        n=number(len(plan.problem.probability)),
        cv=percent(float(plan.pools.scenario.number("demand_cv"))),
        grade=term("grade", stated.grade, lang),
    )
