"""Messages on the terminal, in English and Japanese on one line; nothing else writes to it."""

from __future__ import annotations

import sys


class SetupError(Exception):
    """The set-up cannot go on; the message says why and what to do."""


def say(english: str, japanese: str = "") -> None:
    """Write one line to standard error (standard output belongs to the commands)."""
    line = f"{english} / {japanese}" if japanese else english
    write(f"csanalysis: {line}\n")


def write(text: str) -> None:
    """Write `text` to standard error, with question marks for what its encoding cannot show."""
    encoding = sys.stderr.encoding or "ascii"
    sys.stderr.write(text.encode(encoding, "replace").decode(encoding))
    sys.stderr.flush()
