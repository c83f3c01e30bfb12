"""The board page: what it concludes for plans of known worth, and that every number leads to its chart."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from csanalysis.model.dataset import Dataset
from csanalysis.report.board import board_of
from csanalysis.report.index import BoardSection
from csanalysis.workspace import load_dataset

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
LANGUAGES = pytest.mark.parametrize("lang", ["ja", "en"])
ORDER = [
    *("conclusion", "purpose", "cases", "cash_and_time", "break_even"),
    *("churn", "stays", "risks", "exit", "evidence"),
]


def sections(ds: Dataset, lang: str, **changes: float) -> dict[str, BoardSection]:
    return {s.key: s for s in board_of(ds, ds.base.replace(changes), lang)}


def told(section: BoardSection) -> str:
    return " ".join(s.text for s in section.statements)


@pytest.mark.slow
@LANGUAGES
def test_the_default_example_is_not_cheaper_but_avoids_a_hire(example: Dataset, lang: str) -> None:
    """The worked example of the sources: 451,000 against 433,000 JPY a month, one hire avoided."""
    found = sections(example, lang)
    assert list(found) == ORDER
    conclusion = told(found["conclusion"])
    assert ("Not cheaper, avoids a hire" in conclusion) or ("安くはなりません。採用を 1 名分" in conclusion)
    money = {"ja": ("45.1万円", "43.3万円"), "en": ("JPY 451k", "JPY 433k")}[lang]
    assert all(amount in told(found["break_even"]) for amount in money)
    assert "人手" in told(found["purpose"]) or "Hands, not cash" in told(found["purpose"])


@pytest.mark.slow
@LANGUAGES
def test_a_price_no_assumption_can_mend_says_do_not(example: Dataset, lang: str) -> None:
    """Whoever reads only the first line must read "do not": a dear quote is the commonest wrong plan."""
    found = sections(example, lang, **{"resources.bpo.price": 9000.0})
    assert told(found["conclusion"]).startswith(("任せないでください", "Do not outsource"))
    assert "オンボーディング" in told(found["stays"]) or "onboarding delivery" in told(found["stays"])


@pytest.mark.slow
@LANGUAGES
def test_a_team_with_spare_hours_leaves_it_undecided(example: Dataset, lang: str) -> None:
    """No hire to avoid, and a saving whose sign depends on the price: the answer is that nobody knows."""
    found = sections(example, lang, cs_fte=9.0, cs_headcount=9, **{"resources.bpo.price": 2000.0})
    said = told(found["conclusion"])
    assert said.startswith(("この根拠では決められません", "Cannot be decided", "任せないで", "Do not"))


@LANGUAGES
def test_a_phase_that_hands_nothing_out_has_a_short_page(example: Dataset, lang: str) -> None:
    """In the launch phase the sources hand out nothing: no cases, no break-even, but the reasons."""
    found = sections(example, lang, cs_headcount=2)
    assert list(found) == ["conclusion", "purpose", "stays"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "lang"),
    [("smb_replace_existing", "ja"), ("enterprise_propose_new", "en"), ("enterprise_replace_existing", "ja")],
)
def test_every_statement_with_a_number_leads_to_a_cell_that_exists(
    workspace: Path, lang: str, scenario: str
) -> None:
    """A link that ends nowhere is worse than none: each names a notebook and a code cell of it."""
    ds = load_dataset(workspace, scenario=scenario, lang=lang)
    cells = {
        path.stem: {cell["id"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]}
        for path in NOTEBOOKS.glob("*.ipynb")
    }
    found = board_of(ds, ds.scenario, lang)
    links = [(s.text, s.link) for section in found for s in section.statements]
    links += [("table", section.table.link) for section in found if section.table]
    for text, link in links:
        if link or re.search(r"\d", text):
            notebook, _, cell = link.partition("#")
            assert cell in cells[notebook], text


def test_amounts_are_in_ten_thousands_of_yen_in_japanese(example: Dataset) -> None:
    """Boards read 万円; a bare number of yen with six digits is misread."""
    text = " ".join(told(section) for section in sections(example, "ja").values())
    assert not re.search(r"\d{3},\d{3}円|\d{5,}円", text) and "万円" in text


@pytest.mark.slow
def test_three_largest_swings_are_those_of_the_cases(example: Dataset) -> None:
    """The numbers named as able to overturn the result are the widest ones, and labelled as swings."""
    evidence = sections(example, "en")["evidence"].statements
    assert [s.text.split(":")[0] for s in evidence[1:4]].count("Could overturn the conclusion") >= 1
    assert "BPO price per hour" in " ".join(s.text for s in evidence[1:4])
    assert "one number at a time" in evidence[4].text and "95 % interval" in evidence[5].text


def test_one_month_horizon_does_not_claim_a_year(example: Dataset) -> None:
    assert "horizon is 1 months" in told(sections(example, "en", horizon_months=1)["cases"])


@pytest.mark.slow
def test_a_company_that_outsources_today_is_compared_with_today_too(workspace: Path) -> None:
    """Against all in-house alone, work that is outside already would look like a new gain or loss."""
    path = workspace / "task_inventory.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    head = lines[0].split(",")
    assert head[-3] == "current_resource"
    lines = [
        re.sub(r",csm,([^,]*),([^,]*)$", r",bpo,\1,\2", line) if line.startswith("sup_") else line
        for line in lines
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ds = load_dataset(workspace, lang="en")
    assert (ds.tasks.set_index("task_id").loc["sup_record", "current_resource"]) == "bpo"
    said = board_of(ds, ds.base, "en")[0].statements
    assert len(said) == 2 and "going on as today" in said[1].text
