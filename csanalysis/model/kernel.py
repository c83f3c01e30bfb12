"""The cost model compiled: many scenarios at once, a block of scenarios beside each other in memory.

What it computes is written down in `csanalysis.costing.comparison` with numpy; this is the same model for
speed, tested equal to it. Hours are linear in minutes, so tasks are summed into a matrix of coefficients once
(`Structure.hours`), and a scenario costs months x drivers instead of months x tasks. One thread; several
calls at once do not disturb each other.

How it stays fast: 64 scenarios stand beside each other, and every inner loop runs over them, so that the
compiler turns it into vector instructions. For that all of a block's numbers lie in one array `w`, cut into
regions (a region: months x 64), and all values of its scenarios in one array `v` (a slot: 64). Indices are
unsigned, offsets are constants, and a number is loaded before it is chosen by a condition: with any of these
missing the compiler cannot prove that the loop is safe, and falls back to one scenario at a time.

All of it stands in one file: numba keeps compiled code by the file of the outermost function, and would not
notice a change in another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from csanalysis.model.parameters import Array
from csanalysis.model.supply import HEAD_GUARD

Ints = npt.NDArray[np.int64]

BLOCK = 64
"""Scenarios worked on at a time: their months stay in the processor's cache."""

GLOBALS = (
    *("growth", "expansion", "margin", "sessions", "tickets", "effort", "start", "arr"),
    *("self_rise", "self_start", "self_first", "self_next"),
    *("fte", "leaving", "lead", "hiring_cost", "csm_cost", "productive", "other_cost"),
    *("churn", "churn_rise", "discount", "uplift", "package"),
)
"""Values of a scenario, in the order of the slots."""
SEGMENT = ("accounts", "leaving", "per_contract", "new", "term", "arpa")
"""Values of a segment; ``leaving`` is its monthly churn where contracts run by the month."""
CONTRACT = (
    *("plain", "done", "cap", "ramp_loss", "ramp_first", "ramp_next", "management"),
    *("price", "base", "included", "block", "minimum", "notice", "setup", "hiring_cost"),
    *("per_head", "leaving", "per_hour", "success_rate", "success_cap"),
)
"""Values of an outside contract."""
UNITS = ("hours", "heads", "accounts", "cases", "success")
"""What a contract is billed for, in the order of its codes; hours too where a seat is rented."""
DRIVERS = ("new_account", "onboarding_session", "active_account", "renewal", "ticket", "fixed")
METRICS = (
    *("npv", "npv_terminal", "first_year_cash", "cash_saving", "total_cost", "total_cost_baseline"),
    *("hires_avoided", "heads", "capacity_freed", "fte_required", "fte_peak", "heads_required"),
    *("cs_cost_ratio_result", "unmet_hours", "staff_saving"),
)
"""What comes out, in the order of the rows of the result."""
PLAN, BASELINE = 0, 1
_PARTS = 5
"""Hours of a contract: today's, those kept of them, those new; contact hours of today's and of all later."""
_FIRST_YEAR = 12
_NOISE = 1e-12
"""Share of hours below which two sums over tasks in another order are the same."""


@dataclass(frozen=True)
class Structure:
    """What all scenarios of a run share.

    Attributes
    ----------
    season_new, season_renewal, season_ticket : ndarray, shape (n_months + 1,)
        Factors of month 0, 1, ...
    due : ndarray, shape (n_months + 1, n_segments)
        Dated renewals per account of today.
    dated : ndarray, shape (n_segments,)
        Share of contracts with a date.
    basis : ndarray of int, shape (n_basis, 4)
        Driver code, segment (-1: all), months of spreading, self-serve.
    hours : ndarray, shape (n_outputs, n_basis, n_months)
        Hours per unit: all, contact hours of all, then five rows a contract.
    contracts : ndarray of int, shape (n_contracts, 5)
        Side, unit code, staffed, has work today, has work under the plan.
    cases : ndarray, shape (n_candidates, n_months)
        Times per unit of a task that may decide how many cases there are.
    case_index : ndarray of int, shape (n_candidates, 5)
        Contract, basis, first of its group, done today, done by the plan.
    sells : ndarray of int, shape (2, 2)
        Whether packages are sold: side x (today, under the plan).
    """

    season_new: Array
    season_renewal: Array
    season_ticket: Array
    due: Array
    dated: Array
    basis: Ints
    hours: Array
    contracts: Ints
    cases: Array
    case_index: Ints
    sells: Ints

    def arguments(self) -> tuple[Any, ...]:
        """Return the fields in the order that the compiled functions take.

        All can be written to, as pandas' are not: of other arrays the functions would be compiled again.
        """
        return tuple(
            np.require(getattr(self, name), requirements=["C", "W"]) for name in self.__dataclass_fields__
        )


def slots(n_segments: int, n_contracts: int) -> int:
    """Return how many values describe one scenario."""
    return len(GLOBALS) + n_segments * len(SEGMENT) + n_contracts * len(CONTRACT)


def segment_slot(segment: int, name: str) -> int:
    """Return the slot of a segment's value."""
    return len(GLOBALS) + segment * len(SEGMENT) + SEGMENT.index(name)


def contract_slot(n_segments: int, contract: int, name: str) -> int:
    """Return the slot of a contract's value."""
    return slots(n_segments, contract) + CONTRACT.index(name)


def run(structure: Structure, constant: Array, varying: Array, places: Ints) -> Array:
    """Return the metrics of many scenarios.

    Parameters
    ----------
    structure : Structure
    constant : ndarray, shape (n_slots,)
        Values that all scenarios share.
    varying : ndarray, shape (n_varying, n_scenarios)
        Values by scenario, C order.
    places : ndarray of int, shape (n_varying,)
        Slot of each row of `varying`.

    Returns
    -------
    ndarray, shape (len(METRICS), n_scenarios)
    """
    out = np.empty((len(METRICS), varying.shape[1]))
    _run(structure.arguments(), constant, varying, places, out)
    return out


U = np.uint64
WIDE, ONE, NONE = U(BLOCK), U(1), U(0)
LONGEST = 123
"""Months of a region: today, the longest horizon, accounts after it; odd, as suits the processor's cache."""
REGION = U(LONGEST * BLOCK)


def compiled(function: Callable[..., Any]) -> Any:
    """Compile on the first call, or load what an earlier process compiled."""
    try:
        return njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # nowhere to keep it: nothing can be written, not even in the user's own folder
        return njit(nogil=True, error_model="numpy")(function)


def _offsets(count: int, start: int = 0, size: int = BLOCK) -> list[Any]:
    return [U(start + n * size) for n in range(count)]


(_GROWTH, _EXPANSION, _MARGIN, _SESSIONS, _TICKETS, _EFFORT, _START, _ARR, _RISE, _RISES_FROM) = _offsets(10)
(_FIRST_LEFT, _NEXT_LEFT, _FTE, _LEAVING, _LEAD, _HIRING, _CSM, _PRODUCTIVE, _OTHER) = _offsets(9, 10 * BLOCK)
(_CHURN, _CHURN_RISE, _DISCOUNT, _UPLIFT, _PACKAGE) = _offsets(5, 19 * BLOCK)
(_S_ACCOUNTS, _S_CHURN, _S_PER_CONTRACT, _S_NEW, _S_TERM, _S_ARPA) = _offsets(6, 24 * BLOCK)
_S_SIZE, _C_SIZE = U(len(SEGMENT) * BLOCK), U(len(CONTRACT) * BLOCK)
(_PLAIN, _DONE, _CAP, _RAMP_LOSS, _RAMP_FIRST, _RAMP_NEXT, _MANAGEMENT, _PRICE, _BASE) = _offsets(9)
(_INCLUDED, _STEP, _MINIMUM, _NOTICE, _SETUP, _JOINING) = _offsets(6, 9 * BLOCK)
(_PER_HEAD, _CHANGE, _PER_HOUR, _SUCCESS_RATE, _SUCCESS_CAP) = _offsets(5, 15 * BLOCK)
_HOURS, _HEADS, _ACCOUNTS, _CASES, _SUCCESS = _offsets(len(UNITS), 0, 1)

_AREA = LONGEST * BLOCK
# Shared by both sides. Rows of _ON and _BEGINS are month 1, 2, ...; of the others month 0, 1, ...
_THERE, _NEWCOMERS, _REVENUE, _GROWN, _ON, _BEGINS, _LEFT = _offsets(7, 0, _AREA)
# What one contract or the team of one side does, while it is worked on.
_BOUGHT, _SHARE, _UNITS, _PERSONS = _offsets(4, 7 * _AREA, _AREA)
_PRESENT, _HIRED, _REPLACED, _UNFILLED, _ORDERED, _AHEAD = _offsets(6, 7 * _AREA, _AREA)
_LOST, _RISE_NOW = _offsets(2, 7 * _AREA, _AREA)
_LINE, _OTHER_LINE, _SUMS = _offsets(3, 13 * _AREA, _AREA)
# By side: hours and contact hours given out, CSM hours directing, JPY, an agency at work, FTE needed, heads
# hired, seats given up, hours for which nobody is there, JPY of the own team; all from month 1 on.
_SIDES, _SIDE_SIZE = U(16 * _AREA), U(10 * _AREA)
_TAKEN, _CONTACT, _DIRECTED, _COST, _SELLS, _NEED, _HIRES, _RELEASED, _UNMET, _STAFF = _offsets(10, 0, _AREA)
# By segment (accounts, new, lost, renewals, kept), then by kind of unit, then by output of `Structure.hours`.
_PATHS, _PATH_SIZE = U(36 * _AREA), U(5 * _AREA)
_P_ACCOUNTS, _P_NEW, _P_LOST, _P_RENEWALS, _P_KEPT = _offsets(5, 0, _AREA)


@compiled
def _run(shared, constant, varying, places, out):  # type: ignore[no-untyped-def]
    months = U(shared[6].shape[2])
    n_segments, n_contracts = U(shared[4].shape[0]), U(shared[7].shape[0])
    basis = _PATHS + n_segments * _PATH_SIZE
    hours = basis + U(shared[5].shape[0]) * REGION
    w = np.zeros(hours + U(shared[6].shape[0]) * REGION)
    v = np.repeat(constant, BLOCK)
    for begin in range(0, varying.shape[1], BLOCK):
        width = min(BLOCK, varying.shape[1] - begin)
        for row in range(places.shape[0]):
            for j in range(BLOCK):
                v[places[row] * BLOCK + j] = varying[row, begin + min(j, width - 1)]
        for s in range(n_segments):
            _project(shared, s, months, v, w)
        _common(n_segments, months, v, w)
        _drivers(shared, months, basis, v, w)
        _task_hours(shared, months, basis, hours, v, w)
        for region in range(U(20)):
            w[_SIDES + region * REGION : _SIDES + region * REGION + months * WIDE] = 0.0
        for c in range(n_contracts):
            side = _SIDES + U(shared[7][c, 0]) * _SIDE_SIZE
            own = _S_ACCOUNTS + n_segments * _S_SIZE + c * _C_SIZE
            _bought(months, hours + (U(2) + c * U(_PARTS)) * REGION, own, side, v, w)
            _units(shared, c, months, basis, own, v, w)
            _contract_cost(shared[7], c, months, own, side, v, w)
        for which in range(2):
            side = _SIDES + U(which) * _SIDE_SIZE
            _team(months, hours, side, v, w)
            _team_cost(shared[10][which], months, side, v, w)
        _worth(n_segments, months, hours, v, w)
        _sums(months, v, w)
        _tell(months, v, w, out, begin, width)


@compiled
def _project(shared, s, months, v, w):  # type: ignore[no-untyped-def]
    """Fill accounts, new, lost, renewals and kept of a segment by month: `model.projection.project`."""
    at, path = s * _S_SIZE, _PATHS + s * _PATH_SIZE
    dated = shared[4][s]
    term = U(max(int(np.rint(v[_S_TERM + at])), 1))
    for j in range(WIDE):
        w[path + _P_ACCOUNTS + j] = v[_S_ACCOUNTS + at + j]
        w[_LINE + j] = v[_S_ACCOUNTS + at + j] * (1 - dated)
        w[_OTHER_LINE + j] = v[_S_NEW + at + j]
    for t in range(months + ONE):
        season_new, season_renewal, due = shared[0][t], shared[1][t], shared[3][t, s]
        again = path + _P_KEPT + (t - term if t >= term else NONE) * WIDE
        renewed = 1.0 if t >= term else 0.0
        for j in range(WIDE):
            i = path + t * WIDE + j
            there, undated, length = w[i + _P_ACCOUNTS], w[_LINE + j], v[_S_TERM + at + j]
            per_contract, churn = v[_S_PER_CONTRACT + at + j], v[_S_CHURN + at + j]
            new = season_new * w[_OTHER_LINE + j]
            pool = undated if dated > 0 else there
            by_term = pool * season_renewal / length
            by_date = 0.0
            if dated > 0:
                by_date = due * v[_S_ACCOUNTS + at + j] + renewed * w[again + j]
                by_date = max(min(by_date, there - undated), 0.0)
            falls_due = min(by_term + by_date, there)
            monthly = length <= 1
            gone = churn * there if monthly else per_contract * falls_due
            w[i + _P_NEW] = new
            w[i + _P_RENEWALS] = 0.0 if monthly else falls_due
            w[i + _P_LOST] = gone
            w[i + _P_KEPT] = (1 - per_contract) * by_date + new
            w[i + _P_ACCOUNTS + WIDE] = there - gone + new
            w[_LINE + j] = undated - (churn * undated if monthly else per_contract * by_term)
            w[_OTHER_LINE + j] *= v[_GROWTH + j]


@compiled
def _common(n_segments, months, v, w):  # type: ignore[no-untyped-def]
    """Fill accounts, newcomers, MRR and what is left of self-serve work, by month."""
    for t in range(months + ONE):
        month, back = np.float64(t), WIDE if t > NONE else NONE
        for j in range(WIDE):
            i = t * WIDE + j
            w[_THERE + i] = w[_NEWCOMERS + i] = w[_REVENUE + i] = 0.0
        for s in range(n_segments):
            at, path = s * _S_SIZE + _S_ARPA, _PATHS + s * _PATH_SIZE
            for j in range(WIDE):
                i = t * WIDE + j
                there = w[path + _P_ACCOUNTS + i]
                w[_THERE + i] += there
                w[_NEWCOMERS + i] += w[path + _P_NEW + i]
                w[_REVENUE + i] += there * v[at + j]
        for j in range(WIDE):
            i = t * WIDE + j
            earlier = w[_GROWN + i - back]
            grown = earlier * v[_EXPANSION + j] if t > NONE else 1.0
            w[_GROWN + i] = grown
            w[_REVENUE + i] *= grown
            since = month + 1 - v[_START + j]
            w[_ON + i] = 1.0 if since >= 0 else 0.0
            w[_BEGINS + i] = 1.0 if since >= 0 and since < 1 else 0.0
        for j in range(WIDE):
            since = month - v[_RISES_FROM + j]
            first = since >= 0 and (since < 1 or t == NONE)
            following = w[_LINE + j] * v[_NEXT_LEFT + j]
            decay = v[_FIRST_LEFT + j] if first else following
            w[_LINE + j] = decay
            left = 1 - v[_RISE + j] * (1 - decay)
            w[_LEFT + t * WIDE + j] = left if since >= 0 else 1.0


@compiled
def _drivers(shared, months, basis, v, w):  # type: ignore[no-untyped-def]
    """Fill the units of each basis by month, spread over months and thinned by self-service."""
    rows = shared[5]
    for k in range(U(rows.shape[0])):
        driver, where, spread = rows[k, 0], rows[k, 1], U(rows[k, 2])
        to = basis + k * REGION
        for t in range(months + ONE):
            at, ticket = t * WIDE, shared[2][t]
            for j in range(WIDE):
                w[to + at + j] = 1.0 if driver == 5 else 0.0
            for s in range(U(shared[4].shape[0])):
                if driver == 5 or (where >= 0 and U(where) != s):
                    continue
                path = _PATHS + s * _PATH_SIZE + at
                if driver == 3:
                    for j in range(WIDE):
                        w[to + at + j] += w[path + _P_RENEWALS + j]
                elif driver < 2:
                    for j in range(WIDE):
                        sessions = v[_SESSIONS + j]
                        w[to + at + j] += w[path + _P_NEW + j] * (sessions if driver == 1 else 1.0)
                else:
                    for j in range(WIDE):
                        tickets = v[_TICKETS + j] * ticket
                        w[to + at + j] += w[path + _P_ACCOUNTS + j] * (tickets if driver == 4 else 1.0)
        if spread > ONE and driver != 5:
            _spread(to, spread, months, w)
        if rows[k, 3]:
            for i in range((months + ONE) * WIDE):
                w[to + i] *= w[_LEFT + i]


@compiled
def _spread(at, spread, months, w):  # type: ignore[no-untyped-def]
    """Spread a volume evenly over months; volumes before today equal today's."""
    for back in range(months + ONE):
        t = months - back
        for j in range(WIDE):
            w[_LINE + j] = 0.0
        for k in range(spread):
            row = at + (t - k if t >= k else NONE) * WIDE
            for j in range(WIDE):
                w[_LINE + j] += w[row + j]
        for j in range(WIDE):
            w[at + t * WIDE + j] = w[_LINE + j] / np.float64(spread)


@compiled
def _task_hours(shared, months, basis, hours, v, w):  # type: ignore[no-untyped-def]
    """Fill the hours of each output in month 1 to the horizon."""
    coefficients = shared[6]
    for o in range(U(coefficients.shape[0])):
        for t in range(months):
            to = hours + o * REGION + t * WIDE
            for j in range(WIDE):
                w[to + j] = 0.0
            for k in range(U(coefficients.shape[1])):
                factor = coefficients[o, k, t]
                units = basis + k * REGION + (t + ONE) * WIDE
                if factor != 0.0:
                    for j in range(WIDE):
                        w[to + j] += factor * w[units + j]
            for j in range(WIDE):
                w[to + j] *= v[_EFFORT + j]


@compiled
def _bought(months, hours, own, side, v, w):  # type: ignore[no-untyped-def]
    """Fill bought hours of a contract and the share there is room for; add hours to its side."""
    for j in range(WIDE):
        w[_LINE + j] = 1.0
    for t in range(months):
        for j in range(WIDE):
            i = t * WIDE + j
            on, off = w[_ON + i], 1 - w[_ON + i]
            following = w[_LINE + j] * v[own + _RAMP_NEXT + j]
            first = v[own + _RAMP_FIRST + j] + 0.0
            decay = first if w[_BEGINS + i] > 0 else following
            w[_LINE + j] = decay
            learnt = 1 - v[own + _RAMP_LOSS + j] * decay
            today, kept, new = w[hours + i], w[hours + REGION + i], w[hours + U(2) * REGION + i]
            contact_today, contact_later = w[hours + U(3) * REGION + i], w[hours + U(4) * REGION + i]
            settled, contact = kept * on + today * off, contact_later * on + contact_today * off
            fresh = new * on
            rate = v[own + _PLAIN + j] * v[own + _DONE + j]
            bought = (settled + fresh / (learnt if on > 0 else 1.0)) * rate
            cap = v[own + _CAP + j]
            over = bought > cap
            within = cap / (bought if over else 1.0)
            share = within if over else 1.0
            bought *= share
            w[_BOUGHT + i] = bought
            w[_SHARE + i] = share
            w[side + _TAKEN + i] += (settled + fresh) * share
            w[side + _CONTACT + i] += contact * share
            w[side + _DIRECTED + i] += bought * v[own + _MANAGEMENT + j]


@compiled
def _units(shared, c, months, basis, own, v, w):  # type: ignore[no-untyped-def]
    """Fill persons and units of a contract: what its price is quoted for."""
    unit, staffed = U(shared[7][c, 1]), shared[7][c, 2]
    for t in range(months):
        back = WIDE if t > NONE else NONE
        for j in range(WIDE):
            i = t * WIDE + j
            before = w[_PERSONS + i - back]
            need = max(np.ceil(w[_BOUGHT + i] / v[own + _PER_HEAD + j] - HEAD_GUARD), 0.0)
            need = max(need, before) if t > NONE else need
            w[_PERSONS + i] = need if staffed else 0.0
        if unit == _CASES:
            _cases(shared, c, t, basis, w)
        for j in range(WIDE):
            i = t * WIDE + j
            if unit == _CASES:
                w[_UNITS + i] *= w[_SHARE + i]
            elif unit == _HEADS:
                w[_UNITS + i] = w[_PERSONS + i]
            elif unit == _ACCOUNTS:
                w[_UNITS + i] = w[_THERE + i + WIDE]
            elif unit == _HOURS:
                w[_UNITS + i] = w[_BOUGHT + i] * v[own + _PER_HOUR + j]
            else:
                w[_UNITS + i] = 0.0


@compiled
def _cases(shared, c, t, basis, w):  # type: ignore[no-untyped-def]
    """Fill the cases of a contract in month t + 1: the task done most often, by group."""
    times, index = shared[8], shared[9]
    for j in range(WIDE):
        w[_UNITS + t * WIDE + j] = w[_LINE + j] = 0.0
    for row in range(index.shape[0]):
        if U(index[row, 0]) != c:
            continue
        units = basis + U(index[row, 1]) * REGION + (t + ONE) * WIDE
        for j in range(WIDE):
            i = t * WIDE + j
            most = w[_LINE + j]
            if index[row, 2]:
                w[_UNITS + i] += most
                most = 0.0
            done = index[row, 4] if w[_ON + i] > 0 else index[row, 3]
            w[_LINE + j] = max(most, times[row, t] * w[units + j] * done)
    for j in range(WIDE):
        w[_UNITS + t * WIDE + j] += w[_LINE + j]


@compiled
def _billed(units, step, minimum, included):  # type: ignore[no-untyped-def]
    rounded = np.ceil(units / (step if step > 0 else 1.0) - HEAD_GUARD) * step
    return max(max(rounded if step > 0 else units, minimum) - included, 0.0)


@compiled
def _contract_cost(contracts, c, months, own, side, v, w):  # type: ignore[no-untyped-def]
    """Add what a contract costs to its side: fees, base, setup, notice, joiners and leavers, success."""
    unit, today, planned = U(contracts[c, 1]), float(contracts[c, 3]), float(contracts[c, 4])
    for t in range(months):
        month, later = np.float64(t + ONE), 1.0 if t > NONE else 0.0
        back = WIDE if t > NONE else NONE
        for j in range(WIDE):
            i = t * WIDE + j
            active = w[_ON + i] * planned + (1 - w[_ON + i]) * today
            units, step = w[_UNITS + i], v[own + _STEP + j]
            minimum, included = v[own + _MINIMUM + j], v[own + _INCLUDED + j]
            price, base = v[own + _PRICE + j], v[own + _BASE + j]
            idle = _billed(units if unit == _ACCOUNTS else 0.0, step, minimum, included)
            in_notice = month <= v[own + _NOTICE + j]
            owing = (1 - active) * today if in_notice else 0.0
            cost = active * (_billed(units, step, minimum, included) * price + base)
            cost += owing * (idle * price + base)
            w[side + _COST + i] += cost + w[_BEGINS + i] * planned * (1 - today) * v[own + _SETUP + j]
        for j in range(WIDE):
            i = t * WIDE + j
            past = i - back
            active = w[_ON + i] * planned + (1 - w[_ON + i]) * today
            was_active = w[_ON + past] * planned + (1 - w[_ON + past]) * today
            heads, before = w[_PERSONS + i], w[_PERSONS + past]
            earlier = before * later + heads * today * (1 - later)
            joined = max(heads * active - earlier * was_active, 0.0)
            leavers = earlier * v[own + _CHANGE + j] * active
            w[side + _COST + i] += (joined + leavers) * v[own + _JOINING + j]
        if unit == _SUCCESS:
            for j in range(WIDE):
                i = t * WIDE + j
                active = w[_ON + i] * planned + (1 - w[_ON + i]) * today
                uplift = w[_REVENUE + i + WIDE] * v[_UPLIFT + j]
                fee = min(v[own + _SUCCESS_CAP + j], v[own + _SUCCESS_RATE + j] * uplift)
                w[side + _COST + i] += active * fee
                w[side + _SELLS + i] = max(w[side + _SELLS + i], active)


@compiled
def _team(months, hours, side, v, w):  # type: ignore[no-untyped-def]
    """Fill the team of one side by month, row t of `_NEED` and `_AHEAD` is month t + 1: `staffing.staff`."""
    lead = U(int(v[_LEAD]))
    for back in range(months):
        t = months - back - ONE
        for j in range(WIDE):
            i = t * WIDE + j
            need = (w[hours + i] - w[side + _TAKEN + i] + w[side + _DIRECTED + i]) / v[_PRODUCTIVE + j]
            later = w[_AHEAD + (i + WIDE if back > NONE else i)]
            w[side + _NEED + i] = need
            w[_AHEAD + i] = max(need, later) if back > NONE else need
    for j in range(WIDE):
        w[_PRESENT + j] = w[_LINE + j] = v[_FTE + j]
        w[_UNFILLED + j] = w[_ORDERED + j] = w[_OTHER_LINE + j] = 0.0
    for t in range(ONE, months + ONE):
        for j in range(WIDE):
            i = t * WIDE + j
            seats, given_up = w[_LINE + j], w[_UNFILLED + i - WIDE]
            leavers = v[_LEAVING + j] * w[_PRESENT + i - WIDE]
            spare = seats - w[_AHEAD + i - WIDE] - v[_LEAVING + j] * v[_LEAD + j] * seats
            allowed = max(np.floor(max(spare, 0.0) + HEAD_GUARD), given_up)
            unfilled = min(allowed, given_up + leavers)
            w[_UNFILLED + i] = unfilled
            w[_ORDERED + i] = leavers - (unfilled - given_up)
        due = _ORDERED + (t - lead if t > lead else NONE) * WIDE
        for j in range(WIDE):
            w[_REPLACED + t * WIDE + j] = w[due + j]
        for j in range(WIDE):
            i = t * WIDE + j
            vacant = w[_OTHER_LINE + j] + w[_ORDERED + i] - w[_REPLACED + i]
            there = w[_LINE + j] - w[_UNFILLED + i] - vacant
            wanted = max(np.ceil(w[side + _NEED + i - WIDE] - there - HEAD_GUARD), 0.0)
            hires = wanted if t >= lead else 0.0
            w[_HIRED + i] = hires
            w[_OTHER_LINE + j] = vacant
            w[_LINE + j] += hires
            w[_PRESENT + i] = max(there + hires, 0.0)


@compiled
def _team_cost(sells, months, side, v, w):  # type: ignore[no-untyped-def]
    """Add pay, hiring and packages to a side's cost; fill hires, seats given up and unmet hours."""
    today, planned = float(sells[0]), float(sells[1])
    for t in range(months):
        for j in range(WIDE):
            i = t * WIDE + j
            present, hires, on = w[_PRESENT + i + WIDE], w[_HIRED + i + WIDE], w[_ON + i]
            joiners = (hires + w[_REPLACED + i + WIDE]) * v[_HIRING + j]
            sold = (on * planned + (1 - on) * today) * w[_NEWCOMERS + i + WIDE] * v[_PACKAGE + j]
            staff = present * v[_CSM + j] + joiners + v[_OTHER + j]
            w[side + _STAFF + i] = staff
            w[side + _COST + i] += staff - sold
            w[side + _HIRES + i] = hires
            w[side + _RELEASED + i] = w[_UNFILLED + i + WIDE]
            busy, productive = w[side + _NEED + i] * v[_PRODUCTIVE + j], v[_PRODUCTIVE + j]
            missing = max(busy - present * productive, 0.0)
            w[side + _UNMET + i] = min(missing, busy - w[side + _DIRECTED + i])


@compiled
def _worth(n_segments, months, hours, v, w):  # type: ignore[no-untyped-def]
    """Fill the margin of lost customers by month: `Comparison.accounts_lost` and `margin_lost`."""
    other = _SIDES + _SIDE_SIZE
    for n in range(months * WIDE):
        whole, ours, theirs = w[hours + REGION + n], w[_SIDES + _CONTACT + n], w[other + _CONTACT + n]
        differs = abs(ours - theirs) > _NOISE * whole
        contact = ours - theirs
        w[_LOST + n] = 0.0
        w[_RISE_NOW + n] = (contact if differs else 0.0) / (whole if whole > 0 else 1.0)
    for s in range(n_segments):
        arpa, path = s * _S_SIZE + _S_ARPA, _PATHS + s * _PATH_SIZE
        for j in range(WIDE):
            w[_LINE + j] = 0.0
        for t in range(months):
            for j in range(WIDE):
                i = t * WIDE + j
                accounts, lost = w[path + _P_ACCOUNTS + i + WIDE], w[path + _P_LOST + i + WIDE]
                share = lost / (accounts if accounts > 0 else 1.0)
                leaving = share if accounts > 0 else 0.0
                rise = v[_CHURN_RISE + j] * w[_RISE_NOW + i]
                possible = min(max(rise, -leaving), 1 - leaving)
                gone = w[_LINE + j] * (1 - leaving) + possible * (accounts - w[_LINE + j])
                w[_LINE + j] = gone
                w[_LOST + i] += gone * v[arpa + j] * w[_GROWN + i + WIDE] * v[_MARGIN + j]


@compiled
def _sums(months, v, w):  # type: ignore[no-untyped-def]
    """Fill the sums over months, one line of `_SUMS` each; the last one is the discount factor."""
    plan, other = _SIDES, _SIDES + _SIDE_SIZE
    for j in range(U(11) * WIDE):
        w[_SUMS + j] = 0.0
    for j in range(WIDE):
        w[_SUMS + U(11) * WIDE + j] = 1.0
    for t in range(months):
        in_first_year = 1.0 if t < U(_FIRST_YEAR) else 0.0
        for j in range(WIDE):
            i, to = t * WIDE + j, _SUMS + j
            cash = w[other + _COST + i] - w[plan + _COST + i]
            uplift = w[_REVENUE + i + WIDE] * v[_UPLIFT + j] * v[_MARGIN + j]
            agency = (w[plan + _SELLS + i] - w[other + _SELLS + i]) * uplift
            factor = w[to + U(11) * WIDE] * v[_DISCOUNT + j]
            w[to + U(11) * WIDE] = factor
            w[to] += (cash + agency - w[_LOST + i]) * factor
            w[to + WIDE] += cash * in_first_year
            w[to + U(2) * WIDE] += cash
            w[to + U(3) * WIDE] += w[plan + _COST + i]
            w[to + U(4) * WIDE] += w[other + _COST + i]
        for j in range(WIDE):
            i, to = t * WIDE + j, _SUMS + j
            need = w[plan + _NEED + i]
            w[to + U(5) * WIDE] += w[other + _HIRES + i] - w[plan + _HIRES + i]
            w[to + U(6) * WIDE] += (w[other + _NEED + i] - need) * v[_PRODUCTIVE + j]
            w[to + U(7) * WIDE] += need
            w[to + U(8) * WIDE] = max(w[to + U(8) * WIDE], need)
            w[to + U(9) * WIDE] += w[plan + _UNMET + i]
            w[to + U(10) * WIDE] += w[other + _STAFF + i] - w[plan + _STAFF + i]


@compiled
def _tell(months, v, w, out, begin, width):  # type: ignore[no-untyped-def]
    """Write the metrics of a block, see `METRICS`."""
    end, n = (months - ONE) * WIDE, np.float64(months)
    for column in range(width):
        j, at = U(column), begin + column
        s = _SUMS + j
        npv, hires, peak, total = w[s], w[s + U(5) * WIDE], w[s + U(8) * WIDE], w[s + U(3) * WIDE]
        last, stays = w[_LOST + end + j], v[_DISCOUNT + j] * (1 - v[_CHURN + j])
        later = (stays / (1 - stays) if stays < 1 else np.nan) if last != 0 else 0.0
        released = w[_SIDES + _RELEASED + end + j] - w[_SIDES + _SIDE_SIZE + _RELEASED + end + j]
        out[0, at], out[1, at] = npv, npv - w[s + U(11) * WIDE] * last * later
        out[2, at], out[3, at], out[4, at] = w[s + WIDE], w[s + U(2) * WIDE], total
        out[5, at], out[6, at] = w[s + U(4) * WIDE], hires
        out[7, at] = hires + np.floor(released + HEAD_GUARD)
        out[8, at], out[9, at], out[10, at] = w[s + U(6) * WIDE] / n, w[s + U(7) * WIDE] / n, peak
        out[11, at] = max(np.ceil(peak - HEAD_GUARD), 0.0)
        out[12, at], out[13, at] = total * 12 / n / v[_ARR + j], w[s + U(9) * WIDE]
        out[14, at] = w[s + U(10) * WIDE]
