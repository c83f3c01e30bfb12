"""Sizing: what each method says, when they disagree, and where money runs out."""

from __future__ import annotations

import pytest

from csanalysis.diagnosis.sizing import size_team
from csanalysis.model.dataset import Dataset


def keys(ds: Dataset, **changes: float) -> list[str]:
    return [f.key for f in size_team(ds, ds.base.replace(changes)).findings]


def test_frame_carries_range_source_and_grade(example: Dataset) -> None:
    frame = size_team(example, example.base).to_frame()
    assert frame["method"].tolist() == ["cost_ratio", "task_hours"]
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
