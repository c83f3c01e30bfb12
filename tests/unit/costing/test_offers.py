"""Offers side by side: the same work, full cost instead of price, and honest words where ranges overlap."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import csanalysis as cs
from csanalysis.costing.offers import compare_offers
from csanalysis.model.dataset import Dataset
from csanalysis.workspace.price_sheet import FIELDS


def keys(result: object) -> list[str]:
    return [f.key for f in result.findings]  # type: ignore[attr-defined]


def test_default_compares_labour_with_labour(example: Dataset) -> None:
    """A guide tool cannot hold an onboarding session: its licence is no offer for the same work."""
    found = compare_offers(example, example.base)
    assert set(found.frame["resource_id"]) == {"bpo", "contractor", "contract_staff", "intern"}
    assert keys(found).count("offers.may_not") == 1  # the intern may not see personal data
    last = found.frame.iloc[-1]
    assert (last["resource_id"], bool(last["eligible"])) == ("intern", False)


def test_each_figure_is_that_of_the_plan_evaluated_alone(example: Dataset) -> None:
    """The table must not be a second model: it shows `evaluate_outcome` of each offer."""
    found = compare_offers(example, example.base, ["bpo", "contractor"])
    for row in found.frame.to_dict("records"):
        alone = cs.evaluate_outcome(
            example, example.base, dict.fromkeys(found.task_ids, str(row["resource_id"]))
        )
        assert row["npv"] == alone.npv and row["break_even_price"] == alone.break_even_price
    assert list(found.frame["npv"]) == sorted(found.frame["npv"], reverse=True)


def test_lowest_price_that_is_not_the_best_offer_is_told(example: Dataset) -> None:
    """What the product exists for: 2,900 JPY an hour at half the productivity is dearer than 3,000."""
    sc = example.base.replace(
        {"resources.contractor.price": 2900.0, "resources.contractor.productivity": 0.5}
    )
    found = compare_offers(example, sc, ["bpo", "contractor"])
    assert found.frame["resource_id"].iloc[0] == "bpo" and "offers.price_misleads" in keys(found)


def test_overlapping_ranges_are_not_called_a_ranking(example: Dataset) -> None:
    found = compare_offers(example, example.base, ["bpo", "contract_staff"])
    assert "offers.overlap" in keys(found) and "offers.apart" not in keys(found)


def test_a_phase_without_hand_over_has_nothing_to_compare(example: Dataset) -> None:
    """The notebook runs in every phase: an empty scope by the sources is an answer, no error."""
    found = compare_offers(example, example.base.replace(cs_headcount=2))
    assert keys(found) == ["offers.nothing"] and found.frame.empty
    assert "なし" in cs.tables.offers(found, "ja").html


@pytest.mark.parametrize(
    ("offers", "scope", "word"),
    [
        (["bpo", "bpo"], None, "twice"),
        (["bqo"], None, "bqo"),
        (["bpo"], [], "scope"),
        (["bpo"], ["onb_session_delver"], "onb_session_delver"),
    ],
)
def test_what_cannot_be_compared_is_named(
    example: Dataset, offers: list[str], scope: list[str] | None, word: str
) -> None:
    with pytest.raises(ValueError, match=word):
        compare_offers(example, example.base, offers, scope)


@pytest.mark.slow
def test_a_price_sheet_in_the_workspace_stands_in_the_comparison(workspace: Path) -> None:
    """From the vendor's xlsx to a row of the comparison, without a line typed by hand."""
    (workspace / "offers").mkdir()
    path = cs.write_price_sheet(workspace / "offers" / "partner.xlsx", "ja")
    book = openpyxl.load_workbook(path)
    sheet = book.active
    answers = {
        **{"vendor": "株式会社テスト支援", "offer": "partner", "kind": "bpo", "tax": "excluded"},
        **{"contract_form": "quasi_mandate", "price_form": "hour", "price": 2600, "minimum_units": 80},
        **{"personal_data_allowed": "yes", "sub_contracting": "no", "data_location": "国内"},
    }
    for key, value in answers.items():
        field = FIELDS[key]
        shown = field.offered("ja")[field.terms.index(value)] if value in field.terms else value
        place = next(c for c in sheet["B"] if str(c.value).removesuffix(" *") == field.label("ja"))
        place.offset(0, 1).value = shown
    book.save(path)
    ds = cs.load_dataset(workspace, lang="en")
    assert set(cs.playbook_assignment(ds, ds.base).values()) == {"partner"}  # a quote goes before a guess
    wide = set(cs.playbook_assignment(ds, ds.base, derived=True).values())
    assert "partner" in wide and "bpo" not in wide
    found = compare_offers(ds, ds.base)
    row = found.frame.set_index("resource_id").loc["partner"]
    assert (row["quote"], row["data_location"], row["sub_contracting"]) == (2600, "国内", "no")
    assert row["committed"] == 80 * 2600
    shown = cs.tables.offer_terms(found, "ja").html
    assert "データの保存場所: 国内" in shown and "再委託: なし" in shown
