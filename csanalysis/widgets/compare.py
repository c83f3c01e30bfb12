"""Two or three scenarios side by side: where their assumptions differ, and what that does to the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from csanalysis import tables
from csanalysis.labels import quantity, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.widgets.measures import MEASURES, STANDARD, Measure, measures

MOST = 3
_FEW = 12
"""Up to so many differing assumptions are shown at once."""


@dataclass(frozen=True)
class ScenarioComparison:
    """Scenarios side by side; the first is what the others are measured against.

    Attributes
    ----------
    scenarios : dict
        Name on screen -> Scenario.
    assumptions : tuple of str
        Parameter keys in which they differ, in the order of the parameter table, cells last.
    results : tuple of tuple of Measure
        One row a figure, one Measure a scenario.
    """

    scenarios: Mapping[str, Scenario]
    assumptions: tuple[str, ...]
    results: tuple[tuple[Measure, ...], ...] = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a figure and scenario: part (assumption or result), key, scenario, value, unit."""
        names = list(self.scenarios)
        rows = [
            ("assumption", key, name, self.scenarios[name][key], self.scenarios[name].parameter(key).unit)
            for key in self.assumptions
            for name in names
        ]
        rows += [
            ("result", one.name, name, one.word or one.value, one.unit)
            for line in self.results
            for name, one in zip(names, line, strict=True)
        ]
        return pd.DataFrame(rows, columns=["part", "key", "scenario", "value", "unit"])

    def html(self, lang: str) -> str:
        """Return the results, and below them, folded where they are many, the assumptions behind."""
        return f'<div class="csa-compare">{self._results_table(lang)}{self._assumptions_part(lang)}</div>'

    def _assumptions_part(self, lang: str) -> str:
        if not self.assumptions:
            return f"<p>{escape(text('compare.same', lang))}</p>"
        first = next(iter(self.scenarios.values()))
        found = [first.parameter(key) for key in self.assumptions]
        columns = [tables.Column("parameter", [tables.label_of(p, first, lang) for p in found])]
        for name, sc in self.scenarios.items():
            columns.append(tables.Column(name, [tables.shown(p, sc[p.key], lang) for p in found], True))
        head = text("compare.assumptions", lang, count=len(found))
        table = tables.render(columns, lang, head).html
        opened = " open" if len(found) <= _FEW else ""
        return f"<details{opened}><summary>{escape(head)}</summary>{table}</details>"

    def _results_table(self, lang: str) -> str:
        columns = [tables.Column("result", [line[0].label(lang) for line in self.results])]
        names = list(self.scenarios)
        for n, name in enumerate(names):
            cells = [_beside(line[0], line[n], lang) if n else line[0].shown(lang) for line in self.results]
            columns.append(tables.Column(name, cells, True))
        return tables.render(columns, lang, text("compare.against", lang, name=names[0])).html


def compare_scenarios(
    ds: Dataset, scenarios: Mapping[str, Scenario], views: Sequence[str]
) -> ScenarioComparison:
    """Compare two or three scenarios.

    Parameters
    ----------
    ds : Dataset
    scenarios : mapping of str to Scenario
        Name on screen -> scenario; the others are measured against the first.
    views : sequence of str
        Whose figures are compared; where none of them has figures, those of `STANDARD`.

    Raises
    ------
    ValueError
        For less than two or more than three scenarios.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> found = compare_scenarios(ds, {"now": ds.base, "more": ds.base.replace(cs_headcount=12)}, ["phase"])
    >>> found.assumptions, [one.shown("en") for one in found.results[0]]
    (('cs_headcount',), ['5 persons', '12 persons'])
    """
    if not 2 <= len(scenarios) <= MOST:
        raise ValueError(text("compare.two_or_three", ds.lang, most=MOST))
    wanted = [view for view in views if view in MEASURES] or list(STANDARD)
    found = [{m.name: m for m in measures(ds, sc, wanted)} for sc in scenarios.values()]
    common = [name for name in found[0] if all(name in each for each in found)]
    results = tuple(tuple(each[name] for each in found) for name in common)
    return ScenarioComparison(dict(scenarios), _differing(list(scenarios.values())), results)


def _differing(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    named = dict.fromkeys(key for sc in scenarios for key in sc.changed())
    order = {key: n for n, key in enumerate(scenarios[0].space.parameters)}
    keys = sorted(named, key=lambda key: order.get(key, len(order)))
    return tuple(key for key in keys if any(sc[key] != scenarios[0][key] for sc in scenarios[1:]))


def _beside(one: Measure, other: Measure, lang: str) -> str:
    """Return a figure with its change against another."""
    change = _difference(one, other, lang)
    return text("compare.change", lang, value=other.shown(lang), change=change)


def _difference(one: Measure, other: Measure, lang: str) -> str:
    """Return other - one with its sign; for terms whether they are the same."""
    if one.word:
        return text("compare.equal" if one.word == other.word else "compare.other", lang)
    change = other.value - one.value
    shown = quantity(change, one.unit, lang)
    if one.unit.split("/")[0] == "ratio":
        per = "".join(f"/{term('per', part, lang)}" for part in one.unit.split("/")[1:])
        shown = text("compare.points", lang, value=f"{100 * change:,.2f}") + per
    plain = [c for c in shown if c in "123456789"]
    return shown if change < 0 else f"+{shown}" if plain else text("compare.equal", lang)
