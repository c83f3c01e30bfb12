"""Workbooks whose parts do not fit together: what is missing is named, and no other sheet is read instead."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from csanalysis.errors import DataContractError
from csanalysis.io import read_table

_TEXT = b'<c r="A2" t="s"><v>%b</v></c>'
_SHARED = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>z</t></si></sst>'


def changed(folder: Path, part: str, pattern: bytes, new: bytes, **added: bytes) -> Path:
    """Write a workbook of two sheets, one part of which has another text in place of a pattern."""
    path = folder / "t.xlsx"
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("別")):
        for row in (["id", "v"], ["x", 1], ["y", 2]):
            sheet.append(row)
    book.active.title = "主"
    book.save(path)
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as written:
        for name, text in parts.items():
            written.writestr(name, re.sub(pattern, new, text, flags=re.S) if name == part else text)
        for name, text in added.items():
            written.writestr(name, text)
    return path


def refused(path: Path) -> str:
    with pytest.raises(DataContractError) as caught:
        read_table(path, lang="en")
    return str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "new", "said"),
    [(b"sheet1.xml", b"sheet9.xml", "xl/worksheets/sheet9.xml"), (b'Id="rId1"', b'Id="rId99"', "r:id=rId1")],
)
def test_a_sheet_without_its_part(tmp_path: Path, pattern: bytes, new: bytes, said: str) -> None:
    """It was passed over, and the next sheet was read without a word."""
    message = refused(changed(tmp_path, "xl/_rels/workbook.xml.rels", pattern, new))
    assert "'主'" in message and said in message


@pytest.mark.parametrize("index", [b"1", b"-1"])
def test_a_text_that_is_not_there(tmp_path: Path, index: bytes) -> None:
    """Counted from the end, text -1 was the last one of another cell."""
    path = changed(
        tmp_path,
        "xl/worksheets/sheet1.xml",
        rb'<c r="A2".*?</c>',
        _TEXT % index,
        **{"xl/sharedStrings.xml": _SHARED},
    )
    assert "no text" in refused(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_parts_that_stand_twice_and_numbers_that_are_none(tmp_path: Path) -> None:
    """Programs differ in which of two parts they read."""
    sheet = "xl/worksheets/sheet1.xml"
    assert "two parts" in refused(changed(tmp_path, "", b"", b"", **{sheet: b"<worksheet/>"}))
    assert "no number" in refused(changed(tmp_path, sheet, b"<v>1</v>", b"<v>1E999</v>"))
    path = changed(tmp_path, sheet, b"^", b"\xff\xfe")
    assert "UTF-16" in refused(path)


def test_the_main_part_is_the_one_that_is_named(tmp_path: Path) -> None:
    """Some services call it xl/workbook22.xml, or put all parts into another folder."""
    path = changed(tmp_path, "", b"", b"")
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, text in parts.items():
            new.writestr(
                name.replace("xl/", "book/").replace("workbook", "workbook22"),
                text.replace(b"xl/", b"book/").replace(b"book/workbook.xml", b"book/workbook22.xml"),
            )
    assert read_table(path)[0].to_numpy().tolist() == [["x", "1"], ["y", "2"]]


@pytest.mark.parametrize("place", [b"A9", b"A9999999"])
def test_a_cell_that_names_another_row(tmp_path: Path, place: bytes) -> None:
    """One reader takes the row that it stands in, another the one that it names."""
    path = changed(tmp_path, "xl/worksheets/sheet1.xml", b'r="A3"', b'r="%b"' % place)
    assert "out of order" in refused(path)


def test_what_stands_beside_the_values_may_be_odd(tmp_path: Path) -> None:
    """openpyxl refuses a list of choices of an unknown kind; the values are sound."""
    odd = b'</sheetData><dataValidations><dataValidation type="x" sqref="A1"/></dataValidations>'
    path = changed(tmp_path, "xl/worksheets/sheet1.xml", b"</sheetData>", odd)
    assert read_table(path)[0].to_numpy().tolist() == [["x", "1"], ["y", "2"]]
