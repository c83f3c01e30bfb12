"""Scenario files that panels write: they read back as they were, and a refusal leaves everything in place."""

from __future__ import annotations

import errno
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import csanalysis as cs
from csanalysis.errors import ScenarioExistsError, WorkspaceError
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Parameter
from csanalysis.workspace import saving
from csanalysis.workspace.marker import choose_in_marker, read_marker
from csanalysis.workspace.saving import cell_of, put_away, read_scenario, save_scenario, scenario_names
from csanalysis.workspace.scenario_names import check_name


@pytest.fixture
def ds(workspace: Path) -> Dataset:
    return cs.load_dataset(workspace)


def test_a_saved_scenario_reads_back_as_it_was(ds: Dataset) -> None:
    changes = {"arr": 512_345_678.9, "monthly_churn": 0.0284 * 1.1, "product_type": "propose_new"}
    sc = ds.base.replace({**changes, "resources.bpo.price": 3333.3, "tasks.exp_proposal.minutes": 77.7})
    save_scenario(ds, sc, "mine")
    assert read_scenario(ds, "mine").changed() == sc.changed()
    again = cs.load_dataset(ds.root)
    assert again.scenario.name == "mine" and again.scenario.changed() == sc.changed()


@given(st.floats(1e-6, 1e13), st.sampled_from([1.0, 1000.0]))
def test_a_number_keeps_every_digit_in_every_unit_of_money(value: float, money: float) -> None:
    cell = cell_of(Parameter("arr", "JPY/year", 1.0), value, money)
    assert float(cell) * money == pytest.approx(value, rel=1e-15)
    assert float(cell_of(Parameter("k", "hour", 1.0), value, money)) == value


def test_a_workspace_in_thousands_of_yen_is_written_in_thousands(ds: Dataset) -> None:
    marker = ds.root / "csanalysis.toml"
    marker.write_text(marker.read_text("utf-8").replace('money = "JPY"', 'money = "1000JPY"'), "utf-8")
    save_scenario(ds, ds.base.replace(arr=5e8), "thousands")
    assert "arr,500000," in (ds.root / "scenarios" / "thousands.csv").read_text("utf-8-sig")
    assert read_scenario(ds, "thousands")["arr"] == 5e8


def test_an_existing_scenario_is_replaced_only_by_who_knows_it(ds: Dataset) -> None:
    first = save_scenario(ds, ds.base, "plan")
    with pytest.raises(ScenarioExistsError, match="plan"):
        save_scenario(ds, ds.base.replace(arr=5e8), "plan")
    second = save_scenario(ds, ds.base.replace(arr=5e8), "plan", known=first)
    with pytest.raises(ScenarioExistsError):
        save_scenario(ds, ds.base, "plan", known=first)
    assert second == saving.version_of(ds, "plan") and read_scenario(ds, "plan")["arr"] == 5e8


def test_many_at_once_lose_nothing(ds: Dataset) -> None:
    """Ten browsers save ten scenarios: all are there, and the marker is whole and names one of them."""
    names = [f"plan {n}" for n in range(10)]
    with ThreadPoolExecutor(5) as pool:
        list(
            pool.map(
                lambda name: save_scenario(ds, ds.base.replace(cs_headcount=int(name[5:]) + 1), name), names
            )
        )
    assert set(names) <= set(scenario_names(ds)) and read_marker(ds.root).scenario in names
    assert {read_scenario(ds, name)["cs_headcount"] for name in names} == set(range(1, 11))
    assert not (ds.root / "scenarios" / ".saving").exists()


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "../up",
        "a/b",
        "a\\b",
        ".hidden",
        "~$x",
        "con",
        "LPT1",
        "x" * 61,
        "解" * 61,
        'a"b',
        "a\nb",
        "=1",
        "v1.2",
    ],
)
def test_names_that_no_file_should_have_are_refused(ds: Dataset, name: str) -> None:
    before = scenario_names(ds)
    with pytest.raises(WorkspaceError, match="cannot name a scenario"):
        save_scenario(ds, ds.base, name)
    assert scenario_names(ds) == before and ds.scenario.name == read_marker(ds.root).scenario


def test_names_are_brought_to_one_form() -> None:
    assert check_name("  カ\u3099ス案 (2) ") == "ガス案 (2)"


def test_a_name_that_some_systems_take_for_another_is_refused(ds: Dataset) -> None:
    with pytest.raises(WorkspaceError, match=r"smb_replace_existing\.csv"):
        save_scenario(ds, ds.base, "SMB_replace_existing")
    (ds.root / "scenarios" / "book.xlsx").write_bytes(b"")
    with pytest.raises(WorkspaceError, match=r"book\.xlsx"):
        save_scenario(ds, ds.base, "book")


def refuse(*_: object, **__: object) -> None:
    raise OSError(errno.EROFS, "Read-only file system")


def test_a_read_only_workspace_says_so_and_changes_nothing(
    ds: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = (ds.root / "csanalysis.toml").read_bytes()
    for place in ("os.open", "csanalysis.workspace.saving.write_csv"):
        with monkeypatch.context() as patch:
            patch.setattr(place, refuse)
            with pytest.raises(
                WorkspaceError,
                match=r"cannot be written.*Read-only file system.*No file was changed.*still on screen",
            ):
                save_scenario(ds, ds.base, "mine")
    assert "mine" not in scenario_names(ds) and (ds.root / "csanalysis.toml").read_bytes() == marker
    save_scenario(ds, ds.base, "mine")  # and once it can be written, it works: no lock was left behind


def test_a_lock_left_behind_does_not_bar_the_way_for_ever(
    ds: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = ds.root / "scenarios" / ".saving"
    lock.touch()
    monkeypatch.setattr(saving, "_PATIENCE", 0.1)
    with pytest.raises(WorkspaceError, match="Somebody else is saving"):
        save_scenario(ds, ds.base, "mine")
    monkeypatch.setattr(saving, "_STALE", -1.0)
    save_scenario(ds, ds.base, "mine")


def test_what_is_put_away_can_be_brought_back(ds: Dataset) -> None:
    before = (ds.root / "scenarios" / "enterprise_propose_new.csv").read_bytes()
    kept = put_away(ds, "enterprise_propose_new")
    assert kept.read_bytes() == before
    with pytest.raises(WorkspaceError, match="not there any more"):
        put_away(ds, "enterprise_propose_new")
    with pytest.raises(WorkspaceError, match="not there any more"):
        read_scenario(ds, "enterprise_propose_new")
    assert cs.load_dataset(ds.root).scenario.name == "smb_replace_existing"


@pytest.mark.parametrize(
    "content",
    [
        'lang = "en"  # language\nscenario = "old" # chosen\n[units]\nmoney = "JPY"\n',
        "scenario='old'\r\nlang='ja'\r\n",
        '\ufefflang = "en"\n',
        '[files]\ntask_inventory = "scenario = .csv"\n',
        "",
    ],
)
def test_the_marker_keeps_everything_but_the_name(tmp_path: Path, content: str) -> None:
    marker = tmp_path / "csanalysis.toml"
    marker.write_bytes(content.encode())
    before = tomllib.loads(content.lstrip("\ufeff"))
    choose_in_marker(tmp_path, "新しい案 (2)")
    assert tomllib.loads(marker.read_text("utf-8")) == {**before, "scenario": "新しい案 (2)"}
    for comment in ("# language", "# chosen"):
        assert (comment in content) == (comment in marker.read_text("utf-8"))


def test_a_marker_that_cannot_be_changed_safely_is_left(tmp_path: Path) -> None:
    marker = tmp_path / "csanalysis.toml"
    marker.write_text('"scenario" = "old"\n', "utf-8")
    with pytest.raises(ValueError, match=r"csanalysis\.toml"):
        choose_in_marker(tmp_path, "new")
    assert marker.read_text("utf-8") == '"scenario" = "old"\n'
