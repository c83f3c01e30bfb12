"""The hand-over that the playbook names: the starting point of a plan until tasks are assigned one by one."""

from __future__ import annotations

import pandas as pd

from csanalysis.model.dataset import Dataset
from csanalysis.model.phases import phase_of
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Basis, Play

_GIVEN = (Play.HAND_OVER, Play.SELL)


def plays_now(ds: Dataset, sc: Scenario) -> pd.DataFrame:
    """Return the playbook's rows for the company's quadrant and phase, indexed by task_group."""
    book = ds.tables["playbook"]
    phase = phase_of(float(sc.number("cs_headcount")))
    own = book[(book["quadrant"] == sc.quadrant) & (book["phase"] == phase)]
    return own.drop_duplicates("task_group").set_index("task_group")


def playbook_assignment(ds: Dataset, sc: Scenario) -> dict[str, str]:
    """Return the tasks that the playbook hands out in this quadrant and phase, each with its resource.

    Plays that the source names come first; plays derived by a rule count only in a cell without any of them.
    A kind that is not on the rate card, a locked task, and personal data where they may not go stay where
    they are today; of several offers of a kind the cheapest quoted first row of the card is taken.

    Returns
    -------
    dict
        task_id -> resource_id; empty where nothing is handed out.
    """
    plays = plays_now(ds, sc)
    given = plays[plays["play"].isin([str(p) for p in _GIVEN])]
    named = given[given["basis"] == Basis.SOURCE]
    kinds = (named if len(named) else given)["kind"]
    card = ds.tables["resources"].drop_duplicates("kind").set_index("kind")
    found = {}
    for task in ds.tables["task_inventory"].to_dict("records"):
        kind = kinds.get(task["task_group"])
        if kind is None or kind not in card.index or task["lock_resource"]:
            continue
        if task["personal_data"] == 1 and card.at[kind, "personal_data_allowed"] != 1:
            continue
        found[str(task["task_id"])] = str(card.at[kind, "resource_id"])
    return found
