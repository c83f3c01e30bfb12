"""Make HTML from notebooks harmless and self-contained.

Names of tasks and the like are escaped where tables and sentences are made. This is the second line of
defence: scripts, event handlers, frames, forms, remote pictures and styles that reach beyond the output
they came with are removed, whatever a notebook holds.
"""

from __future__ import annotations

import functools
import html
import re

import tinycss2  # type: ignore[import-untyped]
from bleach.css_sanitizer import CSSSanitizer  # type: ignore[import-untyped]
from bleach.sanitizer import Cleaner  # type: ignore[import-untyped]
from bs4 import BeautifulSoup, Tag
from bs4.formatter import HTMLFormatter


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS = _words(
    """
    a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd del details
    dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol
    p pre q rp rt ruby s samp section small span strong sub summary sup table tbody td tfoot th thead
    time tr u ul var wbr
    """
)
_REMOVED_WITH_CONTENT = _words(
    """
    script style iframe frame object embed applet template noscript svg math form button select textarea
    input audio video canvas link meta base title head
    """
)
_ATTRIBUTES = _words(
    """
    abbr alt class colspan datetime dir headers height id lang open reversed role rowspan scope start
    style title value width
    """
)
_PROPERTIES = _words(
    """
    background background-color border border-bottom border-bottom-color border-bottom-style
    border-bottom-width border-collapse border-color border-left border-radius border-right
    border-spacing border-style border-top border-top-color border-top-style border-top-width
    border-width clear color column-gap display float font-family font-size font-style
    font-variant-numeric font-weight gap height justify-content letter-spacing line-height
    list-style-type margin margin-bottom margin-left margin-right margin-top max-height max-width
    min-height min-width opacity overflow-wrap padding padding-bottom padding-left padding-right
    padding-top row-gap table-layout text-align text-decoration text-indent text-transform
    vertical-align white-space width word-break
    """
)
_REACHES_OUT = re.compile(r"url\s*\(|image-set|@import|expression\s*\(|\\", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml)[;,]", re.IGNORECASE)
# bleach escapes a second time where an attribute stands in single quotes, so there are none.
_ESCAPED = HTMLFormatter(entity_substitution=html.escape)
_LINK_SCHEMES = ("http", "https", "mailto")


def parse(source: str) -> Tag:
    """Return HTML as the content of a ``div``."""
    root = BeautifulSoup(f"<div>{source}</div>", "html.parser").div
    assert root is not None
    return root


def clean(source: str, *, keep_styles: bool = False) -> str:
    """Return HTML without anything that runs, loads or restyles the page.

    Parameters
    ----------
    source : str
        Fragment as a notebook holds it. Relative sources of pictures are left for the caller.
    keep_styles : bool
        Keep ``<style>`` rules whose selectors all start with an id (pandas Styler, great_tables).

    Examples
    --------
    >>> clean('<p onclick="x()">a<script>alert(1)</script></p>')
    '<p>a</p>'
    >>> clean('<img src="x.png" onerror="alert(1)"><a href="javascript:alert(1)">b</a>')
    '<img src="x.png"><a>b</a>'
    """
    root = parse(source)
    rules = "".join(own_rules(style.get_text()) for style in root.find_all("style")) if keep_styles else ""
    for element in root.find_all(_REMOVED_WITH_CONTENT):
        element.decompose()
    cleaned: str = _cleaner().clean(root.decode_contents(formatter=_ESCAPED))
    return f"<style>{rules}</style>{cleaned}" if rules else cleaned


def own_rules(css: str) -> str:
    """Return the rules of a style sheet that can only touch elements named by id and load nothing.

    Examples
    --------
    >>> own_rules("#T_1 td { color: red } body { display: none } #a { background: url(http://x) }")
    '#T_1 td {color: red}'
    """
    kept = []
    for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if rule.type != "qualified-rule":
            continue
        selectors = tinycss2.serialize(rule.prelude).strip()
        declarations = _css().sanitize_css(tinycss2.serialize(rule.content)).rstrip("; ")
        text = f"{selectors} {{{declarations}}}"
        own = all(selector.strip().startswith("#") for selector in selectors.split(","))
        if own and declarations and "<" not in text and not _REACHES_OUT.search(text):
            kept.append(text)
    return "\n".join(kept)


def _allowed(tag: str, name: str, value: str) -> bool:
    if name == "style":
        return not _REACHES_OUT.search(value)
    if name == "href":
        return tag == "a" and not value.strip().lower().startswith("data:")
    if name == "src":
        return tag == "img" and (bool(_PICTURE.match(value)) or not value.strip().lower().startswith("data:"))
    return name in _ATTRIBUTES or name.startswith("aria-")


@functools.cache
def _css() -> CSSSanitizer:
    return CSSSanitizer(allowed_css_properties=_PROPERTIES)


@functools.cache
def _cleaner() -> Cleaner:
    return Cleaner(
        tags=_TAGS,
        attributes=_allowed,
        protocols=[*_LINK_SCHEMES, "data", "attachment"],
        strip=True,
        strip_comments=True,
        css_sanitizer=_css(),
    )
