"""Empirical Bayes: own records pulled towards a prior, the more the thinner they are.

Two models, both with the inventory as the prior mean of every task:

- *minutes*: log(recorded / inventory minutes) of task i is y_i ~ N(theta_i, s2_i), theta_i ~ N(0, tau2);
- *counts*: times done V_i ~ Poisson(E_i theta_i), theta_i ~ Gamma(a, a), E_i what the inventory expects.

tau2 and a are estimated from all tasks together: if records agree with the inventory as closely as chance
allows, they hardly move it; if they differ widely, each task's own record counts from the first months on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln
from scipy.stats import gamma

Numbers = npt.NDArray[np.float64]
Z = 1.959963984540054
LOG_A = (np.log(0.05), np.log(1e5))
"""Range in which the concentration of the Gamma prior is sought; the upper end means: no spread."""


@dataclass(frozen=True)
class Shrunk:
    """Posterior of a factor on the inventory; arrays of shape (n_tasks,).

    Attributes
    ----------
    raw : ndarray
        Recorded / inventory.
    factor : ndarray
        Posterior median (minutes) or mean (counts): what to multiply the inventory by.
    low, high : ndarray
        95 % interval.
    trust : ndarray
        Weight of the own record, 0 to 1; the rest is the inventory's.
    spread : float
        tau (standard deviation of the log factor between tasks), or 1 / sqrt(a).
    """

    raw: Numbers
    factor: Numbers
    low: Numbers
    high: Numbers
    trust: Numbers
    spread: float


def shrink_normal(y: Any, variance: Any) -> Shrunk:
    """Return posteriors of log factors with prior mean 0; tau2 by the method of Paule and Mandel.

    Parameters
    ----------
    y : array of shape (n,)
        Log of recorded / inventory.
    variance : array of shape (n,)
        Its sampling variance, > 0.

    Notes
    -----
    tau2 solves sum y^2 / (tau2 + s2) = n. With one variance for all, the weight is 1 - n s2 / sum y^2: the
    estimator of James and Stein with n in place of n - 2.

    Examples
    --------
    >>> shrink_normal([1.0, -1.0], [0.5, 0.5]).trust.round(6).tolist()
    [0.5, 0.5]
    """
    logs, s2 = np.asarray(y, dtype=float), np.asarray(variance, dtype=float)

    def excess(tau2: float) -> float:
        return float((logs**2 / (tau2 + s2)).sum() - len(logs))

    tau2 = 0.0
    if len(logs) and excess(0.0) > 0:
        tau2 = float(brentq(excess, 0.0, float((logs**2).sum()) + 1e-12, xtol=1e-14, rtol=1e-12))
    trust = tau2 / (tau2 + s2)
    middle, width = trust * logs, Z * np.sqrt(trust * s2)
    factor, low, high = (np.exp(middle + side * width) for side in (0, -1, 1))
    return Shrunk(np.exp(logs), factor, low, high, trust, float(np.sqrt(tau2)))


def shrink_poisson(count: Any, expected: Any) -> Shrunk:
    """Return posteriors of count factors with prior mean 1; a by marginal (negative binomial) likelihood.

    Parameters
    ----------
    count : array of shape (n,)
        Times recorded, >= 0.
    expected : array of shape (n,)
        Times expected, > 0.

    Notes
    -----
    theta | V ~ Gamma(a + V, a + E), so the mean (a + V) / (a + E) gives the record the weight E / (a + E).

    Examples
    --------
    >>> found = shrink_poisson([10, 1000], [10.0, 1000.0])
    >>> found.factor.round(2).tolist()
    [1.0, 1.0]
    """
    v, e = np.asarray(count, dtype=float), np.asarray(expected, dtype=float)

    def loss(log_a: float) -> float:
        a = np.exp(log_a)
        terms = gammaln(a + v) - gammaln(a) + a * np.log(a / (a + e)) + v * np.log(e / (a + e))
        return -float(terms.sum())

    a = float(np.exp(minimize_scalar(loss, bounds=LOG_A, method="bounded", options={"xatol": 1e-6}).x))
    shape, rate = a + v, a + e
    low, high = (gamma.ppf(q, shape) / rate for q in (0.025, 0.975))
    return Shrunk(v / e, shape / rate, low, high, e / rate, float(1 / np.sqrt(a)))
