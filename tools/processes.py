"""Start other programs so that an interrupt ends them cleanly."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], quiet: bool = False) -> int:
    """Run a program to its end and return its exit code.

    On Ctrl-C the program gets the signal too (it shares the terminal) and is waited for, so that it can
    clean up; then `KeyboardInterrupt` is raised here. If anything else stops this process, the program is
    ended.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    cwd : Path
        Folder to run it in.
    env : mapping
        Its whole environment.
    quiet : bool
        Throw its output away.
    """
    output = subprocess.DEVNULL if quiet else None
    with subprocess.Popen(command, cwd=cwd, env=env, stdout=output, stderr=output) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise
        finally:
            if process.poll() is None:
                process.terminate()


def capture(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> tuple[int, str]:
    """Run a program to its end and return its exit code and all it wrote."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout


def become(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> int:
    """Turn into another program, so that signals reach it directly; on Windows, run it and wait."""
    if os.name == "nt":
        return run(command, cwd=cwd, env=env)
    sys.stdout.flush()
    sys.stderr.flush()
    os.chdir(cwd)
    os.execve(command[0], list(command), dict(env))
