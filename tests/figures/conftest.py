"""What every chart must pass: all text drawn, inside the figure, and on no other text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

import csanalysis as cs
from csanalysis.model.dataset import Dataset

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def ds() -> Dataset:
    return cs.load_dataset(DATA)


@pytest.fixture(autouse=True)
def no_figures_left() -> Iterator[None]:
    yield
    plt.close("all")


def _texts(ax: Axes) -> list[Text]:
    """Return all texts that are shown, those of insets too."""
    found = [*ax.texts]
    if ax.axison:
        found += [ax.title, ax.xaxis.label, ax.yaxis.label]
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            found += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    for inset in ax.child_axes:
        found += _texts(inset)
    return [text for text in found if text.get_visible() and text.get_text().strip()]


@pytest.fixture
def legible() -> Callable[[Axes], str]:
    """Return a check that draws a chart, looks at every text of it and returns all words."""

    def check(ax: Axes) -> str:
        figure = ax.get_figure(root=True)
        assert figure is not None
        canvas = FigureCanvasAgg(figure)
        canvas.draw()  # a missing glyph warns here, and warnings are errors
        whole = figure.bbox
        boxes = [(text.get_text(), text.get_window_extent(canvas.get_renderer())) for text in _texts(ax)]
        for shown, box in boxes:
            inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= whole.x1 and box.y1 <= whole.y1
            assert inside, f"cut off: {shown!r} at {box.bounds} of {whole.bounds}"
        for (one, first), (other, second) in combinations(boxes, 2):
            wide = min(first.x1, second.x1) - max(first.x0, second.x0)
            high = min(first.y1, second.y1) - max(first.y0, second.y0)
            assert wide < 1 or high < 1, f"overlap: {one!r} and {other!r}"
        return "\n".join(shown for shown, _ in boxes)

    return check
