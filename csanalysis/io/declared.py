"""Columns that are declared to hold dates."""

from __future__ import annotations

import re

import pandas as pd

from csanalysis.errors import Failure
from csanalysis.io.cleaning import NULLS
from csanalysis.io.date_columns import Column, row_of, tell_change
from csanalysis.io.dates import EraError, orders, read_day, read_ordered, read_serial
from csanalysis.io.repairs import Log, Place

_ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def iso_dates(series: pd.Series[str], place: Place, log: Log) -> tuple[pd.Series[str], list[Failure]]:
    """Return a column declared as dates in ISO form, and what is wrong with it.

    Eras, 年月日, day numbers of Excel and one order for day and month are read; other cells stay as they are.
    """
    cells = [str(c) for c in series.unique() if c and c not in NULLS]
    if all(_ISO.fullmatch(cell) for cell in cells):
        return series, []
    frame = series.to_frame()
    column = Column(str(series.name), cells, [])
    possible = orders(cells)
    if len(possible) > 1:
        row = row_of(frame, column, cells[0])
        return series, [place.failure("ambiguous_dates_here", row=row, column=column.name, value=cells[0])]
    mapping, failures = dict.fromkeys((c for c in series if c in NULLS), ""), []
    for cell in cells:
        try:
            day = (
                read_ordered(cell, next(iter(possible))) if possible else read_day(cell) or read_serial(cell)
            )
        except EraError:
            row = row_of(frame, column, cell)
            failures.append(place.failure("impossible_era", row=row, column=column.name, value=cell))
            continue
        if day is not None and day.day:
            mapping[cell] = day.iso()
    if any(a != b for a, b in mapping.items()):
        tell_change(column, frame, mapping, log, "ISO 8601")
    return series.map(lambda cell: mapping.get(cell, cell)).astype(str), failures
