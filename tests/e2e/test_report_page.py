"""The report in a real browser whose network is cut: it asks for nothing, complains of nothing, and fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Browser, Page, Route, sync_playwright

import csanalysis as cs
from csanalysis.report import build_report
from csanalysis.workspace import create_workspace, example_dir

pytestmark = pytest.mark.browser

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
JAPANESE = re.compile("[぀-ヿ㐀-鿿]")
NAME = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
OWN = "99 自分の.ipynb"
LOADED = "[...document.images].every(image => image.complete && image.naturalWidth > 0 && image.alt.trim())"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def own_notebook() -> nbformat.NotebookNode:
    """Return a notebook with everything that tempts a page to run or to load something."""
    display = "from IPython.display import HTML, Javascript, Markdown, display\n"
    return new_notebook(
        cells=[
            new_markdown_cell(f"# Own\n\n{NAME}\n\n![remote](https://example.com/x.png)"),
            new_code_cell(f"{display}name = {NAME!r}\ndisplay(HTML(name), Markdown(name), Javascript('1'))"),
            new_code_cell(
                "HTML('<link rel=stylesheet href=https://example.com/a.css><style>@import x</style>')"
            ),
            new_code_cell("import pandas as pd\npd.DataFrame({f'column {n}': [name] for n in range(12)})"),
            new_code_cell("import matplotlib.pyplot as plt\nplt.figure(figsize=(5, 40)); plt.plot([1, 2]);"),
            new_code_cell("import ipywidgets\nipywidgets.IntSlider()"),
        ]
    )


@dataclass
class Watched:
    """A browser page and everything it asked for or complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=["ja", "en"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    lang = request.param
    workspace = create_workspace(tmp_path_factory.mktemp("e2e") / "業務 work", lang)
    kept = ("00", "02", "05")
    for notebook in (workspace / "notebooks").glob("*.ipynb"):  # what all of them say: tests/notebooks
        if not notebook.name.startswith(kept):
            notebook.unlink()
    nbformat.write(own_notebook(), workspace / "notebooks" / OWN)
    out = tmp_path_factory.mktemp("out") / "レポート 1"
    sliders = lang == "ja"  # their grids take long, and one language shows what they do
    return lang, build_report(workspace, out, lang=lang, progress=False, sliders=sliders).parent


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1200, "height": 900}, offline=True)
    watched = Watched(context.new_page())

    def cut(route: Route) -> None:
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            route.abort()

    context.route("**/*", cut)
    watched.page.on("request", lambda request: watched.asked.append(request.url))
    watched.page.on("requestfailed", lambda request: watched.complaints.append(request.url))
    watched.page.on("console", lambda message: watched.complaints.append(message.text))
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    yield watched
    context.close()


def test_every_page_opens_without_a_network(report: tuple[str, Path], watched: Watched) -> None:
    lang, folder = report
    pages = sorted(folder.glob("*.html"))
    assert len(pages) >= 2
    for path in pages:
        watched.page.goto(path.as_uri())
        assert watched.page.locator("html").get_attribute("lang") == lang
        assert watched.page.evaluate(LOADED), path.name
        assert watched.page.locator("h1").count() == 1, path.name
        assert watched.page.title() != "owned"
    assert watched.complaints == []
    assert [url for url in watched.asked if not url.startswith(("file:", "data:"))] == []
    documents = [url for url in watched.asked if url.startswith("file:")]
    assert documents == [path.as_uri() for path in pages]


def test_pages_fit_screen_phone_and_paper(report: tuple[str, Path], watched: Watched) -> None:
    _, folder = report
    for path in sorted(folder.glob("*.html")):
        watched.page.emulate_media(media="screen")
        watched.page.goto(path.as_uri())
        for width in (1200, 390):
            watched.page.set_viewport_size({"width": width, "height": 800})
            assert watched.page.evaluate(OVERFLOW) <= 0, (path.name, width)
        watched.page.emulate_media(media="print")
        watched.page.set_viewport_size({"width": 680, "height": 990})  # A4 without its margins, 96 dpi
        assert watched.page.evaluate(OVERFLOW) <= 0, path.name
        heights = watched.page.evaluate("[...document.images].map(image => image.height)")
        assert all(height < 950 for height in heights), path.name


def test_reader_finds_the_way(report: tuple[str, Path], watched: Watched) -> None:
    _, folder = report
    page = watched.page
    page.goto((folder / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href") == "#content"
    page.locator("main .list a").last.click()
    assert page.locator("h1").inner_text() == "Own"
    assert page.locator("main .note").count() == 1
    page.locator("nav.turn a[rel=prev]").click()
    page.locator("nav.pages a").first.click()
    assert page.locator(".cards .card").count() >= 4
    for link in page.locator(".card .more a").all():
        assert (folder / str(link.get_attribute("href"))).is_file()


def test_english_pages_hold_no_japanese(report: tuple[str, Path], watched: Watched) -> None:
    lang, folder = report
    for path in sorted(folder.glob("*.html")):
        if path.stem == Path(OWN).stem:
            continue
        watched.page.goto(path.as_uri())
        found = JAPANESE.findall(watched.page.locator("main").inner_text())
        assert bool(found) == (lang == "ja"), path.name


SIZING = "05_cost_sizing.html"
CELLS = ".sliders >> nth=0 >> td.moved"


@pytest.mark.parametrize("report", ["ja"], indirect=True)
def test_sliders_move_without_a_network_and_say_what_the_model_says(
    report: tuple[str, Path], watched: Watched
) -> None:
    lang, folder = report
    page = watched.page
    page.goto((folder / SIZING).as_uri())
    section = page.locator(".sliders").first
    slider = section.locator("input").first
    at_first = page.locator(CELLS).all_inner_texts()
    ds = cs.load_dataset(example_dir(), lang=lang)
    for press in ("ArrowRight", "End", "Home"):
        slider.focus()
        page.keyboard.press(press)
        shown = section.locator("output").first.inner_text()
        position = int(slider.input_value())
        arr = section.evaluate("(s, n) => JSON.parse(s.dataset.whatif)[0].s[n].v", position)
        assert shown == arr == slider.get_attribute("aria-valuetext")
        assert page.locator(CELLS).all_inner_texts() != at_first
        assert shown in section.locator("th.moved").inner_text()
    # Home is the low end of the slider; the model says what stands there.
    low = float(cs.scenario_panel(ds, ds.scenario, ["arr"], ["sizing"]).controls["arr"].min)
    sizing = cs.size_team(ds, ds.scenario.replace(arr=low))
    wanted = cs.tables.parameters(ds.scenario.replace(arr=low), ["arr"], lang).html
    assert shown in wanted
    assert f"{sizing.method('cost_ratio').fte:.2f}" in page.locator(CELLS).all_inner_texts()[1]
    second = section.locator("input").nth(1)
    second.focus()
    page.keyboard.press("End")  # the first goes back: one assumption at a time
    assert section.locator(".slider.off").count() == 1
    section.locator("button").click()
    assert page.locator(CELLS).all_inner_texts() == at_first and section.locator(".slider.off").count() == 0
    assert watched.complaints == []


@pytest.mark.parametrize("name", ["index.html", "02_phase_diagnosis.html", SIZING])
def test_axe_finds_no_serious_violation(report: tuple[str, Path], watched: Watched, name: str) -> None:
    _, folder = report
    watched.page.goto((folder / name).as_uri())
    found = Axe().run(watched.page).response["violations"]
    serious = [
        (v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("report", ["ja"], indirect=True)
def test_printed_charts_are_not_cut(report: tuple[str, Path], watched: Watched) -> None:
    """Chromium moves a picture that does not fit to the next sheet of A4 only if it may not be broken."""
    _, folder = report
    watched.page.emulate_media(media="print")
    watched.page.goto((folder / SIZING).as_uri())
    rules = watched.page.evaluate(
        "[...document.querySelectorAll('figure, .slider, .whatif table tr')]"
        ".map(e => getComputedStyle(e).breakInside)"
    )
    assert rules and set(rules) == {"avoid"}
    assert watched.page.locator(".whatif input:visible, .whatif button:visible").count() == 0
    assert watched.page.pdf(format="A4").startswith(b"%PDF")
