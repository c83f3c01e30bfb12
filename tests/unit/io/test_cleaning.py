"""A number is read only where there is no doubt; everything else is left for the analyst."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csanalysis.io.cleaning import to_number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,200", 1200),
        ("１，２００", 1200),
        ("2.84%", 0.0284),
        ("２．８４％", 0.0284),
        (" -3 ", -3),
        ("5e8", 5e8),
        (".5", 0.5),
    ],
)
def test_numbers(cell: str, number: float) -> None:
    assert to_number(cell) == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize(
    "cell",
    [
        "abc",
        "1,20",
        "12,34,567",
        "1 2",
        "12万円",
        "1:30",
        "nan",
        "inf",
        "1e999",
        "-",
        "%",
        "ー5",
        "1.2.3",
        "1e9999999999%",
        "e5",
        "-E+3%",
        ".",
    ],
)
def test_not_numbers(cell: str) -> None:
    assert to_number(cell) is None


@pytest.mark.parametrize("cell", ["", "  ", "　"])
def test_empty(cell: str) -> None:
    assert math.isnan(to_number(cell))  # type: ignore[arg-type]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_survives(value: float) -> None:
    assert to_number(repr(value)) == value
