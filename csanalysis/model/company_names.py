"""Names of companies without their legal form, as people write them in sentences."""

from __future__ import annotations

import re
import unicodedata

_LEGAL_FORMS = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|(一般|公益)(社団|財団)法人|\((株|有|同|資|名|社|財|一社|一財)\)"
    r"|\b(co\.,? ?ltd|inc|k\.k|ltd|llc|corp)\b\.?|\bcorporation\b"
)


def folded(name: str) -> str:
    """Return a name in one width and in small letters.

    Examples
    --------
    >>> folded("ＡＣＭＥ㈱")
    'acme(株)'
    """
    return unicodedata.normalize("NFKC", name).casefold().strip()


def without_legal_form(name: str) -> str:
    """Return a folded name without its legal form; as it is where nothing else would be left.

    Examples
    --------
    >>> [without_legal_form(n) for n in ("株式会社アルファ商事", "ベータ㈱", "ACME Co., Ltd.", "株式会社")]
    ['アルファ商事', 'ベータ', 'acme', '株式会社']
    """
    plain = folded(name)
    return _LEGAL_FORMS.sub(" ", plain).strip(" ,・") or plain
