"""Rows of cells to columns of plain text; spaces and marks around the texts are taken off and told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa

from csanalysis.io.repairs import SHOWN, Log
from csanalysis.io.writers import RISKY

_INVISIBLE = "[\u200b\u200e\u200f\u2060\ufeff]"
_TEXT_FORMULA = re.compile(r'^="([^"]*)"$')


def frame_of(rows: list[list[str]], index: pd.Index[int], names: list[str], log: Log) -> pd.DataFrame:
    """Return the rows as columns of plain text, one column after the other; the rows are used up."""
    marks, formulas, spaces = _Changes(), _Changes(), _Changes()
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    rows.clear()
    data: dict[str, pd.Series[str]] = {}
    for name in reversed(names):
        cells = _texts(columns.pop(), index)
        guarded = cells.str.startswith("'")
        if guarded.any():
            cells = marks.note(
                cells, cells.where(~(guarded & cells.str.match(RISKY)), cells.str[1:].str.strip()), name
            )
        formula = cells.str.startswith('="')
        if formula.any():
            plain = cells.str.replace(_TEXT_FORMULA, r"\1", regex=True)
            cells = formulas.note(cells, cells.where(~formula, plain), name)
        data[name] = spaces.note(cells, _trimmed(cells), name)
    for rule, changes in (("spaces", spaces), ("formula_mark", marks), ("text_formula", formulas)):
        if changes.count:
            before, after = changes.example
            places = changes.places[::-1]
            log.tell(rule, count=changes.count, cells=places, before=before, after=after)
    return pd.DataFrame({name: data.pop(name) for name in names})


def _texts(cells: Sequence[str], index: pd.Index[int]) -> pd.Series[str]:
    """Return cells as a column of text; by way of Arrow, without an array of objects between."""
    return pd.Series(pd.array(pa.array(cells, pa.large_string()), dtype="str"), index=index)


def _trimmed(cells: pd.Series[str]) -> pd.Series[str]:
    """Return cells without spaces around them, and without marks that no one sees."""
    plain = cells.str.strip()
    if plain.str.isascii().all() or not plain.str.contains(_INVISIBLE, regex=True).any():
        return plain
    return plain.str.replace(_INVISIBLE, "", regex=True).str.strip()


@dataclass
class _Changes:
    """Cells that one rule changed: how many, the first places, and one of them before and after."""

    count: int = 0
    places: list[str] = field(default_factory=list)
    example: tuple[str, str] = ("", "")

    def note(self, before: pd.Series[str], after: pd.Series[str], name: str) -> pd.Series[str]:
        """Note the cells that differ and return the new ones."""
        changed = np.flatnonzero((before != after).to_numpy(bool))
        if len(changed):
            self.count += len(changed)
            self.places += [f"{name}:{before.index[at]}" for at in changed[SHOWN::-1]]
            at = changed[0]
            self.example = (str(before.iat[at]), str(after.iat[at]))
        return after
