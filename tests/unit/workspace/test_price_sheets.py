"""A vendor's price sheet: what is entered is read, nothing is guessed at, and every fault names its cell.

The file comes from outside: it may be filled carelessly, be something else, or be hostile.
"""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csanalysis.cli import main
from csanalysis.errors import DataContractError, Failure, WorkspaceError
from csanalysis.io.writers import write_csv
from csanalysis.labels import LANGUAGES, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Parameter
from csanalysis.schemas.columns import KEY_PATTERN
from csanalysis.schemas.tables import Resources
from csanalysis.workspace import load_dataset, read_price_sheet
from csanalysis.workspace.price_sheet import FIELDS
from csanalysis.workspace.price_sheet_cells import date_in, number_in
from csanalysis.workspace.price_sheet_form import price_sheet_workbook, write_price_sheet
from csanalysis.workspace.price_sheet_rows import id_of

QUOTE: dict[str, Any] = {
    "vendor": "株式会社サンプルサポート",
    "offer": "スタンダード",
    "kind": "bpo",
    "contract_form": "quasi_mandate",
    "tax": "excluded",
    "price_form": "hour",
    "price": 3_200,
    "base_fee": 50_000,
    "included_units": 10,
    "minimum_units": 40,
    "block": 5,
    "premium": 0.25,
    "capacity_cap": 400,
    "setup_cost": 250_000,
    "min_term_months": 6,
    "notice_months": 2,
    "ramp_months": 6,
    "valid_until": datetime(2026, 9, 30),
    "personal_data_allowed": "yes",
    "sub_contracting": "with_consent",
    "data_location": "国内のデータセンター",
    "service_level": "翌営業日まで",
}
ID = "スタンダード"
NUMBERS = (
    *("price", "base_fee", "included_units", "minimum_units", "block", "premium", "capacity_cap"),
    *("setup_cost", "min_term_months", "notice_months"),
)
Fill = Callable[..., Path]


def shown(key: str, value: Any, lang: str) -> Any:
    """Return a term as the drop-down of `lang` shows it."""
    field = FIELDS[key]
    return field.offered(lang)[field.terms.index(value)] if value in field.terms else value


def place_of(sheet: Any, key: str) -> Any:
    """Return the cell to fill of a field, found by its label in either language."""
    labels = {FIELDS[key].label(lang) for lang in LANGUAGES}
    return next(c for c in sheet["B"] if str(c.value).removesuffix(" *") in labels).offset(0, 1)


def fill(path: Path, entries: Mapping[str, Any], lang: str = "ja") -> Path:
    """Write a form and fill it; entries that are terms are written as the form's language shows them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.load_workbook(write_price_sheet(path, lang))
    for key, value in entries.items():
        place_of(book.active, key).value = shown(key, value, lang)
    book.save(path)
    return path


@pytest.fixture
def filled(tmp_path: Path) -> Fill:
    """Return a function that writes a form, fills it with `QUOTE` and the changes given."""

    def make(lang: str = "ja", name: str = "quote.xlsx", **changes: Any) -> Path:
        return fill(tmp_path / name, QUOTE | changes, lang)

    return make


def failures(ds: Dataset, path: Path) -> tuple[Failure, ...]:
    with pytest.raises(DataContractError) as stop:
        read_price_sheet(ds, path)
    return stop.value.failures


def row_of(ds: Dataset, key: str = ID) -> pd.Series[Any]:
    return ds.resources.set_index("resource_id").loc[key]


def told(ds: Dataset, rule: str) -> str:
    """Return what the repairs log says under a rule, as text on screen."""
    rows = ds.repairs[ds.repairs["rule"] == rule].to_dict("records")
    return "\n".join(text(f"repair.{rule}", ds.lang, **{str(k): v for k, v in r.items()}) for r in rows)


# What is entered comes back


@pytest.mark.parametrize("form_lang", LANGUAGES)
@pytest.mark.parametrize("ds_lang", LANGUAGES)
def test_what_is_entered_comes_back(example: Dataset, filled: Fill, form_lang: str, ds_lang: str) -> None:
    """A Japanese form reads in an English workspace and the other way round."""
    ds = read_price_sheet(example.with_language(ds_lang), filled(form_lang))
    row = row_of(ds)
    assert [row[key] for key in NUMBERS] == [QUOTE[key] for key in NUMBERS]
    assert [row[k] for k in ("kind", "contract_form", "price_form", "personal_data_allowed")] == [
        *("bpo", "quasi_mandate", "hour", 1.0)
    ]
    assert row["name_ja"] == row["name_en"] == "株式会社サンプルサポート スタンダード"
    assert ds.offers is not None
    assert ds.offers.to_dict("records") == [
        {
            "resource_id": ID,
            "vendor": "株式会社サンプルサポート",
            "file": "quote.xlsx",
            "sub_contracting": "with_consent",
            "data_location": "国内のデータセンター",
            "service_level": "翌営業日まで",
            "valid_until": pd.Timestamp(2026, 9, 30),
        }
    ]
    assert example.offers is None and ID not in set(example.resources["resource_id"])
    Resources.to_schema().validate(ds.resources)


@pytest.mark.slow
def test_every_term_of_every_drop_down_is_read(example: Dataset, filled: Fill) -> None:
    """What the form offers must be what the reader takes, in both languages."""
    for lang in LANGUAGES:
        for key, field in FIELDS.items():
            for term in field.terms:
                if (key, term) in (("tax", "included"), ("price_form", "success")):
                    continue
                path = filled(lang, f"{lang} {key} {term}.xlsx", **{key: term})
                ds = read_price_sheet(example, path, resource_id="x")
                assert ds.offers is not None
                joined = row_of(ds, "x").to_dict() | ds.offers.iloc[0].to_dict()
                if key == "personal_data_allowed":
                    assert joined[key] == float(term == "yes")
                elif key != "tax":
                    assert joined[key] == term


def test_what_a_vendor_cannot_know_is_taken_from_the_card_and_says_so(example: Dataset, filled: Fill) -> None:
    ds = read_price_sheet(example, filled(ramp_months=None))
    row, bpo = row_of(ds), row_of(ds, "bpo")
    columns = ["productivity", "rework_rate", "management_ratio", "ramp_start", "ramp_tau_months"]
    assert row[columns].tolist() == bpo[columns].tolist()
    assert row["source"].startswith("quote: quote.xlsx, 株式会社サンプルサポート; assumption (as bpo")
    assert all(column in row["source"] for column in columns) and row["grade"] == "vendor"

    price: Parameter = ds.scenario.stated(f"resources.{ID}.price")
    assert (price.default, price.grade, price.unit) == (3_200, "vendor", "JPY/hour")
    assert price.source == "quote: quote.xlsx, 株式会社サンプルサポート"
    work, model = (ds.scenario.stated(f"resources.{key}.productivity") for key in (ID, "bpo"))
    assert (work.default, work.low, work.high) == (model.default, model.low, model.high)
    assert work.grade == "assumption" and "bpo" in work.source


def test_ramp_up_stated_by_the_vendor_is_used(example: Dataset, filled: Fill) -> None:
    """Fully productive after 6 months = 95 % of the gap closed by then: a time constant of 2 months."""
    ds = read_price_sheet(example, filled())
    row, stated = row_of(ds), ds.scenario.stated(f"resources.{ID}.ramp_tau_months")
    assert row["ramp_tau_months"] == 2 and "ramp_tau_months" not in row["source"]
    assert stated.grade == "vendor" and "third" in stated.source


def test_a_kind_that_the_card_lacks_follows_the_example(workspace: Path, filled: Fill) -> None:
    ds = load_dataset(workspace)
    card = ds.resources[ds.resources["kind"] != "contractor"]
    bare = Dataset(
        ds.root, "en", {**ds.tables, "resources": card}, ds.scenario, ds.scenarios, ds.repairs, ds.sources
    )
    read = read_price_sheet(bare, filled(kind="contractor"))
    assert row_of(read)["productivity"] == row_of(ds, "contractor")["productivity"]
    assert "the example's rate card" in told(read, "offer_assumed")


def test_empty_cells_mean_none_and_are_told(example: Dataset, filled: Fill) -> None:
    keys = ("base_fee", "included_units", "minimum_units", "block", "premium", "setup_cost", "notice_months")
    rest = (
        "offer",
        "kind",
        "capacity_cap",
        "sub_contracting",
        "data_location",
        "service_level",
        "valid_until",
    )
    ds = read_price_sheet(example, filled("en", **dict.fromkeys((*keys, *rest))))
    row = row_of(ds, "サンプルサポート")  # no plan: the vendor's name without its legal form
    assert row[list(keys)].eq(0).all() and pd.isna(row["capacity_cap"]) and row["kind"] == "bpo"
    assert ds.scenario["resources.サンプルサポート.capacity_cap"] is None
    assert "Set-up cost" in told(ds, "offer_none") and "Sub-contracting" in told(ds, "offer_unanswered")
    assert ds.offers is not None and ds.offers["valid_until"].isna().all()


def test_a_success_fee_needs_its_rate(example: Dataset, filled: Fill) -> None:
    agency = {"kind": "agency", "contract_form": "agency", "price_form": "success", "price": None}
    ds = read_price_sheet(example, filled(**agency, success_rate=0.12, success_cap=200_000))
    assert row_of(ds)[["price", "success_rate", "success_cap"]].tolist() == [0, 0.12, 200_000]
    (failure,) = failures(example, filled(name="b.xlsx", **agency))
    assert "Success fee rate" in failure.column
    (failure,) = failures(example, filled(name="c.xlsx", **agency | {"price": 100}, success_rate=0.1))
    assert "'success" not in failure.value and "Price" in failure.column


# Entries of every shape

MENDED: dict[str, tuple[str, Any, float]] = {
    "full width": ("price", "３，２００", 3_200),
    "yen": ("price", "¥3,200円", 3_200),
    "without tax": ("price", "３,２００円（税抜）", 3_200),
    "ten thousands": ("setup_cost", "25万円", 250_000),
    "percent": ("premium", "２５％", 0.25),
    "months": ("min_term_months", "６か月", 6),
    "hours": ("capacity_cap", "400時間", 400),
    "none": ("base_fee", "なし", 0),
    "dash": ("setup_cost", "－", 0),
}


@pytest.mark.parametrize("name", MENDED)
def test_unmistakable_text_is_mended_and_told(example: Dataset, filled: Fill, name: str) -> None:
    key, entered, value = MENDED[name]
    ds = read_price_sheet(example, filled(**{key: entered}))
    assert row_of(ds)[key] == value
    assert FIELDS[key].label("en") in told(ds, "offer_none" if value == 0 else "offer_number")


@pytest.mark.parametrize(
    "entered", ["2026年9月30日", "2026/09/30", "令和8年9月30日", "R8.9.30", 46295, date(2026, 9, 30)]
)
def test_dates_of_every_shape(example: Dataset, filled: Fill, entered: Any) -> None:
    ds = read_price_sheet(example, filled(valid_until=entered))
    assert ds.offers is not None and ds.offers["valid_until"].iloc[0] == pd.Timestamp(2026, 9, 30)


@given(st.integers(0, 10**9), st.sampled_from(["{:,}", "{}", "¥{:,}", "{:,}円", "{:,} JPY", "{:,}円(税別)"]))
def test_amounts_survive_their_dress(amount: int, dress: str) -> None:
    """However an amount is dressed, half width or full, the number is the same."""
    written = dress.format(amount)
    wide = written.translate({c: c + 0xFEE0 for c in range(0x21, 0x7F)})
    assert number_in(written, "money") == number_in(wide, "money") == amount


@pytest.mark.slow
@given(st.text(max_size=30))
def test_any_text_is_a_number_of_its_digits_or_none(entered: str) -> None:
    """No text makes the reader fail or invent a number."""
    for sort in ("money", "units", "months", "hours", "ratio"):
        value = number_in(entered, sort)
        assert value is None or any(c.isdigit() for c in entered)
    assert date_in(entered) is None or any(c.isdigit() for c in entered)


@given(st.text(max_size=60))
def test_every_name_makes_a_key(name: str) -> None:
    """Keys stand in scenario files, so no name of a vendor may break the pattern."""
    key = id_of(name)
    assert re.fullmatch(KEY_PATTERN, key) and len(key) <= 40


FAULTS: dict[str, tuple[str, Any, str]] = {
    "no vendor": ("vendor", None, "empty"),
    "no price": ("price", None, "empty"),
    "no contract form": ("contract_form", None, "empty"),
    "no answer on personal data": ("personal_data_allowed", None, "empty"),
    "no word on tax": ("tax", None, "empty"),
    "tax included": ("tax", "税込", "tax"),
    "price with tax": ("price", "3,520円（税込）", "tax"),
    "price with consumption tax": ("price", "3,520 (incl. tax)", "tax"),
    "negative": ("price", -3200, "bounds"),
    "negative in brackets of an accountant": ("base_fee", "△5,000", "bounds"),
    "range": ("price", "3,000〜4,000", "number"),
    "on request": ("price", "応相談", "number"),
    "per hour in the cell": ("price", "3,200円/時間", "number"),
    "date for a number": ("price", datetime(2026, 4, 1), "number"),
    "true for a number": ("block", True, "number"),
    "percent without sign": ("premium", 25, "bounds"),
    "years for months": ("min_term_months", "1年", "number"),
    "unknown price form": ("price_form", "一式", "choice"),
    "vague contract form": ("contract_form", "業務委託", "choice"),
    "in-house kind": ("kind", "正社員CS", "choice"),
    "days instead of a date": ("valid_until", "見積日から30日", "date"),
    "impossible date": ("valid_until", "2026/2/30", "date"),
    "endless text": ("service_level", "あ" * 300, "too_long"),
    "formula without value": ("price", "=3000*1.1", "formula"),
    "Excel error": ("price", "#REF!", "excel_error"),
    "nothing to pay": ("price", 0, "free"),
}
RULES = {"formula": "formula_without_value", "excel_error": "excel_error"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_names_file_sheet_row_field_and_fix(
    example: Dataset, filled: Fill, name: str, lang: str
) -> None:
    key, value, rule = FAULTS[name]
    changes = {key: value} | ({"base_fee": None} if rule == "free" else {})
    path = filled(**changes)
    (failure,) = failures(example.with_language(lang), path)
    sheet = openpyxl.load_workbook(path).active
    cell = place_of(sheet, key)
    assert (failure.file, failure.sheet, failure.row, failure.lang) == (
        "quote.xlsx",
        "見積条件",
        cell.row,
        lang,
    )
    assert failure.column == f"{FIELDS[key].label(lang)} ({cell.coordinate})"
    assert failure.value == ("" if value is None else str(value))
    assert failure.fix == text(f"data.{RULES.get(rule, f'offer_{rule}')}.fix", lang)


def test_all_faults_are_told_at_once(example: Dataset, filled: Fill) -> None:
    found = failures(example, filled(vendor=None, price="x", premium=-1, price_form="?", valid_until="soon"))
    assert len(found) == 5 and [f.row for f in found] == sorted(f.row or 0 for f in found)


def test_a_note_that_tax_is_included_stops_wherever_it_stands(example: Dataset, filled: Fill) -> None:
    """Vendors write such notes below the table; read without tax, the offer would look a tenth cheaper."""
    path = filled()
    book = openpyxl.load_workbook(path)
    book.active["B40"] = "※上記はすべて税込価格です"
    book.save(path)
    (failure,) = failures(example, path)
    assert (failure.row, failure.column) == (40, "B40") and "without tax" in failure.expected


# Rows, sheets and files that are not as we sent them


def test_rows_may_move_and_labels_may_be_translated(example: Dataset, filled: Fill) -> None:
    path = filled()
    book = openpyxl.load_workbook(path)
    for merged in list(book.active.merged_cells.ranges):
        book.active.unmerge_cells(str(merged))
    place_of(book.active, "notice_months").offset(0, -1).value = "Kündigungsfrist"
    book.active.insert_rows(1, 3)
    book.active.insert_cols(1)
    book.save(path)
    ds = read_price_sheet(example, path)
    assert row_of(ds)[["price", "notice_months"]].tolist() == [3_200, 2]
    assert "Kündigungsfrist -> Notice period" in told(ds, "offer_label")


def test_rows_missing_or_twice(example: Dataset, filled: Fill) -> None:
    path = filled()
    book = openpyxl.load_workbook(path)
    cell = place_of(book.active, "vendor")
    cell.offset(0, -1).value, cell.offset(0, -2).value = "…", None
    place_of(book.active, "block").offset(0, -1).value = FIELDS["price"].label("en")
    book.save(path)
    missing, twice = failures(example, path)
    assert "'Company name' is missing" in missing.expected and "'Price' stands twice" in twice.expected


def test_two_sheets_are_two_offers(example: Dataset, filled: Fill) -> None:
    path = filled()
    book = openpyxl.load_workbook(path)
    book.copy_worksheet(book.active).title = "プランB"
    book.create_sheet("会社案内")["A1"] = "…"
    book.save(path)
    (failure,) = failures(example, path)
    assert "見積条件, プランB" in failure.expected
    book["プランB"].sheet_state = "hidden"
    book.save(path)
    ds = read_price_sheet(example, path)
    assert "プランB" in told(ds, "hidden_sheets") and "会社案内" in told(ds, "offer_sheets")


def _zip(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _with_entity() -> bytes:
    """Return a form whose XML declares an entity, as an attack would."""
    stream, plain = io.BytesIO(), io.BytesIO()
    price_sheet_workbook("en").save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(stream, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content
            new.writestr(info, content)
    return stream.getvalue()


WRONG_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "text": (b"a,b\n1,2\n", "workbook"),
    "PDF": (b"%PDF-1.7 ...", "PDF"),
    "old or protected": (b"\xd0\xcf\x11\xe0 ...", "password"),
    "cut off": (b"PK\x03\x04 ...", "workbook"),
    "some zip": (_zip(readme=b"..."), "workbook"),
    "zip bomb": (_zip(bomb=bytes(60_000_000)), "too large"),
    "XML entities": (_with_entity(), "DTD"),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_wrong_files_are_told_apart(example: Dataset, tmp_path: Path, name: str) -> None:
    content, expected = WRONG_FILES[name]
    path = tmp_path / "quote.xlsx"
    path.write_bytes(content)
    (failure,) = failures(example, path)
    assert failure.file == "quote.xlsx" and expected in failure.expected and failure.fix


def test_another_workbook_and_no_file(example: Dataset, tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    (failure,) = failures(example, tmp_path / "other.xlsx")
    assert "write_price_sheet" in failure.fix
    (failure,) = failures(example, tmp_path / "none.xlsx")
    assert "cannot be opened" in failure.expected


def test_a_sheet_formatted_to_its_last_row_is_read_at_once(example: Dataset, filled: Fill) -> None:
    """One cell in the last corner must not make the reader walk 17 billion cells."""
    path = filled()
    book = openpyxl.load_workbook(path)
    book.active["XFD1048576"] = "."
    book.save(path)
    assert row_of(read_price_sheet(example, path))["price"] == 3_200


def test_names_that_look_like_formulas_stay_text(example: Dataset, filled: Fill, tmp_path: Path) -> None:
    """CSV injection: the name is shown as it is, makes a harmless key, and is neutralised when written."""
    name = "=cmd|'/C calc'!A0"
    path = filled(offer=None)
    book = openpyxl.load_workbook(path)
    cell = place_of(book.active, "vendor")
    cell.value, cell.data_type = name, "s"
    book.save(path)
    ds = read_price_sheet(example, path)
    assert ds.offers is not None and ds.offers["vendor"].tolist() == [name]
    assert row_of(ds, "cmd_c_calc_a0")["name_en"] == name
    write_csv(tmp_path / "card.csv", ds.resources)
    assert f",'{name}," in (tmp_path / "card.csv").read_text(encoding="utf-8-sig")


# Keys, replacement, the folder of a workspace


def test_a_second_quote_of_the_same_plan_replaces_the_first(example: Dataset, filled: Fill) -> None:
    first = read_price_sheet(example, filled())
    second = read_price_sheet(first, filled(name="again.xlsx", price=2_900))
    assert row_of(second)["price"] == 2_900 and len(second.resources) == len(first.resources)
    assert second.offers is not None and second.offers["file"].tolist() == ["again.xlsx"]
    assert ID in told(second, "offer_replaces") and not told(first, "offer_replaces")
    assert [s.file for s in second.sources if s.table == "offers"] == ["again.xlsx"]


def test_the_rate_card_is_replaced_only_on_purpose(example: Dataset, filled: Fill) -> None:
    """A plan that a vendor happens to call "bpo" must not overwrite the row of that key."""
    (failure,) = failures(example, filled(offer="BPO"))
    assert failure.value == "bpo" and "bpo.xlsx" in failure.fix
    by_name = read_price_sheet(example, filled(name="bpo.xlsx"))
    by_argument = read_price_sheet(example, filled(name="c.xlsx"), resource_id="bpo")
    for ds in (by_name, by_argument):
        assert ds.resources["resource_id"].tolist() == example.resources["resource_id"].tolist()
        price = ds.scenario.stated("resources.bpo.price")
        assert (price.default, price.grade) == (3_200, "vendor") and pd.isna(price.low)
        declared = ds.parameters.set_index("key").loc["resources.bpo.price"]
        assert declared["grade"] == "vendor" and "quote:" in declared["source"]
        assert "bpo" in told(ds, "offer_replaces")
    assert example.scenario.stated("resources.bpo.price").low == 2_000


def test_a_replacement_keeps_its_kind(example: Dataset, filled: Fill) -> None:
    (failure,) = failures(example, filled(name="csm.xlsx"))
    assert "'csm' (CSM (in-house))" in failure.expected and "Kind" in failure.column
    with pytest.raises(DataContractError, match="no space, dot"):
        read_price_sheet(example, filled(name="d.xlsx"), resource_id="a b")


def offers_of(workspace: Path, **names: Mapping[str, Any]) -> None:
    for name, changes in names.items():
        fill(workspace / "offers" / f"{name}.xlsx", QUOTE | changes)


def test_two_offers_in_a_workspace(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    offers_of(workspace, a={}, b={"vendor": "ABC Inc.", "offer": "Lite", "price": 2_700, "valid_until": None})
    (workspace / "offers" / "letter.pdf").write_bytes(b"%PDF")
    (workspace / "offers" / "~$a.xlsx").write_bytes(b"")
    ds = load_dataset(workspace)
    assert ds.offers is not None and ds.offers["resource_id"].tolist() == [ID, "lite"]
    assert ds.resources["resource_id"].tolist()[-2:] == [ID, "lite"]
    assert [(s.file, s.rows) for s in ds.sources if s.table == "offers"] == [
        *(("offers/a.xlsx", 1), ("offers/b.xlsx", 1))
    ]
    assert row_of(ds, "lite")["source"].startswith("quote: b.xlsx, ABC Inc.;")
    assert main(["check", str(workspace)]) == 0
    shown = capsys.readouterr().out
    assert "offers/b.xlsx" in shown and "lite (ABC Inc. Lite, BPO vendor)" in shown
    assert "letter.pdf" in shown and "~$" not in shown


def test_a_scenario_changes_the_price_of_an_offer(workspace: Path) -> None:
    offers_of(workspace, a={"offer": "Lite"})
    scenario = workspace / "scenarios" / "cheap.csv"
    scenario.write_text("key,value\nresources.lite.price,2500\n", encoding="utf-8")
    ds = load_dataset(workspace, scenario="cheap", overrides={"resources.lite.premium": "10%"})
    assert (ds.scenario["resources.lite.price"], ds.base["resources.lite.price"]) == (2_500, 3_200)
    assert ds.scenario["resources.lite.premium"] == 0.1
    stated = ds.scenario.stated("resources.lite.price")
    assert (stated.source, stated.grade) == ("scenarios/cheap.csv", "assumption")
    assert ds.base.stated("resources.lite.price").grade == "vendor"
    again = read_price_sheet(ds, workspace / "offers" / "a.xlsx")
    assert again.scenario["resources.lite.price"] == 2_500 and len(again.sources) == len(ds.sources)


def test_money_in_thousands_does_not_touch_offers(workspace: Path) -> None:
    """The form asks for JPY, whatever unit the workspace's own tables and scenarios are in."""
    marker = workspace / "csanalysis.toml"
    marker.write_text(marker.read_text("utf-8").replace('"JPY"', '"1000JPY"'), "utf-8")
    offers_of(workspace, a={"offer": "Lite"})
    (workspace / "scenarios" / "cheap.csv").write_text("key,value\nresources.lite.price,2.5\n", "utf-8")
    ds = load_dataset(workspace, scenario="cheap")
    assert ds.base["resources.lite.price"] == 3_200 and ds.scenario["resources.lite.price"] == 2_500


def test_an_offer_may_do_a_task_today(workspace: Path) -> None:
    offers_of(workspace, a={"offer": "Lite"})
    path = workspace / "task_inventory.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[0, "current_resource"] = "lite"
    write_csv(path, table)
    assert load_dataset(workspace).tasks["current_resource"].iloc[0] == "lite"


def test_faults_of_offers_are_told_with_all_others(workspace: Path) -> None:
    offers_of(workspace, a={"price": "x"}, b={"premium": 9}, c={"offer": "Lite"}, d={"offer": "ＬＩＴＥ"})
    card = workspace / "resources.csv"
    card.write_text(card.read_text("utf-8-sig").replace(",dispatch,", ",loan,"), "utf-8-sig")
    with pytest.raises(DataContractError) as stop:
        load_dataset(workspace)
    assert [f.file for f in stop.value.failures] == ["offers/a.xlsx", "offers/b.xlsx", "resources.csv"]
    card.write_text(card.read_text("utf-8-sig").replace(",loan,", ",dispatch,"), "utf-8-sig")
    with pytest.raises(DataContractError) as stop:
        load_dataset(workspace)
    assert [f.file for f in stop.value.failures] == [f"offers/{n}.xlsx" for n in "abd"]
    assert "offers/c.xlsx" in stop.value.failures[-1].expected


def test_an_expired_quote_and_an_unlikely_price_are_told_not_fatal(workspace: Path) -> None:
    offers_of(workspace, a={"valid_until": datetime(2026, 3, 31), "price": 480_000})
    ds = load_dataset(workspace)
    assert "2026-03-31" in told(ds, "offer_expired") and "480,000" in told(ds, "offer_unlikely")
    offers_of(workspace, b={"valid_until": datetime(2026, 4, 1), "offer": "b"})
    assert "b.xlsx" not in load_dataset(workspace).repairs.query("rule == 'offer_expired'")["file"].str.cat()


def test_a_workspace_without_offers_has_none(example: Dataset) -> None:
    assert example.offers is None


# The form


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_form_has_drop_downs_units_and_limits(lang: str) -> None:
    sheet = price_sheet_workbook(lang).active
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    for key, field in FIELDS.items():
        cell = place_of(sheet, key)
        rule = rules[cell.coordinate]
        expected = {"choice": "list", "text": "textLength", "date": "date"}.get(field.sort, "decimal")
        assert rule.type == expected and rule.error and not cell.protection.locked
        assert not field.is_number or cell.offset(0, 1).value
        if field.terms:
            assert rule.formula1 == f'"{",".join(field.offered(lang))}"' and len(rule.formula1) < 256
    assert sheet.page_setup.orientation == "portrait" and sheet.page_setup.fitToHeight == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_form_holds_no_figure_of_the_company(example: Dataset, tmp_path: Path, lang: str) -> None:
    """It goes to a seller: neither our cost nor our assumptions about the seller may stand in it."""
    path = write_price_sheet(tmp_path / "form.xlsx", lang)
    with zipfile.ZipFile(path) as book:
        names = [n for n in book.namelist() if n.startswith(("xl/worksheets", "xl/shared", "docProps"))]
        content = "".join(book.read(name).decode() for name in names)
    values = [p.default for p in example.space.parameters.values() if isinstance(p.default, float)]
    card = example.resources[["price", "hiring_cost", "setup_cost", "base_fee"]].to_numpy().ravel()
    limits = {field.high for field in FIELDS.values()}
    canaries = {f"{v:.15g}" for v in (*values, *card) if v >= 1_000 and v not in limits}
    assert len(canaries) > 10
    assert not [c for c in canaries if f">{c}<" in content or f"{float(c):,.0f}" in content]
    cells = [c.value for row in openpyxl.load_workbook(path).active.iter_rows() for c in row]
    assert [c for c in cells if isinstance(c, int | float)] == list(range(1, len(FIELDS) + 1))
    for word in ("productivity", "rework", "生産性指数", "手戻り", "管理時間", "openpyxl"):
        assert word not in content.replace("fully productive", "")


def test_a_filled_form_is_never_written_over(tmp_path: Path) -> None:
    path = write_price_sheet(tmp_path / "s.xlsx", "ja")
    before = path.read_bytes()
    with pytest.raises(WorkspaceError, match="exists"):
        write_price_sheet(path, "ja")
    with pytest.raises(WorkspaceError, match=r"\.xlsx"):
        write_price_sheet(tmp_path / "s.csv")
    with pytest.raises(ValueError, match="fr"):
        write_price_sheet(tmp_path / "t.xlsx", "fr")
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="write"):
        write_price_sheet(tmp_path / "file" / "s.xlsx")
    assert path.read_bytes() == before


@pytest.mark.slow
@pytest.mark.office
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_form_prints_on_one_page_and_survives_another_program(
    example: Dataset, tmp_path: Path, libreoffice: str, lang: str
) -> None:
    """Vendors open it in whatever they have: saved again by LibreOffice it reads the same."""
    path = fill(tmp_path / "s.xlsx", QUOTE, lang)
    out = tmp_path / "out"
    command = [libreoffice, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    for kind in ("pdf", "xlsx"):
        done = [*command, "--convert-to", kind, "--outdir", str(out), str(path)]
        subprocess.run(done, check=True, capture_output=True, timeout=120)
    pages = subprocess.run(["pdfinfo", str(out / "s.pdf")], check=True, capture_output=True, text=True).stdout
    assert "Pages:           1\n" in pages and "(A4)" in pages
    again, direct = (read_price_sheet(example, p) for p in (out / "s.xlsx", path))
    pd.testing.assert_frame_equal(again.resources, direct.resources)
