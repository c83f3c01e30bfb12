"""Cost against the share of work outsourced: a plan of its own for every share, on the same demand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from csanalysis.model.parameters import Array
from csanalysis.planning.capacity_decisions import decisions_of
from csanalysis.planning.capacity_problem import CapacityProblem
from csanalysis.planning.capacity_terms import Pools, problem_of
from csanalysis.planning.decomposition import solve_by_cuts


@dataclass(frozen=True)
class ShareCurve:
    """Plans by share outsourced; arrays of shape (n_points,).

    Attributes
    ----------
    share : ndarray
        Share of all task hours given outside; the last is the whole assignment.
    expected, cvar, objective : ndarray
        As of `CapacityPlan`, in JPY over the horizon.
    seats : ndarray
        Seats of the team at the end, in FTE.
    gap : float
        Largest proven gap of a point.
    """

    share: Array
    expected: Array
    cvar: Array
    objective: Array
    seats: Array
    gap: float
    cvar_level: float
    pools: Pools = field(repr=False)

    @property
    def best(self) -> int:
        """Position of the cheapest share; the smaller one of equals within the gap."""
        least = float(self.objective.min())
        return int(np.flatnonzero(self.objective <= least + self.gap * abs(least))[0])

    def to_frame(self) -> pd.DataFrame:
        """Return one row a share: share (ratio), expected, cvar, objective (JPY), seats (FTE), unit."""
        columns = {"expected": self.expected, "cvar": self.cvar, "objective": self.objective}
        return pd.DataFrame({"share": self.share, **columns, "seats": self.seats}).assign(unit="JPY")


def share_curve(pools: Pools, problem: CapacityProblem, factor: Array, points: int) -> ShareCurve:
    """Return the cheapest plan for even parts of the outside work, from none to all of it.

    At a part of 0.4, four tenths of the hours of every outside task go outside and the rest stays with the
    team. Base fees and set-up are paid in full by any part above 0.
    """
    parts = np.linspace(0.0, 1.0, points) if pools.outside else np.zeros(1)
    found = []
    for part in parts:
        tried = problem_of(pools, factor, share=float(part), most_heads=problem.most_heads)
        decisions = decisions_of(tried)
        found.append((solve_by_cuts(tried, decisions), decisions))
    done = [s for s, _ in found]
    return ShareCurve(
        share=parts * pools.outside_share,
        expected=np.array([s.expected for s in done]),
        cvar=np.array([s.cvar for s in done]),
        objective=np.array([s.objective for s in done]),
        seats=np.array([float(d.seats.at(s.x)[-1]) for s, d in found]),
        gap=max(s.gap for s in done),
        cvar_level=problem.cvar_level,
        pools=pools,
    )
