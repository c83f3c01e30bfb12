"""Cash, time and worth of a plan: each figure once more by hand from the two ledgers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import csanalysis as cs
from csanalysis.costing.comparison import Comparison, compare
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Value
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.vocabulary import Conclusion
from tests.unit.costing.conftest import Changed


def beside(ds: Dataset, plan: dict[str, str], **changes: Value) -> Comparison:
    """Compare a plan with in-house work."""
    sc = ds.base.replace({k.replace("__", "."): v for k, v in changes.items()})
    return compare(ds, sc, plan, "in_house")


def test_npv_by_hand(example: Dataset, plan: dict[str, str]) -> None:
    """sum_t disc^t (cost of the baseline - cost of the plan), disc = (1 + r)^(-1/12), without churn."""
    one, other = (cs.cost_to_serve(example, example.base, a).by_month[:, 0] for a in (plan, "in_house"))
    factor = 1.08 ** (-np.arange(1, 13) / 12)
    found = beside(example, plan)
    assert found.npv()[0] == pytest.approx(((other - one) * factor).sum())
    assert found.npv_terminal()[0] == pytest.approx(found.npv()[0])


def test_loss_of_customers_by_hand(example: Dataset, plan: dict[str, str]) -> None:
    """Churn rises by sensitivity x outsourced share of contact x (1 - quality); margin is p gm dA[t]."""
    sc = {
        "churn_sensitivity": 0.05,
        "term_months": 1.0,
        "growth_monthly": 0.0,
        "new_accounts_per_month": 12.4676,
    }
    found = beside(example, plan, **sc)
    tasks = example.tasks.set_index("task_id")
    hours = cs.project_demand(example, example.base.replace(sc)).by_segment[1:, :, 0]
    contact = hours * tasks["customer_contact"].to_numpy()
    given = tasks.index.isin(plan)
    rise = 0.05 * 0.05 * contact[:, given].sum(axis=1) / contact.sum(axis=1)
    assert found.churn_rise[:, 0] == pytest.approx(rise)
    gone, expected = 0.0, []
    for each in rise:  # A stays at 439: 12.4676 join and 0.0284 x 439 leave
        gone = gone * (1 - 0.0284) + each * (439 - gone)
        expected.append(gone)
    assert found.accounts_lost(found.churn_rise)[:, 0, 0] == pytest.approx(expected, rel=1e-6)
    margin = np.array(expected) * 57000 * 0.75
    factor = 1.08 ** (-np.arange(1, 13) / 12)
    assert found.npv()[0] == pytest.approx(((found.cash[:, 0] - margin) * factor).sum(), rel=1e-6)
    stays = (1 - 0.0284) / 1.08 ** (1 / 12)
    later = factor[-1] * margin[-1] * stays / (1 - stays)
    assert found.npv_terminal()[0] == pytest.approx(found.npv()[0] - later, rel=1e-6)


def test_losing_customers_never_looks_like_a_saving(example: Dataset, plan: dict[str, str]) -> None:
    """Hours are held at the baseline's accounts: more churn lowers the worth and no cost."""
    calm, rough = (beside(example, plan, churn_sensitivity=s) for s in (0.0, 0.05))
    assert rough.plan.total == calm.plan.total
    assert rough.npv()[0] < calm.npv()[0]


def test_better_quality_keeps_no_more_than_there_are(example: Dataset, plan: dict[str, str]) -> None:
    """Regression: churn cannot fall below none, however good the vendor; accounts do not breed."""
    found = beside(example, plan, quality_ratio=2.0, churn_sensitivity=1.0)
    kept = -found.accounts_lost(found.churn_rise)[:, 0, 0]
    lost = cs.project_demand(example, example.base).projection.lost[1:, 0]
    assert (kept > 0).all() and (kept <= np.cumsum(lost) + 1e-9).all()


def test_all_customers_lost_is_the_most(example: Dataset, plan: dict[str, str]) -> None:
    """A rise of 100 % leaves only the newly won; none are lost twice."""
    found = beside(example, plan)
    accounts = cs.project_demand(example, example.base).projection.accounts[1:, 0]
    assert (found.accounts_lost(np.ones((12, 1)))[:, 0, 0] <= accounts).all()


def test_no_churn_and_no_discount(example: Dataset, plan: dict[str, str]) -> None:
    """A margin that never ends and is never discounted has no value to state; the rest still stands."""
    flat: dict[str, Value] = {"monthly_churn": 0.0, "discount_rate_annual": 0.0, "resources.bpo.price": 0.0}
    found = cs.evaluate_outcome(example, example.base.replace(flat, growth_monthly=0.04), plan)
    assert found.npv == pytest.approx(found.cash_saving)
    assert found.churn_price is not None and found.churn_price_terminal is None
    assert found.churn_price.detectable == 0


def test_cash_and_time_are_two_results(example: Dataset, plan: dict[str, str]) -> None:
    """Cash parts add up to the difference of the ledgers; hours are hours and in no sum of money."""
    found = cs.evaluate_outcome(example, example.base, plan)
    ledgers = found.comparison.baseline, found.comparison.plan
    assert found.cash_saving == pytest.approx(ledgers[0].total - ledgers[1].total)
    assert sum(found.cash_parts.values()) == pytest.approx(found.cash_saving)
    own = [x.physical.own_hours + x.physical.management for x in ledgers]
    assert found.capacity_freed == pytest.approx((own[0] - own[1]).mean())
    frame = found.to_frame().set_index("metric")
    assert frame.at["capacity_freed", "unit"] == "hour/month" and frame.at["cash_saving", "unit"] == "JPY"
    assert set(frame.index) >= {
        *("total_cost", "cash_saving", "capacity_freed", "npv", "roi", "payback_month", "break_even_price"),
        *("break_even_volume", "churn_price", "fte_required", "fte_peak", "heads_required"),
        *("cs_cost_ratio_result", "unmet_hours"),
    }
    assert frame.at["cs_cost_ratio_result", "value"] == pytest.approx(ledgers[1].total / 300276000)
    paid = -(found.comparison.cash_parts()["outside"] + found.comparison.cash_parts()["setup"])[:, 0]
    assert found.roi == pytest.approx(found.npv / (paid * 1.08 ** (-np.arange(1, 13) / 12)).sum())


def test_seats_of_leavers_given_up(example: Dataset) -> None:
    """A plan that empties chairs releases heads only as people leave: nobody is dismissed."""
    free = example.tasks.loc[example.tasks["lock_resource"] == "", "task_id"]
    sc = example.base.replace({"resources.csm.attrition_annual": 0.8, "growth_monthly": 0.0})
    found = compare(example, sc, dict.fromkeys(free, "bpo"), "in_house")
    team = found.plan.physical.team
    assert 1 <= found.heads_released[0] <= 4.4
    assert found.heads_released[0] == pytest.approx(team.unfilled[-1, 0])
    assert team.hires.sum() == 0


def test_beside_today(changed: Changed) -> None:
    """Where somebody outside works today, ending that spend is cash, after its notice is paid."""
    today = {"sup_first_response": {"current_resource": "bpo"}}
    ds = changed(task_inventory=today, resources={"bpo": {"base_fee": 200000, "notice_months": 2}})
    back = cs.evaluate_outcome(ds, ds.base, {"sup_first_response": "csm"}, baseline="current")
    assert back.baseline == "current" and back.rate is None and back.break_even_price is None
    assert back.cash_parts["outside"] > 10 * 200000
    assert back.cash_parts["setup"] == pytest.approx(-2 * 200000)
    assert back.capacity_freed < 0
    assert cs.evaluate_outcome(ds, ds.base, {}, baseline="current").conclusion == Conclusion.NOTHING
    stays = cs.evaluate_outcome(ds, ds.base, {}, baseline="in_house")
    assert stays.conclusion != Conclusion.NOTHING and stays.rate is not None


def test_agency_gain(example: Dataset) -> None:
    """Revenue an agency adds counts with its margin; its fee is in the ledger, and neither twice."""
    plan = {"ado_outcome_consulting": "agency"}
    found, none = (beside(example, plan, agency_uplift=u) for u in (0.01, 0.0))
    accounts = cs.project_demand(example, example.base).projection.accounts[1:, 0]
    uplift = accounts * 57000 * 0.01
    assert found.agency_gain[:, 0] == pytest.approx(uplift * 0.75)
    gain = uplift * 0.75 - np.minimum(300000, 0.15 * uplift)
    assert (found.flow() - none.flow())[:, 0] == pytest.approx(gain)


def test_a_plan_that_starts_after_the_horizon(example: Dataset, plan: dict[str, str]) -> None:
    """Regression: worth zero is not "pays"; nothing happens, and the page says why."""
    found = cs.evaluate_outcome(example, example.base.replace(start_month=13), plan)
    assert found.conclusion == Conclusion.NOTHING
    assert found.npv == 0 and found.break_even_volume is None and found.break_even_price is None
    assert "after the horizon" in found.sentences("en")[0]


def test_cases_that_cross(example: Dataset, plan: dict[str, str]) -> None:
    """Regression: ends that are worst one by one may be best together; then "do not" would be too strong.

    A team of eight has room: more work alone only raises the fee, all work together calls for hires.
    """
    sc = example.base.replace({"cs_fte": 8.0, "resources.bpo.price": 900.0})
    found = cs.evaluate_outcome(example, sc, plan)
    npv = found.cases.table.set_index("case")["npv"]
    assert npv["cautious"] < npv["default"] < 0 < npv["hopeful"]
    assert found.conclusion == Conclusion.UNDECIDED


def test_better_evidence_does_not_turn_the_conclusion(example: Dataset, plan: dict[str, str]) -> None:
    """With every range closed on its default the plan costs the same and avoids the same hire."""
    parameters = {
        key: replace(p, low=p.default, high=p.default) if isinstance(p.default, float) else p
        for key, p in example.space.parameters.items()
    }
    closed = Scenario("", ParameterSpace(parameters, example.space.tables))
    found = cs.evaluate_outcome(example, closed, plan)
    assert found.conclusion == Conclusion.AVOIDS_HIRE
    assert found.cases.value("cautious", "npv") <= found.npv <= found.cases.value("hopeful", "npv")


def test_swings_say_which_number_changes_the_conclusion(example: Dataset, plan: dict[str, str]) -> None:
    """Growth of zero calls for no hire at all: the plan then loses for nothing, whatever the sign says."""
    swings = cs.evaluate_outcome(example, example.base, plan).cases.swings.set_index("key")
    assert (
        swings.loc["growth_monthly", "turns"]
        and max(swings.loc["growth_monthly", ["npv_low", "npv_high"]]) < 0
    )


def test_nothing_moves(example: Dataset) -> None:
    found = cs.evaluate_outcome(example, example.base, "in_house")
    assert found.conclusion == Conclusion.NOTHING and len(found.sentences("ja")) == 1
    assert found.cash_saving == 0 and found.roi is None and found.unit_costs is None


@pytest.mark.parametrize(
    "changes",
    [
        {"cs_fte": 0.0},
        {"accounts": 1.0},
        {"horizon_months": 1.0},
        {"monthly_churn": 0.0},
        {"resources.bpo.price": 0.0},
        {"resources.bpo.productivity": 2.0},
        {"resources.bpo.capacity_cap": 0.0},
        {"resources.bpo.ramp_tau_months": 1000.0},
        {"resources.csm.hiring_lead_months": 40.0},
        {"growth_monthly": -0.3},
        {"gross_margin": 0.0},
    ],
    ids=str,
)
def test_edges_give_finite_answers(example: Dataset, plan: dict[str, str], changes: dict[str, Value]) -> None:
    """Extreme entries are answered with numbers and sentences in both languages, never with NaN."""
    sc = example.base.replace(changes)
    found = cs.evaluate_outcome(example, sc, plan)
    always = ["total_cost", "cash_saving", "capacity_freed", "npv", "npv_terminal", "unmet_hours"]
    values = found.to_frame().set_index("metric").loc[always, "value"]
    assert np.isfinite(values).all()
    for lang in ("ja", "en"):
        assert all("nan" not in s and "inf " not in s for s in found.sentences(lang))


def test_idle_company(example: Dataset, plan: dict[str, str]) -> None:
    """No work at all: the plan is set-up and nothing, and no volume today means none to break even."""
    idle = example.base.replace({f"tasks.{t}.frequency": 0.0 for t in example.tasks["task_id"]})
    found = cs.evaluate_outcome(example, idle, plan)
    assert found.cash_saving == pytest.approx(-300000)
    assert found.break_even_volume is None and found.capacity_freed == 0
    assert found.conclusion in (Conclusion.DO_NOT, Conclusion.UNDECIDED)


def test_wrong_baseline(example: Dataset) -> None:
    with pytest.raises(ValueError, match="current"):
        cs.evaluate_outcome(example, example.base, "in_house", baseline="today")
