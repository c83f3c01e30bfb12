"""Risks of a hand-over with their counter-measures, and the terms of leaving it."""

from __future__ import annotations

from csanalysis.costing.outcome import Outcome
from csanalysis.costing.rates import committed_units
from csanalysis.labels import money, number, percent, term, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.report.index import Statement
from csanalysis.vocabulary import ContractForm

NOTEBOOK = "05_cost_sizing"
_NOT_DIRECTED = (ContractForm.QUASI_MANDATE, ContractForm.WORK_CONTRACT, ContractForm.AGENCY)


def risk_statements(ds: Dataset, sc: Scenario, outcome: Outcome, lang: str) -> list[Statement]:
    """Return quality, information, disguised contracting and knowledge drain, each with what to do."""
    return [
        _quality(sc, outcome, lang),
        *_information(ds, outcome, lang),
        *_direction(outcome, lang),
        _knowledge(ds, outcome, lang),
    ]


def _quality(sc: Scenario, outcome: Outcome, lang: str) -> Statement:
    quality, rate = sc.stated("quality_ratio"), outcome.rate
    values = {
        "quality": percent(float(sc.number("quality_ratio")), 0),
        "rework": percent(float(rate.get("rework_rate")[0]) if rate else 0.0, 0),
        "share": percent(float(outcome.comparison.contact_share.mean()), 0),
    }
    return Statement(text("board.risk.quality", lang, **values), f"{NOTEBOOK}#show-of-which", quality.grade)


def _information(ds: Dataset, outcome: Outcome, lang: str) -> list[Statement]:
    inventory, placement = ds.tables["task_inventory"], outcome.comparison.plan.physical.placement
    given = inventory[placement.outside]
    personal = int((given["personal_data"] == 1).sum())
    values = {"count": number(len(given)), "personal": number(personal)}
    key = "board.risk.information" if personal else "board.risk.no_personal_data"
    said = [Statement(text(key, lang, **values), f"{NOTEBOOK}#show-verdicts")]
    offers = ds.tables.get("offers")
    if offers is not None and outcome.rate is not None:
        own = offers[offers["resource_id"] == outcome.rate.resource_id]
        if len(own):
            row, silent = own.iloc[0], text("board.risk.unanswered", lang)
            told = {
                "sub_contracting": term("sub_contracting", row["sub_contracting"], lang)
                if row["sub_contracting"]
                else silent,
                "location": str(row["data_location"]) or silent,
            }
            said.append(Statement(text("board.risk.answers", lang, **told), f"{NOTEBOOK}#show-offer-terms"))
    return said


def _direction(outcome: Outcome, lang: str) -> list[Statement]:
    """Return the warning on disguised contracting for contracts under which nobody may direct the staff."""
    said = []
    for contract in outcome.comparison.plan.physical.contracts:
        if not contract.active.any() or contract.rate.contract_form not in _NOT_DIRECTED:
            continue
        values = {
            "name": contract.rate.name(lang),
            "form": term("contract_form", contract.rate.contract_form, lang),
            "hours": number(float(contract.management[contract.active].mean()), 1),
        }
        said.append(Statement(text("board.risk.direction", lang, **values), f"{NOTEBOOK}#show-of-which"))
    return said


def _knowledge(ds: Dataset, outcome: Outcome, lang: str) -> Statement:
    inventory, placement = ds.tables["task_inventory"], outcome.comparison.plan.physical.placement
    given = inventory[placement.outside]
    written = (given[["what_is_done", "done_when"]] != "").all(axis=1).sum() if len(given) else 0
    groups = inventory.assign(outside=placement.outside).groupby("task_group")["outside"].all()
    values = {
        "written": number(int(written)),
        "count": number(len(given)),
        "whole": number(int(groups.sum())),
        "share": percent(float(outcome.comparison.contact_share.mean()), 0),
    }
    return Statement(text("board.risk.knowledge", lang, **values), f"{NOTEBOOK}#show-verdicts")


def exit_statements(outcome: Outcome, lang: str) -> list[Statement]:
    """Return term, notice and cost of leaving of each contract, and what bringing work back takes."""
    said = []
    physical = outcome.comparison.plan.physical
    for contract in physical.contracts:
        if not contract.active.any():
            continue
        rate = contract.rate
        term_months, notice = (float(rate.get(c)[0]) for c in ("min_term_months", "notice_months"))
        committed = float((committed_units(rate) * rate.get("price") + rate.get("base_fee"))[0])
        setup = float(rate.get("setup_cost")[0])
        values = {
            "name": rate.name(lang),
            "term": number(term_months),
            "notice": number(notice),
            "cost": money(committed, lang),
            "setup": money(setup, lang),
        }
        keys = [
            "contract",
            "still_paid" if committed > 0 else "nothing_paid",
            *(["setup"] * (setup > 0)),
        ]
        terms = [text(f"board.exit.{key}", lang, **values) for key in keys]
        said.append(Statement((" " if lang == "en" else "").join(terms), f"{NOTEBOOK}#show-offer-terms"))
    own = physical.placement.resources[physical.placement.in_house]
    lead = float(outcome.comparison.scenario.number(f"resources.{own}.hiring_lead_months"))
    back = {"hours": number(outcome.capacity_freed, 1), "lead": number(lead)}
    return [*said, Statement(text("board.exit.back", lang, **back), f"{NOTEBOOK}#show-ledger")]
