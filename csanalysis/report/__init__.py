"""The report: notebooks run in parallel, written as HTML pages that open without a network."""

from csanalysis.report.build import build_report
from csanalysis.report.execute import Executed, run_notebooks
from csanalysis.report.findings import Finding, NotebookError, find_errors
from csanalysis.report.index import IndexContent, KeyFigure, Summary
from csanalysis.report.kernel import kernel_environment
from csanalysis.report.language import keep_language

__all__ = [
    "Executed",
    "Finding",
    "IndexContent",
    "KeyFigure",
    "NotebookError",
    "Summary",
    "build_report",
    "find_errors",
    "keep_language",
    "kernel_environment",
    "run_notebooks",
]
