"""A list to tick names in: each is a field of its own, so that Tab and the space bar reach them everywhere.

JupyterLab takes the arrow keys of a list of several choices for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import ipywidgets


class Checklist:
    """Names with a box to tick.

    Attributes
    ----------
    box : ipywidgets.VBox

    Examples
    --------
    >>> names = Checklist("Saved", "Tick one or more")
    >>> names.options = ["one", "two"]
    >>> names.value = ["two"]
    >>> names.options, names.value
    (('one', 'two'), ('two',))
    """

    def __init__(self, label: str, hint: str) -> None:
        self._ticks: dict[str, ipywidgets.Checkbox] = {}
        head = f'<p><span class="csa-group">{escape(label)}</span> <small>{escape(hint)}</small></p>'
        self._place = ipywidgets.VBox(layout={"max_height": "14em", "overflow": "hidden auto"})
        self.box = ipywidgets.VBox([ipywidgets.HTML(head), self._place], layout={"max_width": "100%"})

    @property
    def options(self) -> tuple[str, ...]:
        """All names."""
        return tuple(self._ticks)

    @options.setter
    def options(self, names: Sequence[str]) -> None:
        before = self._ticks
        self._ticks = {name: before.get(name) or _tick(name) for name in names}
        if tuple(before) != tuple(self._ticks):
            self._place.children = list(self._ticks.values())
        for name, tick in before.items():
            if name not in self._ticks:
                tick.close()

    @property
    def value(self) -> tuple[str, ...]:
        """The names that are ticked, in the order of the list."""
        return tuple(name for name, tick in self._ticks.items() if tick.value)

    @value.setter
    def value(self, names: Sequence[str]) -> None:
        for name, tick in self._ticks.items():
            tick.value = name in names


def _tick(name: str) -> ipywidgets.Checkbox:
    return ipywidgets.Checkbox(description=name, indent=False, layout={"width": "auto"})
