"""A filled price sheet to an offer; every fault of the sheet is told at once, with row, field and value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from csanalysis.errors import DataContractError, Failure
from csanalysis.vocabulary import PriceForm, ResourceKind
from csanalysis.workspace.minimal import PLAUSIBLE_PRICE, Problem
from csanalysis.workspace.price_sheet import FIELDS
from csanalysis.workspace.price_sheet_cells import Value, judge
from csanalysis.workspace.price_sheet_page import Form, load_form

NONE_IF_EMPTY = ("base_fee", "minimum_units", "premium", "setup_cost", "min_term_months", "notice_months")
"""Fields told when empty: the form says that an empty cell means none."""
TO_COMPARE: tuple[str, ...] = ("sub_contracting", "data_location", "service_level", "valid_until")
"""Fields that carry no cost but that a comparison shows."""
_ERRORS = ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!")

Told = tuple[str, tuple[str, ...]]
"""A rule of the repairs log and its details."""


@dataclass(frozen=True)
class Offer:
    """What a vendor stated.

    Attributes
    ----------
    form : Form
        Where it stands.
    values : mapping of str to value
        Fields that were filled: money in JPY without tax, periods in months, ratios as 0.3 for 30 %.
    told : tuple of (rule, details)
        What was mended, and what should be known.
    """

    form: Form
    values: Mapping[str, Value]
    told: tuple[Told, ...]

    @property
    def file(self) -> str:
        """File as errors and sources name it."""
        return self.form.origin.file

    @property
    def vendor(self) -> str:
        """Name of the vendor, as entered."""
        return str(self.values["vendor"])

    @property
    def name(self) -> str:
        """Vendor and plan, as entered."""
        plan = str(self.values.get("offer", ""))
        return f"{self.vendor} {plan}" if plan and plan != self.vendor else self.vendor

    @property
    def kind(self) -> str:
        """Kind of resource; a BPO vendor where nothing was chosen."""
        return str(self.values.get("kind", ResourceKind.BPO))

    @property
    def price_form(self) -> str:
        """What the price is for."""
        return str(self.values["price_form"])

    @property
    def valid_until(self) -> date | None:
        """Last day of the quote; None where it was not stated."""
        day = self.values.get("valid_until")
        return day if isinstance(day, date) else None

    def number(self, key: str) -> float:
        """Return a number, 0 where the field is empty."""
        value = self.values.get(key, 0.0)
        return float(value) if isinstance(value, float) else 0.0


def read_offer(data: bytes, file: str, lang: str) -> Offer:
    """Return the offer of a filled price sheet; `file` is how errors call it.

    Raises
    ------
    DataContractError
        With every fault of the sheet.
    """
    form = load_form(data, file, lang)
    values, told, failures = _entries(form)
    failures += list(_between(form, values, {f.row for f in failures}))
    if failures:
        raise DataContractError(sorted(failures, key=lambda f: (f.row or 0, f.column)))
    return Offer(form, {k: v for k, v in values.items() if v is not None}, tuple(told))


def _entries(form: Form) -> tuple[dict[str, Value], list[Told], list[Failure]]:
    """Return the value of every field, what was told on the way, and the faults of single cells."""
    lang = form.origin.lang
    values: dict[str, Value] = {}
    mended: list[str] = []
    failures = [
        form.at("offer_row_twice", row, form.column, field=FIELDS[key].label(lang)) for key, row in form.twice
    ]
    failures += [form.at("offer_tax", row, column) for row, column in form.tax_notes()]
    for key, field in FIELDS.items():
        label = field.label(lang)
        if key not in form.rows and field.required:
            failures.append(form.failure("offer_row_missing", key, field=label))
            continue
        unusable = _unusable(form, key)
        if unusable:
            failures.append(unusable)
            continue
        judged = judge(field, form.entry(key), lang)
        if isinstance(judged, Problem):
            failures.append(form.failure(judged.rule, key, **judged.values))
            continue
        values[key] = judged.value
        if judged.mended and judged.value is not None:
            mended.append(f"{label} {judged.mended}")
    return values, list(_told(form, values, mended)), failures


def _unusable(form: Form, key: str) -> Failure | None:
    """Return the failure of a formula without its result, or of an Excel error."""
    formula = form.unstored.get((form.rows.get(key, 0), form.column))
    if formula:
        return form.failure("formula_without_value", key, value=formula)
    return form.failure("excel_error", key) if form.entry(key) in _ERRORS else None


def _between(form: Form, values: Mapping[str, Value], at_fault: set[int | None]) -> Iterator[Failure]:
    """Yield the faults between fields; a field that is at fault itself is not judged again."""
    price_form, price = values.get("price_form"), values.get("price")
    if form.rows.get("price") in at_fault or price_form is None:
        return
    lang = form.origin.lang
    if price_form == PriceForm.SUCCESS:
        if price:
            yield form.failure("offer_success_price", "price")
        if values.get("success_rate") is None and form.rows.get("success_rate") not in at_fault:
            yield form.failure("offer_empty", "success_rate", field=FIELDS["success_rate"].label(lang))
    elif price is None:
        yield form.failure("offer_empty", "price", field=FIELDS["price"].label(lang))
    elif price == 0 and not values.get("base_fee"):
        yield form.failure("offer_free", "price")


def _told(form: Form, values: Mapping[str, Value], mended: list[str]) -> Iterator[Told]:
    lang = form.origin.lang

    def empty(keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(FIELDS[key].label(lang) for key in keys if values.get(key) in (None, ""))

    yield from form.told
    renamed = tuple(f"{label or '-'} -> {FIELDS[key].label(lang)}" for key, label in form.renamed.items())
    price: Any = values.get("price")
    low, high = PLAUSIBLE_PRICE
    unlikely = values.get("price_form") == PriceForm.HOUR and price and not low <= price <= high
    found = {
        "offer_label": renamed,
        "offer_number": tuple(mended),
        "offer_none": empty(NONE_IF_EMPTY),
        "offer_unanswered": empty(TO_COMPARE),
        "offer_unlikely": (f"{price:,.10g}",) if unlikely else (),
    }
    yield from ((rule, details) for rule, details in found.items() if details)
