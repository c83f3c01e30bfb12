from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from csanalysis.costing.scope import playbook_assignment
from csanalysis.workspace import example_dir, load_dataset


@pytest.fixture(scope="session")
def held() -> tuple[Any, Any, dict[str, Any]]:
    """The example, its defaults, and the plan that the pages show, held fixed."""
    ds = load_dataset(example_dir(), lang="en")
    return ds, ds.base, {"assignment": playbook_assignment(ds, ds.base), "baseline": "in_house"}


@pytest.fixture
def two() -> pd.DataFrame:
    """Two inputs of one's own, uniform between 0 and 1."""
    return pd.DataFrame({"key": ["x", "y"], "low": 0.0, "high": 1.0, "distribution": "uniform"})
