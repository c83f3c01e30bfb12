"""Ways through the readers that whole files seldom take: locked or broken archives, limits, large tables."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from csanalysis.errors import DataContractError
from csanalysis.io import cells, containers, read_table
from csanalysis.io.values import as_float, is_note


def refused(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(DataContractError) as caught:
        read_table(path, lang="en")
    (failure,) = caught.value.failures
    return failure.expected


def archive(**parts: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name.replace("__", "/"), text)
    return stream.getvalue()


def test_an_entry_locked_by_a_password(tmp_path: Path) -> None:
    data = bytearray(archive(**{"xl__workbook.xml": "<a/>"}))
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    assert refused(tmp_path / "t.xlsx", bytes(data)) == "The workbook is protected by a password"


def test_archives_that_lie_or_end_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size that is stated is checked first, then what is really unpacked."""
    no_links = refused(tmp_path / "t.xlsx", archive(**{"xl__workbook.xml": "<a/>"}))
    assert "workbook.xml.rels" in no_links
    broken = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\xff" * 20
    assert refused(tmp_path / "t.csv.gz", broken) == "The compressed file ends too early"
    monkeypatch.setattr(containers, "MAX_BYTES", 1000)
    large = archive(**{"xl__workbook.xml": "x" * 2000})
    assert refused(tmp_path / "t.xlsx", large).startswith("It unpacks to more than")
    lying = large.replace((2000).to_bytes(4, "little"), (50).to_bytes(4, "little"))
    assert "CRC" in refused(tmp_path / "t.xlsx", lying)


def test_all_sheets_hidden(tmp_path: Path) -> None:
    """Excel writes no such workbook, other programs do."""
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.save(tmp_path / "t.xlsx")
    with zipfile.ZipFile(tmp_path / "t.xlsx") as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'state="visible"', b'state="hidden"')
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as new:
        for name, part in parts.items():
            new.writestr(name, part)
    assert "sheet" in refused(tmp_path / "t.xlsx", (tmp_path / "t.xlsx").read_bytes())


def test_a_sheet_of_many_different_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store of equal cells is emptied when it grows too large; no cell may change by it."""
    book = openpyxl.Workbook()
    for n in range(30):
        book.active.append([f"a{n}", n % 3])
    book.save(tmp_path / "t.xlsx")
    whole = read_table(tmp_path / "t.xlsx")[0]
    monkeypatch.setattr(cells, "LARGE", 1)
    monkeypatch.setattr(cells, "_MOST_SHARED", 4)
    assert read_table(tmp_path / "t.xlsx")[0].equals(whole)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("(1,200)", -1200.0), ("▲3", -3.0), ("△ 3", -3.0), ("¥5", 5.0), ("１２", 12.0), ("", None), ("a", None)],
)
def test_numbers_of_a_total(cell: str, number: float | None) -> None:
    """Sums are checked on cells as they were entered, brackets and triangles included."""
    assert as_float(cell) == number


def test_blank_cells_are_no_notes() -> None:
    assert not is_note("  ", 5, True) and is_note("words", 3, True) and not is_note("words", 2, True)


def test_the_size_of_a_file_and_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_BYTES", 3_000_000)
    assert refused(tmp_path / "t.csv", b"a,b\n" * 1_100_000) == "The file has 4 MB (limit 3 MB)"
