"""Accounts and persons under other names, for reports that leave the house."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from csanalysis.labels import text
from csanalysis.model.disclosure import pseudonyms

COLUMNS = ("account_id", "csm")
FORMATS = ("encoding", "unpacked", "other_kind", "delimiter")
"""Rules that quote nothing of the file."""
TECHNICAL = (
    *FORMATS,
    *("table_unit", "date_order", "future_rows", "nulls", "column_names", "header_rows", "units_row"),
    *("no_header", "unused_column", "notation", "quantities", "keys", "ditto_era", "left_as_text"),
)
"""Rules whose detail names columns, units or formats; others may quote titles, notes, sheets or rows."""


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


def hide_repairs(repairs: pd.DataFrame, files: Iterable[str], lang: str) -> pd.DataFrame:
    """Return the repairs log with what was in cells of files that name accounts withheld, and said to be."""
    of_accounts = repairs["file"].isin(list(files))
    kept = {"before": FORMATS, "after": FORMATS, "detail": TECHNICAL}
    words = text("disclosure.value", lang)
    hidden = {name: of_accounts & repairs[name].ne("") & ~repairs["rule"].isin(kept[name]) for name in kept}
    return repairs.assign(**{name: repairs[name].mask(where, words) for name, where in hidden.items()})
