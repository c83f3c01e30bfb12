"""Charts of the assignment: what is drawn is what was computed, legible for every company and language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import csanalysis as cs
from csanalysis.assignment.assign import Assignment
from csanalysis.assignment.boundary import Boundaries
from csanalysis.assignment.stability import Stability
from csanalysis.assignment.waves import Waves
from csanalysis.charts.frame import title_of
from csanalysis.model.dataset import Dataset
from csanalysis.workspace import example_dir, load_dataset

Legible = Callable[[Axes], str]
Results = tuple[Assignment, Stability, Boundaries, Waves]
SCENARIOS = ("smb_replace_existing", "enterprise_replace_existing", "enterprise_propose_new")
both_languages = pytest.mark.parametrize("lang", ["ja", "en"])


@cache
def results(name: str, persons: int = 0) -> Results:
    ds = load_dataset(example_dir(), lang="en", scenario=name)
    sc = ds.scenario.replace(cs_headcount=persons) if persons else ds.scenario
    plan = cs.assign_tasks(ds, sc)
    stability = cs.assess_stability(ds, sc, 500, eligible=plan.eligible_kinds, choose=plan.choose)
    return plan, stability, cs.find_boundaries(ds, sc, steps=40), cs.plan_waves(ds, sc, stability)


def bars(ax: Axes, gid: str) -> list[Rectangle]:
    return [patch for patch in ax.patches if patch.get_gid() == gid and isinstance(patch, Rectangle)]


@both_languages
@pytest.mark.parametrize(("name", "persons"), [*((name, 0) for name in SCENARIOS), (SCENARIOS[0], 2)])
def test_every_chart_is_legible(name: str, persons: int, lang: str, legible: Legible) -> None:
    """Also in launch, where nothing goes out and nothing flips."""
    plan, stability, boundaries, waves = results(name, persons)
    legible(cs.charts.assignment_map(plan, lang=lang))
    legible(cs.charts.assignment_probabilities(stability, lang=lang))
    legible(cs.charts.flip_distances(boundaries, lang=lang))
    legible(cs.charts.wave_hours(waves, lang=lang))


def test_bubbles_hold_all_hours_and_do_not_touch() -> None:
    plan, *_ = results(SCENARIOS[0])
    ax = cs.charts.assignment_map(plan, lang="en")
    bubbles = [c for c in ax.collections if isinstance(c, PathCollection)]
    places = [(d.kind, *np.floor(t[:2] + 0.5)) for d, t in zip(plan.decisions, plan.traits, strict=True)]
    hours = {
        cell: sum(d.hours for d, place in zip(plan.decisions, places, strict=True) if place == cell)
        for cell in places
    }
    assert len(bubbles) == len(hours)
    sizes = np.array([c.get_sizes()[0] for c in bubbles])
    assert np.sqrt(sizes).max() <= 36 + 1e-9
    largest, most = sizes.max(), max(hours.values())
    total = sum(d.hours for d in plan.decisions)
    assert (sizes / largest * most).sum() == pytest.approx(total, rel=0.02), "area = hours, but for tiny ones"
    assert title_of(ax) == "28 of 50 tasks go outside: 270.6 of 453.4 hours a month"


def test_ratings_between_whole_numbers_are_rounded(legible: Legible) -> None:
    ds = load_dataset(example_dir(), lang="en")
    sc = ds.base.replace({f"tasks.{task}.value_added": 3.5 for task in ds.tasks["task_id"][:9]})
    legible(cs.charts.assignment_map(cs.assign_tasks(ds, sc), lang="ja"))


def test_bars_are_the_shares_of_draws_the_least_stable_first() -> None:
    _, stability, *_ = results(SCENARIOS[0])
    ax = cs.charts.assignment_probabilities(stability, lang="en")
    found = bars(ax, "share")
    assert sum(bar.get_width() for bar in found) == pytest.approx(len(stability.tasks))
    first = [bar.get_width() for bar in found if round(bar.get_y() + bar.get_height() / 2) == 0]
    assert max(first) == pytest.approx(stability.probability.max(axis=1).min())
    [line] = [line for line in ax.lines if line.get_gid() == "decide"]
    assert line.get_xdata()[0] == stability.decide_at  # type: ignore[index]


def test_a_stable_choice_and_several_raters_are_told(legible: Legible) -> None:
    _, stability, *_ = results(SCENARIOS[0])
    firm = np.zeros(stability.probability.shape)
    firm[:, 0] = 1
    told = legible(
        cs.charts.assignment_probabilities(replace(stability, probability=firm, raters=("a", "b")), lang="en")
    )
    assert "the choice holds" in told and "Raters: 2" in told


def test_dots_are_the_distances() -> None:
    _, _, boundaries, _ = results(SCENARIOS[0])
    ax = cs.charts.flip_distances(boundaries, lang="en")
    drawn = sorted(float(np.asarray(line.get_xdata())[0]) for line in ax.lines if line.get_gid() == "flip")
    assert drawn == pytest.approx(sorted(boundaries.nearest["distance"].dropna()))
    assert "Closest to a boundary" in title_of(ax)
    _, _, nothing, _ = results(SCENARIOS[0], 2)
    assert title_of(cs.charts.flip_distances(nothing, lang="en")) == "No single change alters who does a task"


def test_wave_bars_are_all_hours_and_the_pilot_lies_within() -> None:
    *_, waves = results(SCENARIOS[0])
    ax = cs.charts.wave_hours(waves, lang="en")
    assert sum(bar.get_width() for bar in bars(ax, "wave")) == pytest.approx(453.4, abs=0.05)
    [pilot] = bars(ax, "pilot")
    assert waves.pilot is not None and pilot.get_width() == pytest.approx(waves.pilot.hours)
    assert "after a pilot of 20.4 hours" in title_of(ax)
    *_, launch = results(SCENARIOS[0], 2)
    ax = cs.charts.wave_hours(launch, lang="en")
    assert bars(ax, "pilot") == [] and title_of(ax) == "Nothing goes outside now"


def test_waves_where_all_waits_or_is_done(legible: Legible) -> None:
    ds = load_dataset(example_dir(), lang="en")
    frame = ds.tasks.copy()
    frame.loc[frame["task_id"] == "sup_record", "current_resource"] = "bpo"
    tables = {**ds.tables, "task_inventory": frame}
    space = replace(ds.space, tables={**ds.space.tables, "task_inventory": frame})
    moved: Dataset = replace(ds, tables=tables, scenario=replace(ds.scenario, space=space))
    stability = cs.assess_stability(moved, moved.base, 50)
    unsure = replace(stability, probability=np.full(stability.probability.shape, 1 / 7))
    found = cs.plan_waves(moved, moved.base, unsure)
    for lang in ("ja", "en"):
        ax = cs.charts.wave_hours(found, lang=lang)
        legible(ax)
    assert "begin with a pilot" in title_of(ax)


def test_given_axes_are_used() -> None:
    plan, stability, boundaries, waves = results(SCENARIOS[0])
    for chart, result in (
        (cs.charts.assignment_map, plan),
        (cs.charts.assignment_probabilities, stability),
        (cs.charts.flip_distances, boundaries),
        (cs.charts.wave_hours, waves),
    ):
        ax = Figure().subplots()
        assert chart(result, ax, "ja") is ax  # type: ignore[operator]
