"""An offer to a row of the rate card, with source, grade and range of every cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.io.cleaning import to_quantity
from csanalysis.io.readers import read_raw
from csanalysis.labels import term, text
from csanalysis.model.cell_units import cell_unit
from csanalysis.model.company_names import folded, without_legal_form
from csanalysis.model.parameters import Parameter
from csanalysis.schemas.contract import Origin, check_table
from csanalysis.schemas.tables import Resources
from csanalysis.vocabulary import Grade, Role
from csanalysis.workspace.create import example_dir
from csanalysis.workspace.price_sheet import FIELDS
from csanalysis.workspace.price_sheet_read import TO_COMPARE, Offer

QUOTED = (
    *("price", "base_fee", "included_units", "minimum_units", "block", "premium", "setup_cost"),
    *("min_term_months", "notice_months", "success_rate", "capacity_cap", "success_cap"),
)
"""Numbers of the rate card that a vendor states; empty means none."""
UNLIMITED = ("capacity_cap", "success_cap")
"""Of these, the ones that are limits: none means no limit."""
ASSUMED = (
    *("productivity", "rework_rate", "management_ratio", "ramp_start", "ramp_tau_months"),
    *("hiring_lead_months", "hiring_cost", "attrition_annual"),
)
"""Numbers that a vendor cannot know; ``ramp_tau_months`` only where no ramp-up was stated."""
RAMP_CONSTANTS = 3.0
"""Fully productive = three time constants: 95 % of the way from the start to full productivity is gone."""
OFFER_COLUMNS = ("resource_id", "vendor", "file", *TO_COMPARE)
_LONGEST_ID = 40


@dataclass(frozen=True)
class Model:
    """The resource whose values stand in for what a vendor cannot know.

    Attributes
    ----------
    row : pandas.Series
        Its row of the rate card.
    named : str
        How sources call it.
    """

    row: pd.Series[Any]
    named: str

    @property
    def resource_id(self) -> str:
        """Its key."""
        return str(self.row["resource_id"])


def id_of(name: str) -> str:
    """Return a key made of a plan's or vendor's name; Japanese letters stay, the legal form goes.

    Examples
    --------
    >>> id_of("株式会社サポート・ラボ"), id_of("ＡＢＣ Outsourcing Co., Ltd."), id_of("2026-001")
    ('サポート_ラボ', 'abc_outsourcing', '2026_001')
    >>> id_of("=cmd|'/C calc'!A0"), id_of("株式会社")
    ('cmd_c_calc_a0', '株式会社')
    """
    for shown in (without_legal_form(name), folded(name)):
        key = re.sub(r"\W+", "_", shown)[:_LONGEST_ID].strip("_")
        if key:
            return key
    return "offer"


def model_of(kind: str, card: pd.DataFrame, offers: frozenset[str], lang: str) -> Model:
    """Return the first resource of the same kind on the rate card, else that of the example's rate card.

    Offers read before are passed over, unless there is nothing else.
    """
    same = card[card["kind"] == kind]
    own = same[~same["resource_id"].isin(sorted(offers))]
    found, where = (own if len(own) else same), "card"
    if found.empty:
        found, where = _example_card(kind, lang), "example"
    row = found.iloc[0]
    return Model(row, text(f"price_sheet.model.{where}", lang, resource=row["resource_id"]))


def _example_card(kind: str, lang: str) -> pd.DataFrame:
    raw = read_raw(example_dir() / "resources.csv", "resources.csv", lang)
    frame = check_table(raw.frame, Resources, Origin(raw.file, "", lang), to_quantity).frame
    return frame[frame["kind"] == kind]


def assumed_columns(offer: Offer) -> tuple[str, ...]:
    """Return the columns that the quote does not settle."""
    return tuple(c for c in ASSUMED if c != "ramp_tau_months" or "ramp_months" not in offer.values)


def quote_of(offer: Offer, lang: str) -> str:
    """Return the source of what the vendor stated: file and vendor."""
    file = offer.file.rsplit("/", 1)[-1]
    return text("price_sheet.source.quote", lang, file=file, vendor=offer.vendor)


def resource_row(offer: Offer, resource_id: str, model: Model, lang: str) -> dict[str, object]:
    """Return the row of the rate card; money in JPY without tax."""
    assumed = assumed_columns(offer)
    row: dict[str, object] = {column: model.row[column] for column in assumed}
    if "ramp_tau_months" not in assumed:
        row["ramp_tau_months"] = offer.number("ramp_months") / RAMP_CONSTANTS
    for column in QUOTED:
        given = column in offer.values or column not in UNLIMITED
        row[column] = offer.number(column) if given else np.nan
    told = {"quote": quote_of(offer, lang), "model": model.named, "columns": ", ".join(assumed)}
    return row | {
        "row": offer.form.rows.get("price", 1),
        "resource_id": resource_id,
        "kind": offer.kind,
        "name_ja": offer.name,
        "name_en": offer.name,
        "contract_form": str(offer.values["contract_form"]),
        "personal_data_allowed": float(offer.values["personal_data_allowed"] == "yes"),
        "price_form": offer.price_form,
        "source": text("price_sheet.source.assumed", lang, **told),
        "grade": str(Grade.VENDOR),
    }


def offer_row(offer: Offer, resource_id: str) -> dict[str, object]:
    """Return the row of the table of offers: what carries no cost but belongs beside it."""
    words = {key: str(offer.values.get(key, "")) for key in TO_COMPARE[:-1]}
    day = pd.NaT if offer.valid_until is None else pd.Timestamp(offer.valid_until)
    return {
        "resource_id": resource_id,
        "vendor": offer.vendor,
        "file": offer.file,
        **words,
        TO_COMPARE[-1]: day,
    }


def cell_parameters(
    offer: Offer, resource_id: str, model: Model, known: Mapping[str, Parameter], lang: str
) -> dict[str, Parameter]:
    """Return the scenario parameters of the cells: quoted ones graded vendor, the others assumption.

    Assumed cells take the range that the rate card declares for the model's cell; a quote has none.
    """
    quote, found = quote_of(offer, lang), dict[str, Parameter]()
    form = {"price_form": offer.price_form}
    quoted = {column: column for column in (*QUOTED, "personal_data_allowed")}
    if "ramp_months" in offer.values:
        quoted["ramp_tau_months"] = "ramp_months"
    for column, field in quoted.items():
        ja, en = (FIELDS[field].label(tongue) for tongue in ("ja", "en"))
        found[f"resources.{resource_id}.{column}"] = Parameter(
            key=f"resources.{resource_id}.{column}",
            unit=cell_unit(column, form),
            default=None,
            group="rate_card",
            role=str(Role.CONSTANT),
            label_ja=f"{offer.name} {ja}",
            label_en=f"{offer.name} {en}",
            source=quote if field == column else text("price_sheet.source.ramp", lang, quote=quote),
            grade=str(Grade.VENDOR),
        )
    for column in assumed_columns(offer):
        key = f"resources.{resource_id}.{column}"
        declared = known.get(f"resources.{model.resource_id}.{column}")
        origin = declared.source if declared else str(model.row["source"])
        found[key] = replace(
            declared or Parameter(key, cell_unit(column, form), None, group="rate_card"),
            key=key,
            label_ja=f"{offer.name} {term('cell', column, 'ja')}",
            label_en=f"{offer.name} {term('cell', column, 'en')}",
            source=text("price_sheet.source.cell", lang, model=model.named, source=origin),
            grade=str(Grade.ASSUMPTION),
        )
    return found
