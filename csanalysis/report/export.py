"""One executed notebook -> one HTML page that needs no network and no other file."""

from __future__ import annotations

import base64
import functools
import itertools
import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from bs4 import Tag
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from nbformat import NotebookNode

from csanalysis import labels
from csanalysis.report.blocks import Block, blocks, code_styles
from csanalysis.report.language import has_narrative
from csanalysis.report.sanitise import parse
from csanalysis.report.whatif import script, script_hash

INDEX = "index.html"
WEIGHT = "csanalysis-page-weight"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LONGEST_SUMMARY = 140
_SHORT_CELL, _WORD, _MANY_COLUMNS = 8, 4, 9
"""Letters that stay in one line on screen and on paper; columns from which type is smaller."""
_LONG_WORD = re.compile(r"[!-~]{15}")
_LINE_IN_JAPANESE = re.compile(
    r"(?<=[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef])\s*\n\s*(?=[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef])"
)
_NUMBER = re.compile(
    r"(JPY )?[-+−±]?[\d,]*\.?\d+(e[-+]?\d+)? ?(%|M|k|％|円|万円|億円|人|時間|件|社|FTE|h)?"
    r"|-|–|nan|NaN|<NA>|None"
)


@dataclass(frozen=True)
class Page:
    """One page of a report.

    Attributes
    ----------
    notebook, file : str
        Name of the notebook and of the page.
    title, summary : str
        First heading in the language of the report, and the start of the first paragraph.
    path : Path
        The notebook; pictures named in it are looked up beside it.
    blocks : tuple of Block
        Sanitised content.
    has_narrative : bool
        False if the notebook holds no text in the language.
    """

    notebook: str
    file: str
    title: str
    summary: str
    path: Path
    blocks: tuple[Block, ...] = field(repr=False)
    has_narrative: bool

    @property
    def short(self) -> str:
        """The part of the title before a colon, for the navigation."""
        return re.split(r"[:：]", self.title, maxsplit=1)[0].strip() or self.title

    @property
    def anchors(self) -> frozenset[str]:
        """Names by which blocks of the page can be linked to."""
        return frozenset(block.anchor for block in self.blocks if block.anchor)

    @property
    def has_sliders(self) -> bool:
        """Whether a panel of the page can be moved without a kernel."""
        return any(block.kind == "whatif" for block in self.blocks)

    @property
    def link(self) -> str:
        """The page's file name as a relative link."""
        return quote(self.file)


@dataclass(frozen=True)
class Site:
    """What all pages of a report have in common."""

    lang: str
    scenario: str
    made: str
    version: str
    pages: tuple[Page, ...]

    def text(self, key: str, **values: Any) -> str:
        """Return a label in the language of the report."""
        return labels.text(key, self.lang, **values)


def read_page(path: Path, nb: NotebookNode, lang: str, *, show_code: bool = False) -> Page:
    """Return the content of the page of an executed notebook."""
    content = tuple(blocks(nb, lang, notebook=path.name, show_code=show_code))
    title = summary = ""
    for block in content:
        if block.kind != "text":
            continue
        for element in parse(block.html).find_all([*_HEADINGS, "p"]):
            words = _words(element)
            if element.name != "p":
                title = title or words
            elif title and words:
                summary = summary or words
    file = f"{path.stem}.html" if path.stem.lower() != "index" else "index_notebook.html"
    fallback = path.stem.replace("_", " ")
    narrative = has_narrative(nb, lang)
    return Page(path.name, file, title or fallback, _shorten(summary), path, content, narrative)


def render_page(page: Page, site: Site) -> str:
    """Return the HTML of `page` within `site`."""
    body, contents = _finish(page, site)
    position = site.pages.index(page)
    template = environment().get_template("page.html.j2")
    html = template.render(
        site=site,
        page=page,
        body=body,
        contents=contents,
        has_title=any(level == 1 for level, _, _ in contents),
        previous=site.pages[position - 1] if position else None,
        following=site.pages[position + 1] if position + 1 < len(site.pages) else None,
        code_styles=Markup(code_styles()),
        script=Markup(script()) if page.has_sliders else "",
        script_hash=script_hash() if page.has_sliders else "",
        weight=WEIGHT,
    )
    return weighed(html, site)


def weighed(html: str, site: Site) -> str:
    """Return a page that says how heavy it is."""
    size = len(html.encode())
    shown = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
    return html.replace(WEIGHT, site.text("report.weight", size=shown))


@functools.cache
def environment() -> Environment:
    """Return the template environment; everything that is no `Markup` is escaped."""
    return Environment(
        loader=PackageLoader("csanalysis.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _finish(page: Page, site: Site) -> tuple[list[tuple[str, str, Markup]], list[tuple[int, str, str]]]:
    """Give headings ids, pictures alternative texts and links their pages.

    Returns
    -------
    body : list of (kind, anchor, HTML)
    contents : list of (level, id, heading)
    """
    body: list[tuple[str, str, Markup]] = []
    contents: list[tuple[int, str, str]] = []
    taken = {"content", *page.anchors}
    targets = {other.notebook: other.link for other in site.pages}
    for block in page.blocks:
        root = parse(block.html)
        for element in root.find_all([*_HEADINGS, "img", "a", "table"]):
            if element.name in _HEADINGS:
                words = _words(element)
                element["id"] = _unique(re.sub(r"\s+", "-", words) or "section", taken)
                contents.append((int(element.name[1]), str(element["id"]), words))
            elif element.name == "img":
                _finish_image(element, block, page, site, contents[-1][2] if contents else page.title)
            elif element.name == "a":
                _finish_link(element, targets)
            else:
                _lay_out(element)
                element.wrap(Tag(name="div", attrs={"class": "wide", "tabindex": "0"}))
        body.append((block.kind, block.anchor, Markup(root.decode_contents())))
    return body, contents


def _words(element: Tag) -> str:
    """Return the text of an element in one line; a line break within Japanese is no space."""
    return " ".join(_LINE_IN_JAPANESE.sub("", element.get_text()).split())


def _unique(wanted: str, taken: set[str]) -> str:
    name = next(name for name in _numbered(wanted) if name not in taken)
    taken.add(name)
    return name


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in range(2, 10_000))


def _finish_image(image: Tag, block: Block, page: Page, site: Site, heading: str) -> None:
    source = str(image.get("src", ""))
    if not source.startswith("data:"):
        embedded = _embedded(source, block.attachments, page.path.parent)
        if embedded is None:
            note = site.text("report.missing_picture", name=str(image.get("alt") or source))
            image.replace_with(note)
            return
        image["src"] = embedded
    if not str(image.get("alt", "")).strip():
        image["alt"] = site.text("report.alt", heading=heading)


def _embedded(source: str, attachments: Mapping[str, Mapping[str, str]], folder: Path) -> str | None:
    """Return a picture as data URL: an attachment of the cell, or a file in the notebook's folder."""
    if source.startswith("attachment:"):
        forms = attachments.get(unquote(source.removeprefix("attachment:")), {})
        return next((f"data:{mime};base64,{''.join(content)}" for mime, content in forms.items()), None)
    mime = mimetypes.guess_type(urlsplit(source).path)[0] or ""
    path = (folder / unquote(source)).resolve()
    if urlsplit(source).scheme or not mime.startswith("image/") or folder.resolve() not in path.parents:
        return None
    if not path.is_file():
        return None
    return f"data:{mime};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _finish_link(link: Tag, targets: Mapping[str, str]) -> None:
    """Point links between notebooks to their pages; a link to a file that is not in the report is text."""
    href = str(link.get("href", ""))
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or href.startswith("#"):
        return
    target = targets.get(unquote(parts.path).rsplit("/", 1)[-1])
    if target:
        link["href"] = target + (f"#{parts.fragment}" if parts.fragment else "")
    else:
        link.unwrap()


def _lay_out(table: Tag) -> None:
    """Align columns of numbers to the right, all others to the left, and keep short cells in one line."""
    rows: list[list[Tag]] = []
    for line in table.find_all("tr"):
        del line["style"]  # pandas aligns all headings to the right
        rows.append(list(line.find_all(["th", "td"], recursive=False)))
    for cell in itertools.chain(*rows):
        text = cell.get_text().strip()
        if len(text) <= _SHORT_CELL:
            _add_class(cell, "short")
            if len(text) <= _WORD:
                _add_class(cell, "word")
        elif _LONG_WORD.search(text):
            _add_class(cell, "long")
    if max(map(len, rows), default=0) > _MANY_COLUMNS:
        _add_class(table, "many")
    body = [row for row in rows if any(cell.name == "td" for cell in row)]
    for column in range(max((len(row) for row in body), default=0)):
        texts = [row[column].get_text().strip() for row in body if column < len(row)]
        if any(texts) and all(_NUMBER.fullmatch(text) for text in texts if text):
            for cells in rows:
                if len(cells) == len(body[0]) and column < len(cells):
                    _add_class(cells[column], "number")


def _add_class(element: Tag, name: str) -> None:
    element["class"] = " ".join([*element.get_attribute_list("class"), name])


def _shorten(summary: str) -> str:
    """Return the first sentences that fit one line or two."""
    if len(summary) <= _LONGEST_SUMMARY:
        return summary
    sentences = re.split(r"(?<=。)|(?<=[.!?]) ", summary)
    short = ""
    for sentence in sentences:
        if len(short) + len(sentence) > _LONGEST_SUMMARY:
            break
        short = f"{short} {sentence}".strip() if short and not short.endswith("。") else short + sentence
    return short or summary[: _LONGEST_SUMMARY - 1] + "…"
