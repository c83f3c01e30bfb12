"""The pilot: the piece of work to begin with, how much of it, and what to measure (FULLSTAR: start small)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from csanalysis.assignment.reasons import Decision
from csanalysis.costing.rates import Rate
from csanalysis.labels import money, number, percent, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import task_column, task_hours
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Basis, ContractForm, Driver, Split


@dataclass(frozen=True)
class Pilot:
    """The work to begin with.

    Attributes
    ----------
    decisions : tuple of Decision
        Its tasks: one, or a bundle.
    rate : Rate
        Who does it.
    share : float
        Share of the work that goes out at first; 1 where it cannot be shared.
    hours, bought : float
        Task hours and hours bought a month.
    jpy : float
        Full cost a month, at the margin.
    cases : float
        Cases a month of the task that takes most hours; NaN for work that is not done by case.
    stage : str
        Lifecycle stage, which decides what is measured.
    months : float
        Least term of the contract, in months.
    ramp_months : float
        Time constant of the ramp, in months.
    """

    decisions: tuple[Decision, ...] = field(repr=False)
    rate: Rate = field(repr=False)
    share: float
    hours: float
    bought: float
    jpy: float
    cases: float
    driver: str
    stage: str
    months: float
    ramp_months: float

    @property
    def task_ids(self) -> tuple[str, ...]:
        """Keys of its tasks."""
        return tuple(d.task_id for d in self.decisions)

    def name(self, lang: str) -> str:
        """Return the tasks of the pilot by name."""
        return text("stability.separator", lang).join(d.name(lang) for d in self.decisions)

    def measures(self, lang: str) -> list[str]:
        """Return what to measure, each with the value assumed today."""
        rate = self.rate
        values = {
            "productivity": f"{rate.get('productivity')[0]:g}",
            "rework": percent(float(rate.get("rework_rate")[0])),
            "management": percent(float(rate.get("management_ratio")[0])),
        }
        keys = (
            f"pilot.measure.{self.stage}",
            "pilot.measure.hours",
            "pilot.measure.rework",
            "pilot.measure.management",
        )
        return [text(key, lang, **values) for key in keys]


def choose_pilot(ds: Dataset, sc: Scenario, pool: Sequence[Decision], share: float) -> Pilot:
    """Return the pilot: with the vendor that takes most of the work, and what the source itself names first.

    A vendor is nobody the company employs or directs itself: there a pilot tests a contract.

    Parameters
    ----------
    pool : sequence of Decision
        Not empty; whole bundles.
    share : float
        Share of the work to begin with, where it can be shared.
    """
    takers = sorted({d.chosen for d in pool})
    taker = max(takers, key=lambda at: (_is_vendor(pool[0].rates[at]), _hours(pool, at)))
    units: dict[str, list[Decision]] = {}
    for d in pool:
        if d.chosen == taker:
            units.setdefault(f"bundle {d.bundle_id}" if d.bundle_id else d.task_id, []).append(d)
    chosen = max(
        units.values(),
        key=lambda unit: (all(d.basis == Basis.SOURCE for d in unit), sum(d.hours for d in unit)),
    )
    inventory = ds.tables["task_inventory"].set_index("task_id")
    rows = inventory.loc[[d.task_id for d in chosen]]
    part = 1.0 if (rows["split"] == Split.WHOLE).any() else share
    largest = max(chosen, key=lambda d: d.hours).task_id
    rate = chosen[0].rates[taker]
    hours = part * sum(d.hours for d in chosen)
    return Pilot(
        decisions=tuple(chosen),
        rate=rate,
        share=part,
        hours=hours,
        bought=hours * float(((1 + rate.get("rework_rate")) / rate.get("productivity"))[0]),
        jpy=part * sum(float(d.jpy[taker]) for d in chosen),
        cases=part * _cases(ds, sc, largest),
        driver=str(inventory.at[largest, "driver"]),
        stage=str(inventory.at[largest, "stage"]),
        months=float(rate.get("min_term_months")[0]),
        ramp_months=float(rate.get("ramp_tau_months")[0]),
    )


def _is_vendor(rate: Rate) -> bool:
    return rate.contract_form not in (ContractForm.EMPLOYMENT, ContractForm.DISPATCH)


def _hours(decisions: Sequence[Decision], at: int) -> float:
    return sum(d.hours for d in decisions if d.chosen == at)


def _cases(ds: Dataset, sc: Scenario, task_id: str) -> float:
    """Return how often a task is done in an average month; NaN for work that follows no volume."""
    inventory = ds.tables["task_inventory"]
    row = list(inventory["task_id"]).index(task_id)
    if inventory["driver"].iloc[row] == Driver.FIXED:
        return float("nan")
    volume = np.asarray(task_hours(ds, sc).volume[row], dtype=float).sum()
    return float(volume * task_column(ds, sc, "frequency")[row])


def pilot_findings(pilot: Pilot | None) -> Iterator[Finding]:
    """Yield the pilot, what to measure, and what a pilot cannot show."""
    if pilot is None:
        yield Finding("pilot.none", {}, "question", "FULLSTAR")
        return
    rate = pilot.rate
    values: dict[str, Shown] = {
        "tasks": pilot.name,
        "name": rate.name,
        "share": percent(pilot.share, 0),
        "hours": number(pilot.hours, 1),
        "bought": number(pilot.bought, 1),
        "paid": lambda lang: money(pilot.jpy, lang),
        "cases": lambda lang: _cases_text(pilot, lang),
        "base": lambda lang: money(float(rate.get("base_fee")[0]), lang),
        "setup": lambda lang: money(float(rate.get("setup_cost")[0]), lang),
        "minimum": number(float(rate.get("minimum_units")[0])),
        "months": number(pilot.months),
        "ramp": number(pilot.ramp_months),
        "measures": lambda lang: text("stability.separator", lang).join(pilot.measures(lang)),
    }
    yield Finding("pilot.whole" if pilot.share == 1 else "pilot.part", values, "question", "FULLSTAR")
    yield Finding("pilot.contract", values, "question")
    yield Finding("pilot.measure", values, "question", "FULLSTAR")
    yield Finding("pilot.no_churn", {}, "warning")


def _cases_text(pilot: Pilot, lang: str) -> str:
    if np.isnan(pilot.cases):
        return text("pilot.no_cases", lang)
    return text("pilot.cases", lang, cases=number(pilot.cases, 1), driver=term("driver", pilot.driver, lang))
