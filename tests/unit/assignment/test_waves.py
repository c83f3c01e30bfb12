"""Waves and pilot: who goes when, what it frees, and what is said of it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.assignment.stability import Stability
from csanalysis.assignment.waves import Waves
from csanalysis.labels import keys
from csanalysis.model.dataset import Dataset
from csanalysis.workspace import example_dir, load_dataset

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


def with_task(ds: Dataset, task_id: str, **cells: Any) -> Dataset:
    frame = ds.tasks.copy()
    frame.loc[frame["task_id"] == task_id, list(cells)] = list(cells.values())
    tables = {**ds.tables, "task_inventory": frame}
    space = replace(ds.space, tables={**ds.space.tables, "task_inventory": frame})
    return replace(ds, tables=tables, scenario=replace(ds.scenario, space=space))


def waves_of(waves: Waves) -> dict[str, str]:
    return {t.decision.task_id: t.wave for t in waves.tasks}


def reasons_of(waves: Waves) -> dict[str, str]:
    return {t.decision.task_id: t.reason for t in waves.tasks}


@pytest.fixture(scope="module")
def waves(example: Dataset) -> Waves:
    return cs.plan_waves(example, example.base)


def certain(ds: Dataset, plan: Any, chance: float) -> Stability:
    """Return a stability result in which the assigned kind has a given share for every task."""
    found = cs.assess_stability(ds, ds.base, 1)
    kinds = [found.kinds.index(d.kind) for d in plan.decisions]
    probability = np.full(found.probability.shape, (1 - chance) / (len(found.kinds) - 1))
    probability[np.arange(len(kinds)), kinds] = chance
    return replace(found, probability=probability)


def test_first_is_what_is_named_short_and_goes_out_now(example: Dataset, waves: Waves) -> None:
    frame = waves.to_frame().merge(cs.assign_tasks(example, example.base).to_frame(), on="task_id")
    first = frame.query("wave == 'first'")
    assert (first["play"] == "hand_over").all() and (first["kind_x"] == first["named_kind"]).all()
    assert (first["lead_days"] <= 3).all(), "nothing left to wish for a BPO vendor: 3 days in the table"
    assert set(frame.query("kind_y != 'csm'")["wave"]) == {"first", "next"}


def test_long_work_follows_and_fixed_rules_make_it_short(example: Dataset, waves: Waves) -> None:
    """LOGLASS2023: a long process may go where its flow and decision table are complete."""
    assert reasons_of(waves)["con_self_onboarding"] == "long"
    ruled = example.base.replace({"tasks.con_self_onboarding.rules_fixed": 1})
    assert waves_of(cs.plan_waves(example, ruled))["con_self_onboarding"] == "first"


def test_what_hangs_on_weights_and_ratings_is_discussed_first(example: Dataset, waves: Waves) -> None:
    plan = cs.assign_tasks(example, example.base)
    shaky = cs.plan_waves(example, example.base, certain(example, plan, 0.79))
    assert "first" not in waves_of(shaky).values()
    assert reasons_of(shaky)["onb_session_deliver"] == "discuss"
    firm = cs.plan_waves(example, example.base, certain(example, plan, 0.80))
    assert waves_of(firm) == waves_of(waves)
    assert shaky.pilot is not None, "work that would go, but for doubt, is what a pilot is for"
    assert np.isnan(waves.tasks[0].probability) and firm.tasks[0].probability == pytest.approx(0.8)


def test_later_phases_of_the_playbook_set_next_and_later(example: Dataset, waves: Waves) -> None:
    task = {t.decision.task_id: t for t in waves.tasks}
    assert (task["exp_upsell_call"].wave, task["exp_upsell_call"].phase) == ("next", "efficiency")
    assert (task["srv_voice_summary"].wave, task["srv_voice_summary"].phase) == ("later", "mature")
    assert reasons_of(waves)["srv_survey_project"] == "cut", "no vendor suits so long a piece"
    assert task["ado_outcome_consulting"].wave == "never"


def test_support_comes_later_while_tickets_are_few(example: Dataset) -> None:
    few = cs.plan_waves(example, example.base.replace(tickets_per_account=0.05))
    task = {t.decision.task_id: t for t in few.tasks}["sup_first_response"]
    assert (task.wave, task.reason) == ("later", "few_tickets")
    assert task.target is not None and task.decision.rates[task.target].kind == "bpo"


def test_what_is_there_already_is_no_wave(example: Dataset) -> None:
    ds = with_task(example, "sup_record", current_resource="bpo")
    found = cs.plan_waves(ds, ds.base)
    assert waves_of(found)["sup_record"] == "done"
    assert found.totals()["wave"].tolist() == ["done", "first", "next", "later", "never"]


def test_a_bundle_goes_with_its_slowest_task(example: Dataset) -> None:
    ds = with_task(example, "onb_session_followup", lead_days=12.0)
    found = waves_of(cs.plan_waves(ds, ds.base))
    assert {wave for task, wave in found.items() if task.startswith("onb_")} == {"next"}


def test_totals_add_up_to_the_inventory(waves: Waves) -> None:
    totals, frame = waves.totals(), waves.to_frame()
    assert totals["wave"].tolist() == ["first", "next", "later", "never"]
    assert totals["tasks"].sum() == len(frame) == 50
    assert totals["hours"].sum() == pytest.approx(453.4, abs=0.05)
    by_wave = frame.groupby("wave")[["hours", "hours_freed", "jpy"]].sum()
    for name in by_wave:
        assert totals.set_index("wave")[name].to_dict() == pytest.approx(by_wave[name].to_dict())


def test_hours_freed_are_net_of_management(waves: Waves) -> None:
    """A BPO hour: 1.05 / 0.8 hours bought for each task hour, a tenth of them managed."""
    row = waves.to_frame().set_index("task_id").loc["sup_first_response"]
    assert row["hours_freed"] == pytest.approx(row["hours"] * (1 - 0.1 * 1.05 / 0.8))
    stays = waves.to_frame().query("wave == 'never'")
    assert (stays["hours_freed"] == 0).all() and stays["jpy"].isna().all() and (stays["kind"] == "").all()


def test_the_pilot_is_named_with_size_and_measures(waves: Waves) -> None:
    """The source's own word first, with the vendor that takes most; a quarter of it."""
    pilot = waves.pilot
    assert pilot is not None and all(task.startswith("onb_") for task in pilot.task_ids)
    assert pilot.rate.resource_id == "bpo" and pilot.share == 0.25
    assert pilot.hours == pytest.approx(81.7 / 4, abs=0.02)
    assert pilot.bought == pytest.approx(pilot.hours * 1.05 / 0.8)
    assert pilot.cases == pytest.approx(54.5 / 4, abs=0.02)
    told = " ".join(waves.sentences("en"))
    for part in ("25 % of the work", "onboarding completion", "set-up JPY 300k", "assumed 5 %", "churn"):
        assert part in told


def test_a_pilot_of_work_that_cannot_be_shared_is_all_of_it(example: Dataset) -> None:
    ds = example
    for task in ("onb_session_prepare", "rnw_intent_confirm"):
        ds = with_task(ds, task, split="whole")
    pilot = cs.plan_waves(ds, ds.base).pilot
    assert pilot is not None and pilot.share == 1
    assert "cannot be shared" in " ".join(cs.plan_waves(ds, ds.base).sentences("en"))


def test_a_pilot_is_made_with_a_vendor_rather_than_with_staff() -> None:
    """Where interns take most hours, the contract to be tested is still the vendor's."""
    ds = load_dataset(example_dir(), lang="en", scenario="enterprise_propose_new")
    pilot = cs.plan_waves(ds, ds.scenario).pilot
    assert pilot is not None and pilot.rate.kind == "bpo"


def test_fixed_work_makes_a_pilot_without_cases() -> None:
    ds = load_dataset(example_dir(), lang="en", scenario="enterprise_replace_existing")
    found = cs.plan_waves(ds, ds.scenario)
    assert found.pilot is not None and np.isnan(found.pilot.cases)
    assert "work without cases" in " ".join(found.sentences("en"))


def test_in_launch_there_is_nothing_to_pilot(example: Dataset) -> None:
    found = cs.plan_waves(example, example.base.replace(cs_headcount=2))
    assert found.pilot is None and "first" not in waves_of(found).values()
    assert "there is no pilot" in " ".join(found.sentences("en"))


@pytest.mark.parametrize("share", [0, -0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(example: Dataset, share: float) -> None:
    with pytest.raises(ValueError, match="pilot_share"):
        cs.plan_waves(example, example.base, pilot_share=share)


@pytest.mark.slow
def test_every_reason_has_its_words_in_both_languages(example: Dataset) -> None:
    """All reasons that the rules can give, met in some scenario."""
    met: dict[str, Any] = {}
    base = example.base
    plan = cs.assign_tasks(example, base)
    scenarios = [
        base,
        base.replace(tickets_per_account=0.05),
        base.replace({"tasks.dat_alert_check.rules_fixed": 0.5}),
    ]
    found = [cs.plan_waves(example, sc) for sc in scenarios]
    found.append(cs.plan_waves(example, base, certain(example, plan, 0.5)))
    done = with_task(example, "sup_record", current_resource="bpo")
    found.append(cs.plan_waves(done, done.base))
    for result in found:
        met.update({task.reason: task for task in result.tasks})
    written = {key.rsplit(".", 1)[1] for key in keys() if key.startswith("waves.reason.")}
    assert set(met) == written
    for task in met.values():
        assert JAPANESE.search(task.why("ja")) and not JAPANESE.search(task.why("en"))
        assert "{" not in task.why("en")


def test_sentences_without_stability_ask_for_it(example: Dataset, waves: Waves) -> None:
    assert any("assess_stability" in told for told in waves.sentences("en"))
    plan = cs.assign_tasks(example, example.base)
    counted = cs.plan_waves(example, example.base, certain(example, plan, 1.0))
    assert not any("assess_stability" in told for told in counted.sentences("en"))
    assert all(JAPANESE.search(told) for told in counted.sentences("ja"))
    assert isinstance(counted.to_frame(), pd.DataFrame)
