import pickle

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from csanalysis.report import Finding, NotebookError, find_errors
from csanalysis.report.findings import WIDGET_STATE, WIDGET_VIEW, traceback_causes

ERROR = {"output_type": "error", "ename": "ValueError", "evalue": "\x1b[31mhidden\x1b[0m", "traceback": []}


def view(model_id: str) -> NotebookNode:
    return new_output("display_data", data={WIDGET_VIEW: {"model_id": model_id}})


def notebook(models: dict[str, dict[str, object]], *cells: NotebookNode) -> NotebookNode:
    state = {
        name: {"model_name": "", "state": {"_model_name": "", **state}} for name, state in models.items()
    }
    return new_notebook(cells=list(cells), metadata={"widgets": {WIDGET_STATE: {"state": state}}})


def output_model(**error: object) -> dict[str, object]:
    return {"_model_name": "OutputModel", "outputs": [{**ERROR, **error}]}


def test_error_of_a_widget_belongs_to_the_cell_that_shows_it() -> None:
    nb = notebook(
        {
            "out": output_model(),
            "box": {"children": ["IPY_MODEL_tab"]},
            "tab": {"children": ["IPY_MODEL_out"]},
        },
        new_markdown_cell("# x"),
        new_code_cell("   "),
        new_code_cell("make()"),
        new_code_cell("\nbox  # shown\n", outputs=[view("box")]),
    )
    assert find_errors(nb, "n.ipynb") == [Finding("n.ipynb", 2, "box  # shown", "ValueError: hidden")]


def test_widget_inside_the_output_of_a_widget() -> None:
    inner = {"_model_name": "OutputModel", "outputs": [dict(view("out"))]}
    nb = notebook({"out": output_model(), "outer": inner}, new_code_cell("w", outputs=[view("outer")]))
    assert [finding.cell for finding in find_errors(nb)] == [1]


def test_error_of_a_widget_that_is_not_shown() -> None:
    cells = [new_code_cell("a", execution_count=4), new_code_cell("b", execution_count=7)]
    named = output_model(traceback=["\x1b[0mCell \x1b[32mIn[7]\x1b[39m, line 1"])
    assert [f.cell for f in find_errors(notebook({"out": named}, *cells))] == [2]
    assert find_errors(notebook({"out": output_model()}, *cells)) == [
        Finding("", None, "", "ValueError: hidden")
    ]


def test_tracebacks_among_other_text() -> None:
    text = "warning\nTraceback (most recent call last):\n  File x\nKeyError: 'a'\n\nDuring ...:\n\n"
    assert traceback_causes(text + text) == ["KeyError: 'a'", "KeyError: 'a'"]
    coloured = (
        "-----\n\x1b[31mKeyError\x1b[0m    Traceback (most recent call last)\n"
        "Cell In[2], line 1\n----> 1 x\n\nKeyError: 1"
    )
    assert traceback_causes(coloured) == ["KeyError: 1"]
    pieces = [
        new_output("stream", name="stderr", text=part)
        for part in ("Trace", "back (most recent call last)\nE: x")
    ]
    assert [f.cause for f in find_errors(new_notebook(cells=[new_code_cell("1", outputs=pieces)]))] == [
        "E: x"
    ]


def test_long_causes_and_lines_are_cut() -> None:
    error = new_output("error", ename="E", evalue="x" * 5000, traceback=[])
    (finding,) = find_errors(new_notebook(cells=[new_code_cell("y" * 500, outputs=[error])]))
    assert len(finding.cause) == 600
    assert len(finding.line) == 80


def test_message_names_everything_in_one_language() -> None:
    findings = [Finding("a.ipynb", 3, "f()", "ValueError: {x}"), Finding("b.ipynb", None, "", "bad")]
    for lang, part in (
        ("ja", "コードセル 3（f()）: ValueError: {x}"),
        ("en", "code cell 3 (f()): ValueError: {x}"),
    ):
        error = NotebookError(findings, lang)
        assert part in str(error)
        assert "b.ipynb: bad" in str(error)
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
