"""The Kaplan-Meier estimator with Greenwood's standard error, on counts by age."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Z = 1.959963984540054
"""Normal quantile of a two-sided 95 % interval."""
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A survival curve; arrays of shape (n_ages,).

    Attributes
    ----------
    age : ndarray
        Ages with somebody at risk, ascending.
    at_risk, events : ndarray
        Cases at risk just before, and lost at, an age.
    survival, std_error : ndarray
        Kaplan-Meier estimate after an age, and its standard error by Greenwood.
    low, high : ndarray
        95 % interval on the scale log(-log S), so that it stays within 0 and 1.
    """

    age: Numbers
    at_risk: Numbers
    events: Numbers
    survival: Numbers
    std_error: Numbers
    low: Numbers
    high: Numbers

    def to_frame(self) -> pd.DataFrame:
        """Return one row an age: age, at_risk, events, survival, std_error, low, high."""
        return pd.DataFrame(self.__dict__)

    def at(self, age: float) -> tuple[float, float, float]:
        """Return survival, low and high at an age; NaN beyond the last one observed."""
        if not len(self.age) or age > self.age[-1]:
            return np.nan, np.nan, np.nan
        place = int(np.searchsorted(self.age, age, side="right")) - 1
        if place < 0:
            return 1.0, 1.0, 1.0
        return float(self.survival[place]), float(self.low[place]), float(self.high[place])


def kaplan_meier(age: Any, at_risk: Any, events: Any) -> Curve:
    """Return the product-limit estimate from counts by age.

    Parameters
    ----------
    age : array of shape (n,)
        Ascending.
    at_risk, events : array of shape (n,)
        Cases under observation just before an age, and lost at it; ages with nobody at risk are left out.

    Returns
    -------
    Curve

    Notes
    -----
    S = prod(1 - d / n); Greenwood: var S = S^2 sum d / (n (n - d)). Cases may enter late (only ages at which
    they were seen count) and leave early. Where all at risk are lost, S = 0 without an interval.

    Examples
    --------
    >>> kaplan_meier([1, 2], [10, 8], [2, 0]).survival.tolist()
    [0.8, 0.8]
    """
    where = np.asarray(at_risk, dtype=float) > 0
    ages, n, d = (np.asarray(x, dtype=float)[where] for x in (age, at_risk, events))
    if (d > n).any() or (d < 0).any():
        raise ValueError("events must lie between 0 and the number at risk")
    survival = np.cumprod(1 - d / n)
    alive = n > d
    terms = np.divide(d, n * (n - d), out=np.zeros_like(d), where=alive)
    spread = np.sqrt(np.cumsum(terms))
    low, high = survival.copy(), survival.copy()
    inside = (survival > 0) & (survival < 1)
    log = np.log(survival, out=np.zeros_like(survival), where=inside)
    width = np.divide(Z * spread, np.abs(log), out=np.zeros_like(log), where=inside)
    low[inside] = survival[inside] ** np.exp(width[inside])
    high[inside] = survival[inside] ** np.exp(-width[inside])
    gone = survival <= 0
    low[gone] = high[gone] = np.nan
    return Curve(ages, n, d, survival, survival * spread, low, high)


def counts_by_age(duration: Any, lost: Any) -> tuple[Numbers, Numbers, Numbers]:
    """Return ages, cases at risk and cases lost from one duration per case.

    Parameters
    ----------
    duration : array of shape (n_cases,)
        Age at which a case was lost or last seen.
    lost : array of bool, shape (n_cases,)

    Examples
    --------
    >>> [x.tolist() for x in counts_by_age([1, 2, 2], [True, True, False])]
    [[1.0, 2.0], [3.0, 2.0], [1.0, 1.0]]
    """
    ages = np.asarray(duration, dtype=float)
    hit = np.asarray(lost, dtype=bool)
    found = np.unique(ages)
    at_risk = np.array([(ages >= a).sum() for a in found], dtype=float)
    events = np.array([(hit & (ages == a)).sum() for a in found], dtype=float)
    return found, at_risk, events
