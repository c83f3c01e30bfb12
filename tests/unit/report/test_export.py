from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from csanalysis.report.blocks import blocks
from csanalysis.report.export import Page, Site, read_page, render_page
from csanalysis.report.index import BoardSection, IndexContent, Statement, render_index

VIEW = {"application/vnd.jupyter.widget-view+json": {"model_id": "m", "version_major": 2}}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def shown(data: dict[str, object], metadata: dict[str, object] | None = None) -> NotebookNode:
    output = new_output("display_data", data=data, metadata=metadata or {})
    return new_code_cell("draw()", outputs=[output])


def page_of(nb: NotebookNode, folder: Path, lang: str = "en", show_code: bool = False) -> Page:
    return read_page(folder / "02 フェーズ.ipynb", nb, lang, show_code=show_code)


def html_of(nb: NotebookNode, folder: Path, lang: str = "en", show_code: bool = False) -> BeautifulSoup:
    page = page_of(nb, folder, lang, show_code)
    other = Page("05_cost.ipynb", "05_cost.html", "Cost <b>", "", folder, (), True)
    site = Site(lang, "<i>mine</i>", "2026-11-22", "0", (page, other))
    return BeautifulSoup(render_page(page, site), "html.parser")


def test_page_is_self_contained_and_says_its_language(tmp_path: Path) -> None:
    nb = new_notebook(cells=[new_markdown_cell("# Phase")])
    page = html_of(nb, tmp_path)
    assert page.html["lang"] == "en"
    assert page.title.string.startswith("Phase")
    assert page.find("script") is None
    assert [link["href"] for link in page.find_all("link")] == ["data:,"]
    assert page.select_one("a.skip")["href"] == "#content"
    assert "<i>mine" in page.get_text()
    assert page.find("i") is None
    assert page.select_one("nav.pages").find("b") is None


def test_links_to_other_pages_and_nowhere_else(tmp_path: Path) -> None:
    text = "# P\n\n[a](05_cost.ipynb#Cost) [b](../data/README.md) [c](https://example.com) [d](#P)"
    links = {
        a.get_text(): a["href"]
        for a in html_of(new_notebook(cells=[new_markdown_cell(text)]), tmp_path).main("a")
    }
    assert links["a"] == "05_cost.html#Cost"
    assert "b" not in links
    assert links["c"] == "https://example.com"
    assert links["d"] == "#P"


def test_headings_get_unique_ids_and_a_contents_list(tmp_path: Path) -> None:
    nb = new_notebook(cells=[new_markdown_cell("# P"), new_markdown_cell("## 今 の位置\n\n## x\n\n## x")])
    page = html_of(nb, tmp_path)
    assert [h["id"] for h in page.main.find_all("h2")] == ["今-の位置", "x", "x-2"]
    assert len(page.select("nav.contents a")) == 3


def test_title_and_summary(tmp_path: Path) -> None:
    text = "## 診断 <b>\n\n" + "人数からフェーズを判断します。" * 20
    page = page_of(new_notebook(cells=[new_markdown_cell(text)]), tmp_path, "ja")
    assert page.title.startswith("診断")
    assert page.summary.endswith("。")
    assert len(page.summary) <= 140
    assert page_of(new_notebook(cells=[new_code_cell("1")]), tmp_path).title == "02 フェーズ"
    assert page.link == "02%20%E3%83%95%E3%82%A7%E3%83%BC%E3%82%BA.html"


def test_missing_language_is_told(tmp_path: Path) -> None:
    nb = new_notebook(cells=[new_markdown_cell("# 題", metadata={"tags": ["lang-ja"]}), new_code_cell("1")])
    assert "no text in English" in html_of(nb, tmp_path, "en").select_one(".notice").get_text()
    assert html_of(nb, tmp_path, "ja").select_one(".notice") is None


def test_panel_shows_its_static_form(tmp_path: Path) -> None:
    nb = new_notebook(cells=[shown({**VIEW, "text/plain": "Panel()", "text/html": "<p>still</p>"})])
    main = html_of(nb, tmp_path).main
    assert "still" in main.get_text()
    assert "Panel()" not in main.get_text()


def test_bare_widget_becomes_one_note(tmp_path: Path) -> None:
    widgets = [shown({**VIEW, "text/plain": "IntSlider(value=1)"}) for _ in range(2)]
    main = html_of(new_notebook(cells=widgets), tmp_path).main
    assert len(main.select(".note")) == 1
    assert "JupyterLab" in main.get_text()
    assert "IntSlider" not in main.get_text()


def test_figures_have_alternative_texts(tmp_path: Path) -> None:
    nb = new_notebook(
        cells=[
            new_markdown_cell("# Phase\n\n## Ladder"),
            shown({"image/png": PIXEL, "text/plain": "<Figure>"}),
            shown({"image/png": PIXEL}, {"image/png": {"alt": 'a "b" <c>', "width": 300}}),
            shown({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"}),
        ]
    )
    images = html_of(nb, tmp_path).main.find_all("img")
    assert [image["alt"] for image in images] == ["Figure: Ladder", 'a "b" <c>', "Figure: Ladder"]
    assert images[1]["width"] == "300"
    assert all(image["src"].startswith("data:image/") for image in images)


def test_pictures_in_text_are_embedded(tmp_path: Path) -> None:
    (tmp_path / "図 1.png").write_bytes(b"png")
    (tmp_path.parent / "secret.png").write_bytes(b"secret")
    text = (
        "![one](<図 1.png>) ![two](https://example.com/x.png) ![three](../secret.png)"
        " ![four](attachment:a.png)"
    )
    nb = new_notebook(cells=[new_markdown_cell(text, attachments={"a.png": {"image/png": PIXEL}})])
    main = html_of(nb, tmp_path).main
    assert [image["alt"] for image in main.find_all("img")] == ["one", "four"]
    assert "could not be included: two" in main.get_text()
    assert "could not be included: three" in main.get_text()


def test_hostile_names_are_harmless_everywhere(tmp_path: Path) -> None:
    name = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    cells = [
        new_markdown_cell(f"# {name}\n\na {name} [x](javascript:alert(1))"),
        shown({"text/html": f"<p>{name}</p>"}),
        shown({"text/markdown": name}),
        shown({"text/plain": name}),
        shown(
            {"application/javascript": "alert(1)", "text/plain": "<IPython.core.display.Javascript object>"}
        ),
        new_code_cell("print()", outputs=[new_output("stream", name="stdout", text=name)]),
    ]
    page = html_of(new_notebook(cells=cells), tmp_path, show_code=True)
    assert page.find("script") is None
    assert not [tag for tag in page.find_all(True) if any(key.startswith("on") for key in tag.attrs)]
    assert not [link for link in page.find_all("a") if link.get("href", "").startswith("javascript")]
    assert name in page.main.get_text()


def test_frames_keep_hostile_cells_as_text(tmp_path: Path) -> None:
    frame = pd.DataFrame({"name": ["<script>alert(1)</script>", "b"], "hours": ["1,234", "5"]})
    page = html_of(new_notebook(cells=[shown({"text/html": frame._repr_html_()})]), tmp_path)
    assert page.find("script") is None
    assert "<script>alert(1)</script>" in page.main.get_text()
    assert [cell.get("class") for cell in page.main.find_all("td")][:2] == [["long"], ["short", "number"]]
    assert page.main.find("table").parent["class"] == ["wide"]


def test_code_and_messages_only_on_request(tmp_path: Path) -> None:
    outputs = [
        new_output("stream", name="stderr", text="UserWarning: careful"),
        new_output("stream", name="stdout", text="\x1b[31mprinted\x1b[0m"),
        new_output("execute_result", data={"text/plain": "<Axes: xlabel='x'>"}),
    ]
    nb = new_notebook(cells=[new_code_cell("secret_code = 1", outputs=outputs)])
    plain = html_of(nb, tmp_path).main.get_text()
    assert "printed" in plain
    assert "\x1b" not in plain
    for hidden in ("secret_code", "careful", "Axes"):
        assert hidden not in plain
        assert hidden in html_of(nb, tmp_path, show_code=True).main.get_text()


@pytest.mark.parametrize("data", [{"text/plain": "42"}, {"text/latex": "$x^2$", "text/plain": "x"}])
def test_values_stay(data: dict[str, str]) -> None:
    (block,) = blocks(new_notebook(cells=[shown(data)]), "ja", notebook="n")
    assert block.kind == "printed"


def test_a_statement_of_the_board_page_leads_to_the_cell_that_shows_it(tmp_path: Path) -> None:
    """A board asks "where does this number come from?": one click, and never to a place that is not there."""
    cell = shown({"text/html": "<p>451</p>"})
    cell.id = "show-x"
    page = read_page(tmp_path / "05_cost.ipynb", new_notebook(cells=[cell]), "en")
    assert page.anchors == {"cell-show-x"}
    site = Site("en", "s", "now", "1", (page,))
    told = (Statement("Cost 1", "05_cost#show-x"), Statement("Cost 2", "05_cost#gone"), Statement("3", "no"))
    section = BoardSection("cash", "Cash", told)
    html = BeautifulSoup(render_index(IndexContent(board=(section,)), site), "html.parser")
    assert [a["href"] for a in html.select(".board a")] == ["05_cost.html#cell-show-x", "05_cost.html"]
    assert 'id="cell-show-x"' in render_page(page, site)
