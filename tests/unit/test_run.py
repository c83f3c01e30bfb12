"""`run.py` and `tools/`: what can be shown without creating an environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import run
from tools import commands, environment, processes
from tools.checks import pytest_arguments
from tools.console import SetupError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let `.venv` be an empty folder elsewhere."""
    folder = tmp_path / "project 顧客" / ".venv"
    folder.mkdir(parents=True)
    monkeypatch.setattr(environment, "VENV", folder)
    monkeypatch.setattr(environment.venv_python, "__defaults__", (folder,))
    monkeypatch.setattr(environment.stamp, "__defaults__", (folder,))
    monkeypatch.setattr(environment.site_packages, "__defaults__", (folder,))
    return folder


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 8, 18), (3, 10, 13), (3, 14, 0)])
def test_a_wrong_python_is_told_in_both_languages(
    version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setenv("PATH", "")
    assert run.main(["report"]) == 2
    told = capsys.readouterr().err
    assert "this is Python {}.{}.{}".format(*version) in told
    assert "必要です" in told and "py -3.12 run.py report" in told


@pytest.mark.skipif(os.name == "nt", reason="on Windows the launcher `py` finds a fitting Python")
def test_a_fitting_python_on_the_path_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "with space"
    folder.mkdir()
    for name, code in (("python3.13", 127), ("python3.12", 0)):
        (folder / name).write_text(f"#!/bin/sh\nexit {code}\n", encoding="ascii")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    assert "python3.12 run.py test -x" in run.wrong_python(["test", "-x"])


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["help"]])
def test_help_has_examples(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(arguments) == 0
    assert "python3 run.py report mywork --out myreport --lang en" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["reprot"]])
def test_wrong_usage_shows_the_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(arguments) == 2
    assert "python3 run.py report" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "given", "expected", "at_root"),
    [
        ("report", [], ["report", "data", "--out", "report"], True),
        ("report", ["w"], ["report", "w", "--out", "report"], False),
        ("report", ["w", "--out", "r"], ["report", "w", "--out", "r"], False),
        ("report", ["--out=r"], ["report", "--out=r"], False),
        ("report", ["--help"], ["report", "--help"], False),
        ("check", [], ["check", "data"], True),
        ("check", ["w", "--json"], ["check", "w", "--json"], False),
        ("lab", [], ["lab", "data"], True),
        ("init", [], ["init"], False),
        ("init", ["w"], ["init", "w"], False),
    ],
)
def test_arguments_of_the_product(command: str, given: list[str], expected: list[str], at_root: bool) -> None:
    root, here = Path("root"), Path("here")
    assert commands.product_arguments(command, given, root, here) == (expected, root if at_root else here)


def test_pytest_gets_the_rest() -> None:
    assert pytest_arguments([])[-4:] == ["csanalysis", "tools", "-m", "not slow"]
    assert pytest_arguments(["--all", "-q"])[-3:] == ["csanalysis", "tools", "-q"]
    named = pytest_arguments(["tests/unit/test_run.py::test_x"])
    assert named[-1] == "tests/unit/test_run.py::test_x" and "-m" not in named
    assert pytest_arguments(["-m", "browser"])[-2:] == ["-m", "browser"]


def test_lock_entry_ends_where_the_next_begins() -> None:
    first = "a-b==1 ; os_name == 'nt' \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\n"
    text = f"{first}b==2 \\\n    --hash=sha256:3\n"
    assert environment.lock_entry(text, "a-b") == first
    assert environment.lock_entry(text, "b") == "b==2 \\\n    --hash=sha256:3\n"
    with pytest.raises(SetupError, match="uv is not in the lock"):
        environment.lock_entry(text, "uv")


def test_an_environment_is_ready_only_with_python_and_the_stamp_of_this_lock(venv: Path) -> None:
    assert not environment.is_ready("runtime")
    python = environment.venv_python()
    python.parent.mkdir(parents=True)
    python.touch()
    assert not environment.is_ready("runtime")
    environment.stamp("runtime").write_text("old", encoding="utf-8")
    assert not environment.is_ready("runtime")
    environment.stamp("runtime").write_text(environment.digest("runtime"), encoding="utf-8")
    assert environment.is_ready("runtime")
    assert not environment.is_ready("test")
    python.unlink()
    assert not environment.is_ready("runtime")


def test_the_digest_depends_on_lock_project_and_place(tmp_path: Path) -> None:
    seen = set()
    for folder, lock, project in (("a", "1", "x"), ("b", "1", "x"), ("b", "2", "x"), ("b", "2", "y")):
        root = tmp_path / folder
        root.mkdir(exist_ok=True)
        (root / "requirements.lock").write_text(lock, encoding="utf-8")
        (root / "pyproject.toml").write_text(project, encoding="utf-8")
        seen.add(environment.digest("runtime", root))
    assert len(seen) == 4


def test_missing_ensurepip_names_the_remedy(
    venv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        environment.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name
    )
    assert commands.run_command(["report"]) == 1
    told = capsys.readouterr().err
    assert "sudo apt install python3-venv" in told and "仮想環境を作成できません" in told


@pytest.mark.parametrize("home", [None, "", "/nonexistent"])
@pytest.mark.skipif(os.name == "nt", reason="Windows has no HOME")
def test_without_a_home_folder_one_is_made(
    venv: Path, home: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if home is None:
        monkeypatch.delenv("HOME")
    else:
        monkeypatch.setenv("HOME", home)
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    env = environment.child_environment()
    assert env["HOME"] == str(venv / "home") and (venv / "home").is_dir()
    assert "PYTHONPATH" not in env


def test_uv_learns_the_network_settings_of_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = (
        """:env:.cert='/c.pem'\nglobal.index-url='mirror'\nglobal.extra-index-url='b'\nlist.index-url='d'"""
    )
    monkeypatch.setattr(processes, "capture", lambda command, cwd, env: (0, listing))
    expected = {"UV_DEFAULT_INDEX": "mirror", "SSL_CERT_FILE": "/c.pem"}
    assert environment.pip_settings_for_uv({}) == expected
    assert environment.pip_settings_for_uv({"SSL_CERT_FILE": "own"}) == {"UV_DEFAULT_INDEX": "mirror"}


def test_a_file_in_the_way_is_replaced(venv: Path) -> None:
    venv.rmdir()
    venv.touch()
    environment.remove_venv()
    assert not venv.exists()


def test_the_project_is_found_by_a_relative_ascii_path(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "ROOT", venv.parent)
    folder = environment.site_packages()
    (folder / "csanalysis" / "_bundle").mkdir(parents=True)
    (folder / "_csanalysis.pth").write_text(str(venv.parent), encoding="utf-8")
    environment.settle_project()
    line = (folder / "_csanalysis.pth").read_text(encoding="ascii").strip()
    assert (folder / line).resolve() == venv.parent.resolve()
    assert not (folder / "csanalysis").exists()


CHILD = """
import time
try:
    print("up", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("child done")
"""

PARENT = """
import os, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may ignore it in the background
sys.path.insert(0, sys.argv[1])
import run
from tools import commands, processes
child = [sys.executable, "-c", sys.argv[2]]
commands.run_command = lambda arguments: processes.run(child, cwd=Path("."), env=os.environ)
sys.exit(run.main([]))
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interrupt_ends_without_a_traceback_and_waits_for_the_child(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(ROOT), CHILD],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "up\n"
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "child done\n")
    assert "stopped / 中断しました" in err and "Traceback" not in err


def test_captured_output_is_text_whatever_its_bytes(tmp_path: Path) -> None:
    script = "import sys; sys.stdout.buffer.write(b'\\xff ok'); sys.exit(3)"
    code, output = processes.capture([sys.executable, "-c", script], cwd=tmp_path, env=dict(os.environ))
    assert (code, output) == (3, "� ok")
