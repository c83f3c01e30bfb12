"""How resources and money look in the charts of cost: colours, names, prices with their evidence, axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_hex, to_rgb
from matplotlib.ticker import FuncFormatter, MaxNLocator

from csanalysis.charts import theme
from csanalysis.charts.frame import EDGE, shorten, text_width, wrap
from csanalysis.costing.rates import Rate, price_stated
from csanalysis.labels import interval, money, quantity, term, text
from csanalysis.model.scenario import CHANGED, Scenario
from csanalysis.vocabulary import CostItem, PriceForm, ResourceKind

_SAME_KIND = 0.35
"""How much darker each further offer of the same kind is."""
_NAME_IN_NOTES = 130.0
_PALER = {
    CostItem.BASE: 0.35,
    CostItem.SUCCESS_FEE: 0.35,
    CostItem.HIRING: 0.55,
    CostItem.SETUP: 0.62,
    CostItem.TOOLS: 0.45,
    CostItem.EXTERNAL: 0.65,
    CostItem.NOTICE: 0.75,
    CostItem.PACKAGE_REVENUE: 0.5,
}
_UNITS = {
    PriceForm.SALARY: "JPY/head/month",
    PriceForm.HOUR: "JPY/hour",
    PriceForm.SEAT_MONTH: "JPY/head/month",
    PriceForm.CASE: "JPY/case",
    PriceForm.SUCCESS: "JPY/month",
    PriceForm.LICENCE: "JPY/account/month",
}


def resource_colours(kinds: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return resource_id -> colour from (resource_id, kind) pairs; offers of one kind get darker in turn."""
    colours, seen = dict[str, str](), dict[str, int]()
    for resource, kind in kinds:
        colours[resource] = mixed(
            theme.KIND_COLOURS[ResourceKind(kind)], theme.INK, 1 - (1 - _SAME_KIND) ** seen.get(kind, 0)
        )
        seen[kind] = seen.get(kind, 0) + 1
    return colours


def item_colour(colour: str, item: str) -> str:
    """Return the shade of a cost item in the colour of its resource: what is paid for work is full."""
    return mixed(colour, "white", _PALER.get(CostItem(item), 0.0))


def mixed(colour: str, other: str, share: float) -> str:
    """Return a colour with a share of another one mixed in.

    Examples
    --------
    >>> mixed("#000000", "white", 0.5)
    '#808080'
    """
    pairs = zip(to_rgb(colour), to_rgb(other), strict=True)
    red, green, blue = ((1 - share) * one + share * two for one, two in pairs)
    return to_hex((red, green, blue))


def price_told(sc: Scenario, rate: Rate, lang: str) -> str:
    """Return name and price of an offer with range and evidence; a fixed fee where success is paid."""
    cell = "base_fee" if rate.price_form == PriceForm.SUCCESS else "price"
    stated, unit = price_stated(sc, rate, cell), _UNITS[PriceForm(rate.price_form)]
    ends = interval(stated.low, stated.high, "JPY", lang)
    values = {
        "name": shorten(rate.name(lang), _NAME_IN_NOTES, theme.SMALL),
        "price": quantity(float(rate.get(cell)[0]), unit, lang),
        "grade": term("grade", stated.grade, lang),
        "ends": text("chart.cost.ends", lang, ends=ends) if ends else "",
    }
    return text("chart.cost.price", lang, **values)


def money_ticks(axis: Axis, lang: str, most: int = 5) -> None:
    """Write ticks of a vertical axis as boards read money."""
    axis.set_major_locator(MaxNLocator(most, min_n_ticks=2))
    axis.set_major_formatter(FuncFormatter(lambda value, _: money(value, lang)))


def money_across(ax: Axes, room: float, lang: str) -> None:
    """Write ticks of a horizontal axis, `room` points long, as boards read money: as many as fit."""
    low, high = ax.get_xlim()
    for most in range(5, 0, -1):
        ticks = [t for t in MaxNLocator(most, min_n_ticks=2).tick_values(low, high) if low <= t <= high]
        labels = [money(tick, lang) for tick in ticks]
        widest = max((text_width(label, theme.NORMAL) for label in labels), default=0.0)
        between = (ticks[1] - ticks[0]) / (high - low) * room if len(ticks) > 1 else room
        if between >= 1.08 * widest + 8:
            break
    ax.set_xticks(ticks, labels)


def month_axis(ax: Axes, months: int, lang: str) -> None:
    """Write the months 1 to the horizon below a chart, with light lines at the amounts."""
    ax.set_xlim(0.4, months + 0.6)
    ax.xaxis.set_major_locator(MaxNLocator(13, integer=True, min_n_ticks=1))
    step = math.ceil(months / 13)
    ax.set_xticks(list(range(1, months + 1, step)))
    ax.set_xlabel(text("chart.cost.months", lang))
    ax.tick_params(axis="both", length=0, labelfontfamily=theme.FONT)
    ax.tick_params(axis="x", pad=7, labelcolor=theme.MUTED)
    ax.tick_params(axis="y", labelcolor=theme.MUTED)
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)


def room_for(shown: str, size: float) -> float:
    """Return the height in points of text wrapped over the whole width of a chart."""
    lines = wrap(shown, 72 * theme.PAGE_WIDTH - 2 * EDGE, size).split("\n")
    return 1.3 * size * len(lines)


def few(months: Iterable[int], lang: str, most: int = 5) -> str:
    """Return some months as a list; of many only the first and a sign that there are more."""
    found = [str(month) for month in months]
    shown = text("chart.comma", lang).join(found[:most])
    return shown + (" …" if len(found) > most else "")


def source_told(source: str, lang: str) -> str:
    """Return a source; of a value that was changed by hand, that it was."""
    return text("chart.cost.by_hand", lang) if source == CHANGED else source


def names_of(rates: Iterable[Rate], lang: str) -> Mapping[str, str]:
    """Return resource_id -> name on screen."""
    return {rate.resource_id: rate.name(lang) for rate in rates}
