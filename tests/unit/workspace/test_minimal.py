"""Answers of the minimal input are judged at once, doubted where unlikely, and become a whole workspace."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from csanalysis.errors import WorkspaceError
from csanalysis.labels import LANGUAGES, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Parameter
from csanalysis.workspace import load_dataset
from csanalysis.workspace.minimal import (
    MENUS,
    NUMBERS,
    PRICE,
    QUESTIONS,
    Answers,
    Entry,
    Problem,
    Task,
    example_value,
    find_doubts,
    judge_choice,
    judge_number,
    label,
    offered,
    words_of,
)
from csanalysis.workspace.minimal_tables import create_minimal_workspace, range_around
from csanalysis.workspace.minimal_tasks import RULES, place

TASKS = (
    Task("初回オンボーディングの実施", "onboarding", 150.0, "M", True, True),
    Task("定例会の実施", "adoption", 180.0, "H", False, True),
    Task("更新意思の確認", "renewal", 60.0, "M", True, True),
    Task("FAQ の作成", "adoption", 60.0, "M", True, False),
)


@pytest.fixture
def answers(example: Dataset) -> Answers:
    """The answers of the example company, and four tasks that take about what its team can give."""
    return Answers({key: Entry(example_value(key, example.space)) for key in QUESTIONS}, TASKS)


def changed(answers: Answers, **values: float | str) -> Answers:
    keys = {PRICE if key == "price" else key: Entry(value) for key, value in values.items()}
    return replace(answers, entries={**answers.entries, **keys})


@pytest.mark.parametrize(
    ("key", "entered", "value"),
    [
        ("arr", "３００，２７６，０００", 300_276_000.0),
        ("arr", "3e8", 3e8),
        ("monthly_churn", "2.84%", 0.0284),
        ("monthly_churn", "２．８４％", 0.0284),
        ("monthly_churn", "0.0284", 0.0284),
        ("gross_margin", "75 %", 0.75),
        ("term_months", "1", 1.0),
        ("resources.bpo.minimum_units", "0", 0.0),
    ],
)
def test_numbers_are_read_as_people_write_them(
    example: Dataset, key: str, entered: str, value: float
) -> None:
    assert judge_number(key, entered, example.space, "ja") == pytest.approx(value)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("key", "entered", "rule"),
    [
        ("arr", "3億円", "minimal_number"),
        ("arr", "300,276千円", "minimal_number"),
        ("arr", "", "minimal_empty"),
        ("accounts", "0", "minimal_bounds"),
        ("monthly_churn", "2.84", "minimal_bounds"),
        ("gross_margin", "-5%", "minimal_bounds"),
        ("cs_headcount", "4.5", "minimal_whole"),
        ("cs_headcount", "0", "minimal_bounds"),
        ("resources.bpo.minimum_units", "-1", "minimal_bounds"),
    ],
)
def test_other_numbers_are_told_with_what_is_expected(
    example: Dataset, lang: str, key: str, entered: str, rule: str
) -> None:
    found = judge_number(key, entered, example.space, lang)
    assert isinstance(found, Problem) and found.rule == rule
    assert label(key, lang) in found.text(lang)


@pytest.mark.parametrize("column", [*MENUS, "stage", "value", "routine", "personal_data", "basis"])
def test_every_word_that_is_offered_is_read(column: str) -> None:
    for lang in LANGUAGES:
        read = [judge_choice(column, word, lang) for word in offered(column, lang)]
        assert read == list(words_of(column))
        assert isinstance(judge_choice(column, "?", lang), Problem)
        assert isinstance(judge_choice(column, "", lang), Problem)


def test_choices_of_full_width_and_key_are_read() -> None:
    assert judge_choice("value", "Ｈ", "ja") == "H" and judge_choice("value", "高", "en") == "H"
    for entered in ("オンボーディング\u3000", "Onboarding", "o"):
        assert judge_choice("stage", entered, "en") == "onboarding"
    assert judge_choice("routine", "○", "ja") == "yes"


@pytest.mark.parametrize(
    ("change", "rule", "key"),
    [
        ({"arr": 300_276.0}, "arr", "arr"),
        ({"arr": 300_276e9}, "arr", "arr"),
        ({"csm_monthly_cost": 450.0}, "cost", "csm_monthly_cost"),
        ({"csm_monthly_cost": 5_400_000.0}, "cost", "csm_monthly_cost"),
        ({"cs_headcount": 4.0}, "fte", "cs_fte"),
        ({"monthly_churn": 0.29}, "churn", "monthly_churn"),
        ({"new_accounts_per_month": 230.0}, "new", "new_accounts_per_month"),
        ({"price": 300_000.0}, "price", PRICE),
        ({"cs_fte": 3.3}, "hours", "tasks"),
        ({"cs_fte": 0.0}, "hours", "tasks"),
    ],
)
def test_what_looks_like_a_slip_is_asked_about(
    answers: Answers, example: Dataset, change: dict[str, float], rule: str, key: str
) -> None:
    assert list(find_doubts(answers, example.space)) == []
    (doubt,) = find_doubts(changed(answers, **change), example.space)
    assert (doubt.rule, doubt.key) == (rule, key)
    assert doubt.text("ja").endswith("か?") and doubt.text("en").endswith("?")


@pytest.mark.parametrize(("share", "doubted"), [(0.69, True), (0.7, False), (1.3, False), (1.31, True)])
def test_hours_are_asked_about_outside_the_plausible_range(
    answers: Answers, example: Dataset, share: float, doubted: bool
) -> None:
    one = replace(TASKS[0], hours=share * 5 * 104)
    mine = replace(changed(answers, cs_fte=5.0), tasks=(one,))
    assert [d.rule for d in find_doubts(mine, example.space)] == ["hours"] * doubted


def test_doubts_stop_until_they_are_accepted(answers: Answers, tmp_path: Path) -> None:
    mine = replace(answers, tasks=TASKS[:1])
    with pytest.raises(WorkspaceError, match=r"team totals(.|\n)*") as stop:
        create_minimal_workspace(tmp_path / "w", mine, "en")
    assert "--accept" in str(stop.value) and not list(tmp_path.iterdir())
    create_minimal_workspace(tmp_path / "w", mine, "en", accept=True)
    assert load_dataset(tmp_path / "w").tasks["hours_per_month"].tolist() == [150.0]


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workspace_holds_the_answers_and_marks_all_else(
    answers: Answers, example: Dataset, tmp_path: Path, lang: str
) -> None:
    mine = changed(answers, customer_size="enterprise", csm_monthly_cost=600_000.0, price=4_000.0)
    made = create_minimal_workspace(tmp_path / "w", mine, lang, today=date(2026, 9, 3))
    ds = load_dataset(made.folder)
    assert ds.lang == lang and ds.as_of == date(2026, 9, 1)
    assert ds.scenarios == ("enterprise_replace_existing",) and ds.scenario.changed() == {}
    for key in QUESTIONS:
        assert ds.base[key] == mine.entries[key].value
    rows = ds.parameters.set_index("key")
    entered = [*NUMBERS, *MENUS]
    assert set(rows.loc[entered, "grade"]) == {"measured"} and rows.loc[PRICE, "grade"] == "vendor"
    prefilled = rows.drop([*entered, PRICE])
    assert set(prefilled["grade"]) == {"assumption"} and len(prefilled) == made.prefilled
    assert set(ds.resources["grade"]) == set(ds.tasks["grade"]) == {"assumption"}
    start = text("minimal.source.prefilled", lang, source="")
    derived = prefilled.index.isin(["growth_monthly", "arr_per_head"])
    assert prefilled.loc[~derived, "source"].str.startswith(start).all()
    assert rows.loc["arr_per_head", "default"] == repr(12 * 600_000 / 0.08)
    assert float(rows.loc["growth_monthly", "default"]) == pytest.approx(19.2 / 439 - 0.0284, abs=1e-5)
    for table in ("benchmarks", "suitability", "playbook"):
        pd.testing.assert_frame_equal(ds.tables[table], example.tables[table])
    assert ds.segments is None and ds.accounts is None
    assert made.notes[-1] in (made.folder / "README.md").read_text(encoding="utf-8")


def test_an_estimate_is_an_assumption(answers: Answers, tmp_path: Path) -> None:
    entries = {key: replace(entry, estimated=True) for key, entry in answers.entries.items()}
    made = create_minimal_workspace(tmp_path / "w", replace(answers, entries=entries), "en")
    assert set(load_dataset(made.folder).parameters["grade"]) == {"assumption"}


def test_ranges_move_with_the_value_and_stay_within_the_hard_bounds() -> None:
    margin = Parameter("gross_margin", "ratio", 0.75, low=0.65, high=0.85, hard_min=0, hard_max=1)
    assert range_around(0.9, margin) == (0.78, 1.0)
    assert range_around(0.0, margin) == (0.0, 0.85)
    persons = Parameter("cs_headcount", "person", 5.0, low=1, high=25, hard_min=1, hard_max=10_000)
    assert range_around(7.0, persons) == (1.0, 35.0)
    growth = Parameter("growth_monthly", "ratio/month", 0.015, low=0, high=0.03, hard_min=-0.5, hard_max=0.5)
    assert range_around(-0.01, growth) == (-0.02, 0.0)
    assert all(math.isnan(end) for end in range_around(3.0, Parameter("x", "account/month", None)))


def test_every_group_is_in_the_playbook_and_likened_to_tasks_of_the_example(example: Dataset) -> None:
    groups = {rule.group for rule in RULES}
    assert groups == set(example.playbook["task_group"]) == set(example.tasks["task_group"])
    fallbacks = [rule.stage for rule in RULES if not rule.words]
    assert fallbacks == ["onboarding", "adoption", "renewal", "expansion"]


def test_words_tell_group_and_driver_and_no_volume_is_told(answers: Answers, tmp_path: Path) -> None:
    assert [(p.group, str(p.driver)) for p in (place(t, answers) for t in TASKS)] == [
        ("onboarding_delivery", "onboarding_session"),
        ("adoption_support", "active_account"),
        ("renewal_confirmation", "renewal"),
        ("faq_content", "fixed"),
    ]
    monthly = changed(answers, term_months=1.0, onboarding_sessions=0.0)
    made = create_minimal_workspace(tmp_path / "w", monthly, "en")
    drivers = load_dataset(made.folder).tasks["driver"].tolist()
    assert drivers == ["new_account", "active_account", "active_account", "fixed"]
    assert "更新意思の確認" in made.notes[0] and "初回オンボーディングの実施" in made.notes[1]
