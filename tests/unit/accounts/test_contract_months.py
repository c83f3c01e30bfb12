"""The account-month table equals a slow one written straight from the definitions, and keeps its balances."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csanalysis.accounts.contract_months import Unseen, contract_months, month_number, unseen

FIRST, LAST = date(2025, 1, 1), date(2026, 6, 1)
FEWER = settings(max_examples=settings().max_examples // 3)  # each builds several tables
OPENINGS = [date(2025 + m // 12, m % 12 + 1, 1) for m in range(19)]


@st.composite
def contracts(draw: Callable[..., Any]) -> pd.DataFrame:
    """Draw up to six accounts with up to four periods each; breaks of 0 to 70 days between them."""
    rows = []
    for number in range(draw(st.integers(1, 6))):
        segment = draw(st.sampled_from(["smb", "ent"]))
        day = date(2024, 11, 1) + timedelta(days=draw(st.integers(0, 500)))
        count = draw(st.integers(1, 4))
        for position in range(count):
            stop = day + timedelta(days=draw(st.integers(0, 200)))
            running = position == count - 1 and draw(st.booleans())
            csm, sessions = draw(st.sampled_from(["", "x", "y"])), draw(st.integers(0, 4))
            end = "" if running else stop.isoformat()
            mrr = draw(st.integers(0, 9)) * 1000
            rows.append((f"A{number}", segment, day.isoformat(), end, mrr, csm, sessions))
            day = stop + timedelta(days=1 + draw(st.integers(0, 70)))
    names = ["account_id", "segment", "start_date", "end_date", "mrr", "csm", "onboarding_sessions"]
    return pd.DataFrame(rows, columns=names)


def period_at(rows: pd.DataFrame, day: date) -> Any:
    """Return the period of one account that runs at the first instant of a day, or None."""
    text = day.isoformat()
    for row in rows.itertuples():
        if row.start_date <= text and (row.end_date == "" or text <= row.end_date):
            return row
    return None


def slowly(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return the account-month table by looking at every account at every opening."""
    found = []
    for account, rows in table.sort_values("start_date").groupby("account_id"):
        for month, following in pairwise(OPENINGS):
            was, now = period_at(rows, month), period_at(rows, following)
            if was is None and now is None:
                continue
            before = rows["start_date"].iloc[0] < month.isoformat()
            gained = was is None and now is not None
            found.append(
                (
                    *(account, rows["segment"].iloc[-1], month, was is not None, now is not None),
                    *(was.mrr if was else 0, now.mrr if now else 0, (now or was).csm),
                    *(gained and not before, gained and before, was is not None and now is None),
                    rows["onboarding_sessions"].iloc[0] if gained and not before else -1,
                )
            )
    return found


@pytest.mark.slow
@FEWER
@given(contracts())
def test_equals_the_slow_definition(table: pd.DataFrame) -> None:
    found = contract_months(table, FIRST, LAST)
    shown = found.assign(month=found["month"].dt.date, sessions=found["onboarding_sessions"].fillna(-1))
    assert list(shown.drop(columns="onboarding_sessions").itertuples(index=False, name=None)) == slowly(table)


@FEWER
@given(contracts(), st.randoms(use_true_random=False))
def test_row_order_changes_nothing(table: pd.DataFrame, order: Any) -> None:
    shuffled = table.iloc[order.sample(range(len(table)), len(table))]
    pd.testing.assert_frame_equal(contract_months(shuffled, FIRST, LAST), contract_months(table, FIRST, LAST))


@pytest.mark.slow
@FEWER
@given(contracts(), st.data())
def test_splitting_a_period_changes_nothing(table: pd.DataFrame, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(table) - 1))
    row = table.iloc[position]
    start = date.fromisoformat(row["start_date"])
    end = date.fromisoformat(row["end_date"]) if row["end_date"] else date(2026, 12, 31)
    if start < end:
        cut = start + timedelta(days=data.draw(st.integers(1, (end - start).days)))
        halves = pd.DataFrame([row, row]).reset_index(drop=True)
        halves.loc[0, "end_date"] = (cut - timedelta(days=1)).isoformat()
        halves.loc[1, "start_date"] = cut.isoformat()
        split = pd.concat([table.drop(index=table.index[position]), halves], ignore_index=True)
        pd.testing.assert_frame_equal(
            contract_months(split, FIRST, LAST), contract_months(table, FIRST, LAST)
        )
        assert unseen(split, FIRST, LAST) == unseen(table, FIRST, LAST)


@FEWER
@given(contracts())
def test_opening_and_changes_give_the_next_opening(table: pd.DataFrame) -> None:
    found = contract_months(table, FIRST, LAST)
    flags = ["active_open", "active_close", "is_new", "is_returned", "is_lost"]
    months = found.groupby("month")[flags].sum().reindex(pd.to_datetime(OPENINGS[:-1]), fill_value=0)
    gained = months["is_new"] + months["is_returned"]
    assert (months["active_open"] + gained - months["is_lost"] == months["active_close"]).all()
    assert (months["active_open"].iloc[1:].to_numpy() == months["active_close"].iloc[:-1].to_numpy()).all()
    assert (found.groupby("account_id")["is_new"].sum() <= 1).all()


@FEWER
@given(contracts(), st.integers(1, 80))
def test_a_bridged_break_is_no_loss(table: pd.DataFrame, gap_days: int) -> None:
    bridged = contract_months(table, FIRST, LAST, gap_days=gap_days)
    plain = contract_months(table, FIRST, LAST)
    assert bridged["is_lost"].sum() <= plain["is_lost"].sum()
    assert bridged["active_open"].sum() >= plain["active_open"].sum()
    assert not gap_days > 71 or not bridged["is_returned"].any()


def test_dates_may_be_text_or_datetimes_and_months_any_day() -> None:
    table = pd.DataFrame(
        {"account_id": ["A"], "start_date": ["2025-03-10"], "end_date": [""], "mrr": [1000.0]}
    )
    dated = table.assign(
        start_date=pd.to_datetime(table["start_date"]), end_date=pd.Series([pd.NaT], dtype="datetime64[us]")
    )
    expected = contract_months(table, "2025-03", "2025-05")
    pd.testing.assert_frame_equal(
        contract_months(dated, np.datetime64("2025-03"), date(2025, 5, 31)), expected
    )
    assert expected["segment"].tolist() == expected["csm"].tolist() == ["", "", ""]
    assert month_number(pd.Period("2025-03", "M")) == month_number("2025-03-31")


def test_short_breaks_are_counted_by_what_becomes_of_them() -> None:
    rows = [
        ("A", "2025-01-01", "2025-03-30", 1000),  # away on 31 March and 1 April: seen, short
        ("A", "2025-04-02", "", 1000),
        ("B", "2025-01-01", "2025-04-09", 1000),  # away for a day in April: not seen
        ("B", "2025-04-11", "", 1000),
        ("C", "2025-05-02", "2025-05-31", 1000),  # here for most of May: not seen
        ("D", "2025-01-01", "2025-02-28", 1000),  # away for 31 days: seen, not short
        ("D", "2025-04-01", "2025-04-30", 1000),
    ]
    table = pd.DataFrame(rows, columns=["account_id", "start_date", "end_date", "mrr"])
    assert unseen(table, "2025-01", "2025-12") == Unseen(spells=1, gaps=1, short_gaps=1)
    assert unseen(table, "2025-01", "2025-12", gap_days=3) == Unseen(spells=1, gaps=0, short_gaps=0)
    assert unseen(table, "2025-06", "2025-12") == Unseen(0, 0, 0)


def test_no_contracts_give_an_empty_table() -> None:
    columns = {"account_id": str, "start_date": str, "end_date": str, "mrr": float}
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    assert contract_months(empty, "2025-01", "2025-12").empty
    assert unseen(empty, "2025-01", "2025-12") == Unseen(0, 0, 0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"start_date": "2025-13-01"}, "start_date"),
        ({"end_date": "2024-12-31"}, "ends_before_start"),
        ({"mrr": -1.0}, "bad_mrr"),
    ],
)
def test_unsound_contracts_are_refused(change: dict[str, object], told: str) -> None:
    row = {"account_id": "A-7", "start_date": "2025-01-01", "end_date": "", "mrr": 1000.0, **change}
    with pytest.raises(ValueError, match=told) as caught:
        contract_months(pd.DataFrame([row]), "2025-01", "2025-02")
    assert "A-7" in str(caught.value)


def test_missing_columns_and_reversed_months_are_refused() -> None:
    table = pd.DataFrame({"account_id": ["A"], "start_date": ["2025-01-01"], "mrr": [1.0]})
    with pytest.raises(ValueError, match="end_date"):
        contract_months(table, "2025-01", "2025-02")
    with pytest.raises(ValueError, match="2025-02"):
        contract_months(table.assign(end_date=""), "2025-02", "2025-01")


def test_ten_thousand_accounts_over_three_years_take_no_loop() -> None:
    random = np.random.default_rng(1)
    start = np.datetime64("2023-01-01") + random.integers(0, 900, 10_000)
    end = start + random.integers(30, 900, 10_000)
    table = pd.DataFrame(
        {
            "account_id": [f"A{n}" for n in range(10_000)],
            "start_date": start.astype(str),
            "end_date": end.astype(str),
            "mrr": random.integers(10, 90, 10_000) * 1000.0,
        }
    )
    begun = time.perf_counter()
    months = contract_months(table, "2023-04", "2026-03")
    assert len(months) > 100_000 and time.perf_counter() - begun < 5
