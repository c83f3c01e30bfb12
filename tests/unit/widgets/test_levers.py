"""Every lever of a view moves it, or its slider would be there for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

import csanalysis as cs
from csanalysis.model.dataset import Dataset
from csanalysis.widgets.compare import compare_scenarios
from csanalysis.widgets.controls import control_for, ends, value_of
from csanalysis.widgets.levers import levers_of
from csanalysis.widgets.measures import MEASURES, measures
from csanalysis.widgets.views import VIEWS

DATA = Path(__file__).parents[3] / "data"
WITH_A_PROJECT = {"self_onboarding_target": 0.6}
"""Start and pace of a project show only where there is one."""


@pytest.fixture(scope="module")
def ds() -> Dataset:
    return cs.load_dataset(DATA, lang="en")


@pytest.mark.slow
@pytest.mark.parametrize("view", sorted(set(VIEWS) & set(MEASURES)))
def test_every_lever_of_a_view_moves_a_figure(ds: Dataset, view: str) -> None:
    base = ds.base.replace(WITH_A_PROJECT) if view == "self_onboarding" else ds.base
    before = measures(ds, base, [view])
    for key in levers_of([view], base):
        parameter = base.parameter(key)
        control = control_for(parameter, base[key])
        moved = []
        for end in ends(control):
            control.value = end
            sc = base.replace({key: value_of(control, parameter, base[key])})
            moved.append(measures(ds, sc, [view]) != before)
        assert any(moved), key


def test_figures_are_those_of_the_analyses(ds: Dataset) -> None:
    """The short way to a figure must give what the whole analysis gives."""
    sc = ds.scenario
    outcome = cs.evaluate_outcome(ds, sc, cs.playbook_assignment(ds, sc))
    found = {m.name: m.value for m in measures(ds, sc, ["outcome", "sizing", "unit_costs"])}
    for key in ("npv", "cash_saving", "capacity_freed", "hires_avoided"):
        assert found[f"result.{key}:"] == pytest.approx(getattr(outcome, key)), key
    assert outcome.unit_costs is not None
    assert found["measure.cost_of:kind.bpo"] == pytest.approx(outcome.unit_costs.of("bpo"))
    assert found["measure.fte_by:sizing.method.task_hours"] == cs.size_team(ds, sc).method("task_hours").fte


def test_comparison_of_scenarios_in_one_frame(ds: Dataset) -> None:
    other = ds.base.replace({"arr": 5e8, "resources.bpo.price": 2500.0, "product_type": "propose_new"})
    found = compare_scenarios(ds, {"now": ds.base, "other": other}, ["sizing", "quadrant"])
    assert found.assumptions == ("product_type", "arr", "resources.bpo.price")
    frame = found.to_frame()
    assert set(frame.columns) == {"part", "key", "scenario", "value", "unit"}
    value = frame.set_index(["key", "scenario"])["value"]
    assert value["measure.fte_by:sizing.method.cost_ratio", "other"] == pytest.approx(
        5e8 * 0.08 / 12 / 450_000
    )
    assert value["measure.quadrant:", "other"] == "smb_propose_new"
    assert "+2.96 FTE" in found.html("en") and "differs" in found.html("en")
    same = compare_scenarios(ds, {"a": ds.base, "b": ds.base}, ["no figures"])
    assert "All assumptions are the same" in same.html("en")
    with pytest.raises(ValueError, match="two or 3"):
        compare_scenarios(ds, {"a": ds.base}, ["sizing"])
