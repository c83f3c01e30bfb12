"""Make the report of a workspace: load, run, check, write, in this order, all or nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from tqdm import tqdm

from csanalysis import labels
from csanalysis.costing.scenario_runs import warm
from csanalysis.errors import ReportError
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.report import provenance
from csanalysis.report.execute import CELL_TIMEOUT, Executed, run_notebooks
from csanalysis.report.export import INDEX, Site, read_page, render_page
from csanalysis.report.findings import NotebookError
from csanalysis.report.index import IndexContent, Summary, render_index
from csanalysis.report.kernel import kernel_environment
from csanalysis.report.memo import summarise
from csanalysis.report.place import check_target, replacing
from csanalysis.widgets.grid import WHATIF
from csanalysis.workspace import load_dataset, notebooks_dir

Summarise = Callable[[Dataset, Scenario, str], Summary]


def build_report(
    workspace: str | Path,
    out: str | Path,
    *,
    lang: str | None = None,
    scenario: str | None = None,
    overrides: Mapping[str, str] | None = None,
    show_code: bool = False,
    show_names: bool = False,
    workers: int | None = None,
    progress: bool = True,
    timeout: int = CELL_TIMEOUT,
    summarise: Summarise = summarise,
    sliders: bool = True,
) -> Path:
    """Run all notebooks of a workspace and write them as offline HTML pages.

    Parameters
    ----------
    workspace : str or Path
        Folder with ``csanalysis.toml``.
    out : str or Path
        New or empty folder, or an earlier report, which is replaced in one step at the very end.
    lang : {"ja", "en"}, optional
        Language; default: the workspace's.
    scenario : str, optional
        Scenario; default: the workspace's.
    overrides : mapping of str to str, optional
        Values to change for this report alone, as text.
    show_code : bool
        Show the notebooks' code and their messages on stderr, warnings among them. Without it neither
        is shown.
    show_names : bool
        Show accounts and persons by their names; without it they have pseudonyms.
    workers : int, optional
        Notebooks to run at a time; default: the number of processors.
    progress : bool
        Tell the progress on stderr: a bar on a terminal, else a line per notebook.
    timeout : int
        Seconds a single cell may take.
    summarise : callable
        Returns key figures and findings for the first page from dataset, scenario and language.
    sliders : bool
        Let the panels of the report be moved without a kernel: each leaves a grid of the model.

    Returns
    -------
    Path
        The first page, ``index.html``.

    Raises
    ------
    DataContractError, WorkspaceError
        If the input is at fault.
    ReportError
        If a notebook ended with an error of any kind (all of them are named), or `out` cannot be
        used. An earlier report is then left as it was.
    """
    ds = load_dataset(
        workspace, lang=lang, scenario=scenario, overrides=overrides or {}, show_names=show_names
    )
    folder = notebooks_dir(ds.root)
    target = check_target(out, (ds.root, folder), ds.lang)
    paths = notebooks_in(folder, ds.lang)
    summary = summarise(ds, ds.scenario, ds.lang)
    environment = kernel_environment(
        ds.root, lang=ds.lang, scenario=ds.scenario.name, overrides=overrides or {}, show_names=show_names
    )
    warm()  # before the kernels start, so that only one process compiles
    environment |= {WHATIF: "1" if sliders else "0"}
    with _Progress(len(paths), ds.lang, progress) as bar:
        executed = run_notebooks(
            paths, environment, lang=ds.lang, workers=workers, timeout=timeout, on_done=bar
        )
    findings = [finding for notebook in executed for finding in notebook.findings]
    if findings:
        raise NotebookError(findings, ds.lang)
    with replacing(target, ds.lang) as fresh:
        write_pages(fresh, executed, ds, summary, overrides or {}, show_code=show_code)
    return target / INDEX


def notebooks_in(folder: Path, lang: str) -> list[Path]:
    """Return the notebooks of a folder by name, without checkpoints and hidden files."""
    found = [path for path in folder.glob("*.ipynb") if path.is_file() and not path.name.startswith(".")]
    paths = [path for path in found if not path.stem.endswith("-checkpoint")]
    if not paths:
        raise ReportError(labels.text("report.no_notebooks", lang, folder=folder))
    return sorted(paths, key=lambda path: (path.name.casefold(), path.name))


def write_pages(
    folder: Path,
    executed: list[Executed],
    ds: Dataset,
    summary: Summary,
    overrides: Mapping[str, str],
    *,
    show_code: bool,
) -> None:
    """Write the first page and one page per executed notebook into `folder`."""
    now = datetime.now().astimezone()
    site = Site(
        lang=ds.lang,
        scenario=labels.term("quadrant", ds.scenario.name, ds.lang),
        made=f"{now:%Y-%m-%d %H:%M} (UTC{now.isoformat()[-6:]})",
        version=provenance.package_version("csanalysis"),
        pages=tuple(read_page(run.path, run.nb, ds.lang, show_code=show_code) for run in executed),
    )
    content = IndexContent(
        key_figures=summary.key_figures,
        findings=summary.findings,
        board=summary.board,
        inputs=provenance.inputs(ds),
        versions=provenance.versions(),
        changes=provenance.changes(ds.scenario, ds.lang, overrides),
        repairs=ds.repairs_told(),
    )
    (folder / INDEX).write_text(render_index(content, site), encoding="utf-8")
    for page in site.pages:
        (folder / page.file).write_text(render_page(page, site), encoding="utf-8")


class _Progress:
    """Called with every notebook that ends; a bar on a terminal, else a line on stderr."""

    def __init__(self, total: int, lang: str, wanted: bool) -> None:
        self.total, self.lang, self.wanted = total, lang, wanted
        self.done = 0
        on_terminal = wanted and sys.stderr.isatty()
        self.bar = tqdm(total=total, desc=labels.text("report.progress", lang)) if on_terminal else None

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def __call__(self, executed: Executed) -> None:
        self.done += 1
        if self.bar is not None:
            self.bar.set_postfix_str(executed.path.stem, refresh=False)
            self.bar.update()
        elif self.wanted:
            key = "report.progress_failed" if executed.findings else "report.progress_line"
            about = {"notebook": executed.path.name, "seconds": f"{executed.seconds:.1f}"}
            line = labels.text(key, self.lang, done=self.done, total=self.total, **about)
            print(line, file=sys.stderr, flush=True)
