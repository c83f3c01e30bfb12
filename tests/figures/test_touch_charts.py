"""Touch tiers and self-onboarding: drawn lengths equal the results, words are legible in both languages."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

import csanalysis as cs
from csanalysis.charts.frame import title_of
from csanalysis.charts.touch import PALE
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import ParameterSpace, Scenario

Legible = Callable[[Axes], str]


def by(ds: Dataset, basis: str) -> Dataset:
    """Return the example with an accounts table, with segments alone, or with neither."""
    tables = dict(ds.tables)
    if basis != "accounts":
        del tables["accounts"]
    if basis == "segments":
        rows = [("a", 20.0, 3e5, ""), ("b", 119.0, 8e4, "low_touch"), ("c", 300.0, 33e3, "")]
        frame = pd.DataFrame(rows, columns=["segment", "accounts", "arpa_monthly", "touch"])
        frame = frame.assign(name_ja=frame["segment"], name_en=frame["segment"], term_months=12.0)
        tables["segments"] = frame.assign(monthly_churn=0.02, new_accounts_per_month=math.nan)
    return replace(ds, tables=tables, scenario=Scenario("", ParameterSpace(ds.space.parameters, tables)))


def bars(ax: Axes, gid: str) -> list[float]:
    return [p.get_width() for p in ax.patches if p.get_gid() == gid and isinstance(p, Rectangle)]


def lines(ax: Axes, gid: str) -> list[Line2D]:
    return [line for line in ax.lines if line.get_gid() == gid]


def ydata(ax: Axes, gid: str) -> list[float]:
    [line] = lines(ax, gid)
    return [float(value) for value in np.asarray(line.get_ydata())]


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("basis", ["accounts", "segments", "average"])
def test_both_charts_are_legible_on_any_evidence(
    ds: Dataset, basis: str, lang: str, legible: Legible
) -> None:
    other = by(ds, basis)
    plan = cs.plan_touch(other, other.base.replace(self_onboarding_target=0.78))
    assert plan.basis == basis
    for ax in (cs.charts.touch_tiers(plan, lang=lang), cs.charts.self_onboarding(plan, lang=lang)):
        legible(ax)
        assert ax.get_xlabel() and title_of(ax)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(
    "changes",
    [
        {"accounts": 10_000_000.0, "arr": 1e13},
        {"accounts": 1.0, "arr": 1.0},
        {"cs_fte": 9_999.5},
        {"cs_fte": 0.0, "accounts_per_csm_tech": 9_999_999.0},
        {"csm_monthly_cost": 9_999_999.0},
    ],
)
def test_tiers_of_any_magnitude_stay_legible(
    ds: Dataset, changes: dict[str, float], lang: str, legible: Legible
) -> None:
    legible(cs.charts.touch_tiers(cs.plan_touch(ds, ds.base.replace(changes)), lang=lang))


def test_bars_and_marks_of_the_tiers_are_the_results(ds: Dataset) -> None:
    plan = cs.plan_touch(ds, ds.base)
    ax = cs.charts.touch_tiers(plan, lang="en")
    rows = (*plan.tiers, plan.total)
    assert bars(ax, "fte") == [tier.fte for tier in rows]
    ends = [list(np.asarray(line.get_xdata())) for line in lines(ax, "range")]
    assert ends == [[tier.fte_low, tier.fte_high] for tier in rows]
    accounts, arr = ax.child_axes
    assert bars(accounts, "accounts") == [tier.accounts_share for tier in plan.tiers]
    assert bars(arr, "arr") == [tier.arr_share for tier in plan.tiers]
    [today] = lines(ax, "today")
    assert list(np.asarray(today.get_xdata())) == [4.4, 4.4]
    [tasks] = lines(ax, "tasks")
    assert list(np.asarray(tasks.get_xdata())) == [plan.task_fte]
    assert title_of(ax) == "The touch tiers take 3.67 FTE (2.3 to 7.6); today's team is 4.4 FTE"


def test_what_cannot_be_decided_looks_and_reads_so(ds: Dataset) -> None:
    plan = cs.plan_touch(by(ds, "average"), by(ds, "average").base)
    ax = cs.charts.touch_tiers(plan, lang="en")
    assert "cannot be decided" in title_of(ax)
    accounts = ax.child_axes[0]
    colours = {to_hex(p.get_facecolor()).upper() for p in accounts.patches if p.get_gid() == "accounts"}
    assert colours == {PALE}
    assert len(lines(ax, "range")) == 2, "an empty tier has no range"


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "It would be worth its cost from 61 %"),
        ({"resources.tech_touch.price": 2_000.0}, "no target"),
        ({"self_onboarding_target": 0.1}, "below today's"),
        ({"self_onboarding_target": 0.78}, "from month 6 on"),
        ({"self_onboarding_target": 0.5}, "never outweighs"),
        ({"self_onboarding_target": 0.78, "horizon_months": 1.0}, "nothing is freed within 1"),
        ({"self_onboarding_target": 0.78, "horizon_months": 120.0}, "from month 6 on"),
        ({"self_onboarding_target": 1.0, "self_onboarding_now": 0.99}, "from month 5 on"),
    ],
)
def test_every_state_of_the_lever_is_told_and_legible(
    ds: Dataset, changes: dict[str, float], told: str, lang: str, legible: Legible
) -> None:
    ax = cs.charts.self_onboarding(cs.plan_touch(ds, ds.base.replace(changes)), lang=lang)
    legible(ax)
    assert lang == "ja" or told in title_of(ax)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_lever_without_tasks_or_tool(ds: Dataset, lang: str, legible: Legible) -> None:
    inventory = ds.tables["task_inventory"].assign(self_serve=0.0)
    card = ds.tables["resources"]
    tables = {**ds.tables, "resources": card[card["kind"] != "tech_touch"]}
    bare = replace(ds, tables=tables, scenario=Scenario("", ParameterSpace(ds.space.parameters, tables)))
    ax = cs.charts.self_onboarding(
        cs.plan_touch(bare, bare.base.replace(self_onboarding_target=0.78)), lang=lang
    )
    legible(ax)
    assert not lines(ax.child_axes[0], "burden")
    tables = {**ds.tables, "task_inventory": inventory}
    idle = replace(ds, tables=tables, scenario=Scenario("", ParameterSpace(ds.space.parameters, tables)))
    legible(cs.charts.self_onboarding(cs.plan_touch(idle, idle.base), lang=lang))


def test_lines_of_the_lever_are_the_curve_and_the_targets(ds: Dataset) -> None:
    plan = cs.plan_touch(ds, ds.base.replace(self_onboarding_target=0.78))
    lever = plan.lever
    ax = cs.charts.self_onboarding(plan, lang="en")
    assert ydata(ax, "saved") == list(plan.curve["hours_saved"])
    assert ydata(ax, "upkeep") == list(plan.curve["upkeep_hours"])
    burden = (plan.curve["upkeep_jpy"] + plan.curve["licence_jpy"]) / lever.hour_cost
    assert ydata(ax, "burden")[2:] == pytest.approx(list(burden[2:]))
    assert np.isnan(ydata(ax, "burden")[:2]).all(), "no tool before the start"
    [span] = [p for p in ax.patches if p.get_gid() == "crossing"]
    assert isinstance(span, Rectangle) and span.get_x() == 5.5
    inset = ax.child_axes[0]
    assert ydata(inset, "saved") == list(plan.targets["hours_saved"])
    assert ydata(inset, "target") == [lever.settled_hours]
    [span] = [p for p in inset.patches if p.get_gid() == "break_even"]
    assert isinstance(span, Rectangle) and span.get_x() == pytest.approx(lever.break_even_target)


def test_given_axes_are_drawn_on(ds: Dataset) -> None:
    plan = cs.plan_touch(ds, ds.base)
    for chart in (cs.charts.touch_tiers, cs.charts.self_onboarding):
        ax = Figure().subplots()
        assert chart(plan, ax, "ja") is ax


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_table_holds_every_tier(ds: Dataset, lang: str) -> None:
    plan = cs.plan_touch(ds, ds.base)
    table = cs.tables.touch(plan, lang).html
    assert table.count("<tr>") == 5 and "439" in table and "column." not in table
    words = ("ハイタッチ", "合計") if lang == "ja" else ("high touch", "total")
    assert all(word in table for word in words)
