"""Labels: two languages for everything on screen, the same placeholders, no key used that is not there."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from csanalysis import labels, vocabulary

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PACKAGE = Path(labels.__file__).parent


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", labels.keys())
def test_both_languages_say_the_same(key: str) -> None:
    ja, en = (labels.text(key, lang) for lang in labels.LANGUAGES)
    assert placeholders(ja) == placeholders(en)
    assert not JAPANESE.search(en)


def test_keys_written_in_the_code_exist() -> None:
    call = re.compile(r"""\b(?:text|both)\(\s*"([a-z_]+\.[a-z_.]+)\"""")
    used = {m for path in PACKAGE.rglob("*.py") for m in call.findall(path.read_text(encoding="utf-8"))}
    assert used and used <= set(labels.keys())


def test_vocabulary_on_screen_has_labels() -> None:
    for name, terms in (
        ("phase", vocabulary.Phase),
        ("stage", vocabulary.Stage),
        ("grade", vocabulary.Grade),
        ("kind", vocabulary.ResourceKind),
        ("quadrant", vocabulary.Quadrant),
    ):
        for term in terms:
            assert labels.has(f"{name}.{term}"), term


def test_unknown_language_and_key_are_named() -> None:
    with pytest.raises(ValueError, match="fr"):
        labels.text("phase.growth", "fr")
    with pytest.raises(KeyError, match=r"no\.such"):
        labels.text("no.such", "ja")


@pytest.mark.parametrize(
    ("value", "ja", "en"),
    [
        (0, "0円", "JPY 0"),
        (9_999, "9,999円", "JPY 9,999"),
        (-451_000, "-45.1万円", "JPY -451k"),
        (1e9, "10億円", "JPY 1B"),
    ],
)
def test_money(value: float, ja: str, en: str) -> None:
    assert (labels.money(value, "ja"), labels.money(value, "en")) == (ja, en)
