"""Demand of today: drivers, cells changed by a scenario, hours solved back, many scenarios at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_hours, task_minutes, volumes_today
from csanalysis.model.scenario import Scenario
from csanalysis.model.segments import segments_of
from csanalysis.model.supply import whole_heads
from csanalysis.vocabulary import Driver


def volumes(ds: Dataset, sc: Scenario) -> dict[str, float]:
    return {d: float(v.sum()) for d, v in volumes_today(sc, segments_of(ds, sc)).items()}


def test_drivers_of_the_default_example(example: Dataset) -> None:
    found = volumes(example, example.base)
    assert found[Driver.NEW_ACCOUNT] == pytest.approx(19.2, abs=0.05)
    assert found[Driver.ONBOARDING_SESSION] == pytest.approx(19.2 * 2.84, abs=0.1)
    assert found[Driver.RENEWAL] == pytest.approx(439 / 12)
    assert found[Driver.TICKET] == pytest.approx(439 * 0.25)


def test_monthly_contracts_have_no_renewals(example: Dataset) -> None:
    assert volumes(example, example.base.replace(term_months=1))[Driver.RENEWAL] == 0


def test_new_accounts_entered_win_over_derived_ones(example: Dataset) -> None:
    assert volumes(example, example.base.replace(new_accounts_per_month=7))[Driver.NEW_ACCOUNT] == 7


def test_shrinking_never_gives_negative_new_accounts(example: Dataset) -> None:
    sc = example.base.replace(growth_monthly=-0.05, monthly_churn=0.01)
    assert volumes(example, sc)[Driver.NEW_ACCOUNT] == 0


def test_a_changed_cell_changes_its_task_alone(example: Dataset) -> None:
    before = task_hours(example, example.base).to_frame().set_index("task_id")["value"]
    task = example.tasks.query("minutes > 0 and frequency > 0")["task_id"].iloc[0]
    minutes = example.base[f"tasks.{task}.minutes"]
    after = task_hours(example, example.base.replace({f"tasks.{task}.minutes": 3 * minutes}))
    after = after.to_frame().set_index("task_id")["value"]
    assert after[task] == pytest.approx(3 * before[task])
    assert after.drop(task).equals(before.drop(task))


def test_hours_entered_are_hours_shown_and_grow_with_their_driver(example: Dataset) -> None:
    stated = example.tasks.dropna(subset="hours_per_month").set_index("task_id")["hours_per_month"]
    assert len(stated), "the example shows both forms"
    hours = task_hours(example, example.base).to_frame().set_index("task_id")["value"]
    assert hours[stated.index].to_numpy() == pytest.approx(stated.to_numpy())
    task = example.tasks.query("driver == 'active_account' and minutes > 0")["task_id"].iloc[0]
    restated = example.base.replace({f"tasks.{task}.hours_per_month": 12.0})
    hours = task_hours(example, restated).to_frame().set_index("task_id")["value"]
    assert hours[task] == pytest.approx(12.0)
    doubled = task_hours(example, restated.replace(accounts=878)).to_frame().set_index("task_id")["value"]
    assert doubled[task] == pytest.approx(24.0)


def test_minutes_and_hours_of_one_task_cannot_both_change(example: Dataset) -> None:
    task = example.tasks["task_id"].iloc[0]
    sc = example.base.replace({f"tasks.{task}.hours_per_month": 1.0, f"tasks.{task}.minutes": 1.0})
    with pytest.raises(ValueError, match=task):
        task_minutes(example, sc)


@given(st.lists(st.floats(1, 5000), min_size=1, max_size=5), st.floats(0.1, 3))
def test_many_scenarios_equal_one_by_one(example: Dataset, accounts: list[float], effort: float) -> None:
    together = example.base.replace(accounts=np.array(accounts), effort=effort)
    totals = task_hours(example, together).total
    single = [task_hours(example, example.base.replace(accounts=a, effort=effort)).total for a in accounts]
    assert totals == pytest.approx(single, rel=1e-12)


@given(st.floats(1, 10_000), st.floats(1, 10_000))
def test_more_accounts_never_need_fewer_hours(example: Dataset, one: float, other: float) -> None:
    few, many = sorted((one, other))
    hours = [task_hours(example, example.base.replace(accounts=a)).total for a in (few, many)]
    assert hours[0] <= hours[1] * (1 + 1e-12)


def test_heads_forgive_rounding_noise_and_nothing_else() -> None:
    assert whole_heads(np.array([0.0, 0.3 / 0.1, 3.0, 3.001, -1.0])).tolist() == [0, 3, 3, 4, 0]
