"""The hand-over that the playbook names: the starting point of a plan until tasks are assigned one by one."""

from __future__ import annotations

from csanalysis.costing.unit_cost import unit_costs
from csanalysis.model.dataset import Dataset
from csanalysis.model.playbook import SUPPORT, has_few_tickets, plays_now
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Basis, Play

_GIVEN = (Play.HAND_OVER, Play.SELL)


def playbook_assignment(ds: Dataset, sc: Scenario, *, derived: bool = False) -> dict[str, str]:
    """Return the tasks that the playbook hands out in this quadrant and phase, each with its resource.

    A kind that is not on the rate card, a locked task, personal data where they may not go, and support while
    tickets are few (LOGLASS2023) stay where they are today. Of several offers of a kind a vendor's quote goes
    before a row typed into the rate card; of several quotes the one with the lowest full cost is taken.

    Parameters
    ----------
    derived : bool
        Whether plays derived by a rule count as well; else only in a cell where the source names none.

    Returns
    -------
    dict
        task_id -> resource_id; empty where nothing is handed out.
    """
    plays = plays_now(ds, sc)
    given = plays[plays["play"].isin([str(p) for p in _GIVEN])]
    if has_few_tickets(sc):
        given = given.drop(index=SUPPORT, errors="ignore")
    named = given[given["basis"] == Basis.SOURCE]
    kinds = (named if len(named) and not derived else given)["kind"]
    rows = ds.tables["task_inventory"]
    free = rows[rows["task_group"].isin(kinds.index) & (rows["lock_resource"] == "")]
    free = free.assign(kind=free["task_group"].map(kinds))
    offers = {kind: _offer_of(ds, sc, str(kind), list(own["task_id"])) for kind, own in free.groupby("kind")}
    may_see = ds.tables["resources"].set_index("resource_id")["personal_data_allowed"]
    found = {}
    for task in free[["task_id", "kind", "personal_data"]].to_dict("records"):
        offer = offers[task["kind"]]
        if offer and (task["personal_data"] != 1 or may_see[offer] == 1):
            found[str(task["task_id"])] = offer
    return found


def _offer_of(ds: Dataset, sc: Scenario, kind: str, task_ids: list[str]) -> str:
    """Return the offer of a kind to plan with: a vendor's quote before a typed price; empty without any."""
    card = ds.tables["resources"]
    there = list(card.loc[card["kind"] == kind, "resource_id"])
    quoted = ds.tables.get("offers")
    quotes = [] if quoted is None else [r for r in there if r in set(quoted["resource_id"])]
    if len(quotes) < 2:
        return str((quotes or there or [""])[0])
    costs = unit_costs(ds, sc, task_ids, only=quotes).totals.set_index("resource_id")["jpy"]
    return str(costs.reindex(quotes).idxmin()) if costs.reindex(quotes).notna().any() else quotes[0]
