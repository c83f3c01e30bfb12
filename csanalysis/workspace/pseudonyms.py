"""Accounts and persons under other names, for reports that leave the house."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from csanalysis.io.provenance import Source
from csanalysis.labels import text
from csanalysis.model.disclosure import hiding, pseudonyms, without_names

COLUMNS = {"accounts": ("account_id", "csm"), "ratings": ("rater",)}
FORMATS = ("encoding", "unpacked", "other_kind", "delimiter")
"""Rules that quote nothing of the file."""
TECHNICAL = (
    *FORMATS,
    *("table_unit", "date_order", "future_rows", "nulls", "column_names", "header_rows", "units_row"),
    *("no_header", "unused_column", "notation", "quantities", "keys", "ditto_era", "left_as_text"),
)
"""Rules whose detail names columns, units or formats; others may quote titles, notes, sheets or rows."""


def other_names(tables: Mapping[str, pd.DataFrame], lang: str) -> dict[str, dict[str, str]]:
    """Return column -> name -> pseudonym: of accounts, their CSMs, and those who rated tasks."""
    found = {}
    for table, columns in COLUMNS.items():
        for column in (name for name in columns if table in tables and name in tables[table]):
            own = tables[table][column]
            # Whoever draws a rater takes them by name: pseudonyms stand in the same order.
            found[column] = pseudonyms(sorted(set(own)) if column == "rater" else own, column, lang)
    return found


def hide_names(
    tables: Mapping[str, pd.DataFrame], others: Mapping[str, Mapping[str, str]]
) -> dict[str, pd.DataFrame]:
    """Return tables with pseudonyms of accounts and persons, in their columns and in free texts."""
    changed = dict(tables)
    for table, columns in COLUMNS.items():
        for column in (name for name in columns if table in tables and name in others):
            own = changed[table][column]
            changed[table] = changed[table].assign(
                **{column: own.map(lambda name, to=others[column]: to.get(name, name)).astype(str)}
            )
    return without_names(changed, _everybody(others))


def hide_log(
    repairs: pd.DataFrame,
    sources: Iterable[Source],
    accounts_file: str,
    others: Mapping[str, Mapping[str, str]],
    lang: str,
) -> tuple[pd.DataFrame, list[Source]]:
    """Return log and input files with pseudonyms; what was in cells of the accounts file is withheld."""
    of_accounts = repairs["file"].eq(accounts_file)
    kept = {"before": FORMATS, "after": FORMATS, "detail": TECHNICAL}
    words = text("disclosure.value", lang)
    hidden = {name: of_accounts & repairs[name].ne("") & ~repairs["rule"].isin(kept[name]) for name in kept}
    repairs = repairs.assign(**{name: repairs[name].mask(where, words) for name, where in hidden.items()})
    sources = list(sources)
    columns = ["file", *kept]
    texts = [*repairs[columns].astype(str).to_numpy().ravel(), *(source.file for source in sources)]
    hide = hiding(_everybody(others), texts)
    repairs = repairs.assign(**{name: repairs[name].map(hide) for name in columns})
    return repairs, [replace(source, file=hide(source.file)) for source in sources]


def _everybody(others: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {name: other for names in others.values() for name, other in names.items()}
