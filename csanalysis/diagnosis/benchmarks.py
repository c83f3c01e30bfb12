"""The company's figures beside published ones, with what the comparison can and cannot say."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.diagnosis.company_figures import SHARES, STAND_INS, company_figures
from csanalysis.labels import has, money, number, percent, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Grade

NEAR = 0.05
"""Within this share of a benchmark a figure counts as about equal (chosen: survey means are no finer)."""


LOW_PRICE = 50_000
"""JPY per account and month below which about 70 % of services run two sessions or fewer (FULLSTAR)."""

COMPARED_SEGMENTS = ("", "all", "csm")
"""Survey segments that stand for companies like ours; others are shown without a reading."""

TEXTS: tuple[str, ...] = ("definition", "definition_ja", "note", "note_ja")
_CONTEXT = ("reading.context", "reading.no_figure", "reading.share_inside", "reading.share_outside")
_FIGURE_UNITS = {"monthly_churn": "ratio/month", "annual_contract_value": "JPY/account/year"}


@dataclass(frozen=True)
class Comparison:
    """One figure of the company beside one published figure."""

    metric: str
    segment: str
    statistic: str
    value: float
    benchmark: float
    low: float
    high: float
    unit: str
    source: str
    year: float
    n: float
    grade: str
    texts: Mapping[str, str]
    reading: Finding

    @property
    def own_unit(self) -> str:
        """Unit of the company's figure, which differs where the benchmark is a share of firms."""
        share = SHARES.get(self.metric)
        return self.unit if share is None else _FIGURE_UNITS[share.figure]

    def definition(self, lang: str) -> str:
        """Return what was measured, as far as the source says."""
        return self._text("definition", lang)

    def note(self, lang: str) -> str:
        """Return the remark of the benchmarks table."""
        return self._text("note", lang)

    def conflict(self, lang: str) -> str:
        """Return what speaks against relying on the figure; empty if nothing is known."""
        label = f"conflict.{self.metric}"
        return text(label, lang) if has(label) else ""

    def _text(self, column: str, lang: str) -> str:
        own, other = self.texts.get(f"{column}_ja", ""), self.texts.get(column, "")
        return (own or other) if lang == "ja" else other


@dataclass(frozen=True)
class BenchmarkComparison:
    """All comparisons; `findings` are the readings that can be acted on, and the cautions.

    Attributes
    ----------
    company_figures : mapping of str to float
        Metric -> the company's figure, in the unit of the benchmark.
    """

    rows: tuple[Comparison, ...]
    findings: tuple[Finding, ...]
    company_figures: Mapping[str, float] = field(default_factory=dict)

    def to_frame(self, lang: str = "ja") -> pd.DataFrame:
        """Return one row a published figure.

        Columns: metric, label, segment, statistic, value (the company's), benchmark, low, high, unit,
        source, year, n (firms asked), grade, definition, note, conflict, reading (texts in `lang`).
        """
        rows = [
            {
                "metric": c.metric,
                "label": term("metric", c.metric, lang),
                "segment": c.segment,
                "statistic": c.statistic,
                "value": c.value,
                "benchmark": c.benchmark,
                "low": c.low,
                "high": c.high,
                "unit": c.unit,
                "source": c.source,
                "year": c.year,
                "n": c.n,
                "grade": c.grade,
                "definition": c.definition(lang),
                "note": c.note(lang),
                "conflict": c.conflict(lang),
                "reading": c.reading.sentence(lang),
            }
            for c in self.rows
        ]
        return pd.DataFrame(rows)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]


def compare_benchmarks(ds: Dataset, sc: Scenario) -> BenchmarkComparison:
    """Put the company's figures beside every published figure that speaks of the same thing.

    Parameters
    ----------
    ds : Dataset
        Uses the benchmarks table.
    sc : Scenario
        Scalar values.

    Returns
    -------
    BenchmarkComparison
        In the order of the benchmarks table.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> frame = cs.compare_benchmarks(ds, ds.base).to_frame("en")
    >>> bool(frame["grade"].notna().all())
    True
    """
    own = company_figures(ds, sc)
    rows = []
    for record in ds.tables["benchmarks"].to_dict("records"):
        metric = record["metric"]
        figure = SHARES[metric].figure if metric in SHARES else metric
        if figure not in own:
            continue
        names = ("metric", "segment", "statistic", "low", "high", "unit", "source", "year", "n", "grade")
        fields = {name: record[name] for name in names}
        texts = {name: str(record[name]) for name in TEXTS if name in record}
        reading = _reading(record, own[figure], _is_stand_in(sc, record), str(sc["churn_basis"]))
        rows.append(
            Comparison(value=own[figure], benchmark=record["value"], texts=texts, reading=reading, **fields)
        )
    acted = [c.reading for c in rows if c.reading.key not in _CONTEXT]
    return BenchmarkComparison(tuple(rows), (*acted, *_cautions(own)), own)


def _is_stand_in(sc: Scenario, record: Mapping[Hashable, Any]) -> bool:
    """Tell whether the company's value is a default that was taken from this very figure."""
    key = STAND_INS.get(record["metric"])
    if key is None or key in sc.changes or not sc.space.knows(key):
        return False
    parameter = sc.parameter(key)
    first = [str(source).split()[0].rstrip(";,") for source in (parameter.source, record["source"])]
    taken_over = parameter.grade == Grade.ASSUMPTION or first[0] == first[1]
    return taken_over and parameter.default == record["value"]


def _reading(record: Mapping[Hashable, Any], value: float, stand_in: bool, basis: str) -> Finding:
    """Return what the figure means beside one published figure (reading rules: FULLSTAR, ADISH)."""
    metric, unit = str(record["metric"]), str(record["unit"])
    benchmark, low, high = (float(record[k]) for k in ("value", "low", "high"))
    values: dict[str, Shown] = {
        "metric": lambda lang: term("metric", metric, lang),
        "value": lambda lang: shown(value, unit, lang),
        "benchmark": lambda lang: shown(benchmark, unit, lang),
        "low": lambda lang: shown(low, unit, lang),
        "high": lambda lang: shown(high, unit, lang),
        "source": str(record["source"]),
        "grade": lambda lang: term("grade", record["grade"], lang),
        "meaning": "",
    }
    source = str(record["source"])
    if not np.isfinite(value):
        return Finding("reading.no_figure", values, source=source)
    if record["segment"] not in COMPARED_SEGMENTS:
        return Finding("reading.context", values, source=source)
    if metric in SHARES:
        share = SHARES[metric]
        inside = share.low <= value < share.high
        values["value"] = lambda lang: shown(value, _FIGURE_UNITS[share.figure], lang)
        if share.basis and share.basis != basis:
            values["meaning"] = lambda lang: text("meaning.other_basis", lang)
        return Finding("reading.share_inside" if inside else "reading.share_outside", values, source=source)
    if stand_in:
        return Finding("reading.stand_in", values, "question", source)
    if record["statistic"] == "warning_line":
        above = value > benchmark
        key = "reading.above_warning" if above else "reading.below_warning"
        return Finding(key, values, "warning" if above else "info", source)
    if np.isfinite(low) and np.isfinite(high):
        key = "below" if value < low else "above" if value > high else "within"
        return Finding(f"reading.{key}_range", _with_meaning(values, metric, key), _level(key), source)
    gap = value / benchmark - 1 if benchmark else np.inf * np.sign(value)
    key = "near" if abs(gap) <= NEAR else "above" if gap > 0 else "below"
    return Finding(f"reading.{key}", _with_meaning(values, metric, key), source=source)


def _level(key: str) -> str:
    return "info" if key == "within" else "warning"


def _with_meaning(values: dict[str, Shown], metric: str, key: str) -> dict[str, Shown]:
    label = f"meaning.{metric}.{key}"
    if has(label):
        return {**values, "meaning": lambda lang: text(label, lang)}
    return values


def shown(value: float, unit: str, lang: str) -> str:
    """Format a benchmark figure by its unit."""
    if not np.isfinite(value):
        return "-"
    if unit.startswith("JPY"):
        return money(value, lang)
    if unit.startswith("ratio"):
        return percent(value, 2)
    return number(value, 1 if abs(value) >= 10 else 2)


def _cautions(own: Mapping[str, float]) -> list[Finding]:
    """Return what limits every reading: known conflicts of the sources."""
    churn = own["monthly_churn"]
    annual = 1 - (1 - churn) ** 12
    found = [Finding("caution.churn_annual", {"monthly": percent(churn, 2), "annual": percent(annual)})]
    found.append(Finding("caution.churn_basis", source="FULLSTAR", level="question"))
    if own["annual_contract_value"] / 12 < LOW_PRICE and own["onboarding_sessions"] <= 2:
        found.append(Finding("caution.two_sessions", source="FULLSTAR"))
    return found
