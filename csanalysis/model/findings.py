"""A finding: a label key and the computed values it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from csanalysis.labels import text

Shown = str | Callable[[str], str]
"""A text that is the same in both languages, or a function of the language."""


@dataclass(frozen=True)
class Finding:
    """One computed sentence, rendered in a language when it is shown.

    Attributes
    ----------
    key : str
        Label of the sentence.
    values : mapping
        Placeholder -> text, or function of the language that gives it.
    level : {"info", "warning", "question"}
        How much attention it asks for.
    source : str
        Citation key of the rule behind it; empty for plain arithmetic.
    """

    key: str
    values: Mapping[str, Shown] = field(default_factory=dict)
    level: str = "info"
    source: str = ""

    def sentence(self, lang: str) -> str:
        """Return the sentence in a language."""
        shown = {k: v(lang) if callable(v) else v for k, v in self.values.items()}
        sentence = text(self.key, lang, **shown).strip()
        # Names of columns that begin a Japanese sentence stay as they are written.
        return sentence if lang == "ja" else sentence[:1].upper() + sentence[1:]
