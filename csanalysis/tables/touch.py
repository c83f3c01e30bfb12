"""Table of touch tiers."""

from __future__ import annotations

from csanalysis.costing.touch import TouchPlan
from csanalysis.costing.touch_tiers import TOTAL, Tier, few_tiers, told_total
from csanalysis.labels import has, interval, number, percent, quantity, term, text
from csanalysis.model.disclosure import covered, noted
from csanalysis.tables.html import Column, Html, render


def touch(result: TouchPlan, lang: str = "ja") -> Html:
    """Return accounts, shares, FTE with range, cost and evidence of each touch tier and of their sum.

    Parameters
    ----------
    result : TouchPlan
        From `csanalysis.plan_touch`.
    lang : {"ja", "en"}
    """
    tiers = (*result.tiers, told_total(result.tiers, result.total))
    few = [few_tiers(result.tiers)] * len(result.tiers) + [False]
    columns = [
        Column("touch", [_name(t, lang) for t in tiers]),
        Column("accounts", covered([number(t.accounts) for t in tiers], few, lang), True),
        Column("accounts_share", covered([percent(t.accounts_share) for t in tiers], few, lang), True),
        Column("arr_share", covered([percent(t.arr_share) for t in tiers], few, lang), True),
        Column("per_csm", [quantity(t.accounts_per_csm, "account", lang) for t in tiers], True),
        Column("fte", covered([number(t.fte, 2) for t in tiers], few, lang), True),
        Column(
            "fte_range", covered([interval(t.fte_low, t.fte_high, "", lang) for t in tiers], few, lang), True
        ),
        Column(
            "monthly_cost", covered([quantity(t.monthly_cost, "JPY", lang) for t in tiers], few, lang), True
        ),
        Column(
            "cost_of_arr", covered([quantity(t.cost_ratio, "ratio", lang) for t in tiers], few, lang), True
        ),
        Column("grade", [term("grade", t.grade, lang) for t in tiers]),
        Column("source", ["" if t.touch == TOTAL else _source(t.source, lang) for t in tiers]),
    ]
    return render(columns, lang, noted(text("caption.touch", lang), few, lang))


def _name(tier: Tier, lang: str) -> str:
    return text("touch.total", lang) if tier.touch == TOTAL else term("touch", tier.touch, lang)


def _source(source: str, lang: str) -> str:
    return text(source, lang) if has(source) else source
