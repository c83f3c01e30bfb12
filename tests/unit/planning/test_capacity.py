"""The capacity plan of a workspace: what it holds, what it costs, its edge cases and what it refuses."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import csanalysis as cs
from csanalysis.model.dataset import Dataset
from csanalysis.planning.capacity import CapacityPlan, plan_capacity

KEYS = ("bpo", "contract_staff", "intern", "contractor")


def planned(ds: Dataset, n: int = 40, **changes: float) -> CapacityPlan:
    return plan_capacity(ds, ds.base.replace(changes), n_scenarios=n)


def given_to(ds: Dataset, resource: str) -> dict[str, str]:
    """Return the playbook's hand-over with another resource, where personal data allow it."""
    inventory = ds.tables["task_inventory"].set_index("task_id")
    tasks = cs.playbook_assignment(ds, ds.base)
    if resource == "intern":
        free = inventory[(inventory["personal_data"] == 0) & (inventory["lock_resource"] == "")]
        return dict.fromkeys(free.index[:8], resource)
    return dict.fromkeys(tasks, resource)


def test_a_plan_adds_up(example: Dataset) -> None:
    """Costs are salaries, hiring, commitments, extra units, overtime and unmet hours, no more."""
    plan = planned(example, cs_fte=3.0)
    p, own = plan.problem, plan.pools.own_rate
    [offer] = p.offers
    staff = p.head_cost * plan.present.sum()
    held = plan.committed["bpo"][p.quarter]
    first = offer.price * held.sum() + plan.pools.fixed_cost
    second = (p.overtime_cost * plan.overtime + p.penalty * plan.unmet + 3900 * plan.extra("bpo")).sum(axis=0)
    rest = plan.costs - staff - first - second
    assert rest == pytest.approx(np.full(40, rest[0])), "hiring is the same in every scenario"
    leavers = rest[0] / float(own.get("hiring_cost")[0]) - plan.hires.sum()
    assert 0 < leavers < 12 * p.attrition * plan.seats.max()
    assert plan.expected_cost == pytest.approx(plan.costs.mean())
    assert plan.cvar == pytest.approx(np.sort(plan.costs)[-4:].mean())
    assert plan.objective == pytest.approx(plan.expected_cost + 0.3 * plan.cvar)


def test_the_frames_hold_plan_and_months(example: Dataset) -> None:
    plan = planned(example)
    frame, months = plan.to_frame(), plan.months()
    assert set(frame["measure"]) == {"hires", "given_up", "seats", "committed"}
    assert len(frame) == 4 * 4 and frame["value"].notna().all()
    load = months[(months["measure"] == "load") & (months["resource_id"] == "csm")]
    assert list(load["value"]) == pytest.approx(list(plan.problem.load.mean(axis=1)))
    assert (months["p10"] <= months["p90"]).all()
    assert months.loc[months["measure"] == "unmet", "value"].sum() == pytest.approx(plan.unmet_hours)


def test_without_volatility_the_plan_is_the_cheapest_mix(example: Dataset) -> None:
    """Every commitment is the need of a month of its quarter, and planning is worth nothing."""
    plan = planned(example, demand_cv=0.0)
    [offer] = plan.problem.offers
    assert np.ptp(plan.costs) < 1e-6 * plan.expected_cost
    for quarter, held in enumerate(plan.committed["bpo"]):
        needs = offer.units[plan.problem.quarter == quarter, 0]
        assert np.isclose(needs, held).any() or quarter == 0
    assert abs(plan.vss) <= plan.gap * plan.objective + 1
    assert abs(plan.evpi) <= plan.gap * plan.objective + 1


@pytest.mark.parametrize("resource", KEYS)
def test_every_kind_of_contract_is_solved_alike_both_ways(example: Dataset, resource: str) -> None:
    """Hours, persons who are hired, caps: cuts and the extensive form agree within the gap."""
    asked = given_to(example, resource)
    plan, full = (
        plan_capacity(example, example.base, asked, 30, method=m) for m in ("decomposition", "extensive")
    )
    assert plan.gap <= 1e-4
    assert plan.objective == pytest.approx(full.objective, rel=2e-4)
    assert resource in plan.committed


@pytest.mark.parametrize(
    "changes",
    [
        {"accounts": 1.0, "arr": 1e5, "new_accounts_per_month": 0.0, "tickets_per_account": 0.0},
        {"resources.bpo.capacity_cap": 0.0},
        {"resources.bpo.capacity_cap": 50.0, "growth_monthly": 0.1},
        {"resources.csm.hiring_lead_months": 40.0},
        {"overtime_cap": 0.0, "cs_fte": 1.0},
        {"horizon_months": 1.0},
        {"horizon_months": 4.0, "start_month": 3.0},
        {"start_month": 20.0},
        {"demand_cv": 3.0},
        {"cvar_weight": 0.0},
        {"resources.bpo.block": 40.0, "resources.bpo.minimum_units": 80.0},
        {"resources.bpo.included_units": 60.0},
        {"resources.bpo.price": 0.0},
    ],
)
def test_edge_cases_have_a_plan(example: Dataset, changes: dict[str, float]) -> None:
    """A bound plan with finite numbers and sentences in both languages."""
    plan = planned(example, 15, **changes)
    assert 0 <= plan.gap <= 1e-4
    assert np.isfinite(plan.costs).all() and np.isfinite(plan.to_frame()["value"]).all()
    for lang in ("ja", "en"):
        assert all(plan.sentences(lang))


def test_demand_above_every_cap_is_unmet_and_told(example: Dataset) -> None:
    plan = planned(example, **{"resources.bpo.capacity_cap": 10.0, "cs_fte": 1.0, "overtime_cap": 5.0})
    assert plan.unmet_hours > 100
    assert any("left undone" in s for s in plan.sentences("en"))


def test_a_lead_beyond_the_horizon_hires_nobody(example: Dataset) -> None:
    plan = planned(example, **{"resources.csm.hiring_lead_months": 40.0, "cs_fte": 2.0})
    assert plan.hires.sum() == 0
    assert any("longer than the horizon" in s for s in plan.sentences("en"))


def test_one_scenario_is_the_projection(example: Dataset) -> None:
    one, still = planned(example, 1), planned(example, 1, demand_cv=0.0)
    assert one.expected_cost == pytest.approx(still.expected_cost, rel=1e-9)
    assert one.expected_cost == pytest.approx(one.cvar)


def test_a_penalty_below_overtime_is_raised_and_told(example: Dataset) -> None:
    plan = planned(example, unmet_hour_penalty=1000.0)
    assert plan.problem.penalty == pytest.approx(450000 / 104 * 1.25)
    assert any("penalty of an unmet hour (JPY 1,000)" in s for s in plan.sentences("en"))


def test_the_share_curve_ends_at_the_plan(example: Dataset) -> None:
    """Its last point is the plan itself, its first the plan that keeps everything in-house."""
    plan = planned(example)
    curve = plan.by_share(5)
    assert curve.objective[-1] == pytest.approx(plan.objective, rel=2e-4)
    alone = plan_capacity(example, example.base, "in_house", 40)
    assert curve.objective[0] == pytest.approx(alone.objective, rel=2e-4)
    assert curve.share[0] == 0 and curve.share[-1] == pytest.approx(plan.pools.outside_share)
    assert len(alone.by_share().share) == 1
    assert curve.objective[curve.best] <= curve.objective.min() * (1 + 2e-4)


@pytest.mark.parametrize(
    ("changes", "most", "named"),
    [
        ({"resources.bpo.minimum_units": 300.0, "resources.bpo.capacity_cap": 100.0}, np.inf, "capacity_cap"),
        ({}, 3.0, "most_heads"),
    ],
)
@pytest.mark.parametrize("method", ["decomposition", "extensive"])
def test_where_there_is_no_plan_the_limit_is_named(
    example: Dataset, changes: dict[str, float], most: float, named: str, method: str
) -> None:
    with pytest.raises(cs.InfeasiblePlanError, match=named) as caught:
        sc = example.base.replace(changes)
        plan_capacity(example, sc, n_scenarios=10, most_heads=most, method=method)
    again = pickle.loads(pickle.dumps(caught.value))
    assert named in {name for name, _ in again.limits} and str(again) == str(caught.value)
    assert "hiring_lead" not in {name for name, _ in again.limits}


def test_what_it_does_not_take(example: Dataset) -> None:
    with pytest.raises(ValueError, match="demand_cv"):
        plan_capacity(example, example.base.replace(demand_cv=np.array([0.1, 0.2])))
    with pytest.raises(ValueError, match="simplex"):
        plan_capacity(example, example.base, method="simplex")


def test_the_search_ends_in_time_and_tells_the_gap_it_proved(
    example: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search without an end would freeze a notebook; a plan with an honest wider gap is of use."""
    changes = {"horizon_months": 24, "growth_monthly": 0.03, "demand_cv": 0.3}
    full = planned(example, 60, **changes)
    monkeypatch.setattr("csanalysis.planning.decomposition.MOST_ROUNDS", 1)
    short = planned(example, 60, **changes)
    assert short.gap >= 0 and short.objective >= full.objective * (1 - full.gap) - 1
    assert short.objective * (1 - short.gap) <= full.objective * (1 + 1e-9)


def test_levers_are_those_of_the_offers_in_the_plan(example: Dataset) -> None:
    """Notebook 06 shows the prices it planned with, whatever stands on the rate card."""
    assert planned(example).levers[0] == "resources.bpo.price"
    assert plan_capacity(example, example.base, {}, n_scenarios=10).levers == ()


@pytest.mark.slow
def test_a_cap_that_binds_is_told(example: Dataset) -> None:
    """A mean need cut at the cap looks as if it were met; the work above it falls to the team."""
    keys = [f.key for f in planned(example, **{"resources.bpo.capacity_cap": 50.0}).findings]
    assert "plan.capped" in keys
    assert "plan.capped" not in [f.key for f in planned(example).findings]


def test_each_language_of_an_infeasible_plan_is_whole(example: Dataset) -> None:
    """Half a message in each language, twice over, was no help in either."""
    error = cs.InfeasiblePlanError([("capacity_cap", "bpo"), ("hiring_lead", "")])
    english, japanese = str(error).split(" / ")
    assert english.count("capacity_cap") == japanese.count("capacity_cap") == 1
    assert not any(ord(c) > 0x3000 for c in english)
