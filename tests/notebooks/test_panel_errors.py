"""An error inside a panel reaches the report, whichever way it goes."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from csanalysis.report.execute import Executed, run_notebooks
from csanalysis.report.kernel import kernel_environment

DATA = Path(__file__).parents[2] / "data"
START = """\
import csanalysis as cs
from csanalysis.widgets import views

ds, sc, lang = cs.start()

def broken(ds, sc, lang, fig):
    if sc["cs_headcount"] > 6:
        raise ZeroDivisionError("seven is too many")
    return views.phase(ds, sc, lang, fig)

views.VIEWS["broken"] = broken
"""
PANEL = 'panel = cs.scenario_panel(ds, {sc}, controls=["cs_headcount"], views=["broken"])\npanel'


MOVE = 'panel.controls["cs_headcount"].value = 9'
NOTEBOOKS = {
    "first drawing": ([PANEL.format(sc="sc.replace(cs_headcount=9)")], 2),
    "later value": ([PANEL.format(sc="sc"), f"{MOVE}; panel.wait()"], 3),
    "sweep": ([PANEL.format(sc="sc"), "panel.sweep()"], 3),
}
"""Name -> cells, and the code cell an error belongs to."""


def write(folder: Path, name: str) -> Path:
    path = folder / f"{name}.ipynb"
    nb = new_notebook(cells=[new_code_cell(source) for source in (START, *NOTEBOOKS[name][0])])
    nb.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(nb, path)
    return path


def execute(folder: Path, strict: str, *names: str) -> dict[str, Executed]:
    environment = kernel_environment(DATA, lang="en", scenario="smb_replace_existing")
    paths = [write(folder, name) for name in names]
    done = run_notebooks(paths, environment | {"CSANALYSIS_STRICT": strict})
    return {each.path.stem: each for each in done}


@pytest.mark.slow
def test_strict_mode_stops_the_cell(tmp_path: Path) -> None:
    for name, done in execute(tmp_path, "1", *NOTEBOOKS).items():
        assert [finding.cell for finding in done.findings] == [NOTEBOOKS[name][1]], name
        assert "seven is too many" in done.findings[0].cause


def test_without_strict_mode_the_error_is_in_the_saved_widgets(tmp_path: Path) -> None:
    for name, done in execute(tmp_path, "0", "first drawing", "later value").items():
        assert len(done.findings) == 1, name
        assert "ZeroDivisionError: seven is too many" in done.findings[0].cause
