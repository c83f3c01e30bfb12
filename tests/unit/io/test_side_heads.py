"""Labels that stand once for several rows, and tables beside each other: blanks and mixtures unnoticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.io.reading import read, refused


def test_labels_above_equal_lists_are_filled(tmp_path: Path) -> None:
    """Each prefecture lists the same industries: a blank can only mean the one above."""
    frame = read(tmp_path, "県,産業,人\n東,総数,3\n,農業,1\n,漁業,2\n西,総数,9\n,農業,4\n,漁業,5\n")
    assert frame["県"].tolist() == ["東", "東", "西", "西"] and frame["人"].tolist() == ["1", "2", "4", "5"]
    told = frame.attrs["repairs"]
    assert told.loc["side_heads", "cells"] == "県:3, 県:4, 県:6, 県:7" and "totals" in told.index


def test_eras_beside_years_are_filled(tmp_path: Path) -> None:
    frame = read(tmp_path, "元号,年,出生\n平成,29,9\n,30,8\n令和,元,7\n,2,6\n,3,5\n")
    assert frame["元号"].tolist() == ["平成", "平成", "令和", "令和", "令和"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("県,市,人\n北,札,1\n,函,2\n青,森,3\n,弘,4\n", ["県:3, 県:5"]),
        ("県,郡,町\n甲,東,一\n,,二\n,西,三\n,,四\n乙,北,五\n", ["県:3, 県:4, 県:5", "郡:3, 郡:5"]),
        ("区,月,額\n,1,3\n甲,2,4\n乙,3,5\n,4,6\n", []),
        ("旗,案,額\n○,a,1\n,b,2\n○,c,3\n,d,4\n", []),
        ("県,市,人\n北,札,1\n,函,2\n青,森,3\n,,4\n", []),
        ("元号,年,数\n平成,30,1\n,29,2\n令和,2,3\n,3,4\n", ["元号:3, 元号:5"]),
        ("日,数,額\n1日,2,3\n2日,5,4\n4日,1,2\n,8,99\n", []),
        ("額,月,数\n100,1,1\n,2,2\n200,1,3\n,2,4\n", []),
    ],
)
def test_what_may_also_be_missing_stays_blank(tmp_path: Path, content: str, told: list[str]) -> None:
    """Blanks beside items that differ, below a mark or an amount, may be no label at all."""
    frame = read(tmp_path, content)
    repairs = frame.attrs["repairs"]
    assert "" in frame.iloc[:, 0].tolist() and "side_heads" not in repairs.index
    assert repairs[repairs.index == "side_heads_blank"]["cells"].tolist() == told


@pytest.mark.parametrize(
    "content",
    [
        "客,額,,担当,件\nA,1,,山田,3\nB,2,,佐藤,4\nC,3,,,\n",
        "売上表,,,担当表,\n客,額,,担当,件\nA,1,,山田,3\nB,2,,佐藤,4\n",
        "客,額,,担当,件\nA,1,,山田,3\nB,2,,佐藤,4\n合計,3,,計,7\n",
        "順位,県,,順位,県\n1,東京,,3,大阪\n2,愛知,,4,京都\n",
    ],
    ids=["ends", "titles", "totals", "names"],
)
def test_tables_beside_each_other_are_refused(tmp_path: Path, content: str) -> None:
    """They were read as one table: row by row, customers stood beside persons of no account."""
    assert "Two tables" in refused(tmp_path, content)


@pytest.mark.parametrize(
    ("right", "told"),
    [
        ("担当,件\nA,1,,山田,3\nB,2,,佐藤,4", True),
        ("凡例,\nA,1,,○,良\nB,2,,×,悪\nC,3,,,", True),
        ("新規,件\nA,1,,7,3\nB,2,,8,4", False),
    ],
)
def test_columns_behind_an_empty_one(tmp_path: Path, right: str, told: bool) -> None:
    """Keys of their own may begin another table; figures go with the keys on the left."""
    frame = read(tmp_path, f"客,額,,{right}\n")
    assert len(frame.columns) == 4 and ("columns_apart" in frame.attrs["repairs"].index) is told
