"""A cell of many equal signs must not keep a reader or a writer busy: patterns that try every split do.

A case that goes wrong does not fail, it never ends: a run of newlines took minutes for 4,000 of them.
"""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from csanalysis.errors import DataContractError
from csanalysis.io import read_table
from csanalysis.io.writers import neutralise, unmarked

RUNS = {
    "newlines": "\n",
    "newlines and spaces": " \n",
    "tabs": "\t",
    "wide spaces": "\u3000",
    "marks": "'",
    "kanji numerals": "一",
    "kanji years": "〇年",
    "commas": "1,",
    "numbers": "1 ",
    "triangles": "△",
    "brackets": "((",
    "magnitudes": "1億",
    "eras": "令和",
    "totals": "合計",
    "unseen": "\u200b",
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_long_runs_are_read_and_written(tmp_path: Path, run: str) -> None:
    book = openpyxl.Workbook()
    cell = "'" + run * (30_000 // len(run))
    for row in (("id", "v"), ("a", "1"), ("b", f"{cell}x"), ("c", "3")):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    assert len(read_table(tmp_path / "t.xlsx")[0]) == 3
    assert unmarked(neutralise(cell)) in (cell, cell.strip())


def test_a_row_of_more_columns_than_a_spreadsheet_has_is_refused(tmp_path: Path) -> None:
    """A million empty fields would keep the reader busy for half an hour."""
    path = tmp_path / "t.csv"
    path.write_text(f"id,v\n1,2\n{',' * 1_000_000}\n")
    with pytest.raises(DataContractError) as caught:
        read_table(path, lang="en")
    assert [f.row for f in caught.value.failures] == [3]
    assert "1,000,001 columns (limit 16,384" in caught.value.failures[0].expected


def test_years_of_thousands_of_digits_are_texts(tmp_path: Path) -> None:
    """Beside an era they were taken for numbers, of which Python reads 4,300 digits only."""
    years = ["9" * 5000, "2", "1", "2", "3"]
    eras = ["昭和", "", "平成", "", ""]
    rows = "".join(f"{era},{year},{n}\n" for n, (era, year) in enumerate(zip(eras, years, strict=True)))
    (tmp_path / "t.csv").write_text(f"元号,年,数\n{rows}", encoding="utf-8")
    assert read_table(tmp_path / "t.csv")[0]["年"].tolist() == years
