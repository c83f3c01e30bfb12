"""Chart of the KPIs that the company's own records give, month by month."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from csanalysis.charts import theme
from csanalysis.charts.frame import EDGE, Frame, themed, title_and_notes, write
from csanalysis.charts.marks import Mark, side_labels
from csanalysis.diagnosis.benchmarks import BenchmarkComparison
from csanalysis.diagnosis.kpis import Kpis
from csanalysis.labels import percent, text

_LOW, _GAP = 96.0, 46.0
KPI_FRAME = Frame(height=140, left=46, right=146, top=62, bottom=64 + _LOW + _GAP)
_NOTHING = Frame(height=20, left=46, right=146, top=40, bottom=30)
_SEGMENT = "all"
_MOST_NAMED = 8


def kpi_history_frame(result: Kpis) -> Frame:
    """Return the frame of `kpi_history`: small where there is nothing to draw."""
    return _NOTHING if result.to_frame().empty else KPI_FRAME


def kpi_history(
    result: Kpis, ax: Axes | None = None, lang: str = "ja", *, benchmarks: BenchmarkComparison | None = None
) -> Axes:
    """Draw monthly churn with its interval, and NRR and GRR over twelve months, for all segments together.

    Parameters
    ----------
    result : Kpis
        From `csanalysis.compute_kpis`; without any month the chart says why it is empty.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}
    benchmarks : BenchmarkComparison, optional
        Gives the lines of the published churn: its mean and its warning line.

    Returns
    -------
    matplotlib.axes.Axes
        Churn a month, in ratios; NRR and GRR are an inset below.
    """
    frame = result.to_frame()
    whole = frame[frame["segment"] == _SEGMENT]
    table = whole.pivot(index="month", columns="metric", values="value").reset_index(drop=True)
    with themed(kpi_history_frame(result), ax) as drawn:
        if table.empty:
            _nothing(drawn, result, lang)
            return drawn
        months = sorted(whole["month"].unique())
        churn = whole[whole["metric"] == "logo_churn"].sort_values("month").reset_index(drop=True)
        marks = [*_churn(drawn, churn, table, lang), *_lines(drawn, benchmarks, lang)]
        top = max([float(churn["high"].max()), *(mark.place for mark in marks), 0.001])
        drawn.set(xlim=(-0.5, len(table) - 0.5), ylim=(0, 1.1 * top))
        room = KPI_FRAME.right - EDGE
        side_labels(drawn, [m for m in marks if math.isfinite(m.place)], KPI_FRAME.height, room)
        _axis(drawn, months, text("chart.kpis.churn", lang))
        inset = drawn.inset_axes((0, -(_LOW + _GAP) / KPI_FRAME.height, 1, _LOW / KPI_FRAME.height))
        _retention(inset, table, lang)
        _axis(inset, months, text("chart.kpis.retention", lang))
        inset.set_xlabel(text("chart.kpis.months", lang))
        title_and_notes(drawn, KPI_FRAME, _title(table, lang), text("chart.kpis.notes", lang))
    return drawn


def _churn(ax: Axes, churn: pd.DataFrame, table: pd.DataFrame, lang: str) -> list[Mark]:
    place = list(range(len(churn)))
    ax.fill_between(place, churn["low"], churn["high"], color=theme.ACCENT_LIGHT, linewidth=0, gid="interval")
    ax.plot(place, churn["value"], "o", markersize=3.5, color=theme.ACCENT, gid="churn")
    mean = table["logo_churn_mean_12m"]
    ax.plot(place, mean, color=theme.ACCENT, linewidth=2, gid="mean")
    now = float(mean.iloc[-1])
    name = text("chart.kpis.mean", lang)
    if math.isfinite(now):
        return [Mark(now, name, percent(now, 2), theme.ACCENT, "─")]
    now = float(churn["value"].iloc[-1])
    return [Mark(now, text("chart.kpis.month", lang), percent(now, 2), theme.ACCENT, "●")]


def _lines(ax: Axes, benchmarks: BenchmarkComparison | None, lang: str) -> list[Mark]:
    """Draw the published churn figures as lines."""
    marks = []
    for row in benchmarks.rows if benchmarks else ():
        if row.metric != "monthly_churn" or row.segment not in ("", "all"):
            continue
        warning = row.statistic == "warning_line"
        colour = theme.INK if warning else theme.MUTED
        ax.axhline(row.benchmark, color=colour, linewidth=1.2, linestyle=(0, (4, 2)), gid="published")
        key = "chart.kpis.warning" if warning else "chart.kpis.published"
        marks.append(Mark(row.benchmark, text(key, lang), percent(row.benchmark, 2), colour, "─"))
    return marks


def _retention(ax: Axes, table: pd.DataFrame, lang: str) -> None:
    marks = []
    for metric, colour in (("nrr_12m", theme.ACCENT), ("grr_12m", theme.CONTEXT)):
        ax.plot(range(len(table)), table[metric], color=colour, linewidth=2, gid=metric)
        now = float(table[metric].iloc[-1])
        if math.isfinite(now):
            marks.append(Mark(now, text(f"chart.kpis.{metric}", lang), percent(now), colour, "─"))
    values = table[["nrr_12m", "grr_12m"]].to_numpy(dtype=float)
    known = values[pd.notna(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    ax.set(xlim=(-0.5, len(table) - 0.5), ylim=(max(0.0, low - 0.08), high + 0.08))
    if marks:
        side_labels(ax, marks, _LOW, KPI_FRAME.right - EDGE)
    else:
        write(ax, text("chart.kpis.no_year", lang), (0.5, 0.5), coords="axes fraction", ha="center")


def _axis(ax: Axes, months: list[pd.Timestamp], label: str) -> None:
    step = math.ceil(len(months) / _MOST_NAMED)
    last = len(months) - 1
    shown = [n for n in range(last, -1, -step)][::-1]
    ax.set_xticks(shown, [f"{months[n]:%Y-%m}" for n in shown])
    ax.yaxis.set_major_locator(MaxNLocator(4, min_n_ticks=2))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda ratio, _: percent(ratio)))
    ax.tick_params(axis="both", length=0, labelsize=theme.SMALL, labelfontfamily=theme.FONT)
    ax.tick_params(axis="x", pad=7)
    ax.tick_params(axis="y", labelcolor=theme.MUTED)
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    place, shift = (0.0, 1.0), (EDGE - KPI_FRAME.left, 5.0)
    write(ax, label, place, shift, coords="axes fraction", size=theme.SMALL, color=theme.MUTED, va="bottom")


def _nothing(ax: Axes, result: Kpis, lang: str) -> None:
    """Say why there is nothing to draw."""
    ax.set_axis_off()
    title_and_notes(ax, _NOTHING, text("chart.kpis.title_nothing", lang), result.sentences(lang)[0])


def _title(table: pd.DataFrame, lang: str) -> str:
    last = table.iloc[-1]
    churn, kept = float(last["logo_churn_mean_12m"]), float(last["nrr_12m"])
    if math.isfinite(churn) and math.isfinite(kept):
        return text("chart.kpis.title", lang, churn=percent(churn, 2), nrr=percent(kept))
    return text("chart.kpis.title_short", lang, months=len(table))
