"""The ten rows of the published table (ADISH): ARR x 8 % / (450,000 x 12), one decimal."""

from __future__ import annotations

import pytest

from csanalysis.diagnosis.sizing import size_team
from csanalysis.model.dataset import Dataset

PUBLISHED = [
    (100, 8, 1.5),
    (200, 16, 3.0),
    (300, 24, 4.4),
    (400, 32, 5.9),
    (500, 40, 7.4),
    (600, 48, 8.9),
    (700, 56, 10.4),
    (800, 64, 11.9),
    (900, 72, 13.3),
    (1000, 80, 14.8),
]


@pytest.mark.parametrize(("arr_million", "cost_million", "heads"), PUBLISHED)
def test_row(example: Dataset, arr_million: int, cost_million: int, heads: float) -> None:
    sc = example.base.replace(
        arr=arr_million * 1e6,
        cs_cost_ratio=0.08,
        csm_monthly_cost=450_000,
        tools_annual_cost=0,
        external_annual_cost=0,
    )
    row = size_team(example, sc).method("cost_ratio")
    assert round(row.fte, 1) == heads
    assert row.annual_cost == pytest.approx(cost_million * 1e6)


def test_tools_and_outside_services_leave_fewer_heads(example: Dataset) -> None:
    """The article: tools cost something too, so heads will be a little fewer."""
    sc = example.base.replace(arr=1e9, tools_annual_cost=5_400_000, external_annual_cost=5_400_000)
    assert size_team(example, sc).method("cost_ratio").fte == pytest.approx(80 / 5.4 - 2)


def test_advised_range_is_six_to_ten_percent(example: Dataset) -> None:
    row = size_team(example, example.base.replace(arr=1e9)).method("cost_ratio")
    assert (row.fte_low, row.fte_high) == pytest.approx((60 / 5.4, 100 / 5.4))
