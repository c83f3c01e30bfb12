"""What must not matter does not matter: row order, money unit, encoding, file type and language.

Each property rewrites a whole workspace on disk and compares every analysis of the diagnosis.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import csanalysis as cs
from csanalysis.model.dataset import Dataset
from csanalysis.schemas.tables import TABLES


def analyses(ds: Dataset) -> dict[str, pd.DataFrame]:
    sc = ds.scenario
    sizing = cs.size_team(ds, sc)
    demand = cs.project_demand(ds, sc).to_frame()
    keys = ["month", "task_id", "segment"]
    return {
        "sizing": sizing.to_frame().drop(columns=["source"]),
        "reconcile": cs.reconcile(sizing).to_frame(),
        "demand": demand.sort_values(keys, ignore_index=True).drop(columns=["stage", "task_group"]),
        "phase": cs.diagnose_phase(ds, sc).to_frame("en"),
        "benchmarks": cs.compare_benchmarks(ds, sc)
        .to_frame("en")
        .sort_values(["metric", "segment", "statistic", "source"], ignore_index=True),
        "plays": cs.map_quadrant(ds, sc)
        .to_frame("en")
        .sort_values(["phase", "task_group"], ignore_index=True),
    }


def same(one: Dataset, other: Dataset) -> None:
    before, after = analyses(one), analyses(other)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(after[name], frame, rtol=1e-12, obj=name)


def rewrite(workspace: Path, change: Callable[[str, pd.DataFrame], pd.DataFrame]) -> None:
    for path in [workspace / f"{table}.csv" for table in TABLES]:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        change(path.stem, frame).to_csv(path, index=False)


def test_row_order(workspace: Path) -> None:
    before = cs.load_dataset(workspace)
    rewrite(workspace, lambda _, frame: frame.sample(frac=1, random_state=3))
    same(before, cs.load_dataset(workspace))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "xlsx"])
def test_encoding_and_file_type(workspace: Path, encoding: str) -> None:
    before = cs.load_dataset(workspace)
    for path in [workspace / f"{table}.csv" for table in TABLES]:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        path.unlink()
        if encoding == "xlsx":
            frame.to_excel(path.with_suffix(".xlsx"), index=False)
        else:
            frame.to_csv(path, index=False, encoding=encoding)
    same(before, cs.load_dataset(workspace))


def test_money_in_thousands(workspace: Path) -> None:
    before = cs.load_dataset(workspace)
    money = {"resources": ["price", "base_fee", "setup_cost", "hiring_cost", "success_cap"]}

    def scale(cells: pd.DataFrame) -> pd.DataFrame:
        return cells.map(lambda cell: repr(float(cell) / 1000) if cell else cell)

    def change(table: str, frame: pd.DataFrame) -> pd.DataFrame:
        if table in money:
            frame[money[table]] = scale(frame[money[table]])
        if table == "parameters":
            rows = frame["unit"].str.startswith("JPY")
            columns = ["default", "low", "high", "hard_min", "hard_max", "step"]
            frame.loc[rows, columns] = scale(frame.loc[rows, columns])
        return frame

    rewrite(workspace, change)
    for path in (workspace / "scenarios").glob("enterprise*.csv"):
        path.unlink()
    marker = workspace / "csanalysis.toml"
    marker.write_text(marker.read_text(encoding="utf-8").replace('money = "JPY"', 'money = "1000JPY"'))
    same(before, cs.load_dataset(workspace))


def test_language(workspace: Path) -> None:
    same(cs.load_dataset(workspace, lang="ja"), cs.load_dataset(workspace, lang="en"))


@given(st.floats(0.1, 10), st.floats(0.1, 10))
def test_hours_are_additive_over_tasks(example: Dataset, one: float, other: float) -> None:
    """Two tasks changed together add what each adds alone."""
    first, second = (f"tasks.{t}.minutes" for t in ("onb_session_deliver", "onb_session_prepare"))
    base = example.base

    def total(**changes: float) -> float:
        return float(cs.project_demand(example, base.replace(changes)).total.sum())

    alone = total(**{first: one}) + total(**{second: other}) - total()
    assert total(**{first: one, second: other}) == pytest.approx(alone, rel=1e-12)


@given(st.floats(1, 1e5), st.floats(1, 1e5))
def test_more_accounts_never_need_fewer_fte(example: Dataset, one: float, other: float) -> None:
    few, many = (cs.size_team(example, example.base.replace(accounts=a)) for a in sorted((one, other)))
    assert few.peak_fte <= many.peak_fte * (1 + 1e-12)
    for method in ("coverage", "task_hours"):
        assert few.method(method).fte <= many.method(method).fte * (1 + 1e-12)
