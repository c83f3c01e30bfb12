"""The project file, the locks and what follows from them agree with each other."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.environment import LOCKS, lock_entry
from tools.lock import environment_yml, pins

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

LOCK_LINE = re.compile(r"[a-z0-9][a-z0-9-]*==[0-9][0-9a-z.]*( ; [a-z_]+ [ a-z0-9_.'<>=!()A-Z]+)? \\")
HASH_LINE = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def lock(kind: str) -> str:
    return (ROOT / LOCKS[kind]).read_text(encoding="utf-8")


def versions(kind: str) -> dict[str, str]:
    pairs = (pin.split(" ; ")[0].split("==") for pin in pins(lock(kind)))
    return {name: version for name, version in pairs}


@pytest.mark.parametrize("kind", LOCKS)
def test_a_lock_holds_nothing_but_pins_and_hashes(kind: str) -> None:
    """No address, host, path or option can hide in a line that has one of these two forms."""
    odd = [s for s in lock(kind).splitlines() if not LOCK_LINE.fullmatch(s) and not HASH_LINE.fullmatch(s)]
    assert odd == []


@pytest.mark.parametrize("kind", LOCKS)
def test_every_pin_has_a_hash_and_stands_once(kind: str) -> None:
    text = lock(kind)
    names = [pin.split("==")[0] for pin in pins(text)]
    assert len(names) == len(set(names)) > 50
    assert all("--hash=sha256:" in lock_entry(text, name) for name in names)


def test_the_runtime_lock_is_a_part_of_the_test_lock() -> None:
    text = lock("test")
    assert all(lock_entry(lock("runtime"), name) == lock_entry(text, name) for name in versions("runtime"))


def test_test_tools_stay_out_of_the_runtime() -> None:
    tools = {Requirement(line).name for line in PROJECT["project"]["optional-dependencies"]["test"]}
    tools -= {"packaging"}  # matplotlib brings it in any case
    assert tools <= versions("test").keys()
    assert not tools & versions("runtime").keys()


def test_the_locks_hold_what_the_project_asks_for() -> None:
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["setup"]]
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(versions("runtime")[requirement.name]), requirement
    for requirement in map(Requirement, PROJECT["project"]["optional-dependencies"]["test"]):
        assert requirement.specifier.contains(versions("test")[requirement.name]), requirement


def imports(folder: str) -> set[str]:
    """Return the top-level names of other people's packages that the files of a folder import."""
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.split(".")[0])
    own = {"__future__", "benchmarks", "csanalysis", "run", "tests", "tools"}
    return found - set(sys.stdlib_module_names) - own


ASKED = [("csanalysis", []), ("tools", []), ("tests", ["test", "spark"])]


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "extra"), ASKED)
def test_every_package_that_is_imported_is_asked_for(folder: str, extra: list[str]) -> None:
    """A package that only comes along with another one may be gone with its next version."""
    asked = list(PROJECT["project"]["dependencies"])
    for name in extra:
        asked += PROJECT["project"]["optional-dependencies"][name]
    names = {Requirement(line).name for line in asked}
    providers = importlib.metadata.packages_distributions()
    for module in imports(folder):
        assert names & {canonicalize_name(each) for each in providers.get(module, [module])}, module


def test_environment_yml_has_the_pins_of_the_runtime_lock() -> None:
    assert (ROOT / "environment.yml").read_text(encoding="utf-8") == environment_yml(lock("runtime"))


@pytest.mark.parametrize("name", ["uv.lock", "pylock.toml", "poetry.lock", "pdm.lock"])
def test_there_is_no_lock_that_names_hosts(name: str) -> None:
    assert not (ROOT / name).exists()


def test_licence() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("BSD 3-Clause License\n\nCopyright (c) 2026, csanalysis developers\n")
    assert PROJECT["project"]["license"] == "BSD-3-Clause"
    assert PROJECT["project"]["license-files"] == ["LICENSE"]


def test_project_file() -> None:
    project = PROJECT["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert project["scripts"] == {"csanalysis": "csanalysis.cli:main"}
    assert "scipy" not in versions("runtime") or "scipy" in " ".join(project["dependencies"])


def test_the_version_stands_in_one_form() -> None:
    source = (ROOT / "csanalysis" / "__init__.py").read_text(encoding="utf-8")
    assert f'__version__ = "{PROJECT["project"]["version"]}"' in source


def test_run_py_parses_on_old_pythons() -> None:
    """Python 3.6 and 2.7 must read it, or they would show a syntax error instead of the message."""
    source = (ROOT / "run.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    assert source.splitlines()[1] == "# -*- coding: utf-8 -*-"
    for node in ast.walk(tree):
        assert not isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.NamedExpr | ast.Nonlocal), node.lineno
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None and not node.args.kwonlyargs
            assert all(argument.annotation is None for argument in node.args.args)


def test_the_contract_against_plotting_names_every_module_below_the_charts() -> None:
    """The contract is a list, so a new module must be put into it."""
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    listed = next(each["source_modules"] for each in contracts if each["name"].startswith("No plotting"))
    files = {path.stem for path in (ROOT / "csanalysis").glob("*.py")} - {"__init__", "__main__"}
    modules = files | {path.parent.name for path in (ROOT / "csanalysis").glob("*/__init__.py")}
    above = {"charts", "cli", "report", "tables", "widgets"}
    assert {name.removeprefix("csanalysis.") for name in listed} == modules - above


def test_the_makefile_only_calls_run_py() -> None:
    recipes = re.findall(r"^\t@(.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert recipes
    assert all(re.match(r"\$\(PYTHON\) run\.py |\.venv/bin/python -m tools\.lock", line) for line in recipes)
