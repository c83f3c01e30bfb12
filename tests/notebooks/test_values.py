"""What the executed notebooks show: the numbers of the worked example, in the chosen language."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import csanalysis as cs
from csanalysis.report.build import build_report

Shown = dict[str, dict[str, str]]
DATA = Path(__file__).parents[2] / "data"
NAMES = (
    "00_start_here",
    "01_kpi_benchmarks",
    "02_phase_diagnosis",
    "03_quadrant_mapping",
    "04_task_assignment",
    "05_cost_sizing",
    "06_capacity_plan",
    "07_sensitivity",
    "08_roadmap_and_scope",
    "09_health_and_touch",
)
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def shown(run: Callable[..., Shown]) -> Shown:
    return run(*NAMES, lang="en", scenario="smb_replace_existing")


def test_start_here_shows_files_hours_and_what_is_assumed(shown: Shown) -> None:
    page = shown["00_start_here"]
    assert "task_inventory.csv" in page["show-files"] and "50" in page["show-files"]
    assert "smb_replace_existing | ●" in page["show-scenarios"]
    assert "Values the scenario changes: none" in page["show-changes"]
    assert "Total | 50 | 453.4" in page["show-stages"]
    assert (
        "BPO price per hour | JPY 3,000/hour | JPY 2,000 to JPY 5,000 | assumption"
        in page["show-assumptions"]
    )
    assert "453.4 hours a month" in page["show-findings"]


def test_phase_diagnosis_names_the_phase_and_compares(shown: Shown) -> None:
    page = shown["02_phase_diagnosis"]
    assert "[A team of 5 is in the growth phase; efficiency begins at 11 persons]" in page["diagnose"]
    assert "CS persons | 5 persons" in page["diagnose"]
    assert "growth (today) | 3 to 10" in page["show-phases"]
    assert "monthly churn | 2.84 %/month | at most 3 %/month | not judged" in page["show-checks"]
    assert "5 (4.4 FTE)" in page["show-phase-findings"]


def test_kpis_and_published_figures_stand_with_their_conflicts(shown: Shown) -> None:
    page = shown["01_kpi_benchmarks"]
    assert "accounts per CSM (mean) | 99.8 accounts | 97.9 accounts" in page["show-readings"]
    assert "Logo or revenue is not said" in page["show-readings"]
    assert "HiCustomer CS survey 2023" in page["show-ledger"] and "203" in page["show-ledger"]
    assert "29.2 % a year" in page["show-findings"]
    assert page["show-kpi-findings"]
    told = "<picture>60.8 % of accounts are still there after a year (55.4 % to 65.9 %)"
    assert told in page["show-retention"] and "2025Q1" in page["show-cohorts"]
    assert "the range for sensitivity analyses is 2.41 % to 3.36 %" in page["show-retention-findings"]


def test_quadrant_mapping_tells_source_from_derived(shown: Shown) -> None:
    page = shown["03_quadrant_mapping"]
    assert "SMB x replace existing work, growth: 8 task groups could go out" in page["move-quadrant"]
    assert "● 3 of 16 plays in the source" in page["show-cells"]
    assert "renewal confirmation | hand over: BPO vendor | 18.3" in page["show-plays"]
    assert "LOGLASS2023 keeps NRR work in-house" in page["show-plays"]
    assert "newsletter | hand over: BPO vendor" in page["show-next"]
    assert "264.6 hours a month" in page["show-findings"]


def test_task_assignment_says_who_why_how_firm_and_when(shown: Shown) -> None:
    page = shown["04_task_assignment"]
    assert "[28 of 50 tasks go outside: 270.6 of 453.4 hours a month]" in page["move-assignment"]
    assert (
        "Record progress and judge completion | BPO vendor | 81.7 | JPY 368k | The playbook"
        in page["show-assignment"]
    )
    assert "Monthly KPI summary | Student intern" in page["show-without-cost"]
    assert "<picture>" in page["show-stability"] and page["show-stability-findings"]
    assert "price of BPO vendor 3,000 -> 2,863" in page["show-price-boundaries"]
    assert "Upsell calls" in page["show-waves"] and "next phase (efficiency)" in page["show-waves"]
    assert "suitability threshold" in page["show-assumptions"]
    assert "churn_sensitivity" in page["show-boundary-findings"]
    assert "Pilot: " in page["show-wave-findings"]


def test_cost_sizing_shows_four_methods(shown: Shown) -> None:
    page = shown["05_cost_sizing"]
    assert "(a) share of ARR | 4.45" in page["show-sizing"]
    assert "(b) ARR per head | 4.45" in page["show-sizing"]
    assert "(c) accounts per CSM | 4.48" in page["show-sizing"]
    assert "(d) task hours | 4.36" in page["show-sizing"]
    assert "<picture>" in page["show-reconciliation"] and "7.84 %" in page["show-implied"]
    assert "are one method" in page["show-reconcile-findings"]
    assert "[Today's team (458 hours a month)" in page["move-demand"]
    assert "[The tasks need 4.36 FTE; today's team is 4.4 FTE]" in page["move-arr"]
    assert "ARR (annual recurring revenue) | JPY 300.3M/year" in page["move-arr"]
    assert "453.4" in page["show-tasks"].splitlines()[-1]
    assert "453.4 hours a month, which needs 4.36 FTE" in page["show-findings"]


def test_cost_sizing_shows_what_the_plan_costs_and_brings_back(shown: Shown) -> None:
    """The worked example of the sources: 451,000 against 433,000 JPY a month, and one hire avoided."""
    page = shown["05_cost_sizing"]
    assert "100.0 task hours a month cost JPY 451k at BPO vendor and JPY 433k in-house" in page["show-cash"]
    assert "Not cheaper, avoids a hire" in page["show-outcome-findings"]
    assert "BPO vendor | fees" in page["show-of-which"] or "BPO vendor" in page["show-of-which"]
    assert "JPY 4,505" in page["show-offers"] and "quasi-mandate" in page["show-offer-terms"]
    assert "All cautious" in page["show-cases"] or "cautious" in page["show-cases"]
    for cell in ("show-verdicts", "show-unit-costs", "show-ledger", "show-swings", "show-churn-price"):
        assert "<picture>" in page[cell]


def test_touch_tiers_say_what_one_average_cannot_decide(shown: Shown) -> None:
    page = shown["09_health_and_touch"]
    assert "439" in page["show-tiers"] and page["show-findings"]
    assert "high touch" in page["show-tiers"]


def test_sensitivity_tells_what_the_analyses_find(shown: Shown) -> None:
    page = shown["07_sensitivity"]
    ds = cs.load_dataset(DATA)
    moved = cs.tornado("npv", ds, assignment=cs.playbook_assignment(ds, ds.base), baseline="in_house")
    for sentence in moved.sentences("en"):
        assert sentence in page["show-overturning"] and sentence in page["move-sensitivity"]
    assert (
        "BPO price per hour | JPY 3,000/hour | JPY 1,000 to JPY 7,000/hour | 2 times" in page["show-factors"]
    )
    for cell in ("show-tornado", "show-distribution", "show-sobol", "show-heat", "show-failure"):
        assert "<picture>" in page[cell]
    assert "is above zero in" in page["show-distribution-findings"]
    assert "Worth measuring better" in page["show-sobol-findings"]


def test_health_says_what_it_rests_on_and_hours_are_held_against_records(shown: Shown) -> None:
    page = shown["09_health_and_touch"]
    assert "12 doubled row(s)" in page["show-log"] and "A9999" in page["show-log"]
    assert "usage fell by half" in page["show-accounts"] and "BPO vendor" in page["show-actions"]
    assert "circular" in page["show-health-findings"] and "renewal rate" in page["show-sheet"]
    assert "Planned in 2025-04" in page["show-calibration-findings"]
    for cell in ("show-health", "show-backtest", "show-calibration", "show-year-ago"):
        assert "<picture>" in page[cell]


@pytest.mark.parametrize("name", NAMES)
def test_an_english_run_shows_no_japanese(shown: Shown, name: str) -> None:
    for cell, page in shown[name].items():
        assert not JAPANESE.search(page), cell
        assert page or cell == "start"


@pytest.mark.slow
def test_a_japanese_run_of_another_scenario_with_a_changed_value(run: Callable[..., Shown]) -> None:
    names = ("00_start_here", "02_phase_diagnosis", "05_cost_sizing")
    shown = run(
        *names, lang="ja", scenario="enterprise_replace_existing", overrides={"cs_headcount": 21, "arr": 3e8}
    )
    page = shown["02_phase_diagnosis"]
    assert "[21 名のチームは成熟期]" in page["diagnose"]
    assert "<picture>" in shown["05_cost_sizing"]["show-reconciliation"]
    assert "CS人数 | 5 名 | 21 名" in shown["00_start_here"]["show-changes"]
    assert "(a) ARR 比率 | 4.44" in shown["05_cost_sizing"]["show-sizing"]
    for page in shown.values():
        for cell, words in page.items():
            assert cell == "start" or JAPANESE.search(words) or "<picture>" in words, cell


@pytest.mark.slow
def test_every_page_runs_where_nothing_goes_to_a_bpo(workspace: Path, tmp_path: Path) -> None:
    """A team of two without such an offer gets a report too, with "nothing" as the answer."""
    card = workspace / "resources.csv"
    lines = card.read_text(encoding="utf-8").splitlines()
    card.write_text("\n".join(line for line in lines if not line.startswith("bpo,")) + "\n", encoding="utf-8")
    for notebook in (workspace / "notebooks").glob("0[0123469]*.ipynb"):  # all but 05, 07 and 08
        notebook.unlink()
    overrides = {"cs_headcount": "2", "cs_fte": "2"}
    index = build_report(
        workspace, tmp_path / "out", lang="en", overrides=overrides, progress=False, sliders=False
    )
    assert "This plan gives no task outside." in index.read_text(encoding="utf-8")
