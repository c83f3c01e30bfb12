"""Season profiles from own records, pulled towards the profile in use where there is little to see."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csanalysis.accounts.shrinkage import shrink_poisson
from csanalysis.model.dataset import Dataset
from csanalysis.model.projection import season
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Driver

SEASONS = {"season_new": Driver.NEW_ACCOUNT, "season_renewal": Driver.RENEWAL, "season_ticket": Driver.TICKET}
"""Season parameter -> driver whose volume it shapes."""
YEAR = 12
COLUMNS = ["profile", "month", "factor", "count", "trust"]


def season_profiles(ds: Dataset, sc: Scenario, history: pd.DataFrame) -> pd.DataFrame:
    """Return the factor of every calendar month, for drivers with a year of records.

    Growth is taken out: new accounts and renewals are compared with the accounts of their month, tickets too.
    Whole years are used alone, the latest ones, so that every calendar month counts as often.

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
        Its profiles are the prior.
    history : pandas.DataFrame
        From `driver_history`.

    Returns
    -------
    pandas.DataFrame
        profile (the parameter's key), month (1-12), factor (mean 1), count, trust.
    """
    calendar = np.arange(1, YEAR + 1)
    parts = []
    for key, driver in SEASONS.items():
        base = history[str(Driver.ACTIVE_ACCOUNT)]
        volume = history[str(driver)].where(base.notna())
        known = volume.dropna()
        years = len(known) // YEAR
        if not years or known.sum() <= 0:
            continue
        known = known.iloc[-years * YEAR :]
        size = base.loc[known.index]
        month = known.index.to_numpy() % YEAR + 1
        prior = season(ds, sc, key, calendar.astype(float))
        share = size * prior[month - 1]
        expected = share / share.sum() * known.sum()
        count = known.groupby(month).sum().reindex(calendar).to_numpy(float)
        told = expected.groupby(month).sum().reindex(calendar).to_numpy(float)
        found = shrink_poisson(count, told)
        factor = found.factor * prior
        parts.append(
            pd.DataFrame(
                {
                    "profile": key,
                    "month": calendar,
                    "factor": factor / factor.mean(),
                    "count": count,
                    "trust": found.trust,
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
