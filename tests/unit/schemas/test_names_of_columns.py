"""Columns are recognised under the names analysts use, and by nothing less; files of a log are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from csanalysis.schemas.events import UsageEvents, files_of, find_table, suffix_of
from csanalysis.schemas.synonyms import folded, match_columns, names_of, nearest_name

UNITS = {"account_id": "", "mrr": "JPY", "start_date": "", "complexity": "", "onboarding_sessions": ""}


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("月額", "mrr"),
        ("ＭＲＲ", "mrr"),
        ("monthly fee", "mrr"),
        ("Monthly_Fee", "mrr"),
        ("月額(円)", "mrr"),
        ("月額【税抜】", "mrr"),
        ("mrr [JPY]", "mrr"),
        ("月額（円/月）", "mrr"),
        ("sessions (回)", "onboarding_sessions"),
        ("複雑さ(1-5)", "complexity"),
        ("月額(千円)", None),
        ("月額(USD)", None),
        ("月額(時間)", None),
        ("月額(%)", None),
        ("月額()", None),
        ("顧客番号(円)", None),
        ("memo", None),
        ("(円)", None),
    ],
)
def test_a_name_means_one_column_or_none(name: str, column: str | None) -> None:
    found = match_columns("accounts", [name], UNITS)
    assert found.renamed == ({name: column} if column else {}) and found.ties == {} and found.percent == ()


def test_columns_that_are_there_need_no_other_and_ties_are_told() -> None:
    assert match_columns("accounts", ["mrr", "月額"], UNITS).renamed == {}
    tie = match_columns("accounts", ["月額", "月額料金", "顧客番号"], UNITS)
    assert tie.ties == {"mrr": ("月額", "月額料金")} and tie.renamed == {"顧客番号": "account_id"}
    assert match_columns("unknown", ["月額"], UNITS).renamed == {}
    assert match_columns("accounts", ["月額"], {"account_id": ""}).renamed == {}


def test_the_name_of_a_customer_is_its_key_only_where_there_is_no_key() -> None:
    found = match_columns("accounts", ["取引先名", "MRR"], UNITS)
    assert found.renamed == {"取引先名": "account_id", "MRR": "mrr"}
    for key in ("account_id", "顧客番号"):
        assert "取引先名" not in match_columns("accounts", [key, "取引先名"], UNITS).renamed
    assert match_columns("accounts", ["顧客名", "会社名"], UNITS).ties == {"account_id": ("顧客名", "会社名")}
    both = match_columns("accounts", ["顧客番号", "顧客コード", "顧客名"], UNITS)
    assert set(both.ties["account_id"]) == {"顧客番号", "顧客コード"} and both.renamed == {}
    assert match_columns("usage_events", ["Account Name"], {"account_id": ""}).renamed == {
        "Account Name": "account_id"
    }
    assert "顧客名" in names_of("accounts", UNITS)


def test_percentages_by_name_are_told() -> None:
    units = {"monthly_churn": "ratio", "accounts": ""}
    found = match_columns("segments", ["解約率(%)", "社数(社)"], units)
    assert found.renamed == {"解約率(%)": "monthly_churn", "社数(社)": "accounts"}
    assert found.percent == ("monthly_churn",)
    assert match_columns("segments", ["解約率(割合)"], units).percent == ()


def test_thousands_are_a_unit_of_their_own() -> None:
    thousands = {**UNITS, "mrr": "1000JPY"}
    assert match_columns("accounts", ["月額(千円)"], thousands).renamed == {"月額(千円)": "mrr"}
    assert match_columns("accounts", ["月額(円)"], thousands).renamed == {}


def test_names_for_the_search_of_a_header() -> None:
    assert {"account_id", "顧客番号", "mrr"} <= names_of("accounts", ["account_id", "mrr"])
    assert names_of("unknown", ["a"]) == {"a"} and folded("月・額 A_b-c") == "月額abc"


def test_the_nearest_name_is_like_enough() -> None:
    assert nearest_name("accounts", "mrr", ["x", "月額料金_税込", "月額料"]) == "月額料"
    assert nearest_name("accounts", "mrr", ["x", "memo"]) == "" and nearest_name("accounts", "mrr", []) == ""


def test_files_of_a_log(tmp_path: Path) -> None:
    folder = tmp_path / "usage_events"
    (folder / "month=1").mkdir(parents=True)
    (folder / "_temporary").mkdir()
    for name in ("month=1/b.csv", "a.csv", ".hidden.csv", "_temporary/c.csv", "notes.txt"):
        (folder / name).write_text("account_id\n")
    suffix, paths = files_of(folder)
    assert suffix == ".csv" and [p.name for p in paths] == ["a.csv", "b.csv"]
    assert UsageEvents(folder, paths, suffix).bytes == 22
    assert find_table(tmp_path, "usage_events") == [folder] and find_table(tmp_path, "x") == []
    (tmp_path / "usage_events.parquet").write_text("")
    assert find_table(tmp_path, "usage_events") == [tmp_path / "usage_events.parquet", folder]
    assert files_of(folder / "a.csv") == (".csv", (folder / "a.csv",))
    (folder / "d.CSV.GZ").write_text("")
    with pytest.raises(ValueError, match=r"\.csv, \.csv\.gz"):
        files_of(folder)
    with pytest.raises(ValueError, match=r"notes\.txt"):
        files_of(folder / "notes.txt")
    with pytest.raises(ValueError, match="_temporary"):
        files_of(folder / "_temporary" / "none")
    assert [suffix_of(Path(n)) for n in ("A.PARQUET", "a.csv.gz", "a.gz", "a.csv")] == [
        *(".parquet", ".csv.gz"),
        *("", ".csv"),
    ]
