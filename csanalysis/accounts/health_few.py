"""Which groups of a health score are too small to be told."""

from __future__ import annotations

import pandas as pd

from csanalysis.accounts.health_score import BANDS
from csanalysis.model.disclosure import withheld

SUMS = {
    "risk_actions": ("no_usage", "usage_fell", "usage_falling", "tickets_many"),
    "renewal_contacts": ("risky_renewal", "plain_renewal"),
    "expansion_actions": ("usage_grew", "healthy_renewal"),
}
"""Row of the KPI sheet -> the triggers whose accounts it adds up."""


def few_bands(accounts: pd.DataFrame) -> dict[str, bool]:
    """Return band of health -> whether it is withheld; accounts without a score are a group too."""
    counts = [int((accounts["band"] == band).sum()) for band in BANDS]
    few = withheld([*counts, len(accounts) - sum(counts)])
    return dict(zip(BANDS, few[:-1], strict=True))


def few_triggers(actions: pd.DataFrame) -> dict[str, bool]:
    """Return trigger -> whether it is withheld: all together, and within each sum of the KPI sheet."""
    counts = dict(zip(actions["trigger"], actions["accounts"], strict=True))
    found = dict(zip(counts, withheld(counts.values()), strict=True))
    for parts in SUMS.values():
        there = [name for name in parts if name in counts]
        for name, few in zip(there, withheld(counts[name] for name in there), strict=True):
            found[name] |= few
    return found


def few_kpis(sheet: pd.DataFrame, accounts: pd.DataFrame) -> dict[str, bool]:
    """Return row of the KPI sheet -> whether it is withheld: small sums, small groups, their amounts."""
    value, cases = (dict(zip(sheet["kpi"], sheet[name], strict=True)) for name in ("value", "n"))
    found = dict(zip(SUMS, withheld(value.get(name, 0.0) for name in SUMS), strict=True))
    at_risk = few_bands(accounts)["at_risk"]
    return {
        kpi: found[kpi] if kpi in found else any(withheld([n])) or (at_risk and kpi.startswith("at_risk"))
        for kpi, n in cases.items()
    }
