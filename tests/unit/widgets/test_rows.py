"""What is typed beside a slider is what the model gets, or nothing changes and the reason stands there."""

from __future__ import annotations

from pathlib import Path

import ipywidgets
import pytest
from hypothesis import given
from hypothesis import strategies as st

import csanalysis as cs
from csanalysis.errors import WorkspaceError
from csanalysis.model.parameters import Parameter
from csanalysis.widgets.panel import ScenarioPanel
from csanalysis.workspace.typed import typed_number

KEYS = ("arr", "monthly_churn", "resources.bpo.price", "cs_headcount")


@pytest.fixture(scope="module")
def panel() -> ScenarioPanel:
    ds = cs.load_dataset(Path(__file__).parents[3] / "data")
    return cs.scenario_panel(ds, ds.scenario, controls=KEYS, views=["phase"], lang="en")


@pytest.mark.parametrize(
    ("key", "entered", "value", "shown"),
    [
        ("arr", "500,000,000", 5e8, "500,000,000"),
        ("arr", "5億", 5e8, "500,000,000"),
        ("arr", "５億２００万円", 5.02e8, "502,000,000"),
        ("monthly_churn", "3%", 0.03, "3.0%"),
        ("monthly_churn", "３．０", 0.03, "3.0%"),
        ("resources.bpo.price", "3550", 3550.0, "3,550"),
        ("resources.bpo.price", "12,000", 12_000.0, "12,000"),
        ("cs_headcount", "60", 60.0, "60"),
        ("cs_headcount", "12.5", None, ""),
        ("cs_headcount", "-1", None, ""),
        ("monthly_churn", "120", None, ""),
        ("arr", "about 5", None, ""),
        ("arr", "", None, ""),
    ],
)
def test_typed_values(panel: ScenarioPanel, key: str, entered: str, value: float | None, shown: str) -> None:
    """The readout of ipywidgets made 99,276,000 of 500,000,000 without a word."""
    panel.reset()
    before = panel.scenario[key]
    field, note = panel._rows.fields[key], panel._rows._notes[key]
    field.value = entered
    if value is None:
        assert panel.scenario[key] == before and 'role="alert"' in note.value
        assert "The value is still" in note.value
    else:
        assert panel.scenario[key] == pytest.approx(value, rel=1e-12) and field.value == shown
        assert panel.controls[key].value == pytest.approx(value) and "alert" not in note.value
    panel.reset()
    assert panel.scenario[key] == before and "alert" not in note.value
    assert panel.errors == []


def test_a_typed_value_lies_on_a_step_of_its_slider(panel: ScenarioPanel) -> None:
    """JupyterLab would move the slider, and the scenario with it, to the next step as soon as it is shown."""
    panel.reset()
    panel._rows.fields["resources.bpo.price"].value = "3,333"
    control = panel.controls["resources.bpo.price"]
    steps = (control.value - control.min) / control.step
    assert control.value == 3333 and steps == pytest.approx(round(steps))
    panel.reset()


def test_a_slider_that_moves_takes_its_field_along(panel: ScenarioPanel) -> None:
    panel.reset()
    panel.controls["arr"].value = panel.controls["arr"].value + panel.controls["arr"].step
    assert panel._rows.fields["arr"].value == f"{panel.scenario['arr']:,.0f}"
    panel.reset()


def test_source_and_grade_stand_beside_every_control(panel: ScenarioPanel) -> None:
    """A tooltip of ipywidgets reaches the label of a slider, and of a menu nothing at all."""
    for key, note in panel._rows._notes.items():
        assert f'title="Source: {panel.scenario.parameter(key).source[:10]}' in note.value.replace(
            "&#x27;", "'"
        )
        assert "evidence: " in note.value


def test_loading_leaves_no_widgets_behind(panel: ScenarioPanel) -> None:
    panel.load(panel.scenario)
    before = len(ipywidgets.widgets.widget._instances)
    for _ in range(3):
        panel.load(panel.scenario)
    assert len(ipywidgets.widgets.widget._instances) == before


@given(st.floats(-1e12, 1e12).map(lambda x: round(x, 3)))
def test_a_number_as_it_is_shown_is_read_as_itself(value: float) -> None:
    assert typed_number(Parameter("k", "JPY", 1.0), f"{value:,.3f}") == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("entered", ["", " ", "-", "1 2", "三", "1,2,3", "nan", "inf", "1e999"])
def test_what_is_no_number_is_refused(entered: str) -> None:
    with pytest.raises(WorkspaceError, match="数として読めません"):
        typed_number(Parameter("k", "FTE", 1.0), entered, "ja")
