"""Which task to whom: eligible, then suitable, then at the lowest full cost; else in-house."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.assignment.eligibility import Eligibility, Mask, bundles, eligibility
from csanalysis.assignment.reasons import Decision, reason_of, sentence_of
from csanalysis.assignment.rule import Positions, Rule, by_bundle, rule_of
from csanalysis.assignment.suitability import Rules, Suitability, suitability_scores, trait_values
from csanalysis.assignment.summary import Summary, summary_findings
from csanalysis.costing.break_even import price_key
from csanalysis.costing.rates import Rate, rates_of
from csanalysis.costing.unit_cost import TaskCosts, task_costs
from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario


@dataclass(frozen=True)
class Assignment:
    """Which task goes to whom, and why.

    Attributes
    ----------
    decisions : tuple of Decision
        One a task, in the order of the inventory.
    fit : Suitability
    eligible : Eligibility
    costs : TaskCosts
    rule : Rule
        Chooses again for other scores; see `choose`.
    scores : ndarray, shape (n_tasks, n_resources)
        Suitability that decides: of a bundle, that of its least suitable task.
    traits : ndarray, shape (n_tasks, n_traits)
        Traits of the tasks, in the order of `fit.traits`.
    short : ndarray of bool, shape (n_kinds,)
        Kinds that want short work, in the order of `fit.kinds`.
    findings : tuple of Finding
        What the assignment comes to as a whole.
    """

    decisions: tuple[Decision, ...] = field(repr=False)
    fit: Suitability = field(repr=False)
    eligible: Eligibility = field(repr=False)
    costs: TaskCosts = field(repr=False)
    rule: Rule = field(repr=False)
    scores: Array = field(repr=False)
    traits: Array = field(repr=False)
    short: Mask = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)

    @property
    def mapping(self) -> dict[str, str]:
        """Task -> resource of every task; an assignment for costing."""
        return {d.task_id: d.resource_id for d in self.decisions}

    @property
    def eligible_kinds(self) -> Mask:
        """Who may do it, by kind: shape (n_tasks, n_kinds), kinds in the order of `fit.kinds`."""
        found = np.zeros((len(self.decisions), len(self.fit.kinds)), dtype=bool)
        for at, kind in enumerate(self.rule.kind_of):
            found[:, kind] |= self.rule.open[:, at]
        return found

    @property
    def choose(self) -> Callable[[Array], Positions]:
        """The rule from scores to kinds, as `cs.assess_stability(choose=...)` takes it."""
        return self.rule.kinds

    @property
    def summary(self) -> Summary:
        """What the assignment comes to as a whole, as sentences."""
        return Summary(self.findings)

    @property
    def levers(self) -> tuple[str, ...]:
        """The threshold, and the price of each outside offer, the one with most hours first."""
        hours: dict[str, float] = {}
        for d in self.decisions:
            if d.chosen != d.own:
                key = price_key(d.rates[d.chosen])
                hours[key] = hours.get(key, 0.0) + d.hours
        return ("suitability_threshold", *sorted(hours, key=lambda key: -hours[key]))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a task.

        Columns: task_id, bundle_id, task_group, resource_id, kind, suitability (of the task itself),
        deciding_suitability (of its bundle), in_house_suitability, eligible (offers, apart by ``;``), reason,
        play, named_kind, basis, source, best_kind and best_suitability (traits alone), hours, jpy,
        in_house_jpy, churn_loss, unit of the hours and unit_jpy of the amounts.
        """
        return pd.DataFrame([d.record() for d in self.decisions]).assign(
            unit="hour/month", unit_jpy="JPY/month"
        )

    def candidates(self) -> pd.DataFrame:
        """Return one row a task and offer: eligibility, suitability, cost (JPY a month) and churn loss."""
        frame = self.eligible.to_frame().drop(columns="unit")
        return frame.assign(
            suitability=self.fit.scores[:, self.rule.kind_of].ravel(),
            deciding_suitability=self.scores.ravel(),
            jpy=self.costs.jpy.ravel(),
            churn_loss=self.costs.churn_loss.ravel(),
            unit="JPY/month",
        )

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return one sentence a task that says why."""
        return [sentence_of(d).sentence(lang) for d in self.decisions]


def assign_tasks(ds: Dataset, sc: Scenario, *, by_cost: bool = True) -> Assignment:
    """Assign every task to an offer of the rate card.

    Eligible (locks, data of persons, play of quadrant and phase, contract form, capacity of what cannot be
    shared, few tickets; bundles go together) -> suitability at or above ``suitability_threshold`` -> lowest
    full cost, expected loss of margin through churn included; none suitable: in-house. What the playbook
    names is asked first, see `csanalysis.assignment.eligibility`.

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
        Scalar values.
    by_cost : bool
        False: the rule of LOGLASS2023 alone, the best suitability among all who may do it, without prices.

    Raises
    ------
    ValueError
        For locks that cannot be kept, kinds without complete rows in `suitability`, or array values.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> plan = cs.assign_tasks(ds, ds.base)
    >>> [plan.mapping[task] for task in ("rnw_intent_confirm", "rnw_contract_papers", "rnw_negotiation")]
    ['bpo', 'contract_staff', 'csm']
    """
    if any(isinstance(value, np.ndarray) for value in sc.changed().values()):
        raise ValueError(both("assignment.one_scenario"))
    fit, allowed, costs = suitability_scores(ds, sc), eligibility(ds, sc), task_costs(ds, sc)
    rule = rule_of(fit, allowed, costs, float(sc.number("suitability_threshold")), by_cost=by_cost)
    chosen = rule.resources(fit.scores)
    scores = by_bundle(fit.scores, allowed.units)[:, rule.kind_of]
    rates = rates_of(sc)
    decisions = _decisions(ds, fit, allowed, costs, rule, scores, chosen, rates)
    findings = tuple(summary_findings(decisions, allowed, _overbooked(ds, decisions, rates)))
    short = Rules.of(ds.tables["suitability"]).short
    return Assignment(decisions, fit, allowed, costs, rule, scores, trait_values(ds, sc), short, findings)


def _decisions(
    ds: Dataset,
    fit: Suitability,
    allowed: Eligibility,
    costs: TaskCosts,
    rule: Rule,
    scores: Array,
    chosen: Positions,
    rates: tuple[Rate, ...],
) -> tuple[Decision, ...]:
    """Return what was decided about each task, with the numbers that decided it."""
    own, tasks = rule.in_house, ds.tables["task_inventory"]
    hours = costs.hours.copy()
    for rows in bundles(allowed.units):
        hours[rows] = hours[rows].sum()
    per_hour = np.divide(
        rule.cost, hours[:, None], out=np.full(rule.cost.shape, np.nan), where=hours[:, None] > 0
    )
    sizes = np.bincount(allowed.units)[allowed.units]
    found = []
    for row, task in enumerate(tasks.to_dict("records")):
        at, best = int(chosen[row]), int(scores[row].argmax())
        code, rival = reason_of(rule, scores, allowed, row, at)
        kind = rule.kind_of[at if rival is None else rival]
        found.append(
            Decision(
                task_id=str(task["task_id"]),
                names=(str(task["name_ja"] or task["name_en"]), str(task["name_en"] or task["name_ja"])),
                task_group=str(task["task_group"]),
                bundle_id=str(task["bundle_id"]),
                bundle_size=int(sizes[row]),
                lock_reason=_lock_reason(tasks, task),
                reason=code,
                threshold=rule.threshold,
                rates=rates,
                chosen=at,
                rival=rival,
                named=allowed.plays["kind"].iloc[row],
                play=allowed.plays["play"].iloc[row],
                basis=allowed.plays["basis"].iloc[row],
                source=allowed.plays["source"].iloc[row],
                own=own,
                best=best,
                weakest=_weakest(fit, allowed.units, row, int(kind)),
                own_score=float(fit.scores[row, rule.kind_of[at]]),
                scores=scores[row],
                suiting=int((rule.open[row] & (scores[row] >= rule.threshold)).sum()),
                open_to=tuple(np.flatnonzero(rule.open[row]).tolist()),
                why_not=tuple(allowed.why_not[row]),
                per_hour=per_hour[row],
                hours=float(costs.hours[row]),
                jpy=costs.jpy[row],
                churn_loss=float(costs.churn_loss[row, at]),
                tickets=(allowed.tickets, allowed.few_tickets),
            )
        )
    return tuple(found)


def _weakest(fit: Suitability, units: npt.NDArray[np.int64], row: int, kind: int) -> str:
    """Return the trait that lowers a suitability most, in the bundle's least suitable task."""
    members = np.flatnonzero(units == units[row])
    least = int(members[fit.scores[members, kind].argmin()])
    return fit.weakest(fit.task_ids[least], fit.kinds[kind])


def _lock_reason(tasks: pd.DataFrame, task: dict[Hashable, Any]) -> str:
    """Return the reason of a task's lock, or of the lock of its bundle."""
    if task["lock_reason"] or not task["bundle_id"]:
        return str(task["lock_reason"])
    members = tasks[(tasks["bundle_id"] == task["bundle_id"]) & (tasks["lock_reason"] != "")]
    return str(members["lock_reason"].iloc[0]) if len(members) else ""


def _overbooked(
    ds: Dataset, decisions: tuple[Decision, ...], rates: tuple[Rate, ...]
) -> list[tuple[Rate, float]]:
    """Return offers given more than their capacity, with the hours a month they would have to give."""
    found = []
    for at, rate in enumerate(rates):
        hours = sum(d.hours for d in decisions if d.chosen == at)
        bought = hours * float((1 + rate.get("rework_rate")[0]) / rate.get("productivity")[0])
        if at != decisions[0].own and bought > rate.get("capacity_cap")[0]:
            found.append((rate, bought))
    return found
