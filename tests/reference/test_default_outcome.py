"""The worked example of the domain, end to end: not cheaper, avoids a hire; and the answers that are "no".

Every break-even that is stated is confirmed by running the model again on both sides of it.
"""

from __future__ import annotations

import numpy as np
import pytest

import csanalysis as cs
from csanalysis.costing.comparison import compare
from csanalysis.costing.outcome import Outcome
from csanalysis.costing.scope import playbook_assignment
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Value
from csanalysis.vocabulary import Conclusion, Verdict

PRICE = "resources.bpo.price"
GROWING: dict[str, Value] = {
    "growth_monthly": 0.06,
    "effort": 1.4,
    "quality_ratio": 1.1,
    PRICE: 500.0,
}
"""A company whose work outruns its team, and a vendor at a tenth of the usual price."""


@pytest.fixture(scope="module")
def hand_over(example: Dataset) -> dict[str, str]:
    return playbook_assignment(example, example.base)


@pytest.fixture(scope="module")
def outcome(example: Dataset, hand_over: dict[str, str]) -> Outcome:
    return cs.evaluate_outcome(example, example.base, hand_over)


def npv(ds: Dataset, plan: dict[str, str], **changes: Value) -> float:
    """Return the worth of the plan beside in-house work, from a fresh run."""
    return float(compare(ds, ds.base.replace(changes), plan, "in_house").npv()[0])


def test_hours_of_the_worked_example(outcome: Outcome, example: Dataset, hand_over: dict[str, str]) -> None:
    """100.0 task hours are 131.3 hours bought (productivity 0.8, 5 % rework)."""
    assert outcome.given_hours == pytest.approx(100.0, abs=0.05)
    assert outcome.given_hours * 1.05 / 0.8 == pytest.approx(131.3, abs=0.05)
    ledger = cs.cost_to_serve(example, example.base, hand_over).hours().query("resource_id == 'bpo'")
    ratio = ledger["bought"] / ledger["supplied"]
    assert (ratio > 1.05 / 0.8).all() and ratio.iloc[-1] == pytest.approx(1.05 / 0.8, rel=2e-3)


def test_cost_of_the_worked_example(outcome: Outcome) -> None:
    """About 451,000 JPY a month outside against 433,000 in-house, settled, at today's demand."""
    costs = outcome.unit_costs
    assert costs is not None
    assert costs.of("bpo") * costs.hours == pytest.approx(451_000, abs=500)
    assert costs.of("csm") * costs.hours == pytest.approx(433_000, abs=500)
    assert (round(costs.of("bpo")), round(costs.of("csm"))) == (4505, 4327)


def test_one_hire_avoided(outcome: Outcome) -> None:
    """In-house hires once; with the BPO 427 hours (directing included) are left at month 12,
    and nobody is hired."""
    teams = [outcome.comparison.baseline.physical, outcome.comparison.plan.physical]
    assert [t.team.hires.sum() for t in teams] == [1, 0]
    left = teams[1].own_hours[-1, 0] + teams[1].management[-1, 0]
    assert left == pytest.approx(427, abs=0.5)
    assert outcome.hires_avoided == 1 == outcome.heads


def test_not_cheaper_but_avoids_a_hire(outcome: Outcome) -> None:
    """The conclusion says both halves; the default is no advertisement for outsourcing."""
    assert outcome.conclusion == Conclusion.AVOIDS_HIRE
    assert outcome.npv < 0 and outcome.cash_saving < 0
    assert outcome.payback_month is None and outcome.churn_price is None
    assert outcome.sentences("en")[0].startswith("Not cheaper, avoids a hire")
    assert any("451k" in s and "433k" in s for s in outcome.sentences("en"))
    assert {v.task_group: v.verdict for v in outcome.verdicts if v.given} == {
        "onboarding_delivery": Verdict.PILOT,
        "renewal_confirmation": Verdict.PILOT,
    }


def test_break_even_price_is_the_root(outcome: Outcome, example: Dataset, hand_over: dict[str, str]) -> None:
    """Run again at the price, npv is zero; one yen either side it changes sign."""
    price = outcome.break_even_price
    assert price is not None and 2000 < price < 3000
    assert npv(example, hand_over, **{PRICE: price}) == pytest.approx(0, abs=1)
    assert npv(example, hand_over, **{PRICE: price - 1}) > 0 > npv(example, hand_over, **{PRICE: price + 1})


def test_break_even_volume(example: Dataset, hand_over: dict[str, str]) -> None:
    """A little less volume of the tasks given loses, the volume found does not (frequencies changed)."""
    cheap = example.base.replace({PRICE: 2000.0})
    found = cs.evaluate_outcome(example, cheap, hand_over)
    volume = found.break_even_volume
    assert volume is not None and 0 < volume.hours < found.given_hours
    frequency = example.tasks.set_index("task_id")["frequency"]

    def worth(hours: float) -> float:
        factor = hours / found.given_hours
        changes = {f"tasks.{t}.frequency": float(frequency[t]) * factor for t in hand_over}
        return npv(example, hand_over, **{PRICE: 2000.0, **changes})

    assert worth(volume.hours * 0.9999) < 0 <= worth(volume.hours * 1.000001)


def test_one_that_pays(example: Dataset, hand_over: dict[str, str]) -> None:
    """Growth that must be staffed anyway, and a price that no range can make dear."""
    found = cs.evaluate_outcome(example, example.base.replace(GROWING), hand_over)
    assert found.conclusion == Conclusion.PAYS and found.payback_month is not None
    assert found.cases.table["npv"].min() > 0
    given = [v.verdict for v in found.verdicts if v.given]
    assert given and set(given) == {Verdict.HAND_OVER}


def test_churn_price_is_the_root(example: Dataset, hand_over: dict[str, str]) -> None:
    """At this rise of churn the whole gain is gone: npv is zero there and changes sign across it."""
    sc = example.base.replace(GROWING)
    found = cs.evaluate_outcome(example, sc, hand_over)
    price = found.churn_price
    assert price is not None
    comparison = compare(example, sc, hand_over, "in_house")
    worth = [float(comparison.npv(comparison.in_force * price.points * f)[0]) for f in (0.999, 1, 1.001)]
    assert worth[0] > 0 > worth[2] and worth[1] == pytest.approx(0, abs=1)
    later = found.churn_price_terminal
    assert later is not None and later.points < price.points


def test_the_churn_price_by_the_churn_path(example: Dataset, hand_over: dict[str, str]) -> None:
    """Independent: churn raised in the projection itself loses the same margin, hours left aside.

    Monthly contracts make the rise of churn and the parameter the same thing.
    """
    base = example.base.replace({"term_months": 1.0, "new_accounts_per_month": 19.0, PRICE: 500.0})
    comparison = compare(example, base, hand_over, "in_house")
    rise = 0.004
    kept = cs.project_demand(example, base, 13).projection.accounts[2:, 0]
    more = base.replace(monthly_churn=0.0284 + rise)
    left = cs.project_demand(example, more, 13).projection.accounts[2:, 0]
    gone = comparison.accounts_lost(np.full((12, 1), rise))[:, 0, 0]
    # In the ledger a month's loss counts in that month and month 1 is the first; the projection of more
    # churn loses in month 0 as well, which decays like every account since.
    early = 439 * rise * (1 - 0.0284 - rise) ** np.arange(1, 13)
    assert gone == pytest.approx(kept - left - early, rel=1e-9)


def test_one_to_keep(example: Dataset, hand_over: dict[str, str]) -> None:
    """A team with room, and a dear vendor: no case, not even the hopeful one, comes out ahead."""
    sc = example.base.replace({PRICE: 6000.0, "cs_fte": 6.0})
    found = cs.evaluate_outcome(example, sc, hand_over)
    assert found.conclusion == Conclusion.DO_NOT
    assert found.cases.table["npv"].max() < 0
    assert {v.verdict for v in found.verdicts if v.given} == {Verdict.KEEP}


def test_one_that_cannot_be_decided(example: Dataset, hand_over: dict[str, str]) -> None:
    """Loses at the defaults, gains at the hopeful end, avoids nobody: the evidence does not reach."""
    found = cs.evaluate_outcome(example, example.base.replace(term_months=1), hand_over)
    assert found.conclusion == Conclusion.UNDECIDED
    assert found.npv < 0 < found.cases.value("hopeful", "npv")
    assert "Cannot be decided" in found.sentences("en")[0]
