"""The compiled model equals the numpy model on any company, plan and scenario: whole heads, money to 1e-9.

The numpy model is the one whose clauses are worked by hand elsewhere. Here companies are drawn that use every
branch of the compiled one (`test_companies_use_every_branch` counts them), and thousands of scenarios each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csanalysis.costing.scenario_runs import METRICS, ScenarioModel, scenario_model
from csanalysis.model import kernel
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Value
from csanalysis.model.scenario import ParameterSpace, Scenario
from csanalysis.workspace import example_dir, load_dataset

Values = npt.NDArray[np.float64]
EXAMPLE = load_dataset(example_dir(), lang="en")
WIDTH = 600
"""Scenarios of each company and plan; no multiple of the 64 that are worked on at a time."""
FORMS = ("hour", "seat_month", "salary", "hour", "case", "success", "licence", "case")
CONTRACTS = ("quasi_mandate", "quasi_mandate", "employment", "dispatch", "work_contract", "agency", "licence",
             "dispatch")  # fmt: skip
WHOLE_HEADS = ("hires_avoided", "heads", "heads_required")
RANGES: dict[str, tuple[float, float]] = {
    "arr": (1e7, 1e9), "accounts": (1, 900), "monthly_churn": (0, 0.3), "growth_monthly": (-0.08, 0.08),
    "new_accounts_per_month": (0, 40), "gross_margin": (0.1, 1), "monthly_expansion": (-0.02, 0.02),
    "tickets_per_account": (0, 2), "package_price": (0, 3e5), "package_uptake": (0, 1),
    "agency_uplift": (0, 0.05), "cs_fte": (0, 40), "csm_monthly_cost": (2e5, 9e5), "paid_hours": (100, 200),
    "non_customer_time": (0, 0.7), "tools_annual_cost": (0, 5e6), "external_annual_cost": (0, 1e7),
    "onboarding_sessions": (0, 6), "self_onboarding_now": (0, 0.9), "self_onboarding_target": (0, 1),
    "self_onboarding_start": (0, 14), "self_onboarding_tau": (0, 8), "effort": (0.3, 2),
    "start_month": (0, 15),
    "quality_ratio": (0, 1.6), "churn_sensitivity": (0, 0.6), "discount_rate_annual": (0, 0.6),
    "resources.csm.attrition_annual": (0, 0.9), "resources.csm.hiring_cost": (0, 2e6),
}  # fmt: skip
CELLS: dict[str, tuple[float, float]] = {
    "price": (0, 9000), "base_fee": (0, 4e5), "included_units": (0, 60), "block": (0, 40),
    "minimum_units": (0, 200), "notice_months": (0, 14), "setup_cost": (0, 9e5), "productivity": (0.3, 1.5),
    "rework_rate": (0, 0.6), "management_ratio": (0, 0.6), "ramp_start": (0.1, 1), "ramp_tau_months": (0, 10),
    "capacity_cap": (0, 900), "attrition_annual": (0, 0.9), "hiring_cost": (0, 2e5),
    "success_rate": (0, 0.5), "success_cap": (0, 6e5),
}  # fmt: skip
TERM = "term_months"
WHOLE = (TERM, "start_month", "self_onboarding_start", "notice_months", "block", "cs_fte")
"""Mostly whole numbers, as people enter them: months that begin on the day, seats that just suffice."""


@dataclass(frozen=True)
class Company:
    """What is drawn of a company: where its numbers come from."""

    segments: bool = False
    dates: bool = False
    running: bool = False
    ended: tuple[str, ...] = ()
    scenario: tuple[tuple[str, Value], ...] = ()


COMPANIES = {
    "new contracts": Company(),
    "contracts that run today": Company(
        running=True, ended=("r2", "r4", "r6"), scenario=(("horizon_months", 24.0),)
    ),
    "segments": Company(segments=True, running=True, scenario=(("horizon_months", 36.0),)),
    "segments and renewal dates": Company(segments=True, dates=True, scenario=(("horizon_months", 30.0),)),
    "renewal dates": Company(dates=True, running=True, scenario=(("horizon_months", 30.0),)),
    "one month": Company(running=True, scenario=(("horizon_months", 1.0),)),
    "packages": Company(running=True, scenario=(("customer_size", "enterprise"), ("cs_headcount", 25.0))),
    "longest horizon": Company(segments=True, dates=True, scenario=(("horizon_months", 120.0),)),
}


def card(rng: np.random.Generator) -> pd.DataFrame:
    """Draw a rate card: an in-house team and offers of every price form, some of them staffed."""
    one = EXAMPLE.tables["resources"].iloc[:1]
    rows = pd.concat([one] * (len(FORMS) + 1), ignore_index=True)
    keys = ["csm", *(f"r{n}" for n in range(len(FORMS)))]
    rows = rows.assign(resource_id=keys, kind=["csm", *["bpo"] * len(FORMS)], personal_data_allowed=1.0)
    rows = rows.assign(price_form=["salary", *FORMS], contract_form=["employment", *CONTRACTS])
    for column, (low, high) in CELLS.items():
        drawn = rng.uniform(low, high, len(rows)) * (rng.random(len(rows)) < 0.7)
        rows[column] = np.maximum(drawn, 0.3 if column == "productivity" else 0.1 * (column == "ramp_start"))
    rows["capacity_cap"] = rows["capacity_cap"].where(rng.random(len(rows)) < 0.4, np.nan)
    rows["block"] = np.rint(rows["block"])
    return rows


def inventory(rng: np.random.Generator, company: Company) -> pd.DataFrame:
    """Draw an inventory: drivers, segments, months, self-serve tasks, and who does them today."""
    rows = EXAMPLE.tables["task_inventory"]
    n = len(rows)
    offers = [f"r{k}" for k in range(len(FORMS))]
    today = rng.choice(["", "csm", *offers], n) if company.running else np.full(n, "csm")
    some = rng.random(n) < 0.2
    return rows.assign(
        driver=rng.choice([str(d) for d in kernel.DRIVERS], n),
        segment=rng.choice(["", "a", "b", "c"], n) if company.segments else "",
        frequency=np.where(rng.random(n) < 0.1, 0, rng.choice([0.1, 0.5, 1, 2], n)),
        minutes=np.where(some, np.nan, rng.choice([0, 6, 30, 90], n)),
        hours_per_month=np.nan,
        spread_months=rng.choice([1, 1, 2, 4, 12], n),
        calendar_months=rng.choice(["", "4;10", "1;2;3;12"], n, p=[0.7, 0.15, 0.15]),
        customer_contact=rng.choice([0, 0.3, 1], n),
        self_serve=rng.choice([0, 1], n, p=[0.7, 0.3]),
        lock_resource="",
        current_resource=today,
    ).assign(
        hours_per_month=lambda f: np.where(
            some & (f["driver"] == "fixed") & (f["frequency"] > 0), 7.0, np.nan
        ),
        minutes=lambda f: np.where(some & f["hours_per_month"].isna(), 20.0, f["minutes"]),
    )


def accounts(rng: np.random.Generator) -> pd.DataFrame:
    """Draw contracts: most with a renewal date, some overdue, none of segment b."""
    rows = EXAMPLE.tables["accounts"]
    start = pd.Timestamp(EXAMPLE.as_of) - pd.DateOffset(years=2)
    months = rng.integers(-10, 20, len(rows))
    dates = pd.Series([pd.Timestamp(EXAMPLE.as_of) + pd.DateOffset(months=int(m)) for m in months])
    segment = rng.choice(["a", "b", "c"], len(rows))
    dates = dates.where((rng.random(len(rows)) < 0.8) & (segment != "b"))
    return rows.assign(segment=segment, start_date=start, end_date=pd.NaT, renewal_date=dates.to_numpy())


@cache
def made(name: str) -> tuple[Dataset, Scenario, dict[str, str], dict[str, str]]:
    """Return a company, its scenario, and two plans for it."""
    company = COMPANIES[name]
    rng = np.random.default_rng(list(COMPANIES).index(name))
    tables = {**EXAMPLE.tables, "resources": card(rng), "task_inventory": inventory(rng, company)}
    tables.pop("accounts")
    if company.dates:
        tables["accounts"] = accounts(rng)
    if company.segments:
        rows = [
            ("a", 300.0, 4e4, 0.03, np.nan, 12.0),
            ("b", 139.0, 9e4, 0.02, 3.0, 1.0),
            ("c", 0.0, 2e5, 0.0, 1.0, 6.4),
        ]
        names = [
            "segment",
            "accounts",
            "arpa_monthly",
            "monthly_churn",
            "new_accounts_per_month",
            "term_months",
        ]
        tables["segments"] = pd.DataFrame(rows, columns=names).assign(name_ja="A", name_en="A", touch="")
    factors = rng.dirichlet(np.ones(12) * 4) * 12
    tables["season_profiles"] = pd.DataFrame({"profile": "s", "month": np.arange(1.0, 13), "factor": factors})
    parameters = dict(EXAMPLE.space.parameters)
    for key in ("season_new", "season_renewal", "season_ticket"):
        parameters[key] = replace(parameters[key], choices=("flat", "s"))
    parameters = {key: p for key, p in parameters.items() if not key.startswith("resources.")}
    space = ParameterSpace(parameters, tables)
    ds = replace(EXAMPLE, tables=tables, scenario=Scenario("", space))
    seasons: dict[str, Value] = {"season_new": "s", "season_renewal": "s", "season_ticket": "s"}
    sc = ds.base.replace({**(seasons if rng.random() < 0.7 else {}), **dict(company.scenario)})
    tasks = tables["task_inventory"]["task_id"]
    offers = list(tables["resources"]["resource_id"])
    chosen = [[r for r in offers if r not in company.ended], offers]
    plans = [dict(zip(tasks, rng.choice(some, len(tasks)), strict=True)) for some in chosen]
    return ds, sc, plans[0], {task: r for task, r in plans[1].items() if rng.random() < 0.4}


def keys_of(ds: Dataset) -> list[str]:
    """Return everything that may change without a run of its own."""
    offers = [r for r in ds.tables["resources"]["resource_id"] if r != "csm"]
    return [*RANGES, *(f"resources.{r}.{column}" for r in offers for column in CELLS)]


def drawn(keys: list[str], width: int, rng: np.random.Generator) -> Values:
    """Draw values: anywhere in the range, at its ends, and whole numbers where people enter them."""
    found = np.empty((len(keys), width))
    for row, key in zip(found, keys, strict=True):
        low, high = (1, 30) if key == TERM else RANGES[key] if key in RANGES else CELLS[key.split(".")[-1]]
        share = rng.random(width)
        where = rng.random(width)
        row[:] = low + (high - low) * np.where(where < 0.1, 0, np.where(where > 0.94, 1, share))
        if key.split(".")[-1] in WHOLE:
            row[:] = np.where(rng.random(width) < 0.7, np.rint(row), row)
    return found


def agree(model: ScenarioModel, values: Values) -> None:
    """Stop where the two models differ."""
    names = tuple(METRICS)
    fast, true = (model.evaluate(values, names, compiled=compiled) for compiled in (True, False))
    money = np.fmax(np.abs(true["total_cost"]), np.abs(true["total_cost_baseline"]))
    for name in names:
        one, other = fast[name], true[name]
        assert np.array_equal(np.isnan(one), np.isnan(other)), name
        if name in WHOLE_HEADS:
            np.testing.assert_array_equal(one, other, err_msg=name)
            continue
        scale = np.abs(other) + (money if METRICS[name] == "JPY" else 1.0)
        far = np.abs(one - other) > 1e-9 * scale
        assert not far.any(), (name, int(np.argmax(far)), one[far][:3], other[far][:3])


@pytest.mark.parametrize("name", COMPANIES)
@pytest.mark.parametrize("baseline", ["in_house", "current", "another plan"])
def test_equal_on_random_scenarios(name: str, baseline: str) -> None:
    """Everything changes at once, by scenario."""
    ds, sc, plan, other = made(name)
    keys = [*keys_of(ds), *([] if COMPANIES[name].dates else [TERM])]
    rng = np.random.default_rng(len(baseline))
    model = scenario_model(ds, sc, plan, other if baseline == "another plan" else baseline, keys)
    agree(model, drawn(keys, WIDTH // (8 if name == "longest horizon" else 1), rng))


def test_companies_use_every_branch() -> None:
    """The comparison is worth as much as what it runs through: all that the compiled model tells apart."""
    structures = []
    for ds, sc, plan, other in map(made, COMPANIES):
        structures += [scenario_model(ds, sc, plan, b)._structure(sc) for b in (other, "in_house")]
    contracts = np.concatenate([s.contracts for s in structures])
    seen = set(map(tuple, contracts.tolist()))
    for side in (kernel.PLAN, kernel.BASELINE):
        units = {row[1] for row in seen if row[0] == side}
        assert units == set(range(len(kernel.UNITS)))
        assert {row[2:] for row in seen if row[0] == side} >= {
            (staffed, *work) for staffed in (0, 1) for work in ((0, 1), (1, 1))
        }
        assert {row[3:] for row in seen if row[0] == side} == {(0, 1), (1, 0), (1, 1)}
    basis = np.concatenate([s.basis for s in structures])
    assert set(basis[:, 0]) == set(range(len(kernel.DRIVERS))) and set(basis[:, 1]) == {-1, 0, 1, 2}
    assert set(basis[:, 2]) == {1, 2, 4, 12} and set(basis[:, 3]) == {0, 1}
    cases = np.concatenate([s.case_index for s in structures])
    assert {tuple(row) for row in cases[:, 2:].tolist()} >= {
        (f, t, p) for f in (0, 1) for t, p in ((0, 1), (1, 0), (1, 1))
    }
    dated = np.concatenate([s.dated for s in structures])
    assert (dated == 0).any() and ((dated > 0) & (dated < 1)).any()
    assert {tuple(row) for s in structures for row in s.sells.tolist()} >= {(0, 0), (1, 1)}
    assert {s.hours.shape[2] for s in structures} == {1, 12, 24, 30, 36, 120}
    assert any((s.season_new != 1).any() for s in structures)


def test_what_shapes_the_model_is_run_by_its_values() -> None:
    """Horizon, phase, hiring lead, term of dated contracts: results keep the order of the scenarios."""
    ds, sc, plan, other = made("renewal dates")
    rng = np.random.default_rng(5)
    shaping = {
        "horizon_months": [6.0, 14.0],
        "cs_headcount": [5.0, 60.0],
        "resources.csm.hiring_lead_months": [0.0, 2.6],
        TERM: [1.0, 5.5],
    }
    keys = [*shaping, "effort", "monthly_churn", "start_month"]
    values = np.stack([rng.choice(row, 130) for row in shaping.values()])
    agree(scenario_model(ds, sc, plan, other, keys), np.vstack([values, drawn(keys[4:], 130, rng)]))


def test_same_work_given_to_others_loses_no_customer() -> None:
    """Regression: sums of the same hours in another order differed by rounding, which 0 churn made NaN."""
    ds, sc, plan, _ = made("new contracts")
    rng = np.random.default_rng(1)
    one, other = ({t: str(rng.choice(["r0", "r1", "r3"])) for t in plan} for _ in range(2))
    free = {f"resources.{r}.capacity_cap": 1e9 for r in ("r0", "r1", "r3")}
    sc = sc.replace({"monthly_churn": 0, "discount_rate_annual": 0, **free})
    model = scenario_model(ds, sc, one, other, ["effort", "churn_sensitivity"])
    values = np.array([rng.uniform(0.5, 2, 200), rng.uniform(0, 0.5, 200)])
    agree(model, values)
    found = model.evaluate(values, ["npv", "npv_terminal"], compiled=True)
    assert found["npv"].tolist() == found["npv_terminal"].tolist()


@settings(max_examples=30)
@given(st.sampled_from(["segments", "packages", "renewal dates"]), st.integers(0, 2**32), st.data())
def test_equal_when_a_few_values_change(name: str, seed: int, data: st.DataObject) -> None:
    """A few changed values at a time, where their clauses are not drowned by the others; any width."""
    ds, sc, plan, other = made(name)
    keys = data.draw(st.lists(st.sampled_from(keys_of(ds)), min_size=1, max_size=4, unique=True))
    width = data.draw(st.sampled_from([1, 2, 63, 64, 65, 130]))
    agree(scenario_model(ds, sc, plan, other, keys), drawn(keys, width, np.random.default_rng(seed)))
