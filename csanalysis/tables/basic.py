"""Tables of a workspace and of the first results."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import pandas as pd

from csanalysis.diagnosis.benchmarks import BenchmarkComparison
from csanalysis.diagnosis.overview import describe_workspace
from csanalysis.diagnosis.phase import PhaseDiagnosis
from csanalysis.diagnosis.sizing import TeamSizing
from csanalysis.labels import interval, number, percent, quantity, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import TaskHours, task_hours
from csanalysis.model.parameters import Parameter, Value
from csanalysis.model.scenario import Scenario
from csanalysis.tables.html import Column, Html, listed, render
from csanalysis.vocabulary import Stage

_HASH_SHOWN = 12
_CELL_UNITS = {"minutes": "minute", "frequency": "time", "hours_per_month": "hour/month", "price": "JPY"}


class HasSentences(Protocol):
    """A result that can tell its findings."""

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""


def show(
    thing: TeamSizing | BenchmarkComparison | PhaseDiagnosis | TaskHours | pd.DataFrame,
    lang: str = "ja",
    caption: str = "",
) -> Html:
    """Return a result, or any frame, as a table.

    Parameters
    ----------
    thing : result or DataFrame
    lang : {"ja", "en"}
    caption : str, optional
        Caption of a frame; results have their own.

    Examples
    --------
    >>> print(show(pd.DataFrame({"file": ["<b>.csv"], "rows": [43]}), "en").html.count("&lt;b&gt;.csv"))
    1
    """
    if isinstance(thing, TeamSizing):
        return sizing(thing, lang)
    if isinstance(thing, BenchmarkComparison):
        return benchmarks(thing, lang)
    if isinstance(thing, PhaseDiagnosis):
        return phases(thing, lang)
    if isinstance(thing, TaskHours):
        return tasks(thing, lang)
    numeric = {name: pd.api.types.is_numeric_dtype(thing[name]) for name in thing}
    columns = [Column(str(n), [_plain(v) for v in thing[n]], numeric[n]) for n in thing]
    return render(columns, lang, caption)


def sentences(result: HasSentences, lang: str = "ja") -> Html:
    """Return the findings of a result as a list."""
    return listed(result.sentences(lang))


def sizing(result: TeamSizing, lang: str = "ja") -> Html:
    """Return team size by method: FTE, range, persons, JPY a year, evidence."""
    methods = result.methods
    columns = [
        Column("method", [text(f"sizing.method.{m.method}", lang) for m in methods]),
        Column("fte", [number(m.fte, 2) for m in methods], True),
        Column("fte_range", [interval(m.fte_low, m.fte_high, "", lang) for m in methods], True),
        Column("heads", [quantity(m.heads, "person", lang) for m in methods], True),
        Column("annual_cost", [quantity(m.annual_cost, "JPY/year", lang) for m in methods], True),
        Column("grade", [term("grade", m.grade, lang) for m in methods]),
        Column("source", [m.source for m in methods]),
    ]
    return render(columns, lang, text("caption.sizing", lang))


def benchmarks(result: BenchmarkComparison, lang: str = "ja") -> Html:
    """Return the company's figures beside published ones, with range, firms asked and evidence."""
    rows = result.rows
    columns = [
        Column("metric", [term("metric", r.metric, lang) for r in rows]),
        Column("value", [quantity(r.value, r.own_unit, lang) for r in rows], True),
        Column("benchmark", [quantity(r.benchmark, r.unit, lang) for r in rows], True),
        Column("range", [interval(r.low, r.high, r.unit, lang) for r in rows], True),
        Column("statistic", [term("statistic", r.statistic, lang) for r in rows]),
        Column("segment", [term("segment", r.segment, lang) if r.segment else "" for r in rows]),
        Column("n", [number(r.n) if math.isfinite(r.n) else "" for r in rows], True),
        Column("grade", [term("grade", r.grade, lang) for r in rows]),
        Column("source", [r.source for r in rows]),
    ]
    return render(columns, lang, text("caption.benchmarks", lang))


def phases(result: PhaseDiagnosis, lang: str = "ja") -> Html:
    """Return the four phases with persons and theme, the current one marked."""
    rows = result.to_frame(lang).to_dict("records")
    named = [text("table.current", lang, phase=r["label"]) if r["current"] else r["label"] for r in rows]
    columns = [
        Column("phase", named),
        Column("persons", [_persons(r["first"], r["last"], lang) for r in rows], True),
        Column("theme", [r["theme"] for r in rows]),
    ]
    return render(columns, lang, text("caption.phases", lang))


def tasks(hours: TaskHours, lang: str = "ja") -> Html:
    """Return hours a month by task."""
    rows = hours.to_frame().to_dict("records")
    columns = [
        Column("task", [*(name_of(r, lang) for r in rows), text("table.total", lang)]),
        Column("stage", [*(term("stage", r["stage"], lang) for r in rows), ""]),
        Column("driver", [*(term("driver", r["driver"], lang) for r in rows), ""]),
        Column("volume", [*(number(r["volume"], 1) for r in rows), ""], True),
        Column("hours", [*(number(r["value"], 1) for r in rows), number(hours.total, 1)], True),
    ]
    return render(columns, lang, text("caption.tasks", lang))


def stages(ds: Dataset, sc: Scenario, lang: str = "ja") -> Html:
    """Return task hours a month by lifecycle stage."""
    by_stage = task_hours(ds, sc).to_frame().groupby("stage")["value"].agg(["size", "sum"])
    found = [(s, *by_stage.loc[s]) for s in Stage if s in by_stage.index]
    count, total = sum(n for _, n, _ in found), sum(h for _, _, h in found)
    share = [percent(h / total, 0) if total else "-" for _, _, h in found]
    columns = [
        Column("stage", [*(term("stage", s, lang) for s, _, _ in found), text("table.total", lang)]),
        Column("tasks", [*(number(n) for _, n, _ in found), number(count)], True),
        Column("hours", [*(number(h, 1) for _, _, h in found), number(total, 1)], True),
        Column("share", [*share, ""], True),
    ]
    return render(columns, lang, text("caption.stages", lang))


def files(ds: Dataset, lang: str = "ja") -> Html:
    """Return the input files with their rows and the start of their hash."""
    columns = [
        Column("table", [term("workspace_table", s.table, lang) for s in ds.sources]),
        Column("file", [s.file for s in ds.sources]),
        Column("rows", [number(s.rows) if s.rows >= 0 else "-" for s in ds.sources], True),
        Column("sha256", [s.sha256[:_HASH_SHOWN] for s in ds.sources]),
    ]
    return render(columns, lang, text("caption.files", lang))


def repairs(ds: Dataset, lang: str = "ja") -> Html:
    """Return what was mended or passed over while reading the files."""
    told = ds.repairs_told(lang)
    columns = [Column("file", [file for file, _ in told]), Column("repair", [words for _, words in told])]
    return render(columns, lang, text("caption.repairs", lang))


def overview(ds: Dataset, sc: Scenario, lang: str = "ja") -> Html:
    """Return what the workspace holds, and how much of it is assumed, as sentences."""
    return sentences(describe_workspace(ds, sc), lang)


def scenarios(ds: Dataset, lang: str = "ja") -> Html:
    """Return the scenarios of the workspace, the chosen one marked."""
    columns = [
        Column("scenario", ds.scenarios),
        Column("chosen", ["●" if name == ds.scenario.name else "" for name in ds.scenarios]),
    ]
    return render(columns, lang, text("caption.scenarios", lang))


def changes(sc: Scenario, lang: str = "ja") -> Html:
    """Return the values that a scenario changes, beside their defaults."""
    found = [(sc.parameter(key), value) for key, value in sc.changed().items()]
    columns = [
        Column("parameter", [label_of(p, sc, lang) for p, _ in found]),
        Column("default", [shown(p, p.default, lang) for p, _ in found], True),
        Column("now", [shown(p, value, lang) for p, value in found], True),
    ]
    return render(columns, lang, text("caption.changes", lang))


def parameters(sc: Scenario, keys: Iterable[str], lang: str = "ja", *, caption: str = "parameters") -> Html:
    """Return the values of some parameters with range, evidence and source."""
    found = [sc.parameter(key) for key in keys]
    columns = [
        Column("parameter", [label_of(p, sc, lang) for p in found]),
        Column("now", [shown(p, sc[p.key], lang) for p in found], True),
        Column("range", [interval(p.low, p.high, p.unit, lang) for p in found], True),
        Column("grade", [term("grade", p.grade, lang) for p in found]),
        Column("source", [p.source for p in found]),
    ]
    return render(columns, lang, text(f"caption.{caption}", lang))


def shown(parameter: Parameter, value: Value, lang: str = "ja") -> str:
    """Return a parameter's value as a reader sees it: with its unit, or as a term."""
    if value is None:
        return "-"
    if isinstance(value, str):
        vocabulary = "profile" if parameter.unit == "profile" else parameter.key
        return term(vocabulary, value, lang)
    return quantity(float(value), _CELL_UNITS.get(parameter.unit, parameter.unit), lang)


def label_of(parameter: Parameter, sc: Scenario, lang: str = "ja") -> str:
    """Return the label of a parameter; a cell is named by its task or offer and its column."""
    if parameter.label_ja or parameter.label_en:
        return parameter.label(lang)
    prefix, row, column = parameter.key.split(".")
    table, key = ("task_inventory", "task_id") if prefix == "tasks" else ("resources", "resource_id")
    frame = sc.space.tables[table]
    record = frame.loc[frame[key] == row].iloc[0].to_dict()
    return text("table.cell", lang, name=name_of(record, lang), column=term("cell", column, lang))


def name_of(record: Mapping[Any, Any], lang: str) -> str:
    """Return the analyst's own name in the language of the report, or in the other one if it is empty."""
    names = (record["name_en"], record["name_ja"]) if lang == "en" else (record["name_ja"], record["name_en"])
    return str(names[0] or names[1])


def _plain(value: object) -> str:
    if isinstance(value, float):
        return number(value, 2) if math.isfinite(value) else ""
    if isinstance(value, int) and not isinstance(value, bool):
        return number(value)
    return str(value)


def _persons(first: float, last: float, lang: str) -> str:
    if math.isinf(last):
        return text("table.from", lang, low=number(first))
    return interval(first, last, "", lang)
