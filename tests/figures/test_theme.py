"""The theme: Japanese in the analyst's own charts, fixed colours, text that is measured right."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import matplotlib as mpl
import pytest
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg

import csanalysis as cs
from csanalysis.charts import theme
from csanalysis.charts.frame import shorten, text_width, title_of, wrap
from csanalysis.model.dataset import Dataset
from csanalysis.vocabulary import ResourceKind


@pytest.fixture(autouse=True)
def settings_restored() -> Iterator[None]:
    with mpl.rc_context():
        yield


def draw_japanese() -> None:
    figure, ax = plt.subplots()
    ax.set_title("顧客の声")
    ax.set_xlabel("社数")
    FigureCanvasAgg(figure).draw()


def test_use_theme_brings_back_the_japanese_font_that_seaborn_takes_away() -> None:
    sns.set_theme()
    with pytest.raises(UserWarning, match="Glyph"):
        draw_japanese()
    cs.use_theme("ja")
    draw_japanese()
    with pytest.raises(ValueError, match="fr"):
        cs.use_theme("fr")


def test_every_kind_of_resource_has_a_colour_of_its_own() -> None:
    assert set(theme.KIND_COLOURS) == set(ResourceKind)
    assert len(set(theme.KIND_COLOURS.values())) == len(ResourceKind)


@pytest.mark.parametrize(
    "text", ["顧客の声を集め、売れる形を探す", "Monthly churn (warning line)", "CS 1 人月"]
)
def test_measured_width_is_the_drawn_width(text: str) -> None:
    with mpl.rc_context(theme.settings()):
        figure = plt.figure(dpi=72)
        canvas = FigureCanvasAgg(figure)
        drawn = figure.text(0, 0, text, size=30).get_window_extent(canvas.get_renderer()).width
    assert text_width(text, 30) == pytest.approx(drawn, rel=0.03)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three four", ["one two", "three four"]),
        ("顧客の声を集め、売れる形を探す", ["顧客の声を集め、", "売れる形を探す"]),
        ("NRR とアップセル率を上げる", ["NRR とアップセ", "ル率を上げる"]),
    ],
)
def test_wrap_breaks_english_at_spaces_and_japanese_anywhere_but_before_a_comma(
    text: str, lines: list[str]
) -> None:
    width = 80 if "顧" in text or "NRR" in text else 60
    found = wrap(text, width, 10).split("\n")
    assert found == lines
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


def test_shorten_leaves_what_fits_and_marks_what_is_left_out() -> None:
    assert shorten("FULLSTAR", 100, 10) == "FULLSTAR"
    cut = shorten("Gainsight, quoted in public notes", 60, 10)
    assert cut.endswith("…") and text_width(cut, 10) <= 60


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_picture_in_a_notebook_carries_its_statement(ds: Dataset, lang: str) -> None:
    """Jupyter's own picture has no text; a screen reader got the heading of the section alone."""
    ax = cs.charts.quadrant_map(cs.map_quadrant(ds, ds.base), lang=lang)
    bundle, described = ax.figure._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    statement = described["image/png"]["alt"]
    assert statement == title_of(ax) and "".join(statement.split()) in {
        "".join(shown.get_text().split()) for shown in ax.texts
    }
