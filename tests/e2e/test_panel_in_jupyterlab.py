"""A panel in a real JupyterLab: each control by key and mouse, save, reload, compare, two browsers, restart.

Only a browser shows these faults: a view that fails in JavaScript, a slider that JupyterLab moves to its
nearest step as soon as it is shown, a picture that does not follow.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

import csanalysis as cs
from csanalysis.model.dataset import Dataset
from csanalysis.tables import label_of
from csanalysis.widgets.controls import control_for
from csanalysis.widgets.screen import Screen
from csanalysis.widgets.views import VIEWS
from csanalysis.workspace import create_workspace
from tests.e2e.browsing import FLAGS, PATIENCE, Watched, ask, jupyterlab, open_notebook, run_all, watch

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SLIDERS = ("cs_headcount", "arr", "monthly_churn", "resources.bpo.price", "cs_cost_ratio")
KEYS = (*SLIDERS, "product_type")
SHOWN = ("phase", "sizing", "quadrant")
PANEL = f"""\
import csanalysis as cs
ds, sc, lang = cs.start()
panel = cs.scenario_panel(ds, sc, controls={KEYS!r}, views={SHOWN!r})
panel"""
LOADED = "images => images.map(image => [image.title, image.complete && image.naturalWidth > 300])"
CHANGED = "sorted((k, panel.scenario[k]) for k in panel.scenario.changed())"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = create_workspace(tmp_path_factory.mktemp("lab") / "work 業務", "en")
    nb = new_notebook(cells=[new_code_cell(PANEL), new_code_cell("'here'")])
    nb.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(nb, folder / "notebooks" / "panel.ipynb")
    return folder


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with jupyterlab(workspace, tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture(scope="module")
def watched(browser: Browser, lab: str) -> Watched:
    watched = watch(browser, height=2600)
    open_notebook(watched.page, lab, "notebooks/panel.ipynb")
    run_all(watched.page)
    expect(watched.page.locator("img.widget-image")).to_have_count(len(SHOWN), timeout=1000 * PATIENCE)
    return watched


@functools.cache
def loaded(workspace: Path) -> Dataset:
    return cs.load_dataset(workspace, scenario="smb_replace_existing")


def statement(workspace: Path, view: str, **changes: object) -> str:
    """Return the statement above a chart, computed here and not in the browser's kernel."""
    ds = loaded(workspace)
    screen = Screen(view, VIEWS[view], "en")
    screen.make(ds, ds.scenario.replace(changes), "en", screen.begin())  # type: ignore[arg-type]
    assert screen.shot is not None
    return screen.shot.title


def title(page: Page, view: str) -> Locator:
    return page.locator("img.widget-image").nth(SHOWN.index(view))


def reset(page: Page) -> None:
    page.get_by_role("button", name="Reset", exact=True).click()


def test_showing_a_panel_changes_nothing_and_every_picture_is_there(
    watched: Watched, workspace: Path
) -> None:
    page = watched.page
    assert page.locator("text=javascript error").count() == 0
    shown = page.locator("img.widget-image").evaluate_all(LOADED)
    assert shown == [[statement(workspace, view), True] for view in SHOWN]
    ask(page, CHANGED, "[]")


@pytest.mark.parametrize("key", SLIDERS)
def test_each_slider_by_key_and_mouse_shows_what_the_model_says(
    watched: Watched, workspace: Path, key: str
) -> None:
    page = watched.page
    ds = loaded(workspace)
    control = control_for(ds.scenario.parameter(key), ds.scenario[key], "en")
    slider = page.locator(".widget-slider", has_text=control.description)
    handle = slider.locator(".noUi-handle")
    for press, value in (("End", control.max), ("Home", control.min)):
        handle.focus()
        page.keyboard.press(press)
        ask(page, f"'now', round(panel.scenario[{key!r}], 6)", f"('now', {round(float(value), 6)!r})")
    handle.focus()
    page.keyboard.press("ArrowRight")
    value = float(control.min + control.step)
    ask(page, f"'now', round(panel.scenario[{key!r}], 6)", f"('now', {round(value, 6)!r})")
    for view in SHOWN:
        expect(title(page, view)).to_have_attribute("title", statement(workspace, view, **{key: value}))
    slider.scroll_into_view_if_needed()
    track = slider.locator(".slider").bounding_box()
    assert track is not None
    page.mouse.click(track["x"] + 0.75 * track["width"], track["y"] + track["height"] / 2)
    ask(
        page,
        f"0.7 < (panel.controls[{key!r}].value - {control.min}) / {control.max - control.min} < 0.8",
        "True",
    )
    expect(page.locator("text=● default")).to_have_count(1)
    reset(page)
    ask(page, CHANGED, "[]")
    expect(page.locator("text=● default")).to_have_count(0)


def test_the_menu_changes_the_scenario_and_back(watched: Watched, workspace: Path) -> None:
    page = watched.page
    for key, kind in (("ArrowDown", "propose_new"), ("ArrowUp", "replace_existing")):
        page.locator(".widget-dropdown select").first.focus()
        page.keyboard.press("Space")  # opens the menu: a closed one leaves the arrows to JupyterLab
        page.wait_for_timeout(300)
        page.keyboard.press(key)
        page.keyboard.press("Enter")
        expected = statement(workspace, "quadrant", product_type=kind)
        expect(title(page, "quadrant")).to_have_attribute("title", expected)


@pytest.mark.parametrize(
    ("key", "typed", "value", "shown"),
    [
        ("arr", "5億", 5e8, "500,000,000"),
        ("resources.bpo.price", "3550", 3550.0, "3,550"),
        ("monthly_churn", "3", 0.03, "3.0%"),
    ],
)
def test_a_typed_number_is_the_number(
    watched: Watched, workspace: Path, key: str, typed: str, value: float, shown: str
) -> None:
    """JupyterLab moves a slider to its next step as soon as it is shown."""
    page = watched.page
    sc = loaded(workspace).scenario
    label = label_of(sc.parameter(key), sc, "en")
    field = page.get_by_placeholder(label, exact=True)
    field.click()
    page.keyboard.press("Control+A")
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(field).to_have_value(shown)
    ask(page, f"'now', round(panel.scenario[{key!r}], 9)", f"('now', {value!r})")
    expect(title(page, "sizing")).to_have_attribute("title", statement(workspace, "sizing", **{key: value}))
    field.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("a lot")
    page.keyboard.press("Enter")
    expect(page.locator(".csa-panel [role=alert]")).to_contain_text("cannot be read as a number")
    reset(page)
    ask(page, CHANGED, "[]")
    expect(page.locator(".csa-panel [role=alert]")).to_have_count(0)


def test_tab_walks_through_the_panel_in_reading_order(watched: Watched) -> None:
    page = watched.page
    page.locator(".noUi-handle").first.focus()
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("() => document.activeElement.innerText || document.activeElement.className")
        )
        if "Delete" in seen[-1]:
            break
    buttons = [word for word in seen if word in ("Reset", "Save", "Load", "Compare", "Delete")]
    assert buttons == ["Reset", "Save", "Load", "Compare", "Delete"]
    assert sum("noUi-handle" in word for word in seen) == len(SLIDERS) - 1
    page.locator("label", has_text="enterprise_propose_new").locator("input").focus()
    page.keyboard.press("Space")
    ask(page, "panel.bar.saved.value", "('enterprise_propose_new',)")
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name="enterprise_propose_new").uncheck()


def test_save_compare_reload_and_a_second_browser(
    watched: Watched, browser: Browser, lab: str, workspace: Path
) -> None:
    page = watched.page
    page.locator(".noUi-handle").first.focus()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    ask(page, CHANGED, "[('cs_headcount', 12.0)]")
    page.get_by_label("Name").fill("twelve 人")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[role=status]", has_text="Saved as 'twelve 人'")).to_be_visible()
    assert cs.start(workspace)[1]["cs_headcount"] == 12

    for name in ("smb_replace_existing", "twelve 人"):
        page.get_by_role("checkbox", name=name, exact=True).check()
    page.get_by_role("button", name="Compare").click()
    table = page.locator("table", has_text="Assumptions that differ")
    expect(table).to_contain_text("12 persons", timeout=1000 * PATIENCE)
    beside = page.locator("table", has_text="in brackets: against")
    expect(beside).to_contain_text("(-7 persons)")
    assert beside.evaluate("table => table.scrollWidth <= table.closest('.csa-panel').clientWidth")

    other = watch(browser)
    open_notebook(other.page, lab, "notebooks/02_phase_diagnosis.ipynb")
    run_all(other.page)
    first = other.page.locator("img.widget-image").first
    expect(first).to_have_attribute("title", statement(workspace, "phase", cs_headcount=12))
    other.page.get_by_label("Name").fill("twelve 人")
    other.page.get_by_role("button", name="Save", exact=True).click()
    expect(other.page.locator("p[role=alert]")).to_contain_text("Press Save again")
    assert (other.left, other.errors) == ([], [])
    other.page.close()
    assert cs.start(workspace)[1]["cs_headcount"] == 12
    reset(page)


def test_a_restarted_kernel_leaves_the_saved_scenario(watched: Watched, workspace: Path) -> None:
    """Whoever restarts in the middle loses what was not saved, and nothing that was; the panel says so."""
    page = watched.page
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
    )
    said = page.locator(".csa-panel").evaluate("panel => getComputedStyle(panel, '::after').content")
    assert "The kernel is gone" in said
    # The kernel that ends closes what JupyterLab has let go of already.
    watched.errors[:] = [each for each in watched.errors if "Comm not found" not in each]
    page.locator(".jp-CodeCell").first.locator(".cm-content").click()
    run_all(page)
    expect(title(page, "phase")).to_have_attribute("title", statement(workspace, "phase", cs_headcount=12))


def test_nothing_left_the_machine_and_the_console_is_clean(watched: Watched) -> None:
    assert (watched.left, watched.errors) == ([], [])
