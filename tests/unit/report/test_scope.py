"""The request for proposal: what is in it, what never is, and that it comes back as an offer."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.errors import WorkspaceError
from csanalysis.labels import LANGUAGES, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.planning.scope import CORE, plan_scope
from csanalysis.report.scope import scope_workbook
from csanalysis.vocabulary import TRAITS
from csanalysis.workspace.price_sheet import FIELDS

CANARY = "Kanarienvogel"
NUMBERS = {
    "arr": 314_159_265.0,
    "csm_monthly_cost": 471_717.0,
    "monthly_churn": 0.027183,
    "gross_margin": 0.712_345,
    "paid_hours": 157.389,
    "non_customer_time": 0.341_297,
    "tools_annual_cost": 1_618_033.0,
    "external_annual_cost": 2_236_067.0,
    "discount_rate_annual": 0.081_713,
    "suitability_threshold": 0.573_291,
    "cs_fte": 4.669_2,
    "quality_ratio": 0.917_531,
    "demand_cv": 0.147_213,
    "unmet_hour_penalty": 6_283.0,
    "resources.bpo.price": 3_141.0,
    "resources.bpo.productivity": 0.817_319,
    "resources.bpo.management_ratio": 0.113_717,
    "resources.bpo.setup_cost": 271_828.0,
    "resources.csm.hiring_cost": 1_414_213.0,
}


def with_canaries(ds: Dataset) -> tuple[Dataset, Scenario]:
    """Return a workspace whose confidential inputs all hold a telling word or number."""
    tables = {name: frame.copy() for name, frame in ds.tables.items()}
    for name, frame in tables.items():
        for column in ("source", "play_ja", "play_en", "note", "note_ja", "definition", "csm", "lock_reason"):
            if column in frame:
                frame[column] = frame[column].astype(str) + CANARY
        if name == "resources":
            frame[["name_ja", "name_en"]] = CANARY
        if name == "parameters":
            frame[["label_ja", "label_en"]] = CANARY
        if name == "accounts":
            frame["account_id"] = CANARY + frame["account_id"].astype(str)
    for n, trait in enumerate(TRAITS):
        column = tables["task_inventory"][trait]
        tables["task_inventory"][trait] = column * 0 + round(0.613_171 + n / 1000, 6)
    offers = {"resource_id": "bpo", "vendor": CANARY, "file": f"{CANARY}.xlsx", "sub_contracting": "yes"}
    offers |= {"data_location": CANARY, "service_level": CANARY}
    tables["offers"] = pd.DataFrame([{**offers, "valid_until": pd.NaT}])
    parameters = {
        key: replace(p, source=CANARY, label_ja=CANARY, label_en=CANARY)
        for key, p in ds.space.parameters.items()
    }
    sc = Scenario(CANARY, ParameterSpace(parameters, tables)).replace(NUMBERS, origin=CANARY)
    return replace(ds, tables=tables, scenario=sc, root=ds.root.parent / CANARY), sc


def everything_in(book: openpyxl.Workbook) -> str:
    """Return all parts of the file, docProps and styles included, as one text."""
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as parts:
        names = parts.namelist()
        assert any(n.startswith("docProps") for n in names)
        return "\n".join(names) + "\n".join(parts.read(n).decode("utf-8", "replace") for n in names)


def words_of(book: openpyxl.Workbook) -> list[str]:
    return [str(c.value) for s in book for row in s.iter_rows() for c in row if c.value is not None]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_vendor_sees_nothing_confidential(example: Dataset, lang: str) -> None:
    """Canary: no telling word or number of any confidential input is anywhere in the file."""
    ds, sc = with_canaries(example)
    whole = everything_in(scope_workbook(ds, sc, lang=lang))
    assert CANARY not in whole
    shown = [*NUMBERS.values(), *(round(0.613_171 + n / 1000, 6) for n in range(len(TRAITS)))]
    for value in shown:
        for form in {f"{value:g}", repr(value), f"{value:,.0f}" if value > 1000 else repr(value)}:
            assert not re.search(rf"(?<![\d.]){re.escape(form)}(?!\d)", whole), form
    for word in ("break-even", "npv", "損得", "総費用", "現在価値", "csm_monthly", "openpyxl", str(ds.root)):
        assert word not in whole, word


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_canaries_would_be_found(example: Dataset, lang: str) -> None:
    """The same search finds them in the internal sheet, so that the test above can fail."""
    ds, sc = with_canaries(example)
    whole = everything_in(scope_workbook(ds, sc, "internal", lang=lang))
    assert CANARY in whole and text("scope.internal.mark", lang) in whole


def test_no_keys_of_tasks_groups_or_offers_leave(example: Dataset) -> None:
    """Keys are internal words; tasks are told by name and number."""
    words = " ".join(words_of(scope_workbook(example, example.base)))
    keys = {*example.tasks["task_id"], *example.tasks["task_group"]}
    assert not keys & set(re.findall(r"[a-z]+_[a-z_]+", words))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_task_has_its_four_points_in_the_language_asked(example: Dataset, lang: str) -> None:
    book = scope_workbook(example, example.base, lang=lang)
    sheet = book[text("scope.sheet.definitions", lang)]
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=5)]
    scope = cs.plan_scope(example, example.base)
    assert len(rows) == len(scope.tasks) and all(all(row) for row in rows)
    first = rows[0]
    expected = ["5 business days before the session", "実施日の5営業日前"]
    assert first[3] == expected[0 if lang == "en" else 1]
    assert [row[2] for row in rows].count(text("scope.part.core", lang)) == 6


def test_volumes_are_those_of_the_scope(example: Dataset) -> None:
    """Times, low, base and high of every month are the frame's, and low <= base <= high."""
    book = scope_workbook(example, example.base, lang="en")
    frame = cs.plan_scope(example, example.base).to_frame()
    assert (frame["low"] <= frame["base"]).all() and (frame["base"] <= frame["high"]).all()
    sheet = book["volumes"]
    first = frame[frame["task_id"] == "onb_session_prepare"]
    for offset, column in enumerate(("times", "low", "base", "high")):
        shown = [sheet.cell(5 + offset, 4 + m).value for m in range(12)]
        assert shown == pytest.approx(first[column].tolist(), abs=0.051)
    demand = cs.project_demand(example, example.base)
    row = example.tasks["task_id"].tolist().index("onb_session_prepare")
    assert first["base"].tolist() == pytest.approx(demand.by_segment[1:, row].sum(axis=1).tolist())


@pytest.mark.slow
@pytest.mark.parametrize(("months", "sheets"), [(1, 1), (12, 1), (30, 3)])
def test_long_horizons_have_a_sheet_a_year(example: Dataset, months: int, sheets: int) -> None:
    book = scope_workbook(example, example.base.replace(horizon_months=float(months)), lang="en")
    assert sum(name.startswith("volumes") for name in book.sheetnames) == sheets


def test_the_wider_band_is_no_more_than_half(example: Dataset) -> None:
    """Slightly wider (LOGLASS2023): further groups of the playbook, at most half as much."""
    scope = cs.plan_scope(example, example.base)
    core, option = scope.part("core"), scope.part("option")
    assert option and not set(scope.tasks["task_group"].iloc[core]) & set(
        scope.tasks["task_group"].iloc[option]
    )
    hours = cs.task_hours(example, example.base).to_frame().set_index("task_id")["value"]
    total = {k: hours[scope.tasks["task_id"].iloc[rows]].sum() for k, rows in (("c", core), ("o", option))}
    assert 0 < total["o"] <= 0.5 * total["c"]


def test_an_empty_plan_is_refused_in_words(example: Dataset, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="assignment"):
        cs.write_scope(example, example.base, tmp_path / "s.xlsx", assignment="in_house")
    interns = dict.fromkeys(["dat_crm_cleaning"], "intern")
    with pytest.raises(ValueError, match="assignment"):  # an intern is an employee, no vendor
        cs.write_scope(example, example.base, tmp_path / "s.xlsx", assignment=interns)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("audience", ["vendor", "internal"])
def test_a_file_is_never_written_over(example: Dataset, tmp_path: Path, audience: str) -> None:
    path = tmp_path / "s.xlsx"
    path.write_bytes(b"filled by a vendor")
    with pytest.raises(WorkspaceError, match="exists already"):
        cs.write_scope(example, example.base, path, audience)
    assert path.read_bytes() == b"filled by a vendor" and len(list(tmp_path.iterdir())) == 1


def test_wrong_names_are_told(example: Dataset, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"\.xlsx"):
        cs.write_scope(example, example.base, tmp_path / "s.csv")
    with pytest.raises(ValueError, match="everybody"):
        cs.write_scope(example, example.base, tmp_path / "s.xlsx", "everybody")


EVIL = ["=HYPERLINK(1)", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "=" + "a" * 40_000, "ok\x07\x00"]


@pytest.mark.slow
@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("audience", ["vendor", "internal"])
def test_no_cell_is_a_formula(example: Dataset, evil: str, audience: str) -> None:
    """Text of a workspace may come from anywhere; no spreadsheet may compute it."""
    inventory = example.tasks.copy()
    for column in ("name_ja", "name_en", "starts_when", "what_is_done", "systems", "service_level"):
        inventory[column] = evil
    tables = {**example.tables, "task_inventory": inventory}
    card = example.resources.copy()
    card[["name_ja", "name_en", "source"]] = evil
    tables["resources"] = card
    sc = Scenario("", ParameterSpace(example.space.parameters, tables))
    book = scope_workbook(replace(example, tables=tables, scenario=sc), sc, audience, lang="en")
    whole = everything_in(book)
    assert "<f>" not in whole and not re.search(r"<t[^>]*>\s*[=+@]", whole)
    for shown in words_of(book):
        assert not shown.startswith(("=", "+", "@", "-2+"))


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("audience", ["vendor", "internal"])
def test_every_sheet_prints_as_a_page(example: Dataset, lang: str, audience: str) -> None:
    """A4, page numbers, a print area, heads that repeat, names Excel accepts, and no empty author."""
    book = scope_workbook(example, example.base, audience, lang=lang)
    assert not book.properties.creator
    for sheet in book:
        assert int(sheet.page_setup.paperSize) == int(sheet.PAPERSIZE_A4) and sheet.print_area
        assert sheet.oddFooter.right.text == "&P / &N" and sheet.oddFooter.left.text
        assert len(sheet.title) <= 31 and not set(sheet.title) & set("[]:*?/\\")
        cover = sheet.title in (text("scope.sheet.cover", lang), text("price_sheet.sheet", lang))
        assert cover or sheet.print_title_rows


def fill(path: Path, lang: str) -> None:
    """Fill the price sheet of a request as a vendor would, and answer a question."""
    book = openpyxl.load_workbook(path)
    entries: dict[str, Any] = {
        "vendor": "Sample Support Inc.",
        "contract_form": FIELDS["contract_form"].offered(lang)[0],
        "tax": FIELDS["tax"].offered(lang)[0],
        "price_form": FIELDS["price_form"].offered(lang)[0],
        "price": 2_450,
        "personal_data_allowed": FIELDS["personal_data_allowed"].offered(lang)[0],
        "data_location": "Tokyo",
    }
    for cell in book[text("price_sheet.sheet", lang)]["B"]:
        for key, value in entries.items():
            if str(cell.value).removesuffix(" *") == FIELDS[key].label(lang):
                cell.offset(0, 1).value = value
    book[text("scope.sheet.questions", lang)]["C6"].value = "ISO 27001"
    book.save(path)


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_filled_request_comes_back_as_an_offer(example: Dataset, tmp_path: Path, lang: str) -> None:
    """The form is found among the other sheets, in either language."""
    path = cs.write_scope(example, example.base, tmp_path / "s.xlsx", lang=lang)
    fill(path, lang)
    ds = cs.read_price_sheet(example, path)
    assert ds.offers is not None and ds.offers["data_location"].tolist() == ["Tokyo"]
    key = str(ds.offers["resource_id"].iloc[0])
    assert ds.scenario[f"resources.{key}.price"] == 2_450


@pytest.mark.slow
def test_a_filled_request_goes_through_notebook_08(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """End to end: export, fill, put into offers/, and the notebook's own code compares it."""
    ds = cs.load_dataset(workspace)
    path = cs.write_scope(ds, ds.scenario, workspace / "offers" / "quote.xlsx", lang="ja")
    fill(path, "ja")
    monkeypatch.setenv("CSANALYSIS_WORKSPACE", str(workspace))
    notebook = Path(__file__).parents[3] / "notebooks" / "08_roadmap_and_scope.ipynb"
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    before = {p: p.stat().st_mtime_ns for p in workspace.rglob("*") if p.is_file()}
    names: dict[str, Any] = {}
    for cell in cells:
        if cell["cell_type"] == "code" and "scenario_panel" not in "".join(cell["source"]):
            exec("".join(cell["source"]), names)
        elif cell["cell_type"] == "code":
            exec("".join(cell["source"]).splitlines()[0], names)
    [offer] = names["offers"].to_frame().query("data_location == 'Tokyo'").to_dict("records")
    assert offer["quote"] == 2_450 and offer["eligible"] and offer["grade"] == "vendor"
    assert np.isfinite(offer["full_cost"]) and np.isfinite(offer["break_even_price"])
    assert "Sample Support" in cs.tables.offers(names["offers"], "en").html
    after = {p: p.stat().st_mtime_ns for p in workspace.rglob("*") if p.is_file()}
    assert after == before, "a notebook writes nothing when it is run"


def test_the_core_total_is_that_of_the_core_also_for_one_task(example: Dataset) -> None:
    """A vendor prices what the total says: with a single task it once held the optional work too."""
    plan = {"onb_session_deliver": "bpo"}
    scope = plan_scope(example, example.base, plan)
    book = scope_workbook(example, example.base, "vendor", plan, "en")
    core = float(scope.base[scope.part(CORE)].sum(axis=0)[0])
    shown = [
        row[3].value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        if len(row) > 3 and row[2].value == text("scope.figure.base", "en")
    ]
    assert round(core, 1) in shown and len(scope.part(CORE)) == 1
    whole = float(scope.base.sum(axis=0)[0])
    assert shown[-2:] == [round(core, 1), round(whole, 1)]
