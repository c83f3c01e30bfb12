"""The three tiers of a book in accounts, ARR, FTE and cost, and what the rule behind them decides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from csanalysis.costing.touch_book import (
    COVERAGE,
    HIGH_MIN,
    LIFT_COMPLEXITY,
    LOW_MIN,
    ORDER,
    Book,
    tiers_of,
    weakest,
)
from csanalysis.model.disclosure import withheld
from csanalysis.model.scenario import Scenario

TOTAL = "total"


@dataclass(frozen=True)
class Tier:
    """One touch tier.

    Attributes
    ----------
    touch : str
        ``high_touch``, ``low_touch``, ``tech_touch``, or ``total``.
    accounts, accounts_share : float
        Accounts today, and their share of all.
    recorded : float
        Accounts behind it in the table the tiers stand on, before the scenario moves them.
    arr, arr_share : float
        JPY a year, and share of ARR.
    accounts_per_csm : float
        Coverage; of the total: the mean that results.
    fte, fte_low, fte_high : float
        FTE at the coverage, and at the ends of its range (NaN without a range).
    monthly_cost : float
        JPY a month: FTE x csm_monthly_cost.
    lifted : float
        Accounts that are here because of their complexity alone.
    source, coverage_grade : str
        Of the coverage.
    grade : str
        The weakest of coverage and, where they decide, thresholds.
    """

    touch: str
    accounts: float
    accounts_share: float
    recorded: float
    arr: float
    arr_share: float
    accounts_per_csm: float
    fte: float
    fte_low: float
    fte_high: float
    monthly_cost: float
    lifted: float
    source: str
    coverage_grade: str
    grade: str

    @property
    def cost_ratio(self) -> float:
        """Cost of the tier's CSMs a year / ARR of the tier; NaN without ARR."""
        return 12 * self.monthly_cost / self.arr if self.arr else math.nan


@dataclass(frozen=True)
class Rule:
    """How accounts were divided, and how far the answer rests on it.

    Attributes
    ----------
    high_min, low_min : float
        Thresholds, JPY per account and year.
    lift : float
        Complexity from which an account is served one tier higher.
    lifted : float
        Accounts lifted.
    unknown_complexity : float
        Accounts without a complexity.
    fte_without_lift, fte_lift_lower : float
        FTE in all if nothing were lifted, and if one point less of complexity lifted.
    fte_at_low, fte_at_high : float
        FTE in all with both thresholds at the low, and at the high end of their ranges (NaN without).
    """

    high_min: float
    low_min: float
    lift: float
    lifted: float
    unknown_complexity: float
    fte_without_lift: float
    fte_lift_lower: float
    fte_at_low: float
    fte_at_high: float


def tier_table(sc: Scenario, book: Book, high_min: float, low_min: float) -> tuple[Tier, ...]:
    """Return high, low and tech touch of a book, in this order."""
    position = tiers_of(book, high_min, low_min)
    plain = tiers_of(book, high_min, low_min, math.inf)
    by_threshold = not all(book.given)
    cost = float(sc.number("csm_monthly_cost"))
    whole = float(book.accounts.sum())
    found = []
    for at, touch in enumerate(ORDER):
        inside = position == at
        coverage = sc.stated(COVERAGE[touch])
        per_csm = float(sc.number(coverage.key))
        accounts, arr = float(book.accounts[inside].sum()), float(book.arr[inside].sum())
        grades = [coverage.grade, *(sc.stated(key).grade for key in (HIGH_MIN, LOW_MIN) if by_threshold)]
        found.append(
            Tier(
                touch=str(touch),
                accounts=accounts,
                accounts_share=accounts / whole,
                recorded=accounts / whole * book.recorded_accounts,
                arr=arr,
                arr_share=arr / float(book.arr.sum()),
                accounts_per_csm=per_csm,
                fte=accounts / per_csm,
                fte_low=accounts / coverage.high,
                fte_high=accounts / coverage.low,
                monthly_cost=accounts / per_csm * cost,
                lifted=float(book.accounts[inside & (plain > at)].sum()),
                source=coverage.source,
                coverage_grade=coverage.grade,
                grade=weakest(grades),
            )
        )
    return tuple(found)


def few_tiers(tiers: Sequence[Tier]) -> bool:
    """Tell whether the tiers are withheld: one has so few accounts that it would tell of single ones.

    All are, since their sum and the FTE in all, at a known coverage of each, would give one back.
    """
    return any(withheld(round(tier.recorded, 6) for tier in tiers))


def told_total(tiers: Sequence[Tier], total: Tier) -> Tier:
    """Return the sum as it may be told: where the tiers are withheld, FTE to one decimal and no range."""
    if not few_tiers(tiers):
        return total
    fte = max(round(total.fte, 1), 0.1)
    cost = total.monthly_cost / total.fte * fte
    return replace(
        total,
        fte=fte,
        fte_low=math.nan,
        fte_high=math.nan,
        monthly_cost=cost,
        accounts_per_csm=total.accounts / fte,
    )


def total_of(sc: Scenario, tiers: tuple[Tier, ...]) -> Tier:
    """Return the sum of the tiers; low and high have all tiers at the same end."""
    accounts, arr, fte = (sum(getattr(tier, name) for tier in tiers) for name in ("accounts", "arr", "fte"))
    # A tier without a range stands at its value; with none known in any used tier there is none in all.
    used = [tier for tier in tiers if tier.accounts > 0]
    ends = [
        sum(tier.fte if math.isnan(end) else end for tier, end in ((t, getattr(t, name)) for t in used))
        if any(math.isfinite(getattr(t, name)) for t in used)
        else math.nan
        for name in ("fte_low", "fte_high")
    ]
    return Tier(
        touch=TOTAL,
        accounts=accounts,
        accounts_share=1.0,
        recorded=sum(tier.recorded for tier in tiers),
        arr=arr,
        arr_share=1.0,
        accounts_per_csm=accounts / fte,
        fte=fte,
        fte_low=ends[0],
        fte_high=ends[1],
        monthly_cost=fte * float(sc.number("csm_monthly_cost")),
        lifted=sum(tier.lifted for tier in tiers),
        source="; ".join(dict.fromkeys(tier.source for tier in used)),
        coverage_grade=weakest(tier.coverage_grade for tier in used),
        grade=weakest(tier.grade for tier in used),
    )


def rule_of(sc: Scenario, book: Book, high_min: float, low_min: float) -> Rule:
    """Return the rule of a division, and the FTE in all if it were another one."""

    def fte(high: float, low: float, lift: float) -> float:
        if math.isnan(high) or math.isnan(low):
            return math.nan
        per_csm = np.array([float(sc.number(COVERAGE[touch])) for touch in ORDER])
        return float((book.accounts / per_csm[tiers_of(book, high, low, lift)]).sum())

    ends = [
        (sc.stated(HIGH_MIN).low, sc.stated(LOW_MIN).low),
        (sc.stated(HIGH_MIN).high, sc.stated(LOW_MIN).high),
    ]
    lifted = tiers_of(book, high_min, low_min) < tiers_of(book, high_min, low_min, math.inf)
    return Rule(
        high_min=high_min,
        low_min=low_min,
        lift=LIFT_COMPLEXITY,
        lifted=float(book.accounts[lifted].sum()),
        unknown_complexity=float(book.accounts[np.isnan(book.complexity)].sum()),
        fte_without_lift=fte(high_min, low_min, math.inf),
        fte_lift_lower=fte(high_min, low_min, LIFT_COMPLEXITY - 1),
        fte_at_low=fte(*ends[0], LIFT_COMPLEXITY),
        fte_at_high=fte(*ends[1], LIFT_COMPLEXITY),
    )
