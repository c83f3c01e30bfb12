"""Tools beyond Python that some tests need, and how to get them."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from dataclasses import dataclass

CHROMIUM = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)
OFFICE = (
    "soffice",
    "libreoffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.exe",
)


@dataclass(frozen=True)
class Layer:
    """Tests with one marker, and the program they need.

    Attributes
    ----------
    marker : str
        The pytest marker.
    tool : str
        What the program is called.
    programs : tuple of str
        Names or paths under which it may be found.
    packages : str
        The Debian packages that bring it.
    japanese : bool
        Whether a system font with Japanese letters is needed as well.
    module : str
        A Python package that is needed as well, of an extra that the locks leave out.
    own_job : bool
        Whether a CI job of its own runs these tests: ``CSANALYSIS_REQUIRE=all`` does not ask for the tool,
        only ``CSANALYSIS_REQUIRE=<marker>`` does.
    """

    marker: str
    tool: str
    programs: tuple[str, ...]
    packages: str
    japanese: bool = False
    module: str = ""
    own_job: bool = False

    def program(self) -> str | None:
        """Return the path of the program, or None."""
        found = (shutil.which(name) for name in self.programs)
        return next((path for path in found if path), None)

    def missing(self) -> str:
        """Return what is missing, or an empty string."""
        if self.program() is None:
            return self.tool
        if self.module and importlib.util.find_spec(self.module) is None:
            return f"Python package {self.module}"
        return "a Japanese font" if self.japanese and not has_japanese_font() else ""

    def remedy(self) -> str:
        """Return the commands that install what is missing on Debian and Ubuntu."""
        extra = f" && .venv/bin/python -m pip install {self.module}" if self.module else ""
        return f"sudo apt-get install {self.packages}{extra}"


LAYERS = (
    Layer("browser", "Chromium", CHROMIUM, "chromium fonts-ipafont-gothic", japanese=True),
    Layer("office", "LibreOffice Calc", OFFICE, "libreoffice-calc poppler-utils"),
    Layer("java", "Java", ("java",), "openjdk-17-jre-headless", module="pyspark", own_job=True),
)


def has_japanese_font() -> bool:
    """Tell whether the system can draw Japanese; Windows and macOS always can."""
    if not sys.platform.startswith("linux"):
        return True
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    listing = subprocess.run([lister, ":lang=ja", "family"], capture_output=True, check=False)
    return bool(listing.stdout.strip())
