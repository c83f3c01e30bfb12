"""Charts of account health: how scores spread, and whether they would have told who leaves."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator

from csanalysis.accounts.health import Health
from csanalysis.accounts.health_few import few_bands
from csanalysis.accounts.health_score import AT_RISK, BANDS, HEALTHY
from csanalysis.charts import theme
from csanalysis.charts.frame import EDGE, Frame, capital, row_text, themed, title_and_notes, value_axis, write
from csanalysis.labels import number, percent, term, text, trimmed
from csanalysis.model.disclosure import LEAST, withheld

_SCORES = Frame(height=130, left=46, right=EDGE + 8, top=62, bottom=64)
_NAME, _ROW = 190.0, 30.0
_NOTHING = Frame(height=20, left=46, right=46, top=40, bottom=30)
_PALE = 0.35
COLOURS = {"at_risk": "#D55E00", "watch": "#DE8F05", "healthy": theme.ACCENT}


def health_frame(result: Health) -> Frame:
    """Return the frame of `health_scores`: small where there is nothing to draw."""
    return _SCORES if len(result.accounts) else _NOTHING


def health_scores(result: Health, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw how many accounts have which health, in steps of five points.

    Parameters
    ----------
    result : Health
        From `csanalysis.score_health`.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}
    """
    frame = health_frame(result)
    with themed(frame, ax) as drawn:
        if not len(result.accounts):
            drawn.set_axis_off()
            title_and_notes(drawn, frame, text("chart.health.nothing", lang), result.sentences(lang)[0])
            return drawn
        known = result.accounts.dropna(subset=["health"])
        few, covers = few_bands(result.accounts), False
        steps = np.arange(0, 101, 5)
        most = 1
        for band in BANDS:
            own = known.loc[known["band"] == band, "health"]
            count, _ = np.histogram(own, steps)
            pale = np.array(withheld(count)) | (few[band] & (count > 0))
            heights = np.where(pale, LEAST - 1, count)
            most = max(most, int(heights.max()))
            bars = drawn.bar(steps[:-1] + 2.5, heights, width=4.6, color=COLOURS[band], gid=band)
            for bar, cover in zip(bars, pale, strict=True):
                bar.set(alpha=_PALE if cover else 1.0, gid=f"{band} withheld" if cover else band)
            covers |= bool(pale.any())
        drawn.set(xlim=(0, 100), ylim=(0, 1.3 * most))
        for band, at in zip(BANDS, (AT_RISK / 2, (AT_RISK + HEALTHY) / 2, (HEALTHY + 100) / 2), strict=True):
            inside = number((known["band"] == band).sum())
            key = "chart.health.band_withheld" if few[band] else "chart.health.band"
            told = text(key, lang, band=term("health_band", band, lang), n=inside)
            place = (at, 1.0)
            coords = ("data", "axes fraction")
            write(drawn, told, place, (0, -4), coords=coords, color=COLOURS[band], ha="center", va="top")
        drawn.xaxis.set_major_locator(MultipleLocator(25))
        drawn.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        drawn.tick_params(axis="both", length=0, labelsize=theme.SMALL, labelfontfamily=theme.FONT)
        drawn.grid(axis="y")
        drawn.set_axisbelow(True)
        drawn.spines["left"].set_visible(False)
        drawn.set_xlabel(text("chart.health.score", lang))
        notes = _score_notes(result, lang)
        if covers:
            notes = f"{notes} {text('chart.health.notes_withheld', lang)}"
        title_and_notes(drawn, frame, _score_title(result, lang), notes)
    return drawn


def backtest_frame(result: Health) -> Frame:
    """Return the frame of `health_backtest`."""
    if result.backtest is None:
        return _NOTHING
    rows = len(result.backtest.judgements)
    return Frame(_ROW * rows, EDGE + _NAME, 96, top=62, bottom=78)


def health_backtest(result: Health, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the AUC of every way of telling who leaves, with its interval, on months not used for fitting.

    Parameters
    ----------
    result : Health
        From `csanalysis.score_health`; without a back-test the chart says so.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}
    """
    frame = backtest_frame(result)
    with themed(frame, ax) as drawn:
        tested = result.backtest
        if tested is None:
            drawn.set_axis_off()
            notes = text("health.no_backtest", lang) if len(result.accounts) else result.sentences(lang)[0]
            title_and_notes(drawn, frame, text("chart.health.untested", lang), notes)
            return drawn
        for row, judged in enumerate(tested.judgements):
            rule = judged.name in ("rule", "renewal")
            colour = theme.CONTEXT if rule else theme.ACCENT
            drawn.plot(
                [judged.auc_low, judged.auc_high], [row] * 2, color=colour, linewidth=4, gid="interval"
            )
            drawn.plot([judged.auc], [row], "o", markersize=7, color=colour, gid="auc")
            name = capital(text(f"health.way.{judged.name}", lang))
            row_text(drawn, row, EDGE - frame.left, name, room=_NAME - 8)
            told = text("chart.health.lift", lang, auc=trimmed(judged.auc, 2), lift=trimmed(judged.lift, 1))
            row_text(drawn, row, 8, told, room=frame.right - EDGE - 8, right=True)
        drawn.axvline(0.5, color=theme.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="chance")
        least = min(0.45, *(j.auc_low for j in tested.judgements))
        drawn.set(xlim=(least, 1.0), ylim=(len(tested.judgements) - 0.5, -0.5))
        value_axis(drawn, text("chart.health.auc", lang))
        drawn.tick_params(labelfontfamily=theme.FONT)
        title_and_notes(drawn, frame, _tested_title(result, lang), _tested_notes(result, lang))
    return drawn


def _score_title(result: Health, lang: str) -> str:
    risk = result.accounts[result.accounts["band"] == "at_risk"]
    if few_bands(result.accounts)["at_risk"]:
        return text("chart.health.title_withheld", lang, all=number(len(result.accounts)))
    whole = float(result.accounts["mrr"].sum())
    share = percent(float(risk["mrr"].sum()) / whole) if whole else "-"
    return text(
        "chart.health.title", lang, n=number(len(risk)), all=number(len(result.accounts)), share=share
    )


def _score_notes(result: Health, lang: str) -> str:
    month = str(np.datetime64(result.month, "M"))
    return text("chart.health.notes", lang, month=month, risk=number(AT_RISK), healthy=number(HEALTHY))


def _tested_title(result: Health, lang: str) -> str:
    if result.synthetic:
        return text("chart.health.title_circular", lang)
    assert result.backtest is not None
    own = next(
        j for j in result.backtest.judgements if j.name == ("fitted" if result.fitted else "parameters")
    )
    return text("chart.health.title_tested", lang, auc=trimmed(own.auc, 2))


def _tested_notes(result: Health, lang: str) -> str:
    tested = result.backtest
    assert tested is not None
    first, last = (str(np.datetime64(m, "M")) for m in (tested.judged_first, tested.judged_last))
    cases, losses = number(tested.judged_cases), number(tested.judged_losses)
    return text("chart.health.notes_tested", lang, first=first, last=last, cases=cases, losses=losses)
