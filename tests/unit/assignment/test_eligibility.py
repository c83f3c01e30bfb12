"""Who may do a task at all: every rule, alone and with bundles, and locks that cannot be kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.assignment.eligibility import eligibility
from csanalysis.model.dataset import Dataset


def with_table(ds: Dataset, name: str, frame: pd.DataFrame) -> Dataset:
    """Return the dataset with another table, which its scenarios see too."""
    tables = {**ds.tables, name: frame}
    scenario = replace(ds.scenario, space=replace(ds.space, tables={**ds.space.tables, name: frame}))
    return replace(ds, tables=tables, scenario=scenario)


def with_task(ds: Dataset, task_id: str, **cells: Any) -> Dataset:
    frame = ds.tasks.copy()
    frame.loc[frame["task_id"] == task_id, list(cells)] = list(cells.values())
    return with_table(ds, "task_inventory", frame)


def with_offer(ds: Dataset, resource_id: str, **cells: Any) -> Dataset:
    frame = ds.resources.copy()
    frame.loc[frame["resource_id"] == resource_id, list(cells)] = list(cells.values())
    return with_table(ds, "resources", frame)


def state_of(ds: Dataset, task_id: str, **changes: Any) -> str:
    found = eligibility(ds, ds.base.replace(changes))
    return found.states[found.task_ids.index(task_id)]


def kinds_of(ds: Dataset, task_id: str, **changes: Any) -> set[str]:
    frame = eligibility(ds, ds.base.replace(changes)).to_frame()
    return set(frame.query("task_id == @task_id and eligible")["kind"])


def why_not(ds: Dataset, task_id: str, resource_id: str, **changes: Any) -> str:
    frame = eligibility(ds, ds.base.replace(changes)).to_frame()
    return str(frame.query("task_id == @task_id and resource_id == @resource_id")["why_not"].item())


@pytest.mark.parametrize(
    ("task_id", "state"),
    [
        ("onb_session_deliver", "named"),
        ("ado_low_usage_contact", "kept"),
        ("exp_upsell_call", "prepared"),
        ("rep_usage_extract", "free"),
        ("ado_risk_response", "locked"),
    ],
)
def test_the_play_of_the_cell_gives_the_state(example: Dataset, task_id: str, state: str) -> None:
    assert state_of(example, task_id) == state


def test_kept_and_prepared_work_is_open_to_the_team_alone(example: Dataset) -> None:
    assert kinds_of(example, "ado_low_usage_contact") == kinds_of(example, "exp_upsell_call") == {"csm"}


def test_the_named_kind_is_asked_first_and_the_others_after_it(example: Dataset) -> None:
    """A play names one kind; the team competes with it, the rest wait."""
    frame = eligibility(example, example.base).to_frame().query("task_id == 'sup_first_response'")
    assert set(frame.loc[frame["first"], "kind"]) == {"csm", "bpo"}
    assert set(frame.loc[frame["eligible"], "kind"]) == set(frame["kind"]) - {"intern"}
    assert (frame["unit"] == "1").all()


def test_without_a_row_everybody_is_asked_alike(example: Dataset) -> None:
    frame = eligibility(example, example.base).to_frame().query("task_id == 'rep_usage_extract'")
    assert frame["eligible"].all() and frame["first"].all()


def test_a_group_of_the_analysts_own_follows_the_cell(example: Dataset) -> None:
    """Where the phase hands nothing out, a group without a row does not slip out either."""
    ds = with_task(example, "sup_first_response", task_group="our_own")
    assert state_of(ds, "sup_first_response") == "free"
    assert state_of(ds, "sup_first_response", cs_headcount=2) == "nothing_out"
    assert kinds_of(ds, "sup_first_response", cs_headcount=2) == {"csm"}
    assert state_of(ds, "sup_first_response", product_type="propose_new") == "nothing_out"


def test_an_empty_playbook_limits_nothing(example: Dataset) -> None:
    ds = with_table(example, "playbook", example.playbook.iloc[:0])
    assert set(eligibility(ds, ds.base).states) == {"free", "locked"}


def test_an_emptied_cell_does_not_hand_everything_out(example: Dataset) -> None:
    """Nothing is handed out in launch; deleting the rows that say so must not turn that round."""
    launch = (example.playbook["quadrant"] == "smb_replace_existing") & (
        example.playbook["phase"] == "launch"
    )
    ds = with_table(example, "playbook", example.playbook[~launch])
    assert "free" not in set(eligibility(ds, ds.base.replace(cs_headcount=2)).states)


@pytest.mark.parametrize(("per_account", "state"), [(49.9 / 439, "few_tickets"), (50 / 439, "named")])
def test_support_stays_while_tickets_are_few(example: Dataset, per_account: float, state: str) -> None:
    """LOGLASS2023 left support out because tickets were few; `few_tickets_per_month` of them are enough."""
    assert state_of(example, "sup_first_response", tickets_per_account=per_account) == state


def test_support_is_known_by_its_tickets_whatever_its_group_is_called(example: Dataset) -> None:
    ds = with_task(example, "sup_record", task_group="helpdesk")
    assert state_of(ds, "sup_record", tickets_per_account=0.1) == "few_tickets"
    assert state_of(ds, "sup_record") == "free"


def test_data_of_persons_stay_where_they_may_be_seen(example: Dataset) -> None:
    assert why_not(example, "sup_first_response", "intern") == "personal_data"
    assert why_not(example, "dat_alert_check", "intern") == ""


def test_the_named_kind_in_another_contract_form_is_not_eligible(example: Dataset) -> None:
    ds = with_offer(example, "bpo", contract_form="work_contract")
    assert why_not(ds, "sup_first_response", "bpo") == "contract_form"
    assert why_not(ds, "rep_usage_extract", "bpo") == "", "no play, no form asked for"


def test_work_that_cannot_be_shared_must_fit_in_whole(example: Dataset) -> None:
    """Bought hours count: 4 task hours at productivity 0.65 and 10 % rework are 6.8."""
    ds = with_task(example, "rep_usage_extract", split="whole")
    assert why_not(ds, "rep_usage_extract", "intern", **{"resources.intern.capacity_cap": 6.7}) == "capacity"
    assert why_not(ds, "rep_usage_extract", "intern", **{"resources.intern.capacity_cap": 6.8}) == ""
    assert why_not(example, "rep_usage_extract", "intern", **{"resources.intern.capacity_cap": 6.7}) == ""


def test_what_keeps_one_task_keeps_its_bundle(example: Dataset) -> None:
    ds = with_task(example, "rep_usage_extract", bundle_id="reports", personal_data=1)
    ds = with_task(ds, "rep_meeting_report", bundle_id="reports")
    assert why_not(ds, "rep_usage_extract", "intern") == "personal_data"
    assert why_not(ds, "rep_meeting_report", "intern") == "bundle"


def test_one_locked_task_locks_its_bundle(example: Dataset) -> None:
    ds = with_task(example, "rnw_contract_papers", lock_resource="bpo", lock_reason="our contract")
    assert state_of(ds, "rnw_billing_update") == "locked"
    assert kinds_of(ds, "rnw_billing_update") == kinds_of(ds, "rnw_contract_papers") == {"bpo"}


def test_a_second_team_of_the_same_kind_is_no_other_choice(example: Dataset) -> None:
    twin = example.resources.iloc[[0]].assign(resource_id="csm_osaka")
    ds = with_table(example, "resources", pd.concat([example.resources, twin], ignore_index=True))
    assert why_not(ds, "rep_usage_extract", "csm_osaka") == "same_team"


def test_locks_that_cannot_be_kept_are_named_together(example: Dataset) -> None:
    ds = with_task(example, "rnw_contract_papers", lock_resource="bpo")
    ds = with_task(ds, "rnw_billing_update", lock_resource="csm")
    ds = with_task(ds, "sup_record", lock_resource="intern")
    with pytest.raises(ValueError, match=r"rnw_billing_update.*bpo.*sup_record.*intern"):
        eligibility(ds, ds.base)


def test_loading_names_every_lock_that_cannot_be_kept(workspace: Path) -> None:
    path = workspace / "task_inventory.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig").set_index("task_id")
    frame.loc["rnw_contract_papers", ["lock_resource", "lock_reason"]] = ["bpo", "a"]
    frame.loc["rnw_billing_update", ["lock_resource", "lock_reason"]] = ["csm", "b"]
    frame.loc["sup_record", ["lock_resource", "lock_reason"]] = ["intern", "c"]
    frame.reset_index().to_csv(path, index=False)
    with pytest.raises(cs.DataContractError) as error:
        cs.load_dataset(workspace)
    told = str(error.value)
    assert "rnw_billing_update to csm, but the bundle to bpo" in told and "row 28" in told
    assert "sup_record touches data of persons" in told and "row 37" in told
