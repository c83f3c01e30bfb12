"""The names of the columns that a table keeps: blank, missing and doubled ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from csanalysis.io.headers import Header
from csanalysis.io.repairs import Log, Place, listed
from csanalysis.io.values import DATE, NUMBER, kind_of
from csanalysis.io.writers import unmarked


@dataclass(frozen=True)
class Rules:
    """How much of a table may be put right.

    Attributes
    ----------
    known : bool
        The columns were known: rows are data unless they say otherwise.
    totals : {"check", "keep"}
        Rows of totals: dropped where they are the sum of their rows, or kept as they are.
    doubled : {"refuse", "number"}
        Names that stand twice: stop, or number them (電話, 電話_2).
    """

    known: bool = False
    totals: str = "check"
    doubled: str = "refuse"


def names_of(
    rows: list[list[str]], header: Header, place: Place, log: Log, rules: Rules
) -> tuple[list[str], list[int]]:
    """Return the names of the columns that are kept, and their positions."""
    empty = [at for at, name in enumerate(header.names) if not name]
    if empty and header.found:
        blank = {at for at in empty if not any(row[at].strip() for row in rows)}
        last = max((n for n, name in enumerate(header.names) if name), default=0)
        inner = [at for at in empty if at in blank and at < last]
        if inner:
            log.tell("blank_columns", cells=[str(at + 1) for at in inner])
        empty = [at for at in empty if at not in blank]
        keep = [at for at in range(len(header.names)) if at not in blank]
    else:
        keep = list(range(len(header.names)))
    names = [unmarked(header.names[at]) or f"column_{at + 1}" for at in keep]
    for at in range(len(names)) if any(header.units) else ():
        unit = header.units[keep[at]]
        if unit and header.names.count(header.names[keep[at]]) > 1:
            names[at] = f"{names[at]}_{unit}"
    if not header.found:
        log.tell("no_header", listed(names), count=len(names))
    elif empty:
        log.tell("unnamed_columns", cells=[f"column_{at + 1}" for at in empty])
    return _distinct(names, keep, header, place, log, rules), keep


def _distinct(
    names: list[str], keep: list[int], header: Header, place: Place, log: Log, rules: Rules
) -> list[str]:
    """Return the names, numbered where they stand twice (電話, 電話_2); what can be no name stops.

    So do the same names on both sides of an empty column: these are two tables beside each other.
    """
    doubled = [name for name, count in Counter(names).items() if count > 1]
    if not doubled:
        return names
    gaps = [at for at in range(1, len(names)) if keep[at] > keep[at - 1] + 1]
    beside = len(doubled) > 1 and any(set(doubled) <= {*names[:at]} & {*names[at:]} for at in gaps)
    if beside:
        both = ", ".join(doubled)
        raise place.fault("tables_beside", row=_row(header), column=both, value=both)
    if rules.doubled == "refuse" or any(kind_of(name) in (NUMBER, DATE) for name in doubled):
        raise place.fault("doubled_header", row=_row(header), column=", ".join(doubled))
    found: list[str] = []
    changed: dict[int, str] = {}
    for at, name in enumerate(names):
        new, count = name, 1
        while new in found or (new != name and new in names):
            count += 1
            new = f"{name}_{count}"
        found.append(new)
        if new != name:
            changed[keep[at] + 1] = new
    log.tell("doubled_names", listed(changed.values()), cells=list(map(str, changed)), before=doubled[0])
    return found


def _row(header: Header) -> int | None:
    """Return the spreadsheet row that errors about names point to."""
    return header.body if header.found else None
