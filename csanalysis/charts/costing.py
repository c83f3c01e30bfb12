"""Chart of the cost ledger: what a plan costs each month, by resource and item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from csanalysis.charts import theme
from csanalysis.charts.frame import EDGE, Frame, shorten, text_width, themed, title_and_notes, write
from csanalysis.charts.resources import (
    few,
    item_colour,
    money_ticks,
    month_axis,
    names_of,
    price_told,
    resource_colours,
    room_for,
)
from csanalysis.costing.ledger import CostLedger
from csanalysis.costing.rates import Rate, rates_of
from csanalysis.labels import money, number, percent, quantity, term, text
from csanalysis.model.parameters import Array
from csanalysis.vocabulary import CostItem

_LEFT, _RIGHT, _LOW, _LINE = 62.0, 178.0, 176.0, 12.5
_YEN = 0.5
"""Amounts below half a yen are none."""
_OUTSIDE = (CostItem.EXTERNAL,)
"""Items of the in-house team's lines that go to others."""


@dataclass(frozen=True)
class Part:
    """A layer of the stack: one item of one resource, JPY a month, in its colour."""

    resource: str
    item: str
    jpy: Array
    colour: str


def stack(ledger: CostLedger) -> tuple[Part, ...]:
    """Return the layers that are drawn, from the bottom up: the in-house team first, empty items left out."""
    shown = {resource for (resource, _), jpy in ledger.lines.items() if np.abs(jpy[:, 0]).max() > _YEN}
    colours = resource_colours(
        (rate.resource_id, rate.kind) for rate in rates_of(ledger.scenario) if rate.resource_id in shown
    )
    own = _own(ledger)
    order = [str(item) for item in CostItem]
    keys = sorted(ledger.lines, key=lambda key: (key[0] != own, order.index(key[1])))
    ranks = {resource: n for n, resource in enumerate(colours)}
    keys.sort(key=lambda key: (key[0] != own, ranks.get(key[0], 0)))
    found = ((resource, item, ledger.lines[resource, item][:, 0]) for resource, item in keys)
    return tuple(
        Part(resource, item, jpy, item_colour(colours[resource], item))
        for resource, item, jpy in found
        if np.abs(jpy).max() > _YEN
    )


def cost_ledger_frame(ledger: CostLedger, lang: str = "ja") -> Frame:
    """Return the frame of `cost_ledger`: as high as its key, title and notes need."""
    return Frame(
        max(_LOW, _LINE * len(list(_key_lines(ledger, lang))) + 4),
        _LEFT,
        _RIGHT,
        top=40 + room_for(_title(ledger, lang), theme.TITLE),
        bottom=46 + room_for(_notes(ledger, lang), theme.SMALL),
    )


def cost_ledger(ledger: CostLedger, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw what a plan costs each month, stacked by resource and item.

    Parameters
    ----------
    ledger : CostLedger
        From `csanalysis.cost_to_serve`; one scenario.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Vertical axis in JPY a month; revenue of packages hangs below zero. Management, ramp, rework and
        attrition are inside the layers and told in the notes.

    Examples
    --------
    >>> import csanalysis as cs
    >>> from matplotlib.figure import Figure
    >>> ds = cs.load_dataset("data")
    >>> ledger = cs.cost_to_serve(ds, ds.base, "in_house")
    >>> ax = cost_ledger(ledger, Figure().subplots(), "en")
    >>> ax.get_xlabel()
    'Month of the plan (1 is next month)'
    """
    frame = cost_ledger_frame(ledger, lang)
    with themed(frame, ax) as drawn:
        above, below = _bars(drawn, stack(ledger))
        most, least = max(float(above.max()), 1.0), float(below.min())
        _events(drawn, ledger, above, most)
        drawn.set_ylim(1.06 * least, most * 1.14)
        if least < 0:
            drawn.axhline(0, color=theme.INK, linewidth=0.8)
        month_axis(drawn, len(above), lang)
        money_ticks(drawn.yaxis, lang)
        head, place = text("chart.cost.axis", lang), (EDGE - _LEFT, 5.0)
        write(
            drawn,
            head,
            (0, 1),
            place,
            coords="axes fraction",
            size=theme.SMALL,
            color=theme.MUTED,
            va="bottom",
        )
        _key(drawn, list(_key_lines(ledger, lang)))
        title_and_notes(drawn, frame, _title(ledger, lang), _notes(ledger, lang))
    return drawn


def _own(ledger: CostLedger) -> str:
    placement = ledger.physical.placement
    return placement.resources[placement.in_house]


def _bars(ax: Axes, parts: tuple[Part, ...]) -> tuple[Array, Array]:
    """Draw the layers, and return the tops of the bars and the ends below zero."""
    months = np.arange(1, len(parts[0].jpy) + 1) if parts else np.arange(1, 2)
    above, below = np.zeros(len(months)), np.zeros(len(months))
    for part in parts:
        floor = np.where(part.jpy >= 0, above, below)
        ax.bar(
            months,
            part.jpy,
            0.8,
            floor,
            color=part.colour,
            edgecolor="white",
            linewidth=0.4,
            gid=f"{part.resource}/{part.item}",
        )
        above = above + np.maximum(part.jpy, 0.0)
        below = below + np.minimum(part.jpy, 0.0)
    return above, below


def _hires(ledger: CostLedger) -> Array:
    """Return whole heads that join for new seats, by month."""
    return np.asarray(ledger.physical.team.hires[:, 0])


def _setups(ledger: CostLedger) -> Array:
    return ledger.item(CostItem.SETUP)[:, 0]


def _events(ax: Axes, ledger: CostLedger, tops: Array, most: float) -> None:
    """Mark hires and set-up above their bars."""
    taken = np.zeros(len(tops))
    for values, marker, gid in ((_setups(ledger), "D", "setup"), (_hires(ledger), "^", "hires")):
        at = np.flatnonzero(values > _YEN)
        if at.size:
            places = tops[at] + most * (0.035 + 0.05 * taken[at])
            ax.plot(at + 1, places, marker, markersize=4.5, color=theme.INK, linestyle="none", gid=gid)
            taken[at] += 1


def _key_lines(ledger: CostLedger, lang: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield the lines of the key from the top of the stack down: sign, its colour, name, amount."""
    parts = stack(ledger)
    names = names_of(rates_of(ledger.scenario), lang)
    for resource in dict.fromkeys(part.resource for part in reversed(parts)):
        layers = [part for part in parts if part.resource == resource]
        total = sum(float(part.jpy.sum()) for part in layers)
        yield "", theme.INK, names[resource], money(total, lang)
        for part in reversed(layers):
            name = term("cost_item", part.item, lang)
            yield "■", part.colour, name, money(float(part.jpy.sum()), lang)
    yield "", theme.INK, text("table.total", lang), money(float(ledger.by_month[:, 0].sum()), lang)
    setups, hires = _setups(ledger), _hires(ledger)
    if (setups > _YEN).any():
        yield "◆", theme.INK, text("chart.cost.setup", lang, months=_months(setups, lang)), ""
    if (hires > _YEN).any():
        heads = number(float(hires.sum()))
        yield "▲", theme.INK, text("chart.cost.hires", lang, heads=heads, months=_months(hires, lang)), ""


def _months(values: Array, lang: str) -> str:
    return few((int(at) + 1 for at in np.flatnonzero(values > _YEN)), lang, 3)


def _key(ax: Axes, lines: list[tuple[str, str, str, str]]) -> None:
    """Write the key right of the axes, amounts flush right."""
    for n, (sign, colour, name, amount) in enumerate(lines):
        down, ink = -5 - _LINE * n, theme.MUTED if sign == "■" else theme.INK
        if sign:
            write(ax, sign, (1, 1), (12, down), coords="axes fraction", size=theme.SMALL, color=colour)
        start = 22.0 if sign else 12.0
        room = _RIGHT - EDGE - start - text_width(amount, theme.SMALL) - 6
        told = shorten(name, room, theme.SMALL)
        write(ax, told, (1, 1), (start, down), coords="axes fraction", size=theme.SMALL, color=ink)
        end = _RIGHT - EDGE
        if amount:
            write(
                ax,
                amount,
                (1, 1),
                (end, down),
                coords="axes fraction",
                size=theme.SMALL,
                color=ink,
                ha="right",
            )


def _title(ledger: CostLedger, lang: str) -> str:
    own, total = _own(ledger), float(ledger.by_month[:, 0].sum())
    paid, sold = 0.0, 0.0
    for (resource, item), jpy in ledger.lines.items():
        amount = float(jpy[:, 0].sum())
        if item == CostItem.PACKAGE_REVENUE:
            sold -= amount
        elif resource != own or item in _OUTSIDE:
            paid += amount
    values = {
        "months": quantity(float(len(ledger.by_month)), "month", lang),
        "total": money(total, lang),
        "outside": money(paid, lang),
        "share": percent(paid / (total + sold), 0) if total + sold > 0 else "-",
        "sold": money(sold, lang),
    }
    key = "in_house" if paid <= _YEN else "outside"
    return text(f"chart.cost.title.{'sold' if sold > _YEN else key}", lang, **values)


def _notes(ledger: CostLedger, lang: str) -> str:
    inside = ledger.of_which().groupby("part")[["hours", "jpy"]].sum()
    told = []
    for part, (hours, jpy) in zip(inside.index, inside.to_numpy(), strict=True):
        if jpy > _YEN or hours > _YEN:
            time = quantity(round(float(hours), 0), "hour", lang)
            key = "chart.cost.part_hours" if hours > _YEN else "chart.cost.part"
            told.append(text(key, lang, part=term("cost_part", part, lang), jpy=money(jpy, lang), hours=time))
    comma = text("chart.comma", lang)
    prices = comma.join(price_told(ledger.scenario, rate, lang) for rate in _priced(ledger))
    inside_told = text("chart.cost.inside", lang, parts=comma.join(told)) if told else ""
    return inside_told + text("chart.cost.notes", lang, prices=prices)


def _priced(ledger: CostLedger) -> list[Rate]:
    """Return the offers whose prices are in the ledger, the in-house team first."""
    used = {part.resource for part in stack(ledger)} | {_own(ledger)}
    rates = [rate for rate in rates_of(ledger.scenario) if rate.resource_id in used]
    return sorted(rates, key=lambda rate: rate.resource_id != _own(ledger))
