"""Controls: the value on screen is the model's value, the ends stay within the hard bounds."""

from __future__ import annotations

from pathlib import Path

import ipywidgets
import pytest
from hypothesis import given
from hypothesis import strategies as st

import csanalysis as cs
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Parameter
from csanalysis.widgets.controls import control_for, ends, on_grid, shown_number, span, value_of

DATA = Path(__file__).parents[3] / "data"
SCENARIOS = sorted(path.stem for path in (DATA / "scenarios").glob("*.csv"))


@pytest.fixture(scope="module", params=SCENARIOS)
def ds(request: pytest.FixtureRequest) -> Dataset:
    return cs.load_dataset(DATA, scenario=request.param)


def test_every_parameter_of_every_scenario_has_a_control_at_its_value(ds: Dataset) -> None:
    sc = ds.scenario
    for key in ds.parameters["key"]:
        parameter = sc.parameter(key)
        if sc[key] is None:
            continue
        control = control_for(parameter, sc[key], "ja")
        assert control.value == sc[key] == value_of(control, parameter, sc[key]), key
        assert key != "cs_headcount" or isinstance(control.value, int)
        for end in ends(control):
            control.value = end
            sc.replace({key: value_of(control, parameter, sc[key])})  # within the hard bounds, or it raises


def test_every_value_stands_on_a_step_of_its_slider(ds: Dataset) -> None:
    """JupyterLab would move it there at once, and so change the scenario untouched."""
    sc = ds.scenario
    for key in ds.parameters["key"]:
        control = control_for(sc.parameter(key), sc[key]) if sc[key] is not None else None
        if isinstance(control, ipywidgets.FloatSlider | ipywidgets.IntSlider):
            steps = (control.value - control.min) / control.step
            assert steps == pytest.approx(round(steps), abs=1e-6), key
            assert control.min < control.max


def test_rounding_noise_of_a_browser_is_no_change() -> None:
    parameter = Parameter("k", "ratio", 0.0284, low=0.01, high=0.06, hard_min=0, hard_max=1, step=0.001)
    control = control_for(parameter, 0.0284)
    for sent, understood in ((0.028399999999999998, 0.0284), (0.029400000000000003, 0.0294)):
        control.value = sent
        assert value_of(control, parameter, 0.0284) == understood


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("cs_headcount", ipywidgets.IntSlider),
        ("arr", ipywidgets.FloatSlider),
        ("product_type", ipywidgets.Dropdown),
        ("season_new", ipywidgets.Dropdown),
        ("resources.bpo.price", ipywidgets.FloatSlider),
        ("tasks.onb_session_deliver.minutes", ipywidgets.FloatSlider),
    ],
)
def test_the_kind_of_control_follows_the_parameter(ds: Dataset, key: str, kind: type) -> None:
    assert isinstance(control_for(ds.base.parameter(key), ds.base[key]), kind)


def test_a_wide_range_gets_a_logarithmic_slider_that_keeps_the_value() -> None:
    parameter = Parameter("arr", "JPY/year", 3e8, low=1e6, high=1e12, hard_min=1e6, hard_max=1e12)
    for value in (1e6, 300_276_000.0, 1e12):
        control = control_for(parameter, value)
        assert isinstance(control, ipywidgets.FloatLogSlider)
        assert control.value == value
        for end, bound in zip(ends(control), (1e6, 1e12), strict=True):
            control.value = end
            found = parameter.check(value_of(control, parameter, value))
            assert found == pytest.approx(bound, rel=0.03)


@pytest.mark.parametrize(
    ("lang", "label", "evidence"),
    [
        ("ja", "BPOの時間単価(円/時間)", "根拠: 仮定"),
        ("en", "BPO price per hour (JPY/hour)", "evidence: assumption"),
    ],
)
def test_label_unit_and_evidence_are_on_the_control(
    ds: Dataset, lang: str, label: str, evidence: str
) -> None:
    parameter = ds.base.parameter("resources.bpo.price")
    control = control_for(parameter, 3000.0, lang)
    assert control.description == label
    assert evidence in control.tooltip and parameter.source in control.tooltip


def test_choices_are_shown_as_terms_and_kept_as_keys(ds: Dataset) -> None:
    control = control_for(ds.base.parameter("product_type"), "propose_new", "en")
    assert control.value == "propose_new" and control.label == "proposes new work"
    assert ends(control) == ["replace_existing", "propose_new"]


@pytest.mark.parametrize(
    ("unit", "value", "step", "shown"),
    [
        ("ratio", 0.08, 0.005, "8.0%"),
        ("ratio/month", 0.0284, 0.001, "2.84%"),
        ("JPY/year", 300_276_000.0, 1_000_000.0, "300,276,000"),
        ("FTE", 4.4, 0.1, "4.4"),
        ("ratio", 1 / 3, 0.1, "33.3333%"),
    ],
)
def test_the_field_shows_the_value_as_it_is(unit: str, value: float, step: float, shown: str) -> None:
    parameter = Parameter("k", unit, value, low=value / 2, high=2 * value, step=step)
    assert shown_number(parameter, value) == shown


def test_a_derived_parameter_without_a_number_says_what_to_do(ds: Dataset) -> None:
    with pytest.raises(ValueError, match=r"new_accounts_per_month.*sc\.replace"):
        control_for(ds.base.parameter("new_accounts_per_month"), None)
    entered = ds.base.replace(new_accounts_per_month=12)
    key = "new_accounts_per_month"
    assert control_for(entered.parameter(key), entered[key]).value == 12


bounds = st.floats(-1e9, 1e9)


@given(st.lists(bounds, min_size=5, max_size=5, unique=True), st.booleans(), st.booleans())
def test_a_slider_always_holds_its_value_within_the_hard_bounds(
    numbers: list[float], with_range: bool, with_bounds: bool
) -> None:
    floor, low, value, high, ceiling = sorted(numbers)
    parts: dict[str, float] = {"low": low, "high": high} if with_range else {}
    parts |= {"hard_min": floor, "hard_max": ceiling} if with_bounds else {}
    for inside in (value, low, high, floor, ceiling):
        least, most = span(Parameter("k", "score", value, **parts), inside)  # type: ignore[arg-type]
        assert least <= inside <= most
        assert not with_bounds or (floor <= least and most <= ceiling)


@given(st.lists(st.integers(-1000, 1000), min_size=5, max_size=5), st.floats(0.01, 50))
def test_a_value_is_whole_steps_from_both_ends_and_the_ends_keep_the_bounds(
    numbers: list[int], step: float
) -> None:
    floor, low, value, high, ceiling = sorted(numbers)
    least, most = on_grid(low, high, value, step, (floor, ceiling))
    slack = 1e-6 * (1 + step)
    assert floor - slack <= least <= value <= most <= ceiling + slack
    for end in (least, most):
        assert (value - end) / step == pytest.approx(round((value - end) / step), abs=1e-6)
    assert least <= low + slack or least - step < floor
    assert most >= high - slack or most + step > ceiling
    assert least < most or ceiling - floor < 2 * step
