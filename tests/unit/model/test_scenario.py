"""A scenario is frozen, knows its keys and bounds, and says in both languages what is wrong."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from csanalysis.model.dataset import Dataset


def test_replace_leaves_the_original_alone(example: Dataset) -> None:
    sc = example.base
    changed = sc.replace(arr=5e8)
    assert changed["arr"] == 5e8 and sc["arr"] != 5e8
    assert changed.changed() == {"arr": 5e8} and sc.changed() == {}


def test_going_back_to_the_default_is_no_change(example: Dataset) -> None:
    sc = example.base
    assert sc.replace(arr=5e8).replace(arr=sc["arr"]).changed() == {}


@pytest.mark.parametrize(
    "key", ["arrr", "resources.nobody.price", "resources.bpo.colour", "tasks.x.name_ja", "resources.bpo"]
)
def test_unknown_keys_are_named(example: Dataset, key: str) -> None:
    with pytest.raises(ValueError, match=key) as caught:
        example.base.replace({key: 1.0})
    assert "unknown parameter" in str(caught.value) and "知らないパラメータ" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("arr", -1.0),
        ("arr", float("nan")),
        ("arr", float("inf")),
        ("arr", "much"),
        ("arr", None),
        ("arr", True),
        ("monthly_churn", 1.5),
        ("product_type", "toaster"),
        ("product_type", 1.0),
        ("cs_headcount", 0),
        ("cs_headcount", 2.5),
        ("resources.bpo.price", -1.0),
        ("resources.bpo.productivity", 0.0),
        ("accounts", np.array([100.0, -5.0])),
        ("accounts", np.array([])),
    ],
)
def test_values_out_of_bounds_are_named_with_their_key(example: Dataset, key: str, value: object) -> None:
    with pytest.raises(ValueError, match=key):
        example.base.replace({key: value})  # type: ignore[dict-item]


def test_persons_that_are_not_whole_point_to_fte(example: Dataset) -> None:
    with pytest.raises(ValueError, match="cs_fte") as half:
        example.base.replace(cs_headcount=2.5)
    with pytest.raises(ValueError, match="begin at 1 person"):
        example.base.replace(cs_headcount=0)
    assert "begin at 1 person" not in str(half.value)


def test_price_of_csm_is_csm_monthly_cost(example: Dataset) -> None:
    sc = example.base.replace({"resources.csm.price": 500_000.0})
    assert sc["csm_monthly_cost"] == sc["resources.csm.price"] == 500_000.0
    with pytest.raises(ValueError, match="csm_monthly_cost"):
        example.base.replace({"resources.csm.price": 5e5, "csm_monthly_cost": 6e5})


def test_rate_card_cells_take_range_from_their_parameter_row(example: Dataset) -> None:
    bpo = example.base.parameter("resources.bpo.price")
    assert bpo.default == 3000 and (bpo.low, bpo.high) == (2000, 5000)
    assert bpo.grade == "assumption"


def test_many_scenarios_at_once(example: Dataset) -> None:
    sc = example.base.replace(accounts=np.array([100.0, 200.0]))
    assert sc["accounts"].tolist() == [100.0, 200.0]


def test_scenarios_travel_between_processes(example: Dataset) -> None:
    sc = example.base.replace(arr=5e8)
    assert pickle.loads(pickle.dumps(sc))["arr"] == 5e8


def test_frames_handed_out_cannot_change_the_dataset(example: Dataset) -> None:
    tasks = example.tasks
    tasks.loc[0, "frequency"] = 99.0
    assert example.tasks.loc[0, "frequency"] != 99.0
