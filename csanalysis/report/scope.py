"""The request for proposal: a workbook for vendors without any figure they must not see, and one for us."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import openpyxl

from csanalysis.costing.placement import Assignment
from csanalysis.errors import WorkspaceError
from csanalysis.io.writers import write_bytes_atomic
from csanalysis.labels import both, check_language, text
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.planning.scope import plan_scope
from csanalysis.report.scope_internal import fill_internal
from csanalysis.report.scope_vendor import fill_vendor
from csanalysis.workspace.pseudonyms import hide_names, other_names

VENDOR, INTERNAL = "vendor", "internal"
AUDIENCES = (VENDOR, INTERNAL)


def write_scope(
    ds: Dataset,
    sc: Scenario,
    path: str | Path,
    audience: str = VENDOR,
    assignment: Assignment | None = None,
    lang: str | None = None,
) -> Path:
    """Write the request for proposal that goes to vendors, or the evaluation sheet that stays inside.

    The vendor's workbook holds scope (with a wider band as option), volumes and hours low / base / high, what
    starts, is done, counts as done and ends each task, systems, personal data, service levels, the price
    sheet, and questions. It is built from a `Scope` alone, which has no cost, price, score, rating or trait.
    A filled workbook is read back by `read_price_sheet`, or from the folder ``offers``.

    Parameters
    ----------
    ds, sc
        Scalars.
    path : str or Path
        A ``.xlsx`` file that does not exist yet.
    audience : {"vendor", "internal"}
    assignment : str, mapping or result, optional
        The plan whose outside work is asked for; default what the playbook hands out.
    lang : {"ja", "en"}, optional
        Default: the dataset's.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    WorkspaceError
        If the file is there already (nothing is ever written over), is no ``.xlsx``, or cannot be written.
    ValueError
        If the plan gives no work to a vendor, or `audience` is unknown.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> cs.write_scope(ds, ds.base, pathlib.Path(tempfile.mkdtemp()) / "scope.xlsx").name
    'scope.xlsx'
    """
    if audience not in AUDIENCES:
        raise ValueError(both("scope.audience", value=audience))
    path = Path(path)
    with suppress(RuntimeError):  # nobody of the name after a tilde: then it is part of the name
        path = path.expanduser()
    path = path.absolute()
    if path.suffix.lower() != ".xlsx":
        raise WorkspaceError(both("price_sheet.not_xlsx", file=path.name))
    if path.exists():
        raise WorkspaceError(both("scope.exists", file=path))
    book = scope_workbook(ds, sc, audience, assignment, lang)
    stream = io.BytesIO()
    book.save(stream)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes_atomic(path, stream.getvalue())
    except OSError as error:
        raise WorkspaceError(both("workspace.cannot_write", folder=path, reason=error.strerror)) from error
    return path


def scope_workbook(
    ds: Dataset,
    sc: Scenario,
    audience: str = VENDOR,
    assignment: Assignment | None = None,
    lang: str | None = None,
) -> openpyxl.Workbook:
    """Return the workbook of `write_scope`."""
    lang = check_language(lang or ds.lang)
    if audience == VENDOR:  # tasks in the analyst's own words may name customers
        ds = replace(ds, tables=hide_names(ds.tables, other_names(ds.tables, lang)))
    scope = plan_scope(ds, sc, assignment)
    if not scope.part("core"):
        raise ValueError(both("scope.nothing"))
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.creator = ""
    book.properties.title = text(f"scope.{audience}.title", lang)
    if audience == VENDOR:
        fill_vendor(book, scope, str(sc["customer_size"]), str(sc["product_type"]), lang)
    else:
        fill_internal(book, ds, sc, scope, assignment, lang)
    return book
