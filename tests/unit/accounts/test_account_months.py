"""Events and contracts to account-months: every row of a dirty log is counted somewhere, and told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.accounts.account_months import AccountMonths, utc_offset
from csanalysis.accounts.contract_months import contract_months
from csanalysis.diagnosis.kpis import kpi_frame
from csanalysis.model.dataset import Dataset

Write = Callable[..., Path]
TODAY = date(2026, 4, 1)
DIRTY = [
    ("A", "2026-03-02T10:00:00+09:00", "login", "2"),
    ("A", "2026-03-02T10:00:00+09:00", "login", "2"),  # stands twice
    ("A", "2026-03-02T01:00:00Z", "login", "2"),  # the same instant, written otherwise: a double too
    ("A", "2026-03-31T15:00:00Z", "login", "1"),  # 1 April in Japan: after today
    ("A", "2026-03-31 23:59:59", "ticket", ""),  # no zone: on the local clock; an empty count is 1
    (" A ", "1772334000000", "login", "3"),  # milliseconds: 2026-03-01T12:00+09:00
    ("A", "2026/03/04", "Login", "1"),
    ("A", "2026-03-05T09:00", "login", "-4"),
    ("A", "2026-03-05T09:00", "login", "many"),
    ("A", "2026-02-30T09:00", "login", "1"),
    ("A", "yesterday", "login", "1"),
    ("B", "2026-02-11T09:00", "login", "1"),  # left in January
    ("ZZ", "2026-02-11T09:00", "login", "1"),
    ("", "2026-02-11T09:00", "login", "1"),
    ("A", "2027-01-01T09:00", "login", "1"),
    ("C", "2020-01-01T09:00", "login", "1"),
]
TOLD = {
    "no_time": 2,
    "no_account": 1,
    "future": 2,
    "early": 1,
    "unknown_account": 1,
    "outside_contract": 1,
    "duplicates": 2,
    "bad_counts": 2,
}


def told(months: AccountMonths) -> dict[str, int]:
    return dict(zip(months.log["rule"], months.log["count"], strict=True))


def row(months: AccountMonths, account: str, month: str) -> pd.Series:
    table = months.to_frame()
    [found] = table[(table["account_id"] == account) & (table["month"] == month)].index
    return table.loc[found]


@pytest.mark.slow
def test_dirt_is_told_with_counts_and_no_row_is_dropped_silently(company: Write) -> None:
    months = cs.account_months(company(log=DIRTY), as_of=TODAY)
    found = told(months)
    assert {rule: found[rule] for rule in TOLD} == TOLD
    assert found["mixed_zones"] == 4
    kept = int(months.to_frame()["events"].sum())
    assert kept + sum(TOLD.values()) == len(DIRTY)
    march = row(months, "A", "2026-03-01")
    assert (march["usage"], march["tickets"], march["active_days"], march["last_day"]) == (6.0, 1.0, 3, 4)
    for lang in ("ja", "en"):
        assert len(months.sentences(lang)) == len(months.log) + 1


def test_dirty_contracts_are_told(company: Write) -> None:
    rows = [
        ("A", "2025-01-10", "", "100"),
        ("A", "2025-03-01", "", "-30"),  # a discount as a row of its own
        ("B", "2025-01-10", "", "-5"),
        ("C", "2025-01-10", "", "10"),
        ("C", "2025-01-10", "", "10"),
        ("D", "2025-13-10", "", "10"),
        ("E", "2025-01-10", "soon", "10"),
        ("F", "2025-02-10", "2025-01-10", "10"),
        ("G", "2025-01-10", "", "free"),
        ("", "2025-01-10", "", "10"),
    ]
    frame = pd.DataFrame(rows, columns=["account_id", "start_date", "end_date", "mrr"])
    months = cs.account_months(company(frame), as_of=TODAY, first="2026-01")
    found = told(months)
    assert found == {
        "contract_bad_end": 1,
        "contract_bad_mrr": 1,
        "contract_bad_start": 1,
        "contract_doubled": 1,
        "contract_ends_before_start": 1,
        "contract_negative_mrr": 2,
        "contract_no_account": 1,
        "two_open": 3,
    }
    assert row(months, "A", "2026-03-01")["mrr_close"] == 70.0
    assert row(months, "B", "2026-03-01")["mrr_close"] == 0.0
    assert row(months, "C", "2026-03-01")["contracts"] == 1
    assert not months.has_events and "usage_events" in months.sentences("en")[0]


def test_events_of_the_month_that_runs_wait_for_its_end(company: Write) -> None:
    folder = company(log=[("A", "2026-04-03T09:00", "login", "1")])
    assert told(cs.account_months(folder, as_of=date(2026, 4, 15)))["running_month"] == 1
    assert told(cs.account_months(folder, as_of=date(2026, 5, 1))) == {}


@pytest.mark.parametrize("gap_days", [1, 40])
def test_contracts_on_an_engine_equal_the_reference(example: Dataset, gap_days: int) -> None:
    """The rules of months stand in `contract_months`; the expressions must give the same rows."""
    months = cs.account_months(example, first="2024-01", gap_days=gap_days)
    reference = contract_months(example.tables["accounts"], "2024-01", "2026-03", gap_days=gap_days)
    pd.testing.assert_frame_equal(
        months.to_frame()[reference.columns], reference, check_dtype=False, check_index_type=False
    )


def test_kpis_are_those_of_the_contracts(example: Dataset) -> None:
    months = cs.account_months(example, first="2025-04")
    own = kpi_frame(months.to_frame(), "2025-04", "2026-03", 0.75)
    reference = cs.compute_kpis(example, first="2025-04").to_frame()
    pd.testing.assert_frame_equal(own, reference)


@pytest.mark.slow
def test_parquet_with_real_timestamps_gives_what_text_gives(company: Write, tmp_path: Path) -> None:
    rows = [r for r in DIRTY if r[3] not in ("many", "-4") and r[1] not in ("2026-02-30T09:00", "yesterday")]
    folder = company(log=rows)
    text = cs.account_months(folder, as_of=TODAY)
    frame = pd.DataFrame(rows, columns=["account_id", "timestamp", "event", "count"])
    local = []
    for stamp in frame["timestamp"]:
        moment = pd.Timestamp(int(stamp), unit="ms", tz="UTC") if stamp.isdigit() else pd.Timestamp(stamp)
        local.append(moment.tz_localize("Asia/Tokyo") if moment.tzinfo is None else moment.tz_convert("UTC"))
    frame["timestamp"] = pd.to_datetime(pd.Series(local), utc=True)
    frame["count"] = pd.to_numeric(frame["count"].replace("", None))
    (folder / "usage_events" / "log.csv").unlink()
    frame.to_parquet(folder / "usage_events" / "log.parquet")
    typed = cs.account_months(folder, as_of=TODAY)
    columns = ["account_id", "month", "events", "usage", "tickets", "active_days", "duplicates"]
    pd.testing.assert_frame_equal(typed.to_frame()[columns], text.to_frame()[columns])
    naive = frame.assign(timestamp=frame["timestamp"].dt.tz_convert("Asia/Tokyo").dt.tz_localize(None))
    naive.to_parquet(folder / "usage_events" / "log.parquet")
    again = cs.account_months(folder, as_of=TODAY)
    pd.testing.assert_frame_equal(again.to_frame()[columns], text.to_frame()[columns])


def test_without_deduplication_a_double_counts_twice(company: Write) -> None:
    rows = [("A", "2026-03-02T10:00", "login", "2")] * 2
    months = cs.account_months(company(log=rows), as_of=TODAY, deduplicate=False)
    assert row(months, "A", "2026-03-01")["usage"] == 4 and told(months) == {}


@pytest.mark.slow
def test_a_connection_gives_what_the_folder_gives(company: Write, tmp_path: Path) -> None:
    import duckdb

    folder = company(log=DIRTY)
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        for name, file in (("usage_events", "usage_events/log.csv"), ("accounts", "accounts.csv")):
            query = f"CREATE TABLE {name} AS SELECT * FROM read_csv('{folder / file}', all_varchar = true)"
            connection.execute(query)
    found = cs.account_months(f"duckdb://{path}", as_of=TODAY)
    pd.testing.assert_frame_equal(found.to_frame(), cs.account_months(folder, as_of=TODAY).to_frame())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: (folder / "accounts.csv").unlink(), "contract periods"),
        (lambda folder: (folder / "accounts.parquet").write_bytes(b""), "stands twice"),
        (lambda folder: (folder / "usage_events" / "x.parquet").write_bytes(b""), "one format"),
        (lambda folder: (folder / "accounts.csv").write_text("account_id,mrr\nA,1\n"), "start_date"),
    ],
)
def test_what_cannot_be_read_is_named(company: Write, change: Callable[[Path], object], words: str) -> None:
    folder = company(log=DIRTY)
    change(folder)
    with pytest.raises(ValueError, match=words):
        cs.account_months(folder, as_of=TODAY)


def test_clocks() -> None:
    assert utc_offset("UTC") == 0 and utc_offset("+05:30") == 19_800
    with pytest.raises(ValueError, match="summer time"):
        utc_offset("Europe/Berlin")
    for unknown in ("Mars/Base", "+9h", ""):
        with pytest.raises(ValueError, match="Asia/Tokyo"):
            utc_offset(unknown)


def test_the_example_says_what_was_put_into_it(example: Dataset) -> None:
    found = told(cs.account_months(example))
    assert found == {"unknown_account": 3, "duplicates": 12}


def test_other_clocks_move_events_between_months(company: Write) -> None:
    folder = company(log=[("A", "2026-03-31T16:00:00Z", "login", "1")])
    assert row(cs.account_months(folder, as_of=TODAY, time_zone="UTC"), "A", "2026-03-01")["usage"] == 1
    assert np.isclose(cs.account_months(folder, as_of=TODAY).to_frame()["usage"].sum(), 0)
