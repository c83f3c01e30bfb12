"""Charts of the capacity plan: drawn values equal the plan, words are legible in both languages."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import csanalysis as cs
from csanalysis.charts.capacity import core_layers, total_demand
from csanalysis.charts.frame import title_of
from csanalysis.model.dataset import Dataset

Legible = Callable[[Axes], str]
LANGUAGES = pytest.mark.parametrize("lang", ["ja", "en"])
CASES = [
    {},
    {"horizon_months": 1.0},
    {"horizon_months": 36.0, "growth_monthly": 0.03},
    {"demand_cv": 3.0},
    {"accounts": 10_000_000.0, "arr": 1e13, "cs_fte": 10000.0},
    {"accounts": 1.0, "arr": 1e5, "new_accounts_per_month": 0.0, "effort": 0.01},
    {"resources.bpo.capacity_cap": 0.0},
    {"start_month": 20.0},
    {"cs_fte": 1.0, "overtime_cap": 0.0},
]


@LANGUAGES
@pytest.mark.parametrize("changes", CASES, ids=lambda c: "-".join(c) or "default")
def test_every_chart_is_legible(ds: Dataset, changes: dict[str, float], lang: str, legible: Legible) -> None:
    plan = cs.plan_capacity(ds, ds.base.replace(changes), n_scenarios=20)
    for ax in (
        cs.charts.capacity_plan(plan, lang=lang),
        cs.charts.outsourced_share(plan.by_share(3), lang=lang),
        cs.charts.utilisation(plan, lang=lang),
    ):
        legible(ax)
        assert title_of(ax) and ax.get_xlabel()


@LANGUAGES
@pytest.mark.parametrize("assignment", ["in_house", "several"])
def test_other_assignments_are_legible(ds: Dataset, assignment: str, lang: str, legible: Legible) -> None:
    """No contract at all, and four of them."""
    names = ("bpo", "contractor", "contract_staff", "agency")
    inventory = ds.tables["task_inventory"]
    free = inventory.loc[inventory["lock_resource"] == "", "task_id"]
    asked = {t: names[n % 4] for n, t in enumerate(free)} if assignment == "several" else assignment
    plan = cs.plan_capacity(ds, ds.base, asked, n_scenarios=20)
    legible(cs.charts.capacity_plan(plan, lang=lang))
    legible(cs.charts.utilisation(plan, lang=lang))
    legible(cs.charts.outsourced_share(plan.by_share(3), lang=lang))


def test_what_is_drawn_is_the_plan(ds: Dataset) -> None:
    plan = cs.plan_capacity(ds, ds.base, n_scenarios=50)
    ax = cs.charts.capacity_plan(plan, lang="en")
    for name, values, _ in core_layers(plan):
        assert [p.get_height() for p in ax.patches if p.get_gid() == name] == pytest.approx(list(values))
    [median] = [line for line in ax.lines if line.get_gid() == "median"]
    assert np.asarray(median.get_ydata()) == pytest.approx(np.median(total_demand(plan), axis=1))
    curve = plan.by_share(4)
    ax = cs.charts.outsourced_share(curve, lang="en")
    [line] = [line for line in ax.lines if line.get_gid() == "expected"]
    assert np.asarray(line.get_ydata()) == pytest.approx(curve.expected)
    [optimum] = [line for line in ax.lines if line.get_gid() == "optimum"]
    assert np.asarray(optimum.get_xdata())[0] == pytest.approx(curve.share[curve.best])
    ax = cs.charts.utilisation(plan, lang="en")
    drawn = np.asarray(ax.images[0].get_array())
    busy = np.quantile(plan.problem.load / plan.supply[:, None], 0.9, axis=1)
    assert drawn[0] == pytest.approx(busy)


def test_given_axes_are_drawn_on(ds: Dataset) -> None:
    plan = cs.plan_capacity(ds, ds.base, n_scenarios=10)
    for chart, result in (
        (cs.charts.capacity_plan, plan),
        (cs.charts.utilisation, plan),
        (cs.charts.outsourced_share, plan.by_share(2)),
    ):
        ax = Figure().subplots()
        assert chart(result, ax, "ja") is ax


@LANGUAGES
def test_the_table_holds_every_quarter(ds: Dataset, lang: str) -> None:
    plan = cs.plan_capacity(ds, ds.base, n_scenarios=10)
    table = cs.tables.capacity(plan, lang).html
    assert table.count("<tr>") == 5 and "column." not in table and "plan_" not in table
    assert ("確約" if lang == "ja" else "committed") in table
