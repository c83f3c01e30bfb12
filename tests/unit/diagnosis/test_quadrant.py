"""Plays by quadrant and phase: what CCJ2025 says, what is derived, and what nobody said."""

from __future__ import annotations

import pytest

from csanalysis.diagnosis.quadrant import QuadrantMap, map_quadrant
from csanalysis.model.dataset import Dataset
from csanalysis.vocabulary import Phase, Quadrant

SOURCED = {
    *((Quadrant.SMB_REPLACE_EXISTING, p) for p in Phase),
    *((Quadrant.ENTERPRISE_REPLACE_EXISTING, p) for p in Phase if p != Phase.LAUNCH),
    (Quadrant.ENTERPRISE_PROPOSE_NEW, Phase.GROWTH),
}
"""The eight cells that CCJ2025 fills."""


def quadrant_map(ds: Dataset, size: str, product: str, persons: int) -> QuadrantMap:
    return map_quadrant(ds, ds.base.replace(customer_size=size, product_type=product, cs_headcount=persons))


def current(found: QuadrantMap, play: str, basis: str) -> set[str]:
    rows = found.plays.query("current and play == @play and basis == @basis")
    return set(rows["task_group"])


def test_eight_cells_of_sixteen_stand_in_the_source(example: Dataset) -> None:
    cells = map_quadrant(example, example.base).cells
    assert len(cells) == 16
    sourced = {
        (Quadrant(q), Phase(p))
        for q, p in cells.loc[cells["basis"] == "source", ["quadrant", "phase"]].to_numpy()
    }
    assert sourced == SOURCED


@pytest.mark.parametrize(
    ("size", "product", "persons", "play", "groups"),
    [
        ("smb", "replace_existing", 1, "prepare", {"faq_content"}),
        ("smb", "replace_existing", 5, "hand_over", {"onboarding_delivery", "renewal_confirmation"}),
        ("smb", "replace_existing", 15, "hand_over", {"newsletter", "upsell_calls"}),
        ("enterprise", "replace_existing", 5, "hand_over", {"initial_setup"}),
        ("enterprise", "replace_existing", 15, "hand_over", {"usage_reporting"}),
        ("enterprise", "replace_existing", 25, "sell", {"paid_onboarding"}),
    ],
)
def test_plays_of_the_source(
    example: Dataset, size: str, product: str, persons: int, play: str, groups: set[str]
) -> None:
    assert groups <= current(quadrant_map(example, size, product, persons), play, "source")


def test_scarce_consultants_come_through_agency_or_contractor(example: Dataset) -> None:
    found = quadrant_map(example, "enterprise", "propose_new", 8)
    rows = found.plays.query("current and basis == 'source' and play == 'hand_over'")
    assert set(rows["kind"]) <= {"agency", "contractor"} and "agency" in set(rows["kind"])


def test_nothing_is_handed_out_in_launch(example: Dataset) -> None:
    for size, product in (("smb", "replace_existing"), ("enterprise", "replace_existing")):
        plays = quadrant_map(example, size, product, 2).plays.query("current")
        assert set(plays["play"]) <= {"prepare", "keep"} and set(plays["kind"]) == {"csm"}


@pytest.mark.parametrize("persons", [1, 5, 15, 25])
def test_the_fourth_quadrant_is_said_not_to_be_in_the_source(example: Dataset, persons: int) -> None:
    found = quadrant_map(example, "smb", "propose_new", persons)
    assert "source" not in set(found.plays["basis"])
    assert "quadrant.not_in_source" in [f.key for f in found.findings]


def test_hours_of_groups_are_the_hours_of_their_tasks(example: Dataset) -> None:
    found = map_quadrant(example, example.base)
    hours = found.plays.query("current").set_index("task_group")["hours"]
    assert hours["onboarding_delivery"] == pytest.approx(81.7, abs=0.1)
    assert hours["renewal_confirmation"] == pytest.approx(18.3, abs=0.1)


@pytest.mark.parametrize(("per_account", "told"), [(0.25, False), (0.05, True)])
def test_support_is_questioned_where_tickets_are_few(
    example: Dataset, per_account: float, told: bool
) -> None:
    found = map_quadrant(example, example.base.replace(tickets_per_account=per_account))
    assert ("quadrant.few_tickets" in [f.key for f in found.findings]) == told


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_texts_and_sentences(example: Dataset, lang: str) -> None:
    found = map_quadrant(example, example.base)
    frame = found.to_frame(lang)
    assert frame["text"].str.len().gt(0).all() and set(frame["unit"]) == {"hour/month"}
    for sentence in found.sentences(lang):
        assert ("。" in sentence) == (lang == "ja")
