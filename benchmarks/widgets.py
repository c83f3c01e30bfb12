"""Key press to changed chart in a real JupyterLab: a panel beside plain `interact` with `plt.show()`.

    python benchmarks/widgets.py [--presses 50] [--view phase] [--key cs_headcount]

Both draw the same chart of the same model in one run: `interact` computes the result, draws the chart and
shows it, as the ipywidgets documentation does; the panel is `cs.scenario_panel` with one control and one
view. A press of an arrow key on the slider starts the clock, in the page; it stops when the picture on
screen is another one, loaded. Presses alternate between the two, so that a busy machine slows both.

Goal: the 90th percentile of the panel is at most 0.4 of that of `interact`.
Needs Chromium and playwright (requirements-test.lock).
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from csanalysis.workspace import create_workspace
from tests.e2e.browsing import FLAGS, jupyterlab, open_notebook, run_all
from tools.layers import LAYERS

GOAL = 0.4
ANALYSES = {"phase": ("diagnose_phase", "phase_ladder"), "sizing": ("size_team", "sizing")}
INTERACT = """\
import matplotlib.pyplot as plt
from ipywidgets import interact, IntSlider
import csanalysis as cs
ds, sc, lang = cs.start()
def draw(value):
    cs.charts.{chart}(cs.{analysis}(ds, sc.replace({{{key!r}: value}})), lang=lang)
    plt.show()
interact(draw, value=IntSlider(value=int(sc[{key!r}]), min=1, max=100))"""
PANEL = """\
import csanalysis as cs
ds, sc, lang = cs.start()
cs.scenario_panel(ds, sc, controls=[{key!r}], views=[{view!r}])"""
PRESS = """async ([number, key]) => {
  const handle = document.querySelectorAll('.noUi-handle')[number];
  const cell = handle.closest('.jp-CodeCell');
  const shown = () => [...cell.querySelectorAll('img')].find(i => i.complete && i.naturalWidth > 300)?.src;
  const before = shown();
  handle.focus();
  const start = performance.now();
  handle.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
  while (performance.now() - start < 20000) {
    await new Promise(requestAnimationFrame);
    const now = shown();
    if (now && now !== before) return performance.now() - start;
  }
  return NaN;
}"""
IDLE = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"


@dataclass(frozen=True)
class Row:
    """One line of the result, in milliseconds."""

    program: str
    p50: float
    p90: float


def prepare(folder: Path, view: str, key: str) -> Path:
    """Return a workspace with one notebook that holds both programs."""
    workspace = create_workspace(folder / "work", "en")
    analysis, chart = ANALYSES[view]
    interact = INTERACT.format(chart=chart, analysis=analysis, key=key)
    panel = PANEL.format(key=key, view=view)
    nb = new_notebook(cells=[new_code_cell(interact), new_code_cell(panel)])
    nb.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(nb, workspace / "notebooks" / "bench.ipynb")
    return workspace


def measure(page: Page, presses: int) -> np.ndarray:
    """Return milliseconds, shape (2, presses): interact, panel."""
    times = np.full((2, presses), np.nan)
    for n in range(-3, presses):  # three rounds to warm up
        key = "ArrowRight" if n % 8 < 4 else "ArrowLeft"
        for program in (0, 1):
            page.wait_for_function(IDLE)
            page.wait_for_timeout(150)
            taken = page.evaluate(PRESS, [program, key])
            if n >= 0:
                times[program, n] = taken
    return times


def run(view: str, key: str, presses: int) -> list[Row]:
    """Run both programs and return their lines."""
    chromium = next(layer for layer in LAYERS if layer.marker == "browser").program()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        workspace = prepare(Path(folder), view, key)
        private = Path(folder) / "server"
        private.mkdir()
        with jupyterlab(workspace, private) as address:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
            page = browser.new_page(viewport={"width": 1400, "height": 2600})
            open_notebook(page, address, "notebooks/bench.ipynb")
            run_all(page)
            page.wait_for_function("() => document.querySelectorAll('.noUi-handle').length === 2")
            times = measure(page, presses)
            browser.close()
    if np.isnan(times).any():
        raise SystemExit("a press changed nothing")
    quantiles = np.quantile(times, [0.5, 0.9], axis=1).T
    return [Row(name, *pair) for name, pair in zip(("interact + plt.show", "panel"), quantiles, strict=True)]


def main() -> None:
    """Print a table and the ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--presses", type=int, default=50)
    parser.add_argument("--view", choices=sorted(ANALYSES), default="phase")
    parser.add_argument("--key", default="cs_headcount")
    options = parser.parse_args()
    print(
        f"Python {platform.python_version()}, ipywidgets {version('ipywidgets')}, "
        f"JupyterLab {version('jupyterlab')}, view {options.view}, {options.presses} presses"
    )
    peer, own = run(options.view, options.key, options.presses)
    for row in (peer, own):
        print(f"{row.program:<22} p50 {row.p50:6.0f} ms   p90 {row.p90:6.0f} ms")
    ratio = own.p90 / peer.p90
    print(f"p90: {ratio:.2f} of interact's (goal: at most {GOAL}); p50: {own.p50 / peer.p50:.2f}")


if __name__ == "__main__":
    main()
