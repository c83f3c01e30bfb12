"""Offers join the rate card: the files of ``offers/`` of a workspace, or one file at a time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from csanalysis.errors import DataContractError, Failure
from csanalysis.io.provenance import Source
from csanalysis.io.readers import clean_name
from csanalysis.labels import term
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Parameter
from csanalysis.model.scenario import ParameterSpace
from csanalysis.schemas.columns import KEY_PATTERN
from csanalysis.schemas.contract import Origin
from csanalysis.workspace.price_sheet import FOLDER
from csanalysis.workspace.price_sheet_read import Offer, Told, read_offer
from csanalysis.workspace.price_sheet_rows import (
    OFFER_COLUMNS,
    Model,
    assumed_columns,
    cell_parameters,
    id_of,
    model_of,
    offer_row,
    resource_row,
)
from csanalysis.workspace.reading import Reading

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Placed:
    """An offer with its place on the rate card.

    Attributes
    ----------
    offer : Offer
    resource_id : str
    replaces : bool
        Whether a row of that key was there before.
    model : Model
        The resource that stands in for what the vendor cannot know.
    """

    offer: Offer
    resource_id: str
    replaces: bool
    model: Model


def read_price_sheet(ds: Dataset, path: str | Path, *, resource_id: str | None = None) -> Dataset:
    """Read a vendor's filled price sheet as a further resource.

    Prices and terms come from the sheet (grade ``vendor``, source ``quote: file, vendor``). What a vendor
    cannot know (productivity, rework, management, ramp-up) is taken from the first resource of the same kind
    on the rate card, else from the example's, and graded ``assumption``. What was mended, assumed or replaced
    stands in ``repairs`` of the result.

    Parameters
    ----------
    ds : Dataset
    path : str or Path
        A sheet made with `write_price_sheet`, in either language.
    resource_id : str, optional
        Key of the new resource; default: the file's name where the rate card has a row of that key (which
        is then replaced), else made from the plan's name, else from the vendor's. An offer read before
        under the same key is replaced.

    Returns
    -------
    Dataset
        With the offer in ``resources`` (JPY without tax, months) and ``offers``; `ds` stays as it is.

    Raises
    ------
    DataContractError
        With every fault: file, sheet, row, field, value and fix.

    Examples
    --------
    >>> import pathlib, tempfile, openpyxl
    >>> import csanalysis as cs
    >>> path = cs.write_price_sheet(pathlib.Path(tempfile.mkdtemp()) / "offer.xlsx", "en")
    >>> book = openpyxl.load_workbook(path)
    >>> entries = {"Company name *": "Sample Inc.", "Contract form *": "dispatch", "Price is per *": "hour"}
    >>> entries |= {"Price": 2800, "Amounts are stated *": "without tax"}
    >>> entries |= {"Handling of personal data *": "yes"}
    >>> for cell in book.active["B"]:
    ...     if cell.value in entries:
    ...         cell.offset(0, 1).value = entries[cell.value]
    >>> book.save(path)
    >>> ds = cs.read_price_sheet(cs.load_dataset("data", lang="en"), path)
    >>> ds.resources.set_index("resource_id").loc["sample", ["price", "productivity"]].tolist()
    [2800.0, 0.8]
    """
    path = Path(path)
    inside = path.resolve().is_relative_to(ds.root)
    file = path.resolve().relative_to(ds.root).as_posix() if inside else path.name
    data = _bytes_of(path, file, ds.lang)
    offer = read_offer(data, file, ds.lang)
    card, before = ds.tables["resources"], ds.offers
    files = {} if before is None else dict(zip(before["resource_id"], before["file"], strict=True))
    placed = _place(offer, card, files, ds.lang, chosen=resource_id, anew=True)
    return _with(ds, placed, _source(file, data), files.get(placed.resource_id))


def _with(ds: Dataset, placed: Placed, source: Source, old: str | None) -> Dataset:
    """Return the dataset with one offer more; `old` is the file of the offer it replaces."""
    tables, cells = joined(ds.tables, ds.space.parameters, [placed], ds.lang)
    space = ParameterSpace({**ds.space.parameters, **cells}, tables)
    sources = [s for s in ds.sources if not (s.table == FOLDER and s.file in (old, source.file))]
    told = [_log(source.file, *each) for each in tell(placed, ds.as_of)]
    return replace(
        ds,
        tables=tables,
        scenario=replace(ds.scenario, space=space),
        sources=(*sources, source),
        repair_log=pd.concat([ds.repair_log, pd.DataFrame(told)], ignore_index=True),
    )


def read_folder(reading: Reading, card: pd.DataFrame | None, as_of: date) -> list[Placed]:
    """Read every file of ``offers/``; faults and repairs are noted in `reading`.

    Without a rate card (it is at fault itself) the sheets are judged, but have no place.
    """
    placed: list[Placed] = []
    folder = reading.root / FOLDER
    files = sorted(p for p in folder.glob("*") if p.is_file() and not p.name.startswith(("~$", ".")))
    for path in files:
        file = f"{FOLDER}/{path.name}"
        if path.suffix.lower() != ".xlsx":
            reading.tell(file, "offer_not_read", [path.name])
            continue
        try:
            data = _bytes_of(path, file, reading.lang)
            offer = read_offer(data, file, reading.lang)
            reading.sources.append(_source(file, data))
            if card is None:
                continue
            known = {p.resource_id: p.offer.file for p in placed}
            placed.append(_place(offer, card, known, reading.lang))
        except DataContractError as error:
            reading.failures += error.failures
            continue
        for rule, details in tell(placed[-1], as_of):
            reading.tell(file, rule, details)
    return placed


def joined(
    tables: Tables, known: Mapping[str, Parameter], placed: Sequence[Placed], lang: str
) -> tuple[dict[str, pd.DataFrame], dict[str, Parameter]]:
    """Return the tables with the offers in them, and the parameters of the offers' cells.

    A replaced row stays where it was; the others follow the rate card. Where the table of parameters declares
    range and source of a cell that was replaced, the quote takes their place.
    """
    if not placed:
        return dict(tables), {}
    card, cells = tables["resources"], dict[str, Parameter]()
    rows = {p.resource_id: resource_row(p.offer, p.resource_id, p.model, lang) for p in placed}
    records = [rows.pop(str(r["resource_id"]), r) for r in card.to_dict("records")]
    for each in placed:
        cells |= cell_parameters(each.offer, each.resource_id, each.model, known, lang)
    new = pd.DataFrame([*records, *rows.values()], columns=card.columns).astype(card.dtypes.to_dict())
    offers = [offer_row(p.offer, p.resource_id) for p in placed]
    found = {**tables, "resources": new, "parameters": _declared(tables["parameters"], cells)}
    return found | {FOLDER: _offers(tables.get(FOLDER), offers)}, cells


def _offers(before: pd.DataFrame | None, rows: Iterable[dict[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame(list(rows), columns=list(OFFER_COLUMNS))
    table["valid_until"] = pd.to_datetime(table["valid_until"])
    if before is None:
        return table
    kept = before[~before["resource_id"].isin(table["resource_id"])]
    return pd.concat([kept, table], ignore_index=True) if len(kept) else table


def _declared(table: pd.DataFrame, cells: Mapping[str, Parameter]) -> pd.DataFrame:
    """Return the table of parameters, rows of replaced cells with source, grade and range of the offer."""
    table = table.copy()
    for index, key in table["key"].items():
        if key in cells:
            for column in ("unit", "low", "high", "role", "source", "grade", "label_ja", "label_en"):
                table.loc[index, column] = getattr(cells[key], column)
    return table


def _place(
    offer: Offer,
    card: pd.DataFrame,
    known: Mapping[str, str],
    lang: str,
    *,
    chosen: str | None = None,
    anew: bool = False,
) -> Placed:
    """Find the key of an offer; `known` are offers read before, with their files, `anew` may replace them."""
    stem = clean_name(Path(offer.file).stem)
    own = set(card["resource_id"]) - set(known)
    meant = chosen or (stem if stem in own else None)
    key = meant or id_of(str(offer.values.get("offer", offer.vendor)))
    kinds = dict(zip(card["resource_id"], card["kind"], strict=True))
    there = term("kind", kinds.get(key), lang)
    failure: Failure | None = None
    if chosen and not re.fullmatch(KEY_PATTERN, chosen):
        failure = offer.form.failure("offer_id_bad", "offer", value=chosen)
    elif (key in known and not anew) or (key in own and not meant):
        failure = offer.form.failure("offer_id_taken", "offer", value=key, place=known.get(key, "resources"))
    elif key in own and kinds[key] != offer.kind:
        shown = term("kind", offer.kind, lang)
        failure = offer.form.failure("offer_other_kind", "kind", value=shown, resource=key, there=there)
    if failure:
        raise DataContractError([failure])
    return Placed(offer, key, key in own or key in known, _model(offer, card, known, key, lang))


def _model(offer: Offer, card: pd.DataFrame, known: Mapping[str, str], key: str, lang: str) -> Model:
    same = card[(card["resource_id"] == key) & (card["kind"] == offer.kind)]
    return model_of(offer.kind, card if same.empty or key in known else same, frozenset(known), lang)


def tell(placed: Placed, as_of: date) -> list[Told]:
    """Return what the repairs log says about an offer."""
    offer, columns = placed.offer, ", ".join(assumed_columns(placed.offer))
    lang, day = offer.form.origin.lang, offer.valid_until
    told: list[Told] = [
        ("offer_read", (f"{placed.resource_id} ({offer.name}, {term('kind', offer.kind, lang)})",))
    ]
    if placed.replaces:
        told.append(("offer_replaces", (placed.resource_id,)))
    told += [("offer_assumed", (f"{placed.model.named}: {columns}",)), *offer.told]
    if day is not None and day < as_of:
        told.append(("offer_expired", (day.isoformat(),)))
    return told


def _log(file: str, rule: str, details: tuple[str, ...]) -> dict[str, object]:
    return {"file": file, "rule": rule, "count": len(details), "detail": ", ".join(details)}


def _bytes_of(path: Path, file: str, lang: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataContractError([Origin(file, "", lang).failure("unreadable", reason=reason)]) from error
    if not data:
        raise DataContractError([Origin(file, "", lang).failure("empty_file")])
    return data


def _source(file: str, data: bytes) -> Source:
    return Source(FOLDER, file, hashlib.sha256(data).hexdigest(), 1)
