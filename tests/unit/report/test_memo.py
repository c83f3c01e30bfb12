"""The first page: key figures with range, source and grade that belong to the value shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from csanalysis.model.dataset import Dataset
from csanalysis.report.index import KeyFigure
from csanalysis.report.memo import summarise
from csanalysis.workspace import load_dataset


def figure(ds: Dataset, part: str) -> KeyFigure:
    return next(f for f in summarise(ds, ds.scenario, "en").key_figures if part in f.label)


@pytest.mark.slow
def test_a_changed_value_does_not_show_the_range_of_the_survey(workspace: Path) -> None:
    ds = load_dataset(workspace, scenario="enterprise_replace_existing")
    churn = figure(ds, "churn")
    assert churn.value == "0.8 %" and churn.low == churn.high == ""
    assert churn.grade == "assumption" and "enterprise_replace_existing" in churn.source


@pytest.mark.slow
def test_range_of_the_cost_ratio_moves_the_price_of_a_csm_alone(workspace: Path) -> None:
    ds = load_dataset(workspace, overrides={"tools_annual_cost": "20000000"})
    cost = figure(ds, "CS cost / ARR")
    assert (cost.value, cost.low, cost.high) == ("14.6 %", "13.7 %", "18.1 %")


@pytest.mark.slow
def test_a_ratio_in_another_form_is_no_key_figure(workspace: Path) -> None:
    labels = [
        f.label for f in summarise(load_dataset(workspace), load_dataset(workspace).base, "en").key_figures
    ]
    assert not any("(b)" in label for label in labels)
    own = load_dataset(workspace, overrides={"arr_per_head": "80000000"})
    assert any("(b)" in f.label for f in summarise(own, own.scenario, "en").key_figures)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_stand_ins_are_told_in_one_sentence(example: Dataset, lang: str) -> None:
    sentences = summarise(example, example.base, lang).findings
    assert sum("These are published figures" in s or "そのまま既定値" in s for s in sentences) == 1
