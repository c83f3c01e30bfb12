"""Self-onboarding as a lever: hours it saves, what its content and its tool take, month by month.

The share of onboarding that customers complete themselves rises from ``self_onboarding_now`` to
``self_onboarding_target`` (s[t] = s0 + (s1 - s0)(1 - exp(-(t - t0) / tau))). Hours saved are the self-serve
task hours at today's share less those at the share of the month. They are time, not cash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.costing.rates import Rate, billed_units, hour_cost, rates_of
from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.model.demand import project_demand, task_hours
from csanalysis.model.parameters import Array
from csanalysis.model.projection import self_onboarding_factor
from csanalysis.model.scenario import Scenario
from csanalysis.model.segments import segments_of
from csanalysis.vocabulary import PriceForm, ResourceKind, Stage

TARGET = "self_onboarding_target"
CONTENT_GROUP = "faq_content"
"""Task group of manuals, FAQ and other content (FULLSTAR: what onboarding content is)."""
SELF_ONBOARDING_WORDS = re.compile(
    r"セルフ|チュートリアル|\bself[-_ ]?(?:onboarding|serve|service)|tutorial", re.IGNORECASE
)
"""Names that say that a content task keeps the content customers onboard themselves with (chosen)."""
TARGETS_SHOWN = 13
"""Targets of `SelfOnboarding.targets`, evenly between today's share and the top (chosen)."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Licence:
    """A tool on the rate card, paid by accounts: kind ``tech_touch``, price form ``licence``.

    Attributes
    ----------
    resource_id, name_ja, name_en : str
    monthly_jpy : float
        Base fee and price x accounts of today, JPY a month.
    setup_jpy : float
        Paid once, in the first month.
    min_term_months : float
    source, grade : str
    """

    resource_id: str
    name_ja: str
    name_en: str
    monthly_jpy: float
    setup_jpy: float
    min_term_months: float
    source: str
    grade: str

    def name(self, lang: str) -> str:
        """Return the name on screen."""
        return (self.name_ja or self.name_en) if lang == "ja" else (self.name_en or self.name_ja)


@dataclass(frozen=True)
class SelfOnboarding:
    """The lever in one scenario.

    Attributes
    ----------
    now, target : float
        Share of customers who complete onboarding themselves.
    start, tau : float
        Month the project starts, and time constant in months.
    served_hours : float
        Self-serve task hours of an average month of today, at the share of today.
    hour_cost, hour_cost_low, hour_cost_high : float
        JPY per productive hour in-house, and at the ends of the range of csm_monthly_cost.
    upkeep_tasks : tuple of (task_id, name_ja, name_en)
        Tasks counted as upkeep of the content.
    upkeep_today : float
        Hours of an average month of today.
    licence : Licence or None
        The cheapest tool of the rate card at today's accounts.
    offers : int
        Tools on the rate card.
    table, target_table : pandas.DataFrame
        See `curve` and `targets`.
    """

    now: float
    target: float
    start: float
    tau: float
    served_hours: float
    hour_cost: float
    hour_cost_low: float
    hour_cost_high: float
    upkeep_tasks: tuple[tuple[str, str, str], ...]
    upkeep_today: float
    licence: Licence | None
    offers: int
    table: pd.DataFrame
    target_table: pd.DataFrame

    @property
    def pulled(self) -> bool:
        """Whether the scenario has a project: a target above today's share."""
        return self.target > self.now

    @property
    def starts_within(self) -> bool:
        """Whether the project starts within the horizon."""
        return self.start <= len(self.table)

    @property
    def settled_hours(self) -> float:
        """Hours a month saved once the target is reached, at today's volumes."""
        return self.hours_at(self.target)

    @property
    def burden_jpy(self) -> float:
        """Upkeep and licence in JPY a month, at today's volumes."""
        return self.upkeep_today * self.hour_cost + (self.licence.monthly_jpy if self.licence else 0.0)

    @property
    def crossing(self) -> int | None:
        """Month from which, to the end of the horizon, saved time is worth more than upkeep and licence."""
        return self._lasting(self.table["upkeep_jpy"] + self.table["licence_jpy"])

    @property
    def crossing_without_licence(self) -> int | None:
        """The crossing month if no tool had to be paid."""
        return self._lasting(self.table["upkeep_jpy"])

    @property
    def break_even_target(self) -> float | None:
        """Share from which the settled saving is worth upkeep and licence; None if no share is."""
        if self.served_hours * self.hour_cost <= 0:
            return None
        share = self.now + (1 - self.now) * self.burden_jpy / (self.served_hours * self.hour_cost)
        return share if share <= 1 else None

    @property
    def bearable_upkeep(self) -> float:
        """Upkeep hours a month at which nothing is left of the settled saving; below 0: the tool eats it."""
        licence = self.licence.monthly_jpy if self.licence else 0.0
        return self.settled_hours - licence / self.hour_cost

    def hours_at(self, target: float) -> float:
        """Return the hours a month that a target saves once it is reached, at today's volumes."""
        return settled_saving(self.served_hours, self.now, target)

    def _lasting(self, burden: pd.Series[float]) -> int | None:
        if not self.pulled:
            return None
        worth = (self.table["saved_jpy"] > burden).to_numpy()
        below = np.flatnonzero(~worth)
        first = int(below[-1]) + 1 if below.size else 0
        return int(self.table["month"].iloc[first]) if first < len(worth) else None


def settled_saving(served_hours: float, now: float, target: float) -> float:
    """Return the self-serve hours saved a month at a target: H (s1 - s0) / (1 - s0).

    Parameters
    ----------
    served_hours : float
        Self-serve task hours a month at the share of today (sessions observed are net of self-service).
    now, target : float
        Share that onboards itself; `now` below 1. A target below `now` costs hours.

    Examples
    --------
    >>> round(settled_saving(70, 0.3, 0.78), 1), settled_saving(70, 0.5, 0.5)
    (48.0, 0.0)
    """
    return served_hours * (target - now) / (1 - now)


def self_onboarding(ds: Dataset, sc: Scenario, upkeep: Sequence[str] | None = None) -> SelfOnboarding:
    """Return the lever of a scenario; see `csanalysis.plan_touch`."""
    now, target, start, tau = (
        float(sc.number(f"self_onboarding_{k}")) for k in ("now", "target", "start", "tau")
    )
    inventory = ds.tasks
    served = (inventory["self_serve"] == 1).to_numpy()
    kept = upkeep_mask(inventory, upkeep)
    today = task_hours(ds, sc).hours
    ends = sc.stated("csm_monthly_cost")
    cost = float(hour_cost(sc)[0])
    low, high = (cost * end / float(sc.number("csm_monthly_cost")) for end in (ends.low, ends.high))
    tools = [
        r for r in rates_of(sc) if r.kind == ResourceKind.TECH_TOUCH and r.price_form == PriceForm.LICENCE
    ]
    accounts = float(segments_of(ds, sc).accounts.sum())
    tool = min(tools, key=lambda rate: _monthly(rate, np.array([accounts]))[0], default=None)
    names = inventory.loc[kept, ["task_id", "name_ja", "name_en"]].itertuples(index=False)
    upkeep_today = float(today[kept].sum())
    parts = (now, target, start, tau, float(today[served].sum()), cost, low, high)
    return SelfOnboarding(
        *parts,
        upkeep_tasks=tuple((str(t), str(ja), str(en)) for t, ja, en in names),
        upkeep_today=upkeep_today,
        licence=None if tool is None else _licence(ds, sc, tool, accounts),
        offers=len(tools),
        table=_curve(ds, sc, served, kept, tool),
        target_table=_targets(sc, parts[4], upkeep_today, cost, tool, accounts),
    )


def upkeep_mask(inventory: pd.DataFrame, named: Sequence[str] | None = None) -> Mask:
    """Return which tasks keep the content of self-onboarding.

    The rule, where no task is `named`: tasks of the group ``faq_content`` in the stage onboarding that are
    not self-serve themselves; if names of some speak of self-service (`SELF_ONBOARDING_WORDS`), these alone.

    Raises
    ------
    ValueError
        If a named task is not on the inventory.
    """
    ids = inventory["task_id"]
    if named is not None:
        for key in named:
            if key not in set(ids):
                raise ValueError(both("touch.unknown_task", key=key))
        return np.asarray(ids.isin(list(named)), dtype=bool)
    content = (inventory["task_group"] == CONTENT_GROUP) & (inventory["stage"] == str(Stage.ONBOARDING))
    content &= inventory["self_serve"] != 1
    words = ids + " " + inventory["name_ja"].fillna("") + " " + inventory["name_en"].fillna("")
    narrow = content & words.str.replace("_", " ").str.contains(SELF_ONBOARDING_WORDS)
    return np.asarray(narrow if narrow.any() else content, dtype=bool)


def _curve(ds: Dataset, sc: Scenario, served: Mask, kept: Mask, tool: Rate | None) -> pd.DataFrame:
    months = int(sc.number("horizon_months"))
    now, target = (float(sc.number(f"self_onboarding_{k}")) for k in ("now", "target"))
    without = sc.replace({TARGET: now})
    demand = project_demand(ds, without, months)
    hours = demand.by_segment.sum(axis=2)[1:]
    left = self_onboarding_factor(sc, months)[1:]
    month = np.arange(1, months + 1)
    running = (month >= float(sc.number("self_onboarding_start"))) & (target > now)
    cost = float(hour_cost(sc)[0])
    saved = hours[:, served].sum(axis=1) * (1 - left)
    upkeep = hours[:, kept].sum(axis=1)
    accounts = demand.projection.accounts[1:].sum(axis=1)
    licence, setup = np.zeros(months), np.zeros(months)
    if tool is not None:
        licence = running * _monthly(tool, accounts)
        setup = np.where(running & (np.cumsum(running) == 1), float(tool.get("setup_cost")[0]), 0.0)
    frame = pd.DataFrame(
        {
            "month": month,
            "share": 1 - left * (1 - now),
            "hours_saved": saved,
            "upkeep_hours": upkeep,
            "saved_jpy": saved * cost,
            "upkeep_jpy": running * upkeep * cost,
            "licence_jpy": licence,
            "setup_jpy": setup,
        }
    )
    paid = frame["upkeep_jpy"] + frame["licence_jpy"] + frame["setup_jpy"]
    return frame.assign(net_jpy=frame["saved_jpy"] - paid)


def _targets(
    sc: Scenario, served: float, upkeep: float, cost: float, tool: Rate | None, accounts: float
) -> pd.DataFrame:
    now, target = (float(sc.number(f"self_onboarding_{k}")) for k in ("now", "target"))
    top = float(np.nanmax([sc.parameter(TARGET).high, target]))
    shares = np.union1d(np.linspace(now, top if top > now else 1.0, TARGETS_SHOWN), [target])
    saved = np.array([settled_saving(served, now, share) for share in shares])
    raised = shares > now
    licence = raised * float(_monthly(tool, np.array([accounts]))[0]) if tool is not None else 0.0 * shares
    frame = pd.DataFrame(
        {
            "target": shares,
            "hours_saved": saved,
            "upkeep_hours": upkeep,
            "saved_jpy": saved * cost,
            "upkeep_jpy": raised * upkeep * cost,
            "licence_jpy": licence,
        }
    )
    return frame.assign(net_jpy=frame["saved_jpy"] - frame["upkeep_jpy"] - frame["licence_jpy"])


def _monthly(rate: Rate, accounts: Array) -> Array:
    """Return base fee and fee of a licence in JPY a month, for accounts of one or more months."""
    return np.asarray(rate.get("base_fee") + billed_units(accounts, rate) * rate.get("price"))


def _licence(ds: Dataset, sc: Scenario, rate: Rate, accounts: float) -> Licence:
    row = ds.resources.set_index("resource_id").loc[rate.resource_id]
    stated = sc.stated(f"resources.{rate.resource_id}.price")
    changed = f"resources.{rate.resource_id}.price" in sc.changes
    return Licence(
        resource_id=rate.resource_id,
        name_ja=str(row["name_ja"]),
        name_en=str(row["name_en"]),
        monthly_jpy=float(_monthly(rate, np.array([accounts]))[0]),
        setup_jpy=float(rate.get("setup_cost")[0]),
        min_term_months=float(rate.get("min_term_months")[0]),
        source=stated.source if changed else str(row["source"]),
        grade=stated.grade if changed else str(row["grade"]),
    )
