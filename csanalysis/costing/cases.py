"""What the uncertain numbers do to a plan: each at both ends of its range, and all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from csanalysis.costing.comparison import Comparison, compare
from csanalysis.costing.placement import Assignment
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Array, Parameter
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Role

CASES = ("default", "cautious", "hopeful")
_NOTHING = 1.0
"""Swings below one yen are none."""


@dataclass(frozen=True)
class Cases:
    """A plan's worth over the ranges of the uncertain numbers.

    Attributes
    ----------
    swings : pandas.DataFrame
        One row an uncertainty that moves the worth, widest first: key, low, high, npv_low, npv_high (JPY at
        each end, all else at default), swing (JPY), unit, source, grade.
    table : pandas.DataFrame
        One row a case: case (default / cautious / hopeful), first_year_cash, npv (JPY), hires_avoided
        (heads), capacity_freed (hours a month). In the cautious and hopeful case every uncertainty stands
        where the plan alone is worth least, or most.
    """

    swings: pd.DataFrame
    table: pd.DataFrame

    def value(self, case: str, column: str) -> float:
        """Return one figure of a case."""
        return float(self.table.loc[self.table["case"] == case, column].iloc[0])


def cases_of(ds: Dataset, sc: Scenario, assignment: Assignment, baseline: Assignment) -> Cases:
    """Return swings one at a time, and the three cases, in two evaluations of the model."""
    ranged = uncertainties(sc)
    ends = _one_at_a_time(sc, ranged)
    npv = np.broadcast_to(compare(ds, sc.replace(ends), assignment, baseline).npv(), (2 * len(ranged) + 1,))
    low, high = npv[1::2], npv[2::2]
    rows = [
        {
            "key": p.key,
            "low": p.low,
            "high": p.high,
            "npv_low": float(low[n]),
            "npv_high": float(high[n]),
            "swing": float(np.ptp([npv[0], low[n], high[n]])),
            "unit": p.unit,
            "source": p.source,
            "grade": p.grade,
        }
        for n, p in enumerate(ranged)
    ]
    columns = ["key", "low", "high", "npv_low", "npv_high", "swing", "unit", "source", "grade"]
    swings = pd.DataFrame(rows, columns=columns)
    swings = swings[swings["swing"] >= _NOTHING].sort_values("swing", ascending=False, kind="stable")
    together = {
        p.key: _together(float(sc.number(p.key)), p, float(npv[0]), float(low[n]), float(high[n]))
        for n, p in enumerate(ranged)
    }
    return Cases(
        swings.reset_index(drop=True), _table(compare(ds, sc.replace(together), assignment, baseline))
    )


def uncertainties(sc: Scenario) -> list[Parameter]:
    """Return the uncertain numbers that have a range in this scenario."""
    stated = [sc.stated(k) for k, p in sc.space.parameters.items() if p.role == Role.UNCERTAINTY]
    return [p for p in stated if np.isfinite(p.low) and np.isfinite(p.high) and p.low < p.high]


def _one_at_a_time(sc: Scenario, ranged: list[Parameter]) -> dict[str, Array]:
    """Return values of shape (2 n + 1,): default, then each at its low and its high end."""
    found = {}
    for n, parameter in enumerate(ranged):
        values = np.full(2 * len(ranged) + 1, float(sc.number(parameter.key)))
        values[[2 * n + 1, 2 * n + 2]] = parameter.low, parameter.high
        found[parameter.key] = values
    return found


def _together(default: float, parameter: Parameter, now: float, low: float, high: float) -> Array:
    """Return default, cautious and hopeful value of one uncertainty."""
    places = ((now, default), (low, parameter.low), (high, parameter.high))
    worst, best = (choose(places, key=lambda place: place[0]) for choose in (min, max))
    return np.array([default, worst[1], best[1]])


def _table(comparison: Comparison) -> pd.DataFrame:
    figures = {
        "first_year_cash": comparison.first_year_cash,
        "npv": comparison.npv(),
        "hires_avoided": comparison.hires_avoided,
        "capacity_freed": comparison.capacity_freed,
    }
    wide = {name: np.broadcast_to(values, (len(CASES),)) for name, values in figures.items()}
    return pd.DataFrame({"case": CASES, **wide})
