"""The roadmap of a workspace: costs agree with the ledger, both ways cost something, nothing is forgotten."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import csanalysis as cs
from csanalysis.labels import LANGUAGES, has
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.planning.roadmap import GroupRoad, Roadmap
from csanalysis.planning.roadmap_costs import group_costs, offer_costs

PLAN = {"onb_session_deliver": "bpo", "onb_session_prepare": "bpo"}


def group(roadmap: Roadmap, name: str) -> GroupRoad:
    return next(g for g in roadmap.groups if g.task_group == name)


def with_tasks(ds: Dataset, **columns: dict[str, str]) -> Dataset:
    """Return the dataset with some cells of the inventory changed: column -> task_id -> value."""
    inventory = ds.tasks.copy()
    for column, cells in columns.items():
        for task, value in cells.items():
            inventory.loc[inventory["task_id"] == task, column] = value
    tables = {**ds.tables, "task_inventory": inventory}
    scenario = Scenario("", ParameterSpace(ds.space.parameters, tables))
    return replace(ds, tables=tables, scenario=scenario)


@pytest.mark.parametrize("start", [1, 4])
@pytest.mark.parametrize("resource", ["bpo", "contract_staff", "intern", "contractor"])
def test_costs_are_those_of_the_ledger(example: Dataset, resource: str, start: int) -> None:
    """Differential: fees, management and what a cap leaves in-house equal the ledger's."""
    tasks = [
        t for t, p in zip(example.tasks["task_id"], example.tasks["personal_data"], strict=True) if not p
    ]
    sc = example.base.replace({"start_month": float(start), f"resources.{resource}.base_fee": 70_000.0})
    sc = sc.replace({f"resources.{resource}.minimum_units": 20.0})
    ledger = cs.cost_to_serve(example, sc, dict.fromkeys(tasks, resource))
    rows = [n for n, t in enumerate(example.tasks["task_id"]) if t in tasks]
    demand = cs.project_demand(example, sc)
    offer = offer_costs(example, sc, resource, rows, demand)
    price = float(sc.number(f"resources.{resource}.price"))
    fees = sum(v for (r, item), v in ledger.lines.items() if r == resource and item not in ("setup",))[:, 0]
    hours = ledger.of_which().query("part == 'management' and resource_id == @resource")["jpy"].to_numpy()
    total = offer.monthly[0] + price * offer.monthly[1]
    aged = np.array([total[t, t - start + 1] for t in range(start - 1, 12)])
    aged[0] += offer.joining[start - 1]
    physical = ledger.physical
    left = (physical.task_hours * physical.kept)[:, rows, 0].sum(axis=1) * 450_000 / (160 * 0.65)
    assert aged == pytest.approx((fees + hours + left)[start - 1 :], rel=1e-9)


def test_shares_of_the_groups_add_up_to_the_offer(example: Dataset) -> None:
    """Base fee, minimum and set-up are shared out by hours, without rest."""
    sc = example.base.replace({"resources.bpo.base_fee": 100_000.0, "resources.bpo.minimum_units": 60.0})
    demand, inventory = cs.project_demand(example, sc), example.tasks
    plan = cs.playbook_assignment(example, sc)
    rows = [n for n, t in enumerate(inventory["task_id"]) if t in plan]
    offers = {"bpo": offer_costs(example, sc, "bpo", rows, demand)}
    parts = []
    for name in inventory["task_group"].iloc[rows].unique():
        own = [n for n in rows if inventory["task_group"].iloc[n] == name]
        parts.append(group_costs(example, sc, {"bpo": own}, offers, demand, 0.25))
    for at in (0, 1):
        out = sum(((p.base, p.slope)[at].out for p in parts), np.zeros(1))
        assert out == pytest.approx(offers["bpo"].monthly[at], abs=1e-6)
    assert sum(p.set_up for p in parts) == pytest.approx(300_000)


def test_the_default_price_is_within_the_band(example: Dataset) -> None:
    """A BPO hour costs 4,505 JPY against 4,327 in-house: too dear to begin, too cheap to come back."""
    onboarding = group(cs.plan_roadmap(example, example.base), "onboarding_delivery")
    assert set(onboarding.states) == {"in"} and onboarding.departs
    assert onboarding.go_out_price is not None and onboarding.come_back_price is not None
    assert onboarding.go_out_price < 3000 < onboarding.come_back_price
    assert onboarding.departure > 0 and onboarding.saving == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("out_today", [False, True])
def test_the_band_is_what_happens_on_both_sides_of_it(example: Dataset, out_today: bool) -> None:
    """What is in-house goes out just below the lower end; what is outside comes back just above the upper."""
    today = dict.fromkeys(PLAN, "bpo")
    ds = with_tasks(example, current_resource=today) if out_today else example
    road = group(cs.plan_roadmap(ds, ds.base, PLAN), "onboarding_delivery")
    edge = road.come_back_price if out_today else road.go_out_price
    assert edge is not None
    stay = "out" if out_today else "in"
    for price, switches in ((edge * 0.995, not out_today), (edge * 1.005, out_today)):
        sc = ds.base.replace({"resources.bpo.price": price})
        states = set(group(cs.plan_roadmap(ds, sc, PLAN), "onboarding_delivery").states)
        assert (states != {stay}) == switches, (price, states)


def test_dearer_ways_widen_the_band(example: Dataset) -> None:
    """Hysteresis is the price of switching: set-up lowers the one end, hiring raises the other."""
    base = group(cs.plan_roadmap(example, example.base), "onboarding_delivery")
    sc = example.base.replace({"resources.bpo.setup_cost": 2e6, "resources.csm.hiring_cost": 3e6})
    dear = group(cs.plan_roadmap(example, sc), "onboarding_delivery")
    assert base.go_out_price is not None and dear.go_out_price is not None
    assert base.come_back_price is not None and dear.come_back_price is not None
    assert dear.go_out_price < base.go_out_price and dear.come_back_price > base.come_back_price
    assert dear.bring_back == pytest.approx(3 * base.bring_back)


def test_without_costs_of_switching_and_learning_the_band_closes(example: Dataset) -> None:
    """Analytic: both ends are then the price at which an hour costs what it costs in-house."""
    cells = {"setup_cost": 0.0, "ramp_tau_months": 0.0}
    sc = example.base.replace({f"resources.bpo.{k}": v for k, v in cells.items()})
    sc = sc.replace({"resources.csm.hiring_cost": 0.0})
    road = group(cs.plan_roadmap(example, sc, pilot_share=0), "onboarding_delivery")
    own = 450_000 / (160 * 0.65)
    per_price = 1.05 / 0.8
    even = (own - 0.1 * per_price * own) / per_price
    assert road.go_out_price == pytest.approx(even, rel=1e-9)
    assert road.come_back_price == pytest.approx(even, rel=1e-9)


def test_a_fixed_part_is_owed_through_notice_and_minimum_term(example: Dataset) -> None:
    """Who leaves pays the base fee for what is left: the way back costs more in the first months."""
    sc = example.base.replace({"resources.bpo.base_fee": 100_000.0})
    demand = cs.project_demand(example, sc)
    rows = [n for n, t in enumerate(example.tasks["task_id"]) if t in PLAN]
    offers = {"bpo": offer_costs(example, sc, "bpo", rows, demand)}
    costs = group_costs(example, sc, {"bpo": rows}, offers, demand, 0.25)
    leave = costs.base.leave_out - costs.bring_back
    assert leave[1, 1] == pytest.approx(500_000)  # one of six months has run
    assert leave[5, 5] == pytest.approx(200_000)  # the notice is longer than what is left
    assert leave[11, 1] == pytest.approx(100_000)  # the horizon ends
    assert leave[0, 12] == pytest.approx(200_000)  # settled: the notice alone


def test_the_start_month_is_kept(example: Dataset) -> None:
    sc = example.base.replace({"resources.bpo.price": 1_500.0, "start_month": 5.0})
    road = group(cs.plan_roadmap(example, sc), "onboarding_delivery")
    assert set(road.states[:4]) == {"in"} and road.states[4] != "in"
    assert set(road.reasons[:4]) == {"too_early"}
    late = cs.plan_roadmap(example, example.base.replace(start_month=40.0))
    assert {s for g in late.groups for s in g.states} == {"in"}


@pytest.mark.parametrize(
    "changes", [{"accounts": 1.0, "monthly_churn": 1.0}, {"effort": 0.01}, {"horizon_months": 1.0}]
)
def test_edges(example: Dataset, changes: dict[str, float]) -> None:
    """One customer who leaves, hardly any work, a single month: every number is a number."""
    roadmap = cs.plan_roadmap(example, example.base.replace(changes))
    frame = roadmap.to_frame()
    assert np.isfinite(frame[["cost", "inside", "hours"]].to_numpy()).all()
    for lang in LANGUAGES:
        assert roadmap.sentences(lang)
        cs.tables.roadmap(roadmap, lang)
        cs.tables.exit_terms(roadmap, lang)


def test_in_house_word_gives_no_candidates(example: Dataset) -> None:
    roadmap = cs.plan_roadmap(example, example.base, "in_house")
    assert roadmap.candidates == () and len(roadmap.sentences("en")) == 1
    assert roadmap.levers == ("csm_monthly_cost",)


def test_every_reason_has_its_words_and_every_month_a_state(example: Dataset) -> None:
    frame = cs.plan_roadmap(example, example.base).to_frame()
    assert all(has(f"roadmap.reason.{r}") for r in frame["reason"].unique())
    assert set(frame["state"]) <= {"in", "pilot", "out"}
    assert len(frame) == 12 * example.tasks["task_group"].nunique()


def test_support_is_no_candidate_while_tickets_are_few(example: Dataset) -> None:
    """LOGLASS2023 left it out at first for that reason."""
    few = example.base.replace(tickets_per_account=0.1)
    assert group(cs.plan_roadmap(example, example.base), "support").resource_id == "bpo"
    assert group(cs.plan_roadmap(example, few), "support").resource_id == ""


def test_a_share_that_is_none_is_refused(example: Dataset) -> None:
    with pytest.raises(ValueError, match=r"1\.5"):
        cs.plan_roadmap(example, example.base, pilot_share=1.5)


def test_the_sentences_say_what_was_found(example: Dataset) -> None:
    """The departure from the playbook, the band, BRIDGE's half year, and what leaving takes."""
    told = "\n".join(cs.plan_roadmap(example, example.base).sentences("en"))
    for words in ("Other than the playbook", "2,601", "3,497", "half a year", "notice 2 months", "fractions"):
        assert words in told


@pytest.mark.slow
@settings(max_examples=25)
@given(
    price=st.floats(500, 9000),
    setup=st.floats(0, 3e6),
    hiring=st.floats(0, 3e6),
    fee=st.floats(0, 3e5),
    share=st.sampled_from([0.0, 0.25, 0.6]),
)
def test_the_optimum_never_loses(price: float, setup: float, hiring: float, fee: float, share: float) -> None:
    """Neither staying in-house nor the playbook's way is cheaper, and the band is never upside down."""
    ds = cs.load_dataset("data", lang="en")
    cells = {"resources.bpo.price": price, "resources.bpo.setup_cost": setup, "resources.bpo.base_fee": fee}
    sc = ds.base.replace({**cells, "resources.csm.hiring_cost": hiring})
    road = group(cs.plan_roadmap(ds, sc, PLAN, share), "onboarding_delivery")
    assert road.saving >= -1e-6 and road.departure >= -1e-6
    if road.go_out_price is not None and road.come_back_price is not None:
        assert road.go_out_price <= road.come_back_price * (1 + 1e-9)
