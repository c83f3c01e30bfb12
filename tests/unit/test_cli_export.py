"""``csanalysis export``: exit codes, languages, settings, and that nothing is ever written over."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from csanalysis.cli import main


@pytest.mark.slow
def test_both_audiences(workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new folder" / "scope.xlsx"
    assert main(["export", str(workspace), "--out", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    assert "price sheet" in openpyxl.load_workbook(out).sheetnames
    inside = tmp_path / "inside.xlsx"
    assert main(["export", str(workspace), "--out", str(inside), "--audience", "internal"]) == 0
    assert "keep it inside" in capsys.readouterr().out
    assert "price sheet" not in openpyxl.load_workbook(inside).sheetnames


def test_an_existing_file_stays_and_is_exit_1(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scope.xlsx"
    out.write_text("filled", encoding="utf-8")
    assert main(["export", str(workspace), "--out", str(out)]) == 1
    assert "exists already" in capsys.readouterr().err and out.read_text(encoding="utf-8") == "filled"


@pytest.mark.slow
def test_language_scenario_and_values(workspace: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.xlsx"
    words = ["export", str(workspace), "--out", str(out), "--lang", "ja", "--set", "horizon_months=24"]
    assert main([*words, "--scenario", "enterprise_replace_existing"]) == 0
    names = openpyxl.load_workbook(out).sheetnames
    assert "業務の定義" in names and sum(name.startswith("業務量") for name in names) == 2


@pytest.mark.slow
def test_default_name_is_in_the_folder_it_is_called_from(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export", str(workspace)]) == 0
    assert (tmp_path / "scope.xlsx").is_file()


@pytest.mark.parametrize(
    "words",
    [["--out", "s.pdf"], ["--set", "arr"], ["--audience", "all"], ["--set", "arr=1", "--set", "arr=2"]],
)
def test_wrong_usage_is_exit_2(words: list[str], workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace)
    before = sorted(workspace.rglob("*"))
    try:
        code = main(["export", *words])
    except SystemExit as stop:
        code = int(stop.code or 0)
    assert code == 2 and sorted(workspace.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.parametrize("words", [["--set", "arr=-1"], ["--scenario", "nowhere"], ["--set", "nothing=1"]])
def test_values_at_fault_are_exit_1(words: list[str], workspace: Path, tmp_path: Path) -> None:
    assert main(["export", str(workspace), "--out", str(tmp_path / "s.xlsx"), *words]) == 1
    assert not (tmp_path / "s.xlsx").exists()


def test_a_plan_without_hand_over_is_exit_1(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--set", "product_type=propose_new", "--set", "customer_size=smb"]
    assert main(["export", str(workspace), "--out", str(tmp_path / "s.xlsx"), *words]) == 1
    assert "no work to a vendor" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_help_has_examples(lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["export", "--lang", lang, "--help"])
    out = capsys.readouterr().out
    assert stop.value.code == 0 and "csanalysis export mywork --out" in out
