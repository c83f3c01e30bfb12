"""The first page of a report: key figures, findings, list of pages, where the data come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from csanalysis import labels
from csanalysis.report.export import INDEX, WEIGHT, Site, environment, weighed
from csanalysis.report.provenance import Change


@dataclass(frozen=True)
class KeyFigure:
    """A number for the board.

    Attributes
    ----------
    label, value : str
        What it is, and the formatted value with its unit.
    note : str
        How to read it.
    source, grade : str
        Where it comes from, and its evidence grade (a term of ``vocabulary.Grade``).
    low, high : str
        Range, formatted; both or none.
    link : str
        Name of the notebook that shows how it came about, with or without ``.ipynb``.
    """

    label: str
    value: str
    note: str = ""
    source: str = ""
    grade: str = ""
    low: str = ""
    high: str = ""
    link: str = ""


@dataclass(frozen=True)
class Statement:
    """A computed sentence of the board page, with the chart or table that shows its numbers.

    Attributes
    ----------
    text : str
    link : str
        Notebook and cell, such as ``05_cost_sizing#show-outcome``.
    grade : str
        Evidence grade of the weakest number in it (a term of ``vocabulary.Grade``); empty for arithmetic.
    """

    text: str
    link: str = ""
    grade: str = ""


@dataclass(frozen=True)
class BoardTable:
    """A small table of the board page: headings, and rows of formatted cells (the first is a heading)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    link: str = ""


@dataclass(frozen=True)
class BoardSection:
    """A question that a board asks, and the answer.

    Attributes
    ----------
    key : str
        Name of the section, its anchor on the page.
    heading : str
    statements : tuple of Statement
    table : BoardTable or None
    """

    key: str
    heading: str
    statements: tuple[Statement, ...] = ()
    table: BoardTable | None = None

    @property
    def link(self) -> str:
        """The chart that all statements share; empty where they lead to several."""
        links = {statement.link for statement in self.statements}
        return links.pop() if len(links) == 1 and len(self.statements) > 1 else ""


@dataclass(frozen=True)
class Summary:
    """What the analyses say, for the first page.

    Attributes
    ----------
    key_figures : tuple of KeyFigure
    findings : tuple of str
        Sentences.
    board : tuple of BoardSection
        The decision, in the order in which a board reads it; the first is the conclusion.
    """

    key_figures: tuple[KeyFigure, ...] = ()
    findings: tuple[str, ...] = ()
    board: tuple[BoardSection, ...] = ()


@dataclass(frozen=True)
class IndexContent:
    """Everything the first page shows beside the list of pages.

    Attributes
    ----------
    key_figures : tuple of KeyFigure
    findings : tuple of str
        Sentences.
    inputs : tuple of (table, file, rows, SHA-256)
    versions : tuple of (software, version)
    changes : tuple of Change
        Parameters that are not at their defaults.
    repairs : tuple of (file, what was mended)
        Empty if nothing was.
    board : tuple of BoardSection
    """

    key_figures: tuple[KeyFigure, ...] = ()
    findings: tuple[str, ...] = ()
    inputs: tuple[tuple[str, str, str, str], ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    repairs: tuple[tuple[str, str], ...] = ()
    board: tuple[BoardSection, ...] = ()


def render_index(content: IndexContent, site: Site) -> str:
    """Return the HTML of the first page; every text is escaped."""
    columns = {
        "input_columns": ("table", "file", "rows", "sha256"),
        "change_columns": ("key", "name", "default", "now", "unit", "changed_by"),
        "repair_columns": ("file", "repair"),
    }
    headings = {name: [site.text(f"report.{key}") for key in keys] for name, keys in columns.items()}
    template = environment().get_template(f"{INDEX}.j2")
    html = template.render(
        site=site,
        content=content,
        link_to=partial(_link_to, site),
        term=labels.term,
        input_rows=content.inputs,
        change_rows=[(c.key, c.label, c.default, c.now, c.unit, c.source) for c in content.changes],
        script="",
        script_hash="",
        weight=WEIGHT,
        **headings,
    )
    return weighed(html, site)


def _link_to(site: Site, wanted: str) -> str:
    """Return the link to a notebook's page, or to one of its cells where it is there; empty without page."""
    notebook, _, cell = wanted.partition("#")
    page = next((page for page in site.pages if notebook in (page.notebook, page.path.stem)), None)
    if page is None:
        return ""
    anchor = f"cell-{cell}"
    return f"{page.link}#{anchor}" if anchor in page.anchors else page.link
