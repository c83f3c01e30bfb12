"""The usage log and the hours of a workspace: a handle that loads nothing, and faults with place and fix."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from csanalysis.errors import DataContractError
from csanalysis.model.dataset import Dataset
from csanalysis.workspace import event_files, load_dataset

LOG = "account_id,timestamp,event\nA,2026-03-01,login\nA,2026-03-02,login\n"


def test_the_example_has_a_handle_and_no_frame(example: Dataset) -> None:
    events = example.usage_events
    assert events is not None and events.suffix == ".csv.gz" and "usage_events" not in example.tables
    [source] = [source for source in example.sources if source.table == "usage_events"]
    assert source.rows == 29_569 and len(source.sha256) == 64


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "csv.gz", "parquet", "folder", "named"])
def test_every_form_is_found(workspace: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = workspace / f"usage_events.{form}"
    if form == "csv":
        place.write_text(LOG)
    elif form == "csv.gz":
        place.write_bytes(gzip.compress(LOG.encode()))
    elif form == "parquet":
        pd.DataFrame({"account_id": ["A"], "timestamp": ["2026-03-01"], "event": ["x"]}).to_parquet(place)
    elif form == "folder":
        (workspace / "usage_events" / "2026").mkdir(parents=True)
        (workspace / "usage_events" / "2026" / "03.csv").write_text(LOG)
    else:
        (workspace / "log.csv").write_text(LOG)
        marker = workspace / "csanalysis.toml"
        marker.write_text(marker.read_text().replace("[files]", '[files]\nusage_events = "log.csv"'))
    ds = load_dataset(workspace)
    assert ds.usage_events is not None and len(ds.usage_events.paths) == 1
    monkeypatch.setattr(event_files, "SMALL", 0)
    [source] = [s for s in load_dataset(workspace).sources if s.table == "usage_events"]
    assert (source.sha256, source.rows) == ("", -1), "a large log is not read through"


def test_names_of_the_log_are_told(workspace: Path) -> None:
    """Its columns are read under other names as those of any table are, so the log of repairs says it too."""
    text = LOG.replace("account_id,timestamp,event", "顧客番号,発生日時,操作")
    (workspace / "usage_events.csv").write_bytes(text.encode("cp932"))
    ds = load_dataset(workspace)
    told = ds.repairs.query("file == 'usage_events.csv'")[["rule", "count", "detail"]].to_numpy().tolist()
    assert told == [["column_names", 3, "顧客番号 → account_id, 発生日時 → timestamp, 操作 → event"]]


def faults(workspace: Path) -> list[tuple[int | None, str, str]]:
    with pytest.raises(DataContractError) as error:
        load_dataset(workspace)
    return [(f.row, f.column, f.value) for f in error.value.failures]


def test_faults_of_the_log_are_told(workspace: Path) -> None:
    (workspace / "usage_events.csv").write_text("account_id,when,event\n")
    assert faults(workspace) == [(1, "timestamp", "")]
    (workspace / "usage_events.parquet").write_bytes(b"no parquet")
    [(row, _, value)] = faults(workspace)
    assert row is None and "usage_events.parquet" in value
    (workspace / "usage_events.csv").unlink()
    assert len(faults(workspace)) == 1


def test_faults_of_the_hours_are_told(workspace: Path) -> None:
    rows = [
        "month,task_id,resource_id,hours,volume",
        "2026-03,sup_record,csm,1,2",
        "2026-03,sup_record,csm,1,2",
        "March,sup_record,,1,",
        "2026-03,sup_recrd,csm,1,2",
        "2026-03,sup_record,nobody,-1,2",
    ]
    (workspace / "actuals.csv").write_text("\n".join(rows) + "\n")
    assert [place[:2] for place in faults(workspace)] == [(3, "task_id"), (4, "month"), (6, "hours")]
    # Keys are looked up in other tables once the cells themselves are sound.
    (workspace / "actuals.csv").write_text("\n".join([*rows[:2], rows[4], rows[5].replace("-1", "1")]) + "\n")
    assert [place[:2] for place in faults(workspace)] == [(3, "task_id"), (4, "resource_id")]
    (workspace / "actuals.csv").write_text("\n".join([*rows[:2], "2026-02,sup_record,,1,"]) + "\n")
    actuals = load_dataset(workspace).actuals
    assert actuals is not None and actuals["month"].dt.month.tolist() == [3, 2]
    assert actuals["volume"].isna().tolist() == [False, True]
