"""The notebooks in JupyterLab on this machine alone, with the analyst's own settings and nothing fetched."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

FIRST_NOTEBOOK = "00_start_here.ipynb"


def run_lab(root: Path, folder: Path, lang: str | None, *, port: int | None, browser: bool) -> int:
    """Run JupyterLab on a workspace until it is stopped, and return its exit code.

    Parameters
    ----------
    root, folder : Path
        The workspace and its notebooks; both can be opened.
    lang : {"ja", "en"} or None
        Language of the notebooks; None leaves it to the workspace.
    port : int or None
        None takes JupyterLab's own first free port.
    browser : bool
        Open a browser.
    """
    environment = lab_environment(root, lang)
    with warming(environment):
        return subprocess.run(_command(root, folder, port, browser), env=environment, check=False).returncode


def lab_environment(root: Path, lang: str | None) -> dict[str, str]:
    """Return the environment of JupyterLab and its kernels.

    Names and small groups are shown: this is the screen of whoever owns the files. JupyterLab asks for no
    news and looks for no update, which the user's own settings may change.
    """
    settings = resources.files("csanalysis") / "resources" / "jupyter"
    paths = [*filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")]), str(settings)]
    chosen = {"CSANALYSIS_WORKSPACE": str(root), "JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}
    if lang:
        chosen["CSANALYSIS_LANG"] = lang
    return {"CSANALYSIS_NAMES": "shown", **os.environ, **chosen}


def _command(root: Path, folder: Path, port: int | None, browser: bool) -> list[str]:
    both = os.path.commonpath([root, folder])
    options = ["--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={both}"]
    if (folder / FIRST_NOTEBOOK).is_file():
        first = Path(os.path.relpath(folder / FIRST_NOTEBOOK, both)).as_posix()
        options.append(f"--LabApp.default_url=/lab/tree/{first}")
    if not browser:
        options.append("--no-browser")
    if port:
        options.append(f"--ServerApp.port={port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    return [sys.executable, "-m", "jupyterlab", *options]


@contextmanager
def warming(environment: Mapping[str, str]) -> Iterator[None]:
    """Have the scenario model compiled beside what runs inside, so that no slider waits for it."""
    command = [sys.executable, "-c", "from csanalysis.costing.scenario_runs import warm; warm()"]
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdin=nowhere, stdout=nowhere, stderr=nowhere) as beside:
        try:
            yield
        finally:
            beside.terminate()
