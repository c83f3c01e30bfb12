"""What would have to be true for sizing methods to agree."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from csanalysis.diagnosis.sizing import TeamSizing
from csanalysis.labels import number, percent, text
from csanalysis.model.findings import Finding

CURRENT = "current"
"""The team of today, set beside the methods."""

UNITS = {
    "cs_cost_ratio": "ratio",
    "arr_per_head": "JPY/head/year",
    "accounts_per_csm": "account/head",
    "minutes_per_account": "minute/account/month",
}
"""Quantity that a team size implies -> unit."""


@dataclass(frozen=True)
class Reconciliation:
    """For each team size, the value every other method's parameter would need to give the same size.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row a method (and ``current``): method, fte, and the implied quantities of `UNITS`.
    assumed : mapping
        The quantities as the scenario states them.
    findings : tuple of Finding
    """

    frame: pd.DataFrame
    assumed: dict[str, float]
    findings: tuple[Finding, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a method and quantity: method, fte, quantity, value (implied), assumed, unit."""
        long = self.frame.melt(["method", "fte"], var_name="quantity", value_name="value")
        long = long.assign(assumed=long["quantity"].map(self.assumed), unit=long["quantity"].map(UNITS))
        return long.sort_values(["method", "quantity"], kind="stable", ignore_index=True)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings as sentences."""
        return [finding.sentence(lang) for finding in self.findings]


def reconcile(sizing: TeamSizing) -> Reconciliation:
    """Return what each team size implies for every other method.

    For F FTE: implied cost ratio = (12 cost F + tools + external) / ARR; ARR per head = ARR / F; accounts
    per CSM = accounts / F; minutes per account and month = 60 h F / accounts. A team of nobody implies
    nothing (NaN).

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> frame = cs.reconcile(cs.size_team(ds, ds.base)).frame.set_index("method")
    >>> round(float(frame.loc["task_hours", "minutes_per_account"]))
    62
    """
    basis = sizing.basis
    sizes = {m.method: m.fte for m in sizing.methods} | {CURRENT: sizing.current_fte}
    rows = []
    for method, fte in sizes.items():
        held = fte > 0
        rows.append(
            {
                "method": method,
                "fte": fte,
                "cs_cost_ratio": basis.cost_ratio_of(fte),
                "arr_per_head": basis.arr / fte if held else float("nan"),
                "accounts_per_csm": basis.accounts / fte if held else float("nan"),
                "minutes_per_account": 60 * basis.productive_hours * fte / basis.accounts,
            }
        )
    assumed = {
        "cs_cost_ratio": basis.cost_ratio,
        "arr_per_head": basis.arr_per_head,
        "accounts_per_csm": basis.accounts_per_csm,
        "minutes_per_account": 60 * basis.task_hours / basis.accounts,
    }
    frame = pd.DataFrame(rows)
    return Reconciliation(frame, assumed, tuple(_findings(sizing, frame.set_index("method"), assumed)))


def _findings(sizing: TeamSizing, implied: pd.DataFrame, assumed: dict[str, float]) -> list[Finding]:
    found = []
    if not sizing.independent:
        found.append(Finding("reconcile.one_method", level="warning", source="ADISH"))
    ratio, hours = sizing.method("cost_ratio"), sizing.method("task_hours")
    if ratio.fte > 0 and hours.fte > 0:
        needed = float(implied.loc["task_hours", "cs_cost_ratio"])  # type: ignore[arg-type]
        minutes = float(implied.loc["cost_ratio", "minutes_per_account"])  # type: ignore[arg-type]
        values = {
            "hours_fte": number(hours.fte, 1),
            "ratio_fte": number(ratio.fte, 1),
            "needed": percent(needed, 2),
            "assumed": percent(assumed["cs_cost_ratio"], 2),
            "minutes": number(minutes, 0),
            "now": number(assumed["minutes_per_account"], 0),
        }
        found.append(Finding("reconcile.hours_and_ratio", values))
    spread = [m.fte for m in sizing.methods]
    if min(spread) > 0 and max(spread) > 1.1 * min(spread):
        least = min(sizing.methods, key=lambda m: m.fte)
        most = max(sizing.methods, key=lambda m: m.fte)
        found.append(
            Finding(
                "reconcile.spread",
                {
                    "least": lambda lang: text(f"sizing.method.{least.method}", lang),
                    "most": lambda lang: text(f"sizing.method.{most.method}", lang),
                    "low": number(least.fte, 1),
                    "high": number(most.fte, 1),
                },
                "question",
            )
        )
    return found
