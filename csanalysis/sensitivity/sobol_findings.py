"""What Sobol indices say, how sure that is, and what their sample cannot claim."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from csanalysis.labels import number, percent, term, text, trimmed
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.parameters import Array
from csanalysis.sensitivity.study import metric_name

if TYPE_CHECKING:
    from csanalysis.sensitivity.sobol import SobolIndices

NEGLIGIBLE = 0.01
"""Total effect below which an input does not matter (chosen: one percent of the variance)."""
TOO_WIDE = 0.1
"""Half width of an interval from which n is too small to claim the index."""
TOGETHER = 0.05
"""Share of the variance from which inputs that act together are worth a sentence (chosen)."""
SHOWN = 3
"""Inputs named in a sentence."""


def sobol_findings(found: SobolIndices) -> Iterator[Finding]:
    """Yield what the indices say, the answer first."""
    values: dict[str, Shown] = {
        "metric": lambda lang: metric_name(found.metric, lang),
        "n": number(found.n),
    }
    estimates, order = found.estimates, found.order
    if not order:
        yield Finding("sobol.finding.constant", values)
        return

    def named(key: str, inputs: Sequence[int]) -> Callable[[str], str]:
        return lambda lang: _joined([_input(found, key, i, lang) for i in inputs], lang)

    yield Finding("sobol.finding.matter", {**values, "inputs": named("sobol.input", order[:SHOWN])})
    together = 1 - float(estimates.first.sum())
    if together > TOGETHER:
        most = int(found.interactions.argmax())
        share = percent(min(together, 1.0), 0)
        mixed = named("sobol.mixed", [most])
        yield Finding("sobol.finding.together", {**values, "share": share, "input": mixed})
    else:
        yield Finding("sobol.finding.apart", {**values, "share": percent(min(1 - together, 1.0), 0)})
    first, total = found.half_widths
    idle = int((estimates.total + total < NEGLIGIBLE).sum())
    if idle:
        yield Finding("sobol.finding.idle", {**values, "count": number(idle), "limit": percent(NEGLIGIBLE)})
    measured = found.worth_measuring
    if measured:
        yield Finding(
            "sobol.finding.measure", {**values, "inputs": named("sobol.weak", measured)}, "question"
        )
    yield from _reliability(found, values, np.maximum(first, total), total, named)


def _reliability(
    found: SobolIndices,
    values: dict[str, Shown],
    half: Array,
    total: Array,
    named: Callable[[str, Sequence[int]], Callable[[str], str]],
) -> Iterator[Finding]:
    """Tell errors, and what this n cannot claim."""
    estimates, order = found.estimates, found.order
    errors = {
        "first": trimmed(100 * float(estimates.first_error.max()), 2),
        "total": trimmed(100 * float(estimates.total_error.max()), 2),
        "evaluations": number(found.evaluations),
        "confidence": percent(found.confidence),
    }
    yield Finding("sobol.finding.errors", {**values, **errors})
    widest = int(half.argmax())
    if half[widest] > TOO_WIDE:
        needed = 1 << int(np.ceil(np.log2(found.n * (half[widest] / TOO_WIDE) ** 2)))
        told: dict[str, Shown] = {
            "half": trimmed(100 * float(half[widest]), 0),
            "limit": trimmed(100 * TOO_WIDE, 0),
            "needed": number(needed),
            "input": named("sobol.name", [widest]),
        }
        yield Finding("sobol.finding.too_small", {**values, **told}, "warning")
    for one, other in itertools.pairwise(order[: SHOWN + 1]):
        if estimates.total[one] - total[one] < estimates.total[other] + total[other]:
            pair: dict[str, Shown] = {
                "one": named("sobol.name", [one]),
                "other": named("sobol.name", [other]),
            }
            yield Finding("sobol.finding.no_order", {**values, **pair}, "warning")


def _input(found: SobolIndices, key: str, at: int, lang: str) -> str:
    factor = found.factors[at]
    return text(
        key,
        lang,
        name=factor.label(lang),
        first=percent(float(found.estimates.first[at]), 0),
        total=percent(float(found.estimates.total[at]), 0),
        grade=term("grade", factor.grade, lang) if factor.grade else text("sobol.no_grade", lang),
    )


def _joined(parts: list[str], lang: str) -> str:
    return text("sobol.separator", lang).join(parts)
