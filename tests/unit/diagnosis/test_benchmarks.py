"""Reading rules of FULLSTAR and ADISH, and what a benchmark must not be used for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csanalysis.diagnosis.benchmarks import compare_benchmarks
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario


def readings(ds: Dataset, metric: str, **changes: float) -> dict[str, str]:
    rows = compare_benchmarks(ds, ds.base.replace(changes)).rows
    return {f"{r.segment}/{r.statistic}": r.reading.key for r in rows if r.metric == metric}


@pytest.mark.parametrize(("churn", "key"), [(0.0284, "below"), (0.03, "below"), (0.031, "above")])
def test_three_percent_is_the_warning_line(example: Dataset, churn: float, key: str) -> None:
    assert (
        readings(example, "monthly_churn", monthly_churn=churn)["all/warning_line"]
        == f"reading.{key}_warning"
    )


def test_survey_means(example: Dataset) -> None:
    assert readings(example, "monthly_churn", monthly_churn=0.029)["all/mean"] == "reading.near"
    assert readings(example, "onboarding_sessions", onboarding_sessions=5)["all/mean"] == "reading.above"
    assert readings(example, "onboarding_sessions", onboarding_sessions=1)["all/mean"] == "reading.below"


@pytest.mark.parametrize(("fte", "key"), [(2.0, "below"), (4.4, "within"), (8.0, "above")])
def test_advised_range_of_cost_ratio(example: Dataset, fte: float, key: str) -> None:
    assert readings(example, "cs_cost_ratio", cs_fte=fte)["all/median"] == f"reading.{key}_range"


def test_a_default_taken_from_the_survey_is_not_compared_with_it(example: Dataset) -> None:
    assert readings(example, "monthly_churn")["all/mean"] == "reading.stand_in"
    assert readings(example, "csm_monthly_cost")["all/assumption"] == "reading.stand_in"


def test_a_quote_of_the_published_price_is_a_quote(example: Dataset) -> None:
    assert readings(example, "online_assistant_hourly_price") == {"all/range": "reading.stand_in"}
    parameters = dict(example.space.parameters)
    row = parameters["resources.bpo.price"]
    parameters[row.key] = replace(row, source="quote entered in the minimal input", grade="vendor")
    base = Scenario("", replace(example.space, parameters=parameters))
    rows = compare_benchmarks(example, base).rows
    assert [r.reading.key for r in rows if r.metric == "online_assistant_hourly_price"] == [
        "reading.within_range"
    ]


def test_figures_of_other_kinds_of_firms_are_context_only(example: Dataset) -> None:
    found = readings(example, "accounts_per_csm")
    assert found["high_touch/mean"] == found["low_touch/mean"] == "reading.context"
    assert found["all/mean"] != "reading.context"


def test_every_row_has_source_grade_and_reading_in_both_languages(example: Dataset) -> None:
    for lang in ("ja", "en"):
        frame = compare_benchmarks(example, example.base).to_frame(lang)
        assert frame["source"].str.len().gt(0).all() and frame["grade"].str.len().gt(0).all()
        assert (frame["reading"].str.contains("。") == (lang == "ja")).all()


def test_cautions_of_the_source_are_always_told(example: Dataset) -> None:
    sentences = compare_benchmarks(example, example.base).sentences("en")
    assert any("29.2 %" in s for s in sentences)
    assert any("logo or revenue" in s and "same digits" in s for s in sentences)


def test_a_team_of_nobody_has_no_accounts_per_csm(example: Dataset) -> None:
    assert set(readings(example, "accounts_per_csm", cs_fte=0).values()) == {"reading.no_figure"}
