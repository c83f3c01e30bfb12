"""Who does which task: what is not allowed is refused with its name, what is not named stays."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import csanalysis as cs
from csanalysis.costing.placement import place
from csanalysis.model.dataset import Dataset
from csanalysis.workspace import example_dir
from tests.unit.costing.conftest import Changed

CARD = (example_dir() / "resources.csv").read_text(encoding="utf-8-sig")


def test_words(example: Dataset) -> None:
    """`in_house` gives all to the team; `current` changes nothing."""
    assert set(place(example, "in_house").mapping.values()) == {"csm"}
    assert (place(example, "current").plan == place(example, "current").today).all()


def test_tasks_not_named_stay_where_they_are(changed: Changed) -> None:
    """A plan is a difference from today: a vendor that works today goes on unless the plan says otherwise."""
    ds = changed(task_inventory={"sup_first_response": {"current_resource": "bpo"}})
    mapping = place(ds, {"onb_session_deliver": "bpo"}).mapping
    assert [t for t, r in mapping.items() if r == "bpo"] == ["onb_session_deliver", "sup_first_response"]
    assert place(ds, "in_house").outside.sum() == 0


def test_a_result_with_a_mapping_is_an_assignment(example: Dataset, plan: dict[str, str]) -> None:
    """Hand-made mappings and computed assignments go the same way."""
    assert place(example, SimpleNamespace(mapping=plan)).mapping == place(example, plan).mapping


def test_no_resource_means_the_in_house_team(changed: Changed) -> None:
    """An empty current_resource is an ordinary cell of a first inventory."""
    ds = changed(task_inventory={"nws_write": {"current_resource": ""}})
    assert place(ds, "current").mapping["nws_write"] == "csm"


@pytest.mark.parametrize(
    ("assignment", "told"),
    [
        ({"onb_session_delivr": "bpo"}, "onb_session_deliver"),
        ({"onb_session_deliver": "bop"}, "bpo"),
        ({"ado_risk_response": "bpo"}, "locked"),
        ({"onb_session_deliver": "intern"}, "personal"),
        ("bpo", "in_house"),
    ],
)
def test_what_is_wrong_is_named(example: Dataset, assignment: object, told: str) -> None:
    """A refusal names what is wrong and the nearest right thing, in both languages."""
    with pytest.raises(ValueError, match=told) as raised:
        cs.cost_to_serve(example, example.base, assignment)  # type: ignore[arg-type]
    assert " / " in str(raised.value)


def test_a_lock_does_not_keep_the_plan_from_today(changed: Changed) -> None:
    """A task that is already with the resource it may not go to is a fact, not a request."""
    ds = changed(task_inventory={"onb_session_deliver": {"current_resource": "intern"}})
    assert place(ds, {"onb_session_deliver": "intern"}).mapping["onb_session_deliver"] == "intern"
    assert place(ds, "current").outside.sum() == 1


def test_a_lock_to_a_vendor_keeps_others_out(changed: Changed) -> None:
    """Locks bind tasks to any resource, also to one outside."""
    ds = changed(task_inventory={"nws_write": {"lock_resource": "contractor", "lock_reason": "contract"}})
    assert place(ds, {"nws_write": "contractor"}).outside.sum() == 1
    with pytest.raises(ValueError, match="contractor"):
        place(ds, {"nws_write": "bpo"})


def test_two_rows_of_kind_csm_are_one_team(changed: Changed) -> None:
    """A second in-house row, such as another office, is no outside contract."""
    csm, bpo = (CARD.splitlines()[n] for n in (1, 2))
    card = "\n".join([CARD.splitlines()[0], csm, csm.replace("csm,csm", "csm2,csm"), bpo]) + "\n"
    ds = changed(drop={"parameters": ["resources.contract_staff.price"]}, add={"resources": card})
    placed = place(ds, {"nws_write": "csm2", "nws_deliver": "bpo"})
    assert placed.outside.sum() == 1
    assert cs.cost_to_serve(ds, ds.base, {"nws_write": "csm2"}).total == pytest.approx(
        cs.cost_to_serve(ds, ds.base, "in_house").total
    )
