"""A small company with every kind of dirt in its log, written to disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

Write = Callable[..., Path]
EVENT_COLUMNS = ["account_id", "timestamp", "event", "count"]
CONTRACTS = pd.DataFrame(
    [
        ("A", "2025-01-10", "", "100"),
        ("B", "2025-01-10", "2026-01-09", "200"),
        ("C", "2025-06-01", "", "50"),
    ],
    columns=["account_id", "start_date", "end_date", "mrr"],
)


@pytest.fixture
def company(tmp_path: Path) -> Write:
    """Return a function that writes contracts and log files into a folder: name -> rows of events."""

    def write(contracts: pd.DataFrame = CONTRACTS, **files: list[tuple[object, ...]]) -> Path:
        folder = tmp_path / "crm"
        (folder / "usage_events" if files else folder).mkdir(parents=True, exist_ok=True)
        contracts.to_csv(folder / "accounts.csv", index=False)
        for name, rows in files.items():
            frame = pd.DataFrame(rows, columns=EVENT_COLUMNS)
            frame.to_csv(folder / "usage_events" / f"{name}.csv", index=False)
        return folder

    return write
