"""The overview of a workspace: counts, load, and how much is assumed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import csanalysis as cs
from csanalysis.diagnosis.overview import describe_workspace
from csanalysis.io.provenance import Source
from csanalysis.model.dataset import Dataset

DATA = Path(__file__).parents[3] / "data"


@pytest.fixture(scope="module")
def ds() -> Dataset:
    return cs.load_dataset(DATA)


def test_the_example_is_counted(ds: Dataset) -> None:
    found = describe_workspace(ds, ds.base)
    assert found.tasks == len(ds.tasks) and found.files == len(ds.sources)
    assert round(found.hours) == 453
    assert found.load == pytest.approx(453.4 / 457.6, abs=1e-3)
    assert sum(found.grades.values()) == len(ds.parameters)
    told = " ".join(found.sentences("en"))
    assert "453.4 hours" in told and "99 %" in told and "keeps all defaults" in told


@pytest.mark.parametrize(("fte", "doubtful"), [(4.4, False), (3.0, True), (7.0, True)])
def test_hours_far_from_the_team_are_questioned(ds: Dataset, fte: float, doubtful: bool) -> None:
    found = describe_workspace(ds, ds.base.replace(cs_fte=fte))
    assert any(f.key == "overview.load_doubtful" for f in found.findings) == doubtful
    assert "changes 1 values" in " ".join(found.sentences("en")) or fte == 4.4


@pytest.mark.parametrize("name", ["enterprise_propose_new", "enterprise_replace_existing"])
def test_the_other_examples_are_plausible(name: str) -> None:
    other = cs.load_dataset(DATA, scenario=name)
    keys = [finding.key for finding in describe_workspace(other, other.scenario).findings]
    assert keys == [f"overview.{key}" for key in ("read", "scenario", "hours", "load", "grades")]


def test_rows_of_a_log_too_large_to_count_are_not_subtracted(ds: Dataset) -> None:
    large = replace(ds, sources=(*ds.sources, Source("usage_events", "usage_events", "", -1)))
    assert describe_workspace(large, ds.base).rows == describe_workspace(ds, ds.base).rows
