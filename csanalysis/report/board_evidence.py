"""How strong the evidence is, the numbers that could overturn the conclusion, and all of them at once."""

from __future__ import annotations

from collections import Counter

from csanalysis.costing.outcome import Outcome
from csanalysis.labels import money, number, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.report.index import Statement
from csanalysis.sensitivity.monte_carlo import monte_carlo
from csanalysis.sensitivity.study import input_value
from csanalysis.sensitivity.tornado import Tornado, tornado
from csanalysis.sensitivity.turns import RANK, turn_text
from csanalysis.vocabulary import Grade

SWINGS = "05_cost_sizing#show-swings"
TORNADO, DISTRIBUTION = "07_sensitivity#show-tornado", "07_sensitivity#show-distribution"
MOST = 3


def evidence_statements(ds: Dataset, sc: Scenario, outcome: Outcome, lang: str) -> list[Statement]:
    """Return grades, the three numbers that overturn the conclusion soonest, and how often the plan gains."""
    plan = outcome.comparison.plan.physical.placement.mapping
    found = tornado("npv", ds, sc, assignment=plan, baseline=outcome.baseline)
    chance = monte_carlo("npv", ds, sc, assignment=plan, baseline=outcome.baseline)
    said = [_grades(outcome, lang), *_numbers(found, lang)]
    said.append(Statement(text("board.evidence.method", lang), TORNADO))
    told = [f for f in chance.findings if f.key.startswith(("monte_carlo.positive", "monte_carlo.constant"))]
    return said + [Statement(finding.sentence(lang), DISTRIBUTION) for finding in told]


def _grades(outcome: Outcome, lang: str) -> Statement:
    swings = outcome.cases.swings
    counted = Counter(swings["grade"])
    shares = [
        text("board.evidence.grade", lang, grade=term("grade", g, lang), count=number(counted[str(g)]))
        for g in Grade
        if counted[str(g)]
    ]
    listed = ("、" if lang == "ja" else ", ").join(shares)
    return Statement(text("board.evidence.grades", lang, count=number(len(swings)), grades=listed), SWINGS)


def _numbers(found: Tornado, lang: str) -> list[Statement]:
    """Return the numbers that turn the conclusion, to a worse one and the soonest first; else the widest."""
    rows = found.to_frame().to_dict("records")
    moving = [n for n, row in enumerate(rows) if row["swing"] > 0]
    said = []
    worse = {at: min(RANK[turn.answer] for turn in found.turns[at]) for at in found.overturning}
    now = RANK[found.answer]
    turning = sorted(found.overturning, key=lambda at: worse[at] >= now)  # stable: the soonest stay first
    for at in (turning or moving)[:MOST]:
        row, factor = rows[at], found.factors[at]
        values = {
            "name": factor.label(lang),
            **{k: input_value(factor, float(row[k]), lang) for k in ("low", "high", "today")},
            "turns": turn_text(factor, float(row["today"]), found.turns[at], lang),
            **{k: money(float(row[k]), lang) for k in ("least", "most")},
        }
        key = "board.evidence.turns" if found.overturning else "board.evidence.moves"
        said.append(Statement(text(key, lang, **values), TORNADO, factor.grade))
    return said
