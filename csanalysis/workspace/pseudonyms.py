"""Accounts and persons under other names, for reports that leave the house."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from csanalysis.model.disclosure import pseudonyms

COLUMNS = ("account_id", "csm")


def other_names(accounts: pd.DataFrame, lang: str) -> dict[str, dict[str, str]]:
    """Return column of the accounts table -> name -> pseudonym."""
    return {column: pseudonyms(accounts[column], column, lang) for column in COLUMNS if column in accounts}


def hide_names(accounts: pd.DataFrame, others: dict[str, dict[str, str]]) -> pd.DataFrame:
    """Return the accounts table with pseudonyms of accounts and persons."""
    changed = {
        column: accounts[column].map(lambda name, to=names: to.get(name, name)).astype(str)
        for column, names in others.items()
    }
    return accounts.assign(**changed)


def hide_repairs(repairs: pd.DataFrame, files: Iterable[str]) -> pd.DataFrame:
    """Return the repairs log without the values of files that name accounts."""
    of_accounts = repairs["file"].isin(list(files))
    hidden = {name: repairs[name].mask(of_accounts, "") for name in ("before", "after")}
    names = of_accounts & repairs["rule"].eq("near_names")
    return repairs.assign(**hidden, detail=repairs["detail"].mask(names, "-"))
