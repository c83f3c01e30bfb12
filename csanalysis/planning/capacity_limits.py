"""Limits of the first stage of the capacity plan: one function for each family of rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from csanalysis.model.parameters import Array
from csanalysis.planning.capacity_problem import QUARTER, CapacityProblem, Offer


@dataclass(frozen=True)
class Family:
    """Rows low <= matrix x <= high of one kind of limit.

    Attributes
    ----------
    name : str
        Kind of the limit, also the label under which it is told.
    resource_id : str
        Contract it belongs to; empty for the team.
    """

    name: str
    matrix: Array = field(repr=False)
    low: Array = field(repr=False)
    high: Array = field(repr=False)
    resource_id: str = ""


@dataclass(frozen=True)
class Affine:
    """Values that are linear in the decisions: base + matrix x; shapes (n,) and (n, n_decisions)."""

    base: Array
    matrix: Array = field(repr=False)

    def at(self, x: Array) -> Array:
        """Return the values of a decision."""
        return np.asarray(self.base + self.matrix @ x)


@dataclass(frozen=True)
class Places:
    """Where each kind of decision stands in x."""

    quarters: int
    commit: tuple[int, ...]
    persons: tuple[int | None, ...]
    size: int

    def row(self, quarter: int, at: int, value: float = 1.0) -> Array:
        """Return a row with one value: that of a quarter, of the decisions that begin at `at`."""
        row = np.zeros(self.size)
        row[at + quarter] = value
        return row


def running(problem: CapacityProblem, offer: Offer) -> npt.NDArray[np.bool_]:
    """Return in which quarters a contract runs."""
    return np.asarray(np.bincount(problem.quarter, offer.active, problem.quarters) > 0)


def _family(name: str, size: int, rows: list[tuple[Array, float, float]], resource_id: str = "") -> Family:
    matrix = np.array([row for row, _, _ in rows]).reshape(-1, size)
    low, high = (np.array([row[n] for row in rows], dtype=float) for n in (1, 2))
    return Family(name, matrix, low, high, resource_id)


def added_stay(places: Places) -> Family:
    """Seats once added stay."""
    rows = [(places.row(q, 0) - places.row(q - 1, 0), 0.0, np.inf) for q in range(1, places.quarters)]
    return _family("added_stay", places.size, rows)


def hiring_lead(problem: CapacityProblem, places: Places) -> Family:
    """No seat is added in a quarter that begins before the hiring lead is over."""
    early = [q for q in range(places.quarters) if QUARTER * q + 1 < problem.lead]
    return _family("hiring_lead", places.size, [(places.row(q, 0), -np.inf, 0.0) for q in early])


def leavers(problem: CapacityProblem, present: Affine, places: Places) -> Family:
    """Nobody is dismissed: seats not refilled in a month are at most those left in it."""
    length = np.bincount(problem.quarter, minlength=places.quarters)
    rows = []
    for month, quarter in enumerate(problem.quarter):
        row = places.row(int(quarter), places.quarters, 1 / length[quarter])
        before = present.matrix[month - 1] if month else np.zeros(places.size)
        there = present.base[month - 1] if month else problem.start_fte
        rows.append((row - problem.attrition * before, -np.inf, problem.attrition * float(there)))
    return _family("leavers", places.size, rows)


def most_heads(problem: CapacityProblem, seats: Affine) -> Family:
    """Seats stay within the ceiling."""
    if not np.isfinite(problem.most_heads):
        return _family("most_heads", seats.matrix.shape[1], [])
    room = problem.most_heads - seats.base
    rows = [(row, -np.inf, float(r)) for row, r in zip(seats.matrix, room, strict=True)]
    return _family("most_heads", seats.matrix.shape[1], rows)


def commitment_minimum(problem: CapacityProblem, offer: Offer, committed: Affine) -> Family:
    """Commit a running contract to its minimum at least."""
    on = running(problem, offer)
    found = [(row, offer.minimum - float(b), np.inf) for row, b, o in _rows(committed, on) if o]
    return _family("minimum_units", committed.matrix.shape[1], found, offer.resource_id)


def capacity_cap(problem: CapacityProblem, offer: Offer, committed: Affine) -> Family:
    """No more is committed than the contract can give."""
    on = running(problem, offer) & np.isfinite(offer.cap)
    found = [(row, -np.inf, offer.cap - float(b)) for row, b, o in _rows(committed, on) if o]
    return _family("capacity_cap", committed.matrix.shape[1], found, offer.resource_id)


def staffed_lead(problem: CapacityProblem, offer: Offer, committed: Affine) -> Family:
    """Persons hired for a contract cannot be there before their hiring lead is over."""
    early = QUARTER * np.arange(problem.quarters) + 1 < offer.first_month
    found = [(row, -np.inf, -float(b)) for row, b, o in _rows(committed, early) if o]
    return _family("staffed_lead", committed.matrix.shape[1], found, offer.resource_id)


def minimum_term(problem: CapacityProblem, offer: Offer, committed: Affine) -> Family:
    """Within the minimum term the commitment does not fall."""
    on, rows = running(problem, offer), []
    for q in range(1, problem.quarters):
        if on[q - 1] and on[q] and QUARTER * q + 1 <= offer.held_until:
            change = float(committed.base[q] - committed.base[q - 1])
            rows.append((committed.matrix[q] - committed.matrix[q - 1], -change, np.inf))
    return _family("minimum_term", committed.matrix.shape[1], rows, offer.resource_id)


def persons(problem: CapacityProblem, offer: Offer, committed: Affine, n: int, places: Places) -> Family:
    """Hire persons for the committed units of a staffed kind; they stay once hired."""
    at, rows = places.persons[n], list[tuple[Array, float, float]]()
    if at is not None:
        for q in range(places.quarters):
            row = places.row(q, at, offer.person_units) - committed.matrix[q]
            rows.append((row, float(committed.base[q]), np.inf))
            before = places.row(q - 1, at) if q else np.zeros(places.size)
            rows.append((places.row(q, at) - before, 0.0 if q else offer.persons, np.inf))
    return _family("persons", places.size, rows, offer.resource_id)


def _rows(affine: Affine, chosen: npt.NDArray[np.bool_]) -> list[tuple[Array, float, bool]]:
    return list(zip(affine.matrix, affine.base.tolist(), chosen.tolist(), strict=True))
