"""Which task group is in-house, in a pilot or outside in each month, and what the way out and back costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from csanalysis.costing.break_even import price_key
from csanalysis.costing.placement import Assignment, Placement, place
from csanalysis.costing.rates import Rate, hour_cost, number, price_stated, rates_of
from csanalysis.costing.scope import playbook_assignment
from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import Demand, project_demand
from csanalysis.model.findings import Finding
from csanalysis.model.parameters import Array, Parameter
from csanalysis.model.playbook import plays_now
from csanalysis.model.scenario import Scenario
from csanalysis.planning.roadmap_costs import GroupCosts, OfferCosts, group_costs, offer_costs
from csanalysis.planning.roadmap_findings import Needs, needs_of, reasons_of, roadmap_findings
from csanalysis.planning.roadmap_path import (
    OUT,
    Rules,
    best_path,
    come_back_price,
    go_out_price,
    months_cost,
    path_cost,
)
from csanalysis.vocabulary import Play

STATES = ("in", "pilot", "out")
PILOT_SHARE = 0.25
"""Share of a group's work that is outside in a pilot (chosen: enough to learn on, little enough to redo)."""


@dataclass(frozen=True)
class GroupRoad:
    """The way of one task group over the horizon; arrays and tuples by month, month 1 first.

    Attributes
    ----------
    task_group, play, basis, source : str
        The group, and what the playbook says of it in this quadrant and phase.
    resource_id : str
        Offer that would do most of it; empty where nothing may go out.
    states, reasons : tuple of str
        ``in`` / ``pilot`` / ``out``, and why (keys ``roadmap.reason.<reason>``).
    hours, cost, inside : ndarray, shape (T,)
        Task hours, JPY of the path with its switches, and JPY of doing it all in-house.
    saving : float
        JPY today that the path saves against staying in-house.
    departure : float
        JPY today that it saves against the playbook's way (out from the first month allowed, or kept).
    go_out_price, come_back_price, quote : float or None
        JPY per unit: from the first price down work that is in-house goes out, from the second up work that
        is outside comes back, between them neither pays; and the price as it is.
    set_up, bring_back : float
        JPY once for going out, and for the heads (in fractions) that take the work back.
    """

    task_group: str
    play: str
    basis: str
    source: str
    resource_id: str
    states: tuple[str, ...]
    reasons: tuple[str, ...]
    hours: Array = field(repr=False)
    cost: Array = field(repr=False)
    inside: Array = field(repr=False)
    saving: float = 0.0
    departure: float = 0.0
    go_out_price: float | None = None
    come_back_price: float | None = None
    quote: float | None = None
    set_up: float = 0.0
    bring_back: float = 0.0

    @property
    def by_playbook(self) -> str:
        """State that the playbook names: out for what it hands over or sells, else in."""
        return "out" if self.play in (Play.HAND_OVER, Play.SELL) else "in"

    @property
    def departs(self) -> bool:
        """Tell whether the optimum ends in another state than the playbook's, where anything may go out."""
        return bool(self.resource_id) and self.states[-1] != self.by_playbook


@dataclass(frozen=True)
class Roadmap:
    """In / pilot / out by task group and month.

    Attributes
    ----------
    groups : tuple of GroupRoad
        Those that may go out first, then the largest first.
    rates : dict
        resource_id -> Rate of the offers that take part.
    prices : dict
        resource_id -> its price with range, source and grade.
    needs : tuple of Needs
        What each offer needs before it is productive, and its terms of leaving.
    earliest : int
        First month in which work may go out.
    months : int
    discount : ndarray, shape (T,)
    """

    groups: tuple[GroupRoad, ...]
    rates: Mapping[str, Rate] = field(repr=False)
    prices: Mapping[str, Parameter] = field(repr=False)
    needs: tuple[Needs, ...] = field(repr=False)
    earliest: int
    months: int
    discount: Array = field(repr=False)

    @property
    def candidates(self) -> tuple[GroupRoad, ...]:
        """Groups of which something may go out."""
        return tuple(g for g in self.groups if g.resource_id)

    @property
    def levers(self) -> tuple[str, ...]:
        """Parameters to try: the price of the first offer, its productivity, the in-house cost."""
        first = next((g.resource_id for g in self.candidates), "")
        cells = (price_key(self.rates[first]), f"resources.{first}.productivity") if first else ()
        return (*cells, "csm_monthly_cost")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the roadmap comes to, as sentences to be rendered."""
        return tuple(roadmap_findings(self))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a month and group: month, task_group, state, reason, cost, inside, hours, unit.

        `cost` and `inside` are JPY of the month; `reason` is a term (label ``roadmap.reason.<term>``).
        """
        rows = [
            (month, g.task_group, g.states[t], g.reasons[t], g.cost[t], g.inside[t], g.hours[t])
            for g in self.groups
            for t, month in enumerate(range(1, self.months + 1))
        ]
        columns = ["month", "task_group", "state", "reason", "cost", "inside", "hours"]
        return pd.DataFrame(rows, columns=columns).assign(unit="JPY/month")

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]


def plan_roadmap(
    ds: Dataset, sc: Scenario, assignment: Assignment | None = None, pilot_share: float = PILOT_SHARE
) -> Roadmap:
    """Return the cheapest way of each task group through in / pilot / out, month by month.

    The cost of a month is the ledger's: fee, base, minimum, ramp, rework and management, with in-house hours
    at csm_monthly_cost / productive hours and an expected loss by churn. The way out costs set-up; the way
    back what is owed for notice or minimum term, and hiring. The optimum is exact for each group on its own;
    a group carries its share, by hours, of an offer's fixed parts. Heads count in fractions here: whole
    heads are the business of `evaluate_outcome` and of the capacity plan.

    Parameters
    ----------
    ds, sc
        Scalars.
    assignment : str, mapping or result, optional
        Who would do what outside, see `cost_to_serve`; default all that the playbook hands over in this
        quadrant and phase, whether the source says so or a rule derives it.
    pilot_share : float, optional
        Share of the work outside in a pilot; 0 = no pilots.

    Raises
    ------
    ValueError
        For an unknown task or resource, a locked task, personal data where they may not go, or a share of a
        pilot outside 0 to 1.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> roadmap = cs.plan_roadmap(ds, ds.base)
    >>> onboarding = next(g for g in roadmap.groups if g.task_group == "onboarding_delivery")
    >>> set(onboarding.states), round(onboarding.go_out_price)
    ({'in'}, 2601)
    """
    if not 0 <= pilot_share < 1:
        raise ValueError(both("roadmap.pilot_share", value=pilot_share))
    demand = project_demand(ds, sc)
    placement = place(ds, playbook_assignment(ds, sc, derived=True) if assignment is None else assignment)
    to = np.where(placement.outside, placement.plan, placement.today)
    inventory = ds.tables["task_inventory"]
    rows = {
        placement.resources[at]: tuple(np.flatnonzero(to == at).tolist())
        for at in np.unique(to)
        if at != placement.in_house
    }
    offers = {r: offer_costs(ds, sc, r, tasks, demand) for r, tasks in rows.items()}
    months = len(demand.by_segment) - 1
    yearly = 1 + float(number(sc, "discount_rate_annual")[0])
    discount = np.asarray(yearly ** (-np.arange(1, months + 1) / 12))
    earliest = int(max(float(number(sc, "start_month")[0]), 1.0))
    rules = Rules(discount, earliest - 1, False, pilot_share > 0)
    plays, found = plays_now(ds, sc), []
    for group in inventory["task_group"].unique():
        own = np.flatnonzero((inventory["task_group"] == group).to_numpy())
        scopes = {r: tuple(n for n in own.tolist() if n in tasks) for r, tasks in rows.items()}
        scopes = {r: tasks for r, tasks in scopes.items() if tasks}
        stays = _kept(ds, sc, plays, str(group), own.tolist(), demand)
        if not scopes:
            found.append(stays)
            continue
        scopes = dict(sorted(scopes.items(), key=lambda item: -_hours(demand, item[1])))
        costs = group_costs(ds, sc, scopes, offers, demand, pilot_share)
        today = _outside_today(placement, scopes, demand)
        found.append(_road(stays, costs, replace(rules, out_today=today), next(iter(scopes)), offers))
    found.sort(key=lambda g: (not g.resource_id, -float(g.hours.sum())))
    rates = {r.resource_id: r for r in rates_of(sc) if r.resource_id in rows}
    prices = {r: price_stated(sc, rate, price_key(rate).split(".")[-1]) for r, rate in rates.items()}
    needs = tuple(needs_of(sc, offers[r], [g for g in found if g.resource_id == r]) for r in rates)
    return Roadmap(tuple(found), rates, prices, needs, earliest, months, discount)


def _hours(demand: Demand, rows: tuple[int, ...]) -> float:
    return float(demand.by_segment[1:, list(rows)].sum())


def _outside_today(placement: Placement, scopes: Mapping[str, tuple[int, ...]], demand: Demand) -> bool:
    """Tell whether most of the group's hours are at the offer of the plan already."""
    at = [n for rows in scopes.values() for n in rows]
    there = [n for r, rows in scopes.items() for n in rows if placement.resources[placement.today[n]] == r]
    return bool(there) and 2 * _hours(demand, tuple(there)) >= _hours(demand, tuple(at))


def _kept(
    ds: Dataset, sc: Scenario, plays: pd.DataFrame, group: str, rows: list[int], demand: Demand
) -> GroupRoad:
    """Return a group of which nothing goes out."""
    inventory = ds.tables["task_inventory"].iloc[rows]
    hours = demand.by_segment[1:, rows].sum(axis=(1, 2))
    cost = hours * float(hour_cost(sc)[0])
    known = group in plays.index
    play, basis, source = (str(plays.at[group, c]) if known else "" for c in ("play", "basis", "source"))
    reason = play if play in (Play.KEEP, Play.PREPARE) else "not_in_plan" if known else "no_play"
    reason = "locked" if (inventory["lock_resource"] != "").all() else reason
    months = len(hours)
    return GroupRoad(
        group, play, basis, source, "", ("in",) * months, (reason,) * months, hours, cost, cost.copy()
    )


def _road(
    stays: GroupRoad, costs: GroupCosts, rules: Rules, resource_id: str, offers: Mapping[str, OfferCosts]
) -> GroupRoad:
    rate = offers[resource_id].rate
    quote = float(rate.get(price_key(rate).split(".")[-1])[0])
    now = costs.base.plus(costs.slope, quote)
    path = best_path(now, rules)
    months = len(path.modes)
    inside = float(now.inside @ rules.discount)
    first = 0 if rules.out_today else min(rules.earliest, months)
    play_out = stays.play in (Play.HAND_OVER, Play.SELL)
    playbook = (0,) * first + (OUT,) * (months - first) if play_out else (0,) * months
    return replace(
        stays,
        resource_id=resource_id,
        states=tuple(STATES[mode] for mode in path.modes),
        reasons=reasons_of(now, rules, path.modes, costs.hours),
        hours=costs.hours,
        cost=months_cost(now, rules, path.modes),
        inside=now.inside,
        saving=inside - path.cost,
        departure=path_cost(now, rules, playbook) - path.cost,
        go_out_price=go_out_price(costs.base, costs.slope, rules, quote),
        come_back_price=come_back_price(costs.base, costs.slope, rules, quote),
        quote=quote,
        set_up=costs.set_up,
        bring_back=costs.bring_back,
    )
