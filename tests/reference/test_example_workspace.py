"""The example workspace adds up to the worked example of its README.

The hours are computed here a second time, from the bare tables and without the package, so that neither
the tables nor the model can drift alone.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

DATA = Path(__file__).parents[2] / "data"
SCENARIOS = ("smb_replace_existing", "enterprise_replace_existing", "enterprise_propose_new")
GRADES = {"measured", "primary", "secondhand", "vendor", "opinion", "assumption"}
TRAITS = (
    *("value_added", "repeatability", "periodicity", "domain_knowledge", "lead_days"),
    *("standardised", "rules_fixed", "customer_contact"),
)
KINDS = ("csm", "bpo", "contractor", "contract_staff", "intern", "agency", "tech_touch")
KEY_TEXT = """
product_type customer_size arr accounts monthly_churn churn_basis growth_monthly new_accounts_per_month
term_months gross_margin monthly_expansion tickets_per_account season_new season_renewal season_ticket
demand_cv few_tickets_per_month package_price package_uptake agency_uplift cs_headcount cs_fte
csm_monthly_cost paid_hours non_customer_time cs_cost_ratio tools_annual_cost external_annual_cost
accounts_per_csm accounts_per_csm_high accounts_per_csm_low accounts_per_csm_tech arr_per_head
touch_high_min_arr touch_low_min_arr overtime_cap overtime_premium onboarding_sessions self_onboarding_now
self_onboarding_target self_onboarding_start self_onboarding_tau effort start_month quality_ratio
churn_sensitivity suitability_threshold discount_rate_annual horizon_months cvar_weight cvar_level
unmet_hour_penalty health_weight_usage health_weight_tickets health_weight_renewal
"""
KEYS = tuple(KEY_TEXT.split())
UNITS = {
    *("account", "account/head", "account/month", "choice", "FTE", "hour/FTE/month", "hour/month"),
    *("JPY/account", "JPY/account/year", "JPY/head/month", "JPY/head/year", "JPY/hour", "JPY/year"),
    *("month", "multiplier", "person", "profile", "ratio", "ratio/month", "ratio/year", "score"),
    *("session/account", "ticket/account/month", "ticket/month"),
}
ADOPTION = (
    *("adoption_support", "outcome_consulting", "initiative_coaching"),
    *("periodic_guidance", "data_upkeep"),
)
WORK = {
    "sessions": ("onboarding_session", ("onboarding_delivery",), 81.7),
    "set-up": ("new_account", ("initial_setup", "paid_onboarding"), 19.2 * 1.5),
    "hand-over": ("new_account", ("sales_handover",), 19.2 * 0.5),
    "adoption": ("active_account", ADOPTION, 153.7),
    "confirm": ("renewal", ("renewal_confirmation",), 36.58 * 0.5),
    "clerical": ("renewal", ("renewal_clerical",), 36.58 * 0.3),
    "negotiate": ("renewal", ("renewal_negotiation",), 36.58 * 0.4),
    "expansion": ("active_account", ("upsell_calls", "expansion_proposal"), 35.1),
    "tickets": ("ticket", ("support",), 36.6),
    "newsletter": ("fixed", ("newsletter",), 10.0),
    "FAQ": ("fixed", ("faq_content",), 14.0),
    "data": ("fixed", ("data_upkeep",), 20.0),
    "reports": ("fixed", ("usage_reporting",), 10.0),
    "surveys and cases": ("fixed", ("surveys_cases",), 10.0),
}
"""Row of the worked example -> driver, task groups, hours a month."""


def table(name: str) -> pd.DataFrame:
    """Read one table of the example."""
    return pd.read_csv(DATA / f"{name}.csv", keep_default_na=False, na_values=[""])


def values_of(scenario: str) -> tuple[dict[str, float], pd.DataFrame]:
    """Return numeric parameters and the inventory (index task_id) under a scenario."""
    numbers = pd.to_numeric(table("parameters").set_index("key")["default"], errors="coerce").dropna()
    parameters = {str(key): float(value) for key, value in numbers.items()}
    tasks = table("task_inventory").set_index("task_id")
    for key, value in table(f"scenarios/{scenario}")[["key", "value"]].itertuples(index=False):
        if key.startswith("tasks."):
            _, task, column = key.split(".")
            tasks[column] = tasks[column].astype(float)
            tasks.loc[task, column] = float(value)
        elif key in parameters:
            parameters[key] = float(value)
    return parameters, tasks


def hours_of(scenario: str) -> tuple[pd.DataFrame, float]:
    """Return the inventory with hours a month, and the productive hours of the team."""
    p, tasks = values_of(scenario)
    new = p["accounts"] * (p["monthly_churn"] + p["growth_monthly"])
    volume = {
        "new_account": new,
        "onboarding_session": new * p["onboarding_sessions"],
        "active_account": p["accounts"],
        "renewal": p["accounts"] / p["term_months"],
        "ticket": p["accounts"] * p["tickets_per_account"],
        "fixed": 1.0,
    }
    by_minutes = tasks["driver"].map(volume) * tasks["frequency"] * tasks["minutes"] / 60
    hours = by_minutes.fillna(tasks["hours_per_month"])
    return tasks.assign(hours=hours), p["cs_fte"] * p["paid_hours"] * (1 - p["non_customer_time"])


@pytest.mark.parametrize("row", WORK)
def test_hours_of_each_row_of_the_worked_example(row: str) -> None:
    driver, groups, expected = WORK[row]
    tasks, _ = hours_of("smb_replace_existing")
    mine = (tasks["driver"] == driver) & tasks["task_group"].isin(groups)
    assert tasks.loc[mine, "hours"].sum() == pytest.approx(expected, abs=0.05)


def test_total_is_453_hours_and_4_36_fte() -> None:
    tasks, supply = hours_of("smb_replace_existing")
    assert tasks["hours"].sum() == pytest.approx(453.4, abs=0.05)
    assert tasks["hours"].sum() / 104 == pytest.approx(4.36, abs=0.005)
    assert supply == pytest.approx(457.6)
    assert tasks["hours"].sum() * 60 / 439 == pytest.approx(62, abs=0.1)


def test_first_hand_over_is_100_task_hours_and_131_bought() -> None:
    tasks, _ = hours_of("smb_replace_existing")
    handed = tasks[tasks["task_group"].isin(["onboarding_delivery", "renewal_confirmation"])]["hours"].sum()
    bpo = table("resources").set_index("resource_id").loc["bpo"]
    bought = handed * (1 + bpo["rework_rate"]) / bpo["productivity"]
    csm_hour = 450_000 / 104
    assert handed == pytest.approx(100.0, abs=0.05)
    assert bought == pytest.approx(131.3, abs=0.05)
    assert bought * (bpo["price"] + bpo["management_ratio"] * csm_hour) == pytest.approx(451_000, abs=500)
    assert handed * csm_hour == pytest.approx(433_000, abs=500)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_task_hours_fit_the_team(scenario: str) -> None:
    tasks, supply = hours_of(scenario)
    assert 0.7 <= tasks["hours"].sum() / supply <= 1.3


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenarios_change_known_keys_once(scenario: str) -> None:
    changes = table(f"scenarios/{scenario}")
    tasks = table("task_inventory").set_index("task_id")
    assert changes["key"].is_unique
    for key in changes["key"]:
        prefix, *cell = key.split(".")
        if cell:
            assert prefix == "tasks" and cell[0] in tasks.index and cell[1] in tasks.columns
        else:
            assert key in KEYS


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("enterprise_replace_existing", (1e9, 120, 14, 0.008)),
        ("enterprise_propose_new", (6e8, 40, 8, 0.01)),
    ],
)
def test_scenarios_state_the_agreed_company(scenario: str, expected: tuple[float, ...]) -> None:
    p, _ = values_of(scenario)
    assert (p["arr"], p["accounts"], p["cs_headcount"], p["monthly_churn"]) == expected


def test_inventory_is_whole() -> None:
    tasks = table("task_inventory")
    assert len(tasks) >= 40
    assert tasks["task_id"].is_unique
    assert (tasks["minutes"].notna() != tasks["hours_per_month"].notna()).all()
    assert tasks["hours_per_month"].notna().sum() >= 2
    assert tasks[list(TRAITS)].notna().all().all()
    assert set(tasks["current_resource"]) == {"csm"}
    texts = tasks[["starts_when", "what_is_done", "done_when", "ends_when", "systems", "service_level"]]
    assert (texts.apply(lambda column: column.str.count(" / ")) == 1).all().all()
    assert not tasks.loc[tasks["task_group"] == "data_upkeep", "personal_data"].any()
    assert (tasks.loc[tasks["task_group"] == "data_upkeep", "rules_fixed"] == 1).all()
    assert (tasks.groupby("bundle_id")["task_group"].nunique() == 1).all()


def test_parameters_are_complete_and_in_order() -> None:
    parameters = table("parameters")
    keys = set(parameters["key"])
    numeric = parameters[~parameters["unit"].isin(["choice", "profile"])]
    default = pd.to_numeric(numeric["default"])
    assert parameters["key"].is_unique
    assert set(KEYS) <= keys
    assert all(key.startswith("resources.") for key in keys - set(KEYS))
    assert set(parameters["unit"]) <= UNITS
    assert set(parameters.loc[parameters["default"].isna(), "key"]) == {
        "new_accounts_per_month",
        *(keys - set(KEYS)),
    }
    for lower, upper in (("hard_min", "low"), ("low", "high"), ("high", "hard_max")):
        assert not (numeric[lower] > numeric[upper]).any()
    assert not ((default < numeric["low"]) | (default > numeric["high"])).any()
    assert parameters[["label_ja", "label_en"]].notna().all().all()


def test_default_company_is_consistent() -> None:
    p, _ = values_of("smb_replace_existing")
    price = table("resources").set_index("resource_id").loc["csm", "price"]
    assert p["arr"] == p["accounts"] * 57_000 * 12
    assert p["csm_monthly_cost"] == price
    assert (1 + p["growth_monthly"]) ** 12 == pytest.approx(1.2, abs=1e-4)
    assert p["arr_per_head"] == p["csm_monthly_cost"] * 12 / p["cs_cost_ratio"]
    assert p["health_weight_usage"] + p["health_weight_tickets"] + p["health_weight_renewal"] == 1


@pytest.mark.parametrize("name", ["task_inventory", "resources", "parameters", "benchmarks", "suitability"])
def test_every_number_has_source_and_grade(name: str) -> None:
    frame = table(name)
    assert frame["source"].notna().all()
    assert set(frame["grade"]) <= GRADES


def test_rate_card_has_one_offer_per_kind() -> None:
    resources = table("resources")
    assert sorted(resources["kind"]) == sorted(KINDS)
    assert resources["resource_id"].is_unique


def test_suitability_is_full_and_weighted() -> None:
    suitability = table("suitability")
    pairs = set(suitability[["kind", "trait"]].itertuples(index=False, name=None))
    assert len(suitability) == len(pairs) == len(KINDS) * len(TRAITS)
    assert {kind for kind, _ in pairs} == set(KINDS)
    assert {trait for _, trait in pairs} == set(TRAITS)
    assert suitability.groupby("kind")["weight"].sum().to_numpy() == pytest.approx(1.0)
    assert (suitability["low"] < suitability["high"]).all()
    assert ((suitability["shape"] == "target") == suitability["target"].notna()).all()


def test_playbook_says_what_the_source_says_and_no_more() -> None:
    playbook = table("playbook")
    cell = ["quadrant", "phase"]
    groups = set(table("task_inventory")["task_group"])
    from_source = playbook[playbook["basis"] == "source"]
    assert not playbook.duplicated([*cell, "task_group"]).any()
    assert set(playbook["task_group"]) <= groups
    assert playbook.drop_duplicates(cell).shape[0] == 16
    assert from_source.drop_duplicates(cell).shape[0] == 8
    assert set(from_source["source"]) == {"CCJ2025"}
    assert set(playbook.loc[playbook["quadrant"] == "smb_propose_new", "basis"]) == {"not_in_source"}
    derived = playbook[playbook["basis"] == "derived"]
    assert derived["play_en"].str.contains("rule: ").all()
    assert derived["play_ja"].str.contains("規則: ").all()
    assert playbook["source"].notna().all()


def test_nothing_is_handed_out_in_launch() -> None:
    playbook = table("playbook")
    launch = playbook[playbook["phase"] == "launch"]
    assert set(launch["play"]) <= {"prepare", "keep"}
    assert set(launch["kind"]) == {"csm"}
    groups = set(table("task_inventory")["task_group"])
    assert (launch.groupby("quadrant")["task_group"].agg(set) == groups).all()


def test_published_benchmarks_stay_as_published() -> None:
    benchmarks = table("benchmarks")
    texts = ["definition", "definition_ja"]
    assert not benchmarks.duplicated(["metric", "segment", "statistic", "source"]).any()
    assert benchmarks[texts].notna().all().all()
    assert (benchmarks["note"].notna() == benchmarks["note_ja"].notna()).all()
    warning = benchmarks[benchmarks["statistic"] == "warning_line"]
    assert warning[["metric", "value"]].to_numpy().tolist() == [["monthly_churn", 0.03]]


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.csv")), ids=lambda path: path.name)
def test_files_are_plain_utf8(path: Path) -> None:
    content = path.read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert content.endswith(b"\n")
    content.decode("utf-8")
