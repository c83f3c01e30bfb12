"""One test for each of the 48 kinds of bad input in docs/files.md: mended and told, refused, or asked."""

from __future__ import annotations

import gzip
import io
import re
import tomllib
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from csanalysis.errors import DataContractError, WorkspaceError
from csanalysis.io import read_table
from csanalysis.io.cleaning import to_amount, to_hours, to_number
from csanalysis.workspace import load_dataset
from csanalysis.workspace.marker import read_marker
from tests.unit.io.locked_workbooks import LOCKED_XLS, LOCKED_XLSX
from tests.unit.io.old_workbooks import unpacked

DOCS = Path(__file__).resolve().parents[3] / "docs" / "files.md"
Check = Callable[[Path], None]
CASES: dict[int, tuple[str, Check]] = {}


def row(number: int, outcome: str) -> Callable[[Check], Check]:
    """Register the test of a row of the catalogue."""

    def register(check: Check) -> Check:
        assert number not in CASES
        CASES[number] = (outcome, check)
        return check

    return register


@pytest.mark.parametrize("number", range(1, 49), ids=lambda n: f"row_{n:02d}")
def test_row(number: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    outcome, check = CASES[number]
    place = request.getfixturevalue("workspace") if check.__name__.startswith("workspace") else tmp_path
    check(place)
    assert outcome in ("repaired", "refused", "asked")


def test_the_documentation_lists_the_same_outcomes() -> None:
    found = re.findall(r"^\| (\d+) \|.*\| (repaired|refused|asked)\b", DOCS.read_text("utf-8"), re.M)
    assert {int(n): outcome for n, outcome in found} == {n: outcome for n, (outcome, _) in CASES.items()}


def read(folder: Path, content: str | bytes, name: str = "t.csv", **options: object) -> pd.DataFrame:
    """Read a file with this content; the rules told stand in ``attrs``."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    frame, repairs = read_table(path, lang="en", **options)  # type: ignore[arg-type]
    frame.attrs["told"] = repairs["rule"].tolist()
    frame.attrs["repairs"] = repairs
    return frame


def refusal(folder: Path, content: str | bytes, name: str = "t.csv", **options: object) -> str:
    """Return the message of the refusal; every failure names the file and a fix."""
    with pytest.raises(DataContractError) as caught:
        read(folder, content, name, **options)
    assert all(f.file == name and f.fix and f.expected for f in caught.value.failures)
    return str(caught.value)


def cells(frame: pd.DataFrame) -> list[list[str]]:
    found: list[list[str]] = frame.to_numpy().tolist()
    return found


def workbook(*rows: list[object], **formats: str) -> bytes:
    book = openpyxl.Workbook()
    for entered in rows:
        book.active.append(entered)
    for cell, form in formats.items():
        book.active[cell].number_format = form
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def changed(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """Return a workbook with other parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return stream.getvalue()


@row(1, "repaired")
def encodings(folder: Path) -> None:
    text = "顧客名,カナ\n㈱髙島屋,ﾀｶｼﾏﾔ\n表示ソフト,ﾋｮｳｼﾞ\n"
    assert cells(read(folder, text.encode("cp932"))) == [["㈱髙島屋", "ﾀｶｼﾏﾔ"], ["表示ソフト", "ﾋｮｳｼﾞ"]]
    euc = read(folder, "顧客名,月額\nアルファ商事,100\n東京工業,200\n".encode("euc_jp"))
    assert euc["顧客名"].tolist() == ["アルファ商事", "東京工業"]
    assert euc.attrs["repairs"]["detail"].tolist() == ["euc_jp"]
    kana = read(folder, "ﾒｲ,ﾖﾐ\nﾔﾏﾀﾞ,ﾀﾛｳ\n".encode("cp932"))
    assert cells(kana) == [["ﾔﾏﾀﾞ", "ﾀﾛｳ"]]
    assert "encoding" in refusal(folder, "name,city\nRené,Montréal\nZoë,Genève\n".encode("latin-1"))


@row(2, "repaired")
def vendor_characters(folder: Path) -> None:
    assert cells(read(folder, "名,値\n①㈱髙,ⅲ\n".encode("cp932"))) == [["①㈱髙", "ⅲ"]]


@row(3, "repaired")
def byte_order_mark(folder: Path) -> None:
    assert read(folder, "顧客,月額\nA,1\n".encode("utf-8-sig")).columns.tolist() == ["顧客", "月額"]


@row(4, "repaired")
def utf_16(folder: Path) -> None:
    frame = read(folder, "顧客\t月額\r\nA\t1\r\n".encode("utf-16"))
    assert cells(frame) == [["A", "1"]] and frame.attrs["told"] == ["encoding", "delimiter"]


@row(5, "refused")
def spoilt_text(folder: Path) -> None:
    assert "顧客" in refusal(folder, "鬘ｧ螳｢,月額\nA,1\n")
    message = refusal(folder, "顧客,月額\nA,1\n株式会社�,2\n")
    assert "row 3" in message and "column 顧客" in message


@row(6, "repaired")
def full_width(folder: Path) -> None:
    frame = read(folder, '名,値\nA,１２３\nB,"１，２００"\nC,２．５％\n')
    assert frame["値"].tolist() == ["123", "1,200", "2.5%"]
    assert frame.attrs["repairs"]["count"].tolist() == [3]


@row(7, "repaired")
def minus_signs(folder: Path) -> None:
    frame = read(folder, "a,b\n−1,x\n△5,x\n▲6,x\n(7),x\n－8,x\n–9,x\n")
    assert frame["a"].tolist() == ["-1", "-5", "-6", "-7", "-8", "-9"] and frame.attrs["told"] == ["notation"]
    items = read(folder, "項,内容\n(1),x\n(2),y\n")
    assert items["項"].tolist() == ["(1)", "(2)"] and items.attrs["told"] == []
    assert "row 2" in refusal(folder, "a,b\nー5,x\n3,y\n") and to_number("ー5") is None


@row(8, "repaired")
def workspace_spaces_in_keys(folder: Path) -> None:
    change(
        folder, "resources", lambda t: t.assign(resource_id=t["resource_id"].map(lambda k: f"{k}　\u00a0"))
    )
    ds = load_dataset(folder)
    assert ds.resources["resource_id"].tolist()[0] == "csm" and told(ds, "spaces")


@row(9, "repaired")
def amounts(folder: Path) -> None:
    entered = ["1,200", "１，２００", "¥1,200", "1200円", "12万円", "1.2億円", "1億2,000万", "▲300千円"]
    meant = [1200, 1200, 1200, 1200, 120_000, 120_000_000, 120_000_000, -300_000]
    assert [to_amount(cell) for cell in entered] == meant
    frame = read(folder, "名,月額\nA,12万円\nB,1.2億円\n")
    assert frame["月額"].tolist() == ["120000", "120000000"]
    assert "row 2" in refusal(folder, "名,月額\nA,1200\nB,12万円\n")
    assert to_amount("$5") is None


@row(10, "asked")
def workspace_percent(folder: Path) -> None:
    change(folder, "resources", lambda t: t.assign(rework_rate="3%"))
    assert set(load_dataset(folder).resources["rework_rate"]) == {0.03}
    change(folder, "task_inventory", lambda t: t.assign(standardised="40"))
    with pytest.raises(DataContractError, match="40%"):
        load_dataset(folder, lang="en")


@row(11, "repaired")
def durations(folder: Path) -> None:
    entered = ["1.5時間", "90分", "1:30", "1h30m", "1時間30分", "１．５時間"]
    assert [to_hours(cell) for cell in entered] == [1.5] * 6
    frame = read(folder, "業務,工数\nA,1.5時間\nB,90分\nC,1:30\n")
    assert frame["工数"].tolist() == ["1.5"] * 3 and frame.attrs["told"] == ["notation"]
    sheet = read(folder, workbook(["a", "b"], [1, timedelta(hours=25.5)], B2="[h]:mm"), "t.xlsx")
    assert sheet["b"].tolist() == ["25:30"] and to_hours("25:30") == 25.5


@row(12, "repaired")
def eras(folder: Path) -> None:
    frame = read(
        folder, "開始日,x\n令和6年4月1日,1\nR6.4.1,1\n令和元年5月1日,1\nＨ３１．４．３０,1\n㋿6年4月1日,1\n"
    )
    assert frame["開始日"].tolist() == ["2024-04-01"] * 2 + ["2019-05-01", "2019-04-30", "2024-04-01"]
    assert "row 2" in refusal(folder, "開始日,x\n平成31年5月1日,1\n令和2年1月1日,1\n")
    ditto = read(folder, "年次,件数\n昭和60年,1\n61,2\n平成元年,3\n2,4\n")
    assert ditto["年次"].tolist() == ["1985", "1986", "1989", "1990"] and "ditto_era" in ditto.attrs["told"]
    codes = read(folder, "code,x\nS1-2,1\nH1-3,1\n")
    assert codes["code"].tolist() == ["S1-2", "H1-3"] and codes.attrs["told"] == []


@row(13, "repaired")
def excel_serials(folder: Path) -> None:
    frame = read(folder, "契約日,x\n45383,1\n45384,2\n")
    assert frame["契約日"].tolist() == ["2024-04-01", "2024-04-02"] and frame.attrs["told"] == ["notation"]
    assert read(folder, "件数,x\n45383,1\n")["件数"].tolist() == ["45383"]
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["day", "x"])
    book.active.append([pd.Timestamp("2024-04-01").to_pydatetime(), 1])
    book.save(folder / "mac.xlsx")
    assert read_table(folder / "mac.xlsx")[0]["day"].tolist() == ["2024-04-01"]


@row(14, "asked")
def ambiguous_dates(folder: Path) -> None:
    log = "timestamp,user\n03-04-2024,a\n05-06-2024,b\n"
    message = refusal(folder, log)
    assert "timestamp" in message and 'dates="dmy"' in message
    assert read(folder, log, dates="dmy")["timestamp"].tolist() == ["2024-04-03", "2024-06-05"]
    assert read(folder, log, dates="mdy")["timestamp"].tolist() == ["2024-03-04", "2024-05-06"]
    assert read(folder, log, dates="text")["timestamp"].tolist() == ["03-04-2024", "05-06-2024"]
    clear = read(folder, log + "25-06-2024,c\n")
    assert clear["timestamp"].tolist()[-1] == "25-06-2024" and clear.attrs["told"] == ["date_order"]


@row(15, "repaired")
def months(folder: Path) -> None:
    assert read(folder, "月,x\n2024年4月,1\n令和6年5月,2\n")["月"].tolist() == ["2024-04", "2024-05"]
    assert read(folder, "月,x\n4月,1\n5月,2\n")["月"].tolist() == ["4月", "5月"]
    assert read(folder, "期,x\nFY2024,1\n24Q1,2\n")["期"].tolist() == ["FY2024", "24Q1"]


@row(16, "repaired")
def merged_headers(folder: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for cell, value in {
        "A1": "人口の推移",
        "F2": "令和6年1月1日現在",
        "A4": "県",
        "B4": "人口",
        "D4": "世帯",
    }.items():
        sheet[cell] = value
    for cell, value in {"B5": "男", "C5": "女", "D5": "一般", "E5": "施設"}.items():
        sheet[cell] = value
    for n, entered in enumerate(
        (["", "人", "人", "世帯", "世帯"], ["北海道", 1, 2, 3, 4], ["青森", 5, 6, 7, 8])
    ):
        for at, value in enumerate(entered, 1):
            sheet.cell(6 + n, at, value)
    for area in ("A1:E1", "A4:A5", "B4:C4", "D4:E4"):
        sheet.merge_cells(area)
    book.save(folder / "t.xlsx")
    frame, repairs = read_table(folder / "t.xlsx")
    assert frame.columns.tolist() == ["県", "人口_男", "人口_女", "世帯_一般", "世帯_施設"]
    assert cells(frame) == [["北海道", "1", "2", "3", "4"], ["青森", "5", "6", "7", "8"]]
    assert frame.attrs["units"] == {
        "人口_男": "人",
        "人口_女": "人",
        "世帯_一般": "世帯",
        "世帯_施設": "世帯",
    }
    assert {"preamble", "header_rows", "merged_cells", "units_row"} <= set(repairs["rule"])
    flat = read(folder, ",人口,,世帯,\n県,男,女,一般,施設\n北海道,1,2,3,4\n青森,5,6,7,8\n")
    assert flat.columns.tolist() == ["県", "人口_男", "人口_女", "世帯_一般", "世帯_施設"]


@row(17, "repaired")
def totals(folder: Path) -> None:
    frame = read(folder, "部門,件数,額\nA,1,100\nB,2,200\n合　計,3,300\n※消費税別,,\n")
    assert frame["部門"].tolist() == ["A", "B"] and frame.attrs["told"] == ["notes", "totals"]
    wrong = "部門,件数,額\nA,1,100\nB,2,200\n合計,3,999\n"
    message = refusal(folder, wrong)
    assert "row 4" in message and "999" in message and "300" in message
    assert len(read(folder, wrong, totals="keep")) == 3
    first = read(folder, "県,人口\n総数,30\n北海道,10\n青森,20\n")
    assert first["県"].tolist() == ["北海道", "青森"]


@row(18, "repaired")
def subtotals(folder: Path) -> None:
    frame = read(folder, "部門,額\nA,1\nB,2\n小計,3\nC,4\nD,5\n小計,9\n総計,12\n")
    assert frame["部門"].tolist() == ["A", "B", "C", "D"]
    assert frame.attrs["repairs"]["cells"].tolist() == ["4, 7, 8"]


@row(19, "repaired")
def workspace_duplicates(folder: Path) -> None:
    change(folder, "task_inventory", lambda t: pd.concat([t, t.iloc[[0]]]))
    ds = load_dataset(folder)
    assert ds.tasks["task_id"].is_unique and told(ds, "duplicate_rows")
    change(folder, "task_inventory", lambda t: pd.concat([t, t.iloc[[0]].assign(frequency="77")]))
    with pytest.raises(DataContractError) as caught:
        load_dataset(folder)
    assert {f.column for f in caught.value.failures} == {"task_id"} and len(caught.value.failures) == 2


@row(20, "repaired")
def identifiers(folder: Path) -> None:
    assert read(folder, "顧客番号,x\n00123,1\n2024-04-01,2\n")["顧客番号"].tolist() == ["00123", "2024-04-01"]
    assert "1.0E+05" in refusal(folder, "顧客番号,x\n1.0E+05,1\n123456,2\n")
    frame = read(folder, workbook(["zip", "x"], [600000, 1], A2="0000000"), "t.xlsx")
    assert frame["zip"].tolist() == ["0600000"]


@row(21, "repaired")
def workspace_half_width_kana(folder: Path) -> None:
    change(folder, "resources", lambda t: t.assign(resource_id=t["resource_id"].replace("bpo", "ｻﾎﾟｰﾄ")))
    change(folder, "parameters", lambda t: t[~t["key"].str.startswith("resources.bpo")])
    ds = load_dataset(folder)
    assert "サポート" in set(ds.resources["resource_id"]) and told(ds, "keys")


@row(22, "repaired")
def blank_rows_and_columns(folder: Path) -> None:
    frame = read(folder, "a,,b\n1,,2\n,,\n3,,4\n")
    assert cells(frame) == [["1", "2"], ["3", "4"]] and frame.index.tolist() == [2, 4]
    assert frame.attrs["told"] == ["blank_rows", "blank_columns"]


@row(23, "repaired")
def null_tokens(folder: Path) -> None:
    frame = read(folder, "国,額\nNA,-\nJP,100\nNA,－\nUS,未定\nFR,…\nDE,***\nIT,N/A\n")
    assert frame["国"].tolist()[:3] == ["NA", "JP", "NA"] and frame["額"].tolist() == ["", "100"] + [""] * 5
    assert "- × 1" in frame.attrs["repairs"]["detail"].item()


@row(24, "refused")
def excel_errors(folder: Path) -> None:
    message = refusal(folder, workbook(["a", "b"], [1, "#N/A"], ["#REF!", 2], [3, "#DIV/0!"]), "t.xlsx")
    assert "column B = '#N/A'" in message and "#REF!" in message and "#DIV/0!" in message


@row(25, "refused")
def formulas_without_result(folder: Path) -> None:
    message = refusal(folder, workbook(["a", "b"], [1, "=10+20"]), "t.xlsx")
    assert "row 2 column B" in message and "=10+20" in message


@row(26, "repaired")
def hidden_sheets(folder: Path) -> None:
    book = openpyxl.Workbook()
    book.active.sheet_state = "hidden"
    book.active.append(["old"])
    sheet = book.create_sheet("業務")
    for entered in (["a", "b"], [1, 2], [3, 4]):
        sheet.append(entered)
    sheet.row_dimensions[3].hidden = True
    very = book.create_sheet("奥")
    very.sheet_state = "veryHidden"
    other = book.create_sheet("別")
    other.append(["x", "y"])
    book.save(folder / "t.xlsx")
    frame, repairs = read_table(folder / "t.xlsx")
    assert cells(frame) == [["1", "2"], ["3", "4"]]
    assert repairs["rule"].tolist() == ["hidden_sheets", "other_sheets", "hidden_rows"]
    assert read_table(folder / "t.xlsx", sheet="Sheet", header=None)[0].iloc[0, 0] == "old"


@row(27, "refused")
def workspace_impossible_hours(folder: Path) -> None:
    hours = {"minutes": "", "hours_per_month": "-1"}
    change(folder, "task_inventory", lambda t: t.assign(**hours))
    with pytest.raises(DataContractError, match="hours_per_month"):
        load_dataset(folder)
    change(folder, "task_inventory", lambda t: t.assign(hours_per_month="800", driver="fixed"))
    assert told(load_dataset(folder), "many_hours")


@row(28, "repaired")
def workspace_synonyms(folder: Path) -> None:
    table = "取引先 ID,契約開始日,終了日,月額（円）\n001,2024年4月1日,,12万円\n002,R6.5.1,2025/3/31,80000円\n"
    (folder / "accounts.csv").write_text(table, encoding="cp932")
    ds = load_dataset(folder)
    assert ds.tables["accounts"]["mrr"].tolist() == [120_000, 80_000]
    assert "取引先 ID → account_id" in told(ds, "column_names") and told(ds, "quantities")
    (folder / "accounts.csv").write_text("Account Name,開始日,終了日,MRR\nアルファ商事,2024-04-01,,5\n")
    assert "Account Name → account_id" in told(load_dataset(folder), "column_names")
    (folder / "accounts.csv").write_text("顧客番号,開始日,終了日,月額利用料\n001,2024-04-01,,5\n")
    with pytest.raises(DataContractError, match="Did you mean 月額利用料"):
        load_dataset(folder, lang="en")
    (folder / "accounts.csv").write_text("顧客番号,顧客コード,開始日,終了日,MRR\n001,1,2024-04-01,,5\n")
    with pytest.raises(DataContractError, match="顧客番号, 顧客コード"):
        load_dataset(folder)


@row(29, "repaired")
def line_ends(folder: Path) -> None:
    assert cells(read(folder, b"a,b\r1,2\r\n3,4\n5,6\r")) == [["1", "2"], ["3", "4"], ["5", "6"]]


@row(30, "repaired")
def nul_bytes(folder: Path) -> None:
    frame = read(folder, b"a,b\n1\x00,2\n3,4\n")
    assert cells(frame) == [["1", "2"], ["3", "4"]] and frame.attrs["told"] == ["nul_removed"]
    assert "UTF-16" in refusal(folder, "a,b\n1,2\n".encode("utf-16-le"))


@row(31, "refused")
def open_quotation(folder: Path) -> None:
    message = refusal(folder, 'id,name,x\n1,"a,5\n2,b",6\n3,c,7\n')
    assert "row 2" in message and "quotation" in message
    assert "row 3" in refusal(folder, 'a,b\n1,2\n"3,4\n')
    kept = read(folder, 'id,note,x\n1,"line one\nline two, and more",6\n')
    assert kept["note"].item() == "line one\nline two, and more"


@row(32, "refused")
def extra_fields(folder: Path) -> None:
    assert "row 3" in refusal(folder, "a,b\n1,2\n1,2,3\n4,5\n")
    assert "3 fields were expected" in refusal(folder, "a,b\n1,2,3\n4,5,6\n")
    ends = read(folder, "a,b\n1,2,\n3,4,\n")
    assert cells(ends) == [["1", "2"], ["3", "4"]] and ends.attrs["told"] == ["trailing_delimiter"]


@row(33, "refused")
def missing_fields(folder: Path) -> None:
    assert "row 3" in refusal(folder, "a,b,c\n1,2,3\n4,5\n6,7,8\n")
    long = "id,name,fee\n" + "".join(f"{n},account {n},{n * 100}\n" for n in range(100))
    spoilt = long.replace("50,account 50,5000", "50,account 50")
    frame = read(folder, spoilt)
    assert len(frame) == 99 and 52 not in frame.index and frame.attrs["told"] == ["set_aside"]
    assert "row 52" in refusal(folder, spoilt, ragged="refuse")


@row(34, "repaired")
def delimiters(folder: Path) -> None:
    for mark in (";", "\t", "|", "，"):
        frame = read(folder, f"id{mark}名前\n1{mark}山田\n2{mark}鈴木\n")
        assert cells(frame) == [["1", "山田"], ["2", "鈴木"]] and frame.attrs["told"] == ["delimiter"]
    assert cells(read(folder, "a;b\n1,5;2,5\n3,5;4,5\n")) == [["1,5", "2,5"], ["3,5", "4,5"]]


@row(35, "repaired")
def long_cells(folder: Path) -> None:
    words = "長" * 40_000
    assert read(folder, f"a,b\n1,{words}\n")["b"].item() == words


@row(36, "refused")
def too_many_cells(folder: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active["XFD1048576"] = 1
    book.save(folder / "far.xlsx")
    with pytest.raises(DataContractError, match="1,048,576"):
        read_table(folder / "far.xlsx")
    book.active["XFD1048576"] = None
    book.active["A2"], book.active["B2"] = 1, 2
    book.save(folder / "near.xlsx")
    frame = read_table(folder / "near.xlsx")[0]
    assert cells(frame) == [["1", "2"]]
    long = "id,day\n" + "".join(f"{n % 7},2024-01-{n % 28 + 1:02d}\n" for n in range(60_000))
    assert len(read(folder, long)) == 60_000


@row(37, "refused")
def cut_archives(folder: Path) -> None:
    packed = gzip.compress(b"a,b\n" + b"1,2\n" * 5000)
    assert len(read(folder, packed, "t.csv.gz")) == 5000
    assert "Download it again" in refusal(folder, packed[: len(packed) // 2], "t.csv.gz")


@row(38, "refused")
def passwords(folder: Path) -> None:
    for locked, name in ((LOCKED_XLSX, "t.xlsx"), (LOCKED_XLSX, "t.csv"), (LOCKED_XLS, "t.xls")):
        message = refusal(folder, unpacked(locked), name)
        assert "protected by a password" in message and "remove the password" in message


@row(39, "repaired")
def other_kinds(folder: Path) -> None:
    html = (
        "<html><meta charset=utf-8><table><tr><th rowspan=2>部門<th colspan=2>売上<tr><th>4月<th>5月"
        "<tr><td>A<td>1<td>2<tr><td>B<td>3<td>4</table></html>"
    )
    closed = re.sub(r"(<t[hd][^>]*>)([^<]*)", lambda m: f"{m[1]}{m[2]}</{m[1][1:3]}>", html)
    closed = (
        closed.replace("<tr>", "</tr><tr>")
        .replace("<table></tr>", "<table>")
        .replace("</table>", "</tr></table>")
    )
    frame = read(folder, closed, "t.xls")
    assert frame.columns.tolist() == ["部門", "売上_4月", "売上_5月"]
    assert cells(frame) == [["A", "1", "2"], ["B", "3", "4"]]
    text = read(folder, "a,b\n1,2\n", "t.xlsx")
    assert cells(text) == [["1", "2"]] and text.attrs["told"] == ["other_kind"]
    assert "workbook" in refusal(folder, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 3000, "t.xls")


@row(40, "repaired")
def strict_workbooks(folder: Path) -> None:
    names = {
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
            b"http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
    }

    def strict(_: str, part: bytes) -> bytes:
        for old, new in names.items():
            part = part.replace(old, new)
        return part

    data = changed(workbook(["a", "b"], [1, "x"], [None, None], [2.5, "y"]), strict)
    assert cells(read(folder, data, "t.xlsx")) == [["1", "x"], ["2.5", "y"]]


@row(41, "refused")
def bombs(folder: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    assert "limit 100 times" in refusal(folder, stream.getvalue(), "t.xlsx")
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    evil = changed(
        workbook(["a"], [1]),
        lambda name, part: entity + part.split(b"?>", 1)[-1] if "sheet1" in name else part,
    )
    assert "DTD" in refusal(folder, evil, "t.xlsx")
    assert "limit 100 times" in refusal(folder, gzip.compress(b"1" * 20_000_000), "t.csv.gz")


@row(42, "refused")
def empty_files(folder: Path) -> None:
    assert "empty" in refusal(folder, b"") and "empty" in refusal(folder, " \r\n\n")
    assert "no data rows" in refusal(folder, "a,b\n")


@row(43, "repaired")
def workspace_doubled_names(folder: Path) -> None:
    frame = read(folder, "題名,ラベル,ラベル,ラベル_2,ラベル\nA,x,y,z,w\n")
    assert frame.columns.tolist() == ["題名", "ラベル", "ラベル_3", "ラベル_2", "ラベル_4"]
    assert frame.attrs["repairs"].loc[0, ["rule", "cells"]].tolist() == ["doubled_names", "3, 5"]
    assert "column 月, 額" in refusal(folder, "月,額,,月,額\n4月,1,,10月,2\n5月,3,,11月,4\n")
    assert "column 0" in refusal(folder, "x,0,0\nA,b,c\nB,d,e\n")
    change(folder, "resources", lambda t: t.rename(columns={t.columns[1]: t.columns[0]}))
    with pytest.raises(DataContractError, match="resource_id"):
        load_dataset(folder)


@row(44, "repaired")
def identifiers_like_values(folder: Path) -> None:
    frame = read(folder, "id,x\nNA,1\nTRUE,2\n1-2,3\n")
    assert frame["id"].tolist() == ["NA", "TRUE", "1-2"] and frame.attrs["told"] == []


@row(45, "refused")
def workspace_settings(folder: Path) -> None:
    marker = folder / "csanalysis.toml"
    text = marker.read_text("utf-8")
    assert tomllib.loads('a = "010"')["a"] == "010"
    marker.write_text(text + '\nlang = "ja"\nlang = "en"\n', encoding="utf-8")
    with pytest.raises((DataContractError, WorkspaceError), match=r"csanalysis\.toml"):
        read_marker(folder)


@row(46, "repaired")
def workspace_twins(folder: Path) -> None:
    names = ("髙島商事", "高島商事", "㈱Ａ")
    table = "account_id,start_date,end_date,mrr\n" + "".join(f"{name},2024-04-01,,1\n" for name in names)
    (folder / "accounts.csv").write_text(table, encoding="utf-8")
    ds = load_dataset(folder)
    assert ds.tables["accounts"]["account_id"].tolist() == ["髙島商事", "高島商事", "(株)A"]
    assert "高島商事 / 髙島商事" in told(ds, "near_names")


@row(47, "refused")
def cut_characters(folder: Path) -> None:
    assert "UTF-8 character" in refusal(folder, "a,b\n1,顧客".encode()[:-1])
    second_byte = read(folder, '項目,値\n"表示,ソフト,能力",1\n表\\,2\n'.encode("cp932"))
    assert second_byte["項目"].tolist() == ["表示,ソフト,能力", "表\\"]


@row(48, "asked")
def time_zones(folder: Path) -> None:
    mixed = "ts,user\n2024-04-01T10:00:00+09:00,a\n2024-04-01T10:00:00Z,b\n2024-04-01 10:00:00,c\n"
    message = refusal(folder, mixed)
    assert "row 3" in message and "+09:00, Z, naive" in message
    assert "epoch" in refusal(folder, "ts,user\n2024-04-01T10:00:00Z,a\n1711929600000,b\n")
    future = read(folder, "ts,user\n2024-04-01 10:00:00,a\n2999-01-01 00:00:00,b\n")
    assert future.attrs["told"] == ["future_rows"]


def change(folder: Path, table: str, to: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Rewrite a table of a workspace."""
    path = folder / f"{table}.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    to(frame).to_csv(path, index=False, encoding="utf-8-sig")


def told(ds: object, rule: str) -> str:
    """Return what the repairs log of a dataset tells under a rule; "" for nothing."""
    repairs: pd.DataFrame = ds.repairs  # type: ignore[attr-defined]
    found = repairs[repairs["rule"] == rule]
    return " ".join(
        f"{a} {b} {c}" for a, b, c in zip(found["detail"], found["cells"], found["count"], strict=True)
    )
