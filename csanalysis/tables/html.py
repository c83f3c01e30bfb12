"""Pieces of HTML: every text in them has been escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from csanalysis.labels import has, text


@dataclass(frozen=True)
class Html:
    """HTML that notebooks show as it is; every text in it has been escaped."""

    html: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"Html({len(self.html)} characters)"


@dataclass(frozen=True)
class Column:
    """A column of formatted cells; `key` is the label of its header, numbers stand right."""

    key: str
    cells: Sequence[str]
    numeric: bool = False


def listed(items: Iterable[str]) -> Html:
    """Return sentences as an escaped list."""
    inner = "".join(f"<li>{escape(item)}</li>" for item in items)
    return Html(f'<ul class="csa-findings">{inner}</ul>')


def render(columns: Sequence[Column], lang: str, caption: str = "") -> Html:
    """Return columns as an HTML table; without rows, as one line that says so."""
    if not columns or not columns[0].cells:
        return Html(f'<p class="csa-none">{escape(text("table.empty", lang, caption=caption))}</p>')
    head = "".join(_cell("th", _header(c.key, lang), c.numeric, ' scope="col"') for c in columns)
    body = "".join(f"<tr>{_row(columns, n)}</tr>" for n in range(len(columns[0].cells)))
    style = "text-align:left;padding:.3em 0"
    titled = f'<caption style="{style}">{escape(caption)}</caption>' if caption else ""
    return Html(
        f'<table class="csa-table">{titled}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    )


def _row(columns: Sequence[Column], number: int) -> str:
    first, *rest = columns
    head = _cell("th", first.cells[number], first.numeric, ' scope="row"')
    return head + "".join(_cell("td", c.cells[number], c.numeric) for c in rest)


def _cell(tag: str, content: str, numeric: bool, more: str = "") -> str:
    style = "text-align:right;white-space:nowrap" if numeric else "text-align:left"
    return f'<{tag}{more} style="{style}">{escape(content)}</{tag}>'


def _header(key: str, lang: str) -> str:
    return text(f"column.{key}", lang) if has(f"column.{key}") else key
