"""The notebook behind `csanalysis app`: one language, panels of known views, nothing else."""

from __future__ import annotations

import re

import nbformat
import pytest

from csanalysis.report.app import CHAPTERS, app_notebook
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
