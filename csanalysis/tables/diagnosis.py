"""Tables of the diagnosis: plays, checks of the phase, sizing methods side by side, published figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from csanalysis.diagnosis.benchmarks import BenchmarkComparison
from csanalysis.diagnosis.phase import PhaseDiagnosis
from csanalysis.diagnosis.phase_fit import PhaseCheck
from csanalysis.diagnosis.quadrant import QuadrantMap
from csanalysis.diagnosis.reconcile import UNITS, Reconciliation
from csanalysis.labels import has, interval, number, quantity, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.tables.html import Column, Html, render
from csanalysis.vocabulary import Phase, Play, Quadrant, ResourceKind

_ORDER = (Play.HAND_OVER, Play.SELL, Play.PREPARE, Play.KEEP)


def cells(result: QuadrantMap, lang: str = "ja") -> Html:
    """Return the 16 cells: in the source, derived, or not in the source; the company's cell marked."""
    known = {(r["quadrant"], r["phase"]): r for r in result.cells.to_dict("records")}

    def told(quadrant: Quadrant, phase: Phase) -> str:
        cell = known[(str(quadrant), str(phase))]
        shown = text(f"table.cell.{cell['basis']}", lang, count=cell["from_source"], plays=cell["plays"])
        own = (quadrant, phase) == (result.quadrant, result.phase)
        return text("table.own", lang, what=shown) if own else shown

    columns = [Column("quadrant", [term("quadrant", q, lang) for q in Quadrant])]
    columns += [Column(f"phase.{p}", [told(q, p) for q in Quadrant]) for p in Phase]
    return render(columns, lang, text("caption.cells", lang))


def plays(result: QuadrantMap, lang: str = "ja", *, following: bool = False) -> Html:
    """Return the plays of the company's quadrant in today's phase, with hours, basis and conflicts.

    Parameters
    ----------
    result : QuadrantMap
        From `csanalysis.map_quadrant`.
    lang : {"ja", "en"}
    following : bool
        Show the plays of the next phase that differ from those of today instead.
    """
    frame = result.to_frame(lang)
    rows = _ordered(frame[frame["current"]].to_dict("records"))
    caption = text("caption.plays", lang, phase=term("phase", result.phase, lang))
    if following:
        order = list(Phase)
        after = order[order.index(result.phase) + 1 :][:1]
        today = {(r["task_group"], r["play"], r["kind"]) for r in rows}
        later = frame[frame["phase"].isin([str(p) for p in after])].to_dict("records")
        rows = _ordered([r for r in later if (r["task_group"], r["play"], r["kind"]) not in today])
        named = term("phase", after[0], lang) if after else "-"
        caption = text("caption.next_plays", lang, phase=named)
    columns = [
        Column("task_group", [term("task_group", r["task_group"], lang) for r in rows]),
        Column("play", [_play(r["play"], r["kind"], lang) for r in rows]),
        Column("hours", [number(r["hours"], 1) for r in rows], True),
        Column("basis", [_basis(r["basis"], r["source"], lang) for r in rows]),
        Column("text", [r["text"] for r in rows]),
        Column("conflict", [_conflict(f"task_group.{r['task_group']}", lang) for r in rows]),
    ]
    return render(columns, lang, caption)


def _ordered(rows: list[dict[Any, Any]]) -> list[dict[Any, Any]]:
    """Return plays by what is done, the largest first."""
    return sorted(rows, key=lambda r: (_ORDER.index(Play(r["play"])), -r["hours"]))


def _play(play: str, kind: str, lang: str) -> str:
    """Return what is done, and with whom where work goes out."""
    shown = term("play", play, lang)
    if kind == ResourceKind.CSM:
        return shown
    return text("table.play_to", lang, play=shown, kind=term("kind", kind, lang))


def _basis(basis: str, source: str, lang: str) -> str:
    shown = term("basis", basis, lang)
    return shown if basis == "not_in_source" else text("table.by_source", lang, what=shown, source=source)


def _conflict(key: str, lang: str) -> str:
    return text(f"conflict.{key}", lang) if has(f"conflict.{key}") else ""


def checks(result: PhaseDiagnosis, lang: str = "ja") -> Html:
    """Return the figures that fit or contradict the phase of today, then those of the next one."""
    found: Sequence[PhaseCheck] = (*result.checks, *result.next_checks)
    columns = [
        Column("phase", [_phase(c, result, lang) for c in found]),
        Column("figure", [term("metric", c.figure, lang) for c in found]),
        Column("value", [quantity(c.value, c.unit, lang) for c in found], True),
        Column("guide", [_guide(c, lang) for c in found], True),
        Column("fits", [text(f"check.{_state(c)}", lang) for c in found]),
        Column("source", [text(c.source, lang) if has(c.source) else c.source for c in found]),
        Column("grade", [term("grade", c.grade, lang) for c in found]),
    ]
    return render(columns, lang, text("caption.checks", lang))


def _phase(check: PhaseCheck, result: PhaseDiagnosis, lang: str) -> str:
    name = term("phase", check.phase, lang)
    key = "table.current" if check.phase == result.phase else "table.next"
    return text(key, lang, phase=name)


def _guide(check: PhaseCheck, lang: str) -> str:
    if not math.isfinite(check.limit):
        return "-"
    key = "check.at_most" if check.at_most else "check.at_least"
    return text(key, lang, limit=quantity(check.limit, check.unit, lang))


def _state(check: PhaseCheck) -> str:
    return "unknown" if check.fits is None else "fits" if check.fits else "contradicts"


def reconciliation(result: Reconciliation, lang: str = "ja") -> Html:
    """Return what each team size implies for the other methods, above the assumptions as they stand."""
    rows = result.frame.to_dict("records")
    names = [text(f"sizing.method.{r['method']}", lang) for r in rows]
    columns = [
        Column("method", [*names, text("table.assumed", lang)]),
        Column("fte", [*(number(r["fte"], 2) for r in rows), ""], True),
    ]
    for name, unit in UNITS.items():
        values = [*(float(r[name]) for r in rows), result.assumed[name]]
        base = unit.split("/")[0]
        columns.append(Column(f"implied.{name}", [quantity(value, base, lang) for value in values], True))
    return render(columns, lang, text("caption.reconciliation", lang))


def ledger(ds: Dataset, lang: str = "ja") -> Html:
    """Return every published figure of the workspace with what was measured, firms asked and evidence."""
    rows = ds.tables["benchmarks"].to_dict("records")
    notes = [_conflict(r["metric"], lang) or _own(r, "note", lang) for r in rows]
    columns = [
        Column("metric", [_named(r["metric"], r["segment"], r["statistic"], lang) for r in rows]),
        Column("benchmark", [_published(r, lang) for r in rows], True),
        Column("definition", [_own(r, "definition", lang) for r in rows]),
        Column("n", [number(r["n"]) if math.isfinite(r["n"]) else "" for r in rows], True),
        Column("source", [_source(r) for r in rows]),
        Column("grade", [term("grade", r["grade"], lang) for r in rows]),
        Column("caution", _once(notes)),
    ]
    return render(columns, lang, text("caption.ledger", lang))


def _named(metric: str, segment: str, statistic: str, lang: str) -> str:
    """Return a metric with whom and what the figure speaks of."""
    about = [term("statistic", statistic, lang)]
    if segment not in ("", "all"):
        about.insert(0, term("segment", segment, lang))
    what = text("table.comma", lang).join(about)
    return term("metric", metric, lang) + text("chart.in_brackets", lang, what=what)


def _published(record: dict[Any, Any], lang: str) -> str:
    """Return a published figure with its range; what it is per is said by the metric."""
    ends = interval(record["low"], record["high"], record["unit"], lang)
    shown = quantity(record["value"], record["unit"].split("/")[0], lang)
    return text("table.with_range", lang, value=shown, ends=ends) if ends else shown


def _once(texts: list[str]) -> list[str]:
    """Return texts with repetitions left out."""
    return [told if told not in texts[:n] else "" for n, told in enumerate(texts)]


def _own(record: dict[Any, Any], column: str, lang: str) -> str:
    japanese, english = (str(record.get(name, "") or "") for name in (f"{column}_ja", column))
    return (japanese or english) if lang == "ja" else english


def _source(record: dict[Any, Any]) -> str:
    source, year = str(record["source"]), float(record["year"])
    return source if math.isnan(year) or f"{year:.0f}" in source else f"{source} ({year:.0f})"


def readings(result: BenchmarkComparison, lang: str = "ja") -> Html:
    """Return every comparison with a published figure, and how it is to be read."""
    rows = result.rows
    columns = [
        Column("metric", [_named(r.metric, r.segment, r.statistic, lang) for r in rows]),
        Column("value", [quantity(r.value, r.own_unit.split("/")[0], lang) for r in rows], True),
        Column("benchmark", [quantity(r.benchmark, r.unit.split("/")[0], lang) for r in rows], True),
        Column("reading", [r.reading.sentence(lang) for r in rows]),
        Column("conflict", _once([r.conflict(lang) for r in rows])),
    ]
    return render(columns, lang, text("caption.readings", lang))
