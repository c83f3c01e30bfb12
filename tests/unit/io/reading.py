"""Short ways to read a text and to see what was told or why it was refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from csanalysis.errors import DataContractError
from csanalysis.io import read_table


def read(folder: Path, content: str, **options: object) -> pd.DataFrame:
    """Return the table; the repairs stand in ``attrs``, by rule."""
    path = folder / "t.csv"
    path.write_text(content, encoding="utf-8")
    frame, repairs = read_table(path, lang="en", **options)  # type: ignore[arg-type]
    frame.attrs["repairs"] = repairs.set_index("rule")
    return frame


def refused(folder: Path, content: str) -> str:
    """Return the message of the refusal."""
    with pytest.raises(DataContractError) as caught:
        read(folder, content)
    return str(caught.value)
