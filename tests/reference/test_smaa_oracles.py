"""Stability against answers found otherwise: closed forms, a plain loop, published values, peers."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.assignment.rating_stats import krippendorff_alpha
from csanalysis.assignment.smaa_kernel import count_fixed, draw_weights, stream
from csanalysis.assignment.suitability import Rules, log_desirability, score_of, suitability_scores
from csanalysis.model.dataset import Dataset
from csanalysis.vocabulary import TRAITS, ResourceKind

KINDS = [str(kind) for kind in ResourceKind]


@pytest.mark.parametrize("trait", TRAITS)
@pytest.mark.parametrize("noise", [0.0, 1e-9])
def test_corners_of_the_simplex_are_the_single_trait_answers(
    example: Dataset, trait: str, noise: float
) -> None:
    """With all weight on one trait the kind of the highest desirability wins every draw."""
    table = example.suitability
    corner = table.assign(weight=(table["trait"] == trait).astype(float))
    ds = replace(example, tables={**example.tables, "suitability": corner})
    parts = suitability_scores(ds, ds.base).parts[:, :, TRAITS.index(trait)]
    order = np.sort(parts, axis=1)
    clear = order[:, -1] - order[:, -2] > 1e-6
    found = cs.assess_stability(ds, ds.base, 50, noise=noise)
    assert clear.any()
    for task in np.flatnonzero(clear):
        assert found.top[task] == KINDS[parts[task].argmax()] and found.probability[task].max() == 1


def test_two_kinds_and_two_traits_in_closed_form() -> None:
    """One kind gains d1 on the first trait, the other d2 on the second: P = share of w above the crossing.

    w log a1 + (1 - w) log a2 > w log b1 + (1 - w) log b2, with w uniform on 0 to 1.
    """
    a, b = np.array([0.9, 0.2]), np.array([0.4, 0.7])
    logs = np.log(np.stack([a, b]))[:, None, :]  # (n_kinds, n_tasks, n_traits)
    crossing = math.log(b[1] / a[1]) / (math.log(b[1] / a[1]) + math.log(a[0] / b[0]))
    n = 200_000
    weights = draw_weights(stream(0, "closed form"), np.ones((1, 2)), n)
    share = count_fixed(logs, weights, 0)[0] / n
    error = math.sqrt(crossing * (1 - crossing) / n)
    assert share[0] == pytest.approx(1 - crossing, abs=4 * error)


def test_weights_have_mean_and_variance_of_a_dirichlet(example: Dataset) -> None:
    """E = w, Var = w (1 - w) / (c + 1), Cov = -w v / (c + 1); a weight of 0 stays 0."""
    weights = Rules.of(example.suitability).weights.copy()
    weights[0, 0], weights[0, 1] = 0.0, weights[0, 0] + weights[0, 1]
    n, c = 100_000, 50.0
    drawn = draw_weights(stream(1, "moments"), c * weights, n)
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    np.testing.assert_allclose(drawn.mean(axis=2), weights, atol=4 * 0.07 / math.sqrt(n))
    np.testing.assert_allclose(drawn.var(axis=2), weights * (1 - weights) / (c + 1), rtol=0.04)
    covariance = np.cov(drawn[1])[0, 1]
    assert covariance == pytest.approx(-weights[1, 0] * weights[1, 1] / (c + 1), rel=0.1)
    assert (drawn[0, 0] == 0).all()


class PlainLoop:
    """SMAA as the textbook says it: one draw after the other, random numbers of the standard library."""

    def __init__(self, ds: Dataset, weights: str, concentration: float, noise: float) -> None:
        self.rules = {(r["kind"], r["trait"]): r for r in ds.suitability.to_dict("records")}
        self.weights, self.concentration, self.noise = weights, concentration, noise
        self.random = random.Random(20_260_401)

    def drawn_weights(self) -> dict[tuple[str, str], float]:
        if self.weights == "uniform":
            shared = {trait: self.random.expovariate(1) for trait in TRAITS}
            gamma = {(kind, trait): shared[trait] for kind in KINDS for trait in TRAITS}
        else:
            gamma = {
                key: self.random.gammavariate(self.concentration * rule["weight"], 1)
                for key, rule in self.rules.items()
            }
        total = {kind: sum(gamma[kind, trait] for trait in TRAITS) for kind in KINDS}
        return {(kind, trait): value / total[kind] for (kind, trait), value in gamma.items()}

    def noisy(self, trait: str, value: float) -> float:
        error = self.noise * self.random.triangular(-1, 1, 0)
        if trait == "lead_days":
            return max(0.0, value * (1 + error / 4))
        if trait in ("standardised", "rules_fixed", "customer_contact"):
            return min(1.0, max(0.0, value + error / 4))
        return min(5.0, max(1.0, value + error))

    def desirability(self, kind: str, trait: str, task: dict[str, float]) -> float:
        rule, x = self.rules[kind, trait], task[trait]
        low, target, high = rule["low"], rule["target"], rule["high"]
        if rule["shape"] == "larger":
            d = (x - low) / (high - low)
        elif rule["shape"] == "smaller":
            d = (high - x) / (high - low)
        else:
            d = min((x - low) / (target - low), (high - x) / (high - target))
        d = min(1.0, max(0.0, d))
        if trait == "lead_days" and rule["shape"] == "smaller":
            d = 1 - (1 - d) * (1 - task["rules_fixed"])
        return d

    def probabilities(self, people: list[dict[str, float]], n: int) -> dict[str, float]:
        wins = dict.fromkeys(KINDS, 0)
        for _ in range(n):
            weights = self.drawn_weights()
            view = self.random.choice(people)
            task = {trait: self.noisy(trait, view[trait]) for trait in TRAITS}
            scores = {
                kind: math.prod(
                    self.desirability(kind, trait, task) ** weights[kind, trait] for trait in TRAITS
                )
                for kind in KINDS
            }
            best = max(KINDS, key=lambda kind: scores[kind])
            wins[best if scores[best] > 0 else "csm"] += 1
        return {kind: count / n for kind, count in wins.items()}


@pytest.mark.parametrize("weights", ["table", "uniform"])
@pytest.mark.parametrize(
    "task_id", ["rnw_negotiation", "ado_regular_meeting", "ini_account_setup", "dat_crm_cleaning"]
)
def test_probabilities_agree_with_a_plain_loop(example: Dataset, task_id: str, weights: str) -> None:
    """Written separately, with other random numbers; apart by less than four standard errors."""
    n, many = 2_500, 100_000
    row = example.tasks.set_index("task_id").loc[task_id]
    alone = {trait: float(row[trait]) for trait in TRAITS}
    people = [alone]
    inventory = example.tables["task_inventory"]
    only = inventory[inventory["task_id"] == task_id].reset_index(drop=True)
    ds = replace(example, tables={**example.tables, "task_inventory": only})
    if task_id == "ado_regular_meeting":  # three people, who differ on two traits
        people = [{**alone, "value_added": v, "rules_fixed": r} for v, r in ((3, 0.5), (4, 0.3), (5, 0.1))]
        rows = [
            {"row": 2, "task_id": task_id, "rater": f"rater {i}", "trait": trait, "value": person[trait]}
            for i, person in enumerate(people)
            for trait in ("value_added", "rules_fixed")
        ]
        ds = replace(ds, tables={**ds.tables, "ratings": pd.DataFrame(rows)})
    expected = PlainLoop(ds, weights, 40.0, 0.8).probabilities(people, n)
    found = cs.assess_stability(ds, ds.base, many, seed=0, weights=weights, concentration=40.0, noise=0.8)
    for kind, probability in zip(found.kinds, found.probability[0], strict=True):
        spread = max(probability * (1 - probability), 1 / n)
        error = math.sqrt(spread / n + spread / many)
        assert expected[kind] == pytest.approx(probability, abs=4 * error), kind


@pytest.mark.slow
def test_order_of_a_weighted_product_is_that_of_scikit_criteria() -> None:
    """30 random cases of 12 alternatives and 8 criteria, none of them 0 (there it refuses)."""
    from skcriteria import mkdm
    from skcriteria.agg.simple import WeightedProductModel

    rng = np.random.default_rng(7)
    for _ in range(30):
        matrix, weights = rng.uniform(0.01, 1, (12, 8)), rng.dirichlet(np.ones(8))
        theirs = WeightedProductModel().evaluate(mkdm(matrix, objectives=[max] * 8, weights=weights))
        ours = score_of(matrix[None], np.tile(weights, (12, 1)))[0]
        assert list(np.argsort(-ours)) == list(np.argsort(theirs.rank_))


@pytest.mark.slow
def test_best_of_a_weighted_product_is_that_of_scikit_criteria(example: Dataset) -> None:
    """The kind of the highest score per task, all kinds of a task as alternatives, for 4 weight draws."""
    from skcriteria import mkdm
    from skcriteria.agg.simple import WeightedProductModel

    parts = np.maximum(suitability_scores(example, example.base).parts, 1e-6)
    logs = np.ascontiguousarray(log_desirability(parts).transpose(1, 0, 2))
    weights = draw_weights(stream(5, "peer"), np.ones((1, 8)), 4)
    method = WeightedProductModel()
    theirs = np.zeros((len(parts), 7), dtype=int)
    for draw in range(4):
        for task, matrix in enumerate(parts):
            result = method.evaluate(mkdm(matrix, objectives=[max] * 8, weights=weights[0, :, draw]))
            theirs[task, int(np.argmin(result.rank_))] += 1
    np.testing.assert_array_equal(count_fixed(logs, weights, 0), theirs)


KRIPPENDORFF_2011 = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""


@pytest.mark.parametrize(("level", "alpha"), [("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_the_published_one(level: str, alpha: float) -> None:
    """Krippendorff 2011, "Computing Krippendorff's alpha-reliability": four observers, twelve units."""
    rows = [line.split() for line in KRIPPENDORFF_2011.strip().splitlines()]
    ratings = np.array([[math.nan if cell == "." else float(cell) for cell in row] for row in rows])
    assert krippendorff_alpha(ratings, level) == pytest.approx(alpha, abs=5e-4)  # type: ignore[arg-type]


def test_alpha_of_agreement_is_one_and_of_nothing_is_not_a_number() -> None:
    assert krippendorff_alpha(np.array([[1.0, 2, 3], [1, 2, 3]]), "ordinal") == 1
    assert math.isnan(krippendorff_alpha(np.array([[3.0, 3], [3, 3]]), "interval"))
    assert math.isnan(krippendorff_alpha(np.array([[3.0, math.nan], [math.nan, 2]]), "ordinal"))
