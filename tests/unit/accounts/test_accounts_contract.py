"""Faults of the accounts table name row and column, and say how to mend them."""

from __future__ import annotations

import pandas as pd
import pytest

from csanalysis.errors import Failure
from csanalysis.io.cleaning import to_quantity
from csanalysis.schemas.accounts import Accounts, check_accounts, with_dates
from csanalysis.schemas.contract import Origin, check_table

COLUMNS = (
    *("account_id", "segment", "start_date", "end_date", "mrr", "renewal_date"),
    *("csm", "onboarding_sessions", "complexity"),
)
GOOD = ("A1", "", "2025-04-10", "2026-04-09", "50000", "2026-04-10", "csm_1", "3", "2")


def check(*rows: tuple[str, ...], lang: str = "en") -> list[Failure]:
    """Check a table as the loader does: first the cells, then the rows; one failure a cell."""
    raw = pd.DataFrame(rows, columns=list(COLUMNS), index=range(2, 2 + len(rows)), dtype=str)
    origin = Origin("accounts.csv", "", lang)
    checked = check_table(raw, Accounts, origin, to_quantity)
    told = {(f.row, f.column) for f in checked.failures}
    more = [f for f in check_accounts(checked.frame, origin) if (f.row, f.column) not in told]
    return [*checked.failures, *more]


def changed(**cells: str) -> tuple[str, ...]:
    return tuple(({**dict(zip(COLUMNS, GOOD, strict=True)), **cells}).values())


def test_a_sound_table_passes() -> None:
    follows = changed(start_date="2026-04-10", end_date="", mrr="60000")
    other = changed(account_id="会社 2.1", renewal_date="", csm="", onboarding_sessions="", complexity="")
    assert check(GOOD, follows, other) == []


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"start_date": ""}, "start_date"),
        ({"start_date": "2025/04/10"}, "start_date"),
        ({"start_date": "2025-4-10"}, "start_date"),
        ({"start_date": "2025-02-29"}, "start_date"),
        ({"start_date": "２０２５-04-10"}, "start_date"),
        ({"end_date": "9999-12-31"}, "end_date"),
        ({"end_date": "2026-04-09 00:00"}, "end_date"),
        ({"end_date": "2025-04-09"}, "end_date"),
        ({"renewal_date": "soon"}, "renewal_date"),
        ({"renewal_date": "2025-04-09"}, "renewal_date"),
        ({"mrr": ""}, "mrr"),
        ({"mrr": "-1"}, "mrr"),
        ({"mrr": "free"}, "mrr"),
        ({"account_id": ""}, "account_id"),
        ({"onboarding_sessions": "-1"}, "onboarding_sessions"),
        ({"complexity": "6"}, "complexity"),
    ],
)
def test_one_fault_is_told_once_with_its_place(cells: dict[str, str], column: str, lang: str) -> None:
    (failure,) = check(changed(account_id="A0"), changed(**cells), lang=lang)
    assert (failure.file, failure.row, failure.column) == ("accounts.csv", 3, column)
    assert failure.value == cells[column] and failure.expected and failure.fix


def test_a_day_shared_by_two_periods_names_both_rows() -> None:
    (failure,) = check(GOOD, changed(account_id="B1"), changed(start_date="2026-04-09", end_date=""))
    assert (failure.row, failure.column) == (4, "start_date")
    assert "row 2" in failure.expected and "A1" in failure.expected


def test_overlaps_reach_past_a_short_period_in_between() -> None:
    long = changed(start_date="2025-01-01", end_date="2025-12-31")
    short = changed(start_date="2025-02-01", end_date="2025-02-28")
    late = changed(start_date="2025-12-01", end_date="")
    failures = check(late, short, long)
    assert [(f.row, "row 4" in f.expected) for f in failures] == [(3, True), (2, True)]


def test_a_running_period_overlaps_all_that_follow_and_the_row_twice_entered() -> None:
    running = changed(end_date="")
    later = changed(start_date="2030-01-01", end_date="", renewal_date="")
    assert [f.row for f in check(running, running, later)] == [3, 4]


def test_the_sum_lends_its_name_to_no_segment_beside_others() -> None:
    (failure,) = check(changed(segment="all"), changed(account_id="B1", segment="smb"))
    assert (failure.row, failure.column) == (2, "segment")
    assert check(changed(segment="all"), changed(account_id="B1", segment="all")) == []


def test_dates_become_datetimes_and_empty_ones_nothing() -> None:
    raw = pd.DataFrame({"start_date": ["2025-04-10"], "end_date": [""], "mrr": [1.0]})
    dated = with_dates(raw)
    assert dated["start_date"].iloc[0] == pd.Timestamp("2025-04-10") and dated["end_date"].isna().all()
    pd.testing.assert_frame_equal(with_dates(dated), dated)
