"""Every KPI worked out by hand on ten accounts, March 2026 being the month looked at.

Amounts are in 1,000 JPY a month. `|` marks the openings of March and April (1 March, 1 April).

    account  segment  CSM  contract periods                                   March  | April
    A        smb      x    2024-05-01 ...            100                        100  |  100
    B        smb      x    2024-06-01 - 2026-03-15    80                         80  |    -   lost
    C        smb      x    2024-07-01 - 2026-02-28    60                          -  |    -   lost in February
    D        smb      x    2026-03-10 ...             50   3 sessions             -  |   50   new, mid-month
    E        smb      -    2026-04-01 ...             70   2 sessions             -  |   70   new: first day
    F        smb      x    2024-04-01 - 2025-11-30    40,  2026-03-20 ... 40      -  |   40   returned
    G        ent      y    2025-01-15 - 2026-03-14   200,  then 260             200  |  260   upgrade
    H        ent      y    2025-02-01 - 2026-03-20   150,  then 120             150  |  120   downgrade
    I        ent      z    2026-03-05 - 2026-03-25    30                          -  |    -   never seen
    J        ent      z    2024-03-01 - 2026-03-10    90,  2026-03-13 ... 90     90  |   90   break not seen
                                                                              -----    -----
                                                                        5 accounts 620    7 accounts 730
"""

from __future__ import annotations

import math

import pandas as pd
import pytest

from csanalysis.accounts.contract_months import Unseen, contract_months, unseen
from csanalysis.diagnosis.kpis import kpi_frame

PERIODS = [
    ("A", "smb", "x", "2024-05-01", "", 100, 5),
    ("B", "smb", "x", "2024-06-01", "2026-03-15", 80, 5),
    ("C", "smb", "x", "2024-07-01", "2026-02-28", 60, 5),
    ("D", "smb", "x", "2026-03-10", "", 50, 3),
    ("E", "smb", "", "2026-04-01", "", 70, 2),
    ("F", "smb", "x", "2024-04-01", "2025-11-30", 40, 5),
    ("F", "smb", "x", "2026-03-20", "", 40, 9),
    ("G", "ent", "y", "2025-01-15", "2026-03-14", 200, 5),
    ("G", "ent", "y", "2026-03-15", "", 260, 5),
    ("H", "ent", "y", "2025-02-01", "2026-03-20", 150, 5),
    ("H", "ent", "y", "2026-03-21", "", 120, 5),
    ("I", "ent", "z", "2026-03-05", "2026-03-25", 30, 9),
    ("J", "ent", "z", "2024-03-01", "2026-03-10", 90, 5),
    ("J", "ent", "z", "2026-03-13", "", 90, 5),
]
COLUMNS = ["account_id", "segment", "csm", "start_date", "end_date", "mrr", "onboarding_sessions"]
CONTRACTS = pd.DataFrame(PERIODS, columns=COLUMNS)
FIRST, MARCH = "2024-02", "2026-03"
MARGIN = 0.75

BY_HAND = {
    "all": {
        "accounts_opening": (5, 5),  # A B G H J
        "accounts_new": (2, 2),  # D (10 March) and E (1 April: open at the closing of March)
        "accounts_returned": (1, 1),  # F, away from December
        "accounts_lost": (1, 1),  # B; C left on the last of February
        "accounts": (7, 7),  # 5 + 2 + 1 - 1: A D E F G H J
        "logo_churn": (1 / 5, 5),
        # Openings of April to November 2025: A B C F G H J = 7, eight times; December to February 6 (F gone);
        # March 5 (C gone): 56 + 18 + 5 = 79 account-months. Lost: F, C, B.
        "logo_churn_mean_12m": (3 / 79, 79),
        "revenue_churn": ((80 + 30) / 620, 5),  # B gone, H cut from 150 to 120
        # Opening MRR: 720 eight times, 680 three times, 620. Lost or cut: 40 + 60 + 110.
        "revenue_churn_mean_12m": (210 / (8 * 720 + 3 * 680 + 620), 79),
        "grr": ((100 + 0 + 200 + 120 + 90) / 620, 5),  # G not above its opening 200
        "nrr": ((100 + 0 + 260 + 120 + 90) / 620, 5),  # D, E, F stay out
        "expansion": (60 / 620, 5),  # G
        # Opening of April 2025: A 100, B 80, C 60, F 40, G 200, H 150, J 90 = 720.
        "grr_12m": ((100 + 0 + 0 + 40 + 200 + 120 + 90) / 720, 7),
        "nrr_12m": ((100 + 0 + 0 + 40 + 260 + 120 + 90) / 720, 7),  # F is back: it counts as kept
        "arr": (12 * 730, 7),
        "accounts_per_csm": (6 / 3, 3),  # E has no CSM; x has A D F, y has G H, z has J
        "arr_per_csm": (12 * 660 / 3, 3),
        "onboarding_sessions": ((3 + 2) / 2, 2),  # D and E; F was onboarded in 2024
        "ltv": (730 / 7 * 0.75 / (1 / 5), 5),
        "ltv_12m": (730 / 7 * 0.75 / (3 / 79), 79),
    },
    "smb": {
        "accounts_opening": (2, 2),
        "accounts_new": (2, 2),
        "accounts_returned": (1, 1),
        "accounts_lost": (1, 1),
        "accounts": (4, 4),
        "logo_churn": (1 / 2, 2),
        # A B C F: 4 in eight openings, 3 in three, then A and B.
        "logo_churn_mean_12m": (3 / (8 * 4 + 3 * 3 + 2), 43),
        "revenue_churn": (80 / 180, 2),
        "revenue_churn_mean_12m": (180 / (8 * 280 + 3 * 240 + 180), 43),
        "grr": (100 / 180, 2),
        "nrr": (100 / 180, 2),
        "expansion": (0, 2),
        "grr_12m": (140 / 280, 4),
        "nrr_12m": (140 / 280, 4),
        "arr": (12 * 260, 4),
        "accounts_per_csm": (3, 1),
        "arr_per_csm": (12 * 190, 1),
        "onboarding_sessions": (2.5, 2),
        "ltv": (260 / 4 * 0.75 * 2, 2),
        "ltv_12m": (260 / 4 * 0.75 * 43 / 3, 43),
    },
    "ent": {
        "accounts_opening": (3, 3),
        "accounts_new": (0, 0),
        "accounts_returned": (0, 0),
        "accounts_lost": (0, 0),
        "accounts": (3, 3),
        "logo_churn": (0, 3),
        "logo_churn_mean_12m": (0, 36),
        "revenue_churn": (30 / 440, 3),
        "revenue_churn_mean_12m": (30 / (12 * 440), 36),
        "grr": (410 / 440, 3),
        "nrr": (470 / 440, 3),
        "expansion": (60 / 440, 3),
        "grr_12m": (410 / 440, 3),
        "nrr_12m": (470 / 440, 3),
        "arr": (12 * 470, 3),
        "accounts_per_csm": (3 / 2, 2),
        "arr_per_csm": (12 * 470 / 2, 2),
        "onboarding_sessions": (math.nan, 0),  # nobody new
        "ltv": (math.nan, 0),  # nobody lost
        "ltv_12m": (math.nan, 0),
    },
}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return contract_months(CONTRACTS, FIRST, MARCH)


@pytest.fixture(scope="module")
def kpis(table: pd.DataFrame) -> pd.DataFrame:
    return kpi_frame(table, FIRST, MARCH, MARGIN).set_index(["month", "segment", "metric"]).sort_index()


def at(kpis: pd.DataFrame, month: str, segment: str = "all") -> pd.DataFrame:
    found: pd.DataFrame = kpis.loc[(pd.Timestamp(month), segment)]
    return found


@pytest.mark.parametrize("segment", ["all", "smb", "ent"])
def test_march_is_as_worked_out(kpis: pd.DataFrame, segment: str) -> None:
    found = at(kpis, MARCH, segment)
    assert list(found.index) and set(found.index) == set(BY_HAND[segment])
    for metric, (value, n) in BY_HAND[segment].items():
        assert found.at[metric, "value"] == pytest.approx(value, nan_ok=True), metric
        assert found.at[metric, "n"] == n, metric


def test_last_day_and_mid_month(kpis: pd.DataFrame) -> None:
    assert at(kpis, "2026-02").at["accounts_lost", "value"] == 1  # C: last day 28 February
    assert at(kpis, "2025-11").at["accounts_lost", "value"] == 1  # F: last day 30 November
    assert at(kpis, "2025-01").at["accounts_new", "value"] == 2  # G: 15 January; H: 1 February


def test_a_month_without_opening_accounts_has_no_rates(kpis: pd.DataFrame) -> None:
    first = at(kpis, FIRST)  # February 2024: J starts on 1 March, so it is new, and nobody was there before
    assert first.at["accounts_new", "value"] == first.at["accounts", "value"] == 1
    for metric in ("logo_churn", "revenue_churn", "grr", "nrr", "expansion", "nrr_12m", "ltv"):
        assert math.isnan(first.at[metric, "value"]) and first.at[metric, "n"] == 0


def test_twelve_month_figures_wait_for_twelve_months(kpis: pd.DataFrame) -> None:
    values = kpis.xs("all", level="segment")["value"].unstack()
    for metric in ("nrr_12m", "grr_12m", "ltv_12m"):
        assert math.isnan(values.at[pd.Timestamp("2024-12"), metric])
    # February 2024 opens with nobody, so the first cohort is that of March: J alone, still there.
    assert math.isnan(values.at[pd.Timestamp("2025-01"), "nrr_12m"])
    assert values.at[pd.Timestamp("2025-02"), "nrr_12m"] == 1


def test_what_lies_between_two_openings_is_counted_apart() -> None:
    # I came and went within March; J was away on 11 and 12 March.
    assert unseen(CONTRACTS, FIRST, MARCH) == Unseen(spells=1, gaps=1, short_gaps=0)


def test_the_rows_of_single_accounts(table: pd.DataFrame) -> None:
    march = table[table["month"] == MARCH].set_index("account_id")
    flags = march[["is_new", "is_returned", "is_lost"]].astype(int)
    assert sorted(march.index) == list("ABDEFGHJ")
    assert flags.loc["D"].tolist() == flags.loc["E"].tolist() == [1, 0, 0]
    assert flags.loc["F"].tolist() == [0, 1, 0] and flags.loc["B"].tolist() == [0, 0, 1]
    assert march.loc["G", ["mrr_open", "mrr_close"]].tolist() == [200, 260]
    assert march.loc["B", ["mrr_open", "mrr_close"]].tolist() == [80, 0]
    assert march["onboarding_sessions"].dropna().to_dict() == {"D": 3, "E": 2}


def test_returning_can_be_read_as_never_having_left() -> None:
    # F was away from 1 December to 19 March: 109 days.
    def lost(gap_days: int) -> int:
        return int(contract_months(CONTRACTS, FIRST, MARCH, gap_days=gap_days)["is_lost"].sum())

    assert lost(1) == lost(109) == 3
    assert lost(110) == 2
