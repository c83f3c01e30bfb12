"""The notebook behind `csanalysis app`: one language, panels of known views, nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest

from csanalysis.report.app import CHAPTERS, _write_settings, app_notebook
from csanalysis.widgets.views import VIEWS


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_page_holds_one_language_and_known_views(lang: str) -> None:
    nb = app_notebook(lang)
    nbformat.validate(nb)
    texts = "".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    assert bool(re.search("[\u3040-\u30ff]", texts)) == (lang == "ja")
    assert {view for views in CHAPTERS.values() for view in views} <= set(VIEWS)
    code = [cell.source for cell in nb.cells if cell.cell_type == "code"]
    assert len(code) == 1 + len(CHAPTERS) and all("scenario_panel" in source for source in code[1:])


def test_kernels_of_closed_pages_are_ended(tmp_path: Path) -> None:
    """Each load of the page starts one; the server reads the setting under this name alone."""
    _write_settings(tmp_path, "en", "key")
    found = json.loads((tmp_path / "voila.json").read_text("utf-8"))["MappingKernelManager"]
    assert found["cull_idle_timeout"] > found["cull_interval"] > 0 and not found["cull_connected"]
