"""The evaluation that stays in the company: criteria, full cost of each offer, verdicts, what to check."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from csanalysis.costing.offers import OfferComparison, compare_offers
from csanalysis.costing.outcome import Outcome, evaluate_outcome
from csanalysis.costing.placement import Assignment
from csanalysis.costing.scope import playbook_assignment
from csanalysis.labels import money, number, quantity, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.planning.scope import CORE, Scope
from csanalysis.report.scope_page import CENTRE, Page, Style, sheet_name
from csanalysis.workspace.sheet_style import FIELD, GREY, PALE

CRITERIA = ("cost", "range", "start", "quality", "security", "sub_contracting", "people", "leaving")
"""What offers are judged by; texts ``scope.criteria.<name>`` and ``scope.criteria.<name>.check``."""
CHECKS = ("price", "productivity", "pilot", "people", "data", "leaving")
"""What to check before signing."""
_MOST_OFFERS = 5


def fill_internal(
    book: Any, ds: Dataset, sc: Scenario, scope: Scope, assignment: Assignment | None, lang: str
) -> None:
    """Write all sheets of the evaluation into an empty workbook."""
    tasks = [str(scope.tasks["task_id"].iloc[n]) for n in scope.part(CORE)]
    offers = compare_offers(ds, sc, scope=tasks)
    outcome = evaluate_outcome(ds, sc, playbook_assignment(ds, sc) if assignment is None else assignment)
    pages = _Internal(book, lang)
    pages.criteria(offers)
    pages.offers(offers)
    pages.verdicts(outcome)
    pages.checks(outcome, offers)


class _Internal:
    """The workbook, sheet by sheet."""

    def __init__(self, book: Any, lang: str) -> None:
        self.book, self.lang = book, lang

    def say(self, key: str, **values: object) -> str:
        return text(f"scope.{key}", self.lang, **values)

    def page(self, key: str, widths: list[float], *, landscape: bool = True) -> Page:
        sheet = self.book.create_sheet(sheet_name(key, self.lang))
        page = Page(sheet, self.lang, widths, landscape=landscape, mark=self.say("internal.mark"))
        page.title(self.say(f"{key}.title"), self.say(f"{key}.how"))
        return page

    def criteria(self, offers: OfferComparison) -> None:
        """Write the criteria, with room for points beside each offer."""
        names = self._names(offers)[:_MOST_OFFERS]
        page = self.page("criteria", [22, 54, 10, *[15.0] * len(names)])
        page.heads([self.say(f"head.{h}") for h in ("criterion", "check", "weight")] + names)
        for key in CRITERIA:
            cells = [self.say(f"criteria.{key}"), self.say(f"criteria.{key}.check"), *[""] * (1 + len(names))]
            page.cells(cells, [Style(bold=True), Style(), *[Style(fill=FIELD)] * (1 + len(names))], 34)
        page.wide(self.say("criteria.end"), Style(box=False, color=GREY))
        page.finish()

    def _names(self, offers: OfferComparison) -> list[str]:
        return [offers.rates[r].name(self.lang) for r in offers.frame["resource_id"]]

    def offers(self, offers: OfferComparison) -> None:
        """Write full cost, worth, break-even, terms and answers, one column an offer."""
        rows: list[dict[Any, Any]] = offers.frame.to_dict("records")[:_MOST_OFFERS]
        names = self._names(offers)[:_MOST_OFFERS]
        page = self.page("offers", [30, *[26.0] * len(names)])
        page.heads([self.say("head.figure"), *names])
        for key, unit in _FIGURES.items():
            shown = [quantity(float(row[key]), unit, self.lang) for row in rows]
            page.cells([self.say(f"offers.{key}"), *shown], self._styles(len(rows), "right"))
        page.cells([self.say("offers.verdict"), *self._verdicts(offers, rows)], self._styles(len(rows)))
        for key in _WORDS:
            shown = [self._word(key, row) for row in rows]
            page.cells([self.say(f"offers.{key}"), *shown], self._styles(len(rows)))
        page.finish()

    def _styles(self, count: int, align: str = "left") -> list[Style]:
        return [Style(bold=True, fill=PALE), *[Style(align=align)] * count]

    def _verdicts(self, offers: OfferComparison, rows: list[dict[Any, Any]]) -> list[str]:
        """Return what giving the whole scope to each offer comes to."""
        found = []
        for row in rows:
            outcome = offers.outcomes.get(str(row["resource_id"]))
            key = str(outcome.conclusion) if outcome else "may_not"
            found.append(self.say(f"verdict.{key}"))
        return found

    def _word(self, key: str, row: dict[Any, Any]) -> str:
        value = row[key]
        if value is None or value == "" or value == "NaT" or (isinstance(value, float) and math.isnan(value)):
            return self.say("not_answered")
        vocabulary = {
            "contract_form": "contract_form",
            "sub_contracting": "sub_contracting",
            "grade": "grade",
        }
        return term(vocabulary[key], value, self.lang) if key in vocabulary else str(value)

    def verdicts(self, outcome: Outcome) -> None:
        """Write the verdict on each task group and what an hour saves."""
        page = self.page("verdicts", [30, 12, 12, 14, 20, 20, 20, 70])
        heads = ("task_group", "hours", "given", "verdict", "saving", "saving_low", "saving_high", "reason")
        page.heads([self.say(f"head.{h}") for h in heads])
        for verdict in outcome.verdicts:
            shown = [money(v, self.lang) if not math.isnan(v) else "-" for v in verdict.saving]
            cells = [
                term("task_group", verdict.task_group, self.lang),
                number(verdict.hours, 1),
                number(verdict.given, 1),
                text(f"verdict.{verdict.verdict}", self.lang),
                *shown,
                verdict.reason.sentence(self.lang),
            ]
            right = Style(align="right")
            page.cells(cells, [Style(bold=True), right, right, CENTRE, right, right, right, Style()])
        page.finish()

    def checks(self, outcome: Outcome, offers: OfferComparison) -> None:
        """Write what was computed, and what to check before signing."""
        page = self.page("checks", [6, 92, 16], landscape=False)
        page.heads([self.say(f"head.{h}") for h in ("no", "to_check", "done")])
        page.band(self.say("checks.before"))
        told = [self.say(f"checks.{key}") for key in CHECKS]
        for n, shown in enumerate(told, 1):
            page.cells([n, shown, ""], [CENTRE, Style(), Style(fill=FIELD)], 30)
        page.band(self.say("checks.computed"))
        sentences = pd.unique(pd.Series([*offers.sentences(self.lang), *outcome.sentences(self.lang)]))
        for n, shown in enumerate(sentences, len(told) + 1):
            page.cells([n, str(shown), ""], [CENTRE, Style(), Style(fill=FIELD)], 26)
        page.finish()


_FIGURES = {
    "full_cost": "JPY/hour",
    "full_cost_low": "JPY/hour",
    "full_cost_high": "JPY/hour",
    "quote": "JPY",
    "break_even_price": "JPY",
    "npv": "JPY",
    "npv_cautious": "JPY",
    "npv_hopeful": "JPY",
    "first_year_cash": "JPY",
    "hires_avoided": "person",
    "setup_cost": "JPY",
    "committed": "JPY/month",
    "min_term_months": "month",
    "notice_months": "month",
}
"""Figures of an offer and their units."""
_WORDS = (
    "contract_form",
    "sub_contracting",
    "data_location",
    "service_level",
    "valid_until",
    "grade",
    "source",
)
