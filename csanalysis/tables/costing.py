"""Tables of cost and outcome: ledger, full cost per hour, results, verdicts, three cases."""

from __future__ import annotations

import math

from csanalysis.costing.ledger import CostLedger
from csanalysis.costing.outcome import Outcome
from csanalysis.costing.rates import rates_of
from csanalysis.costing.unit_cost import PARTS, UnitCosts
from csanalysis.labels import interval, money, number, percent, quantity, term, text
from csanalysis.model.scenario import CHANGED, Scenario
from csanalysis.tables.html import Column, Html, render
from csanalysis.vocabulary import Conclusion, CostItem, CostPart, ResourceKind

_YEN = 0.5
_TIME = (
    "capacity_freed",
    "capacity_cashed",
    "hires_avoided",
    "heads_released",
    "fte_required",
    "fte_peak",
    "heads_required",
    "unmet_hours",
)
"""Results that are no money; all others stand in the block of cash."""


def cost_ledger(ledger: CostLedger, lang: str = "ja") -> Html:
    """Return cost over the horizon by resource and item, its total, and beneath it what is inside already.

    Parameters
    ----------
    ledger : CostLedger
        From `csanalysis.cost_to_serve`; one scenario. JPY in full; empty items are left out.
    lang : {"ja", "en"}
    """
    names, months = _names(ledger.scenario, lang), len(ledger.by_month)
    sums = ledger.to_frame().groupby(["resource_id", "item"], sort=False)["jpy"].sum()
    items = [(*key, float(jpy)) for key, jpy in sums.items() if abs(jpy) > _YEN]  # type: ignore[misc]
    order = {name: n for n, name in enumerate([*map(str, CostItem), *map(str, CostPart)])}
    items.sort(key=lambda row: (list(names).index(row[0]), order[row[1]]))
    inside = ledger.of_which().groupby(["resource_id", "part"], sort=False)[["hours", "jpy"]].sum()
    parts = [
        (*key, float(hours), float(jpy))
        for key, hours, jpy in zip(inside.index, inside["hours"], inside["jpy"], strict=True)
        if max(abs(hours), abs(jpy)) > _YEN
    ]
    total = float(ledger.by_month[:, 0].sum())
    jpy = [*(row[2] for row in items), total, *(row[3] for row in parts)]
    counted = ["item"] * len(items) + [""] + ["inside"] * len(parts)
    columns = [
        Column("resource", [*(names[r[0]] for r in items), "", *(names[r[0]] for r in parts)]),
        Column(
            "cost_item",
            [
                *(term("cost_item", row[1], lang) for row in items),
                text("table.total", lang),
                *(term("cost_part", row[1], lang) for row in parts),
            ],
        ),
        Column("jpy", [number(each) for each in jpy], True),
        Column("monthly_mean", [number(each / months) for each in jpy], True),
        Column("part_hours", [*[""] * (len(items) + 1), *(number(row[2], 1) for row in parts)], True),
        Column("counted", [text(f"table.ledger.{each}", lang) if each else "" for each in counted]),
    ]
    return render(columns, lang, text("caption.cost_ledger", lang, months=quantity(months, "month", lang)))


def unit_costs(result: UnitCosts | Outcome | None, lang: str = "ja") -> Html:
    """Return each step from the price of an offer to its full cost per task hour, with range and evidence.

    Parameters
    ----------
    result : UnitCosts, Outcome or None
        None, or an outcome that gives nothing outside: one line that says there are none.
    lang : {"ja", "en"}
    """
    costs = result.unit_costs if isinstance(result, Outcome) else result
    if costs is None:
        return render([], lang, text("caption.unit_costs", lang))
    rows = costs.totals.to_dict("records")
    rows.sort(key=lambda r: (r["kind"] != ResourceKind.CSM, r["jpy"]))
    steps = costs.parts.set_index(["resource_id", "part"])["jpy"].to_dict()
    columns = [Column("resource", [str(r[f"name_{lang}"]) for r in rows])]
    for part in PARTS:
        values = [steps[r["resource_id"], part] for r in rows]
        if any(abs(value) > _YEN for value in values):
            columns.append(Column(f"unit_part.{part}", [_yen(value, lang) for value in values], True))
    columns += [
        Column("full_cost", [money(r["jpy"], lang) for r in rows], True),
        Column("range", [interval(r["low"], r["high"], "JPY", lang) for r in rows], True),
        Column("scope_monthly", [money(r["monthly"], lang) for r in rows], True),
        Column("grade", [term("grade", r["grade"], lang) for r in rows]),
        Column("source", [_source(str(r["source"]), lang) for r in rows]),
    ]
    return render(columns, lang, text("caption.unit_costs", lang))


def outcome(result: Outcome, lang: str = "ja") -> Html:
    """Return the results of a plan in two blocks that are never summed: cash, and time and heads.

    Parameters
    ----------
    result : Outcome
        From `csanalysis.evaluate_outcome`. Where there is no such figure, a dash and the reason.
    lang : {"ja", "en"}
    """
    rows = list[tuple[str, str, str, str]]()
    for record in result.to_frame().to_dict("records"):
        metric, value, unit = str(record["metric"]), float(record["value"]), str(record["unit"])
        block = "time" if metric in _TIME else "cash"
        rows.append(
            (block, f"result.{metric}", _result(value, metric, unit, lang), _remark(result, metric, lang))
        )
        if metric == "cash_saving":
            rows += [
                (block, f"result.cash.{part}", _yen(jpy, lang), "") for part, jpy in result.cash_parts.items()
            ]
    rows.sort(key=lambda row: row[0] == "time")
    columns = [
        Column("block", [text(f"block.{row[0]}", lang) for row in rows]),
        Column("result", [text(row[1], lang) for row in rows]),
        Column("amount", [row[2] for row in rows], True),
        Column("remark", [row[3] for row in rows]),
    ]
    values = {
        "months": quantity(len(result.comparison.cash), "month", lang),
        "baseline": text(f"chart.baseline.{result.baseline}", lang),
    }
    return render(columns, lang, text("caption.outcome", lang, **values))


def _result(value: float, metric: str, unit: str, lang: str) -> str:
    if not math.isfinite(value):
        return "-"
    if metric == "payback_month":
        return number(value)
    if metric == "churn_price":
        return f"{percent(value, 3)}"
    if unit.startswith("JPY"):
        return _yen(value, lang)
    return quantity(round(value, 4), unit, lang)


def _remark(result: Outcome, metric: str, lang: str) -> str:
    """Return what a result rests on, or why there is none."""
    found = dict(zip(*(result.to_frame()[name] for name in ("metric", "value")), strict=True))
    if not math.isfinite(found[metric]):
        if result.conclusion == Conclusion.NOTHING:
            return text("result.none.nothing", lang)
        why = ("loses" if result.npv_unharmed < 0 else "harmless") if metric == "churn_price" else metric
        why = f"break_even_price.{result.no_price}" if metric == "break_even_price" else why
        return text(f"result.none.{why}", lang)
    if metric == "break_even_price" and result.quote is not None:
        return text("result.quote", lang, quote=money(result.quote, lang))
    if metric == "break_even_volume" and result.break_even_volume:
        given = text("result.given", lang, hours=number(result.given_hours, 1))
        holds = result.break_even_volume.holds
        return given if holds else given + text("chart.comma", lang) + text("result.sawtooth", lang)
    if metric == "churn_price" and result.churn_price:
        return text("result.detectable", lang, points=percent(result.churn_price.detectable, 2))
    if metric == "unmet_hours":
        return text("result.baseline_unmet", lang, hours=number(result.unmet_baseline, 1))
    return ""


def verdicts(result: Outcome, lang: str = "ja") -> Html:
    """Return verdict, hours, saving per hour with its range, and the reason for each task group.

    Parameters
    ----------
    result : Outcome
        From `csanalysis.evaluate_outcome`.
    lang : {"ja", "en"}
    """
    rows = result.verdicts
    columns = [
        Column("task_group", [term("task_group", v.task_group, lang) for v in rows]),
        Column("verdict", [text(f"verdict.{v.verdict}", lang) for v in rows]),
        Column("hours", [number(v.hours, 1) for v in rows], True),
        Column("given", [number(v.given, 1) if v.resource_id else "" for v in rows], True),
        Column("saving", [_yen(v.saving[0], lang) if v.resource_id else "" for v in rows], True),
        Column("range", [interval(v.saving[1], v.saving[2], "JPY", lang) for v in rows], True),
        Column("reason", [v.reason.sentence(lang) for v in rows]),
    ]
    return render(columns, lang, text("caption.verdicts", lang))


def cases(result: Outcome, lang: str = "ja") -> Html:
    """Return first-year cash, worth, hires avoided and hours freed at default, cautious and hopeful values.

    Parameters
    ----------
    result : Outcome
        From `csanalysis.evaluate_outcome`.
    lang : {"ja", "en"}
    """
    rows = result.cases.table.to_dict("records")
    columns = [
        Column("case", [text(f"case.{r['case']}", lang) for r in rows]),
        Column("first_year_cash", [_yen(r["first_year_cash"], lang) for r in rows], True),
        Column("npv", [_yen(r["npv"], lang) for r in rows], True),
        Column("hires_avoided", [number(r["hires_avoided"]) for r in rows], True),
        Column("capacity_freed", [number(r["capacity_freed"], 1) for r in rows], True),
    ]
    return render(columns, lang, text("caption.cases", lang))


def _names(sc: Scenario, lang: str) -> dict[str, str]:
    return {rate.resource_id: rate.name(lang) for rate in rates_of(sc)}


def _yen(value: float, lang: str) -> str:
    """Return money as boards read it; less than half a yen is none."""
    return money(value if abs(value) > _YEN else 0.0, lang)


def _source(source: str, lang: str) -> str:
    return text("chart.cost.by_hand", lang) if source == CHANGED else source
