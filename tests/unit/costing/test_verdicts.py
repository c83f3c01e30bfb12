"""A verdict for each task group: the four answers, and why each is given."""

from __future__ import annotations

import pytest

import csanalysis as cs
from csanalysis.costing.placement import place
from csanalysis.costing.verdicts import GroupVerdict, verdicts_of
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Value
from csanalysis.vocabulary import Conclusion, Verdict

PRICE = "resources.bpo.price"


def verdicts(
    ds: Dataset, plan: dict[str, str], conclusion: Conclusion, heads: float = 0, **changes: Value
) -> dict[str, GroupVerdict]:
    """Return the verdicts by task group."""
    sc = ds.base.replace({k.replace("__", "."): v for k, v in changes.items()})
    found = verdicts_of(ds, sc, place(ds, plan), heads, conclusion)
    return {v.task_group: v for v in found}


@pytest.mark.parametrize(
    ("price", "heads", "conclusion", "verdict", "reason"),
    [
        (1000, 0, Conclusion.PAYS, Verdict.HAND_OVER, "verdict.cheaper_always"),
        (2500, 0, Conclusion.PAYS_UNPROVEN, Verdict.PILOT, "verdict.cheaper_unproven"),
        (3000, 1, Conclusion.AVOIDS_HIRE, Verdict.PILOT, "verdict.avoids_hire"),
        (3000, 0, Conclusion.UNDECIDED, Verdict.WAIT, "verdict.undecided"),
        (3000, 0, Conclusion.DO_NOT, Verdict.KEEP, "verdict.plan_loses"),
        (20000, 1, Conclusion.AVOIDS_HIRE, Verdict.KEEP, "verdict.dearer_always"),
    ],
)
def test_work_given_outside(
    example: Dataset,
    plan: dict[str, str],
    price: float,
    heads: float,
    conclusion: Conclusion,
    verdict: Verdict,
    reason: str,
) -> None:
    """By what an hour saves over the ranges; "keep" and "cannot be decided" are answers like any other."""
    found = verdicts(example, plan, conclusion, heads, resources__bpo__price=price)["onboarding_delivery"]
    assert (found.verdict, found.reason.key) == (verdict, reason)
    assert found.resource_id == "bpo" and len(found.saving) == 3
    for lang in ("ja", "en"):
        assert found.reason.sentence(lang)


def test_the_grade_of_a_saving(example: Dataset, plan: dict[str, str]) -> None:
    """hand_over needs a saving at the cautious end, and cautious <= default <= hopeful always."""
    for price in (500, 1500, 3000, 6000):
        found = verdicts(example, plan, Conclusion.PAYS_UNPROVEN, resources__bpo__price=price)
        default, cautious, hopeful = found["onboarding_delivery"].saving
        assert cautious <= default <= hopeful
        assert (found["onboarding_delivery"].verdict == Verdict.HAND_OVER) == (cautious >= 0)


@pytest.mark.parametrize("conclusion", [Conclusion.UNDECIDED, Conclusion.DO_NOT])
def test_a_cheap_group_of_a_plan_that_may_lose_is_a_pilot(
    example: Dataset, plan: dict[str, str], conclusion: Conclusion
) -> None:
    """A page that says "do not" above and "hand over" below would be believed in neither."""
    found = verdicts(example, plan, conclusion, resources__bpo__price=500)["onboarding_delivery"]
    assert (found.verdict, found.reason.key) == (Verdict.PILOT, "verdict.cheaper_alone")


@pytest.mark.parametrize(
    ("group", "phase", "verdict", "reason"),
    [
        ("support", 5, Verdict.WAIT, "verdict.not_in_plan"),
        ("expansion_proposal", 5, Verdict.KEEP, "verdict.play_keep"),
        ("newsletter", 5, Verdict.WAIT, "verdict.prepare"),
        ("faq_content", 2, Verdict.WAIT, "verdict.prepare"),
        ("usage_reporting", 5, Verdict.KEEP, "verdict.no_play"),
    ],
)
def test_work_that_stays(
    example: Dataset, plan: dict[str, str], group: str, phase: int, verdict: Verdict, reason: str
) -> None:
    """Not in this plan yet, kept or prepared by the playbook, or not in the source at all: told apart."""
    found = verdicts(example, plan, Conclusion.UNDECIDED, cs_headcount=phase)[group]
    assert (found.verdict, found.reason.key) == (verdict, reason)
    assert found.given == 0 and found.resource_id == ""


def test_locked_work_tells_its_reason(example: Dataset) -> None:
    """What the company has decided to keep is kept for its own reason, in its own words."""
    locked = example.tasks.groupby("task_group")["lock_resource"].agg(lambda c: (c != "").all())
    groups = list(locked.index[locked])
    found = verdicts(example, {}, Conclusion.NOTHING)
    for group in groups:
        reason = example.tasks.set_index("task_group").at[group, "lock_reason"]
        assert found[group].verdict == Verdict.KEEP and str(reason) in found[group].reason.sentence("ja")
    partly = example.tasks.query("task_group == 'adoption_support'")["lock_resource"]
    assert (partly != "").any() and not (partly != "").all()
    assert found["adoption_support"].reason.key == "verdict.play_keep"


def test_every_group_once_and_all_hours(example: Dataset, plan: dict[str, str]) -> None:
    """The table of verdicts covers the inventory: no group twice, no hour lost."""
    found = verdicts_of(example, example.base, place(example, plan), 1, Conclusion.AVOIDS_HIRE)
    assert sorted(v.task_group for v in found) == sorted(example.tasks["task_group"].unique())
    assert sum(v.hours for v in found) == pytest.approx(cs.task_hours(example, example.base).total)
    assert sum(v.given for v in found) == pytest.approx(100, abs=0.05)
    given = [v.given for v in found]
    assert given == sorted(given, reverse=True)


def test_a_group_split_between_resources(example: Dataset) -> None:
    """The resource that gets most of the group stands for it."""
    plan = {"onb_session_deliver": "contractor", "onb_session_prepare": "bpo"}
    found = verdicts(example, plan, Conclusion.UNDECIDED)["onboarding_delivery"]
    assert found.resource_id == "contractor" and 0 < found.given < found.hours
