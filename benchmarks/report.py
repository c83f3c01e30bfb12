"""All notebooks to HTML: `csanalysis report` beside `jupyter nbconvert --execute`, one after another.

    python benchmarks/report.py [--runs 1]

Both run the notebooks of a fresh workspace as ``csanalysis init`` makes it, on the same machine in one run.
The report does more: it searches all outputs and widgets for errors, writes the board page, and (last line)
computes the grids of the sliders that work without a kernel.

Goal: at most 0.4 of the time of nbconvert, which makes the same pages: without the sliders.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from csanalysis.report import build_report
from csanalysis.workspace import create_workspace

GOAL = 0.4


def nbconvert(workspace: Path, out: Path) -> None:
    """Convert one notebook after another, each in a program of its own."""
    out.mkdir()
    environment = os.environ | {"CSANALYSIS_WORKSPACE": str(workspace), "CSANALYSIS_LANG": "en"}
    for path in sorted((workspace / "notebooks").glob("*.ipynb")):
        command = [
            sys.executable,
            "-m",
            "nbconvert",
            "--execute",
            "--to",
            "html",
            "--output-dir",
            str(out),
            str(path),
        ]
        subprocess.run(command, check=True, capture_output=True, env=environment)


def seconds(act: Callable[[Path], object], folder: Path) -> float:
    """Return how long `act` takes to write into a new folder."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    start = time.perf_counter()
    act(out)
    return time.perf_counter() - start


def main() -> None:
    """Print a table and the ratios; of several runs the median of each program counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace = create_workspace(folder / "work", "en")
        programs: dict[str, Callable[[Path], object]] = {
            "nbconvert --execute": lambda out: nbconvert(workspace, out),
            "csanalysis report": lambda out: build_report(workspace, out, progress=False, sliders=False),
            "  with sliders": lambda out: build_report(workspace, out, progress=False),
        }
        times: dict[str, list[float]] = {program: [] for program in programs}
        for _ in range(options.runs):
            for program, act in programs.items():
                times[program].append(seconds(act, folder))
    print(
        f"Python {platform.python_version()}, nbconvert {version('nbconvert')}, {os.cpu_count()} processors"
    )
    median = {program: sorted(found)[len(found) // 2] for program, found in times.items()}
    peer = median["nbconvert --execute"]
    for program, taken in median.items():
        print(f"{program:<22} {taken:7.1f} s   {taken / peer:.2f}")
    print(f"goal: csanalysis report at most {GOAL}")


if __name__ == "__main__":
    main()
