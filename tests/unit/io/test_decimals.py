"""Decimal commas of European exports: 1.234,56 taken for text, or 0,5 for a list, is lost without a word."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from csanalysis.io import read_table
from csanalysis.io.decimals import to_point


def read(folder: Path, content: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the table and, by rule, what was told."""
    (folder / "t.csv").write_text(content, encoding="utf-8")
    frame, repairs = read_table(folder / "t.csv", lang="en")
    return frame, dict(zip(repairs["rule"], repairs["detail"], strict=True))


def test_certain_commas_become_points(tmp_path: Path) -> None:
    """An export of an accounting system: points part thousands, the minus stands behind."""
    rows = "1;1.234,56;10;01.04.2024\n2;999,00-;1.200;15.04.2024\n3;-;3;30.04.2024\n"
    frame, told = read(tmp_path, f"Kunde;Umsatz;Menge;Datum\n{rows}")
    assert frame["Umsatz"].tolist() == ["1234.56", "-999.00", ""]
    assert (told["decimal_comma"], told["decimal_doubt"]) == ("Umsatz", "Menge")
    assert frame["Menge"].tolist() == ["10", "1.200", "3"] and frame["Datum"].tolist()[0] == "01.04.2024"
    quoted, told = read(tmp_path, 'id,v\n1,"1.234,56"\n2,"12.345.678,90"\n')
    assert quoted["v"].tolist() == ["1234.56", "12345678.90"] and told == {"decimal_comma": "v"}
    rates, told = read(tmp_path, "a;preis;rate;std\n1;0,5;12,5%;1,5\n2;1,25;3,0%;2,5\n")
    assert rates.loc[2].tolist() == ["1", "0.5", "12.5%", "1.5"]


@pytest.mark.parametrize(
    ("content", "cells", "told"),
    [
        ("a;n\n1;1,234\n2;2,345\n", ["1,234", "2,345"], {"delimiter": ";", "decimal_doubt": "n"}),
        ("a;n\n1;1,3\n2;2\n", ["1,3", "2"], {"delimiter": ";", "decimal_doubt": "n"}),
        ("a;n\n1;1,2,3\n2;0,5\n", ["1,2,3", "0,5"], {"delimiter": ";"}),
        ("a;n;p\n1;12,50;1.5\n2;0,5;2.5\n", ["12,50", "0,5"], {"delimiter": ";", "decimal_doubt": "n"}),
        ('a,n\n1,"0,5"\n2,"1,3"\n', ["0,5", "1,3"], {}),
        ('a,n\n1,"1,234"\n2,"2,345"\n', ["1,234", "2,345"], {}),
        ("a;code\n1;1.234,56\n2;0,5\n", ["1.234,56", "0,5"], {"delimiter": ";"}),
    ],
)
def test_what_may_mean_two_things_stays(
    tmp_path: Path, content: str, cells: list[str], told: dict[str, str]
) -> None:
    frame, found = read(tmp_path, content)
    assert frame.iloc[:, 1].tolist() == cells and found == told


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("1.234,56", "1234.56"),
        ("1\u202f234,5", "1234.5"),
        ("−12,5", "-12.5"),
        ("1234", "1234"),
        ("5,00-", "-5.00"),
        ("-5,00-", None),
        ("1.23,4", None),
        ("1.234 567,8", None),
        (",5", None),
        ("01.04.2024", None),
        ("", None),
    ],
)
def test_numbers_with_a_comma(cell: str, plain: str | None) -> None:
    assert to_point(cell) == plain
