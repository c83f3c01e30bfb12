"""Files to a frame of text cells: the general reader behind every table of a workspace.

Every cell arrives as the text a person would see, an empty cell as the empty string, and the index carries
the row number that a spreadsheet shows. Whatever was mended on the way is told; what is in doubt stops.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from csanalysis.errors import DataContractError, Failure
from csanalysis.io.bodies import table_of
from csanalysis.io.cells import EXCEL_ERRORS, MAX_COLUMNS, numbers_once
from csanalysis.io.containers import Content, check_size, open_content
from csanalysis.io.decimals import with_points
from csanalysis.io.dialects import Dialect, excel_hint, find_dialect, unwrapped
from csanalysis.io.edges import without_directives
from csanalysis.io.encodings import decode, spoilt
from csanalysis.io.headers import clean_name, find_header
from csanalysis.io.html_tables import open_html
from csanalysis.io.names import Rules
from csanalysis.io.notation import plain_columns
from csanalysis.io.ragged import Grid, settle
from csanalysis.io.records import Records, read_records
from csanalysis.io.repairs import COLUMNS, Log, Place
from csanalysis.io.workbooks import open_book, read_sheet

_MOST_SPOILT = 20


@dataclass(frozen=True)
class RawTable:
    """A table as it stands in its file.

    Attributes
    ----------
    frame : pandas.DataFrame
        Text cells; the index is the spreadsheet row.
    file, sheet, encoding, sha256 : str
        Where it was read, and the hash of its bytes.
    repairs : tuple of dict
        What was changed on the way in: rule, count, cells, before, after, detail.
    """

    frame: pd.DataFrame
    file: str
    sheet: str = ""
    encoding: str = ""
    repairs: tuple[dict[str, object], ...] = ()
    sha256: str = ""


@dataclass(frozen=True)
class Options:
    """What a caller knows about a file.

    Attributes
    ----------
    header : "auto" or None
        None for a file without column names.
    encoding, sheet : str or None
        Given instead of found.
    ragged : {"auto", "refuse"}
        Odd rows: set single ones of a long table aside, or always stop.
    totals : {"check", "keep"}
        Rows of totals: dropped where they are the sum of their rows, or kept.
    dates : {"", "dmy", "mdy", "ymd", "text"}
        Order of dates that can be read day or month first; "" stops and asks.
    known : frozenset of str
        Names that the header should hold.
    tidy : bool
        Bring columns of dates and numbers in Japanese notation into plain form, and number names that stand
        twice; without it they stop.
    """

    header: str | None = "auto"
    encoding: str | None = None
    sheet: str | None = None
    ragged: str = "auto"
    totals: str = "check"
    dates: str = ""
    known: frozenset[str] = field(default_factory=frozenset)
    tidy: bool = True


def read_table(
    path: str | Path,
    header: str | None = "auto",
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    ragged: str = "auto",
    totals: str = "check",
    dates: str = "",
    lang: str = "ja",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""Read the table of a file, whatever the file is, and tell everything that was mended.

    Parameters
    ----------
    path : str or Path
        Delimited text (UTF-8, UTF-16, CP932, EUC-JP, ISO-2022-JP; gzip too), a workbook (xlsx, strict or not,
        xls, ods, fods, XML Spreadsheet 2003), or a page with a table. What it is, the content decides, not
        the name.
    header : {"auto", None}
        "auto" finds the header, below titles and over several rows; None if the file has no column names:
        they become ``column_1``, ``column_2`` ...
    sheet : str, optional
        Sheet of a workbook; default: the first visible one that holds anything.
    encoding : str, optional
        Text encoding, instead of finding it.
    ragged : {"auto", "refuse"}
        Rows with too many or too few fields, or with a broken quotation, stop with their row numbers. With
        "auto", up to 2 % of the rows of a table of 50 rows or more are set aside instead, and told.
    totals : {"check", "keep"}
        Rows of totals are dropped where they are the sum of their rows, and stop where they are not; or kept.
    dates : {"", "dmy", "mdy", "ymd", "text"}
        Order of the dates of a column that can be read day first and month first alike: without it the file
        is refused; "text" leaves such columns as they are.
    lang : {"ja", "en"}
        Language of error texts.

    Returns
    -------
    frame : pandas.DataFrame
        Text cells; the index is the spreadsheet row. Identifiers keep their zeros. A column written entirely
        in Japanese notation (eras, full width, ▲, 円, 時間) is in plain form: ISO dates, plain numbers.
    repairs : pandas.DataFrame
        Columns file, rule, count, cells, before, after, detail.

    Raises
    ------
    DataContractError
        If the file cannot be read as a table without a guess; it names file, sheet, row, column, value, fix.
    ValueError
        If an option has another value than the above.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "t.csv"
    >>> _ = path.write_text("顧客番号;契約日\n001;令和6年4月1日\n002;令和元年5月1日\n", encoding="cp932")
    >>> frame, repairs = read_table(path)
    >>> frame.loc[2].tolist(), repairs["rule"].tolist()
    (['001', '2024-04-01'], ['encoding', 'delimiter', 'notation'])
    """
    for name, value, allowed in (
        ("header", header, ("auto", None)),
        ("ragged", ragged, ("auto", "refuse")),
        ("totals", totals, ("check", "keep")),
        ("dates", dates, ("", "dmy", "mdy", "ymd", "text")),
    ):
        if value not in allowed:
            raise ValueError(f"{name} must be one of {allowed}, not {value!r}")
    options = Options(header, encoding, sheet, ragged, totals, dates)
    path = Path(path)
    raw = read_raw(path, path.name, lang, options)
    repairs = pd.DataFrame(raw.repairs, columns=list(COLUMNS))
    repairs.insert(0, "file", raw.file)
    return raw.frame, repairs


def read_raw(path: Path, name: str, lang: str, options: Options | None = None) -> RawTable:
    """Read one file; `name` is how errors call it.

    Without options the header is looked for, odd rows stop, and cells stay as they were written.
    """
    options = options or Options(ragged="refuse", tidy=False)
    with _no_collection():
        return _read(path, name, lang, options)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold back the search for cycles: rows of text have none, and each search walks over all rows held."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _read(path: Path, name: str, lang: str, options: Options) -> RawTable:
    place, log = Place(name, lang), Log()
    try:
        check_size(path.stat().st_size, place)
        data = path.read_bytes()
    except OSError as error:
        raise place.fault("unreadable", reason=error.strerror or str(error)) from error
    sha256 = hashlib.sha256(data).hexdigest()
    content = [open_content(data, path.name, place, log)]
    del data
    grid, place, encoding, delimiter = _grid(content.pop(), place, log, options)
    found = find_header(grid, options.header, options.known, place, log)
    numbers_once(grid.rows, grid.merges, found.names, found.body, log)
    doubled = "number" if options.tidy else "refuse"
    rules = Rules(bool(options.known), options.totals, doubled)
    frame = table_of(grid, found, place, log, rules)
    _check_cells(frame, [c for row in grid.rows[found.first : found.body] for c in row], place)
    if frame.empty and options.tidy:
        raise place.fault("no_rows")
    if options.tidy:
        frame = with_points(frame, delimiter, log)
        frame = plain_columns(frame, place, log, options.dates)
    return RawTable(frame, name, place.sheet, encoding, tuple(log.entries), sha256)


def _grid(content: Content, place: Place, log: Log, options: Options) -> tuple[Grid, Place, str, str]:
    """Return the cells, their place, the encoding of a text and what parts its fields."""
    if content.kind not in ("text", "html"):
        return *read_sheet(open_book(content, place), place, log, options.sheet, options.known), "", ""
    text, encoding = decode(content.data, place, log, options.encoding)
    is_page = content.kind == "html"
    del content
    if is_page:
        grid, _ = read_sheet(open_html(text, place), place, log, options.sheet)
        return grid, place, encoding, ""
    hint, skipped = excel_hint(text)
    text = text[skipped:]
    if not text.strip():
        raise place.fault("empty_file")
    if (plain := unwrapped(text)) is not None:
        log.tell("row_quotes", before=text.split("\n", 1)[0], after=plain.split("\n", 1)[0])
        text = plain
    dialect = find_dialect(without_directives(text), options.known, hint)
    if dialect is None:
        raise place.fault("no_columns")
    if dialect.told():
        log.tell("delimiter", dialect.told(), before=",", after=dialect.told())
    records = read_records(text, dialect, first=2 if hint else 1)
    del text
    _check_width(records, place)
    grid = settle(records, dialect, place, log, options.ragged)
    return grid, place, encoding, dialect.delimiter


def _check_width(records: Records, place: Place) -> None:
    """Stop at rows of more columns than any spreadsheet has: each column takes a while to look through."""
    width = max(map(len, records.rows), default=0)
    if width > MAX_COLUMNS:
        row = next(
            line for cells, line in zip(records.rows, records.lines, strict=True) if len(cells) == width
        )
        raise place.fault("too_many_columns", row=row, columns=f"{width:,}", limit=f"{MAX_COLUMNS:,}")


def _check_cells(frame: pd.DataFrame, header: list[str], place: Place) -> None:
    """Stop at cells whose text was spoilt before it came here."""
    failures = [
        place.failure("spoilt_text", column=name, value=name, meant=meant or "?")
        for name in header
        if (meant := spoilt(name)) is not None
    ]
    failures += _spoilt(frame, place)
    failures += _errors(frame, place)
    if failures:
        raise DataContractError(failures)


def _errors(frame: pd.DataFrame, place: Place) -> Iterable[Failure]:
    """Yield the cells that hold an error of a spreadsheet, also where it was saved as text."""
    for name in frame.columns:
        wrong = frame[name].isin(EXCEL_ERRORS)
        for row in frame.index[wrong][:_MOST_SPOILT] if wrong.any() else ():
            yield place.failure("excel_error", row=int(row), column=str(name), value=str(frame.at[row, name]))


def _spoilt(frame: pd.DataFrame, place: Place) -> Iterable[Failure]:
    for name in frame.columns:
        if frame[name].str.isascii().all():
            continue
        meant = {cell: found for cell in frame[name].unique() if (found := spoilt(cell)) is not None}
        for row in frame.index[frame[name].isin(meant)][:_MOST_SPOILT] if meant else ():
            cell = str(frame.at[row, name])
            yield place.failure(
                "spoilt_text", row=int(row), column=str(name), value=cell, meant=meant[cell] or "?"
            )


__all__ = ["Dialect", "Options", "RawTable", "clean_name", "read_raw", "read_table"]
