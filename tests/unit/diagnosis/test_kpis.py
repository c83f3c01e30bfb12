"""KPIs keep their identities, agree with the example's parameters, and say what they cannot know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csanalysis.accounts.contract_months import contract_months
from csanalysis.diagnosis.kpis import COLUMNS, METRICS, Kpis, compute_kpis, definitions, kpi_frame, wilson
from csanalysis.labels import LANGUAGES
from csanalysis.model.dataset import Dataset
from csanalysis.schemas.accounts import with_dates
from tools import example_accounts

FIRST, LAST = "2025-01", "2026-06"
FEWER = settings(max_examples=settings().max_examples // 3)  # each builds several tables


def having(ds: Dataset, contracts: pd.DataFrame) -> Dataset:
    return replace(ds, tables={**ds.tables, "accounts": with_dates(contracts)}, as_of=date(2026, 4, 1))


def periods(*rows: tuple[str, str, str, float], **columns: object) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["account_id", "start_date", "end_date", "mrr"])
    return table.assign(**{"segment": "", "csm": "x", "onboarding_sessions": 2.0, **columns})


@pytest.fixture(scope="module")
def committed() -> pd.DataFrame:
    text = pd.read_csv(example_accounts.PATH, dtype=str, keep_default_na=False)
    numbers = {c: text[c].astype(float) for c in ("mrr", "onboarding_sessions", "complexity")}
    return text.assign(**numbers)


@pytest.fixture(scope="module")
def kpis(example: Dataset, committed: pd.DataFrame) -> Kpis:
    return compute_kpis(having(example, committed))


def keys(result: Kpis) -> list[str]:
    return [finding.key for finding in result.findings]


@st.composite
def contracts(draw: Callable[..., Any]) -> pd.DataFrame:
    """Draw up to eight accounts of three segments, each with up to three periods."""
    rows = []
    for number in range(draw(st.integers(1, 8))):
        segment, csm = draw(st.sampled_from(["smb", "mid", ""])), draw(st.sampled_from(["", "x", "y"]))
        day = date(2024, 10, 1) + timedelta(days=draw(st.integers(0, 450)))
        for _ in range(draw(st.integers(1, 3))):
            stop = day + timedelta(days=draw(st.integers(0, 250)))
            mrr = draw(st.integers(0, 9)) * 1000.0
            rows.append((f"A{number}", day.isoformat(), stop.isoformat(), mrr, segment, csm, 1.0 + number))
            day = stop + timedelta(days=1 + draw(st.integers(0, 60)))
    names = ["account_id", "start_date", "end_date", "mrr", "segment", "csm", "onboarding_sessions"]
    return pd.DataFrame(rows, columns=names)


def wide(table: pd.DataFrame, value: str = "value") -> pd.DataFrame:
    frame = kpi_frame(contract_months(table, FIRST, LAST), FIRST, LAST, 0.75)
    return frame.pivot(index=["month", "segment"], columns="metric", values=value)


@FEWER
@given(contracts())
def test_identities(table: pd.DataFrame) -> None:
    v = wide(table)
    moved = v["accounts_opening"] + v["accounts_new"] + v["accounts_returned"] - v["accounts_lost"]
    assert (moved == v["accounts"]).all()
    following = v["accounts_opening"].groupby("segment").shift(-1)
    assert (following.isna() | (following == v["accounts"])).all()
    there = v["grr"].notna()
    assert np.allclose(v["grr"][there] + v["expansion"][there], v["nrr"][there])
    assert np.allclose(v["grr"][there] + v["revenue_churn"][there], 1)
    for one, other in (("grr", "nrr"), ("grr_12m", "nrr_12m")):
        known = v[one].notna()
        assert (v[one][known] <= 1).all() and (v[one][known] <= v[other][known]).all()


@pytest.mark.slow
@FEWER
@given(contracts())
def test_segments_add_up(table: pd.DataFrame) -> None:
    for value, metrics in (
        (
            "value",
            ["accounts_opening", "accounts_new", "accounts_returned", "accounts_lost", "accounts", "arr"],
        ),
        ("n", ["logo_churn", "onboarding_sessions"]),
    ):
        frame = wide(table, value)[metrics]
        whole = frame.xs("all", level="segment")
        if set(frame.index.get_level_values("segment")) == {"all"}:
            assert set(contract_months(table, FIRST, LAST)["segment"]) <= {""}
            continue
        parts = frame.drop(index="all", level="segment").groupby("month").sum()
        assert np.allclose(parts, whole)


@pytest.mark.slow
@FEWER
@given(contracts(), st.randoms(use_true_random=False))
def test_row_order_changes_nothing(table: pd.DataFrame, order: Any) -> None:
    shuffled = table.iloc[order.sample(range(len(table)), len(table))]
    pd.testing.assert_frame_equal(wide(shuffled), wide(table), check_exact=True)


@FEWER
@given(contracts())
def test_values_are_finite_or_have_no_case(table: pd.DataFrame) -> None:
    frame = kpi_frame(contract_months(table, FIRST, LAST), FIRST, LAST, 0.75)
    assert not np.isinf(frame[["value", "low", "high"]]).any(axis=None)
    assert (frame.loc[frame["value"].isna(), "n"] == 0).all()
    churn = frame[frame["metric"].str.startswith("logo_churn") & frame["value"].notna()]
    assert ((churn["low"] <= churn["value"] + 1e-12) & (churn["value"] <= churn["high"] + 1e-12)).all()


@pytest.mark.slow
@FEWER
@given(contracts())
def test_one_segment_called_all_is_none(table: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(wide(table.assign(segment="all")), wide(table.assign(segment="")))


def test_wilson_matches_a_published_example() -> None:
    # Newcombe 1998, table I, method 3 (score without continuity correction).
    for hits, trials, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)):
        found = wilson(np.array([float(hits)]), np.array([float(trials)]))
        assert [round(float(end[0]), 4) for end in found] == [low, high]


def test_the_frame_is_tidy(kpis: Kpis) -> None:
    frame = kpis.to_frame()
    assert tuple(frame.columns) == COLUMNS
    assert not frame.duplicated(["month", "segment", "metric"]).any()
    assert frame["month"].min() == pd.Timestamp("2024-04-01")
    assert frame["month"].max() == pd.Timestamp("2026-03-01")
    assert set(frame["segment"]) == {"all"} and len(frame) == 24 * len(METRICS)


def test_the_example_agrees_with_its_parameters(kpis: Kpis) -> None:
    last = kpis.latest()
    assert last.at["arr", "value"] == 300_276_000 and last.at["accounts", "value"] == 439
    assert last.at["logo_churn_mean_12m", "value"] == pytest.approx(0.0284, abs=0.0001)
    half = (last.at["logo_churn_mean_12m", "high"] - last.at["logo_churn_mean_12m", "low"]) / 2
    assert half == pytest.approx(0.0045, abs=0.0004)  # what a year of such a company can tell
    assert last.at["accounts_per_csm", "value"] == pytest.approx(87.8)
    assert {"kpi.arr_agrees", "kpi.accounts_agrees", "kpi.churn_agrees"} <= set(keys(kpis))
    growth = kpis.to_frame().query("metric == 'accounts'")["value"]
    assert growth.iloc[-1] / growth.iloc[-13] == pytest.approx(1.2, abs=0.005)
    assert not any(finding.level == "warning" for finding in kpis.findings)


def test_differences_are_told_with_their_size(example: Dataset, committed: pd.DataFrame) -> None:
    ds = having(example, committed[committed["account_id"] < "A0400"])
    result = compute_kpis(ds)
    told = {f.key: f for f in result.findings}
    assert told["kpi.arr_differs"].level == told["kpi.accounts_differs"].level == "warning"
    own = result.latest().at["accounts", "value"]
    assert f"{own - 439:,.0f}" in told["kpi.accounts_differs"].sentence("en")
    assert "kpi.churn_differs" in told


def test_a_declared_revenue_churn_is_compared_with_revenue_churn(
    example: Dataset, committed: pd.DataFrame
) -> None:
    parameters = example.base.space.parameters
    basis = replace(parameters["churn_basis"], default="revenue")
    space = replace(example.base.space, parameters={**parameters, "churn_basis": basis})
    ds = replace(having(example, committed), scenario=replace(example.scenario, space=space))
    assert "kpi.churn_by_revenue" in keys(compute_kpis(ds))


def test_without_accounts_it_says_so(example: Dataset) -> None:
    bare = replace(example, tables={k: v for k, v in example.tables.items() if k != "accounts"})
    result = compute_kpis(bare)
    assert result.to_frame().empty and tuple(result.to_frame().columns) == COLUMNS
    assert keys(result) == ["kpi.no_table"]


def test_a_company_that_has_just_begun_has_no_month_yet(example: Dataset) -> None:
    result = compute_kpis(having(example, periods(("A", "2026-04-03", "", 1e5))))
    assert result.to_frame().empty and keys(result) == ["kpi.no_month"]
    begun = compute_kpis(having(example, periods(("A", "2026-01-03", "", 1e5))))
    assert begun.to_frame()["month"].nunique() == 3 and "kpi.no_year" in keys(begun)


def test_a_longer_table_gives_the_same_months() -> None:
    table = periods(("A", "2025-01-10", "2025-08-20", 1e5), ("B", "2025-02-10", "", 2e5))
    longer = kpi_frame(contract_months(table, "2024-06", "2026-12"), FIRST, LAST, 0.75)
    pd.testing.assert_frame_equal(longer, kpi_frame(contract_months(table, FIRST, LAST), FIRST, LAST, 0.75))


def test_months_may_be_chosen(example: Dataset, committed: pd.DataFrame) -> None:
    ds = having(example, committed)
    chosen = compute_kpis(ds, first="2025-04", last="2025-06").to_frame()
    assert chosen["month"].nunique() == 3
    whole = compute_kpis(ds).to_frame()
    churn = whole[(whole["metric"] == "logo_churn") & whole["month"].between("2025-04-01", "2025-06-01")]
    assert churn["value"].tolist() == chosen.loc[chosen["metric"] == "logo_churn", "value"].tolist()


def test_cautions(example: Dataset) -> None:
    table = periods(
        ("A", "2024-05-01", "", 1e5),
        ("B", "2024-06-01", "2026-02-28", 1e5),  # away for two days: lost and returned
        ("B", "2026-03-03", "", 1e5),
        ("C", "2026-03-03", "2026-03-20", 1e5),  # never at an opening
        ("D", "2026-05-01", "", 1e5),  # not begun
        csm=["", "x", "x", "x", "x"],
    )
    result = compute_kpis(having(example, table))
    told = {f.key: f.sentence("en") for f in result.findings}
    assert {"kpi.returned", "kpi.short_gaps", "kpi.unseen", "kpi.later", "kpi.no_csm"} <= set(told)
    assert told["kpi.no_csm"].startswith("1 of 2 accounts")
    bridged = keys(compute_kpis(having(example, table), gap_days=31))
    assert "kpi.returned" not in bridged and "kpi.short_gaps" not in bridged


def test_a_table_that_forgot_its_lost_accounts_is_questioned(
    example: Dataset, committed: pd.DataFrame
) -> None:
    stays = with_dates(committed)
    follows = stays.groupby("account_id")["start_date"].shift(-1) == stays["end_date"] + pd.Timedelta(days=1)
    gone = stays.loc[~follows & (stays["end_date"] < "2025-04-01"), "account_id"]
    kept = committed[~committed["account_id"].isin(gone)]
    result = compute_kpis(having(example, kept))
    (finding,) = (f for f in result.findings if f.key == "kpi.no_loss_before")
    assert "2025-04" in finding.sentence("en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_definitions_cover_every_metric(lang: str) -> None:
    table = definitions(lang)
    assert table["metric"].tolist() == [m.name for m in METRICS]
    assert table[["label", "definition", "choice"]].map(len).gt(2).all(axis=None)
    assert (table["label"] != table["metric"]).all()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sentences_end_as_sentences(kpis: Kpis, lang: str) -> None:
    stop = "。" if lang == "ja" else "."
    for sentence in kpis.sentences(lang):
        assert sentence.endswith(stop) and "{" not in sentence and "nan" not in sentence
