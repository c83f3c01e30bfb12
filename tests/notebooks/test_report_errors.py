"""Notebooks that really run: every place where an error hides is found, and none is invented."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from csanalysis.report import Executed, find_errors, kernel_environment, run_notebooks

# Each of these leaves the cell itself without an error as nbclient sees it.
HIDDEN = {
    "interactive_output": "widgets.interactive_output(fail, {'x': widgets.IntSlider()})",
    "interact": "widgets.interact(fail, x=3);",
    "inside a box": "widgets.VBox([widgets.interactive_output(fail, {'x': widgets.IntText()})])",
    "button": "button = widgets.Button(); button.on_click(fail); button.click()",
    "captured": "out = widgets.Output(); out.capture()(fail)(1)",
    "thread": "thread = threading.Thread(target=fail, args=[1]); thread.start(); thread.join()",
    "del": "class Bad:\n    __del__ = fail\nbad = Bad(); del bad",
    "logged": "try:\n    fail(1)\nexcept ValueError:\n    logging.exception('told')",
    "task": "task = asyncio.ensure_future(later()); await asyncio.sleep(0.01); del task; gc.collect();",
    "shell": "!{sys.executable} -c \"raise ValueError('hidden')\"",
}
# These are gone from the notebook when it is done: only the messages of the kernel tell.
VANISHED = {
    "callback of an output": "out = widgets.Output(); out.observe(fail, 'outputs')\nwith out: print()",
    "late task": "asyncio.ensure_future(later()); time.sleep(0.01)",
}
STOPPING = {
    "slow": "time.sleep(600)",  # first, so that the others run meanwhile
    "observe": "slider = widgets.IntSlider(); slider.observe(fail, 'value'); slider.value = 3",
    "repr": "class Bad:\n    _repr_html_ = fail\nBad()",
    "excused": "fail(1)",
    "dead": "import os; os._exit(1)",
}
FINE = (
    "import warnings; warnings.warn('careful')",
    "logging.warning('careful')",
    "print('no error here', file=sys.stderr)",
    "widgets.interactive_output(lambda x: print(x), {'x': widgets.IntSlider()})",
    "try:\n    fail(1)\nexcept ValueError:\n    pass",
    "",
)
TIMEOUT = 12
SETUP = textwrap.dedent(
    """
    import asyncio, gc, logging, sys, threading, time
    import ipywidgets as widgets
    def fail(*args, **kwargs):
        raise ValueError('hidden')
    async def later():
        fail()
    """
)


def write(path: Path, *sources: str, **metadata: object) -> Path:
    cells = [new_markdown_cell("# x"), *(new_code_cell(source, metadata=metadata) for source in sources)]
    nbformat.write(new_notebook(cells=cells), path)
    return path


def run(paths: list[Path], folder: Path, **options: object) -> list[Executed]:
    environment = kernel_environment(folder, lang="en", scenario="mine", overrides={"arr": "5e8"})
    return run_notebooks(paths, environment, lang="en", **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Executed]:
    folder = tmp_path_factory.mktemp("note books 日本")
    paths = [
        write(folder / f"{name}.ipynb", SETUP, source, "y = 1", tags=["raises-exception"])
        for name, source in STOPPING.items()
    ]
    paths += [
        write(folder / "hidden.ipynb", SETUP, *HIDDEN.values()),
        write(folder / "vanished.ipynb", SETUP, *VANISHED.values(), "x = 1"),
        write(folder / "fine.ipynb", SETUP, *FINE),
    ]
    (folder / "broken.ipynb").write_text("{", encoding="utf-8")
    paths.append(folder / "broken.ipynb")
    return {done.path.stem: done for done in run(paths, folder, timeout=TIMEOUT)}


@pytest.mark.parametrize(("number", "place"), list(enumerate(HIDDEN, 2)))
def test_hidden_error_is_found(executed: dict[str, Executed], number: int, place: str) -> None:
    done = executed["hidden"]
    assert (number, "ValueError: hidden") in {(f.cell, f.cause) for f in done.findings}, place


@pytest.mark.parametrize(("number", "place"), list(enumerate(HIDDEN, 2)))
def test_stored_notebook_still_tells(executed: dict[str, Executed], number: int, place: str) -> None:
    stored = {finding.cell: finding for finding in find_errors(executed["hidden"].nb, "hidden.ipynb")}
    cell = 1 if place == "captured" else number  # shown nowhere: the cell that the traceback names first
    assert stored[cell].cause == "ValueError: hidden"
    if place != "captured":
        assert stored[cell].line[:60] == HIDDEN[place].splitlines()[0][:60]


def test_hidden_errors_are_told_once_each(executed: dict[str, Executed]) -> None:
    cells = [finding.cell for finding in executed["hidden"].findings]
    assert sorted(cells, key=int) == [2 + n for n in range(len(HIDDEN))]


@pytest.mark.parametrize(("number", "place"), list(enumerate(VANISHED, 2)))
def test_vanished_error_is_found(executed: dict[str, Executed], number: int, place: str) -> None:
    causes = {
        finding.cause for finding in executed["vanished"].findings if finding.cell in (number, number + 1)
    }
    assert "ValueError: hidden" in causes, place


@pytest.mark.parametrize("name", ["observe", "repr", "excused"])
def test_stopping_error_is_found_in_its_cell(executed: dict[str, Executed], name: str) -> None:
    (finding,) = executed[name].findings
    assert (finding.notebook, finding.cell) == (f"{name}.ipynb", 2)
    assert finding.cause == "ValueError: hidden"
    assert finding.line == STOPPING[name].splitlines()[0]
    assert executed[name].nb.cells[3].execution_count is None


def test_dead_and_slow_kernels_are_told(executed: dict[str, Executed]) -> None:
    assert "stopped while running" in executed["dead"].findings[0].cause
    assert f"still running after {TIMEOUT} seconds" in executed["slow"].findings[0].cause
    assert {executed[name].findings[0].cell for name in ("dead", "slow")} == {2}


def test_broken_file_is_told(executed: dict[str, Executed]) -> None:
    (finding,) = executed["broken"].findings
    assert finding.cell is None
    assert "not a readable notebook" in finding.cause


def test_warnings_are_no_errors(executed: dict[str, Executed]) -> None:
    assert executed["fine"].findings == ()
    assert find_errors(executed["fine"].nb) == []


def test_widget_state_is_stored(executed: dict[str, Executed]) -> None:
    state = executed["fine"].nb.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    assert "IntSliderModel" in {model["model_name"] for model in state.values()}


def test_kernel_is_this_python_in_the_notebooks_folder(tmp_path: Path) -> None:
    check = """
        import os, sys, json, matplotlib
        print(sys.executable)
        print(os.path.realpath(os.getcwd()))
        print(sorted(k for k in os.environ if k.startswith('CSANALYSIS_')))
        print(os.environ['CSANALYSIS_SCENARIO'], json.loads(os.environ['CSANALYSIS_SET']))
        print(matplotlib.get_backend())
    """
    other = {"name": "somewhere-else", "language": "python", "display_name": "x"}
    path = tmp_path / "k.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(check)], metadata={"kernelspec": other}), path)
    before = path.read_bytes()
    (done,) = run([path], tmp_path)
    assert done.findings == ()
    lines = done.nb.cells[0].outputs[0].text.splitlines()
    words = ("LANG", "NAMES", "SCENARIO", "SET", "STRICT")
    names = [f"CSANALYSIS_{word}" for word in words]
    assert lines[0] == sys.executable
    assert lines[1] == os.path.realpath(tmp_path)
    assert lines[2] == str([*names, "CSANALYSIS_WORKSPACE"])
    assert lines[3] == "mine {'arr': '5e8'}"
    assert "inline" in lines[4]
    assert path.read_bytes() == before


def test_saved_outputs_are_not_reported(tmp_path: Path) -> None:
    stale = nbformat.v4.new_output("error", ename="OldError", evalue="", traceback=[])
    cell = new_code_cell("1/0", outputs=[stale], metadata={"tags": ["skip-execution"]})
    nbformat.write(new_notebook(cells=[cell, new_code_cell("raise ValueError('new')")]), tmp_path / "s.ipynb")
    (done,) = run([tmp_path / "s.ipynb"], tmp_path)
    assert [(f.cell, f.cause) for f in done.findings] == [(2, "ValueError: new")]


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise on Windows")
def test_interrupt_ends_all_kernels(tmp_path: Path) -> None:
    source = "import os, pathlib, time; pathlib.Path(f'{os.getpid()}.pid').touch(); time.sleep(600)"
    paths = [str(write(tmp_path / f"{name}.ipynb", source)) for name in ("a", "b")]
    program = textwrap.dedent(
        """
        import os, pathlib, signal, sys
        from csanalysis.report import run_notebooks
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may ignore it in the background
        try:
            run_notebooks([pathlib.Path(p) for p in sys.argv[1:]], dict(os.environ), workers=2)
        except KeyboardInterrupt:
            print("interrupted")
        """
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program, *paths]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        patience = time.monotonic() + 60
        while len(list(tmp_path.glob("*.pid"))) < 2 and time.monotonic() < patience:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert said == "interrupted\n"
    assert [name for name in os.listdir(tmp_path) if name.startswith("csa")] == []
    kernels = [int(path.stem) for path in tmp_path.glob("*.pid")]
    assert len(kernels) == 2
    for kernel in kernels:
        with pytest.raises(ProcessLookupError):
            os.kill(kernel, 0)
