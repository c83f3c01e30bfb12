"""Sliders of the report: one audited script, what a notebook leaves is data, pages say their weight."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from csanalysis.report.export import Site, read_page, render_page
from csanalysis.report.whatif import MIME, read_grid, render_whatif, script, script_hash

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\" '"
GRID: dict[str, Any] = {
    "figures": ["FTE", EVIL],
    "sliders": [
        {
            "label": EVIL,
            "base": 1,
            "drawn": 0,
            "points": [
                {"value": "1 k", "x": 1.0, "cells": ["2 FTE", EVIL], "y": 2.0, "fault": ""},
                {"value": EVIL, "x": 2.0, "cells": ["3 FTE", "b"], "y": 3.0, "fault": ""},
                {"value": "3 k", "x": 3.0, "cells": ["-", "-"], "y": None, "fault": EVIL},
            ],
        }
    ],
}


def page_of(*grids: Any) -> BeautifulSoup:
    outputs = [new_output("display_data", data={"text/html": "<p>still</p>", MIME: grid}) for grid in grids]
    nb = new_notebook(cells=[new_markdown_cell("# P"), *(new_code_cell("p", outputs=[o]) for o in outputs)])
    page = read_page(Path("02.ipynb"), nb, "en")
    return BeautifulSoup(render_page(page, Site("en", "s", "now", "0", (page,))), "html.parser")


def test_a_page_with_sliders_allows_one_script_by_its_hash() -> None:
    page = page_of(GRID, GRID)
    [found] = page.find_all("script")
    assert found.string == script() and not found.attrs
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    digest = base64.b64encode(hashlib.sha256(found.string.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy and script_hash() == f"sha256-{digest}"
    assert (
        "default-src 'none'" in policy and "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    )
    ids = [element["id"] for element in page.find_all(id=True)]
    assert len(ids) == len(set(ids)) and len(page.select(".sliders")) == 2


def test_a_page_without_sliders_allows_no_script() -> None:
    page = page_of()
    assert page.find("script") is None
    assert "script-src" not in page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]


def test_the_script_neither_asks_nor_writes_markup() -> None:
    """What it may do is read attributes and write text; a longer reach would need another look."""
    for banned in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval",
        "Function(",
        "fetch",
        "XMLHttp",
        "import",
        "http",
        "cookie",
        "Storage",
        "createElement",
        "</",
        "location",
    ):
        assert banned not in script(), banned
    assert len(script()) < 4000


def test_texts_of_a_notebook_stay_texts() -> None:
    page = page_of(GRID)
    section = page.select_one(".sliders")
    assert section.find("img") is None and section.find("script") is None
    assert section.label.get_text() == EVIL
    data = json.loads(section["data-whatif"])
    assert data[0]["s"][1]["v"] == EVIL and data[0]["b"] == 1
    assert not [tag for tag in page.find_all(True) if any(key.startswith("on") for key in tag.attrs)]


def test_sliders_have_labels_and_the_chart_has_a_text() -> None:
    section = page_of(GRID).select_one(".sliders")
    slider = section.find("input")
    assert section.find("label", attrs={"for": slider["id"]}) and slider["aria-valuetext"] == EVIL
    assert (slider["min"], slider["max"], slider["value"], slider["step"]) == ("0", "2", "1", "1")
    assert "1 k → 2 FTE" in section.svg["aria-label"] and section.svg["role"] == "img"
    assert len(section.find_all("circle")) == 3  # two numbers and the mark: no number, no place
    assert [cell.get_text() for cell in section.find_all("td")] == ["3 FTE", "3 FTE", "b", "b"]


@pytest.mark.parametrize("spoil", ["figures", "sliders", "base", "drawn", "cells", "x", "points"])
def test_what_is_no_grid_is_passed_over(spoil: str) -> None:
    broken = copy.deepcopy(GRID)
    slider = broken["sliders"][0]
    if spoil in ("base", "drawn"):
        slider[spoil] = 7
    elif spoil == "cells":
        slider["points"][0]["cells"] = ["one"]
    elif spoil == "x":
        slider["points"][0]["x"] = float("nan")
    else:
        (broken if spoil in broken else slider)[spoil] = None
    with pytest.raises(ValueError, match=r".*"):
        read_grid(broken)
    page = page_of(broken)
    assert page.select(".sliders") == [] and "still" in page.get_text() and page.find("script") is None


def test_a_slider_with_nowhere_to_go_is_left_out() -> None:
    alone = copy.deepcopy(GRID)
    alone["sliders"][0].update(points=alone["sliders"][0]["points"][:1], base=0)
    assert render_whatif(alone, "ja", 1) == ""


def test_every_page_says_what_it_weighs() -> None:
    html = str(page_of(GRID))
    [said] = re.findall(r"This page weighs ([\d.]+) kB", html)
    assert abs(float(said) - len(html.encode()) / 1e3) < 3
