import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from csanalysis.report import keep_language
from csanalysis.report.language import has_narrative


def cell(text: str, *tags: str):
    return new_markdown_cell(text, metadata={"tags": list(tags)})


def test_one_language_is_kept() -> None:
    nb = new_notebook(
        cells=[
            cell("# 題", "lang-ja"),
            cell("# Title", "lang-en"),
            cell("ADISH"),
            cell("both", "lang-ja", "lang-en", "other"),
            new_code_cell("1", metadata={"tags": ["lang-ja"]}),
        ]
    )
    assert [c.source for c in keep_language(nb, "en").cells] == ["# Title", "ADISH", "both", "1"]
    assert [c.source for c in keep_language(nb, "ja").cells] == ["# 題", "ADISH", "both", "1"]
    assert len(nb.cells) == 5


def test_the_original_is_not_shared() -> None:
    nb = new_notebook(cells=[cell("a")])
    keep_language(nb, "ja").cells[0].source = "b"
    assert nb.cells[0].source == "a"


def test_unknown_language() -> None:
    with pytest.raises(ValueError, match="fr"):
        keep_language(new_notebook(), "fr")


@pytest.mark.parametrize(
    ("cells", "ja", "en"),
    [
        ([cell("題", "lang-ja")], True, False),
        ([cell("題", "lang-ja"), cell("note")], True, False),
        ([cell("note")], True, True),
        ([], False, False),
    ],
)
def test_narrative(cells, ja: bool, en: bool) -> None:
    nb = new_notebook(cells=[*cells, new_code_cell("1")])
    assert (has_narrative(nb, "ja"), has_narrative(nb, "en")) == (ja, en)
