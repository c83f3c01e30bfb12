"""What comes back from a plan: cash and freed time apart, worth, break-even, churn price, verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from csanalysis.costing.break_even import (
    BreakEvenPrice,
    BreakEvenVolume,
    ChurnPrice,
    break_even_price,
    break_even_volume,
    churn_price,
    payback_month,
    price_key,
)
from csanalysis.costing.cases import Cases, cases_of, standing
from csanalysis.costing.comparison import Comparison, compare
from csanalysis.costing.outcome_findings import conclude, outcome_findings
from csanalysis.costing.placement import CURRENT, IN_HOUSE, Assignment
from csanalysis.costing.rates import Rate, rates_of
from csanalysis.costing.unit_cost import UnitCosts, unit_costs
from csanalysis.costing.verdicts import GroupVerdict, verdicts_of
from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import project_demand
from csanalysis.model.findings import Finding
from csanalysis.model.scenario import Scenario
from csanalysis.model.supply import productive_hours_of, whole_heads
from csanalysis.vocabulary import Conclusion


@dataclass(frozen=True)
class Outcome:
    """A plan against a baseline over the horizon. Cash and freed hours are two results, never added.

    Attributes
    ----------
    baseline : str
        ``in_house`` or ``current``.
    cash_saving : float
        JPY over the horizon that the plan pays less: heads avoided or released and outside spend ended, minus
        all new cash. Negative: it costs more.
    cash_parts : dict
        `cash_saving` by origin: staff, outside, setup, packages; they add up.
    capacity_freed, capacity_cashed : float
        Hours a month (mean) the in-house team is spared, net of management; and those of them that heads
        avoided or released have turned into cash already.
    hires_avoided, heads_released, heads : float
        Whole heads not hired, seats of leavers given up, and whole heads of both.
    npv, npv_terminal : float
        JPY; worth today of the gains within the horizon, and with the margin of customers lost afterwards.
    roi : float or None
        npv / new cash paid outside, discounted; None without any.
    payback_month : int or None
    rate : Rate or None
        The offer that takes over most hours.
    break_even_price, quote : float or None
        Its price (fixed fee where success is paid) at which npv is zero, JPY per unit; and the present one.
    no_price : str
        Why there is no such price: ``always`` pays, ``never`` pays, ``unmoved`` by the price; else empty.
    break_even_volume : BreakEvenVolume or None
    given_hours : float
        Task hours a month given outside, at today's volumes.
    churn_price, churn_price_terminal : ChurnPrice or None
        None where the plan is not worth it even without any rise of churn, or nothing a customer sees moves.
    fte_required, fte_peak, heads_required : float
        In-house need of the plan: mean and highest month (FTE), and whole heads for the highest.
    cs_cost_ratio : float
        Cost of the plan a year / ARR.
    unmet_hours, unmet_baseline : float
        Task hours for which nobody is there.
    unit_costs : UnitCosts or None
        Full cost per task hour of the work given to `rate`, there and at every offer of labour; None where
        nothing is given.
    cases : Cases
    verdicts : tuple of GroupVerdict
    comparison : Comparison
    conclusion : Conclusion
    """

    baseline: str
    cash_saving: float
    cash_parts: dict[str, float]
    capacity_freed: float
    capacity_cashed: float
    hires_avoided: float
    heads_released: float
    heads: float
    npv: float
    npv_terminal: float
    roi: float | None
    payback_month: int | None
    rate: Rate | None
    break_even_price: float | None
    no_price: str
    quote: float | None
    break_even_volume: BreakEvenVolume | None
    given_hours: float
    churn_price: ChurnPrice | None
    churn_price_terminal: ChurnPrice | None
    fte_required: float
    fte_peak: float
    heads_required: float
    cs_cost_ratio: float
    unmet_hours: float
    unmet_baseline: float
    unit_costs: UnitCosts | None = field(repr=False)
    cases: Cases = field(repr=False)
    verdicts: tuple[GroupVerdict, ...] = field(repr=False)
    comparison: Comparison = field(repr=False)
    conclusion: Conclusion

    @property
    def npv_unharmed(self) -> float:
        """Worth without any rise of churn, in JPY."""
        return _one(self.comparison.npv(self.comparison.churn_rise * 0))

    @property
    def levers(self) -> tuple[str, ...]:
        """Parameters to try on the plan: the price of the main offer, start, in-house cost, effort."""
        price = (price_key(self.rate),) if self.rate else ()
        return (*price, "start_month", "csm_monthly_cost", "effort")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the plan comes to, as sentences to be rendered."""
        return tuple(outcome_findings(self))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a metric: metric, value (NaN: none), unit."""
        churn = self.churn_price.points if self.churn_price else None
        volume = self.break_even_volume.hours if self.break_even_volume else None
        rows = [
            ("total_cost", self.comparison.plan.total, "JPY"),
            ("total_cost_baseline", self.comparison.baseline.total, "JPY"),
            ("cash_saving", self.cash_saving, "JPY"),
            ("capacity_freed", self.capacity_freed, "hour/month"),
            ("capacity_cashed", self.capacity_cashed, "hour/month"),
            ("hires_avoided", self.hires_avoided, "head"),
            ("heads_released", self.heads_released, "head"),
            ("npv", self.npv, "JPY"),
            ("npv_terminal", self.npv_terminal, "JPY"),
            ("roi", self.roi, "ratio"),
            ("payback_month", self.payback_month, "month"),
            ("break_even_price", self.break_even_price, "JPY/unit"),
            ("break_even_volume", volume, "hour/month"),
            ("churn_price", churn, "ratio/month"),
            ("fte_required", self.fte_required, "FTE"),
            ("fte_peak", self.fte_peak, "FTE"),
            ("heads_required", self.heads_required, "head"),
            ("cs_cost_ratio_result", self.cs_cost_ratio, "ratio"),
            ("unmet_hours", self.unmet_hours, "hour"),
        ]
        frame = pd.DataFrame(rows, columns=["metric", "value", "unit"])
        return frame.assign(value=frame["value"].astype(float))

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]


def evaluate_outcome(ds: Dataset, sc: Scenario, assignment: Assignment, baseline: str = IN_HOUSE) -> Outcome:
    """Evaluate a plan against doing all in-house, or against today.

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
        Scalar values.
    assignment : str, mapping or result
        As in `cost_to_serve`.
    baseline : {"in_house", "current"}

    Raises
    ------
    ValueError
        For an unknown baseline, task or resource, a locked task, or personal data where they may not go.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> plan = {"onb_session_deliver": "bpo", "onb_session_prepare": "bpo"}
    >>> outcome = cs.evaluate_outcome(ds, ds.base, plan)
    >>> outcome.npv < 0 < outcome.capacity_freed
    True
    """
    if baseline not in (IN_HOUSE, CURRENT):
        raise ValueError(both("costing.baseline_word", value=baseline))
    demand = project_demand(ds, sc)
    comparison = compare(ds, sc, assignment, baseline, demand)
    physical, placement = comparison.plan.physical, comparison.plan.physical.placement
    rate = _main_rate(comparison)
    key = price_key(rate) if rate else ""
    given = [t for t, r in placement.mapping.items() if rate and r == rate.resource_id]
    cases = cases_of(ds, sc, assignment, baseline)
    heads = _one(comparison.heads)
    need = (physical.own_hours + physical.management)[:, 0] / float(productive_hours_of(sc))
    in_force = comparison.moves and bool(physical.started.any())
    worth_avoiding = bool(standing(comparison)[0] == "hire")
    root = (
        break_even_price(ds, sc, assignment, baseline, key, demand) if key else BreakEvenPrice(None, "none")
    )
    conclusion = conclude(cases, moved=in_force, worth_avoiding=worth_avoiding)
    return Outcome(
        baseline=baseline,
        cash_saving=float(comparison.cash.sum()),
        cash_parts={name: float(value.sum()) for name, value in comparison.cash_parts().items()},
        capacity_freed=_one(comparison.capacity_freed),
        capacity_cashed=_one(comparison.capacity_cashed),
        hires_avoided=_one(comparison.hires_avoided),
        heads_released=_one(comparison.heads_released),
        heads=heads,
        npv=_one(comparison.npv()),
        npv_terminal=_one(comparison.npv_terminal()),
        roi=_roi(comparison),
        payback_month=payback_month(comparison),
        rate=rate,
        break_even_price=root.price,
        no_price=root.why,
        quote=float(sc.number(key)) if key else None,
        break_even_volume=break_even_volume(ds, sc, assignment, baseline, demand) if in_force else None,
        given_hours=float(physical.demand.by_segment[0][placement.outside].sum()),
        churn_price=churn_price(ds, comparison),
        churn_price_terminal=churn_price(ds, comparison, terminal=True),
        fte_required=float(need.mean()),
        fte_peak=float(need.max()),
        heads_required=float(whole_heads(need.max())),
        cs_cost_ratio=float(comparison.plan.total) * 12 / len(need) / float(sc.number("arr")),
        unmet_hours=float(comparison.plan.unmet_hours),
        unmet_baseline=float(comparison.baseline.unmet_hours),
        unit_costs=_unit_costs(ds, sc, given, rate),
        cases=cases,
        verdicts=verdicts_of(ds, sc, placement, heads if worth_avoiding else 0.0, conclusion),
        comparison=comparison,
        conclusion=conclusion,
    )


def _unit_costs(ds: Dataset, sc: Scenario, given: list[str], rate: Rate | None) -> UnitCosts | None:
    if rate is None:
        return None
    labour = {r.resource_id for r in rates_of(sc) if r.sells_labour}
    return unit_costs(ds, sc, given, only=labour | {rate.resource_id})


def _main_rate(comparison: Comparison) -> Rate | None:
    """Return the outside resource that takes over most hours beyond the baseline; None if none does."""
    before = {c.rate.resource_id: float(c.task_hours.sum()) for c in comparison.baseline.physical.contracts}
    more = [
        (float(c.task_hours.sum()) - before.get(c.rate.resource_id, 0.0), c.rate)
        for c in comparison.plan.physical.contracts
    ]
    most = max(more, key=lambda pair: pair[0], default=None)
    return most[1] if most and most[0] > 0 else None


def _roi(comparison: Comparison) -> float | None:
    """Return npv per JPY of new cash paid outside, discounted; None without any."""
    parts = comparison.cash_parts()
    paid = float((np.maximum(-parts["outside"] - parts["setup"], 0.0) * comparison.discount).sum())
    return _one(comparison.npv()) / paid if paid > 0 else None


def _one(values: object) -> float:
    return float(np.asarray(values).reshape(-1)[0])
