"""Exports that are looked at without being loaded: kind, encoding and names of columns."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from csanalysis.schemas import raw_files
from csanalysis.schemas.events import files_of, find_table, suffix_of
from csanalysis.schemas.raw_files import columns_of, decoded, encoding_of

TEXT = "顧客,日時\nアルファ,2024-04-01\n"


def put(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return folder / name


@pytest.mark.parametrize("name", ["t.csv", "t.CSV.gz"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_encoding_and_names(tmp_path: Path, name: str, encoding: str) -> None:
    if name == "t.CSV.gz":
        (tmp_path / name).write_bytes(gzip.compress(TEXT.encode(encoding)))
    else:
        put(tmp_path, name, TEXT.encode(encoding))
    path = tmp_path / name
    assert encoding_of(path) == encoding and suffix_of(path) == name.lower()[1:]
    assert columns_of(path, suffix_of(path)) == ["顧客", "日時"]
    assert "".join(decoded(path, encoding)) == TEXT


def test_every_byte_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log may be ASCII for millions of rows; a character may lie across two blocks, or be cut."""
    monkeypatch.setattr(raw_files, "_BLOCK", 2)
    late = "a,b\n" + "1,2\n" * 50 + "1,顧\n"
    assert encoding_of(put(tmp_path, "a.csv", late.encode())) == "utf-8-sig"
    assert encoding_of(put(tmp_path, "b.csv", late.encode("cp932"))) == "cp932"
    with pytest.raises(ValueError, match=r"c\.csv: UTF-8\? CP932\?"):
        encoding_of(put(tmp_path, "c.csv", "é,ü\n".encode("latin-1") + b"\xa0\xff"))
    cut = put(tmp_path, "d.csv", "a\nア".encode()[:-1])
    with pytest.raises(UnicodeDecodeError):
        list(decoded(cut, "utf-8-sig"))
    with pytest.raises(ValueError, match="ended before"):
        encoding_of(_cut(put(tmp_path, "e.csv.gz", TEXT.encode() * 100)))


def _cut(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[:-9])
    return path


def test_names_of_parquet_and_of_what_is_none(tmp_path: Path) -> None:
    pd.DataFrame({"顧客": ["a"], "x": [1]}).to_parquet(tmp_path / "t.parquet")
    assert columns_of(tmp_path / "t.parquet", ".parquet") == ["顧客", "x"]
    with pytest.raises(ValueError, match=r"[Pp]arquet"):
        columns_of(put(tmp_path, "u.parquet", b"a,b\n"), ".parquet")
    with pytest.raises(ValueError, match=r"v\.csv"):
        columns_of(put(tmp_path, "v.csv", b"\x81 \n"), ".csv")
    assert columns_of(put(tmp_path, "w.csv", b""), ".csv") == []
    assert columns_of(put(tmp_path, "x.csv", b'" a ","b,c"\n'), ".csv") == ["a", "b,c"]


def test_files_of_one_format_in_a_folder(tmp_path: Path) -> None:
    log = tmp_path / "usage_events"
    (log / "2024").mkdir(parents=True)
    for name in ("2024/b.csv", "2024/a.csv", "readme.txt", "_temporary.csv", ".c.csv"):
        (log / name).write_text("x", encoding="utf-8")
    suffix, paths = files_of(log)
    assert suffix == ".csv" and [p.name for p in paths] == ["a.csv", "b.csv"]
    assert files_of(paths[0]) == (".csv", (paths[0],))
    (log / "d.parquet").write_text("x", encoding="utf-8")
    with pytest.raises(ValueError, match=r"\.csv, \.parquet"):
        files_of(log)
    with pytest.raises(ValueError, match="empty"):
        (tmp_path / "empty").mkdir()
        files_of(tmp_path / "empty")
    (tmp_path / "usage_events.csv.gz").write_text("x", encoding="utf-8")
    assert find_table(tmp_path, "usage_events") == [tmp_path / "usage_events.csv.gz", log]
    assert find_table(tmp_path, "other") == []
