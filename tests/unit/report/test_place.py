from pathlib import Path

import pytest

from csanalysis.errors import ReportError
from csanalysis.report.place import MARKER, check_target, replacing


def write(target: Path, name: str = "index.html", text: str = "new") -> None:
    with replacing(target, "en") as fresh:
        (fresh / name).write_text(text, encoding="utf-8")


def left(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_new_folder_with_parents(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b 日本"
    write(target)
    assert left(target) == {"index.html", MARKER}
    assert left(tmp_path / "a") == {"b 日本"}


def test_earlier_report_is_replaced_whole(tmp_path: Path) -> None:
    write(tmp_path / "out", "old.html")
    write(tmp_path / "out", "index.html")
    assert left(tmp_path / "out") == {"index.html", MARKER}
    assert left(tmp_path) == {"out"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_failure_leaves_the_earlier_report(tmp_path: Path, error: type[BaseException]) -> None:
    write(tmp_path / "out", text="old")
    with pytest.raises(error), replacing(tmp_path / "out", "en") as fresh:
        (fresh / "index.html").write_text("half", encoding="utf-8")
        raise error
    assert (tmp_path / "out" / "index.html").read_text(encoding="utf-8") == "old"
    assert left(tmp_path) == {"out"}


def test_failure_leaves_no_new_parents(tmp_path: Path) -> None:
    with pytest.raises(ValueError), replacing(tmp_path / "a" / "b", "en"):
        raise ValueError
    assert left(tmp_path) == set()


def test_failing_swap_brings_the_earlier_report_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "out", text="old")
    rename = Path.rename

    def fail_for_new(self: Path, target: Path) -> Path:
        if target == tmp_path / "out" and not self.name.endswith("-old"):
            raise PermissionError("in use")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_new)
    with pytest.raises(ReportError, match="in use"):
        write(tmp_path / "out")
    assert (tmp_path / "out" / "index.html").read_text(encoding="utf-8") == "old"
    assert left(tmp_path) == {"out"}


def test_what_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = tmp_path / "work"
    (workspace / "notebooks").mkdir(parents=True)
    (workspace / "csanalysis.toml").touch()
    (tmp_path / "file").touch()
    full = tmp_path / "full"
    full.mkdir()
    (full / "letter.txt").touch()
    other = tmp_path / "other"
    other.mkdir()
    (other / "csanalysis.toml").touch()
    (other / MARKER).write_text("{}", encoding="utf-8")

    def reason(out: Path) -> str:
        with pytest.raises(ReportError) as caught:
            check_target(out, (workspace, workspace / "notebooks"), "en")
        return str(caught.value)

    assert "is a file" in reason(tmp_path / "file")
    assert "holds the workspace" in reason(workspace)
    assert "holds the workspace" in reason(tmp_path)
    assert "holds the workspace" in reason(workspace / "notebooks")
    assert "holds the workspace" in reason(other)
    assert "neither empty nor" in reason(full)
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    assert "current folder" in reason(empty)


def test_added_files_are_not_lost(tmp_path: Path) -> None:
    write(tmp_path / "out")
    (tmp_path / "out" / "board notes.docx").touch()
    with pytest.raises(ReportError, match="board notes"):
        check_target(tmp_path / "out", (), "en")
    (tmp_path / "out" / "board notes.docx").unlink()
    (tmp_path / "out" / ".DS_Store").touch()
    assert check_target(tmp_path / "out", (), "en") == tmp_path / "out"
