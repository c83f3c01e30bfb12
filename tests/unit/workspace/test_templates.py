"""Templates load back as the same tables, and reports show no names unless they are asked to."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import openpyxl
import pandas as pd
import pytest

from csanalysis.accounts.account_months import account_months
from csanalysis.diagnosis.kpis import compute_kpis
from csanalysis.errors import DataContractError, WorkspaceError
from csanalysis.io import read_table
from csanalysis.report import build_report
from csanalysis.schemas.tables import OPTIONAL_TABLES, TABLES
from csanalysis.tables.kpis import kpis
from csanalysis.workspace import example_dir, load_dataset
from csanalysis.workspace.minimal_sheet import write_minimal_template
from csanalysis.workspace.price_sheet_form import write_price_sheet
from csanalysis.workspace.pseudonyms import pseudonyms
from csanalysis.workspace.rating_sheets import write_rating_sheet
from csanalysis.workspace.templates import template, write_templates

CELLS = (
    "import csanalysis as cs\nds, sc, lang = cs.start()\nprint(ds.tables['accounts'].to_string())",
    "months = cs.account_months(ds)\nprint(months.table['events'].sum(), 'events found')",
    "cs.tables.told_rows(months, lang)",
    "health = cs.score_health(ds, sc, months=months)\ncs.charts.health_scores(health, lang=lang);",
    "cs.tables.health_accounts(health, lang)",
    "cs.tables.sentences(months, lang)",
)
CANARIES = ("カナリア商事", "Canary & Sons <b>", "=CANARY()")


@pytest.mark.slow
def test_loading_a_template_is_identity(workspace: Path) -> None:
    before = load_dataset(workspace)
    for path in write_templates(workspace):
        table = workspace / f"{path.stem}.csv"
        if table.exists():
            table.unlink()
            shutil.copy(path, workspace / path.name)
    after = load_dataset(workspace)
    assert {s.file for s in after.sources if s.table != "scenario"} >= {"resources.xlsx", "parameters.xlsx"}
    for name, frame in before.tables.items():
        pd.testing.assert_frame_equal(after.tables[name], frame)
    assert after.repairs.empty


@pytest.mark.slow
@pytest.mark.parametrize("money", ["JPY", "1000JPY"])
def test_every_table_and_column_of_a_workspace_comes_through_its_template(
    workspace: Path, money: str
) -> None:
    """Optional tables, columns of the analyst's own, codes with zeros, and amounts in thousands."""
    marker = workspace / "csanalysis.toml"
    marker.write_text(re.sub(r'money\s*=\s*"JPY"', f'money = "{money}"', marker.read_text("utf-8")), "utf-8")
    for name in ("accounts.csv", "actuals.csv"):
        shutil.copy(example_dir() / name, workspace / name)
    own = pd.read_csv(workspace / "resources.csv", dtype=str, keep_default_na=False)
    own.assign(**{"社内コード": "00123", "=memo": "-x"}).to_csv(workspace / "resources.csv", index=False)
    before = load_dataset(workspace)
    for path in write_templates(workspace):
        if (workspace / f"{path.stem}.csv").exists():
            (workspace / f"{path.stem}.csv").unlink()
            shutil.copy(path, workspace / path.name)
    after = load_dataset(workspace)
    assert {*before.tables} == {*after.tables} >= {"accounts", "actuals"}
    for name, frame in before.tables.items():
        pd.testing.assert_frame_equal(after.tables[name], frame)
    kept = read_table(workspace / "resources.xlsx", header="auto")[0]
    assert set(kept["社内コード"]) == {"00123"} and set(kept["=memo"]) == {"-x"}
    assert set(after.repairs["rule"]) <= {*before.repairs["rule"], "formula_mark"}
    heads = [c.value for c in openpyxl.load_workbook(workspace / "resources.xlsx").worksheets[0][1]]
    assert f"price ({money})" in heads


def test_amounts_in_another_unit_than_the_workspace_are_refused(workspace: Path) -> None:
    """A column in (円) in a workspace of thousands would be read a thousand times too large."""
    marker = workspace / "csanalysis.toml"
    path = workspace / "resources.csv"
    table = path.read_text("utf-8-sig")
    path.write_text(table.replace(",price,", ",price (円),", 1), "utf-8")
    assert load_dataset(workspace).tables["resources"]["price"].max() == 450_000
    marker.write_text(marker.read_text("utf-8").replace('money = "JPY"', 'money = "1000JPY"'), "utf-8")
    with pytest.raises(DataContractError, match="price"):
        load_dataset(workspace)
    path.write_text(table.replace(",price,", ",price (千円),", 1), "utf-8")
    assert load_dataset(workspace).tables["resources"]["price"].max() == 450_000_000


def test_a_form_keeps_codes_as_text_and_refuses_other_terms() -> None:
    book = template("accounts", pd.DataFrame())
    sheet = book.worksheets[0]
    heads = {str(c.value): c.column_letter for c in sheet[1]}
    formats = {name: sheet.column_dimensions[letter].number_format for name, letter in heads.items()}
    assert formats["account_id"] == "@" and formats["start_date"] == "yyyy-mm-dd"
    assert formats["mrr (JPY)"] == "General"
    rules = {str(r.sqref).rstrip("0123456789:")[0]: r for r in sheet.data_validations.dataValidation}
    bound = rules[heads["complexity"]]
    assert (bound.operator, bound.formula1, bound.formula2, bound.errorStyle) == (
        "between",
        "1",
        "5",
        "warning",
    )
    kinds = template("resources", pd.DataFrame()).worksheets[0].data_validations.dataValidation
    assert all(rule.showErrorMessage and " / " in rule.error and len(rule.error) <= 225 for rule in kinds)
    assert {rule.operator for rule in kinds if rule.type == "decimal"} >= {"greaterThan", "between"}


def told_of(table: str, money: str = "JPY") -> dict[str, dict[str, str]]:
    """Return what the instructions of a template say: column -> heading in English -> words."""
    rows = list(template(table, pd.DataFrame(), money).worksheets[1].iter_rows(values_only=True))
    top = next(n for n, row in enumerate(rows) if row[2])
    heads = [str(head).split(" / ")[0] for head in rows[top]]
    return {str(row[0]): dict(zip(heads, map(str, row), strict=True)) for row in rows[top + 1 :]}


def test_instructions_say_what_an_empty_cell_means() -> None:
    told = told_of("accounts", "1000JPY")
    assert "空欄不可" in told["account_id"]["empty cell"] and "空欄可" in told["end_date"]["empty cell"]
    assert told["mrr"]["unit"] == "1000JPY" and told["renewal_date"]["unit"] == "2026-03-31"
    assert told["complexity"]["choices"] == ">= 1, <= 5" and "顧客番号" in told["account_id"]["also read as"]
    assert told_of("task_inventory")["split"]["empty cell"] == "free"
    assert "空欄可" in told_of("segments")["touch"]["empty cell"]


@pytest.mark.parametrize("table", [*TABLES, *OPTIONAL_TABLES])
def test_instructions_explain_every_column_and_choice_in_both_languages(table: str) -> None:
    for name, told in told_of(table).items():
        assert re.search("[\u3040-\u30ff\u4e00-\u9fff]", told["意味"]), name
        assert told["meaning"].isascii() and len(told["meaning"]) > 2, name
        choices = told["choices"].split("\n") if "\n" in told["choices"] else []
        assert all("(" in choice for choice in choices if choice not in "01"), (name, choices)


def test_no_unit_is_named_where_rows_differ_in_it() -> None:
    """A benchmark of 450,000 JPY stood under 'value (ratio)', so did ratings from 1 to 5."""
    for table, names in {
        "benchmarks": ("value", "low", "high"),
        "parameters": ("low", "high", "hard_min", "hard_max"),
        "ratings": ("value",),
    }.items():
        heads = [cell.value for cell in template(table, pd.DataFrame()).worksheets[0][1]]
        told = told_of(table)
        assert set(names) <= set(heads) and all("by row" in told[name]["unit"] for name in names)
    units = {
        name: told["unit"] for name, told in {**told_of("segments"), **told_of("season_profiles")}.items()
    }
    assert units["new_accounts_per_month"] == units["month"] == ""  # no dates, though they end in month
    assert told_of("actuals")["month"]["unit"] == "2026-03"
    assert told_of("task_inventory")["calendar_months"]["unit"] == "3;9"


def test_a_percentage_in_the_header_counts_for_columns_of_ratios_alone(workspace: Path) -> None:
    path = workspace / "benchmarks.csv"
    path.write_text(path.read_text("utf-8-sig").replace(",value,", ",value (%),", 1), "utf-8")
    with pytest.raises(DataContractError, match="value"):
        load_dataset(workspace)


def test_a_template_offers_terms_and_units_and_guards_formulas() -> None:
    frame = pd.DataFrame({"resource_id": ["a"], "kind": ["bpo"], "name_ja": ["=1+1"], "price": ["4000"]})
    book = template("resources", frame)
    sheet, words = book.worksheets
    heads = [cell.value for cell in sheet[1]]
    assert "price (JPY)" in heads and "rework_rate (ratio)" in heads
    lists = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert any("bpo" in rule.formula1 for rule in lists)
    cell = sheet.cell(2, heads.index("name_ja") + 1)
    assert cell.value == "'=1+1" and cell.data_type == "s"
    said = " ".join(str(c.value) for row in words.iter_rows() for c in row if c.value)
    assert "drop-downs" in said and "一覧から選べます" in said


@pytest.fixture
def with_canaries(workspace: Path) -> Path:
    rows = [f'"{name}",2024-04-01,,{n}000,担当{name}' for n, name in enumerate(CANARIES, 1)]
    table = "\n".join(["account_id,start_date,end_date,mrr,csm", *rows]) + "\n"
    (workspace / "accounts.csv").write_text(table, encoding="utf-8")
    for path in (workspace / "notebooks").glob("*.ipynb"):
        path.unlink()
    events = [f'"{name}",2026-03-0{n} 09:00,login,{n}' for n, name in enumerate(CANARIES, 1)]
    log = ["account_id,timestamp,event,count", *events, "Canary stray <i>,2026-03-05 09:00,login,5"]
    (workspace / "usage_events.csv").write_text("\n".join(log) + "\n", encoding="utf-8")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in CELLS])
    nbformat.write(notebook, workspace / "notebooks" / "00_names.ipynb")
    return workspace


@pytest.mark.slow
def test_names_are_not_in_a_report_unless_asked_for(with_canaries: Path, tmp_path: Path) -> None:
    plain = "".join(p.read_text("utf-8") for p in _pages(with_canaries, tmp_path / "a", show_names=False))
    assert "account 001" in plain and "CSM 001" in plain and "account without contract 001" in plain
    assert "3 events found" in plain  # under pseudonyms, too, the log finds its accounts
    assert not any(word in plain for word in ("カナリア", "Canary", "CANARY"))
    assert not any("anary" in str(path) or "カナリア" in str(path) for path in (tmp_path / "a").rglob("*"))
    named = "".join(p.read_text("utf-8") for p in _pages(with_canaries, tmp_path / "b", show_names=True))
    assert "カナリア商事" in named and "Canary &amp; Sons &lt;b&gt;" in named and "Sons <b>" not in named


def _pages(root: Path, out: Path, *, show_names: bool) -> list[Path]:
    build_report(root, out, progress=False, show_names=show_names)
    return [path for path in out.rglob("*") if path.is_file()]


@pytest.mark.slow
def test_pseudonyms_keep_accounts_apart_and_together(with_canaries: Path) -> None:
    shown = load_dataset(with_canaries).tables["accounts"]
    hidden = load_dataset(with_canaries, show_names=False).tables["accounts"]
    assert shown["account_id"].tolist() == list(CANARIES) and hidden["account_id"].is_unique
    assert hidden["mrr"].tolist() == shown["mrr"].tolist()
    assert pseudonyms(["a", "", "a"], "csm", "ja") == {"a": "担当 001"}


@pytest.mark.slow
def test_the_usage_log_goes_by_the_names_of_the_accounts(with_canaries: Path, tmp_path: Path) -> None:
    """Else no event would find its account in a report under pseudonyms, and strangers would be named."""
    rows = [f'"{name}",2026-03-02,login,{n}' for n, name in enumerate([*CANARIES, "Canary unknown"], 1)]
    log = "\n".join(["account_id,timestamp,event,count", *rows]) + "\n"
    (with_canaries / "usage_events.csv").write_text(log, encoding="utf-8")
    shown, hidden = (
        account_months(load_dataset(with_canaries, show_names=names), first="2026-03", last="2026-03")
        for names in (True, False)
    )
    assert shown.to_frame()["usage"].sum() == hidden.to_frame()["usage"].sum() == sum(range(1, len(rows)))
    assert shown.log["detail"].tolist() == ["Canary unknown"] and len(hidden.log) == 1
    said = " ".join([*hidden.sentences("ja"), *hidden.sentences("en"), hidden.to_frame().to_string()])
    assert not any(word in said for word in ("カナリア", "Canary", "CANARY"))
    ds, store = load_dataset(with_canaries, show_names=False), tmp_path / "store"
    account_months(ds, store=store, first="2026-03", last="2026-03")
    again = account_months(load_dataset(with_canaries), store=store, first="2026-03", last="2026-03")
    assert again.to_frame()["account_id"].tolist() == shown.to_frame()["account_id"].tolist()


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_repairs_of_the_accounts_file_quote_nothing_of_it(workspace: Path, lang: str) -> None:
    """Titles, notes, sheets and cells name accounts; a report says what was done, and that it withholds."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "カナリア商事"
    for row in (
        ["カナリア商事 ほか 契約一覧"],
        ["顧客番号", "契約開始日", "終了日", "月額(円)", "担当CSM"],
        ["カナリア商事Ａ", "R6.4.1", "", "12万円", "カナリア太郎"],
        ["カナリア商事髙", "R6.4.1", "", "9万円", "カナリア太郎"],
        ["カナリア商事高", "R6.4.1", "", "8万円", "カナリア太郎"],
        ["※カナリア商事は値引き"],
    ):
        sheet.append(row)
    book.create_sheet("カナリア旧").sheet_state = "hidden"
    book.save(workspace / "accounts.xlsx")
    shown = " ".join(told for _, told in load_dataset(workspace, lang=lang).repairs_told())
    hidden = load_dataset(workspace, lang=lang, show_names=False)
    rules = set(hidden.repairs["rule"])
    assert rules >= {"hidden_sheets", "preamble", "notes", "keys", "near_names", "quantities"}
    told = [words for _, words in hidden.repairs_told()]
    assert "カナリア" in shown and not any("カナリア" in words or "万円" in words for words in told)
    assert not any("カナリア" in str(cell) for cell in hidden.repairs.to_numpy().ravel())
    assert any("withheld" in w or "非表示" in w for w in told) and any("mrr" in words for words in told)


@pytest.mark.slow
def test_free_texts_name_no_customers(with_canaries: Path) -> None:
    """Whoever describes a task, a source or a rating sheet writes names of customers and colleagues."""
    path = with_canaries / "task_inventory.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    words = {
        "name_ja": "ｶﾅﾘｱ商事向け月報",
        "systems": "CRM (CANARY & SONS <B>)",
        "source": "担当カナリア商事の記録",
    }
    table.assign(**words).to_csv(path, index=False, encoding="cp932")
    rated = f"task_id,rater,trait,value\n{table['task_id'][0]},カナリア太郎,value_added,3\n"
    (with_canaries / "ratings.csv").write_text(rated, encoding="utf-8")
    shown, hidden = (load_dataset(with_canaries, lang="ja", show_names=names) for names in (True, False))
    first = hidden.tasks.iloc[0]
    assert first["name_ja"] == "顧客 001向け月報" and first["systems"] == "CRM (顧客 002)"
    assert first["source"] == "担当 001の記録" and shown.tasks["name_ja"][0] == words["name_ja"]
    assert hidden.tables["ratings"]["rater"].tolist() == ["評価者 001"]
    assert hidden.space.tables["task_inventory"]["name_ja"][0] == first["name_ja"]
    kept = [name for name in hidden.tasks if name not in words]
    pd.testing.assert_frame_equal(hidden.tasks[kept], shown.tasks[kept])


@pytest.mark.slow
def test_files_sent_out_hold_no_names(with_canaries: Path, tmp_path: Path) -> None:
    from csanalysis.report.scope import write_scope

    path = with_canaries / "task_inventory.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    table.assign(what_is_done="カナリア商事と Canary & Sons <b> の月報").to_csv(path, index=False)
    ds = load_dataset(with_canaries)
    path = write_scope(ds, ds.scenario, tmp_path / "scope.xlsx", lang="en")
    book = openpyxl.load_workbook(path)
    said = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    said += [str(value) for value in vars(book.properties).values()]
    assert not any("canary" in word.casefold() or "カナリア" in word for word in said)


def test_figures_of_few_accounts_are_left_out(workspace: Path) -> None:
    rows = [f"a{n},{'big' if n < 20 else 'small'},2024-04-01,,1000" for n in range(23)]
    table = "\n".join(["account_id,segment,start_date,end_date,mrr", *rows]) + "\n"
    (workspace / "accounts.csv").write_text(table, encoding="utf-8")
    found = compute_kpis(load_dataset(workspace))
    assert "withheld (few)" in kpis(found, "en", segment="small").html
    assert "withheld (few)" in kpis(found, "en", segment="big").html  # all less big is small
    assert "withheld" not in kpis(found, "en").html


@pytest.mark.slow
def test_workbooks_hold_any_text_and_run_none(workspace: Path) -> None:
    """Control characters stop openpyxl, a key may begin with =, and long cells are cut."""
    path = workspace / "task_inventory.csv"
    table = path.read_text("utf-8-sig")
    spoilt = table.replace("Deliver an onboarding session", "\x0b=Deliver\x07 it", 1)
    path.write_text(spoilt.replace("onb_session_deliver", "=onb_session", 1), "utf-8")
    ds = load_dataset(workspace)
    sheets = [workspace / "templates" / "task_inventory.xlsx", workspace / "rating.xlsx"]
    write_templates(workspace)
    write_rating_sheet(ds, sheets[1], "=rater\x01()")
    for sheet in sheets:
        page = openpyxl.load_workbook(sheet).worksheets[0]
        cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
        assert not [cell for cell in cells if cell.data_type == "f"]
        assert {"'=onb_session", "'=Deliver it"} <= {cell.value for cell in cells}
    path.write_text(table.replace("Deliver an onboarding session", "x" * 32_768, 1), "utf-8")
    with pytest.raises(WorkspaceError, match="32,767"):
        write_templates(workspace)


@pytest.mark.slow
def test_every_form_enforces_its_limits(workspace: Path) -> None:
    """Drop-downs and limits are only shown, not enforced, where a workbook does not say so."""
    ds = load_dataset(workspace)
    forms = [
        write_rating_sheet(ds, workspace / "r.xlsx"),
        write_price_sheet(workspace / "p.xlsx", "en"),
        write_minimal_template(workspace / "m.xlsx", "ja"),
        *write_templates(workspace),
    ]
    for form in forms:
        for sheet in openpyxl.load_workbook(form).worksheets:
            assert all(rule.showErrorMessage for rule in sheet.data_validations.dataValidation), form.name
