"""The command line: exit codes relied on from outside, messages in the user's language, help."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from csanalysis.cli import main


def test_init_check_round(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "w"), "--lang", "en"]) == 0
    assert "check" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "w")]) == 0
    out = capsys.readouterr().out
    assert "No faults" in out and "Nothing was mended" in out


def test_init_twice_is_the_inputs_fault(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(workspace)]) == 1
    assert str(workspace) in capsys.readouterr().err


def test_check_json(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(workspace), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    (workspace / "resources.csv").write_bytes(b"")
    assert main(["check", str(workspace), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False and told["failures"][0]["file"] == "resources.csv"


@pytest.mark.slow
def test_check_tells_the_repairs_also_beside_faults(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault of the wrong sheet or header is only understood beside what was taken for it."""
    path = workspace / "resources.csv"
    path.write_text("料金表\n" + path.read_text("utf-8-sig"), encoding="cp932")
    assert main(["check", str(workspace), "--lang", "en"]) == 0
    told = "resources.csv: Rows above the header were not read (row 1): 料金表"
    assert told in capsys.readouterr().out
    path.write_text(path.read_text("cp932").replace("450000", "many", 1), encoding="cp932")
    assert main(["check", str(workspace), "--lang", "en"]) == 1
    err = capsys.readouterr().err
    assert "'many'" in err and told in err and err.index("'many'") < err.index(told)
    assert main(["check", str(workspace), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {"encoding", "preamble"} <= {entry["rule"] for entry in found["repairs"]}
    assert main(["check", str(workspace / "nowhere"), "--json"]) == 1
    (fault,) = json.loads(capsys.readouterr().out)["failures"]
    assert set(fault) == set(found["failures"][0]) and "nowhere" in fault["expected"]


@pytest.mark.parametrize(("lang", "word"), [("ja", "直して"), ("en", "Mend")])
def test_faults_are_told_in_the_language_asked(
    workspace: Path, capsys: pytest.CaptureFixture[str], lang: str, word: str
) -> None:
    (workspace / "resources.csv").write_bytes(b"")
    assert main(["check", str(workspace), "--lang", lang]) == 1
    assert word in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [[], ["fly"], ["check", "--lang", "fr"], ["report", "--set", "arr"], ["init"]]
)
def test_wrong_usage_is_exit_2(words: list[str], workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace)
    try:
        code = main(words)
    except SystemExit as stop:
        code = int(stop.code or 0)
    assert code == 2


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("command", ["", "init", "check", "report", "export", "lab", "app"])
def test_help_has_examples(command: str, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(
            [*([command] if command else []), "--lang", lang, "--help"]
            if command
            else ["--help", "--lang", lang]
        )
    out = capsys.readouterr().out
    assert stop.value.code == 0
    assert ("例:" if lang == "ja" else "examples:") in out


def test_no_workspace_is_exit_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 1
    assert "csanalysis init" in capsys.readouterr().err
