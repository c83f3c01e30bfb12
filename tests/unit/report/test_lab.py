"""JupyterLab as `csanalysis lab` starts it: this machine alone, nothing fetched, compiled beside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from csanalysis import cli
from csanalysis.report import lab
from csanalysis.report.lab import lab_environment, warming
from csanalysis.workspace import notebooks_dir


def test_the_command_and_its_environment(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[list[str], dict[str, str]]] = []

    def run(command: list[str], *, env: dict[str, str], check: bool) -> subprocess.CompletedProcess[bytes]:
        seen.append((command, env))
        return subprocess.CompletedProcess(command, 7)

    monkeypatch.setattr(lab.subprocess, "run", run)
    monkeypatch.setattr(lab, "warming", lambda environment: nullcontext())
    words = ["lab", str(workspace), "--lang", "en", "--no-browser", "--port", "8999"]
    assert cli.main(words) == 7
    ((command, environment),) = seen
    assert {"--ServerApp.ip=127.0.0.1", "--no-browser", "--ServerApp.port=8999"} <= set(command)
    assert command[1:3] == ["-m", "jupyterlab"] and any("00_start_here.ipynb" in word for word in command)
    assert environment["CSANALYSIS_LANG"] == "en" and environment["CSANALYSIS_NAMES"] == "shown"
    assert Path(environment["CSANALYSIS_WORKSPACE"]) == workspace
    assert notebooks_dir(workspace).is_relative_to(command[4].partition("=")[2])


@pytest.mark.slow
def test_jupyterlab_asks_for_no_news_and_looks_for_no_update(tmp_path: Path) -> None:
    """Both reach out to the network, and the question stands in English over the first notebook."""
    code = """import json
from jupyterlab_server.config import ConfigManager
print(json.dumps(ConfigManager(config_dir_name="labconfig").get("default_setting_overrides")))"""
    environment = {**lab_environment(tmp_path, "ja"), "JUPYTER_CONFIG_DIR": str(tmp_path)}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    told = json.loads(found.stdout)["@jupyterlab/apputils-extension:notification"]
    assert told == {"checkForUpdates": False, "fetchNews": "false"}


def test_paths_of_the_user_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    assert lab_environment(tmp_path, None)["JUPYTER_CONFIG_PATH"].split(os.pathsep)[0] == "mine"
    monkeypatch.setenv("CSANALYSIS_NAMES", "hidden")
    assert lab_environment(tmp_path, None)["CSANALYSIS_NAMES"] == "hidden"


def test_lab_warms_beside_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start of JupyterLab does not wait for a compiler, and closing it ends the compiler."""
    started, real = list[subprocess.Popen[bytes]](), subprocess.Popen

    def popen(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        assert "warm()" in command[-1]
        sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
        started.append(real(sleeping, **options))  # type: ignore[call-overload]
        return started[0]

    monkeypatch.setattr(lab.subprocess, "Popen", popen)
    with warming({}):
        assert started[0].poll() is None
    assert started[0].returncode is not None
