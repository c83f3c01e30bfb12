"""Small rules of the model by hand calculation, each of which other tests only pass through."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import hours_without_volume, task_column, task_hours
from csanalysis.model.findings import Finding
from csanalysis.model.phases import phase_of
from csanalysis.model.playbook import has_few_tickets, plays_now, tickets_a_month
from csanalysis.model.projection import self_onboarding_factor
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.model.segments import disagreements, segments_of
from csanalysis.model.supply import productive_hours_of
from csanalysis.schemas.lock_rules import locks_of


def test_self_service_rises_faster_than_its_time_constant(example: Dataset) -> None:
    """s(1) = s0 + (s1 - s0)(1 - exp(-1 / 0.5)); 0 means at once, and before the start nothing rises."""
    given = {"self_onboarding_now": 0.2, "self_onboarding_target": 0.6, "self_onboarding_start": 0}
    half = self_onboarding_factor(example.base.replace(given, self_onboarding_tau=0.5), 2)
    assert half[1] == pytest.approx((1 - (0.2 + 0.4 * (1 - math.exp(-2)))) / 0.8)
    at_once = self_onboarding_factor(example.base.replace(given, self_onboarding_tau=0), 2)
    assert at_once[0] == pytest.approx(0.4 / 0.8)
    later = example.base.replace({**given, "self_onboarding_start": 2}, self_onboarding_tau=0)
    assert self_onboarding_factor(later, 3) == pytest.approx([1, 1, 0.5, 0.5])
    many = self_onboarding_factor(example.base.replace(given, self_onboarding_tau=np.array([0, 0.5])), 2)
    assert many[:, 0] == pytest.approx(at_once) and many[:, 1] == pytest.approx(half)


def having_segments(ds: Dataset, arpa: float, churn: float) -> Dataset:
    table = pd.DataFrame({"segment": ["a", "b"], "accounts": [100.0, 300.0]})
    table = table.assign(arpa_monthly=[2 * arpa, arpa], monthly_churn=[3 * churn, churn])
    tables = {**ds.tables, "segments": table}
    return replace(ds, tables=tables, scenario=Scenario("", ParameterSpace(ds.space.parameters, tables)))


def test_segments_that_sum_to_the_parameters_are_not_told(example: Dataset) -> None:
    """ARR = 12 x (100 x 2 + 300) x arpa; churn = (100 x 3 + 300) / 400 x churn."""
    arr, churn = float(example.base.number("arr")), float(example.base.number("monthly_churn"))
    alike = having_segments(example, arr / 12 / 500, churn / 1.5)
    assert disagreements(alike) == []
    other = having_segments(example, arr / 12 / 250, churn / 1.5)
    ((key, total, value),) = disagreements(other)
    assert (key, value) == ("arr", arr) and total == pytest.approx(2 * arr)
    lower = having_segments(example, arr / 12 / 500, churn / 3)
    assert [key for key, *_ in disagreements(lower)] == ["monthly_churn"]
    assert disagreements(having_segments(example, 0, 0))[0][1] == 0


def test_cells_of_tasks_in_many_scenarios(example: Dataset) -> None:
    """A cell with several values spreads its column over all of them; the rest repeats."""
    first, second = example.tasks["task_id"].iloc[:2]
    plain = task_column(example, example.base, "frequency")
    minutes = np.array([10.0, 20.0, 30.0])
    sc = example.base.replace({f"tasks.{first}.minutes": minutes, f"tasks.{second}.minutes": 5.0})
    found = task_column(example, sc, "minutes")
    assert found.shape == (len(plain), 3)
    assert found[0].tolist() == minutes.tolist() and found[1].tolist() == [5.0] * 3
    assert np.array_equal(
        found[2:], np.repeat(task_column(example, example.base, "minutes")[2:, None], 3, 1), True
    )


def test_minutes_and_hours_of_one_task_contradict_each_other(example: Dataset) -> None:
    task = example.tasks["task_id"].iloc[0]
    both = {f"tasks.{task}.minutes": 5.0, f"tasks.{task}.hours_per_month": 1.0}
    with pytest.raises(ValueError, match=task):
        task_hours(example, example.base.replace(both))


def test_hours_of_a_task_that_never_happens(example: Dataset) -> None:
    """Hours are solved back at today's volume; where that is none, no number of minutes gives them."""
    inventory = example.tables["task_inventory"].copy()
    inventory.loc[0, ["frequency", "minutes", "hours_per_month"]] = [0.0, np.nan, 4.0]
    idle = replace(example, tables={**example.tables, "task_inventory": inventory})
    with pytest.raises(ValueError, match=inventory["task_id"].iloc[0]):
        task_hours(idle, idle.base)
    inventory.loc[0, "hours_per_month"] = 0.0
    assert task_hours(idle, idle.base).to_frame()["value"].iloc[0] == 0


def test_plays_of_the_quadrant_and_phase_now(example: Dataset) -> None:
    """One row for each task group, of the company's own cell of the playbook."""
    sc = example.base
    found = plays_now(example, sc)
    book = example.tables["playbook"]
    phase = phase_of(float(sc.number("cs_headcount")))
    own = book[(book["quadrant"] == sc.quadrant) & (book["phase"] == phase)]
    assert found.index.is_unique and found.index.name == "task_group"
    assert set(found.index) == set(own["task_group"]) and len(found) > 1
    doubled = replace(example, tables={**example.tables, "playbook": pd.concat([book, book])})
    assert len(plays_now(doubled, sc)) == len(found)


def test_few_tickets(example: Dataset) -> None:
    sc = example.base.replace(tickets_per_account=0.5, accounts=200, few_tickets_per_month=100)
    assert tickets_a_month(sc) == 100 and not has_few_tickets(sc)
    assert has_few_tickets(sc.replace(accounts=199))


def test_a_sentence_begins_with_a_capital_in_english_alone() -> None:
    """A Japanese sentence may begin with the name of a column, which is written as it is."""
    finding = Finding("fit.now.unknown", {"figure": "mrr", "phase": lambda lang: f"<{lang}>"})
    assert finding.sentence("ja").startswith("mrrは、<ja>")
    assert finding.sentence("en").startswith("Mrr would tell") and "<en>" in finding.sentence("en")


def test_new_accounts_of_a_small_company_follow_the_segments(example: Dataset) -> None:
    """Half an account a month in all is shared as the segments' own numbers are, not evenly."""
    table = pd.DataFrame({"segment": ["a", "b"], "accounts": [3.0, 9.0]})
    table = table.assign(
        arpa_monthly=1.0, monthly_churn=0.01, term_months=12.0, new_accounts_per_month=np.nan
    )
    tables = {**example.tables, "segments": table.assign(touch="high")}
    ds = replace(
        example, tables=tables, scenario=Scenario("", ParameterSpace(example.space.parameters, tables))
    )
    found = segments_of(ds, ds.base.replace(growth_monthly=0.0, new_accounts_per_month=0.5))
    assert found.new_accounts.tolist() == pytest.approx([0.125, 0.375])


def test_terms_of_segments_stretch_as_the_parameter_does(example: Dataset) -> None:
    """A segment's own term of 24 months becomes 48 where the usual term is doubled."""
    table = pd.DataFrame({"segment": ["a", "b"], "accounts": [3.0, 9.0], "term_months": [24.0, 12.0]})
    table = table.assign(arpa_monthly=1.0, monthly_churn=0.01, new_accounts_per_month=np.nan, touch="high")
    tables = {**example.tables, "segments": table}
    ds = replace(
        example, tables=tables, scenario=Scenario("", ParameterSpace(example.space.parameters, tables))
    )
    usual = float(ds.base.number("term_months"))
    assert segments_of(ds, ds.base.replace(term_months=2 * usual)).term_months.tolist() == [48, 24]


def test_half_an_hour_of_a_task_that_never_happens_is_told(example: Dataset) -> None:
    inventory = example.tables["task_inventory"].copy()
    inventory.loc[0, ["frequency", "minutes", "hours_per_month"]] = [0.0, np.nan, 0.5]
    idle = replace(example, tables={**example.tables, "task_inventory": inventory})
    assert hours_without_volume(idle)["task_id"].tolist() == [inventory["task_id"].iloc[0]]
    assert hours_without_volume(example).empty


def test_hours_that_a_person_gives(example: Dataset) -> None:
    sc = example.base.replace(paid_hours=100, non_customer_time=0.25)
    assert productive_hours_of(sc) == 75


def test_where_changed_values_come_from(example: Dataset) -> None:
    assert example.base.replace(accounts=10).origins == {"accounts": ""}
    assert example.base.replace(accounts=10, origin="a.toml").origins == {"accounts": "a.toml"}


def test_locks_keep_the_index_of_the_tasks() -> None:
    tasks = pd.DataFrame(
        {"lock_resource": ["", "csm", "bpo"], "bundle_id": ["b", "b", ""]}, index=[10, 20, 30]
    )
    assert locks_of(tasks).to_dict() == {10: "csm", 20: "csm", 30: "bpo"}
