"""The quadrant map: cells by their basis, plays by their hours, legible for every cell and language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import csanalysis as cs
from csanalysis.charts import theme
from csanalysis.charts.frame import title_of
from csanalysis.charts.quadrant import BASIS_COLOURS, PLAY_COLOURS, current_plays
from csanalysis.diagnosis.quadrant import QuadrantMap
from csanalysis.model.dataset import Dataset
from csanalysis.vocabulary import Basis, Phase, Play, Quadrant

Legible = Callable[[Axes], str]
COMPANIES = list(product(("smb", "enterprise"), ("replace_existing", "propose_new"), (1, 5, 15, 25)))


def found(ds: Dataset, size: str, kind: str, persons: int) -> QuadrantMap:
    sc = ds.base.replace(customer_size=size, product_type=kind, cs_headcount=persons)
    return cs.map_quadrant(ds, sc)


def rectangles(ax: Axes, gid: str) -> list[Rectangle]:
    return [patch for patch in ax.patches if patch.get_gid() == gid and isinstance(patch, Rectangle)]


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize(("size", "kind", "persons"), COMPANIES)
def test_every_cell_is_legible_and_outlined(
    ds: Dataset, size: str, kind: str, persons: int, lang: str, legible: Legible
) -> None:
    result = found(ds, size, kind, persons)
    ax = cs.charts.quadrant_map(result, lang=lang)
    legible(ax)
    [grid] = ax.child_axes
    cells = rectangles(grid, "cell")
    basis = {(r["quadrant"], r["phase"]): r["basis"] for r in result.cells.to_dict("records")}
    expected = [BASIS_COLOURS[Basis(basis[str(q), str(p)])] for q in Quadrant for p in Phase]
    assert [to_hex(cell.get_facecolor()).upper() for cell in cells] == [
        to_hex(colour).upper() for colour in expected
    ]
    [own] = rectangles(grid, "own")
    place = (list(Phase).index(result.phase), list(Quadrant).index(result.quadrant))
    assert (int(own.get_x()), int(own.get_y())) == place


def test_bars_are_the_hours_of_the_plays_of_today(ds: Dataset) -> None:
    result = cs.map_quadrant(ds, ds.base)
    ax = cs.charts.quadrant_map(result, lang="en")
    now = result.plays.query("current").set_index("task_group")
    drawn = current_plays(result)
    bars = rectangles(ax, "play")
    assert [bar.get_width() for bar in bars] == list(drawn["hours"])
    assert sum(bar.get_width() for bar in bars) == pytest.approx(now["hours"].sum())
    colours = [to_hex(bar.get_facecolor()).upper() for bar in bars]
    assert colours == [PLAY_COLOURS[Play(play)].upper() for play in drawn["play"]]
    out = now.query("play == 'hand_over'")
    assert f"{len(out)} task groups could go out, {out['hours'].sum():.1f} of" in title_of(ax)


def test_what_the_source_says_looks_different_from_what_was_derived(ds: Dataset) -> None:
    ax = cs.charts.quadrant_map(cs.map_quadrant(ds, ds.base), lang="en")
    colours = {shown.get_text(): shown.get_color() for shown in ax.texts}
    assert colours["Onboarding delivery"] == theme.INK and colours["Support"] == theme.MUTED
    basis = [shown.get_text() for shown in ax.texts]
    assert basis.count("source") == 3 and basis.count("derived") == 13


def test_a_cell_that_is_not_in_the_source_names_no_play(ds: Dataset) -> None:
    title = title_of(cs.charts.quadrant_map(found(ds, "smb", "propose_new", 5), lang="en"))
    assert "not in the source" in title and "could go out" not in title
    launch = title_of(cs.charts.quadrant_map(found(ds, "smb", "replace_existing", 1), lang="en"))
    assert "nothing is handed out yet" in launch


def test_a_cell_without_plays_and_given_axes(ds: Dataset, legible: Legible) -> None:
    result = cs.map_quadrant(ds, ds.base)
    empty = replace(result, plays=result.plays.iloc[:0])
    legible(cs.charts.quadrant_map(empty, lang="ja"))
    ax = Figure().subplots()
    assert cs.charts.quadrant_map(result, ax, "ja") is ax
