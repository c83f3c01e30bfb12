"""The board page: the decision on outsourcing, each sentence computed and linked to what shows it."""

from __future__ import annotations

from collections.abc import Iterable

from csanalysis.costing.cases import CASES
from csanalysis.costing.comparison import FIRST_YEAR
from csanalysis.costing.offers import compare_offers
from csanalysis.costing.outcome import Outcome, evaluate_outcome
from csanalysis.costing.placement import CURRENT, IN_HOUSE
from csanalysis.costing.rates import Rate, price_stated
from csanalysis.costing.scope import playbook_assignment
from csanalysis.costing.verdicts import GroupVerdict
from csanalysis.labels import money, number, quantity, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding
from csanalysis.model.scenario import Scenario
from csanalysis.report.board_evidence import evidence_statements
from csanalysis.report.board_risks import exit_statements, risk_statements
from csanalysis.report.index import BoardSection, BoardTable, Statement
from csanalysis.vocabulary import Conclusion, Grade, Verdict

NOTEBOOK = "05_cost_sizing"
UNIT, CASH = f"{NOTEBOOK}#show-unit-costs", f"{NOTEBOOK}#show-cash"
CASE_TABLE = f"{NOTEBOOK}#show-cases"
CHURN, VERDICTS = f"{NOTEBOOK}#show-churn-price", f"{NOTEBOOK}#show-verdicts"
_BREAK_EVEN = (
    "outcome.price_",
    "outcome.no_price",
    "outcome.volume",
    "outcome.no_volume",
    "outcome.unit_",
    "outcome.other_",
    "ledger.",
)
_CHURN = ("outcome.churn_", "outcome.no_churn_price")
_MOST_KEPT = 8


def board_of(ds: Dataset, sc: Scenario, lang: str) -> tuple[BoardSection, ...]:
    """Return the sections of the board page for the hand-over that the playbook names."""
    outcome = evaluate_outcome(ds, sc, playbook_assignment(ds, sc), IN_HOUSE)
    sections: list[tuple[str, list[Statement], BoardTable | None]] = [
        ("conclusion", _conclusion(ds, sc, outcome, lang), None),
        ("purpose", _purpose(outcome, lang), None),
    ]
    if outcome.conclusion != Conclusion.NOTHING:
        sections += [
            ("cases", _short(outcome, lang), _cases(outcome, lang)),
            (
                "cash_and_time",
                _told(outcome, ("outcome.cash_", "outcome.packages", "outcome.time"), CASH, lang),
                None,
            ),
            ("break_even", [*_told(outcome, _BREAK_EVEN, UNIT, lang), *_better(ds, sc, outcome, lang)], None),
            ("churn", [*_told(outcome, _CHURN, CHURN, lang), _no_evidence(sc, lang)], None),
        ]
    sections.append(("stays", _stays(outcome, lang), None))
    if outcome.conclusion != Conclusion.NOTHING:
        sections += [
            ("risks", risk_statements(ds, sc, outcome, lang), None),
            ("exit", exit_statements(outcome, lang), None),
            ("evidence", evidence_statements(ds, sc, outcome, lang), None),
        ]
    return tuple(
        BoardSection(key, text(f"board.{key}", lang), tuple(statements), table)
        for key, statements, table in sections
    )


def _conclusion(ds: Dataset, sc: Scenario, outcome: Outcome, lang: str) -> list[Statement]:
    """Return the conclusion against doing all in-house, and against today where that is another thing."""
    said = [Statement(outcome.findings[0].sentence(lang), CASH, _weakest(outcome))]
    placement = outcome.comparison.plan.physical.placement
    if outcome.conclusion != Conclusion.NOTHING and (placement.today != placement.in_house).any():
        today = evaluate_outcome(ds, sc, playbook_assignment(ds, sc), CURRENT)
        said.append(Statement(today.findings[0].sentence(lang), CASH, _weakest(today)))
    return said


def _weakest(outcome: Outcome) -> str:
    """Return the weakest grade among the numbers that move the result."""
    grades = [str(grade) for grade in Grade]
    return max(outcome.cases.swings["grade"], key=grades.index, default="")


def _purpose(outcome: Outcome, lang: str) -> list[Statement]:
    if outcome.conclusion == Conclusion.NOTHING:
        key = "board.purpose.later" if outcome.comparison.moves else "board.purpose.none"
        return [Statement(text(key, lang), "03_quadrant_mapping#show-plays")]
    cash, hands = outcome.cash_saving > 0, outcome.heads >= 1
    key = {(True, True): "both", (True, False): "cash", (False, True): "hands"}.get((cash, hands), "neither")
    values = {
        "cash": money(abs(outcome.cash_saving), lang),
        "heads": number(outcome.heads),
        "hours": number(outcome.capacity_freed, 1),
    }
    names = _listed((_judged(v, lang) for v in outcome.verdicts if v.given > 0), lang)
    rates = [c.rate for c in outcome.comparison.plan.physical.contracts if c.active.any()]
    offers = _listed((_offered(outcome, rate, lang) for rate in rates), lang)
    scope = text(
        "board.purpose.scope", lang, groups=names, offers=offers, hours=number(outcome.given_hours, 1)
    )
    return [
        Statement(scope, VERDICTS),
        Statement(text(f"board.purpose.{key}", lang, **values), CASH),
    ]


def _judged(verdict: GroupVerdict, lang: str) -> str:
    """Return a task group with its verdict."""
    name, said = term("task_group", verdict.task_group, lang), text(f"verdict.{verdict.verdict}", lang)
    return text("board.purpose.group", lang, group=name, verdict=said)


def _offered(outcome: Outcome, rate: Rate, lang: str) -> str:
    """Return the name of an offer with the evidence for its price."""
    stated = price_stated(outcome.comparison.scenario, rate)
    return text("board.purpose.offer", lang, name=rate.name(lang), grade=term("grade", stated.grade, lang))


def _better(ds: Dataset, sc: Scenario, outcome: Outcome, lang: str) -> list[Statement]:
    """Return the remark that another offer of labour would be worth more for the same work."""
    if outcome.rate is None:
        return []
    mapping = outcome.comparison.plan.physical.placement.mapping
    scope = [task for task, resource in mapping.items() if resource == outcome.rate.resource_id]
    found = compare_offers(ds, sc, scope=scope)
    able = found.frame[found.frame["eligible"].astype(bool)]
    if not len(able) or able["npv"].iloc[0] <= outcome.npv + 1 or not outcome.rate.sells_labour:
        return []
    best = able.iloc[0]
    values = {
        "name": found.rates[best["resource_id"]].name(lang),
        "npv": money(float(best["npv"]), lang),
        "grade": term("grade", best["grade"], lang),
    }
    return [
        Statement(text("board.break_even.better", lang, **values), f"{NOTEBOOK}#show-offers", best["grade"])
    ]


def _cases(outcome: Outcome, lang: str) -> BoardTable:
    columns = ("board.case", "board.first_year_cash", "board.npv", "board.heads", "board.hours")
    rows = tuple(
        (
            text(f"board.case.{case}", lang),
            money(outcome.cases.value(case, "first_year_cash"), lang),
            money(outcome.cases.value(case, "npv"), lang),
            number(outcome.cases.value(case, "hires_avoided")),
            number(outcome.cases.value(case, "capacity_freed"), 1),
        )
        for case in CASES
    )
    return BoardTable(tuple(text(key, lang) for key in columns), rows, CASE_TABLE)


def _short(outcome: Outcome, lang: str) -> list[Statement]:
    """Return the remark that the horizon ends before the first year does."""
    months = len(outcome.comparison.cash)
    said = text("board.cases.short", lang, months=number(months))
    return [Statement(said)] if months < FIRST_YEAR else []


def _told(outcome: Outcome, keys: tuple[str, ...], link: str, lang: str) -> list[Statement]:
    found: list[Finding] = [f for f in outcome.findings if f.key.startswith(keys)]
    return [Statement(finding.sentence(lang), link) for finding in found]


def _no_evidence(sc: Scenario, lang: str) -> Statement:
    """Return the sentence on how far the effect of quality on churn rests on evidence."""
    stated = sc.stated("churn_sensitivity")
    key = "board.churn.zero" if float(sc.number("churn_sensitivity")) == 0 else "board.churn.assumed"
    high = quantity(stated.high, "ratio", lang)
    return Statement(text(key, lang, high=high), CHURN, stated.grade)


def _stays(outcome: Outcome, lang: str) -> list[Statement]:
    """Return the groups that stay, the largest first, each with its reason."""
    kept = [v for v in outcome.verdicts if v.verdict == Verdict.KEEP and v.hours > 0]
    kept.sort(key=lambda v: -v.hours)
    said = [
        Statement(
            text(
                "board.stays.group",
                lang,
                group=term("task_group", v.task_group, lang),
                hours=number(v.hours, 1),
                reason=v.reason.sentence(lang),
            ),
            VERDICTS,
        )
        for v in kept[:_MOST_KEPT]
    ]
    waiting = [term("task_group", v.task_group, lang) for v in outcome.verdicts if v.verdict == Verdict.WAIT]
    if waiting:
        said.append(Statement(text("board.stays.waiting", lang, groups=_listed(waiting, lang)), VERDICTS))
    return said


def _listed(names: Iterable[str], lang: str) -> str:
    return ("、" if lang == "ja" else ", ").join(names)
