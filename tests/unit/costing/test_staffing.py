"""The team month by month: whole-head hires, leavers, seats given up. Expected values are worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csanalysis.costing.staffing import Staffing, staff


def team(need: list[float], fte: float, attrition: float = 0.0, lead: float = 0.0) -> Staffing:
    """Staff one scenario."""
    return staff(np.array(need)[:, None], np.array([fte]), np.array([attrition]), np.array([lead]))


def monthly(annual: float) -> float:
    """Leavers a month for a share of leavers a year."""
    return 1 - (1 - annual) ** (1 / 12)


def test_heads_are_whole_and_join_when_needed() -> None:
    """A seat is a person: 4.4 FTE with a need of 4.5 hires one, not a tenth, and in that month."""
    found = team([4.3, 4.5, 5.5, 5.5], 4.4)
    assert found.hires[:, 0].tolist() == [0, 1, 1, 0]
    assert found.present[:, 0].tolist() == pytest.approx([4.4, 5.4, 6.4, 6.4])


def test_rounding_noise_costs_no_head() -> None:
    """The same guard everywhere: 1e-10 of a head is arithmetic, not work."""
    assert team([5.0000000001], 5).hires.sum() == 0
    assert team([5.001], 5).hires.sum() == 1


def test_orders_go_out_ahead_but_never_before_today() -> None:
    """A need of month 1 cannot be met sooner than the lead; a later one is met on time by the forecast."""
    early = team([4.5] * 6, 4, lead=3)
    assert early.hires[:, 0].tolist() == [0, 0, 1, 0, 0, 0]
    later = team([4, 4, 4, 4, 4.5, 4.5], 4, lead=3)
    assert later.hires[:, 0].tolist() == [0, 0, 0, 0, 1, 0]


def test_lead_beyond_the_horizon_brings_nobody() -> None:
    found = team([9.0] * 6, 4, lead=7)
    assert found.hires.sum() == 0 and (found.present == 4).all()


def test_start_from_nobody() -> None:
    """A company without a team hires all heads it needs; it does not fail."""
    found = team([2.2, 2.2], 0, lead=1)
    assert found.hires[:, 0].tolist() == [3, 0] and found.present[:, 0].tolist() == [3, 3]


def test_leavers_are_replaced_one_for_one() -> None:
    """A twentieth of a head lost never buys a whole one: with no lead the team stays as it is."""
    found = team([4.4] * 12, 4.4, attrition=0.3)
    assert found.hires.sum() == 0
    assert found.present[:, 0] == pytest.approx(4.4)
    assert found.replaced[:, 0] == pytest.approx(4.4 * monthly(0.3))


def test_a_year_without_replacement_loses_the_annual_share() -> None:
    """Analytic: the monthly share compounds to the annual one, (1 - a)^12 = 1 - attrition_annual."""
    found = team([5.0] * 12, 10, attrition=0.24, lead=60)
    assert found.present[-1, 0] == pytest.approx(10 * (1 - 0.24))
    assert found.replaced.sum() == 0


def test_vacancies_stay_open_for_the_lead() -> None:
    """In the steady state lead x leavers are missing, and salaries are not paid for empty chairs."""
    found = team([9.0] * 240, 10, attrition=0.1, lead=3)
    assert found.present[-1, 0] == pytest.approx(10 / (1 + 3 * monthly(0.1)), rel=1e-6)
    assert found.hires.sum() == 0 and found.unfilled.sum() == 0


def test_nobody_is_dismissed() -> None:
    """People above need stay until they leave; without leavers nothing is released."""
    found = team([1.0] * 24, 6.9)
    assert (found.present == 6.9).all() and found.unfilled.sum() == 0


def test_seats_above_all_need_are_not_refilled() -> None:
    """Leavers are let go down to whole heads above need: of 6.9 for a need of 1, five seats end."""
    found = team([1.0] * 24, 6.9, attrition=0.5)
    assert found.unfilled[-1, 0] == 5 and found.present[-1, 0] == pytest.approx(1.9)
    assert (np.diff(found.unfilled, axis=0) >= 0).all()


def test_a_seat_needed_later_is_refilled() -> None:
    """A valley does not release a head that the forecast needs again: it would be hired back at a cost."""
    found = team([1.0] * 12 + [6.5], 6.9, attrition=0.5)
    assert found.unfilled.sum() == 0 and found.hires.sum() == 0


@given(
    st.lists(st.floats(0, 30), min_size=1, max_size=24),
    st.lists(st.tuples(st.floats(0, 30), st.floats(0, 0.95), st.integers(0, 30)), min_size=2, max_size=4),
)
@settings(max_examples=60)
def test_many_scenarios_equal_one_at_a_time(need: list[float], teams: list[tuple[float, float, int]]) -> None:
    """Vectorised = loop, and every head is accounted for."""
    fte, attrition, lead = (np.array(values, dtype=float) for values in zip(*teams, strict=True))
    months = len(need)
    both = staff(np.tile(np.array(need)[:, None], (1, len(teams))), fte, attrition, lead)
    for n, one in enumerate(teams):
        alone = team(need, *one)
        for name in ("present", "hires", "replaced", "unfilled"):
            assert getattr(both, name)[:, n] == pytest.approx(getattr(alone, name)[:, 0]), name
        flow = np.vstack([[[one[0]]], alone.present])
        leavers = monthly(one[1]) * flow[:-1]
        balance = flow[:-1] - leavers + alone.hires + alone.replaced
        assert alone.present == pytest.approx(balance, abs=1e-9)
        assert (alone.hires % 1 == 0).all() and alone.present.shape == (months, 1)
