"""A new workspace appears whole or not at all, and never over somebody's files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from csanalysis.errors import WorkspaceError
from csanalysis.workspace import create_workspace, example_dir, load_dataset


def test_it_holds_the_example(workspace: Path) -> None:
    mine, example = load_dataset(workspace), load_dataset(example_dir(), lang="en")
    assert set(example.tables) - set(mine.tables) == {"accounts", "actuals"}, "synthetic records stay behind"
    assert example.usage_events is not None and mine.usage_events is None
    for table, frame in mine.tables.items():
        pd.testing.assert_frame_equal(example.tables[table], frame)
    assert mine.scenarios == example.scenarios and mine.lang == "en"
    assert len(list((workspace / "notebooks").glob("*.ipynb"))) >= 3


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    assert create_workspace(tmp_path / "w", "ja") == tmp_path / "w"


def test_files_are_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(WorkspaceError, match="not empty"):
        create_workspace(tmp_path)
    with pytest.raises(WorkspaceError):
        create_workspace(tmp_path / "mine.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_nothing_is_left_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("csanalysis.workspace.create.write_csv", fail)
    with pytest.raises(OSError, match="disk full"):
        create_workspace(tmp_path / "w")
    assert list(tmp_path.iterdir()) == []
