"""The wheel, installed in a fresh environment, works far from the repository."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    """Run a program that must succeed, without anything that would lead it back to the repository."""
    env = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "CSANALYSIS_WORKSPACE")
    }
    # Jupyter looks for page templates below the prefix of the environment, which is not the one linked to.
    env["JUPYTER_PATH"] = str(Path(sys.prefix) / "share" / "jupyter")
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env=env, capture_output=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("csanalysis-*-py3-none-any.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the programs of a fresh environment that has the wheel.

    The packages it needs are those of the environment that runs the tests, linked to by a `.pth` line:
    nothing is downloaded, and the `.pth` files over there, which lead to the repository, have no effect here.
    """
    venv = tmp_path_factory.mktemp("fresh") / "環境 1"
    programs = venv / ("Scripts" if os.name == "nt" else "bin")
    base = {"base": str(venv), "platbase": str(venv)}
    packages = Path(sysconfig.get_path("purelib", scheme="venv", vars=base))
    run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, venv, cwd=ROOT)
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--python"]
    run(*install, programs / "python", wheel, cwd=ROOT)
    (packages / "linked.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return programs


def test_the_wheel_holds_the_package_its_texts_and_the_example(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "csanalysis/_bundle/data/csanalysis.toml" in names
    assert "csanalysis/_bundle/data/README.md" in names
    assert "csanalysis/py.typed" in names
    assert any(name.startswith("csanalysis/resources/labels/") for name in names)
    notebooks = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    bundled = {Path(name).name for name in names if Path(name).parent.name == "notebooks"}
    assert notebooks and notebooks == bundled
    assert "csanalysis-0.1.0.dist-info/licenses/LICENSE" in names
    assert {name.split("/")[0] for name in names} == {"csanalysis", "csanalysis-0.1.0.dist-info"}


def test_init_and_report_work_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import csanalysis; print(csanalysis.__file__)", cwd=tmp_path)
    assert not Path(where.strip()).resolve().is_relative_to(ROOT)
    assert Path(where.strip()).resolve().is_relative_to(installed.parent.resolve())

    run(installed / "csanalysis", "init", "my work", cwd=tmp_path)
    assert (tmp_path / "my work" / "csanalysis.toml").is_file()
    for notebook in (tmp_path / "my work" / "notebooks").glob("*.ipynb"):
        if not notebook.name.startswith(("00", "05")):  # all of them run in the tests of the report
            notebook.unlink()
    run(installed / "csanalysis", "report", "my work", "--out", "out", cwd=tmp_path)
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert str(ROOT) not in page
