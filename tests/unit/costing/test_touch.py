"""Touch tiers and self-onboarding: by hand, and at the ends of what can be entered."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.costing.touch import TouchPlan
from csanalysis.costing.touch_book import LIFT_COMPLEXITY, tier_of
from csanalysis.costing.touch_curve import upkeep_mask
from csanalysis.costing.touch_findings import findings_of
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import ParameterSpace, Scenario

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


def having(ds: Dataset, **tables: pd.DataFrame | None) -> Dataset:
    """Return the dataset with tables added, replaced or (None) taken away."""
    merged = {name: table for name, table in {**ds.tables, **tables}.items() if table is not None}
    return replace(ds, tables=merged, scenario=Scenario("", ParameterSpace(ds.space.parameters, merged)))


def contracts(ds: Dataset, rows: Iterable[tuple[float, float]]) -> Dataset:
    """Return the dataset with running contracts of (yearly value in JPY, complexity)."""
    frame = pd.DataFrame(rows, columns=["yearly", "complexity"])
    start = pd.Timestamp("2025-01-01")
    frame = frame.assign(account_id=[f"A{n}" for n in range(len(frame))], mrr=frame["yearly"] / 12)
    return having(ds, accounts=frame.assign(start_date=start, end_date=pd.NaT, renewal_date=pd.NaT))


def segments(ds: Dataset, rows: Iterable[tuple[str, float, float, str]]) -> Dataset:
    """Return the dataset with segments of (key, accounts, JPY a month, touch) and no accounts table."""
    frame = pd.DataFrame(rows, columns=["segment", "accounts", "arpa_monthly", "touch"])
    frame = frame.assign(name_ja=frame["segment"], name_en=frame["segment"], term_months=12.0)
    frame = frame.assign(monthly_churn=0.02, new_accounts_per_month=math.nan)
    return having(ds, segments=frame, accounts=None)


def keys(plan: TouchPlan) -> set[str]:
    return {finding.key for finding in plan.findings}


def test_the_example_by_hand(example: Dataset) -> None:
    """Counted from data/accounts.csv with the thresholds 3.0M and 0.6M and the lift from complexity 5 on."""
    table = example.accounts
    assert table is not None
    running = table[table["end_date"].isna()]
    yearly, complexity = 12 * running["mrr"].to_numpy(), running["complexity"].to_numpy()
    plain = np.select([yearly >= 3e6, yearly >= 6e5], [0, 1], 2)
    served = np.where(complexity >= 5, np.maximum(plain - 1, 0), plain)
    plan = cs.plan_touch(example, example.base)
    assert plan.basis == "accounts" and plan.decided
    assert [t.accounts for t in plan.tiers] == pytest.approx([(served == n).sum() for n in range(3)])
    assert [t.arr for t in plan.tiers] == pytest.approx([yearly[served == n].sum() for n in range(3)])
    assert [t.fte for t in plan.tiers] == pytest.approx(
        [t.accounts / n for t, n in zip(plan.tiers, (22, 100, 500), strict=True)]
    )
    low = plan.tier("low_touch")
    assert (low.fte_low, low.fte_high) == pytest.approx((low.accounts / 150, low.accounts / 50))
    assert low.monthly_cost == pytest.approx(low.fte * 450_000)
    assert low.cost_ratio == pytest.approx(12 * low.monthly_cost / low.arr)
    assert plan.rule.lifted == pytest.approx((plain != served).sum()) and plan.rule.lifted == 38
    assert plan.task_fte == pytest.approx(453.4 / 104, abs=0.01)
    assert not keys(plan) & {"touch.differs", "touch.scaled"}


def test_self_onboarding_of_the_example_by_hand(example: Dataset) -> None:
    """Self-serve: sessions 81.7 h, account set-up and settings 44 min x 19.19; 48 of 70 points are saved."""
    plan = cs.plan_touch(example, example.base.replace(self_onboarding_target=0.78))
    lever = plan.lever
    new = 439 * (0.0284 + 0.01531)
    served = new * 2.84 * 1.5 + new * 44 / 60
    assert lever.served_hours == pytest.approx(served)
    assert lever.settled_hours == pytest.approx(served * 0.48 / 0.70)
    assert lever.hour_cost == pytest.approx(450_000 / 104)
    assert (lever.hour_cost_low, lever.hour_cost_high) == pytest.approx((400_000 / 104, 650_000 / 104))
    assert [task for task, _, _ in lever.upkeep_tasks] == ["con_self_onboarding"]
    assert lever.licence is not None and lever.licence.monthly_jpy == 100_000 + 150 * 439
    curve = plan.curve.set_index("month")
    share = 0.3 + 0.48 * (1 - math.exp(-3 / 3))
    assert curve.loc[6, "share"] == pytest.approx(share)
    hours = served * (1 + 0.01531) ** 6
    assert curve.loc[6, "hours_saved"] == pytest.approx(hours * (share - 0.3) / 0.7)
    assert curve.loc[[1, 2], ["hours_saved", "licence_jpy", "upkeep_jpy", "net_jpy"]].to_numpy().sum() == 0
    assert list(curve["setup_jpy"]) == [0, 0, 500_000, *[0] * 9]
    burden = curve["upkeep_jpy"] + curve["licence_jpy"]
    assert lever.crossing == 6 == int(curve.index[curve["saved_jpy"] > burden][0])
    assert lever.crossing_without_licence == 4
    assert curve["net_jpy"].to_numpy() == pytest.approx(
        (curve["saved_jpy"] - burden - curve["setup_jpy"]).to_numpy()
    )


def test_saved_hours_equal_two_runs_of_the_demand(example: Dataset) -> None:
    """Differential: the projection at the target against the projection at today's share."""
    sc = example.base.replace(self_onboarding_target=0.6, self_onboarding_start=2, horizon_months=24)
    now = cs.project_demand(example, sc.replace(self_onboarding_target=0.3)).total[1:]
    saved = now - cs.project_demand(example, sc).total[1:]
    assert cs.plan_touch(example, sc).curve["hours_saved"].to_numpy() == pytest.approx(saved)


def test_the_break_even_target_is_where_nothing_is_left(example: Dataset) -> None:
    lever = cs.plan_touch(example, example.base).lever
    share = lever.break_even_target
    assert share is not None
    assert lever.hours_at(share) * lever.hour_cost == pytest.approx(lever.burden_jpy)
    pulled = cs.plan_touch(example, example.base.replace(self_onboarding_target=0.78)).lever
    licence = pulled.licence
    assert licence is not None
    left = pulled.settled_hours - pulled.bearable_upkeep
    assert left * pulled.hour_cost == pytest.approx(licence.monthly_jpy)


def test_without_a_project_nothing_is_saved_or_charged(example: Dataset) -> None:
    plan = cs.plan_touch(example, example.base)
    money = ["hours_saved", "saved_jpy", "upkeep_jpy", "licence_jpy", "setup_jpy", "net_jpy"]
    assert (plan.curve[money] == 0).all(axis=None)
    assert plan.lever.crossing is None and "touch.self.off" in keys(plan)
    assert (plan.curve["upkeep_hours"] == 4).all()
    assert plan.targets["target"].min() == 0.3 and plan.targets["target"].max() == 0.78


def test_a_time_constant_of_zero_is_at_once(example: Dataset) -> None:
    sc = example.base.replace(
        self_onboarding_target=0.78, self_onboarding_tau=0, self_onboarding_start=0, growth_monthly=0
    )
    plan = cs.plan_touch(example, sc)
    assert plan.curve["hours_saved"].to_numpy() == pytest.approx(plan.lever.settled_hours)
    assert plan.lever.crossing == 1
    assert plan.curve["setup_jpy"].iloc[0] == 500_000 and plan.curve["setup_jpy"].sum() == 500_000


def test_a_target_below_today_costs_hours_and_buys_no_tool(example: Dataset) -> None:
    plan = cs.plan_touch(example, example.base.replace(self_onboarding_target=0.1))
    assert plan.lever.settled_hours < 0 and (plan.curve["hours_saved"].iloc[3:] < 0).all()
    assert (plan.curve[["licence_jpy", "setup_jpy", "upkeep_jpy"]] == 0).all(axis=None)
    assert "touch.self.below" in keys(plan) and plan.lever.crossing is None
    assert plan.targets["target"].iloc[0] == 0.1


@pytest.mark.parametrize("horizon", [1, 2])
def test_a_start_after_the_horizon_is_told(example: Dataset, horizon: int) -> None:
    """The start is month 3."""
    sc = example.base.replace(self_onboarding_target=0.78, horizon_months=horizon)
    plan = cs.plan_touch(example, sc)
    assert len(plan.curve) == horizon and (plan.curve[["hours_saved", "net_jpy"]] == 0).all(axis=None)
    assert "touch.self.too_late" in keys(plan)


def test_a_horizon_of_one_month_can_pay(example: Dataset) -> None:
    sc = example.base.replace(
        self_onboarding_target=0.78, horizon_months=1, self_onboarding_start=1, self_onboarding_tau=0
    )
    assert cs.plan_touch(example, sc).lever.crossing == 1


def test_a_lead_that_is_lost_again_is_no_crossing(example: Dataset) -> None:
    """Shrinking new business: the time freed outweighs its cost at first only."""
    sc = example.base.replace(
        self_onboarding_target=0.78,
        self_onboarding_start=1,
        self_onboarding_tau=0,
        growth_monthly=-0.1,
        new_accounts_per_month=19,
    )
    lever = cs.plan_touch(example, sc).lever
    ahead = lever.table["saved_jpy"] > lever.table["upkeep_jpy"] + lever.table["licence_jpy"]
    assert ahead.iloc[0] and not ahead.iloc[-1] and lever.crossing is None


def test_a_dear_tool_never_pays_and_that_is_told(example: Dataset) -> None:
    sc = example.base.replace({"resources.tech_touch.price": 2_000.0}, self_onboarding_target=0.78)
    plan = cs.plan_touch(example, sc)
    assert plan.lever.crossing is None and plan.lever.break_even_target is None
    assert {"touch.self.never_with_tool", "touch.self.no_target"} <= keys(plan)
    assert plan.lever.licence is not None and plan.lever.licence.grade == "assumption"


def test_rate_cards_without_and_with_several_tools(example: Dataset) -> None:
    card = example.resources
    none = having(example, resources=card[card["kind"] != "tech_touch"])
    sc = none.base.replace(self_onboarding_target=0.78)
    plan = cs.plan_touch(none, sc)
    assert plan.lever.licence is None and "touch.self.no_tool" in keys(plan)
    assert (plan.curve["licence_jpy"] == 0).all() and plan.lever.crossing == 4
    tool = card[card["kind"] == "tech_touch"]
    cheap = tool.assign(resource_id="cheap", price=50.0, block=100.0, minimum_units=0.0, included_units=50.0)
    several = having(example, resources=pd.concat([card, cheap]))
    plan = cs.plan_touch(several, several.base.replace(self_onboarding_target=0.78))
    assert plan.lever.licence is not None and plan.lever.licence.resource_id == "cheap"
    assert plan.lever.licence.monthly_jpy == 100_000 + 50 * (500 - 50)
    assert "touch.self.cheapest_tool" in keys(plan)


def test_nothing_to_serve_saves_nothing(example: Dataset) -> None:
    ds = having(example, task_inventory=example.tasks.assign(self_serve=0.0))
    plan = cs.plan_touch(ds, ds.base.replace(self_onboarding_target=0.78))
    assert (plan.curve["hours_saved"] == 0).all() and plan.lever.break_even_target is None
    assert "touch.self.no_tasks" in keys(plan)


def test_which_tasks_keep_the_content(example: Dataset) -> None:
    """By their words; without such words all onboarding content; by hand; unknown tasks are named."""
    tasks = example.tasks

    def kept(frame: pd.DataFrame, named: list[str] | None = None) -> list[str]:
        return list(frame.loc[upkeep_mask(frame, named), "task_id"])

    assert kept(tasks) == ["con_self_onboarding"]
    plain = tasks.replace(
        {
            "task_id": {"con_self_onboarding": "content"},
            "name_ja": {"セルフオンボーディング教材の更新": "教材"},
            "name_en": {"Upkeep of self-onboarding content": "Content"},
        }
    )
    assert kept(plain) == ["faq_manual_template", "content"]
    assert kept(tasks, ["faq_write"]) == ["faq_write"]
    assert kept(tasks[tasks["task_group"] != "faq_content"]) == []
    plan = cs.plan_touch(example, example.base, upkeep=[])
    assert plan.lever.upkeep_today == 0 and "touch.self.no_upkeep" in keys(plan)
    with pytest.raises(ValueError, match="no_such"):
        cs.plan_touch(example, example.base, upkeep=["no_such"])


def test_thresholds_belong_to_the_tier_above_and_complexity_lifts_one_tier() -> None:
    assert tier_of([3e6, 3e6 - 1, 6e5, 6e5 - 1, 0], 3e6, 6e5).tolist() == [0, 1, 1, 2, 2]
    lifted = tier_of([3e6, 1e6, 1e5, 1e5], 3e6, 6e5, [5, 5, 5, 4], LIFT_COMPLEXITY)
    assert lifted.tolist() == [0, 0, 1, 2]


def test_tables_that_disagree_are_scaled_and_told(example: Dataset) -> None:
    """Ten contracts for 439 accounts: shares by the table, totals by the parameters."""
    ds = contracts(example, [(6e6, 1), *[(1.2e6, 1)] * 4, *[(12_000, math.nan)] * 5])
    plan = cs.plan_touch(ds, ds.base)
    assert [t.accounts for t in plan.tiers] == pytest.approx([43.9, 175.6, 219.5])
    assert sum(t.arr for t in plan.tiers) == pytest.approx(300_276_000)
    assert {"touch.differs", "touch.no_complexity"} <= keys(plan)
    same = contracts(example, [(684_000, 3)] * 439)
    assert not {"touch.differs", "touch.scaled"} & keys(cs.plan_touch(same, same.base))
    moved = cs.plan_touch(same, same.base.replace(accounts=120, arr=1e9))
    assert "touch.scaled" in keys(moved) and moved.tier("high_touch").accounts == pytest.approx(120)


def test_unpaid_and_unfinished_records(example: Dataset) -> None:
    """Contracts worth nothing share ARR by accounts; none running: as if there were no table."""
    free = contracts(example, [(0, math.nan)] * 3)
    plan = cs.plan_touch(free, free.base)
    assert plan.tier("tech_touch").arr == pytest.approx(300_276_000)
    accounts = free.tables["accounts"].assign(end_date=pd.Timestamp("2025-02-01"))
    gone = having(free, accounts=accounts)
    assert cs.plan_touch(gone, gone.base).basis == "average"
    no_column = having(free, accounts=free.tables["accounts"].drop(columns="complexity"))
    assert "touch.no_complexity" in keys(cs.plan_touch(no_column, no_column.base))


def test_segments_and_their_touch(example: Dataset) -> None:
    rows = [("a", 39, 300_000, ""), ("b", 100, 300_000, "tech_touch"), ("c", 300, 10_000, "")]
    ds = segments(example, rows)
    plan = cs.plan_touch(ds, ds.base)
    assert plan.basis == "segments" and plan.decided
    assert [t.accounts for t in plan.tiers] == pytest.approx([39, 0, 400])
    assert {"touch.basis.segments", "touch.given", "touch.differs"} <= keys(plan)
    stated = segments(example, [("a", 439, 57_000, "high_touch")])
    assert cs.plan_touch(stated, stated.base).tier("high_touch").grade == "secondhand"


def test_one_average_account_decides_nothing(example: Dataset) -> None:
    ds = having(example, accounts=None)
    plan = cs.plan_touch(ds, ds.base)
    assert not plan.decided and [t.accounts for t in plan.tiers] == [0, 439, 0]
    assert {"touch.basis.average", "touch.average_flips", "touch.team.average"} <= keys(plan)
    words = " ".join(plan.sentences("en"))
    assert "cannot be decided" in words and "accounts table is needed" in words


@pytest.mark.parametrize(
    ("fte", "verdict"),
    [(0.0, "short"), (1.0, "short"), (3.7, "balance"), (5.0, "undecided"), (30.0, "spare")],
)
def test_the_team_of_today_beside_the_tiers(example: Dataset, fte: float, verdict: str) -> None:
    assert f"touch.team.{verdict}" in keys(cs.plan_touch(example, example.base.replace(cs_fte=fte)))


def test_a_value_without_range_has_no_ends(example: Dataset) -> None:
    """A changed value outside its range states none; the sum then moves with the other tiers alone."""
    sc = example.base.replace(accounts_per_csm_tech=5_000, touch_low_min_arr=5e6)
    plan = cs.plan_touch(example, sc)
    tech = plan.tier("tech_touch")
    assert math.isnan(tech.fte_low) and math.isnan(plan.rule.fte_at_low)
    assert "touch.inverted" in keys(plan) and "touch.thresholds" not in keys(plan)
    assert "no range given" in " ".join(plan.sentences("en"))


def test_the_frame_is_tidy(example: Dataset) -> None:
    plan = cs.plan_touch(example, example.base)
    frame = plan.to_frame()
    assert list(frame) == ["touch", "measure", "value", "low", "high", "unit", "source", "grade"]
    wide = frame.pivot(index="touch", columns="measure", values="value")
    assert wide.loc["total", "accounts"] == pytest.approx(439)
    assert wide["fte"].drop("total").sum() == pytest.approx(wide.loc["total", "fte"])


@pytest.mark.parametrize("target", [0.1, 0.3, 0.78])
def test_sentences_speak_one_language_and_state_their_limits(example: Dataset, target: float) -> None:
    plan = cs.plan_touch(example, example.base.replace(self_onboarding_target=target))
    for lang in ("ja", "en"):
        told = plan.sentences(lang)
        assert all(told) and len(told) == len(plan.findings)
    assert not JAPANESE.search(" ".join(plan.sentences("en")))
    words = " ".join(plan.sentences("en"))
    assert "n = 1" in words and "was not used" in words and "not cash" in words
    again = findings_of(plan, example, example.base.replace(self_onboarding_target=target))
    assert [f.sentence("ja") for f in again] == plan.sentences("ja")
