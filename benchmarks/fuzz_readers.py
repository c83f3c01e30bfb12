"""Coverage-guided fuzzing of the readers: whatever the bytes, a table or a named refusal.

    python benchmarks/fuzz_readers.py -max_total_time=600 [corpus folder]

Options are libFuzzer's. atheris comes from PyPI: pip install atheris. The first byte chooses the file's name.
The tests hold the same property with Hypothesis (tests/unit/io/test_robustness.py).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["csanalysis.io"]):
    from csanalysis.errors import DataContractError
    from csanalysis.io import read_table

NAMES = ("t.csv", "t.xlsx", "t.xls", "t.csv.gz", "t.html")
FOLDER = Path(tempfile.mkdtemp())


def one(data: bytes) -> None:
    path = FOLDER / NAMES[data[0] % len(NAMES) if data else 0]
    path.write_bytes(data[1:])
    try:
        frame, repairs = read_table(path)
    except DataContractError as error:
        assert error.failures and all(f.file and f.expected and f.fix for f in error.failures)
        return
    assert frame.columns.is_unique and list(repairs.columns)[:2] == ["file", "rule"]


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
