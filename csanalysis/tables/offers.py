"""Tables of offers side by side."""

from __future__ import annotations

from typing import Any

from csanalysis.costing.offers import OfferComparison
from csanalysis.labels import interval, money, number, quantity, term, text, trimmed
from csanalysis.tables.html import Column, Html, render


def offers(result: OfferComparison, lang: str = "ja") -> Html:
    """Return full cost, worth and break-even of each offer, the best first.

    Parameters
    ----------
    result : OfferComparison
        From `csanalysis.compare_offers`.
    lang : {"ja", "en"}
    """
    rows: list[Any] = result.to_frame().to_dict("records")
    columns = [
        Column("offer", [result.rates[r["resource_id"]].name(lang) for r in rows]),
        Column("full_cost", [quantity(r["full_cost"], "JPY", lang) for r in rows], True),
        Column(
            "range",
            [interval(r["full_cost_low"], r["full_cost_high"], "JPY", lang) for r in rows],
            True,
        ),
        Column("npv", [quantity(r["npv"], "JPY", lang) for r in rows], True),
        Column("npv_range", [interval(r["npv_cautious"], r["npv_hopeful"], "JPY", lang) for r in rows], True),
        Column("quote", [quantity(r["quote"], "JPY", lang) for r in rows], True),
        Column("break_even", [quantity(r["break_even_price"], "JPY", lang) for r in rows], True),
        Column("hires_avoided", [number(r["hires_avoided"]) if r["eligible"] else "-" for r in rows], True),
    ]
    return render(columns, lang, text("caption.offers", lang, count=number(len(result.task_ids))))


def offer_terms(result: OfferComparison, lang: str = "ja") -> Html:
    """Return terms of the contract, what the vendor answered, and the evidence for the price of each offer.

    Parameters
    ----------
    result : OfferComparison
        From `csanalysis.compare_offers`.
    lang : {"ja", "en"}
    """
    rows: list[Any] = result.to_frame().to_dict("records")
    columns = [
        Column("offer", [result.rates[r["resource_id"]].name(lang) for r in rows]),
        Column("terms", [_terms(r, lang) for r in rows]),
        Column("answers", [_answers(r, lang) for r in rows]),
        Column("grade", [term("grade", r["grade"], lang) for r in rows]),
        Column("source", [r["source"] for r in rows]),
    ]
    return render(columns, lang, text("caption.offer_terms", lang))


def _terms(row: dict[str, Any], lang: str) -> str:
    return text(
        "offers.terms",
        lang,
        form=term("contract_form", row["contract_form"], lang),
        term=trimmed(row["min_term_months"], 1),
        notice=trimmed(row["notice_months"], 1),
        committed=money(row["committed"], lang),
        setup=money(row["setup_cost"], lang),
    )


def _answers(row: dict[str, Any], lang: str) -> str:
    """Return what the price sheet answers; an offer typed into the rate card has not been asked."""
    said = {
        "sub_contracting": term("sub_contracting", row["sub_contracting"], lang),
        "data_location": row["data_location"],
        "service_level": row["service_level"],
        "valid_until": row["valid_until"],
    }
    parts = [text(f"offers.{key}", lang, value=value) for key, value in said.items() if value]
    return ("、" if lang == "ja" else "; ").join(parts) or text("offers.not_asked", lang)
