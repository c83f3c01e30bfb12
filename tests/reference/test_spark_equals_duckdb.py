"""The same expressions on PySpark and on DuckDB, over a million events: every figure equal to 1e-9.

Runs where Java and PySpark are there (the extra `spark`, a CI job of its own). Other engines are untested.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import csanalysis as cs

# PySpark warns of pandas 3 and of its own future: that is not ours to mend.
pytestmark = [pytest.mark.java, pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
ROWS, ACCOUNTS = 1_000_000, 2_000
TODAY = date(2026, 4, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a million events as text, some of them dirty, and contracts."""
    place = tmp_path_factory.mktemp("crm")
    rng = np.random.default_rng(11)
    names = np.array([f"A{n:04d}" for n in range(ACCOUNTS)])
    seconds = rng.integers(0, 460 * 86_400, ROWS)
    stamps = np.datetime64("2025-01-01", "s") + seconds.astype("timedelta64[s]")
    text = np.datetime_as_string(stamps)
    zone = np.array(["Z", "+09:00", "", "-03:30"])[rng.integers(0, 4, ROWS)]
    events = pd.DataFrame(
        {
            "account_id": names[rng.integers(0, ACCOUNTS, ROWS)],
            "timestamp": np.char.add(text, zone),
            "event": np.array(["login", "report", "ticket", " Ticket"])[rng.integers(0, 4, ROWS)],
            "count": np.char.mod("%.3f", rng.gamma(2, 3, ROWS)),
        }
    )
    events.loc[::1009, "timestamp"] = "yesterday"
    events.loc[::1013, "count"] = "-1"
    events.loc[::1019, "count"] = ""
    events.loc[::1021, "account_id"] = "nobody"
    events.loc[::2003, "account_id"] += " "
    events = pd.concat([events, events.sample(500, random_state=1)])
    events.to_csv(place / "usage_events.csv", index=False)
    start = pd.Timestamp("2024-01-05") + pd.to_timedelta(rng.integers(0, 600, ACCOUNTS), unit="D")
    end = start + pd.to_timedelta(rng.integers(30, 900, ACCOUNTS), unit="D")
    contracts = pd.DataFrame(
        {
            "account_id": names,
            "start_date": start.strftime("%Y-%m-%d"),
            "end_date": np.where(rng.random(ACCOUNTS) < 0.5, end.strftime("%Y-%m-%d"), ""),
            "mrr": np.char.mod("%.2f", rng.gamma(2, 3e4, ACCOUNTS)),
            "csm": np.array(["x", "y", ""])[rng.integers(0, 3, ACCOUNTS)],
        }
    )
    again = contracts.sample(200, random_state=2).assign(start_date="2025-10-07", end_date="", mrr="-5")
    pd.concat([contracts, again]).to_csv(place / "accounts.csv", index=False)
    return place


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ibis.backends.pyspark  # noqa: F401  what it imports warns once
        from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "4",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def test_spark_gives_the_table_of_duckdb(folder: Path, spark: Any) -> None:
    import ibis

    for name in ("usage_events", "accounts"):
        spark.read.csv(str(folder / f"{name}.csv"), header=True).createOrReplaceTempView(name)
    there = cs.account_months(ibis.pyspark.connect(spark), as_of=TODAY)
    here = cs.account_months(folder, as_of=TODAY)
    pd.testing.assert_frame_equal(there.to_frame(), here.to_frame(), rtol=1e-9, atol=0)
    pd.testing.assert_frame_equal(there.log, here.log)
    assert len(here.log) >= 8 and here.to_frame()["events"].sum() > 500_000
