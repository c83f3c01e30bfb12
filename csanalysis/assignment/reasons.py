"""Why a task goes to whom it goes: one sentence a task, with the numbers that decided it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from csanalysis.assignment import eligibility as state
from csanalysis.assignment.eligibility import Eligibility
from csanalysis.assignment.rule import Rule
from csanalysis.costing.rates import Rate
from csanalysis.labels import money, number, term, text
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.parameters import Array
from csanalysis.vocabulary import Basis, ResourceKind

_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_FIXED = (state.LOCKED, state.KEPT, state.PREPARED, state.FEW, state.NOTHING_OUT)


@dataclass(frozen=True)
class Decision:
    """What was decided about one task, and the numbers that decided it.

    Attributes
    ----------
    task_id, task_group, bundle_id, lock_reason : str
    names : (str, str)
        Japanese, English.
    reason : str
        Code of the reason, the end of the label ``assignment.reason.<reason>``.
    threshold : float
        Suitability from which a kind suits.
    rates : tuple of Rate
        The rate card.
    chosen, own, best : int
        Positions in the rate card: who does it, the in-house team, who suits best by traits alone.
    rival : int or None
        The offer the sentence compares with.
    play, named, basis, source : str
        The playbook's row, empty where there is none.
    weakest : str
        Trait that lowers the suitability of the rival (else of the chosen) most.
    own_score : float
        Suitability of the chosen kind for this task by itself.
    scores, per_hour, jpy : ndarray, shape (n_resources,)
        Suitability and JPY an hour of the bundle; JPY a month of this task. NaN where there are no hours.
    suiting : int
        Offers that may do it and suit.
    open_to : tuple of int
        Offers that may do it.
    why_not : tuple of str
        What keeps each offer from it.
    hours, churn_loss : float
        Task hours and JPY a month.
    tickets : (float, float)
        Tickets a month, and how many count as few.
    """

    task_id: str
    names: tuple[str, str]
    task_group: str
    bundle_id: str
    bundle_size: int
    lock_reason: str
    reason: str
    threshold: float
    rates: tuple[Rate, ...] = field(repr=False)
    chosen: int
    rival: int | None
    named: str
    play: str
    basis: str
    source: str
    own: int
    best: int
    weakest: str
    own_score: float
    scores: Array = field(repr=False)
    suiting: int
    open_to: tuple[int, ...]
    why_not: tuple[str, ...] = field(repr=False)
    per_hour: Array = field(repr=False)
    hours: float
    jpy: Array = field(repr=False)
    churn_loss: float
    tickets: tuple[float, float]

    @property
    def resource_id(self) -> str:
        """Who does it."""
        return self.rates[self.chosen].resource_id

    @property
    def kind(self) -> str:
        """The kind of who does it."""
        return self.rates[self.chosen].kind

    @property
    def outside(self) -> bool:
        """Whether anybody but the in-house team does it."""
        return self.kind != ResourceKind.CSM

    def name(self, lang: str) -> str:
        """Return the task's name."""
        return self.names[lang != "ja"]

    def record(self) -> dict[str, object]:
        """Return the decision as a row."""
        return {
            "task_id": self.task_id,
            "bundle_id": self.bundle_id,
            "task_group": self.task_group,
            "resource_id": self.resource_id,
            "kind": self.kind,
            "suitability": self.own_score,
            "deciding_suitability": float(self.scores[self.chosen]),
            "in_house_suitability": float(self.scores[self.own]),
            "eligible": ";".join(self.rates[at].resource_id for at in self.open_to),
            "reason": self.reason,
            "play": self.play,
            "named_kind": self.named,
            "basis": self.basis,
            "source": self.source,
            "best_kind": self.rates[self.best].kind,
            "best_suitability": float(self.scores[self.best]),
            "hours": self.hours,
            "jpy": float(self.jpy[self.chosen]),
            "in_house_jpy": float(self.jpy[self.own]),
            "churn_loss": self.churn_loss,
        }


def reason_of(
    rule: Rule, scores: Array, allowed: Eligibility, task: int, chosen: int
) -> tuple[str, int | None]:
    """Return the code of the reason, and the offer that the chosen one is to be compared with."""
    own, given = rule.in_house, allowed.states[task]
    if given in _FIXED:
        return given, None
    may = rule.open[task] & (np.arange(len(scores[task])) != chosen)
    suits = scores[task] >= rule.threshold
    ranked = np.where(may, scores[task], -1.0)
    second = int(ranked.argmax()) if may.any() else None
    if second is None:
        return "nobody_else", None
    if not suits[chosen]:
        return "none_suits", second if scores[task, second] > scores[task, own] else None
    if not rule.by_cost:
        return "best", second
    asked = (
        rule.first[task]
        if (rule.first[task] & suits)[np.arange(len(suits)) != own].any()
        else rule.open[task]
    )
    rivals = asked & suits & (np.arange(len(suits)) != chosen)
    cheapest = int(np.where(rivals, rule.cost[task], np.inf).argmin()) if rivals.any() else None
    if chosen == own:
        return ("own_only", second) if cheapest is None else ("own_cheaper", cheapest)
    if given == state.FREE:
        return ("free_only", None) if cheapest is None else ("free", cheapest)
    if not rule.first[task, chosen]:
        return "other", _named(allowed, task)
    return ("named_only", None) if cheapest is None else ("named_cheaper", cheapest)


def _named(allowed: Eligibility, task: int) -> int | None:
    """Return the offer of the kind that the playbook names; None where the rate card has none."""
    kind = allowed.plays["kind"].iloc[task]
    return allowed.kinds.index(kind) if kind in allowed.kinds else None


def sentence_of(decision: Decision) -> Finding:
    """Return why the task goes where it goes, as a sentence."""
    level = "question" if decision.reason in ("none_suits", "nobody_else") else "info"
    name = decision.rates[decision.chosen].name
    values: dict[str, Shown] = {"task": decision.name, "name": name, "why": why_finding(decision).sentence}
    return Finding("assignment.sentence", values, level, decision.source)


def why_finding(decision: Decision) -> Finding:
    """Return why the task goes where it goes, without its name."""
    return Finding(f"assignment.reason.{decision.reason}", _values(decision), source=decision.source)


def _values(d: Decision) -> dict[str, Shown]:
    scores, rival = d.scores, d.chosen if d.rival is None else d.rival

    def hourly(at: int) -> Shown:
        cost = d.per_hour[at]
        return lambda lang: money(float(cost), lang) if np.isfinite(cost) else "-"

    return {
        "rival": d.rates[rival].name,
        "reason": lambda lang: _own_words(d.lock_reason, lang) or text("assignment.no_reason", lang),
        "rests": lambda lang: _rests(d, lang),
        "named": lambda lang: term("kind", d.named, lang),
        "obstacle": lambda lang: _obstacle(d, lang),
        "obstacles": lambda lang: _obstacles(d, lang),
        "threshold": number(d.threshold, 2),
        "fit": number(scores[d.chosen], 2),
        "own_fit": number(scores[d.own], 2),
        "rival_fit": number(scores[rival], 2),
        "weak": lambda lang: term("trait", d.weakest, lang),
        "suiting": number(d.suiting),
        "cost": hourly(d.chosen),
        "own_cost": hourly(d.own),
        "rival_cost": hourly(rival),
        "hours": number(d.hours, 1),
        "tickets": number(d.tickets[0]),
        "few": number(d.tickets[1]),
        "tension": lambda lang: _tension(d, lang),
        "bundle": lambda lang: _bundle(d, lang),
    }


def _own_words(entered: str, lang: str) -> str:
    """Return the analyst's words; of a cell written ``Japanese / English`` the part in the language."""
    first, mark, second = entered.partition(" / ")
    two = bool(mark) and bool(_JAPANESE.search(first)) and not _JAPANESE.search(second)
    return entered if not two else first if lang == "ja" else second


def _rests(d: Decision, lang: str) -> str:
    basis = term("basis", d.basis, lang)
    return (
        basis
        if d.basis == Basis.NOT_IN_SOURCE
        else text("table.by_source", lang, what=basis, source=d.source)
    )


def _tension(d: Decision, lang: str) -> str:
    """Say whether the traits alone would choose somebody else."""
    best = float(d.scores[d.best])
    values = {
        "own_fit": number(d.scores[d.own], 2),
        "best": d.rates[d.best].name(lang),
        "best_fit": number(best, 2),
    }
    if d.rates[d.best].kind == ResourceKind.CSM or best < d.threshold:
        return text("assignment.traits_agree", lang, **values)
    also = float(d.scores[d.own]) >= d.threshold
    return text("assignment.traits_both" if also else "assignment.traits_differ", lang, **values)


def _bundle(d: Decision, lang: str) -> str:
    return text("assignment.bundled", lang, count=d.bundle_size) if d.bundle_size > 1 else ""


def _obstacle(d: Decision, lang: str) -> str:
    """Say what is wrong with the kind that the playbook names."""
    offers = [at for at, rate in enumerate(d.rates) if rate.kind == d.named]
    if not offers:
        return text("assignment.why_not.no_offer", lang)
    blocked = [d.why_not[at] for at in offers if d.why_not[at]]
    if len(blocked) == len(offers):
        return text(f"assignment.why_not.{blocked[0]}", lang)
    fit = max(float(d.scores[at]) for at in offers)
    values = {"fit": number(fit, 2), "weak": term("trait", d.weakest, lang)}
    return text("assignment.why_not.unsuitable", lang, **values)


def _obstacles(d: Decision, lang: str) -> str:
    told = [
        text("assignment.blocked", lang, name=rate.name(lang), why=text(f"assignment.why_not.{why}", lang))
        for rate, why in zip(d.rates, d.why_not, strict=True)
        if why and rate.kind != ResourceKind.CSM
    ]
    return text("stability.separator", lang).join(told) or text("assignment.why_not.no_offer", lang)
