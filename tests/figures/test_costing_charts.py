"""Charts of cost and outcome: what is drawn equals the results, and stays legible in extreme cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

import csanalysis as cs
from csanalysis.charts.decision import reason_in_short
from csanalysis.charts.frame import title_of
from csanalysis.charts.full_cost import offers
from csanalysis.charts.outcome import crossings
from csanalysis.costing.outcome import Outcome
from csanalysis.costing.unit_cost import PARTS
from csanalysis.costing.verdicts import GroupVerdict
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.vocabulary import Verdict

DATA = Path(__file__).parents[2] / "data"
Legible = Callable[[Axes], str]
CHARTS = ("cumulative_cash", "unit_cost", "churn_price", "verdicts", "swings")
SCENARIOS = ("smb_replace_existing", "enterprise_replace_existing", "enterprise_propose_new")
FOUR = {
    "onb_session_deliver": "bpo",
    "rnw_contract_papers": "contract_staff",
    "ado_usage_monitoring": "intern",
    "ado_outcome_consulting": "contractor",
}
LONG = "とても長い名前の業務委託先(全国対応・24時間・多言語・専任チーム)株式会社 A very long name of an offer"
CASES: dict[str, tuple[Mapping[str, float | str], Mapping[str, str] | str | None]] = {
    "ten years": ({"horizon_months": 120.0}, None),
    "one month": ({"horizon_months": 1.0}, None),
    "four resources": ({}, FOUR),
    "nothing moved": ({}, "in_house"),
    "price zero": ({"resources.bpo.price": 0.0}, None),
    "it pays": ({"resources.bpo.price": 2_000.0, "horizon_months": 36.0}, None),
    "very dear": ({"resources.bpo.price": 900_000.0}, None),
    "starts after the end": ({"horizon_months": 1.0, "start_month": 6.0}, None),
    "tools and services": ({"tools_annual_cost": 5e6, "external_annual_cost": 1e7}, None),
    "a firm of ten billion": (
        {"arr": 1e10, "accounts": 15_000.0, "cs_fte": 150.0, "cs_headcount": 160.0},
        None,
    ),
}


@cache
def result(case: str, scenario: str = "smb_replace_existing", baseline: str = "in_house") -> Outcome:
    changes, plan = CASES.get(case, ({}, None))
    ds = cs.load_dataset(DATA, scenario=scenario)
    sc = ds.scenario.replace(dict(changes))
    given = cs.playbook_assignment(ds, sc) if plan is None else plan
    return cs.evaluate_outcome(ds, sc, given, baseline)


@cache
def packages() -> Outcome:
    """Return a plan that sells paid onboarding, delivered by a partner: a revenue in the ledger."""
    ds = cs.load_dataset(DATA, scenario="enterprise_replace_existing")
    sc = ds.scenario.replace(
        cs_headcount=25, package_uptake=0.3, package_price=300_000.0, new_accounts_per_month=20.0
    )
    return cs.evaluate_outcome(ds, sc, cs.playbook_assignment(ds, sc))


@cache
def long_names() -> Outcome:
    """Return four resources at work whose names do not fit any column."""
    ds = cs.load_dataset(DATA)
    tables = dict(ds.tables)
    card = tables["resources"]
    tables["resources"] = card.assign(name_ja=LONG + card["name_ja"], name_en=LONG + card["name_en"])
    space = ParameterSpace(ds.space.parameters, tables)
    named = replace(ds, tables=tables, scenario=Scenario("", space))
    return cs.evaluate_outcome(named, named.scenario, FOUR)


def draw(name: str, outcome: Outcome, lang: str = "en") -> Axes:
    return getattr(cs.charts, name)(outcome, lang=lang)  # type: ignore[no-any-return]


def bars(ax: Axes, gid: str) -> list[Rectangle]:
    return [p for p in ax.patches if p.get_gid() == gid and isinstance(p, Rectangle)]


def line(ax: Any, gid: str) -> Line2D:
    found: Line2D
    [found] = [each for each in ax.lines if each.get_gid() == gid]
    return found


def ydata(ax: Any, gid: str) -> list[float]:
    return [float(y) for y in np.asarray(line(ax, gid).get_ydata())]


def xdata(ax: Axes, gid: str) -> list[float]:
    return [float(x) for x in np.asarray(line(ax, gid).get_xdata())]


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("case", CASES)
def test_extreme_plans_stay_legible(case: str, lang: str, legible: Legible) -> None:
    found = result(case)
    for name in CHARTS:
        ax = draw(name, found, lang)
        legible(ax)
        assert title_of(ax)
    legible(cs.charts.cost_ledger(found.comparison.plan, lang=lang))


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_example_is_legible(scenario: str, lang: str, legible: Legible) -> None:
    found = result("", scenario, "current")
    for name in CHARTS:
        legible(draw(name, found, lang))
    legible(cs.charts.cost_ledger(found.comparison.plan, lang=lang))


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("make", [packages, long_names])
def test_packages_and_long_names_are_legible(
    make: Callable[[], Outcome], lang: str, legible: Legible
) -> None:
    found = make()
    for name in CHARTS:
        legible(draw(name, found, lang))
    legible(cs.charts.cost_ledger(found.comparison.plan, lang=lang))


@pytest.mark.parametrize("make", [lambda: result(""), lambda: result("four resources"), packages])
def test_layers_of_the_stack_are_the_lines_of_the_ledger(make: Callable[[], Outcome]) -> None:
    """Nothing is stacked that is not in the ledger: the bars of a month add up to its cost, to the yen."""
    ledger = make().comparison.plan
    ax = cs.charts.cost_ledger(ledger, lang="en")
    for (resource, item), jpy in ledger.lines.items():
        heights = [bar.get_height() for bar in bars(ax, f"{resource}/{item}")]
        assert heights == pytest.approx(list(jpy[:, 0])) or (not heights and np.abs(jpy).max() <= 0.5)
    drawn = sum(bar.get_height() for bar in ax.patches if isinstance(bar, Rectangle))
    assert drawn == pytest.approx(ledger.total, abs=0.5)
    low, high = ax.get_ylim()
    tops = [bar.get_y() + bar.get_height() for bar in ax.patches if isinstance(bar, Rectangle)]
    assert low <= min(tops) and max(tops) <= high


def test_revenue_of_packages_hangs_below_zero_and_is_in_the_title() -> None:
    ax = cs.charts.cost_ledger(packages().comparison.plan, lang="en")
    [sold] = {p.get_gid() for p in ax.patches if str(p.get_gid()).endswith("/package_revenue")}
    assert all(bar.get_height() < 0 for bar in bars(ax, str(sold)))
    assert "comes back from paid packages" in title_of(ax)


def test_hires_and_set_up_are_marked_in_their_months() -> None:
    found = result("it pays").comparison
    ax = cs.charts.cost_ledger(found.plan, lang="en")
    hires = np.flatnonzero(found.plan.physical.team.hires[:, 0] > 0.5) + 1
    assert xdata(ax, "hires") == list(hires) and len(hires)
    assert xdata(ax, "setup") == [1.0]
    words = [shown.get_text() for shown in ax.texts]
    assert any(str(hires[0]) in shown and "new seats" in shown for shown in words)


def test_what_is_inside_already_is_told_in_the_notes_alone(legible: Legible) -> None:
    ledger = result("").comparison.plan
    ax = cs.charts.cost_ledger(ledger, lang="en")
    assert {str(p.get_gid()).split("/")[1] for p in ax.patches} == {"salary", "hiring", "fee", "setup"}
    words = " ".join(legible(ax).split())
    assert "never on top" in words and "management time JPY 836k (193 hours)" in words
    assert "JPY 3,000/hour (assumption, JPY 2,000 to JPY 5,000)" in words


@pytest.mark.parametrize("case", ["", "it pays", "very dear", "four resources"])
def test_lines_of_cash_are_the_running_sums_of_the_ledgers(case: str) -> None:
    found = result(case)
    ax = draw("cumulative_cash", found)
    assert ydata(ax, "difference") == list(found.comparison.cash[:, 0].cumsum())
    [inset] = ax.child_axes
    assert ydata(inset, "plan") == list(found.comparison.plan.by_month[:, 0].cumsum())
    assert ydata(inset, "baseline") == list(found.comparison.baseline.by_month[:, 0].cumsum())
    assert xdata(ax, "crossing") == list(crossings(found))


def test_crossings_are_where_the_running_sums_change_places(legible: Legible) -> None:
    """Checked against the sign of the drawn line itself, on both sides of every ring."""
    found = result("it pays")
    assert crossings(found)
    total = found.comparison.cash[:, 0].cumsum()
    for month in crossings(found):
        assert total[month - 1] * total[month - 2] < 0
    shown = legible(draw("cumulative_cash", found))
    assert f"places change: month {crossings(found)[0]}" in shown
    assert "no crossing within 12 months" in legible(draw("cumulative_cash", result("")))


def test_the_notes_of_cash_hold_the_worth_in_three_cases(legible: Legible) -> None:
    words = " ".join(legible(draw("cumulative_cash", result(""))).split())
    assert "JPY -615k at the defaults" in words and "JPY -4M with every" in words and "JPY 4.8M at" in words


def test_the_waterfall_runs_from_the_price_to_the_full_cost() -> None:
    found = result("")
    costs = found.unit_costs
    assert costs is not None
    ax = draw("unit_cost", found)
    for offer in offers(costs, "en"):
        running = 0.0
        for part in PARTS:
            drawn = bars(ax, f"{offer.resource_id}/{part}")
            for bar in drawn:
                assert bar.get_x() == pytest.approx(running) or bar.get_width() < 0
                running += bar.get_width()
        [full] = bars(ax, f"{offer.resource_id}/full")
        assert (
            full.get_width()
            == pytest.approx(running, abs=1)
            == pytest.approx(costs.of(offer.resource_id), abs=1)
        )
    assert xdata(ax, "in_house") == [costs.of("csm")] * 2
    assert title_of(ax).endswith("2 of 3 offers by price, 1 by full cost")


def test_whiskers_are_the_ranges_and_evidence_is_in_words(legible: Legible) -> None:
    found = result("")
    assert found.unit_costs is not None
    ax = draw("unit_cost", found)
    known = [offer for offer in offers(found.unit_costs, "en") if np.isfinite(offer.low)]
    ends = [list(np.asarray(each.get_xdata())) for each in ax.lines if each.get_gid() == "range"]
    assert ends == [[offer.low, offer.high] for offer in known]
    words = legible(ax)
    assert "price: assumption" in words and "price: vendor" in words and "no range stated" in words


def test_an_offer_of_the_analyst_shows_the_evidence_of_its_own_row(ds: Dataset) -> None:
    """A cell without a declared range takes source and grade of its row on the rate card."""
    card = ds.tables["resources"]
    row = card["resource_id"] == "contractor"
    card = card.assign(grade=card["grade"].mask(row, "vendor"), source=card["source"].mask(row, "a quote"))
    tables = {**ds.tables, "resources": card}
    own = replace(ds, tables=tables, scenario=Scenario("", ParameterSpace(ds.space.parameters, tables)))
    found = cs.evaluate_outcome(own, own.scenario, {"ado_outcome_consulting": "contractor"})
    assert found.unit_costs is not None
    assert found.unit_costs.grade("contractor") == "vendor"
    changed = own.scenario.replace({"resources.contractor.price": 6_000.0})
    found = cs.evaluate_outcome(own, changed, {"ado_outcome_consulting": "contractor"})
    assert found.unit_costs is not None and found.unit_costs.grade("contractor") == "assumption"


def test_nothing_moved_says_so_in_every_chart() -> None:
    found = result("nothing moved")
    for name in ("cumulative_cash", "unit_cost", "swings"):
        assert title_of(draw(name, found)) == "This plan gives no task outside"
    assert "Nothing goes outside" in title_of(draw("churn_price", found))
    assert title_of(cs.charts.unit_cost(None, lang="en")) == "This plan gives no task outside"


def test_bearable_churn_stands_beside_what_data_can_detect(legible: Legible) -> None:
    found = result("it pays")
    price, later = found.churn_price, found.churn_price_terminal
    assert price is not None and later is not None
    ax = draw("churn_price", found)
    [seen], [within], [terminal] = (bars(ax, name) for name in ("detectable", "within", "terminal"))
    assert within.get_width() == price.points and terminal.get_width() == later.points
    assert seen.get_width() == pytest.approx(price.detectable)
    assert round(100 * seen.get_width(), 2) == 0.45, "domain: 12 months of 439 accounts, +-0.45 points"
    words = legible(ax)
    assert f"{price.accounts:,.1f}" in words and "but data detect only" in title_of(ax)


def test_without_a_bearable_rise_the_chart_says_why_and_still_shows_the_limit(legible: Legible) -> None:
    found = result("")
    ax = draw("churn_price", found)
    assert found.churn_price is None and bars(ax, "detectable") and not bars(ax, "within")
    assert title_of(ax).startswith("The plan loses even without any rise of churn")
    assert legible(ax).count("none: loses without any rise") == 2


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_dots_and_ranges_of_the_verdicts_are_the_savings(scenario: str) -> None:
    found = result("", scenario)
    ax = draw("verdicts", found)
    given = [v for v in found.verdicts if v.resource_id]
    dots = [float(np.asarray(each.get_xdata())[0]) for each in ax.lines if each.get_gid() == "default"]
    assert dots == [v.saving[0] for v in given]
    ends = [list(np.asarray(each.get_xdata())) for each in ax.lines if each.get_gid() == "range"]
    assert ends == [list(v.saving[1:]) for v in given]
    counts = {
        verdict: sum(v.verdict == verdict and v.hours > 0 for v in found.verdicts) for verdict in Verdict
    }
    assert f"pilot {counts[Verdict.PILOT]}, wait {counts[Verdict.WAIT]}" in title_of(ax)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_group_that_stays_is_listed_with_its_reason(lang: str) -> None:
    found = result("")
    [inset] = draw("verdicts", found, lang).child_axes
    words = [shown.get_text() for shown in inset.texts]
    for verdict in found.verdicts:
        if not verdict.resource_id:
            assert any(shown.startswith(reason_in_short(verdict, lang)[:12]) for shown in words)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_locked_group_has_a_reason_in_short(lang: str) -> None:
    reason = Finding("verdict.locked", {"reason": "NDA"})
    nothing = (float("nan"),) * 3
    verdict = GroupVerdict("support", Verdict.KEEP, reason, 1.0, 0.0, "", nothing)
    assert "NDA" in reason_in_short(verdict, lang)


def test_swings_are_the_widest_eight_around_the_worth_at_default(legible: Legible) -> None:
    found = result("")
    ax = draw("swings", found)
    rows = found.cases.swings.head(8)
    for end in ("npv_low", "npv_high"):
        drawn = [bar.get_x() + bar.get_width() for bar in bars(ax, end)]
        assert drawn == pytest.approx(list(rows[end]))
    assert xdata(ax, "default") == [found.npv] * 2
    words = " ".join(legible(ax).split())
    assert "Each assumption alone" in words and "JPY 2,000 to JPY 5,000; assumption" in words
    assert "BPO price per hour swings the worth most" in title_of(ax)


def test_given_axes_are_drawn_on() -> None:
    found = result("")
    for name in CHARTS:
        ax = Figure().subplots()
        assert getattr(cs.charts, name)(found, ax, "ja") is ax
    ax = Figure().subplots()
    assert cs.charts.cost_ledger(found.comparison.plan, ax, "ja") is ax
