"""Saving, loading, comparing: what was saved is what the next notebook gets, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import ipywidgets
import pytest

import csanalysis as cs
from csanalysis.widgets.panel import ScenarioPanel
from csanalysis.workspace import saving


@pytest.fixture
def panel(workspace: Path) -> ScenarioPanel:
    ds = cs.load_dataset(workspace)
    return cs.scenario_panel(ds, ds.scenario, controls=["cs_headcount"], views=["phase"])


def another(workspace: Path) -> ScenarioPanel:
    """Return the same panel in a second browser."""
    ds = cs.load_dataset(workspace)
    return cs.scenario_panel(ds, ds.scenario, controls=["cs_headcount"], views=["phase"])


def save(panel: ScenarioPanel, name: str, persons: int) -> None:
    panel.controls["cs_headcount"].value = persons
    panel.bar.name.value = name
    panel.bar.buttons["save"].click()


def choose(panel: ScenarioPanel, *names: str) -> None:
    panel.bar.refresh()
    panel.bar.saved.value = names


def test_what_is_saved_is_what_the_next_notebook_starts_with(workspace: Path, panel: ScenarioPanel) -> None:
    save(panel, "拡大 12名", 12)
    assert "The next notebook and the report use this" in panel.bar.status.value
    ds, sc, _ = cs.start(workspace)
    assert (sc.name, sc["cs_headcount"]) == ("拡大 12名", 12)
    assert panel.bar.saved.value == ("拡大 12名",) and "拡大 12名" in ds.scenarios


def test_saving_again_from_the_same_panel_needs_no_question(workspace: Path, panel: ScenarioPanel) -> None:
    save(panel, "plan", 12)
    save(panel, "plan", 13)
    assert cs.start(workspace)[1]["cs_headcount"] == 13
    assert len(list((workspace / "scenarios" / ".earlier").iterdir())) == 1


@pytest.mark.slow
def test_two_browsers_lose_no_scenario(workspace: Path, panel: ScenarioPanel) -> None:
    other = another(workspace)
    save(panel, "plan", 12)
    save(other, "plan", 20)  # it does not know of the first
    assert 'role="alert"' in other.bar.status.value and "saved elsewhere" in other.bar.status.value
    assert cs.start(workspace)[1]["cs_headcount"] == 12 and other.scenario["cs_headcount"] == 20
    save(panel, "plan", 14)  # meanwhile the first saves once more: the question is asked anew
    other.bar.buttons["save"].click()
    assert cs.start(workspace)[1]["cs_headcount"] == 14
    other.bar.buttons["save"].click()
    assert cs.start(workspace)[1]["cs_headcount"] == 20
    earlier = (workspace / "scenarios" / ".earlier").iterdir()
    held = [path.read_text(encoding="utf-8-sig").split("cs_headcount,")[1][:2] for path in sorted(earlier)]
    assert held == ["12", "14"]


def test_load_puts_the_values_on_screen(workspace: Path, panel: ScenarioPanel) -> None:
    choose(panel, "enterprise_propose_new")
    panel.bar.buttons["load"].click()
    assert panel.controls["cs_headcount"].value == 8 and panel.scenario["accounts"] == 40
    assert panel.bar.name.value == "enterprise_propose_new"
    panel.bar.buttons["save"].click()
    rows = (workspace / "scenarios" / "enterprise_propose_new.csv").read_text(encoding="utf-8-sig")
    assert "cs_headcount,8,assumption: as the example is defined" in rows  # notes of the file stay


def test_delete_asks_and_keeps_the_file(workspace: Path, panel: ScenarioPanel) -> None:
    choose(panel, "enterprise_propose_new")
    panel.bar.buttons["put_away"].click()
    assert "Press Delete again" in panel.bar.status.value
    assert "enterprise_propose_new" in panel.bar.saved.options
    panel.bar.buttons["put_away"].click()
    assert "enterprise_propose_new" not in panel.bar.saved.options
    [kept] = (workspace / "scenarios" / ".earlier").iterdir()
    assert kept.name.startswith("enterprise_propose_new ") and "accounts,40" in kept.read_text("utf-8-sig")
    assert "enterprise_propose_new" not in cs.load_dataset(workspace).scenarios


def test_the_scenario_of_the_notebooks_cannot_be_deleted(panel: ScenarioPanel) -> None:
    choose(panel, "smb_replace_existing")
    for _ in range(2):
        panel.bar.buttons["put_away"].click()
    assert "the one notebooks use" in panel.bar.status.value
    assert "smb_replace_existing" in panel.bar.saved.options


def test_comparison_sets_assumptions_and_results_side_by_side(panel: ScenarioPanel) -> None:
    save(panel, "twelve", 12)
    panel.controls["cs_headcount"].value = 21
    choose(panel, "twelve", "smb_replace_existing")
    panel.bar.buttons["compare"].click()
    table = panel.bar.table.value
    for shown in (
        "21 persons",
        "12 persons",
        "5 persons",
        "-16 persons",
        "CS persons",
        "mature",
        "these values",
    ):
        assert shown in table, shown
    assert "against ● these values" in table
    panel.controls["cs_headcount"].value = 22
    assert panel.bar.table.value == "" and "Compare" in panel.bar.status.value  # it would no longer be true


def test_without_a_choice_the_bar_says_what_to_choose(panel: ScenarioPanel) -> None:
    for button in ("load", "put_away", "compare"):
        choose(panel)
        panel.bar.buttons[button].click()
        assert "Choose one" in panel.bar.status.value
    choose(panel, "smb_replace_existing")
    (Path(panel.bar._ds.root) / "scenarios" / "smb_replace_existing.csv").unlink()
    panel.bar.buttons["load"].click()
    assert "Choose one scenario" in panel.bar.status.value


def test_the_example_and_wrong_names_are_refused_with_the_values_kept(panel: ScenarioPanel) -> None:
    save(panel, "a/b", 12)
    assert "cannot name a scenario" in panel.bar.status.value and panel.scenario["cs_headcount"] == 12
    ds = cs.load_dataset(Path(__file__).parents[3] / "data", lang="en")
    shipped = cs.scenario_panel(ds, ds.scenario, controls=["cs_headcount"], views=["phase"])
    save(shipped, "mine", 9)
    assert "example workspace" in shipped.bar.status.value and shipped.scenario["cs_headcount"] == 9


def test_the_fields_have_labels_and_the_order_follows_the_eye(panel: ScenarioPanel) -> None:
    named = [panel.bar.name, *panel.bar.buttons.values()]
    assert all(each.description and each.tooltip for each in named)

    def fields(widget: ipywidgets.Widget) -> list[str]:
        inner = [name for child in getattr(widget, "children", ()) for name in fields(child)]
        kinds = ipywidgets.Button | ipywidgets.Text | ipywidgets.Checkbox | ipywidgets.IntSlider
        named = isinstance(widget, kinds)
        return [widget.description or widget.placeholder] if named else inner

    saved = list(cs.load_dataset(panel.bar._ds.root).scenarios)
    controls = ["CS persons (persons)", "CS persons", "Reset"]
    order = [*controls, "Name", "Save", *saved, "Load", "Compare", "Delete"]
    assert fields(panel.widget) == order


def test_a_workspace_whose_marker_cannot_be_written_says_what_was_saved(
    workspace: Path, panel: ScenarioPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of the scenarios may be writable where the rest is not."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(saving, "choose_in_marker", refuse)
    save(panel, "twelve", 12)
    said = panel.bar.status.value
    assert "is saved, but csanalysis.toml cannot be written" in said and "--scenario" in said
    assert "twelve" in panel.bar.saved.options
    assert cs.load_dataset(workspace, scenario="twelve").scenario["cs_headcount"] == 12
    monkeypatch.undo()
    save(panel, "twelve", 13)  # it knows what it wrote: no question
    assert cs.start(workspace)[1]["cs_headcount"] == 13


def test_an_impossible_combination_is_not_saved(workspace: Path, panel: ScenarioPanel) -> None:
    """What stands on screen would not be what is written."""
    panel.controls["cs_headcount"].min = -5
    save(panel, "below", -5)
    assert 'role="alert"' in panel.bar.status.value
    assert not (workspace / "scenarios" / "below.csv").exists()


def test_a_scenario_may_be_called_these_values(workspace: Path, panel: ScenarioPanel) -> None:
    save(panel, "these values", 12)
    panel.controls["cs_headcount"].value = 13
    choose(panel, "these values")
    panel.bar.buttons["compare"].click()
    assert "13 persons" in panel.bar.table.value and "12 persons (-1 persons)" in panel.bar.table.value
