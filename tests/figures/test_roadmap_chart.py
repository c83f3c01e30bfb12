"""The roadmap strip: every month drawn in its state's colour, switches marked, legible in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import csanalysis as cs
from csanalysis.charts.frame import title_of
from csanalysis.charts.roadmap import STATE_COLOURS
from csanalysis.model.dataset import Dataset

Legible = Callable[[Axes], str]
CASES = [
    {},
    {"horizon_months": 36.0, "resources.bpo.price": 2_000.0},
    {"horizon_months": 120.0},
    {"horizon_months": 1.0},
    {"start_month": 5.0, "resources.bpo.price": 1_000_000.0},
    {"customer_size": "enterprise", "cs_headcount": 14.0},
    {"customer_size": "smb", "product_type": "propose_new"},
]


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("changes", CASES)
def test_it_is_legible(ds: Dataset, changes: dict[str, float | str], lang: str, legible: Legible) -> None:
    ax = cs.charts.roadmap(cs.plan_roadmap(ds, ds.base.replace(changes)), lang=lang)
    legible(ax)
    assert title_of(ax)


def test_boxes_are_the_states_in_order(ds: Dataset) -> None:
    result = cs.plan_roadmap(ds, ds.base)
    ax = cs.charts.roadmap(result, lang="en")
    colours = [to_hex(p.get_facecolor()).upper() for p in ax.patches if str(p.get_gid()).startswith("state-")]
    expected = [STATE_COLOURS[s] for g in result.candidates for s in g.states]
    assert colours[: len(expected)] == [to_hex(c).upper() for c in expected]
    assert len(colours) == 12 * sum(bool(g.resource_id) or g.hours.sum() > 0 for g in result.groups)


def test_switches_are_marked_both_ways(ds: Dataset) -> None:
    result = cs.plan_roadmap(ds, ds.base)
    first = replace(result.candidates[0], states=("in",) * 3 + ("out",) * 5 + ("in",) * 4)
    ax = cs.charts.roadmap(replace(result, groups=(first,)), lang="ja")
    signs = [(t.get_text(), t.xy[0]) for t in ax.texts if t.get_gid() == "switch"]  # type: ignore[attr-defined]
    assert signs == [("▶", 4), ("◀", 9)]


def test_given_axes_and_the_computed_statement(ds: Dataset) -> None:
    result, ax = cs.plan_roadmap(ds, ds.base), Figure().subplots()
    assert cs.charts.roadmap(result, ax, "en") is ax
    assert title_of(ax).startswith("2 of 8 candidate task groups are cheaper outside")
