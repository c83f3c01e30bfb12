"""Find the errors that an executed notebook holds, also those that its pages would not show.

An error may hide in four places:

* the outputs of a cell (a cell that raised, a button callback, a failing ``_repr_html_``);
* the outputs of an ``Output`` widget, which live in ``nb.metadata.widgets`` only
  (``interact``, ``interactive_output``, ``@out.capture()``);
* a traceback written as text (threads, ``__del__``, tasks, ``logging.exception``, ``!command``);
* messages that reach no output at all (a callback of a callback): :mod:`csanalysis.report.execute`
  records these while the notebook runs, the saved notebook cannot show them.

Not detectable by any of them: an exception that the code swallows, one in a thread or task that outlives
the last cell, and a callback that only fails after a control was moved. For the last one panels have
``sweep()``, which drives every control to both ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nbformat import NotebookNode

from csanalysis import labels
from csanalysis.errors import ReportError

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TRACEBACK = "Traceback (most recent call last)"
_IN_CELL = re.compile(r"Cell In\[(\d+)\]")
_MODEL = "IPY_MODEL_"
_INSIDE_TRACEBACK = (" ", "\t", "-", "Cell In[", "File ")
_LONGEST_LINE = 80
_LONGEST_CAUSE = 600


@dataclass(frozen=True)
class Finding:
    """One error in one notebook.

    Attributes
    ----------
    notebook : str
        File name of the notebook.
    cell : int or None
        Number of the code cell, the first one being 1, as JupyterLab shows it in ``[1]`` after Run All
        Cells; None if the error belongs to no cell.
    line : str
        First line of that cell.
    cause : str
        Exception and message.
    """

    notebook: str
    cell: int | None
    line: str
    cause: str


def code_cells(nb: NotebookNode) -> list[NotebookNode]:
    """Return the code cells that hold any code; the position + 1 is the cell's number."""
    return [cell for cell in nb.cells if cell.cell_type == "code" and cell.source.strip()]


def at_cell(nb: NotebookNode, notebook: str, number: int | None, cause: str) -> Finding:
    """Return a finding for code cell `number` (1 = first), or for the whole notebook."""
    cells = code_cells(nb)
    if number is None or not 1 <= number <= len(cells):
        return Finding(notebook, None, "", _cut(cause, _LONGEST_CAUSE))
    first = cells[number - 1].source.strip().splitlines()[0]
    return Finding(notebook, number, _cut(first, _LONGEST_LINE), _cut(cause, _LONGEST_CAUSE))


def find_errors(nb: NotebookNode, notebook: str = "") -> list[Finding]:
    """Return the errors held in cell outputs, in ``Output`` widgets and in printed tracebacks.

    Parameters
    ----------
    nb : NotebookNode
        Executed notebook with the widget state stored in its metadata.
    notebook : str
        File name, for the findings.

    Returns
    -------
    list of Finding
        In the order of the cells, each error once. Warnings on stderr are no errors.
    """
    found: list[tuple[int | None, str]] = []
    for number, cell in enumerate(code_cells(nb), 1):
        found += [(number, cause) for cause in causes(cell.get("outputs", []))]
    owners = _owners(nb)
    for model_id, outputs in _output_widgets(nb):
        for output in outputs:
            place = owners.get(model_id) or _cell_in_traceback(nb, output)
            found += [(place, cause) for cause in causes([output])]
    found.sort(key=lambda pair: (pair[0] is None, pair[0] or 0))
    return [at_cell(nb, notebook, number, cause) for number, cause in dict.fromkeys(found)]


def causes(outputs: list[Any]) -> list[str]:
    """Return the causes of all errors among `outputs` (error outputs and printed tracebacks)."""
    found = [error_cause(o.get("ename"), o.get("evalue")) for o in outputs if o.get("output_type") == "error"]
    for name in ("stderr", "stdout"):
        streams = [o for o in outputs if o.get("output_type") == "stream" and o.get("name") == name]
        found += traceback_causes("".join(_text(stream.get("text")) for stream in streams))
    return found


def error_cause(ename: object, evalue: object) -> str:
    """Return ``Exception: message`` without terminal colours."""
    return plain(f"{ename}: {evalue}" if evalue else str(ename))


def traceback_causes(printed: str) -> list[str]:
    r"""Return the last line of every traceback in a printed text.

    Examples
    --------
    >>> traceback_causes("Traceback (most recent call last):\n  File ...\nKeyError: 'arr'\nbye\n")
    ["KeyError: 'arr'"]
    >>> traceback_causes("UserWarning: careful")
    []
    """
    found = []
    for part in plain(printed).split(_TRACEBACK)[1:]:
        lines = [line for line in part.splitlines()[1:] if line.strip()]
        last = next((line for line in lines if not line.startswith(_INSIDE_TRACEBACK)), "")
        found.append(last.strip() or _TRACEBACK)
    return found


def plain(text: str) -> str:
    """Return `text` without terminal colour codes."""
    return _ANSI.sub("", text)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _text(value: object) -> str:
    return "".join(value) if isinstance(value, list) else str(value or "")


def _states(nb: NotebookNode) -> dict[str, Any]:
    states = nb.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    return {model_id: model.get("state", {}) for model_id, model in states.items()}


def _output_widgets(nb: NotebookNode) -> Iterator[tuple[str, list[Any]]]:
    for model_id, state in _states(nb).items():
        if state.get("_model_name") == "OutputModel" and state.get("outputs"):
            yield model_id, list(state["outputs"])


def _owners(nb: NotebookNode) -> dict[str, int]:
    """Return the number of the first cell that shows each widget, also inside boxes and tabs."""
    states = _states(nb)
    owners: dict[str, int] = {}
    for number, cell in enumerate(code_cells(nb), 1):
        waiting = [
            output["data"][WIDGET_VIEW].get("model_id", "")
            for output in cell.get("outputs", [])
            if WIDGET_VIEW in output.get("data", {})
        ]
        while waiting:
            model_id = waiting.pop()
            if model_id not in owners:
                owners[model_id] = number
                waiting += _references(states.get(model_id, {}))
    return owners


def _references(value: object) -> Iterator[str]:
    """Yield the ids of all widgets that a widget's state refers to."""
    if isinstance(value, str):
        if value.startswith(_MODEL):
            yield value.removeprefix(_MODEL)
    elif isinstance(value, Mapping):
        if isinstance(value.get("model_id"), str):
            yield value["model_id"]
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _references(part)


def _cell_in_traceback(nb: NotebookNode, output: Mapping[str, Any]) -> int | None:
    """Return the number of the cell that a traceback names first, for a widget that no cell shows."""
    named = _IN_CELL.search(plain("\n".join(output.get("traceback") or [])))
    counts = [cell.get("execution_count") for cell in code_cells(nb)]
    if named and int(named[1]) in counts:
        return counts.index(int(named[1])) + 1
    return None


class NotebookError(ReportError):
    """Notebooks ended with errors; `findings` names each one. The message is in one language."""

    def __init__(self, findings: Sequence[Finding], lang: str) -> None:
        self.findings, self.lang = tuple(findings), lang
        lines = [labels.text("report.failed", lang, count=len(self.findings))]
        for number, finding in enumerate(self.findings, 1):
            key = "report.failed_notebook" if finding.cell is None else "report.failed_cell"
            lines.append(f"{number}. {labels.text(key, lang, **asdict(finding))}")
        super().__init__("\n".join([*lines, labels.text("report.fix_notebook", lang)]))

    def __reduce__(self) -> tuple[type[NotebookError], tuple[tuple[Finding, ...], str]]:
        return type(self), (self.findings, self.lang)
