"""The plays of the company's own cell of the playbook, and the exception for support."""

from __future__ import annotations

import pandas as pd

from csanalysis.model.dataset import Dataset
from csanalysis.model.phases import phase_of
from csanalysis.model.scenario import Scenario

SUPPORT = "support"
"""Task group that stays in-house while tickets are few (LOGLASS2023)."""


def plays_now(ds: Dataset, sc: Scenario) -> pd.DataFrame:
    """Return the playbook's rows for the company's quadrant and phase, indexed by task_group."""
    book = ds.tables["playbook"]
    phase = phase_of(float(sc.number("cs_headcount")))
    own = book[(book["quadrant"] == sc.quadrant) & (book["phase"] == phase)]
    return own.drop_duplicates("task_group").set_index("task_group")


def tickets_a_month(sc: Scenario) -> float:
    """Return the tickets of an average month: tickets_per_account x accounts."""
    return float(sc.number("tickets_per_account")) * float(sc.number("accounts"))


def has_few_tickets(sc: Scenario) -> bool:
    """Tell whether tickets are so few that support stays in-house (LOGLASS2023)."""
    return tickets_a_month(sc) < float(sc.number("few_tickets_per_month"))
