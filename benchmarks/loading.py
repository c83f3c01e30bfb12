"""Files of a million rows, and polluted files, beside pandas, the standard library and CleverCSV in one run.

    python benchmarks/loading.py [--rows 1000000] [--sheet-rows 200000] [--step 1]

Loading: every program reads the same file in a process of its own; told are seconds and the peak of memory.
pandas reads text cells too (`dtype=str`), and must be told the encoding and the sheet.
Pollution: the score of `benchmarks/pollution.py` (0 to 10, weighted by how often files are like that), and
how many files are wrong without a word. Peers read without hints; they tell nothing, so whatever they read
wrong is silent. CleverCSV comes from PyPI: pip install clevercsv.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd

from csanalysis.io import read_table

try:
    from benchmarks import pollution
except ModuleNotFoundError:
    import pollution  # type: ignore[no-redef]

HEADER = ("顧客番号", "日時", "機能", "件数", "時間", "部署")


def _row(rng: random.Random) -> tuple[object, ...]:
    day = f"2024-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    hour = f"{rng.randrange(24):02d}:{rng.randrange(60):02d}"
    count, hours = rng.randrange(1, 500), round(rng.random() * 3, 2)
    feature, part = f"機能{rng.randrange(30)}", f"営業{rng.randrange(9)}部"
    return f"{rng.randrange(50000):06d}", f"{day} {hour}", feature, count, hours, part


def make_csv(path: Path, rows: int) -> None:
    """Write a usage log in CP932, as many systems in Japan do."""
    rng = random.Random(1)
    with path.open("w", encoding="cp932", newline="") as stream:
        stream.write(",".join(HEADER) + "\r\n")
        for _ in range(rows):
            stream.write(",".join(map(str, _row(rng))) + "\r\n")


def make_sheet(path: Path, rows: int) -> None:
    """Write the same as a workbook."""
    import openpyxl

    rng = random.Random(1)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("利用ログ")
    sheet.append(HEADER)
    for _ in range(rows):
        sheet.append(_row(rng))
    book.save(path)


def with_pandas(path: Path) -> pd.DataFrame:
    if path.suffix == ".xlsx":
        return pd.read_excel(path, dtype=str)
    return pd.read_csv(path, encoding="cp932", dtype=str, keep_default_na=False)


LOADERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    "csanalysis": lambda path: read_table(path)[0],
    "pandas": with_pandas,
}


def load_once(program: str, path: Path) -> None:
    """Read a file and print rows, seconds and the peak of memory: what a process of its own does."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    frame = LOADERS[program](path)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{len(frame):,} {seconds:.1f} {peak / 1024:.0f} {before / 1024:.0f}")


def loading(path: Path) -> None:
    for program in LOADERS:
        command = [sys.executable, __file__, "--load", program, str(path)]
        run = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
        rows, seconds, peak, _ = run.stdout.split()
        size = path.stat().st_size / 1e6
        print(
            f"{program:12s} {path.suffix:5s} {size:6.0f} MB {rows:>10s} rows {seconds:>6s} s {peak:>6s} MB",
            flush=True,
        )


def _ours(folder: Path) -> pollution.Reader:
    path = folder / "t.csv"

    def read(data: bytes) -> tuple[list[str], list[list[str]], bool]:
        path.write_bytes(data)
        frame, repairs = read_table(path)
        return list(frame.columns), frame.to_numpy().tolist(), not repairs.empty

    return read


def _pandas(data: bytes) -> tuple[list[str], list[list[str]], bool]:
    frame = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
    return list(map(str, frame.columns)), frame.to_numpy().tolist(), False


def _clevercsv(data: bytes) -> tuple[list[str], list[list[str]], bool]:
    import clevercsv

    text = data.decode()
    dialect = clevercsv.Sniffer().sniff(text)
    rows = [row for row in clevercsv.reader(io.StringIO(text, newline=""), dialect) if row]
    return rows[0], rows[1:], False


def scores(step: int) -> None:
    files = list(pollution.polluted_files(step=step))
    with tempfile.TemporaryDirectory() as folder:
        readers = {
            "csanalysis": _ours(Path(folder)),
            "pandas": _pandas,
            "csv module": pollution.with_csv_module,
        }
        try:
            readers[f"CleverCSV {version('clevercsv')}"] = _clevercsv
        except PackageNotFoundError:
            print("CleverCSV is not installed: no score of it")
        for name, read in readers.items():
            print(
                f"{name:16s} {pollution.summary([pollution.judge(file, read) for file in files])}", flush=True
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sheet-rows", type=int, default=200_000)
    parser.add_argument("--step", type=int, default=1, help="each STEP-th of the files that spoil one row")
    parser.add_argument("--load", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.load:
        load_once(arguments.load[0], Path(arguments.load[1]))
        return
    print(f"Python {platform.python_version()}, pandas {pd.__version__}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        for name, make, rows in (
            ("a.csv", make_csv, arguments.rows),
            ("a.xlsx", make_sheet, arguments.sheet_rows),
        ):
            path = Path(folder) / name
            if rows:
                make(path, rows)
                loading(path)
    if arguments.step:
        scores(arguments.step)


if __name__ == "__main__":
    main()
