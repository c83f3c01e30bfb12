"""Notebooks stay thin: little code, the facade alone, both languages side by side, no outputs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

import csanalysis as cs

FOLDER = Path(__file__).parents[2] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
NAMES = (
    "00_start_here",
    "01_kpi_benchmarks",
    "02_phase_diagnosis",
    "03_quadrant_mapping",
    "04_task_assignment",
    "05_cost_sizing",
    "06_capacity_plan",
    "07_sensitivity",
    "08_roadmap_and_scope",
    "09_health_and_touch",
)
MOST_LINES, MOST_LINES_OF_A_CELL = 60, 15
LANGUAGES = ("lang-ja", "lang-en")
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")

every_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def read(path: Path) -> NotebookNode:
    nb: NotebookNode = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(nb)
    return nb


def code_of(nb: NotebookNode) -> list[str]:
    return [cell.source for cell in nb.cells if cell.cell_type == "code"]


def tree_of(source: str) -> ast.Module:
    return ast.parse(source.rstrip().removesuffix(";"))


def lines_of(source: str) -> int:
    return sum(bool(line.strip()) for line in source.splitlines())


def headings(source: str) -> list[str]:
    return [match[1] for match in re.finditer(r"^(#+) ", source, re.MULTILINE)]


def test_there_are_notebooks() -> None:
    assert set(NAMES) <= {path.stem for path in PATHS}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_notebook_names_all_others(lang: str) -> None:
    title = next(cell for cell in read(FOLDER / "00_start_here.ipynb").cells if lang in cell.metadata.tags)
    assert re.findall(r"^\| `(\w+)` \|", title.source, re.MULTILINE) == list(NAMES[1:])


@every_notebook
def test_code_is_short_and_only_calls_the_facade(path: Path) -> None:
    cells = code_of(read(path))
    assert sum(map(lines_of, cells)) <= MOST_LINES
    assert max(map(lines_of, cells)) <= MOST_LINES_OF_A_CELL
    assert cells[0].splitlines() == ["import csanalysis as cs", "", "ds, sc, lang = cs.start()"]
    for node in (node for source in cells for node in ast.walk(tree_of(source))):
        assert not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
        assert not isinstance(node, ast.ImportFrom)
        if isinstance(node, ast.Import):
            assert [(name.name, name.asname) for name in node.names] == [("csanalysis", "cs")]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "cs":
            assert node.attr in cs.__all__


@every_notebook
def test_nothing_of_a_run_is_committed(path: Path) -> None:
    nb = read(path)
    assert (nb.nbformat, nb.metadata.kernelspec.name) == (4, "python3")
    assert set(nb.metadata) <= {"kernelspec", "language_info"}
    assert set(nb.metadata.get("language_info", {})) <= {"name"}
    ids = [cell.id for cell in nb.cells]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[a-z0-9-]+", name) for name in ids)
    for cell in nb.cells:
        assert set(cell.metadata) <= {"tags"}
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


@every_notebook
def test_every_text_stands_in_both_languages(path: Path) -> None:
    nb = read(path)
    texts = [(n, cell) for n, cell in enumerate(nb.cells) if cell.cell_type == "markdown"]
    assert texts[0][1].source.startswith("# ")
    pairs = list(zip(texts[::2], texts[1::2], strict=True))
    for (n, japanese), (following, english) in pairs:
        assert following == n + 1, "a text and its translation stand side by side"
        assert [cell.metadata.tags for cell in (japanese, english)] == [[tag] for tag in LANGUAGES]
        assert japanese.id.removesuffix("-ja") == english.id.removesuffix("-en")
        assert headings(japanese.source) == headings(english.source)
        assert JAPANESE.search(japanese.source) and not JAPANESE.search(english.source)
    assert sum(headings(english.source).count("#") for _, (_, english) in pairs) == 1


@every_notebook
def test_the_end_is_findings(path: Path) -> None:
    nb = read(path)
    last_text = [cell.source for cell in nb.cells if cell.cell_type == "markdown"][-1]
    assert last_text.startswith("## Findings")
    assert re.search(r"cs\.tables\.(sentences|overview)\(", code_of(nb)[-1])


def test_each_first_analysis_has_its_chart_or_panel() -> None:
    code = "\n".join(source for path in PATHS for source in code_of(read(path)))
    for analysis, chart in (
        ("diagnose_phase", 'views=["phase"]'),
        ("size_team", 'views=["sizing"]'),
        ("compare_benchmarks", 'views=["benchmarks"]'),
        ("map_quadrant", 'views=["quadrant"]'),
        ("reconcile", "cs.charts.reconciliation("),
        ("compute_kpis", "cs.charts.kpi_history("),
        ("assign_tasks", 'views=["assignment"]'),
        ("assess_stability", "cs.charts.assignment_probabilities("),
        ("find_boundaries", "cs.charts.flip_distances("),
        ("plan_waves", "cs.charts.wave_hours("),
        ("tornado", 'views=["tornado", "monte_carlo"]'),
        ("monte_carlo", "cs.charts.distribution("),
        ("sobol", "cs.charts.total_effects("),
        ("heat_map", "cs.charts.heat_map("),
        ("failure_map", "cs.charts.failure_map("),
    ):
        assert f"cs.{analysis}(" in code and chart in code


@every_notebook
def test_every_notebook_has_a_panel(path: Path) -> None:
    """An analyst can try the assumptions where their effect is shown."""
    assert any("cs.scenario_panel(" in source for source in code_of(read(path)))
