"""Demand scenarios: means kept exactly, seeds that count, the same fortunes for every plan."""

from __future__ import annotations

import numpy as np
import pytest

import csanalysis as cs
from csanalysis.model.dataset import Dataset
from csanalysis.planning.demand_scenarios import demand_scenarios, noise, stratum_means


@pytest.mark.parametrize("cv", [0.0, 0.15, 1.0, 3.0])
@pytest.mark.parametrize("n", [1, 2, 200, 1000])
def test_the_mean_of_every_month_is_kept(n: int, cv: float) -> None:
    factor = noise(24, n, cv, seed=3)
    assert factor.mean(axis=1) == pytest.approx(np.ones(24), abs=1e-12)
    assert (factor >= 0).all() and factor.std() <= cv + 1e-12


def test_variation_comes_near_what_is_asked() -> None:
    """Means of equal parts vary a little less than the whole; with 1,000 parts the difference is small."""
    assert stratum_means(1000, 0.15).std() == pytest.approx(0.15, rel=0.01)
    assert stratum_means(50, 0.15).std() == pytest.approx(0.15, rel=0.06)


def test_seed_zero_is_a_seed() -> None:
    assert (noise(6, 20, 0.2, seed=0) == noise(6, 20, 0.2, seed=0)).all()
    assert (noise(6, 20, 0.2, seed=0) != noise(6, 20, 0.2, seed=1)).any()


def test_common_random_numbers() -> None:
    """A longer horizon continues the same path, and another variation keeps the order of the scenarios."""
    short, long = noise(12, 50, 0.15, seed=1), noise(24, 50, 0.15, seed=1)
    assert (short == long[:12]).all()
    ranks = [noise(12, 50, cv, seed=1).argsort(axis=1) for cv in (0.05, 0.3)]
    assert (ranks[0] == ranks[1]).all()


def test_months_are_independent_unless_told_otherwise() -> None:
    def following(rho: float) -> float:
        factor = noise(40, 2000, 0.15, seed=5, autocorrelation=rho)
        return float(np.mean([np.corrcoef(factor[t], factor[t + 1])[0, 1] for t in range(39)]))

    assert abs(following(0.0)) < 0.02
    assert following(0.6) == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize(("n", "seed", "rho"), [(0, 1, 0.0), (10, -1, 0.0), (10, 1, 1.5)])
def test_what_cannot_be_drawn_is_said(n: int, seed: int, rho: float) -> None:
    with pytest.raises(ValueError, match=str(n)):
        noise(3, n, 0.1, seed, rho)


def test_pools_add_up_to_the_projection(example: Dataset) -> None:
    """In-house and outside hours are the projected hours, whatever the assignment; a season moves both."""
    sc = example.base
    for assignment in ("in_house", cs.playbook_assignment(example, sc)):
        drawn = demand_scenarios(example, sc, assignment, n_scenarios=40)
        expected = cs.project_demand(example, sc).total[1:]
        assert drawn.total.mean(axis=1) == pytest.approx(expected, rel=1e-12)
        assert drawn.factor.shape == (12, 40)
    assert set(drawn.outside) == {"bpo"}
    frame = drawn.to_frame()
    assert frame["value"].sum() == pytest.approx(drawn.total.sum())
    assert set(frame["pool"]) == {"in_house", "bpo"}
