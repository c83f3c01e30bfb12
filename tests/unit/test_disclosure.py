"""What leaves the house names no customer and tells no figure of fewer than five of them.

A report is read by people who know some customers: a figure of one to four of them, or one that a
subtraction gives back, tells what a single customer pays or does.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

import csanalysis as cs
from csanalysis import tables
from csanalysis.accounts.account_months import AccountMonths, account_months
from csanalysis.accounts.health import Health, score_health
from csanalysis.accounts.retention import Retention, measure_retention, told_part
from csanalysis.accounts.survival import kaplan_meier
from csanalysis.charts import health_scores, retention_curve, touch_tiers
from csanalysis.costing.touch import TouchPlan, plan_touch
from csanalysis.diagnosis.kpis import Kpis, compute_kpis
from csanalysis.labels import text
from csanalysis.model.dataset import Dataset
from csanalysis.model.disclosure import LEAST, VARIABLE
from csanalysis.widgets.measures import measures

HIDDEN = {lang: text("disclosure.cell", lang) for lang in ("ja", "en")}
SMALL = 3


def cells(html: str, column: int) -> list[str]:
    rows = BeautifulSoup(html, "html.parser").select("tbody tr")
    return [row.find_all(["th", "td"])[column].get_text() for row in rows]


@pytest.fixture(scope="module")
def few(example: Dataset) -> Dataset:
    """Sixty running contracts of the example: three pay far more, and three are a segment of their own."""
    contracts = example.tables["accounts"]
    running = contracts.loc[contracts["end_date"].isna()].head(60)
    first = np.arange(len(running)) < SMALL
    changed = running.assign(
        mrr=np.where(first, 250_000.0, running["mrr"]),
        complexity=1.0,
        segment=np.where(first, "few", np.where(np.arange(len(running)) < 20, "some", "many")),
    )
    return replace(example, tables={**example.tables, "accounts": changed})


@pytest.fixture(scope="module")
def plan(few: Dataset) -> TouchPlan:
    return plan_touch(few, few.base.replace(touch_high_min_arr=2e6, touch_low_min_arr=6e5))


@pytest.fixture(scope="module")
def health(few: Dataset) -> Health:
    return score_health(few, months=account_months(few), judge=False)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_tiers_of_few_accounts_are_withheld(few: Dataset, plan: TouchPlan, lang: str) -> None:
    """Three accounts stand as 22 in a scenario of 439: what counts is who is behind them."""
    assert round(plan.tiers[0].recorded, 6) == SMALL and plan.tiers[0].accounts > LEAST
    html = tables.touch(plan, lang).html
    for column in (1, 2, 3, 5, 6, 7, 8):
        assert cells(html, column)[:3] == [HIDDEN[lang]] * 3
    assert cells(html, 1)[3] == "439" and text("disclosure.note", lang, least=LEAST) in html
    told = " ".join(plan.sentences(lang))
    assert not any(f"{tier.fte:.1f}" in told for tier in plan.tiers[1:2])
    drawn = touch_tiers(plan, lang=lang)
    assert [bar.get_gid() for bar in drawn.patches].count("fte") == 1
    assert not [line for line in drawn.lines if line.get_gid() == "range"]


def test_no_equation_gives_a_tier_back(plan: TouchPlan, few: Dataset) -> None:
    """Total accounts and total FTE at known coverages are two equations: the second is told roughly."""
    sc = few.base.replace(touch_high_min_arr=2e6, touch_low_min_arr=6e5)
    found = {m.name: m for m in measures(few, sc, ["touch"])}
    assert found["measure.fte_total:"].value == round(plan.total.fte, 1)
    assert [m.shown("en") for name, m in found.items() if "fte_of" in name] == ["-"] * 3
    whole = sum(t.recorded for t in plan.tiers)
    rates = [t.accounts_per_csm for t in plan.tiers]
    scale = plan.total.accounts / whole
    shown = found["measure.fte_total:"].value
    possible = {
        high
        for high in range(int(whole) + 1)
        for low in range(int(whole) - high + 1)
        if abs(scale * (high / rates[0] + low / rates[1] + (whole - high - low) / rates[2]) - shown) <= 0.05
    }
    assert len(possible) > LEAST


def test_large_tiers_are_told(example: Dataset) -> None:
    assert HIDDEN["en"] not in tables.touch(plan_touch(example, example.base), "en").html


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_few_at_risk_and_few_triggers_are_withheld(health: Health, lang: str) -> None:
    bands = health.accounts["band"].value_counts()
    assert 0 < bands["at_risk"] < LEAST
    actions, sheet = (f(health, lang).html for f in (tables.health_actions, tables.health_sheet))
    counts = dict(zip(health.actions["trigger"], health.actions["accounts"], strict=True))
    for name, column in (("accounts", 5), ("mrr", 6), ("hours", 7)):
        shown = dict(zip(counts, cells(actions, column), strict=True))
        assert all(shown[t] == HIDDEN[lang] for t, n in counts.items() if 0 < n < LEAST), name
        assert any(shown[t] != HIDDEN[lang] for t in counts)
    assert cells(sheet, 2)[-2:] == [HIDDEN[lang]] * 2 and cells(sheet, 3)[-2:] == ["", ""]
    first = health.sentences(lang)[0]
    assert "60" in first and f"{health.accounts.loc[health.accounts['band'] == 'at_risk', 'mrr'].sum():,.0f}"[
        :2
    ] not in first.replace("2026-03", "")
    drawn = health_scores(health, lang=lang)
    bars = {bar.get_gid(): bar.get_height() for bar in drawn.patches if "withheld" in str(bar.get_gid())}
    assert bars and set(bars.values()) == {LEAST - 1}
    assert all(
        bar.get_height() >= LEAST for bar in drawn.patches if bar.get_gid() == "healthy" and bar.get_height()
    )


def test_sums_of_the_sheet_give_no_trigger_back(health: Health) -> None:
    """Of 16 plain and 1 risky renewal the sheet tells 17: both are withheld."""
    from csanalysis.accounts.health_few import SUMS, few_kpis, few_triggers

    triggers = few_triggers(health.actions)
    counts = dict(zip(health.actions["trigger"], health.actions["accounts"], strict=True))
    rows = few_kpis(health.sheet, health.accounts)
    for row, parts in SUMS.items():
        together = sum(counts[p] for p in parts if triggers[p])
        assert together == 0 or together >= LEAST or rows[row]


def test_single_accounts_show_no_amount_where_names_are_hidden(
    health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tables.health_accounts(health, "en").html
    monkeypatch.setenv(VARIABLE, "hidden")
    assert "JPY" in plain and "JPY" not in tables.health_accounts(health, "en").html


@pytest.fixture(scope="module")
def kpis(few: Dataset) -> Kpis:
    return compute_kpis(few)


def test_segments_beside_a_small_one_are_withheld_where_the_sum_would_tell(kpis: Kpis) -> None:
    """All less "many" less "some" is "few": the smaller of the two goes too."""
    row = cells(tables.kpis(kpis, "en").html, 0).index("ARR")
    shown = {
        s: cells(tables.kpis(kpis, "en", segment=s).html, 1)[row] for s in ("few", "some", "many", "all")
    }
    assert shown["few"] == shown["some"] == HIDDEN["en"]
    assert HIDDEN["en"] not in (shown["many"], shown["all"])


def test_losses_of_a_segment_do_not_come_back_through_its_rates() -> None:
    """Opening 40, lost 2: a churn of 5 % would tell the two that are withheld; so would new + returned."""
    values = {
        "accounts_opening": 40,
        "accounts_new": 7,
        "accounts_returned": 0,
        "accounts_lost": 2,
        "accounts": 45,
    }
    rows = [(s, m, v, v) for s in ("a", "b") for m, v in values.items()]
    rows += [(s, m, 0.05, 40) for s in ("a", "b") for m in ("logo_churn", "revenue_churn")]
    frame = pd.DataFrame(rows, columns=["segment", "metric", "value", "n"]).assign(
        month=pd.Timestamp("2026-03-01"), unit="account", low=np.nan, high=np.nan
    )
    html = tables.kpis(Kpis(frame, ()), "en", segment="a").html
    shown = dict(zip(cells(html, 0), cells(html, 1), strict=True))
    told = {name for name, cell in shown.items() if cell != HIDDEN["en"]}
    assert told == {"accounts at the opening", "accounts at the closing", "returned accounts"}


@pytest.fixture(scope="module")
def retention(example: Dataset) -> Retention:
    contracts = example.tables["accounts"]
    names = contracts["account_id"].drop_duplicates()[:SMALL]
    segment = contracts["account_id"].isin(set(names)).map({True: "few", False: "many"})
    tables = {**example.tables, "accounts": contracts.assign(segment=segment)}
    return measure_retention(account_months(replace(example, tables=tables)))


def test_a_curve_ends_where_too_few_are_left(retention: Retention) -> None:
    assert told_part(retention.curves["all"]).at_risk.min() >= LEAST > retention.curves["all"].at_risk.min()
    assert len(told_part(retention.curves["few"]).age) == 0
    assert len(told_part(kaplan_meier([], [], [])).age) == 0
    for lang in ("ja", "en"):
        drawn = retention_curve(retention, lang=lang)
        drawn_lines = {line.get_gid(): len(line.get_xdata()) for line in drawn.lines}
        assert drawn_lines["segment few"] == 0 < drawn_lines["segment many"]
        said = " ".join(t.get_text().replace("\n", "") for t in drawn.texts)
        assert text("chart.retention.notes_withheld", lang)[-10:] in said


def test_small_cohorts_are_withheld(retention: Retention) -> None:
    frame = retention.cohorts.copy()
    last = frame["cohort"].iloc[0]
    frame.loc[frame["cohort"] == last, "started"] = SMALL
    html = tables.cohorts(replace(retention, cohorts=frame), "en").html
    assert cells(html, 1)[0] == HIDDEN["en"] and cells(html, 2)[0] == ""
    assert HIDDEN["en"] not in tables.cohorts(retention, "en").html


@pytest.fixture(scope="module")
def hidden_months() -> tuple[Dataset, AccountMonths, AccountMonths]:
    shown, hidden = (cs.load_dataset("data", lang="en", show_names=show) for show in (True, False))
    return hidden, account_months(shown), account_months(hidden)


def test_pseudonyms_do_not_part_accounts_from_their_usage(
    hidden_months: tuple[Dataset, AccountMonths, AccountMonths],
) -> None:
    """The log names accounts as the company does: under pseudonyms not one event would find its account."""
    hidden, shown, found = hidden_months
    usage = ["events", "duplicates", "mrr_close"]
    pd.testing.assert_frame_equal(found.table[usage], shown.table[usage])
    assert found.log[["rule", "count"]].equals(shown.log[["rule", "count"]])
    own = set(hidden.pseudonyms) | {"A9999"}
    assert len(own) > 400 and own.isdisjoint(found.to_frame()["account_id"])
    told = found.log.to_string() + " ".join(found.sentences("en"))
    assert not any(name in told for name in own)
    assert "account without contract 001" in found.log["detail"].tolist()


@pytest.mark.slow
def test_a_stored_table_shows_no_names_where_they_are_hidden(
    hidden_months: tuple[Dataset, AccountMonths, AccountMonths],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hidden, shown, _ = hidden_months
    store = tmp_path_factory.mktemp("store")
    account_months(hidden, store=store, first="2026-02", last="2026-03")
    assert set(account_months(store).table["account_id"]) <= set(
        hidden.pseudonyms
    )  # the analyst's own folder
    monkeypatch.setenv(VARIABLE, "hidden")
    monkeypatch.setenv("CSANALYSIS_LANG", "en")
    again = account_months(store)
    assert again.table["account_id"].str.fullmatch(r"account \d{3}").all()
    assert len(again.table) == (shown.table["month"] >= "2026-02-01").sum()
