"""The committed example equals its generator, and fits the default example."""

from __future__ import annotations

import gzip

import pandas as pd
import pytest

from csanalysis.schemas.accounts import faults, with_dates
from tools import example_accounts, example_events


@pytest.fixture(scope="module")
def contracts() -> pd.DataFrame:
    text = pd.read_csv(example_accounts.PATH, dtype=str, keep_default_na=False)
    return text.assign(mrr=text["mrr"].astype(float))


def test_the_file_is_what_the_generator_writes() -> None:
    assert example_accounts.PATH.read_text(encoding="utf-8") == example_accounts.content()


def test_another_seed_is_another_company() -> None:
    assert example_accounts.content(7) != example_accounts.content()


def test_the_company_today(contracts: pd.DataFrame) -> None:
    assert not list(faults(contracts))
    running = contracts[contracts["end_date"] == ""]
    assert len(running) == running["account_id"].nunique() == 439
    assert running["mrr"].sum() * 12 == 300_276_000
    assert set(contracts["csm"]) == {f"csm_{n}" for n in range(1, 6)}
    assert set(contracts["segment"]) == {""}
    assert contracts["account_id"].str.fullmatch(r"A\d{4}").all()
    sessions = contracts.drop_duplicates("account_id")["onboarding_sessions"].astype(int)
    assert sessions.mean() == pytest.approx(2.84, abs=0.01)


def test_accounts_leave_at_the_end_of_a_contract_year_only(contracts: pd.DataFrame) -> None:
    dated = with_dates(contracts)
    followed = dated.groupby("account_id")["start_date"].shift(-1)
    leaving = dated[dated["end_date"].notna() & (followed != dated["end_date"] + pd.Timedelta(days=1))]
    assert len(leaving) > 200


def test_the_worked_example_renews_by_term(contracts: pd.DataFrame) -> None:
    """Dates would replace A / m, and with it the 531 hours of month 12."""
    assert set(contracts["renewal_date"]) == {""}


def test_log_and_hours_are_what_the_generator_writes() -> None:
    """The packed file is compared unpacked: zlib may pack the same bytes in other ways."""
    written = gzip.decompress(example_events.EVENTS.read_bytes()).decode()
    assert written == example_events.events_content()
    assert example_events.ACTUALS.read_text(encoding="utf-8") == example_events.actuals_content()
