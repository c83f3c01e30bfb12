"""Demand scenarios: the projected hours of every month, moved up and down by seeded noise.

Growth and season come from `project_demand`; the noise is one factor a month and scenario, lognormal with
mean 1 and coefficient of variation ``demand_cv``. All work of a month moves together, so that ``demand_cv``
is the variation of the month's total and nothing is pooled away between the team and its contracts.

The scenarios cut the lognormal into as many parts of equal probability as there are scenarios, and take the
mean of each part (`stratum_means`). So the mean of a month is its projection to rounding error, and one
scenario is the projection itself; the variation between the means is a little below ``demand_cv``. Which
scenario gets which part follows the ranks of normal draws with seed (seed, month): the same draws whatever
the variation, the plan or the horizon, so that two plans are compared on the same fortunes. Months are
independent unless an autocorrelation is stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from csanalysis.costing.physical import Physical, simulate
from csanalysis.costing.placement import Assignment, place
from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import project_demand
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario

NO_CAP = 1e12
"""Bought hours a month that no contract reaches."""


@dataclass(frozen=True)
class DemandScenarios:
    """Task hours by month and scenario, each scenario equally probable.

    Attributes
    ----------
    factor : ndarray, shape (n_months, n_scenarios)
        Noise of month 1, 2, ...; mean 1 in every month.
    in_house : ndarray, shape (n_months, n_scenarios)
        Task hours that the assignment leaves with the in-house team, without management.
    outside : mapping of str to ndarray
        Resource -> task hours that the assignment gives it, before any capacity cap.
    seed : int
    """

    factor: Array
    in_house: Array
    outside: Mapping[str, Array] = field(repr=False)
    seed: int

    @property
    def total(self) -> Array:
        """Task hours of all pools, shape (n_months, n_scenarios)."""
        return np.asarray(sum(self.outside.values(), self.in_house))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a month, scenario and pool: month, scenario, pool, value, unit."""
        months, n = self.factor.shape
        grid = {"month": np.repeat(np.arange(1, months + 1), n), "scenario": np.tile(np.arange(n), months)}
        pools = {"in_house": self.in_house, **self.outside}
        frames = [pd.DataFrame({**grid, "pool": k, "value": v.ravel()}) for k, v in pools.items()]
        return pd.concat(frames, ignore_index=True).assign(unit="hour/month")


def demand_scenarios(
    ds: Dataset,
    sc: Scenario,
    assignment: Assignment,
    n_scenarios: int = 200,
    seed: int = 1,
    autocorrelation: float = 0.0,
) -> DemandScenarios:
    """Return demand scenarios of month 1 to the horizon for an assignment.

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
        Scalar values; ``demand_cv`` is the variation from month to month.
    assignment : str, mapping or result
        As for `csanalysis.cost_to_serve`.
    n_scenarios : int
    seed : int
        0 is a seed like any other.
    autocorrelation : float, optional
        Correlation of the normal draws of one month with the next; default 0.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> drawn = demand_scenarios(ds, ds.base, "in_house", n_scenarios=50)
    >>> drawn.total.shape, bool(abs(drawn.total[11].mean() - 531.25) < 0.01)
    ((12, 50), True)
    """
    physical = uncapped(ds, sc, assignment)
    cv = float(np.ravel(sc.number("demand_cv"))[0])
    factor = noise(len(physical.own_hours), n_scenarios, cv, seed, autocorrelation)
    outside = {c.rate.resource_id: c.task_hours * factor for c in physical.contracts}
    return DemandScenarios(factor, physical.own_hours * factor, outside, seed)


def uncapped(ds: Dataset, sc: Scenario, assignment: Assignment) -> Physical:
    """Return hours and units of an assignment as if no contract had a capacity cap."""
    card = sc.space.tables["resources"]["resource_id"]
    free = sc.replace({f"resources.{key}.capacity_cap": NO_CAP for key in card})
    return simulate(ds, free, place(ds, assignment), project_demand(ds, sc))


def noise(months: int, n: int, cv: float, seed: int, autocorrelation: float = 0.0) -> Array:
    """Return factors of mean 1 in every month, shape (months, n).

    Raises
    ------
    ValueError
        For less than one scenario, a negative seed, or an autocorrelation outside -1 to 1.
    """
    if n < 1 or seed < 0 or not -1 <= autocorrelation <= 1:
        raise ValueError(both("plan.bad_draw", n=n, seed=seed, autocorrelation=autocorrelation))
    levels = stratum_means(n, cv)
    kept = float(np.sqrt(1 - autocorrelation**2))
    factor, latent = np.empty((months, n)), np.zeros(n)
    for month in range(months):
        fresh = np.random.default_rng([seed, month]).standard_normal(n)
        latent = fresh if month == 0 else autocorrelation * latent + kept * fresh
        factor[month, np.argsort(latent, kind="stable")] = levels
    return factor


def stratum_means(n: int, cv: float) -> Array:
    """Return the means of the n equally probable parts of a lognormal of mean 1, rising; their mean is 1.

    Examples
    --------
    >>> [round(float(x), 4) for x in stratum_means(4, 0.15)]
    [0.8203, 0.9426, 1.0384, 1.1987]
    """
    sigma = np.sqrt(np.log1p(cv**2))
    below = ndtr(ndtri(np.linspace(0.0, 1.0, n + 1)) - sigma)
    return np.asarray(n * np.diff(below))
