"""Tables of sensitivity: the figures of the results, with unit, evidence and source, in one language each."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.labels import percent, quantity
from csanalysis.tables import Html

DATA = Path(__file__).parents[2] / "data"
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
EVIL = "<script>alert(1)</script>"
TABLES: dict[str, Callable[[SimpleNamespace, str], Html]] = {
    "factors": lambda found, lang: cs.tables.factors(found.moved, lang),
    "factors of a sample": lambda found, lang: cs.tables.factors(found.spread, lang),
    "tornado": lambda found, lang: cs.tables.tornado(found.moved, lang),
    "monte_carlo": lambda found, lang: cs.tables.monte_carlo(found.spread, lang),
    "sobol": lambda found, lang: cs.tables.sobol(found.indices, lang),
    "break_even": lambda found, lang: cs.tables.break_even(found.pair, lang),
    "failure_map": lambda found, lang: cs.tables.failure_map(found.failures, lang),
}


@pytest.fixture(scope="module")
def found() -> SimpleNamespace:
    ds = cs.load_dataset(DATA)
    held = {"assignment": cs.playbook_assignment(ds, ds.base), "baseline": "in_house"}
    return SimpleNamespace(
        moved=cs.tornado("npv", ds, **held),
        spread=cs.monte_carlo(["npv", "heads_required"], ds, n=2**10, **held),
        indices=cs.sobol("npv", ds, n=2**6, **held),
        pair=cs.heat_map("npv", ds, None, "resources.bpo.price", "effort", **held),
        failures=cs.failure_map("npv", ds, n=2**11, **held),
    )


def rows(table: Html) -> list[list[str]]:
    """Return the cells of a table, the header first."""
    lines = re.findall("<tr>(.*?)</tr>", table.html)
    cell = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>")
    return [[unescape(shown) for shown in cell.findall(line)] for line in lines]


def by_name(table: Html) -> dict[str, dict[str, str]]:
    head, *found = rows(table)
    return {line[0]: dict(zip(head, line, strict=True)) for line in found}


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_whole_and_speak_one_language(found: SimpleNamespace, name: str) -> None:
    japanese, english = (TABLES[name](found, lang) for lang in ("ja", "en"))
    assert not JAPANESE.search(english.html) and JAPANESE.search(japanese.html)
    for table in (japanese, english):
        lines = rows(table)
        assert len(lines) > 1 and all(len(line) == len(lines[0]) for line in lines)
        assert "_" not in " ".join(lines[0]), "a header without label"


def test_ranges_stand_as_sampled_with_how_far_they_were_widened(found: SimpleNamespace) -> None:
    """2,000 to 5,000 around 3,000 with the grade assumption is sampled from 1,000 to 7,000."""
    table = by_name(cs.tables.factors(found.moved, "en"))
    price = table["BPO price per hour"]
    assert price["Range varied"] == "JPY 1,000 to JPY 7,000/hour"
    assert (price["Range widened"], price["Distribution"], price["Evidence"]) == (
        "2 times",
        "triangular",
        "assumption",
    )
    assert price["Source"].startswith("assumption: nearest public price")
    assert (
        table["Monthly churn" if "Monthly churn" in table else "monthly churn"]["Range widened"]
        == "1.5 times"
    )
    assert len(table) == len(found.moved.factors)


def test_the_tornado_table_holds_what_moves_and_counts_the_rest(found: SimpleNamespace) -> None:
    table = cs.tables.tornado(found.moved, "en")
    frame = found.moved.to_frame()
    price, lines = frame.iloc[0], by_name(table)
    line = lines["BPO price per hour"]
    assert line["At low end"] == quantity(price["at_low"], "JPY", "en")
    assert line["Changes at"] == quantity(price["flips_at"], "JPY/hour", "en")
    idle = len(frame) - len(lines)
    assert idle > 0 and f"no difference: {idle}" in table.html


def test_every_figure_of_a_sample_stands_with_its_error(found: SimpleNamespace) -> None:
    head, *lines = rows(cs.tables.monte_carlo(found.spread, "en"))
    assert head == ["Figure", "net present value", "heads required"]
    record = found.spread.to_frame().iloc[0]
    error = quantity(record["mean_error"], "JPY", "en")
    assert lines[0][1] == f"{quantity(record['mean'], 'JPY', 'en')} ± {error}"
    assert lines[-2][1].startswith(percent(record["p_positive"])) and " to " in lines[-2][1]
    assert "±" in lines[-1][1] and "10 %" in lines[-1][0]


def test_the_inputs_to_measure_are_numbered(found: SimpleNamespace) -> None:
    head, *lines = rows(cs.tables.sobol(found.indices, "en"))
    at = head.index("Measure")
    numbered = {line[at]: line[0] for line in lines if line[at]}
    labels = {factor.key: factor.label("en") for factor in found.indices.factors}
    assert numbered == {str(n): labels[key] for n, key in enumerate(found.indices.measure_next, 1)}


def test_conditions_have_their_limits(found: SimpleNamespace) -> None:
    head, *lines = rows(cs.tables.failure_map(found.failures, "en"))
    boxes = [*found.failures.boxes, *([found.failures.safe] if found.failures.safe else [])]
    assert len(lines) == sum(len(box.limits) for box in boxes)
    above, up_to = head.index("Above"), head.index("Up to")
    assert all((line[above] == "-") or (line[up_to] == "-") or line[above] != line[up_to] for line in lines)


def test_crossings_are_thinned_to_a_page(found: SimpleNamespace) -> None:
    _, *lines = rows(cs.tables.break_even(found.pair, "en"))
    assert 1 < len(lines) <= 12 < len(found.pair.break_even)


def test_a_function_of_ones_own_needs_neither_unit_nor_grade() -> None:
    table = pd.DataFrame({"key": ["x", EVIL], "low": 0.0, "high": [1.0, 2.0], "distribution": "uniform"})

    def metric(x: np.ndarray) -> np.ndarray:
        return np.asarray(x[:, 0] - x[:, 1])

    for shown in (
        cs.tables.factors(cs.tornado(metric, factors=table), "en"),
        cs.tables.tornado(cs.tornado(metric, factors=table), "en"),
        cs.tables.monte_carlo(cs.monte_carlo(metric, factors=table, n=64), "en"),
        cs.tables.sobol(cs.sobol(metric, factors=table, n=64), "en"),
        cs.tables.failure_map(cs.failure_map(metric, factors=table, n=400), "en"),
    ):
        assert "<table" in shown.html and EVIL not in shown.html
        assert "nan" not in shown.html


def test_nothing_to_show_is_said() -> None:
    table = pd.DataFrame({"key": ["x"], "low": 0.0, "high": [1.0], "distribution": "uniform"})
    flat = cs.tornado(lambda x: np.ones(len(x)), factors=table)
    safe = cs.failure_map(lambda x: np.ones(len(x)), factors=table, n=200)
    assert "<table" not in cs.tables.tornado(flat, "en").html
    assert "<table" not in cs.tables.failure_map(safe, "en").html
