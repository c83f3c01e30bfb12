"""Keys that point from one table to another, locks, and traits: what leads nowhere is named with its row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from csanalysis.errors import Failure
from csanalysis.model.dataset import Dataset
from csanalysis.schemas.contract import Origin
from csanalysis.schemas.links import cell_exists, check_links
from csanalysis.schemas.lock_rules import LockProblem, check_locks, lock_problems, locks_of
from csanalysis.schemas.trait_rules import is_rating, is_share, nearest, scale_text, trait_scale
from csanalysis.vocabulary import TRAITS

NAMES = (
    "task_inventory",
    "resources",
    "segments",
    "accounts",
    "parameters",
    "actuals",
    "suitability",
    "ratings",
)
ORIGINS = {name: Origin(f"{name}.csv", "", "en") for name in NAMES}
SEGMENTS = pd.DataFrame({"row": [2, 3], "segment": ["smb", "ent"], "accounts": [400.0, 39.0]})


def failures(example: Dataset, **changed: pd.DataFrame | None) -> list[Failure]:
    tables = {
        name: example.tables[name] for name in ("task_inventory", "resources", "parameters", "suitability")
    }
    tables |= {name: frame for name, frame in changed.items() if frame is not None}
    for name in [name for name, frame in changed.items() if frame is None]:
        del tables[name]
    return list(check_links(tables, ORIGINS))


def put(frame: pd.DataFrame, at: int, **cells: object) -> pd.DataFrame:
    changed = frame.copy()
    for name, value in cells.items():
        changed.loc[changed.index[at], name] = value
    return changed


def test_the_example_leads_everywhere(example: Dataset) -> None:
    assert failures(example) == []
    assert failures(example, resources=None, suitability=None, parameters=None) == []
    assert list(check_links({}, ORIGINS)) == []


def test_resources_of_tasks_must_be_on_the_rate_card(example: Dataset) -> None:
    tasks, rates = example.tables["task_inventory"], example.tables["resources"]
    known = ", ".join(sorted(rates["resource_id"]))
    for column in ("lock_resource", "current_resource"):
        told = {"row": int(tasks["row"].iloc[4]), "column": column, "value": "nobody", "known": known}
        assert failures(example, task_inventory=put(tasks, 4, **{column: "nobody"})) == [
            ORIGINS["task_inventory"].failure("unknown_resource", **told)
        ]
    without = rates.assign(kind=rates["kind"].replace("csm", "intern"))
    assert ORIGINS["resources"].failure("no_csm", column="kind") in failures(example, resources=without)


def test_segments_are_known_reserved_and_add_up(example: Dataset) -> None:
    tasks = example.tables["task_inventory"]
    there = put(tasks, 1, segment="smb")
    unknown = {"row": int(tasks["row"].iloc[1]), "column": "segment", "value": "smb"}
    assert failures(example, task_inventory=there) == [
        ORIGINS["task_inventory"].failure("unknown_segment", **unknown, known="all")
    ]
    assert failures(example, task_inventory=put(tasks, 1, segment="all")) == []
    assert failures(example, task_inventory=there, segments=SEGMENTS) == []
    unknown["value"] = "big"
    assert failures(example, task_inventory=put(tasks, 1, segment="big"), segments=SEGMENTS) == [
        ORIGINS["task_inventory"].failure("unknown_segment", **unknown, known="ent, smb")
    ]
    accounts = pd.DataFrame({"row": [2, 3], "segment": ["smb", "x"]})
    assert failures(example, accounts=accounts, segments=SEGMENTS) == [
        ORIGINS["accounts"].failure("unknown_segment", row=3, column="segment", value="x", known="ent, smb")
    ]
    assert failures(example, accounts=accounts) == []
    for word in ("shared", "all"):
        found = failures(example, segments=put(SEGMENTS, 1, segment=word))
        assert found == [ORIGINS["segments"].failure("reserved_segment", row=3, column="segment", value=word)]
    alone = SEGMENTS.head(1).assign(segment="all", accounts=439.0)
    assert failures(example, segments=alone) == []


@pytest.mark.parametrize(("more", "count"), [(0.0, 0), (0.5, 0), (-0.5, 0), (0.6, 1), (-1.0, 1)])
def test_accounts_of_segments_add_up_to_the_parameter(example: Dataset, more: float, count: int) -> None:
    found = failures(example, segments=SEGMENTS.assign(accounts=[400.0, 39.0 + more]))
    told = {"value": f"{439 + more:g}", "total": f"{439 + more:g}", "parameter": "439"}
    assert found == [ORIGINS["segments"].failure("segment_sum", column="accounts", **told)] * count
    unread = put(example.tables["parameters"], 0, key="accounts", default="many")
    assert not [f for f in failures(example, segments=SEGMENTS, parameters=unread) if f.column == "accounts"]
    rest = example.tables["parameters"].query("key != 'accounts'")
    assert not [f for f in failures(example, segments=SEGMENTS, parameters=rest) if f.file == "segments.csv"]


def test_parameters_are_known_and_complete(example: Dataset) -> None:
    table = example.tables["parameters"]
    row = int(table["row"].iloc[2])
    name = str(table["key"].iloc[2])
    near = put(table, 2, key=f"{name}x")
    assert failures(example, parameters=near) == [
        ORIGINS["parameters"].failure(
            "unknown_parameter", row=row, column="key", value=f"{name}x", near=name
        ),
        ORIGINS["parameters"].failure("missing_parameter", column="key", value=name),
    ]
    far = put(table, 2, key="@@@@")
    assert failures(example, parameters=far)[0].fix == (
        ORIGINS["parameters"].failure("unknown_parameter", row=row, column="key", value="@@@@", near="-").fix
    )


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("resources.bpo.price", True),
        ("tasks.onb_session_deliver.minutes", True),
        ("resources.nobody.price", False),
        ("resources.bpo.kind", False),
        ("resources.bpo.colour", False),
        ("benchmarks.bpo.price", False),
        ("resources.price", False),
        ("resources.bpo.price.low", False),
    ],
)
def test_a_cell_key_names_a_number(example: Dataset, name: str, there: bool) -> None:
    assert cell_exists(name, example.tables) == there
    assert cell_exists("resources.anybody.price", {})


def test_hours_spent_belong_to_tasks_and_resources(example: Dataset) -> None:
    spent = pd.DataFrame(
        {
            "row": [2, 3, 4],
            "task_id": ["onb_session_deliver", "onb_session_delive", "@@"],
            "resource_id": ["", "bpoo", "bpo"],
        }
    )
    found = failures(example, actuals=spent)
    origin = ORIGINS["actuals"]
    tasks = ", ".join(sorted(example.tables["task_inventory"]["task_id"]))
    told = {"column": "task_id", "value": "onb_session_delive", "known": "onb_session_deliver"}
    assert found == [
        origin.failure("unknown_task_id", row=3, **told),
        origin.failure("unknown_task_id", row=4, column="task_id", value="@@", known=tasks),
        origin.failure("unknown_resource", row=3, column="resource_id", value="bpoo", known="bpo"),
    ]
    assert [f.column for f in failures(example, actuals=spent, resources=None, suitability=None)] == [
        "task_id"
    ] * 2


TASKS = pd.DataFrame(
    {
        "row": range(2, 9),
        "task_id": list("abcdefg"),
        "bundle_id": ["x", "x", "x", "", "", "y", "y"],
        "lock_resource": ["", "csm", "bpo", "intern", "", "", "intern"],
        "personal_data": [1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0],
    }
)
RATES = pd.DataFrame({"resource_id": ["csm", "bpo", "intern"], "personal_data_allowed": [1.0, 1.0, 0.0]})


def test_locks_that_cannot_be_kept() -> None:
    """b locks its bundle, so c contradicts; d and the bundle of g go where data of persons may not."""
    assert locks_of(TASKS).tolist() == ["csm", "csm", "bpo", "intern", "", "intern", "intern"]
    assert lock_problems(TASKS, RATES) == [
        LockProblem("two_locks", 2, "c", "bpo", "csm"),
        LockProblem("lock_persons", 3, "d", "intern", "d"),
        LockProblem("lock_persons", 5, "f", "intern", "y"),
    ]
    found = list(check_locks({"task_inventory": TASKS, "resources": RATES}, ORIGINS))
    origin = ORIGINS["task_inventory"]
    assert found == [
        origin.failure("two_locks", row=4, column="lock_resource", value="bpo", task="c", other="csm"),
        origin.failure("lock_persons", row=5, column="lock_resource", value="intern", task="d", other="d"),
        origin.failure("lock_persons", row=7, column="lock_resource", value="intern", task="f", other="y"),
    ]
    tables: list[Mapping[str, pd.DataFrame]] = [{"task_inventory": TASKS}, {"resources": RATES}]
    assert [list(check_locks(each, ORIGINS)) for each in tables] == [[], []]


def test_every_kind_is_judged_on_every_trait(example: Dataset) -> None:
    table, origin = example.tables["suitability"], ORIGINS["suitability"]
    kind = str(table["kind"].iloc[0])
    own = table["kind"] == kind
    less = table[~(own & table["trait"].isin(TRAITS[1:3]))]
    first = int(table.loc[own, "row"].iloc[0])
    told = {"row": first, "column": "trait", "value": kind, "traits": ", ".join(TRAITS[1:3])}
    assert failures(example, suitability=less) == [origin.failure("missing_traits", **told)]
    idle = table.assign(weight=np.where(own, 0.0, table["weight"]))
    assert failures(example, suitability=idle) == [
        origin.failure("no_weight", row=first, column="weight", value=kind)
    ]
    assert failures(example, suitability=table[~own]) == [
        origin.failure("kind_not_judged", column="kind", value=kind)
    ]
    assert failures(example, suitability=table[~own], resources=None) == []


def test_ratings_stand_on_the_scale_of_their_trait(example: Dataset) -> None:
    rated = pd.DataFrame(
        {
            "row": range(2, 9),
            "task_id": ["onb_session_deliver"] * 6 + ["onb_session_deliverx"],
            "trait": [
                "value_added",
                "value_added",
                "value_added",
                "lead_days",
                "lead_days",
                "standardised",
                "value_added",
            ],
            "value": [1.0, 5.0, 5.5, 900.0, -1.0, 1.5, 3.0],
        }
    )
    origin = ORIGINS["ratings"]
    near = {"value": "onb_session_deliverx", "near": "onb_session_deliver"}
    expected = [
        origin.failure("out_of_range", row=4, column="value", value="5.5", bound="1 .. 5"),
        origin.failure("out_of_range", row=6, column="value", value="-1", bound=">= 0"),
        origin.failure("out_of_range", row=7, column="value", value="1.5", bound="0 .. 1"),
        origin.failure("rated_task", row=8, column="task_id", **near),
    ]
    assert failures(example, ratings=rated) == expected
    bare = {"resources": None, "suitability": None, "parameters": None, "task_inventory": None}
    assert failures(example, ratings=rated, **bare) == expected[:3]
    assert nearest("zzz", ["a"]) == "-" and nearest("tasc", ["task", "x"]) == "task"


def test_scales_of_traits() -> None:
    assert trait_scale("value_added") == (1, 5) and trait_scale("lead_days") == (0, np.inf)
    assert [scale_text(t) for t in ("value_added", "lead_days", "standardised")] == [
        "1 .. 5",
        ">= 0",
        "0 .. 1",
    ]
    assert [is_rating(t) for t in ("value_added", "lead_days", "standardised")] == [True, False, False]
    assert [is_share(t) for t in ("value_added", "lead_days", "standardised")] == [False, False, True]
