"""The conclusion of a plan and the sentences that say what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from csanalysis.costing.break_even import price_key
from csanalysis.costing.cases import Cases
from csanalysis.labels import money, number, percent, term, text
from csanalysis.model.findings import Finding, Shown
from csanalysis.vocabulary import Conclusion

if TYPE_CHECKING:
    from csanalysis.costing.outcome import Outcome


def conclude(cases: Cases, *, moved: bool, worth_avoiding: bool) -> Conclusion:
    """Return what a plan comes to.

    Parameters
    ----------
    cases : Cases
        Worth with all uncertainties at default, cautious and hopeful.
    moved : bool
        Whether the plan gives any task to another resource within the horizon.
    worth_avoiding : bool
        Whether it avoids a whole head at the defaults, at a bearable price.
    """
    if not moved:
        return Conclusion.NOTHING
    default, worst, best = (cases.value(case, "npv") for case in ("default", "cautious", "hopeful"))
    if default >= 0:
        return Conclusion.PAYS if worst >= 0 else Conclusion.PAYS_UNPROVEN
    if worth_avoiding:
        return Conclusion.AVOIDS_HIRE
    return Conclusion.DO_NOT if best < 0 else Conclusion.UNDECIDED


def outcome_findings(outcome: Outcome) -> Iterator[Finding]:
    """Yield conclusion, cash and time, prices and limits of a plan."""
    if outcome.conclusion == Conclusion.NOTHING and outcome.comparison.moves:
        yield Finding("ledger.starts_later", level="warning")
        return
    yield _conclusion(outcome)
    if outcome.conclusion == Conclusion.NOTHING:
        return
    yield _cash(outcome)
    if abs(outcome.cash_parts["packages"]) >= 1:
        yield Finding("outcome.packages", {"amount": _money(outcome.cash_parts["packages"])})
    yield _time(outcome)
    yield from _unit(outcome)
    yield from _price(outcome)
    yield from _volume(outcome)
    yield _churn(outcome)
    if outcome.payback_month is not None:
        yield Finding("outcome.payback", {"month": number(outcome.payback_month)})
    else:
        yield Finding("outcome.no_payback", {"months": number(len(outcome.comparison.cash))})
    if outcome.unmet_baseline - outcome.unmet_hours > 1:
        spared = number(outcome.unmet_baseline - outcome.unmet_hours)
        yield Finding("outcome.fewer_unmet", {"hours": spared})
    if outcome.unmet_hours - outcome.unmet_baseline > 1:
        more = number(outcome.unmet_hours - outcome.unmet_baseline)
        yield Finding("outcome.more_unmet", {"hours": more}, "warning")
    yield from (f for f in outcome.comparison.plan.findings if f.key != "ledger.unmet")


def _conclusion(outcome: Outcome) -> Finding:
    cases = outcome.cases
    values: dict[str, Shown] = {
        "heads": number(outcome.heads),
        "npv": _money(abs(cases.value("default", "npv"))),
        "low": _gain(cases.value("cautious", "npv")),
        "high": _gain(cases.value("hopeful", "npv")),
        "months": number(len(outcome.comparison.cash)),
        "baseline": lambda lang: text(f"outcome.baseline.{outcome.baseline}", lang),
    }
    level = "info" if outcome.conclusion == Conclusion.PAYS else "question"
    dear = outcome.conclusion == Conclusion.UNDECIDED and outcome.heads >= 1
    return Finding(f"outcome.conclusion.{outcome.conclusion}{'_dear' if dear else ''}", values, level)


def _cash(outcome: Outcome) -> Finding:
    parts, months = outcome.cash_parts, len(outcome.comparison.cash)
    values: dict[str, Shown] = {
        "months": number(months),
        "total": _money(abs(outcome.cash_saving)),
        "staff": _money(parts["staff"]),
        "outside": _money(-parts["outside"] - parts["setup"]),
    }
    return Finding("outcome.cash_saved" if outcome.cash_saving >= 0 else "outcome.cash_paid", values)


def _time(outcome: Outcome) -> Finding:
    values: dict[str, Shown] = {
        "hours": number(outcome.capacity_freed, 1),
        "cashed": number(outcome.capacity_cashed, 1),
    }
    return Finding("outcome.time", values)


def _unit(outcome: Outcome) -> Iterator[Finding]:
    costs, rate = outcome.unit_costs, outcome.rate
    if costs is None or rate is None:
        return
    placement = outcome.comparison.plan.physical.placement
    name, own = rate.resource_id, placement.resources[placement.in_house]
    outside, inside = costs.of(name), costs.of(own)
    grade = costs.grade(name)
    values: dict[str, Shown] = {
        "name": rate.name,
        "hours": number(costs.hours, 1),
        "outside": _money(outside * costs.hours),
        "inside": _money(inside * costs.hours),
        "per_hour": _money(outside),
        "own_hour": _money(inside),
        "grade": lambda lang: term("grade", grade, lang),
    }
    yield Finding("outcome.unit_dearer" if outside > inside else "outcome.unit_cheaper", values)
    others = [
        c.rate
        for c in outcome.comparison.plan.physical.contracts
        if c.active.any() and c.rate.resource_id != name
    ]
    if others:
        names: Shown = lambda lang: ("、" if lang == "ja" else ", ").join(r.name(lang) for r in others)  # noqa: E731
        yield Finding("outcome.other_contracts", {"names": names})


def _price(outcome: Outcome) -> Iterator[Finding]:
    if outcome.rate is None or outcome.quote is None:
        return
    cell = price_key(outcome.rate).rpartition(".")[2]
    values: dict[str, Shown] = {
        "name": outcome.rate.name,
        "quote": _money(outcome.quote),
        "cell": lambda lang: text(f"outcome.cell.{cell}", lang),
    }
    if outcome.break_even_price is None:
        yield Finding(f"outcome.no_price.{outcome.no_price}", values)
        return
    values["price"] = _money(outcome.break_even_price)
    below = outcome.break_even_price < outcome.quote
    yield Finding("outcome.price_below" if below else "outcome.price_above", values)


def _volume(outcome: Outcome) -> Iterator[Finding]:
    volume = outcome.break_even_volume
    values: dict[str, Shown] = {"given": number(outcome.given_hours, 1)}
    if volume is None:
        yield Finding("outcome.no_volume", values)
        return
    if volume.hours == 0:
        yield Finding("outcome.volume_any" if volume.holds else "outcome.volume_not_all", values)
        return
    values["hours"] = number(volume.hours, 1)
    yield Finding("outcome.volume" if volume.holds else "outcome.volume_sawtooth", values)


def _churn(outcome: Outcome) -> Finding:
    price = outcome.churn_price
    if price is None:
        return Finding("outcome.no_churn_price" if outcome.npv_unharmed < 0 else "outcome.churn_harmless")
    values: dict[str, Shown] = {
        "points": percent(price.points, 2),
        "accounts": number(price.accounts, 1),
        "arr": _money(price.arr),
        "detectable": percent(price.detectable, 2),
    }
    return Finding("outcome.churn_seen" if price.is_measurable else "outcome.churn_unseen", values, "warning")


def _money(value: float) -> Shown:
    return lambda lang: money(value, lang)


def _gain(value: float) -> Shown:
    """Return an amount as a gain or a loss."""
    key = "outcome.gain" if value >= 0 else "outcome.loss"
    return lambda lang: text(key, lang, amount=money(abs(value), lang))
