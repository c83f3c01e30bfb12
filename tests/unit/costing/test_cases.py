"""Swings one at a time and the three cases: each is confirmed by a run of its own."""

from __future__ import annotations

import numpy as np
import pytest

import csanalysis as cs
from csanalysis.costing.cases import Cases, cases_of, uncertainties
from csanalysis.costing.comparison import compare
from csanalysis.model.dataset import Dataset


@pytest.fixture(scope="module")
def cases(example: Dataset, plan: dict[str, str]) -> Cases:
    return cases_of(example, example.base, plan, "in_house")


def test_swings_are_runs_at_both_ends(example: Dataset, plan: dict[str, str], cases: Cases) -> None:
    """Every bar is what the model says with that one number moved, scalar by scalar."""
    for row in cases.swings.to_dict("records"):
        for end in ("low", "high"):
            sc = example.base.replace({str(row["key"]): float(row[end])})
            npv = compare(example, sc, plan, "in_house").npv()[0]
            assert row[f"npv_{end}"] == pytest.approx(npv, abs=1e-3), (row["key"], end)


def test_widest_first_and_nothing_idle(cases: Cases) -> None:
    """A reader looks at the top; numbers that move nothing stay out."""
    swings = cases.swings["swing"].to_numpy()
    assert (np.diff(swings) <= 0).all() and swings.min() >= 1
    assert "resources.contract_staff.price" not in set(cases.swings["key"])
    assert "churn_sensitivity" in set(cases.swings["key"])


def test_every_number_carries_its_evidence(cases: Cases) -> None:
    assert (cases.swings[["unit", "source", "grade"]] != "").all(axis=None)


def test_default_case_is_the_outcome(example: Dataset, plan: dict[str, str], cases: Cases) -> None:
    """The three cases and the outcome must not tell two defaults."""
    found = cs.evaluate_outcome(example, example.base, plan)
    assert cases.value("default", "npv") == pytest.approx(found.npv)
    assert cases.value("default", "first_year_cash") == pytest.approx(found.cash_saving)
    assert cases.value("default", "hires_avoided") == found.hires_avoided
    assert cases.value("default", "capacity_freed") == pytest.approx(found.capacity_freed)


def test_cautious_and_hopeful_ends(example: Dataset, plan: dict[str, str], cases: Cases) -> None:
    """Each uncertainty stands where it alone is worst or best; run once more as plain scalars."""
    worth = {c: cases.value(c, "npv") for c in ("cautious", "default", "hopeful")}
    assert worth["cautious"] < worth["default"] < worth["hopeful"]
    swings = cases.swings.set_index("key")
    base = worth["default"]
    chosen = {
        str(k): min(
            (base, float(example.base[str(k)])), (r["npv_low"], r["low"]), (r["npv_high"], r["high"])
        )[1]
        for k, r in swings.iterrows()
    }
    npv = compare(example, example.base.replace(chosen), plan, "in_house").npv()[0]
    assert npv == pytest.approx(worth["cautious"], rel=1e-6)


def test_first_year_of_a_longer_horizon(example: Dataset, plan: dict[str, str]) -> None:
    """First-year cash is twelve months of ledger, whatever the horizon; a shorter one has fewer."""
    for months in (6, 24):
        sc = example.base.replace(horizon_months=months)
        comparison = compare(example, sc, plan, "in_house")
        table = cases_of(example, sc, plan, "in_house")
        expected = comparison.cash[:12].sum()
        assert table.value("default", "first_year_cash") == pytest.approx(expected)


def test_what_is_uncertain(example: Dataset) -> None:
    """Levers are decisions, not risks; a value outside the range of the default has no range any more."""
    keys = {p.key for p in uncertainties(example.base)}
    assert "start_month" not in keys and "gross_margin" in keys and "resources.bpo.price" in keys
    quoted = {p.key for p in uncertainties(example.base.replace({"resources.bpo.price": 9000.0}))}
    assert keys - quoted == {"resources.bpo.price"}
