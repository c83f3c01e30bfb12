import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from csanalysis.errors import DataContractError, ReportError
from csanalysis.report import KeyFigure, NotebookError, Summary, build, build_report
from csanalysis.report.place import MARKER


def write(folder: Path, name: str, *sources: str, title: str = "# T") -> None:
    cells = [new_markdown_cell(title), *map(new_code_cell, sources)]
    nbformat.write(new_notebook(cells=cells), folder / name)


@pytest.fixture
def own(workspace: Path) -> Path:
    """Return a workspace whose only notebooks are two small ones."""
    for path in (workspace / "notebooks").glob("*.ipynb"):
        path.unlink()
    (workspace / "notebooks").mkdir(exist_ok=True)
    write(workspace / "notebooks", "10 売上 %.ipynb", "import os; print(os.environ['CSANALYSIS_SET'])")
    write(workspace / "notebooks", "index.ipynb", "1 + 1")
    return workspace


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.mark.slow
def test_report_of_own_notebooks(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index = build_report(own, tmp_path / "out", lang="en", overrides={"arr": "5e8"})
    pages = contents(tmp_path / "out")
    assert index == tmp_path / "out" / "index.html"
    assert set(pages) == {"index.html", "10 売上 %.html", "index_notebook.html", MARKER}
    assert "500,000,000" in pages["index.html"]
    assert "10%20%E5%A3%B2%E4%B8%8A%20%25.html" in pages["index.html"]
    assert "5e8" in pages["10 売上 %.html"]
    told = capsys.readouterr()
    assert told.out == ""
    assert "2/2" in told.err
    assert {entry.name for entry in tmp_path.iterdir()} == {own.name, "out"}


@pytest.mark.slow
def test_all_failures_are_told_and_nothing_changes(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_report(own, out, lang="en", progress=False)
    before = contents(out)
    write(own / "notebooks", "a.ipynb", "x = 1", "raise KeyError('first')")
    hidden = "import ipywidgets as w\ndef f(x): raise KeyError('second')\nw.interact(f, x=1);"
    write(own / "notebooks", "b.ipynb", hidden)
    with pytest.raises(NotebookError) as caught:
        build_report(own, out, lang="en", progress=False)
    told = str(caught.value)
    assert "a.ipynb, code cell 2 (raise KeyError('first')): KeyError: 'first'" in told
    assert "b.ipynb, code cell 1 (import ipywidgets as w): KeyError: 'second'" in told
    assert "How to fix" in told
    assert len(caught.value.findings) == 2
    assert contents(out) == before
    assert {entry.name for entry in tmp_path.iterdir()} == {own.name, "out"}
    with pytest.raises(NotebookError, match="コードセル 2"):
        build_report(own, out, lang="ja", progress=False)


@pytest.mark.slow
def test_failing_export_changes_nothing(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "render_page", fail)
    with pytest.raises(KeyboardInterrupt):
        build_report(own, tmp_path / "new" / "out", progress=False)
    assert {entry.name for entry in tmp_path.iterdir()} == {own.name}


def test_bad_input_and_bad_output_are_told_before_anything_runs(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> list[object]:
        raise AssertionError("ran")

    monkeypatch.setattr(build, "run_notebooks", never)
    with pytest.raises(ReportError, match="holds the workspace"):
        build_report(own, own, lang="en")
    with pytest.raises(DataContractError, match="no_such_key"):
        build_report(own, tmp_path / "out", overrides={"no_such_key": "1"})
    assert not (tmp_path / "out").exists()


def test_notebooks_are_sorted_without_checkpoints(tmp_path: Path) -> None:
    for name in ("b.ipynb", "A.ipynb", ".hidden.ipynb", "b-checkpoint.ipynb", "note.txt"):
        (tmp_path / name).touch()
    (tmp_path / ".ipynb_checkpoints").mkdir()
    assert [path.name for path in build.notebooks_in(tmp_path, "en")] == ["A.ipynb", "b.ipynb"]
    with pytest.raises(ReportError, match="There is no"):
        build.notebooks_in(tmp_path / ".ipynb_checkpoints", "en")


@pytest.mark.slow
def test_own_summary_and_a_bar_on_a_terminal(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    summary = Summary((KeyFigure("Persons", "14"),), ("All is well.",))
    index = build_report(own, tmp_path / "out", lang="en", summarise=lambda *_: summary)
    page = index.read_text(encoding="utf-8")
    assert "Persons" in page
    assert "All is well." in page
    assert "100%" in capsys.readouterr().err
