"""Files appear whole or not at all, and no spreadsheet runs what a cell says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from csanalysis.io.readers import read_table
from csanalysis.io.writers import neutralise, write_bytes_atomic, write_csv


def test_csv_opens_in_excel_and_reads_back(tmp_path: Path) -> None:
    frame = pd.DataFrame({"名前": ["解約, 防止", "001"], "value": ["-1.5", ""]})
    write_csv(tmp_path / "t.csv", frame)
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert read_table(tmp_path / "t.csv")[0].to_numpy().tolist() == frame.to_numpy().tolist()


@pytest.mark.parametrize("cell", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0"])
def test_formulas_are_neutralised(cell: str) -> None:
    assert neutralise(cell) == "'" + cell


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("old")
    with pytest.raises(TypeError):
        write_bytes_atomic(path, object())  # type: ignore[arg-type]
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["t.csv"]
