"""Whatever the bytes, a reader returns a table or says what is wrong; no error of its parts comes out."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csanalysis.errors import DataContractError
from csanalysis.io import read_table
from csanalysis.io.readers import Options, read_raw
from csanalysis.io.writers import neutralise, write_csv
from csanalysis.workspace.sheet_style import held

BYTES = st.one_of(
    st.binary(max_size=200),
    st.text("ab1,;\t|\"'\\\n\r ※合計小〃令和年月日-▲円%:.=+０１ー", max_size=120).map(str.encode),
    st.text('顧客名,\n"ｱ①髙', max_size=60).map(lambda s: s.encode("cp932", "ignore")),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def attempt(path: Path) -> pd.DataFrame | None:
    try:
        frame, repairs = read_table(path)
    except DataContractError as error:
        assert all(f.file and f.expected and f.fix for f in error.failures)
        return None
    assert frame.index.is_monotonic_increasing and frame.columns.is_unique
    assert set(repairs.columns) == {"file", "rule", "count", "cells", "before", "after", "detail"}
    return frame


@given(BYTES, st.sampled_from(["t.csv", "t.xlsx", "t.xls", "t.csv.gz"]))
@settings(max_examples=300)
def test_any_bytes(place: Path, data: bytes, name: str) -> None:
    (place / name).write_bytes(data)
    attempt(place / name)


@pytest.fixture(scope="module")
def book() -> bytes:
    made = openpyxl.Workbook()
    for entered in (
        ["表題"],
        [],
        ["名", "額", "日"],
        ["A", 1, "令和6年4月1日"],
        ["B", 2.5, None],
        ["合計", 3.5, None],
    ):
        made.active.append(entered)
    made.active.merge_cells("A1:C1")
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=60)
def test_a_workbook_with_changed_bytes(place: Path, book: bytes, changes: list[tuple[int, int]]) -> None:
    spoilt = bytearray(book)
    for at, value in changes:
        spoilt[at % len(spoilt)] = value
    (place / "t.xlsx").write_bytes(spoilt)
    attempt(place / "t.xlsx")


WORDS = (
    st.text("abcXYZ営業東京名古屋部-_. ", min_size=1, max_size=8)
    .map(str.strip)
    .filter(lambda s: s.strip("-_. ") != "")
)
NUMBERS = st.integers(-9999, 9999).map(str)


@given(
    st.lists(st.tuples(WORDS, NUMBERS, NUMBERS), min_size=2, max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp932"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
@settings(max_examples=150)
def test_every_dialect_gives_the_same_cells(
    place: Path, rows: list[tuple[str, str, str]], mark: str, end: str, encoding: str, quoting: int
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=mark, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([("部門", "件数", "金額"), *rows])
    path = place / "dialect.csv"
    path.write_bytes(stream.getvalue().encode(encoding))
    frame = attempt(path)
    assert frame is not None and frame.columns.tolist() == ["部門", "件数", "金額"]
    assert frame.to_numpy().tolist() == [list(row) for row in rows]


@given(st.lists(st.text("'=+-@＝＋－＠abc12 営業,\"\t\n", max_size=12), min_size=1, max_size=5))
@settings(max_examples=150)
def test_guarded_text_is_read_back(place: Path, texts: list[str]) -> None:
    """Formulas and the mark against them survive a round trip; spreadsheets see no formula."""
    frame = pd.DataFrame({"number": range(len(texts)), "text": texts}).astype(str)
    write_csv(place / "guard.csv", frame)
    content = (place / "guard.csv").read_text("utf-8-sig")
    for record in csv.reader(io.StringIO(content, newline="")):
        assert (
            not record[1].lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
            or record[1].strip().lstrip("+-").replace(".", "").isdigit()
        )
    back = read_raw(place / "guard.csv", "guard.csv", "en").frame
    kept = back["text"] if "text" in back else pd.Series([""] * len(texts))
    assert [t.strip() for t in kept] == [t.strip() for t in texts]


@pytest.mark.parametrize("cell", ["=1+1", "'=1", "''@x", "-x", "＝1", "+81 3", "'plain", "1e5", "-2.5"])
def test_the_mark_is_undone(tmp_path: Path, cell: str) -> None:
    write_csv(tmp_path / "t.csv", pd.DataFrame({"n": ["1", "2"], "text": [cell, "x"]}))
    assert read_table(tmp_path / "t.csv")[0]["text"].tolist() == [cell, "x"]
    assert neutralise(neutralise(cell)).count("'") >= neutralise(cell).count("'")


@given(
    st.lists(
        st.tuples(WORDS, st.text("'=+-@＝＋－＠abc12 営業,\"\t\n;%¥(.)\x0b", max_size=12)),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=60)
def test_a_workbook_gives_back_what_was_written(place: Path, rows: list[tuple[str, str]]) -> None:
    """Text stays text in a workbook, whatever it looks like; only what no workbook can hold is lost."""
    made = openpyxl.Workbook()
    made.active.append(["key", "words"])
    for at, (key, words) in enumerate(rows, 2):
        for column, entered in enumerate((f"k{at} {key}", words), 1):
            cell = made.active.cell(at, column, held(entered))
            cell.data_type = "s"
    made.save(place / "words.xlsx")
    known = Options(tidy=False, known=frozenset({"key", "words"}))
    frame = read_raw(place / "words.xlsx", "words.xlsx", "en", known).frame
    assert frame["key"].tolist() == [f"k{at} {key}" for at, (key, _) in enumerate(rows, 2)]
    assert [w.strip() for w in frame["words"]] == [words.replace("\x0b", "").strip() for _, words in rows]
