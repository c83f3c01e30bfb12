"""Names of scenarios: file names on every system, arguments of ``--scenario``, headings of a table."""

from __future__ import annotations

import re
import unicodedata

from csanalysis.errors import WorkspaceError
from csanalysis.labels import text

LONGEST = 60
_ALLOWED = re.compile(r"\w[\w ()・-]*")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_MOST_BYTES = 180


def check_name(name: str, lang: str = "ja") -> str:
    """Return a name in its normal form: full-width letters, brackets and spaces as plain ones.

    Raises
    ------
    WorkspaceError
        If a file cannot have it on Windows, macOS or Linux, or it could be taken for something else.

    Examples
    --------
    >>> check_name(" 解約 3% ".replace("%", "pct"))
    '解約 3pct'
    >>> check_name("案（仮）　２")
    '案(仮) 2'
    """
    normal = unicodedata.normalize("NFKC", name).strip()
    fits = len(normal) <= LONGEST and len(normal.encode()) <= _MOST_BYTES
    if not fits or not _ALLOWED.fullmatch(normal) or _RESERVED.fullmatch(normal):
        raise WorkspaceError(text("scenario.bad_name", lang, name=name, longest=LONGEST))
    return normal
