"""Capacity examples that others published, through the public tables alone.

1. Public skill text "cs-capacity-modeling-and-engagement-tiers": 20 accounts x 142 h + 150 x 45 h
   + 800 x 1.5 h a year, over 1,600 h a head = 6.74 FTE.
2. C. Balusek, 2017: 130 productive hours a month and 50 accounts a CSM leave 2.6 h per account.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from csanalysis.diagnosis.reconcile import reconcile
from csanalysis.diagnosis.sizing import size_team
from csanalysis.workspace import load_dataset

SEGMENTS = {"enterprise": (20, 142.0), "mid": (150, 45.0), "small": (800, 1.5)}


def write(workspace: Path, table: str, frame: pd.DataFrame) -> None:
    frame.to_csv(workspace / f"{table}.csv", index=False)


def read(workspace: Path, table: str) -> pd.DataFrame:
    return pd.read_csv(workspace / f"{table}.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")


def default(workspace: Path, **values: float) -> None:
    table = read(workspace, "parameters")
    for key, value in values.items():
        table.loc[table["key"] == key, ["default", "low", "high"]] = [str(value), "", ""]
    write(workspace, "parameters", table)


def test_three_segments_give_6_74_fte(workspace: Path) -> None:
    columns = ["segment", "name_ja", "name_en", "accounts", "arpa_monthly", "monthly_churn"]
    columns += ["new_accounts_per_month", "term_months", "touch"]
    rows = [(key, "", key, accounts, 50_000, 0, 0, 12, "") for key, (accounts, _) in SEGMENTS.items()]
    write(workspace, "segments", pd.DataFrame(rows, columns=columns))
    task = read(workspace, "task_inventory").iloc[[0]]
    tasks = pd.concat([task] * 3).assign(
        task_id=list(SEGMENTS),
        segment=list(SEGMENTS),
        driver="active_account",
        frequency="1",
        minutes=[str(hours * 60 / 12) for _, hours in SEGMENTS.values()],
        hours_per_month="",
        self_serve="0",
        bundle_id="",
    )
    write(workspace, "task_inventory", tasks)
    for path in (workspace / "scenarios").glob("enterprise*.csv"):
        path.unlink()
    default(workspace, accounts=970, paid_hours=1600 / 12, non_customer_time=0)
    ds = load_dataset(workspace)
    assert size_team(ds, ds.base).method("task_hours").fte == pytest.approx(6.74, abs=0.005)


def test_130_hours_and_50_accounts_leave_2_6_hours(workspace: Path) -> None:
    default(workspace, paid_hours=200, non_customer_time=0.35, accounts_per_csm=50)
    ds = load_dataset(workspace)
    frame = reconcile(size_team(ds, ds.base)).frame.set_index("method")
    assert frame.loc["coverage", "minutes_per_account"] / 60 == pytest.approx(2.6)
