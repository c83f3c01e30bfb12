"""Polluted files are scored against what they hold: none may be wrong without a word."""

from __future__ import annotations

import pytest

from benchmarks.pollution import Outcome, Polluted, judge, polluted_files, weighted
from csanalysis.io import read_table

GOAL = 9.45
"""Best weighted score without hints in the Pollock paper (CleverCSV)."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    path = tmp_path_factory.mktemp("polluted") / "t.csv"

    def read(data: bytes) -> tuple[list[str], list[list[str]], bool]:
        path.write_bytes(data)
        frame, repairs = read_table(path)
        return list(frame.columns), frame.to_numpy().tolist(), not repairs.empty

    files: list[Polluted] = list(polluted_files(step=17))
    return [judge(file, read) for file in files]


def test_the_score_reaches_the_goal(outcomes: list[Outcome]) -> None:
    assert len(outcomes) > 150 and weighted(outcomes) >= GOAL


def test_no_file_is_wrong_without_a_word(outcomes: list[Outcome]) -> None:
    assert [o.name for o in outcomes if o.state == "silent"] == []


def test_files_of_one_dialect_are_read_whole(outcomes: list[Outcome]) -> None:
    whole = {o.name for o in outcomes if o.state == "right"}
    assert {"source", "file_no_header", "file_preamble", "file_record_delimiter_0xd"} <= whole
    assert {
        "file_field_delimiter_0x9",
        "file_field_delimiter_0x3b",
        "file_field_delimiter_0x2c_0x20",
    } <= whole
    assert {"file_quotation_0x27", "file_escape_0x5c", "file_one_data_row"} <= whole


def test_only_files_without_a_sure_reading_are_refused(outcomes: list[Outcome]) -> None:
    refused = {o.name for o in outcomes if o.state == "refused" and not o.name.startswith("row")}
    assert refused == {"file_no_payload", "file_header_only", "file_field_delimiter_0x20", "file_escape_0x0"}
