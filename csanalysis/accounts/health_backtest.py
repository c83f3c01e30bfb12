"""Would the score have told who leaves? Fitted on earlier months, judged on later ones.

A case is an account at a cut: what was known at a month's closing, and whether the account was lost in the
months after. Cases to fit on end before the first cut to judge on begins, the months looked ahead included:
no outcome of the later part is known when the weights are chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from csanalysis.accounts.health_features import Grid, features_at, lost_within
from csanalysis.accounts.health_score import COMPONENTS, FELL, component_scores, health

HORIZON = 3
"""Months looked ahead: a quarter (chosen)."""
LEAST_HISTORY = 4
"""Months of the usage log before the first cut (chosen: two recent ones and two to compare with)."""
JUDGED_SHARE = 1 / 3
"""Share of the cuts, the latest ones, that are judged."""
LEAST_FIT, LEAST_JUDGED = 20, 10
"""Losses needed to fit, and to judge, at all."""
REPEATS = 200
BINS = 5
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judgement:
    """How well one way of telling who leaves did on the later cuts.

    Attributes
    ----------
    name : str
        parameters, fitted, rule ("usage fell by half") or renewal (its distance alone).
    auc, auc_low, auc_high : float
        Area under the ROC curve, with a 95 % interval from resampling whole accounts.
    lift, lift_low, lift_high : float
        Share of losses among the tenth with the least health / share among all.
    rule_lift : float
        Lift among as many cases as the rule flags.
    """

    name: str
    auc: float
    auc_low: float
    auc_high: float
    lift: float
    lift_low: float
    lift_high: float
    rule_lift: float


@dataclass(frozen=True)
class Backtest:
    """The result of the back-test.

    Attributes
    ----------
    judgements : tuple of Judgement
        Weights of the parameter table, fitted weights, the rule "usage fell by half", and the distance to
        the renewal alone: under yearly contracts hardly anybody can leave before it.
    weights : mapping of str to float
        Fitted on the earlier cuts; they add up to 1.
    intercept, slope : float
        Chance of loss = 1 / (1 + exp(-(intercept + slope (100 - health) / 100))), of the weights in use,
        fitted on the earlier cuts.
    calibration : pandas.DataFrame
        Fifths of the judged cases by chance told: predicted, observed, low, high (95 %), n, losses.
    brier, brier_base : float
        Mean squared error of the chance told, and of the same chance for all.
    fit_first, fit_last, judged_first, judged_last : int
        Cuts, months since January 1970.
    fit_cases, fit_losses, judged_cases, judged_losses : int
    flagged : float
        Share of the judged cases that the rule flags.
    """

    judgements: tuple[Judgement, ...]
    weights: Mapping[str, float]
    intercept: float
    slope: float
    calibration: pd.DataFrame = field(repr=False)
    brier: float
    brier_base: float
    fit_first: int
    fit_last: int
    judged_first: int
    judged_last: int
    fit_cases: int
    fit_losses: int
    judged_cases: int
    judged_losses: int
    flagged: float


@dataclass(frozen=True)
class Cases:
    """Accounts at cuts: component scores (n, 3), trend, whether lost, account and cut; arrays of n cases."""

    scores: Numbers
    trend: Numbers
    lost: npt.NDArray[np.bool_]
    account: npt.NDArray[np.int64]
    cut: npt.NDArray[np.int64]

    def part(self, where: npt.NDArray[np.bool_]) -> Cases:
        """Return some of the cases."""
        return Cases(*(getattr(self, name)[where] for name in self.__dataclass_fields__))


def cases_of(grid: Grid, last: int, term_months: float, horizon: int = HORIZON) -> Cases:
    """Return all cases whose outcome is known by the closing of month `last`."""
    parts = []
    for cut in range(max(grid.log_from + LEAST_HISTORY, grid.first), last - horizon + 1):
        known = features_at(grid, cut, term_months)
        who = known["account"].to_numpy(dtype=np.int64)
        lost = lost_within(grid, cut, who, horizon)
        scores, trend = component_scores(known), known["trend"].to_numpy(dtype=float)
        parts.append((scores, trend, lost, who, np.full(len(who), cut)))
    if not parts:
        none = np.zeros(0)
        return Cases(np.zeros((0, 3)), none, none > 0, none.astype(int), none.astype(int))
    return Cases(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def backtest(
    cases: Cases, weights: Mapping[str, float], *, fitted: bool, horizon: int = HORIZON, seed: int = 1
) -> Backtest | None:
    """Fit on earlier cuts and judge on later ones; None where there are too few losses for either.

    Parameters
    ----------
    cases : Cases
    weights : mapping
        Of the parameter table.
    fitted : bool
        Whether chances are told with the fitted weights instead.
    horizon : int
        Months looked ahead.
    seed : int
        Of the resampling.
    """
    cuts = np.unique(cases.cut)
    if len(cuts) < 3:
        return None
    first = int(cuts[len(cuts) - max(round(JUDGED_SHARE * len(cuts)), 1)])
    early, late = cases.part(cases.cut + horizon < first), cases.part(cases.cut >= first)
    if early.lost.sum() < LEAST_FIT or late.lost.sum() < LEAST_JUDGED or late.lost.all():
        return None
    own = fit_weights(early)
    used = own if fitted else weights
    intercept, slope = fit_chance(_health(early, used), early.lost)
    chance = chance_of(_health(late, used), intercept, slope)
    base = float(early.lost.mean())
    ranked = {
        "parameters": -_health(late, weights),
        "fitted": -_health(late, own),
        "rule": (late.trend < FELL).astype(float),
        "renewal": -np.where(np.isfinite(late.scores[:, 2]), late.scores[:, 2], 100.0),
    }
    return Backtest(
        judgements=_judged(ranked, late, seed),
        weights=own,
        intercept=intercept,
        slope=slope,
        calibration=calibration_table(chance, late.lost),
        brier=float(np.mean((chance - late.lost) ** 2)),
        brier_base=float(np.mean((base - late.lost) ** 2)),
        fit_first=int(early.cut.min()),
        fit_last=int(early.cut.max()),
        judged_first=int(late.cut.min()),
        judged_last=int(late.cut.max()),
        fit_cases=len(early.lost),
        fit_losses=int(early.lost.sum()),
        judged_cases=len(late.lost),
        judged_losses=int(late.lost.sum()),
        flagged=float((late.trend < FELL).mean()),
    )


def _health(cases: Cases, weights: Mapping[str, float]) -> Numbers:
    """Return health; a case nothing is known of stands at the mean of the others."""
    score = health(cases.scores, weights)
    middle = float(np.nanmean(score)) if np.isfinite(score).any() else 50.0
    return np.where(np.isfinite(score), score, middle)


def fit_weights(cases: Cases) -> dict[str, float]:
    """Return weights by logistic regression on the points each component is short of 100.

    A component that would count the wrong way (more points, more losses) gets none; if all would, all count
    the same. An unknown component stands at its mean.
    """
    from sklearn.linear_model import LogisticRegression

    short = (100 - cases.scores) / 100
    seen = np.isfinite(short)
    count = seen.sum(axis=0)
    mean = np.divide(np.where(seen, short, 0).sum(axis=0), count, out=np.zeros(3), where=count > 0)
    short = np.where(seen, short, mean)
    varies = short.std(axis=0) > 0
    raw = np.zeros(len(COMPONENTS))
    if varies.any():
        model = LogisticRegression(C=100.0, max_iter=1000).fit(short[:, varies], cases.lost)
        raw[varies] = np.maximum(model.coef_[0], 0.0)
    total = raw.sum()
    shares = raw / total if total > 0 else np.full(len(raw), 1 / len(raw))
    return {name: float(share) for name, share in zip(COMPONENTS, shares, strict=True)}


def fit_chance(score: Numbers, lost: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return intercept and slope of the chance of loss on (100 - health) / 100."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=100.0, max_iter=1000).fit(((100 - score) / 100)[:, None], lost)
    return float(model.intercept_[0]), float(model.coef_[0, 0])


def chance_of(score: Any, intercept: float, slope: float) -> Numbers:
    """Return the chance of loss at a health."""
    return np.asarray(1 / (1 + np.exp(-(intercept + slope * (100 - np.asarray(score)) / 100))))


def auc_of(risk: Any, lost: Any) -> float:
    """Return the area under the ROC curve, ties counted half: the Mann-Whitney statistic.

    Examples
    --------
    >>> auc_of([0.1, 0.4, 0.35, 0.8], [False, False, True, True])
    0.75
    """
    hit = np.asarray(lost, dtype=bool)
    some, rest = int(hit.sum()), int((~hit).sum())
    if not some or not rest:
        return float("nan")
    ranks = rankdata(np.asarray(risk, dtype=float))
    return float((ranks[hit].sum() - some * (some + 1) / 2) / (some * rest))


def lift_of(risk: Any, lost: Any, share: float = 0.1) -> float:
    """Return losses among the `share` with the highest risk / losses among all; ties count in part.

    Examples
    --------
    >>> lift_of([3, 2, 1, 1], [True, False, False, False], 0.25)
    4.0
    """
    value, hit = np.asarray(risk, dtype=float), np.asarray(lost, dtype=float)
    wanted = share * len(value)
    if not hit.sum() or wanted <= 0:
        return float("nan")
    edge = np.sort(value)[::-1][max(int(np.ceil(wanted - 1e-9)) - 1, 0)]
    above, at = value > edge, value == edge
    found = hit[above].sum() + hit[at].mean() * (wanted - above.sum())
    return float((found / wanted) / hit.mean())


def _judged(ranked: Mapping[str, Numbers], late: Cases, seed: int) -> tuple[Judgement, ...]:
    """Judge every way of ranking on the same resamples of whole accounts."""
    rng = np.random.default_rng(seed)
    accounts = np.unique(late.account)
    rows = {a: np.flatnonzero(late.account == a) for a in accounts}
    draws = [np.concatenate([rows[a] for a in rng.choice(accounts, len(accounts))]) for _ in range(REPEATS)]
    flagged = float((ranked["rule"] > 0).mean())
    found = []
    for name, risk in ranked.items():
        again = np.array([(auc_of(risk[d], late.lost[d]), lift_of(risk[d], late.lost[d])) for d in draws])
        low, high = np.nanquantile(again, [0.025, 0.975], axis=0)
        auc, lift = auc_of(risk, late.lost), lift_of(risk, late.lost)
        same = lift_of(risk, late.lost, flagged)
        ends = (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))
        found.append(Judgement(name, auc, *ends[0], lift, *ends[1], same))
    return tuple(found)


def calibration_table(chance: Numbers, lost: npt.NDArray[np.bool_], bins: int = BINS) -> pd.DataFrame:
    """Return predicted and observed losses by fifths of the chance told, with 95 % Wilson intervals."""
    place = np.minimum((rankdata(chance, method="ordinal") - 1) * bins // len(chance), bins - 1).astype(int)
    frame = pd.DataFrame({"place": place, "predicted": chance, "lost": lost.astype(float)})
    sums = frame.groupby("place").agg(
        predicted=("predicted", "mean"), losses=("lost", "sum"), n=("lost", "size")
    )
    share, weight = sums["losses"] / sums["n"], 1.959963984540054**2 / sums["n"]
    middle = (share + weight / 2) / (1 + weight)
    half = np.sqrt(weight * (share * (1 - share) + weight / 4)) / (1 + weight)
    sums = sums.assign(observed=share, low=(middle - half).clip(lower=0), high=(middle + half).clip(upper=1))
    order = ["predicted", "observed", "low", "high", "n", "losses"]
    return sums.reset_index(drop=True)[order].astype({"losses": int})
