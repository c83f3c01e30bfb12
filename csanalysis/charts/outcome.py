"""Charts of what comes back from a plan: cash month by month, and the rise of churn it could bear."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from csanalysis.charts import theme
from csanalysis.charts.frame import EDGE, Frame, row_text, themed, title_and_notes, value_axis, write
from csanalysis.charts.marks import Mark, side_labels
from csanalysis.charts.resources import few, money_ticks, month_axis, room_for, source_told
from csanalysis.costing.break_even import ChurnPrice, detectable_churn
from csanalysis.costing.outcome import Outcome
from csanalysis.labels import money, number, percent, quantity, term, text
from csanalysis.model.parameters import Array
from csanalysis.vocabulary import Conclusion

_LEFT, _RIGHT, _HIGH, _BETWEEN, _LOW = 62.0, 150.0, 138.0, 52.0, 84.0
_YEN = 0.5
_CHURN_LEFT, _COLUMN, _ROW = 152.0, 62.0, 30.0
_LOSS = "#F3E4CC"
"""Behind months in which the plan has cost more so far."""


def crossings(outcome: Outcome) -> tuple[int, ...]:
    """Return the months in which the cumulative cash of plan and baseline change places."""
    total = outcome.comparison.cash[:, 0].cumsum()
    found, before = list[int](), 0.0
    for month, value in enumerate(total, 1):
        if abs(value) <= _YEN:
            continue
        if before * value < 0:
            found.append(month)
        before = float(value)
    return tuple(found)


def cumulative_cash_frame(outcome: Outcome, lang: str = "ja") -> Frame:
    """Return the frame of `cumulative_cash`: as high as title and notes need."""
    return Frame(
        _HIGH,
        _LEFT,
        _RIGHT,
        top=42 + room_for(_cash_title(outcome, lang), theme.TITLE),
        bottom=46 + _BETWEEN + _LOW + room_for(_cash_notes(outcome, lang), theme.SMALL),
    )


def cumulative_cash(outcome: Outcome, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw how much less cash a plan has taken than its baseline by each month, and both below.

    Parameters
    ----------
    outcome : Outcome
        From `csanalysis.evaluate_outcome`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Cumulative difference in JPY by month, zero being the baseline; cumulative cash of both options is an
        inset below. Rings mark the months in which the options change places.

    Examples
    --------
    >>> import csanalysis as cs
    >>> from matplotlib.figure import Figure
    >>> ds = cs.load_dataset("data")
    >>> plan = cs.playbook_assignment(ds, ds.base)
    >>> outcome = cs.evaluate_outcome(ds, ds.base, plan)
    >>> len(cumulative_cash(outcome, Figure().subplots()).child_axes)
    1
    """
    frame = cumulative_cash_frame(outcome, lang)
    comparison = outcome.comparison
    with themed(frame, ax) as drawn:
        total = comparison.cash[:, 0].cumsum()
        side_labels(drawn, _difference(drawn, outcome, total, lang), _HIGH, _RIGHT - EDGE)
        _dress(drawn, len(total), text("chart.cash.difference", lang), lang)
        drawn.set_xlabel("")
        crossed = crossings(outcome)
        key = "chart.cash.crossing" if crossed else "chart.cash.no_crossing"
        shown = text(key, lang, months=few(crossed, lang, 3) if crossed else _span(outcome, lang))
        if outcome.conclusion != Conclusion.NOTHING:
            place = {"coords": "axes fraction", "size": theme.SMALL, "ha": "right", "va": "bottom"}
            write(drawn, shown, (1, 1), (0, 5), **place)  # type: ignore[arg-type]
        inset = drawn.inset_axes((0, -(_LOW + _BETWEEN) / _HIGH, 1, _LOW / _HIGH))
        side_labels(inset, _both(inset, outcome, lang), _LOW, _RIGHT - EDGE)
        _dress(inset, len(total), text("chart.cash.both", lang), lang)
        title_and_notes(drawn, frame, _cash_title(outcome, lang), _cash_notes(outcome, lang))
    return drawn


def _dress(ax: Axes, months: int, label: str, lang: str) -> None:
    month_axis(ax, months, lang)
    money_ticks(ax.yaxis, lang, 4)
    place = (EDGE - _LEFT, 5.0)
    write(ax, label, (0, 1), place, coords="axes fraction", size=theme.SMALL, color=theme.MUTED, va="bottom")


def _difference(ax: Axes, outcome: Outcome, total: Array, lang: str) -> list[Mark]:
    """Draw the cumulative difference, and return the labels of its end and of the baseline."""
    months = np.arange(1, len(total) + 1)
    for where, colour in ((total >= 0, theme.ACCENT_LIGHT), (total <= 0, _LOSS)):
        ax.fill_between(months, total, 0, where=where, color=colour, linewidth=0, interpolate=True, zorder=0)
    ax.axhline(0, color=theme.CONTEXT, linewidth=2, gid="baseline")
    size = 3.5 if len(months) <= 36 else 1.5
    ax.plot(months, total, color=theme.ACCENT, linewidth=2, marker="o", markersize=size, gid="difference")
    crossed = crossings(outcome)
    ring = {"markersize": 9, "markerfacecolor": "none", "markeredgecolor": theme.INK, "linestyle": "none"}
    places = [float(total[month - 1]) for month in crossed]
    ax.plot(crossed, places, "o", gid="crossing", **ring)  # type: ignore[arg-type]
    low, high = min(0.0, float(total.min())), max(0.0, float(total.max()))
    span = max(high - low, 1_000.0)
    ax.set_ylim(low - 0.1 * span, high + 0.1 * span)
    end = float(total[-1])
    side = "same" if abs(end) <= _YEN else "less" if end > 0 else "more"
    told = text(f"chart.cash.{side}", lang, amount=money(abs(end), lang))
    plan = Mark(end, text("chart.cash.plan", lang), told, theme.ACCENT, "─")
    return [plan, Mark(0.0, _baseline(outcome, lang), text("chart.cash.zero", lang), theme.CONTEXT, "─")]


def _both(ax: Axes, outcome: Outcome, lang: str) -> list[Mark]:
    """Draw the cumulative cash of both options, and return the labels of their ends."""
    comparison, marks = outcome.comparison, []
    options = (
        (comparison.baseline, _baseline(outcome, lang), theme.CONTEXT, "baseline"),
        (comparison.plan, text("chart.cash.plan", lang), theme.ACCENT, "plan"),
    )
    for ledger, name, colour, gid in options:
        total = ledger.by_month[:, 0].cumsum()
        size = 3.0 if len(total) == 1 else 0.0
        ax.plot(
            np.arange(1, len(total) + 1),
            total,
            color=colour,
            linewidth=2,
            marker="o",
            markersize=size,
            gid=gid,
        )
        marks.append(Mark(float(total[-1]), name, money(float(total[-1]), lang), colour, "─"))
    low, high = min(0.0, *(mark.place for mark in marks)), max(1.0, *(mark.place for mark in marks))
    ax.set_ylim(1.08 * low, 1.08 * high)
    return marks


def _span(outcome: Outcome, lang: str) -> str:
    return quantity(float(len(outcome.comparison.cash)), "month", lang)


def _baseline(outcome: Outcome, lang: str) -> str:
    return text(f"chart.baseline.{outcome.baseline}", lang)


def _cash_title(outcome: Outcome, lang: str) -> str:
    if outcome.conclusion == Conclusion.NOTHING:
        return text("chart.outcome.nothing", lang)
    crossed, saved = crossings(outcome), outcome.cash_saving
    values = {
        "months": _span(outcome, lang),
        "amount": money(abs(saved), lang),
        "baseline": _baseline(outcome, lang),
        "month": number(crossed[-1]) if crossed else "",
    }
    side = "level" if abs(saved) <= _YEN else "less" if saved > 0 else "more"
    suffix = "_crossed" if crossed and side != "level" else ""
    return text(f"chart.cash.title.{side}{suffix}", lang, **values)


def _cash_notes(outcome: Outcome, lang: str) -> str:
    worth = {case: money(outcome.cases.value(case, "npv"), lang) for case in outcome.cases.table["case"]}
    return text("chart.cash.notes", lang, **worth)


def churn_price_frame(outcome: Outcome, lang: str = "ja") -> Frame:
    """Return the frame of `churn_price`: as high as title and notes need."""
    return Frame(
        3 * _ROW,
        EDGE + _CHURN_LEFT,
        EDGE + 3 * _COLUMN + 8,
        top=44 + room_for(_churn_title(outcome, lang), theme.TITLE),
        bottom=46 + room_for(_churn_notes(outcome, lang), theme.SMALL),
    )


def churn_price(outcome: Outcome, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the rise of churn that a plan could bear, beside what twelve months of data can detect.

    Parameters
    ----------
    outcome : Outcome
        From `csanalysis.evaluate_outcome`. Without a bearable rise the chart says why.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Horizontal axis in points of monthly churn; the grey band is what data cannot tell from none.

    Examples
    --------
    >>> import csanalysis as cs
    >>> from matplotlib.figure import Figure
    >>> ds = cs.load_dataset("data")
    >>> outcome = cs.evaluate_outcome(ds, ds.base, "current")
    >>> ax = churn_price(outcome, Figure().subplots(), "en")
    >>> [f"{bar.get_width():.4f}" for bar in ax.patches if bar.get_gid() == "detectable"]
    ['0.0045']
    """
    frame = churn_price_frame(outcome, lang)
    seen = _detectable(outcome)
    rows = (
        ("detectable", seen, theme.CONTEXT),
        ("within", outcome.churn_price, theme.ACCENT),
        ("terminal", outcome.churn_price_terminal, "#7DB7DC"),
    )
    with themed(frame, ax) as drawn:
        drawn.axvspan(0, seen.points, color=theme.GRID, linewidth=0, zorder=0, gid="band")
        for row, (name, found, colour) in enumerate(rows):
            _bearable(drawn, row, name, found, colour, outcome, lang)
        most = max(price.points for _, price, _ in rows if price is not None)
        drawn.set(xlim=(0, 1.08 * max(most, 1e-6)), ylim=(len(rows) - 0.5, -0.5))
        drawn.xaxis.set_major_locator(MaxNLocator(4, min_n_ticks=2))
        drawn.xaxis.set_major_formatter(FuncFormatter(lambda points, _: f"{100 * points:.3g}"))
        value_axis(drawn, text("chart.churn.axis", lang))
        for n, head in enumerate(("points", "accounts", "arr")):
            shown, place = text(f"chart.churn.{head}", lang), (10 + n * _COLUMN, 4.0)
            coords, colour = "axes fraction", theme.MUTED
            write(drawn, shown, (1, 1), place, coords=coords, size=theme.SMALL, color=colour, va="bottom")
        title_and_notes(drawn, frame, _churn_title(outcome, lang), _churn_notes(outcome, lang))
    return drawn


def _detectable(outcome: Outcome) -> ChurnPrice:
    """Return what twelve months of data can detect, in the same terms as a bearable rise."""
    comparison = outcome.comparison
    accounts = float(np.asarray(comparison.plan.physical.demand.projection.segments.accounts).sum())
    points = detectable_churn(comparison.scenario, accounts)
    yearly = min(12 * points, 1.0)
    arr = float(comparison.scenario.number("arr"))
    return ChurnPrice(points, yearly * accounts, yearly * arr, points)


def _bearable(
    ax: Axes, row: int, name: str, found: ChurnPrice | None, colour: str, outcome: Outcome, lang: str
) -> None:
    first, second = (text(f"chart.churn.{name}{part}", lang) for part in ("", "_more"))
    row_text(ax, row, -_CHURN_LEFT, first, second, room=_CHURN_LEFT - 8)
    if found is None:
        shown = text(f"chart.churn.none.{_why_none(outcome)}", lang)
        row_text(ax, row, 8, shown, room=72 * theme.PAGE_WIDTH - 2 * EDGE - _CHURN_LEFT - 3 * _COLUMN - 16)
        told = ["-", "-", "-"]
    else:
        ax.barh(row, found.points, height=0.5, color=colour, linewidth=0, gid=name)
        points = _points(found.points)
        told = [points, number(found.accounts, 1), money(found.arr, lang)]
    for n, shown in enumerate(told):
        row_text(ax, row, 10 + n * _COLUMN, shown, room=_COLUMN - 4, right=True)


def _points(ratio: float) -> str:
    """Return a share in points, small ones with a third decimal."""
    return number(100 * ratio, 2 if ratio >= 0.001 else 3)


def _why_none(outcome: Outcome) -> str:
    if outcome.conclusion == Conclusion.NOTHING:
        return "nothing"
    return "loses" if outcome.npv_unharmed < 0 else "harmless"


def _churn_title(outcome: Outcome, lang: str) -> str:
    price, seen = outcome.churn_price, _detectable(outcome)
    values = {"detectable": _points(seen.points)}
    if price is None:
        return text(f"chart.churn.title.{_why_none(outcome)}", lang, **values)
    values["points"] = _points(price.points)
    return text(f"chart.churn.title.{'seen' if price.is_measurable else 'unseen'}", lang, **values)


def _churn_notes(outcome: Outcome, lang: str) -> str:
    sc = outcome.comparison.scenario
    stated = sc.stated("monthly_churn")
    values = {
        "churn": percent(float(sc.number("monthly_churn")), 2),
        "source": source_told(stated.source, lang),
        "grade": term("grade", stated.grade, lang),
        "accounts": quantity(float(sc.number("accounts")), "account", lang),
        "months": _span(outcome, lang),
    }
    return text("chart.churn.notes", lang, **values)
