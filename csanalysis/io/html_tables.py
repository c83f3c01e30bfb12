"""Tables of a web page: what many systems call an Excel export."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from csanalysis.io.cells import check_cells
from csanalysis.io.ragged import Grid
from csanalysis.io.repairs import Log, Place

_WIDEST = 1000


@dataclass
class HtmlBook:
    """The tables of a page; the one with most rows comes first.

    Attributes
    ----------
    tables : list
        Elements.
    sheets : list of (title, is_visible, title)
    """

    tables: list[Any]
    sheets: list[tuple[str, bool, str]]

    def grid(self, title: str, place: Place, log: Log) -> Grid:
        """Return the cells of a table; cells over several rows or columns are filled."""
        table = self.tables[[name for name, _, _ in self.sheets].index(title)]
        rows: list[list[str]] = []
        merges: list[tuple[int, int, int, int]] = []
        taken: dict[tuple[int, int], str] = {}
        lines = [line for line in table.find_all("tr") if line.find_parent("table") is table]
        for n, line in enumerate(lines):
            row: list[str] = []
            for cell in line.find_all(["td", "th"], recursive=False):
                while (n, len(row)) in taken:
                    row.append(taken[n, len(row)])
                text = " ".join(cell.get_text(" ").split())
                wide, deep = _span(cell, "colspan"), min(_span(cell, "rowspan"), len(lines) - n)
                if wide > 1 or deep > 1:
                    merges.append((n, len(row), n + deep - 1, len(row) + wide - 1))
                for down in range(1, deep):
                    for right in range(wide):
                        taken[n + down, len(row) + right] = text
                row += [text] * wide
            while (n, len(row)) in taken:
                row.append(taken[n, len(row)])
            rows.append(row)
        width = max(map(len, rows), default=0)
        check_cells(len(rows), width, place)
        if merges:
            log.tell("merged_cells", count=len(merges))
        return Grid([r + [""] * (width - len(r)) for r in rows], list(range(1, len(rows) + 1)), merges)


def _span(cell: Any, name: str) -> int:
    entered = str(cell.get(name, "1"))
    return min(max(int(entered), 1), _WIDEST) if entered.isdigit() and len(entered) < 6 else 1


def open_html(content: str, place: Place) -> HtmlBook:
    """Open a page.

    Raises
    ------
    DataContractError
        If it holds no table.
    """
    import bs4

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        page = bs4.BeautifulSoup(content, "html.parser")
    tables = sorted(page.find_all("table"), key=lambda t: -len(t.find_all("tr")))
    tables = [table for table in tables if table.find("tr")]
    if not tables:
        raise place.fault("not_text", kind="HTML")
    names = [f"table {n}" for n in range(1, len(tables) + 1)]
    return HtmlBook(tables, [(name, True, name) for name in names])
