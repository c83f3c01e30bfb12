"""What a report that leaves the house may not tell: who the customers are, and figures of few of them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from csanalysis.labels import text
from csanalysis.model.company_names import without_legal_form

LEAST = 5
"""Fewest customers of a group whose figures are shown: below, they would tell of single customers."""
VARIABLE = "CSANALYSIS_NAMES"
HIDDEN, SHOWN = "hidden", "shown"
PSEUDONYMS = {
    "account_id": "pseudonym.account",
    "csm": "pseudonym.csm",
    "rater": "pseudonym.rater",
    "stranger": "pseudonym.stranger",
}
"""Column -> what its names become; a stranger is an account of the usage log without a contract."""
FREE_TEXT = (
    *("name_ja", "name_en", "starts_when", "what_is_done", "done_when", "ends_when", "systems"),
    *("service_level", "lock_reason", "play_ja", "play_en", "label_ja", "label_en", "source"),
    *("note", "note_ja", "definition", "definition_ja"),
)
"""Columns in which an analyst writes sentences, and may name a customer."""
_SHORTEST = 4
_SHORTEST_FORM = 3


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


def hiding(names: Mapping[str, str], texts: Iterable[str]) -> Callable[[str], str]:
    """Return what writes other names into a text where it names somebody, whatever its width and case.

    Parameters
    ----------
    names : mapping of str to str
        Name -> other name. Numbers, and names of less than four ASCII characters or of one character, are not
        looked for in texts: they are words or codes as well. A company is also looked for without its legal
        form (株式会社, Inc.), if at least four ASCII characters or three others are left.
    texts : iterable of str
        All texts that will be asked for: only names that occur in them are looked for.

    Examples
    --------
    >>> texts = ["ﾍﾞｰﾀ商事向けの月報", "Report for ACME-1", "ACME-12"]
    >>> list(map(hiding({"株式会社ベータ商事": "顧客 001", "Acme-1": "顧客 002"}, texts), texts))
    ['顧客 001向けの月報', 'Report for 顧客 002', 'ACME-12']
    """
    whole = "\n".join(map(_folded, texts))
    heads = {whole[at : at + 2] for at in range(len(whole))}
    other = _with_short_forms({_folded(name): to for name, to in names.items() if _tells(name)})
    there = sorted((n for n in other if n[:2] in heads and n in whole), key=len, reverse=True)
    if not there:
        return str
    found = re.compile("|".join(_bounded(name) for name in there), re.I)

    def hide(text: str) -> str:
        plain = unicodedata.normalize("NFKC", text)
        changed = found.sub(lambda match: other.get(_folded(match[0]), match[0]), plain)
        return text if changed == plain else changed

    return hide


def without_names(tables: Mapping[str, pd.DataFrame], names: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """Return tables whose free texts name nobody; see `hiding`."""
    columns = [(table, name) for table, frame in tables.items() for name in FREE_TEXT if name in frame]
    hide = hiding(names, (str(cell) for table, name in columns for cell in tables[table][name].unique()))
    changed = dict(tables)
    for table, name in columns:
        own = changed[table][name]
        changed[table] = changed[table].assign(**{name: own.map(hide).astype(own.dtype)})
    return changed


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).lower()


def _with_short_forms(names: dict[str, str]) -> dict[str, str]:
    """Return folded names with those of companies without legal form; one of several names all."""
    short: dict[str, list[str]] = {}
    for name, to in names.items():
        plain = without_legal_form(name)
        if plain not in names and len(plain) >= (_SHORTEST if plain.isascii() else _SHORTEST_FORM):
            short.setdefault(plain, []).append(to)
    return names | {name: " / ".join(to) for name, to in short.items()}


def _tells(name: str) -> bool:
    return len(name) >= (_SHORTEST if name.isascii() else 2) and not name.isdigit()


def _bounded(name: str) -> str:
    """Return the pattern of a name that is no part of a longer ASCII word or number."""
    before = r"(?<![0-9A-Za-z])" if name[0].isascii() and name[0].isalnum() else ""
    after = r"(?![0-9A-Za-z])" if name[-1].isascii() and name[-1].isalnum() else ""
    return before + re.escape(name) + after


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
