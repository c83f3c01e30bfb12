"""What a report that leaves the house may not tell: who the customers are, and figures of few of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from csanalysis.labels import text

LEAST = 5
"""Fewest customers of a group whose figures are shown: below, they would tell of single customers."""
VARIABLE = "CSANALYSIS_NAMES"
HIDDEN, SHOWN = "hidden", "shown"
PSEUDONYMS = {"account_id": "pseudonym.account", "csm": "pseudonym.csm", "stranger": "pseudonym.stranger"}
"""Column -> what its names become; a stranger is an account of the usage log without a contract."""


def names_are_hidden() -> bool:
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
    return {
        name: text(PSEUDONYMS[column], lang, number=f"{n:0{digits}d}") for n, name in enumerate(distinct, 1)
    }


def renamed(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return a frame whose ``account_id`` has other names; one without another name keeps its own."""
    own = frame["account_id"]
    return frame.assign(account_id=own.map(lambda name: names.get(name, name)).astype(own.dtype))


def withheld(counts: Iterable[float]) -> list[bool]:
    """Tell which groups of customers may not be shown, where their sum may be known.

    Groups of one to four are withheld. As long as all that is withheld makes fewer than five together, the
    smallest group that is left goes too: otherwise the sum less the groups shown would give it back. The
    analyst's own screen (``CSANALYSIS_NAMES=shown``, as in ``lab`` and ``report --show-names``) shows all.

    Parameters
    ----------
    counts : iterable of float, shape (n_groups,)
        Customers of each group; NaN counts as none.

    Returns
    -------
    list of bool, shape (n_groups,)

    Examples
    --------
    >>> withheld([40, 3, 12, 0]), withheld([40, 3, 2, 0]), withheld([40, 0])
    ([False, True, True, False], [False, True, True, False], [False, False])
    """
    sizes = np.nan_to_num(np.fromiter(counts, dtype=float))
    few: list[bool] = [bool(0 < size < LEAST) for size in sizes]
    if os.environ.get(VARIABLE) == SHOWN:
        return [False] * len(few)
    while any(few) and sum(sizes[few]) < LEAST:
        left = [n for n, size in enumerate(sizes) if size > 0 and not few[n]]
        if not left:
            break
        few[min(left, key=lambda n: sizes[n])] = True
    return few


def covered(cells: Sequence[str], where: Sequence[bool], lang: str) -> list[str]:
    """Return cells of a table with those withheld said in words.

    Examples
    --------
    >>> covered(["3", "40"], [True, False], "en")
    ['withheld (few)', '40']
    """
    hidden = text("disclosure.cell", lang)
    return [hidden if cover else cell for cell, cover in zip(cells, where, strict=True)]


def noted(caption: str, where: Sequence[bool], lang: str) -> str:
    """Return a caption that says why something is withheld, where something is.

    Examples
    --------
    >>> noted("Tiers", [True], "en")[:30], noted("Tiers", [False], "en")
    ('Tiers. Groups of fewer than 5 ', 'Tiers')
    """
    if not any(where):
        return caption
    stop = "" if caption.endswith((".", "。")) else "。" if lang == "ja" else "."
    return f"{caption}{stop} {text('disclosure.note', lang, least=LEAST)}".replace("。 ", "。")
