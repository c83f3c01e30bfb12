"""The minimal input on the terminal: judged at once, doubts settled, nothing left behind by Ctrl-C."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from csanalysis.cli import main
from csanalysis.labels import LANGUAGES, text
from csanalysis.workspace import load_dataset
from csanalysis.workspace.minimal import Answers, Entry
from csanalysis.workspace.minimal_ask import ask_minimal

LINES = [
    "初回オンボーディングの実施, onboarding, 150, M, y, y",
    "定例会の実施, adoption, 180, H, n, y",
    "更新意思の確認\trenewal\t60\tM\tはい\tはい",
    "FAQ の作成、アダプション、60、中、○、×",
]


def conversation(lines: list[str], lang: str = "ja") -> tuple[Answers, str]:
    """Answer the questions with `lines`; return the answers and everything that was shown."""
    shown: list[str] = []
    left = iter(lines)

    def read(prompt: str) -> str:
        shown.append(prompt)
        return next(left)

    answers = ask_minimal(read, shown.append, lang)
    assert list(left) == []
    return answers, "\n".join(shown)


GOOD = ["300276000", "439", "5", "4.4", "450000", "2.84%", "19.2", "2.84", "12", "75%", "3000", "0"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_terminal_asks_until_every_answer_holds(lang: str) -> None:
    numbers = ["x", GOOD[0], "４３９", "5", "4.4?", "<", "4.2？", *GOOD[4:]]
    tasks = ["mail", LINES[0].replace("150", "-1"), *LINES[:2], LINES[1], LINES[3], "<", *LINES[2:], ""]
    answers, shown = conversation([*numbers, "3", "1", "smb", "logo", *tasks], lang)
    assert answers.number("accounts") == 439 and answers.entries["cs_fte"] == Entry(4.2, estimated=True)
    assert answers.entries["product_type"].value == "replace_existing"
    assert [t.hours for t in answers.tasks] == [150, 180, 60, 60]
    assert [t.routine for t in answers.tasks] == [True, False, True, True]
    for rule in ("number", "choice", "line", "hours", "twice"):
        start = text(f"data.minimal_{rule}.fix", lang)[:20]
        assert start in shown


def test_a_doubt_is_settled_by_correcting_or_by_saying_yes() -> None:
    lines = ["300276", *GOOD[1:], "1", "1", "1", "", LINES[0], ""]
    answers, shown = conversation([*lines, "n", GOOD[0], "n", "x", "200", "n", "", "y"], "en")
    assert answers.number("arr") == 300_276_000 and [t.hours for t in answers.tasks] == [200]
    assert shown.count("team totals?") == 3 and "There is no task" in shown


def test_onboarding_hours_without_new_accounts_are_a_fault() -> None:
    lines = [*GOOD[:6], "0", *GOOD[7:], "1", "1", "1", LINES[0], *LINES[1:], ""]
    mine, shown = conversation([*lines, "y"], "en")
    assert len(mine.tasks) == 3 and "no new accounts" in shown


def test_without_a_terminal_a_file_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(["init", str(tmp_path / "w"), "--minimal", "--lang", "en"]) == 2
    assert "--minimal FILE.xlsx" in capsys.readouterr().err and not (tmp_path / "w").exists()
    assert main(["init", "--minimal", str(tmp_path / "w"), "--lang", "en"]) == 2
    assert "first" in capsys.readouterr().err


class Terminal:
    """Stands for a keyboard."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stop", [KeyboardInterrupt, EOFError])
def test_ctrl_c_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    lines = iter(GOOD)

    def read(_: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise stop from None

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", read)
    assert main(["init", str(tmp_path / "w"), "--minimal"]) == 130
    assert list(tmp_path.iterdir()) == []


def test_the_terminal_makes_a_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = iter([*GOOD, "1", "2", "2", *LINES, ""])
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", lambda _: next(lines))
    assert main(["init", str(tmp_path / "w"), "--minimal"]) == 0
    assert main(["check", str(tmp_path / "w")]) == 0
    assert load_dataset(tmp_path / "w").base["churn_basis"] == "revenue"
