"""Workbooks in other forms than Excel's own: OpenDocument, XML Spreadsheet 2003, web archives."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from csanalysis.errors import DataContractError
from csanalysis.io import read_table

_HEADER = ["番号", "名", "県", "日", "額", "時間"]
_SS = "urn:schemas-microsoft-com:office:spreadsheet"
_XML2003 = """<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="{0}" xmlns:ss="{0}" xmlns:x="urn:schemas-microsoft-com:office:excel"><Styles>
<Style ss:ID="z"><NumberFormat ss:Format="00000"/></Style>
<Style ss:ID="k"><NumberFormat ss:Format="#,##0,"/></Style></Styles>{1}</Workbook>"""
_TABLE2003 = """<Worksheet ss:Name="表"><Table><Column ss:Index="3" ss:Hidden="1"/>
<Row><Cell ss:MergeAcross="5"><Data ss:Type="String">一覧</Data></Cell></Row>
<Row ss:Index="3">{names}</Row>
<Row><Cell ss:StyleID="z"><Data ss:Type="Number">42</Data></Cell>
<Cell><Data ss:Type="String"><B>東京</B>商事</Data><Comment><Data>注</Data></Comment>
<x:PhoneticText>トウキョウ</x:PhoneticText></Cell>
<Cell ss:MergeDown="1"><Data ss:Type="String">東</Data></Cell>
<Cell><Data ss:Type="DateTime">2024-04-01T00:00:00.000</Data></Cell>
<Cell ss:StyleID="k"><Data ss:Type="Number">1200.5</Data></Cell>
<Cell><Data ss:Type="DateTime">1900-01-01T06:15:00.000</Data></Cell></Row>
<Row ss:Hidden="1"><Cell ss:StyleID="z"><Data ss:Type="Number">7</Data></Cell>
<Cell><Data ss:Type="Boolean">1</Data></Cell><Cell ss:Index="5"><Data ss:Type="Number">3</Data></Cell></Row>
</Table></Worksheet><Worksheet ss:Name="控">
<Table><Row><Cell><Data ss:Type="String">x</Data></Cell></Row></Table>
<WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>""".replace(
    "{names}",
    "".join(
        f'<Cell><Data ss:Type="String">{n}</Data></Cell>' for n in ("番号", "名", "県", "日", "額", "時間")
    ),
)
_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
_ODS = """<?xml version="1.0"?><office:document {0}
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"
 xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"><office:styles>
<number:number-style style:name="N1"><number:number number:display-factor="1000"/></number:number-style>
<style:style style:name="k" style:data-style-name="N1"/>
<style:style style:name="h"><style:table-properties table:display="false"/></style:style></office:styles>
<office:body><office:spreadsheet>{1}</office:spreadsheet></office:body></office:document>"""
_TABLE_ODS = """<table:table table:name="控" table:style-name="h"><table:table-row>
<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>
</table:table-row></table:table><table:table table:name="表">
<table:table-column table:number-columns-repeated="2"/>
<table:table-column table:visibility="collapse"/>
<table:table-row><table:table-cell table:number-columns-spanned="6"><text:p>一覧</text:p></table:table-cell>
<table:covered-table-cell table:number-columns-repeated="5"/></table:table-row>
<table:table-row><table:table-cell/></table:table-row>
<table:table-row>{names}<table:table-cell table:number-columns-repeated="16378"/></table:table-row>
<table:table-row><table:table-cell office:value-type="float" office:value="42"><text:p>00042</text:p>
</table:table-cell><table:table-cell office:value-type="string"><office:annotation><text:p>注</text:p>
</office:annotation><text:p>東京<text:ruby><text:ruby-base>商事</text:ruby-base><text:ruby-text
>ショウジ</text:ruby-text></text:ruby></text:p></table:table-cell>
<table:table-cell office:value-type="string" table:number-rows-spanned="2"><text:p>東</text:p>
</table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2024-04-01"/>
<table:table-cell table:style-name="k" office:value-type="float" office:value="1200.5"><text:p>1</text:p>
</table:table-cell><table:table-cell office:value-type="time" office:time-value="PT30H15M00S"/>
</table:table-row>
<table:table-row table:visibility="filter"><table:table-cell office:value-type="float" office:value="7">
<text:p>00007</text:p></table:table-cell>
<table:table-cell office:value-type="boolean" office:boolean-value="true"/><table:covered-table-cell/>
<table:table-cell/><table:table-cell table:style-name="k" office:value-type="float" office:value="3"/>
</table:table-row>
<table:table-row table:number-rows-repeated="1048571">
<table:table-cell table:number-columns-repeated="16384"/>
</table:table-row></table:table>""".replace(
    "{names}",
    "".join(
        f'<table:table-cell office:value-type="string"><text:p>{n}</text:p></table:table-cell>'
        for n in _HEADER
    ),
)


def written(folder: Path, kind: str, table: str) -> Path:
    path = folder / f"t.{kind}"
    if kind == "xml":
        path.write_text(_XML2003.format(_SS, table), encoding="utf-8")
        return path
    text = _ODS.format(_NAMES, table)
    if kind == "fods":
        path.write_text(text, encoding="utf-8")
        return path
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", text)
    return path


def refused(path: Path) -> str:
    with pytest.raises(DataContractError) as caught:
        read_table(path, lang="en")
    return str(caught.value)


@pytest.mark.parametrize(("kind", "table"), [("xml", _TABLE2003), ("fods", _TABLE_ODS), ("ods", _TABLE_ODS)])
def test_all_that_a_sheet_says_is_read_or_told(tmp_path: Path, kind: str, table: str) -> None:
    """A fods file was read as lines of text; the others were refused."""
    frame, repairs = read_table(written(tmp_path, kind, table))
    assert frame.columns.tolist() == _HEADER
    assert frame.to_numpy().tolist() == [
        ["00042", "東京商事", "東", "2024-04-01", "1200.5", "30:15"],
        ["00007", "TRUE", "東", "", "3", ""],
    ]
    told = repairs.set_index("rule")
    assert set(told.index) == {
        "merged_cells", "format_scaled", "hidden_sheets", "hidden_rows", "hidden_columns", "preamble"
    }  # fmt: skip
    assert told.loc["hidden_rows", "cells"] == "5" and told.loc["hidden_columns", "cells"] == "C"


def cell(attributes: str, text: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def test_errors_and_formulas_without_value(tmp_path: Path) -> None:
    """calamine gives both as blanks."""
    row = '<Row><Cell {1}><Data ss:Type="{0}">{2}</Data></Cell></Row>'
    head = row.format("String", "", "a")
    table = f'<Worksheet ss:Name="s"><Table>{head}{{}}</Table></Worksheet>'
    errors = row.format("Error", "", "#N/A") + row.format("Number", 'ss:Formula="=B1"', "")
    message = refused(written(tmp_path, "xml", table.format(errors)))
    assert "#N/A" in message and "=B1" in message
    cells = cell('table:formula="of:=1/0" calcext:value-type="error" office:value-type="string"', "#DIV/0!")
    cells += cell('table:formula="of:=B1"')
    rows = f"<table:table-row>{cells}</table:table-row>"
    message = refused(written(tmp_path, "fods", f'<table:table table:name="s">{rows}</table:table>'))
    assert "#DIV/0!" in message and "of:=B1" in message


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            '<Worksheet><Table><Row ss:Index="999999999"><Cell ss:Index="99"/></Row></Table></Worksheet>',
            "limit",
        ),
        ('<Worksheet><Table><Row ss:Index="2"/><Row ss:Index="1"/></Table></Worksheet>', "out of order"),
        ("<Worksheet><Table><Row>", "ParseError"),
        ("", "no sheet"),
    ],
)
def test_broken_and_hostile_texts_are_refused(tmp_path: Path, table: str, said: str) -> None:
    path = written(tmp_path, "xml", table)
    assert said in refused(path)
    path.write_text(path.read_text().replace("<Workbook", '<!DOCTYPE a [<!ENTITY b "c">]><Workbook'))
    assert "DTD" in refused(path)


def test_repeated_cells_are_bounded_and_locked_archives_named(tmp_path: Path) -> None:
    filled = cell('table:number-columns-repeated="16384" office:value-type="string"', "x")
    rows = f'<table:table-row table:number-rows-repeated="1048576">{filled}</table:table-row>'
    assert "limit" in refused(written(tmp_path, "fods", f'<table:table table:name="s">{rows}</table:table>'))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
        archive.writestr("content.xml", "x")
    (tmp_path / "t.ods").write_bytes(stream.getvalue())
    assert "password" in refused(tmp_path / "t.ods")


_FILL = {
    "blank sheets": (1, "", 'table:number-rows-repeated="1048570"', ""),
    "spaces": (1, '<text:s text:c="2000000000"/>', "", ""),
    "columns": (2, "x", "", 'table:number-columns-repeated="16384"'),
    "negative": (1, "x", 'table:number-rows-repeated="-9"', 'table:number-columns-repeated="-9"'),
}


@pytest.mark.parametrize("case", _FILL)
def test_stated_repeats_do_not_fill_the_memory(tmp_path: Path, case: str) -> None:
    """A hundred blank sheets took a gigabyte, one element of two thousand million spaces the rest."""
    count, text, rows, columns = _FILL[case]
    kind = 'office:value-type="string"'
    rows_of = [[cell(kind, text) for text in row] for row in (("id", "v"), ("a", "p"), ("b", "q"))]
    head = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in rows_of)
    last = cell(f"{kind} {columns}", text) * count
    body = f"{head}<table:table-row {rows}>{last}</table:table-row>"
    path = written(
        tmp_path, "fods", "".join(f'<table:table table:name="s{n}">{body}</table:table>' for n in range(40))
    )
    if case == "columns":
        assert "32,768" in refused(path)
        return
    assert read_table(path)[0].values.tolist() == [["a", "p"], ["b", "q"]]


def test_rows_beyond_a_sheet_and_document_types_stop(tmp_path: Path) -> None:
    """Rows behind the last one that a sheet has were dropped without a word."""
    row = '<Row {}><Cell><Data ss:Type="String">{}</Data></Cell></Row>'
    rows = "".join(row.format(*at) for at in (("", "id"), ("", "a"), ('ss:Index="1048576"', "b"), ("", "c")))
    path = written(tmp_path, "xml", f'<Worksheet ss:Name="s"><Table>{rows}</Table></Worksheet>')
    assert "1,048,577" in refused(path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("?>", '?><!DOCTYPE x [<!ENTITY a "aa">]>', 1), encoding="utf-8")
    assert "document type" in refused(path)


def test_web_archives_and_pages_behind_a_prolog(tmp_path: Path) -> None:
    """What systems call xls; readings above a word and line breaks in a name are none of its letters."""
    page = "<table><tr><th>番号<th>商談<br>名<tr><td>1<td><ruby>山田<rt>やまだ</rt></ruby>"
    page += "<tr><td>2<td>佐藤</table>"
    path = tmp_path / "t.xls"
    found: list[pd.DataFrame] = []
    head = 'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"\n\n--b\n'
    head += 'Content-Type: text/html; charset="utf-8"\nContent-Transfer-Encoding: 8bit\n\n'
    for text in (f'<?xml version="1.0"?><!DOCTYPE html><html>{page}</html>', f"{head}{page}\n--b--\n"):
        path.write_text(text, encoding="utf-8")
        found.append(read_table(path)[0])
    for frame in found:
        assert frame.columns.tolist() == ["番号", "商談名"] and frame["商談名"].tolist() == ["山田", "佐藤"]
    path.write_text("MIME-Version: 1.0\nContent-Type: text/plain\n\nx\n")
    assert "MHTML" in refused(path)


def test_fields_pictures_and_hidden_rows_of_a_page(tmp_path: Path) -> None:
    """A field was blank, a choice gave all its options, and rows that nobody sees were not told."""
    choice = "<select><option>未<option selected>済</select>"
    rows = f'<tr><td>1<td><input value="12"><td>{choice}<td><img alt="有効">'
    rows += '<tr style="display: none"><td>2<td>5<td>済<td>無効<tr><td>3<td>7<td>未<td>'
    (tmp_path / "t.html").write_text(f"<table><tr><th>id<th>数<th>状<th>印{rows}</table>", encoding="utf-8")
    frame, repairs = read_table(tmp_path / "t.html")
    assert frame.loc[2].tolist() == ["1", "12", "済", "有効"]
    assert repairs.set_index("rule").loc["hidden_rows", "cells"] == "3"
