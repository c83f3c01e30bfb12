"""A dataset hands out its tables, says None for those it has not, and cannot be changed from outside."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from csanalysis.model.dataset import Dataset

REQUIRED = {"tasks": "task_inventory", "resources": "resources", "suitability": "suitability"}
REQUIRED |= {name: name for name in ("parameters", "benchmarks", "playbook")}
OPTIONAL = ("segments", "season_profiles", "accounts", "offers", "ratings", "actuals")


@pytest.mark.parametrize(("name", "table"), REQUIRED.items())
def test_tables_are_handed_out_as_copies(example: Dataset, name: str, table: str) -> None:
    handed = getattr(example, name)
    pd.testing.assert_frame_equal(handed, example.tables[table])
    handed["row"] = -1
    assert (example.tables[table]["row"] > 0).all()


@pytest.mark.parametrize("name", OPTIONAL)
def test_a_table_that_is_not_there_is_none(example: Dataset, name: str) -> None:
    rest = {key: frame for key, frame in example.tables.items() if key != name}
    assert getattr(replace(example, tables=rest), name) is None
    one = pd.DataFrame({"a": [1]})
    pd.testing.assert_frame_equal(getattr(replace(example, tables={**rest, name: one}), name), one)


def test_language_scenario_and_repairs(example: Dataset) -> None:
    assert example.with_language("ja").lang == "ja" and example.lang == "en"
    with pytest.raises(ValueError):
        example.with_language("fr")
    assert (
        example.base.name == "" and example.base.changed() == {} and example.space is example.scenario.space
    )
    repairs = example.repairs
    repairs["rule"] = "x"
    assert not (example.repair_log["rule"] == "x").any() or example.repair_log.empty
    assert example.pseudonyms == {} and "pseudonyms" not in repr(example)
