"""What a caller may say about a file, and limits: each is named in its error."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from csanalysis.errors import DataContractError
from csanalysis.io import containers, read_table, records, sheets_xlsx
from csanalysis.io.readers import Options, read_raw
from tests.unit.io.old_workbooks import ERRORS, SHEETS, unpacked


def put(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("option", ["header", "ragged", "totals", "dates"])
def test_unknown_values_of_options_are_refused(tmp_path: Path, option: str) -> None:
    with pytest.raises(ValueError, match=option):
        read_table(put(tmp_path, "a,b\n1,2\n"), **{option: "x"})  # type: ignore[arg-type]


def test_a_stated_encoding_is_taken_or_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "name,city\nRené,Montréal\n".encode("latin-1"))
    assert read_table(path, encoding="latin-1")[0]["city"].item() == "Montréal"
    for wrong in ("ascii", "no-such-codec"):
        with pytest.raises(DataContractError, match=wrong):
            read_table(path, encoding=wrong)
    with pytest.raises(DataContractError, match="utf-16"):
        read_table(put(tmp_path, b"\xff\xfea"), lang="en")


def test_seven_bit_japanese_and_the_hint_of_excel(tmp_path: Path) -> None:
    assert read_table(put(tmp_path, "顧客,値\nあ,4\n".encode("iso2022_jp")))[0]["顧客"].item() == "あ"
    frame, _ = read_table(put(tmp_path, "sep=;\na;b\n1,5;2\n"))
    assert frame.to_numpy().tolist() == [["1,5", "2"]] and frame.index.tolist() == [3]


def test_old_workbooks(tmp_path: Path) -> None:
    path = put(tmp_path, unpacked(SHEETS), "t.xls")
    frame, repairs = read_table(path)
    assert frame.columns.tolist() == ["ID", "開始", "時間", "率", "コード"]
    assert frame.iloc[0].tolist() == ["1", "2024-04-01", "25:30", "0.0284", "0000007"]
    assert frame.iloc[1].tolist() == ["2", "2024-04-01 09:30:00", "09:05", "0.5", "0000123"]
    assert repairs["rule"].tolist() == ["hidden_sheets", "other_sheets", "hidden_rows"]
    assert read_table(path, sheet="集計")[0].to_numpy().tolist() == [["1", "2"]]
    with pytest.raises(DataContractError, match="集計"):
        read_table(path, sheet="無")
    with pytest.raises(DataContractError) as caught:
        read_table(put(tmp_path, unpacked(ERRORS), "e.xls"))
    assert [(f.row, f.column, f.value) for f in caught.value.failures] == [
        (2, "B", "#N/A"),
        (3, "B", "#REF!"),
    ]


def test_large_files_read_like_small_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = put(tmp_path, "a,b\n" + "1,x\n2,y\n" * 50)
    book = openpyxl.Workbook()
    for entered in (["表題"], [], ["a", "b"], [1, "x"], [None, None], [2.5, True]):
        book.active.append(entered)
    book.save(tmp_path / "t.xlsx")
    small = [read_table(path)[0] for path in (text, tmp_path / "t.xlsx")]
    monkeypatch.setattr(records, "LARGE", 1)
    monkeypatch.setattr(records, "_MOST_SHARED", 2)
    monkeypatch.setattr(sheets_xlsx, "SMALL", 0)
    large = [read_table(path)[0] for path in (text, tmp_path / "t.xlsx")]
    for one, other in zip(small, large, strict=True):
        assert one.equals(other) and one.index.equals(other.index)


def test_limits_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for n in range(20):
            archive.writestr(f"xl/{n}", "x")
    path = put(tmp_path, stream.getvalue(), "t.xlsx")
    monkeypatch.setattr(containers, "MAX_ENTRIES", 10)
    with pytest.raises(DataContractError, match="20 entries"):
        read_table(path, lang="en")
    monkeypatch.setattr(containers, "MAX_BYTES", 100)
    with pytest.raises(DataContractError, match="limit 0 MB"):
        read_table(path, lang="en")
    with pytest.raises(DataContractError, match="cannot be opened"):
        read_table(tmp_path / "absent.csv", lang="en")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'<?xml version="1.0"?><rows><row a="1,2"/></rows>', "XML"),
        (b"PAR1....", "parquet"),
        (b"<html><body>no table</body></html>", "HTML"),
        (b"a,b\n" + b"1\x00,2\x00\n" * 50, "UTF-16"),
    ],
)
def test_other_kinds_are_named(tmp_path: Path, content: bytes, kind: str) -> None:
    with pytest.raises(DataContractError, match=kind):
        read_table(put(tmp_path, content, "t.xls"), lang="en")


@pytest.mark.parametrize(
    ("part", "kind"), [("content.xml", "ParseError"), ("xl/workbook.bin", "xlsb"), ("a.txt", "ZIP")]
)
def test_other_archives_are_named(tmp_path: Path, part: str, kind: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(DataContractError, match=kind):
        read_table(put(tmp_path, stream.getvalue(), "t.xlsx"), lang="en")


def test_the_sheet_with_the_known_columns_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["表紙"])
    for title in ("one", "two"):
        sheet = book.create_sheet(title)
        sheet.append(["task_id", "minutes"])
        sheet.append(["a", 1])
    options = Options(ragged="refuse", known=frozenset(["task_id", "minutes"]), tidy=False)
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(DataContractError, match="one, two"):
        read_raw(tmp_path / "t.xlsx", "t.xlsx", "en", options)
    book["two"].sheet_state = "hidden"
    book.save(tmp_path / "t.xlsx")
    assert read_raw(tmp_path / "t.xlsx", "t.xlsx", "en", options).sheet == "one"


def test_the_log_shows_spaces_that_were_dropped(tmp_path: Path) -> None:
    """Before and after looked alike: the log kept both without the spaces that it tells of."""
    (tmp_path / "t.csv").write_text("id,name\n1,A\u3000\n2, B\n3,C\n", encoding="utf-8")
    [entry] = read_table(tmp_path / "t.csv")[1].to_dict("records")
    assert (entry["rule"], entry["before"], entry["after"]) == ("spaces", "A␣", "A")
