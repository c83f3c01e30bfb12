"""Touch tiers: which accounts get high, low and tech touch, what each tier takes, and self-onboarding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from csanalysis.costing.touch_book import ACCOUNTS, HIGH_MIN, LOW_MIN, SEGMENTS, Book, book_of
from csanalysis.costing.touch_curve import SelfOnboarding, self_onboarding
from csanalysis.costing.touch_findings import findings_of
from csanalysis.costing.touch_tiers import Rule, Tier, rule_of, tier_table, total_of
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_hours
from csanalysis.model.findings import Finding
from csanalysis.model.scenario import Scenario
from csanalysis.model.supply import productive_hours_of


@dataclass(frozen=True)
class TouchPlan:
    """Touch tiers of a scenario, beside the team of today, and self-onboarding.

    Attributes
    ----------
    basis : str
        What the tiers stand on: ``accounts`` (contract by contract), ``segments``, or ``average`` (one
        average account, from which no division can be decided).
    tiers : tuple of Tier
        high, low and tech touch.
    total : Tier
        Their sum; `fte_low` and `fte_high` have all tiers at the same end of their ranges.
    current_fte, task_fte : float
        FTE of today, and FTE that the task hours of an average month of today need.
    rule : Rule
    book : Book
        The accounts behind the tiers.
    lever : SelfOnboarding
    findings : tuple of Finding
    """

    basis: str
    tiers: tuple[Tier, ...]
    total: Tier
    current_fte: float
    task_fte: float
    rule: Rule
    book: Book = field(repr=False)
    lever: SelfOnboarding = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)

    def tier(self, touch: str) -> Tier:
        """Return one tier by name."""
        return next(tier for tier in (*self.tiers, self.total) if tier.touch == touch)

    @property
    def decided(self) -> bool:
        """Whether the evidence allows a division into tiers."""
        return self.basis in (ACCOUNTS, SEGMENTS)

    @property
    def curve(self) -> pd.DataFrame:
        """Self-onboarding by month: 1 to the horizon.

        Columns: month; share (ratio that onboards itself); hours_saved and upkeep_hours (hour/month);
        saved_jpy and upkeep_jpy (JPY/month of time at the full in-house hour cost: not cash); licence_jpy
        (JPY/month, cash) and setup_jpy (JPY, once, cash); net_jpy (saved less upkeep, licence and set-up: a
        comparison, not cash). Upkeep and licence are charged from the start month of a project on.
        """
        return self.lever.table.copy(deep=False)

    @property
    def targets(self) -> pd.DataFrame:
        """Self-onboarding by target, once it is reached, at today's volumes.

        Columns: target (ratio), hours_saved, upkeep_hours (hour/month), saved_jpy, upkeep_jpy, licence_jpy,
        net_jpy (JPY/month), without set-up.
        """
        return self.lever.target_table.copy(deep=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a tier and measure: touch, measure, value, low, high, unit, source, grade.

        Tiers are high_touch, low_touch, tech_touch and total.
        """
        units = {
            "accounts": "account",
            "accounts_share": "ratio",
            "arr": "JPY/year",
            "arr_share": "ratio",
            "accounts_per_csm": "account/head",
            "fte": "FTE",
            "monthly_cost": "JPY/month",
            "cost_ratio": "ratio",
        }
        rows = [
            {
                "touch": tier.touch,
                "measure": measure,
                "value": float(getattr(tier, measure)),
                "low": tier.fte_low if measure == "fte" else math.nan,
                "high": tier.fte_high if measure == "fte" else math.nan,
                "unit": unit,
                "source": tier.source,
                "grade": tier.grade,
            }
            for tier in (*self.tiers, self.total)
            for measure, unit in units.items()
        ]
        return pd.DataFrame(rows)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]


def plan_touch(ds: Dataset, sc: Scenario, *, upkeep: Sequence[str] | None = None) -> TouchPlan:
    """Divide accounts into high, low and tech touch, and follow self-onboarding (ADISH, BRIDGE, FULLSTAR).

    An account belongs to the highest tier whose least yearly contract (``touch_high_min_arr``,
    ``touch_low_min_arr``) it reaches; one of complexity 5 is served one tier higher (`LIFT_COMPLEXITY`,
    chosen). Used is the best evidence there is: running contracts of the accounts table, else the segments
    table (a stated ``touch`` wins), else the one average account ARR / accounts, from which no division can
    be decided.

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
        Scalar values. A change of ARR per account moves every contract alike.
    upkeep : sequence of str, optional
        Tasks that keep the content of self-onboarding; default by the rule of `upkeep_mask`.

    Returns
    -------
    TouchPlan
        Accounts add up to ``accounts`` and ARR to ``arr``.

    Raises
    ------
    ValueError
        If a task of `upkeep` is not on the inventory.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> plan = cs.plan_touch(ds, ds.base.replace(self_onboarding_target=0.78))
    >>> plan.basis, round(sum(t.accounts for t in plan.tiers)), round(plan.lever.settled_hours, 1)
    ('accounts', 439, 65.7)
    """
    book = book_of(ds, sc)
    high_min, low_min = float(sc.number(HIGH_MIN)), float(sc.number(LOW_MIN))
    tiers = tier_table(sc, book, high_min, low_min)
    total = total_of(sc, tiers)
    task_fte = task_hours(ds, sc).total / float(productive_hours_of(sc))
    rule = rule_of(sc, book, high_min, low_min)
    lever = self_onboarding(ds, sc, upkeep)
    current = float(sc.number("cs_fte"))
    plan = TouchPlan(book.basis, tiers, total, current, task_fte, rule, book, lever, ())
    return replace(plan, findings=tuple(findings_of(plan, ds, sc)))
