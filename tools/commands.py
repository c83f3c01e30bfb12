"""The commands of `run.py`."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tools import checks, environment, processes
from tools.console import SetupError, say

HELP = """\
usage: python3 run.py COMMAND [ARGUMENTS]        (Windows: py run.py COMMAND [ARGUMENTS])

Needs Python 3.11, 3.12 or 3.13 and nothing else. The first run creates .venv and installs into it;
later runs start at once.
Python 3.11～3.13 だけで動きます。初回は .venv を作成してインストールし、2 回目からはすぐに始まります。

commands / コマンド:
  report   write the HTML report            HTML レポートを作成する
  check    check the tables of a workspace  ワークスペースの表を検査する
  lab      open the notebooks in JupyterLab JupyterLab でノートブックを開く
  app      open sliders and charts alone    つまみと図だけのページを開く
  init     copy the example workspace       サンプルのワークスペースをコピーする
  test     run the checks and tests         検査とテストを実行する
  setup    only set up (--test: with the check tools)  準備だけを行う

examples / 例:
  python3 run.py report                                  the example in data/ -> report/index.html
  python3 run.py init mywork --lang ja                   your own workspace
  python3 run.py report mywork --out myreport --lang en  its report, in English
  python3 run.py report --help                           all options of a command
  python3 run.py test                                    the fast tests
  python3 run.py test --all                              the slow ones too
  python3 run.py test tests/unit -k lock                 a place runs whole; what else follows goes to pytest
"""

PRODUCT = ("app", "check", "init", "lab", "report")


def product_arguments(command: str, arguments: list[str], root: Path, here: Path) -> tuple[list[str], Path]:
    """Return the arguments of a `csanalysis` command and the folder to run it in.

    Without arguments the example workspace of the repository is meant, seen from the root of the repository.

    Examples
    --------
    >>> product_arguments("report", [], Path("/p"), Path("/h"))[0]
    ['report', 'data', '--out', 'report']
    >>> product_arguments("report", ["mywork", "--lang", "en"], Path("/p"), Path("/h"))[0]
    ['report', 'mywork', '--lang', 'en', '--out', 'report']
    """
    if not arguments and command != "init":
        return [command, "data", *(["--out", "report"] if command == "report" else [])], root
    settled = any(a in ("-h", "--help") or a.split("=")[0] == "--out" for a in arguments)
    if command == "report" and not settled:
        return [command, *arguments, "--out", "report"], here
    return [command, *arguments], here


def run_product(command: str, arguments: list[str]) -> int:
    """Run a command of `csanalysis` in the environment."""
    python = environment.ensure("runtime")
    line, cwd = product_arguments(command, arguments, environment.ROOT, Path.cwd())
    # -P: a file of the analyst's named like a package must not be imported in its place.
    program = [str(python), "-P", "-m", "csanalysis.cli", *line]
    # The product names its next commands as they can be typed here, where csanalysis is not on the path.
    named = {**environment.child_environment(), "CSANALYSIS_PROGRAM": f"{_python_name()} run.py"}
    return processes.become(program, cwd=cwd, env=named)


def _python_name() -> str:
    return "py" if sys.platform == "win32" else "python3"


def run_command(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    command, *rest = arguments or ["--help"]
    if command in ("-h", "--help", "help"):
        sys.stdout.write(HELP)
        return 0 if arguments else 2
    if command not in (*PRODUCT, "test", "setup"):
        sys.stdout.write(HELP)
        say(f"unknown command: {command}", "不明なコマンドです")
        return 2
    signal.signal(signal.SIGTERM, _end)
    try:
        if command in PRODUCT:
            return run_product(command, rest)
        if command == "setup":
            environment.ensure("test" if "--test" in rest else "runtime")
            return 0
        return checks.run_checks(environment.ensure("test"), rest)
    except (SetupError, OSError) as error:
        say(f"{error}")
        return 1


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Leave in order when told to end, so that nothing started here is left running."""
    sys.exit(128 + number)
