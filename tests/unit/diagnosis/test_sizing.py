"""Sizing: what each method says, when they disagree, and where money runs out."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from csanalysis.diagnosis.sizing import size_team
from csanalysis.model.dataset import Dataset


def keys(ds: Dataset, **changes: float) -> list[str]:
    return [f.key for f in size_team(ds, ds.base.replace(changes)).findings]


def test_frame_carries_range_source_and_grade(example: Dataset) -> None:
    frame = size_team(example, example.base).to_frame()
    assert frame["method"].tolist() == ["cost_ratio", "arr_per_head", "coverage", "task_hours"]
    assert (frame["fte_low"] <= frame["fte"]).all() and (frame["fte"] <= frame["fte_high"]).all()
    assert (frame["heads"] >= frame["fte"]).all() and (frame["heads"] % 1 == 0).all()
    assert frame["source"].str.len().gt(0).all() and set(frame["unit"]) == {"JPY/year"}


def test_balance_shortage_and_spare_are_told_apart(example: Dataset) -> None:
    assert "sizing.in_balance" in keys(example, cs_fte=4.4)
    assert "sizing.short" in keys(example, cs_fte=3.0)
    assert "sizing.spare" in keys(example, cs_fte=6.0)
    assert "sizing.no_team" in keys(example, cs_fte=0.0)


def test_methods_that_disagree_are_questioned(example: Dataset) -> None:
    assert "sizing.disagree" not in keys(example)
    assert "sizing.disagree" in keys(example, arr=1e9)


def test_tools_that_eat_the_budget_leave_nobody(example: Dataset) -> None:
    sc = example.base.replace(tools_annual_cost=30_000_000)
    sizing = size_team(example, sc)
    assert sizing.method("cost_ratio").fte == 0
    assert "sizing.no_budget" in [f.key for f in sizing.findings]


def test_doubling_every_task_doubles_the_team(example: Dataset) -> None:
    one, two = (size_team(example, example.base.replace(effort=e)).method("task_hours").fte for e in (1, 2))
    assert two == pytest.approx(2 * one)


def test_arr_per_head_from_the_ratio_is_no_second_witness(example: Dataset) -> None:
    assert not size_team(example, example.base).independent
    assert not size_team(example, example.base.replace(cs_cost_ratio=0.06)).independent, "still derived"
    own = example.base.replace(arr_per_head=80e6)
    assert size_team(example, own).independent
    same = example.base.replace(cs_cost_ratio=0.06, arr_per_head=12 * 450_000 / 0.06)
    assert not size_team(example, same).independent


def test_horizon_mean_and_peak(example: Dataset) -> None:
    """Domain: 5.1 FTE in month 12; the in-house plan has to hire."""
    sizing = size_team(example, example.base)
    assert sizing.peak_month == 12 and sizing.peak_fte == pytest.approx(5.1, abs=0.05)
    assert sizing.method("task_hours").fte < sizing.mean_fte < sizing.peak_fte
    assert "sizing.peak" in [f.key for f in sizing.findings]


def test_coverage_by_touch_uses_the_touch_of_each_segment(example: Dataset) -> None:
    columns = ["segment", "accounts", "arpa_monthly", "monthly_churn", "term_months", "touch"]
    rows = [
        ("a", 44, 2e5, 0.01, 12, "high_touch"),
        ("b", 300, 4e4, 0.03, 1, "tech_touch"),
        ("c", 95, 5e4, 0, 12, ""),
    ]
    table = pd.DataFrame(rows, columns=columns).assign(new_accounts_per_month=float("nan"))
    ds = replace(example, tables={**example.tables, "segments": table})
    sc = ds.base.replace(accounts_per_csm_high=22, accounts_per_csm_tech=500, accounts_per_csm=95)
    assert size_team(ds, sc).method("coverage").fte == pytest.approx(2 + 0.6 + 1)
