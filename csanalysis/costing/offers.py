"""Two and more offers for the same work, side by side: full cost, break-even, risk, terms of leaving."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from csanalysis.costing.cases import cases_of
from csanalysis.costing.outcome import Outcome, evaluate_outcome
from csanalysis.costing.placement import IN_HOUSE
from csanalysis.costing.rates import Rate, committed_units, price_stated, rates_of
from csanalysis.costing.scope import playbook_assignment
from csanalysis.costing.unit_cost import may_do
from csanalysis.labels import both, money, number
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.scenario import Scenario

_UNKNOWN = ("sub_contracting", "data_location", "service_level", "valid_until")


@dataclass(frozen=True)
class OfferComparison:
    """Offers for one scope, the best first.

    Attributes
    ----------
    task_ids : tuple of str
        The scope.
    outcomes : dict
        resource_id -> Outcome of giving it the whole scope.
    frame : pandas.DataFrame
        One row an offer, best npv first: resource_id, eligible, full_cost, full_cost_low, full_cost_high
        (JPY per task hour), npv, npv_cautious, npv_hopeful, first_year_cash (JPY), quote, break_even_price
        (JPY per unit), hires_avoided, setup_cost, committed (JPY a month without any work), min_term_months,
        notice_months, contract_form, sub_contracting, data_location, service_level, valid_until, source,
        grade. Offers that may not do the scope come last, without figures.
    rates : dict
        resource_id -> Rate, for names.
    findings : tuple of Finding
    """

    task_ids: tuple[str, ...]
    outcomes: dict[str, Outcome] = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    rates: dict[str, Rate] = field(repr=False)
    findings: tuple[Finding, ...] = field(default=(), repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an offer, see `frame`."""
        return self.frame.copy()

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]


def compare_offers(
    ds: Dataset,
    sc: Scenario,
    resource_ids: Sequence[str] = (),
    scope: Iterable[str] | None = None,
    baseline: str = IN_HOUSE,
) -> OfferComparison:
    """Compare offers that would each do the same tasks.

    Parameters
    ----------
    ds, sc
        Scalars.
    resource_ids : sequence of str, optional
        Offers of the rate card, price sheets read in among them; default all that sell labour, since a
        licence or an agency does not do the same work.
    scope : iterable of str, optional
        Tasks; default those the playbook hands out in this quadrant and phase.
    baseline : {"in_house", "current"}

    Raises
    ------
    ValueError
        For an offer named twice or unknown, an unknown task, or an empty `scope`.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> offers = cs.compare_offers(ds, ds.base, ["bpo", "contractor"])
    >>> list(offers.frame["resource_id"])
    ['bpo', 'contractor']
    """
    tasks = tuple(playbook_assignment(ds, sc) if scope is None else scope)
    rates = {rate.resource_id: rate for rate in rates_of(sc)}
    asked = tuple(resource_ids) or tuple(r for r, rate in rates.items() if rate.sells_labour)
    _check(ds, asked, tasks, rates)
    if not tasks:
        if scope is not None:
            raise ValueError(both("offers.no_scope"))
        return OfferComparison((), {}, pd.DataFrame(), rates, (Finding("offers.nothing"),))
    able = [r for r in asked if may_do(ds, rates[r], tasks)]
    outcomes = {r: evaluate_outcome(ds, sc, dict.fromkeys(tasks, r), baseline) for r in able}
    rows = [_row(ds, sc, rates[r], outcomes.get(r)) for r in asked]
    frame = pd.DataFrame(rows).sort_values("npv", ascending=False, na_position="last", kind="stable")
    frame = frame.reset_index(drop=True)
    ahead = _surely_ahead(ds, sc, tasks, list(frame.loc[frame["eligible"], "resource_id"]))
    return OfferComparison(tasks, outcomes, frame, rates, tuple(_findings(frame, rates, ahead)))


def _surely_ahead(ds: Dataset, sc: Scenario, tasks: tuple[str, ...], order: list[str]) -> bool:
    """Tell whether the first offer stays ahead of the second under the same assumptions, over all ranges."""
    if len(order) < 2:
        return True
    first, second = (dict.fromkeys(tasks, resource) for resource in order[:2])
    return cases_of(ds, sc, first, second).value("cautious", "npv") >= 0


def _check(ds: Dataset, asked: tuple[str, ...], tasks: tuple[str, ...], rates: dict[str, Rate]) -> None:
    known = set(ds.tables["task_inventory"]["task_id"])
    if len(set(asked)) < len(asked):
        raise ValueError(both("offers.twice", offers=", ".join(asked)))
    for task in tasks:
        if task not in known:
            raise ValueError(both("costing.unknown_task", key=task, near=", ".join(sorted(known)[:8])))
    for resource in asked:
        if resource not in rates:
            raise ValueError(both("costing.unknown_resource", key=resource, near=", ".join(rates)))


def _row(ds: Dataset, sc: Scenario, rate: Rate, outcome: Outcome | None) -> dict[str, object]:
    stated = price_stated(sc, rate)
    row: dict[str, object] = {"resource_id": rate.resource_id, "eligible": outcome is not None}
    row |= _figures(rate, outcome)
    row |= {
        "setup_cost": float(rate.get("setup_cost")[0]),
        "committed": float((committed_units(rate) * rate.get("price") + rate.get("base_fee"))[0]),
        "min_term_months": float(rate.get("min_term_months")[0]),
        "notice_months": float(rate.get("notice_months")[0]),
        "contract_form": rate.contract_form,
        **_answers(ds, rate.resource_id),
        "source": stated.source,
        "grade": stated.grade,
    }
    return row


def _figures(rate: Rate, outcome: Outcome | None) -> dict[str, object]:
    names = ("full_cost", "full_cost_low", "full_cost_high", "npv", "npv_cautious", "npv_hopeful")
    more = ("first_year_cash", "quote", "break_even_price", "hires_avoided")
    if outcome is None or outcome.unit_costs is None:
        return dict.fromkeys((*names, *more), np.nan)
    costs = outcome.unit_costs.totals.set_index("resource_id").loc[rate.resource_id]
    cases = (outcome.cases.value(case, "npv") for case in ("cautious", "hopeful"))
    root = np.nan if outcome.break_even_price is None else outcome.break_even_price
    figures = (costs["jpy"], costs["low"], costs["high"], outcome.npv, *cases)
    rest = (outcome.cases.value("default", "first_year_cash"), outcome.quote, root, outcome.hires_avoided)
    return dict(zip((*names, *more), (*figures, *rest), strict=True))


def _answers(ds: Dataset, resource_id: str) -> dict[str, str]:
    """Return what the price sheet says on sub-contracting, data, service level and validity."""
    offers = ds.tables.get("offers")
    own = None if offers is None else offers[offers["resource_id"] == resource_id]
    if own is None or not len(own):
        return dict.fromkeys(_UNKNOWN, "")
    row = own.iloc[0]
    until = row["valid_until"]
    said = {column: str(row[column]) for column in _UNKNOWN if column != "valid_until"}
    return {**said, "valid_until": "" if pd.isna(until) else f"{until:%Y-%m-%d}"}


def _findings(frame: pd.DataFrame, rates: dict[str, Rate], surely_ahead: bool) -> list[Finding]:
    able = frame[frame["eligible"]]
    found = [
        Finding("offers.may_not", {"name": rates[r].name}, "warning")
        for r in frame.loc[~frame["eligible"].astype(bool), "resource_id"]
    ]
    if not len(able):
        return found
    best = able.iloc[0]
    values: dict[str, Shown] = {
        "name": rates[best["resource_id"]].name,
        "cost": _money(float(best["full_cost"])),
        "npv": _money(float(best["npv"])),
        "count": number(len(able)),
    }
    found.insert(0, Finding("offers.best" if best["npv"] >= 0 else "offers.none_pays", values))
    if len(able) > 1:
        second = able.iloc[1]
        told: dict[str, Shown] = {
            "one": rates[best["resource_id"]].name,
            "other": rates[second["resource_id"]].name,
            "gap": _money(float(best["npv"] - second["npv"])),
        }
        apart = surely_ahead
        key = "offers.apart" if apart else "offers.overlap"
        found.insert(1, Finding(key, told, "info" if apart else "question"))
    cheapest = able.sort_values("quote", kind="stable").iloc[0]
    comparable = len({rates[r].price_form for r in able["resource_id"]}) == 1
    if comparable and cheapest["resource_id"] != best["resource_id"]:
        lower: dict[str, Shown] = {
            "cheap": rates[cheapest["resource_id"]].name,
            "name": rates[best["resource_id"]].name,
        }
        found.append(Finding("offers.price_misleads", lower, "warning"))
    asked = able.set_index("resource_id")[["data_location", "sub_contracting"]]
    silent = list(asked.index[(asked == "").any(axis=1)])
    if silent:
        names: Shown = lambda lang: ("、" if lang == "ja" else ", ").join(rates[r].name(lang) for r in silent)  # noqa: E731
        found.append(Finding("offers.not_said", {"names": names}, "question"))
    return found


def _money(value: float) -> Shown:
    return lambda lang: money(value, lang)
