"""Notebooks in a real JupyterLab: all cells run, and one control of the last panel moves its picture.

One of them in every run, since each takes half a minute; all with ``E2E_NOTEBOOKS=all`` in the environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from csanalysis.workspace import create_workspace, notebooks_dir
from tests.e2e.browsing import FLAGS, PATIENCE, close_kernels, jupyterlab, open_notebook, run_all, watch

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHOSEN = ("07",)
EVERY = sorted(path.stem for path in notebooks_dir(Path("-")).glob("*.ipynb"))
NAMES = [name for name in EVERY if name[:2] in CHOSEN or os.environ.get("E2E_NOTEBOOKS") == "all"]


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    workspace = create_workspace(tmp_path_factory.mktemp("lab") / "work", "ja")
    with jupyterlab(workspace, tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.mark.parametrize("name", NAMES)
def test_all_cells_run_and_a_control_moves_its_picture(browser: Browser, lab: str, name: str) -> None:
    watched = watch(browser)
    page = watched.page
    open_notebook(page, lab, f"notebooks/{name}.ipynb")
    run_all(page)
    panel = page.locator(".csa-panel").last
    panel.scroll_into_view_if_needed()
    picture = panel.locator("img.widget-image").first
    before = picture.get_attribute("src")
    assert before is not None and picture.evaluate("image => image.complete && image.naturalWidth > 300")
    handle = panel.locator(".noUi-handle").first
    handle.focus()
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    expect(picture).not_to_have_attribute("src", before, timeout=1000 * PATIENCE)
    expect(panel.locator(".csa-old")).to_have_count(0, timeout=1000 * PATIENCE)
    assert panel.locator("[role=alert]").count() == 0 and page.locator("text=javascript error").count() == 0
    assert (watched.left, watched.errors) == ([], [])
    close_kernels(page)
    page.close()
