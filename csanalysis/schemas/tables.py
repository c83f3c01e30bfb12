"""One pandera model per workspace table; what each column means: data/README.md."""

from __future__ import annotations

import pandera.pandas as pa
from pandera.typing.pandas import Series

from csanalysis.schemas.accounts import Accounts
from csanalysis.schemas.columns import choice, flag, key, number, rating, words
from csanalysis.vocabulary import (
    TRAITS,
    Basis,
    ContractForm,
    Distribution,
    Driver,
    Grade,
    Phase,
    Play,
    PriceForm,
    Quadrant,
    ResourceKind,
    Role,
    Shape,
    Split,
    Stage,
    Touch,
)

_MONTHS = r"^(|(1[0-2]|[1-9])(;(1[0-2]|[1-9]))*)$"


class TaskInventory(pa.DataFrameModel):
    """A row is a Customer Success task."""

    task_id: Series[str] = key(unique=True)
    name_ja: Series[str] = words()
    name_en: Series[str] = words()
    stage: Series[str] = choice(Stage)
    task_group: Series[str] = key()
    segment: Series[str] = words(optional=True, key=True)
    driver: Series[str] = choice(Driver)
    frequency: Series[float] = number(ge=0)
    minutes: Series[float] = number(ge=0, empty=True, optional=True, unit="minute")
    hours_per_month: Series[float] = number(ge=0, empty=True, optional=True, unit="hour")
    spread_months: Series[float] = number(ge=1, blank=1, optional=True)
    calendar_months: Series[str] = pa.Field(str_matches=_MONTHS, metadata={"optional": True})
    starts_when: Series[str] = words(optional=True)
    what_is_done: Series[str] = words(optional=True)
    done_when: Series[str] = words(optional=True)
    ends_when: Series[str] = words(optional=True)
    systems: Series[str] = words(optional=True)
    service_level: Series[str] = words(optional=True)
    value_added: Series[float] = rating()
    repeatability: Series[float] = rating()
    periodicity: Series[float] = rating()
    domain_knowledge: Series[float] = rating()
    lead_days: Series[float] = number(ge=0)
    standardised: Series[float] = number(ge=0, le=1, percent=True)
    rules_fixed: Series[float] = number(ge=0, le=1, percent=True)
    customer_contact: Series[float] = number(ge=0, le=1, percent=True)
    temporary_load: Series[float] = flag(blank=0)
    personal_data: Series[float] = flag()
    self_serve: Series[float] = flag(blank=0)
    split: Series[str] = choice(Split, blank=Split.FREE, optional=True)
    bundle_id: Series[str] = words(optional=True, key=True)
    lock_resource: Series[str] = words(optional=True, key=True)
    lock_reason: Series[str] = words(optional=True)
    current_resource: Series[str] = words(optional=True, key=True)
    source: Series[str] = words(optional=True)
    grade: Series[str] = choice(Grade, blank=Grade.ASSUMPTION, optional=True)


class Resources(pa.DataFrameModel):
    """A row is an offer of the rate card."""

    resource_id: Series[str] = key(unique=True)
    kind: Series[str] = choice(ResourceKind)
    name_ja: Series[str] = words()
    name_en: Series[str] = words()
    contract_form: Series[str] = choice(ContractForm)
    personal_data_allowed: Series[float] = flag()
    price_form: Series[str] = choice(PriceForm)
    price: Series[float] = number(ge=0, unit="JPY")
    base_fee: Series[float] = number(ge=0, blank=0, unit="JPY")
    included_units: Series[float] = number(ge=0, blank=0)
    block: Series[float] = number(ge=0, blank=0)
    minimum_units: Series[float] = number(ge=0, blank=0)
    min_term_months: Series[float] = number(ge=0, blank=0)
    notice_months: Series[float] = number(ge=0, blank=0)
    setup_cost: Series[float] = number(ge=0, blank=0, unit="JPY")
    productivity: Series[float] = number(gt=0, percent=True)
    rework_rate: Series[float] = number(ge=0, blank=0, percent=True)
    management_ratio: Series[float] = number(ge=0, blank=0, percent=True)
    ramp_start: Series[float] = number(gt=0, le=1, blank=1, percent=True)
    ramp_tau_months: Series[float] = number(ge=0, blank=0)
    capacity_cap: Series[float] = number(ge=0, empty=True)
    premium: Series[float] = number(ge=0, blank=0, percent=True)
    hiring_lead_months: Series[float] = number(ge=0, blank=0)
    hiring_cost: Series[float] = number(ge=0, blank=0, unit="JPY")
    attrition_annual: Series[float] = number(ge=0, lt=1, blank=0, percent=True)
    success_rate: Series[float] = number(ge=0, le=1, blank=0, percent=True)
    success_cap: Series[float] = number(ge=0, empty=True, unit="JPY")
    source: Series[str] = words(filled=True)
    grade: Series[str] = choice(Grade)


class Suitability(pa.DataFrameModel):
    """A row says how one trait of a task suits one kind of resource."""

    kind: Series[str] = choice(ResourceKind)
    trait: Series[str] = choice(TRAITS)
    shape: Series[str] = choice(Shape)
    low: Series[float] = number()
    target: Series[float] = number(empty=True)
    high: Series[float] = number()
    weight: Series[float] = number(ge=0)
    source: Series[str] = words(optional=True)
    grade: Series[str] = choice(Grade, blank=Grade.ASSUMPTION, optional=True)


class Parameters(pa.DataFrameModel):
    """A row is a scenario parameter, or declares range and labels of a rate-card cell."""

    key: Series[str] = words(filled=True)
    group: Series[str] = words(filled=True)
    role: Series[str] = choice(Role)
    unit: Series[str] = words(filled=True)
    default: Series[str] = words()
    low: Series[float] = number(empty=True, percent=True, mixed=True)
    high: Series[float] = number(empty=True, percent=True, mixed=True)
    hard_min: Series[float] = number(empty=True, percent=True, mixed=True)
    hard_max: Series[float] = number(empty=True, percent=True, mixed=True)
    step: Series[float] = number(gt=0, empty=True)
    distribution: Series[str] = choice(Distribution, blank=Distribution.NONE)
    choices: Series[str] = words()
    label_ja: Series[str] = words(filled=True)
    label_en: Series[str] = words(filled=True)
    source: Series[str] = words(filled=True)
    grade: Series[str] = choice(Grade)


class Benchmarks(pa.DataFrameModel):
    """A row is a published figure."""

    metric: Series[str] = words(filled=True)
    segment: Series[str] = words()
    statistic: Series[str] = words(filled=True)
    value: Series[float] = number(percent=True, mixed=True)
    low: Series[float] = number(empty=True, percent=True, mixed=True)
    high: Series[float] = number(empty=True, percent=True, mixed=True)
    unit: Series[str] = words(filled=True)
    source: Series[str] = words(filled=True)
    year: Series[float] = number(empty=True)
    n: Series[float] = number(ge=1, empty=True)
    grade: Series[str] = choice(Grade)
    note: Series[str] = words()
    definition: Series[str] = words()
    note_ja: Series[str] = words(optional=True)
    definition_ja: Series[str] = words(optional=True)


class Playbook(pa.DataFrameModel):
    """A row says what to do with a task group in one quadrant and phase."""

    quadrant: Series[str] = choice(Quadrant)
    phase: Series[str] = choice(Phase)
    task_group: Series[str] = key()
    play: Series[str] = choice(Play)
    kind: Series[str] = choice(ResourceKind)
    contract_form: Series[str] = choice([*ContractForm, ""], blank="")
    play_ja: Series[str] = words()
    play_en: Series[str] = words()
    basis: Series[str] = choice(Basis)
    source: Series[str] = words(filled=True)


class ScenarioFile(pa.DataFrameModel):
    """A row is one difference of a scenario from the defaults."""

    key: Series[str] = words(filled=True)
    value: Series[str] = words(filled=True)
    note: Series[str] = words(optional=True)


class Segments(pa.DataFrameModel):
    """A row is a customer segment."""

    segment: Series[str] = key(unique=True)
    name_ja: Series[str] = words()
    name_en: Series[str] = words()
    accounts: Series[float] = number(ge=0)
    arpa_monthly: Series[float] = number(ge=0, unit="JPY")
    monthly_churn: Series[float] = number(ge=0, le=1, percent=True)
    new_accounts_per_month: Series[float] = number(ge=0, empty=True)
    term_months: Series[float] = number(ge=1)
    touch: Series[str] = choice([*Touch, ""], blank="")


class SeasonProfiles(pa.DataFrameModel):
    """A row is a calendar month of a season profile; the twelve factors have the mean 1."""

    profile: Series[str] = key()
    month: Series[float] = number(ge=1, le=12)
    factor: Series[float] = number(ge=0)


class Ratings(pa.DataFrameModel):
    """A row is what one person thinks of one trait of a task."""

    task_id: Series[str] = key()
    rater: Series[str] = words(filled=True)
    trait: Series[str] = choice(TRAITS)
    value: Series[float] = number(percent=True, mixed=True)


class Actuals(pa.DataFrameModel):
    """A row is the time really spent on a task in a month, and how often it was done."""

    month: Series[str] = words(filled=True)
    task_id: Series[str] = key()
    resource_id: Series[str] = words(optional=True)
    hours: Series[float] = number(ge=0)
    volume: Series[float] = number(ge=0, empty=True, optional=True)


TABLES: dict[str, type[pa.DataFrameModel]] = {
    "task_inventory": TaskInventory,
    "resources": Resources,
    "parameters": Parameters,
    "benchmarks": Benchmarks,
    "suitability": Suitability,
    "playbook": Playbook,
}
"""Tables that every workspace has."""

OPTIONAL_TABLES: dict[str, type[pa.DataFrameModel]] = {
    "segments": Segments,
    "season_profiles": SeasonProfiles,
    "accounts": Accounts,
    "ratings": Ratings,
    "actuals": Actuals,
}
"""Tables that a workspace may have."""

PARAMETER_KEYS = (
    *("product_type", "customer_size", "arr", "accounts", "monthly_churn", "churn_basis", "growth_monthly"),
    *("new_accounts_per_month", "term_months", "gross_margin", "monthly_expansion", "tickets_per_account"),
    *("season_new", "season_renewal", "season_ticket", "demand_cv", "few_tickets_per_month"),
    *("package_price", "package_uptake", "agency_uplift"),
    *("cs_headcount", "cs_fte", "csm_monthly_cost", "paid_hours", "non_customer_time", "cs_cost_ratio"),
    *("tools_annual_cost", "external_annual_cost", "accounts_per_csm", "accounts_per_csm_high"),
    *("accounts_per_csm_low", "accounts_per_csm_tech", "arr_per_head", "touch_high_min_arr"),
    *("touch_low_min_arr", "overtime_cap", "overtime_premium"),
    *("onboarding_sessions", "self_onboarding_now", "self_onboarding_target", "self_onboarding_start"),
    *("self_onboarding_tau", "effort"),
    *("start_month", "quality_ratio", "churn_sensitivity", "suitability_threshold"),
    *("discount_rate_annual", "horizon_months", "cvar_weight", "cvar_level", "unmet_hour_penalty"),
    *("health_weight_usage", "health_weight_tickets", "health_weight_renewal"),
)
"""Frozen scenario keys; cells are ``resources.<resource_id>.<column>`` and ``tasks.<task_id>.<column>``."""
