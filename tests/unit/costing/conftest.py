"""Workspaces with changed tables: written to disk and read back as an analyst's would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from csanalysis.model.dataset import Dataset
from csanalysis.workspace import create_workspace, load_dataset

Cells = Mapping[str, Mapping[str, object]]
Changed = Callable[..., Dataset]
_KEYS = {"resources": "resource_id", "task_inventory": "task_id", "parameters": "key"}


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    """Return a maker of workspaces: ``changed(resources={"bpo": {"block": 10}}, drop={...}, add={...})``.

    `drop` names rows to leave out by table, `add` whole files to add by name; there are no contract periods.
    """

    def make(
        drop: Mapping[str, list[str]] | None = None, add: Mapping[str, str] | None = None, **tables: Cells
    ) -> Dataset:
        root = create_workspace(tmp_path / f"w{len(list(tmp_path.iterdir()))}", "en")
        for name, key in _KEYS.items():
            path = root / f"{name}.csv"
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
            frame = frame[~frame[key].isin((drop or {}).get(name, []))].set_index(key, drop=False)
            for row, cells in tables.get(name, {}).items():
                for column, value in cells.items():
                    assert row in frame.index, row
                    frame.loc[row, column] = str(value)
            frame.to_csv(path, index=False)
        for name, content in (add or {}).items():
            (root / f"{name}.csv").write_text(content, encoding="utf-8")
        return load_dataset(root)

    return make


@pytest.fixture(scope="session")
def plan() -> dict[str, str]:
    """The hand-over of the worked example: onboarding sessions and renewal confirmation to the BPO."""
    tasks = ("onb_session_prepare", "onb_session_deliver", "onb_session_followup", "onb_progress_update")
    return dict.fromkeys((*tasks, "rnw_notice", "rnw_intent_confirm"), "bpo")
