"""Ways taken to be fast with long files must give what the plain way gives."""

from __future__ import annotations

import csv
import gc
import io
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csanalysis.errors import DataContractError
from csanalysis.io import read_table, records
from csanalysis.io.dialects import Dialect


@given(st.text("a1,; '漢\t\r\n", max_size=40), st.sampled_from(",;\t"), st.integers(1, 9))
def test_text_without_quotation_marks_is_split_as_the_csv_module_reads_it(
    content: str, delimiter: str, block: int
) -> None:
    expected = list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))
    with mock.patch.multiple(records, _BLOCK=block, _AT_ONCE=2):
        small = records.read_records(content, Dialect(delimiter))
        with mock.patch.multiple(records, LARGE=0, _MOST_SHARED=2):
            large = records.read_records(content, Dialect(delimiter))
    assert small.rows == large.rows == expected
    assert small.lines == large.lines == [*range(1, len(expected) + 1)]


def test_equal_cells_of_a_large_file_are_held_once() -> None:
    with mock.patch.object(records, "LARGE", 0):
        rows = records.read_records("部署 A,1\n部署 A,2\n", Dialect()).rows
    assert rows[0][0] is rows[1][0]


def test_the_language_is_judged_where_the_first_foreign_letters_stand(tmp_path: Path) -> None:
    """A million characters of plain ASCII before them say nothing of the encoding."""
    long = "id,note\n" + "".join(f"{n},plain ascii of an old system\n" for n in range(30_000))
    path = tmp_path / "t.csv"
    path.write_bytes(long.encode() + "30000,déjà vu naïve\n30001,über größe\n".encode("latin-1"))
    with pytest.raises(DataContractError) as caught:
        read_table(path, lang="en")
    assert "encoding" in caught.value.failures[0].expected
    path.write_bytes((long + "30000,表示能力\n").encode("cp932"))
    assert read_table(path)[0].iloc[-1].tolist() == ["30000", "表示能力"]


def test_the_search_for_cycles_goes_on_after_a_file_was_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n")
    read_table(path)
    assert gc.isenabled()
    path.write_text("")
    with pytest.raises(DataContractError):
        read_table(path)
    assert gc.isenabled()
