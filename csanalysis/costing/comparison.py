"""A plan beside a baseline, month by month: cash, customers lost, worth today. Pure arrays, any width."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from csanalysis.costing.ledger import CostLedger, ledger_of
from csanalysis.costing.placement import Assignment, Placement
from csanalysis.costing.pricing import agency_uplift
from csanalysis.costing.rates import number
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import Demand, project_demand, task_column
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.model.supply import HEAD_GUARD
from csanalysis.vocabulary import CostItem, PriceForm

FIRST_YEAR = 12


@dataclass(frozen=True)
class Comparison:
    """A plan and its baseline at the same demand; arrays of shape (n_months, n_scenarios), month 1 first.

    Attributes
    ----------
    plan, baseline : CostLedger
    contact_share : ndarray
        Share of hours with customer contact that the plan gives outside, beyond the baseline.
    scenario : Scenario
    """

    plan: CostLedger
    baseline: CostLedger
    contact_share: Array
    scenario: Scenario = field(repr=False)

    @property
    def cash(self) -> Array:
        """JPY a month that the plan pays less than the baseline."""
        return self.baseline.by_month - self.plan.by_month

    @property
    def churn_rise(self) -> Array:
        """Rise of monthly churn by outside work of other quality, in points / 100."""
        weaker = 1 - number(self.scenario, "quality_ratio")
        return np.asarray(number(self.scenario, "churn_sensitivity") * self.contact_share * weaker)

    @property
    def moves(self) -> bool:
        """Whether the plan gives any task to another resource than the baseline."""
        one, other = self.plan.physical.placement.plan, self.baseline.physical.placement.plan
        return bool((one != other).any())

    @property
    def in_force(self) -> Array:
        """1 in months in which the plan differs from the baseline, else 0."""
        return np.asarray(self.plan.physical.started * float(self.moves))

    def accounts_lost(self, rise: Array) -> Array:
        """Return accounts fewer at the end of each month and segment under a rise of churn.

        Parameters
        ----------
        rise : ndarray, shape (n_months, n_scenarios)
            Rise of monthly churn. A month's loss counts in that month; it lies between none and all accounts.

        Returns
        -------
        ndarray, shape (n_months, n_segments, n_scenarios)
            Never above the accounts of the baseline.
        """
        projection = self.plan.physical.demand.projection
        accounts, lost = (
            a[1:][..., None] if a.ndim == 2 else a[1:] for a in (projection.accounts, projection.lost)
        )
        leaving = np.divide(lost, accounts, out=np.zeros_like(accounts), where=accounts > 0)
        shape = np.broadcast_shapes(accounts.shape, rise[:, None].shape)
        gone, found = np.zeros(shape[1:]), np.zeros(shape)
        for t in range(len(found)):
            remaining = accounts[t] - gone
            possible = np.clip(rise[t], -leaving[t], 1 - leaving[t])
            gone = gone * (1 - leaving[t]) + possible * remaining
            found[t] = gone
        return found

    def margin_lost(self, gone: Array) -> Array:
        """Return JPY of margin a month that lost accounts no longer bring, shape (n_months, n_scenarios)."""
        arpa = self.plan.physical.demand.projection.segments.arpa_monthly
        arpa = arpa[:, None] if arpa.ndim == 1 else arpa
        months = np.arange(1, len(gone) + 1)[:, None]
        grown = (1 + number(self.scenario, "monthly_expansion")) ** months
        revenue = (gone * arpa[None]).sum(axis=1) * grown
        return np.asarray(revenue * number(self.scenario, "gross_margin"))

    @property
    def agency_gain(self) -> Array:
        """Margin a month on the revenue an agency adds, beyond the baseline's, in JPY."""
        gain = np.zeros_like(self.cash)
        for ledger, sign in ((self.plan, 1.0), (self.baseline, -1.0)):
            agencies = [c.active for c in ledger.physical.contracts if c.rate.price_form == PriceForm.SUCCESS]
            if agencies:
                uplift = agency_uplift(self.scenario, ledger.physical)
                gain = gain + sign * np.any(agencies, axis=0) * uplift * number(self.scenario, "gross_margin")
        return gain

    def flow(self, rise: Array | None = None) -> Array:
        """Return the plan's gain a month in JPY: cash, agency's margin, margin of customers lost."""
        rise = self.churn_rise if rise is None else rise
        return np.asarray(self.cash + self.agency_gain - self.margin_lost(self.accounts_lost(rise)))

    @property
    def discount(self) -> Array:
        """Factor by which a month's amount is worth less today, shape (n_months, n_scenarios)."""
        yearly = 1 + number(self.scenario, "discount_rate_annual")
        return np.asarray(yearly ** (-np.arange(1, len(self.cash) + 1)[:, None] / 12))

    def npv(self, rise: Array | None = None) -> Array:
        """Return the worth today of the gains within the horizon, in JPY, shape (n_scenarios,)."""
        return np.asarray((self.flow(rise) * self.discount).sum(axis=0))

    def npv_terminal(self, rise: Array | None = None) -> Array:
        """Return `npv` with the margin that customers lost by the end would have brought afterwards.

        They would have left at the monthly churn in any case; without churn and discount it has no value.
        """
        rise = self.churn_rise if rise is None else rise
        last = self.margin_lost(self.accounts_lost(rise))[-1]
        stays = self.discount[0] * (1 - number(self.scenario, "monthly_churn"))
        later = np.where(last == 0, 0.0, stays / np.where(stays < 1, 1 - stays, np.nan))
        return np.asarray(self.npv(rise) - self.discount[-1] * last * later)

    @property
    def first_year_cash(self) -> Array:
        """JPY that the plan pays less in the first twelve months, shape (n_scenarios,)."""
        return np.asarray(self.cash[:FIRST_YEAR].sum(axis=0))

    @property
    def hires_avoided(self) -> Array:
        """Heads that the baseline hires and the plan does not, shape (n_scenarios,)."""
        return np.asarray((self.baseline.physical.team.hires - self.plan.physical.team.hires).sum(axis=0))

    @property
    def heads_released(self) -> Array:
        """Seats of leavers that the plan gives up beyond the baseline, in heads."""
        return np.asarray(self.plan.physical.team.unfilled[-1] - self.baseline.physical.team.unfilled[-1])

    @property
    def heads(self) -> Array:
        """Whole heads avoided or released, shape (n_scenarios,)."""
        return np.asarray(self.hires_avoided + np.floor(self.heads_released + HEAD_GUARD))

    @property
    def capacity_freed(self) -> Array:
        """Hours a month that the in-house team is spared, net of management: mean over the horizon."""
        plan, baseline = self.plan.physical, self.baseline.physical
        freed = (baseline.own_hours + baseline.management) - (plan.own_hours + plan.management)
        return np.asarray(freed.mean(axis=0))

    @property
    def capacity_cashed(self) -> Array:
        """Hours a month of `capacity_freed` that heads avoided or released already turned into cash."""
        gone = self.baseline.physical.supply - self.plan.physical.supply
        return np.asarray(gone.mean(axis=0))

    def cash_parts(self) -> dict[str, Array]:
        """Return `cash` by origin, in JPY a month: staff, outside, setup, packages; they add up to it."""
        setup, packages = (CostItem.SETUP, CostItem.NOTICE), (CostItem.PACKAGE_REVENUE,)
        own = self.plan.physical.placement.resources[self.plan.physical.placement.in_house]
        parts = dict.fromkeys(("staff", "outside", "setup", "packages"), np.zeros_like(self.cash))
        for ledger, sign in ((self.baseline, 1.0), (self.plan, -1.0)):
            for (resource, item), values in ledger.lines.items():
                key = "staff" if resource == own else "outside"
                key = "setup" if item in setup else "packages" if item in packages else key
                parts[key] = parts[key] + sign * values
        return parts


def compare(
    ds: Dataset, sc: Scenario, assignment: Assignment, baseline: Assignment, demand: Demand | None = None
) -> Comparison:
    """Return plan and baseline at the same demand."""
    demand = project_demand(ds, sc) if demand is None else demand
    one, other = (ledger_of(ds, sc, a, demand) for a in (assignment, baseline))
    contact = np.asarray(task_column(ds, sc, "customer_contact"))
    contact = contact[:, None] if contact.ndim == 1 else contact
    shares = [_outside_contact(ledger, contact) for ledger in (one, other)]
    return Comparison(one, other, shares[0] - shares[1], sc)


def _outside_contact(ledger: CostLedger, contact: Array) -> Array:
    """Return the share of contact hours done by others than the in-house team, (n_months, n_scenarios)."""
    hours = ledger.physical.task_hours * contact[None]
    given, total = np.broadcast_arrays((hours * (1 - ledger.physical.kept)).sum(axis=1), hours.sum(axis=1))
    return np.asarray(np.divide(given, total, out=np.zeros(given.shape), where=total > 0))


def scaled(demand: Demand, placement: Placement, factors: Array) -> Demand:
    """Return the demand with the hours of tasks given outside times each of some factors."""
    factor = np.where(placement.outside[:, None], factors[None, :], 1.0)
    return replace(demand, by_segment=demand.by_segment[..., None] * factor[None, :, None, :])
