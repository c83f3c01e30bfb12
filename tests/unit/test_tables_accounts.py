"""Tables of account-months, cohorts, health and calibration: one language each, every text escaped."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.model.dataset import Dataset
from csanalysis.tables import Html

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
EVIL = "<script>"


@pytest.fixture(scope="module")
def evil(example: Dataset) -> Dataset:
    """Return the example with a script for an account and for the name of a task."""
    accounts = example.tables["accounts"].copy()
    accounts["csm"] = EVIL
    inventory = example.tables["task_inventory"].assign(name_ja=EVIL, name_en=EVIL)
    return replace(example, tables={**example.tables, "accounts": accounts, "task_inventory": inventory})


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_tables_speak_one_language_and_are_escaped(evil: Dataset, lang: str) -> None:
    months = cs.account_months(evil)
    health, calibration = cs.score_health(evil, months=months), cs.calibrate(evil, months=months)
    log = pd.DataFrame([{"rule": "unknown_account", "count": 3, "detail": EVIL}])
    pages: list[Html] = [
        cs.tables.told_rows(replace(months, log=log), lang),
        cs.tables.cohorts(cs.measure_retention(months), lang),
        cs.tables.health_accounts(health, lang),
        cs.tables.health_actions(health, lang),
        cs.tables.health_sheet(health, lang),
        cs.tables.health_calibration(health, lang),
        cs.tables.calibration(calibration, evil, lang),
    ]
    for page in pages:
        assert EVIL not in page.html and page.html.count("<tr>") > 1
        assert bool(JAPANESE.search(page.html)) == (lang == "ja")
    for page in (pages[0], pages[2], pages[6]):
        assert "&lt;script&gt;" in page.html


def test_without_records_a_line_says_so(example: Dataset) -> None:
    bare = replace(
        example, tables={k: t for k, t in example.tables.items() if k not in ("accounts", "actuals")}
    )
    months = cs.account_months(bare)
    health = cs.score_health(bare, months=months)
    for page in (
        cs.tables.told_rows(months, "en"),
        cs.tables.cohorts(cs.measure_retention(months), "en"),
        cs.tables.health_accounts(health, "en"),
        cs.tables.health_sheet(health, "en"),
        cs.tables.calibration(cs.calibrate(bare, months=months), bare, "en"),
    ):
        assert "<table" not in page.html
