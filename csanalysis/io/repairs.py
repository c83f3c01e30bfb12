"""What a reader tells: faults with their place, and the log of everything it mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from csanalysis.errors import DataContractError, Failure
from csanalysis.labels import text

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("rule", "count", "cells", "before", "after", "detail")
"""Columns of a repairs log; `read_table` puts the file before them."""
SHOWN = 10
"""Places and values that an entry names; the rest is counted."""


@dataclass(frozen=True)
class Place:
    """Where a table is being read, for faults.

    Attributes
    ----------
    file, sheet : str
        As errors name them; the sheet is empty for text files.
    lang : {"ja", "en"}
        Language of error texts.
    """

    file: str
    lang: str
    sheet: str = ""

    def failure(
        self, rule: str, *, row: int | None = None, column: str = "", value: str = "", **values: Any
    ) -> Failure:
        """Build a failure from the texts ``data.<rule>.expected`` and ``data.<rule>.fix``."""
        values = {"value": shortened(value), "column": column, **values}
        return Failure(
            file=self.file,
            sheet=self.sheet,
            row=row,
            column=column,
            value=shortened(value),
            expected=text(f"data.{rule}.expected", self.lang, **values),
            fix=text(f"data.{rule}.fix", self.lang, **values),
            lang=self.lang,
        )

    def fault(
        self, rule: str, *, row: int | None = None, column: str = "", value: str = "", **values: Any
    ) -> DataContractError:
        """Build the error of one failure."""
        return DataContractError([self.failure(rule, row=row, column=column, value=value, **values)])


@dataclass
class Log:
    """The repairs of one file, in the order in which they were made.

    Attributes
    ----------
    entries : list of dict
        Each with the keys of `COLUMNS`.
    """

    entries: list[dict[str, object]] = field(default_factory=list)

    def tell(
        self,
        rule: str,
        detail: str = "",
        *,
        count: int | None = None,
        cells: Sequence[str] = (),
        before: str = "",
        after: str = "",
    ) -> None:
        """Note one kind of repair; `count` is the number of `cells`, or 1, unless given."""
        shown = shortened(before), shortened(after)
        if before != after and shown[0] == shown[1]:  # only spaces differ: they are made visible
            shown = _with_spaces(before), _with_spaces(after)
        self.entries.append(
            {
                "rule": rule,
                "count": (len(cells) or 1) if count is None else count,
                "cells": listed(cells),
                "before": shown[0],
                "after": shown[1],
                "detail": detail,
            }
        )

    def tell_cells(
        self, rule: str, column: pd.Series[str], values: Sequence[str], detail: str = "", *, after: str = ""
    ) -> None:
        """Note the cells of a column that hold one of some values; the first value is the example."""
        rows = column.index[column.isin(list(values))]
        cells = [f"{column.name}:{row}" for row in rows[: SHOWN + 1]]
        shown = detail or str(column.name)
        self.tell(rule, shown, count=len(rows), cells=cells, before=values[0], after=after)


def listed(names: Iterable[object]) -> str:
    """Return the first names in one line; an ellipsis stands for the rest.

    Examples
    --------
    >>> listed(range(12))
    '0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …'
    """
    shown = [str(name) for name in names]
    return ", ".join(shown[:SHOWN] + (["…"] if len(shown) > SHOWN else []))


def shortened(value: str, length: int = 80) -> str:
    r"""Return a value in one line of at most `length` characters.

    Examples
    --------
    >>> shortened("a\nb"), len(shortened("x" * 100))
    ('a b', 80)
    """
    plain = " ".join(value[: 4 * length].split())
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def _with_spaces(value: str) -> str:
    return shortened(re.sub(r"\s", "␣", value))
