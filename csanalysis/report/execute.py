"""Run notebooks, several at a time, each in a Python process of its own.

Settings reach a notebook through the environment alone (see `kernel.kernel_environment`); nothing is
injected into it. Cells tagged ``skip-execution`` are left out; the tag ``raises-exception`` excuses no
error.
"""

from __future__ import annotations

import asyncio
import os
import queue
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from csanalysis import labels
from csanalysis.report.findings import Finding, at_cell, causes, code_cells, find_errors
from csanalysis.report.kernel import KeepingChannel, new_manager

T = TypeVar("T")

CELL_TIMEOUT = 600
"""Seconds after which a cell is given up."""

_START_TIMEOUT = 120
_LATE_MESSAGES = 0.1


@dataclass(frozen=True)
class Executed:
    """A notebook after its run.

    Attributes
    ----------
    path : Path
        The notebook file, which is never written to.
    nb : NotebookNode
        The notebook with outputs and widget state.
    findings : tuple of Finding
        Errors; empty if all went well.
    seconds : float
        Time the run took.
    """

    path: Path
    nb: NotebookNode
    findings: tuple[Finding, ...]
    seconds: float


def run_notebooks(
    paths: Sequence[Path],
    environment: Mapping[str, str],
    *,
    lang: str = "ja",
    workers: int | None = None,
    timeout: int = CELL_TIMEOUT,
    on_done: Callable[[Executed], None] | None = None,
) -> list[Executed]:
    """Run `paths` and return the executed notebooks in the same order.

    Parameters
    ----------
    paths : sequence of Path
        Notebook files; each runs in its own folder and stops at the first cell that raises.
    environment : mapping
        Environment of the kernels, see `kernel_environment`.
    lang : {"ja", "en"}
        Language of the causes that are not Python's own.
    workers : int, optional
        Number of kernels at a time; default: number of processors, at most one per notebook.
    timeout : int
        Seconds a single cell may take.
    on_done : callable, optional
        Called with each notebook as it ends (in the order of ending, from another thread).

    Notes
    -----
    Every kernel is a process, so the notebooks run in parallel although one event loop drives them all.
    The loop lives in a thread: it also works when called from a notebook, and Ctrl-C reaches the caller,
    who first ends all kernels. Should this process be killed, the kernels notice and end themselves.
    """
    limit = max(1, min(workers or os.cpu_count() or 1, len(paths) or 1))

    async def run_all(folder: Path) -> list[Executed]:
        free = asyncio.Semaphore(limit)

        async def run(position: int, path: Path) -> Executed:
            async with free:
                private = folder / str(position)
                private.mkdir()
                done = await _run_notebook(path, private, environment, lang, timeout)
            if on_done:
                on_done(done)
            return done

        return list(await asyncio.gather(*(run(n, path) for n, path in enumerate(paths))))

    with tempfile.TemporaryDirectory(prefix="csa", ignore_cleanup_errors=True) as folder:
        return _run_in_thread(run_all(Path(folder)))


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook of any format version, without the outputs and widgets saved in it.

    Raises
    ------
    ValueError, OSError
        If the file is no notebook or cannot be read.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cells without ids in notebooks of older programs
        nb: NotebookNode = nbformat.reads(  # type: ignore[no-untyped-call]
            path.read_text(encoding="utf-8-sig"), as_version=4
        )
        nbformat.validate(nb)
    nb.metadata.pop("widgets", None)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nb


async def _run_notebook(
    path: Path, private: Path, environment: Mapping[str, str], lang: str, timeout: int
) -> Executed:
    started = time.perf_counter()
    nb = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    try:
        nb = read_notebook(path)
        language = nb.metadata.get("kernelspec", {}).get("language", "python")
        if language != "python":
            raise ValueError(labels.text("report.not_python", lang, language=language))
        found = await _Run(nb, path, private, lang, timeout).findings(environment)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        cause = labels.text("report.unreadable", lang, detail=str(error).splitlines()[0])
        found = [Finding(path.name, None, "", cause)]
    return Executed(path, nb, tuple(found), time.perf_counter() - started)


class _Run:
    """One notebook in one kernel."""

    def __init__(self, nb: NotebookNode, path: Path, private: Path, lang: str, timeout: int) -> None:
        self.nb, self.path, self.private, self.lang = nb, path, private, lang
        self.manager = new_manager(private)
        self.client = NotebookClient(
            nb,
            km=self.manager,
            timeout=timeout,
            startup_timeout=_START_TIMEOUT,
            force_raise_errors=True,
            on_cell_execute=self._at_cell,
        )
        self.client.log.disabled = True  # what it would log is told by the findings
        self.ran: list[int] = []
        self.channel: KeepingChannel | None = None

    async def findings(self, environment: Mapping[str, str]) -> list[Finding]:
        """Run all cells and return the errors found by whatever way."""
        said = self.private / "stderr.txt"
        own: list[tuple[int | None, str]] = []
        environment = {**environment, "IPYTHONDIR": str(self.private / "ipython")}
        with said.open("wb") as stream:
            try:
                await self._start(environment, stream)
                await self.client.async_execute(cleanup_kc=False)
                await self._drain()
            except CellExecutionError:
                await self._drain()
            except CellTimeoutError:
                seconds = self.client.timeout
                own.append((self._number(), labels.text("report.timeout", self.lang, seconds=seconds)))
            except RuntimeError as error:  # DeadKernelError among them
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise asyncio.CancelledError from error
                own.append((self._number(), self._lost(error, said)))
            finally:
                await self._stop()
        self.client.set_widgets_metadata()
        return self._collect(own)

    async def _at_cell(self, cell: NotebookNode, cell_index: int) -> None:
        self.ran += [n for n, other in enumerate(code_cells(self.nb), 1) if other is cell]

    def _number(self) -> int | None:
        return self.ran[-1] if self.ran else None

    async def _start(self, environment: Mapping[str, str], stream: Any) -> None:
        await self.manager.start_kernel(env=dict(environment), cwd=str(self.path.parent), stderr=stream)
        client = await self.client.async_start_new_kernel_client()
        self.channel = client.iopub_channel

    async def _drain(self) -> None:
        """Read what the kernel still sends: it answers in order, so its answer to a question comes last."""
        client = self.client.kc
        assert client is not None
        asked = client.kernel_info()
        patience = float(_START_TIMEOUT)
        while True:
            try:
                message = await client.iopub_channel.get_msg(timeout=patience)
            except queue.Empty:
                return
            answered = message["parent_header"].get("msg_id") == asked
            if answered and message["content"].get("execution_state") == "idle":
                patience = _LATE_MESSAGES  # threads and tasks may still speak up

    async def _stop(self) -> None:
        if self.client.kc is not None:
            self.client.kc.stop_channels()
        if self.manager.has_kernel:
            await self.manager.shutdown_kernel(now=True)
        await self.manager.cleanup_resources()

    def _lost(self, error: RuntimeError, said: Path) -> str:
        """Return why there is no kernel any more, with the last line it said."""
        lines = said.read_text(encoding="utf-8", errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        if not self.ran:
            return labels.text("report.kernel_not_started", self.lang, detail=last or str(error))
        detail = last if isinstance(error, DeadKernelError) else str(error)
        return labels.text("report.kernel_died", self.lang, detail=detail).strip()

    def _collect(self, own: list[tuple[int | None, str]]) -> list[Finding]:
        kept = self.channel.kept if self.channel is not None else []
        found = list(dict.fromkeys(own + _recorded(kept, self.ran)))
        known = {cause for _, cause in found}
        findings = [at_cell(self.nb, self.path.name, number, cause) for number, cause in found]
        stored = find_errors(self.nb, self.path.name)
        return findings + [finding for finding in stored if finding.cause not in known]


def _recorded(messages: Sequence[Mapping[str, Any]], ran: Sequence[int]) -> list[tuple[int | None, str]]:
    """Return (number of the code cell, cause) for the errors among a kernel's messages.

    The cell is the one that a message answers, else the one that ran last when it came.
    """
    numbers: dict[str, int] = {}
    outputs: dict[int, list[dict[str, Any]]] = {}
    for message in messages:
        parent, content = message["parent_header"].get("msg_id", ""), message["content"]
        if message["msg_type"] == "execute_input":
            numbers[parent] = ran[len(numbers)]
        elif message["msg_type"] in ("error", "stream"):
            number = numbers.get(parent, ran[len(numbers) - 1] if numbers else 0)
            outputs.setdefault(number, []).append({**content, "output_type": message["msg_type"]})
    return [(number or None, cause) for number, said in outputs.items() for cause in causes(said)]


def _run_in_thread(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in an event loop of its own thread; an interrupt cancels it and waits for its end."""
    outcome: Future[T] = Future()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []

    async def main() -> T:
        task = asyncio.current_task()
        assert task is not None
        running.append((asyncio.get_running_loop(), task))
        return await work

    def drive() -> None:
        try:
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                outcome.set_result(runner.run(main()))
        except BaseException as error:
            outcome.set_exception(error)

    thread = threading.Thread(target=drive, name="csanalysis-notebooks", daemon=True)
    thread.start()
    try:
        while not outcome.done():
            wait([outcome], timeout=0.5)
    except BaseException:
        for loop, task in running:
            loop.call_soon_threadsafe(task.cancel)
        thread.join()
        raise
    thread.join()
    return outcome.result()
