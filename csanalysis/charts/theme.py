"""Look of all charts: a Japanese font, a palette safe for colour-blind readers, sizes for an A4 page.

One accent colour carries what the reader should see first; everything else is ink or grey.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import matplotlib as mpl
import matplotlib_fontja  # noqa: F401  registers the font below, which holds Latin and Japanese
import seaborn as sns
from cycler import cycler

from csanalysis.labels import check_language
from csanalysis.vocabulary import ResourceKind

FONT = "IPAexGothic"
PAGE_WIDTH = 6.7
"""Width of a chart in inches: an A4 page with margins of 20 mm."""
DPI = 144

INK, MUTED, FAINT, GRID = "#22262B", "#6A717A", "#C9CED5", "#E6E8EB"
ACCENT, ACCENT_LIGHT = "#0173B2", "#CFE3F1"
CONTEXT = "#A3A9B2"

KIND_COLOURS = {
    ResourceKind.CSM: "#0173B2",
    ResourceKind.BPO: "#DE8F05",
    ResourceKind.CONTRACTOR: "#CC78BC",
    ResourceKind.CONTRACT_STAFF: "#029E73",
    ResourceKind.INTERN: "#CA9161",
    ResourceKind.AGENCY: "#56B4E9",
    ResourceKind.TECH_TOUCH: "#949494",
}
"""A kind of resource keeps its colour in every chart (seaborn's colour-blind palette)."""

SMALL, NORMAL, LARGE, TITLE = 7.5, 8.5, 9.5, 11.5
"""Sizes of type in points: notes, labels, values, titles."""


@functools.cache
def settings() -> dict[Any, Any]:
    """Return the matplotlib settings of the theme.

    The font has one weight, so nothing is bold: size and colour tell what matters.
    """
    return {
        **sns.axes_style("white"),
        "font.family": [FONT],
        "font.size": NORMAL,
        "axes.titlesize": TITLE,
        "axes.titleweight": "normal",
        "axes.titlelocation": "left",
        "axes.titlepad": 10.0,
        "axes.labelsize": NORMAL,
        "axes.labelcolor": MUTED,
        "axes.edgecolor": FAINT,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=list(KIND_COLOURS.values())),
        "axes.unicode_minus": False,
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "text.color": INK,
        "xtick.color": MUTED,
        "ytick.color": INK,
        "xtick.labelsize": NORMAL,
        "ytick.labelsize": NORMAL,
        "legend.fontsize": SMALL,
        "legend.frameon": False,
        "figure.dpi": DPI,
        "savefig.dpi": DPI,
        "figure.facecolor": "white",
        "figure.figsize": (PAGE_WIDTH, 0.6 * PAGE_WIDTH),
    }


_DRAWING = threading.RLock()
_HELD: list[None] = []
"""As many entries as `drawing` is entered; only the thread that holds the lock looks at it."""


@contextmanager
def drawing() -> Iterator[None]:
    """Hold the settings of the theme while something is drawn; one thread at a time.

    The settings of matplotlib belong to the whole process: a panel that draws in the background must not
    change them under a chart that a cell is drawing. Within itself it changes nothing: settings take long to
    copy.
    """
    with _DRAWING:
        _HELD.append(None)
        try:
            with mpl.rc_context(settings()) if len(_HELD) == 1 else nullcontext():
                yield
        finally:
            _HELD.pop()


def use_theme(lang: str = "ja") -> None:
    """Give the analyst's own seaborn and matplotlib charts the look of the report.

    The charts of csanalysis have it in any case. One font serves both languages.

    Parameters
    ----------
    lang : {"ja", "en"}

    Examples
    --------
    >>> use_theme("ja")
    """
    check_language(lang)
    sns.set_theme(style="white", palette=list(KIND_COLOURS.values()), font=FONT, rc=settings())
