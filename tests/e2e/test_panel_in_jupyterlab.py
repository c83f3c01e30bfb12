"""A panel in a real JupyterLab: showing it changes nothing, moving a slider redraws it.

Only a browser shows these faults: a view that fails in JavaScript, and a slider that JupyterLab moves to
its nearest step as soon as it is shown.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect, sync_playwright

from csanalysis.workspace import create_workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 120
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
KEYS = ("cs_headcount", "arr", "monthly_churn", "product_type", "resources.bpo.price", "cs_cost_ratio")
PANEL = f"""\
import csanalysis as cs
ds, sc, lang = cs.start()
panel = cs.scenario_panel(ds, sc, controls={KEYS!r}, views=["phase", "sizing", "benchmarks"])
panel"""
REPORTED = "'persons', panel.scenario['cs_headcount'], 'changed', sorted(panel.scenario.changed())"
KERNEL_READY = (
    "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
)
LOADED = "images => images.map(image => [image.title, image.complete && image.naturalWidth > 300])"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = create_workspace(tmp_path / "work", "en")
    (folder / "notebooks").mkdir(exist_ok=True)
    nb = new_notebook(cells=[new_code_cell(PANEL), new_code_cell(REPORTED)])
    nb.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(nb, folder / "notebooks" / "panel.ipynb")
    return folder


@pytest.fixture
def lab(workspace: Path, tmp_path: Path) -> Iterator[str]:
    """Run JupyterLab in the workspace and return its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "--ServerApp.ip": "127.0.0.1",
        "--ServerApp.port": port,
        "--ServerApp.open_browser": False,
        "--ServerApp.allow_root": True,
        "--ServerApp.root_dir": workspace,
        "--IdentityProvider.token": "",
        "--LabApp.expose_app_in_browser": True,
        "--LabApp.news_url": None,
    }
    command = [sys.executable, "-m", "jupyterlab", *(f"{name}={value}" for name, value in options.items())]
    homes = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = os.environ | {name: str(tmp_path / name.lower()) for name in homes}
    environment |= {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    with (tmp_path / "lab.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, cwd=workspace, stdout=log, stderr=log)
    try:
        yield _ready(f"http://127.0.0.1:{port}", server, tmp_path / "lab.log")
    finally:
        server.terminate()
        server.wait(timeout=30)


def _ready(address: str, server: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/api", timeout=5).close()
            return address
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text(errors="replace")[-3000:])


def run_cells(page: Page, address: str) -> None:
    """Open the notebook and run all cells, waiting for the panel."""
    page.goto(f"{address}/lab/tree/notebooks/panel.ipynb?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=1000 * PATIENCE)
    page.wait_for_function(KERNEL_READY, timeout=1000 * PATIENCE)  # else JupyterLab asks which kernel to use
    page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector(".noUi-handle", timeout=1000 * PATIENCE)
    expect(page.locator(".jp-CodeCell").last).to_contain_text("changed", timeout=1000 * PATIENCE)


def report(page: Page, words: str) -> None:
    """Run the last cell again and wait for what it should say of the panel's scenario."""
    last = page.locator(".jp-CodeCell").last
    last.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".jp-OutputArea-output", has_text="persons").last).to_contain_text(words)


def test_panel_in_jupyterlab(chromium: str, lab: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        page = browser.new_page(viewport={"width": 1400, "height": 1600})
        run_cells(page, lab)
        pictures = page.locator("img.widget-image")
        expect(pictures).to_have_count(3)
        expect(pictures.first).to_have_attribute(
            "title", "A team of 5 is in the growth phase; efficiency begins at 11 persons"
        )
        assert page.locator("text=javascript error").count() == 0
        assert all(title and loaded for title, loaded in pictures.evaluate_all(LOADED))
        report(page, "('persons', 5.0, 'changed', [])")

        before = pictures.first.get_attribute("src")
        page.locator(".noUi-handle").first.focus()
        for _ in range(6):
            page.keyboard.press("ArrowRight")
        expect(page.locator(".widget-readout").first).to_have_text("11")
        expect(pictures.first).to_have_attribute(
            "title", "A team of 11 is in the efficiency phase; mature begins at 21 persons"
        )
        assert pictures.first.get_attribute("src") != before
        report(page, "('persons', 11.0, 'changed', ['cs_headcount'])")

        page.get_by_role("button", name="Reset").click()
        expect(page.locator(".widget-readout").first).to_have_text("5")
        report(page, "('persons', 5.0, 'changed', [])")
        browser.close()
