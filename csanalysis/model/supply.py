"""Hours the in-house team can give, and whole heads."""

from __future__ import annotations

from typing import Any

import numpy as np

from csanalysis.model.scenario import Scenario

HEAD_GUARD = 1e-9
"""Rounding noise that does not cost a head."""
PLAUSIBLE_LOAD = (0.7, 1.3)
"""Task hours outside this range of the hours the team can give ask for a second look (chosen)."""


def productive_hours(paid_hours: Any, non_customer_time: Any) -> Any:
    """Return the task hours one FTE gives a month: paid_hours x (1 - non_customer_time).

    Parameters
    ----------
    paid_hours : float or array of shape (n_scenarios,)
        Hours paid per FTE and month.
    non_customer_time : float or array of shape (n_scenarios,)
        Share of paid hours for administration and internal work, 0 to below 1.

    Examples
    --------
    >>> productive_hours(160, 0.35)
    104.0
    """
    return paid_hours * (1 - non_customer_time)


def productive_hours_of(sc: Scenario) -> Any:
    """Return the productive hours per FTE and month of a scenario."""
    return productive_hours(sc.number("paid_hours"), sc.number("non_customer_time"))


def whole_heads(fte: Any) -> Any:
    """Return the smallest whole number of persons that gives `fte`, forgiving rounding noise of 1e-9.

    Examples
    --------
    >>> whole_heads(4.36), whole_heads(5.0000000001)
    (5.0, 5.0)
    """
    heads = np.maximum(np.ceil(np.asarray(fte, dtype=float) - HEAD_GUARD), 0.0)
    return heads if heads.ndim else float(heads)
