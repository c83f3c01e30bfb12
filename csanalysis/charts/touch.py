"""Chart of touch tiers."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

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
from csanalysis.costing.touch import TouchPlan
from csanalysis.costing.touch_tiers import TOTAL, Tier, few_tiers, told_total
from csanalysis.labels import money, number, percent, quantity, term, text
from csanalysis.model.disclosure import noted

_NAME, _SHARE, _GAP, _ROW = 116.0, 84.0, 14.0, 37.0
_WIDTH = 72 * theme.PAGE_WIDTH
_INNER = _WIDTH - 2 * EDGE - _NAME - 2 * (_SHARE + _GAP)
_TASKS = "#D55E00"
PALE = "#9CC7E3"
"""Bars of a division that is none: all accounts placed by their average."""


def touch_frame(result: TouchPlan, lang: str = "ja") -> Frame:
    """Return the frame of `touch_tiers`: as high as the lines of title and notes need."""
    left = EDGE + _NAME + 2 * (_SHARE + _GAP)
    rows = len(result.tiers) + 2
    return Frame(
        _ROW * rows,
        left,
        EDGE,
        top=36 + text_height(_touch_title(result, lang), theme.TITLE),
        bottom=46 + text_height(_touch_notes(result, lang), theme.SMALL),
    )


def touch_tiers(result: TouchPlan, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw accounts, share of ARR and FTE of each touch tier, and their sum beside the team of today.

    Parameters
    ----------
    result : TouchPlan
        From `csanalysis.plan_touch`. Bars are pale where no division can be decided.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}

    Returns
    -------
    matplotlib.axes.Axes
        Horizontal axis in FTE; accounts and ARR are insets on its left, in shares of all.
    """
    frame = touch_frame(result, lang)
    colour = theme.ACCENT if result.decided else PALE
    total = told_total(result.tiers, result.total)
    tiers = (*result.tiers, total)
    last = len(result.tiers)
    few = (few_tiers(result.tiers),) * last + (False,)
    with themed(frame, ax) as drawn:
        for row, (tier, hidden) in enumerate(zip(tiers, few, strict=True)):
            _name(drawn, row, tier, hidden, frame, lang)
            if not hidden:
                _fte(drawn, row, tier, theme.CONTEXT if row == last else colour, lang)
        drawn.plot(
            [result.current_fte] * 2, [last - 0.06, last + 0.4], color=theme.INK, linewidth=2, gid="today"
        )
        drawn.plot(
            [result.task_fte], [last + 0.17], "D", markersize=5, color=_TASKS, gid="tasks", clip_on=False
        )
        tops = [result.current_fte, result.task_fte, total.fte, total.fte_high]
        most = max(0.1, *(top for top in tops if math.isfinite(top)))
        drawn.set(xlim=(0, 1.05 * most), ylim=(len(tiers) + 0.5, -0.5))
        _fte_axis(drawn, most, lang)
        _team_key(drawn, result, lang)
        for at, measure in enumerate(("accounts", "arr")):
            _shares(drawn, at, measure, tiers, few, frame, colour, lang)
        title_and_notes(drawn, frame, _touch_title(result, lang), _touch_notes(result, lang))
    return drawn


def text_height(shown: str, size: float) -> float:
    """Return the height of text wrapped over the whole width, in points."""
    return 1.3 * size * len(wrap(shown, _WIDTH - 2 * EDGE, size).split("\n"))


def _name(ax: Axes, row: int, tier: Tier, hidden: bool, frame: Frame, lang: str) -> None:
    name = text("touch.total", lang) if tier.touch == TOTAL else term("touch", tier.touch, lang)
    told = {"cost": money(tier.monthly_cost, lang), "ratio": _percent(tier.cost_ratio)}
    key = "chart.touch.cost" if tier.accounts > 0 else "chart.touch.none"
    under = text("disclosure.cell", lang) if hidden else text(key, lang, **told)
    row_text(ax, row, EDGE - frame.left, capital(name), under, room=_NAME - 8)


def _percent(ratio: float) -> str:
    return percent(ratio) if math.isfinite(ratio) else "-"


def _fte(ax: Axes, row: int, tier: Tier, colour: str, lang: str) -> None:
    ax.barh(row + 0.17, tier.fte, height=0.34, color=colour, gid="fte")
    value = quantity(float(f"{tier.fte:.3g}"), "FTE", lang)
    if tier.accounts > 0 and math.isfinite(tier.fte_low) and math.isfinite(tier.fte_high):
        ends = [tier.fte_low, tier.fte_high]
        ax.plot(ends, [row + 0.17] * 2, color=theme.INK, linewidth=1.2, marker="|", markersize=8, gid="range")
        value += _range(tier, lang)
    row_text(ax, row - 0.22, 0, value, room=_INNER)


def _range(tier: Tier, lang: str) -> str:
    if not (math.isfinite(tier.fte_low) and math.isfinite(tier.fte_high)):
        return ""
    return text("chart.touch.range", lang, low=number(tier.fte_low, 1), high=number(tier.fte_high, 1))


def _fte_axis(ax: Axes, most: float, lang: str) -> None:
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(4, min_n_ticks=2))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.4g}" if most < 1e4 else number(x)))
    ax.tick_params(axis="x", length=0)
    ax.set_xlabel(text("chart.touch.fte", lang))
    _head(ax, text("chart.touch.needed", lang))


def _team_key(ax: Axes, result: TouchPlan, lang: str) -> None:
    """Name the two marks of the last row below it."""
    row = len(result.tiers) + 1
    today = quantity(float(f"{result.current_fte:.3g}"), "FTE", lang)
    needed = quantity(float(f"{result.task_fte:.3g}"), "FTE", lang)
    row_text(ax, row - 0.3, 0, text("chart.touch.today", lang, fte=today), room=_INNER)
    shown = text("chart.touch.tasks", lang, fte=needed)
    row_text(ax, row + 0.08, 0, shown, room=_INNER, color=_TASKS)


def _shares(
    ax: Axes,
    at: int,
    measure: str,
    tiers: tuple[Tier, ...],
    few: tuple[bool, ...],
    frame: Frame,
    colour: str,
    lang: str,
) -> None:
    """Draw a column of shares: accounts or ARR, with the figure above each bar."""
    inner = frame.width - frame.left - frame.right
    left = EDGE + _NAME + at * (_SHARE + _GAP) - frame.left
    inset = ax.inset_axes((left / inner, 0, _SHARE / inner, 1))
    inset.set(xlim=(0, 1), ylim=ax.get_ylim())
    inset.set_axis_off()
    for row, tier in enumerate(tiers):
        if few[row]:
            continue
        share = float(getattr(tier, f"{measure}_share"))
        whole = tier.touch == TOTAL
        told = number(tier.accounts) if measure == "accounts" else money(tier.arr, lang)
        shown = told if whole else text("chart.touch.share", lang, value=told, share=percent(share, 0))
        row_text(inset, row - 0.22, 0, shown, room=_SHARE)
        if not whole:
            inset.barh(row + 0.17, 1, height=0.34, color=theme.GRID)
            inset.barh(row + 0.17, share, height=0.34, color=colour, gid=measure)
    _head(inset, text(f"chart.touch.{measure}", lang))


def _head(ax: Axes, shown: str) -> None:
    write(ax, shown, (0, 1), (0, 4), coords="axes fraction", size=theme.SMALL, color=theme.MUTED, va="bottom")


def _touch_title(result: TouchPlan, lang: str) -> str:
    whole = told_total(result.tiers, result.total)
    total = quantity(float(f"{whole.fte:.3g}"), "FTE", lang)
    today = quantity(float(f"{result.current_fte:.3g}"), "FTE", lang)
    if not result.decided:
        value = money(float(result.book.yearly[0]), lang)
        return text("chart.touch.title_average", lang, value=value)
    values = {"total": total, "range": _range(whole, lang), "today": today}
    return text("chart.touch.title", lang, **values)


def _touch_notes(result: TouchPlan, lang: str) -> str:
    used = [tier for tier in result.tiers if tier.accounts > 0]
    rates = [
        text(
            "chart.touch.per_csm",
            lang,
            tier=term("touch", tier.touch, lang),
            count=quantity(tier.accounts_per_csm, "account", lang),
            source=tier.source.removeprefix(f"{tier.coverage_grade}: "),
            grade=term("grade", tier.coverage_grade, lang),
        )
        for tier in used
    ]
    basis = text(f"chart.touch.basis.{result.basis}", lang)
    notes = text("chart.touch.notes", lang, basis=basis, rates=text("chart.touch.and", lang).join(rates))
    return noted(notes, [few_tiers(result.tiers)], lang)
