"""Exports as they come out of Japanese systems, and logs too large to be compared in one go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.accounts import log_files
from csanalysis.accounts.log_files import batches

Write = Callable[..., Path]
TODAY = date(2026, 4, 1)
CONTRACTS = """顧客ID,契約開始日,契約終了日,月額（円）,担当者
A,2025/1/10,,"1,200",山田①
B,2025年2月1日,2026年2月28日,￥500,髙橋
"""
LOG = """顧客番号,日時,操作,回数
A,2026/3/2 9:05,ログイン,2
A,2026/3/2 9:05,ログイン,2
B,2026年2月2日 19:05:07,表示ソ能,1
"""


@pytest.fixture(params=["cp932", "utf-8", "utf-8-sig"])
def export(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "accounts.csv").write_bytes(CONTRACTS.encode(request.param))
    (tmp_path / "usage_events.csv").write_bytes(LOG.replace("\n", "\r\n").encode(request.param))
    return tmp_path


@pytest.mark.slow
def test_japanese_exports_are_read_and_it_is_told_how(export: Path) -> None:
    months = cs.account_months(export, as_of=TODAY)
    table = months.to_frame().set_index(["account_id", "month"])
    march = table.loc[("A", pd.Timestamp("2026-03-01"))]
    assert (march["usage"], march["mrr_close"], march["csm"]) == (2.0, 1200.0, "山田①")
    february = table.loc[("B", pd.Timestamp("2026-02-01"))]
    assert (february["usage"], february["mrr_open"], february["is_lost"]) == (1.0, 500.0, True)
    told = months.log.groupby("rule")["count"].sum().to_dict()
    reencoded = told.pop("reencoded", 0)
    assert told == {"renamed": 9, "duplicates": 1}
    assert reencoded in (0, 2) and any("CP932" in s for s in months.sentences("ja")) == bool(reencoded)
    assert "usage_events: 顧客番号 → account_id" in " ".join(months.sentences("en"))
    store = export / "store"
    kept = cs.account_months(export, store=store, as_of=TODAY)
    assert kept.computed and cs.account_months(export, store=store, as_of=TODAY).computed == ()


def test_a_workspace_takes_such_a_log_too(workspace: Path) -> None:
    (workspace / "accounts.csv").write_text(CONTRACTS, encoding="cp932")
    (workspace / "usage_events.csv").write_text(LOG, encoding="cp932")
    ds = cs.load_dataset(workspace)
    months = cs.account_months(ds, first="2026-02", last="2026-03", as_of=TODAY)
    assert months.to_frame()["usage"].sum() == 3


def test_columns_that_could_both_be_meant_are_named(export: Path) -> None:
    file = export / "usage_events.csv"
    file.write_text("顧客番号,取引先ID,日時,操作\nA,A,2026/3/2,x\n", encoding="utf-8")
    with pytest.raises(ValueError, match="account_id: 顧客番号 / 取引先ID"):
        cs.account_months(export, as_of=TODAY)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"account_id,timestamp,event\nA,2026-03-02,x\nA,2026-03-02,x,1,2,3\n", "CSV Error on Line: 3"),
        (b"account_id,timestamp,event\nA,2026-03-02\n", "CSV Error on Line: 2"),
        (b'account_id,timestamp,event\n"A,2026-03-02,x\n', "unterminated"),
        (b"account_id,timestamp,event,event\nA,2026-03-02,x,y\n", "event: 2 x"),
        (b"account_id,timestamp,event\nA,2026-03-02,\x81\n", "CP932"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_in_both_languages(
    company: Write, content: bytes, words: str
) -> None:
    folder = company(log=[])
    (folder / "usage_events" / "log.csv").write_bytes(content)
    with pytest.raises(ValueError, match=words) as raised:
        cs.account_months(folder, as_of=TODAY)
    assert "cannot be read" in str(raised.value) and "読めません" in str(raised.value)
    assert "strict_mode" not in str(raised.value)


def test_no_row_is_taken_for_a_comment_or_a_title(company: Write) -> None:
    """DuckDB, left to guess, drops such rows without a word."""
    contracts = pd.DataFrame(
        [("#1", "2025-01-10", "", "5")], columns=["account_id", "start_date", "end_date", "mrr"]
    )
    folder = company(contracts, log=[("#1", "2026-03-02", "login", str(n)) for n in range(20)])
    months = cs.account_months(folder, as_of=TODAY)
    assert months.to_frame()["events"].sum() == 20


def test_events_that_differ_in_fractions_of_a_second_are_no_doubles(company: Write) -> None:
    stamps = ["2026-03-02T10:00:00.1", "2026-03-02T10:00:00.2", "1772413200300", "2026-03-02T24:00"]
    months = cs.account_months(company(log=[("A", at, "login", "") for at in stamps]), as_of=TODAY)
    assert months.to_frame()["events"].sum() == 3
    assert dict(zip(months.log["rule"], months.log["count"], strict=True)) == {"mixed_zones": 2, "no_time": 1}


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_names_of_columns_are_written_as_they_are(company: Write, lang: str) -> None:
    months = cs.account_months(company(log=[("A", "2026-03-02", "login", "-1")]), as_of=TODAY)
    assert not any(sentence.startswith(("Count", "Mrr")) for sentence in months.sentences(lang))


@pytest.fixture
def large(company: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a parquet log of six months in two files of small parts, some rows doubled."""
    monkeypatch.setattr(log_files, "ROWS_AT_ONCE", 500)
    folder = company(log=[])
    (folder / "usage_events" / "log.csv").unlink()
    rng = np.random.default_rng(4)
    stamps = np.sort(np.datetime64("2025-10-01", "us") + rng.integers(0, 182 * 86_400, 3000) * 10**6)
    log = pd.DataFrame({"account_id": rng.choice(["A", "B", "C"], 3000), "timestamp": stamps})
    log["event"], log["count"] = rng.choice(["login", "ticket"], 3000), 1.0
    for number, part in enumerate((log[:1600], log[1400:])):
        part.to_parquet(folder / "usage_events" / f"{number}.parquet", row_group_size=200)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(("time_zone", "zoned"), [("Asia/Tokyo", False), ("-11:00", True)])
def test_a_large_log_is_read_in_lots_of_months_with_the_same_result(
    large: Path, time_zone: str, zoned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sorted((large / "usage_events").iterdir())
    for path in files if zoned else ():
        log = pd.read_parquet(path)
        log["timestamp"] = log["timestamp"].dt.tz_localize("UTC")
        log.to_parquet(path, row_group_size=200)
    lots = batches(tuple(files), ".parquet", None)
    assert len(lots) > 3 and lots[0][1] == (files[0],)
    parted = cs.account_months(large, as_of=TODAY, time_zone=time_zone)
    monkeypatch.setattr(log_files, "ROWS_AT_ONCE", 10**9)
    assert len(batches(tuple(files), ".parquet", None)) == 1
    whole = cs.account_months(large, as_of=TODAY, time_zone=time_zone)
    pd.testing.assert_frame_equal(parted.to_frame(), whole.to_frame())
    pd.testing.assert_frame_equal(parted.log, whole.log)
    assert dict(zip(whole.log["rule"], whole.log["count"], strict=True))["duplicates"] == 200


def test_a_log_in_no_order_of_time_is_read_in_one_go(large: Path) -> None:
    """Otherwise its files would be read again for every lot."""
    files = sorted((large / "usage_events").iterdir())
    for path in files:
        pd.read_parquet(path).sample(frac=1, random_state=1).to_parquet(path, row_group_size=200)
    assert batches(tuple(files), ".parquet", None) == [(None, tuple(files))]
