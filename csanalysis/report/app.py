"""The panels as a page for colleagues who do not read notebooks: Voila on this machine alone."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from csanalysis.labels import check_language, text

CHAPTERS: dict[str, tuple[str, ...]] = {
    "team": ("sizing", "demand"),
    "tasks": ("assignment",),
    "cost": ("outcome", "unit_costs"),
    "capacity": ("capacity",),
}
"""Section of the page -> views of its panel."""
NOTEBOOK = "csanalysis.ipynb"
TEMPLATE = "csanalysis"
FIRST_PORT = 8866
IDLE = 60
"""Seconds after which the kernel of a page that nobody looks at any more is ended."""
_PATIENCE = 120.0


def app_notebook(lang: str = "ja") -> NotebookNode:
    """Return the page as a notebook: a text and a panel for each section, in one language.

    Examples
    --------
    >>> [cell.cell_type for cell in app_notebook("en").cells][:4]
    ['markdown', 'code', 'markdown', 'code']
    """
    check_language(lang)
    cells = [
        new_markdown_cell(text("app.intro", lang)),  # type: ignore[no-untyped-call]
        new_code_cell("import csanalysis as cs\n\nds, sc, lang = cs.start()"),  # type: ignore[no-untyped-call]
    ]
    for chapter, views in CHAPTERS.items():
        code = f"cs.scenario_panel(ds, sc, views={list(views)!r})"
        cells.append(new_markdown_cell(text(f"app.{chapter}", lang)))  # type: ignore[no-untyped-call]
        cells.append(new_code_cell(code))  # type: ignore[no-untyped-call]
    nb: NotebookNode = new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nb.metadata["title"] = text("app.title", lang)
    return nb


def run_app(
    root: Path, lang: str, *, port: int | None = None, browser: bool = True, say: Callable[[str], None]
) -> int:
    """Serve the page on 127.0.0.1 until it is ended, and return the exit code of the server.

    Parameters
    ----------
    root : Path
        The workspace.
    lang : {"ja", "en"}
    port : int, optional
        Default: the first free one from 8866 on.
    browser : bool
        Open the page when it is ready.
    say : callable
        Told the address, which carries the key that lets a browser in.
    """
    port = port or _free_port()
    key = secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(prefix="csanalysis-app-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        nbformat.write(app_notebook(lang), place / NOTEBOOK)  # type: ignore[no-untyped-call]
        _write_settings(place, lang, key)
        server = subprocess.Popen(_command(port), cwd=place, env=_environment(root, lang, place))
        try:
            watch = threading.Thread(target=_announce, args=(server, port, key, browser, say), daemon=True)
            watch.start()
            with _ended_by_signal():
                return server.wait()
        finally:
            server.terminate()
            server.wait(timeout=30)


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Let a request to end this process end it as Ctrl-C does, so that the server ends with it."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _write_settings(place: Path, lang: str, key: str) -> None:
    """Write what Voila reads: the key in a file that others cannot read, not on the command line."""
    settings = {
        "Voila": {"token": key},
        # A page that is closed or loaded again leaves its kernel behind, with a few hundred MB.
        "MappingKernelManager": {
            "cull_idle_timeout": IDLE,
            "cull_interval": IDLE // 4,
            "cull_connected": False,
        },
        "VoilaConfiguration": {"template": TEMPLATE, "show_tracebacks": True},
        "VoilaExporter": {"language_code": lang},
    }
    (place / "voila.json").write_text(json.dumps(settings), encoding="utf-8")
    folder = place / "share" / "voila" / "templates" / TEMPLATE
    folder.mkdir(parents=True)
    page = resources.files("csanalysis") / "resources" / "voila" / "index.html.j2"
    (folder / "index.html.j2").write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "conf.json").write_text(json.dumps({"base_template": "lab"}), encoding="utf-8")


def _command(port: int) -> list[str]:
    options = [f"--Voila.port={port}", "--Voila.port_retries=0", "--Voila.ip=127.0.0.1", "--no-browser"]
    return [sys.executable, "-m", "voila", NOTEBOOK, *options]


def _environment(root: Path, lang: str, place: Path) -> dict[str, str]:
    paths = [str(place / "share"), *filter(None, [os.environ.get("JUPYTER_PATH")])]
    chosen = {
        "CSANALYSIS_WORKSPACE": str(root),
        "CSANALYSIS_LANG": lang,
        "JUPYTER_PATH": os.pathsep.join(paths),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "MPLBACKEND": "agg",
    }
    return {**os.environ, **chosen}


def _free_port() -> int:
    for port in range(FIRST_PORT, FIRST_PORT + 50):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return FIRST_PORT


def _announce(
    server: subprocess.Popen[bytes], port: int, key: str, browser: bool, say: Callable[[str], None]
) -> None:
    """Tell the address, and open it, as soon as the server answers."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.2)
            continue
        address = f"http://127.0.0.1:{port}/?token={key}"
        say(address)
        if browser:
            webbrowser.open(address)
        return
