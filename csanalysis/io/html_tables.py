"""Tables of a web page: what many systems call an Excel export.

Pages of this kind leave end tags out and nest tables, so tags are read one by one: a new cell, row or table
ends what it must.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from csanalysis.io.cells import check_cells
from csanalysis.io.ragged import Grid
from csanalysis.io.repairs import Log, Place
from csanalysis.io.sheet_formats import letters

_WIDEST = 1000
_MOST_SPANNED = 1_000_000
_MOST_TABLES = 200
_SILENT = ("style", "script", "head", "title", "rt", "rp")
"""Tags whose text is none of a cell; rt holds the reading (furigana) of the word before it."""
_TYPED = ("text", "number", "date", "tel", "email", "url")
_BREAKS = ("br", "p", "div", "li")


@dataclass
class _Cell:
    wide: int
    deep: int
    text: list[str] = field(default_factory=list)


@dataclass
class _Table:
    rows: list[list[_Cell]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    open: bool = False

    def filled(self) -> int:
        return sum(map(len, self.rows))


class _Tables(HTMLParser):
    """Collects the tables of a page; text inside a nested table belongs to that table alone."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._within: list[_Table] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent = tag
        elif tag == "table":
            self._silent = ""
            self._within.append(_Table())
            self.tables.append(self._within[-1])
        elif not self._within:
            return
        elif tag == "tr":
            self._within[-1].rows.append([])
            self._within[-1].open = False
            if _is_hidden(dict(attrs)):
                self._within[-1].hidden.add(len(self._within[-1].rows))
        elif tag in ("td", "th"):
            table, given = self._within[-1], dict(attrs)
            if not table.rows:
                table.rows.append([])
            table.rows[-1].append(_Cell(_span(given.get("colspan")), _span(given.get("rowspan"))))
            table.open = True
        elif tag in _BREAKS:
            self._write("\n")
        else:
            self._fill_in(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent or tag == "select":
            self._silent = ""
        elif tag == "table" and self._within:
            self._within.pop()
        elif tag in ("td", "th", "tr") and self._within:
            self._within[-1].open = False

    def handle_data(self, data: str) -> None:
        self._write(" ".join(re.split(r"[\s\xa0]+", data)))

    def _fill_in(self, tag: str, given: dict[str, str | None]) -> None:
        """Write what fields of a form and pictures show: a value, the choice that is made, a word."""
        if tag == "option":
            self._silent = "" if "selected" in given else "option"
        elif tag == "img":
            self._write(given.get("alt") or "")
        elif tag == "input" and (given.get("type") or "text").lower() in _TYPED:
            self._write(given.get("value") or "")

    def _write(self, data: str) -> None:
        if self._within and self._within[-1].open and not self._silent:
            self._within[-1].rows[-1][-1].text.append(data)


@dataclass
class HtmlBook:
    """The largest tables of a page; the one with most cells comes first.

    Attributes
    ----------
    tables : list
        Rows of cells.
    sheets : list of (title, is_visible, title)
    """

    tables: list[_Table]
    sheets: list[tuple[str, bool, str]]

    def grid(self, title: str, place: Place, log: Log) -> Grid:
        """Return the cells of a table; cells over several rows or columns are filled."""
        table = self.tables[[name for name, _, _ in self.sheets].index(title)]
        lines = table.rows
        rows: list[list[str]] = []
        merges: list[tuple[int, int, int, int]] = []
        taken: dict[tuple[int, int], str] = {}
        spanned = 0
        for n, line in enumerate(lines):
            row: list[str] = []
            for cell in line:
                while (n, len(row)) in taken:
                    row.append(taken.pop((n, len(row))))
                parts = [" ".join(part.split()) for part in "".join(cell.text).split("\n")]
                text = "\n".join(filter(None, parts))
                wide, deep = cell.wide, min(cell.deep, len(lines) - n)
                spanned += wide * deep - 1
                if spanned > _MOST_SPANNED:
                    check_cells(len(lines), len(row) + wide, place)
                    raise place.fault("not_workbook", reason="colspan, rowspan")
                if wide > 1 or deep > 1:
                    merges.append((n, len(row), n + deep - 1, len(row) + wide - 1))
                for down in range(1, deep):
                    for right in range(wide):
                        taken[n + down, len(row) + right] = text
                row += [text] * wide
            while (n, len(row)) in taken:
                row.append(taken.pop((n, len(row))))
            rows.append(row)
        width = max(map(len, rows), default=0)
        check_cells(len(rows), width, place)
        if merges:
            areas = [
                f"{letters(left)}{top + 1}:{letters(right)}{low + 1}" for top, left, low, right in merges
            ]
            example = rows[merges[0][0]][merges[0][1]]
            log.tell("merged_cells", cells=areas, before=example, after=example)
        padded = [r + [""] * (width - len(r)) for r in rows]
        return Grid(padded, list(range(1, len(rows) + 1)), merges, set(table.hidden))


def _is_hidden(given: dict[str, str | None]) -> bool:
    return "hidden" in given or "display:none" in (given.get("style") or "").replace(" ", "").lower()


def _span(entered: str | None) -> int:
    if entered is None or not entered.strip().isdecimal() or len(entered) > 6:
        return 1
    return min(max(int(entered), 1), _WIDEST)


def open_html(content: str, place: Place) -> HtmlBook:
    """Open a page.

    Raises
    ------
    DataContractError
        If it holds no table.
    """
    page = _Tables()
    page.feed(content)
    page.close()
    tables = sorted((table for table in page.tables if table.rows), key=lambda table: -table.filled())
    del tables[_MOST_TABLES:]
    if not tables:
        raise place.fault("not_text", kind="HTML")
    names = [f"table {n}" for n in range(1, len(tables) + 1)]
    return HtmlBook(tables, [(name, True, name) for name in names])
