"""The stored table: updates read what is new, late events count, a kill leaves the old table whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.accounts.store import MANIFEST, read_manifest

Write = Callable[..., Path]
TODAY = date(2026, 4, 1)
FEBRUARY = [("A", "2026-02-02T10:00", "login", "2"), ("C", "2026-02-03T10:00", "ticket", "")]
MARCH = [("A", "2026-03-02T10:00", "login", "5"), ("A", "2026-02-28T10:00", "login", "7")]
ROOT = Path(__file__).parents[3]


def month(number: int) -> int:
    return (2026 - 1970) * 12 + number - 1


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.mark.slow
def test_an_update_reads_only_months_with_new_files_and_counts_late_events(
    company: Write, store: Path
) -> None:
    folder = company(february=FEBRUARY)
    first = cs.account_months(folder, store=store, as_of=TODAY)
    assert first.computed == (month(2),)
    assert cs.account_months(folder, store=store, as_of=TODAY).computed == ()
    company(march=MARCH)
    updated = cs.account_months(folder, store=store, as_of=TODAY)
    assert updated.computed == (month(2), month(3))
    [late] = updated.log.query("rule == 'late'").to_dict("records")
    # March was over when the table was made, so its first row is as late as the one for February.
    assert (late["count"], late["detail"]) == (2, "2026-02, 2026-03")
    same(updated.to_frame(), cs.account_months(folder, as_of=TODAY).to_frame())
    same(cs.account_months(store).to_frame(), updated.to_frame())
    company(april=[("A", "2026-03-05T10:00", "login", "1")])
    assert cs.account_months(folder, store=store, as_of=TODAY).computed == (month(3),)


@pytest.mark.slow
def test_doubles_across_files_count_once(company: Write, store: Path) -> None:
    folder = company(february=FEBRUARY)
    cs.account_months(folder, store=store, as_of=TODAY)
    company(again=FEBRUARY)
    updated = cs.account_months(folder, store=store, as_of=TODAY)
    same(updated.to_frame(), cs.account_months(folder, as_of=TODAY).to_frame())
    assert dict(zip(updated.log["rule"], updated.log["count"], strict=True))["duplicates"] == 2


@pytest.mark.slow
def test_changed_and_removed_files_are_computed_again(company: Write, store: Path) -> None:
    folder = company(february=FEBRUARY, march=MARCH)
    cs.account_months(folder, store=store, as_of=TODAY)
    (folder / "usage_events" / "march.csv").unlink()
    company(february=FEBRUARY[:1])
    updated = cs.account_months(folder, store=store, as_of=TODAY)
    same(updated.to_frame(), cs.account_months(folder, as_of=TODAY).to_frame())
    assert updated.to_frame()["events"].sum() == 1


@pytest.mark.slow
def test_new_contracts_need_no_event_to_be_read_again(company: Write, store: Path) -> None:
    folder = company(february=[*FEBRUARY, ("N", "2026-02-09T10:00", "login", "3")])
    before = cs.account_months(folder, store=store, as_of=TODAY)
    assert dict(zip(before.log["rule"], before.log["count"], strict=True)) == {"unknown_account": 1}
    contracts = pd.read_csv(folder / "accounts.csv", dtype=str, keep_default_na=False)
    contracts.loc[len(contracts)] = ["N", "2026-02-01", "", "10"]
    company(contracts)
    updated = cs.account_months(folder, store=store, as_of=TODAY)
    assert updated.computed == () and updated.log.empty
    same(updated.to_frame(), cs.account_months(folder, as_of=TODAY).to_frame())


def test_months_that_were_to_come_are_there_when_they_have_come(company: Write, store: Path) -> None:
    folder = company(log=[("A", "2026-04-09T10:00", "login", "3")])
    assert cs.account_months(folder, store=store, as_of=TODAY).to_frame()["usage"].sum() == 0
    later = cs.account_months(folder, store=store, as_of=date(2026, 5, 1))
    assert later.computed == () and later.to_frame()["usage"].sum() == 3
    assert later.log.empty


@pytest.mark.slow
def test_a_connection_is_updated_by_the_rows_of_its_months(
    company: Write, store: Path, tmp_path: Path
) -> None:
    import duckdb

    folder = company(february=FEBRUARY)
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        log, contracts = folder / "usage_events" / "february.csv", folder / "accounts.csv"
        for name, file in (("usage_events", log), ("accounts", contracts)):
            connection.execute(f"CREATE TABLE {name} AS FROM read_csv('{file}', all_varchar = true)")
    url = f"duckdb://{path}"
    cs.account_months(url, store=store, as_of=TODAY)
    assert cs.account_months(url, store=store, as_of=TODAY).computed == ()
    with duckdb.connect(str(path)) as connection:
        connection.execute("INSERT INTO usage_events VALUES ('A', '2026-03-02T10:00', 'login', '5')")
    updated = cs.account_months(url, store=store, as_of=TODAY)
    assert updated.computed == (month(3),) and updated.to_frame()["usage"].sum() == 7


def test_part_of_a_stored_table_can_be_read(company: Write, store: Path) -> None:
    folder = company(february=FEBRUARY, march=MARCH)
    whole = cs.account_months(folder, store=store, as_of=TODAY)
    part = cs.account_months(store, first="2026-03", last="2026-03")
    table = whole.to_frame()
    same(part.to_frame(), table[table["month"] == "2026-03-01"].reset_index(drop=True))


@pytest.mark.slow
def test_other_settings_or_an_older_version_make_the_table_anew(company: Write, store: Path) -> None:
    folder = company(february=FEBRUARY)
    cs.account_months(folder, store=store, as_of=TODAY)
    anew = cs.account_months(folder, store=store, as_of=TODAY, time_zone="UTC")
    assert anew.computed == (month(2),)
    found = json.loads((store / MANIFEST).read_text())
    (store / MANIFEST).write_text(json.dumps({**found, "version": 0}))
    assert cs.account_months(folder, store=store, as_of=TODAY).computed == (month(2),)
    (store / MANIFEST).write_text(json.dumps({**found, "version": 99}))
    with pytest.raises(ValueError, match="newer program"):
        cs.account_months(store)
    (store / MANIFEST).write_text("{")
    with pytest.raises(ValueError, match="cannot be read"):
        cs.account_months(folder, store=store, as_of=TODAY)


@pytest.mark.slow
def test_a_second_writer_is_refused(company: Write, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from csanalysis.accounts import account_store

    folder = company(february=FEBRUARY)
    write = account_store.write_partition

    def meanwhile(*arguments: object) -> str:
        monkeypatch.setattr(account_store, "write_partition", write)
        cs.account_months(folder, store=store, as_of=TODAY)
        return write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(account_store, "write_partition", meanwhile)
    with pytest.raises(ValueError, match="another run"):
        cs.account_months(folder, store=store, as_of=TODAY)
    same(cs.account_months(store).to_frame(), cs.account_months(folder, as_of=TODAY).to_frame())


CHILD = """
import sys, time
from datetime import date
from pathlib import Path
import csanalysis as cs
from csanalysis.accounts import account_store

folder, store, step = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
original, calls = getattr(account_store, step), []

def wait(*arguments):
    calls.append(1)
    if len(calls) == int(sys.argv[4]):
        (store.parent / "ready").touch()
        time.sleep(600)
    return original(*arguments)

setattr(account_store, step, wait)
cs.account_months(folder, store=store, as_of=date(2026, 4, 1))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("step", "call"), [("write_partition", 2), ("commit", 1)])
def test_a_killed_update_leaves_the_old_table_and_the_next_run_completes_it(
    company: Write, store: Path, tmp_path: Path, step: str, call: int
) -> None:
    """A process is really killed: between two files of the new table, and before the manifest counts."""
    folder = company(february=FEBRUARY)
    old = cs.account_months(folder, store=store, as_of=TODAY).to_frame()
    company(march=MARCH)
    command = [sys.executable, "-c", CHILD, str(folder), str(store), step, str(call)]
    child = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        deadline = time.monotonic() + 120
        while not (tmp_path / "ready").exists():
            assert child.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        child.kill()
        child.wait()
    if sys.platform != "win32":
        assert child.returncode == -signal.SIGKILL
    manifest = read_manifest(store)
    assert manifest is not None
    remains = {p for p in store.glob("data/*/*")} - {store / name for name in manifest.partitions.values()}
    assert remains
    same(cs.account_months(store).to_frame(), old)
    updated = cs.account_months(folder, store=store, as_of=TODAY)
    same(updated.to_frame(), cs.account_months(folder, as_of=TODAY).to_frame())
    assert not any(path.exists() for path in remains)
