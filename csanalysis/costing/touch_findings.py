"""What touch tiers and self-onboarding say, and what they cannot say."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from csanalysis.costing.touch_book import ACCOUNTS as FROM_ACCOUNTS
from csanalysis.costing.touch_book import (
    AVERAGE,
    COVERAGE,
    HIGH_MIN,
    LOW_MIN,
    SEGMENTS,
    Book,
    tier_of,
    weakest,
)
from csanalysis.costing.touch_curve import TARGET, SelfOnboarding
from csanalysis.costing.touch_tiers import Tier, few_tiers, told_total
from csanalysis.labels import interval, money, number, percent, quantity, term, text, trimmed
from csanalysis.model.dataset import Dataset
from csanalysis.model.disclosure import withheld
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Grade, Touch

if TYPE_CHECKING:
    from csanalysis.costing.touch import TouchPlan

AGREES = 0.01
"""Within this share the table and the parameter count as one figure (chosen: rounding, timing)."""
BALANCE = 0.05
"""Within this share of the need the team counts as about right (chosen)."""


def findings_of(plan: TouchPlan, ds: Dataset, sc: Scenario) -> Iterator[Finding]:
    """Yield the findings of a plan: evidence, rule, tiers, team, self-onboarding."""
    yield _basis(plan)
    yield from _scaled(plan.book, ds, sc)
    yield from _rule(plan, sc)
    if plan.decided:
        hidden = few_tiers(plan.tiers)
        yield from (_tier(tier, hidden) for tier in plan.tiers if tier.accounts > 0 or hidden)
    yield _team(plan)
    yield from _thresholds(plan, sc)
    yield from _coverage(plan, sc)
    yield from self_onboarding_findings(plan.lever, sc)


def _basis(plan: TouchPlan) -> Finding:
    one = plan.book.yearly[0] if plan.basis == AVERAGE else 0.0
    values: dict[str, Shown] = {"count": number(len(plan.book.accounts))}
    if plan.basis != AVERAGE:
        return Finding(f"touch.basis.{plan.basis}", values)
    tier = next(t for t in plan.tiers if t.accounts > 0)
    values = {
        "value": lambda lang: money(float(one), lang),
        "tier": lambda lang: term("touch", tier.touch, lang),
        "accounts": number(tier.accounts),
    }
    return Finding("touch.basis.average", values, "question")


def _scaled(book: Book, ds: Dataset, sc: Scenario) -> Iterator[Finding]:
    """Yield that the table adds up to something else than the scenario."""
    if book.basis == AVERAGE:
        return
    pairs = [(book.recorded_accounts, "accounts"), (book.recorded_arr, "arr")]
    if all(_agree(recorded, float(sc.number(key))) for recorded, key in pairs):
        return
    at_odds = not all(_agree(recorded, float(ds.base.number(key))) for recorded, key in pairs)
    accounts, arr = (float(sc.number(key)) for key in ("accounts", "arr"))
    values: dict[str, Shown] = {
        "table": lambda lang: text(f"touch.table.{book.basis}", lang),
        "recorded_accounts": number(book.recorded_accounts),
        "recorded_arr": lambda lang: money(book.recorded_arr, lang),
        "accounts": number(accounts),
        "arr": lambda lang: money(arr, lang),
    }
    differs = at_odds or book.basis == SEGMENTS
    yield Finding("touch.differs" if differs else "touch.scaled", values, "warning" if differs else "info")


def _agree(one: float, other: float) -> bool:
    return abs(one - other) <= AGREES * max(abs(one), abs(other))


def _rule(plan: TouchPlan, sc: Scenario) -> Iterator[Finding]:
    rule = plan.rule
    grade = weakest(sc.stated(key).grade for key in (HIGH_MIN, LOW_MIN))
    values: dict[str, Shown] = {
        "grade": lambda lang: term("grade", grade, lang),
        "high": lambda lang: money(rule.high_min, lang),
        "low": lambda lang: money(rule.low_min, lang),
    }
    yield Finding("touch.rule", values)
    if rule.high_min < rule.low_min:
        yield Finding("touch.inverted", values, "warning")
    if plan.basis == SEGMENTS and any(plan.book.given):
        given = sum(1 for touch in plan.book.given if touch)
        yield Finding("touch.given", {"count": number(given), "total": number(len(plan.book.given))})
    if plan.basis != FROM_ACCOUNTS:
        return
    if rule.unknown_complexity > 0:
        share = rule.unknown_complexity / plan.total.accounts
        yield Finding("touch.no_complexity", {"share": percent(share, 0)}, "question")
    if rule.unknown_complexity < plan.total.accounts:
        told: dict[str, Shown] = {
            "lift": trimmed(rule.lift, 0),
            "lifted": number(rule.lifted),
            "fte": number(plan.total.fte, 1),
            "without": number(rule.fte_without_lift, 1),
            "lower": trimmed(rule.lift - 1, 0),
            "more": number(rule.fte_lift_lower, 1),
        }
        recorded = rule.lifted * plan.total.recorded / plan.total.accounts
        few = few_tiers(plan.tiers) or any(withheld([round(recorded, 6)]))
        yield Finding("touch.lifted_withheld" if few else "touch.lifted", told)


def _tier(tier: Tier, hidden: bool) -> Finding:
    values: dict[str, Shown] = {
        "tier": lambda lang: term("touch", tier.touch, lang),
        "accounts": number(tier.accounts),
        "accounts_share": percent(tier.accounts_share, 0),
        "arr_share": percent(tier.arr_share, 0),
        "fte": number(tier.fte, 1),
        "ends": lambda lang: _ends(tier.fte_low, tier.fte_high, lang),
        "cost": lambda lang: money(tier.monthly_cost, lang),
        "ratio": percent(tier.cost_ratio) if math.isfinite(tier.cost_ratio) else "-",
        "per_csm": trimmed(tier.accounts_per_csm, 1),
        "grade": lambda lang: term("grade", tier.coverage_grade, lang),
    }
    return Finding("touch.tier_withheld" if hidden else "touch.tier", values)


def _ends(low: float, high: float, lang: str) -> str:
    if not (math.isfinite(low) and math.isfinite(high)):
        return text("touch.no_range", lang)
    return text("touch.range", lang, low=number(low, 1), high=number(high, 1))


def _team(plan: TouchPlan) -> Finding:
    total, current, hidden = plan.total, plan.current_fte, few_tiers(plan.tiers)
    values: dict[str, Shown] = {
        "fte": number(told_total(plan.tiers, total).fte, 1),
        "ends": lambda lang: (
            text("disclosure.cell", lang) if hidden else _ends(total.fte_low, total.fte_high, lang)
        ),
        "current": number(current, 1),
        "task": number(plan.task_fte, 1),
    }
    if not plan.decided:
        return Finding("touch.team.average", values, "question")
    if abs(total.fte - current) <= BALANCE * current:
        return Finding("touch.team.balance", values)
    if math.isfinite(total.fte_low) and total.fte_low <= current <= total.fte_high:
        return Finding("touch.team.undecided", values, "question")
    return Finding("touch.team.short" if total.fte > current else "touch.team.spare", values, "warning")


def _thresholds(plan: TouchPlan, sc: Scenario) -> Iterator[Finding]:
    """Yield how far the need moves with the thresholds, or that the average itself would change its tier."""
    if few_tiers(plan.tiers):
        return
    if plan.basis == AVERAGE:
        one = float(plan.book.yearly[0])
        high, low = sc.stated(HIGH_MIN), sc.stated(LOW_MIN)
        reached = {
            int(tier_of(one, h, low_end)) for h, low_end in ((high.low, low.low), (high.high, low.high))
        }
        if len(reached) > 1:
            yield Finding("touch.average_flips", level="question")
        return
    rule = plan.rule
    if math.isfinite(rule.fte_at_low) and math.isfinite(rule.fte_at_high):
        least, most = sorted((rule.fte_at_low, rule.fte_at_high))
        yield Finding("touch.thresholds", {"least": number(least, 1), "most": number(most, 1)})


def _coverage(plan: TouchPlan, sc: Scenario) -> Iterator[Finding]:
    """Yield that the coverage is nobody's own record, or drawn by other tiers."""
    used = [sc.stated(COVERAGE[Touch(tier.touch)]) for tier in plan.tiers if tier.accounts > 0]
    grade = weakest(coverage.grade for coverage in used)
    if grade != Grade.MEASURED:
        yield Finding("touch.coverage", {"grade": lambda lang: term("grade", grade, lang)}, source="ADISH")
    if any("Gainsight" in coverage.source for coverage in used):
        yield Finding("touch.gainsight", level="question")


def self_onboarding_findings(lever: SelfOnboarding, sc: Scenario) -> Iterator[Finding]:
    """Yield what the lever saves and takes, when it pays, and that time is not cash."""
    shares: dict[str, Shown] = {"now": percent(lever.now), "target": percent(lever.target)}
    if lever.served_hours <= 0:
        yield Finding("touch.self.no_tasks", shares, "warning")
    elif not lever.pulled:
        below = lever.target < lever.now
        hours: dict[str, Shown] = {"hours": number(abs(lever.settled_hours), 1)}
        yield Finding("touch.self.below" if below else "touch.self.off", {**shares, **hours}, "question")
    else:
        yield _saving(lever, sc, shares)
    yield _upkeep(lever)
    yield _licence(lever)
    if lever.served_hours > 0:
        yield _crossing(lever) if lever.pulled else _from_which_target(lever)
        if lever.pulled:
            yield _from_which_target(lever)
    yield Finding("touch.self.not_cash", {"grade": lambda lang: term("grade", sc.stated(TARGET).grade, lang)})
    yield Finding("touch.self.one_case", level="question", source="FULLSTAR")


def _saving(lever: SelfOnboarding, sc: Scenario, shares: dict[str, Shown]) -> Finding:
    hours = lever.settled_hours
    low, high = hours * lever.hour_cost_low, hours * lever.hour_cost_high
    productive = float(sc.number("csm_monthly_cost")) / lever.hour_cost
    values: dict[str, Shown] = {
        **shares,
        "start": trimmed(lever.start, 1),
        "hours": number(hours, 1),
        "served": number(lever.served_hours, 1),
        "fte": number(hours / productive, 2),
        "value": lambda lang: money(hours * lever.hour_cost, lang),
        "ends": lambda lang: (
            text("touch.money_range", lang, ends=interval(low, high, "JPY", lang))
            if math.isfinite(low) and math.isfinite(high)
            else ""
        ),
        "hour_cost": lambda lang: money(lever.hour_cost, lang),
    }
    return Finding("touch.self.saves", values)


def _upkeep(lever: SelfOnboarding) -> Finding:
    if not lever.upkeep_tasks:
        return Finding("touch.self.no_upkeep", level="warning")

    def names(lang: str) -> str:
        shown = [(ja or en) if lang == "ja" else (en or ja) for _, ja, en in lever.upkeep_tasks]
        return text("chart.comma", lang).join(shown)

    return Finding("touch.self.upkeep", {"tasks": names, "hours": number(lever.upkeep_today, 1)})


def _licence(lever: SelfOnboarding) -> Finding:
    tool = lever.licence
    if tool is None:
        return Finding("touch.self.no_tool", level="question")
    values: dict[str, Shown] = {
        "tool": tool.name,
        "monthly": lambda lang: money(tool.monthly_jpy, lang),
        "setup": lambda lang: money(tool.setup_jpy, lang),
        "term": lambda lang: quantity(tool.min_term_months, "month", lang),
        "hours": number(tool.monthly_jpy / lever.hour_cost, 1),
        "grade": lambda lang: term("grade", tool.grade, lang),
        "offers": number(lever.offers),
    }
    return Finding("touch.self.cheapest_tool" if lever.offers > 1 else "touch.self.tool", values)


def _crossing(lever: SelfOnboarding) -> Finding:
    horizon = len(lever.table)
    net = float(lever.table["net_jpy"].sum())
    cash = float((lever.table["licence_jpy"] + lever.table["setup_jpy"]).sum())
    time = float((lever.table["saved_jpy"] - lever.table["upkeep_jpy"]).sum())
    values: dict[str, Shown] = {
        "horizon": number(horizon),
        "start": trimmed(lever.start, 1),
        "month": number(lever.crossing or 0),
        "without": number(lever.crossing_without_licence or 0),
        "time": lambda lang: money(time, lang),
        "cash": lambda lang: money(cash, lang),
        "balance": lambda lang: text("touch.self.ahead" if net > 0 else "touch.self.behind", lang),
    }
    if not lever.starts_within:
        return Finding("touch.self.too_late", values, "warning")
    if lever.crossing is not None:
        return Finding("touch.self.crosses", values)
    if lever.licence is not None and lever.crossing_without_licence is not None:
        return Finding("touch.self.never_with_tool", values, "warning")
    return Finding("touch.self.never", values, "warning")


def _from_which_target(lever: SelfOnboarding) -> Finding:
    share = lever.break_even_target
    if share is None:
        return Finding("touch.self.no_target", level="warning")
    values: dict[str, Shown] = {
        "share": percent(share, 0),
        "upkeep": number(max(lever.bearable_upkeep, 0.0), 1),
    }
    if lever.pulled and lever.bearable_upkeep > 0:
        return Finding("touch.self.from_target_and_upkeep", values)
    return Finding("touch.self.from_target", values)
