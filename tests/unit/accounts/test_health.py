"""Health: bounds and reasons, no look at the future, and a back-test that can also say no."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import csanalysis as cs
from csanalysis.accounts.account_months import AccountMonths
from csanalysis.accounts.health import Health
from csanalysis.accounts.health_actions import SHEET, TRIGGERS, fired
from csanalysis.accounts.health_backtest import (
    HORIZON,
    auc_of,
    backtest,
    calibration_table,
    cases_of,
    lift_of,
)
from csanalysis.accounts.health_features import features_at, grid_of
from csanalysis.accounts.health_score import COMPONENTS, component_scores, lost_points
from csanalysis.labels import has
from csanalysis.model.dataset import Dataset

WEIGHTS = {"usage": 0.5, "tickets": 0.2, "renewal": 0.3}


@pytest.fixture(scope="module")
def months(example: Dataset) -> AccountMonths:
    return cs.account_months(example)


@pytest.fixture(scope="module")
def found(example: Dataset, months: AccountMonths) -> Health:
    return cs.score_health(example, months=months)


def test_scores_lie_within_bounds_and_points_add_up(months: AccountMonths, found: Health) -> None:
    frame = found.to_frame()
    assert len(frame) == 439 and frame["health"].between(0, 100).all()
    assert frame["health"].is_monotonic_increasing
    grid = grid_of(months.table)
    scores = component_scores(features_at(grid, months.last, 12.0))
    points = lost_points(scores, WEIGHTS).sum(axis=1)
    np.testing.assert_allclose(np.sort(100 - points), frame["health"], atol=1e-9)


@pytest.mark.parametrize("cut", [-10, -4])
def test_features_know_nothing_of_what_comes_later(months: AccountMonths, cut: int) -> None:
    """Whatever is done to rows after the cut, and to the ends of contracts, features stay as they are."""
    table, at = months.table, months.last + cut
    number = table["month"].to_numpy().astype("datetime64[M]").astype(int)
    before = features_at(grid_of(table), at, 12.0)
    later = number > at
    spoilt = table.copy()
    spoilt.loc[later, ["usage", "tickets", "mrr_close", "complexity"]] = 1e6
    spoilt.loc[later, "is_lost"] = ~spoilt.loc[later, "is_lost"]
    pd.testing.assert_frame_equal(features_at(grid_of(spoilt), at, 12.0), before)
    cut_off = features_at(grid_of(table[~later]), at, 12.0)
    names = grid_of(table).accounts[before["account"]], grid_of(table[~later]).accounts[cut_off["account"]]
    assert list(names[0]) == list(names[1])
    drop = {"columns": "account"}
    pd.testing.assert_frame_equal(cut_off.drop(**drop), before.drop(**drop))


def test_what_was_known_then_gives_the_cases_of_the_back_test(example: Dataset) -> None:
    """From raw rows on: later events and contracts, ends not yet known and a column that betrays who leaves.

    A score made at the closing of September 2025, from what was on record by then, must be the score that
    the back-test, which knows all that came later, uses for that closing.
    """
    assert example.accounts is not None and example.usage_events is not None
    contracts = example.tables["accounts"]
    ends = pd.to_datetime(contracts["end_date"])
    betrayed = contracts.assign(complexity=ends.notna() * 5.0, will_leave=ends.notna())
    events = pd.read_csv(example.usage_events.paths[0], dtype=str)
    whole, then = (ibis_of(c, e) for c, e in ((betrayed, events), _known_then(contracts, events)))
    scored = []
    for source, last in ((whole, "2026-03"), (then, "2025-09")):
        months = cs.account_months(source, first="2024-04", last=last, as_of=date(2026, 4, 1))
        grid = grid_of(months.table)
        found = features_at(grid, _CUT, 12.0)
        scores = pd.DataFrame(component_scores(found), index=grid.accounts[found["account"]])
        scored.append(scores.sort_index())
    assert len(scored[0]) > 300
    pd.testing.assert_frame_equal(scored[0], scored[1])


_CUT = (2025 - 1970) * 12 + 8


def _known_then(contracts: pd.DataFrame, events: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what was on record on 1 October 2025."""
    begun = contracts[pd.to_datetime(contracts["start_date"]) < "2025-10-01"]
    ended = pd.to_datetime(begun["end_date"]) < "2025-09-30"
    return begun.assign(end_date=begun["end_date"].where(ended)), events[events["timestamp"] < "2025-10"]


def ibis_of(contracts: pd.DataFrame, events: pd.DataFrame) -> object:
    import ibis

    backend = ibis.duckdb.connect()
    backend.con.register("accounts", contracts)
    backend.con.register("usage_events", events)
    return backend


def test_renewals_of_the_past_do_not_betray_who_stayed(months: AccountMonths) -> None:
    """A renewal date that was moved on by years says the same of the past as one that was not."""
    table = months.table.assign(renewal_date=pd.Timestamp("2026-09-10"))
    moved = months.table.assign(renewal_date=pd.Timestamp("2029-09-10"))
    for at in (months.last - 8, months.last):
        one, other = (features_at(grid_of(t), at, 12.0)["renewal_in"] for t in (table, moved))
        pd.testing.assert_series_equal(one, other)


def test_the_later_part_is_not_used_to_fit(months: AccountMonths) -> None:
    """Outcomes after the split may be anything: weights and chances stay."""
    cases = cases_of(grid_of(months.table), months.last, 12.0)
    first = backtest(cases, WEIGHTS, fitted=True)
    assert first is not None and first.fit_last + HORIZON < first.judged_first
    rng = np.random.default_rng(3)
    lost = np.where(cases.cut >= first.judged_first, rng.random(len(cases.lost)) < 0.1, cases.lost)
    second = backtest(replace(cases, lost=lost), WEIGHTS, fitted=True)
    assert second is not None
    assert second.weights == first.weights and second.slope == first.slope
    assert second.judgements[1].auc < 0.6 < first.judgements[1].auc


def test_noise_is_not_found_to_tell_anything(months: AccountMonths) -> None:
    cases = cases_of(grid_of(months.table), months.last, 12.0)
    rng = np.random.default_rng(5)
    noise = replace(cases, lost=rng.random(len(cases.lost)) < 0.05)
    tested = backtest(noise, WEIGHTS, fitted=False)
    assert tested is not None
    for judged in tested.judgements:
        assert judged.auc == pytest.approx(0.5, abs=0.06)


def test_auc_and_lift() -> None:
    rng = np.random.default_rng(1)
    risk, lost = np.round(rng.random(400), 1), rng.random(400) < 0.2
    assert auc_of(risk, lost) == pytest.approx(roc_auc_score(lost, risk), abs=1e-12)
    assert lift_of(np.ones(50), np.arange(50) < 5) == pytest.approx(1.0)
    assert np.isnan(auc_of([1, 2], [False, False])) and np.isnan(lift_of([1, 2], [False, False]))


def test_calibration_groups_hold_all_cases() -> None:
    rng = np.random.default_rng(2)
    chance = rng.random(1003)
    table = calibration_table(chance, rng.random(1003) < chance)
    assert table["n"].sum() == 1003 and len(table) == 5
    assert table["predicted"].between(table["low"], table["high"]).all()


def test_reasons_and_triggers_have_words_owner_and_deadline(found: Health) -> None:
    frame = found.to_frame()
    worst = frame.iloc[0]
    assert "renewal_near" in worst["reasons"] and "usage_fell" in worst["reasons"]
    assert {trigger.kind for trigger in TRIGGERS} == {"risk", "expansion"}
    for trigger in TRIGGERS:
        assert has(f"trigger.{trigger.code}") and has(f"action.{trigger.code}") and trigger.days > 0
    for row in SHEET:
        assert has(f"health_kpi.{row.code}") and has(f"health_kpi_handover.{row.code}")
    flags = fired(frame)
    assert not (flags["risky_renewal"] & flags["plain_renewal"]).any()
    assert found.actions.set_index("trigger")["accounts"].to_dict() == {k: v.sum() for k, v in flags.items()}
    assert found.sheet.set_index("kpi").at["renewal_rate", "value"] == pytest.approx(230 / 366)


def test_weights_come_from_the_parameters_or_the_records(
    example: Dataset, months: AccountMonths, found: Health
) -> None:
    assert found.weights == pytest.approx(WEIGHTS) and not found.fitted
    sc = example.base.replace(health_weight_usage=1.0, health_weight_tickets=0.0, health_weight_renewal=0.0)
    usage = cs.score_health(example, sc, months=months, judge=False).to_frame()
    known = usage["usage_score"].notna()
    np.testing.assert_allclose(usage.loc[known, "health"], usage.loc[known, "usage_score"])
    assert usage.loc[~known, "health"].isna().all() and (usage.loc[~known, "band"] == "").all()
    fitted = cs.score_health(example, months=months, weights="fitted")
    assert fitted.fitted and sum(fitted.weights.values()) == pytest.approx(1.0)
    assert set(fitted.weights) == set(COMPONENTS)
    with pytest.raises(ValueError, match="not all be 0"):
        cs.score_health(example, sc.replace(health_weight_usage=0.0), months=months)
    with pytest.raises(ValueError, match="fitted"):
        cs.score_health(example, weights="best")


def test_the_example_says_that_it_is_circular(example: Dataset, found: Health) -> None:
    assert found.synthetic
    assert any("circular" in told for told in found.sentences("en"))
    assert any("循環" in told for told in found.sentences("ja"))


def test_what_is_missing_is_said(example: Dataset, months: AccountMonths) -> None:
    without = replace(example, usage_events=None)
    assert "usage_events" in cs.score_health(without).sentences("en")[0]
    tables = {name: table for name, table in example.tables.items() if name != "accounts"}
    assert "accounts" in cs.score_health(replace(example, tables=tables)).sentences("en")[0]
    short = replace(months, table=months.table[months.table["month"] >= "2025-10-01"])
    few = cs.score_health(example, months=short, weights="fitted")
    assert few.backtest is None and few.to_frame()["chance"].isna().all()
    assert any("too few losses" in told for told in few.sentences("en"))
