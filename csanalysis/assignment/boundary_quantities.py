"""What is moved to find a boundary: traits, weights, prices, quality and threshold, over their ranges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from csanalysis.assignment.assign import Assignment
from csanalysis.assignment.boundary_search import Evaluate, Kinds
from csanalysis.assignment.eligibility import bundles
from csanalysis.assignment.rule import Rule, by_bundle, choose
from csanalysis.assignment.suitability import (
    LEAD,
    Rules,
    desirability_of,
    log_desirability,
    score_of,
    trait_values,
)
from csanalysis.costing.rates import Rate, rates_of
from csanalysis.costing.unit_cost import task_costs
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.schemas.trait_rules import is_rating, trait_scale
from csanalysis.vocabulary import TRAITS, PriceForm

GROUPS = ("trait", "weight", "price", "quality", "threshold")
WIDEST = 2.0
"""A price without a declared range is moved from 0 to this multiple of itself (chosen)."""


@dataclass(frozen=True)
class Quantity:
    """One thing that is moved while all else stays.

    Attributes
    ----------
    group : str
        One of `GROUPS`.
    key : str
        As in a scenario; ``tasks.<trait>`` stands for the task's own cell, ``suitability.<kind>.<trait>`` for
        a weight, as a share of the weights of its kind.
    unit : str
    current : ndarray, shape (n_tasks,)
    grid : ndarray
        Rising values over the range.
    evaluate : callable
    """

    group: str
    key: str
    unit: str
    current: Array
    grid: Array
    evaluate: Evaluate


def quantities(ds: Dataset, sc: Scenario, plan: Assignment, steps: int) -> Iterator[Quantity]:
    """Yield everything that is moved; `steps` parts the range of each."""
    yield from _traits(ds, sc, plan, steps)
    yield from _weights(plan, steps)
    if plan.rule.by_cost:
        yield from _costs(ds, sc, plan, steps)
    yield _threshold(plan, steps)


def _chosen(
    rule: Rule, scores: Array, cost: Array | None = None, threshold: float | Array | None = None
) -> Kinds:
    """Return the kinds chosen with scores of bundles (n_tasks, n_kinds, ...)."""
    found = choose(
        scores[:, rule.kind_of],
        rule.first,
        rule.open,
        rule.cost if cost is None else cost,
        rule.threshold if threshold is None else threshold,
        rule.in_house,
        by_cost=rule.by_cost,
    )
    return np.asarray(rule.kind_of[found])


def _traits(ds: Dataset, sc: Scenario, plan: Assignment, steps: int) -> Iterator[Quantity]:
    """Yield the traits: of each task its own, the other tasks of its bundle as they stand."""
    rules, values = Rules.of(ds.tables["suitability"]), trait_values(ds, sc)
    others = _others(plan.fit.scores, plan.rule)
    for at, trait in enumerate(TRAITS):
        low, high = trait_scale(trait)
        limits = np.concatenate(
            [
                rules.fall_from[:, at] + rules.fall_width[:, at],
                rules.fall_from[:, at],
                rules.rise_to[:, at],
                rules.rise_to[:, at] - rules.rise_width[:, at],
            ]
        )
        limits = limits[np.isfinite(limits)]
        if not np.isfinite(high):  # beyond the last limit of the table nothing changes any more
            high = max(float(limits.max(initial=1.0)), float(values[:, at].max()))
        inside = limits[np.asarray((limits > low) & (limits < high))]
        grid = np.unique(np.concatenate([np.linspace(low, high, steps + 1), inside]))

        def evaluate(x: Array, at: int = at) -> Kinds:
            moved = np.repeat(values[:, :, None], x.shape[1], axis=2)
            moved[:, at] = x
            own = score_of(desirability_of(moved, rules), rules.weights)
            return _chosen(plan.rule, np.minimum(own, others[:, :, None]))

        unit = "score" if is_rating(trait) else "day" if at == LEAD else "ratio"
        yield Quantity("trait", f"tasks.{trait}", unit, values[:, at], grid, evaluate)


def _others(scores: Array, rule: Rule) -> Array:
    """Return the least suitability among the other tasks of the bundle; infinite for a task alone."""
    found = np.full(scores.shape, np.inf)
    for rows in bundles(rule.units):
        for row in rows:
            found[row] = scores[rows[rows != row]].min(axis=0)
    return found


def _weights(plan: Assignment, steps: int) -> Iterator[Quantity]:
    """Yield the weights as shares; the other weights of the kind keep their proportions."""
    fit, logs = plan.fit, log_desirability(plan.fit.parts)
    grid = np.linspace(0, 1, steps + 1)
    asked = np.asarray(plan.eligible_kinds.any(axis=0))
    for kind, name in enumerate(fit.kinds):
        if not asked[kind]:
            continue
        for at, trait in enumerate(fit.traits):
            share = float(fit.weights[kind, at])
            rest = _rest(fit.weights[kind], at)

            def evaluate(x: Array, kind: int = kind, at: int = at, rest: Array = rest) -> Kinds:
                others = np.einsum("tj,j->t", logs[:, kind], rest)[:, None]
                scores = np.repeat(fit.scores[:, :, None], x.shape[1], axis=2)
                scores[:, kind] = np.exp(x * logs[:, kind, at][:, None] + (1 - x) * others)
                return _chosen(plan.rule, by_bundle(scores, plan.rule.units))

            current = np.full(len(fit.task_ids), share)
            yield Quantity("weight", f"suitability.{name}.{trait}", "ratio", current, grid, evaluate)


@dataclass(frozen=True)
class _Price:
    """A price or the quality, its value today and the range it is moved over."""

    group: str
    key: str
    unit: str
    now: float
    low: float
    high: float

    @property
    def other(self) -> float:
        """The end of the range that differs from today: the second point of a line."""
        return self.high if self.high > self.now else self.low


def _rest(weights: Array, at: int) -> Array:
    """Return the other weights as shares of what is left to them; even where they had nothing."""
    rest = np.where(np.arange(len(weights)) == at, 0.0, weights)
    if rest.sum() <= 0:
        rest = np.where(np.arange(len(weights)) == at, 0.0, 1.0)
    return np.asarray(rest / rest.sum())


def _costs(ds: Dataset, sc: Scenario, plan: Assignment, steps: int) -> Iterator[Quantity]:
    """Yield prices and quality. Cost is linear in each of them: two points give the line.

    An outside price moves the cost of its own offer alone, so that one evaluation serves all of them.
    """
    rates, own = rates_of(sc), plan.rule.in_house
    prices = [_price(sc, "price", _price_cell(rate), f"JPY/{rate.price_form}") for rate in rates]
    outside = {each.key: each.other for at, each in enumerate(prices) if each and at != own}
    together = _slopes(ds, sc, plan, outside) if outside else None
    for at, each in enumerate(prices):
        if each is None:
            continue
        slope = _slopes(ds, sc, plan, {each.key: each.other}) if at == own or together is None else together
        if at != own:
            slope = np.where(np.arange(len(rates)) == at, slope, 0.0)
        yield _cost_quantity(plan, each, slope / (each.other - each.now), steps)
    quality = _price(sc, "quality", "quality_ratio", "ratio")
    if quality is not None:
        matters = float(sc.number("churn_sensitivity")) > 0
        slope = (
            _slopes(ds, sc, plan, {quality.key: quality.other}) if matters else np.zeros(plan.rule.cost.shape)
        )
        yield _cost_quantity(plan, quality, slope / (quality.other - quality.now), steps)


def _price_cell(rate: Rate) -> str:
    """Return the cell that is bargained over: the price, or the fixed fee where success is paid."""
    cell = "base_fee" if rate.price_form == PriceForm.SUCCESS else "price"
    return f"resources.{rate.resource_id}.{cell}"


def _price(sc: Scenario, group: str, key: str, unit: str) -> _Price | None:
    """Return what is moved and how far; None where there is no range."""
    stated, now = sc.stated(key), float(sc.number(key))
    low, high = stated.low, stated.high
    if not (np.isfinite(low) and np.isfinite(high)):
        low, high = 0.0, WIDEST * now
    low, high = np.fmax(min(low, now), stated.hard_min), np.fmin(max(high, now), stated.hard_max)
    shown = stated.unit if "/" in stated.unit else unit
    return _Price(group, stated.key, shown, now, float(low), float(high)) if high > low else None


def _slopes(ds: Dataset, sc: Scenario, plan: Assignment, moved: dict[str, float]) -> Array:
    """Return by how much the cost of each bundle and offer changes when some prices move."""
    found = task_costs(ds, sc.replace(moved))
    return np.asarray(_joined(found.jpy + found.churn_loss, plan.rule) - plan.rule.cost)


def _cost_quantity(plan: Assignment, each: _Price, slope: Array, steps: int) -> Quantity:
    scores = by_bundle(plan.fit.scores, plan.rule.units)

    def evaluate(x: Array) -> Kinds:
        cost = plan.rule.cost[:, :, None] + slope[:, :, None] * (x - each.now)[:, None]
        return _chosen(plan.rule, np.repeat(scores[:, :, None], x.shape[1], axis=2), cost)

    current = np.full(len(plan.decisions), each.now)
    return Quantity(
        each.group, each.key, each.unit, current, np.linspace(each.low, each.high, steps + 1), evaluate
    )


def _joined(cost: Array, rule: Rule) -> Array:
    joined = cost.copy()
    for rows in bundles(rule.units):
        joined[rows] = cost[rows].sum(axis=0)
    return joined


def _threshold(plan: Assignment, steps: int) -> Quantity:
    scores = by_bundle(plan.fit.scores, plan.rule.units)

    def evaluate(x: Array) -> Kinds:
        return _chosen(plan.rule, np.repeat(scores[:, :, None], x.shape[1], axis=2), threshold=x)

    current = np.full(len(plan.decisions), plan.rule.threshold)
    grid = np.unique(np.concatenate([np.linspace(0, 1, steps + 1), [plan.rule.threshold]]))
    return Quantity("threshold", "suitability_threshold", "score", current, grid, evaluate)
