"""The company's own figures, in the units of the published ones they are set beside."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Grade, PriceForm, ResourceKind


def _parameter(key: str) -> Callable[[Dataset, Scenario], float]:
    return lambda ds, sc: float(sc.number(key))


def _cost_ratio(ds: Dataset, sc: Scenario) -> float:
    team = float(sc.number("cs_fte")) * 12 * float(sc.number("csm_monthly_cost"))
    extra = float(sc.number("tools_annual_cost")) + float(sc.number("external_annual_cost"))
    return ratio(team + extra, float(sc.number("arr")))


def _accounts_per_csm(ds: Dataset, sc: Scenario) -> float:
    return ratio(float(sc.number("accounts")), float(sc.number("cs_fte")))


def _contract_value(ds: Dataset, sc: Scenario) -> float:
    return ratio(float(sc.number("arr")), float(sc.number("accounts")))


def _hourly_price(kind: ResourceKind) -> Callable[[Dataset, Scenario], float]:
    def price(ds: Dataset, sc: Scenario) -> float:
        card = ds.tables["resources"]
        rows = card[(card["kind"] == kind) & (card["price_form"] == PriceForm.HOUR)]
        return float(sc.number(f"resources.{rows['resource_id'].iloc[0]}.price")) if len(rows) else math.nan

    return price


FIGURES: dict[str, Callable[[Dataset, Scenario], float]] = {
    "cs_cost_ratio": _cost_ratio,
    "csm_monthly_cost": _parameter("csm_monthly_cost"),
    "monthly_churn": _parameter("monthly_churn"),
    "accounts_per_csm": _accounts_per_csm,
    "onboarding_sessions": _parameter("onboarding_sessions"),
    "self_onboarding_completion": _parameter("self_onboarding_now"),
    "non_customer_time_share": _parameter("non_customer_time"),
    "online_assistant_hourly_price": _hourly_price(ResourceKind.BPO),
    "dispatch_clerical_hourly_price": _hourly_price(ResourceKind.CONTRACT_STAFF),
    "annual_contract_value": _contract_value,
}
"""Figure -> how it is worked out (accounts per CSM: per FTE; prices: the first hourly offer of the kind)."""

STAND_INS = {
    "csm_monthly_cost": "csm_monthly_cost",
    "monthly_churn": "monthly_churn",
    "onboarding_sessions": "onboarding_sessions",
    "self_onboarding_completion": "self_onboarding_now",
    "non_customer_time_share": "non_customer_time",
    "online_assistant_hourly_price": "resources.bpo.price",
}
"""Figure -> parameter whose default may be the published figure itself."""


@dataclass(frozen=True)
class Share:
    """A published share of firms whose `figure` lies in [low, high); `basis`: logo or revenue churn."""

    figure: str
    low: float
    high: float
    basis: str = ""


SHARES = {
    "monthly_revenue_churn_under_2pct": Share("monthly_churn", -math.inf, 0.02, "revenue"),
    "monthly_revenue_churn_6pct_or_more": Share("monthly_churn", 0.06, math.inf, "revenue"),
    "acv_130k_to_600k_jpy": Share("annual_contract_value", 130_000, 600_000),
}
"""Benchmark metric that is a share of firms -> the class of firms it counts (bounds: its own name)."""


PUBLISHED = (Grade.PRIMARY, Grade.SECONDHAND, Grade.VENDOR, Grade.OPINION)
"""Grades of figures that somebody else published."""


def is_placeholder(sc: Scenario, figure: str) -> bool:
    """Tell whether the company's figure is a default that somebody else published."""
    key = STAND_INS.get(figure)
    if key is None or key in sc.changes or not sc.space.knows(key):
        return False
    return sc.parameter(key).grade in PUBLISHED


def ratio(one: float, other: float) -> float:
    """Return one / other; NaN where there is nothing to divide by."""
    return one / other if other else math.nan


def company_figures(ds: Dataset, sc: Scenario) -> dict[str, float]:
    """Return every figure of the company under a scenario, in the unit of its benchmark."""
    return {name: figure(ds, sc) for name, figure in FIGURES.items()}
