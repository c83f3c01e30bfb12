"""The rule from scores and costs to people, beside a plain loop; what is told of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.assignment.assign import Assignment
from csanalysis.costing.outcome import evaluate_outcome
from csanalysis.labels import keys
from csanalysis.model.dataset import Dataset
from csanalysis.workspace import example_dir, load_dataset

SCENARIOS = ("smb_replace_existing", "enterprise_replace_existing", "enterprise_propose_new")
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


def with_table(ds: Dataset, name: str, frame: pd.DataFrame) -> Dataset:
    """Return the dataset with another table, which its scenarios see too."""
    tables = {**ds.tables, name: frame}
    scenario = replace(ds.scenario, space=replace(ds.space, tables={**ds.space.tables, name: frame}))
    return replace(ds, tables=tables, scenario=scenario)


def cells(ds: Dataset, task_id: str, **traits: float) -> dict[str, float]:
    return {f"tasks.{task_id}.{trait}": value for trait, value in traits.items()}


def reason(plan: Assignment, task_id: str) -> str:
    return str(plan.to_frame().set_index("task_id").at[task_id, "reason"])


def plain_choice(rows: pd.DataFrame, threshold: float, by_cost: bool) -> str:
    """Return who does a bundle, by the rule in words: `rows` holds all its tasks and offers."""
    offers = list(dict.fromkeys(rows["resource_id"]))
    by_offer = {offer: rows[rows["resource_id"] == offer] for offer in offers}
    may = {o: bool(by_offer[o]["eligible"].all()) for o in offers}
    first = {o: bool(by_offer[o]["first"].all()) for o in offers}
    fit = {o: float(by_offer[o]["suitability"].min()) for o in offers}
    cost = {o: float((by_offer[o]["jpy"] + by_offer[o]["churn_loss"]).sum()) for o in offers}
    suiting = [o for o in offers if may[o] and fit[o] >= threshold]
    if not suiting:
        return "csm" if may["csm"] else next(o for o in offers if may[o])
    if not by_cost:
        return max(suiting, key=lambda o: fit[o])
    asked = [o for o in suiting if first[o]]
    if any(o != "csm" for o in asked):
        suiting = asked
    return min(suiting, key=lambda o: (cost[o], -fit[o]))


@pytest.mark.slow
@pytest.mark.parametrize("by_cost", [True, False])
@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("change", [{}, {"suitability_threshold": 0.3, "churn_sensitivity": 0.02}])
def test_the_rule_agrees_with_a_plain_loop(name: str, by_cost: bool, change: dict[str, float]) -> None:
    """Written twice: once as arrays, once as a person would do it with a pencil."""
    ds = load_dataset(example_dir(), lang="en", scenario=name)
    sc = ds.scenario.replace(change)
    plan = cs.assign_tasks(ds, sc, by_cost=by_cost)
    candidates = plan.candidates()
    bundle = ds.tasks.set_index("task_id")["bundle_id"]
    names = candidates["task_id"].map(bundle.where(bundle != "", bundle.index.to_series()))
    for _, rows in candidates.groupby(names, sort=False):
        expected = plain_choice(rows, float(sc["suitability_threshold"]), by_cost)
        assert {plan.mapping[task] for task in rows["task_id"]} == {expected}


def test_the_assignment_is_one_for_costing(example: Dataset) -> None:
    plan = cs.assign_tasks(example, example.base)
    outcome = evaluate_outcome(example, example.base, plan)
    frame = plan.to_frame()
    given = frame.loc[frame["kind"] != "csm", "hours"].sum()
    assert outcome.given_hours == pytest.approx(given)
    assert outcome.comparison.plan.physical.placement.mapping == plan.mapping


def test_the_frame_tells_what_decided(example: Dataset) -> None:
    frame = cs.assign_tasks(example, example.base).to_frame().set_index("task_id")
    row = frame.loc["onb_session_prepare"]
    assert (row["resource_id"], row["kind"], row["reason"]) == ("bpo", "bpo", "named_only")
    assert row["deciding_suitability"] < row["suitability"], (
        "of the bundle's four tasks another is less suitable"
    )
    assert (row["basis"], row["source"], row["unit"], row["unit_jpy"]) == (
        *("source", "CCJ2025"),
        *("hour/month", "JPY/month"),
    )
    assert row["jpy"] / row["hours"] == pytest.approx(4505, abs=1)
    assert row["in_house_jpy"] / row["hours"] == pytest.approx(4327, abs=1)
    assert frame["hours"].sum() == pytest.approx(453.4, abs=0.05)


CASES: dict[str, tuple[str, dict[str, Any], bool]] = {
    "locked": ("ado_risk_response", {}, True),
    "kept": ("rnw_negotiation", {}, True),
    "prepared": ("exp_upsell_call", {}, True),
    "few_tickets": ("sup_record", {"tickets_per_account": 0.05}, True),
    "named_only": ("sup_record", {}, True),
    "named_cheaper": ("faq_manual_template", {"resources.bpo.price": 2500}, True),
    "own_cheaper": ("faq_manual_template", {}, True),
    "own_only": ("faq_manual_template", {"suitability_threshold": 0.75}, True),
    "none_suits": ("faq_manual_template", {"suitability_threshold": 0.99}, True),
    "other": ("dat_alert_check", {"tasks.dat_alert_check.rules_fixed": 0.5}, True),
    "free": ("rep_kpi_summary", {}, True),
    "free_only": ("rep_usage_extract", {}, True),
    "best": ("rep_usage_extract", {}, False),
}


@pytest.mark.parametrize("code", CASES)
def test_every_reason_occurs_and_reads_well(example: Dataset, code: str) -> None:
    task_id, change, by_cost = CASES[code]
    plan = cs.assign_tasks(example, example.base.replace(change), by_cost=by_cost)
    assert reason(plan, task_id) == code
    at = [d.task_id for d in plan.decisions].index(task_id)
    japanese, english = (plan.sentences(lang)[at] for lang in ("ja", "en"))
    assert JAPANESE.search(japanese) and not JAPANESE.search(english)
    for told in (japanese, english):
        assert "{" not in told and "None" not in told and "nan" not in told


def test_reasons_that_only_odd_tables_give(example: Dataset) -> None:
    """A group of one's own in a cell that hands nothing out; a task that nobody else may do."""
    tasks = example.tasks.copy()
    tasks.loc[tasks["task_id"] == "sup_record", "task_group"] = "our_own"
    ds = with_table(example, "task_inventory", tasks)
    plan = cs.assign_tasks(ds, ds.base.replace(cs_headcount=2))
    assert reason(plan, "sup_record") == "nothing_out"
    alone = with_table(example, "resources", example.resources.query("kind in ['csm', 'intern']"))
    plan = cs.assign_tasks(alone, alone.base)
    assert reason(plan, "sup_record") == "nobody_else" and plan.mapping["dat_alert_check"] == "intern"
    told = dict(zip(plan.mapping, plan.sentences("en"), strict=True))["sup_record"]
    assert "Student intern: it may not see data of persons" in told
    codes = {key.rsplit(".", 1)[1] for key in keys() if key.startswith("assignment.reason.")}
    assert codes == {*CASES, "nothing_out", "nobody_else"}


def test_the_sentence_carries_the_deciding_numbers(example: Dataset) -> None:
    plan = cs.assign_tasks(example, example.base)
    told = dict(zip(plan.mapping, plan.sentences("en"), strict=True))
    named = told["onb_session_deliver"]
    for part in (
        "BPO vendor",
        "in the source (CCJ2025)",
        "0.93",
        "0.50",
        "JPY 4,505",
        "JPY 4,327",
        "4 tasks",
    ):
        assert part in named
    assert "By its traits alone BPO vendor would suit better (0.93" in told["exp_upsell_call"]
    assert "the in-house team suits too (0.66; best is Agency with 0.69)" in told["ado_regular_meeting"]
    assert "churn decisions stay in-house (LOGLASS2023)" in told["ado_risk_response"]


def test_the_named_kind_missing_on_the_rate_card_is_said(example: Dataset) -> None:
    ds = with_table(example, "resources", example.resources.query("kind != 'intern'"))
    plan = cs.assign_tasks(ds, ds.base)
    assert plan.mapping["dat_alert_check"] == "contract_staff"
    told = dict(zip(plan.mapping, plan.sentences("en"), strict=True))["dat_alert_check"]
    assert "the rate card has no such offer" in told


def test_of_two_offers_of_a_kind_the_cheaper_wins(example: Dataset) -> None:
    twin = example.resources.query("kind == 'bpo'").assign(resource_id="bpo_two", price=2900.0)
    ds = with_table(example, "resources", pd.concat([example.resources, twin], ignore_index=True))
    assert cs.assign_tasks(ds, ds.base).mapping["onb_session_deliver"] == "bpo_two"
    assert cs.assign_tasks(ds, ds.base, by_cost=False).mapping["onb_session_deliver"] == "bpo"


def test_expected_churn_brings_work_home(example: Dataset) -> None:
    """With both suitable, a loss through worse quality outweighs a lower price."""
    cheap = {"resources.bpo.price": 2500}
    task = "ini_paid_onboarding"
    assert cs.assign_tasks(example, example.base.replace(cheap)).mapping[task] == "bpo"
    worse = example.base.replace({**cheap, "churn_sensitivity": 0.05, "quality_ratio": 0.5})
    assert cs.assign_tasks(example, worse).mapping[task] == "csm"


def test_the_rule_serves_the_stability_analysis(example: Dataset) -> None:
    """Without any noise and with next to no spread of the weights, every draw gives the assignment."""
    plan = cs.assign_tasks(example, example.base)
    assert plan.eligible_kinds.shape == (50, 7) and plan.eligible_kinds[:, plan.fit.kinds.index("csm")].all()
    found = cs.assess_stability(
        example,
        example.base,
        20,
        noise=0,
        concentration=1e9,
        eligible=plan.eligible_kinds,
        choose=plan.choose,
    )
    assert list(found.top) == [d.kind for d in plan.decisions]
    assert (found.probability.max(axis=1) == 1).all()


def test_what_exceeds_the_capacity_is_said(example: Dataset) -> None:
    sc = example.base.replace({"resources.intern.capacity_cap": 50})
    told = " ".join(cs.assign_tasks(example, sc).summary.sentences("en"))
    assert "Student intern would have to give 87 hours a month, more than its 50" in told
    assert "would have to give" not in " ".join(
        cs.assign_tasks(example, example.base).summary.sentences("en")
    )


@pytest.mark.parametrize(
    ("price", "word"), [(2000, "less than"), (3000, "about the same as"), (4500, "more than")]
)
def test_the_summary_weighs_cost_both_ways(example: Dataset, price: float, word: str) -> None:
    plan = cs.assign_tasks(example, example.base.replace({"resources.bpo.price": price}))
    assert word in plan.summary.sentences("en")[1]


def test_a_task_without_hours_goes_to_who_suits_best(example: Dataset) -> None:
    plan = cs.assign_tasks(example, example.base.replace({"tasks.sup_record.minutes": 0}))
    assert plan.mapping["sup_record"] == "bpo"
    told = dict(zip(plan.mapping, plan.sentences("en"), strict=True))["sup_record"]
    assert "nan" not in told


def test_values_for_many_scenarios_are_refused(example: Dataset) -> None:
    with pytest.raises(ValueError, match="assigned for one scenario"):
        cs.assign_tasks(example, example.base.replace(arr=np.array([1e8, 2e8])))


@pytest.mark.parametrize("threshold", [0.0, 0.5, 1.0])
def test_a_lock_to_somebody_outside_holds_however_badly_they_suit(example: Dataset, threshold: float) -> None:
    """A lock is the analyst's own decision: no threshold may send the work back in-house."""
    inventory = example.tasks
    inventory.loc[inventory["task_id"] == "sal_success_plan", "lock_resource"] = "contract_staff"
    ds = with_table(example, "task_inventory", inventory)
    plan = cs.assign_tasks(ds, ds.base.replace(suitability_threshold=threshold))
    assert plan.mapping["sal_success_plan"] == "contract_staff"
    drawn = cs.assess_stability(ds, ds.base, 200, eligible=plan.eligible_kinds, choose=plan.choose)
    share = drawn.to_frame().query("task_id == 'sal_success_plan' and kind == 'contract_staff'")
    assert share["probability"].iloc[0] == 1.0


def test_levers_are_the_prices_that_the_plan_rests_on(example: Dataset) -> None:
    """The page lists the evidence for these, whoever stands on the rate card."""
    assert cs.assign_tasks(example, example.base).levers == (
        "suitability_threshold",
        *(f"resources.{r}.price" for r in ("bpo", "intern", "contract_staff")),
    )
