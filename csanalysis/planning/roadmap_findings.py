"""Why a group is where it is, what a vendor needs, and the sentences of a roadmap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from csanalysis.labels import money, number, quantity, term, text
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.planning.roadmap_costs import OfferCosts
from csanalysis.planning.roadmap_path import IN, PILOT, PathCosts, Rules

if TYPE_CHECKING:
    from csanalysis.planning.roadmap import GroupRoad, Roadmap

PRODUCTIVE = 0.95
"""A vendor counts as productive from this share of its settled productivity on (chosen)."""
JOINT_MONTHS = 6
"""Months of joint work that BRIDGE names as the least, before an operation runs by itself."""


@dataclass(frozen=True)
class Needs:
    """What an offer needs before it is productive, and what leaving it takes.

    Attributes
    ----------
    resource_id : str
    productive_month : int
        First month with the vendor at 95 % of its settled productivity.
    management, learning : float
        Hours of the in-house team, and JPY for hours lost while learning, in the first six months with all
        groups that may go to the offer (a shorter horizon: up to its end).
    set_up, bring_back : float
        JPY once on the way out, and for hiring (in fractions of heads) on the way back.
    committed : float
        JPY a month owed without any work.
    min_term, notice, hiring_lead : float
        Months: least length of the contract, notice, and lead of a hire that takes the work back.
    """

    resource_id: str
    productive_month: int
    management: float
    learning: float
    set_up: float
    bring_back: float
    committed: float
    min_term: float
    notice: float
    hiring_lead: float


def needs_of(sc: Scenario, offer: OfferCosts, groups: Sequence[GroupRoad]) -> Needs:
    """Return what an offer needs, and its terms of leaving, for all groups that may go to it."""
    rate, months = offer.rate, len(offer.hours)
    tau, start = float(rate.get("ramp_tau_months")[0]), float(rate.get("ramp_start")[0])
    settled = 0.0 if tau <= 0 or start >= PRODUCTIVE else tau * np.log((1 - start) / (1 - PRODUCTIVE))
    first = np.arange(min(JOINT_MONTHS, months))
    own = next(key for key, row in sc.space.rows["resources"].items() if row["kind"] == "csm")
    base, slope = offer.committed
    quote = groups[0].quote if groups and groups[0].quote else 0.0
    return Needs(
        resource_id=rate.resource_id,
        productive_month=int(np.ceil(settled - 1e-9)) + 1,
        management=float(offer.management[first, first].sum()),
        learning=float(offer.learning[first, first].sum()),
        set_up=float(rate.get("setup_cost")[0]) + float(offer.joining[0]),
        bring_back=float(sum(group.bring_back for group in groups)),
        committed=float(base[0] + quote * slope[0]),
        min_term=float(rate.get("min_term_months")[0]),
        notice=float(rate.get("notice_months")[0]),
        hiring_lead=float(sc.number(f"resources.{own}.hiring_lead_months")),
    )


def reasons_of(costs: PathCosts, rules: Rules, modes: Sequence[int], hours: Array) -> tuple[str, ...]:
    """Return why each month of the best path is as it is, as terms."""
    if not hours.sum() > 0:
        return ("no_work",) * len(modes)
    found, k = list[str](), len(modes) if rules.out_today else 0
    been_out = rules.out_today
    for t, mode in enumerate(modes):
        later = any(m != IN for m in modes[t:])
        if mode == IN:
            found.append("back" if been_out else _inside(t, rules, later))
            k = 0
            continue
        been_out = True
        cheaper = costs.out[t, k] <= costs.inside[t]
        if mode == PILOT:
            found.append("learning")
        else:
            found.append("cheaper" if cheaper else "tied" if _better_not_out(costs, t) else "ramp")
        k = min(k + 1, len(modes))
    return tuple(found)


def _inside(t: int, rules: Rules, later: bool) -> str:
    if t < rules.earliest:
        return "too_early"
    return "later" if later else "dearer"


def _better_not_out(costs: PathCosts, t: int) -> bool:
    """Tell whether even a settled vendor is dearer in this month: only the way back keeps the work out."""
    return bool(costs.out[t, -1] > costs.inside[t])


def roadmap_findings(roadmap: Roadmap) -> Iterator[Finding]:
    """Yield what the roadmap comes to: what goes out, departures, bands, needs, and what it leaves out."""
    groups = roadmap.candidates
    if not groups:
        yield Finding("roadmap.nothing")
        return
    if roadmap.earliest > roadmap.months:
        yield Finding("roadmap.too_late", {"months": number(roadmap.months)}, "warning")
        return
    yield _headline(roadmap, groups)
    yield from _departures(roadmap, groups)
    yield from _later(groups, roadmap)
    largest = next((g for g in groups if g.go_out_price is not None), None)
    if largest is not None:
        yield _band(roadmap, largest)
    going = {g.resource_id for g in groups if set(g.states) != {"in"}} | {groups[0].resource_id}
    for needs in roadmap.needs:
        if needs.resource_id in going:
            yield _needs(roadmap, needs)
    yield _exit(roadmap, next(n for n in roadmap.needs if n.resource_id == groups[0].resource_id))
    yield Finding("roadmap.limits")


def _headline(roadmap: Roadmap, groups: Sequence[GroupRoad]) -> Finding:
    out = [g for g in groups if "out" in g.states or "pilot" in g.states]
    values: dict[str, Shown] = {
        "count": number(len(groups)),
        "months": number(roadmap.months),
        "out": number(len(out)),
    }
    if not out:
        return Finding("roadmap.all_in", values)
    saving = sum(g.saving for g in out)
    values |= {"names": _names(out), "saving": lambda lang: money(saving, lang)}
    return Finding("roadmap.some_out" if len(out) < len(groups) else "roadmap.all_out", values)


def _names(groups: Sequence[GroupRoad]) -> Shown:
    def shown(lang: str) -> str:
        return ("、" if lang == "ja" else ", ").join(term("task_group", g.task_group, lang) for g in groups)

    return shown


def _departures(roadmap: Roadmap, groups: Sequence[GroupRoad]) -> Iterator[Finding]:
    """Tell where the optimum departs from the playbook, offers and directions apart."""
    departing = [g for g in groups if g.departs]
    for resource in roadmap.rates:
        for way in ("out", "in"):
            own = [g for g in departing if g.resource_id == resource and g.by_playbook == way]
            if own:
                yield _departure(roadmap, own)


def _departure(roadmap: Roadmap, own: Sequence[GroupRoad]) -> Finding:
    gain, sources = sum(g.departure for g in own), sorted({g.source for g in own if g.source})
    prices = [g.go_out_price for g in own if g.go_out_price is not None]
    source = ", ".join(sources) or "-"
    values: dict[str, Shown] = {
        "groups": _names(own),
        "name": roadmap.rates[own[0].resource_id].name,
        "gain": lambda lang: money(gain, lang),
        "months": number(roadmap.months),
        "source": source,
    }
    if own[0].by_playbook == "in":
        return Finding("roadmap.departs_out", values, source=source)
    if not prices:
        return Finding("roadmap.departs_in_no_price", values, source=source)
    values |= {"price": lambda lang: money(max(prices), lang), "quote": _quote(own[0])}
    return Finding("roadmap.departs_in", values, source=source)


def _quote(group: GroupRoad) -> Shown:
    quote = group.quote or 0.0
    return lambda lang: money(quote, lang)


def _later(groups: Sequence[GroupRoad], roadmap: Roadmap) -> Iterator[Finding]:
    """Tell groups that run a pilot first, or go out later than allowed."""
    pilots = [g for g in groups if "pilot" in g.states and "out" in g.states]
    if pilots:
        longest = max(g.states.count("pilot") for g in pilots)
        yield Finding("roadmap.pilot_first", {"names": _names(pilots), "months": number(longest)})
    late = [g for g in groups if "later" in g.reasons]
    if late:
        yield Finding("roadmap.goes_later", {"names": _names(late), "earliest": number(roadmap.earliest)})


def _band(roadmap: Roadmap, group: GroupRoad) -> Finding:
    price, back = group.go_out_price, group.come_back_price
    stated = roadmap.prices[group.resource_id]
    values: dict[str, Shown] = {
        "group": lambda lang: term("task_group", group.task_group, lang),
        "name": roadmap.rates[group.resource_id].name,
        "out": lambda lang: money(price or 0.0, lang),
        "back": lambda lang: money(back or 0.0, lang),
        "quote": _quote(group),
        "grade": lambda lang: term("grade", stated.grade, lang),
    }
    return Finding("roadmap.band" if back is not None else "roadmap.band_open", values)


def _needs(roadmap: Roadmap, needs: Needs) -> Finding:
    values: dict[str, Shown] = {
        "name": roadmap.rates[needs.resource_id].name,
        "month": number(needs.productive_month),
        "share": f"{PRODUCTIVE:.0%}",
        "joint": number(min(JOINT_MONTHS, roadmap.months)),
        "hours": number(needs.management),
        "learning": lambda lang: money(needs.learning, lang),
        "setup": lambda lang: money(needs.set_up, lang),
    }
    return Finding("roadmap.needs", values, source="BRIDGE")


def _exit(roadmap: Roadmap, needs: Needs) -> Finding:
    values: dict[str, Shown] = {
        "name": roadmap.rates[needs.resource_id].name,
        "term": lambda lang: quantity(needs.min_term, "month", lang),
        "notice": lambda lang: quantity(needs.notice, "month", lang),
        "committed": lambda lang: money(needs.committed, lang),
        "back": lambda lang: money(needs.bring_back, lang),
        "lead": lambda lang: quantity(needs.hiring_lead, "month", lang),
    }
    return Finding("roadmap.exit", values)


def periods(states: Sequence[str], lang: str) -> str:
    """Return states as runs of months.

    Examples
    --------
    >>> periods(["in", "pilot", "pilot", "out"], "en")
    'in-house 1; pilot 2-3; out 4'
    """
    runs: list[tuple[str, int, int]] = []
    for month, state in enumerate(states, 1):
        if runs and runs[-1][0] == state:
            runs[-1] = (state, runs[-1][1], month)
        else:
            runs.append((state, month, month))
    shown = [
        text(
            "roadmap.run", lang, state=term("roadmap.state", s, lang), months=f"{a}" if a == b else f"{a}-{b}"
        )
        for s, a, b in runs
    ]
    return ("、" if lang == "ja" else "; ").join(shown)
