"""What an assignment comes to as a whole, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from csanalysis.assignment import eligibility as state
from csanalysis.assignment.eligibility import Eligibility
from csanalysis.assignment.reasons import Decision
from csanalysis.costing.rates import Rate
from csanalysis.labels import money, number, text
from csanalysis.model.findings import Finding, Shown
from csanalysis.vocabulary import Basis, ResourceKind

EVEN = 0.01
"""Costs that differ by less than this share are told as the same (chosen)."""


@dataclass(frozen=True)
class Summary:
    """What a result comes to as a whole."""

    findings: tuple[Finding, ...]

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings in a language."""
        return [finding.sentence(lang) for finding in self.findings]


def summary_findings(
    decisions: Sequence[Decision], allowed: Eligibility, overbooked: Sequence[tuple[Rate, float]]
) -> Iterator[Finding]:
    """Yield what the assignment comes to, the answer first."""
    out = [d for d in decisions if d.outside]
    total, given = sum(d.hours for d in decisions), sum(d.hours for d in out)
    values: dict[str, Shown] = {
        "out": number(len(out)),
        "tasks": number(len(decisions)),
        "hours": number(given, 1),
        "total": number(total, 1),
        "kinds": lambda lang: _by_kind(out, lang),
    }
    yield Finding("assignment.finding.split" if out else "assignment.finding.nothing_out", values)
    if out:
        yield _margin(out)
    for name in (state.KEPT, state.PREPARED):
        torn = [d for d in decisions if d.reason == name and _differs(d)]
        if torn:
            yield Finding(f"assignment.finding.torn_{name}", _named_tasks(torn), "question", "LOGLASS2023")
    unsuited = [d for d in decisions if d.reason == "none_suits"]
    if unsuited:
        yield Finding("assignment.finding.unsuited", _named_tasks(unsuited), "question")
    free = [d for d in out if d.reason in ("free", "free_only")]
    if free:
        yield Finding("assignment.finding.free", _named_tasks(free), "question")
    if any(d.reason == state.FEW for d in decisions):
        counts: dict[str, Shown] = {"tickets": number(allowed.tickets), "few": number(allowed.few_tickets)}
        yield Finding("assignment.finding.few_tickets", counts, "question", "LOGLASS2023")
    if any(d.basis == Basis.NOT_IN_SOURCE for d in decisions):
        yield Finding("assignment.finding.not_in_source", {}, "warning", "CCJ2025")
    for rate, bought in overbooked:
        cap = {"cap": number(float(rate.get("capacity_cap")[0])), "bought": number(bought)}
        yield Finding("assignment.finding.overbooked", {"name": rate.name, **cap}, "warning")


def _differs(d: Decision) -> bool:
    return (
        d.rates[d.best].kind != ResourceKind.CSM and float(d.scores[d.best]) >= d.threshold > d.scores[d.own]
    )


def _margin(out: Sequence[Decision]) -> Finding:
    """Compare full cost outside with the same hours in-house, at the margin."""
    paid = sum(float(d.jpy[d.chosen]) for d in out)
    own = sum(float(d.jpy[d.own]) for d in out)
    even = abs(paid - own) < EVEN * own
    key = "even" if even else "dearer" if paid > own else "cheaper"
    values: dict[str, Shown] = {
        "paid": lambda lang: money(paid, lang),
        "own": lambda lang: money(own, lang),
        "difference": lambda lang: money(abs(paid - own), lang),
    }
    return Finding(f"assignment.finding.{key}", values, "question")


def _by_kind(out: Sequence[Decision], lang: str) -> str:
    offers = sorted({d.chosen for d in out}, key=lambda at: -sum(d.hours for d in out if d.chosen == at))
    told = []
    for at in offers:
        mine = [d for d in out if d.chosen == at]
        hours = number(sum(d.hours for d in mine), 1)
        name = mine[0].rates[at].name(lang)
        told.append(text("assignment.of_kind", lang, name=name, count=len(mine), hours=hours))
    return text("stability.separator", lang).join(told)


def _named_tasks(found: Sequence[Decision]) -> dict[str, Shown]:
    """Return how many tasks and hours, with the names of the largest three."""
    largest = sorted(found, key=lambda d: -d.hours)[:3]
    return {
        "count": number(len(found)),
        "hours": number(sum(d.hours for d in found), 1),
        "names": lambda lang: text("stability.separator", lang).join(d.name(lang) for d in largest),
    }
