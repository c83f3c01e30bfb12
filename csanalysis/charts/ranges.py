"""Chart of the numbers that move a plan's worth most, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from csanalysis.charts import theme
from csanalysis.charts.frame import (
    EDGE,
    Frame,
    capital,
    row_text,
    shorten,
    text_width,
    themed,
    title_and_notes,
    value_axis,
    write,
)
from csanalysis.charts.resources import money_across, room_for, source_told
from csanalysis.costing.outcome import Outcome
from csanalysis.labels import interval, money, number, quantity, term, text
from csanalysis.vocabulary import Conclusion

MOST_SWINGS = 8
_SWING_LEFT, _SWING_RIGHT, _SWING = 178.0, 118.0, 29.0


def swings_frame(outcome: Outcome, lang: str = "ja") -> Frame:
    """Return the frame of `swings`: a row an assumption, title and notes as high as they need."""
    return Frame(
        _SWING * max(len(_largest(outcome)), 1),
        EDGE + _SWING_LEFT,
        _SWING_RIGHT,
        top=58 + room_for(_swing_title(outcome, lang), theme.TITLE),
        bottom=46 + room_for(_swing_notes(outcome, lang), theme.SMALL),
    )


def swings(outcome: Outcome, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw how far the uncertain numbers move the worth of a plan, each alone over its stated range.

    Parameters
    ----------
    outcome : Outcome
        From `csanalysis.evaluate_outcome`. At most eight, the widest first.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Horizontal axis in JPY (npv); the line is the worth with all at default.

    Examples
    --------
    >>> import csanalysis as cs
    >>> from matplotlib.figure import Figure
    >>> ds = cs.load_dataset("data")
    >>> plan = cs.playbook_assignment(ds, ds.base)
    >>> outcome = cs.evaluate_outcome(ds, ds.base, plan)
    >>> len(swings(outcome, Figure().subplots(), "en").patches)
    16
    """
    frame, rows = swings_frame(outcome, lang), _largest(outcome)
    with themed(frame, ax) as drawn:
        for row, swing in enumerate(rows):
            _swing(drawn, row, swing, outcome, frame, lang)
        ends = [outcome.npv, *(float(swing[end]) for swing in rows for end in ("npv_low", "npv_high"))]
        span = max(max(ends) - min(ends), 1.0)
        drawn.set_xlim(min(ends) - 0.06 * span, max(ends) + 0.06 * span)
        drawn.set_ylim(max(len(rows), 1) - 0.5, -0.5)
        if rows:
            drawn.axvline(outcome.npv, color=theme.INK, linewidth=1.2, gid="default")
            money_across(drawn, frame.width - frame.left - frame.right, lang)
            _swing_heads(drawn, outcome, frame, lang)
        else:
            drawn.set_xticks([])
            shown, place = text("chart.swings.none", lang), (EDGE - frame.left, 0.0)
            write(drawn, shown, (0, 0.5), place, coords="axes fraction", color=theme.MUTED)
        if rows and min(ends) - 0.06 * span < 0 < max(ends) + 0.06 * span:
            line = (0, (4, 2))
            drawn.axvline(0, color=theme.MUTED, linewidth=1, linestyle=line, zorder=0, gid="zero")
        value_axis(drawn, text("chart.swings.axis", lang))
        title_and_notes(drawn, frame, _swing_title(outcome, lang), _swing_notes(outcome, lang))
    return drawn


def _largest(outcome: Outcome) -> list[Mapping[Any, Any]]:
    return list(outcome.cases.swings.head(MOST_SWINGS).to_dict("records"))


def _swing(ax: Axes, row: int, swing: Mapping[Any, Any], outcome: Outcome, frame: Frame, lang: str) -> None:
    sides = (("npv_low", -0.17, theme.CONTEXT), ("npv_high", 0.17, theme.ACCENT))
    for end, shift, colour in sides:
        width = float(swing[end]) - outcome.npv
        ax.barh(row + shift, width, 0.3, outcome.npv, color=colour, gid=end)
    sc = outcome.comparison.scenario
    name = capital(sc.parameter(str(swing["key"])).label(lang))
    ends = interval(float(swing["low"]), float(swing["high"]), str(swing["unit"]), lang)
    values = {"ends": ends, "grade": term("grade", swing["grade"], lang)}
    told = text("chart.swings.range", lang, **values)
    room = frame.left - EDGE - 8
    row_text(ax, row, EDGE - frame.left, shorten(name, room / 0.85, theme.NORMAL), told, room=room)
    room = frame.right - EDGE - 10
    low, high = sorted((float(swing["npv_low"]), float(swing["npv_high"])))
    wide = text("chart.swings.width", lang, swing=money(float(swing["swing"]), lang))
    row_text(ax, row, 10, interval(low, high, "JPY", lang), wide, room=room, right=True)


def _swing_heads(ax: Axes, outcome: Outcome, frame: Frame, lang: str) -> None:
    """Write the key above the names, and the worth at default above its line."""
    place = EDGE - frame.left
    for end, colour in (("low", theme.CONTEXT), ("high", theme.ACCENT)):
        for shown, ink in (("■", colour), (text(f"chart.swings.{end}", lang), theme.MUTED)):
            offset = (place, 20.0)
            write(ax, shown, (0, 1), offset, coords="axes fraction", size=theme.SMALL, color=ink, va="bottom")
            place += text_width(shown, theme.SMALL) + (3 if ink == colour else 12)
    shown = text("chart.swings.default", lang, npv=money(outcome.npv, lang))
    low, high = ax.get_xlim()
    at, ends = (outcome.npv - low) / (high - low), text_width(shown, theme.SMALL) / 2
    inner = frame.width - frame.left - frame.right
    at = min(max(at, ends / inner), 1 - ends / inner)
    write(ax, shown, (at, 1), (0, 5), coords="axes fraction", size=theme.SMALL, ha="center", va="bottom")


def _swing_title(outcome: Outcome, lang: str) -> str:
    rows = _largest(outcome)
    if not rows:
        return text(
            "chart.swings.none" if outcome.conclusion != Conclusion.NOTHING else "chart.outcome.nothing", lang
        )
    first = rows[0]
    low, high = sorted((float(first["npv_low"]), float(first["npv_high"])))
    values = {
        "name": outcome.comparison.scenario.parameter(str(first["key"])).label(lang),
        "ends": interval(low, high, "JPY", lang),
        "count": number(len(outcome.cases.swings)),
        "flips": number(_flips(outcome)),
    }
    return text("chart.swings.title", lang, **values)


def _flips(outcome: Outcome) -> int:
    """Return how many of the uncertain numbers alone can change what the plan comes to."""
    return int(outcome.cases.swings["turns"].sum())


def _swing_notes(outcome: Outcome, lang: str) -> str:
    rows = _largest(outcome)
    told = (source_told(str(row["source"]), lang) for row in rows)
    sources = "; ".join(dict.fromkeys(shorten(source, 150, theme.SMALL) for source in told))
    shown = quantity(float(len(outcome.comparison.cash)), "month", lang)
    return text("chart.swings.notes", lang, horizon=shown, sources=sources or "-")
