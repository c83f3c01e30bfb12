"""Panels: they follow their controls, lose no error, and have a static page for the report."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from types import SimpleNamespace

import ipywidgets
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

import csanalysis as cs
from csanalysis.charts import theme
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.widgets import screen, views
from csanalysis.widgets.background import BACKGROUND
from csanalysis.widgets.panel import ScenarioPanel

DATA = Path(__file__).parents[3] / "data"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def ds() -> Dataset:
    return cs.load_dataset(DATA)


def fail_above_six(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    if sc["cs_headcount"] > 6:
        raise KeyError("<b>seven</b>")
    return views.phase(ds, sc, lang, fig)


@pytest.fixture
def fragile(ds: Dataset, monkeypatch: pytest.MonkeyPatch) -> ScenarioPanel:
    """Return a panel whose first view fails above six persons."""
    monkeypatch.setitem(views.VIEWS, "phase", fail_above_six)
    return cs.scenario_panel(ds, ds.base, controls=["cs_headcount"], views=["phase", "sizing"], lang="en")


def pictures(panel: ScenarioPanel) -> list[ipywidgets.Image]:
    boxes = [child for child in panel.widget.children if isinstance(child, ipywidgets.VBox)]
    return [each for box in boxes for each in box.children if isinstance(each, ipywidgets.Image)]


def images(panel: ScenarioPanel) -> list[bytes]:
    return [bytes(each.value) for each in pictures(panel)]


def errors_on_screen(panel: ScenarioPanel) -> list[str]:
    outputs = [child for child in panel.widget.children if isinstance(child, ipywidgets.Output)]
    return [output["ename"] for widget in outputs for output in widget.outputs]


@pytest.mark.slow
def test_all_views_survive_every_end_of_many_controls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSANALYSIS_STRICT", "1")
    ds = cs.load_dataset(DATA, scenario="smb_replace_existing")
    keys = ["cs_headcount", "customer_size"]
    panel = cs.scenario_panel(ds, ds.scenario, controls=keys, views=list(views.VIEWS))
    before = panel.static_html()
    assert panel.sweep() == [] == panel.errors
    assert panel.scenario.changed() == ds.scenario.changed()
    assert panel.static_html() == before


def test_moving_a_control_changes_scenario_picture_and_sentences(ds: Dataset) -> None:
    panel = cs.scenario_panel(ds, ds.base, controls=["cs_headcount"], views=["phase"], lang="en")
    [before] = images(panel)
    assert before.startswith(PNG) and "growth" in panel.static_html()
    panel.controls["cs_headcount"].value = 14
    [after] = images(panel)
    assert after.startswith(PNG) and after != before
    assert panel.scenario["cs_headcount"] == 14
    page = panel.static_html()
    assert "efficiency phase" in page and "14 persons" in page
    panel.reset_button.click()
    assert images(panel) == [before] and panel.scenario.changed() == {}


def test_reset_draws_once(ds: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    monkeypatch.setitem(views.VIEWS, "phase", lambda *a: (drawn.append(1), views.phase(*a))[1])
    panel = cs.scenario_panel(ds, ds.base, controls=["cs_headcount", "cs_fte"], views=["phase"])
    panel.controls["cs_headcount"].value = 9
    panel.controls["cs_fte"].value = 8.5
    drawn.clear()
    panel.reset()
    assert drawn == [1]


def test_an_error_is_recorded_shown_and_ends_with_the_next_good_value(fragile: ScenarioPanel) -> None:
    fragile.controls["cs_headcount"].value = 9
    [error] = fragile.errors
    assert isinstance(error.exception, KeyError)
    assert (error.view, dict(error.changed)) == ("phase", {"cs_headcount": 9.0})
    assert errors_on_screen(fragile) == ["KeyError"]
    page = fragile.static_html()
    assert "could not be redrawn" in page and "cs_headcount = 9" in page
    assert "&lt;b&gt;seven&lt;/b&gt;" in page and "<b>seven" not in page
    broken, whole = images(fragile)
    assert broken == b"" and whole.startswith(PNG)
    fragile.controls["cs_headcount"].value = 5
    assert errors_on_screen(fragile) == [] and "could not" not in fragile.static_html()
    assert len(fragile.errors) == 1


def test_sweep_returns_the_errors_and_puts_the_controls_back(fragile: ScenarioPanel) -> None:
    assert [(e.view, e.changed["cs_headcount"]) for e in fragile.sweep()] == [("phase", 25.0)]
    assert fragile.controls["cs_headcount"].value == 5
    assert errors_on_screen(fragile) == []


def test_strict_mode_raises_again_after_showing(
    fragile: ScenarioPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSANALYSIS_STRICT", "1")
    with pytest.raises(KeyError, match="seven"):
        fragile.controls["cs_headcount"].value = 9
    assert errors_on_screen(fragile) == ["KeyError"]
    with pytest.raises(KeyError, match="seven"):
        fragile.sweep()
    assert fragile.controls["cs_headcount"].value == 9  # where it stood before the sweep


def test_the_first_drawing_happens_when_the_panel_is_made(
    ds: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(views.VIEWS, "phase", fail_above_six)
    many = ds.base.replace(cs_headcount=9)
    shown = cs.scenario_panel(ds, many, controls=["cs_headcount"], views=["phase"])
    assert [error.view for error in shown.errors] == ["phase"]
    monkeypatch.setenv("CSANALYSIS_STRICT", "1")
    with pytest.raises(KeyError, match="seven"):
        cs.scenario_panel(ds, many, controls=["cs_headcount"], views=["phase"])


def test_values_that_give_no_scenario_blank_every_view(ds: Dataset) -> None:
    panel = cs.scenario_panel(ds, ds.base, controls=["cs_headcount"], views=["phase", "sizing"], lang="en")
    control = panel.controls["cs_headcount"]
    control.min = -5
    control.value = -5
    [error] = panel.errors
    assert error.view == "scenario" and isinstance(error.exception, ValueError)
    assert images(panel) == [b"", b""]


def test_the_notebook_gets_the_live_widget_and_a_static_page(ds: Dataset) -> None:
    panel = cs.scenario_panel(ds, ds.base, controls=["arr", "cs_cost_ratio"], views=["sizing"], lang="en")
    bundle = panel._repr_mimebundle_()
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == panel.widget.model_id
    assert len(bundle["text/plain"]) < 200
    page = bundle["text/html"]
    [(picture, alt)] = re.findall(r'<img src="data:image/png;base64,([^"]+)" alt="([^"]+)"', page)
    assert base64.b64decode(picture) == images(panel)[0]
    assert alt == "The tasks need 4.36 FTE; today&#x27;s team is 4.4 FTE"
    assert "453.4 hours a month" in page
    assert "JPY 300.3M/year" in page and "8 %" in page
    assert "Open the notebook in JupyterLab" in page
    assert not re.search("[\u3040-\u30ff\u4e00-\u9fff]", page)


def test_pictures_have_a_text_and_pyplot_keeps_no_figure(ds: Dataset) -> None:
    before = plt.get_fignums()
    panel = cs.scenario_panel(ds, ds.base, controls=["cs_headcount"], views=["phase"], lang="ja")
    [picture] = pictures(panel)
    assert picture.tooltip == "5 名のチームは拡大期。効率・分業期は 11 名から"
    assert plt.get_fignums() == before


def test_the_language_is_that_of_the_dataset_unless_given(ds: Dataset) -> None:
    panel = cs.scenario_panel(ds.with_language("en"), ds.base, controls=["cs_headcount"], views=["phase"])
    assert panel.controls["cs_headcount"].description == "CS persons (persons)"


@pytest.mark.parametrize(
    ("controls", "shown", "message"),
    [
        (["cs_headcont"], ["phase"], "cs_headcount"),
        (["cs_headcount"], ["fase"], "phase, sizing, benchmarks"),
        ([], ["phase"], "at least one"),
        (None, [], "at least one"),
        (["cs_headcount"], [], "at least one"),
    ],
)
def test_wrong_names_are_told(
    ds: Dataset, controls: list[str] | None, shown: list[str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        cs.scenario_panel(ds, ds.base, controls=controls, views=shown)


CLOCK = SimpleNamespace(now=0.0)
"""Only the slow view takes time, however busy the machine is."""


def slow_phase(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    CLOCK.now += 1
    return views.phase(ds, sc, lang, fig)


@pytest.fixture
def on_screen(ds: Dataset, monkeypatch: pytest.MonkeyPatch) -> ScenarioPanel:
    """Return a panel that JupyterLab shows, with a view that counts as heavy and one that is light."""
    monkeypatch.setattr(screen, "time", SimpleNamespace(perf_counter=lambda: CLOCK.now))
    monkeypatch.setitem(views.VIEWS, "slow", slow_phase)
    monkeypatch.setitem(views.VIEWS, "light", light)
    panel = cs.scenario_panel(ds, ds.base, controls=["cs_headcount"], views=["slow", "light"], lang="en")
    panel._repr_mimebundle_()
    return panel


def light(ds: Dataset, sc: Scenario, lang: str, fig: Figure) -> list[str]:
    with theme.drawing():
        fig.set_size_inches(0.2, 0.2)
        fig.add_axes((0, 0, 1, 1)).text(0, 0, str(sc["cs_headcount"]), gid="title")
    return []


def busy(panel: ScenarioPanel) -> bool:
    return "csa-old" in panel._screens[0].box._dom_classes


def test_a_heavy_view_follows_in_the_background_and_shows_that_it_works(
    on_screen: ScenarioPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slider that is being moved must not wait for what takes long; only the last position is drawn."""
    before = images(on_screen)
    monkeypatch.setattr(BACKGROUND, "_pause", 600)  # nothing follows as long as the slider moves
    for persons in (6, 7, 8, 13):
        on_screen.controls["cs_headcount"].value = persons
    heavy, light_one = images(on_screen)
    assert heavy == before[0] and light_one != before[1]
    assert busy(on_screen)
    monkeypatch.setattr(BACKGROUND, "_pause", 0)
    on_screen.controls["cs_headcount"].value = 14
    assert on_screen.wait(60)
    assert not busy(on_screen)
    assert "14 persons" in on_screen.static_html() and "14" in pictures(on_screen)[0].tooltip
    assert on_screen.errors == []


def test_a_heavy_view_that_fails_is_told_and_taken_off(
    on_screen: ScenarioPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_screen._screens[0], "view", fail_above_six)
    on_screen.controls["cs_headcount"].value = 9
    assert on_screen.wait(60)
    assert [error.view for error in on_screen.errors] == ["slow"]
    assert errors_on_screen(on_screen) == ["KeyError"] and images(on_screen)[0] == b""
    assert on_screen.sweep()[0].changed == {"cs_headcount": 25.0}


def test_controls_default_to_the_levers_of_the_views_in_groups(ds: Dataset) -> None:
    panel = cs.scenario_panel(ds, ds.base, views=["phase", "touch"], lang="en")
    assert list(panel.controls) == ["cs_headcount", "touch_high_min_arr", "touch_low_min_arr"]
    mixed = cs.scenario_panel(ds, ds.base, ["arr", "cs_fte"], ["phase"], lang="en")
    shown = [each.value for each in mixed._rows.box.children if isinstance(each, ipywidgets.HTML)]
    assert ["Business" in shown[0], "Team" in shown[1]] == [True, True]


def test_a_control_off_its_default_says_so_and_amounts_read_as_boards_read_them(ds: Dataset) -> None:
    panel = cs.scenario_panel(ds, ds.base, controls=["arr", "cs_headcount"], views=["phase"], lang="ja")
    notes = panel._rows._notes
    assert notes["arr"].value.startswith("<span>3億円/年</span>")
    assert notes["cs_headcount"].value.startswith("<span></span>")
    panel.controls["arr"].value = 500_276_000.0
    panel.controls["cs_headcount"].value = 6
    assert "<span>5億円/年  ● 標準は 3億円/年</span>" in notes["arr"].value
    assert "● 標準は 5 名" in notes["cs_headcount"].value
    panel.reset()
    assert "●" not in notes["arr"].value + notes["cs_headcount"].value


def test_loading_moves_range_and_reset(ds: Dataset) -> None:
    """A loaded value may lie outside the slider it comes to; reset then goes back to what was loaded."""
    panel = cs.scenario_panel(ds, ds.base, controls=["cs_headcount"], views=["phase"], lang="en")
    panel.load(ds.base.replace(cs_headcount=40, arr=5e8))
    assert panel.controls["cs_headcount"].value == 40 and panel.scenario["arr"] == 5e8
    panel.controls["cs_headcount"].value = 12
    panel.reset()
    assert panel.scenario["cs_headcount"] == 40 and "40 persons" in panel.static_html()
