"""The capacity problem as arrays: what is known of team, contracts and demand before anything is decided.

First stage, once for the whole horizon: seats added by quarter (whole heads), seats not refilled, units
committed by quarter and contract. Recourse, in every month and scenario: extra units at a premium up to the
cap of the contract, overtime up to its cap, unmet hours at a penalty. There is no backlog.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from csanalysis.model.parameters import Array

QUARTER = 3
"""Months for which heads and commitments are set."""


@dataclass(frozen=True)
class Offer:
    """A contract whose committed units are decided, quarter by quarter.

    Attributes
    ----------
    resource_id : str
    units : ndarray, shape (n_months, n_scenarios)
        Units needed, cut at the capacity cap: what is above stays with the team.
    price, extra_price : float
        JPY per committed unit, and per unit above the commitment.
    included : float
        Units a month that the base fee pays for.
    active : ndarray of bool, shape (n_months,)
        Months in which the contract runs.
    minimum, cap, block : float
        Least and most units a month; commitments rise from the minimum in blocks (0: freely).
    first_month : int
        First month of the plan in which committed units can be there (hiring lead of staffed kinds).
    held_until : int
        Up to this month the commitment does not fall (minimum term).
    person_units : float
        Units one person gives a month, where persons are hired for it; else 0.
    hiring_cost, attrition, persons : float
        JPY per person, share of leavers a month, persons there today; of a staffed kind.
    """

    resource_id: str
    units: Array
    price: float
    extra_price: float
    active: npt.NDArray[np.bool_]
    included: float = 0.0
    minimum: float = 0.0
    cap: float = np.inf
    block: float = 0.0
    first_month: int = 1
    held_until: int = 0
    person_units: float = 0.0
    hiring_cost: float = 0.0
    attrition: float = 0.0
    persons: float = 0.0

    @property
    def least(self) -> float:
        """Units committed in any case: minimum and included units, in whole blocks, within the cap."""
        wanted = max(self.minimum, min(self.included, self.cap))
        return float(np.ceil(wanted / self.block - 1e-9) * self.block) if self.block else wanted


@dataclass(frozen=True)
class CapacityProblem:
    """Team, contracts and demand of a plan; money in JPY, work in hours a month.

    Attributes
    ----------
    load : ndarray, shape (n_months, n_scenarios)
        Hours the team must give: its tasks, management of others, and what caps send back.
    probability : ndarray, shape (n_scenarios,)
    offers : tuple of Offer
    start_fte, attrition : float
        FTE today, and share of leavers a month.
    lead : int
        Months from the order to the first day of a hire.
    hours, overtime_hours : float
        Hours one FTE gives a month, and overtime on top.
    head_cost, hiring_cost : float
        JPY per FTE and month, JPY per head hired or replaced.
    overtime_cost, penalty : float
        JPY per hour of overtime, and per unmet hour; the penalty is the dearer one.
    fixed_cost : float
        JPY over the horizon that no decision changes.
    most_heads : float
        Ceiling on seats.
    whole : bool
        Whether heads and blocks come in whole numbers.
    cvar_weight, cvar_level : float
        The objective is mean + cvar_weight x mean of the worst (1 - cvar_level) of the scenarios.
    """

    load: Array
    probability: Array
    offers: tuple[Offer, ...] = ()
    start_fte: float = 0.0
    attrition: float = 0.0
    lead: int = 0
    hours: float = 1.0
    overtime_hours: float = 0.0
    head_cost: float = 0.0
    hiring_cost: float = 0.0
    overtime_cost: float = 0.0
    penalty: float = 0.0
    fixed_cost: float = 0.0
    most_heads: float = np.inf
    whole: bool = True
    cvar_weight: float = 0.0
    cvar_level: float = field(default=0.9)

    @property
    def months(self) -> int:
        """Months of the plan."""
        return len(self.load)

    @property
    def quarter(self) -> npt.NDArray[np.int64]:
        """Quarter of each month, from 0."""
        return np.arange(self.months) // QUARTER

    @property
    def quarters(self) -> int:
        """Quarters of the plan; the last may be short."""
        return -(-self.months // QUARTER)

    def scenarios(self, chosen: npt.NDArray[np.int64]) -> CapacityProblem:
        """Return the problem with some of its scenarios, their probabilities scaled to 1."""
        share = self.probability[chosen]
        offers = tuple(replace(o, units=o.units[:, chosen]) for o in self.offers)
        return replace(self, load=self.load[:, chosen], probability=share / share.sum(), offers=offers)

    def with_demand(self, load: Array, units: tuple[Array, ...]) -> CapacityProblem:
        """Return the problem with another demand of equal probabilities."""
        offers = tuple(replace(o, units=u) for o, u in zip(self.offers, units, strict=True))
        probability = np.full(load.shape[1], 1 / load.shape[1])
        return replace(self, load=load, probability=probability, offers=offers)
