"""Two tables beside each other, parted by an empty column: they are never read as one."""

from __future__ import annotations

import itertools

from csanalysis.io.headers import Header
from csanalysis.io.repairs import Log, Place, listed
from csanalysis.io.sheet_formats import letters
from csanalysis.io.total_labels import total_label
from csanalysis.io.values import DATE, EMPTY, NUMBER, kind_of

_FEWEST = 2


def check_beside(rows: list[list[str]], keep: list[int], header: Header, place: Place, log: Log) -> None:
    """Stop at columns behind an empty one that are a table of their own; tell where they may be.

    A table of its own has names, and keys that stand once in its first column. It is certain where the rows
    end elsewhere, where both sides have a title or a row of totals of their own.

    Parameters
    ----------
    rows : list of list of str
        Rows below the header, with all columns.
    keep : list of int
        Positions of the columns that are not empty.

    Raises
    ------
    DataContractError
        If both sides are certainly tables.
    """
    starts = [0, *(n for n in range(1, len(keep)) if keep[n] > keep[n - 1] + 1), len(keep)]
    blocks = [keep[a:b] for a, b in itertools.pairwise(starts)]
    if not header.found or len(blocks) < 2 or min(map(len, blocks[:2])) < _FEWEST or not rows:
        return
    left, right = blocks[0], blocks[1]
    if not all(header.names[at] for at in left) or not header.names[right[0]] or not _has_keys(rows, right):
        return
    names = listed(filter(None, (header.names[at] for at in right)))
    column = f"{letters(right[0])}:{letters(right[-1])}"
    apart = _are_apart(rows, left, right)
    named = all(header.names[at] for at in right)
    if named and (apart or _titles(header, left, right) or _totals(rows, left, right)):
        raise place.fault("tables_beside", row=header.body, column=column, value=names)
    log.tell("columns_apart", names, cells=[column])


def _has_keys(rows: list[list[str]], block: list[int]) -> bool:
    """Tell whether the first column of a block names its rows: words, codes or dates, each once."""
    first, last = _extent(rows, block)
    cells = [row[block[0]].strip() for row in rows[first : last + 1]]
    ranked = cells == [str(n) for n in range(1, len(cells) + 1)]
    named = len(set(cells)) == len(cells) and all(kind_of(cell) not in (EMPTY, NUMBER) for cell in cells)
    return len(cells) > 1 and (ranked or named)


def _extent(rows: list[list[str]], block: list[int]) -> tuple[int, int]:
    """Return the first and last row in which a block holds anything."""
    there = [n for n, row in enumerate(rows) if any(row[at].strip() for at in block)]
    return (there[0], there[-1]) if there else (0, -1)


def _are_apart(rows: list[list[str]], left: list[int], right: list[int]) -> bool:
    """Tell whether the rows of one side certainly end elsewhere than those of the other.

    They do where the right side goes on alone, or both are names with figures. Where it is shorter, a single
    row may lack its last cells, and days (closed on) may not have come yet.
    """
    (first, last), (begin, end) = _extent(rows, left), _extent(rows, right)
    if begin < first or end > last:
        return True
    kinds = [[kind_of(rows[begin][at]) for at in block] for block in (left, right)]
    shorter = begin - first + last - end
    if kinds[0] == kinds[1] and NUMBER in kinds[0]:
        return shorter > 0
    return shorter >= _FEWEST and (kinds[0][0] == DATE or kinds[1][0] != DATE)


def _titles(header: Header, left: list[int], right: list[int]) -> bool:
    """Tell whether each side has a name of its own above its columns."""
    above = [{header.names[at].partition("_")[0] for at in block} for block in (left, right)]
    joined = all("_" in header.names[at] for at in (*left, *right))
    return joined and len(above[0]) == len(above[1]) == 1 and above[0] != above[1]


def _totals(rows: list[list[str]], left: list[int], right: list[int]) -> bool:
    return all(any(total_label(row[block[0]]) for row in rows) for block in (left, right))
