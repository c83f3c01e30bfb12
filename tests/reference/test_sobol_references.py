"""Sobol indices against closed forms and, on the same points, against SALib."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from csanalysis.sensitivity.indices import Outputs, estimate
from csanalysis.sensitivity.sobol import sobol

G_WEIGHTS = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])


def ishigami(x: np.ndarray) -> np.ndarray:
    """Ishigami and Homma 1990, a = 7, b = 0.1."""
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def sobol_g(x: np.ndarray) -> np.ndarray:
    """Saltelli and Sobol 1995."""
    return np.prod((np.abs(4 * x - 2) + G_WEIGHTS) / (1 + G_WEIGHTS), axis=1)


def inputs(d: int, low: float, high: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"key": [f"x{i}" for i in range(d)], "low": low, "high": high, "distribution": "uniform"}
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_ishigami(seed: int) -> None:
    """Within 0.01 of the published values at n = 2^14."""
    found = sobol(ishigami, factors=inputs(3, -np.pi, np.pi), n=2**14, seed=seed).to_frame()
    np.testing.assert_allclose(found["first"], [0.3139, 0.4424, 0], atol=0.01)
    np.testing.assert_allclose(found["total"], [0.5576, 0.4424, 0.2437], atol=0.01)


@pytest.mark.parametrize("seed", [0, 1])
def test_sobol_g(seed: int) -> None:
    """Variance of factor i alone: 1 / (3 (1 + a_i)^2); of the product: prod(1 + V_i) - 1."""
    alone = 1 / (3 * (1 + G_WEIGHTS) ** 2)
    variance = np.prod(1 + alone) - 1
    first, total = alone / variance, alone * np.prod(1 + alone) / (1 + alone) / variance
    found = sobol(sobol_g, factors=inputs(8, 0, 1), n=2**14, seed=seed).to_frame()
    np.testing.assert_allclose(found["first"], first, atol=0.01)
    np.testing.assert_allclose(found["total"], total, atol=0.01)
    assert ((found["total_low"] <= total) & (total <= found["total_high"])).all()


def test_an_additive_metric_of_unlike_distributions() -> None:
    """Shares are those of the variances: uniform 1/12, triangular 1/18 (mode at an end), Bernoulli 1/4."""
    rows = pd.DataFrame(
        {
            "key": ["u", "t", "b"],
            "low": 0.0,
            "high": 1.0,
            "distribution": ["uniform", "triangular", "discrete"],
            "mode": [None, 0.0, None],
            "values": [None, None, "0;1"],
        }
    )
    found = sobol(lambda x: x.sum(axis=1), factors=rows, n=2**13).to_frame()
    shares = np.array([1 / 12, 1 / 18, 1 / 4])
    np.testing.assert_allclose(found["first"], shares / shares.sum(), atol=0.005)
    np.testing.assert_allclose(found["total"], shares / shares.sum(), atol=0.005)


@pytest.mark.parametrize(("d", "n", "shift"), [(3, 512, 0.0), (3, 100, 1e6), (8, 256, -5.0), (1, 64, 3.0)])
def test_the_same_indices_as_salib_on_the_same_points(d: int, n: int, shift: float) -> None:
    """Points, layout and analysis of SALib, with n a power of two and not; a large mean does not matter."""
    from SALib.analyze import sobol as salib
    from SALib.sample import sobol as draw

    problem = {"num_vars": d, "names": [f"x{i}" for i in range(d)], "bounds": [[-np.pi, np.pi]] * d}
    points = draw.sample(problem, 2 ** int(np.ceil(np.log2(n))), calc_second_order=False, seed=7)
    points = points[: n * (d + 2)]

    def metric(x: np.ndarray) -> np.ndarray:
        mixed = sum((x[:, i] ** 2 * x[:, j] for i, j in pairwise(range(d))), np.zeros(len(x)))
        return np.sin(x).sum(axis=1) + 0.1 * mixed + shift

    y = metric(points)
    peer = salib.analyze(problem, y, calc_second_order=False, num_resamples=200, seed=1)
    rows = y.reshape(n, d + 2)
    ours = estimate(Outputs(rows[:, 0], rows[:, -1], np.ascontiguousarray(rows[:, 1:-1].T)))
    np.testing.assert_allclose(ours.first, peer["S1"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours.total, peer["ST"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(1.96 * ours.total_error, peer["ST_conf"], rtol=0.35)
