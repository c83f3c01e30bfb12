"""Tables of the roadmap, of the terms of leaving, and of the work that vendors are asked about."""

from __future__ import annotations

from typing import Any

from csanalysis.labels import interval, money, number, quantity, term, text
from csanalysis.planning.roadmap import GroupRoad, Roadmap
from csanalysis.planning.roadmap_findings import periods
from csanalysis.planning.scope import Scope
from csanalysis.tables.basic import name_of
from csanalysis.tables.html import Column, Html, render


def roadmap(result: Roadmap, lang: str = "ja") -> Html:
    """Return way, price band, gain, playbook and reason of each task group.

    Parameters
    ----------
    result : Roadmap
        From `csanalysis.plan_roadmap`.
    lang : {"ja", "en"}
    """
    groups = result.groups
    columns = [
        Column("task_group", [term("task_group", g.task_group, lang) for g in groups]),
        Column("path", [periods(g.states, lang) for g in groups]),
        Column("offer", [_offer(result, g, lang) for g in groups]),
        Column("quote", [_price(g.quote, lang) for g in groups], True),
        Column("go_out_price", [_price(g.go_out_price, lang) for g in groups], True),
        Column("come_back_price", [_price(g.come_back_price, lang) for g in groups], True),
        Column("roadmap_saving", [money(g.saving, lang) if g.resource_id else "-" for g in groups], True),
        Column("departure", [money(g.departure, lang) if g.resource_id else "-" for g in groups], True),
        Column("by_playbook", [_play(g, lang) for g in groups]),
        Column("reason", [_reason(g, lang) for g in groups]),
        Column("grade", [_grade(result, g, lang) for g in groups]),
        Column("source", [_source(result, g) for g in groups]),
    ]
    return render(columns, lang, text("caption.roadmap", lang, months=number(result.months)))


def _offer(result: Roadmap, group: GroupRoad, lang: str) -> str:
    return result.rates[group.resource_id].name(lang) if group.resource_id else "-"


def _price(price: float | None, lang: str) -> str:
    return "-" if price is None else money(price, lang)


def _play(group: GroupRoad, lang: str) -> str:
    if not group.play:
        return term("basis_short", "not_in_source", lang)
    return f"{term('play', group.play, lang)} ({group.source}, {term('basis_short', group.basis, lang)})"


def _reason(group: GroupRoad, lang: str) -> str:
    """Return the reasons in the order in which they first hold."""
    reasons = (text(f"roadmap.reason.{reason}", lang) for reason in dict.fromkeys(group.reasons))
    return (" → " if lang == "ja" else ", then ").join(reasons)


def _grade(result: Roadmap, group: GroupRoad, lang: str) -> str:
    return term("grade", result.prices[group.resource_id].grade, lang) if group.resource_id else "-"


def _source(result: Roadmap, group: GroupRoad) -> str:
    return result.prices[group.resource_id].source if group.resource_id else "-"


def exit_terms(result: Roadmap, lang: str = "ja") -> Html:
    """Return what each offer needs before it is productive, and what leaving it takes.

    Parameters
    ----------
    result : Roadmap
        From `csanalysis.plan_roadmap`.
    lang : {"ja", "en"}
    """
    needs = result.needs
    columns = [
        Column("offer", [result.rates[n.resource_id].name(lang) for n in needs]),
        Column("productive", [number(n.productive_month) for n in needs], True),
        Column("setup", [money(n.set_up, lang) for n in needs], True),
        Column("learning", [money(n.learning, lang) for n in needs], True),
        Column("joint", [quantity(n.management, "hour", lang) for n in needs], True),
        Column("min_term", [quantity(n.min_term, "month", lang) for n in needs], True),
        Column("notice", [quantity(n.notice, "month", lang) for n in needs], True),
        Column("committed", [money(n.committed, lang) for n in needs], True),
        Column("bring_back", [money(n.bring_back, lang) for n in needs], True),
        Column("lead", [quantity(n.hiring_lead, "month", lang) for n in needs], True),
        Column("grade", [term("grade", result.prices[n.resource_id].grade, lang) for n in needs]),
    ]
    return render(columns, lang, text("caption.exit_terms", lang))


def scope(result: Scope, lang: str = "ja") -> Html:
    """Return the tasks that vendors are asked about, with volumes, and nothing that is confidential.

    Parameters
    ----------
    result : Scope
        From `csanalysis.plan_scope`.
    lang : {"ja", "en"}
    """
    rows: list[Any] = result.tasks.to_dict("records")
    mean = [a.mean(axis=1) for a in (result.times, result.low, result.high)]
    columns = [
        Column("task", [name_of(r, lang) for r in rows]),
        Column("stage", [term("stage", r["stage"], lang) for r in rows]),
        Column("part", [text(f"scope.part.{r['part']}", lang) for r in rows]),
        Column("times", [number(float(v), 1) for v in mean[0]], True),
        Column(
            "hours_range",
            [interval(float(a), float(b), "hour", lang) for a, b in zip(mean[1], mean[2], strict=True)],
            True,
        ),
        Column("personal", [text("scope.yes" if r["personal_data"] else "scope.no", lang) for r in rows]),
    ]
    return render(columns, lang, text("caption.scope", lang))
