"""Readers must load what analysts have, cell by cell, or say what is wrong: nothing is guessed or lost."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csanalysis.errors import DataContractError
from csanalysis.io.readers import Options, read_raw, read_table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_encodings_give_the_same_cells(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes('task_id,名前\n001,"㈱髙島 表示,ソフト,能力"\n'.encode(encoding))
    frame, repairs = read_table(path)
    assert frame.loc[2].tolist() == ["001", "㈱髙島 表示,ソフト,能力"]
    assert repairs["rule"].tolist() == (["encoding"] if encoding == "cp932" else [])


def test_workbook_gives_the_text_of_the_first_visible_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    hidden = book.active
    hidden.title, hidden.sheet_state = "隠し", "hidden"
    sheet = book.create_sheet("業務")
    for row in (["task_id", "minutes", "flag"], ["a", 90.0, True], ["b", 0.5, None]):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    frame, repairs = read_table(tmp_path / "t.xlsx")
    assert frame.to_numpy().tolist() == [["a", "90", "TRUE"], ["b", "0.5", ""]]
    assert repairs[["rule", "detail"]].to_numpy().tolist() == [["hidden_sheets", "隠し"]]


def test_rows_keep_the_numbers_a_spreadsheet_shows(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n\n , \n3,4\n\n")
    frame, repairs = read_table(path)
    assert frame.index.tolist() == [2, 5]
    assert repairs["count"].tolist() == [2]


BROKEN = {
    "empty": (b"", "empty"),
    "png": (b"\x89PNG\r\n\x1a\n....", "PNG"),
    "utf16": ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16"),
    "not_text": (b"a,b\n\xff\xfe\x81,2\n", "encoding"),
    "open_quote": (b'a,b\n"1,2\n3,4\n', "quotation"),
    "long_row": (b"a,b\n1,2,3\n", "fields"),
    "short_row": (b"a,b\n1\n", "fields"),
    "doubled_header": (b"a,,b,,a,,b\n1,,3,,5,,7\n", "beside"),
    "only_blanks": (b",,\n , ,\n", "columns"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_refused_by_name(tmp_path: Path, case: str) -> None:
    content, word = BROKEN[case]
    path = tmp_path / f"{case}.csv"
    path.write_bytes(content)
    with pytest.raises(DataContractError) as caught:
        read_table(path, lang="en")
    failure = caught.value.failures[0]
    assert failure.file == f"{case}.csv" and word in failure.expected and failure.fix


def test_every_ragged_row_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1\n1,2\n1,2,3\n")
    with pytest.raises(DataContractError) as caught:
        read_table(path)
    assert [f.row for f in caught.value.failures] == [2, 4]


def test_excel_errors_are_never_blanks(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1, "#N/A"])
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(DataContractError) as caught:
        read_table(tmp_path / "t.xlsx")
    assert (caught.value.failures[0].row, caught.value.failures[0].value) == (2, "#N/A")


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04 and nothing else")
    with pytest.raises(DataContractError, match="workbook"):
        read_table(tmp_path / "t.xlsx", lang="en")


WRITTEN = st.text(
    st.characters(codec="cp932", exclude_categories=["Cc", "Co"], exclude_characters="¢£¬‖−〜*＊※").filter(
        lambda c: c < "\x7f" or "\u3040" <= c < "\u30ff" or c in "顧客業務能表予約十ソ"
    ),
    max_size=9,
)
"""Without the signs that mark a note below a table, and what spoilt text is made of."""


@pytest.mark.slow
@given(
    st.lists(st.lists(WRITTEN, min_size=2, max_size=2), min_size=1), st.sampled_from(["utf-8", "utf-8-sig"])
)
def test_what_a_csv_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], encoding: str
) -> None:
    """A table whose columns are known is data in every row: nothing is a title, a note or a total."""
    import csv

    path = tmp_path_factory.mktemp("csv") / "t.csv"
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([["task_id", "name_ja"], *rows])
    options = Options(ragged="refuse", known=frozenset(["task_id", "name_ja"]), tidy=False)
    frame = read_raw(path, path.name, "en", options).frame
    expected = [[c.strip() for c in row] for row in rows if any(c.strip() for c in row)]
    assert frame.to_numpy().tolist() == expected


def test_a_formula_without_its_result_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1, "=10+20"])
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(DataContractError, match="=10\\+20"):
        read_table(tmp_path / "t.xlsx")


def test_a_workbook_with_broken_parts_is_refused(tmp_path: Path) -> None:
    import zipfile

    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.save(tmp_path / "good.xlsx")
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as bad:
        for name in good.namelist():
            content = b"<worksheet><sheetData>" if "sheet1" in name else good.read(name)
            bad.writestr(name, content)
    with pytest.raises(DataContractError, match="workbook"):
        read_table(tmp_path / "bad.xlsx", lang="en")


@pytest.mark.parametrize(
    ("content", "column", "cells", "rules"),
    [
        ("a,年\n1,昭和35\n2,40\n", "年", ["1960", "1965"], ["ditto_era", "notation"]),
        ("a,年\n1,昭和35\n2,40\n3,x\n", "年", ["昭和35", "40", "x"], []),
        (
            "a,b\n1,平成32年5月1日\n2,abc\n3,def\n4,ghi\n5,jkl\n",
            "b",
            ["平成32年5月1日", "abc", "def", "ghi", "jkl"],
            [],
        ),
        ("a,b\n1,12万円\n2,3時間\n", "b", ["12万円", "3時間"], []),
        ("a,b\nx,12万円\ny,2h\n", "b", ["12万円", "2h"], []),
        ("a,b\nx,1e5\ny,１２\n", "b", ["1e5", "12"], ["notation"]),
        ("項目,a\nx,(1)\ny,(2)\n", "a", ["(1)", "(2)"], []),
    ],
)
def test_a_column_is_changed_as_a_whole_or_not_at_all(
    tmp_path: Path, content: str, column: str, cells: list[str], rules: list[str]
) -> None:
    """What was not mended is not told either: a log of a repair that did not happen is wrong too."""
    (tmp_path / "t.csv").write_text(content, "utf-8")
    frame, repairs = read_table(tmp_path / "t.csv", lang="en")
    assert frame[column].tolist() == cells and repairs["rule"].tolist() == rules


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("编号,姓名\n1,张三\n2,李四\n", "gb18030"),
        ("번호,이름\n1,홍길동\n2,김철수\n", "euc_kr"),
        ("編號,姓名\n1,張三\n2,李四\n", "big5"),
    ],
)
def test_other_languages_are_not_read_as_japanese(tmp_path: Path, content: str, encoding: str) -> None:
    """Short files of Chinese and Korean also fit CP932 or EUC-JP: names turned into other kanji and kana."""
    (tmp_path / "t.csv").write_bytes(content.encode(encoding))
    with pytest.raises(DataContractError, match=f'encoding="{encoding}"|"{encoding}"'):
        read_table(tmp_path / "t.csv", lang="en")
    assert read_table(tmp_path / "t.csv", encoding=encoding)[0].columns[1] == content.split("\n")[0][3:]
    for japanese in ("型番,ﾒｲ\nｱA1,ﾊﾞﾙﾌﾞB\nｲB2,ﾎﾟﾝﾌﾟC\nｳC3,ﾅｯﾄD\n", "氏名,県\n山田太郎,東京\n鈴木次郎,大阪\n"):
        for written in ("cp932", "euc_jp"):
            (tmp_path / "t.csv").write_bytes(japanese.encode(written))
            assert len(read_table(tmp_path / "t.csv")[0]) == japanese.count("\n") - 1


def test_bytes_that_are_hardly_text(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("顧客名,住所\n東京商事,大阪府\n山田建設,京都府\n".encode("euc_jp"))
    assert read_table(path)[0]["顧客名"].tolist() == ["東京商事", "山田建設"]
    for content, shown in (
        ("\n \n\t\n", "empty"),
        ("a,b\n" + "xxxx,yyyy\n" * 100 + "\x00" * 30 + "z,1\n", "binary"),
    ):
        path.write_text(content, "utf-8")
        with pytest.raises(DataContractError, match=shown):
            read_table(path, lang="en")


def test_cells_over_rows_of_a_page_are_repeated(tmp_path: Path) -> None:
    rows = "<tr><th>a</th><th>b</th><th>c</th></tr><tr><td>1</td><td>2</td><td rowspan=2>x</td></tr>"
    (tmp_path / "t.xls").write_text(f"<html><table>{rows}<tr><td>3</td><td>4</td></tr></table></html>")
    assert read_table(tmp_path / "t.xls")[0].to_numpy().tolist() == [["1", "2", "x"], ["3", "4", "x"]]
