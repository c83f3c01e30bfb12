"""The ledger clause by clause, on a task of 120 hours every month: expected amounts are worked by hand.

120 task hours are 157.5 hours bought at the BPO (productivity 0.8, rework 5 %), when it is fully ramped.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

import csanalysis as cs
from csanalysis.costing.ledger import CostLedger
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Value
from csanalysis.model.scenario import Scenario
from tests.unit.costing.conftest import Changed

TASK = "nws_write"
STEADY: dict[str, Value] = {f"tasks.{TASK}.frequency": 40.0, "resources.bpo.ramp_tau_months": 0.0}
BOUGHT = 120 * 1.05 / 0.8


def steady(ds: Dataset, **more: Value) -> Scenario:
    """Return a scenario in which the task takes 120 hours every month, without ramp-up."""
    return ds.base.replace({**STEADY, **{k.replace("__", "."): v for k, v in more.items()}})


def ledger(ds: Dataset, resource: str = "bpo", **more: Value) -> CostLedger:
    """Return the ledger of giving the task to a resource."""
    return cs.cost_to_serve(ds, steady(ds, **more), {TASK: resource})


def line(found: CostLedger, resource: str, item: str) -> npt.NDArray[np.float64]:
    """Return JPY by month."""
    return found.lines[resource, item][:, 0]


def test_fee_is_hours_bought_times_price(example: Dataset) -> None:
    assert line(ledger(example), "bpo", "fee") == pytest.approx(BOUGHT * 3000)


def test_price_nothing_still_costs_management(example: Dataset) -> None:
    """A free vendor takes the team's time: need falls by less than the hours handed over."""
    found = ledger(example, resources__bpo__price=0)
    assert line(found, "bpo", "fee").sum() == 0
    assert found.physical.management == pytest.approx(0.1 * BOUGHT)


def test_ramp(example: Dataset) -> None:
    """In the first month (k = 0) the resource gives ramp_start, then 1 - (1 - start) exp(-k / tau)."""
    found = ledger(example, resources__bpo__ramp_tau_months=2)
    k = np.arange(12)
    fee = line(found, "bpo", "fee")
    assert fee == pytest.approx(BOUGHT * 3000 / (1 - 0.4 * np.exp(-k / 2)))
    assert fee[0] == pytest.approx(BOUGHT * 3000 / 0.6)
    parts = found.of_which().query("part == 'ramp'")["hours"].to_numpy()
    assert parts == pytest.approx(fee / 3000 - BOUGHT)


def test_ramp_longer_than_the_horizon_is_told(example: Dataset) -> None:
    """The plan never sees the settled price, and must not be judged by it silently."""
    found = ledger(example, resources__bpo__ramp_tau_months=40)
    fee = line(found, "bpo", "fee")
    assert (np.diff(fee) < 0).all() and fee[-1] > 1.3 * BOUGHT * 3000
    assert any(f.key == "ledger.ramp_beyond" for f in found.findings)


@pytest.mark.parametrize(
    ("cells", "units"),
    [
        ({"block": 50}, 200),
        ({"block": 0.5}, 157.5),
        ({"block": 50, "included_units": 30}, 170),
        ({"minimum_units": 300}, 300),
        ({"minimum_units": 300, "included_units": 40}, 260),
        ({"minimum_units": 180, "block": 50}, 200),
        ({"included_units": 1000}, 0),
    ],
)
def test_units_paid_for(example: Dataset, cells: dict[str, float], units: float) -> None:
    """max(0, max(minimum, rounded up to blocks) - included): the order of the three matters."""
    found = ledger(example, **{f"resources__bpo__{k}": v for k, v in cells.items()})
    assert line(found, "bpo", "fee") == pytest.approx(units * 3000)


def test_minimum_above_demand_is_told(example: Dataset) -> None:
    """Paying for idle hours is what a comparison of prices hides."""
    found = ledger(example, resources__bpo__minimum_units=300)
    told = [f for f in found.findings if f.key == "ledger.below_minimum"]
    assert len(told) == 1 and "12" in told[0].sentence("en")


def test_base_fee_and_set_up(example: Dataset) -> None:
    """The base is paid every month, set-up once, both from the start month on."""
    found = ledger(example, start_month=4, resources__bpo__base_fee=70000)
    assert line(found, "bpo", "base").tolist() == [0] * 3 + [70000] * 9
    assert line(found, "bpo", "setup").tolist() == [0] * 3 + [300000] + [0] * 8
    assert line(found, "bpo", "fee")[:3].sum() == 0


def test_a_contract_of_today_has_no_set_up_and_no_ramp(changed: Changed) -> None:
    """What runs today has been paid for and learnt; work added to it must still be learnt."""
    ds = changed(task_inventory={TASK: {"current_resource": "bpo"}})
    found = cs.cost_to_serve(ds, steady(ds, resources__bpo__ramp_tau_months=2.0), "current")
    assert line(found, "bpo", "fee") == pytest.approx(BOUGHT * 3000)
    assert line(found, "bpo", "setup").sum() == 0
    sc = steady(ds, resources__bpo__ramp_tau_months=2.0, start_month=2)
    more = cs.cost_to_serve(ds, sc, {"nws_deliver": "bpo"})
    added = 4 * 1.05 / 0.8 / (1 - 0.4 * np.exp(-np.arange(11) / 2))
    assert line(more, "bpo", "fee")[1:] == pytest.approx((BOUGHT + added) * 3000)
    assert line(more, "bpo", "setup").sum() == 0


def test_notice_on_ending_a_contract_of_today(changed: Changed) -> None:
    """Notice is given today: base and minimum run on to its last month, after the work has left."""
    ds = changed(
        task_inventory={TASK: {"current_resource": "bpo"}},
        resources={"bpo": {"base_fee": 50000, "minimum_units": 40, "notice_months": 5}},
    )
    found = cs.cost_to_serve(ds, steady(ds, start_month=3), {TASK: "csm"})
    assert line(found, "bpo", "fee") == pytest.approx([BOUGHT * 3000] * 2 + [0] * 10)
    assert line(found, "bpo", "base").tolist() == [50000] * 2 + [0] * 10
    assert line(found, "bpo", "notice").tolist() == [0, 0] + [50000 + 40 * 3000] * 3 + [0] * 7


def test_notice_longer_than_the_horizon(changed: Changed) -> None:
    """All months of the horizon are paid, and the reader is told that it does not end there."""
    ds = changed(
        task_inventory={TASK: {"current_resource": "bpo"}},
        resources={"bpo": {"minimum_units": 40, "notice_months": 30}},
    )
    found = cs.cost_to_serve(ds, steady(ds), "in_house")
    assert line(found, "bpo", "notice").tolist() == [120000] * 12
    assert any(f.key == "ledger.notice_beyond" for f in found.findings)


def test_leavers_of_an_ended_contract_are_not_replaced(changed: Changed) -> None:
    """Regression: interns who have gone must not go on costing their replacement."""
    ds = changed(
        task_inventory={TASK: {"current_resource": "intern"}},
        resources={"intern": {"attrition_annual": 0.5}},
    )
    found = cs.cost_to_serve(ds, steady(ds, start_month=4), {TASK: "csm"})
    hiring = line(found, "intern", "hiring")
    assert (hiring[:3] > 0).all() and hiring[3:].sum() == 0
    assert (found.physical.contracts[0].heads[3:] == 0).all()


def test_heads_of_staffed_resources(changed: Changed) -> None:
    """Employment and dispatch come in whole heads, hired at hiring_cost; their leavers are replaced."""
    ds = changed(resources={"intern": {"attrition_annual": 0.5, "ramp_tau_months": 0}})
    found = ledger(ds, "intern", resources__intern__capacity_cap=1000)
    bought = 120 * 1.1 / 0.65
    heads = np.ceil(bought / 160)
    monthly = 1 - 0.5 ** (1 / 12)
    expected = np.array([heads] + [heads * monthly] * 11) * 50000
    assert line(found, "intern", "hiring") == pytest.approx(expected)
    attrition = found.of_which().query("resource_id == 'intern' and part == 'attrition'")["jpy"]
    assert attrition.sum() == pytest.approx(expected[1:].sum())


def test_salary_of_an_outside_kind(changed: Changed) -> None:
    """Whole heads at productive hours (104 a month), under the item salary."""
    ds = changed(resources={"intern": {"price_form": "salary", "price": 200000, "ramp_tau_months": 0}})
    found = ledger(ds, "intern", resources__intern__capacity_cap=1000)
    assert line(found, "intern", "salary") == pytest.approx(np.ceil(120 * 1.1 / 0.65 / 104) * 200000)
    assert ("intern", "fee") not in found.lines


def test_seat_month(changed: Changed) -> None:
    """Seats are bought hours / paid hours; block 1 sells whole seats."""
    ds = changed(resources={"bpo": {"price_form": "seat_month", "price": 400000, "block": 1}})
    assert line(ledger(ds), "bpo", "fee") == pytest.approx(np.ceil(BOUGHT / 160) * 400000)
    loose = ledger(ds, resources__bpo__block=0)
    assert line(loose, "bpo", "fee") == pytest.approx(BOUGHT / 160 * 400000)


def test_case_price_counts_a_driver_once(changed: Changed) -> None:
    """Two tasks of one onboarding session are one case: nobody pays twice for the same session."""
    ds = changed(resources={"bpo": {"price_form": "case", "price": 5000}})
    one = cs.cost_to_serve(ds, ds.base, {"onb_session_deliver": "bpo"})
    two = cs.cost_to_serve(ds, ds.base, {"onb_session_deliver": "bpo", "onb_session_prepare": "bpo"})
    new = cs.project_demand(ds, ds.base).projection.new[1:, 0]
    assert line(one, "bpo", "fee") == pytest.approx(new * 2.84 * 5000)
    assert line(two, "bpo", "fee") == pytest.approx(line(one, "bpo", "fee"))
    renewal = cs.cost_to_serve(ds, ds.base, {"onb_session_deliver": "bpo", "rnw_notice": "bpo"})
    assert (line(renewal, "bpo", "fee") > line(one, "bpo", "fee")).all()


def test_licence_is_paid_for_every_account(example: Dataset) -> None:
    """A tool's price follows accounts, not the hours it takes over."""
    found = cs.cost_to_serve(example, example.base, {"ini_setting_support": "tech_touch"})
    accounts = cs.project_demand(example, example.base).projection.accounts[1:, 0]
    assert line(found, "tech_touch", "fee") == pytest.approx(accounts * 150)


def test_success_fee_and_its_cap(example: Dataset) -> None:
    """Agency: fixed fee and min(cap, rate x uplift); the uplift is a share of recurring revenue."""
    plan = {"ado_outcome_consulting": "agency"}
    small = example.base.replace(agency_uplift=0.005, growth_monthly=0)
    found = cs.cost_to_serve(example, small, plan)
    revenue = cs.project_demand(example, small).projection.accounts[1:, 0] * 57000
    assert line(found, "agency", "success_fee") == pytest.approx(0.15 * 0.005 * revenue)
    assert line(found, "agency", "base") == pytest.approx(200000)
    capped = cs.cost_to_serve(example, small.replace(agency_uplift=0.5), plan)
    assert line(capped, "agency", "success_fee") == pytest.approx(300000)


def test_capacity_cap(example: Dataset) -> None:
    """Above the cap the rest stays in-house; a cap of zero leaves everything there."""
    found = ledger(example, resources__bpo__capacity_cap=63)
    contract = found.physical.contracts[0]
    assert contract.bought == pytest.approx(63) and contract.task_hours == pytest.approx(63 * 0.8 / 1.05)
    none = ledger(example, resources__bpo__capacity_cap=0, resources__bpo__minimum_units=10)
    in_house = cs.cost_to_serve(example, none.scenario, "in_house")
    assert none.physical.own_hours == pytest.approx(in_house.physical.own_hours)
    assert none.total - in_house.total == pytest.approx(300000 + 12 * 10 * 3000)
    assert any(f.key == "ledger.at_cap" for f in none.findings)


def test_zero_demand_costs_only_commitments(example: Dataset) -> None:
    """Without work there are salaries of those employed, minimum, base and set-up, and nothing else."""
    idle = example.base.replace({f"tasks.{t}.frequency": 0.0 for t in example.tasks["task_id"]})
    sc = idle.replace({"resources.bpo.minimum_units": 20, "resources.bpo.base_fee": 30000})
    found = cs.cost_to_serve(example, sc, {TASK: "bpo"})
    own = cs.cost_to_serve(example, sc, "in_house")
    assert own.hours()["supplied"].sum() == 0 and own.item("fee").sum() == 0
    assert found.total - own.total == pytest.approx(300000 + 12 * (30000 + 20 * 3000))
    assert found.unmet_hours == 0


def test_start_zero_is_the_first_month(example: Dataset, plan: dict[str, str]) -> None:
    """Month 0 is today; the ledger begins in month 1."""
    totals = {
        t: cs.cost_to_serve(example, example.base.replace(start_month=t), plan).total for t in (0, 1, 2)
    }
    assert totals[0] == totals[1] != totals[2]


def test_start_after_the_horizon(example: Dataset, plan: dict[str, str]) -> None:
    """Nothing happens, and it is said, since a plan that costs nothing would look like a good one."""
    sc = example.base.replace(start_month=13)
    found = cs.cost_to_serve(example, sc, plan)
    assert found.total == pytest.approx(cs.cost_to_serve(example, sc, "current").total)
    assert any(f.key == "ledger.starts_later" for f in found.findings)


def test_one_month(example: Dataset, plan: dict[str, str]) -> None:
    found = cs.cost_to_serve(example, example.base.replace(horizon_months=1), plan)
    assert set(found.to_frame()["month"]) == {1}
    assert found.to_frame()["jpy"].sum() == pytest.approx(found.total)


def test_shrinking_company(example: Dataset, plan: dict[str, str]) -> None:
    """Negative growth: no hire, less work every month, fees that follow it down."""
    found = cs.cost_to_serve(example, example.base.replace(growth_monthly=-0.05, start_month=1), plan)
    assert found.physical.team.hires.sum() == 0
    assert (np.diff(found.physical.task_hours.sum(axis=1)[:, 0]) < 0).all()
    assert line(found, "bpo", "fee")[-1] < line(found, "bpo", "fee")[4]


def test_everything_outside(example: Dataset) -> None:
    """Only what may not leave stays; the team is still paid, and directs more than it does."""
    free = example.tasks.loc[example.tasks["lock_resource"] == "", "task_id"]
    found = cs.cost_to_serve(example, example.base, dict.fromkeys(free, "bpo"))
    own = example.tasks["lock_resource"] != ""
    kept = found.physical.task_hours[:, own.to_numpy(), 0].sum(axis=1)
    assert found.physical.own_hours[:, 0] == pytest.approx(kept)
    assert line(found, "csm", "salary").min() > 0


def test_parts_are_inside_the_items(example: Dataset, plan: dict[str, str]) -> None:
    """Ramp and rework are inside the fee, management inside salaries; adding them would count them twice."""
    found = cs.cost_to_serve(example, example.base, plan)
    parts = found.of_which().query("resource_id == 'bpo'").pivot(index="month", columns="part")["jpy"]
    fee = line(found, "bpo", "fee")
    plain = found.physical.contracts[0].task_hours[:, 0] / 0.8 * 3000
    assert (parts["ramp"] + parts["rework"]).to_numpy() + plain == pytest.approx(fee)
    managed = found.physical.management[:, 0] * 450000 / 104
    assert parts["management"].to_numpy() == pytest.approx(managed)
    assert found.to_frame()["jpy"].sum() == pytest.approx(found.total, abs=0.5)


def test_hours_demanded_are_supplied_or_unmet(example: Dataset, plan: dict[str, str]) -> None:
    """A team of two cannot do the work; what is left over is shown, not dropped."""
    sc = example.base.replace(cs_fte=2)
    found = cs.cost_to_serve(example, sc, plan)
    hours = found.hours().groupby("month")["supplied"].sum()
    assert hours.to_numpy() == pytest.approx(cs.project_demand(example, sc).total[1:])
    assert found.unmet_hours > 0 and any(f.key == "ledger.unmet" for f in found.findings)


def test_package_revenue_only_where_the_playbook_sells(example: Dataset, plan: dict[str, str]) -> None:
    """Revenue of paid onboarding is a negative cost while the partner delivers it, and nowhere else."""
    sold = {"package_uptake": 0.2, "start_month": 3}
    growth = cs.cost_to_serve(example, example.base.replace(sold), plan)
    assert not [key for key in growth.lines if key[1] == "package_revenue"]
    mature = example.base.replace(sold, customer_size="enterprise", cs_headcount=25)
    found = cs.cost_to_serve(example, mature, plan)
    new = cs.project_demand(example, mature).projection.new[1:, 0]
    expected = -new * 0.2 * 150000 * (np.arange(1, 13) >= 3)
    assert line(found, "bpo", "package_revenue") == pytest.approx(expected)
    in_house = cs.cost_to_serve(example, mature, "in_house")
    assert not [key for key in in_house.lines if key[1] == "package_revenue"]


def test_packages_that_a_partner_delivers_today(changed: Changed) -> None:
    """Regression: revenue of today's partner runs until the plan takes the work back, and from month 1."""
    ds = changed(task_inventory={"onb_session_deliver": {"current_resource": "bpo"}})
    sc = ds.base.replace(package_uptake=0.2, start_month=3, customer_size="enterprise", cs_headcount=25)
    today = line(cs.cost_to_serve(ds, sc, "current"), "bpo", "package_revenue")
    back = line(cs.cost_to_serve(ds, sc, "in_house"), "bpo", "package_revenue")
    assert (today < 0).all()
    assert back.tolist() == [today[0], today[1]] + [0] * 10


def test_segments(changed: Changed) -> None:
    """Two halves of the book cost what the whole costs; case and licence count all segments."""
    head = "segment,name_ja,name_en,accounts,arpa_monthly,monthly_churn,new_accounts_per_month,term_months"
    rows = [f"{key},A,A,219.5,57000,0.0284,,12," for key in "ab"]
    halves = changed(add={"segments": "\n".join([f"{head},touch", *rows]) + "\n"})
    whole = changed()
    plan = {"onb_session_deliver": "bpo", "ini_setting_support": "tech_touch", TASK: "contractor"}
    both = [cs.cost_to_serve(ds, ds.base, plan).to_frame() for ds in (halves, whole)]
    assert both[0]["jpy"].to_numpy() == pytest.approx(both[1]["jpy"].to_numpy())


def test_monthly_contracts_have_no_renewals(example: Dataset) -> None:
    """Term 1: nothing falls due, so a vendor for renewals is paid its commitments only."""
    sc = example.base.replace({"term_months": 1, "resources.bpo.minimum_units": 5})
    found = cs.cost_to_serve(example, sc, {"rnw_notice": "bpo", "rnw_intent_confirm": "bpo"})
    assert line(found, "bpo", "fee") == pytest.approx(5 * 3000)
    assert found.physical.contracts[0].bought.sum() == 0


def test_faster_than_a_csm(example: Dataset) -> None:
    """Productivity above 1 buys fewer hours than are handed over."""
    found = ledger(example, resources__bpo__productivity=1.5)
    assert found.physical.contracts[0].bought == pytest.approx(120 * 1.05 / 1.5)


def test_tools_and_external_spend(example: Dataset) -> None:
    """Yearly amounts are paid in twelfths, whatever the plan."""
    found = ledger(example, tools_annual_cost=1_200_000, external_annual_cost=600_000)
    assert line(found, "csm", "tools") == pytest.approx(100_000)
    assert line(found, "csm", "external") == pytest.approx(50_000)


def test_team_frame(example: Dataset) -> None:
    """The worked example: 4.4 FTE do not do 459 hours, so the first hire joins after the hiring lead."""
    team = cs.cost_to_serve(example, example.base, "in_house").team().set_index("month")
    assert team["hires"].to_dict() == {m: float(m == 3) for m in range(1, 13)}
    assert team.at[1, "need"] == pytest.approx(459 / 104, rel=0.002)
