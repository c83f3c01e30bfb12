"""Tables: every text escaped, numbers formatted by unit, both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.labels import keys as label_keys
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.tables import Html

DATA = Path(__file__).parents[2] / "data"
EVIL = '<script>alert("1")</script>'
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
Make = Callable[[Dataset, Scenario, str], Html]
KEYS = ["arr", "product_type", "season_new", "new_accounts_per_month", "resources.bpo.price"]
TABLES: dict[str, Make] = {
    "sizing": lambda ds, sc, lang: cs.tables.show(cs.size_team(ds, sc), lang),
    "benchmarks": lambda ds, sc, lang: cs.tables.show(cs.compare_benchmarks(ds, sc), lang),
    "phases": lambda ds, sc, lang: cs.tables.show(cs.diagnose_phase(ds, sc), lang),
    "tasks": lambda ds, sc, lang: cs.tables.show(cs.task_hours(ds, sc), lang),
    "stages": lambda ds, sc, lang: cs.tables.stages(ds, sc, lang),
    "files": lambda ds, sc, lang: cs.tables.files(ds, lang),
    "repairs": lambda ds, sc, lang: cs.tables.repairs(ds, lang),
    "scenarios": lambda ds, sc, lang: cs.tables.scenarios(ds, lang),
    "changes": lambda ds, sc, lang: cs.tables.changes(sc, lang),
    "parameters": lambda ds, sc, lang: cs.tables.parameters(sc, KEYS, lang),
    "overview": lambda ds, sc, lang: cs.tables.overview(ds, sc, lang),
    "sentences": lambda ds, sc, lang: cs.tables.sentences(cs.size_team(ds, sc), lang),
    "frame": lambda ds, sc, lang: cs.tables.show(ds.tasks[["name_en", "minutes"]], lang, "all"),
}


class Cells(HTMLParser):
    """Collects the rows of a table, and checks that all tags are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.caption = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data
        if self.open and self.open[-1] == "caption":
            self.caption += data


@pytest.fixture(scope="module")
def ds() -> Dataset:
    return cs.load_dataset(DATA)


@pytest.fixture(scope="module")
def enterprise() -> Dataset:
    return cs.load_dataset(DATA, scenario="enterprise_propose_new")


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_well_formed_and_speak_one_language(enterprise: Dataset, name: str) -> None:
    for lang in ("ja", "en"):
        page = TABLES[name](enterprise, enterprise.scenario, lang)._repr_html_()
        cells = Cells(page)
        assert all(len(row) == len(cells.rows[0]) for row in cells.rows)
        assert lang == "ja" or not JAPANESE.search(page)
        assert lang == "en" or name == "frame" or JAPANESE.search(page)


@pytest.mark.parametrize(
    "name", ["tasks", "benchmarks", "parameters", "files", "repairs", "changes", "frame"]
)
def test_every_text_of_the_analyst_is_escaped(ds: Dataset, name: str) -> None:
    tables = dict(ds.tables)
    tables["task_inventory"] = tables["task_inventory"].assign(name_ja=EVIL, name_en=EVIL)
    tables["benchmarks"] = tables["benchmarks"].assign(source=EVIL, segment=EVIL)
    parameters = {
        key: replace(p, label_ja=EVIL, label_en=EVIL, source=EVIL) for key, p in ds.space.parameters.items()
    }
    sc = Scenario(EVIL, replace(ds.space, parameters=parameters, tables=tables))
    sc = sc.replace({"arr": 5e8, "tasks.onb_session_deliver.minutes": 40})
    sources = tuple(replace(source, file=EVIL) for source in ds.sources)
    log = pd.DataFrame([{"file": EVIL, "rule": "encoding", "count": 1, "detail": EVIL}])
    evil = replace(ds, tables=tables, scenario=sc, sources=sources, repair_log=log)
    page = TABLES[name](evil, sc, "en").html
    assert "<script" not in page and "&lt;script&gt;" in page
    Cells(page)


def test_sentences_and_captions_are_escaped() -> None:
    assert "<script" not in cs.tables.listed([EVIL]).html
    page = cs.tables.show(pd.DataFrame({EVIL: [1.5, float("nan")], "b": [True, 2]}), "en", EVIL).html
    assert "<script" not in page and "1.50" in page
    assert "<script" not in cs.tables.show(pd.DataFrame({"a": []}), "en", EVIL).html


def test_team_size_table(ds: Dataset) -> None:
    result = cs.size_team(ds, ds.base)
    header, *rows = Cells(cs.tables.sizing(result, "en").html).rows
    by_method = {row[0]: row[1:5] for row in rows}
    assert header[:5] == ["Method", "FTE", "FTE range", "Persons", "Cost a year"]
    assert len(rows) == len(result.methods)
    assert by_method["(a) share of ARR"] == ["4.45", "3.34 to 5.56", "5 persons", "JPY 24M/year"]
    fte, ends, *rest = by_method["(d) task hours"]
    hours = result.method("task_hours")
    assert [fte, *rest] == ["4.36", "5 persons", "JPY 23.5M/year"]
    assert [float(end) for end in ends.split(" to ")] == pytest.approx(
        [hours.fte_low, hours.fte_high], abs=0.005
    )


def test_hours_by_stage_and_by_task_have_the_same_total(ds: Dataset) -> None:
    stages = Cells(cs.tables.stages(ds, ds.base, "en").html)
    tasks = Cells(cs.tables.tasks(cs.task_hours(ds, ds.base), "en").html)
    assert [row[0] for row in stages.rows[1:]] == ["onboarding", "adoption", "renewal", "expansion", "Total"]
    assert stages.rows[-1][2] == tasks.rows[-1][4] == "453.4"
    assert len(tasks.rows) == len(ds.tasks) + 2


def test_the_language_of_the_report_names_tasks_and_the_other_fills_gaps(ds: Dataset) -> None:
    first = ds.tasks.iloc[0]
    tables = dict(ds.tables)
    gaps = tables["task_inventory"].copy()
    gaps.loc[0, "name_en"] = ""
    gaps.loc[1, "name_ja"] = ""
    tables["task_inventory"] = gaps
    other = replace(ds, tables=tables)
    english = Cells(cs.tables.tasks(cs.task_hours(other, ds.base), "en").html)
    japanese = Cells(cs.tables.tasks(cs.task_hours(other, ds.base), "ja").html)
    assert english.rows[1][0] == first["name_ja"] and english.rows[3][0] == ds.tasks["name_en"].iloc[2]
    assert japanese.rows[1][0] == first["name_ja"] and japanese.rows[2][0] == ds.tasks["name_en"].iloc[1]


def test_changes_name_parameters_terms_and_cells(enterprise: Dataset) -> None:
    cells = Cells(cs.tables.changes(enterprise.scenario, "en").html)
    rows = {row[0]: row[1:] for row in cells.rows[1:]}
    assert len(rows) == len(enterprise.scenario.changed())
    assert rows["customer size"] == ["SMB", "Enterprise"]
    assert rows["accounts"] == ["439 accounts", "40 accounts"]
    assert rows["Deliver an onboarding session: minutes per time"] == ["50 minutes", "90 minutes"]


def test_assumptions_carry_their_grade(ds: Dataset) -> None:
    cells = Cells(cs.tables.parameters(ds.base, ["resources.bpo.price"], "en").html)
    price = cells.rows[1]
    assert price[:4] == ["BPO price per hour", "JPY 3,000/hour", "JPY 2,000 to JPY 5,000", "assumption"]


def test_without_rows_a_line_says_so(ds: Dataset) -> None:
    assert "Values the scenario changes: none" in cs.tables.changes(ds.base, "en").html
    untouched = replace(ds, repair_log=ds.repair_log.iloc[:0])
    assert "なし" in cs.tables.repairs(untouched, "ja").html


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_rule_of_the_repairs_log_can_be_shown(ds: Dataset, lang: str) -> None:
    """Texts name cells, before and after: a table that passed on less stopped notebook 00 and the report."""
    rules = [key.removeprefix("repair.") for key in label_keys() if key.startswith("repair.")]
    entry = {"count": 3, "cells": "B:2", "before": "４", "after": "4", "detail": "B"}
    log = pd.DataFrame([{"file": "t.csv", "rule": rule, **entry} for rule in rules])
    shown = Cells(cs.tables.repairs(replace(ds, repair_log=log), lang).html)
    assert len(shown.rows) == len(rules) + 1 > 40
    assert all(words and "{" not in words for _, words in shown.rows)
    assert shown.rows[1:] == [list(told) for told in replace(ds, repair_log=log).repairs_told(lang)]


def test_the_chosen_scenario_is_marked(enterprise: Dataset) -> None:
    cells = Cells(cs.tables.scenarios(enterprise, "en").html)
    assert [row[0] for row in cells.rows if row[1] == "●"] == ["enterprise_propose_new"]
