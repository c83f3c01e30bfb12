"""Boundaries: each really flips just beyond and not just before, and none is missed where none is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.assignment.boundary import Boundaries, flip_text, printed_flip
from csanalysis.assignment.boundary_quantities import GROUPS
from csanalysis.assignment.boundary_search import nearest_flips
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario

GRID = np.linspace(0, 1, 101)


@pytest.fixture(scope="module")
def found(example: Dataset) -> Boundaries:
    return cs.find_boundaries(example, example.base)


def kinds(ds: Dataset, sc: Scenario, by_cost: bool = True) -> dict[str, str]:
    return {d.task_id: d.kind for d in cs.assign_tasks(ds, sc, by_cost=by_cost).decisions}


def group(found: Boundaries, name: str) -> pd.DataFrame:
    return found.to_frame().query("group == @name and flip_at.notna()")


def before(row: dict[Any, Any]) -> float:
    """Return the value on the near side of a boundary, one bracket away."""
    return float(row["flip_at"] - np.sign(row["flip_at"] - row["current"]) * row["tolerance"])


def steps(x: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Return 0 below 0.3, 1 up to 0.7, and 0 again: flips, and flips back."""
    return ((x > 0.3) & (x < 0.7)).astype(np.intp)


@pytest.mark.parametrize(
    ("current", "at", "to"), [(0.0, 0.3, 1), (0.45, 0.3, 0), (0.55, 0.7, 0), (0.9, 0.7, 1), (0.5, 0.3, 0)]
)
def test_the_nearest_side_wins_also_where_a_choice_flips_back(current: float, at: float, to: int) -> None:
    flips = nearest_flips(steps, np.array([current]), GRID, 1e-9)
    assert flips.at[0] == pytest.approx(at, abs=1e-8) and flips.to[0] == to
    assert steps(flips.at)[0] == to


def test_no_flip_is_told_as_none() -> None:
    flips = nearest_flips(lambda x: np.zeros(x.shape, dtype=np.intp), np.array([0.2, 1.0]), GRID, 1e-6)
    assert np.isnan(flips.at).all() and (flips.to == -1).all()


def test_the_bracket_is_as_narrow_as_told() -> None:
    for tolerance in (1e-2, 1e-5):
        at = nearest_flips(steps, np.array([0.1]), GRID, tolerance).at[0]
        assert 0.3 < at <= 0.3 + tolerance


@pytest.mark.slow
def test_traits_flip_just_beyond_and_not_just_before(example: Dataset, found: Boundaries) -> None:
    """A trait moves its own task or bundle alone, so that all are tried at once, one task a bundle."""
    rows = group(found, "trait").to_dict("records")
    assert len(rows) > 25
    bundle = example.tasks.set_index("task_id")["bundle_id"]
    waiting = list(rows)
    while waiting:
        used: set[str] = set()
        now = []
        for row in waiting:
            unit = bundle[row["task_id"]] or row["task_id"]
            if unit not in used:
                now.append(row)
                used.add(unit)
        beyond = kinds(example, example.base.replace({r["quantity"]: r["flip_at"] for r in now}))
        near = kinds(example, example.base.replace({r["quantity"]: before(r) for r in now}))
        for row in now:
            assert beyond[row["task_id"]] == row["flips_to"] != row["kind"], row
            assert near[row["task_id"]] == row["kind"], row
        waiting = [row for row in waiting if row not in now]


def moved_weight(ds: Dataset, key: str, share: float) -> Dataset:
    """Return the dataset with one weight as a share, the others of its kind in proportion."""
    _, kind, trait = key.split(".")
    table = ds.suitability.copy()
    mine = table["kind"] == kind
    this = mine & (table["trait"] == trait)
    rest = table.loc[mine & ~this, "weight"]
    table.loc[mine & ~this, "weight"] = rest / rest.sum() * (1 - share)
    table.loc[this, "weight"] = share
    return replace(ds, tables={**ds.tables, "suitability": table})


@pytest.mark.slow
def test_weights_flip_just_beyond_and_not_just_before(example: Dataset, found: Boundaries) -> None:
    rows = group(found, "weight").drop_duplicates(["quantity", "flip_at"]).to_dict("records")
    assert len(rows) > 10
    for row in rows[::2]:
        beyond = kinds(moved_weight(example, row["quantity"], row["flip_at"]), example.base)
        near = kinds(moved_weight(example, row["quantity"], before(row)), example.base)
        assert beyond[row["task_id"]] == row["flips_to"] and near[row["task_id"]] == row["kind"], row


@pytest.mark.slow
@pytest.mark.parametrize("name", ["price", "threshold"])
def test_prices_and_threshold_flip_just_beyond_and_not_just_before(
    example: Dataset, found: Boundaries, name: str
) -> None:
    rows = group(found, name).drop_duplicates(["quantity", "flip_at"]).to_dict("records")
    assert rows
    for row in rows[:8]:
        beyond = kinds(example, example.base.replace({row["quantity"]: row["flip_at"]}))
        near = kinds(example, example.base.replace({row["quantity"]: before(row)}))
        assert beyond[row["task_id"]] == row["flips_to"] and near[row["task_id"]] == row["kind"], row


@pytest.mark.slow
def test_quality_flips_once_churn_depends_on_it(example: Dataset, found: Boundaries) -> None:
    """By default nothing follows from quality, and that is said."""
    assert group(found, "quality").empty
    assert "churn_sensitivity" in found.sentences("en")[-1]
    sc = example.base.replace({"churn_sensitivity": 0.05, "resources.bpo.price": 2800, "quality_ratio": 0.97})
    moved = cs.find_boundaries(example, sc)
    rows = group(moved, "quality").to_dict("records")
    assert rows and "churn_sensitivity" not in moved.sentences("en")[-1]
    for row in rows[:3]:
        assert kinds(example, sc.replace(quality_ratio=row["flip_at"]))[row["task_id"]] == row["flips_to"]
        assert kinds(example, sc.replace(quality_ratio=before(row)))[row["task_id"]] == row["kind"]


@pytest.mark.slow
def test_never_means_that_a_coarse_walk_finds_nothing_either(example: Dataset, found: Boundaries) -> None:
    frame = found.to_frame()
    today = kinds(example, example.base)
    never = frame.query("group == 'price' and flip_at.isna()")["task_id"]
    for key, values in (
        ("resources.bpo.price", (2000, 3500, 5000)),
        ("csm_monthly_cost", (400_000, 650_000)),
    ):
        for value in values:
            there = kinds(example, example.base.replace({key: value}))
            assert all(there[task] == today[task] for task in never)
    kept = [task for task in frame.query("group == 'trait' and flip_at.isna()")["task_id"]]
    for value in (1, 2, 3, 4):
        change = {
            f"tasks.{task}.{trait}": value for task in kept for trait in ("value_added", "repeatability")
        }
        there = kinds(example, example.base.replace(change))
        assert all(there[task] == today[task] for task in kept)


def test_the_frame_holds_a_row_a_task_and_group(example: Dataset, found: Boundaries) -> None:
    frame = found.to_frame()
    assert len(frame) == len(example.tasks) * len(GROUPS)
    assert set(frame["group"]) == set(GROUPS)
    flips = frame.dropna(subset="flip_at")
    assert flips["distance"].between(0, 1).all() and (flips["unit"] != "").all()
    assert (flips["distance"] * (flips["high"] - flips["low"])).to_numpy() == pytest.approx(
        (flips["flip_at"] - flips["current"]).abs().to_numpy()
    )
    assert (frame.loc[frame["flip_at"].isna(), "flips_to"] == "").all()
    assert (frame["tolerance"] <= 1e-4 * (frame["high"] - frame["low"]) * 1.001).all()
    bpo = frame.query("group == 'price' and quantity == 'resources.bpo.price'").iloc[0]
    assert (bpo["unit"], bpo["low"], bpo["high"]) == ("JPY/hour", 2000, 5000)


def test_the_nearest_of_all_groups_is_one_row_a_task(example: Dataset, found: Boundaries) -> None:
    near = found.nearest
    assert list(near["task_id"]) == list(example.tasks["task_id"])
    least = found.to_frame().groupby("task_id")["distance"].min()
    assert near.set_index("task_id")["distance"].equals(least.reindex(near["task_id"]))


def test_the_rule_without_cost_has_no_price_to_cross(example: Dataset) -> None:
    free = cs.find_boundaries(example, example.base, by_cost=False, steps=50)
    assert set(free.to_frame()["group"]) == {"trait", "weight", "threshold"}
    row = group(free, "trait").iloc[0]
    beyond = kinds(example, example.base.replace({row["quantity"]: row["flip_at"]}), by_cost=False)
    assert beyond[row["task_id"]] == row["flips_to"]


def test_a_quantity_at_the_end_of_its_range_is_searched_inwards(example: Dataset) -> None:
    sc = example.base.replace(
        {"suitability_threshold": 1.0, "quality_ratio": 2.0, "tasks.sup_record.rules_fixed": 1.0}
    )
    found = cs.find_boundaries(example, sc, steps=50)
    row = group(found, "threshold").iloc[0]
    assert row["flip_at"] < 1


def test_a_kind_with_one_weight_alone_can_be_moved(example: Dataset) -> None:
    """With all weight on one trait the rest has no proportions; it is spread evenly."""
    table = example.suitability.copy()
    mine = table["kind"] == "bpo"
    table.loc[mine, "weight"] = (table.loc[mine, "trait"] == "repeatability").astype(float)
    ds = replace(example, tables={**example.tables, "suitability": table})
    frame = cs.find_boundaries(ds, ds.base, steps=20).to_frame()
    assert np.isfinite(frame.query("group == 'weight'")["current"]).all()


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_sentences_name_the_closest(found: Boundaries, lang: str) -> None:
    told = found.sentences(lang)
    closest = found.nearest.sort_values("distance").iloc[0]
    name = next(d for d in found.plan.decisions if d.task_id == closest["task_id"]).name(lang)
    assert name in told[1] and flip_text(closest.to_dict(), lang) in told[1]
    assert all("{" not in sentence for sentence in told)


def test_scenarios_are_never_told_to_flip_by_prices_where_none_does(example: Dataset) -> None:
    launch = cs.find_boundaries(example, example.base.replace(cs_headcount=2), steps=20)
    told = " ".join(launch.sentences("en"))
    assert launch.nearest["distance"].isna().all()
    assert "For 0 of 50 tasks" in told and "No task changes with a price alone" in told


@pytest.mark.parametrize("setting", [{"tolerance": 0}, {"tolerance": 1}, {"tolerance": -1}, {"steps": 0}])
def test_settings_that_make_no_search_are_refused(example: Dataset, setting: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="tolerance must be"):
        cs.find_boundaries(example, example.base, **setting)


@pytest.mark.slow
def test_a_boundary_as_printed_flips_too(example: Dataset, found: Boundaries) -> None:
    """An analyst types the number on the page: it must lie beyond the boundary, not before it."""
    rows = group(found, "trait").dropna(subset=["flip_at"]).head(15).to_dict("records")
    assert len(rows) > 5
    for row in rows:
        shown = printed_flip(row["flip_at"], row["current"], row["unit"])
        typed = float(shown.removesuffix(" %")) / (100 if shown.endswith("%") else 1)
        moved = kinds(example, example.base.replace({row["quantity"]: typed}))
        assert moved[row["task_id"]] != row["kind"], (row["quantity"], shown)
