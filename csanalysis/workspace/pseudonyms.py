"""Accounts and persons under other names, for reports that leave the house."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pandas as pd

from csanalysis.labels import text

COLUMNS = {"account_id": "pseudonym.account", "csm": "pseudonym.csm"}
VARIABLE = "CSANALYSIS_NAMES"
HIDDEN = "hidden"


def are_hidden() -> bool:
    """Tell whether this process may not show the names of accounts (a report without ``--show-names``)."""
    return os.environ.get(VARIABLE) == HIDDEN


def pseudonyms(names: Iterable[str], column: str, lang: str) -> dict[str, str]:
    """Return other names, numbered in the order of the file; an empty name stays empty.

    Examples
    --------
    >>> pseudonyms(["アルファ商事", "ベータ", "アルファ商事"], "account_id", "en")
    {'アルファ商事': 'account 001', 'ベータ': 'account 002'}
    """
    distinct = [name for name in dict.fromkeys(names) if name]
    digits = max(3, len(str(len(distinct))))
    return {name: text(COLUMNS[column], lang, number=f"{n:0{digits}d}") for n, name in enumerate(distinct, 1)}


def hide_names(accounts: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Return the accounts table with pseudonyms of accounts and persons."""
    changed = {}
    for column in COLUMNS:
        if column in accounts:
            others = pseudonyms(accounts[column], column, lang)
            changed[column] = accounts[column].map(lambda name, to=others: to.get(name, name)).astype(str)
    return accounts.assign(**changed)


def hide_repairs(repairs: pd.DataFrame, files: Iterable[str]) -> pd.DataFrame:
    """Return the repairs log without the values of files that name accounts."""
    of_accounts = repairs["file"].isin(list(files))
    hidden = {name: repairs[name].mask(of_accounts, "") for name in ("before", "after")}
    names = of_accounts & repairs["rule"].eq("near_names")
    return repairs.assign(**hidden, detail=repairs["detail"].mask(names, "-"))
