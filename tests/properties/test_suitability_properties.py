"""What must not matter to suitability and stability does not, and what must work in one direction does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import csanalysis as cs
from csanalysis.assignment.smaa_kernel import NoisyScorer
from csanalysis.assignment.suitability import (
    Rules,
    desirability_of,
    score_of,
    suitability_scores,
    trait_values,
)
from csanalysis.model.dataset import Dataset
from csanalysis.schemas.trait_rules import trait_scale
from csanalysis.vocabulary import TRAITS

rating = st.floats(1, 5)
share = st.floats(0, 1)
values = st.tuples(rating, rating, rating, rating, st.floats(0, 200), share, share, share)


def scores(ds: Dataset, task: tuple[float, ...]) -> dict[str, float]:
    rules = Rules.of(ds.suitability)
    found = score_of(desirability_of(np.array([task]), rules), rules.weights)[0]
    return dict(zip(rules.kinds, found, strict=True))


@given(values, rating, rating)
def test_more_repeatability_never_lowers_bpo(
    example: Dataset, task: tuple[float, ...], one: float, other: float
) -> None:
    less, more = (scores(example, (task[0], r, *task[2:])) for r in sorted((one, other)))
    assert more["bpo"] >= less["bpo"] - 1e-12
    assert more["csm"] <= less["csm"] + 1e-12


@given(values, share, share)
def test_more_fixed_rules_never_lower_bpo_and_intern(
    example: Dataset, task: tuple[float, ...], one: float, other: float
) -> None:
    """Both directly and by relieving a long process."""
    at = TRAITS.index("rules_fixed")
    less, more = (scores(example, (*task[:at], r, *task[at + 1 :])) for r in sorted((one, other)))
    for kind in ("bpo", "intern", "contract_staff"):
        assert more[kind] >= less[kind] - 1e-12


@given(values)
def test_a_score_lies_between_its_weakest_and_its_strongest_trait(
    example: Dataset, task: tuple[float, ...]
) -> None:
    rules = Rules.of(example.suitability)
    parts = desirability_of(np.array([task]), rules)
    found = score_of(parts, rules.weights)
    assert (found >= parts.min(axis=2) - 1e-12).all() and (found <= parts.max(axis=2) + 1e-12).all()


@given(st.lists(values, min_size=1, max_size=5), st.integers(0, 2**32))
def test_the_loop_of_draws_scores_as_the_table_does(
    example: Dataset, tasks: list[tuple[float, ...]], seed: int
) -> None:
    """The inner loop of the stability analysis and the plain formula are two programs for one thing."""
    rules = Rules.of(example.suitability)
    weights = np.random.default_rng(seed).dirichlet(np.ones(8), size=7)
    expected = score_of(desirability_of(np.array(tasks), rules), weights)
    scorer, drawn = NoisyScorer(rules), np.array(tasks).T.copy()
    with np.errstate(divide="ignore"):
        for kind in range(7):
            wide = np.repeat(weights[kind][:, None], len(tasks), axis=1)
            found = np.exp(scorer.log_score(kind, drawn, wide))
            np.testing.assert_allclose(found, expected[:, kind], atol=1e-12)


def tables(ds: Dataset) -> tuple[pd.DataFrame, pd.DataFrame]:
    keys = ["task_id", "kind"]
    fit = suitability_scores(ds, ds.scenario).to_frame().sort_values(keys, ignore_index=True)
    stable = cs.assess_stability(ds, ds.scenario, 400).to_frame().sort_values(keys, ignore_index=True)
    return fit, stable


def same(one: Dataset, other: Dataset) -> None:
    for before, after in zip(tables(one), tables(other), strict=True):
        pd.testing.assert_frame_equal(before, after, rtol=1e-12)


def test_order_of_tasks_and_rows_changes_nothing(example: Dataset) -> None:
    """Not one draw: the random numbers of a task belong to it, wherever it stands."""
    mixed = {
        name: table.sample(frac=1, random_state=2).reset_index(drop=True)
        for name, table in example.tables.items()
        if name in ("task_inventory", "suitability", "resources")
    }
    same(example, replace(example, tables={**example.tables, **mixed}))


def test_leaving_a_task_out_changes_no_other(example: Dataset) -> None:
    fewer = example.tables["task_inventory"].iloc[1:].reset_index(drop=True)
    rest = replace(example, tables={**example.tables, "task_inventory": fewer})
    gone = example.tasks["task_id"].iloc[0]
    for before, after in zip(tables(example), tables(rest), strict=True):
        kept = before[before["task_id"] != gone].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, after, rtol=1e-12)


def test_language_changes_nothing(workspace: Path) -> None:
    same(cs.load_dataset(workspace, lang="ja"), cs.load_dataset(workspace, lang="en"))


def test_unit_of_money_changes_nothing(workspace: Path) -> None:
    """Traits carry no money, so that reading amounts in thousands must not touch them."""
    before = cs.load_dataset(workspace)
    for path in (workspace / "scenarios").glob("enterprise*.csv"):
        path.unlink()
    for name, columns in {
        "resources": ["price", "base_fee", "setup_cost", "hiring_cost", "success_cap"],
        "parameters": ["default", "low", "high", "hard_min", "hard_max", "step"],
    }.items():
        path = workspace / f"{name}.csv"
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        rows = table["unit"].str.startswith("JPY") if "unit" in table else table.index >= 0
        thousand = table.loc[rows, columns].map(lambda cell: repr(float(cell) / 1000) if cell else cell)
        table.loc[rows, columns] = thousand
        table.to_csv(path, index=False)
    marker = workspace / "csanalysis.toml"
    marker.write_text(marker.read_text(encoding="utf-8").replace('money = "JPY"', 'money = "1000JPY"'))
    same(before, cs.load_dataset(workspace))


@pytest.mark.parametrize("trait", TRAITS)
def test_more_of_what_a_kind_wants_never_makes_it_less_likely_to_win(example: Dataset, trait: str) -> None:
    """Where only bpo is raised on a trait, its share of draws does not fall: the same draws are compared."""
    table = example.suitability
    easier = table.copy()
    at = (easier["kind"] == "bpo") & (easier["trait"] == trait)
    low, high = trait_scale(trait)
    reach = high if np.isfinite(high) else 200.0
    easier.loc[at, ["low", "high"]] += [low - reach, reach - low]
    easier.loc[at & (easier["shape"] == "larger"), "high"] = table.loc[at, "high"]
    easier.loc[at & (easier["shape"] == "smaller"), "low"] = table.loc[at, "low"]
    before, after = (
        cs.assess_stability(replace(example, tables={**example.tables, "suitability": t}), example.base, 300)
        for t in (table, easier)
    )
    bpo = before.kinds.index("bpo")
    assert (after.probability[:, bpo] >= before.probability[:, bpo]).all()
    assert trait_values(example, example.base).shape[1] == len(TRAITS)
