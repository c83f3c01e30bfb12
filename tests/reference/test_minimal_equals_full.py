"""Ten numbers, a quote and a task list give the team size of the full tables they were taken from."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import csanalysis as cs
from csanalysis.labels import LANGUAGES
from csanalysis.model.dataset import Dataset
from csanalysis.workspace import load_dataset
from csanalysis.workspace.minimal import QUESTIONS, example_value, label, offered, shown, words_of
from csanalysis.workspace.minimal_read import read_minimal_sheet
from csanalysis.workspace.minimal_sheet import write_minimal_template
from csanalysis.workspace.minimal_tables import create_minimal_workspace

RATED = {1.0: "L", 2.0: "L", 3.0: "M", 4.0: "H", 5.0: "H"}


def worded(column: str, key: str, lang: str) -> str:
    return offered(column, lang)[list(words_of(column)).index(key)]


def fill(path: Path, example: Dataset, lang: str) -> None:
    """Write the example company into a template, as an analyst would."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    rows = {cell.value: cell.row for cell in sheet["A"] if cell.value}
    for key in QUESTIONS:
        value = example_value(key, example.space)
        text = isinstance(value, str)
        sheet.cell(rows[label(key, lang)], 2, shown(key, value, "", lang) if text else value)
    row = next(row for caption, row in rows.items() if str(caption).startswith(("例:", "Example:")))
    hours = cs.task_hours(example, example.base).hours
    for task, spent in zip(example.tasks.to_dict("records"), hours, strict=True):
        row += 1
        routine, personal = task["repeatability"] >= 4, task["personal_data"] == 1
        cells = (
            *(task[f"name_{lang}"], worded("stage", task["stage"], lang), round(float(spent), 2)),
            *(RATED[task["value_added"]], worded("routine", "yes" if routine else "no", lang)),
            worded("personal_data", "yes" if personal else "no", lang),
        )
        for column, cell in enumerate(cells, 1):
            sheet.cell(row, column, cell)
    book.save(path)


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_company_needs_the_same_fte(example: Dataset, tmp_path: Path, lang: str) -> None:
    sheet = write_minimal_template(tmp_path / "sheet.xlsx", lang)
    fill(sheet, example, lang)
    made = create_minimal_workspace(tmp_path / "w", read_minimal_sheet(sheet).answers, lang)
    minimal = load_dataset(made.folder)
    full, ours = cs.size_team(example, example.base), cs.size_team(minimal, minimal.scenario)
    for method in full.methods:
        assert ours.method(method.method).fte == pytest.approx(method.fte, rel=0.01), method.method
    assert ours.mean_fte == pytest.approx(full.mean_fte, rel=0.01)
    assert ours.peak_fte == pytest.approx(full.peak_fte, rel=0.01)
    assert ours.independent == full.independent

    # The words of the names find what the example's author chose.
    columns = ["task_group", "driver"]
    assert minimal.tasks[columns].to_numpy().tolist() == example.tasks[columns].to_numpy().tolist()
