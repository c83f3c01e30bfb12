"""Write the locks and environment.yml anew: ``.venv/bin/python -m tools.lock [--upgrade]``.

One resolve for Python 3.11 to 3.13 and every system gives `requirements-test.lock` (everything);
`requirements.lock` (what an analyst needs) and `environment.yml` (the same, for conda) follow from it.
The locks hold names, versions and hashes, and no address: each machine uses the index that it is set up for.
"""

from __future__ import annotations

import os
import re
import sys

from tools import processes
from tools.console import SetupError, say, write
from tools.environment import LOCKS, ROOT

OPTIONS = [
    "--no-config",
    "--universal",
    "--python-version=3.11",
    "--fork-strategy=fewest",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--no-annotate",
    "--quiet",
    "--group=setup",
]

ENVIRONMENT = """\
# For conda and mamba: conda env create -f environment.yml
# The pins are those of requirements.lock; both are written by tools/lock.py.
name: csanalysis
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
{pins}
      - -e .
"""


def compile_lock(target: str, *options: str) -> None:
    """Resolve the dependencies of pyproject.toml into the lock `target`."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "pyproject.toml",
        *OPTIONS,
        *options,
        "-o",
        target,
    ]
    if processes.run(command, cwd=ROOT, env=env) != 0:
        raise SetupError(f"{target} could not be written")


def pins(lock: str) -> list[str]:
    r"""Return the requirements of a lock without their hashes.

    Examples
    --------
    >>> pins("a==1 ; os_name == 'nt' \\\n    --hash=sha256:00\nb==2 \\\n    --hash=sha256:11\n")
    ["a==1 ; os_name == 'nt'", 'b==2']
    """
    return [line.rstrip(" \\") for line in lock.splitlines() if re.match(r"[\w.-]+==", line)]


def environment_yml(lock: str) -> str:
    """Return the text of environment.yml for the text of `requirements.lock`."""
    lines = [f'      - "{pin}"' if ";" in pin else f"      - {pin}" for pin in pins(lock)]
    return ENVIRONMENT.format(pins="\n".join(lines))


def main(arguments: list[str]) -> int:
    """Write both locks and environment.yml; `--upgrade` takes the newest versions allowed."""
    try:
        compile_lock(LOCKS["test"], "--extra=test", *arguments)
        compile_lock(LOCKS["runtime"], f"--constraint={LOCKS['test']}")
    except SetupError as error:
        say(str(error))
        return 1
    lock = (ROOT / LOCKS["runtime"]).read_text(encoding="utf-8")
    (ROOT / "environment.yml").write_text(environment_yml(lock), encoding="utf-8", newline="\n")
    write(f"{len(pins(lock))} packages in {LOCKS['runtime']}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
