"""Table of touch tiers."""

from __future__ import annotations

from csanalysis.costing.touch import TouchPlan
from csanalysis.costing.touch_tiers import TOTAL, Tier
from csanalysis.labels import has, interval, number, percent, quantity, term, text
from csanalysis.tables.html import Column, Html, render


def touch(result: TouchPlan, lang: str = "ja") -> Html:
    """Return accounts, shares, FTE with range, cost and evidence of each touch tier and of their sum.

    Parameters
    ----------
    result : TouchPlan
        From `csanalysis.plan_touch`.
    lang : {"ja", "en"}
    """
    tiers = (*result.tiers, result.total)
    columns = [
        Column("touch", [_name(t, lang) for t in tiers]),
        Column("accounts", [number(t.accounts) for t in tiers], True),
        Column("accounts_share", [percent(t.accounts_share) for t in tiers], True),
        Column("arr_share", [percent(t.arr_share) for t in tiers], True),
        Column("per_csm", [quantity(t.accounts_per_csm, "account", lang) for t in tiers], True),
        Column("fte", [number(t.fte, 2) for t in tiers], True),
        Column("fte_range", [interval(t.fte_low, t.fte_high, "", lang) for t in tiers], True),
        Column("monthly_cost", [quantity(t.monthly_cost, "JPY", lang) for t in tiers], True),
        Column("cost_of_arr", [quantity(t.cost_ratio, "ratio", lang) for t in tiers], True),
        Column("grade", [term("grade", t.grade, lang) for t in tiers]),
        Column("source", ["" if t.touch == TOTAL else _source(t.source, lang) for t in tiers]),
    ]
    return render(columns, lang, text("caption.touch", lang))


def _name(tier: Tier, lang: str) -> str:
    return text("touch.total", lang) if tier.touch == TOTAL else term("touch", tier.touch, lang)


def _source(source: str, lang: str) -> str:
    return text(source, lang) if has(source) else source
