"""Files appear whole or not at all, and no spreadsheet runs what a cell says."""

from __future__ import annotations

import subprocess
import sys
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


@pytest.mark.parametrize(
    "cell",
    [" =1+1", "\u3000＝1", "' =1", "\n@x", "\xa0-x", "'\t'=x", "\x00=1", "\x1b+1", "\u200b=1", "\ufeff@x"],
)
def test_spaces_and_marks_hide_no_formula(cell: str) -> None:
    assert neutralise(cell) == "'" + cell


@pytest.mark.parametrize(
    "cell", ["-3.5", " -3.5 ", "+1e5", "", " ", "'", "'\t", "\t' ", "a=1", "営業-1", "'tis"]
)
def test_what_is_no_formula_stays(cell: str) -> None:
    assert neutralise(cell) == cell


def test_no_cell_begins_behind_another_sign(tmp_path: Path) -> None:
    """Spreadsheets may part cells at semicolons and tabs too: ``x;=1`` would end in a formula of its own."""
    write_csv(tmp_path / "t.csv", pd.DataFrame({"a": ["1", "2"], "b": ["x;=1+1", "y"]}))
    assert '"x;=1+1"' in (tmp_path / "t.csv").read_text("utf-8-sig")
    write_csv(tmp_path / "u.csv", pd.DataFrame({"a": ["1", "2"], "b": ["x\t=1+1", "y"]}))
    assert '"x\t=1+1"' in (tmp_path / "u.csv").read_text("utf-8-sig")
    write_csv(tmp_path / "v.csv", pd.DataFrame({"a": ["1", "2"], "b": ["x", "y"]}))
    assert (tmp_path / "v.csv").read_text("utf-8-sig") == "a,b\n1,x\n2,y\n"


def test_only_what_must_be_is_quoted(tmp_path: Path) -> None:
    """As the CSV writer of pandas does it, but for the further separators."""
    frame = pd.DataFrame({"a": ['say "x"', "a,b", "two\nlines", ""], "b": ["1", "", "c d", "x y"]})
    write_csv(tmp_path / "t.csv", frame)
    plain = frame.to_csv(index=False, lineterminator="\n")
    assert (tmp_path / "t.csv").read_bytes().decode("utf-8-sig") == plain
    one = pd.DataFrame({"a": ["x", "", "y"]})
    write_csv(tmp_path / "u.csv", one)
    assert (tmp_path / "u.csv").read_text("utf-8-sig") == 'a\nx\n""\ny\n'


def test_names_of_columns_are_guarded_and_read_back(tmp_path: Path) -> None:
    frame = pd.DataFrame([["1", "2", "3"], ["4", "5", "6"]], columns=["=cmd()", "+α", "'=x"])
    write_csv(tmp_path / "t.csv", frame)
    assert (tmp_path / "t.csv").read_text("utf-8-sig").startswith("'=cmd(),'+α,''=x\n")
    assert read_table(tmp_path / "t.csv")[0].columns.tolist() == ["=cmd()", "+α", "'=x"]


def test_a_file_that_was_private_stays_so(tmp_path: Path) -> None:
    """Replacing a file must not open to everybody what its owner had closed."""
    path = tmp_path / "t.csv"
    path.write_text("old")
    path.chmod(0o600)
    write_bytes_atomic(path, b"new")
    assert path.read_bytes() == b"new" and path.stat().st_mode & 0o777 == 0o600
    write_bytes_atomic(tmp_path / "n.csv", b"new")
    (tmp_path / "m.csv").write_text("by open()")
    assert (tmp_path / "n.csv").stat().st_mode == (tmp_path / "m.csv").stat().st_mode


def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "t.csv").symlink_to(tmp_path / "shared" / "t.csv")
    write_bytes_atomic(tmp_path / "t.csv", b"new")
    assert (tmp_path / "t.csv").is_symlink() and (tmp_path / "shared" / "t.csv").read_bytes() == b"new"


@pytest.mark.slow
def test_a_signal_in_the_middle_of_a_write_leaves_the_old_file(tmp_path: Path) -> None:
    """An interrupt removes what was begun; after a kill it lies hidden beside the old file."""
    path = tmp_path / "t.csv"
    path.write_text("old")
    code = (
        "import os, pathlib, signal, sys\n"
        "from csanalysis.io.writers import replacing\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in jobs of the background
        "with replacing(pathlib.Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('half of the n')\n"
        "    os.kill(os.getpid(), getattr(signal, sys.argv[2]))\n"
        "    temporary.write_text('never')\n"
    )
    for name, left in (("SIGINT", []), ("SIGKILL", ["half of the n"])):
        ended = subprocess.run([sys.executable, "-c", code, path, name], capture_output=True, check=False)
        assert ended.returncode != 0 and path.read_text() == "old"
        assert [p.read_text() for p in tmp_path.iterdir() if p != path] == left
        assert all(p.name.startswith(".t.csv.") for p in tmp_path.iterdir() if p != path)
    write_bytes_atomic(path, b"new")
    assert path.read_bytes() == b"new"
