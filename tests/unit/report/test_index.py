from pathlib import Path

from bs4 import BeautifulSoup

from csanalysis.model.dataset import Dataset
from csanalysis.report import IndexContent, KeyFigure
from csanalysis.report.export import Page, Site
from csanalysis.report.index import render_index
from csanalysis.report.provenance import changes, inputs, shown, versions

HOSTILE = "<script>alert(1)</script>"


def index_of(content: IndexContent, lang: str = "en") -> BeautifulSoup:
    page = Page("02 a.ipynb", "02 a.html", HOSTILE, "One line.", Path("02 a.ipynb"), (), True)
    return BeautifulSoup(render_index(content, Site(lang, "mine", "now", "0", (page,))), "html.parser")


def test_cards_tell_range_grade_source_and_link() -> None:
    figure = KeyFigure("FTE", "4.36", "note", "ADISH", "vendor", "3.9", "5.1", "02 a.ipynb")
    card = index_of(IndexContent(key_figures=(figure, KeyFigure("x", "1", link="none.ipynb")))).select(
        ".card"
    )
    text = card[0].get_text(" ")
    for part in ("FTE", "4.36", "Range 3.9 to 5.1", "Source: ADISH", "Evidence: vendor"):
        assert part in text
    assert card[0].a["href"] == "02%20a.html"
    assert card[1].a is None


def test_every_text_is_escaped() -> None:
    content = IndexContent(
        key_figures=(KeyFigure(*[HOSTILE] * 7),),
        findings=(HOSTILE,),
        inputs=((HOSTILE,) * 4,),
        versions=((HOSTILE,) * 2,),
        repairs=((HOSTILE,) * 2,),
    )
    page = index_of(content)
    assert page.find("script") is None
    assert page.get_text().count(HOSTILE) >= 15


def test_provenance_of_the_example(example: Dataset) -> None:
    rows = inputs(example)
    assert {row[0] for row in rows} >= {"task_inventory", "parameters", "benchmarks"}
    assert all(len(row[3]) == 64 for row in rows)
    assert {name for name, _ in versions()} >= {"Python", "csanalysis", "pandas", "numpy"}


def test_changed_parameters_tell_where(example: Dataset) -> None:
    sc = example.scenario.replace(arr=5e8)
    (change,) = [c for c in changes(sc, "en", ["arr"]) if c.key == "arr"]
    assert (change.now, change.unit) == ("500,000,000", "JPY/year")
    assert "--set" in change.source
    (change,) = [c for c in changes(sc, "en") if c.key == "arr"]
    assert change.source == f"scenarios/{sc.name}.csv"
    page = index_of(IndexContent(changes=(change,)))
    assert "500,000,000" in page.get_text()
    assert "No parameter was changed" in index_of(IndexContent()).get_text()


def test_values_are_shown_without_needless_decimals() -> None:
    assert shown(14.0, "cs_headcount", "ja") == "14"
    assert shown(None, "new_accounts_per_month", "en") == "derived"
