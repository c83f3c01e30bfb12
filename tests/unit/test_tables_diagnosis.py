"""Tables of the diagnosis: what they hold, in one language, with every text escaped."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

import csanalysis as cs
from csanalysis.diagnosis.kpis import compute_kpis
from csanalysis.model.dataset import Dataset
from csanalysis.tables import Html

DATA = Path(__file__).parents[2] / "data"
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
EVIL = "<script>alert(1)</script>"
TABLES: dict[str, Callable[[Dataset, str], Html]] = {
    "cells": lambda ds, lang: cs.tables.cells(cs.map_quadrant(ds, ds.base), lang),
    "plays": lambda ds, lang: cs.tables.plays(cs.map_quadrant(ds, ds.base), lang),
    "next": lambda ds, lang: cs.tables.plays(cs.map_quadrant(ds, ds.base), lang, following=True),
    "checks": lambda ds, lang: cs.tables.checks(cs.diagnose_phase(ds, ds.base), lang),
    "reconciliation": lambda ds, lang: cs.tables.reconciliation(
        cs.reconcile(cs.size_team(ds, ds.base)), lang
    ),
    "ledger": lambda ds, lang: cs.tables.ledger(ds, lang),
    "readings": lambda ds, lang: cs.tables.readings(cs.compare_benchmarks(ds, ds.base), lang),
    "kpis": lambda ds, lang: cs.tables.kpis(compute_kpis(ds), lang),
    "definitions": lambda ds, lang: cs.tables.kpi_definitions(lang),
}


@pytest.fixture(scope="module")
def ds() -> Dataset:
    return cs.load_dataset(DATA)


def rows(table: Html) -> list[list[str]]:
    """Return the cells of a table, the header first."""
    lines = re.findall("<tr>(.*?)</tr>", table.html)
    cell = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>")
    return [[unescape(found) for found in cell.findall(line)] for line in lines]


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_whole_and_speak_one_language(ds: Dataset, name: str) -> None:
    japanese, english = (TABLES[name](ds, lang) for lang in ("ja", "en"))
    assert not JAPANESE.search(english.html) and JAPANESE.search(japanese.html)
    for table in (japanese, english):
        found = rows(table)
        assert all(len(line) == len(found[0]) for line in found)
        assert "_" not in " ".join(found[0] if found else []), "a header without label"


def test_cells_mark_ours_and_count_eight_from_the_source(ds: Dataset) -> None:
    _, *found = rows(TABLES["cells"](ds, "en"))
    cells = [cell for line in found for cell in line[1:]]
    assert sum("in the source" in c and not c.endswith("not in the source") for c in cells) == 8
    assert cells.count("not in the source") == 4 and cells.count("derived") == 4
    assert [c for c in cells if c.startswith("●")] == ["● 3 of 16 plays in the source"]


def test_plays_tell_hours_basis_and_the_conflict_they_touch(ds: Dataset) -> None:
    found = {line[0]: line for line in rows(TABLES["plays"](ds, "en"))[1:]}
    assert found["renewal confirmation"][1:4] == ["hand over: BPO vendor", "18.3", "in the source (CCJ2025)"]
    assert "LOGLASS2023 keeps NRR work in-house" in found["renewal confirmation"][-1]
    assert found["adoption support"][1] == "keep" and found["adoption support"][-1] == ""
    assert found["support"][3] == "derived by a rule (LOGLASS2023)"


def test_the_next_phase_shows_only_what_changes(ds: Dataset) -> None:
    found = {line[0]: line[1] for line in rows(TABLES["next"](ds, "en"))[1:]}
    assert found["newsletter"] == "hand over: BPO vendor" == found["upsell calls"]
    assert "onboarding delivery" not in found
    last = cs.map_quadrant(ds, ds.base.replace(cs_headcount=25))
    assert "<table" not in cs.tables.plays(last, "en", following=True).html


def test_checks_tell_today_from_the_next_phase(ds: Dataset) -> None:
    _, *found = rows(TABLES["checks"](ds, "en"))
    verdicts = {(line[0], line[1]): (line[2], line[3], line[4]) for line in found}
    assert verdicts["growth (today)", "monthly churn"][2] == "not judged"
    assert verdicts["efficiency (next)", "self-onboarding completion"][2] == "not judged"
    churning = cs.diagnose_phase(ds, ds.base.replace(monthly_churn=0.05))
    _, *found = rows(cs.tables.checks(churning, "en"))
    assert ("5 %/month", "does not fit") in {(line[2], line[4]) for line in found}
    bare = replace(ds, tables={**ds.tables, "benchmarks": ds.tables["benchmarks"].iloc[:0]})
    _, *found = rows(TABLES["checks"](bare, "en"))
    assert ("-", "not judged") in {(line[3], line[4]) for line in found}


def test_reconciliation_ends_with_the_assumptions(ds: Dataset) -> None:
    _, *found = rows(TABLES["reconciliation"](ds, "en"))
    assert [line[0][:3] for line in found[:4]] == ["(a)", "(b)", "(c)", "(d)"]
    assert found[3][1:3] == ["4.36", "7.84 %"]
    assert found[-1] == ["assumption as it stands", "", "8 %", "JPY 67.5M", "97.9 accounts", "62 minutes"]


def test_the_ledger_holds_every_published_figure(ds: Dataset) -> None:
    _, *found = rows(TABLES["ledger"](ds, "en"))
    assert len(found) == len(ds.benchmarks)
    ratio = next(line for line in found if line[0].startswith("CS cost / ARR"))
    assert ratio[1] == "8 % (6 to 10 %)" and ratio[5] == "second-hand"
    survey = next(line for line in found if "under 2 %" in line[0])
    assert survey[3] == "203" and "HiCustomer" in survey[4]


def test_shares_of_firms_are_read_beside_our_figure_in_its_own_unit(ds: Dataset) -> None:
    _, *found = rows(TABLES["readings"](ds, "en"))
    contracts = next(line for line in found if "contracts of JPY" in line[0])
    assert contracts[1:3] == ["JPY 684k", "27.1 %"]


def test_texts_of_the_analyst_are_escaped(ds: Dataset) -> None:
    book, published = ds.tables["playbook"], ds.tables["benchmarks"]
    tables = {
        **ds.tables,
        "playbook": book.assign(play_ja=EVIL, play_en=EVIL, source=EVIL),
        "benchmarks": published.assign(source=EVIL, definition=EVIL, definition_ja=EVIL, note=EVIL),
    }
    evil = replace(ds, tables=tables)
    for make in TABLES.values():
        assert "<script" not in make(evil, "ja").html
