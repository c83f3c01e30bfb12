"""The page that `csanalysis app` serves: it asks no other machine, follows, saves, and ends in order."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

import csanalysis as cs
from csanalysis.workspace import create_workspace
from tests.e2e.browsing import FLAGS, PATIENCE, free_port, watch

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create_workspace(tmp_path_factory.mktemp("app") / "work", "ja")


@pytest.fixture(scope="module")
def address(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    log = tmp_path_factory.mktemp("log") / "app.log"
    command = [sys.executable, "-m", "csanalysis", "app", str(workspace), "--no-browser", f"--port={port}"]
    with log.open("wb") as stream:
        server = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        yield _told(log, server)
    finally:
        server.terminate()
        server.wait(timeout=60)
        with pytest.raises(OSError, match=r"refused"):  # nothing is left behind
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)


def _told(log: Path, server: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{20,}", log.read_text(errors="replace"))
        if found:
            return found[0]
        time.sleep(0.2)
    raise AssertionError(log.read_text(errors="replace")[-3000:])


def test_the_page_of_panels(chromium: str, address: str, workspace: Path) -> None:
    with urllib.request.urlopen(address.split("?")[0] + "api/kernels", timeout=30) as answer:
        assert "/login" in answer.url  # without the key nobody comes in
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        watched = watch(browser)
        page = watched.page
        page.goto(address, timeout=1000 * PATIENCE)
        page.wait_for_selector(".noUi-handle", timeout=1000 * PATIENCE)
        assert page.title() == "カスタマーサクセスの体制と外部委託"
        assert page.locator("html").get_attribute("lang") == "ja"
        assert page.locator("h2").count() == 4 and page.locator(".csa-panel").count() == 4
        picture = page.locator("img.widget-image").first
        expect(picture).to_have_attribute("alt", "業務に必要なのは 4.36 人月、いまは 4.4 人月")
        accounts = page.get_by_role("slider", name="契約社数")
        accounts.first.focus()
        page.keyboard.press("ArrowRight")
        expect(picture).to_have_attribute("alt", "業務に必要なのは 4.37 人月、いまは 4.4 人月")
        panel = page.locator(".csa-panel").first
        panel.get_by_label("名前").fill("会議の案")
        panel.get_by_role("button", name="保存", exact=True).click()
        expect(panel.locator("[role=status]", has_text="「会議の案」を保存しました")).to_be_visible()
        assert (watched.left, watched.errors) == ([], [])
        browser.close()
    assert cs.start(workspace)[1].changed() == {"accounts": 440.0}
