"""What must not matter to an assignment does not, and prices work in one direction."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import csanalysis as cs
from csanalysis.assignment.rule import by_bundle, choose
from csanalysis.assignment.suitability import suitability_scores
from csanalysis.model.dataset import Dataset
from csanalysis.workspace import create_workspace, load_dataset

slow = settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
TASKS, OFFERS = 6, 4
unit = st.floats(0, 1)
scores = hnp.arrays(float, (TASKS, OFFERS), elements=unit)
masks = hnp.arrays(bool, (TASKS, OFFERS))
costs = hnp.arrays(float, (TASKS, OFFERS), elements=st.floats(0, 1e6))
ratings = st.fixed_dictionaries(
    {
        "value_added": st.integers(1, 5),
        "repeatability": st.integers(1, 5),
        "domain_knowledge": st.integers(1, 5),
        "lead_days": st.integers(0, 60),
        "rules_fixed": unit,
    }
)


def with_tasks(ds: Dataset, frame: pd.DataFrame) -> Dataset:
    tables = {**ds.tables, "task_inventory": frame}
    space = replace(ds.space, tables={**ds.space.tables, "task_inventory": frame})
    return replace(ds, tables=tables, scenario=replace(ds.scenario, space=space))


@given(scores, masks, masks, costs, unit, st.integers(0, OFFERS - 1), st.floats(0, 1e6))
def test_a_dearer_offer_never_gets_more(
    fit: np.ndarray, first: np.ndarray, may: np.ndarray, cost: np.ndarray, limit: float, at: int, more: float
) -> None:
    """Whatever the scores: with its price alone raised, an offer keeps its tasks or loses some."""
    dearer = cost.copy()
    dearer[:, at] += more
    before, after = (choose(fit, first & may, may, c, limit, 0) for c in (cost, dearer))
    assert set(np.flatnonzero(after == at)) <= set(np.flatnonzero(before == at))
    changed = before != after
    assert (before[changed] == at).all()


@given(scores, masks, masks, costs, costs, unit)
def test_without_cost_no_price_matters(
    fit: np.ndarray, first: np.ndarray, may: np.ndarray, one: np.ndarray, other: np.ndarray, limit: float
) -> None:
    found = [choose(fit, first, may, c, limit, 0, by_cost=False) for c in (one, other)]
    assert (found[0] == found[1]).all()


@given(scores, masks, masks, costs, unit)
def test_whoever_is_chosen_outside_may_do_it_and_suits(
    fit: np.ndarray, first: np.ndarray, may: np.ndarray, cost: np.ndarray, limit: float
) -> None:
    """Only a lock, which leaves nobody in-house either, may give work to somebody who does not suit."""
    found = choose(fit, first & may, may, cost, limit, 0)
    for task, at in enumerate(found):
        assert at == 0 or (may[task, at] and (fit[task, at] >= limit or not may[task, 0]))


@given(scores, hnp.arrays(np.int64, TASKS, elements=st.integers(0, 3)))
def test_a_bundle_counts_with_its_least_suitable_task(fit: np.ndarray, units: np.ndarray) -> None:
    joined = by_bundle(fit, units)
    for unit_id in set(units.tolist()):
        rows = units == unit_id
        assert (joined[rows] == fit[rows].min(axis=0)).all()


@given(st.lists(scores, min_size=2, max_size=3), masks, masks, costs, unit)
def test_many_scores_at_once_are_the_same_as_one_by_one(
    several: list[np.ndarray], first: np.ndarray, may: np.ndarray, cost: np.ndarray, limit: float
) -> None:
    together = choose(np.stack(several, axis=2), first, may, cost, limit, 0)
    for n, one in enumerate(several):
        assert (together[:, n] == choose(one, first, may, cost, limit, 0)).all()


@settings(slow, max_examples=3)
@given(st.randoms(use_true_random=False))
def test_the_order_of_tasks_changes_nothing(example: Dataset, random: object) -> None:
    tasks = example.tasks
    order = list(range(len(tasks)))
    random.shuffle(order)  # type: ignore[attr-defined]
    moved = with_tasks(example, tasks.iloc[order].reset_index(drop=True))
    assert cs.assign_tasks(moved, moved.base).mapping == cs.assign_tasks(example, example.base).mapping
    waves = [cs.plan_waves(ds, ds.base).to_frame().set_index("task_id")["wave"] for ds in (example, moved)]
    assert waves[0].to_dict() == waves[1].to_dict()


@pytest.mark.parametrize("factor", [0.01, 7.0])
def test_the_unit_of_money_changes_nothing(example: Dataset, factor: float) -> None:
    """All amounts in another currency: the same people, and boundaries at the same share of the range."""
    card = example.resources
    money = ("base_fee", "setup_cost", "success_cap")
    change = {
        f"resources.{offer}.{column}": factor * value
        for column in ("price", *money)
        for offer, kind, value in zip(card["resource_id"], card["kind"], card[column], strict=True)
        if np.isfinite(value) and value > 0 and kind != "csm"
    }
    own = {key: factor * float(example.base.number(key)) for key in ("csm_monthly_cost", "arr")}
    moved = example.base.replace({**change, **own})
    assert cs.assign_tasks(example, moved).mapping == cs.assign_tasks(example, example.base).mapping


def test_the_unit_of_the_tables_changes_nothing(example: Dataset, tmp_path: Path) -> None:
    """The same workspace with amounts in thousands of yen."""
    folder = create_workspace(tmp_path / "thousand", "en")
    for name, columns in (("resources", ["price", "base_fee", "setup_cost", "hiring_cost", "success_cap"]),):
        frame = pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig")
        frame[columns] = frame[columns] / 1000
        frame.to_csv(folder / f"{name}.csv", index=False)
    keys = pd.read_csv(folder / "parameters.csv", encoding="utf-8-sig", dtype=str, keep_default_na=False)
    amounts = keys["unit"].str.startswith("JPY")
    for column in ("default", "low", "high", "hard_min", "hard_max", "step"):
        filled = amounts & (keys[column] != "")
        keys.loc[filled, column] = (keys.loc[filled, column].astype(float) / 1000).map("{:.10g}".format)
    keys.to_csv(folder / "parameters.csv", index=False)
    marker = folder / "csanalysis.toml"
    marker.write_text(marker.read_text(encoding="utf-8").replace('"JPY"', '"1000JPY"'), encoding="utf-8")
    ds = load_dataset(folder)
    assert cs.assign_tasks(ds, ds.base).mapping == cs.assign_tasks(example, example.base).mapping


def test_the_language_changes_words_alone(example: Dataset) -> None:
    japanese = example.with_language("ja")
    one, other = (cs.assign_tasks(ds, ds.base) for ds in (example, japanese))
    assert one.mapping == other.mapping
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame())
    assert one.sentences("en") == other.sentences("en") != one.sentences("ja")


@slow
@given(ratings, st.integers(1, 5))
def test_more_repeatability_never_takes_bpo_from_among_the_suitable(
    example: Dataset, task: dict[str, float], repeated: int
) -> None:
    less, more = sorted((float(task["repeatability"]), float(repeated)))
    base = {f"tasks.rep_usage_extract.{trait}": float(value) for trait, value in task.items()}
    found = [
        suitability_scores(
            example, example.base.replace({**base, "tasks.rep_usage_extract.repeatability": value})
        ).score("rep_usage_extract", "bpo")
        for value in (less, more)
    ]
    assert found[1] >= found[0] - 1e-12


@slow
@given(st.lists(ratings, min_size=8, max_size=8), unit)
def test_whatever_the_ratings_the_assignment_is_a_partition(
    example: Dataset, rated: list[dict[str, float]], limit: float
) -> None:
    """Every task goes to one offer; bundles stay together, and so does what is locked."""
    tasks = example.tasks
    chosen = list(tasks["task_id"])[:: len(tasks) // 8][:8]
    change = {f"tasks.{t}.{k}": float(v) for t, r in zip(chosen, rated, strict=True) for k, v in r.items()}
    plan = cs.assign_tasks(example, example.base.replace({**change, "suitability_threshold": limit}))
    assert list(plan.mapping) == list(tasks["task_id"])
    assert set(plan.mapping.values()) <= set(example.resources["resource_id"])
    for _, members in tasks[tasks["bundle_id"] != ""].groupby("bundle_id"):
        assert len({plan.mapping[task] for task in members["task_id"]}) == 1
    assert plan.mapping["ado_risk_response"] == "csm"
    waves = cs.plan_waves(example, example.base.replace({**change, "suitability_threshold": limit}))
    assert len(waves.tasks) == len(tasks) and waves.totals()["tasks"].sum() == len(tasks)


@pytest.mark.parametrize("offer", ["bpo", "contractor", "contract_staff", "intern", "tech_touch", "csm"])
def test_a_higher_price_never_gives_a_kind_more_tasks(example: Dataset, offer: str) -> None:
    """With the real cost model: management by the team is in everybody's cost, and still the order holds."""
    key = f"resources.{offer}.price"
    now = float(example.base.number(key))
    counts = []
    for factor in (0.5, 0.8, 1.0, 1.3, 3.0):
        plan = cs.assign_tasks(example, example.base.replace({key: factor * now}))
        counts.append({task for task, kind in plan.mapping.items() if kind == offer})
    assert all(later <= earlier for earlier, later in pairwise(counts))


def test_without_cost_the_rate_card_may_say_what_it_likes(example: Dataset) -> None:
    prices = {f"resources.{offer}.price": 99_999.0 for offer in ("bpo", "intern", "contract_staff", "csm")}
    one, other = (
        cs.assign_tasks(example, sc, by_cost=False).mapping
        for sc in (example.base, example.base.replace(prices))
    )
    assert one == other
