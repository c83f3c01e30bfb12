"""What would have to be true for the methods to agree: the implied values, put back, give the same size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csanalysis.diagnosis.reconcile import UNITS, reconcile
from csanalysis.diagnosis.sizing import size_team
from csanalysis.model.dataset import Dataset


@pytest.mark.slow
@given(st.floats(1e8, 5e9), st.integers(50, 2000), st.floats(0, 5e6))
def test_implied_values_put_back_give_the_same_team(
    example: Dataset, arr: float, accounts: int, tools: float
) -> None:
    sc = example.base.replace(arr=arr, accounts=float(accounts), tools_annual_cost=tools)
    implied = reconcile(size_team(example, sc)).frame.set_index("method")
    target = implied.loc["task_hours"]
    again = sc.replace(
        cs_cost_ratio=min(float(target["cs_cost_ratio"]), 1.0),
        arr_per_head=float(target["arr_per_head"]),
        accounts_per_csm=float(target["accounts_per_csm"]),
    )
    sizing = size_team(example, again)
    for method in ("arr_per_head", "coverage"):
        assert sizing.method(method).fte == pytest.approx(target["fte"])
    if target["cs_cost_ratio"] <= 1:
        assert sizing.method("cost_ratio").fte == pytest.approx(target["fte"])


def test_domain_figures(example: Dataset) -> None:
    """62 minutes per account; 7.9 % of ARR for today's 4.4 FTE; 99.8 accounts per FTE."""
    frame = reconcile(size_team(example, example.base)).frame.set_index("method")
    assert round(frame.loc["task_hours", "minutes_per_account"]) == 62
    assert frame.loc["current", "cs_cost_ratio"] == pytest.approx(0.079, abs=5e-4)
    assert frame.loc["current", "accounts_per_csm"] == pytest.approx(99.8, abs=0.05)


def test_one_method_is_never_called_two(example: Dataset) -> None:
    keys = [f.key for f in reconcile(size_team(example, example.base)).findings]
    assert "reconcile.one_method" in keys
    own = reconcile(size_team(example, example.base.replace(arr_per_head=8e7)))
    assert "reconcile.one_method" not in [f.key for f in own.findings]


def test_frame_names_the_unit_of_every_quantity(example: Dataset) -> None:
    frame = reconcile(size_team(example, example.base)).to_frame()
    assert len(frame) == 5 * len(UNITS) and frame["unit"].notna().all() and frame["assumed"].notna().all()


def test_a_team_of_nobody_implies_nothing(example: Dataset) -> None:
    frame = reconcile(size_team(example, example.base.replace(cs_fte=0))).frame.set_index("method")
    assert frame.loc["current", ["arr_per_head", "accounts_per_csm"]].isna().all()
