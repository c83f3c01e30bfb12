"""What must not matter to account-months does not matter, and their statistics keep their shape."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf

import csanalysis as cs
from csanalysis.accounts.account_months import AccountMonths
from csanalysis.accounts.health_score import COMPONENTS, component_scores, health, lost_points
from csanalysis.accounts.shrinkage import shrink_normal, shrink_poisson
from csanalysis.accounts.survival import counts_by_age, kaplan_meier

TODAY = date(2026, 4, 1)
CONTRACTS = """account_id,start_date,end_date,mrr
A,2025-10-10,,100
B,2025-09-01,2026-01-15,200
C,2026-01-01,,50
"""
COLUMNS = ["account_id", "timestamp", "event", "count"]
few = settings(max_examples=3)  # each builds tables of whole companies, some of them several
many = settings(max_examples=40)
instants = st.integers(0, 184 * 86_400_000).map(
    lambda ms: datetime(2025, 10, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
events = st.tuples(
    st.sampled_from(["A", "B", "C", " A", "nobody", ""]),
    instants,
    st.sampled_from(["login", "ticket", "Ticket "]),
    st.sampled_from(["", "1", "2.5", "-1", "many"]),
)
logs = st.lists(events, min_size=1, max_size=30, unique=True)


def zulu(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def company(**files: list[tuple[str, datetime, str, str]]) -> Iterator[Path]:
    """Make a folder with contracts and log files."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "crm"
        (folder / "usage_events").mkdir(parents=True)
        (folder / "accounts.csv").write_text(CONTRACTS)
        for name, rows in files.items():
            add(folder, name, rows)
        yield folder


def add(folder: Path, name: str, rows: list[tuple[str, datetime, str, str]]) -> None:
    frame = pd.DataFrame([(a, zulu(t), e, n) for a, t, e, n in rows], columns=COLUMNS)
    frame.to_csv(folder / "usage_events" / f"{name}.csv", index=False)


def table(months: AccountMonths, *without: str) -> pd.DataFrame:
    return months.to_frame().drop(columns=list(without))


def told(months: AccountMonths) -> dict[str, int]:
    return dict(zip(months.log["rule"], months.log["count"], strict=True))


@few
@given(logs, st.randoms(use_true_random=False), st.integers(1, 4))
def test_order_and_files_do_not_matter_and_a_file_may_come_twice(log, random, parts) -> None:
    """Every row of the log is kept or told; a second copy of a file adds doubles, and nothing else."""
    mixed = random.sample(log, len(log))
    with company(log=log) as folder:
        one = cs.account_months(folder, as_of=TODAY)
    split = {f"part{n}": mixed[n::parts] for n in range(parts) if mixed[n::parts]}
    with company(**split) as folder:
        other = cs.account_months(folder, as_of=TODAY)
        add(folder, "again", mixed)
        twice = cs.account_months(folder, as_of=TODAY)
    pd.testing.assert_frame_equal(table(one), table(other), rtol=1e-12)
    pd.testing.assert_frame_equal(one.log, other.log)
    pd.testing.assert_frame_equal(table(one, "duplicates"), table(twice, "duplicates"), rtol=1e-12)
    for found, rows in ((one, len(log)), (twice, 2 * len(log))):
        kept = int(found.to_frame()["events"].sum())
        assert kept + sum(told(found).values()) - told(found).get("late", 0) == rows


@few
@given(logs, st.integers(2, 4))
def test_updates_in_any_order_give_the_table_of_one_run(log, steps) -> None:
    """Files arrive one after the other, each with rows of all months: most are late."""
    with company(step0=log[0::steps]) as folder:
        store = folder.parent / "store"
        for step in range(steps):
            if rows := log[step::steps]:
                add(folder, f"step{step}", rows)
                updated = cs.account_months(folder, store=store, as_of=TODAY)
        whole = cs.account_months(folder, as_of=TODAY)
        kept = cs.account_months(store)
    pd.testing.assert_frame_equal(table(updated), table(whole), rtol=1e-12)
    pd.testing.assert_frame_equal(table(kept), table(whole), rtol=1e-12)
    late = updated.log[updated.log["rule"] != "late"].reset_index(drop=True)
    pd.testing.assert_frame_equal(late, whole.log)


@few
@given(logs)
def test_month_by_month_gives_the_table_of_one_run(log) -> None:
    with company() as folder:
        store = folder.parent / "store"
        for begin in (date(2025, 10, 1), date(2025, 12, 1), date(2026, 2, 1)):
            today = (begin + timedelta(days=62)).replace(day=1)
            if rows := [row for row in log if begin <= row[1].date() < today]:
                add(folder, f"{begin:%Y-%m}", rows)
                cs.account_months(folder, store=store, as_of=today)
        months = cs.account_months(folder, store=store, as_of=TODAY)
        whole = cs.account_months(folder, as_of=TODAY)
    pd.testing.assert_frame_equal(table(months), table(whole), rtol=1e-12)


@few
@given(logs, st.integers(-11, 13))
def test_a_clock_that_is_moved_with_the_events_changes_nothing(log, hours) -> None:
    moved = [(a, t + timedelta(hours=9 - hours), e, n) for a, t, e, n in log]
    with company(log=log) as folder:
        japan = cs.account_months(folder, as_of=TODAY)
    with company(log=moved) as folder:
        there = cs.account_months(folder, as_of=TODAY, time_zone=f"{hours:+03d}:00")
    pd.testing.assert_frame_equal(table(japan), table(there))


@few
@given(logs)
def test_an_instant_may_be_written_in_any_way(log) -> None:
    """With a zone, on the local clock, in milliseconds: months are the same, and no row becomes a double."""
    local = timezone(timedelta(hours=9))
    ways = (
        lambda t: t.astimezone(local).isoformat(timespec="milliseconds"),
        lambda t: t.astimezone(local).strftime("%Y/%m/%d %H:%M:%S.%f"),
        lambda t: str(round(t.timestamp() * 1000)),
    )
    with company(log=log) as folder:
        one = cs.account_months(folder, as_of=TODAY)
        rows = [(a, ways[n % 3](t), e, c) for n, (a, t, e, c) in enumerate(log)]
        pd.DataFrame(rows, columns=COLUMNS).to_csv(folder / "usage_events" / "log.csv", index=False)
        other = cs.account_months(folder, as_of=TODAY)
    apart = ("naive_times", "zoned_times")
    pd.testing.assert_frame_equal(table(one, *apart), table(other, *apart), rtol=1e-12)


durations = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=40)


@many
@given(durations)
def test_kaplan_meier_is_that_of_scipy_and_only_falls(cases) -> None:
    age, lost = (np.array(column) for column in zip(*cases, strict=True))
    curve = kaplan_meier(*counts_by_age(age, lost))
    assert ((curve.survival >= 0) & (curve.survival <= 1)).all() and (np.diff(curve.survival) <= 0).all()
    known = np.isfinite(curve.low)
    assert (curve.low[known] <= curve.survival[known] + 1e-12).all()
    assert (curve.high[known] >= curve.survival[known] - 1e-12).all()
    other = ecdf(CensoredData(uncensored=age[lost], right=age[~lost])).sf
    np.testing.assert_allclose(curve.survival, other.evaluate(curve.age), atol=1e-12)


features = st.tuples(
    st.one_of(st.just(np.nan), st.floats(0, 5)),
    st.one_of(st.just(np.nan), st.floats(0, 20)),
    st.one_of(st.just(np.nan), st.integers(0, 36).map(float)),
)
shares = st.tuples(*[st.floats(0.01, 1)] * 3)


@many
@given(features, st.tuples(*[st.floats(0, 3)] * 3), shares)
def test_health_lies_in_0_to_100_and_rises_with_usage_calm_and_distance(known, better, share) -> None:
    names = ["trend", "ticket_ratio", "renewal_in"]
    improved = [known[0] + better[0], max(known[1] - better[1], 0) if known[1] == known[1] else np.nan]
    rows = [known, *(list(known) for _ in range(3))]
    for n, value in enumerate([*improved, known[2] + better[2]]):
        rows[n + 1][n] = value
    weights = dict(zip(COMPONENTS, share, strict=True))
    scores = component_scores(pd.DataFrame(rows, columns=names))
    found = health(scores, weights)
    if np.isnan(known).all():
        assert np.isnan(found).all()
        return
    assert ((found >= 0) & (found <= 100 + 1e-9)).all() and (found[1:] >= found[0] - 1e-9).all()
    np.testing.assert_allclose(100 - lost_points(scores, weights).sum(axis=1), found, atol=1e-9)


records = st.lists(st.tuples(st.integers(0, 500), st.floats(0.5, 500)), min_size=1, max_size=15)


@many
@given(records)
def test_counts_are_pulled_between_record_and_inventory_the_less_the_more_there_is(cases) -> None:
    count, expected = (np.array(column, dtype=float) for column in zip(*cases, strict=True))
    found = shrink_poisson(count, expected)
    low, high = np.minimum(found.raw, 1), np.maximum(found.raw, 1)
    assert ((found.factor >= low - 1e-9) & (found.factor <= high + 1e-9)).all()
    assert ((found.low <= found.factor) & (found.factor <= found.high)).all()
    order = np.argsort(expected)
    assert (np.diff(found.trust[order]) >= -1e-12).all()


@many
@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(1e-4, 4)), min_size=1, max_size=15))
def test_minutes_are_pulled_between_record_and_inventory_the_less_the_surer_they_are(cases) -> None:
    log, variance = (np.array(column) for column in zip(*cases, strict=True))
    found = shrink_normal(log, variance)
    low, high = np.minimum(found.raw, 1), np.maximum(found.raw, 1)
    assert ((found.factor >= low - 1e-9) & (found.factor <= high + 1e-9)).all()
    order = np.argsort(variance)
    assert (np.diff(found.trust[order]) <= 1e-12).all()


@many
@given(st.integers(0, 2**32 - 1), st.floats(0.3, 3.0))
def test_minutes_come_back_from_generated_records_as_these_grow(seed, factor) -> None:
    """Records of tasks that really take `factor` times as long: with many, that is what is found."""
    rng = np.random.default_rng(seed)
    truth = np.log(factor * np.exp(0.2 * rng.standard_normal(20)))
    gaps = []
    for variance in (0.25, 0.25 / 10_000):
        recorded = truth + np.sqrt(variance) * rng.standard_normal(20)
        found = shrink_normal(recorded, np.full(20, variance))
        gaps.append(float(np.abs(np.log(found.factor) - truth).mean()))
    assert gaps[1] < 0.02
