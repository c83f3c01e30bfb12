"""The plays of the company's own cell of the playbook."""

from __future__ import annotations

import pandas as pd

from csanalysis.model.dataset import Dataset
from csanalysis.model.phases import phase_of
from csanalysis.model.scenario import Scenario


def plays_now(ds: Dataset, sc: Scenario) -> pd.DataFrame:
    """Return the playbook's rows for the company's quadrant and phase, indexed by task_group."""
    book = ds.tables["playbook"]
    phase = phase_of(float(sc.number("cs_headcount")))
    own = book[(book["quadrant"] == sc.quadrant) & (book["phase"] == phase)]
    return own.drop_duplicates("task_group").set_index("task_group")
