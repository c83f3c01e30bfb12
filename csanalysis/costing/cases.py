"""What the uncertain numbers do to a plan: each at both ends of its range, and all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.costing.comparison import Comparison, compare
from csanalysis.costing.placement import Assignment
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Array, Parameter
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Role

CASES = ("default", "cautious", "hopeful")
MOST_PREMIUM = 0.5
"""Avoiding a hire is worth paying for up to this share of what the hire would cost (chosen)."""
_NOTHING = 1.0
"""Swings below one yen are none."""


@dataclass(frozen=True)
class Cases:
    """A plan's worth over the ranges of the uncertain numbers.

    Attributes
    ----------
    swings : pandas.DataFrame
        One row an uncertainty that moves the worth, widest first: key, low, high, npv_low, npv_high (JPY at
        each end, all else at default), swing (JPY), turns (does an end change what the plan comes to), unit,
        source, grade.
    table : pandas.DataFrame
        One row a case: case (default / cautious / hopeful), first_year_cash, npv (JPY), hires_avoided
        (heads), capacity_freed (hours a month). In the cautious and hopeful case every uncertainty stands
        where it alone makes the plan worth least, or most; should these not lie on both sides of the default,
        the worst and the best of all evaluated points stand instead.
    """

    swings: pd.DataFrame
    table: pd.DataFrame

    def value(self, case: str, column: str) -> float:
        """Return one figure of a case."""
        return float(self.table.loc[self.table["case"] == case, column].iloc[0])


def cases_of(ds: Dataset, sc: Scenario, assignment: Assignment, baseline: Assignment) -> Cases:
    """Return swings one at a time, and the three cases, in two evaluations of the model."""
    ranged = uncertainties(sc)
    width = 2 * len(ranged) + 1
    alone = compare(ds, sc.replace(_one_at_a_time(sc, ranged)), assignment, baseline)
    npv, stands = (np.broadcast_to(values, (width,)) for values in (alone.npv(), standing(alone)))
    low, high = npv[1::2], npv[2::2]
    rows = [
        {
            "key": p.key,
            "low": p.low,
            "high": p.high,
            "npv_low": float(low[n]),
            "npv_high": float(high[n]),
            "swing": float(np.ptp([npv[0], low[n], high[n]])),
            "turns": bool((stands[[2 * n + 1, 2 * n + 2]] != stands[0]).any()),
            "unit": p.unit,
            "source": p.source,
            "grade": p.grade,
        }
        for n, p in enumerate(ranged)
    ]
    columns = ["key", "low", "high", "npv_low", "npv_high", "swing", "turns", "unit", "source", "grade"]
    swings = pd.DataFrame(rows, columns=columns)
    swings = swings[swings["swing"] >= _NOTHING].sort_values("swing", ascending=False, kind="stable")
    together = {
        p.key: _together(float(sc.number(p.key)), p, float(npv[0]), float(low[n]), float(high[n]))
        for n, p in enumerate(ranged)
    }
    joint = compare(ds, sc.replace(together), assignment, baseline)
    return Cases(swings.reset_index(drop=True), _table(alone, joint, width))


def standing(comparison: Comparison) -> npt.NDArray[np.str_]:
    """Return what each scenario comes to: ``gain``, ``hire`` (a loss, but worth a hire avoided) or ``loss``.

    Avoiding whole heads is worth paying for up to `MOST_PREMIUM` of what they would cost.
    """
    return standing_of(comparison.npv(), comparison.heads, comparison.cash_parts()["staff"].sum(axis=0))


def standing_of(npv: Array, heads: Array, staff_saving: Array) -> npt.NDArray[np.str_]:
    """Return `standing` from JPY of worth, whole heads avoided, and JPY that the team costs less."""
    avoided = (heads >= 1) & (-npv <= MOST_PREMIUM * staff_saving)
    return np.where(npv >= 0, "gain", np.where(avoided, "hire", "loss"))


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


def _table(alone: Comparison, joint: Comparison, width: int) -> pd.DataFrame:
    """Return the default, all uncertainties at their cautious, and all at their hopeful end.

    What each number does alone need not add up: with room in the team, more work costs more outside until it
    calls for a hire. Where the three are not in order, the worst and the best of all evaluated stand instead.
    """
    found = {}
    for name in ("first_year_cash", "npv", "hires_avoided", "capacity_freed"):
        one, three = (np.asarray(c.npv() if name == "npv" else getattr(c, name)) for c in (alone, joint))
        found[name] = np.concatenate([np.broadcast_to(one, (width,)), np.broadcast_to(three, (len(CASES),))])
    npv = found["npv"]
    in_order = npv[width + 1] <= npv[0] <= npv[width + 2]
    places = [0, width + 1, width + 2] if in_order else [0, int(npv.argmin()), int(npv.argmax())]
    return pd.DataFrame({"case": CASES, **{name: values[places] for name, values in found.items()}})
