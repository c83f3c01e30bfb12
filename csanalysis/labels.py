"""Everything an analyst sees on screen, in Japanese and English.

Texts live in ``csanalysis/resources/labels/*.toml`` (one file per area) as ``["key"]`` tables with
the entries ``ja`` and ``en``. They are part of the package, not of a workspace.
"""

from __future__ import annotations

import functools
import math
import tomllib
from importlib import resources
from typing import Any

LANGUAGES = ("ja", "en")


@functools.cache
def _texts() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {}
    folder = resources.files("csanalysis") / "resources" / "labels"
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if not entry.name.endswith(".toml"):
            continue
        for key, pair in tomllib.loads(entry.read_text(encoding="utf-8")).items():
            if key in texts:
                raise ValueError(f"label {key!r} stands twice, the second time in {entry.name}")
            if set(pair) != set(LANGUAGES):
                raise ValueError(f"label {key!r} in {entry.name} needs exactly the languages {LANGUAGES}")
            texts[key] = pair
    return texts


def keys() -> tuple[str, ...]:
    """Return all label keys, sorted."""
    return tuple(sorted(_texts()))


def has(key: str) -> bool:
    """Tell whether a label exists."""
    return key in _texts()


def check_language(lang: str) -> str:
    """Return `lang` if it is a known language.

    Raises
    ------
    ValueError
        If `lang` is not one of ``ja`` and ``en``.

    Examples
    --------
    >>> check_language("en")
    'en'
    """
    if lang not in LANGUAGES:
        raise ValueError(f"lang must be one of {', '.join(LANGUAGES)}, not {lang!r}")
    return lang


def text(key: str, lang: str = "ja", /, **values: Any) -> str:
    """Return the text of `key` in `lang`, with ``{placeholders}`` filled from `values`.

    Raises
    ------
    KeyError
        If there is no such label.

    Examples
    --------
    >>> text("phase.growth", "en")
    'growth'
    """
    check_language(lang)
    try:
        template = _texts()[key][lang]
    except KeyError:
        raise KeyError(f"no label {key!r} in csanalysis/resources/labels") from None
    return template.format(**values) if values else template


def both(key: str, /, **values: Any) -> str:
    """Return the English and the Japanese text in one line, for errors raised to Python callers."""
    return f"{text(key, 'en', **values)} / {text(key, 'ja', **values)}"


def term(vocabulary: str, value: object, lang: str = "ja") -> str:
    """Return the label of a vocabulary term; a term without label is shown as entered."""
    key = f"{vocabulary}.{value}"
    return text(key, lang) if has(key) else str(value)


def number(value: float, digits: int = 0) -> str:
    """Format a number with thousands separators and `digits` decimals (both languages alike).

    Examples
    --------
    >>> number(1234.567, 1)
    '1,234.6'
    """
    shown = f"{value:,.{digits}f}"
    return shown[1:] if shown.startswith("-") and not any(c in "123456789" for c in shown) else shown


def trimmed(value: float, digits: int) -> str:
    """Format a number with at most `digits` decimals, without trailing zeros.

    Examples
    --------
    >>> trimmed(45.0, 1), trimmed(3.05, 2), trimmed(100, 0)
    ('45', '3.05', '100')
    """
    shown = number(value, digits)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def percent(ratio: float, digits: int = 1) -> str:
    """Format a ratio as percent, with at most `digits` decimals.

    Examples
    --------
    >>> percent(0.0284, 2), percent(0.35, 2)
    ('2.84 %', '35 %')
    """
    return f"{trimmed(100 * ratio, digits)} %"


def money(value: float, lang: str = "ja") -> str:
    """Format an amount of JPY as boards read it: 億円 / 万円 in Japanese, JPY with B, M and k in English.

    Parameters
    ----------
    value : float
        Amount in JPY.
    lang : {"ja", "en"}

    Examples
    --------
    >>> money(300_300_000, "ja"), money(23_760_000, "ja"), money(451_000, "ja"), money(3_000, "ja")
    ('3億円', '2,376万円', '45.1万円', '3,000円')
    >>> money(300_300_000, "en"), money(451_000, "en"), money(3_000, "en")
    ('JPY 300.3M', 'JPY 451k', 'JPY 3,000')
    """
    check_language(lang)
    size = abs(value)
    if lang == "ja":
        if size >= 1e8:
            return f"{trimmed(value / 1e8, 2)}億円"
        if size >= 1e4:
            return f"{trimmed(value / 1e4, 0 if size >= 1e6 else 1)}万円"
        return f"{number(value)}円"
    if size >= 1e9:
        return f"JPY {trimmed(value / 1e9, 2)}B"
    if size >= 1e6:
        return f"JPY {trimmed(value / 1e6, 1)}M"
    if size >= 1e4:
        return f"JPY {number(value / 1e3)}k"
    return f"JPY {number(value)}"


def quantity(value: float, unit: str, lang: str = "ja") -> str:
    """Format a value with its unit; money and ratios as boards read them, no value as a dash.

    Parameters
    ----------
    value : float
    unit : str
        Such as ``JPY/year``, ``ratio/month``, ``accounts/head``: base unit, then what it is per.
    lang : {"ja", "en"}

    Examples
    --------
    >>> quantity(97.9, "accounts/head", "ja"), quantity(0.0284, "ratio/month", "en")
    ('97.9 社/人', '2.84 %/month')
    >>> quantity(450_000, "JPY/head/month", "en"), quantity(0.08, "ratio", "en")
    ('JPY 450k/person/month', '8 %')
    """
    if not math.isfinite(value):
        return "-"
    base, *per = unit.split("/")
    suffix = "".join(f"/{term('per', part, lang)}" for part in per)
    if base == "JPY":
        return money(value, lang) + suffix
    one = f"unit_one.{base}"
    name = text(one, lang) if value == 1 and has(one) else term("unit", base, lang)
    value, digits = (100 * value, 2) if base == "ratio" else (value, 1 if abs(value) >= 10 else 2)
    return f"{_short(value, digits)} {name}".rstrip() + suffix


def interval(low: float, high: float, unit: str, lang: str = "ja") -> str:
    """Return a range with its base unit, empty without both ends; what it is per is said elsewhere.

    Examples
    --------
    >>> interval(0.06, 0.1, "ratio", "en"), interval(100, 1000, "account/head", "ja")
    ('6 to 10 %', '100〜1,000 社')
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    base = unit.split("/")[0]
    least, most = (quantity(end, base, lang) for end in (low, high))
    return text("unit.interval", lang, low=least if base == "JPY" else least.split(" ")[0], high=most)


def unit_name(unit: str, lang: str = "ja") -> str:
    """Return the name of a unit, each part translated.

    Examples
    --------
    >>> unit_name("JPY/year", "ja"), unit_name("ratio/month", "en")
    ('円/年', '%/month')
    """
    base, *per = unit.split("/")
    return "/".join([term("unit", base, lang), *(term("per", part, lang) for part in per)])


def _short(value: float, digits: int) -> str:
    shown = number(value, digits)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
