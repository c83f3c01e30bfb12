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
    assert "No faults" in capsys.readouterr().out


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
