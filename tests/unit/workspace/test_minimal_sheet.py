"""The sheet of the minimal input: what is filled is read, and every fault is told at once with its cell."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from csanalysis.cli import main
from csanalysis.errors import DataContractError, Failure, WorkspaceError
from csanalysis.labels import LANGUAGES, text
from csanalysis.workspace import load_dataset
from csanalysis.workspace.minimal import QUESTIONS, label
from csanalysis.workspace.minimal_read import read_minimal_sheet
from csanalysis.workspace.minimal_sheet import write_minimal_template

NUMBERS = [300_276_000, 439, 5, 4.4, 450_000, 0.0284, 19.2, 2.84, 12, 0.75, 3_000, 40]
MENUS = {
    "ja": ["既存業務置き換えタイプ", "SMB", "社数"],
    "en": ["replaces existing work", "SMB", "logo"],
}
TASKS = {
    "ja": [
        ("初回説明会", "オンボーディング", 150, "M", "はい", "はい"),
        ("定例会", "アダプション", 250, "H", "いいえ", "はい"),
    ],
    "en": [
        ("first call", "onboarding", 150, "M", "yes", "yes"),
        ("meetings", "adoption", 250, "H", "no", "yes"),
    ],
}
Edit = Callable[[Any], None]


@pytest.fixture
def filled(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a template, fills it by its labels and lets `edit` change it."""

    def fill(lang: str = "ja", edit: Edit | None = None, sheet: int = 0) -> Path:
        path = write_minimal_template(tmp_path / f"sheet {lang}.xlsx", lang)
        book = openpyxl.load_workbook(path)
        first = book.worksheets[0]
        for key, value in zip(QUESTIONS, [*NUMBERS, *MENUS[lang]], strict=True):
            first.cell(row_of(first, label(key, lang)), 2, value)
        put_tasks(book.worksheets[sheet], lang)
        if edit:
            edit(first)
        book.save(path)
        return path

    return fill


def row_of(sheet: Any, caption: str) -> int:
    return next(cell.row for cell in sheet["A"] if cell.value == caption)


def first_task(sheet: Any) -> int:
    return next(c.row for c in sheet["A"] if re.match("例:|Example:", str(c.value))) + 1


def put_tasks(sheet: Any, lang: str) -> None:
    for down, task in enumerate(TASKS[lang]):
        for column, value in enumerate(task, 1):
            sheet.cell(first_task(sheet) + down, column, value)


def failures(path: Path, lang: str | None = None) -> tuple[Failure, ...]:
    with pytest.raises(DataContractError) as stop:
        read_minimal_sheet(path, lang)
    return stop.value.failures


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("sheet", [0, 1])
def test_a_filled_template_comes_back(filled: Callable[..., Path], lang: str, sheet: int) -> None:
    read = read_minimal_sheet(filled(lang, sheet=sheet))
    assert read.lang == lang
    assert [read.answers.entries[key].value for key in QUESTIONS[:12]] == NUMBERS
    assert not any(entry.estimated for entry in read.answers.entries.values())
    assert str(read.answers.quadrant) == "smb_replace_existing"
    assert [(t.name, t.stage, t.hours, t.value, t.routine) for t in read.answers.tasks] == [
        (TASKS[lang][0][0], "onboarding", 150, "M", True),
        (TASKS[lang][1][0], "adoption", 250, "H", False),
    ]
    assert len(read.notes) == sheet  # of the workshop sheet it is told that it was read


def test_cells_may_be_text_and_rows_may_move(filled: Callable[..., Path]) -> None:
    def edit(sheet: Any) -> None:
        put("B arr", "３００，２７６，０００")(sheet)
        put("B monthly_churn", "２．８４％")(sheet)
        put("E cs_fte", "見込み")(sheet)
        put("E accounts", None)(sheet)
        sheet.cell(first_task(sheet) + 100, 1, " ")
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))
        sheet.insert_rows(3)

    entries = read_minimal_sheet(filled(edit=edit)).answers.entries
    assert entries["arr"].value == 300_276_000 and entries["monthly_churn"].value == pytest.approx(0.0284)
    assert {key for key, entry in entries.items() if entry.estimated} == {"cs_fte", "accounts"}


def test_a_list_on_both_sheets_is_told(filled: Callable[..., Path]) -> None:
    path = filled()
    book = openpyxl.load_workbook(path)
    put_tasks(book.worksheets[1], "ja")
    book.save(path)
    (note,) = read_minimal_sheet(path).notes
    assert book.worksheets[1].title in note


def cell_of(sheet: Any, place: str) -> str:
    """Return the address of `B arr` (a question), `C task 1` or `C heading` in a Japanese template."""
    column, name, *number = place.split()
    if name in ("task", "heading"):
        return f"{column}{first_task(sheet) + (int(number[0]) - 1 if number else -2)}"
    return f"{column}{row_of(sheet, label(name, 'ja'))}"


def put(place: str, value: Any) -> Edit:
    return lambda sheet: sheet.__setitem__(cell_of(sheet, place), value)


FAULTS: dict[str, tuple[str, Any, str, str]] = {
    "no number": ("B arr", "3億円", "minimal_number", "B arr"),
    "empty": ("B accounts", None, "minimal_empty", "B accounts"),
    "out of bounds": ("B monthly_churn", 2.84, "minimal_bounds", "B monthly_churn"),
    "parts of persons": ("B cs_headcount", 4.5, "minimal_whole", "B cs_headcount"),
    "no choice": ("B customer_size", "大企業", "minimal_choice", "B customer_size"),
    "no basis": ("E arr", "たぶん", "minimal_choice", "E arr"),
    "Excel error": ("B arr", "#REF!", "excel_error", "B arr"),
    "formula without result": ("B arr", "=1+1", "minimal_formula", "B arr"),
    "label changed": ("A arr", "売上", "minimal_row_missing", "A"),
    "label twice": ("A accounts", "ARR(年間経常収益)", "minimal_row_missing", "A"),
    "date": ("B accounts", date(2026, 4, 1), "minimal_number", "B accounts"),
    "heading changed": ("C heading", "工数", "minimal_header", ""),
    "no stage": ("B task 1", None, "minimal_empty", "B task 1"),
    "unknown stage": ("B task 1", "導入", "minimal_choice", "B task 1"),
    "negative hours": ("C task 1", -1, "minimal_hours", "C task 1"),
    "hours in words": ("C task 1", "90分", "minimal_hours", "C task 1"),
    "no value": ("D task 2", "S", "minimal_choice", "D task 2"),
    "total row": ("A task 3", "合計", "minimal_empty", "B task 3"),
    "no name": ("A task 1", None, "minimal_empty", "A task 1"),
    "onboarding without new accounts": ("B new_accounts_per_month", 0, "minimal_no_volume", "C task 1"),
}


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_names_cell_and_fix(filled: Callable[..., Path], name: str, lang: str) -> None:
    place, value, rule, where = FAULTS[name]
    cells: list[str] = []

    def edit(sheet: Any) -> None:
        cells.append(cell_of(sheet, where) if " " in where else where)
        put(place, value)(sheet)

    fitting = [f for f in failures(filled(edit=edit), lang) if f.column == cells[0]]
    assert fitting
    failure = fitting[0]
    assert (failure.file, failure.sheet, failure.lang) == ("sheet ja.xlsx", "入力", lang)
    assert " " not in where or str(failure.row) == cells[0][1:]
    assert failure.fix.startswith(text(f"data.{rule}.fix", lang).split("{")[0]) and failure.expected


def test_all_faults_are_told_at_once(filled: Callable[..., Path]) -> None:
    places = ("B arr", "B monthly_churn", "B customer_size", "B task 1", "C task 2")
    cells: list[str] = []

    def edit(sheet: Any) -> None:
        cells.extend(cell_of(sheet, place) for place in places)
        for place in places:
            put(place, "×")(sheet)

    path = filled(edit=edit)
    assert [f.column for f in failures(path)] == cells


def test_nothing_may_stand_twice(filled: Callable[..., Path]) -> None:
    def edit(sheet: Any) -> None:
        for column in "ABCDEF":
            put(f"{column} task 3", sheet[cell_of(sheet, f"{column} task 1")].value)(sheet)
        sheet["A2"] = label("arr", "ja")

    found = failures(filled(edit=edit))
    assert any("2 行" in f.expected and f.column == "A4" for f in found)
    assert "最初は" in found[-1].expected and found[-1].column.startswith("A")


def test_an_empty_template_tells_everything_that_is_missing(tmp_path: Path) -> None:
    found = failures(write_minimal_template(tmp_path / "s.xlsx", "en"))
    assert len(found) == len(QUESTIONS) + 1 and {f.lang for f in found} == {"en"}
    assert "no task" in found[-1].expected


def test_other_files_are_told_apart(tmp_path: Path) -> None:
    assert "cannot be opened" in failures(tmp_path / "none.xlsx", "en")[0].expected
    (tmp_path / "t.xlsx").write_text("arr,1")
    assert "Excel workbook" in failures(tmp_path / "t.xlsx", "en")[0].expected
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    assert "--minimal-template" in failures(tmp_path / "other.xlsx", "en")[0].fix


def test_a_filled_sheet_is_never_written_over(tmp_path: Path) -> None:
    path = write_minimal_template(tmp_path / "s.xlsx", "ja")
    before = path.read_bytes()
    with pytest.raises(WorkspaceError, match="exists"):
        write_minimal_template(path, "ja")
    with pytest.raises(WorkspaceError, match=r"\.xlsx"):
        write_minimal_template(tmp_path / "s.csv", "ja")
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["s.xlsx"]


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_line_makes_a_workspace_of_a_sheet(
    filled: Callable[..., Path], tmp_path: Path, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "w"), "--minimal", str(filled(lang))]) == 0
    assert text("minimal.note.growth", lang, month="1.53 %", year="20 %") in capsys.readouterr().out
    ds = load_dataset(tmp_path / "w")
    assert ds.lang == lang and ds.tasks[f"name_{lang}"].tolist() == [t[0] for t in TASKS[lang]]
    assert ds.resources.set_index("resource_id").loc["bpo", ["price", "minimum_units"]].tolist() == [3000, 40]


@pytest.mark.slow
def test_the_command_line_asks_about_hours(
    filled: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = filled("en", lambda sheet: sheet.cell(first_task(sheet), 3, 15))
    words = ["init", str(tmp_path / "w"), "--minimal", str(sheet)]
    assert main(words) == 1 and not (tmp_path / "w").exists()
    assert "team totals?" in capsys.readouterr().err
    assert main([*words, "--accept"]) == 0
    assert load_dataset(tmp_path / "w").tasks["hours_per_month"].tolist() == [15, 250]


def test_the_command_line_writes_the_template(tmp_path: Path) -> None:
    assert main(["init", "--minimal-template", str(tmp_path / "s.xlsx"), "--lang", "en"]) == 0
    assert openpyxl.load_workbook(tmp_path / "s.xlsx").sheetnames == ["input", "workshop"]
    assert main(["init", "--minimal-template", str(tmp_path / "s.xlsx"), "--lang", "en"]) == 1
    assert main(["init", str(tmp_path / "w"), "--minimal-template", str(tmp_path / "t.xlsx")]) == 2


@pytest.mark.slow
@pytest.mark.office
@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_sheet_prints_on_one_page(tmp_path: Path, libreoffice: str, lang: str) -> None:
    path = write_minimal_template(tmp_path / "s.xlsx", lang)
    command = [libreoffice, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    told = subprocess.run(
        ["pdfinfo", str(tmp_path / "s.pdf")], check=True, capture_output=True, text=True
    ).stdout
    assert re.search(r"Pages:\s+2\b", told) and re.search(r"Page size:.*\(A4\)", told)
