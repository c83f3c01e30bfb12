"""Every rule of the data contract names row, column and value, and fires at its bound and not before.

These call the contract itself, with tables of a few rows: the loader's tests show that it is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from csanalysis.errors import Failure
from csanalysis.io.cleaning import to_quantity
from csanalysis.labels import text
from csanalysis.schemas.contract import Checked, Origin, check_rows, check_table
from csanalysis.schemas.tables import OPTIONAL_TABLES, TABLES

ORIGIN = Origin("t.csv", "Sheet1", "en")
MODELS = {**TABLES, **OPTIONAL_TABLES}
SEGMENT = {"segment": "smb", "name_ja": "小", "name_en": "", "accounts": "10", "arpa_monthly": "1000"}
SEGMENT |= {"monthly_churn": "0.02", "new_accounts_per_month": "", "term_months": "12", "touch": ""}


def contract(table: str, rows: Sequence[dict[str, str]], lang: str = "en") -> Checked:
    raw = pd.DataFrame(rows, index=range(5, 5 + len(rows)), dtype=str)
    return check_table(raw, MODELS[table], Origin("t.csv", "Sheet1", lang), to_quantity)


def test_a_failure_says_all_there_is() -> None:
    found = ORIGIN.failure("not_a_term", row=3, column="kind", value=7, terms="a, b")
    assert found == Failure(
        file="t.csv",
        sheet="Sheet1",
        row=3,
        column="kind",
        value="7",
        expected=text("data.not_a_term.expected", "en", column="kind", value=7, terms="a, b"),
        fix=text("data.not_a_term.fix", "en", column="kind", value=7, terms="a, b"),
        lang="en",
    )
    bare = Origin("t.csv", "", "ja").failure("no_rows")
    assert (bare.row, bare.column, bare.value, bare.lang) == (None, "", "", "ja")
    assert bare.expected == text("data.no_rows.expected", "ja")


def test_a_sound_table_is_typed_and_keeps_its_rows() -> None:
    sound = contract("segments", [SEGMENT, {**SEGMENT, "segment": "ent"}])
    assert sound.failures == () and sound.unused_columns == ()
    frame = sound.frame
    assert frame["row"].tolist() == [5, 6] and list(frame)[1:] == list(MODELS["segments"].to_schema().columns)
    assert frame["accounts"].tolist() == [10.0, 10.0] and frame["new_accounts_per_month"].isna().all()
    assert frame["segment"].tolist() == ["smb", "ent"] and frame["accounts"].dtype == float


def test_columns_that_are_missing_are_named_with_what_may_be_meant() -> None:
    row = {k: v for k, v in SEGMENT.items() if k not in ("accounts", "term_months")}
    checked = contract("segments", [{**row, "accounts_": "1", "zzz": "2"}])
    assert checked.frame.empty and checked.unused_columns == ("accounts_", "zzz")
    assert checked.failures == (
        ORIGIN.failure("missing_column_near", row=1, column="accounts", near="accounts_"),
        ORIGIN.failure("missing_column", row=1, column="term_months"),
    )
    own = check_table(
        pd.DataFrame([row], dtype=str), MODELS["segments"], ORIGIN, to_quantity, near=lambda name, unused: "?"
    )
    assert {f.expected for f in own.failures} == {
        ORIGIN.failure("missing_column_near", row=1, column=name, near="?").expected
        for name in ("accounts", "term_months")
    }


def test_a_table_without_rows_is_a_failure() -> None:
    raw = pd.DataFrame(columns=list(SEGMENT), dtype=str)
    checked = check_table(raw, MODELS["segments"], ORIGIN, to_quantity)
    assert checked.failures == (ORIGIN.failure("no_rows"),) and checked.frame.empty


def test_blanks_ratings_and_units_are_read() -> None:
    """An empty cell means what the column says, H/M/L are 5/3/1, a percent sign counts where it may."""
    task = dict.fromkeys(MODELS["task_inventory"].to_schema().columns, "")
    task |= {"task_id": "a", "name_ja": "業務", "stage": "onboarding", "task_group": "g", "driver": "fixed"}
    task |= {"frequency": "1", "minutes": "1.5時間", "value_added": "h", "repeatability": "M"}
    task |= {"periodicity": "L", "domain_knowledge": "2", "lead_days": "3", "standardised": "80%"}
    task |= {"rules_fixed": "0.5", "customer_contact": "0", "personal_data": "1"}
    checked = contract("task_inventory", [task])
    assert checked.failures == ()
    row = checked.frame.iloc[0]
    assert row[["value_added", "repeatability", "periodicity", "domain_knowledge"]].tolist() == [5, 3, 1, 2]
    assert (row["minutes"], row["standardised"], row["split"], row["grade"]) == (
        90,
        0.8,
        "free",
        "assumption",
    )
    assert (row["spread_months"], row["temporary_load"], row["source"]) == (1, 0, "")
    assert np.isnan(row["hours_per_month"])


@pytest.mark.parametrize(
    ("cells", "rule", "column", "values"),
    [
        ({"accounts": "many"}, "not_a_number", "accounts", {}),
        ({"accounts": ""}, "empty_cell", "accounts", {}),
        ({"accounts": "-1"}, "out_of_range", "accounts", {"bound": ">= 0"}),
        ({"term_months": "0.5"}, "out_of_range", "term_months", {"bound": ">= 1"}),
        ({"monthly_churn": "2"}, "ratio_over_one", "monthly_churn", {"bound": "<= 1"}),
        ({"monthly_churn": "100"}, "ratio_over_one", "monthly_churn", {"bound": "<= 1"}),
        ({"monthly_churn": "101"}, "out_of_range", "monthly_churn", {"bound": "<= 1"}),
        ({"monthly_churn": "-0.1"}, "out_of_range", "monthly_churn", {"bound": ">= 0"}),
        ({"segment": "a b"}, "not_a_key", "segment", {}),
    ],
)
def test_one_cell_at_fault(cells: dict[str, str], rule: str, column: str, values: dict[str, str]) -> None:
    checked = contract("segments", [{**SEGMENT, "segment": "x"}, {**SEGMENT, **cells}])
    assert checked.failures == (ORIGIN.failure(rule, row=6, column=column, value=cells[column], **values),)


def test_bounds_belong_to_the_range() -> None:
    ends = {"accounts": "0", "monthly_churn": "1", "term_months": "1"}
    assert contract("segments", [{**SEGMENT, **ends}]).failures == ()


@pytest.mark.parametrize(
    ("months", "sound"), [("3;9", True), ("12", True), ("", True), ("13", False), ("3,9", False)]
)
def test_months_of_the_calendar(months: str, sound: bool) -> None:
    task = dict.fromkeys(MODELS["task_inventory"].to_schema().columns, "")
    task |= {"task_id": "a", "name_ja": "業務", "stage": "onboarding", "task_group": "g", "driver": "fixed"}
    task |= {"frequency": "1", "minutes": "10", "lead_days": "3", "personal_data": "1"}
    task |= dict.fromkeys(("value_added", "repeatability", "periodicity", "domain_knowledge"), "3")
    task |= dict.fromkeys(("standardised", "rules_fixed", "customer_contact"), "0.5")
    found = contract("task_inventory", [{**task, "calendar_months": months}]).failures
    told = [ORIGIN.failure("not_months", row=5, column="calendar_months", value=months)]
    assert list(found) == ([] if sound else told)


def test_terms_keys_and_months() -> None:
    touch = contract("segments", [{**SEGMENT, "touch": "hi"}, {**SEGMENT, "touch": ""}]).failures
    terms = "high_touch, low_touch, tech_touch"
    expected = [ORIGIN.failure("not_a_term", row=5, column="touch", value="hi", terms=terms)]
    expected += [ORIGIN.failure("duplicate_key", row=n, column="segment", value="smb") for n in (5, 6)]
    assert sorted(touch, key=str) == sorted(expected, key=str)
    frame = TABLES["resources"].to_schema().columns["personal_data_allowed"]
    assert next(c for c in frame.checks if c.name == "isin").statistics["allowed_values"] == [0.0, 1.0]


def rows(table: str, **columns: list[Any]) -> list[tuple[str, int | None, str]]:
    """Return (expected text, row, column) of the failures of the row rules; rows are 10, 11, ..."""
    count = len(next(iter(columns.values())))
    frame = pd.DataFrame({"row": range(10, 10 + count), **columns})
    return [(f.expected, f.row, f.column) for f in check_rows(table, frame, ORIGIN)]


def told(rule: str, row: int, column: str, value: object) -> tuple[str, int | None, str]:
    failure = ORIGIN.failure(rule, row=row, column=column, value=value)
    return failure.expected, failure.row, failure.column


def test_row_rules_of_tasks() -> None:
    nan = float("nan")
    found = rows(
        "task_inventory",
        name_ja=["", "あ", "", "い"],
        name_en=["", "", "b", ""],
        minutes=[1.0, nan, 2.0, nan],
        hours_per_month=[nan, nan, 3.0, 4.0],
        spread_months=[1.0, 2.0, 1.5, 3.0],
        lock_resource=["csm", "", "csm", ""],
        lock_reason=["", "", "why", "why"],
    )
    assert found == [
        told("no_name", 10, "name_ja", ""),
        told("minutes_or_hours", 11, "minutes", nan),
        told("minutes_or_hours", 12, "minutes", 2.0),
        told("whole_number", 12, "spread_months", 1.5),
        told("lock_reason", 10, "lock_reason", ""),
    ]


def test_row_rules_of_traits_and_parameters() -> None:
    nan = float("nan")
    found = rows(
        "suitability",
        kind=["bpo"] * 4,
        trait=["a", "a", "b", "c"],
        shape=["larger", "larger", "target", "target"],
        low=[1.0, 3.0, 2.0, 1.0],
        target=[nan, nan, nan, 6.0],
        high=[5.0, 1.0, 2.0, 5.0],
    )
    assert found == [
        told("doubled_row", 11, "kind", "bpo"),
        told("unordered", 11, "low", 3.0),
        told("unordered", 13, "low", 1.0),
        told("equal_ends", 12, "high", 2.0),
        told("empty_cell", 12, "target", nan),
    ]
    found = rows(
        "parameters",
        key=["a", "b", "a", "c"],
        hard_min=[0.0, 5.0, nan, 2.0],
        low=[1.0, nan, 2.0, 1.0],
        high=[2.0, nan, 1.0, 3.0],
        hard_max=[3.0, 4.0, nan, 3.0],
    )
    assert [(f[1], f[2]) for f in found] == [
        (12, "key"),
        (11, "low"),
        (12, "low"),
        (13, "low"),
        (11, "hard_min"),
    ]


def test_row_rules_of_small_tables() -> None:
    assert rows(
        "actuals", month=["2026-3", "2026-03", "2026-13"], task_id=["a"] * 3, resource_id=[""] * 3
    ) == [
        told("not_a_month", 10, "month", "2026-3"),
        told("not_a_month", 12, "month", "2026-13"),
    ]
    twice = rows("actuals", month=["2026-03"] * 2, task_id=["a"] * 2, resource_id=["x", "x"])
    assert twice == [told("doubled_row", 11, "task_id", "a")]
    rated = {"task_id": ["a"] * 3, "rater": ["r", "r", "s"], "trait": ["t"] * 3}
    assert rows("ratings", **rated) == [told("doubled_row", 11, "trait", "t")]
    cited = {"metric": ["m"] * 2, "segment": ["all"] * 2, "statistic": ["mean"] * 2}
    assert rows("benchmarks", **cited, source=["x", "y"], low=[1.0, 2.0], high=[1.0, 1.0]) == [
        told("unordered", 11, "low", 2.0)
    ]
    assert rows("benchmarks", **cited, source=["x"] * 2, low=[1.0] * 2, high=[1.0] * 2) == [
        told("doubled_row", 11, "metric", "m")
    ]
    plays = {"quadrant": ["q"] * 2, "phase": ["p"] * 2}
    assert rows("playbook", **plays, task_group=["g", "g"]) == [told("doubled_row", 11, "task_group", "g")]
    assert rows("playbook", **plays, task_group=["g", "h"]) == []
    assert rows("resources", name_ja=[""], name_en=[""]) == [told("no_name", 10, "name_ja", "")]
    assert rows("unknown", name_ja=[""]) == []


@pytest.mark.parametrize(("factor", "count"), [(1.0, 0), (1.0005, 0), (1.002, 1), (0.998, 1)])
def test_a_season_has_twelve_months_with_a_mean_of_one(factor: float, count: int) -> None:
    profile = {"profile": ["p"] * 12, "month": [float(m) for m in range(1, 13)], "factor": [factor] * 12}
    assert rows("season_profiles", **profile) == [told("season_mean", 10, "factor", factor)] * count
    short = {name: values[:11] for name, values in profile.items()}
    assert told("season_months", 10, "month", 1.0) in rows("season_profiles", **short)
    halved = {**profile, "month": [1.5, *profile["month"][1:]]}
    assert told("whole_number", 10, "month", 1.5) in rows("season_profiles", **halved)
    doubled = {**profile, "month": [2.0, *profile["month"][1:]]}
    assert told("doubled_row", 11, "month", 2.0) in rows("season_profiles", **doubled)
