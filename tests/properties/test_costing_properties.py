"""What must hold for ledger and outcome whatever a company enters and whoever does which task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import csanalysis as cs
from csanalysis.costing.comparison import compare
from csanalysis.costing.ledger import CostLedger
from csanalysis.costing.outcome import Outcome
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Value
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.workspace import create_workspace, example_dir, load_dataset

EXAMPLE = load_dataset(example_dir(), lang="en")
MONEY = ["price", "base_fee", "setup_cost", "hiring_cost", "success_cap"]
SESSIONS = ("onb_session_prepare", "onb_session_deliver", "onb_session_followup", "onb_progress_update")
PLAN = dict.fromkeys((*SESSIONS, "rnw_notice", "rnw_intent_confirm"), "bpo")
RANGES: dict[str, tuple[float, float]] = {
    "start_month": (0, 14), "cs_fte": (0, 12), "csm_monthly_cost": (2e5, 9e5),
    "growth_monthly": (-0.08, 0.08), "monthly_churn": (0, 0.3), "effort": (0.3, 2),
    "onboarding_sessions": (0, 6), "tickets_per_account": (0, 2), "self_onboarding_target": (0.3, 0.9),
    "churn_sensitivity": (0, 0.3), "quality_ratio": (0.5, 1.2),
    "discount_rate_annual": (0, 0.4), "monthly_expansion": (-0.02, 0.02), "term_months": (1, 24),
    "package_uptake": (0, 1), "agency_uplift": (0, 0.05), "non_customer_time": (0.1, 0.7),
    "resources.csm.hiring_lead_months": (0, 15), "resources.csm.attrition_annual": (0, 0.8),
    "resources.bpo.price": (0, 9000), "resources.bpo.productivity": (0.3, 1.5),
    "resources.bpo.rework_rate": (0, 0.6), "resources.bpo.management_ratio": (0, 0.6),
    "resources.bpo.ramp_start": (0.1, 1), "resources.bpo.ramp_tau_months": (0, 20),
    "resources.bpo.minimum_units": (0, 300), "resources.bpo.block": (0, 90),
    "resources.bpo.included_units": (0, 60), "resources.bpo.capacity_cap": (0, 400),
    "resources.bpo.base_fee": (0, 4e5), "resources.bpo.setup_cost": (0, 9e5),
    "resources.intern.attrition_annual": (0, 0.7), "resources.agency.success_rate": (0, 0.5),
}  # fmt: skip
WHOLE = ("start_month", "resources.csm.hiring_lead_months")


def values(key: str) -> st.SearchStrategy[float]:
    """Draw a value of a parameter as people enter them: no denormal numbers, ends of the range included."""
    low, high = RANGES[key]
    if key in WHOLE:
        return st.integers(int(low), int(high)).map(float)
    return st.integers(0, 1000).map(lambda share: low + share / 1000 * (high - low))


def entries(most: int = 6) -> st.SearchStrategy[dict[str, float]]:
    """Draw some changed parameters."""
    keys = st.lists(st.sampled_from(sorted(RANGES)), unique=True, max_size=most)
    return keys.flatmap(lambda some: st.fixed_dictionaries({key: values(key) for key in some}))


@st.composite
def plans(draw: st.DrawFn) -> dict[str, str]:
    """Draw who does some of the tasks, as far as locks and personal data allow."""
    card = EXAMPLE.resources.set_index("resource_id")["personal_data_allowed"]
    found = {}
    for task in EXAMPLE.tasks[["task_id", "personal_data", "lock_resource"]].to_dict("records"):
        able = [r for r, sees in card.items() if sees or not task["personal_data"]]
        if not task["lock_resource"] and draw(st.booleans()):
            found[str(task["task_id"])] = str(draw(st.sampled_from(able)))
    return found


def rebuilt(
    ds: Dataset, tables: Mapping[str, pd.DataFrame], parameters: Mapping[str, Any] | None = None
) -> Dataset:
    """Return a dataset with some tables replaced, its parameters too where given."""
    whole = {**ds.tables, **tables}
    space = ParameterSpace(parameters or ds.space.parameters, whole)
    return replace(ds, tables=whole, scenario=Scenario("", space))


def dearer(ds: Dataset, factor: float = 2.0) -> Dataset:
    """Return the same company in a currency worth half: every JPY of tables and parameters doubled."""
    card = ds.resources.copy()
    card[MONEY] = card[MONEY] * factor
    tables = {"resources": card}
    if ds.segments is not None:
        tables["segments"] = ds.segments.assign(arpa_monthly=lambda f: f["arpa_monthly"] * factor)
    names = ("low", "high", "hard_min", "hard_max", "step")
    parameters = dict(ds.space.parameters)
    for key, p in parameters.items():
        if p.unit.startswith("JPY"):
            amount = p.default * factor if isinstance(p.default, float) else p.default
            parameters[key] = replace(p, default=amount, **{n: getattr(p, n) * factor for n in names})
    return rebuilt(ds, tables, parameters)


def doubled(ds: Dataset, changes: Mapping[str, Value]) -> dict[str, Value]:
    """Return changes with amounts doubled."""
    money = {k for k in changes if ds.space.find(k).unit.startswith("JPY") or k.split(".")[-1] in MONEY}
    return {k: v * 2 if k in money else v for k, v in changes.items()}  # type: ignore[operator]


@given(plans(), entries())
@settings(max_examples=15)
def test_doubling_all_money_doubles_the_ledger(plan: dict[str, str], changes: dict[str, float]) -> None:
    """No amount is written into the code: prices, salaries and fees all scale, hours and heads do not."""
    twice = dearer(EXAMPLE)
    one = cs.cost_to_serve(EXAMPLE, EXAMPLE.base.replace(changes), plan)
    two = cs.cost_to_serve(twice, twice.base.replace(doubled(EXAMPLE, changes)), plan)
    assert one.lines.keys() == two.lines.keys()
    for key, amounts in one.lines.items():
        assert two.lines[key] == pytest.approx(2 * amounts, rel=1e-9, abs=1e-6), key
    pd.testing.assert_frame_equal(one.hours(), two.hours())
    pd.testing.assert_frame_equal(one.team(), two.team())


@pytest.mark.parametrize("price", [1500.0, 3000.0, 6000.0])
def test_doubling_all_money_doubles_the_outcome(price: float, tmp_path: Path) -> None:
    """Amounts double; hours, heads, months, points, verdicts and the conclusion stay (ARR doubles too)."""
    root = create_workspace(tmp_path / "w", "en")
    head = "segment,name_ja,name_en,accounts,arpa_monthly,monthly_churn,new_accounts_per_month,term_months"
    rows = [f"{head},touch", "a,A,A,300,40000,0.03,,12,", "b,B,B,139,93692.8,0.025,,24,"]
    (root / "segments.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    own = load_dataset(root)
    for ds in (EXAMPLE, own):
        twice = dearer(ds)
        keys: dict[str, Value] = {"resources.bpo.price": price, "churn_sensitivity": 0.002}
        one = cs.evaluate_outcome(ds, ds.base.replace(keys), PLAN)
        two = cs.evaluate_outcome(twice, twice.base.replace({**keys, "resources.bpo.price": 2 * price}), PLAN)
        assert same_but_money(one, two)


def same_but_money(one: Outcome, two: Outcome) -> bool:
    """Tell whether two outcomes differ by a factor of two in money and in nothing else."""
    before, after = one.to_frame(), two.to_frame()
    factor = np.where(before["unit"].str.startswith("JPY"), 2.0, 1.0)
    assert after["value"].to_numpy() == pytest.approx(before["value"] * factor, rel=1e-6, nan_ok=True)
    money = ["first_year_cash", "npv"]
    assert two.cases.table[money].to_numpy() == pytest.approx(2 * one.cases.table[money].to_numpy())
    assert list(two.cases.swings["key"]) == list(one.cases.swings["key"])
    assert two.conclusion == one.conclusion
    if one.churn_price and two.churn_price:
        assert two.churn_price.arr == pytest.approx(2 * one.churn_price.arr, rel=1e-6)
        assert two.churn_price.accounts == pytest.approx(one.churn_price.accounts, rel=1e-6)
    return [(v.task_group, v.verdict, v.reason.key) for v in one.verdicts] == [
        (v.task_group, v.verdict, v.reason.key) for v in two.verdicts
    ]


@given(entries(), st.sampled_from(["bpo", "contractor", "contract_staff"]))
@settings(max_examples=25)
def test_no_volume_costs_only_commitments(changes: dict[str, float], resource: str) -> None:
    """Without work a contract costs set-up, base and what the minimum asks for; the team costs its pay."""
    idle = {f"tasks.{t}.frequency": 0.0 for t in EXAMPLE.tasks["task_id"]}
    found = cs.cost_to_serve(
        EXAMPLE, EXAMPLE.base.replace({**changes, **idle}), dict.fromkeys(PLAN, resource)
    )
    sc, key = found.scenario, f"resources.{resource}"
    months = max(0, 13 - max(1, int(sc["start_month"])))
    minimum = sc[f"{key}.minimum_units"]
    units = max(0.0, minimum - sc[f"{key}.included_units"])
    each = sc[f"{key}.base_fee"] + units * sc[f"{key}.price"]
    cost = sum(float(v.sum()) for (r, _), v in found.lines.items() if r == resource)
    assert cost == pytest.approx(months * each + (months > 0) * sc[f"{key}.setup_cost"])
    assert found.physical.team.hires.sum() == 0 and found.unmet_hours == 0


@given(plans(), entries())
@settings(max_examples=40)
def test_no_task_is_lost_or_done_twice(plan: dict[str, str], changes: dict[str, float]) -> None:
    """Hours by resource and what is unmet are the demand of every month, for any assignment."""
    sc = EXAMPLE.base.replace(changes)
    found = cs.cost_to_serve(EXAMPLE, sc, plan)
    hours = found.hours()
    demand = cs.project_demand(EXAMPLE, sc).total[1:]
    assert hours.groupby("month")["supplied"].sum().to_numpy() == pytest.approx(demand, rel=1e-9, abs=1e-9)
    assert (hours[["supplied", "bought", "management"]] >= -1e-9).all(axis=None)
    assert not hours.duplicated(["month", "resource_id"]).any()


@given(plans(), entries())
@settings(max_examples=25)
def test_items_add_up(plan: dict[str, str], changes: dict[str, float]) -> None:
    """The frame is the ledger: its rows add up to the total to the yen, and no row stands twice."""
    found = cs.cost_to_serve(EXAMPLE, EXAMPLE.base.replace(changes), plan)
    frame = found.to_frame()
    assert frame["jpy"].sum() == pytest.approx(found.total, abs=1)
    assert found.by_month.sum() == pytest.approx(found.total, abs=1)
    assert not frame.duplicated(["month", "resource_id", "item"]).any()
    assert np.isfinite(frame["jpy"]).all()
    assert (frame.loc[frame["item"] != "package_revenue", "jpy"] >= -1e-6).all()


@given(st.floats(0, 2000), st.floats(0.02, 0.06), st.floats(1.05, 1.5))
@settings(max_examples=6)
def test_the_churn_price_is_the_root(price: float, growth: float, effort: float) -> None:
    """npv is positive below it and negative above, so it is the largest rise that can be borne."""
    sc = EXAMPLE.base.replace(
        {"resources.bpo.price": price, "growth_monthly": growth, "effort": effort, "monthly_churn": 0.03}
    )
    found = cs.evaluate_outcome(EXAMPLE, sc, PLAN)
    comparison = compare(EXAMPLE, sc, PLAN, "in_house")
    worth = [float(comparison.npv(comparison.in_force * r)[0]) for r in (0.0, 0.5)]
    if found.churn_price is None:
        assert worth[0] < 0
        return
    points = found.churn_price.points
    below, at, above = (
        float(comparison.npv(comparison.in_force * points * f)[0]) for f in (0.999, 1.0, 1.001)
    )
    assert worth[0] >= below >= 0 >= above >= worth[1]
    assert at == pytest.approx(0, abs=1)


def same_columns(many: CostLedger, at: int, one: CostLedger) -> None:
    """Check one scenario of many against a run of its own."""
    for key, amounts in one.lines.items():
        column = np.broadcast_to(many.lines[key], many.by_month.shape)[:, at]
        assert column == pytest.approx(amounts[:, 0], rel=1e-9, abs=1e-6), key
    unmet = np.broadcast_to(many.physical.unmet, many.by_month.shape)[:, at]
    assert unmet == pytest.approx(one.physical.unmet[:, 0], rel=1e-9, abs=1e-9)


@given(plans(), st.lists(entries(8), min_size=2, max_size=4))
@settings(max_examples=15)
def test_many_scenarios_equal_one_at_a_time(plan: dict[str, str], drawn: list[dict[str, float]]) -> None:
    """One run over arrays is the loop over its scalars: slider and Monte Carlo see the same model."""
    keys = {key for one in drawn for key in one} | {"growth_monthly"}
    base = EXAMPLE.base.replace({"resources.bpo.capacity_cap": 1e6})
    scalars = [{key: one.get(key, float(base.number(key))) for key in keys} for one in drawn]
    arrays = {key: np.array([one[key] for one in scalars]) for key in keys}
    many = compare(EXAMPLE, base.replace(arrays), plan, "in_house")
    npv = np.broadcast_to(many.npv(), (len(drawn),))
    terminal = np.broadcast_to(many.npv_terminal(), (len(drawn),))
    for at, values_of in enumerate(scalars):
        one = compare(EXAMPLE, base.replace(values_of), plan, "in_house")
        same_columns(many.plan, at, one.plan)
        same_columns(many.baseline, at, one.baseline)
        assert npv[at] == pytest.approx(one.npv()[0], rel=1e-9, abs=1e-3)
        assert terminal[at] == pytest.approx(one.npv_terminal()[0], rel=1e-9, abs=1e-3, nan_ok=True)


@pytest.mark.parametrize("key", sorted(RANGES))
def test_each_parameter_alone_may_be_an_array(key: str) -> None:
    """A tornado bar moves one number: the only array of the run, whatever that number is."""
    ends = np.array(RANGES[key])
    base = EXAMPLE.base.replace({"resources.bpo.capacity_cap": 1e6, "churn_sensitivity": 0.01})
    plan = {**PLAN, "ado_outcome_consulting": "agency", "ado_usage_monitoring": "intern"}
    many = compare(EXAMPLE, base.replace({key: ends}), plan, "in_house")
    alone = [compare(EXAMPLE, base.replace({key: float(v)}), plan, "in_house").npv()[0] for v in ends]
    assert np.broadcast_to(many.npv(), (2,)) == pytest.approx(alone, rel=1e-9, abs=1e-3)


@given(plans(), st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_order_of_tasks_and_offers_does_not_matter(plan: dict[str, str], random: Random) -> None:
    """An inventory is a set: sorting a spreadsheet changes no result."""
    names = ("task_inventory", "resources")
    orders = {n: random.sample(range(len(EXAMPLE.tables[n])), len(EXAMPLE.tables[n])) for n in names}
    ds = rebuilt(EXAMPLE, {n: EXAMPLE.tables[n].iloc[o].reset_index(drop=True) for n, o in orders.items()})
    one, two = (compare(d, d.base.replace(churn_sensitivity=0.01), plan, "in_house") for d in (EXAMPLE, ds))
    assert one.npv()[0] == pytest.approx(two.npv()[0], rel=1e-9, abs=1e-3)
    for key, amounts in one.plan.lines.items():
        assert two.plan.lines[key] == pytest.approx(amounts, rel=1e-9, abs=1e-6), key


@given(plans(), entries(), st.sampled_from(["bpo", "contractor", "contract_staff"]))
@settings(max_examples=15)
def test_a_dearer_offer_is_never_worth_more(
    plan: dict[str, str], changes: dict[str, float], resource: str
) -> None:
    """Every amount of the rate card is a cost: raising one never helps the plan."""
    for column in ("price", "base_fee", "setup_cost"):
        key = f"resources.{resource}.{column}"
        now = float(EXAMPLE.base.replace(changes).number(key))
        prices = np.array([now, now * 1.1 + 100, now * 2 + 1000])
        sc = EXAMPLE.base.replace({**changes, key: prices})
        npv = np.broadcast_to(compare(EXAMPLE, sc, plan, "in_house").npv(), (3,))
        assert (np.diff(npv) <= 1e-3).all()


@given(plans(), entries())
@settings(max_examples=40)
def test_more_management_never_costs_less(plan: dict[str, str], changes: dict[str, float]) -> None:
    """Directing a vendor takes hours of the team; more of them never lower the bill."""
    key = "resources.bpo.management_ratio"
    sc = EXAMPLE.base.replace({**changes, key: np.array([0.0, 0.1, 0.25, 0.6])})
    found = cs.cost_to_serve(EXAMPLE, sc, plan)
    cost = np.broadcast_to(found.total, (4,))
    assert (np.diff(cost) >= -1).all()
