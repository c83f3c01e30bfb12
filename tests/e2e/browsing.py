"""Servers and watched pages for the tests in a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

PATIENCE = 240
expect.set_options(timeout=60_000)  # a busy machine draws slowly; where all is well it waits for nothing
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
OWN_SCHEMES = ("data:", "blob:", "about:")
NOISE = ("Unsatisfied version", "No satisfying version", "Available versions", "still executing", "WebSocket")
"""What Voila and JupyterLab say to the console when all is well."""
KERNEL_READY = (
    "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
)
ALL_RUN = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.widgets.filter(w => w.model.type === 'code');
  return cells.every(w => w.model.executionCount !== null)
    && window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle';
}"""
FAULTS = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .filter(w => w.model.type === 'code')
  .flatMap(w => w.model.outputs.toJSON())
  .filter(o => o.output_type === 'error').map(o => o.ename + ': ' + o.evalue)"""


@dataclass
class Watched:
    """A page, the requests that would leave the machine, and the errors on its console."""

    page: Page
    left: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def watch(browser: Browser, height: int = 1400) -> Watched:
    """Return a new page that notes what it should not do."""
    watched = Watched(browser.new_page(viewport={"width": 1400, "height": height}))

    def asked(url: str) -> None:
        if not url.startswith(OWN_SCHEMES) and "//127.0.0.1:" not in url:
            watched.left.append(url)

    def said(kind: str, words: str) -> None:
        if kind == "error" and not any(noise in words for noise in NOISE):
            watched.errors.append(words)

    watched.page.on("request", lambda request: asked(request.url))
    watched.page.on("websocket", lambda socket: asked(socket.url))
    watched.page.on("console", lambda message: said(message.type, message.text))
    watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
    return watched


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def jupyterlab(workspace: Path, private: Path) -> Iterator[str]:
    """Run JupyterLab in a workspace and give its address; its settings and logs go into `private`."""
    port = free_port()
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
    environment = os.environ | {name: str(private / name.lower()) for name in homes}
    environment |= {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    log = private / "lab.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(command, env=environment, cwd=workspace, stdout=stream, stderr=stream)
    try:
        yield _ready(f"http://127.0.0.1:{port}", server, log)
    finally:
        server.terminate()
        server.wait(timeout=60)


def _ready(address: str, server: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/api", timeout=5).close()
            return address
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text(errors="replace")[-3000:])


def open_notebook(page: Page, address: str, path: str) -> None:
    """Open a notebook and wait for its kernel."""
    page.goto(f"{address}/lab/tree/{path}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=1000 * PATIENCE)
    page.wait_for_function(KERNEL_READY, timeout=1000 * PATIENCE)  # else JupyterLab asks which kernel to use


def run_all(page: Page) -> None:
    """Run all cells of the open notebook and wait for the last."""
    page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(ALL_RUN, timeout=1000 * PATIENCE)
    assert page.evaluate(FAULTS) == []


def close_kernels(page: Page) -> None:
    """End all kernels: one at a time is enough for a small machine."""
    page.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll()")


def ask(page: Page, code: str, expected: str) -> None:
    """Write `code` into the last cell and run it until it shows what it should.

    More than once, because a slider sends its last value only when the kernel has done with the one before.
    """
    last = page.locator(".jp-CodeCell").last
    last.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.type(code)
    shown = last.locator(".jp-OutputArea-output").last
    for _ in range(20):
        page.keyboard.press("Control+Enter")
        page.wait_for_function(KERNEL_READY, timeout=1000 * PATIENCE)
        page.wait_for_timeout(200)
        if shown.count() and expected in shown.inner_text():
            return
    raise AssertionError((code, expected, shown.inner_text()))
