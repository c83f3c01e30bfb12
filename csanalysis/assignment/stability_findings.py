"""What a stability analysis says, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from csanalysis.assignment.rating_stats import AGREED, TENTATIVE, Agreement
from csanalysis.labels import number, percent, term, text
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.parameters import Array

SHOWN = 3
"""Tasks or cells named in a sentence."""


@dataclass(frozen=True)
class StabilityFacts:
    """What the sentences speak of, one entry a task.

    Attributes
    ----------
    names : mapping
        Language -> names of the tasks.
    kinds : tuple of (str, str)
        The two kinds chosen most often.
    first, second, error : ndarray
        Their shares, and the standard error of the first.
    """

    task_ids: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]
    kinds: tuple[tuple[str, str], ...]
    first: Array
    second: Array
    error: Array
    n: int
    decide_at: float
    raters: tuple[str, ...]
    agreement: Agreement | None
    not_taken_on: int


def findings_of(facts: StabilityFacts) -> tuple[Finding, ...]:
    """Return the findings, the answer first."""
    return tuple([*_answer(facts), *_raters(facts)])


def _answer(facts: StabilityFacts) -> Iterator[Finding]:
    decided = facts.first >= facts.decide_at
    yield Finding(
        "stability.finding.counts",
        {
            "decide": number(decided.sum()),
            "tasks": number(len(decided)),
            "discuss": number((~decided).sum()),
            "limit": percent(facts.decide_at, 0),
            "n": number(facts.n),
        },
    )
    open_tasks = [int(i) for i in np.argsort(facts.first, kind="stable") if not decided[i]][:SHOWN]
    if open_tasks:
        shown: Shown = lambda lang: _joined((_open_task(facts, i, lang) for i in open_tasks), lang)  # noqa: E731
        yield Finding("stability.finding.open", {"tasks": shown}, "question")
    near = np.abs(facts.first - facts.decide_at) < 2 * facts.error
    if near.any():
        values = {"count": number(near.sum()), "limit": percent(facts.decide_at, 0), "n": number(facts.n)}
        yield Finding("stability.finding.near", values, "warning")


def _open_task(facts: StabilityFacts, task: int, lang: str) -> str:
    one, other = facts.kinds[task]
    return text(
        "stability.open_task",
        lang,
        task=facts.names[lang][task],
        first=term("kind", one, lang),
        share=percent(facts.first[task], 0),
        second=term("kind", other, lang),
        other=percent(facts.second[task], 0),
    )


def _raters(facts: StabilityFacts) -> Iterator[Finding]:
    if len(facts.raters) < 2:
        key = "one_rater" if facts.raters else "no_rater"
        yield Finding(f"stability.finding.{key}", {"rater": "".join(facts.raters)}, "warning")
    if facts.agreement is not None:
        yield from _agreement(facts, facts.agreement)
    if facts.not_taken_on:
        values = {"count": number(facts.not_taken_on)}
        yield Finding("stability.finding.not_taken_on", values, "question")


def _agreement(facts: StabilityFacts, found: Agreement) -> Iterator[Finding]:
    known = {trait: alpha for trait, alpha in found.alpha.items() if np.isfinite(alpha)}
    people = number(len(found.raters))
    if not known:
        yield Finding("stability.finding.no_alpha", {"raters": people}, "question")
        return
    worst = min(known, key=lambda trait: known[trait])
    level = "agreed" if known[worst] >= AGREED else "tentative" if known[worst] >= TENTATIVE else "apart"
    values: dict[str, Shown] = {
        "raters": people,
        "trait": lambda lang: term("trait", worst, lang),
        "alpha": number(known[worst], 2),
        "agreed": number(AGREED, 1),
        "tentative": number(TENTATIVE, 3),
    }
    yield Finding(
        f"stability.finding.{level}", values, "info" if level == "agreed" else "question", "Krippendorff 2004"
    )
    apart = found.to_frame().query("value > 0").head(SHOWN)
    if len(apart):
        cells = list(apart[["task_id", "trait", "low", "high"]].itertuples(index=False, name=None))
        differ: Shown = lambda lang: _joined((_apart(facts, cell, lang) for cell in cells), lang)  # noqa: E731
        yield Finding("stability.finding.differ", {"cells": differ}, "question")


def _apart(facts: StabilityFacts, cell: tuple[str, str, float, float], lang: str) -> str:
    task_id, trait, low, high = cell
    name = facts.names[lang][facts.task_ids.index(task_id)]
    return text(
        "stability.apart", lang, task=name, trait=term("trait", trait, lang), low=f"{low:g}", high=f"{high:g}"
    )


def _joined(parts: Iterator[str], lang: str) -> str:
    return text("stability.separator", lang).join(parts)
