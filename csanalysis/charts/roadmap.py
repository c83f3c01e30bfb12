"""Chart of the roadmap: months by task group, states in colour, switches marked."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from csanalysis.charts import theme
from csanalysis.charts.frame import (
    EDGE,
    Frame,
    capital,
    row_text,
    themed,
    title_and_notes,
    wrap,
    write,
)
from csanalysis.labels import money, number, term, text
from csanalysis.planning.roadmap import STATES, GroupRoad, Roadmap

STATE_COLOURS = {"in": theme.FAINT, "pilot": "#7DB7DC", "out": theme.ACCENT}
"""A state keeps its colour; the darker, the more is outside."""
_KEPT = "#EFF1F3"
_LEFT, _RIGHT, _FIRST, _COLUMN = 158.0, 186.0, 42.0, 65.0
_ROW, _KEPT_ROW = 27.0, 0.62
_MOST_TICKS, _MOST_BOXES = 8, 18


def roadmap_frame(result: Roadmap, lang: str = "ja") -> Frame:
    """Return the frame of `roadmap`: as high as its rows and the lines of title and notes need."""
    high = sum(_heights(result)) or 1.0
    return Frame(
        _ROW * high,
        _LEFT,
        _RIGHT,
        top=42 + _lines(_title(result, lang), theme.TITLE),
        bottom=38 + _lines(_notes(result, lang), theme.SMALL),
    )


def _lines(shown: str, size: float) -> float:
    width = 72 * theme.PAGE_WIDTH - 2 * EDGE
    return 1.3 * size * len(wrap(shown, width, size).split("\n"))


def roadmap(result: Roadmap, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the state of each task group in each month, and the prices at which it would change.

    Parameters
    ----------
    result : Roadmap
        From `csanalysis.plan_roadmap`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Horizontal axis in months; one row a task group, those that may go out first.
    """
    frame = roadmap_frame(result, lang)
    with themed(frame, ax) as drawn:
        top = 0.0
        for group, height in zip(_shown(result), _heights(result), strict=True):
            _row(drawn, group, result, top, height, lang)
            top += height
        drawn.set(xlim=(0.5, result.months + 0.5), ylim=(max(top, 1.0), 0))
        step = -(-result.months // _MOST_TICKS)
        drawn.set_xticks(range(1, result.months + 1, step))
        drawn.set_yticks([])
        drawn.tick_params(axis="x", length=0)
        drawn.set_xlabel(text("chart.roadmap.month", lang))
        for side in ("left", "bottom"):
            drawn.spines[side].set_visible(False)
        _heads(drawn, frame, lang)
        title_and_notes(drawn, frame, _title(result, lang), _notes(result, lang))
    return drawn


def _shown(result: Roadmap) -> Sequence[GroupRoad]:
    """Return the rows: groups with work, and candidates without any."""
    return [g for g in result.groups if g.resource_id or g.hours.sum() > 0]


def _heights(result: Roadmap) -> list[float]:
    return [1.0 if g.resource_id else _KEPT_ROW for g in _shown(result)]


def _row(ax: Axes, group: GroupRoad, result: Roadmap, top: float, height: float, lang: str) -> None:
    wide = 0.92 if result.months <= _MOST_BOXES else 1.0
    for month, state in enumerate(group.states, 1):
        colour = STATE_COLOURS[state] if group.resource_id else _KEPT
        box = Rectangle(
            (month - wide / 2, top + 0.12), wide, height - 0.24, facecolor=colour, gid=f"state-{state}"
        )
        box.set_linewidth(0)
        ax.add_patch(box)
        before = group.states[month - 2] if month > 1 else "in"
        if state != before and {state, before} & {"in"}:
            sign = "◀" if state == "in" else "▶"
            ink = theme.INK if state == "in" else "white"
            write(ax, sign, (month, top + height / 2), color=ink, ha="center", gid="switch", size=theme.SMALL)
    middle = top + height / 2
    name = capital(term("task_group", group.task_group, lang))
    room = _LEFT - EDGE - 8
    if not group.resource_id:
        row_text(ax, middle, EDGE - _LEFT, name, room=room, color=theme.MUTED)
        reason = text(f"roadmap.reason.{group.reasons[-1]}", lang)
        row_text(ax, middle, 8, reason, room=_RIGHT - EDGE - 8, right=True, color=theme.MUTED)
        return
    told = {
        "name": result.rates[group.resource_id].name(lang),
        "hours": number(float(group.hours.mean()), 1),
    }
    row_text(ax, middle, EDGE - _LEFT, name, text("chart.roadmap.at", lang, **told), room=room)
    for offset, shown in zip((8.0, 8 + _FIRST, 8 + _FIRST + _COLUMN), _prices(group, lang), strict=True):
        row_text(ax, middle, offset, shown, room=_COLUMN - 4, right=True)


def _prices(group: GroupRoad, lang: str) -> tuple[str, str, str]:
    def shown(price: float | None, key: str) -> str:
        return "-" if price is None else text(key, lang, price=_short(price, lang))

    out = shown(group.go_out_price, "chart.roadmap.below")
    back = shown(group.come_back_price, "chart.roadmap.above")
    return _short(group.quote or 0.0, lang), out, back


def _short(price: float, lang: str) -> str:
    """Return a price without the name of the currency, which the axis of a page of JPY does not need."""
    return money(price, lang).removeprefix("JPY ")


def _heads(ax: Axes, frame: Frame, lang: str) -> None:
    """Write the heads of the columns, and the states in their colours as a key."""
    columns = (8.0, 8 + _FIRST, 8 + _FIRST + _COLUMN)
    for offset, head in zip(columns, ("price", "out", "back"), strict=True):
        _above(ax, (1, 1), (offset, 6), text(f"chart.roadmap.{head}", lang), theme.MUTED)
    for n, state in enumerate(STATES):
        shown = f"■ {term('roadmap.state', state, lang)}"
        colour = theme.CONTEXT if state == "in" else STATE_COLOURS[state]
        _above(ax, (0, 1), (n * 52.0, 6), shown, colour)


def _above(ax: Axes, place: tuple[float, float], offset: tuple[float, float], shown: str, color: str) -> None:
    write(ax, shown, place, offset, coords="axes fraction", size=theme.SMALL, color=color, va="bottom")


def _title(result: Roadmap, lang: str) -> str:
    groups = result.candidates
    if not groups:
        return text("chart.roadmap.title_none", lang)
    out = [g for g in groups if set(g.states) != {"in"}]
    told = {"count": len(groups), "out": len(out), "months": result.months}
    if not out:
        return text("chart.roadmap.title_in", lang, count=len(groups))
    saving = money(sum(g.saving for g in out), lang)
    return text("chart.roadmap.title_out", lang, saving=saving, **told)


def _notes(result: Roadmap, lang: str) -> str:
    prices = [
        text(
            "chart.roadmap.price_basis",
            lang,
            name=result.rates[r].name(lang),
            grade=term("grade", stated.grade, lang),
        )
        for r, stated in result.prices.items()
    ]
    joined = ("、" if lang == "ja" else ", ").join(prices) or "-"
    return text("chart.roadmap.notes", lang, prices=joined)
