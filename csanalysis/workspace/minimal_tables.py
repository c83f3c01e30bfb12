"""Answers of the minimal input to a workspace: the analyst's numbers, all else marked assumption."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path

import pandas as pd

from csanalysis.errors import WorkspaceError
from csanalysis.io.readers import read_raw
from csanalysis.io.writers import write_csv, write_text_atomic
from csanalysis.labels import percent, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import CSM_COST, WHOLE_UNIT, Parameter
from csanalysis.model.scenario import ParameterSpace
from csanalysis.schemas.tables import TABLES
from csanalysis.vocabulary import Grade, ResourceKind
from csanalysis.workspace.create import example_dir, fill_from_example, make_folder
from csanalysis.workspace.loading import load_dataset
from csanalysis.workspace.marker import MARKER, read_marker
from csanalysis.workspace.minimal import MENUS, MINIMUM, NUMBERS, PRICE, QUESTIONS, Answers, find_doubts
from csanalysis.workspace.minimal_tasks import driver_notes, inventory

DERIVED = ("growth_monthly", "arr_per_head")
"""Parameters that follow from the numbers entered, so that the tables do not contradict each other."""
_KEPT = (*TABLES, "season_profiles")


@dataclass(frozen=True)
class MinimalWorkspace:
    """A workspace made from minimal input.

    Attributes
    ----------
    folder : Path
    notes : tuple of str
        What was decided on the way and the analyst should know, in the workspace's language.
    prefilled : int
        Parameters that were not entered.
    """

    folder: Path
    notes: tuple[str, ...]
    prefilled: int


@functools.cache
def example_dataset(lang: str) -> Dataset:
    """Return the example workspace, whatever the environment chooses for the analyst's own."""
    root = example_dir()
    return load_dataset(root, lang=lang, scenario=read_marker(root).scenario, overrides={})


def create_minimal_workspace(
    target: str | Path, answers: Answers, lang: str, *, accept: bool = False, today: date | None = None
) -> MinimalWorkspace:
    """Make a whole workspace of the minimal input; it appears whole or not at all.

    Parameters
    ----------
    target : str or Path
        A folder that does not exist or is empty.
    answers : Answers
    lang : {"ja", "en"}
        Language of the workspace and of the names entered.
    accept : bool
        Go on although numbers look unlikely; without it each is told as a question.
    today : datetime.date, optional
        Day of the input; its month is month 0.

    Raises
    ------
    WorkspaceError
        If the folder is not empty, or with the questions that `accept` would answer with yes.
    """
    example = example_dataset(lang)
    doubts = [doubt.text(lang) for doubt in find_doubts(answers, example.space)]
    if doubts and not accept:
        questions = "\n".join(f"{n}. {doubt}" for n, doubt in enumerate(doubts, 1))
        raise WorkspaceError(text("minimal.doubts", lang, questions=questions))
    notes = tuple(_notes(answers, example.space, lang))
    folder = make_folder(
        target, lambda folder: _fill(folder, answers, example, lang, today or date.today(), notes)
    )
    entered = {*NUMBERS, PRICE, *MENUS}
    return MinimalWorkspace(folder, notes, sum(key not in entered for key in example.parameters["key"]))


def _fill(
    folder: Path, answers: Answers, example: Dataset, lang: str, today: date, notes: tuple[str, ...]
) -> None:
    fill_from_example(folder, lang)
    for path in folder.glob("*.csv"):
        if path.stem not in _KEPT:
            path.unlink()
    for path in (folder / "scenarios").iterdir():
        path.unlink()
    tables = ("task_inventory", "parameters", "resources")
    raw = {name: read_raw(example_dir() / f"{name}.csv", f"{name}.csv", lang).frame for name in tables}
    tasks = inventory(answers, example.tasks, list(raw["task_inventory"].columns), lang)
    write_csv(folder / "task_inventory.csv", tasks)
    write_csv(folder / "parameters.csv", _parameters(raw["parameters"], answers, example.space, lang))
    write_csv(folder / "resources.csv", _resources(raw["resources"], answers, lang))
    name = str(answers.quadrant)
    write_csv(folder / "scenarios" / f"{name}.csv", pd.DataFrame(columns=["key", "value", "note"]))
    told = {"lang": lang, "scenario": name, "month": f"{today:%Y-%m}"}
    write_text_atomic(folder / MARKER, text("minimal.marker", lang, **told))
    listed = "".join(f"- {note}\n" for note in notes)
    head = text("minimal.readme", lang, day=today.isoformat(), notes=listed)
    dictionary = (folder / "README.md").read_text(encoding="utf-8")
    write_text_atomic(folder / "README.md", f"{head}\n{dictionary}")
    load_dataset(folder, lang=lang, scenario=name, overrides={})


def _parameters(raw: pd.DataFrame, answers: Answers, space: ParameterSpace, lang: str) -> pd.DataFrame:
    """Return the parameters table: answers as defaults with a range of their own, the rest as assumptions."""
    rows = []
    for row in raw.to_dict("records"):
        key, cells = str(row["key"]), {str(k): str(v) for k, v in row.items()}
        if key in QUESTIONS:
            rows.append({**cells, **_entered(key, answers, space.find(key), lang)})
        elif key in DERIVED:
            rows.append({**cells, **_derived(key, answers, space, lang)})
        else:
            source = text("minimal.source.prefilled", lang, source=cells["source"])
            rows.append({**cells, "source": source, "grade": str(Grade.ASSUMPTION)})
    return pd.DataFrame(rows, columns=raw.columns)


def _entered(key: str, answers: Answers, parameter: Parameter, lang: str) -> dict[str, str]:
    entry = answers.entries[key]
    sort, grade = ("quote", Grade.VENDOR) if key == PRICE else ("records", Grade.MEASURED)
    if entry.estimated:
        sort, grade = "estimate", Grade.ASSUMPTION
    cells = {"source": text(f"minimal.source.{sort}", lang), "grade": str(grade)}
    if isinstance(entry.value, str):
        return {**cells, "default": entry.value}
    if key != PRICE:
        cells["default"] = _plain(entry.value)
    return {**cells, **_range_cells(*range_around(entry.value, parameter))}


def _derived(key: str, answers: Answers, space: ParameterSpace, lang: str) -> dict[str, str]:
    parameter = space.find(key)
    if key == "growth_monthly":
        value = growth_of(answers, parameter)
        low, high = range_around(value, parameter)
    else:
        target, year = space.find("cs_cost_ratio"), 12 * answers.number(CSM_COST)
        ratios = (target.default, target.high, target.low)
        value, low, high = (float(round(year / float(ratio or 1))) for ratio in ratios)
    cells = {"default": _plain(value), **_range_cells(low, high)}
    return {**cells, "source": text(f"minimal.source.{key}", lang), "grade": str(Grade.ASSUMPTION)}


def growth_of(answers: Answers, parameter: Parameter) -> float:
    """Return monthly growth of accounts: new / accounts - churn, within the hard bounds, to 5 decimals."""
    won = answers.number("new_accounts_per_month") / answers.number("accounts")
    growth = won - answers.number("monthly_churn")
    return round(min(max(growth, parameter.hard_min), parameter.hard_max), 5)


def range_around(value: float, parameter: Parameter) -> tuple[float, float]:
    """Return low and high around an answer, as wide in proportion as the example's, within the hard bounds.

    Where proportions say nothing (the example or the answer is 0), the example's range is widened to hold it.
    Ends are rounded outward to two digits; NaN where the example has no range.

    Examples
    --------
    >>> range_around(600_000, Parameter("x", "JPY", 450_000.0, low=400_000, high=650_000, hard_max=1e7))
    (530000.0, 870000.0)
    """
    low, high, default = parameter.low, parameter.high, parameter.default
    if math.isnan(low) or math.isnan(high) or not isinstance(default, float):
        return math.nan, math.nan
    if value and default:
        low, high = sorted((low * value / default, high * value / default))
    whole = parameter.unit == WHOLE_UNIT
    low, high = _outward(low, ROUND_FLOOR, whole), _outward(high, ROUND_CEILING, whole)
    low, high = min(low, value), max(high, value)
    return float(max(low, _or(parameter.hard_min, low))), float(min(high, _or(parameter.hard_max, high)))


def _or(bound: float, otherwise: float) -> float:
    return otherwise if math.isnan(bound) else bound


def _outward(value: float, rounding: str, whole: bool) -> float:
    """Round to two digits, to a whole number where `whole`; towards the side of `rounding`."""
    exact = Decimal(repr(float(f"{value:.12g}")))
    digit = Decimal(1).scaleb(exact.adjusted() - 1) if exact else Decimal(1)
    unit = max(digit, Decimal(1)) if whole else digit
    return float((exact / unit).to_integral_value(rounding) * unit)


def _range_cells(low: float, high: float) -> dict[str, str]:
    return {k: "" if math.isnan(v) else _plain(v) for k, v in (("low", low), ("high", high))}


def _resources(raw: pd.DataFrame, answers: Answers, lang: str) -> pd.DataFrame:
    """Return the rate card: cost of a CSM and the quote as entered, all other cells assumptions."""
    csm = raw["kind"] == ResourceKind.CSM
    bpo = raw["resource_id"] == PRICE.split(".")[1]
    card = raw.assign(grade=str(Grade.ASSUMPTION))
    card["source"] = [text("minimal.source.prefilled", lang, source=s) for s in raw["source"]]
    entered: tuple[tuple[pd.Series[bool], str, float, str], ...] = (
        (csm, "price", answers.number(CSM_COST), "csm"),
        (bpo, "price", answers.number(PRICE), "bpo"),
        (bpo, "minimum_units", answers.number(MINIMUM), "bpo"),
    )
    for rows, column, value, name in entered:
        card.loc[rows, column] = _plain(value)
        card.loc[rows, "source"] = [
            text(f"minimal.source.{name}", lang, source=s) for s in raw.loc[rows, "source"]
        ]
    return card


def _notes(answers: Answers, space: ParameterSpace, lang: str) -> Iterator[str]:
    yield from driver_notes(answers, lang)
    growth = growth_of(answers, space.find("growth_monthly"))
    yield text("minimal.note.growth", lang, month=percent(growth, 2), year=percent((1 + growth) ** 12 - 1, 0))


def _plain(value: float) -> str:
    return f"{value:.15g}"
