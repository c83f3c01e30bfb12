"""Where tables stand in files that offices and systems really write: names, rows, and what was told."""

from __future__ import annotations

from pathlib import Path

import pytest

from csanalysis.io import read_table

LAYOUTS: dict[str, tuple[str, list[str], int, set[str]]] = {
    "keys_above": (
        '"統計名：","国勢調査"\n"表番号：","1-1"\n"表題：","人口"\n\n"***","該当なし"\n\n'
        '"コード","地域","総数","男","女"\n"01","北海道","3","1","2"\n"13","東京都","7","3","***"\n',
        ["コード", "地域", "総数", "男", "女"],
        2,
        {"preamble", "nulls"},
    ),
    "crossed": (
        '"統計名：","国勢調査"\n"***","該当数値なし"\n\n"","","","国籍 コード","0","1"\n'
        '"","","","国籍","総数","日本人"\n'
        '"表章項目 コード","area_code","地域","/国籍","",""\n"2020_01","01000","北海道","","52","51"\n'
        '"2020_01","02000","青森県","","12","11"\n"2020_01","03000","岩手県","","13","12"\n',
        ["表章項目 コード", "area_code", "地域", "国籍_/国籍", "総数", "日本人"],
        3,
        {"preamble", "header_rows"},
    ),
    "weather": (
        "ダウンロード：2024/04/01\n\n,東京,東京,東京\n年月日,気温,気温,気温\n,,品質,番号\n2024/3/1,8.1,8,1\n2024/3/2,6.4,8,1\n"
        "2024/3/3,7.7,8,1\n",
        ["年月日", "気温", "気温_品質", "気温_番号"],
        3,
        {"preamble", "header_rows"},
    ),
    "survey": (
        "設問,Q1,Q2,Q3\n回答者,満足度,理由,継続\nA,5,良い,はい\nB,3,普通,いいえ\nC,4,良い,はい\n",
        ["設問_回答者", "Q1_満足度", "Q2_理由", "Q3_継続"],
        3,
        {"header_rows"},
    ),
    "days": ("名前,1,2,3\nA,10,20,30\nB,5,5,5\nC,1,2,9\n", ["名前", "1", "2", "3"], 3, set()),
    "years": ("県,2019,2020\n北海道,100,200\n青森,10,20\n", ["県", "2019", "2020"], 2, set()),
    "dates": ("商品,2024/4/1,2024/4/2\nA,10,20\nB,5,5\n", ["商品", "2024/4/1", "2024/4/2"], 2, set()),
    "two_languages": (
        "氏名,年齢,売上\nname,age,sales\nA,20,100\nB,30,200\nC,40,300\nD,50,400\n",
        ["氏名_name", "年齢_age", "売上_sales"],
        4,
        {"header_rows"},
    ),
    "author": (
        "報告\n期間: 4月\n作成者,山田\n\nID,名,額,日\n1,A,5,2024/4/1\n2,B,6,2024/4/2\n",
        ["ID", "名", "額", "日"],
        2,
        {"preamble"},
    ),
    "two_tables": (
        "月,売上\n4月,1\n5月,2\n\n部門,人数\n営業,10\n人事,5\n",
        ["月", "売上"],
        2,
        {"blank_rows", "other_table"},
    ),
    "pages": ("月,売上\n4月,1\n月,売上\n5月,2\n", ["月", "売上"], 2, {"repeated_header"}),
    "units_tell_apart": (
        "月,売上,売上\n,件,円\n4月,1,100\n5月,2,200\n",
        ["月", "売上_件", "売上_円"],
        2,
        {"units_row"},
    ),
    "no_names": (
        "東京都,千代田区,丸の内\n東京都,千代田区,大手町\n東京都,港区,芝\n",
        ["column_1", "column_2", "column_3"],
        3,
        {"no_header"},
    ),
    "log": (
        "2024-04-01 INFO a\n2024-04-01 ERROR b\n2024-04-02 INFO c\n",
        ["column_1", "column_2", "column_3"],
        3,
        set(),
    ),
    "words": (
        "氏名,部署,役職\n山田,営業,部長\n鈴木,人事,課長\n佐藤,営業,主任\n",
        ["氏名", "部署", "役職"],
        3,
        set(),
    ),
    "sales_report": (
        '"取引先名","金額","所有者"\n"A","1,200","山田, 太郎"\n"B","","鈴木"\n\n'
        '"商談レポート"\n"Copyright (c) 2024"\n',
        ["取引先名", "金額", "所有者"],
        2,
        {"blank_rows", "notes"},
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_table_is_found(tmp_path: Path, name: str) -> None:
    text, names, rows, told = LAYOUTS[name]
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    frame, repairs = read_table(tmp_path / "t.csv")
    assert frame.columns.tolist() == names and len(frame) == rows
    assert told <= set(repairs["rule"])
