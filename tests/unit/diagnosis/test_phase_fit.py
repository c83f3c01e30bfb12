"""Figures beside the themes of a phase: fit, contradict or unknown, never guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csanalysis.diagnosis.phase import diagnose_phase
from csanalysis.diagnosis.phase_fit import RULES, check_phase, standardised_onboarding
from csanalysis.model.dataset import Dataset
from csanalysis.vocabulary import Phase


def fits(ds: Dataset, phase: Phase, figure: str, **changes: float) -> bool | None:
    return next(c.fits for c in check_phase(ds, ds.base.replace(changes), phase) if c.figure == figure)


def test_every_phase_has_a_rule() -> None:
    assert {rule.phase for rule in RULES} == set(Phase)


def test_churn_is_judged_by_the_warning_line(example: Dataset) -> None:
    assert fits(example, Phase.GROWTH, "monthly_churn", monthly_churn=0.03) is True
    assert fits(example, Phase.GROWTH, "monthly_churn") is None, "2.84 % is the survey's own figure"
    assert fits(example, Phase.GROWTH, "monthly_churn", monthly_churn=0.031) is False


def test_launch_wants_few_accounts_per_head(example: Dataset) -> None:
    assert fits(example, Phase.LAUNCH, "accounts_per_csm", accounts=40, cs_fte=2) is True
    assert fits(example, Phase.LAUNCH, "accounts_per_csm", accounts=400, cs_fte=2) is False


def test_mature_wants_arr_per_head(example: Dataset) -> None:
    assert fits(example, Phase.MATURE, "arr_per_head", cs_fte=3) is True
    assert fits(example, Phase.MATURE, "arr_per_head", cs_fte=10) is False


def test_nobody_is_judged_by_one_customers_case(example: Dataset) -> None:
    assert fits(example, Phase.EFFICIENCY, "self_onboarding_completion", self_onboarding_now=0.9) is None


def test_missing_values_are_unknown(example: Dataset) -> None:
    assert fits(example, Phase.LAUNCH, "accounts_per_csm", cs_fte=0) is None
    bare = replace(example, tables={**example.tables, "benchmarks": example.tables["benchmarks"].iloc[:1]})
    assert fits(bare, Phase.GROWTH, "monthly_churn") is None


def test_standardised_share_is_weighted_by_hours(example: Dataset) -> None:
    tasks = example.tables["task_inventory"]
    all_written = replace(
        example, tables={**example.tables, "task_inventory": tasks.assign(standardised=1.0)}
    )
    assert standardised_onboarding(all_written, all_written.base) == 1
    assert 0 < standardised_onboarding(example, example.base) < 1


@pytest.mark.parametrize(
    ("persons", "following"), [(2, "growth"), (5, "efficiency"), (15, "mature"), (30, None)]
)
def test_what_the_next_phase_asks_for(example: Dataset, persons: int, following: str | None) -> None:
    found = diagnose_phase(example, example.base.replace(cs_headcount=persons))
    asks = [f.key for f in found.findings if f.key.startswith("fit.asks.")]
    assert asks == ([f"fit.asks.{following}"] if following else [])
    assert {c.phase for c in found.next_checks} == ({Phase(following)} if following else set())
