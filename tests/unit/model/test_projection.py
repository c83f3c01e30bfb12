"""Accounts, renewals and hours of the months to come, against hand calculations and properties."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csanalysis.diagnosis.sizing import size_team
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import project_demand, task_hours
from csanalysis.model.projection import project, self_onboarding_factor
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.model.segments import disagreements


def having(ds: Dataset, **tables: pd.DataFrame) -> Dataset:
    """Return the dataset with tables added or replaced."""
    merged = {**ds.tables, **tables}
    space = ParameterSpace(ds.space.parameters, merged)
    return replace(ds, tables=merged, scenario=Scenario("", space))


def tasks(ds: Dataset, **columns: object) -> Dataset:
    """Return the dataset with columns of every task replaced."""
    return having(ds, task_inventory=ds.tables["task_inventory"].assign(**columns))


def segments(ds: Dataset, *rows: tuple[str, float, float, float, float, float, str]) -> Dataset:
    columns = [
        "segment",
        "accounts",
        "arpa_monthly",
        "monthly_churn",
        "new_accounts_per_month",
        "term_months",
    ]
    frame = pd.DataFrame(rows, columns=[*columns, "touch"])
    return having(ds, segments=frame.assign(name_ja=frame["segment"], name_en=frame["segment"]))


def test_worked_example_of_the_domain(example: Dataset) -> None:
    """t = 1: 459 h; t = 12: about 531 h = 5.1 FTE."""
    total = project_demand(example, example.base, 12).total
    assert round(total[1]) == 459
    assert total[12] == pytest.approx(531, abs=0.5)
    assert total[12] / 104 == pytest.approx(5.1, abs=0.05)


def test_a_steady_year_grows_by_the_growth(example: Dataset) -> None:
    accounts = project(example, example.base, 12).accounts[:, 0]
    assert accounts[12] / accounts[0] == pytest.approx(1.01531**12)


def test_monthly_contracts_lose_churn_every_month_and_never_renew(example: Dataset) -> None:
    sc = example.base.replace(term_months=1, growth_monthly=0, new_accounts_per_month=0)
    path = project(example, sc, 12)
    assert path.accounts[:, 0] == pytest.approx(439 * (1 - 0.0284) ** np.arange(13))
    assert not path.renewals.any()


def test_churn_per_contract_is_capped_at_all_and_told(example: Dataset) -> None:
    sc = example.base.replace(term_months=36, monthly_churn=0.05, new_accounts_per_month=0)
    path = project(example, sc, 3)
    assert path.capped
    assert path.lost[0, 0] == pytest.approx(439 / 36)
    assert not project(example, example.base, 3).capped


@pytest.mark.parametrize("dated", [False, True])
def test_accounts_balance(example: Dataset, dated: bool) -> None:
    ds = with_dates(example) if dated else example
    path = project(ds, ds.base, 30)
    assert path.accounts[1:] == pytest.approx((path.accounts - path.lost + path.new)[:-1])
    assert (path.renewals <= path.accounts + 1e-9).all() and (path.lost <= path.accounts + 1e-9).all()


def contracts(dates: list[str], start: str = "2025-01-01", segment: str = "") -> pd.DataFrame:
    frame = pd.DataFrame({"renewal_date": pd.to_datetime(dates), "segment": segment, "end_date": pd.NaT})
    return frame.assign(start_date=pd.Timestamp(start), end_date=pd.to_datetime(frame["end_date"]))


def with_dates(ds: Dataset) -> Dataset:
    """Ten running contracts: six due in month 2, three in month 5, one a month ago (so in month 11)."""
    months = ["2026-06-10"] * 6 + ["2026-09-30"] * 3 + ["2026-03-01"]
    frame = contracts(months)
    return having(ds, accounts=frame)


def test_renewals_fall_due_on_their_dates_and_again_after_the_term(example: Dataset) -> None:
    ds = with_dates(example)
    sc = ds.base.replace(accounts=10, monthly_churn=0, growth_monthly=0, new_accounts_per_month=2)
    due = project(ds, sc, 25).renewals[:, 0]
    first_year = np.zeros(12)
    first_year[[2, 5, 11]] = [6, 3, 1]
    assert due[:12] == pytest.approx(first_year)
    assert due[12:24] == pytest.approx(first_year + 2), "and the two signed in each month"
    assert due[24:26] == pytest.approx(np.array([0, 0]) + 4)


def test_dates_scale_with_the_accounts_of_the_scenario(example: Dataset) -> None:
    ds = with_dates(example)
    assert project(ds, ds.base, 3).renewals[2, 0] == pytest.approx(439 * 0.6)


def test_contracts_without_a_date_go_by_term_and_the_share_is_told(example: Dataset) -> None:
    """One dated contract of 439 must not stand for all of them."""
    ds = having(example, accounts=contracts(["2026-09-30"] + [""] * 438))
    path = project(ds, ds.base, 11)
    assert path.dated_share.tolist() == [1 / 439]
    assert path.renewals[:, 0] == pytest.approx(np.full(12, 439 / 12), abs=10)
    assert "sizing.dated" in [f.key for f in size_team(ds, ds.base).findings]


def test_a_segment_without_dates_goes_by_term(example: Dataset) -> None:
    ds = segments(example, ("a", 39, 6e4, 0.01, 0.0, 12, ""), ("b", 400, 6e4, 0.03, 0.0, 12, ""))
    ds = having(ds, accounts=contracts(["2026-06-10"] * 39, segment="a"))
    path = project(ds, ds.base, 11)
    assert path.renewals[2].tolist()[0] == pytest.approx(39)
    assert path.renewals[0, 1] == pytest.approx(400 / 12)


def test_contracts_that_start_later_are_not_of_today(example: Dataset) -> None:
    now, later = contracts(["2026-06-10"] * 2), contracts(["2028-02-01"] * 2, start="2027-02-01")
    ds = having(example, accounts=pd.concat([now, later]))
    assert project(ds, ds.base, 3).renewals[2, 0] == pytest.approx(439)


def test_a_zero_default_can_still_be_moved(example: Dataset) -> None:
    ds = segments(example, ("a", 439, 6e4, 0.05, 0.0, 1, ""))
    parameters = {**ds.space.parameters}
    parameters["monthly_churn"] = replace(parameters["monthly_churn"], default=0.0)
    ds = replace(ds, scenario=Scenario("", ParameterSpace(parameters, ds.tables)))
    assert project(ds, ds.base.replace(monthly_churn=0.1), 0).lost[0, 0] == pytest.approx(439 * 0.15)


def test_segments_that_say_something_else_are_told(example: Dataset) -> None:
    ds = segments(example, ("a", 439, 120_000, 0.10, 0.0, 1, ""))
    assert [key for key, _, _ in disagreements(ds)] == ["arr", "monthly_churn"]
    assert [f.key for f in size_team(ds, ds.base).findings].count("sizing.segments_differ") == 2


def test_the_cap_is_told(example: Dataset) -> None:
    sc = example.base.replace(monthly_churn=0.1, term_months=24)
    assert "sizing.capped" in [f.key for f in size_team(example, sc).findings]
    assert "sizing.capped" not in [f.key for f in size_team(example, example.base).findings]


def test_seasons_move_new_accounts_and_keep_the_year(example: Dataset) -> None:
    factors = [2.0, 0.5, 0.5, 2.0, 1, 1, 1, 1, 1, 1, 0.5, 0.5]
    profile = pd.DataFrame({"profile": "spring", "month": np.arange(1.0, 13), "factor": factors})
    ds = having(example, season_profiles=profile)
    values = {p.key: p for p in ds.space.parameters.values()}
    values["season_new"] = replace(values["season_new"], choices=("flat", "spring"))
    space = ParameterSpace(values, ds.tables)
    sc = Scenario("", space).replace(season_new="spring", growth_monthly=0)
    new = project(ds, sc, 11).new[:, 0]
    assert new[0] == pytest.approx(2 * 439 * 0.0284), "month 0 is April"
    assert new.sum() == pytest.approx(12 * 439 * 0.0284)


def test_calendar_months_and_their_average(example: Dataset) -> None:
    ds = tasks(
        example, calendar_months="4;10", driver="fixed", frequency=1.0, minutes=60.0, hours_per_month=np.nan
    )
    total = project_demand(ds, ds.base, 11).total
    count = len(ds.tasks)
    assert total.tolist() == [count, 0, 0, 0, 0, 0, count, 0, 0, 0, 0, 0]
    assert task_hours(ds, ds.base).total == pytest.approx(total.mean())


def test_hours_stated_for_a_seasonal_task_are_its_average_month(example: Dataset) -> None:
    ds = tasks(example, calendar_months="4;10", minutes=np.nan, hours_per_month=1.0)
    assert task_hours(ds, ds.base).total == pytest.approx(len(ds.tasks))


def test_work_spread_over_months_follows_the_past(example: Dataset) -> None:
    ds = tasks(
        example, spread_months=3.0, driver="new_account", frequency=1.0, minutes=60.0, hours_per_month=np.nan
    )
    sc = ds.base.replace(growth_monthly=0.1, new_accounts_per_month=10, self_onboarding_target=0.3)
    total = project_demand(ds, sc, 3).total / len(ds.tasks)
    new = 10 * 1.1 ** np.arange(4)
    past = np.array([new[0], new[0], *new])
    assert total == pytest.approx([past[t : t + 3].mean() for t in range(4)])


def test_self_onboarding_curve(example: Dataset) -> None:
    sc = example.base.replace(
        self_onboarding_now=0.3, self_onboarding_target=0.78, self_onboarding_start=2, self_onboarding_tau=3
    )
    left = self_onboarding_factor(sc, 5)
    assert left[:3] == pytest.approx([1, 1, 1])
    assert left[5] == pytest.approx((1 - (0.3 + 0.48 * (1 - np.exp(-1)))) / 0.7)
    at_once = self_onboarding_factor(sc.replace(self_onboarding_tau=0), 5)
    assert at_once == pytest.approx([1, 1, *[0.22 / 0.7] * 4])


def test_self_onboarding_never_touches_other_tasks(example: Dataset) -> None:
    sc = example.base.replace(self_onboarding_target=0.78, self_onboarding_start=0, self_onboarding_tau=0)
    before, after = (project_demand(example, s, 12).by_segment.sum(axis=2) for s in (example.base, sc))
    served = example.tasks["self_serve"].to_numpy() == 1
    assert after[:, ~served] == pytest.approx(before[:, ~served])
    assert after[:, served] == pytest.approx(before[:, served] * 0.22 / 0.7)


def test_one_segment_all_equals_no_table(example: Dataset) -> None:
    ds = segments(example, ("all", 439, 57_000, 0.0284, np.nan, 12, ""))
    for sc in (ds.base, ds.base.replace(accounts=600, monthly_churn=0.02, new_accounts_per_month=5, arr=5e8)):
        expected = project_demand(example, example.base.replace(sc.changed()), 12)
        found = project_demand(ds, sc, 12)
        assert found.total == pytest.approx(expected.total, rel=1e-12)
        assert found.projection.accounts == pytest.approx(expected.projection.accounts, rel=1e-12)


def test_segments_add_up_and_keep_their_proportions(example: Dataset) -> None:
    ds = segments(
        example,
        ("large", 39, 200_000, 0.01, 1.0, 24, "high_touch"),
        ("small", 400, 43_000, 0.03, np.nan, 1, ""),
    )
    demand = project_demand(ds, ds.base, 6)
    frame = demand.to_frame()
    assert set(frame["segment"]) == {"large", "small", "shared"}
    assert frame.groupby("month")["value"].sum().to_numpy() == pytest.approx(demand.total)
    doubled = project(ds, ds.base.replace(accounts=878), 6)
    assert doubled.accounts == pytest.approx(2 * demand.projection.accounts)


def test_a_task_of_one_segment_counts_that_segment_alone(example: Dataset) -> None:
    ds = segments(example, ("a", 100, 1, 0, 0.0, 12, ""), ("b", 339, 1, 0, 0.0, 12, ""))
    ds = tasks(ds, segment="a", driver="active_account", frequency=1.0, minutes=60.0, hours_per_month=np.nan)
    assert task_hours(ds, ds.base).total == pytest.approx(100 * len(ds.tasks))


@pytest.mark.slow
@given(
    st.fixed_dictionaries(
        {
            "accounts": st.floats(1, 1e5),
            "monthly_churn": st.floats(0, 0.3),
            "growth_monthly": st.floats(-0.05, 0.1),
            "term_months": st.integers(1, 36).map(float),
            "onboarding_sessions": st.floats(0, 20),
            "effort": st.floats(0.1, 3),
        }
    ),
    st.integers(1, 5),
)
def test_scenarios_together_equal_one_by_one(example: Dataset, values: dict[str, float], width: int) -> None:
    ramp = np.linspace(0.5, 1, width)
    many = {
        k: np.maximum(v * ramp, 1.0) if k in ("accounts", "term_months") else v * ramp
        for k, v in values.items()
    }
    together = project_demand(example, example.base.replace(many), 8).total
    for n in range(width):
        one = example.base.replace({k: float(v[n]) for k, v in many.items()})
        assert together[:, n] == pytest.approx(project_demand(example, one, 8).total, rel=1e-12)


def test_order_of_tasks_changes_nothing(example: Dataset) -> None:
    shuffled = having(example, task_inventory=example.tables["task_inventory"].sample(frac=1, random_state=1))
    assert project_demand(shuffled, shuffled.base, 6).total == pytest.approx(
        project_demand(example, example.base, 6).total, rel=1e-12
    )
