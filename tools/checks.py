"""All checks of the project, in one run: style, types, import rule, tests, notebooks."""

from __future__ import annotations

import time
from pathlib import Path

from tools import processes
from tools.console import say, write
from tools.environment import ROOT, child_environment

IMPORT_LINTER = "from importlinter.cli import lint_imports_command as main; main()"

STATIC = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
    "import-linter": ["-c", IMPORT_LINTER, "--no-cache"],
}

# Tests, examples in docstrings, and notebooks (their cells must run; what they show is asserted in tests/).
KINDS = ["--doctest-modules", "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=300"]
# One process per core; the tests of a file, and the cells of a notebook, stay together and in order. The long
# files come first, so that no core waits for one of them at the end.
PARALLEL = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
PLACES = ["tests", "notebooks", "csanalysis", "tools"]
# Compiled once before the tests start, so that they do not do it side by side.
WARM = "from csanalysis.costing.scenario_runs import warm; warm()"


def pytest_arguments(arguments: list[str]) -> list[str]:
    """Return the arguments for pytest: slow tests only with `--all`, or where a place is named.

    Examples
    --------
    >>> pytest_arguments(["--all", "-x"])[-3:]
    ['csanalysis', 'tools', '-x']
    >>> pytest_arguments(["-x"])[-4:]
    ['tools', '-m', 'not slow', '-x']
    >>> pytest_arguments(["tests/e2e", "-x"]) == [*KINDS, "tests/e2e", "-x"]
    True
    """
    rest = [argument for argument in arguments if argument != "--all"]
    chosen = any(not a.startswith("-") and (ROOT / a.split("::")[0]).exists() for a in rest)
    places = [] if chosen else [*PARALLEL, *PLACES]
    speed = [] if "--all" in arguments or "-m" in rest or chosen else ["-m", "not slow"]
    return [*KINDS, *places, *speed, *rest]


def run_static(python: Path) -> list[str]:
    """Run the checks that need no run of the program, and return the names of those that failed."""
    failed = []
    for name, command in STATIC.items():
        start = time.monotonic()
        code, output = processes.capture([str(python), *command], cwd=ROOT, env=child_environment())
        verdict = "ok" if code == 0 else "FAILED"
        say(f"{name:<14} {verdict} ({time.monotonic() - start:.1f} s)")
        if code != 0:
            write(output + "\n")
            failed.append(name)
    return failed


def run_checks(python: Path, arguments: list[str]) -> int:
    """Run every check, also after a failure, pytest last; return 0 if all passed, else 1.

    Parameters
    ----------
    python : Path
        Python of the environment with the test set.
    arguments : list of str
        `--all` for the slow tests too; the rest goes to pytest.
    """
    failed = run_static(python)
    processes.run([str(python), "-c", WARM], cwd=ROOT, env=child_environment())
    command = [str(python), "-m", "pytest", *pytest_arguments(arguments)]
    if processes.run(command, cwd=ROOT, env=child_environment()) != 0:
        failed.append("pytest")
    if "not slow" in command:
        say(
            "the slow tests were not run: python3 run.py test --all",
            "時間のかかるテストは実行していません: python3 run.py test --all",
        )
    if failed:
        say(f"FAILED: {', '.join(failed)}", "上記の検査が失敗しました")
    return 1 if failed else 0
