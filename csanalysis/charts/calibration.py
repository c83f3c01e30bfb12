"""Charts of calibration: minutes as planned and as recorded, and the plan of a year ago."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from csanalysis.accounts.calibration import Calibration
from csanalysis.charts import theme
from csanalysis.charts.frame import EDGE, Frame, row_text, shorten, themed, title_and_notes, value_axis
from csanalysis.charts.marks import Mark, side_labels
from csanalysis.labels import number, percent, text, trimmed
from csanalysis.model.dataset import Dataset

SHOWN = 12
_NAME, _ROW, _VALUE = 210.0, 20.0, 104.0
_NOTHING = Frame(height=20, left=46, right=46, top=40, bottom=30)
_YEAR = Frame(height=140, left=46, right=130, top=62, bottom=66)


def calibration_frame(result: Calibration) -> Frame:
    """Return the frame of `calibrated_minutes`."""
    rows = len(_largest(result.tasks))
    return Frame(_ROW * rows, EDGE + _NAME, _VALUE, top=62, bottom=66) if rows else _NOTHING


def calibrated_minutes(result: Calibration, ds: Dataset, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw recorded and calibrated minutes against the inventory, for the tasks where it matters most.

    Parameters
    ----------
    result : Calibration
        From `csanalysis.calibrate`.
    ds : Dataset
        Names the tasks.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}
    """
    frame = calibration_frame(result)
    rows = _largest(result.tasks)
    with themed(frame, ax) as drawn:
        if rows.empty:
            drawn.set_axis_off()
            title_and_notes(drawn, frame, text("chart.calibration.nothing", lang), result.sentences(lang)[0])
            return drawn
        inventory = ds.tables["task_inventory"].set_index("task_id")
        other = "en" if lang == "ja" else "ja"
        for place, row in enumerate(rows.to_dict("records")):
            plan = float(row["minutes_plan"])
            low, high, mid, raw = (
                float(row[f"minutes{c}"]) / plan for c in ("_low", "_high", "", "_recorded")
            )
            drawn.plot([low, high], [place] * 2, color=theme.ACCENT_LIGHT, linewidth=7, gid="interval")
            drawn.plot(
                [raw], [place], "o", markersize=5, markerfacecolor="white", color=theme.CONTEXT, gid="raw"
            )
            drawn.plot([mid], [place], "o", markersize=6, color=theme.ACCENT, gid="calibrated")
            task = inventory.loc[row["task_id"]]
            name = shorten(str(task[f"name_{lang}"] or task[f"name_{other}"]), _NAME - 10, theme.NORMAL)
            row_text(drawn, place, EDGE - frame.left, name, room=_NAME - 8)
            told = text(
                "chart.calibration.minutes",
                lang,
                plan=trimmed(plan, 1),
                minutes=trimmed(float(row["minutes"]), 1),
            )
            row_text(drawn, place, 8, told, room=_VALUE - EDGE - 8, right=True)
        drawn.axvline(1.0, color=theme.INK, linewidth=1.0, linestyle=(0, (4, 2)), gid="plan")
        ends = rows[["minutes_low", "minutes_high", "minutes_recorded"]].div(rows["minutes_plan"], axis=0)
        low, high = min(0.9, float(ends.min().min())), max(1.1, float(ends.max().max()))
        drawn.set(xlim=(low - 0.05, high + 0.05), ylim=(len(rows) - 0.5, -0.5))
        drawn.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _: percent(ratio, 0)))
        drawn.xaxis.set_major_locator(MaxNLocator(5))
        value_axis(drawn, text("chart.calibration.ratio", lang))
        drawn.tick_params(labelfontfamily=theme.FONT)
        title_and_notes(drawn, frame, _title(result, lang), text("chart.calibration.notes", lang))
    return drawn


def year_ago_frame(result: Calibration) -> Frame:
    """Return the frame of `plan_a_year_ago`."""
    return _YEAR if result.year_ago is not None else _NOTHING


def plan_a_year_ago(result: Calibration, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw the hours a plan made a year ago would have said, beside the hours spent since.

    Parameters
    ----------
    result : Calibration
        From `csanalysis.calibrate`; without two years of records the chart says so.
    ax : Axes, optional
        Where to draw; default a new figure.
    lang : {"ja", "en"}
    """
    frame, past = year_ago_frame(result), result.year_ago
    with themed(frame, ax) as drawn:
        if past is None:
            drawn.set_axis_off()
            notes = text("calibration.no_year_ago", lang)
            title_and_notes(drawn, frame, text("chart.calibration.no_year", lang), notes)
            return drawn
        months = past.months
        place = np.arange(len(months))
        marks = []
        for name, colour in (("plan", theme.CONTEXT), ("actual", theme.ACCENT)):
            hours = months[f"hours_{name}"].to_numpy(float)
            drawn.plot(place, hours, color=colour, linewidth=2, gid=name)
            told = text("chart.calibration.hours", lang, hours=number(hours[-1]))
            marks.append(Mark(float(hours[-1]), text(f"chart.calibration.{name}", lang), told, colour, "─"))
        top = float(months[["hours_plan", "hours_actual"]].max().max())
        drawn.set(xlim=(-0.5, len(months) - 0.5), ylim=(0, 1.15 * top))
        side_labels(drawn, marks, frame.height, frame.right - EDGE)
        shown = place[::3]
        drawn.set_xticks(shown, [str(np.datetime64(int(months["month"].iloc[n]), "M")) for n in shown])
        drawn.yaxis.set_major_locator(MaxNLocator(4))
        drawn.tick_params(axis="both", length=0, labelsize=theme.SMALL, labelfontfamily=theme.FONT)
        drawn.grid(axis="y")
        drawn.set_axisbelow(True)
        drawn.spines["left"].set_visible(False)
        off = f"+{percent(past.error)}" if past.error > 0 else percent(past.error)
        month = str(np.datetime64(past.as_of, "M"))
        title = text("chart.calibration.title_year", lang, month=month, off=off)
        notes = text("chart.calibration.notes_year", lang, n=number(past.tasks))
        title_and_notes(drawn, frame, title, notes)
    return drawn


def _largest(tasks: pd.DataFrame) -> pd.DataFrame:
    """Return the tasks with the most hours between inventory and calibration."""
    known = tasks[tasks["minutes"].notna() & (tasks["minutes_plan"] > 0)]
    effect = (known["minutes"] / known["minutes_plan"] - 1).abs().astype(float) * known["hours_plan"].fillna(
        known["hours"] / known["months"]
    ).astype(float)
    return known.loc[effect.sort_values(ascending=False).index[:SHOWN]]


def _title(result: Calibration, lang: str) -> str:
    known = result.tasks.dropna(subset=["hours_plan", "hours_actual"])
    plan, actual = float(known["hours_plan"].sum()), float(known["hours_actual"].sum())
    if not plan:
        return text("chart.calibration.title_plain", lang)
    off = actual / plan - 1
    told = f"+{percent(off)}" if off > 0 else percent(off)
    return text("chart.calibration.title", lang, plan=number(plan), actual=number(actual), off=told)
