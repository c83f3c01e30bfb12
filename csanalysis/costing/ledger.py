"""The cost ledger: what a plan costs each month, by resource and item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.costing.physical import Contract, Physical, simulate
from csanalysis.costing.placement import Assignment, place
from csanalysis.costing.pricing import Lines, Parts, price
from csanalysis.costing.rates import billed_units, committed_units
from csanalysis.labels import money, number
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import Demand, project_demand
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.model.supply import productive_hours_of

TOLD_HOURS = 0.05
"""Hours below this are rounding on screen, and not told."""


@dataclass(frozen=True)
class CostLedger:
    """Monthly cost of a plan by resource and item, in JPY without tax.

    Attributes
    ----------
    lines : dict
        (resource_id, item) -> JPY, ndarray of shape (n_months, n_scenarios); month 1 first.
    parts : dict
        (resource_id, part) -> (hours, JPY) of the same shape: what is already inside the lines.
    physical : Physical
        The hours, heads and units behind them.
    scenario : Scenario
    """

    lines: Lines = field(repr=False)
    parts: Parts = field(repr=False)
    physical: Physical = field(repr=False)
    scenario: Scenario = field(repr=False)

    @property
    def by_month(self) -> Array:
        """JPY a month, shape (n_months, n_scenarios)."""
        return np.asarray(sum(self.lines.values()))

    @property
    def total(self) -> Any:
        """JPY over the horizon: float, or array of shape (n_scenarios,)."""
        return _plain(self.by_month.sum(axis=0))

    @property
    def unmet_hours(self) -> Any:
        """Task hours over the horizon for which nobody is there."""
        return _plain(self.physical.unmet.sum(axis=0))

    def item(self, *items: str) -> Array:
        """Return JPY a month of some items over all resources, shape (n_months, n_scenarios)."""
        zero = np.zeros_like(self.by_month)
        return np.asarray(sum((v for (_, i), v in self.lines.items() if i in items), zero))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a month, resource and item (one scenario): month, resource_id, item, jpy, unit.

        The rows add up to `total`. Revenue of paid packages is a negative cost.
        """
        rows = [
            (month, resource, item, float(value))
            for (resource, item), values in self.lines.items()
            for month, value in enumerate(values[:, 0], 1)
        ]
        frame = pd.DataFrame(rows, columns=["month", "resource_id", "item", "jpy"])
        return frame.assign(unit="JPY/month")

    def of_which(self) -> pd.DataFrame:
        """Return what is already inside the items: month, resource_id, part, hours, jpy.

        Attrition is inside hiring, ramp and rework are inside fees, management is inside salaries, valued at
        the cost of a productive hour. Nothing here may be added to the ledger.
        """
        rows = [
            (month, resource, part, float(h), float(y))
            for (resource, part), (hours, jpy) in self.parts.items()
            for month, (h, y) in enumerate(zip(hours[:, 0], jpy[:, 0], strict=True), 1)
        ]
        return pd.DataFrame(rows, columns=["month", "resource_id", "part", "hours", "jpy"])

    def hours(self) -> pd.DataFrame:
        """Return task hours by month and resource: month, resource_id, supplied, bought, management, unit.

        Rows of ``unmet`` hold the hours for which nobody is there: demand = supplied + unmet. Bought hours
        hold rework and ramp; management is time of the in-house team, beside its task hours.
        """
        p, own = self.physical, self.physical.placement.resources[self.physical.placement.in_house]
        frames = [_hours_frame(own, p.own_hours - p.unmet, p.own_hours * 0, p.management)]
        frames += [
            _hours_frame(c.rate.resource_id, c.task_hours, c.bought, c.bought * 0) for c in p.contracts
        ]
        frames.append(_hours_frame("unmet", p.unmet, p.unmet * 0, p.unmet * 0))
        return pd.concat(frames, ignore_index=True).assign(unit="hour/month")

    def team(self) -> pd.DataFrame:
        """Return the in-house team: month, need, present (FTE), hires, replaced, unfilled (heads)."""
        p, t = self.physical, self.physical.team
        need = ((p.own_hours + p.management) / np.atleast_1d(productive_hours_of(self.scenario)))[:, 0]
        columns = {"present": t.present, "hires": t.hires, "replaced": t.replaced, "unfilled": t.unfilled}
        frame = pd.DataFrame({name: values[:, 0] for name, values in columns.items()})
        frame.insert(0, "need", need)
        frame.insert(0, "month", range(1, len(frame) + 1))
        return frame

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a reader of the ledger must know."""
        return _findings(self)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]


def cost_to_serve(ds: Dataset, sc: Scenario, assignment: Assignment) -> CostLedger:
    """Return what it costs to do all tasks, month 1 to the horizon, by resource and item.

    Parameters
    ----------
    ds : Dataset
        Uses task inventory, rate card, and segments, seasons and renewal dates where there are some.
    sc : Scenario
        Scalars or arrays of shape ``(n_scenarios,)``; money in JPY without tax.
    assignment : str, mapping or result
        ``in_house``, ``current``, a mapping of task_id to resource_id (tasks not named stay where they are),
        or the result of an assignment. New hand-overs begin in `start_month`.

    Returns
    -------
    CostLedger
        Items: salary, hiring, fee, base, setup, notice, tools, external, success_fee, package_revenue.

    Raises
    ------
    ValueError
        For an unknown task or resource, a locked task, or personal data where they may not go.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> ledger = cs.cost_to_serve(ds, ds.base, "in_house")
    >>> bool(abs(ledger.to_frame()["jpy"].sum() - ledger.total) < 0.5)
    True
    """
    return ledger_of(ds, sc, assignment, project_demand(ds, sc))


def ledger_of(ds: Dataset, sc: Scenario, assignment: Assignment, demand: Demand) -> CostLedger:
    """Return the ledger for a demand that is known already."""
    physical = simulate(ds, sc, place(ds, assignment), demand)
    lines, parts = price(ds, sc, physical)
    return CostLedger(lines, parts, physical, sc)


def _findings(ledger: CostLedger) -> tuple[Finding, ...]:
    p, found = ledger.physical, list[Finding]()
    unmet = p.unmet[:, 0]
    if unmet.sum() > TOLD_HOURS:
        told: dict[str, Shown] = {
            "hours": number(float(unmet.sum()), 1),
            "month": number(int(np.flatnonzero(unmet > 0)[0]) + 1),
        }
        found.append(Finding("ledger.unmet", told, "warning"))
    for contract in p.contracts:
        found += _contract_findings(contract, len(unmet))
    if (p.placement.plan != p.placement.today).any() and not p.started.any():
        found.append(Finding("ledger.starts_later", level="warning"))
    return tuple(found)


def _contract_findings(contract: Contract, months: int) -> Iterator[Finding]:
    rate, active = contract.rate, contract.active[:, 0]
    if float(rate.get("ramp_tau_months")[0]) >= months and contract.first.any():
        yield Finding("ledger.ramp_beyond", {"name": rate.name}, "warning")
    if float(rate.get("notice_months")[0]) > months and (contract.first.any() or contract.leaving.any()):
        yield Finding("ledger.notice_beyond", {"name": rate.name}, "warning")
    left = float(rate.get("min_term_months")[0]) - active.sum()
    if contract.first.any() and left > 0:
        owed = left * float((committed_units(rate) * rate.get("price") + rate.get("base_fee"))[0])
        beyond: dict[str, Shown] = {
            "name": rate.name,
            "months": number(left),
            "cost": lambda lang: money(owed, lang),
        }
        yield Finding("ledger.term_beyond", beyond, "warning")
    billed, needed = (billed_units(contract.units, r)[:, 0] for r in (rate, rate.without_minimum))
    idle = np.where(active, billed - needed, 0.0)
    if (idle > TOLD_HOURS).any():
        cost = float(idle.sum() * rate.get("price")[0])
        told: dict[str, Shown] = {
            "name": rate.name,
            "months": number(int((idle > TOLD_HOURS).sum())),
            "cost": lambda lang: money(cost, lang),
        }
        yield Finding("ledger.below_minimum", told, "warning")
    if (contract.bought[:, 0] >= rate.get("capacity_cap")[0] - TOLD_HOURS).any():
        yield Finding("ledger.at_cap", {"name": rate.name}, "warning")


def _hours_frame(resource: str, supplied: Array, bought: Array, management: Array) -> pd.DataFrame:
    columns = {"supplied": supplied, "bought": bought, "management": management}
    frame = pd.DataFrame({name: values[:, 0] for name, values in columns.items()})
    frame.insert(0, "resource_id", resource)
    frame.insert(0, "month", range(1, len(frame) + 1))
    return frame


def _plain(values: Array) -> Any:
    return float(values[0]) if values.shape == (1,) else values
