"""Health 0 to 100 from three components, and the reasons behind a score.

    usage     100 x min(1, recent / baseline): the account against its own past
    tickets   100 up to the mean account, falling to 0 at four times as many
    renewal   100 with six months or more to go, falling to 0 in the month of the renewal

A component that is not known (a new account, a monthly contract) is left out; its weight goes to the others.
The shapes are chosen; BRIDGE names the inputs without any figure. All constants stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.float64]
COMPONENTS = ("usage", "tickets", "renewal")
TICKET_ZERO = 4.0
"""Tickets, as a multiple of the mean account, at which the component is 0."""
RENEWAL_FAR = 6.0
"""Months to the renewal from which the component is 100."""
AT_RISK, HEALTHY = 50.0, 75.0
"""Scores below, and from which, an account is at risk, and healthy."""
FELL, FALLING, GREW = 0.5, 0.8, 1.3
"""recent / baseline at which usage fell by half, is falling, and has grown."""
MANY_RATIO, MANY_TICKETS = 2.0, 3.0
"""Tickets in three months that count as many: against the mean account, and at least."""
RENEWAL_NEAR = 2.0
"""Months to the renewal, 0 = the month that follows, at which it is near: within a quarter."""
BANDS = ("at_risk", "watch", "healthy")
REASONS = (
    *("no_usage", "usage_fell", "usage_falling", "usage_unknown"),
    *("tickets_many", "renewal_near"),
)
"""Reason codes; those that cost more points come first in a row."""


def component_scores(features: pd.DataFrame) -> Numbers:
    """Return the three components, 0 to 100 or NaN; shape (n_accounts, 3)."""
    trend, ratio, months = (
        features[name].to_numpy(dtype=float) for name in ("trend", "ticket_ratio", "renewal_in")
    )
    usage = 100 * np.clip(trend, 0, 1)
    tickets = 100 * np.clip((TICKET_ZERO - ratio) / (TICKET_ZERO - 1), 0, 1)
    renewal = 100 * np.clip(months / RENEWAL_FAR, 0, 1)
    return np.column_stack([usage, tickets, renewal])


def health(scores: Any, weights: Mapping[str, float]) -> Numbers:
    """Return the weighted mean of the known components, 0 to 100; NaN where none is known.

    Parameters
    ----------
    scores : array of shape (n_accounts, 3)
    weights : mapping
        Component -> weight, none negative; only their proportions count.

    Examples
    --------
    >>> weights = {"usage": 0.5, "tickets": 0.2, "renewal": 0.3}
    >>> health([[50.0, 100.0, float("nan")]], weights).round(1).tolist()
    [64.3]
    """
    values = np.asarray(scores, dtype=float)
    given = np.array([weights[name] for name in COMPONENTS], dtype=float)
    known = np.isfinite(values)
    total = (known * given).sum(axis=1)
    points = (np.where(known, values, 0.0) * given).sum(axis=1)
    return np.asarray(np.divide(points, total, out=np.full(len(values), np.nan), where=total > 0))


def lost_points(scores: Any, weights: Mapping[str, float]) -> Numbers:
    """Return the points each component takes off 100; they add up to 100 - health. Unknown ones take 0."""
    values = np.asarray(scores, dtype=float)
    given = np.array([weights[name] for name in COMPONENTS], dtype=float) * np.isfinite(values)
    total = given.sum(axis=1, keepdims=True)
    share = np.divide(given, total, out=np.zeros_like(given), where=total > 0)
    return np.asarray(share * (100 - np.where(np.isfinite(values), values, 100.0)), dtype=float)


def band_of(score: Any) -> npt.NDArray[np.object_]:
    """Return at_risk, watch or healthy; empty where the score is not known.

    Examples
    --------
    >>> band_of([30, 60, 75, float("nan")]).tolist()
    ['at_risk', 'watch', 'healthy', '']
    """
    value = np.asarray(score, dtype=float)
    place = np.where(value < AT_RISK, 0, np.where(value < HEALTHY, 1, 2))
    named = np.array(BANDS, dtype=object)[place]
    return np.where(np.isfinite(value), named, "").astype(object)


def reason_flags(features: pd.DataFrame) -> dict[str, npt.NDArray[np.bool_]]:
    """Return reason code -> accounts it holds for, shape (n_accounts,)."""
    trend = features["trend"].to_numpy(dtype=float)
    recent = features["recent"].to_numpy(dtype=float)
    tickets, ratio = (features[c].to_numpy(dtype=float) for c in ("tickets", "ticket_ratio"))
    none = recent == 0
    return {
        "no_usage": none,
        "usage_fell": ~none & (trend < FELL),
        "usage_falling": ~none & (trend >= FELL) & (trend < FALLING),
        "usage_unknown": np.isnan(trend) & ~none,
        "tickets_many": (ratio >= MANY_RATIO) & (tickets >= MANY_TICKETS),
        "renewal_near": features["renewal_in"].to_numpy(dtype=float) <= RENEWAL_NEAR,
    }


_COMPONENT_OF = {"tickets_many": 1, "renewal_near": 2}


def reasons_of(flags: Mapping[str, npt.NDArray[np.bool_]], points: Numbers) -> tuple[tuple[str, ...], ...]:
    """Return the reason codes of every account, those of the component that costs most points first."""
    held = np.column_stack([flags[code] for code in REASONS])
    # Few rows differ in their reasons and in the order of their components: each kind is looked at once.
    rank = np.argsort(np.argsort(-points, axis=1, kind="stable"), axis=1, kind="stable")
    kind = held @ (1 << np.arange(len(REASONS))) * 27 + rank @ np.array([9, 3, 1])
    _, first, place = np.unique(kind, return_index=True, return_inverse=True)
    kinds = []
    for row in first:
        own = [code for code, holds in zip(REASONS, held[row], strict=True) if holds]
        kinds.append(tuple(sorted(own, key=lambda code: rank[row, _COMPONENT_OF.get(code, 0)])))
    return tuple(kinds[at] for at in place)
