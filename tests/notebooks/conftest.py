"""Run the notebooks once, as the report does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path

import pytest

from csanalysis.report.execute import Executed, run_notebooks
from csanalysis.report.kernel import kernel_environment

ROOT = Path(__file__).parents[2]
Output = Callable[[str], str]


def html_outputs(done: Executed) -> dict[str, str]:
    """Return cell id -> its HTML and text outputs, and for every picture a word and its alternative text."""
    shown = {}
    for cell in done.nb.cells:
        if cell.cell_type == "code":
            data = [output.get("data", {}) for output in cell.outputs]
            parts = [bundle.get("text/html", bundle.get("text/plain", "")) for bundle in data]
            about = [output.get("metadata", {}).get("image/png") for output in cell.outputs]
            parts += [f"<picture>{told.get('alt', '')}" for told in about if told is not None]
            shown[cell.id] = "\n".join(parts)
    return shown


def words(page: str) -> str:
    """Return what a reader sees of HTML: the texts of its elements, apart by " | "."""
    pictures = re.sub(r'<img [^>]*alt="([^"]*)"[^>]*>', r"[\1]", page)
    return unescape(re.sub(r"(\s*<(?!picture)[^>]+>\s*)+", " | ", pictures))


@pytest.fixture(scope="session")
def run() -> Callable[..., dict[str, dict[str, str]]]:
    """Return a function that runs notebooks by name: notebook -> cell id -> words shown."""

    def run(
        *names: str, lang: str, scenario: str, overrides: Mapping[str, object] | None = None
    ) -> dict[str, dict[str, str]]:
        environment = kernel_environment(ROOT / "data", lang=lang, scenario=scenario, overrides=overrides)
        done = run_notebooks([ROOT / "notebooks" / f"{name}.ipynb" for name in names], environment)
        for each in done:
            assert each.findings == ()
        return {
            each.path.stem: {cell: words(page) for cell, page in html_outputs(each).items()} for each in done
        }

    return run
