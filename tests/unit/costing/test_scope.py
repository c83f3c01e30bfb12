"""The hand-over that the playbook names: the source first, rules only where it is silent."""

from __future__ import annotations

import pytest

from csanalysis.costing.scope import playbook_assignment
from csanalysis.model.dataset import Dataset
from tests.unit.costing.conftest import Changed


def test_the_worked_example(example: Dataset, plan: dict[str, str]) -> None:
    """SMB x replace_existing in growth: onboarding and renewal confirmation to BPO (CCJ2025), no more."""
    assert playbook_assignment(example, example.base) == plan


def test_launch_hands_nothing_out(example: Dataset) -> None:
    """With one or two persons the source prepares in-house."""
    assert playbook_assignment(example, example.base.replace(cs_headcount=2)) == {}


def test_a_quadrant_the_source_leaves_out(example: Dataset) -> None:
    """SMB x propose_new is not in the source: only derived plays, and those name a resource of the card."""
    found = playbook_assignment(example, example.base.replace(product_type="propose_new"))
    book = example.playbook.query(
        "quadrant == 'smb_propose_new' and phase == 'growth' and play == 'hand_over'"
    )
    groups = example.tasks.set_index("task_id")["task_group"]
    assert set(book["basis"]) <= {"derived"}
    assert {groups[t] for t in found} <= set(book["task_group"])


def test_sold_packages_are_handed_out(example: Dataset) -> None:
    """Enterprise, mature: onboarding is sold and delivered with the partner."""
    sc = example.base.replace(customer_size="enterprise", cs_headcount=25)
    assert playbook_assignment(example, sc)["onb_session_deliver"] == "bpo"


@pytest.mark.parametrize(
    "cells", [{"lock_resource": "csm", "lock_reason": "promised"}, {"personal_data": "1"}]
)
def test_what_may_not_leave_stays(changed: Changed, cells: dict[str, str]) -> None:
    """A lock, or data the vendor may not see, is stronger than the playbook."""
    card = {"bpo": {"personal_data_allowed": 0}} if "personal_data" in cells else {}
    ds = changed(task_inventory={"onb_session_deliver": cells}, resources=card)
    assert "onb_session_deliver" not in playbook_assignment(ds, ds.base)


def test_no_such_offer_on_the_card(changed: Changed) -> None:
    """Without a BPO on the rate card the plan is empty instead of an error."""
    cells = [f"resources.bpo.{c}" for c in ("price", "productivity", "rework_rate", "management_ratio")]
    ds = changed(drop={"resources": ["bpo"], "parameters": cells})
    assert playbook_assignment(ds, ds.base) == {}
