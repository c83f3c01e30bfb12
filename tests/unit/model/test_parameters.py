"""A parameter says what it takes, in both languages; a scenario hides none of its own assumptions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from csanalysis.labels import has, quantity, text
from csanalysis.model.cell_units import cell_unit
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding
from csanalysis.model.parameters import Parameter, column_bounds, parameters_from
from csanalysis.model.phases import BANDS, phase_of
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.model.supply import productive_hours
from csanalysis.tables.basic import label_of

ARR = Parameter("arr", "JPY/year", 3e8, low=1e8, high=5e8, hard_min=0.0, hard_max=1e12)


def test_labels_fall_back_on_the_other_language_and_the_key() -> None:
    both, ja, en = (replace(ARR, label_ja=j, label_en=e) for j, e in (("あ", "a"), ("あ", ""), ("", "a")))
    assert (both.label("ja"), both.label("en")) == ("あ", "a")
    assert (ja.label("ja"), ja.label("en"), en.label("ja"), en.label("en")) == ("あ", "あ", "a", "a")
    assert ARR.label("ja") == "arr"


@pytest.mark.parametrize(
    ("unit", "is_text", "percent"),
    [
        ("choice", True, False),
        ("profile", True, False),
        ("ratio", False, True),
        ("ratio/month", False, True),
        ("JPY", False, False),
    ],
)
def test_units_say_what_may_be_entered(unit: str, is_text: bool, percent: bool) -> None:
    one = replace(ARR, unit=unit)
    assert (one.is_text, one.allows_percent) == (is_text, percent)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (0.0, None),
        (1e12, None),
        (5, None),
        (np.float64(3.0), None),
        (np.array([1.0, 2.0]), None),
        (-1e-9, "model.out_of_bounds"),
        (1.1e12, "model.out_of_bounds"),
        (np.array([1.0, -5.0]), "model.out_of_bounds"),
        (None, "model.not_a_number"),
        ("5", "model.not_a_number"),
        (False, "model.not_a_number"),
        (np.nan, "model.not_a_number"),
        (-np.inf, "model.not_a_number"),
        (np.array([]), "model.not_a_number"),
        (np.ones((2, 2)), "model.not_a_number"),
        ({"a": 1}, "model.not_a_number"),
    ],
)
def test_what_is_wrong_with_a_value(value: object, problem: str | None) -> None:
    found = ARR.problem(value)  # type: ignore[arg-type]
    assert (found[0] if found else None) == problem
    assert bool(ARR.explain(value, "en")) == bool(problem)  # type: ignore[arg-type]
    if found:
        assert found[1]["key"] == "arr" and "value" in found[1]
        with pytest.raises(ValueError, match="arr"):
            ARR.check(value)  # type: ignore[arg-type]


def test_bounds_and_values_stand_in_the_explanation() -> None:
    assert ARR.problem(np.array([1.0, -5.5])) == (
        "model.out_of_bounds",
        {"key": "arr", "value": "-5.5", "bounds": "0 .. 1e+12", "unit": "JPY/year"},
    )
    for low, high, shown in (
        (0.0, np.nan, ">= 0"),
        (np.nan, 9.0, "<= 9"),
        (1234.5, 9e4, "1,234.5 .. 90,000"),
    ):
        one = replace(ARR, hard_min=low, hard_max=high)
        for value in (-1.0, 1e9):
            found = one.problem(value)
            assert found is None or found[1]["bounds"] == shown
    assert replace(ARR, hard_min=np.nan, hard_max=np.nan).problem(-1e99) is None


def test_whole_persons_and_choices() -> None:
    heads = replace(ARR, key="cs_headcount", unit="person")
    assert heads.problem(3.0) is None and heads.problem(2.5) == (
        "model.whole_persons",
        {"key": "cs_headcount", "value": 2.5},
    )
    assert heads.problem(np.array([1.0, 2.5])) is not None
    kind = replace(ARR, key="product_type", unit="choice", choices=("a", "b"))
    assert kind.problem("a") is None and kind.check("b") == "b"
    assert kind.problem("c") == (
        "model.not_a_choice",
        {"key": "product_type", "value": "c", "choices": "a, b"},
    )
    assert kind.problem(1.0) is not None and replace(kind, choices=()).problem("anything") is None
    assert replace(ARR, key="new_accounts_per_month").problem(None) is None


def test_checked_values_have_one_form() -> None:
    assert isinstance(ARR.check(5), float) and ARR.check(np.float64(2)) == 2.0
    found = ARR.check(np.array([1, 2]))
    assert isinstance(found, np.ndarray) and found.dtype == float
    assert replace(ARR, key="new_accounts_per_month").check(None) is None


def test_the_hint_of_a_key_stands_behind_its_bounds(example: Dataset) -> None:
    fte = example.space.parameters["cs_headcount"]
    whole = fte.explain(2.5, "en")
    assert whole and "(" not in fte.explain("x", "en").split("cs_headcount")[0]
    with pytest.raises(ValueError, match=" / "):
        fte.check(2.5)


ROW = {"key": "k", "unit": "ratio", "default": "0.5", "choices": "", "low": 0.1, "high": 0.4, "hard_min": 0.0}
ROW |= {"hard_max": 1.0, "step": 0.1, "group": "g", "role": "lever", "distribution": "uniform"}
ROW |= {"label_ja": "あ", "label_en": "a", "source": "s", "grade": "vendor"}


def test_a_row_becomes_a_parameter() -> None:
    """The range reaches out to a company's own default: it may lie outside the range shipped."""
    rows = [
        ROW,
        {**ROW, "key": "low", "default": "0.05"},
        {**ROW, "key": "free", "default": ""},
        {**ROW, "key": "bad", "default": "many"},
        {**ROW, "key": "choice", "unit": "choice", "default": "x", "choices": "x; y ;;"},
        {**ROW, "key": "season", "unit": "profile", "default": "flat"},
    ]
    found = parameters_from(pd.DataFrame(rows), ["summer"])
    assert list(found) == ["k", "low", "free", "bad", "choice", "season"]
    first = found["k"]
    assert (first.default, first.low, first.high, first.hard_min, first.hard_max, first.step) == (
        *(0.5, 0.1, 0.5),
        *(0.0, 1.0, 0.1),
    )
    words = (first.group, first.role, first.distribution, first.label_ja, first.label_en, first.source)
    assert (
        words == ("g", "lever", "uniform", "あ", "a", "s") and first.grade == "vendor" and first.choices == ()
    )
    assert (found["low"].low, found["low"].high) == (0.05, 0.4)
    assert found["free"].default is None and found["bad"].default == "many"
    assert found["choice"].default == "x" and found["choice"].choices == ("x", "y")
    assert found["season"].choices == ("flat", "summer")


def test_bounds_of_columns_come_from_the_contract() -> None:
    assert column_bounds("resources", "price") == (0.0, np.inf)
    assert column_bounds("resources", "personal_data_allowed") == (0.0, 1.0)
    low, high = column_bounds("resources", "ramp_start")
    assert 0 < low < 1e-6 and high == 1.0
    low, high = column_bounds("resources", "attrition_annual")
    assert low == 0.0 and 1 - 1e-6 < high < 1.0
    assert column_bounds("task_inventory", "value_added") == (1.0, 5.0)


def space() -> ParameterSpace:
    table = pd.DataFrame({"resource_id": [], "task_id": []})
    return ParameterSpace({"arr": ARR}, {"resources": table, "task_inventory": table})


def test_what_a_scenario_states_is_its_own_assumption() -> None:
    known = replace(ARR, source="books", grade="measured")
    sc = Scenario("s", replace(space(), parameters={"arr": known}))
    assert sc.stated("arr") == known and sc.parameter("arr") == known
    inside = sc.replace(arr=4e8, origin="s.csv").stated("arr")
    assert (inside.source, inside.grade, inside.low, inside.high) == ("s.csv", "assumption", 1e8, 5e8)
    outside = sc.replace(arr=9e8).stated("arr")
    assert outside.source not in ("", "books") and np.isnan(outside.low) and np.isnan(outside.high)
    many = sc.replace(arr=np.array([2e8, 3e8])).stated("arr")
    assert np.isnan(many.low)
    assert [sc.replace(arr=end).stated("arr").low for end in (1e8, 5e8)] == [1e8, 1e8]


def test_origins_follow_the_last_change() -> None:
    sc = Scenario("s", space()).replace(arr=2e8, origin="a").replace(arr=4e8, origin="b")
    assert sc.stated("arr").source == "b" and sc.replace(arr=3e8).origins == {}
    with pytest.raises(ValueError, match="arr"):
        Scenario("s", space()).replace({"arr": 1e8}, arr=2e8).replace({" arr": 1.0})
    with pytest.raises(ValueError, match="arr"):
        replace(sc, changes={"arr": "x"}).number("arr")
    assert hash(sc) == hash(Scenario("s", space()).replace(arr=1e9)) != hash(Scenario("t", space()))


def test_findings_are_sentences_in_the_language_asked_for() -> None:
    finding = Finding("touch.given", {"count": "2", "total": lambda lang: {"ja": "三", "en": "three"}[lang]})
    assert "三" in finding.sentence("ja") and "three" in finding.sentence("en")
    assert finding.level == "info" and finding.source == "" and not finding.sentence("en")[0].islower()


@pytest.mark.parametrize("persons", [0, -1, 2.5, np.nan, np.inf])
def test_a_phase_needs_whole_persons(persons: float) -> None:
    with pytest.raises(ValueError):
        phase_of(persons)


def test_productive_hours_are_what_is_left_of_paid_hours() -> None:
    assert productive_hours(160.0, 0.35) == pytest.approx(104.0, rel=1e-15)


def test_every_number_of_persons_has_one_phase() -> None:
    for band in BANDS:
        assert phase_of(band.first) == band.phase == phase_of(min(band.last, 1000))
    assert [b.first for b in BANDS] == [1, 3, 11, 21]


@pytest.mark.parametrize(("prefix", "table"), [("resources", "resources"), ("tasks", "task_inventory")])
def test_every_cell_has_a_unit_and_a_label(example: Dataset, prefix: str, table: str) -> None:
    """What was not declared in parameters stood in tables under the name of its column, unit included."""
    frame = example.tables[table].set_index("resource_id" if prefix == "resources" else "task_id", drop=False)
    for column in frame.select_dtypes("float").columns:
        for row in frame.index:
            parameter = example.space.find(f"{prefix}.{row}.{column}")
            base = parameter.unit.partition("/")[0]
            assert base in ("", "JPY") or text(f"unit.{base}", "ja"), (column, parameter.unit)
            if parameter.key not in example.space.parameters:
                own = frame.loc[row]
                assert (parameter.source, parameter.grade) == (own["source"], own["grade"])
            assert has(f"cell.{column}") and column not in label_of(parameter, example.base, "ja")


def test_prices_and_volumes_are_counted_in_what_the_price_is_for(example: Dataset) -> None:
    card = example.tables["resources"].set_index("resource_id")
    for form, unit in (("hour", "hour/month"), ("case", "case/month"), ("licence", "account/month")):
        for resource in card.index[card["price_form"] == form]:
            assert example.space.find(f"resources.{resource}.minimum_units").unit == unit
    assert cell_unit("price", {"price_form": "licence"}) == "JPY/account/month"
    assert cell_unit("price", {"price_form": "success"}) == "JPY"
    assert (cell_unit("personal_data", {}), cell_unit("value_added", {})) == ("", "score")
    assert quantity(0.3, cell_unit("premium", {}), "ja") == "30 %"
    assert quantity(2, cell_unit("notice_months", {}), "en") == "2 months"
