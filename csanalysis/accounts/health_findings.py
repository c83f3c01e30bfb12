"""What a health score says, and how far it can be believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from csanalysis.accounts.health_backtest import Backtest
from csanalysis.accounts.health_few import few_bands
from csanalysis.accounts.health_score import COMPONENTS
from csanalysis.labels import money, number, percent, term, trimmed
from csanalysis.model.disclosure import withheld
from csanalysis.model.findings import Finding, Shown

if TYPE_CHECKING:
    from csanalysis.accounts.health import Health


def findings_of(found: Health, asked: str) -> Iterator[Finding]:
    """Yield who is at risk, where the weights come from, and what the back-test says."""
    accounts = found.accounts
    at_risk = accounts[accounts["band"] == "at_risk"]
    values: dict[str, Shown] = {
        "month": str(np.datetime64(found.month, "M")),
        "n": number(len(accounts)),
        "risk": number(len(at_risk)),
        "share": percent(at_risk["mrr"].sum() / accounts["mrr"].sum()) if accounts["mrr"].sum() else "-",
        "mrr": _money(float(at_risk["mrr"].sum())),
    }
    told = "health.today_withheld" if few_bands(accounts)["at_risk"] else "health.today"
    yield Finding(told, values, "warning" if len(at_risk) else "info", "BRIDGE")
    unknown = int((accounts["usage_score"].isna()).sum())
    if unknown:
        few = any(withheld([unknown]))
        yield Finding(f"health.unknown_usage{'_withheld' if few else ''}", {"n": number(unknown)})
    yield _weights(found, asked)
    hours = float(found.actions["hours"].sum())
    fired = int(found.actions["accounts"].sum())
    if fired:
        yield Finding("health.actions", {"n": number(fired), "hours": number(hours)}, source="BRIDGE")
    if found.backtest is None:
        yield Finding("health.no_backtest", level="question")
        return
    if found.synthetic:
        yield Finding("health.circular", level="warning")
    yield from _judged(found.backtest, found.fitted)


def _weights(found: Health, asked: str) -> Finding:
    def shown(lang: str) -> str:
        parts = [f"{term('health_component', n, lang)} {percent(found.weights[n], 0)}" for n in COMPONENTS]
        return ("、" if lang == "ja" else ", ").join(parts)

    if asked == "fitted" and not found.fitted:
        return Finding("health.not_fitted", {"weights": shown}, "question")
    return Finding("health.fitted" if found.fitted else "health.weights", {"weights": shown})


def _judged(tested: Backtest, fitted: bool) -> Iterator[Finding]:
    own = next(j for j in tested.judgements if j.name == ("fitted" if fitted else "parameters"))
    rule = next(j for j in tested.judgements if j.name == "rule")
    values: dict[str, Shown] = {
        "first": str(np.datetime64(tested.judged_first, "M")),
        "last": str(np.datetime64(tested.judged_last, "M")),
        "losses": number(tested.judged_losses),
        "cases": number(tested.judged_cases),
        "auc": trimmed(own.auc, 2),
        "low": trimmed(own.auc_low, 2),
        "high": trimmed(own.auc_high, 2),
        "lift": trimmed(own.lift, 1),
        "rule": trimmed(rule.auc, 2),
    }
    yield Finding("health.judged", values)
    better = own.auc_low > rule.auc_high
    worse = own.auc_high < rule.auc_low
    verdict = "beats" if better else "loses" if worse else "undecided"
    told = {"own": trimmed(own.rule_lift, 1), "rule": trimmed(rule.rule_lift, 1)}
    flagged = {"flagged": percent(tested.flagged)}
    yield Finding(f"health.rule_{verdict}", {**told, **flagged}, "info" if better else "question")
    near = next(j for j in tested.judgements if j.name == "renewal")
    if np.isfinite(near.auc) and near.auc > 0.5:
        shown = {"near": trimmed(near.auc, 2), "auc": trimmed(own.auc, 2)}
        yield Finding("health.renewal_alone", shown, "info" if own.auc_low > near.auc_high else "question")
    skill = 1 - tested.brier / tested.brier_base if tested.brier_base else float("nan")
    outside = int(
        (
            (tested.calibration["predicted"] < tested.calibration["low"])
            | (tested.calibration["predicted"] > tested.calibration["high"])
        ).sum()
    )
    shown = {"skill": percent(skill), "outside": number(outside), "bins": number(len(tested.calibration))}
    yield Finding("health.calibration", shown, "question" if outside > 1 or skill <= 0 else "info")


def _money(value: float) -> Shown:
    return lambda lang: money(value, lang)
