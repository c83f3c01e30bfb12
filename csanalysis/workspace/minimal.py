"""Minimal input: ten numbers, a vendor's quote, three menus and a task list, judged answer by answer.

The terminal (`minimal_ask`) and the sheet (`minimal_read`) collect the same answers with the same rules;
`minimal_tables` makes a workspace of them.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from csanalysis.io.cleaning import to_number
from csanalysis.labels import LANGUAGES, has, number, percent, term, text, trimmed
from csanalysis.model.parameters import WHOLE_UNIT, Parameter
from csanalysis.model.scenario import ParameterSpace
from csanalysis.model.supply import PLAUSIBLE_LOAD, productive_hours
from csanalysis.vocabulary import Quadrant, Stage

NUMBERS = (
    *("arr", "accounts", "cs_headcount", "cs_fte", "csm_monthly_cost", "monthly_churn"),
    *("new_accounts_per_month", "onboarding_sessions", "term_months", "gross_margin"),
)
PRICE, MINIMUM = "resources.bpo.price", "resources.bpo.minimum_units"
QUOTE = (PRICE, MINIMUM)
MENUS = ("product_type", "customer_size", "churn_basis")
QUESTIONS = (*NUMBERS, *QUOTE, *MENUS)
TASK_COLUMNS = ("name", "stage", "hours", "value", "routine", "personal_data")
TASKS = "tasks"

VALUES = {"H": 5.0, "M": 3.0, "L": 1.0}
"""Value to the customer as rated, and on the scale of ``value_added``."""
_YES = ("yes", "y", "はい", "有", "あり", "○", "〇", "1", "true")
_NO = ("no", "n", "いいえ", "無", "なし", "×", "0", "false")
_LEVELS = {"H": ("高", "high"), "M": ("中", "medium"), "L": ("低", "low")}

LEAST_ARR, LEAST_ARPA, MOST_ARPA = 1e6, 1e3, 1e8
"""JPY a year; JPY per account and month: beyond these the unit of ARR is asked about (chosen)."""
PLAUSIBLE_COST, PLAUSIBLE_PRICE = (1e5, 3e6), (500.0, 5e4)
"""JPY per FTE and month; JPY per vendor hour (chosen)."""
MOST_CHURN, MOST_NEW = 0.2, 0.5
"""Share of accounts lost and won in a month that may be a figure per year (chosen)."""


@dataclass(frozen=True)
class Entry:
    """One answer: a number in the parameter's unit or a term, and whether it is an estimate."""

    value: float | str
    estimated: bool = False


@dataclass(frozen=True)
class Task:
    """One task: hours a month of the whole team, value H, M or L."""

    name: str
    stage: str
    hours: float
    value: str
    routine: bool
    personal_data: bool


@dataclass(frozen=True)
class Answers:
    """All answers of the minimal input."""

    entries: Mapping[str, Entry]
    tasks: tuple[Task, ...] = ()

    def number(self, key: str) -> float:
        """Return a numeric answer, in the parameter's unit."""
        return float(self.entries[key].value)

    @property
    def quadrant(self) -> Quadrant:
        """Customer size x product type."""
        return Quadrant(f"{self.entries['customer_size'].value}_{self.entries['product_type'].value}")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one answer: a rule of the data contract and the values of its texts."""

    rule: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """Return what was expected, and how to mend it, for the terminal."""
        parts = (text(f"data.{self.rule}.{part}", lang, **self.values) for part in ("expected", "fix"))
        return text("minimal.told", lang, expected=next(parts), fix=next(parts))


@dataclass(frozen=True)
class Doubt:
    """Something unlikely but possible, to be asked about; `key` is the answer concerned."""

    rule: str
    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """Return the question."""
        return text(f"minimal.doubt.{self.rule}", lang, **self.values)


def label(key: str, lang: str) -> str:
    """Return the label of a question or of a column of the task list."""
    return text(f"minimal.{key}.label", lang)


def plain(entered: str) -> str:
    """Return text for comparison: without width variants, case and spaces."""
    return "".join(unicodedata.normalize("NFKC", entered).casefold().split())


def example_value(key: str, space: ParameterSpace) -> float | str:
    """Return the answer that the example workspace would give."""
    default = space.find(key).default
    if default is None:
        known = (space.find(k).default for k in ("accounts", "monthly_churn", "growth_monthly"))
        accounts, churn, growth = (float(value or 0) for value in known)
        return round(accounts * (churn + growth), 1)
    return default


def shown(key: str, value: float | str, unit: str, lang: str) -> str:
    """Return an answer as a person would enter it."""
    if isinstance(value, str):
        return term(key, value, lang)
    if unit.startswith("ratio"):
        return percent(value, 2).replace(" ", "")
    return trimmed(value, 2)


def judge_number(key: str, entered: str, space: ParameterSpace, lang: str) -> float | Problem:
    """Return the number entered, or what is wrong with it; ratios may be given as 2.84% or 0.0284."""
    parameter = space.find(key)
    named = {
        "label": label(key, lang),
        "unit": text(f"minimal.{key}.unit", lang),
        "example": shown(key, example_value(key, space), parameter.unit, lang),
    }
    value = to_number(entered)
    if value is None:
        return Problem("minimal_number", named)
    if math.isnan(value):
        return Problem("minimal_empty", {"label": named["label"]})
    if parameter.problem(value) is None:
        return value
    if parameter.hard_min <= value <= parameter.hard_max and parameter.unit == WHOLE_UNIT:
        return Problem("minimal_whole", named)
    hint = "minimal.share" if parameter.unit.startswith("ratio") else f"hint.{key}"
    space_between = " " if lang == "en" else ""
    told = {
        "bounds": _bounds(key, parameter, lang),
        "hint": space_between + text(hint, lang) if has(hint) else "",
    }
    return Problem("minimal_bounds", {**named, **told})


def _bounds(key: str, parameter: Parameter, lang: str) -> str:
    low = shown(key, parameter.hard_min, parameter.unit, lang)
    if not math.isfinite(parameter.hard_max):
        return text("minimal.at_least", lang, low=low)
    high = shown(key, parameter.hard_max, parameter.unit, lang)
    return text("minimal.between", lang, low=low, high=high)


def judge_hours(entered: str, lang: str) -> float | Problem:
    """Return team hours a month, or what is wrong with them."""
    value = to_number(entered)
    if value is not None and math.isnan(value):
        return Problem("minimal_empty", {"label": label("hours", lang)})
    if value is None or value < 0 or "%" in unicodedata.normalize("NFKC", entered):
        return Problem("minimal_hours", {"label": label("hours", lang)})
    return value


def words_of(column: str) -> dict[str, tuple[str, ...]]:
    """Return the terms of a menu or a column of the task list, each with the words that mean it."""
    if column in ("routine", "personal_data"):
        return {"yes": _YES, "no": _NO}
    if column == "value":
        return {level: (level.lower(), *words) for level, words in _LEVELS.items()}
    if column == "basis":
        return _worded("minimal.basis", ("records", "estimate"))
    if column == "stage":
        return {k: (*words, k[0]) for k, words in _worded("stage", Stage).items()}
    choices = {
        "product_type": ("replace_existing", "propose_new"),
        "customer_size": ("smb", "enterprise"),
        "churn_basis": ("logo", "revenue"),
    }
    return _worded(column, choices[column])


def _worded(vocabulary: str, terms: Iterable[str]) -> dict[str, tuple[str, ...]]:
    return {str(t): (plain(str(t)), *(plain(term(vocabulary, t, lang)) for lang in LANGUAGES)) for t in terms}


def offered(column: str, lang: str) -> tuple[str, ...]:
    """Return the terms of a menu as they are shown."""
    if column in ("routine", "personal_data"):
        return text("minimal.yes", lang), text("minimal.no", lang)
    if column == "value":
        return tuple(VALUES)
    vocabulary = "minimal.basis" if column == "basis" else column
    return tuple(term(vocabulary, t, lang) for t in words_of(column))


def judge_choice(column: str, entered: str, lang: str) -> str | Problem:
    """Return the term meant, or what is wrong: keys and labels of both languages are read."""
    meant = plain(entered)
    if not meant:
        return Problem("minimal_empty", {"label": label(column, lang)})
    for key, words in words_of(column).items():
        if meant in words:
            return key
    terms = text("minimal.or", lang).join(offered(column, lang))
    return Problem("minimal_choice", {"label": label(column, lang), "terms": terms})


def find_doubts(answers: Answers, space: ParameterSpace) -> Iterator[Doubt]:
    """Yield what looks like a wrong unit or a slip, and task hours far from what the team can give."""
    arr, accounts, persons = (answers.number(k) for k in ("arr", "accounts", "cs_headcount"))
    fte, cost, price = (answers.number(k) for k in ("cs_fte", "csm_monthly_cost", PRICE))
    churn, new = answers.number("monthly_churn"), answers.number("new_accounts_per_month")
    arpa = arr / accounts / 12
    if arr < LEAST_ARR or not LEAST_ARPA <= arpa <= MOST_ARPA:
        yield Doubt("arr", "arr", {"arr": number(arr), "arpa": number(arpa, 0 if arpa >= 10 else 2)})
    if not PLAUSIBLE_COST[0] <= cost <= PLAUSIBLE_COST[1]:
        yield Doubt("cost", "csm_monthly_cost", {"cost": number(cost)})
    if fte > persons:
        yield Doubt("fte", "cs_fte", {"fte": f"{fte:g}", "persons": number(persons)})
    if churn > MOST_CHURN:
        yield Doubt("churn", "monthly_churn", {"churn": percent(churn, 2)})
    if new > MOST_NEW * accounts:
        yield Doubt("new", "new_accounts_per_month", {"new": f"{new:g}", "accounts": number(accounts)})
    if not PLAUSIBLE_PRICE[0] <= price <= PLAUSIBLE_PRICE[1]:
        yield Doubt("price", PRICE, {"price": number(price)})
    yield from _doubtful_hours(answers, space)


def _doubtful_hours(answers: Answers, space: ParameterSpace) -> Iterator[Doubt]:
    defaults = (float(space.find(key).default or 0) for key in ("paid_hours", "non_customer_time"))
    each = float(productive_hours(*defaults))
    hours, supply = sum(task.hours for task in answers.tasks), answers.number("cs_fte") * each
    low, high = PLAUSIBLE_LOAD
    if not (low <= hours / supply <= high if supply else hours == 0):
        told = {"hours": hours, "fte": answers.number("cs_fte"), "each": each, "supply": supply}
        ends = {"low": low * supply, "high": high * supply}
        share = {"share": percent(hours / supply, 0) if supply else "-"}
        yield Doubt("hours", TASKS, {**{k: trimmed(v, 1) for k, v in (told | ends).items()}, **share})
