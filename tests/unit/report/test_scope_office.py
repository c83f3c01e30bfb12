"""LibreOffice opens both workbooks and prints them on as many A4 pages as they are laid out for."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import csanalysis as cs
from csanalysis.labels import LANGUAGES
from csanalysis.model.dataset import Dataset

PAGES = {"vendor": 8, "internal": 4}
"""A page for each sheet, and one more for the volumes and the questions."""


def printed(soffice: str, path: Path, folder: Path) -> bytes:
    home = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [soffice, home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return (folder / f"{path.stem}.pdf").read_bytes()


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.parametrize("audience", PAGES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_libreoffice_prints_it_on_as_many_pages_as_meant(
    example: Dataset, tmp_path: Path, libreoffice: str, lang: str, audience: str
) -> None:
    """No column runs over the edge of a page: that would add pages."""
    path = cs.write_scope(example, example.base, tmp_path / "s.xlsx", audience, lang=lang)
    pdf = printed(libreoffice, path, tmp_path)
    counts = [
        int(n) for n in re.findall(rb"/Type\s*/Pages.*?/Count\s+(\d+)|/Count\s+(\d+)", pdf) for n in n if n
    ]
    assert max(counts) == PAGES[audience]
