"""Tables of cost and outcome: totals to the yen, two blocks never summed, a reason for what there is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path

import pytest

import csanalysis as cs
from csanalysis.costing.outcome import Outcome
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.tables import Html

DATA = Path(__file__).parents[2] / "data"
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
EVIL = "<script>alert(1)</script>"
TABLES: dict[str, Callable[[Outcome, str], Html]] = {
    "cost_ledger": lambda o, lang: cs.tables.cost_ledger(o.comparison.plan, lang),
    "unit_costs": lambda o, lang: cs.tables.unit_costs(o, lang),
    "outcome": lambda o, lang: cs.tables.outcome(o, lang),
    "verdicts": lambda o, lang: cs.tables.verdicts(o, lang),
    "cases": lambda o, lang: cs.tables.cases(o, lang),
}


@cache
def result(plan: str = "", price: float = 3_000.0, months: float = 12.0) -> Outcome:
    ds = cs.load_dataset(DATA)
    sc = ds.base.replace({"resources.bpo.price": price, "horizon_months": months})
    return cs.evaluate_outcome(ds, sc, plan or cs.playbook_assignment(ds, sc))


def rows(table: Html) -> list[list[str]]:
    """Return the cells of a table, the header first."""
    lines = re.findall("<tr>(.*?)</tr>", table.html)
    cell = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>")
    return [[unescape(found) for found in cell.findall(line)] for line in lines]


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
def test_tables_are_whole_and_speak_one_language(name: str) -> None:
    for outcome in (result(), result(price=2_000.0, months=36.0), result("in_house")):
        japanese, english = (TABLES[name](outcome, lang) for lang in ("ja", "en"))
        assert not JAPANESE.search(english.html) and JAPANESE.search(japanese.html)
        for table in (japanese, english):
            found = rows(table)
            assert all(len(line) == len(found[0]) for line in found)
            assert "_" not in " ".join(found[0] if found else []), "a header without label"


def test_the_total_of_the_ledger_is_the_total_of_the_model() -> None:
    """Shown to the yen: items above the total add up to it, and what is beneath is not added."""
    ledger = result().comparison.plan
    _, *found = rows(cs.tables.cost_ledger(ledger, "en"))
    at = next(n for n, line in enumerate(found) if line[1] == "Total")
    amounts = [int(line[2].replace(",", "")) for line in found]
    assert amounts[at] == round(ledger.total)
    assert sum(amounts[:at]) == pytest.approx(amounts[at], abs=len(found))
    assert {line[5] for line in found[:at]} == {"cost"}
    assert {line[5] for line in found[at + 1 :]} == {"included above"}
    inside = ledger.of_which().groupby("part")["jpy"].sum()
    assert sum(amounts[at + 1 :]) == pytest.approx(inside.sum(), abs=len(found))


def test_unit_costs_run_from_the_price_to_the_full_cost() -> None:
    head, *found = rows(cs.tables.unit_costs(result(), "en"))
    lines = {line[0]: dict(zip(head, line, strict=True)) for line in found}
    assert found[0][0] == "CSM (in-house)"
    assert lines["BPO vendor"]["Price"] == "JPY 3,000" and lines["BPO vendor"]["Full cost"] == "JPY 4,505"
    assert lines["BPO vendor"]["Evidence"] == "assumption" and lines["BPO vendor"]["A month"] == "JPY 451k"
    assert lines["Contractor (specialist)"]["Range"] == ""
    assert "<table" not in cs.tables.unit_costs(None, "en").html
    assert "<table" not in cs.tables.unit_costs(result("in_house"), "en").html


def test_cash_and_time_stand_in_two_blocks() -> None:
    _, *found = rows(cs.tables.outcome(result(), "en"))
    blocks = [line[0] for line in found]
    assert blocks == sorted(blocks) and set(blocks) == {"Cash", "Time and heads"}
    values = {line[1]: (line[0], line[2]) for line in found}
    assert values["cash saved (negative: paid more)"] == ("Cash", "JPY -614k")
    assert values["hours freed, net of management"] == ("Time and heads", "94.5 hours/month")
    assert len(found) == len(result().to_frame()) + len(result().cash_parts)
    money = [line for line in found if line[0] == "Time and heads" and "JPY" in line[2]]
    assert not money and not any("total" in line[1].lower() for line in found)


def test_what_there_is_not_is_a_dash_with_its_reason() -> None:
    def told(outcome: Outcome) -> dict[str, tuple[str, str]]:
        _, *found = rows(cs.tables.outcome(outcome, "en"))
        assert all(line[3] for line in found if line[2] == "-")
        return {line[1]: (line[2], line[3]) for line in found}

    losing = told(result())
    assert losing["payback month"] == ("-", "not within the horizon")
    assert losing["bearable rise of monthly churn"] == ("-", "loses without any rise")
    assert losing["break-even price"] == ("JPY 2,669", "now JPY 3,000")
    nothing = told(result("in_house"))
    assert nothing["break-even price"] == ("-", "nothing is given outside")
    paying = told(result(price=2_000.0, months=36.0))
    assert paying["bearable rise of monthly churn"][1] == "data of 12 months detect ±0.45 %"


def test_every_task_group_has_a_verdict_and_a_reason() -> None:
    outcome = result()
    _, *found = rows(cs.tables.verdicts(outcome, "en"))
    assert len(found) == len(outcome.verdicts) and all(line[1] and line[-1] for line in found)
    first = dict(zip(rows(cs.tables.verdicts(outcome, "en"))[0], found[0], strict=True))
    assert "BPO vendor" in found[0][-1] and first["Saved an hour"] == "JPY -178"
    assert found[-1][3:6] == ["", "", ""], "a group that stays saves nothing"


def test_cases_are_default_cautious_and_hopeful() -> None:
    _, *found = rows(cs.tables.cases(result(), "en"))
    assert [line[0] for line in found] == ["at the defaults", "all cautious", "all hopeful"]
    assert [line[2] for line in found] == ["JPY -615k", "JPY -4M", "JPY 4.8M"]


def test_texts_of_the_analyst_are_escaped() -> None:
    ds = cs.load_dataset(DATA)
    card, book = ds.tables["resources"], ds.tables["playbook"]
    tables = {
        **ds.tables,
        "resources": card.assign(name_ja=EVIL, name_en=EVIL, source=EVIL),
        "playbook": book.assign(source=EVIL),
    }
    evil = replace(ds, tables=tables, scenario=Scenario("", ParameterSpace(ds.space.parameters, tables)))
    outcome = cs.evaluate_outcome(evil, evil.scenario, cs.playbook_assignment(evil, evil.scenario))
    for make in TABLES.values():
        assert "<script" not in make(outcome, "ja").html
