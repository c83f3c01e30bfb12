"""The facade: names relied on from outside, and an import that costs nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import csanalysis as cs


@pytest.mark.parametrize("name", [n for n in cs.__all__])
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(cs, name) is not None
    assert name in dir(cs)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = cs.no_such_name


def test_importing_loads_nothing_heavy() -> None:
    code = "import sys, csanalysis; print([m for m in sys.modules if m in ('numpy', 'pandas', 'matplotlib')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
