"""What people write around the rows of a table: notes below them, and examples of how a form is filled in."""

from __future__ import annotations

import itertools
import re

from csanalysis.io.names import Rules
from csanalysis.io.repairs import Log, listed
from csanalysis.io.values import WORDS, is_note, kind_of

_MOST_EXAMPLES = 3
_EXAMPLE = re.compile(r"\s*[(（\[【<＜※〈]?\s*(記入|入力|記載)例\s*[0-9０-９①-⑨]?\s*([)）\]】>＞〉:：\s]|$)")


def without_notes(
    rows: list[list[str]], numbers: list[int], log: Log, rules: Rules
) -> tuple[list[list[str]], list[int]]:
    """Drop texts that stand alone below the rows, as far as they are no name of one more row."""
    end = len(rows)
    while end > 1:
        row = rows[end - 1]
        there = list(dict.fromkeys(cell.strip() for cell in row if cell.strip()))
        width = 0 if rules.known or all(row) else len(row)
        if (
            len(row) < 2
            or len(there) != 1
            or kind_of(there[0]) != WORDS
            or not is_note(there[0], width, True)
        ):
            break
        if (
            width
            and not is_note(there[0], 0, False)
            and (not row[0].strip() or _is_named_so(rows, end - 1, numbers))
        ):
            break
        end -= 1
    if end < len(rows):
        words = [" ".join(dict.fromkeys(c.strip() for c in row if c.strip())) for row in rows[end:]]
        log.tell("notes", listed(words), cells=[str(n) for n in numbers[end:]], before=words[0])
    return rows[:end], numbers[:end]


def _is_named_so(rows: list[list[str]], n: int, numbers: list[int]) -> bool:
    """Tell whether a row that holds its first cell alone is one more name, as short as those above.

    There are several such rows, or it follows the others without a gap.
    """
    alone = [m for m in range(n) if rows[m][0].strip() and not any(map(str.strip, rows[m][1:]))]
    full = next((m for m in range(n - 1, -1, -1) if any(map(str.strip, rows[m][1:]))), -1)
    longest = max((len(rows[m][0].strip()) for m in range(full + 1)), default=0)
    several = bool(alone) and alone[0] < full
    follows = full == n - 1 and numbers[n] == numbers[full] + 1
    return (several or follows) and len(rows[n][0].strip()) <= longest


def without_examples(
    rows: list[list[str]], numbers: list[int], log: Log, rules: Rules
) -> tuple[list[list[str]], list[int]]:
    """Drop rows at the top of a form that say they show how it is filled in (記入例)."""
    top = rows[:_MOST_EXAMPLES]
    found = [
        *itertools.takewhile(lambda n: any(map(_EXAMPLE.match, _first_words(top[n]))), range(len(top))),
    ]
    if not found or rules.known or len(found) == len(rows):
        return rows, numbers
    log.tell("example_rows", cells=[str(numbers[n]) for n in found], before=" | ".join(rows[found[0]]))
    kept = [n for n in range(len(rows)) if n not in found]
    return [rows[n] for n in kept], [numbers[n] for n in kept]


def _first_words(row: list[str]) -> list[str]:
    """Return the first filled cell of a row: behind another (P-7, 記入例) it is a name."""
    return [cell for cell in row[:2] if cell.strip()][:1]
