"""Where the sign of a plan's worth changes: price, volume, rise of churn, month of payback."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from csanalysis.costing.comparison import Comparison, compare, scaled
from csanalysis.costing.placement import Assignment, place
from csanalysis.costing.rates import Rate
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import Demand
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.model.segments import segments_of
from csanalysis.vocabulary import PriceForm

PRICE_RANGE = 10.0
"""A break-even price is looked for from zero to this many times the quote."""
VOLUME_RANGE = 3.0
"""A break-even volume is looked for up to this many times today's hours."""
_STEPS = 120
_MOST_RISE = 0.5
Z95 = 1.959964
"""Two-sided 95 % of the normal distribution."""


@dataclass(frozen=True)
class BreakEvenPrice:
    """The price at which a plan's worth is zero; else `why`: ``always``, ``never`` or ``unmoved``."""

    price: float | None
    why: str = ""


@dataclass(frozen=True)
class BreakEvenVolume:
    """Task hours a month from which the plan's worth is not negative; `holds`: at all larger ones too.

    Zero hours where the smallest volume looked at does not lose.
    """

    hours: float
    holds: bool


@dataclass(frozen=True)
class ChurnPrice:
    """The rise of churn that eats the whole gain of a plan.

    Attributes
    ----------
    points : float
        Rise of monthly churn (0.01 = one point) at which the worth is zero.
    accounts, arr : float
        What it means at today's accounts: accounts a year, JPY of ARR a year.
    detectable : float
        Half width (95 %) with which twelve months of data measure monthly churn.
    """

    points: float
    accounts: float
    arr: float
    detectable: float

    @property
    def is_measurable(self) -> bool:
        """Tell whether twelve months of data could see a rise of this size."""
        return self.points > self.detectable


def price_key(rate: Rate) -> str:
    """Return the cell that is bargained over: the price, or the fixed fee where success is paid."""
    cell = "base_fee" if rate.price_form == PriceForm.SUCCESS else "price"
    return f"resources.{rate.resource_id}.{cell}"


def break_even_price(
    ds: Dataset, sc: Scenario, assignment: Assignment, baseline: Assignment, key: str, demand: Demand
) -> BreakEvenPrice:
    """Return the price at which npv is zero, all else unchanged, or why there is none.

    `key` is the cell of the price, see `price_key`. Hours do not depend on prices, and cost is linear in each
    price, so two evaluations give the exact root.
    """
    quote = float(sc.number(key))
    other = quote / 2 if quote > 0 else 1000.0  # never above the hard bound of the cell
    both = compare(ds, sc.replace({key: np.array([quote, other])}), assignment, baseline, demand).npv()
    slope = (both[1] - both[0]) / (other - quote)
    if slope >= 0:
        return BreakEvenPrice(None, "unmoved")
    root = quote - float(both[0] / slope)
    if root < 0:
        return BreakEvenPrice(None, "never")
    if quote > 0 and root > PRICE_RANGE * quote:
        return BreakEvenPrice(None, "always")
    return BreakEvenPrice(root)


def break_even_volume(
    ds: Dataset, sc: Scenario, assignment: Assignment, baseline: Assignment, demand: Demand
) -> BreakEvenVolume | None:
    """Return the task hours a month given outside from which npv is not negative; None up to three times.

    Whole heads make the worth a sawtooth of volume; `holds` tells whether it stays positive above.
    """
    placement = place(ds, assignment)
    today = float(demand.by_segment[0][placement.outside].sum())
    if today <= 0:
        return None
    factors = np.linspace(0, VOLUME_RANGE, _STEPS + 1)[1:]

    def worth(some: Array) -> Array:
        return compare(ds, sc, assignment, baseline, scaled(demand, placement, some)).npv()

    paid = worth(factors) >= 0
    if not paid.any():
        return None
    at = int(paid.argmax())
    if at == 0:
        return BreakEvenVolume(0.0, bool(paid.all()))
    low, high = factors[at - 1], factors[at]
    for _ in range(3):
        inner = np.linspace(low, high, _STEPS + 1)[1:]
        first = int((worth(inner) >= 0).argmax())
        low, high = (inner[first - 1] if first else low), inner[first]
    return BreakEvenVolume(float(high) * today, bool(paid[at:].all()))


def churn_price(ds: Dataset, comparison: Comparison, terminal: bool = False) -> ChurnPrice | None:
    """Return the largest rise of monthly churn with npv >= 0; None if the plan is not worth it without any.

    None too where no work with customer contact moves, or nothing eats the gain within the horizon. Hours are
    held at the baseline's accounts: customers lost must never look like a saving.
    """
    sc = comparison.scenario
    npv = comparison.npv_terminal if terminal else comparison.npv

    def worth(rise: float) -> float:
        return float(npv(comparison.in_force * rise)[0])

    unseen = not (comparison.contact_share[:, 0] > 0).any()
    if unseen or worth(0.0) < 0 or not worth(_MOST_RISE) < 0:
        return None
    points = float(brentq(worth, 0.0, _MOST_RISE, xtol=1e-12))
    accounts = float(segments_of(ds, sc).accounts.sum())
    arr = float(sc.number("arr"))
    yearly = min(12 * points, 1.0)
    return ChurnPrice(points, yearly * accounts, yearly * arr, detectable_churn(sc, accounts))


def detectable_churn(sc: Scenario, accounts: float, months: int = 12) -> float:
    """Return the half width (95 %) with which `months` of data measure monthly churn.

    Examples
    --------
    >>> import csanalysis as cs
    >>> round(detectable_churn(cs.load_dataset("data").base, 439), 4)
    0.0045
    """
    churn = float(sc.number("monthly_churn"))
    return float(Z95 * np.sqrt(churn * (1 - churn) / max(months * accounts, 1e-9)))


def payback_month(comparison: Comparison) -> int | None:
    """Return the first month from which cumulative gains stay at zero or above; None if they end below.

    Month 1 where they never fall below; None too where the plan changes nothing.
    """
    total = comparison.flow()[:, 0].cumsum()
    below = np.flatnonzero(total < -0.5)
    if not np.abs(total).max() > 0 or (below.size and below[-1] == len(total) - 1):
        return None
    return int(below[-1]) + 2 if below.size else 1
