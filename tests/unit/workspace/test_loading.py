"""Loading: every fault of every table at once, each with its place and fix; what is told, what is kept."""

from __future__ import annotations

import gzip
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
    edit(workspace, "task_inventory", lambda t: pd.concat([t, t.iloc[[0]].assign(lead_days="99")]))
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
    ],
)
def test_scenario_files_are_checked_even_when_not_chosen(
    workspace: Path, row: str, column: str, word: str
) -> None:
    scenario(workspace, f"key,value\n{row}\n")
    (failure,) = failures(workspace)
    assert (failure.file, failure.row, failure.column) == ("scenarios/mine.csv", 2, column)
    assert word in failure.expected or column == "key"


def test_a_scenario_of_other_tasks_is_told_and_fails_only_when_chosen(workspace: Path) -> None:
    """An analyst's own task list must load beside the example's Enterprise scenarios."""
    edit(workspace, "task_inventory", lambda t: t.assign(task_id=[f"own_{n}" for n in range(len(t))]))
    ds = load_dataset(workspace)
    told = ds.repairs.query("rule == 'scenario_unusable'")
    assert told["file"].str.startswith("scenarios/enterprise").all() and len(told) == 2
    with pytest.raises(DataContractError, match="onb_session_prepare"):
        load_dataset(workspace, scenario="enterprise_propose_new")


@pytest.mark.parametrize(
    "rows",
    [
        "csm_monthly_cost,500000\nresources.csm.price,600000",
        "tasks.onb_session_deliver.minutes,5\ntasks.onb_session_deliver.hours_per_month,5",
        "arr,5e8\narr,5e8",
    ],
)
def test_two_values_for_one_thing_are_a_fault(workspace: Path, rows: str) -> None:
    scenario(workspace, f"key,value\n{rows}\n")
    (failure,) = failures(workspace)
    assert (failure.file, failure.row) == ("scenarios/mine.csv", 3)


def test_a_company_outside_the_shipped_range_loads_and_is_told(workspace: Path) -> None:
    edit(workspace, "parameters", lambda t: t.assign(default=t["default"].where(t["key"] != "arr", "3e9")))
    ds = load_dataset(workspace)
    assert ds.base["arr"] == 3e9 and ds.base.parameter("arr").high == 3e9
    rules = ds.repairs.set_index("rule")["detail"]
    assert rules["range_widened"] == "arr" and rules["source_of_example"] == "arr"


def test_a_changed_value_does_not_inherit_source_and_grade(workspace: Path) -> None:
    ds = load_dataset(workspace, scenario="enterprise_replace_existing", overrides={"cs_cost_ratio": "0.07"})
    churn, ratio = (ds.scenario.stated(k) for k in ("monthly_churn", "cs_cost_ratio"))
    assert (churn.source, churn.grade) == ("scenarios/enterprise_replace_existing.csv", "assumption")
    assert churn.low != churn.low, "0.8 % lies outside the published range"
    assert (ratio.source, ratio.low, ratio.high) == ("--set", 0.06, 0.10)
    assert ds.base.stated("monthly_churn").grade == "vendor"


@pytest.mark.slow
def test_numbers_in_any_notation_are_read_and_told(workspace: Path) -> None:
    """Separators, percent signs and magnitudes changed the value without a word, or were refused."""

    def spell(table: pd.DataFrame) -> pd.DataFrame:
        cells = {"arr": "3億円", "monthly_churn": "２．８４％", "csm_monthly_cost": "450,000"}
        return table.assign(default=table["key"].map(cells).fillna(table["default"]))

    plain = load_dataset(workspace)
    edit(workspace, "parameters", spell)
    edit(workspace, "resources", lambda t: t.assign(price=t["price"].map(lambda c: f"{int(c):,}")))
    edit(workspace, "resources", lambda t: t.assign(notice_months="０"))
    header = {"rework_rate": "rework_rate (%)"}
    edit(workspace, "resources", lambda t: t.assign(rework_rate="3").rename(columns=header))
    rows = ("arr,5億円", "resources.bpo.rework_rate,5%", "tasks.onb_session_deliver.minutes,1時間")
    scenario(workspace, "\n".join(["key,value", *rows]) + "\n")
    ds = load_dataset(workspace, scenario="mine")
    assert (ds.base["arr"], ds.base["monthly_churn"]) == (3e8, 0.0284)
    pd.testing.assert_series_equal(ds.resources["price"], plain.resources["price"])
    assert set(ds.resources["rework_rate"]) == {0.03}
    changed = ["arr", "resources.bpo.rework_rate", "tasks.onb_session_deliver.minutes"]
    assert [ds.scenario[key] for key in changed] == [5e8, 0.05, 60.0]
    log = ds.repairs.query("rule == 'quantities'").set_index(["file", "detail"])
    told = {place: (row["before"], row["after"], row["count"]) for place, row in log.iterrows()}
    assert told[("parameters.csv", "default")] == ("3億円", "300000000", 3)
    assert told[("resources.csv", "price")][:2] == ("450,000", "450000")
    assert told[("resources.csv", "rework_rate")][:2] == ("3", "0.03")
    assert told[("resources.csv", "notice_months")][:2] == ("０", "0")
    assert told[("scenarios/mine.csv", "value")] == ("5億円", "500000000", 3)


def test_an_amount_with_its_unit_is_refused_where_files_count_in_thousands(workspace: Path) -> None:
    marker = workspace / "csanalysis.toml"
    marker.write_text(marker.read_text("utf-8").replace('money = "JPY"', 'money = "1000JPY"'), "utf-8")
    edit(workspace, "parameters", lambda t: t.assign(default=t["default"].where(t["key"] != "arr", "3億円")))
    assert {(f.file, f.value) for f in failures(workspace)} == {("parameters.csv", "3億円")}


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["50%", "４３９％"])
def test_percent_signs_are_read_in_ratios_only(workspace: Path, cell: str) -> None:
    edit(workspace, "task_inventory", put("minutes", cell))
    assert [f.column for f in failures(workspace)] == ["minutes"]
    edit(workspace, "task_inventory", put("minutes", "30"))
    edit(workspace, "task_inventory", put("standardised", "50%"))
    assert load_dataset(workspace).tasks.loc[0, "standardised"] == 0.5


def test_lock_files_of_excel_are_no_scenarios(workspace: Path) -> None:
    (workspace / "scenarios" / "~$mine.xlsx").write_bytes(b"\x00lock")
    assert "~$mine" not in load_dataset(workspace).scenarios


def test_a_broken_csanalysis_set_is_named(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSANALYSIS_SET", "{")
    with pytest.raises(DataContractError, match="CSANALYSIS_SET"):
        load_dataset(workspace)


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


@pytest.mark.slow
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


@pytest.mark.parametrize("ending", [".CSV", ".ods", ".csv.gz"])
def test_files_of_other_endings_are_found(workspace: Path, ending: str) -> None:
    """A table that may be left out (accounts.CSV) was passed over without a word."""
    data = (workspace / "playbook.csv").read_bytes()
    (workspace / "playbook.csv").unlink()
    packed = gzip.compress(data) if ending.endswith(".gz") else data
    (workspace / f"playbook{ending}").write_bytes(packed)
    found = load_dataset(workspace)
    assert f"playbook{ending}" in [s.file for s in found.sources]
    told = {"other_kind": ".ods", "unpacked": ".csv.gz"}
    assert [told.get(rule) for rule in found.repairs["rule"]] == [ending] * (ending != ".CSV")


def test_a_file_of_a_kind_that_is_not_read_is_told(workspace: Path) -> None:
    (workspace / "accounts.numbers").write_bytes(b"PK")
    (workspace / "ratings").mkdir()
    (workspace / "ratings" / "suzuki.ods").write_bytes(b"PK")
    repairs = load_dataset(workspace).repairs
    assert repairs["rule"].tolist() == ["kind_not_read", "rating_not_read"]
    assert repairs["detail"].tolist() == ["accounts.numbers", "suzuki.ods"]


def test_files_may_have_other_names(workspace: Path) -> None:
    (workspace / "resources.csv").rename(workspace / "料金表.csv")
    marker = 'scenario = "smb_replace_existing"\n[files]\nresources = "料金表.csv"\n'
    (workspace / "csanalysis.toml").write_text(marker, encoding="utf-8")
    assert "料金表.csv" in [s.file for s in load_dataset(workspace).sources]


def test_columns_that_are_not_used_are_told(workspace: Path) -> None:
    edit(workspace, "resources", lambda t: t.assign(memo="x"))
    assert load_dataset(workspace).repairs.query("rule == 'unused_column'")["detail"].tolist() == ["memo"]


@pytest.mark.slow
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
