"""Kaplan-Meier and Greenwood on published data: 6-mercaptopurine of Freireich et al. (1963), 21 patients.

Survival as printed in every textbook since Cox (1972); standard errors and log-log limits as in Stata.
"""

from __future__ import annotations

import numpy as np
import pytest

from csanalysis.accounts.survival import counts_by_age, kaplan_meier

WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSE = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PUBLISHED = {
    6: (0.857, 0.0764, 0.620, 0.952),
    7: (0.807, 0.0869, 0.563, 0.923),
    10: (0.753, 0.0963, 0.503, 0.889),
    13: (0.690, 0.1068, 0.432, 0.849),
    16: (0.627, 0.1141, 0.368, 0.805),
    22: (0.538, 0.1282, 0.268, 0.747),
    23: (0.448, 0.1346, 0.188, 0.680),
}


@pytest.mark.parametrize("week", PUBLISHED)
def test_freireich(week: int) -> None:
    curve = kaplan_meier(*counts_by_age(WEEKS, RELAPSE))
    share, error, low, high = PUBLISHED[week]
    assert curve.at(week) == pytest.approx((share, low, high), abs=5e-4)
    assert curve.std_error[list(curve.age).index(week)] == pytest.approx(error, abs=5e-5)


def test_without_censoring_it_is_the_share_left_and_greenwood_the_binomial_error() -> None:
    duration = np.repeat([1, 2, 3, 4], [5, 15, 10, 20])
    curve = kaplan_meier(*counts_by_age(duration, np.ones(50)))
    left = np.array([45, 30, 20, 0]) / 50
    np.testing.assert_allclose(curve.survival, left, atol=1e-15)
    np.testing.assert_allclose(curve.std_error[:3], np.sqrt(left[:3] * (1 - left[:3]) / 50), rtol=1e-12)
    assert np.isnan(curve.low[3])


def test_counts_must_make_sense() -> None:
    with pytest.raises(ValueError, match="at risk"):
        kaplan_meier([1], [2], [3])
    assert np.isnan(kaplan_meier([], [], []).at(3)).all()
