"""What the sources expect of an assignment, in all quadrants and phases: by rule and tables, nothing else."""

from __future__ import annotations

from functools import cache

import pytest

import csanalysis as cs
from csanalysis.assignment.assign import Assignment
from csanalysis.assignment.eligibility import eligibility
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.workspace import example_dir, load_dataset

PERSONS = {"launch": 2, "growth": 5, "efficiency": 15, "mature": 25}
QUADRANTS = [
    (size, product) for size in ("smb", "enterprise") for product in ("replace_existing", "propose_new")
]
IN_SOURCE = [(*quadrant, phase) for quadrant in QUADRANTS[:1] + QUADRANTS[2:] for phase in list(PERSONS)[1:]]
"""Cells in which anything goes out: three quadrants, from growth on."""
OUTCOME_AND_NRR = (
    "ado_outcome_consulting",
    "ado_risk_response",
    "exp_proposal",
    "exp_closing",
    "exp_account_plan",
)

every_quadrant = pytest.mark.parametrize(("size", "product"), QUADRANTS)
where_work_goes_out = pytest.mark.parametrize(("size", "product", "phase"), IN_SOURCE)


@cache
def example_data() -> Dataset:
    return load_dataset(example_dir(), lang="en")


def scenario(size: str, product: str, phase: str, tickets: float = 0.25) -> Scenario:
    changes = {"customer_size": size, "product_type": product, "tickets_per_account": tickets}
    return example_data().base.replace(changes, cs_headcount=PERSONS[phase])


@cache
def plan_of(size: str, product: str, phase: str, *, by_cost: bool = True) -> Assignment:
    return cs.assign_tasks(example_data(), scenario(size, product, phase), by_cost=by_cost)


def kinds(plan: Assignment) -> dict[str, str]:
    return {d.task_id: d.kind for d in plan.decisions}


@pytest.mark.parametrize("by_cost", [True, False])
@pytest.mark.parametrize("phase", PERSONS)
@pytest.mark.parametrize("product", ["replace_existing", "propose_new"])
def test_outcome_and_nrr_work_stays_with_the_team_in_smb(product: str, phase: str, by_cost: bool) -> None:
    """LOGLASS2023: long and cross-team, so in-house."""
    found = kinds(plan_of("smb", product, phase, by_cost=by_cost))
    assert {found[task] for task in OUTCOME_AND_NRR} == {"csm"}


@pytest.mark.parametrize("phase", list(PERSONS)[1:])
def test_scarce_consultants_may_come_from_outside_in_enterprise_propose_new(phase: str) -> None:
    """CCJ2025: through contractors or agencies; who is named for the group is asked first."""
    frame = eligibility(example_data(), scenario("enterprise", "propose_new", phase)).to_frame()
    for task, asked in (("ado_outcome_consulting", "agency"), ("ado_initiative_coaching", "contractor")):
        rows = frame[frame["task_id"] == task]
        assert {"contractor", "agency"} <= set(rows.loc[rows["eligible"], "kind"])
        assert set(rows.loc[rows["first"], "kind"]) == {"csm", asked}


def test_agency_and_contractor_are_taken_where_they_are_cheaper_or_suit_better() -> None:
    """The example buys 160 hours of consulting for a fixed fee; without cost, coaching goes out too."""
    ds = load_dataset(example_dir(), lang="en", scenario="enterprise_propose_new")
    assert kinds(cs.assign_tasks(ds, ds.scenario))["ado_outcome_consulting"] == "agency"
    assert kinds(cs.assign_tasks(ds, ds.scenario, by_cost=False))["ado_initiative_coaching"] == "contractor"


@pytest.mark.parametrize("phase", PERSONS)
def test_nobody_outside_may_consult_in_the_other_quadrants(phase: str) -> None:
    for size, product in (
        ("smb", "replace_existing"),
        ("enterprise", "replace_existing"),
        ("smb", "propose_new"),
    ):
        frame = eligibility(example_data(), scenario(size, product, phase)).to_frame()
        rows = frame.query("task_id in ['ado_outcome_consulting', 'ado_initiative_coaching'] and eligible")
        assert set(rows["kind"]) == {"csm"}


@where_work_goes_out
def test_renewal_work_is_split_between_three(size: str, product: str, phase: str) -> None:
    """CCJ2025 gives confirmation to BPO, LOGLASS2023 clerical work to contract staff; negotiation stays."""
    found = kinds(plan_of(size, product, phase))
    assert (found["rnw_notice"], found["rnw_intent_confirm"]) == ("bpo", "bpo")
    assert (found["rnw_contract_papers"], found["rnw_billing_update"]) == ("contract_staff", "contract_staff")
    assert found["rnw_negotiation"] == "csm"


MONITORING = ("ado_usage_monitoring", "dat_crm_cleaning", "dat_contract_ledger", "dat_alert_check")


@where_work_goes_out
def test_monitoring_and_data_upkeep_go_to_interns_where_rules_are_fixed(
    size: str, product: str, phase: str
) -> None:
    ds, sc = example_data(), scenario(size, product, phase)
    found = kinds(plan_of(size, product, phase))
    assert {found[task] for task in MONITORING} == {"intern"}
    loose = kinds(cs.assign_tasks(ds, sc.replace({f"tasks.{task}.rules_fixed": 0.6 for task in MONITORING})))
    assert {loose[task] for task in MONITORING} == {"contract_staff"}, "low value, but no rules: no interns"


@where_work_goes_out
def test_the_first_work_for_a_vendor(size: str, product: str, phase: str) -> None:
    """LOGLASS2023: onboarding, annual set-up, notices, FAQ first, and support unless tickets are few."""
    ds, sc = example_data(), scenario(size, product, phase)
    found = kinds(plan_of(size, product, phase))
    first = ["onb_session_prepare", "onb_session_deliver", "onb_session_followup", "onb_progress_update"]
    first += ["ado_annual_org_setup", "ado_monthly_notice", "ado_annual_notice", "faq_write"]
    support = ["sup_first_response", "sup_escalation", "sup_record"]
    assert {found[task] for task in (*first, *support)} == {"bpo"}
    waves = cs.plan_waves(ds, sc).to_frame().set_index("task_id")["wave"]
    assert set(waves[[*first, *support]]) == {"first"}
    few = cs.plan_waves(ds, scenario(size, product, phase, tickets=0.1)).to_frame().set_index("task_id")
    assert set(few.loc[support, "wave"]) == {"later"} and set(few.loc[first, "wave"]) == {"first"}


@where_work_goes_out
def test_survey_projects_come_later(size: str, product: str, phase: str) -> None:
    """LOGLASS2023: long, project-type work is considered later, and cut into short pieces first."""
    assert kinds(plan_of(size, product, phase))["srv_survey_project"] == "csm"
    waves = cs.plan_waves(example_data(), scenario(size, product, phase)).to_frame().set_index("task_id")
    assert waves.at["srv_survey_project", "wave"] == "later"
    assert waves.at["srv_survey_project", "reason"] == "cut"


@every_quadrant
def test_nothing_is_handed_out_in_launch(size: str, product: str) -> None:
    """CCJ2025 hands work out from growth on; FAQ and manuals are prepared in-house before customers surge."""
    plan = plan_of(size, product, "launch")
    assert set(kinds(plan).values()) == {"csm"}
    frame = plan.to_frame()
    assert set(frame["reason"]) <= {"kept", "prepared", "locked"}
    if (size, product) == ("smb", "replace_existing"):
        row = frame.set_index("task_id").loc["faq_write"]
        assert (row["reason"], row["basis"]) == ("prepared", "source")


def test_migration_and_complex_set_up_go_out_in_enterprise_replace_existing() -> None:
    """CCJ2025: temporary load at introduction gains most."""
    ds = load_dataset(example_dir(), lang="en", scenario="enterprise_replace_existing")
    found = kinds(cs.assign_tasks(ds, ds.scenario))
    assert {found[task] for task in ("ini_data_migration", "ini_complex_setup", "rep_meeting_report")} == {
        "bpo"
    }
    assert {found[task] for task in ("ado_regular_meeting", "ado_usage_proposal", "exp_proposal")} == {"csm"}


@pytest.mark.parametrize(("phase", "kind"), [("growth", "csm"), ("efficiency", "bpo"), ("mature", "bpo")])
def test_newsletter_and_upsell_calls_go_out_from_efficiency_on(phase: str, kind: str) -> None:
    found = kinds(plan_of("smb", "replace_existing", phase))
    calls = ("exp_upsell_call", "exp_appointment", "nws_write", "nws_deliver")
    assert {found[task] for task in calls} == {kind}
    assert {found[task] for task in ("exp_proposal", "exp_closing")} == {"csm"}, "closing stays"


def test_the_quadrant_that_no_source_treats_keeps_everything_and_says_so() -> None:
    plan = plan_of("smb", "propose_new", "growth")
    assert set(kinds(plan).values()) == {"csm"}
    assert "not in the sources" in " ".join(plan.summary.sentences("en"))


def test_churn_decisions_are_locked_everywhere() -> None:
    """LOGLASS2023 warns of churn control; the example locks it."""
    for size, product in QUADRANTS:
        for phase in PERSONS:
            row = plan_of(size, product, phase).to_frame().set_index("task_id").loc["ado_risk_response"]
            assert (row["kind"], row["reason"]) == ("csm", "locked")
