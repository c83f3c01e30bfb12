"""Retention on account-months: late entry, cohorts, and the churn range handed to the parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.accounts.retention import Retention
from csanalysis.model.dataset import Dataset

Write = Callable[..., Path]
COLUMNS = ["account_id", "start_date", "end_date", "mrr"]


@pytest.fixture(scope="module")
def kept(example: Dataset) -> Retention:
    return cs.measure_retention(example)


def test_a_book_counted_by_hand(company: Write) -> None:
    """Four accounts from January: one is lost in February, one in March; one came before the first loss."""
    rows = [
        ("A", "2025-01-10", "2025-02-20", "1"),
        ("B", "2025-01-10", "2025-03-20", "1"),
        ("C", "2025-01-10", "", "1"),
        ("D", "2025-01-10", "", "1"),
        ("E", "2024-11-10", "", "1"),
    ]
    folder = company(pd.DataFrame(rows, columns=COLUMNS))
    found = cs.measure_retention(folder, as_of=date(2025, 5, 1))
    curve = found.curves["all"]
    # From February on: age 1 at risk A B C D; age 2 B C D; age 3 C D and E; age 4, 5 E.
    assert dict(zip(curve.age, curve.at_risk, strict=True)) == {1: 4, 2: 3, 3: 3, 4: 1, 5: 1}
    assert curve.survival[:3].tolist() == pytest.approx([3 / 4, 1 / 2, 1 / 2])
    assert np.isnan(found.churn) and "too few" in " ".join(found.sentences("en"))


def test_yearly_contracts_leave_at_full_years(kept: Retention) -> None:
    curve = kept.curves["all"]
    assert set(curve.age[curve.events > 0] % 12) == {0.0}
    share, low, high = curve.at(12)
    assert low < share < high and curve.at(11)[0] == 1.0


def test_cohorts_never_grow_and_stop_where_records_stop(kept: Retention) -> None:
    table = kept.cohorts
    assert (table.groupby("cohort")["active"].diff().dropna() <= 0).all()
    assert (table["share"] == table["active"] / table["started"]).all()
    assert table.groupby("cohort")["age"].max().to_dict()["2026Q1"] == 0


def test_the_measured_range_takes_the_place_of_the_parameters(example: Dataset, kept: Retention) -> None:
    changed = kept.apply(example)
    parameter = changed.base.parameter("monthly_churn")
    assert (parameter.low, parameter.default, parameter.high) == (kept.churn_low, kept.churn, kept.churn_high)
    assert parameter.grade == "measured" and "136 losses" in parameter.source
    [row] = changed.parameters.query("key == 'monthly_churn'").to_dict("records")
    assert (row["low"], float(row["default"]), row["grade"]) == (kept.churn_low, kept.churn, "measured")
    assert example.base.parameter("monthly_churn").grade != "measured"


def test_segments_have_curves_of_their_own(example: Dataset) -> None:
    accounts = example.tables["accounts"]
    halves = accounts.assign(segment=np.where(accounts["account_id"].str[-1] < "5", "low", "up"))
    found = cs.measure_retention(replace(example, tables={**example.tables, "accounts": halves}))
    assert set(found.curves) == {"all", "low", "up"}
    whole = found.curves["all"].events.sum()
    assert sum(found.curves[name].events.sum() for name in ("low", "up")) == whole


def test_without_contracts_or_losses_it_says_so(example: Dataset, company: Write) -> None:
    tables = {name: table for name, table in example.tables.items() if name != "accounts"}
    for lang in ("ja", "en"):
        [told] = cs.measure_retention(replace(example, tables=tables)).sentences(lang)
        assert "accounts.csv" in told
    rows = [("A", "2025-01-10", "", "1")]
    none = cs.measure_retention(company(pd.DataFrame(rows, columns=COLUMNS)), as_of=date(2026, 4, 1))
    assert none.to_frame().empty and len(none.sentences("en")) == 1
    with pytest.raises(ValueError, match="too few"):
        none.apply(example)
