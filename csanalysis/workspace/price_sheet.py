"""The price sheet a vendor fills: its fields, what may stand in them, and what they are called.

The form (`price_sheet_form`) and the reader (`price_sheet_read`) share this list. It asks for what a vendor
knows, and holds no figure of the company: what only experience shows (productivity, rework, management
time) is no field.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from csanalysis.labels import LANGUAGES, has, term, text, trimmed
from csanalysis.vocabulary import ContractForm, PriceForm, ResourceKind
from csanalysis.workspace.minimal import plain, words_of

FOLDER = "offers"
"""Folder of a workspace whose ``.xlsx`` files are each one offer."""
KINDS = ("bpo", "contractor", "contract_staff", "agency", "tech_touch")
"""Kinds a vendor can be; CSMs and interns are employed directly."""
CONTRACTS = ("quasi_mandate", "work_contract", "dispatch", "agency", "licence")
PRICES = ("hour", "seat_month", "case", "success", "licence")
SUB_CONTRACTING = ("no", "with_consent", "yes")
HEADINGS = ("number", "item", "value", "unit", "note")
"""Columns of the form."""
LONGEST = 200
"""Characters of a text."""
_MONEY, _UNITS, _MONTHS = 1e10, 1e6, 120.0


@dataclass(frozen=True)
class Field:
    """One row of the form.

    Attributes
    ----------
    key : str
        Column of the rate card or of the table of offers; ``ramp_months`` becomes ``ramp_tau_months``.
    sort : str
        ``text``, ``choice``, ``date``, or a number: ``money`` (JPY), ``units``, ``hours``, ``months`` or
        ``ratio``.
    required : bool
    high : float
        Largest number that is taken; the least is 0.
    terms : tuple of str
        Terms of a choice.
    """

    key: str
    sort: str
    required: bool = False
    high: float = math.inf
    terms: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        """Tell whether a number is asked for."""
        return self.sort not in ("text", "choice", "date")

    def label(self, lang: str) -> str:
        """Return the label of the row."""
        return text(f"price_sheet.field.{self.key}", lang)

    def unit(self, lang: str) -> str:
        """Return the unit beside the cell; empty where there is none."""
        key = f"price_sheet.unit.{self.key}"
        return text(key, lang) if has(key) else ""

    def note(self, lang: str) -> str:
        """Return the remark beside the cell; empty where there is none."""
        key = f"price_sheet.note.{self.key}"
        return text(key, lang) if has(key) else ""

    def offered(self, lang: str) -> tuple[str, ...]:
        """Return the terms of a choice as the drop-down shows them."""
        return tuple(term(_vocabulary(self), t, lang) for t in self.terms)

    def words(self) -> dict[str, set[str]]:
        """Return the terms of a choice, each with the words that mean it, in both languages."""
        if self.key == "personal_data_allowed":
            return {key: set(words) for key, words in words_of("personal_data").items()}
        found: dict[str, set[str]] = {}
        for key in self.terms:
            shown = {term(_vocabulary(self), key, lang) for lang in LANGUAGES}
            found[key] = {plain(w) for w in {key, *shown, *_ALSO.get((self.key, key), ())}}
        return found


def _vocabulary(field: Field) -> str:
    if field.key == "kind":
        return "kind"
    return "price_sheet.yes_no" if field.key == "personal_data_allowed" else f"price_sheet.{field.key}"


SECTIONS: dict[str, tuple[Field, ...]] = {
    "offer": (
        Field("vendor", "text", required=True),
        Field("offer", "text"),
        Field("kind", "choice", terms=KINDS),
        Field("contract_form", "choice", required=True, terms=CONTRACTS),
    ),
    "price": (
        Field("tax", "choice", required=True, terms=("excluded", "included")),
        Field("price_form", "choice", required=True, terms=PRICES),
        Field("price", "money", high=_MONEY),
        Field("base_fee", "money", high=_MONEY),
        Field("included_units", "units", high=_UNITS),
        Field("minimum_units", "units", high=_UNITS),
        Field("block", "units", high=_UNITS),
        Field("premium", "ratio", high=2.0),
        Field("capacity_cap", "hours", high=_UNITS),
        Field("success_rate", "ratio", high=1.0),
        Field("success_cap", "money", high=_MONEY),
        Field("setup_cost", "money", high=_MONEY),
    ),
    "terms": (
        Field("min_term_months", "months", high=_MONTHS),
        Field("notice_months", "months", high=_MONTHS),
        Field("ramp_months", "months", high=_MONTHS),
        Field("valid_until", "date"),
    ),
    "handling": (
        Field("personal_data_allowed", "choice", required=True, terms=("yes", "no")),
        Field("sub_contracting", "choice", terms=SUB_CONTRACTING),
        Field("data_location", "text"),
        Field("service_level", "text"),
    ),
}
FIELDS: dict[str, Field] = {field.key: field for fields in SECTIONS.values() for field in fields}

_ALSO: dict[tuple[str, str], tuple[str, ...]] = {
    ("contract_form", str(ContractForm.QUASI_MANDATE)): ("準委任契約", "業務委託(準委任)", "quasi-mandate"),
    ("contract_form", str(ContractForm.WORK_CONTRACT)): ("請負契約", "業務委託(請負)", "contract for work"),
    ("contract_form", str(ContractForm.DISPATCH)): ("派遣", "派遣契約", "労働者派遣契約", "dispatch"),
    ("contract_form", str(ContractForm.AGENCY)): ("代理店", "代理店委託"),
    ("contract_form", str(ContractForm.LICENCE)): ("利用契約", "ライセンス", "license"),
    ("price_form", str(PriceForm.HOUR)): ("時間", "時間単価", "1h", "per hour"),
    ("price_form", str(PriceForm.SEAT_MONTH)): ("人月", "1人月", "人月単価", "per seat and month"),
    ("price_form", str(PriceForm.CASE)): ("件", "件数", "件数単価", "per case"),
    ("price_form", str(PriceForm.SUCCESS)): ("成功報酬型",),
    ("price_form", str(PriceForm.LICENCE)): ("ライセンス", "license"),
    ("kind", str(ResourceKind.BPO)): ("BPO",),
    ("kind", str(ResourceKind.CONTRACTOR)): ("業務委託", "contractor"),
    ("kind", str(ResourceKind.CONTRACT_STAFF)): ("派遣", "派遣社員"),
    ("tax", "excluded"): ("税抜き", "税別", "外税", "excluded", "tax excluded", "excl. tax", "without"),
    ("tax", "included"): ("税込み", "内税", "tax included", "incl. tax", "with"),
    ("sub_contracting", "no"): ("しない", "無", "無し", "いいえ", "×"),
    ("sub_contracting", "yes"): ("する", "有", "有り", "はい", "○", "〇"),
    ("sub_contracting", "with_consent"): (
        "事前承諾",
        "事前承諾のうえあり",
        "with consent",
        "with prior consent",
    ),
}
"""Further words that vendors use for a term."""


def own_texts() -> set[str]:
    """Return all texts that the form itself holds, in both languages, for comparison."""
    return {plain(shown) for lang in LANGUAGES for shown in _texts(lang)}


def _texts(lang: str) -> Iterator[str]:
    for field in FIELDS.values():
        yield from (field.label(lang), f"{field.label(lang)} *", field.unit(lang), field.note(lang))
    for name in ("title", "how", *(f"section.{s}" for s in SECTIONS), *(f"heading.{h}" for h in HEADINGS)):
        yield text(f"price_sheet.{name}", lang)


def bounds(field: Field) -> tuple[str, str]:
    """Return the least and the largest number of a field as a person would enter them.

    Examples
    --------
    >>> bounds(Field("premium", "ratio", high=2.0)), bounds(Field("block", "units", high=1e6))
    (('0%', '200%'), ('0', '1,000,000'))
    """
    if field.sort == "ratio":
        return "0%", f"{trimmed(100 * field.high, 0)}%"
    return "0", trimmed(field.high, 0)
