"""Full cost per task hour: every step from the price, for every price form, by hand."""

from __future__ import annotations

import numpy as np
import pytest

import csanalysis as cs
from csanalysis.costing.rates import rates_of
from csanalysis.costing.unit_cost import PARTS, may_do, saving_per_hour, task_costs, unit_costs
from csanalysis.model.dataset import Dataset
from tests.unit.costing.conftest import Changed

OWN_HOUR = 450000 / (160 * 0.65)


def parts_of(ds: Dataset, resource: str, tasks: list[str], **changes: float) -> dict[str, float]:
    """Return the steps of one resource."""
    frame = unit_costs(ds, ds.base.replace(changes), tasks).parts
    return frame[frame["resource_id"] == resource].set_index("part")["jpy"].to_dict()


def test_the_bpo_hour(example: Dataset, plan: dict[str, str]) -> None:
    """3,000 JPY an hour is 4,505 a task hour: slower work, rework and management (worked example)."""
    steps = parts_of(example, "bpo", list(plan))
    bought = 1.05 / 0.8
    assert steps["price"] == 3000
    assert steps["productivity"] == pytest.approx(3000 / 0.8 - 3000)
    assert steps["rework"] == pytest.approx(3000 * 0.05 / 0.8)
    assert steps["management"] == pytest.approx(0.1 * bought * OWN_HOUR)
    assert steps["fixed"] == pytest.approx(0) and steps["own_time"] == 0
    assert sum(steps.values()) == pytest.approx(3000 * bought + 0.1 * bought * OWN_HOUR)


def test_the_own_hour(example: Dataset) -> None:
    """A salary pays 160 hours of which 104 reach customers: the difference is a step of its own."""
    steps = parts_of(example, "csm", ["nws_write"])
    assert steps["price"] == pytest.approx(450000 / 160)
    assert sum(steps.values()) == pytest.approx(OWN_HOUR)


def test_commitments_stand_in_the_fixed_step(example: Dataset) -> None:
    """Minimum, base and blocks are spread over the scope: a small scope carries them all."""
    changes = {"resources.bpo.minimum_units": 100.0, "resources.bpo.base_fee": 60000.0}
    steps = parts_of(example, "bpo", ["nws_write"], **changes)
    hours = 2 * 180 / 60
    bought = hours * 1.05 / 0.8
    assert steps["fixed"] == pytest.approx(((100 - bought) * 3000 + 60000) / hours)


@pytest.mark.slow
def test_other_price_forms(changed: Changed) -> None:
    """Seats, cases and licences come down to an hour as well, or offers could not be compared."""
    tasks = ["onb_session_deliver", "onb_session_prepare"]
    minutes = 50 + 20
    seats = changed(resources={"bpo": {"price_form": "seat_month", "price": 400000}})
    assert parts_of(seats, "bpo", tasks)["price"] == pytest.approx(400000 / 160)
    cases = changed(resources={"bpo": {"price_form": "case", "price": 3500}})
    assert parts_of(cases, "bpo", tasks)["price"] == pytest.approx(3500 / (minutes / 60))
    heads = changed(resources={"intern": {"price_form": "salary", "price": 208000}})
    assert parts_of(heads, "intern", ["ado_usage_monitoring"])["price"] == pytest.approx(208000 / 104)
    steps = parts_of(cases, "tech_touch", ["ado_usage_monitoring"])
    assert steps["price"] + steps["fixed"] == pytest.approx((439 * 150 + 100000) / (439 * 4 / 60))


def test_only_who_may_do_the_scope(example: Dataset) -> None:
    """An intern who may not see personal data is no offer for it, however cheap."""
    rates = {rate.resource_id: rate for rate in rates_of(example.base)}
    assert not may_do(example, rates["intern"], ["onb_session_deliver"])
    assert may_do(example, rates["intern"], ["ado_usage_monitoring"])
    assert not may_do(example, rates["bpo"], ["ado_risk_response"])
    shown = unit_costs(example, example.base, ["onb_session_deliver"]).totals["resource_id"]
    assert "intern" not in set(shown) and shown.iloc[0] == "csm"


def test_range_and_evidence_of_a_price(example: Dataset, plan: dict[str, str]) -> None:
    """The range lets all declared ranges of the offer stand at one end; the grade is the price's."""
    row = unit_costs(example, example.base, plan).totals.set_index("resource_id").loc["bpo"]
    own = OWN_HOUR
    low = (2000 + 0.05 * own) * 1.0 / 0.95
    high = (5000 + 0.2 * own) * 1.15 / 0.65
    assert (row["low"], row["high"]) == pytest.approx((low, high))
    assert row["grade"] == "assumption" and "JPY" in row["source"]
    assert row["monthly"] == pytest.approx(row["jpy"] * 100, rel=1e-3)


def test_saving_over_the_ranges(example: Dataset, plan: dict[str, str]) -> None:
    """Default, cautious, hopeful: dearer offer and cheaper team stand together at the cautious end."""
    default, cautious, hopeful = saving_per_hour(example, example.base, "bpo", plan)
    assert default == pytest.approx(OWN_HOUR - 4505, abs=1)
    cheap, dear = 400000 / (160 * 0.7), 650000 / (160 * 0.6)
    assert cautious == pytest.approx(cheap - (5000 + 0.2 * cheap) * 1.15 / 0.65)
    assert hopeful == pytest.approx(dear - (2000 + 0.05 * dear) / 0.95)


def test_a_changed_price_loses_the_range_it_left(example: Dataset, plan: dict[str, str]) -> None:
    """A quote of 6,000 lies outside the range of the default; the range no longer speaks for it."""
    quoted = example.base.replace({"resources.bpo.price": 6000.0})
    row = unit_costs(example, quoted, plan).totals.set_index("resource_id").loc["bpo"]
    assert row["low"] < row["jpy"] < row["high"]  # what is left: productivity, rework, management
    assert row["grade"] == "assumption" and row["source"] != "vendor"


def test_costs_of_tasks(example: Dataset, plan: dict[str, str]) -> None:
    """At the margin each task costs its hours times the full hour; hours are those of the inventory."""
    costs = task_costs(example, example.base)
    assert costs.jpy.shape == (len(example.tasks), len(example.resources))
    assert costs.hours == pytest.approx(cs.task_hours(example, example.base).hours)
    at = [costs.resource_ids.index(r) for r in ("csm", "bpo")]
    chosen = [costs.task_ids.index(t) for t in plan]
    assert costs.jpy[:, at[0]] == pytest.approx(costs.hours * OWN_HOUR)
    assert costs.jpy[chosen][:, at].sum(axis=0) == pytest.approx([433e3, 451e3], rel=2e-3)


def test_margin_ignores_commitments(example: Dataset) -> None:
    """Base fee and minimum belong to the contract: shared out they would depend on the other tasks."""
    more = example.base.replace({"resources.bpo.base_fee": 1e6, "resources.bpo.minimum_units": 500.0})
    assert task_costs(example, more).jpy == pytest.approx(task_costs(example, example.base).jpy)


def test_what_is_paid_as_a_whole_is_shared(changed: Changed) -> None:
    """A case price is paid once for all tasks of its driver, so their costs add up to it and not to more."""
    ds = changed(resources={"bpo": {"price_form": "case", "price": 3500, "management_ratio": 0}})
    costs = task_costs(ds, ds.base)
    at = costs.resource_ids.index("bpo")
    sessions = (ds.tasks["driver"] == "onboarding_session").to_numpy()
    new = 439 * (0.0284 + 0.01531)
    assert costs.jpy[sessions, at].sum() == pytest.approx(new * 2.84 * 3500)


def test_expected_churn_loss(example: Dataset) -> None:
    """dc A p gm by task: share of contact hours x sensitivity x (1 - quality), outside only."""
    sc = example.base.replace(churn_sensitivity=0.02)
    costs = task_costs(example, sc)
    margin = 300276000 / 12 * 0.75
    assert costs.churn_loss.max(axis=1).sum() == pytest.approx(0.02 * 0.05 * margin)
    assert (costs.churn_loss[:, costs.resource_ids.index("csm")] == 0).all()
    assert (task_costs(example, example.base).churn_loss == 0).all()


def test_no_hours_no_division(example: Dataset) -> None:
    """A task that is not done costs nothing at any resource, and fails nowhere."""
    idle = example.base.replace({f"tasks.{t}.frequency": 0.0 for t in example.tasks["task_id"]})
    assert (task_costs(example, idle).jpy == 0).all()
    costs = unit_costs(example, idle, ["nws_write"])
    assert np.isfinite(costs.parts["jpy"]).all() and costs.hours == 0
    assert set(costs.to_frame()["part"]) == set(PARTS)
