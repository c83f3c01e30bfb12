"""What must hold for touch tiers and self-onboarding whatever a company enters."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import csanalysis as cs
from csanalysis.costing.touch import TouchPlan
from csanalysis.costing.touch_book import tier_of
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import ParameterSpace, Scenario

THRESHOLDS = ("touch_high_min_arr", "touch_low_min_arr")
MONEY = st.integers(min_value=0, max_value=10_000_000)
CONTRACTS = st.lists(
    st.tuples(MONEY, st.just(math.nan) | st.integers(min_value=1, max_value=5)),
    min_size=1,
    max_size=30,
)
SEGMENTS = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=400),
        MONEY,
        st.sampled_from(["", "high_touch", "low_touch", "tech_touch"]),
    ),
    min_size=1,
    max_size=5,
).filter(lambda rows: sum(row[0] for row in rows) > 0)


def company(ds: Dataset, contracts: object, segments: object) -> Dataset:
    """Return the example with an accounts table, a segments table, or neither."""
    tables = {name: table for name, table in ds.tables.items() if name != "accounts"}
    if contracts is not None:
        frame = pd.DataFrame(contracts, columns=["yearly", "complexity"])
        dates = {"start_date": pd.Timestamp("2025-01-01"), "end_date": pd.NaT, "renewal_date": pd.NaT}
        names = [f"A{n}" for n in range(len(frame))]
        tables["accounts"] = frame.assign(account_id=names, mrr=frame["yearly"] / 12, **dates)
    elif segments is not None:
        frame = pd.DataFrame(segments, columns=["accounts", "arpa_monthly", "touch"])
        keys = [f"s{n}" for n in range(len(frame))]
        frame = frame.assign(segment=keys, name_ja=keys, name_en=keys, term_months=12.0, monthly_churn=0.02)
        tables["segments"] = frame.astype({"accounts": float, "arpa_monthly": float}).assign(
            new_accounts_per_month=math.nan
        )
    return replace(ds, tables=tables, scenario=Scenario("", ParameterSpace(ds.space.parameters, tables)))


@settings(max_examples=40)
@given(contracts=st.none() | CONTRACTS, segments=st.none() | SEGMENTS, high=MONEY, low=MONEY)
def test_nothing_is_lost(example: Dataset, contracts: object, segments: object, high: int, low: int) -> None:
    """Accounts, ARR and FTE of the tiers add up, whatever the tables add up to."""
    ds = company(example, contracts, segments)
    plan = cs.plan_touch(ds, ds.base.replace(touch_high_min_arr=high, touch_low_min_arr=low))
    assert sum(tier.accounts for tier in plan.tiers) == pytest.approx(439)
    assert sum(tier.arr for tier in plan.tiers) == pytest.approx(300_276_000)
    assert sum(tier.fte for tier in plan.tiers) == pytest.approx(plan.total.fte)
    for tier in (*plan.tiers, plan.total):
        assert tier.fte_low - 1e-9 <= tier.fte <= tier.fte_high + 1e-9
    assert 0 <= plan.rule.lifted <= 439 + 1e-9
    for lang in ("ja", "en"):
        assert all(plan.sentences(lang))


@given(
    values=st.lists(MONEY, min_size=1, max_size=30),
    lift=st.integers(min_value=1, max_value=5),
    high=MONEY,
    low=MONEY,
    more=MONEY,
    seed=st.integers(min_value=0, max_value=99),
)
def test_a_higher_threshold_never_lifts_anyone(
    values: list[int], lift: int, high: int, low: int, more: int, seed: int
) -> None:
    """0 = high, 2 = tech: positions never fall as a threshold rises, and never rise with complexity."""
    complexity = np.random.default_rng(seed).integers(1, 6, len(values)).astype(float)
    before = tier_of(values, high, low, complexity, lift)
    assert (tier_of(values, high + more, low, complexity, lift) >= before).all()
    assert (tier_of(values, high, low + more, complexity, lift) >= before).all()
    assert (tier_of(values, high, low, complexity + 1, lift) <= before).all()
    assert (tier_of(values, high, low) - before <= 1).all()


def doubled(ds: Dataset) -> Dataset:
    """Return the company with every amount of JPY doubled, in tables and parameters."""
    accounts, card = ds.tables["accounts"], ds.tables["resources"]
    tables = {**ds.tables, "accounts": accounts.assign(mrr=2 * accounts["mrr"])}
    amounts = ["price", "base_fee", "setup_cost", "hiring_cost", "success_cap"]
    tables["resources"] = card.assign(**{name: 2 * card[name] for name in amounts})
    parameters = {
        key: replace(p, default=2 * p.default, low=2 * p.low, high=2 * p.high)
        if p.unit.startswith("JPY") and isinstance(p.default, float)
        else p
        for key, p in ds.space.parameters.items()
    }
    return replace(ds, tables=tables, scenario=Scenario("", ParameterSpace(parameters, tables)))


def test_doubling_every_amount_changes_no_tier(example: Dataset) -> None:
    """Money doubles, accounts, hours and months stay: in the tables, and as a change of the scenario."""
    other = doubled(example)
    target = {"self_onboarding_target": 0.78}
    plan, twice = (cs.plan_touch(ds, ds.base.replace(target)) for ds in (example, other))
    same_but_for_money(plan, twice)
    curve, more = plan.curve, twice.curve
    amounts = [name for name in curve if name.endswith("_jpy")]
    assert more[amounts].to_numpy() == pytest.approx(2 * curve[amounts].to_numpy())
    assert more.drop(columns=amounts).to_numpy() == pytest.approx(curve.drop(columns=amounts).to_numpy())
    assert twice.lever.crossing == plan.lever.crossing
    changed = {key: 2 * example.base.number(key) for key in ("arr", "csm_monthly_cost", *THRESHOLDS)}
    same_but_for_money(plan, cs.plan_touch(example, example.base.replace({**changed, **target})))


def same_but_for_money(plan: TouchPlan, twice: TouchPlan) -> None:
    for one, other in zip((*plan.tiers, plan.total), (*twice.tiers, twice.total), strict=True):
        assert (other.accounts, other.fte, other.lifted) == pytest.approx((one.accounts, one.fte, one.lifted))
        assert (other.arr, other.monthly_cost) == pytest.approx((2 * one.arr, 2 * one.monthly_cost))
        assert other.cost_ratio == pytest.approx(one.cost_ratio, nan_ok=True)


@settings(max_examples=30)
@given(
    now=st.floats(min_value=0, max_value=0.9),
    target=st.floats(min_value=0, max_value=1),
    start=st.integers(min_value=0, max_value=20),
    tau=st.floats(min_value=0, max_value=24),
    horizon=st.integers(min_value=1, max_value=18),
)
def test_hours_saved_follow_the_share(
    example: Dataset, now: float, target: float, start: int, tau: float, horizon: int
) -> None:
    """The sign is that of target - now, nothing before the start, and the share stays between the two."""
    sc = example.base.replace(
        self_onboarding_now=now,
        self_onboarding_target=target,
        self_onboarding_start=start,
        self_onboarding_tau=tau,
        horizon_months=horizon,
    )
    plan = cs.plan_touch(example, sc)
    curve = plan.curve
    saved = curve["hours_saved"].to_numpy()
    assert len(curve) == horizon and (saved[curve["month"] < start] == 0).all()
    assert (saved * np.sign(target - now) >= -1e-9).all()
    low, high = sorted((now, target))
    assert curve["share"].between(low - 1e-9, high + 1e-9).all()
    lever = plan.lever
    if lever.crossing is not None:
        after = curve[curve["month"] >= lever.crossing]
        assert (after["saved_jpy"] > after["upkeep_jpy"] + after["licence_jpy"]).all()
        before = curve[curve["month"] == lever.crossing - 1]
        assert (before["saved_jpy"] <= before["upkeep_jpy"] + before["licence_jpy"]).all()
    assert (plan.targets["target"].diff().dropna() > 0).all()
