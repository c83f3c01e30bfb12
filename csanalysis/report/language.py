"""One language of a notebook: narrative cells carry the tag ``lang-ja`` or ``lang-en``."""

from __future__ import annotations

import copy

from nbformat import NotebookNode

from csanalysis.labels import LANGUAGES, check_language


def languages_of(cell: NotebookNode) -> set[str]:
    """Return the languages a cell is tagged with; empty for a cell for every reader."""
    tags = cell.metadata.get("tags", [])
    return {lang for lang in LANGUAGES if f"lang-{lang}" in tags}


def keep_language(nb: NotebookNode, lang: str) -> NotebookNode:
    """Return a copy of `nb` without the narrative cells of other languages.

    Code cells always stay, and so do cells without a language tag.

    Parameters
    ----------
    nb : NotebookNode
    lang : {"ja", "en"}
    """
    check_language(lang)
    kept = copy.copy(nb)
    kept.cells = [
        copy.deepcopy(cell)
        for cell in nb.cells
        if cell.cell_type == "code" or lang in (languages_of(cell) or {lang})
    ]
    return kept


def has_narrative(nb: NotebookNode, lang: str) -> bool:
    """Tell whether `nb` speaks `lang`: text tagged so, or text for every reader and none tagged otherwise."""
    texts = [cell for cell in nb.cells if cell.cell_type == "markdown" and cell.source.strip()]
    tagged = [languages_of(cell) for cell in texts]
    if any(tagged):
        return any(lang in languages for languages in tagged)
    return bool(texts)
