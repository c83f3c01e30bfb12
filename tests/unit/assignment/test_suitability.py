"""Suitability: desirabilities by hand, weights, scenarios, and faults of the table told in both languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.assignment.suitability import (
    Rules,
    desirabilities,
    desirability_of,
    score_of,
    suitability_scores,
    trait_values,
)
from csanalysis.errors import DataContractError
from csanalysis.model.dataset import Dataset
from csanalysis.vocabulary import TRAITS, ResourceKind

RULES_FIXED, LEAD = TRAITS.index("rules_fixed"), TRAITS.index("lead_days")


def with_table(ds: Dataset, table: pd.DataFrame) -> Dataset:
    return replace(ds, tables={**ds.tables, "suitability": table})


def one_kind(trait: str, shape: str, low: float, target: float, high: float) -> Rules:
    """Return rules of bpo that look at one trait alone."""
    rows = [("bpo", t, "larger", 0.0, np.nan, 1.0, 0.0) for t in TRAITS if t != trait]
    rows.append(("bpo", trait, shape, low, target, high, 1.0))
    columns = ["kind", "trait", "shape", "low", "target", "high", "weight"]
    return Rules.of(pd.DataFrame(rows, columns=columns))


@pytest.mark.parametrize(
    ("shape", "limits", "values", "expected"),
    [
        ("larger", (1, np.nan, 4), [0, 1, 2.5, 4, 5], [0, 0, 0.5, 1, 1]),
        ("smaller", (2, np.nan, 6), [1, 2, 3, 6, 7], [1, 1, 0.75, 0, 0]),
        ("target", (0.5, 3, 5.5), [0, 0.5, 1.75, 3, 4.25, 5.5, 6], [0, 0, 0.5, 1, 0.5, 0, 0]),
        ("target", (3, 3, 5), [2.9, 3, 4, 5], [0, 1, 0.5, 0]),  # one-sided: nothing below the target
        ("target", (1, 3, 3), [1, 2, 3, 3.1], [0, 0.5, 1, 0]),
    ],
)
def test_desirability_by_hand(
    shape: str, limits: tuple[float, float, float], values: list[float], expected: list[float]
) -> None:
    """Derringer and Suich 1980, linear exponents: straight in between, flat outside, exact at the ends."""
    rules = one_kind("value_added", shape, *limits)
    tasks = np.zeros((len(values), len(TRAITS)))
    tasks[:, 0] = values
    found = desirability_of(tasks, rules)[:, 0, 0]
    assert found == pytest.approx(expected, abs=1e-15)
    zero = np.array(expected) == 0
    assert (found[zero] == 0).all() and (found[np.array(expected) == 1] == 1).all()


def test_fixed_rules_relieve_a_long_process(example: Dataset) -> None:
    """By hand for bpo (1 at 3 days, 0 at 40): 21.5 days give 0.5, and 0.8 with 0.6 of the rules fixed."""
    task = "tasks.faq_write"
    base = example.base.replace({f"{task}.lead_days": 21.5, f"{task}.rules_fixed": 0.6})
    row = list(example.tasks["task_id"]).index("faq_write")
    parts = dict(
        zip(suitability_scores(example, base).kinds, desirabilities(example, base)[row], strict=True)
    )
    assert parts["bpo"][LEAD] == pytest.approx(0.8)
    # The contractor wants a process of about 30 days (a target), so that nothing is relieved.
    assert parts["contractor"][LEAD] == pytest.approx(21.5 / 30)
    longest = base.replace({f"{task}.lead_days": 400.0, f"{task}.rules_fixed": 0.0})
    assert suitability_scores(example, longest).score("faq_write", "bpo") == 0


def test_a_desirability_of_zero_rules_out_unless_its_weight_is_zero() -> None:
    parts = np.array([[[0.0, 0.25, 1.0]]])
    assert score_of(parts, np.array([[0.2, 0.4, 0.4]]))[0, 0] == 0
    assert score_of(parts, np.array([[0.0, 0.5, 0.5]]))[0, 0] == pytest.approx(0.5)


def test_score_is_the_weighted_geometric_mean(example: Dataset) -> None:
    found = suitability_scores(example, example.base)
    expected = np.prod(found.parts ** found.weights[None], axis=2)
    np.testing.assert_allclose(found.scores, expected, atol=1e-14)
    assert ((found.scores >= 0) & (found.scores <= 1)).all()


def test_weights_count_in_proportion(example: Dataset) -> None:
    """Twice all weights is the same table: what adds up to 2 is normalised."""
    table = example.suitability.assign(weight=lambda t: 2 * t["weight"])
    same = suitability_scores(with_table(example, table), example.base)
    np.testing.assert_allclose(same.scores, suitability_scores(example, example.base).scores)
    np.testing.assert_allclose(same.weights.sum(axis=1), 1)


def test_kinds_come_in_the_order_of_the_vocabulary(example: Dataset) -> None:
    shuffled = with_table(example, example.suitability.sample(frac=1, random_state=5))
    found, other = (suitability_scores(ds, ds.base) for ds in (example, shuffled))
    assert found.kinds == tuple(ResourceKind) == other.kinds
    np.testing.assert_array_equal(found.scores, other.scores)


def test_scenario_cells_count_and_many_scenarios_are_each_alone(example: Dataset) -> None:
    key = "tasks.onb_session_deliver.value_added"
    values = np.array([1.0, 3.0, 5.0])
    many = suitability_scores(example, example.base.replace({key: values}))
    assert many.scores.shape == (len(example.tasks), len(many.kinds), 3)
    for at, value in enumerate(values):
        one = suitability_scores(example, example.base.replace({key: value}))
        np.testing.assert_allclose(many.scores[:, :, at], one.scores)
        np.testing.assert_allclose(many.parts[..., at], one.parts)
        np.testing.assert_allclose(many.loss()[..., at], one.loss())
    assert trait_values(example, example.base).shape == (len(example.tasks), len(TRAITS))


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ("ado_outcome_consulting", "csm"),
        ("ado_risk_response", "csm"),
        ("onb_session_deliver", "bpo"),
        ("rnw_intent_confirm", "bpo"),
        ("rnw_billing_update", "contract_staff"),
        ("dat_crm_cleaning", "intern"),
        ("ado_usage_monitoring", "intern"),
        ("faq_write", "bpo"),
        ("ado_annual_org_setup", "bpo"),
        ("sup_first_response", "bpo"),
    ],
)
def test_traits_alone_lead_to_what_the_source_says(example: Dataset, task: str, kind: str) -> None:
    """LOGLASS2023: resource by value, repetition and length; interns where rules are fixed."""
    frame = suitability_scores(example, example.base).to_frame()
    rows = frame[frame["task_id"] == task]
    assert rows.loc[rows["value"].idxmax(), "kind"] == kind


def test_frames_name_what_lowers_a_score(example: Dataset) -> None:
    found = suitability_scores(example, example.base)
    frame, parts = found.to_frame(), found.parts_frame()
    assert len(frame) == len(example.tasks) * 7 and len(parts) == len(frame) * 8
    assert set(frame["unit"]) == set(parts["unit"]) == {"score"}
    row = frame.query("task_id == 'onb_session_prepare' and kind == 'intern'")
    assert row["value"].item() == 0 and row["weakest_trait"].item() == "rules_fixed"
    assert found.weakest("onb_session_prepare", "intern") == "rules_fixed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t[(t["kind"] != "bpo") | (t["trait"] != "lead_days")], "bpo has no row for lead_days"),
        (lambda t: t.assign(weight=t["weight"].where(t["kind"] != "intern", 0)), "weights of intern"),
        (lambda t: t.assign(weight=t["weight"].where(t["kind"] != "csm", -1)), "weights of csm"),
        (lambda t: pd.concat([t, t.tail(1)]), "tech_touch states a trait twice"),
    ],
)
def test_a_table_at_fault_is_named_in_both_languages(example: Dataset, change: object, said: str) -> None:
    """A table that was changed in Python has not passed the data contract."""
    broken = with_table(example, change(example.suitability))  # type: ignore[operator]
    with pytest.raises(ValueError, match=said) as stop:
        suitability_scores(broken, broken.base)
    assert "特性" in str(stop.value) or "重み" in str(stop.value)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_faults_of_the_files_are_told_together(workspace: Path, lang: str) -> None:
    """A missing trait, weights of 0, a kind nobody judged and a rating of 9, in one message."""
    path = workspace / "suitability.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    table = table[(table["kind"] != "bpo") | (table["trait"] != "periodicity")]
    table.loc[table["kind"] == "intern", "weight"] = "0"
    table[table["kind"] != "agency"].to_csv(path, index=False)
    inventory = workspace / "task_inventory.csv"
    tasks = pd.read_csv(inventory, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    tasks.loc[0, "repeatability"] = "9"
    tasks.to_csv(inventory, index=False)
    with pytest.raises(DataContractError) as stop:
        cs.load_dataset(workspace, lang=lang)
    told = {(f.file, f.column, f.value) for f in stop.value.failures}
    assert told == {
        ("suitability.csv", "trait", "bpo"),
        ("suitability.csv", "weight", "intern"),
        ("suitability.csv", "kind", "agency"),
        ("task_inventory.csv", "repeatability", "9"),
    }
    assert all(f.fix for f in stop.value.failures)
    assert "periodicity" in str(stop.value)
