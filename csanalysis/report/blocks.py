"""Cells of an executed notebook -> blocks of harmless HTML, ready for the page template."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import mistune
from markupsafe import Markup
from nbformat import NotebookNode
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

from csanalysis import labels
from csanalysis.report.findings import WIDGET_VIEW, plain
from csanalysis.report.language import keep_language
from csanalysis.report.sanitise import clean
from csanalysis.report.whatif import MIME, render_whatif

# Harmful links are left to the sanitiser, which also sees those in plain HTML.
_MARKDOWN = mistune.create_markdown(
    renderer=mistune.HTMLRenderer(escape=False, allow_harmful_protocols=True),
    plugins=["strikethrough", "table", "url", "def_list", "footnotes"],
)
_OBJECT = re.compile(r"<[\w.]+[^<>]*>|<.* at 0x[0-9a-fA-F]+>|<[\w.]+: .*>|Text\(.*\)", re.DOTALL)
_ANCHOR = re.compile(r"[\w-]+", re.ASCII)
_IMAGES = ("image/svg+xml", "image/png", "image/jpeg")


@dataclass(frozen=True)
class Block:
    """A piece of a page.

    Attributes
    ----------
    kind : str
        text, code, output, printed, messages, note or whatif: the class in the style sheet.
    html : str
        Sanitised HTML; that of whatif is made here, of escaped texts.
    attachments : mapping
        Pictures that belong to a Markdown cell: name -> MIME type -> base64.
    anchor : str
        Name by which other pages link to it: ``cell-`` and the id of the cell, at the first block of a cell.
    """

    kind: str
    html: str
    attachments: Mapping[str, Mapping[str, str]]
    anchor: str = ""


def blocks(nb: NotebookNode, lang: str, *, notebook: str, show_code: bool = False) -> list[Block]:
    """Return the blocks of one language of a notebook.

    Parameters
    ----------
    nb : NotebookNode
        Executed notebook.
    lang : {"ja", "en"}
        Narrative cells of the other language are left out.
    notebook : str
        File name, for the note that stands in for a control.
    show_code : bool
        Also show the code, messages on stderr and bare object representations such as ``<Axes: >``.

    Notes
    -----
    A panel shows its static HTML. A widget without one becomes a note: a slider without a kernel would
    move and change nothing. JavaScript outputs are dropped.
    """
    found: list[Block] = []
    for cell in keep_language(nb, lang).cells:
        if cell.cell_type == "markdown" and cell.source.strip():
            found.append(Block("text", clean(str(_MARKDOWN(cell.source))), cell.get("attachments", {})))
        elif cell.cell_type == "code":
            if show_code and cell.source.strip():
                found.append(Block("code", _code(cell.source), {}))
            start = len(found)
            for block in _outputs(cell.get("outputs", []), lang, notebook, show_code, len(found)):
                repeated = block.kind == "note" and found and found[-1].html == block.html
                if not repeated:
                    found.append(block)
            if len(found) > start and _ANCHOR.fullmatch(cell.get("id", "")):
                found[start] = replace(found[start], anchor=f"cell-{cell.id}")
    return found


def code_styles() -> str:
    """Return the style rules of highlighted code."""
    return str(HtmlFormatter(style="default").get_style_defs(".code"))


def _code(source: str) -> str:
    return str(highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))).join(("<pre>", "</pre>"))


def _outputs(outputs: list[Any], lang: str, notebook: str, show_code: bool, number: int) -> Iterator[Block]:
    for place, output in enumerate(outputs):
        if output.output_type == "stream":
            yield from _stream(output, lang, show_code)
        elif output.output_type in ("display_data", "execute_result"):
            yield from _data(output, lang, notebook, show_code)
            yield from _sliders(output.data.get(MIME), lang, number + place)


def _sliders(grid: Any, lang: str, number: int) -> Iterator[Block]:
    """Yield the sliders of a panel; what is no grid of the model is passed over, as any unknown output is."""
    try:
        page = render_whatif(grid, lang, number) if grid is not None else ""
    except ValueError:
        return
    if page:
        yield Block("whatif", page, {})


def _stream(output: NotebookNode, lang: str, show_code: bool) -> Iterator[Block]:
    text = plain(_joined(output.text)).rstrip()
    if output.name == "stdout" and text.strip():
        yield Block("printed", str(Markup("<pre>{}</pre>").format(text)), {})
    elif show_code and text.strip():
        heading = labels.text("report.messages", lang)
        yield Block("messages", str(Markup("<p>{}</p><pre>{}</pre>").format(heading, text)), {})


def _data(output: NotebookNode, lang: str, notebook: str, show_code: bool) -> Iterator[Block]:
    """Yield the best form of an output: static HTML first, then pictures and text, never a dead control."""
    data = {mime: _joined(value) for mime, value in output.data.items() if isinstance(value, str | list)}
    image = next((mime for mime in _IMAGES if mime in data), None)
    if data.get("text/html", "").strip():
        yield Block("output", clean(data["text/html"], keep_styles=True), {})
    elif image:
        yield Block("output", _image(image, data[image], output.get("metadata", {})), {})
    elif "text/markdown" in data:
        yield Block("text", clean(str(_MARKDOWN(data["text/markdown"]))), {})
    elif WIDGET_VIEW in output.data:
        note = labels.text("report.interactive", lang, notebook=notebook)
        yield Block("note", str(Markup("<p>{}</p>").format(note)), {})
    elif "text/latex" in data or "text/plain" in data:
        text = data.get("text/latex") or plain(data["text/plain"])
        if show_code or not _OBJECT.fullmatch(text.strip()):
            yield Block("printed", str(Markup("<pre>{}</pre>").format(text)), {})


def _image(mime: str, content: str, metadata: Mapping[str, Any]) -> str:
    if mime == "image/svg+xml":
        content = base64.b64encode(content.encode()).decode()
    about = {**metadata, **metadata.get(mime, {})}
    described = {name: str(about[name]) for name in ("alt", "width", "height") if about.get(name)}
    attributes = Markup("").join(Markup(' {}="{}"').format(*pair) for pair in described.items())
    source = f"data:{mime};base64,{''.join(content.split())}"
    return clean(str(Markup('<figure><img src="{}"{}></figure>').format(source, attributes)))


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)
