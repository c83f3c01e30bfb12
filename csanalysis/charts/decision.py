"""Chart of what to do with each task group, and what an hour of it saves."""

from __future__ import annotations

import math
from collections import Counter

from matplotlib.axes import Axes

from csanalysis.charts import theme
from csanalysis.charts.frame import (
    EDGE,
    Frame,
    capital,
    row_text,
    shorten,
    themed,
    title_and_notes,
    value_axis,
    write,
)
from csanalysis.charts.resources import money_across, names_of, room_for
from csanalysis.costing.outcome import Outcome
from csanalysis.costing.rates import rates_of
from csanalysis.costing.verdicts import GroupVerdict
from csanalysis.labels import interval, money, number, term, text
from csanalysis.vocabulary import Verdict

VERDICT_COLOURS = {
    Verdict.HAND_OVER: theme.ACCENT,
    Verdict.PILOT: "#4A9CC9",
    Verdict.WAIT: theme.MUTED,
    Verdict.KEEP: theme.INK,
}
"""What is done with a task group, told apart without red against green."""

_NAME, _VERDICT, _GIVEN_RIGHT, _GIVEN, _KEPT, _BETWEEN, _HOURS = 146.0, 50.0, 118.0, 27.0, 13.5, 52.0, 44.0


def verdicts_frame(outcome: Outcome, lang: str = "ja") -> Frame:
    """Return the frame of `verdicts`: a row a task group, title and notes as high as they need."""
    given, kept = _split(outcome)
    below = _BETWEEN + _KEPT * len(kept) if kept else 32.0
    return Frame(
        _GIVEN * max(len(given), 1),
        EDGE + _NAME + _VERDICT,
        _GIVEN_RIGHT,
        top=44 + room_for(_verdict_title(outcome, lang), theme.TITLE),
        bottom=16 + below + room_for(text("chart.verdicts.notes", lang), theme.SMALL),
    )


def verdicts(outcome: Outcome, ax: Axes | None = None, lang: str = "ja") -> Axes:
    """Draw what an hour of each task group saves, with its range, and list the groups that stay.

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
        Horizontal axis in JPY saved per task hour, of the groups given outside; the groups that stay are
        listed in an inset below, each with its reason in short.

    Examples
    --------
    >>> import csanalysis as cs
    >>> from matplotlib.figure import Figure
    >>> ds = cs.load_dataset("data")
    >>> plan = cs.playbook_assignment(ds, ds.base)
    >>> outcome = cs.evaluate_outcome(ds, ds.base, plan)
    >>> verdicts(outcome, Figure().subplots(), "en").get_xlabel()
    'JPY saved per task hour (left of zero: dearer than in-house)'
    """
    frame = verdicts_frame(outcome, lang)
    given, kept = _split(outcome)
    names = names_of(rates_of(outcome.comparison.scenario), lang)
    with themed(frame, ax) as drawn:
        for row, verdict in enumerate(given):
            _given(drawn, row, verdict, names[verdict.resource_id], frame, lang)
        if not given:
            drawn.set_xticks([])
            shown, place = text("chart.outcome.nothing", lang), (0.5, 0.5)
            write(drawn, shown, place, coords="axes fraction", color=theme.MUTED, ha="center")
        ends = [0.0, *(end for v in given for end in v.saving if math.isfinite(end))]
        span = max(max(ends) - min(ends), 1.0)
        drawn.set(xlim=(min(ends) - 0.06 * span, max(ends) + 0.06 * span))
        drawn.set_ylim(max(len(given), 1) - 0.5, -0.5)
        if given:
            drawn.axvline(0, color=theme.INK, linewidth=1, zorder=0, gid="zero")
            money_across(drawn, frame.width - frame.left - frame.right, lang)
        value_axis(drawn, text("chart.verdicts.axis", lang))
        _verdict_heads(drawn, frame, lang)
        if kept:
            _kept_list(drawn, kept, frame, lang)
        title_and_notes(drawn, frame, _verdict_title(outcome, lang), text("chart.verdicts.notes", lang))
    return drawn


def _split(outcome: Outcome) -> tuple[list[GroupVerdict], list[GroupVerdict]]:
    """Return the groups given outside, and those that stay (without hours: left out)."""
    given = [v for v in outcome.verdicts if v.resource_id]
    return given, [v for v in outcome.verdicts if not v.resource_id and v.hours > 0]


def _given(ax: Axes, row: int, verdict: GroupVerdict, by: str, frame: Frame, lang: str) -> None:
    default, cautious, hopeful = verdict.saving
    colour = VERDICT_COLOURS[verdict.verdict]
    ax.plot(
        [cautious, hopeful], [row] * 2, color=theme.INK, linewidth=1.2, marker="|", markersize=9, gid="range"
    )
    ax.plot([default], [row], "o", markersize=8, color=colour, markeredgecolor="white", gid="default")
    name = capital(term("task_group", verdict.task_group, lang))
    by = shorten(by, 0.6 * _NAME, theme.SMALL)
    hours = {"by": by, "given": number(verdict.given, 1), "hours": number(verdict.hours, 1)}
    told = text("chart.verdicts.given", lang, **hours)
    row_text(ax, row, EDGE - frame.left, name, told, room=_NAME - 8)
    row_text(ax, row, -_VERDICT, text(f"verdict.{verdict.verdict}", lang), room=_VERDICT - 8, color=colour)
    ends = interval(cautious, hopeful, "JPY", lang)
    room = frame.right - EDGE - 12
    row_text(ax, row, 12, money(default, lang), text("chart.range", lang, ends=ends), room=room, right=True)


def _verdict_heads(ax: Axes, frame: Frame, lang: str) -> None:
    heads = ((0, EDGE - frame.left, "group"), (0, -_VERDICT, "verdict"), (1, 12.0, "saved"))
    for side, offset, head in heads:
        _head(ax, (side, 1), (offset, 5), text(f"chart.verdicts.{head}", lang))


def _head(ax: Axes, place: tuple[float, float], offset: tuple[float, float], shown: str) -> None:
    colour = theme.MUTED
    write(ax, shown, place, offset, coords="axes fraction", size=theme.SMALL, color=colour, va="bottom")


def _kept_list(ax: Axes, kept: list[GroupVerdict], frame: Frame, lang: str) -> None:
    """List the groups that stay below the axis: name, verdict, hours, reason in short."""
    height = _KEPT * len(kept)
    inset = ax.inset_axes((0, -(_BETWEEN + height) / frame.height, 1, height / frame.height))
    inset.set(xlim=(0, 1), ylim=(len(kept) - 0.5, -0.5))
    inset.set_axis_off()
    _head(inset, (0, 1), (EDGE - frame.left, 3), text("chart.verdicts.stay", lang))
    _head(inset, (0, 1), (4, 3), text("chart.verdicts.hours", lang))
    _head(inset, (0, 1), (4 + _HOURS, 3), text("chart.verdicts.reason", lang))
    room = frame.width - frame.left - EDGE - 4 - _HOURS
    for row, verdict in enumerate(kept):
        name = capital(term("task_group", verdict.task_group, lang))
        row_text(inset, row, EDGE - frame.left, name, room=_NAME - 8)
        shown, colour = text(f"verdict.{verdict.verdict}", lang), VERDICT_COLOURS[verdict.verdict]
        row_text(inset, row, -_VERDICT, shown, room=_VERDICT - 8, color=colour)
        row_text(inset, row, 4, number(verdict.hours, 1), room=_HOURS - 6)
        why = shorten(reason_in_short(verdict, lang), room, theme.NORMAL)
        row_text(inset, row, 4 + _HOURS, why, room=room, color=theme.MUTED)


def reason_in_short(verdict: GroupVerdict, lang: str) -> str:
    """Return why a group stays, in a few words."""
    shown = {k: v(lang) if callable(v) else v for k, v in verdict.reason.values.items()}
    return text(f"chart.{verdict.reason.key}", lang, **shown)


def _verdict_title(outcome: Outcome, lang: str) -> str:
    given, kept = _split(outcome)
    counts = Counter(v.verdict for v in (*given, *kept))
    values = {str(verdict): number(counts[verdict]) for verdict in Verdict}
    return text("chart.verdicts.title", lang, groups=number(len(given) + len(kept)), **values)
