"""The canvas that keeps lines of text draws what matplotlib draws, also when it draws again."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from csanalysis.charts import theme
from csanalysis.charts.canvas import PanelCanvas, PanelFigure
from csanalysis.model.dataset import Dataset
from csanalysis.widgets.views import VIEWS, View

ROUNDING = 2
"""Of 255: colours are blended twice."""


def plain(draw: Callable[[Figure], object]) -> np.ndarray:
    fig = Figure(dpi=theme.DPI, facecolor="white")
    canvas = FigureCanvasAgg(fig)
    draw(fig)
    with theme.drawing():
        canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:, :, :3].astype(int)


def kept(fig: Figure) -> np.ndarray:
    assert isinstance(fig.canvas, PanelCanvas)
    return np.asarray(Image.open(io.BytesIO(fig.canvas.png()))).astype(int)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", ["phase", "benchmarks", "self_onboarding", "demand"])
def test_pictures_are_those_of_matplotlib(example: Dataset, name: str, lang: str) -> None:
    view: View = VIEWS[name]
    fig = PanelFigure()
    for persons in (5, 12):
        sc = example.base.replace(cs_headcount=persons)
        fig.wipe()
        view(example, sc, lang, fig)
        expected = plain(lambda new, sc=sc: view(example, sc, lang, new))  # type: ignore[misc]
        assert np.abs(kept(fig) - expected).max() <= ROUNDING
        fig.make_ready()
        assert np.abs(kept(fig) - expected).max() <= ROUNDING


@pytest.mark.parametrize(
    ("words", "style"),
    [
        ("—", {}),
        ("gpqy 顧客", {"color": "#0173B2", "fontsize": 20}),
        ("half", {"alpha": 0.5}),
        ("turned", {"rotation": 30}),
        ("$x^2$", {}),
        ("  ", {}),
        ("beyond the rim of the picture", {"x": 0.9, "clip_on": True}),
    ],
)
def test_every_kind_of_text_comes_out_the_same(words: str, style: dict[str, object]) -> None:
    def draw(fig: Figure) -> None:
        with theme.drawing():
            fig.set_size_inches(2, 1)
            place = {"x": 0.1337, "y": 0.4242, **style}
            fig.add_axes((0, 0, 1, 1)).text(s=words, **place)  # type: ignore[arg-type]

    fig = PanelFigure()
    draw(fig)
    for _ in range(2):
        assert np.abs(kept(fig) - plain(draw)).max() <= ROUNDING
