"""Prices, volumes and months at which a plan's worth changes sign, and when there are none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

import csanalysis as cs
from csanalysis.costing.break_even import detectable_churn, payback_month, price_key
from csanalysis.costing.comparison import Comparison, compare
from csanalysis.costing.rates import rates_of
from csanalysis.model.dataset import Dataset
from tests.unit.costing.conftest import Changed


def months(*flow: float) -> int | None:
    """Return the payback month of some gains a month."""
    made = SimpleNamespace(flow=lambda: np.array(flow)[:, None])
    return payback_month(cast(Comparison, made))


@pytest.mark.parametrize(
    ("flow", "month"),
    [
        ((5.0, 5.0), 1),
        ((-10.0, 4.0, 4.0, 4.0), 4),
        ((-10.0, 10.0, 5.0), 2),
        ((-10.0, 4.0), None),
        ((5.0, -10.0, 6.0), 3),  # it falls below once more: only the last return counts
        ((5.0, -10.0), None),
        ((0.0, 0.0), None),
    ],
)
def test_payback(flow: tuple[float, ...], month: int | None) -> None:
    """The first month from which the sum stays at zero or above."""
    assert months(*flow) == month


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"price_form": "seat_month", "price": 600_000, "block": 1},
        {"price_form": "case", "price": 900},
        {"block": 30, "included_units": 20, "minimum_units": 50, "base_fee": 10_000},
        {"price_form": "seat_month", "price": 900_000},
    ],
    ids=str,
)
def test_price_for_every_form(changed: Changed, plan: dict[str, str], cells: dict[str, object]) -> None:
    """The root is exact whatever the price is quoted for; a quote near its hard bound is no obstacle."""
    ds = changed(resources={"bpo": cells})
    found = cs.evaluate_outcome(ds, ds.base, plan)
    price = found.break_even_price
    assert price is not None and found.quote == ds.base["resources.bpo.price"]
    npv = compare(ds, ds.base.replace({"resources.bpo.price": price}), plan, "in_house").npv()[0]
    assert npv == pytest.approx(0, abs=1)


def test_agency_bargains_over_the_fixed_fee(example: Dataset) -> None:
    """Where success is paid there is no price per unit; the fixed fee is what can be settled."""
    plan = dict.fromkeys(("ado_outcome_consulting", "ado_initiative_coaching"), "agency")
    rate = next(r for r in rates_of(example.base) if r.resource_id == "agency")
    assert price_key(rate) == "resources.agency.base_fee"
    sc = example.base.replace(agency_uplift=0.02)
    found = cs.evaluate_outcome(example, sc, plan)
    assert found.break_even_price is not None and found.quote == 200000
    at = sc.replace({"resources.agency.base_fee": found.break_even_price})
    assert compare(example, at, plan, "in_house").npv()[0] == pytest.approx(0, abs=1)


def test_no_price_breaks_even(example: Dataset, plan: dict[str, str]) -> None:
    """A month is too short for anything to come back: even free work would not pay its set-up."""
    found = cs.evaluate_outcome(example, example.base.replace(horizon_months=1), plan)
    assert found.break_even_price is None and found.break_even_volume is None
    assert any("breaks even" in s for s in found.sentences("en"))


def test_a_price_of_nothing_has_a_break_even_too(example: Dataset, plan: dict[str, str]) -> None:
    """A free trial still asks up to which price it would pay; the same root as from the quote."""
    roots = [
        cs.evaluate_outcome(example, example.base.replace({"resources.bpo.price": p}), plan).break_even_price
        for p in (0.0, 3000.0)
    ]
    assert roots[0] == pytest.approx(roots[1])


def test_work_no_customer_sees_has_no_churn_price(example: Dataset) -> None:
    """Regression: handing out the cleaning of records cannot drive customers away."""
    free = example.base.replace({"resources.bpo.price": 0.0, "resources.bpo.setup_cost": 0.0})
    tasks = ("dat_crm_cleaning", "dat_contract_ledger", "dat_alert_check", "ado_usage_monitoring")
    assert (example.tasks.set_index("task_id").loc[list(tasks), "customer_contact"] == 0).all()
    found = cs.evaluate_outcome(example, free.replace(effort=1.02), dict.fromkeys(tasks, "bpo"))
    assert found.churn_price is None
    assert not any("measure churn" in s for s in found.sentences("en"))


def test_what_a_year_of_data_can_see(example: Dataset) -> None:
    """439 accounts and 2.84 % measure churn to about +-0.45 points (worked example)."""
    assert detectable_churn(example.base, 439) == pytest.approx(0.0045, abs=5e-5)
    expected = 1.96 * np.sqrt(0.0284 * 0.9716 / (12 * 439))
    assert detectable_churn(example.base, 439) == pytest.approx(expected, rel=1e-4)
    assert detectable_churn(example.base, 439, 48) == pytest.approx(expected / 2, rel=1e-4)


def test_churn_price_in_points_accounts_and_money(example: Dataset, plan: dict[str, str]) -> None:
    """One rise told three ways; small ones are told as not measurable."""
    found = cs.evaluate_outcome(example, example.base.replace({"resources.bpo.price": 1500.0}), plan)
    price = found.churn_price
    assert price is not None
    assert price.accounts == pytest.approx(12 * price.points * 439)
    assert price.arr == pytest.approx(12 * price.points * 300276000)
    assert price.is_measurable == (price.points > price.detectable)
    assert any("no pilot can prove" in s for s in found.sentences("en")) == (not price.is_measurable)
