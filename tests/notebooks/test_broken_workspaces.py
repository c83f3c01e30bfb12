"""Ten ways to break a workspace: `report` names place and fix, exits 1, and touches nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from csanalysis.cli import main


def table(workspace: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    path = workspace / f"{name}.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    change(frame).to_csv(path, index=False)


def cell(name: str, row: int, column: str, value: str) -> Callable[[Path], None]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[row, column] = value
        return frame

    return lambda workspace: table(workspace, name, change)


def raising_callback(workspace: Path) -> None:
    """Leave one notebook, whose first cells run well and whose widget callback raises."""
    path = workspace / "notebooks" / "02_phase_diagnosis.ipynb"
    for other in set(path.parent.glob("*.ipynb")) - {path}:
        other.unlink()
    notebook = nbformat.read(path, as_version=4)
    source = (
        "import ipywidgets as w\n"
        "slider = w.IntSlider(3)\n"
        "display(slider, w.interactive_output(lambda x: 1 / (x - 3), {'x': slider}))"
    )
    notebook.cells.append(nbformat.v4.new_code_cell(source))
    nbformat.write(notebook, path)


BROKEN: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "missing column": (
        lambda w: table(w, "task_inventory", lambda t: t.drop(columns="driver")),
        ["task_inventory.csv", "column driver", "Add the column"],
    ),
    "negative minutes": (
        cell("task_inventory", 3, "minutes", "-3"),
        ["task_inventory.csv row 5 column minutes", "'-3'", ">= 0"],
    ),
    "unknown driver": (
        cell("task_inventory", 0, "driver", "moon"),
        ["task_inventory.csv row 2 column driver", "'moon'", "new_account"],
    ),
    "duplicate task_id": (
        lambda w: table(w, "task_inventory", lambda t: pd.concat([t, t.iloc[[0]].assign(frequency="2")])),
        ["task_inventory.csv", "column task_id", "only once"],
    ),
    "abc in a number": (
        cell("resources", 1, "price", "abc"),
        ["resources.csv row 3 column price", "'abc'", "number"],
    ),
    "empty file": (lambda w: (w / "suitability.csv").write_bytes(b"") and None, ["suitability.csv", "empty"]),
    "png named csv": (
        lambda w: (w / "benchmarks.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00") and None,
        ["benchmarks.csv", "PNG", "Save it as CSV"],
    ),
    "unknown parameter key": (
        cell("parameters", 2, "key", "arrr"),
        ["parameters.csv row 4 column key", "'arrr'", "nearest: arr"],
    ),
    "playbook naming an unknown kind": (
        cell("playbook", 0, "kind", "robot"),
        ["playbook.csv row 2 column kind", "'robot'", "contract_staff"],
    ),
    "callback that raises": (
        raising_callback,
        ["02_phase_diagnosis.ipynb", "ZeroDivisionError", "(import ipywidgets as w)"],
    ),
}


@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=pytest.mark.slow if "callback" in c else []) for c in BROKEN]
)
def test_report_fails_clearly(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    damage, words = BROKEN[case]
    damage(workspace)
    earlier = tmp_path / "report"
    earlier.mkdir()
    (earlier / ".csanalysis-report").write_text('{"files": ["index.html"]}')
    (earlier / "index.html").write_text("the report of yesterday")
    assert main(["report", str(workspace), "--out", str(earlier)]) == 1
    told = capsys.readouterr().err
    assert [word for word in words if word not in told] == [], told
    assert "Traceback" not in told
    assert {p.name for p in earlier.iterdir()} == {".csanalysis-report", "index.html"}
    assert (earlier / "index.html").read_text() == "the report of yesterday"
    assert {p.name for p in tmp_path.iterdir()} == {"report", workspace.name}


@pytest.mark.parametrize("case", [c for c in BROKEN if "callback" not in c])
def test_check_finds_the_same(workspace: Path, capsys: pytest.CaptureFixture[str], case: str) -> None:
    damage, words = BROKEN[case]
    damage(workspace)
    assert main(["check", str(workspace)]) == 1
    told = capsys.readouterr().err
    assert [word for word in words if word not in told] == [], told
