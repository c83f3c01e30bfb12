"""Rating sheets: what is filled is read, what is not is told, and every fault names its cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.errors import DataContractError, Failure, WorkspaceError
from csanalysis.labels import LANGUAGES, text
from csanalysis.model.dataset import Dataset
from csanalysis.vocabulary import TRAITS

FIRST = 7
"""Row of the first task; traits begin in column D."""
COLUMN = {trait: column for column, trait in enumerate(TRAITS, 4)}


def sheet(
    ds: Dataset, path: Path, cells: dict[tuple[int, int], Any], rater: str = "Suzuki", **more: Any
) -> Path:
    """Write a sheet as a person returns it."""
    cs.write_rating_sheet(ds, path, rater=rater, **more)
    book = openpyxl.load_workbook(path)
    for (row, column), value in cells.items():
        book.active.cell(row, column).value = value
    book.save(path)
    return path


def failures(read: Callable[[], object]) -> tuple[Failure, ...]:
    with pytest.raises(DataContractError) as stop:
        read()
    return stop.value.failures


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("points", [3, 5])
def test_a_sheet_has_all_tasks_and_no_values(
    example: Dataset, tmp_path: Path, lang: str, points: int
) -> None:
    """A number on the sheet would pull the rater towards it."""
    ds = example.with_language(lang)
    page = openpyxl.load_workbook(
        cs.write_rating_sheet(ds, tmp_path / "s.xlsx", "鈴木", points=points)
    ).active
    rows = list(page.iter_rows(min_row=FIRST, values_only=True))
    assert [row[0] for row in rows] == list(ds.tasks["task_id"])
    assert [row[1] for row in rows] == list(ds.tasks[f"name_{lang}"])
    assert not any(value for row in rows for value in row[3:])
    assert page.cell(3, 2).value == "鈴木" and page.cell(1, 1).value == text("rating_sheet.title", lang)
    header = [cell.value for cell in page[FIRST - 1]]
    assert header[3:] == [text(f"trait.{trait}", lang) for trait in TRAITS]


@pytest.mark.parametrize(("points", "listed"), [(5, '"1,2,3,4,5"'), (3, '"H,M,L"')])
def test_every_cell_to_fill_is_limited_to_its_scale(
    example: Dataset, tmp_path: Path, points: int, listed: str
) -> None:
    page = openpyxl.load_workbook(cs.write_rating_sheet(example, tmp_path / "s.xlsx", points=points)).active
    rules = {str(rule.sqref): rule for rule in page.data_validations.dataValidation}
    last = FIRST + len(example.tasks) - 1
    assert set(rules) == {f"{letter}{FIRST}:{letter}{last}" for letter in "DEFGHIJK"}
    assert rules[f"D{FIRST}:D{last}"].formula1 == listed
    assert rules[f"H{FIRST}:H{last}"].operator == "greaterThanOrEqual"  # days
    assert rules[f"I{FIRST}:I{last}"].type == ("decimal" if points == 5 else "list")
    assert all(rule.error and rule.prompt for rule in rules.values())


def test_values_of_today_come_back_unchanged(example: Dataset, tmp_path: Path) -> None:
    """A sheet that shows them, unchanged, rates every task as the inventory does."""
    path = cs.write_rating_sheet(example, tmp_path / "s.xlsx", rater="Suzuki", show_values=True)
    ratings = cs.read_rating_sheets(example, [path]).ratings
    assert ratings is not None and len(ratings) == 8 * len(example.tasks)
    wide = ratings.pivot(index="task_id", columns="trait", values="value")
    expected = example.tasks.set_index("task_id").loc[wide.index, list(wide.columns)]
    pd.testing.assert_frame_equal(wide, expected, check_names=False)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_people_and_ways_of_writing(example: Dataset, tmp_path: Path, lang: str) -> None:
    ds = example.with_language(lang)
    one = {(FIRST, COLUMN["value_added"]): 4, (FIRST, COLUMN["rules_fixed"]): "80%"}
    other = {(FIRST, COLUMN["value_added"]): "ｍ", (FIRST, COLUMN["lead_days"]): "１０"}
    paths = [sheet(ds, tmp_path / "a.xlsx", one), sheet(ds, tmp_path / "b.xlsx", other, "佐藤", points=3)]
    ratings = cs.read_rating_sheets(ds, paths).ratings
    assert ratings is not None
    found = {(r, t): v for r, t, v in ratings[["rater", "trait", "value"]].itertuples(index=False)}
    assert found == {
        ("Suzuki", "value_added"): 4,
        ("Suzuki", "rules_fixed"): 0.8,
        ("佐藤", "value_added"): 3,
        ("佐藤", "lead_days"): 10,
    }


@pytest.mark.slow
def test_gaps_and_empty_sheets_are_told(example: Dataset, tmp_path: Path) -> None:
    part = sheet(example, tmp_path / "part.xlsx", {(FIRST, COLUMN["value_added"]): 4})
    empty = cs.write_rating_sheet(example, tmp_path / "empty.xlsx")
    ds = cs.read_rating_sheets(example, [part, empty])
    told = {(r["file"], r["rule"]): r for r in ds.repairs.to_dict("records")}
    gaps = told["part.xlsx", "partial_sheet"]
    tasks = list(example.tasks["task_id"])
    assert gaps["count"] == 8 * len(tasks) - 1
    assert tasks[0] not in gaps["detail"].split(", ") and tasks[1] in gaps["detail"].split(", ")
    assert ("empty.xlsx", "empty_sheet") in told
    assert [(s.table, s.rows) for s in ds.sources[-2:]] == [("ratings", 1), ("ratings", 0)]
    assert cs.read_rating_sheets(example, [empty]).ratings is None
    for rule in ("partial_sheet", "empty_sheet"):
        assert all(text(f"repair.{rule}", lang, count=1, detail="x") for lang in LANGUAGES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_faults_of_all_sheets_are_told_at_once(example: Dataset, tmp_path: Path, lang: str) -> None:
    ds = example.with_language(lang)
    cells = {
        (FIRST, COLUMN["value_added"]): 9,
        (FIRST, COLUMN["rules_fixed"]): 80,
        (FIRST + 1, COLUMN["lead_days"]): "soon",
        (FIRST + 2, COLUMN["lead_days"]): -1,
        (FIRST + 3, 1): "onb_progres_update",
        (FIRST + 3, COLUMN["value_added"]): 3,
        (FIRST + 4, COLUMN["periodicity"]): "=1+",
        (FIRST + 5, COLUMN["repeatability"]): "#REF!",
        (FIRST + 6, COLUMN["repeatability"]): "often",
    }
    bad = sheet(ds, tmp_path / "bad.xlsx", cells)
    nameless = sheet(ds, tmp_path / "nameless.xlsx", {(FIRST, COLUMN["value_added"]): 3}, "")
    strange = tmp_path / "strange.xlsx"
    openpyxl.Workbook().save(strange)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"no workbook")
    found = failures(
        lambda: cs.read_rating_sheets(ds, [bad, nameless, strange, broken, tmp_path / "no.xlsx"])
    )
    title = text("rating_sheet.sheet", lang)
    told = [(f.file, f.sheet, f.row, f.column, f.value) for f in found]
    assert told[:7] == [
        ("bad.xlsx", title, FIRST + 3, "A10", "onb_progres_update"),
        ("bad.xlsx", title, FIRST, "D7", "9"),
        ("bad.xlsx", title, FIRST, "J7", "80"),
        ("bad.xlsx", title, FIRST + 1, "H8", "soon"),
        ("bad.xlsx", title, FIRST + 2, "H9", "-1"),
        ("bad.xlsx", title, FIRST + 4, "F11", ""),
        ("bad.xlsx", title, FIRST + 5, "E12", "#REF!"),
    ]
    assert told[7:9] == [
        ("bad.xlsx", title, FIRST + 6, "E13", "often"),
        ("nameless.xlsx", title, 3, "B3", ""),
    ]
    assert [file for file, *_ in told[9:]] == ["strange.xlsx", "broken.xlsx", "no.xlsx"]
    assert all(f.expected and f.fix and f.lang == lang for f in found)
    assert "onb_progress_update" in found[0].expected and "1 .. 5" in found[1].expected


def test_one_person_rates_a_cell_once_and_may_change_it_later(example: Dataset, tmp_path: Path) -> None:
    """Two sheets of one name in one go contradict each other; a later sheet replaces an earlier one."""
    cell = (FIRST, COLUMN["value_added"])
    one, two = (sheet(example, tmp_path / f"{n}.xlsx", {cell: n}) for n in (2, 4))
    (fault,) = failures(lambda: cs.read_rating_sheets(example, [one, two]))
    assert (fault.file, fault.column) == ("4.xlsx", "D7") and "2.xlsx" in fault.expected
    later = cs.read_rating_sheets(cs.read_rating_sheets(example, [one]), [two]).ratings
    assert later is not None and list(later["value"]) == [4.0]


def test_fewer_traits_can_be_asked_for(example: Dataset, tmp_path: Path) -> None:
    path = sheet(example, tmp_path / "s.xlsx", {(FIRST, 4): 2}, traits=["repeatability"])
    ratings = cs.read_rating_sheets(example, [path]).ratings
    assert ratings is not None and list(ratings["trait"]) == ["repeatability"]


def test_nothing_filled_is_written_over_and_settings_are_checked(example: Dataset, tmp_path: Path) -> None:
    path = cs.write_rating_sheet(example, tmp_path / "new folder" / "s.xlsx")
    with pytest.raises(WorkspaceError, match="exists already"):
        cs.write_rating_sheet(example, path)
    with pytest.raises(WorkspaceError, match=r"\.xlsx"):
        cs.write_rating_sheet(example, tmp_path / "s.csv")
    for wrong in ({"points": 4}, {"traits": ["price"]}, {"traits": []}):
        with pytest.raises(ValueError, match="points 3 or 5"):
            cs.write_rating_sheet(example, tmp_path / "t.xlsx", **wrong)  # type: ignore[arg-type]
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="cannot write"):
        cs.write_rating_sheet(example, tmp_path / "file" / "s.xlsx")


def test_a_name_is_no_formula(example: Dataset, tmp_path: Path) -> None:
    page = openpyxl.load_workbook(cs.write_rating_sheet(example, tmp_path / "s.xlsx", rater="=1+1")).active
    assert page.cell(3, 2).data_type == "s"


@pytest.mark.slow
def test_sheets_of_the_folder_are_read_with_the_workspace(workspace: Path) -> None:
    """Together with the table; files that a spreadsheet program leaves behind are passed over."""
    ds = cs.load_dataset(workspace)
    task = ds.tasks["task_id"].iloc[0]
    (workspace / "ratings.csv").write_text(f"task_id,rater,trait,value\n{task},Sato,value_added,5\n")
    sheet(ds, workspace / "ratings" / "suzuki.xlsx", {(FIRST, COLUMN["value_added"]): 2})
    (workspace / "ratings" / "~$suzuki.xlsx").write_bytes(b"lock")
    loaded = cs.load_dataset(workspace)
    ratings = loaded.ratings
    assert ratings is not None
    assert list(ratings[["rater", "value"]].itertuples(index=False, name=None)) == [
        ("Sato", 5),
        ("Suzuki", 2),
    ]
    assert "ratings/suzuki.xlsx" in {source.file for source in loaded.sources}
    again = f"task_id,rater,trait,value\n{task},Suzuki,value_added,5\n"
    (workspace / "ratings.csv").write_text(again)
    (fault,) = failures(lambda: cs.load_dataset(workspace))
    assert (fault.file, fault.column) == (
        "ratings/suzuki.xlsx",
        "D7",
    ) and "the table ratings" in fault.expected


def test_faults_of_the_table_are_told_together(workspace: Path) -> None:
    rows = [
        "task_id,rater,trait,value",
        "faq_write,Sato,value_added,3",
        "faq_write,Sato,value_added,4",
        "faq_wrote,Sato,value_added,3",
        "faq_write,Sato,price,3",
        "faq_write,,periodicity,3",
        "nws_write,Sato,periodicity,x",
    ]
    (workspace / "ratings.csv").write_text("\n".join(rows))
    found = failures(lambda: cs.load_dataset(workspace))
    told = {(f.row, f.column) for f in found}
    assert told == {(3, "trait"), (5, "trait"), (6, "rater"), (7, "value")}
    (workspace / "ratings.csv").write_text("\n".join([*rows[:2], rows[3], "nws_write,Sato,rules_fixed,1.5"]))
    found = failures(lambda: cs.load_dataset(workspace))
    assert [(f.row, f.column, f.value) for f in found] == [(3, "task_id", "faq_wrote"), (4, "value", "1.5")]
    assert "faq_write" in found[0].expected and "0 .. 1" in found[1].expected
