"""Settings for all tests: tools that may be missing, a fixed environment, repeatable random examples.

Tests that need a tool beyond Python carry its marker (`browser`, `office`, `java`). Where the tool is missing
they are deselected, never counted as passed, and named at the end of the run with the command that brings it.
With ``CSANALYSIS_REQUIRE=all`` a missing tool is an error, but for those with a CI job of their own: there
the marker is the value, as in ``CSANALYSIS_REQUIRE=java``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from csanalysis.model.dataset import Dataset
from csanalysis.workspace import create_workspace, example_dir, load_dataset
from tools.layers import LAYERS, Layer

SLOW_PLACES = (
    "notebooks",
    "tests/e2e",
    "tests/figures",
    "tests/notebooks",
    "tests/properties",
    "tests/wheel",
)
"""Folders whose tests start kernels or a browser, draw every picture, or run the model hundreds of times."""
NOT_RUN = pytest.StashKey[dict[Layer, int]]()

# Examples of Hypothesis are the same in every run; search for new ones with `--hypothesis-profile=search`.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", max_examples=2000, deadline=None)
hypothesis.settings.load_profile("repeatable")


class NotebookCells:
    """Makes notebooks that nbval runs raise what their widget callbacks would otherwise only show."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """Set CSANALYSIS_STRICT while the kernel of a notebook starts, and only then."""
        if type(item).__name__ != "IPyNbCell":
            return (yield)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CSANALYSIS_STRICT", "1")
            return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Take away what the caller's shell may have set: tests start from the defaults."""
    for name in [n for n in os.environ if n.startswith("CSANALYSIS_") and n != "CSANALYSIS_REQUIRE"]:
        del os.environ[name]
    os.environ["MPLBACKEND"] = "Agg"
    config.pluginmanager.register(NotebookCells())


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark as slow what stands in a folder of slow tests."""
    if any(item.path.is_relative_to(item.config.rootpath / place) for place in SLOW_PLACES):
        item.add_marker("slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests whose tool is missing, or stop if every tool is required."""
    not_run: dict[Layer, int] = {}
    for layer in LAYERS:
        concerned = [item for item in items if item.get_closest_marker(layer.marker)]
        if not concerned or not layer.missing():
            continue
        not_run[layer] = len(concerned)
        config.hook.pytest_deselected(items=concerned)
        items[:] = [item for item in items if not item.get_closest_marker(layer.marker)]
    config.stash[NOT_RUN] = not_run
    if hasattr(config, "workeroutput"):  # a process of pytest-xdist: the one that tells it must know
        config.workeroutput["not_run"] = {layer.marker: count for layer, count in not_run.items()}
    asked = os.environ.get("CSANALYSIS_REQUIRE", "")
    required = [at for at in not_run if asked == at.marker or (asked == "all" and not at.own_job)]
    if required:
        told = "; ".join(f"{layer.missing()} ({layer.remedy()})" for layer in required)
        raise pytest.UsageError(f"CSANALYSIS_REQUIRE={asked}, but missing: {told}")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over from a process of pytest-xdist what it did not run; all of them collect the same."""
    counts = getattr(node, "workeroutput", {}).get("not_run", {})
    node.config.stash[NOT_RUN] = {layer: counts[layer.marker] for layer in LAYERS if layer.marker in counts}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the tests that were not run, and what brings their tool."""
    not_run = config.stash.get(NOT_RUN, {})
    if not_run:
        terminalreporter.section("not run: tools are missing", yellow=True)
    for layer, count in not_run.items():
        terminalreporter.line(
            f"{count} test(s) marked {layer.marker}: no {layer.missing()}: {layer.remedy()}"
        )


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium, for tests marked `browser`."""
    return _program("browser")


@pytest.fixture(scope="session")
def libreoffice() -> str:
    """Return the path of LibreOffice, for tests marked `office`."""
    return _program("office")


def _program(marker: str) -> str:
    layer = next(each for each in LAYERS if each.marker == marker)
    path = layer.program()
    assert path, f"mark this test with pytest.mark.{marker}"
    return path


@pytest.fixture(scope="session")
def example() -> Dataset:
    """Return the example workspace, in English."""
    return load_dataset(example_dir(), lang="en")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a fresh workspace of the analyst's own, as ``csanalysis init --lang en`` makes it."""
    return create_workspace(tmp_path / "my work 業務", "en")
