"""Text files of old systems and consoles: lines that are no rows, and rows that became one cell."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from csanalysis.io import read_table


def read(folder: Path, content: str) -> tuple[pd.DataFrame, list[str]]:
    """Return the table and the rules that were told."""
    (folder / "t.csv").write_bytes(content.encode())
    frame, repairs = read_table(folder / "t.csv", lang="en")
    return frame, repairs["rule"].tolist()


def test_a_printed_list_of_an_accounting_system(tmp_path: Path) -> None:
    """Ruled lines part the rows, a star marks the total, the currency stands in every row."""
    rule = "-" * 33
    lines = ["List", rule, "|Konto |Text     |   Betrag|Wrg |", rule, "|400000|Erlöse   |1.234,56-|EUR |"]
    lines += ["|400100|Erlöse EU|  999,00-|EUR |", "|400200|Waren    |2.000,00 |EUR |", rule]
    frame, told = read(tmp_path, "\n".join([*lines, "|*     |         |  233,56-|EUR |", rule, ""]))
    assert frame["Betrag"].tolist() == ["-1234.56", "-999.00", "2000.00"]
    assert {"rule_lines", "totals", "decimal_comma"} <= set(told)
    console = "+----+------+\n| id | name |\n+----+------+\n|  1 | A    |\n|  2 | B    |\n+----+------+\n"
    assert read(tmp_path, console)[0].to_numpy().tolist() == [["1", "A"], ["2", "B"]]


@pytest.mark.parametrize(
    ("content", "rows", "told"),
    [
        ("id,v\r\n1,2\r\n3,4\r\n\x1a", [["1", "2"], ["3", "4"]], ["end_mark"]),
        ("id,v\n1,2\n3,4\n# end of export\n", [["1", "2"], ["3", "4"]], ["notes"]),
        ('"id,v"\r\n\r\n"1,2"\r\n"2,""b,c"""\r\n', [["1", "2"], ["2", "b,c"]], ["row_quotes", "blank_rows"]),
        ('name\n"Yamada, Taro"\n"Suzuki, Jiro"\n', [["Yamada, Taro"], ["Suzuki, Jiro"]], []),
        ('"name, first"\n"Yamada, Taro"\n', [["Yamada, Taro"]], []),
        ("id:name:v\n1:A:100\n2:B:200\n", [["1", "A", "100"], ["2", "B", "200"]], ["delimiter"]),
        ("start\n10:15\n10:20\n", [["10:15"], ["10:20"]], []),
        ("link\nhttp://a\nhttp://b\n", [["http://a"], ["http://b"]], []),
        ("memo\na\x0bb\nc\u2028d\n", [["a\x0bb"], ["c\u2028d"]], []),
    ],
)  # fmt: skip
def test_lines_of_a_text(tmp_path: Path, content: str, rows: list[list[str]], told: list[str]) -> None:
    frame, found = read(tmp_path, content)
    assert frame.to_numpy().tolist() == rows and found == told
