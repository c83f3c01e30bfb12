"""Chart of the full cost of a task hour at each resource, from the quoted price on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.axes import Axes

from csanalysis.charts import theme
from csanalysis.charts.frame import (
    EDGE,
    Frame,
    row_text,
    shorten,
    themed,
    title_and_notes,
    value_axis,
    write,
)
from csanalysis.charts.resources import mixed, money_across, resource_colours, room_for, source_told
from csanalysis.costing.outcome import Outcome
from csanalysis.costing.unit_cost import PARTS, UnitCosts
from csanalysis.labels import interval, money, number, term, text
from csanalysis.vocabulary import ResourceKind

_NAME, _STEP, _RIGHT, _LINE, _GAP = 124.0, 92.0, 70.0, 11.5, 10.0
_LEFT = EDGE + _NAME + _STEP
_YEN = 0.5


@dataclass(frozen=True)
class Offer:
    """A resource as it is drawn: name, evidence of its price, steps (JPY per task hour), full cost, range."""

    resource_id: str
    kind: str
    name: str
    grade: str
    steps: tuple[tuple[str, float], ...]
    full: float
    low: float
    high: float
    colour: str


def offers(costs: UnitCosts, lang: str = "ja") -> tuple[Offer, ...]:
    """Return the resources in the order drawn: the in-house team, then the cheapest first."""
    rows = costs.totals.to_dict("records")
    colours = resource_colours((str(r["resource_id"]), str(r["kind"])) for r in rows)
    rows.sort(key=lambda r: (r["kind"] != ResourceKind.CSM, r["jpy"]))
    steps = {key: found.set_index("part")["jpy"] for key, found in costs.parts.groupby("resource_id")}
    return tuple(
        Offer(
            resource_id=str(r["resource_id"]),
            kind=str(r["kind"]),
            name=str(r[f"name_{lang}"]),
            grade=str(r["grade"]),
            steps=tuple(
                (part, float(steps[r["resource_id"]][part]))
                for part in PARTS
                if part == "price" or abs(float(steps[r["resource_id"]][part])) > _YEN
            ),
            full=float(r["jpy"]),
            low=float(r["low"]),
            high=float(r["high"]),
            colour=colours[str(r["resource_id"])],
        )
        for r in rows
    )


def unit_cost_frame(costs: UnitCosts | None, lang: str = "ja") -> Frame:
    """Return the frame of `unit_cost`: a line a step, title and notes as high as they need."""
    height = _height(offers(costs, lang)) if costs else 3 * _LINE
    return Frame(
        height,
        _LEFT,
        _RIGHT,
        top=42 + room_for(_title(costs, lang), theme.TITLE),
        bottom=46 + room_for(_notes(costs, lang), theme.SMALL),
    )


def unit_cost(result: UnitCosts | Outcome | None, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the full cost of a task hour at each resource as a waterfall from its price.

    Parameters
    ----------
    result : UnitCosts, Outcome or None
        From `csanalysis.costing.unit_cost.unit_costs`, or an outcome that holds them; where nothing is given
        outside, that is what the chart says.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Horizontal axis in JPY per task hour; the dashed line is the in-house team.

    Examples
    --------
    >>> import csanalysis as cs
    >>> from matplotlib.figure import Figure
    >>> from csanalysis.costing.unit_cost import unit_costs
    >>> ds = cs.load_dataset("data")
    >>> costs = unit_costs(ds, ds.base, ["onb_session_deliver"], ["bpo"])
    >>> ax = unit_cost(costs, Figure().subplots(), "en")
    >>> ax.get_xlabel()
    'JPY per task hour'
    """
    costs = result.unit_costs if isinstance(result, Outcome) else result
    frame = unit_cost_frame(costs, lang)
    found = offers(costs, lang) if costs else ()
    with themed(frame, ax) as drawn:
        drawn.set(xlim=_limits(found), ylim=(frame.height, 0))
        down = 2.0
        for offer in found:
            _offer(drawn, offer, down, frame, lang)
            down += _block(offer)
        if found:
            drawn.axvline(
                found[0].full, color=theme.INK, linewidth=1, linestyle=(0, (4, 2)), zorder=0, gid="in_house"
            )
            shown = text("chart.unit.in_house", lang, cost=money(found[0].full, lang))
            write(drawn, shown, (found[0].full, 0), (0, 4), size=theme.SMALL, ha="center", va="bottom")
            money_across(drawn, frame.width - frame.left - frame.right, lang)
        else:
            drawn.set_xticks([])
            shown = text("chart.outcome.nothing", lang)
            write(drawn, shown, (0.5, 0.5), coords="axes fraction", color=theme.MUTED, ha="center")
        value_axis(drawn, text("chart.unit.axis", lang))
        title_and_notes(drawn, frame, _title(costs, lang), _notes(costs, lang))
    return drawn


def _block(offer: Offer) -> float:
    return _LINE * (len(offer.steps) + 1) + _GAP


def _height(found: tuple[Offer, ...]) -> float:
    return sum(_block(offer) for offer in found)


def _limits(found: tuple[Offer, ...]) -> tuple[float, float]:
    """Return the ends of the axis: all running sums and ranges are within."""
    places = [0.0]
    for offer in found:
        places += [end for end in (offer.full, offer.low, offer.high) if math.isfinite(end)]
        running = 0.0
        for _, jpy in offer.steps:
            running += jpy
            places.append(running)
    low, high = min(places), max(*places, 1.0) if len(places) > 1 else 1.0
    return low - (0.05 * (high - low) if low < 0 else 0.0), high + 0.05 * (high - low)


def _offer(ax: Axes, offer: Offer, down: float, frame: Frame, lang: str) -> None:
    """Draw the stairs from price to full cost, then the full cost with its range."""
    grade = text("chart.unit.grade", lang, grade=term("grade", offer.grade, lang))
    ends = interval(offer.low, offer.high, "JPY", lang)
    told = text("chart.range", lang, ends=ends) if ends else text("chart.unit.no_range", lang)
    left, room = EDGE - frame.left, _NAME - 10
    name = shorten(offer.name, room / 0.85, theme.NORMAL)
    row_text(ax, down + 9, left, name, grade, room=room)
    row_text(ax, down + 19.5, left, "", told, room=room)
    running, height = 0.0, 0.62 * _LINE
    for n, (part, jpy) in enumerate(offer.steps):
        line = down + _LINE * (n + 0.5)
        pale = mixed(offer.colour, "white", 0.45)
        ax.barh(line, jpy, height, running, color=pale, gid=f"{offer.resource_id}/{part}")
        if n:
            ax.plot([running] * 2, [line - _LINE, line], color=theme.CONTEXT, linewidth=0.8, zorder=3)
        running += jpy
        _step(ax, line, _STEP, term("unit_part", part, lang), _signed(jpy, n, lang), theme.MUTED)
    line = down + _LINE * (len(offer.steps) + 0.5)
    ax.barh(line, offer.full, height, color=offer.colour, gid=f"{offer.resource_id}/full")
    if math.isfinite(offer.low) and math.isfinite(offer.high):
        ax.plot(
            [offer.low, offer.high],
            [line] * 2,
            color=theme.INK,
            linewidth=1.1,
            marker="|",
            markersize=7,
            gid="range",
        )
    _step(ax, line, _STEP, text("chart.unit.full", lang), money(offer.full, lang), theme.INK)


def _step(ax: Axes, line: float, room: float, name: str, amount: str, ink: str) -> None:
    row_text(ax, line, -room, name, room=room - 6, color=ink)
    row_text(ax, line, 10, amount, room=_RIGHT - EDGE - 10, right=True, color=ink)


def _signed(jpy: float, step: int, lang: str) -> str:
    """Return the amount of a step; those after the price with a sign."""
    return f"+{money(jpy, lang)}" if step and jpy >= 0 else money(jpy, lang)


def _title(costs: UnitCosts | None, lang: str) -> str:
    if costs is None:
        return text("chart.outcome.nothing", lang)
    own, *others = offers(costs, lang)
    values = {
        "own": money(own.full, lang),
        "count": number(len(others)),
        "by_price": number(sum(offer.steps[0][1] < own.full for offer in others)),
        "by_cost": number(sum(offer.full < own.full for offer in others)),
    }
    if len(others) == 1:
        one = {
            "name": shorten(others[0].name, _NAME, theme.NORMAL),
            "price": money(others[0].steps[0][1], lang),
        }
        return text("chart.unit.title_one", lang, **values, **one, cost=money(others[0].full, lang))
    return text("chart.unit.title" if others else "chart.unit.title_none", lang, **values)


def _notes(costs: UnitCosts | None, lang: str) -> str:
    if costs is None:
        return text("chart.outcome.no_scope", lang)
    sources = "; ".join(dict.fromkeys(source_told(str(s), lang) for s in costs.totals["source"]))
    return text("chart.unit.notes", lang, hours=number(costs.hours, 1), sources=sources)
