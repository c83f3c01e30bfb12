"""The marker ``csanalysis.toml``: where a workspace is and what it chooses."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from csanalysis.errors import DataContractError, WorkspaceError
from csanalysis.io.writers import write_bytes_atomic
from csanalysis.labels import LANGUAGES, both
from csanalysis.schemas.contract import Origin
from csanalysis.schemas.events import NAME as EVENTS
from csanalysis.schemas.tables import OPTIONAL_TABLES, TABLES

MARKER = "csanalysis.toml"
MONEY_UNITS = {"JPY": 1.0, "1000JPY": 1000.0}
DEFAULT_AS_OF = date(2026, 4, 1)
"""Month 0 where the marker has no ``as_of``: April, when the fiscal year of most Japanese firms begins."""


@dataclass(frozen=True)
class Marker:
    """What ``csanalysis.toml`` says: language, chosen scenario, month 0, file names, unit of money."""

    lang: str = "ja"
    scenario: str = ""
    as_of: date = DEFAULT_AS_OF
    files: Mapping[str, str] = field(default_factory=dict)
    money: str = "JPY"


def find_workspace(start: str | Path | None = None) -> Path:
    """Return the folder of the workspace.

    Parameters
    ----------
    start : str or Path, optional
        A workspace folder. Without it: ``CSANALYSIS_WORKSPACE``, then the nearest folder upward from
        here that holds ``csanalysis.toml`` or ``data/csanalysis.toml``.

    Raises
    ------
    WorkspaceError
        If there is none; it says how to make one.
    """
    named = start or os.environ.get("CSANALYSIS_WORKSPACE")
    if named:
        folder = Path(named).expanduser()
        if (folder / MARKER).is_file():
            return folder.resolve()
        raise WorkspaceError(both("workspace.no_marker", folder=folder))
    here = Path.cwd()
    for folder in (here, *here.parents):
        for candidate in (folder, folder / "data"):
            if (candidate / MARKER).is_file():
                return candidate
    raise WorkspaceError(both("workspace.not_found", folder=here))


def read_marker(root: Path, lang: str | None = None) -> Marker:
    """Read and check ``csanalysis.toml``; `lang` is the language of errors, default its own or ja."""
    path = root / MARKER
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _marker_fault(lang, str(error)) from error
    own = content.get("lang", "ja")
    if own not in LANGUAGES:
        raise _marker_fault(lang, f"lang = {own!r}")
    lang = lang or own
    known = {"lang", "scenario", "as_of", "files", "units"}
    if set(content) - known:
        raise _marker_fault(lang, ", ".join(sorted(set(content) - known)))
    scenario, files = content.get("scenario", ""), content.get("files", {})
    units = content.get("units", {})
    money = units.get("money", "JPY") if isinstance(units, dict) else units
    unknown = set(units) - {"money"} if isinstance(units, dict) else {"units"}
    if unknown:
        raise _marker_fault(lang, f"[units] {', '.join(sorted(unknown))}")
    if not isinstance(money, str) or money not in MONEY_UNITS:
        raise _marker_fault(lang, f"[units] money = {money!r}")
    if not isinstance(scenario, str):
        raise _marker_fault(lang, f"scenario = {scenario!r}")
    as_of = _month(content.get("as_of"))
    if as_of is None:
        raise _marker_fault(lang, f"as_of = {content['as_of']!r}")
    if not isinstance(files, dict) or set(files) - {*TABLES, *OPTIONAL_TABLES, EVENTS}:
        raise _marker_fault(lang, f"[files] {files!r}")
    return Marker(own, scenario, as_of, {k: str(v) for k, v in files.items()}, money)


_SCENARIO_LINE = re.compile(r"""^(scenario[ \t]*=[ \t]*)("[^"\r\n]*"|'[^'\r\n]*')""", re.MULTILINE)
_FIRST_SECTION = re.compile(r"^[ \t]*\[", re.MULTILINE)


def choose_in_marker(root: Path, name: str) -> None:
    """Make a scenario the chosen one; everything else in the marker stays as it is, comments too.

    Parameters
    ----------
    root : Path
    name : str
        As `check_name` returns it.
    """
    path = root / MARKER
    content = path.read_bytes().decode("utf-8-sig")
    section = _FIRST_SECTION.search(content)
    head, rest = (content[: section.start()], content[section.start() :]) if section else (content, "")
    changed, found = _SCENARIO_LINE.subn(lambda line: f'{line[1]}"{name}"', head)
    if not found:
        changed = f'scenario = "{name}"\n{head}'
    whole = changed + rest
    try:
        is_right = tomllib.loads(whole) == {**tomllib.loads(content), "scenario": name}
    except tomllib.TOMLDecodeError:
        is_right = False
    if not is_right:
        raise _marker_fault(None, f"scenario = {name!r}")
    if whole != content:
        write_bytes_atomic(path, whole.encode())


def _month(entered: object) -> date | None:
    """Return the first day of a month given as ``"2026-04"``; None if it is no month."""
    if entered is None:
        return DEFAULT_AS_OF
    try:
        return datetime.strptime(str(entered), "%Y-%m").date()
    except ValueError:
        return None


def _marker_fault(lang: str | None, reason: str) -> DataContractError:
    known = lang if lang in LANGUAGES else "ja"
    return DataContractError([Origin(MARKER, "", known).failure("marker", reason=reason)])
