"""First stage of the capacity plan: the decisions, what they cost, and the capacity they bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from csanalysis.model.parameters import Array
from csanalysis.planning.capacity_limits import (
    Affine,
    Family,
    Places,
    added_stay,
    capacity_cap,
    commitment_minimum,
    hiring_lead,
    leavers,
    minimum_term,
    most_heads,
    persons,
    running,
    staffed_lead,
)
from csanalysis.planning.capacity_problem import QUARTER, CapacityProblem, Offer


@dataclass(frozen=True)
class Decisions:
    """The first stage.

    Decisions x are in this order: seats added up to each quarter, seats not refilled in each quarter; then
    for each offer its commitment by quarter (in blocks above the least, or in units where there are none),
    and its persons by quarter where it is staffed. Levels instead of steps, so that branching on one decides
    a lot.

    Attributes
    ----------
    upper : ndarray, shape (n_decisions,)
        Bounds; the lower ones are 0.
    whole : ndarray of bool
        Decisions in whole numbers.
    cost : ndarray
        JPY per unit of each decision over the horizon.
    constant : float
        JPY whatever is decided.
    present : Affine
        FTE at work, by month.
    seats : Affine
        Seats by quarter: FTE of today plus those added, less those not refilled.
    committed : tuple of Affine
        Units of each offer, by quarter.
    limits : tuple of Family
    """

    upper: Array
    whole: npt.NDArray[np.bool_]
    cost: Array
    constant: float
    present: Affine
    seats: Affine
    committed: tuple[Affine, ...]
    limits: tuple[Family, ...]

    def first_cost(self, x: Array) -> float:
        """Return the cost of a decision before any recourse, in JPY."""
        return float(self.constant + self.cost @ x)

    def allows(self, x: Array, slack: float = 1e-7) -> bool:
        """Tell whether a decision keeps all limits."""
        inside = bool((x >= -slack).all() and (x <= self.upper + slack).all())
        values = [(f.matrix @ x, f) for f in self.limits]
        return inside and all((v >= f.low - slack).all() and (v <= f.high + slack).all() for v, f in values)


def decisions_of(problem: CapacityProblem) -> Decisions:
    """Return the first stage of a problem."""
    places = _places(problem)
    present, replaced = team_path(problem, places.size)
    committed = tuple(_committed(problem, o, n, places) for n, o in enumerate(problem.offers))
    seats = _seats(problem, places)
    constant, cost = _team_cost(problem, present, replaced, places)
    limits = [
        added_stay(places),
        hiring_lead(problem, places),
        leavers(problem, present, places),
        most_heads(problem, seats),
    ]
    for n, offer in enumerate(problem.offers):
        base, slope = _offer_cost(problem, offer, committed[n], places, n)
        constant, cost = constant + base, cost + slope
        limits += [
            commitment_minimum(problem, offer, committed[n]),
            capacity_cap(problem, offer, committed[n]),
            staffed_lead(problem, offer, committed[n]),
            minimum_term(problem, offer, committed[n]),
            persons(problem, offer, committed[n], n, places),
        ]
    upper, whole = _bounds(problem, places)
    kept = tuple(f for f in limits if len(f.low))
    return Decisions(upper, whole, cost, constant, present, seats, committed, kept)


def _places(problem: CapacityProblem) -> Places:
    quarters, at = problem.quarters, 2 * problem.quarters
    commit: list[int] = []
    staffed: list[int | None] = []
    for offer in problem.offers:
        commit.append(at)
        at += quarters
        staffed.append(at if offer.person_units else None)
        at += quarters if offer.person_units else 0
    return Places(quarters, tuple(commit), tuple(staffed), at)


def team_path(problem: CapacityProblem, size: int) -> tuple[Affine, Affine]:
    """Return FTE at work and leavers replaced by month, both linear in the decisions.

    The rules of the cost ledger: leavers are expected values, each is replaced after the hiring lead; a seat
    that is not refilled is never ordered; seats added are there from the first month of their quarter. Seats
    not refilled are spread evenly over the months of their quarter.
    """
    months, quarters = problem.months, problem.quarters
    present, ordered = np.zeros((months + 1, size + 1)), np.zeros((months + 1, size + 1))
    replaced = np.zeros((months + 1, size + 1))
    present[0, -1] = problem.start_fte
    length = np.bincount(problem.quarter, minlength=quarters)
    for t in range(1, months + 1):
        quarter = (t - 1) // QUARTER
        leaving = problem.attrition * present[t - 1]
        ordered[t] = leaving
        ordered[t, quarters + quarter] -= 1 / length[quarter]
        if t - problem.lead >= 1:
            replaced[t] = ordered[t - problem.lead]
        present[t] = present[t - 1] - leaving + replaced[t]
        if (t - 1) % QUARTER == 0:
            present[t, quarter] += 1
            present[t, max(quarter - 1, 0)] -= quarter > 0
    return Affine(present[1:, -1], present[1:, :-1]), Affine(replaced[1:, -1], replaced[1:, :-1])


def _seats(problem: CapacityProblem, places: Places) -> Affine:
    matrix = np.zeros((places.quarters, places.size))
    matrix[:, : places.quarters] = np.eye(places.quarters)
    matrix[:, places.quarters : 2 * places.quarters] = -np.tri(places.quarters)
    return Affine(np.full(places.quarters, problem.start_fte), matrix)


def _committed(problem: CapacityProblem, offer: Offer, n: int, places: Places) -> Affine:
    on = running(problem, offer)
    step = offer.block if offer.block and problem.whole else 1.0
    matrix = np.stack([places.row(q, places.commit[n], step * on[q]) for q in range(places.quarters)])
    return Affine(np.where(on, offer.least, 0.0), matrix)


def _team_cost(
    problem: CapacityProblem, present: Affine, replaced: Affine, places: Places
) -> tuple[float, Array]:
    constant = problem.fixed_cost + problem.head_cost * present.base.sum()
    constant += problem.hiring_cost * replaced.base.sum()
    cost = problem.head_cost * present.matrix.sum(axis=0) + problem.hiring_cost * replaced.matrix.sum(axis=0)
    cost[places.quarters - 1] += problem.hiring_cost
    return float(constant), np.asarray(cost)


def _offer_cost(
    problem: CapacityProblem, offer: Offer, committed: Affine, places: Places, n: int
) -> tuple[float, Array]:
    """Return what commitments cost: units above those included, and hiring and replacing persons."""
    paid = offer.price * np.bincount(problem.quarter, offer.active, problem.quarters)
    free = min(offer.included, offer.least)
    constant, cost = (
        float(paid @ (committed.base - np.where(committed.base > 0, free, 0.0))),
        paid @ committed.matrix,
    )
    at = places.persons[n]
    if at is not None:
        months = np.bincount(problem.quarter, minlength=places.quarters)
        cost[at : at + places.quarters] += offer.hiring_cost * offer.attrition * months
        cost[at + places.quarters - 1] += offer.hiring_cost
        constant -= offer.hiring_cost * offer.persons
    return constant, np.asarray(cost)


def _bounds(problem: CapacityProblem, places: Places) -> tuple[Array, npt.NDArray[np.bool_]]:
    quarters = places.quarters
    most = float(problem.load.max(initial=0.0)) / problem.hours + problem.start_fte + 1
    upper, whole = np.full(places.size, np.ceil(most)), np.zeros(places.size, dtype=bool)
    whole[:quarters] = problem.whole
    for offer, at, staffed in zip(problem.offers, places.commit, places.persons, strict=True):
        step = offer.block if offer.block and problem.whole else 1.0
        room = np.ceil(max(float(offer.units.max(initial=0.0)) - offer.least, 0.0) / step)
        upper[at : at + quarters] = room * step if step == 1.0 else room
        whole[at : at + quarters] = problem.whole and offer.block > 0
        if staffed is not None:
            need = (offer.least + room * step) / offer.person_units
            upper[staffed : staffed + quarters] = np.ceil(max(need, offer.persons)) + 1
            whole[staffed : staffed + quarters] = problem.whole
    return upper, whole
