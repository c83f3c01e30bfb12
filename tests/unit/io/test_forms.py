"""Sheets that are made to be printed: title blocks, merged headers of several rows, section headings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd

from csanalysis.io import read_table


def read(folder: Path, rows: list[list[object]], *merges: str) -> pd.DataFrame:
    """Return the table of a sheet; the rules that were told and their details stand in ``attrs``."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for area in merges:
        book.active.merge_cells(area)
    book.save(folder / "t.xlsx")
    frame, repairs = read_table(folder / "t.xlsx")
    frame.attrs["told"] = dict(zip(repairs["rule"], repairs["detail"], strict=True))
    return frame


def test_merged_title_blocks_are_no_header(tmp_path: Path) -> None:
    """A title merged over many columns filled its row as a header does."""
    top: list[list[object]] = [["株式会社甲　価格表", *[None] * 3, "2024年4月1日"], ["東京都千代田区"], []]
    body: list[list[object]] = [["品番", "品名", "規格", "単位", "価格"], ["■文具"]]
    body += [["A-1", "ペン", "黒", "本", 120], ["A-2", "紙", "A4", "冊", 200], ["※税別"]]
    frame = read(tmp_path, top + body, "A1:D1", "A5:E5")
    assert frame.columns.tolist() == ["品番", "品名", "規格", "単位", "価格"]
    assert frame.loc[5].tolist() == ["■文具", "", "", "", ""] and frame.attrs["told"]["lone_rows"] == "■文具"
    keys: list[list[object]] = [
        ["勤務表"],
        ["氏名", "", "山田", None, "所属", "CS部"],
        ["年月", "2024年4月"],
        [],
    ]
    keys += [["日", "曜", "出勤", "退勤", "休憩", "実働", "備考"]]
    keys += [[n, "月", "9:00", "18:00", "1:00", "8:00"] for n in range(1, 6)]
    frame = read(tmp_path, keys, "A1:G1", "C2:D2")
    assert frame.columns[0] == "日" and len(frame) == 5


def test_names_merged_over_four_rows(tmp_path: Path) -> None:
    """With few rows below, the header was taken for data."""
    rows: list[list[object]] = [
        ["地域", "総数"],
        ["", "就業", None, "失業"],
        ["", *"男女男女"],
        ["", *["(人)"] * 4],
    ]
    frame = read(tmp_path, [*rows, ["A", 1, 2, 3, 4], ["B", 5, 6, 7, 8]], "A1:A4", "B1:E1", "B2:C2", "D2:E2")
    assert frame.columns.tolist()[1:3] == ["総数_就業_男", "総数_就業_女"] and len(frame) == 2
    assert set(frame.attrs["units"]) == set(frame.columns[1:])


def test_rows_that_number_the_columns(tmp_path: Path) -> None:
    """They were data: a column of amounts held ② in its first row."""
    rows: list[list[object]] = [["区分", "歳入", "歳出", "差引"], ["①", "②", "③", "④=②-③"]]
    frame = read(tmp_path, [*rows, ["一般", 100, 90, 10], ["特別", 50, 45, 5], ["企業", 20, 15, 5]])
    assert frame.columns.tolist() == rows[0] and frame["歳入"].tolist() == ["100", "50", "20"]


def test_boxes_of_figures_above_a_table(tmp_path: Path) -> None:
    """A dashboard shows its key figures first; they were read instead of the table."""
    rows: list[list[object]] = [["契約数", "", "解約率"], [120, "", 0.02], [], ["顧客", "プラン", "月額"]]
    frame = read(tmp_path, [*rows, ["A", "L", 1], ["B", "S", 2], ["C", "S", 3]])
    assert frame.columns.tolist() == rows[3] and "120" in frame.attrs["told"]["preamble"]


def test_subtotals_of_an_outline_and_shares_below_them(tmp_path: Path) -> None:
    """東京 集計 is what Excel calls a subtotal; shares below the total kept its columns from being sums."""
    rows: list[list[object]] = [["支店", "担当", "額", "件"], ["東", "山", 10, 1], ["東", "佐", 20, 2]]
    rows += [["東 集計", "", 30, 3], ["西", "鈴", 5, 3], ["西", "林", 6, 4], ["西 集計", "", 11, 7]]
    rows += [["総計", "", 41, 10], ["構成比", "", "100.0%", "100.0%"]]
    frame = read(tmp_path, rows)
    assert frame.index.tolist() == [2, 3, 5, 6]
    assert frame.attrs["told"]["ratio_rows"] == "構成比"


def test_examples_levels_and_figures_withheld(tmp_path: Path) -> None:
    """A row that shows how to fill in a form was counted; X kept a column of figures from being one."""
    rows: list[list[object]] = [
        ["地域", "額"],
        ["記入例：全国", 999],
        ["全国", 600],
        ["　関東", 500],
        ["　　県", "X"],
    ]
    frame = read(tmp_path, [*rows, ["　　都", 400], ["　近畿", "…"]])
    assert frame["額"].tolist() == ["600", "500", "", "400", ""]
    assert {"example_rows", "levels", "nulls"} <= set(frame.attrs["told"])


def test_units_in_brackets_above_and_below_the_names(tmp_path: Path) -> None:
    """(千人) above the names became part of each."""
    rows: list[list[object]] = [["(千人)", "", "", "(1,000 persons)"], ["年次", "総数", "男", "女"]]
    rows += [["Year", "Total", "Male", "Female"]]
    rows += [["平成27年", 127, 61, 65], ["28", 126, 61, 65], ["29", 125, 60, 64]]
    frame = read(tmp_path, rows)
    assert frame.attrs["unit"] == "千人" and frame.columns[0] == "年次_Year"
    frame = read(tmp_path, [["項目", "値", "比"], ["(単位)", "件", "％"], ["A", 1, 2], ["B", 3, 4]])
    assert frame.columns.tolist() == ["項目", "値", "比"] and frame.attrs["units"]["値"] == "件"


def test_pages_of_one_table_and_sections_of_two_columns(tmp_path: Path) -> None:
    """Below a repeated title only the first page was read."""
    page: list[list[object]] = [
        ["売上一覧"],
        ["顧客", "額", "日"],
        ["A", 1, "2024/4/1"],
        ["B", 2, "2024/4/2"],
    ]
    frame = read(tmp_path, [*page, [], *page[:2], ["C", 3, "2024/4/3"]])
    assert frame["顧客"].tolist() == ["A", "B", "C"] and "other_table" not in frame.attrs["told"]
    frame = read(tmp_path, [["顧客", "額"], ["A", 1], ["2024年5月"], ["A", 3], ["C"]])
    assert frame.attrs["told"]["lone_rows"] == "2024年5月"


def test_codes_that_a_spreadsheet_has_spoilt(tmp_path: Path) -> None:
    """A telephone without its zero and 1-2 become the second of January were given on without a word."""
    rows: list[list[object]] = [["顧客", "電話番号", "郵便番号", "枝番"], ["A", 312345678, 600042, "10-12"]]
    frame = read(tmp_path, [*rows, ["B", "06-1234-5678", 1000001, datetime(2024, 1, 2)]])
    told = frame.attrs["told"]
    assert told["codes_as_days"] == "枝番" and told["lost_zeros"] == "郵便番号"


def test_totals_of_a_quotation_and_figures_reckoned_below_them(tmp_path: Path) -> None:
    """小計 in the column of prices was a row of the list; so were the largest and the smallest value."""
    rows: list[list[object]] = [["項目", "数量", "単位", "単価", "金額"], ["基本", 1, "式", 80, 80]]
    rows += [["追加", 2, "日", 10, 20], ["", "", "", "小計", 100], ["", "", "", "合計", 100]]
    assert read(tmp_path, rows)["項目"].tolist() == ["基本", "追加"]
    rows = [["日", "件"], ["4/1", 10], ["4/2", 30], ["4/3", 20], ["合計", 60], ["平均", 20], ["最大", 30]]
    assert len(read(tmp_path, [*rows, ["最小", 10]])) == 3
    frame = read(tmp_path, [["区", "人", "戸"], ["総数", 60, 6], ["中央", 20, 2], ["西", 40, 4]])
    assert frame["区"].tolist() == ["中央", "西"]
    rows = [["年度", "月", "件"], ["2023", 4, 1], ["2023", 5, 2], ["2023年度 計", "", 3], ["2024", 4, 4]]
    assert read(tmp_path, [*rows, ["2024", 5, 5], ["2024年度 計", "", 9]]).index.tolist() == [2, 3, 5, 6]


def test_a_list_of_sheets_is_not_the_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "目次"
    for row in ([1, "概要"], [2, "詳細"]):
        book.active.append(row)
    for row in (["顧客", "額"], ["A", 1]):
        (book["データ"] if "データ" in book else book.create_sheet("データ")).append(row)
    book.save(tmp_path / "t.xlsx")
    assert read_table(tmp_path / "t.xlsx")[0].columns.tolist() == ["顧客", "額"]
