"""Loading: every fault of every table at once, each with its place and fix; what is told, what is kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from csanalysis.errors import DataContractError, Failure, WorkspaceError
from csanalysis.workspace import find_workspace, load_dataset


def edit(workspace: Path, table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    path = workspace / f"{table}.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    change(frame).to_csv(path, index=False, encoding="utf-8-sig")


def put(column: str, value: str, row: int = 0) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[row, column] = value
        return frame

    return change


def failures(workspace: Path) -> tuple[Failure, ...]:
    with pytest.raises(DataContractError) as caught:
        load_dataset(workspace)
    return caught.value.failures


CELLS = {
    "negative minutes": ("task_inventory", "minutes", "-3", ">= 0"),
    "unknown driver": ("task_inventory", "driver", "moon_phase", "new_account"),
    "abc in a number": ("task_inventory", "frequency", "abc", "number"),
    "rating of 9": ("task_inventory", "value_added", "9", "<= 5"),
    "missing trait": ("task_inventory", "repeatability", "", "empty"),
    "months": ("task_inventory", "calendar_months", "3;13", "Months"),
    "half a month": ("task_inventory", "spread_months", "1.5", "whole"),
    "unknown resource": ("task_inventory", "current_resource", "nobody", "csm"),
    "lock without reason": ("task_inventory", "lock_resource", "csm", "reason"),
    "playbook kind": ("playbook", "kind", "robot", "contract_staff"),
    "price": ("resources", "price", "", "empty"),
    "productivity": ("resources", "productivity", "0", "> 0"),
    "weight": ("suitability", "weight", "-1", ">= 0"),
    "grade": ("benchmarks", "grade", "gossip", "vendor"),
    "no source": ("benchmarks", "source", "", "empty"),
}


@pytest.mark.parametrize("case", CELLS)
def test_a_bad_cell_is_named(workspace: Path, case: str) -> None:
    table, column, value, word = CELLS[case]
    edit(workspace, table, put(column, value))
    found = [f for f in failures(workspace) if f.file == f"{table}.csv" and f.row == 2]
    assert len(found) == 1, found
    place = "lock_reason" if case == "lock without reason" else column
    assert found[0].column == place and word in found[0].expected and found[0].fix


def test_all_faults_of_all_tables_are_told_at_once(workspace: Path) -> None:
    edit(workspace, "task_inventory", put("minutes", "-3"))
    edit(workspace, "task_inventory", put("driver", "moon", row=3))
    edit(workspace, "resources", lambda t: t.drop(columns="price"))
    (workspace / "suitability.csv").write_bytes(b"")
    (workspace / "benchmarks.csv").write_bytes(b"\x89PNG\r\n\x1a\n")
    (workspace / "playbook.csv").unlink()
    found = {(f.file, f.row, f.column) for f in failures(workspace)}
    assert {
        ("task_inventory.csv", 2, "minutes"),
        ("task_inventory.csv", 5, "driver"),
        ("resources.csv", 1, "price"),
        ("suitability.csv", None, ""),
        ("benchmarks.csv", None, ""),
        ("playbook.csv, playbook.xlsx", None, ""),
    } <= found


def test_a_misspelt_column_is_guessed_at(workspace: Path) -> None:
    edit(workspace, "task_inventory", lambda t: t.rename(columns={"frequency": "frequencies"}))
    (failure,) = failures(workspace)
    assert failure.column == "frequency" and "frequencies" in failure.fix


def test_duplicate_task(workspace: Path) -> None:
    edit(workspace, "task_inventory", lambda t: pd.concat([t, t.iloc[[0]]]))
    rows = {f.row for f in failures(workspace) if f.column == "task_id"}
    assert len(pd.read_csv(workspace / "task_inventory.csv")) + 1 in rows


def test_minutes_and_hours_exclude_each_other(workspace: Path) -> None:
    edit(workspace, "task_inventory", lambda t: t.assign(minutes="30", hours_per_month="1"))
    assert {f.column for f in failures(workspace)} == {"minutes"}


def test_hours_on_a_driver_without_volume(workspace: Path) -> None:
    def change(tasks: pd.DataFrame) -> pd.DataFrame:
        tasks.loc[0, ["driver", "frequency", "minutes", "hours_per_month"]] = ["active_account", "0", "", "5"]
        return tasks

    edit(workspace, "task_inventory", change)
    (failure,) = failures(workspace)
    assert (failure.row, failure.column) == (2, "hours_per_month")


def scenario(workspace: Path, text: str) -> None:
    (workspace / "scenarios" / "mine.csv").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "column", "word"),
    [
        ("arrr,1", "key", "arr"),
        ("arr,-5", "arr", "outside"),
        ("arr,abc", "arr", "number"),
        ("cs_headcount,2.5", "cs_headcount", "cs_fte"),
        ("product_type,toaster", "product_type", "replace_existing"),
        ("tasks.nothing.minutes,5", "key", "arr"),
    ],
)
def test_scenario_files_are_checked_even_when_not_chosen(
    workspace: Path, row: str, column: str, word: str
) -> None:
    scenario(workspace, f"key,value\n{row}\n")
    (failure,) = failures(workspace)
    assert (failure.file, failure.row, failure.column) == ("scenarios/mine.csv", 2, column)
    assert word in failure.expected or column == "key"


def test_unknown_scenario_lists_those_there_are(workspace: Path) -> None:
    with pytest.raises(DataContractError, match="smb_replace_existing"):
        load_dataset(workspace, scenario="nothing")


def test_parameter_keys_must_be_known_and_complete(workspace: Path) -> None:
    edit(workspace, "parameters", lambda t: t.replace({"key": {"arr": "arrr"}}))
    assert {f.value for f in failures(workspace)} == {"arrr", "arr"}


def test_defaults_of_parameters_are_judged_like_scenario_values(workspace: Path) -> None:
    edit(
        workspace,
        "parameters",
        lambda t: t.assign(default=t["default"].where(t["key"] != "cs_headcount", "2.5")),
    )
    (failure,) = failures(workspace)
    assert failure.column == "default" and "cs_fte" in failure.expected


def test_price_of_csm_and_csm_monthly_cost_are_one_number(workspace: Path) -> None:
    edit(workspace, "resources", lambda t: t.assign(price=t["price"].where(t["kind"] != "csm", "500000")))
    (failure,) = failures(workspace)
    assert (failure.file, failure.column) == ("resources.csv", "price")


@pytest.mark.parametrize(
    "line", ['lang = "fr"', "lang = ", 'files = "x"', 'units = { money = "USD" }', "colour = 1"]
)
def test_a_broken_marker_is_named(workspace: Path, line: str) -> None:
    (workspace / "csanalysis.toml").write_text(line)
    with pytest.raises(DataContractError, match=r"csanalysis\.toml"):
        load_dataset(workspace)


def test_no_workspace_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkspaceError, match="csanalysis init"):
        load_dataset(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkspaceError, match="csanalysis init"):
        find_workspace()


def test_the_nearest_workspace_upward_is_found(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace / "notebooks")
    assert find_workspace() == workspace
    monkeypatch.setenv("CSANALYSIS_WORKSPACE", str(workspace))
    monkeypatch.chdir("/")
    assert find_workspace() == workspace


def numbers(workspace: Path) -> pd.DataFrame:
    return load_dataset(workspace).tasks.select_dtypes("number")


def test_encoding_and_file_type_change_nothing(workspace: Path) -> None:
    before = load_dataset(workspace).tasks
    path = workspace / "task_inventory.csv"
    text = path.read_text(encoding="utf-8-sig")
    path.write_bytes(text.encode("cp932"))
    pd.testing.assert_frame_equal(load_dataset(workspace).tasks, before)
    path.write_bytes(text.encode("utf-8"))
    pd.testing.assert_frame_equal(load_dataset(workspace).tasks, before)
    pd.read_csv(path, dtype=str, keep_default_na=False).to_excel(
        workspace / "task_inventory.xlsx", index=False
    )
    path.unlink()
    pd.testing.assert_frame_equal(load_dataset(workspace).tasks, before)


def test_two_files_of_one_table_are_not_chosen_between(workspace: Path) -> None:
    shutil.copy(workspace / "resources.csv", workspace / "resources.xlsx")
    assert [f.file for f in failures(workspace)] == ["resources.csv, resources.xlsx"]


def test_files_may_have_other_names(workspace: Path) -> None:
    (workspace / "resources.csv").rename(workspace / "料金表.csv")
    marker = 'scenario = "smb_replace_existing"\n[files]\nresources = "料金表.csv"\n'
    (workspace / "csanalysis.toml").write_text(marker, encoding="utf-8")
    assert "料金表.csv" in [s.file for s in load_dataset(workspace).sources]


def test_columns_that_are_not_used_are_told(workspace: Path) -> None:
    edit(workspace, "resources", lambda t: t.assign(memo="x"))
    assert load_dataset(workspace).repairs.query("rule == 'unused_column'")["detail"].tolist() == ["memo"]


def test_money_in_thousands_gives_the_same_amounts(workspace: Path) -> None:
    before = load_dataset(workspace)

    def thousandth(cell: str) -> str:
        return repr(float(cell) / 1000) if cell else cell

    money = ["price", "base_fee", "setup_cost", "hiring_cost", "success_cap"]
    edit(workspace, "resources", lambda t: t.assign(**{c: t[c].map(thousandth) for c in money}))
    columns = ["default", "low", "high", "hard_min", "hard_max", "step"]

    def scale(table: pd.DataFrame) -> pd.DataFrame:
        rows = table["unit"].str.startswith("JPY")
        table.loc[rows, columns] = table.loc[rows, columns].map(thousandth)
        return table

    edit(workspace, "parameters", scale)
    for path in (workspace / "scenarios").glob("*.csv"):
        path.unlink()
    marker = workspace / "csanalysis.toml"
    text = (
        marker.read_text(encoding="utf-8").replace('"JPY"', '"1000JPY"').replace("smb_replace_existing", "")
    )
    marker.write_text(text, encoding="utf-8")
    after = load_dataset(workspace)
    assert after.base["arr"] == pytest.approx(before.base["arr"])
    assert after.resources["price"].to_numpy() == pytest.approx(before.resources["price"].to_numpy())
    assert "money_unit" in after.repairs["rule"].tolist()


def test_environment_chooses_scenario_language_and_values(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSANALYSIS_SCENARIO", "enterprise_propose_new")
    monkeypatch.setenv("CSANALYSIS_LANG", "ja")
    monkeypatch.setenv("CSANALYSIS_SET", '{"arr": "7e8", "resources.bpo.price": "3,500"}')
    ds = load_dataset(workspace)
    assert (ds.scenario.name, ds.lang) == ("enterprise_propose_new", "ja")
    assert (ds.scenario["arr"], ds.scenario["resources.bpo.price"]) == (7e8, 3500)


def test_set_values_are_checked(workspace: Path) -> None:
    with pytest.raises(DataContractError, match="--set"):
        load_dataset(workspace, overrides={"arr": "abc"})
