"""Tables of the assignment: whole, in one language, the decisive rows first."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

import csanalysis as cs
from csanalysis.assignment.assign import Assignment
from csanalysis.assignment.boundary import Boundaries
from csanalysis.assignment.waves import Waves
from csanalysis.model.dataset import Dataset
from csanalysis.tables import Html

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def plan(example: Dataset) -> Assignment:
    return cs.assign_tasks(example, example.base)


@pytest.fixture(scope="module")
def edges(example: Dataset) -> Boundaries:
    return cs.find_boundaries(example, example.base, steps=40)


@pytest.fixture(scope="module")
def waves(example: Dataset) -> Waves:
    return cs.plan_waves(example, example.base)


def rows(table: Html) -> list[list[str]]:
    """Return the cells of a table, the header first."""
    lines = re.findall("<tr>(.*?)</tr>", table.html)
    return [[unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line)] for line in lines]


def test_tables_are_whole_and_speak_one_language(
    example: Dataset, plan: Assignment, edges: Boundaries, waves: Waves
) -> None:
    free = cs.assign_tasks(example, example.base, by_cost=False)
    for lang in ("ja", "en"):
        tables = [
            cs.tables.assignment(plan, lang),
            cs.tables.assignment_changes(plan, free, lang),
            cs.tables.boundaries(edges, lang),
            cs.tables.boundaries(edges, lang, group="price"),
            cs.tables.waves(waves, lang),
            cs.tables.wave_totals(waves, lang),
        ]
        for table in tables:
            assert bool(JAPANESE.search(table.html)) == (lang == "ja")
            head, *body = rows(table)
            assert body and all(len(line) == len(head) for line in body)
            assert "_" not in " ".join(head), "a header without label"


def test_what_goes_outside_comes_first_a_bundle_in_one_row(plan: Assignment) -> None:
    _, first, *rest = rows(cs.tables.assignment(plan, "en"))
    assert first[0].split("; ")[1] == "Deliver an onboarding session" and first[1:4] == [
        *("BPO vendor", "81.7", "JPY 368k")
    ]
    assert first[4].startswith("The playbook names this kind (in the source (CCJ2025))")
    assert len(rest) + 1 == 50 - 3 - 1 - 1 - 1, "bundles of 4, 2, 2 and 2 tasks"
    assert rest[-1][1] == "CSM (in-house)"


def test_changes_hold_the_tasks_that_differ(example: Dataset, plan: Assignment) -> None:
    free = cs.assign_tasks(example, example.base, by_cost=False)
    _, *body = rows(cs.tables.assignment_changes(plan, free, "en"))
    assert [line[0] for line in body] == ["Monthly KPI summary"]
    assert (body[0][1], body[0][4]) == ("Student intern", "BPO vendor")
    assert "csa-none" in cs.tables.assignment_changes(plan, plan, "en").html


def test_the_nearest_boundary_comes_first_and_the_rest_is_counted(edges: Boundaries) -> None:
    _, *body = rows(cs.tables.boundaries(edges, "en"))
    assert len(body) == 32 and body[0][0] == "Complex set-up (permissions, integrations)"
    assert "another 18 tasks: never within range" in cs.tables.boundaries(edges, "en").html
    assert "csa-none" in cs.tables.boundaries(edges, "en", group="quality").html
    _, *prices = rows(cs.tables.boundaries(edges, "en", group="price"))
    assert "price of BPO vendor 3,000 -> 2,863: BPO vendor" in prices[0][2]
    with pytest.raises(ValueError, match="trait, weight, price"):
        cs.tables.boundaries(edges, "en", group="moon")


def test_waves_stand_in_their_order(waves: Waves) -> None:
    _, *body = rows(cs.tables.waves(waves, "en"))
    assert [line[0] for line in body] == sorted(
        (line[0] for line in body), key=["first", "next", "later", "stay in-house"].index
    )
    _, *sums = rows(cs.tables.wave_totals(waves, "en"))
    assert [line[0] for line in sums] == ["first", "next", "later", "stay in-house"]
    assert sums[-1][4:] == ["-", "-"]


def test_texts_of_the_analyst_are_escaped(example: Dataset) -> None:
    tasks = example.tasks.copy()
    tasks.loc[tasks["task_id"] == "ado_risk_response", ["name_en", "lock_reason"]] = "<script>x</script>"
    space = replace(example.space, tables={**example.space.tables, "task_inventory": tasks})
    scenario = replace(example.scenario, space=space)
    ds = replace(example, tables={**example.tables, "task_inventory": tasks}, scenario=scenario)
    page = cs.tables.assignment(cs.assign_tasks(ds, ds.base), "en").html
    assert "<script>" not in page and "&lt;script&gt;" in page
