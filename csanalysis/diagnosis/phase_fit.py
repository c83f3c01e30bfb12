"""Whether the company's figures fit its phase, and what the next phase asks for.

The themes are those of CCJ2025; the source gives no numbers, so each theme is judged by a figure and a
benchmark chosen here. Where the benchmark is not in the workspace, the check says that it is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from csanalysis.diagnosis.company_figures import FIGURES, is_placeholder, ratio
from csanalysis.labels import has, quantity, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_hours
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Phase, Stage

STANDARDISED_ENOUGH = 0.6
"""Share of onboarding work with a written pattern from which it counts as standardised (chosen)."""

Limit = tuple[float, str, str]
"""Value, source (or the label of one) and grade of what a figure is judged by."""


@dataclass(frozen=True)
class Rule:
    """A theme of a phase, judged by one figure.

    Attributes
    ----------
    phase : Phase
    figure : str
        What is looked at.
    at_most : bool
        Whether the figure should be at most (else at least) the limit.
    unit : str
    limit : callable
        Returns value, source and grade of the limit; NaN if the workspace does not hold it.
    one_case : bool
        Whether the limit is one customer's case, by which nobody is judged.
    """

    phase: Phase
    figure: str
    at_most: bool
    unit: str
    limit: Callable[[Dataset, Scenario], Limit]
    one_case: bool = False


def _benchmark(metric: str, segment: str, statistic: str) -> Callable[[Dataset, Scenario], Limit]:
    def limit(ds: Dataset, sc: Scenario) -> Limit:
        table = ds.tables["benchmarks"]
        rows = table[
            (table["metric"] == metric) & (table["segment"] == segment) & (table["statistic"] == statistic)
        ]
        if rows.empty:
            return math.nan, "", "assumption"
        first = rows.iloc[0]
        return float(first["value"]), str(first["source"]), str(first["grade"])

    return limit


def _parameter(key: str) -> Callable[[Dataset, Scenario], Limit]:
    def limit(ds: Dataset, sc: Scenario) -> Limit:
        parameter = sc.parameter(key)
        if key in sc.changes:
            return float(sc.number(key)), "fit.scenario", "assumption"
        return float(sc.number(key)), parameter.source, parameter.grade

    return limit


def _chosen(value: float) -> Callable[[Dataset, Scenario], Limit]:
    return lambda ds, sc: (value, "fit.chosen", "assumption")


RULES = (
    Rule(
        Phase.LAUNCH,
        "accounts_per_csm",
        True,
        "account/head",
        _benchmark("accounts_per_csm", "mid_touch", "mean"),
    ),
    Rule(Phase.GROWTH, "standardised_onboarding", False, "ratio", _chosen(STANDARDISED_ENOUGH)),
    Rule(
        Phase.GROWTH, "monthly_churn", True, "ratio/month", _benchmark("monthly_churn", "all", "warning_line")
    ),
    Rule(
        Phase.EFFICIENCY,
        "self_onboarding_completion",
        False,
        "ratio",
        _benchmark("self_onboarding_completion", "tech_touch_case", "after"),
        one_case=True,
    ),
    Rule(Phase.EFFICIENCY, "accounts_per_csm", False, "account/head", _parameter("accounts_per_csm")),
    Rule(Phase.MATURE, "arr_per_head", False, "JPY/head/year", _parameter("arr_per_head")),
)
"""Themes of CCJ2025 and the figure each is judged by."""


@dataclass(frozen=True)
class PhaseCheck:
    """One theme: the company's figure beside its limit.

    `fits` is None where nothing is judged; `unjudged` says why: a value is ``unknown``, the company's figure
    is a ``placeholder`` taken from a survey, or the limit is ``one_case``.
    """

    phase: Phase
    figure: str
    value: float
    limit: float
    at_most: bool
    unit: str
    fits: bool | None
    source: str
    grade: str
    unjudged: str = "unknown"

    def finding(self, now: bool) -> Finding:
        """Return the sentence; `now` tells the phase of today from the next one."""
        values: dict[str, Shown] = {
            "figure": lambda lang: term("metric", self.figure, lang),
            "value": lambda lang: quantity(self.value, self.unit, lang),
            "limit": lambda lang: quantity(self.limit, self.unit, lang),
            "phase": lambda lang: term("phase", self.phase, lang),
            "bound": lambda lang: text("fit.at_most" if self.at_most else "fit.at_least", lang),
            "source": lambda lang: text(self.source, lang) if has(self.source) else self.source,
            "grade": lambda lang: term("grade", self.grade, lang),
        }
        state = self.unjudged if self.fits is None else "fits" if self.fits else "contradicts"
        level = "warning" if self.fits is False and now else "info"
        return Finding(f"fit.{'now' if now else 'next'}.{state}", values, level, "CCJ2025")


def check_phase(ds: Dataset, sc: Scenario, phase: Phase) -> tuple[PhaseCheck, ...]:
    """Return the checks of one phase's themes for the company."""
    return tuple(
        _check(sc, rule, _OWN[rule.figure](ds, sc), rule.limit(ds, sc))
        for rule in RULES
        if rule.phase == phase
    )


def _check(sc: Scenario, rule: Rule, value: float, limit: Limit) -> PhaseCheck:
    bound, source, grade = limit
    why = ""
    if not (math.isfinite(value) and math.isfinite(bound)):
        why = "unknown"
    elif rule.one_case:
        why = "one_case"
    elif is_placeholder(sc, rule.figure):
        why = "placeholder"
    fits = None if why else (value <= bound if rule.at_most else value >= bound)
    return PhaseCheck(
        rule.phase, rule.figure, value, bound, rule.at_most, rule.unit, fits, source, grade, why
    )


def standardised_onboarding(ds: Dataset, sc: Scenario) -> float:
    """Return the share of onboarding hours that follow a written pattern; NaN without such hours."""
    hours = task_hours(ds, sc)
    onboarding = (hours.tasks["stage"] == Stage.ONBOARDING).to_numpy()
    spent = hours.hours[onboarding]
    written = hours.tasks["standardised"].to_numpy(dtype=float)[onboarding]
    return round(ratio(float((spent * written).sum()), float(spent.sum())), 3)


def _arr_per_head(ds: Dataset, sc: Scenario) -> float:
    return ratio(float(sc.number("arr")), float(sc.number("cs_fte")))


_OWN = FIGURES | {"standardised_onboarding": standardised_onboarding, "arr_per_head": _arr_per_head}
"""Figure of a rule -> how the company's own is worked out."""
