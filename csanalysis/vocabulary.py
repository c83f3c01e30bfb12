"""Terms of Customer Success used as keys in tables and code.

Every term is a ``StrEnum`` member: it compares equal to the text found in a table, and its label on
screen is looked up in :mod:`csanalysis.labels` under ``<vocabulary>.<term>``.
"""

from __future__ import annotations

from enum import StrEnum


class ProductType(StrEnum):
    """Whether the product replaces existing work or proposes new work (CCJ2025)."""

    REPLACE_EXISTING = "replace_existing"
    PROPOSE_NEW = "propose_new"


class Quadrant(StrEnum):
    """Customer size x product type (CCJ2025)."""

    SMB_REPLACE_EXISTING = "smb_replace_existing"
    ENTERPRISE_REPLACE_EXISTING = "enterprise_replace_existing"
    ENTERPRISE_PROPOSE_NEW = "enterprise_propose_new"
    SMB_PROPOSE_NEW = "smb_propose_new"


class Phase(StrEnum):
    """Phase of a Customer Success organisation, by persons (CCJ2025)."""

    LAUNCH = "launch"
    GROWTH = "growth"
    EFFICIENCY = "efficiency"
    MATURE = "mature"


class Stage(StrEnum):
    """Customer lifecycle stage (FULLSTAR)."""

    ONBOARDING = "onboarding"
    ADOPTION = "adoption"
    RENEWAL = "renewal"
    EXPANSION = "expansion"


class Touch(StrEnum):
    """Touch model (ADISH, BRIDGE)."""

    HIGH = "high_touch"
    LOW = "low_touch"
    TECH = "tech_touch"


class ResourceKind(StrEnum):
    """Who or what does a task."""

    CSM = "csm"
    BPO = "bpo"
    CONTRACTOR = "contractor"
    CONTRACT_STAFF = "contract_staff"
    INTERN = "intern"
    AGENCY = "agency"
    TECH_TOUCH = "tech_touch"


class ContractForm(StrEnum):
    """Legal form under which a resource works."""

    EMPLOYMENT = "employment"
    QUASI_MANDATE = "quasi_mandate"
    WORK_CONTRACT = "work_contract"
    DISPATCH = "dispatch"
    AGENCY = "agency"
    LICENCE = "licence"


class PriceForm(StrEnum):
    """What a resource's price is quoted for."""

    SALARY = "salary"
    HOUR = "hour"
    SEAT_MONTH = "seat_month"
    CASE = "case"
    SUCCESS = "success"
    LICENCE = "licence"


class Driver(StrEnum):
    """What makes a task happen; volumes are per month."""

    NEW_ACCOUNT = "new_account"
    ONBOARDING_SESSION = "onboarding_session"
    ACTIVE_ACCOUNT = "active_account"
    RENEWAL = "renewal"
    TICKET = "ticket"
    FIXED = "fixed"


class Split(StrEnum):
    """How far a task may be divided between resources."""

    FREE = "free"
    BY_ACCOUNT = "by_account"
    WHOLE = "whole"


class Play(StrEnum):
    """What the playbook does with a task group in a phase."""

    HAND_OVER = "hand_over"
    PREPARE = "prepare"
    KEEP = "keep"
    SELL = "sell"


class Basis(StrEnum):
    """Where a play comes from."""

    SOURCE = "source"
    DERIVED = "derived"
    NOT_IN_SOURCE = "not_in_source"


class Shape(StrEnum):
    """Direction of a desirability function."""

    LARGER = "larger"
    SMALLER = "smaller"
    TARGET = "target"


class Role(StrEnum):
    """What a parameter is to the analyst."""

    LEVER = "lever"
    UNCERTAINTY = "uncertainty"
    CONSTANT = "constant"


class Distribution(StrEnum):
    """How an uncertain parameter is sampled."""

    UNIFORM = "uniform"
    TRIANGULAR = "triangular"
    PERT = "pert"
    LOGNORMAL = "lognormal"
    DISCRETE = "discrete"
    NONE = "none"


class Grade(StrEnum):
    """Evidence grade, best first."""

    MEASURED = "measured"
    PRIMARY = "primary"
    SECONDHAND = "secondhand"
    VENDOR = "vendor"
    OPINION = "opinion"
    ASSUMPTION = "assumption"


class CostItem(StrEnum):
    """What a line of the cost ledger pays for."""

    SALARY = "salary"
    HIRING = "hiring"
    FEE = "fee"
    BASE = "base"
    SETUP = "setup"
    NOTICE = "notice"
    TOOLS = "tools"
    EXTERNAL = "external"
    SUCCESS_FEE = "success_fee"
    PACKAGE_REVENUE = "package_revenue"


class CostPart(StrEnum):
    """What is already inside an item of the ledger, told apart and never added again."""

    ATTRITION = "attrition"
    RAMP = "ramp"
    REWORK = "rework"
    MANAGEMENT = "management"


class Verdict(StrEnum):
    """What to do with a task group."""

    HAND_OVER = "hand_over"
    PILOT = "pilot"
    WAIT = "wait"
    KEEP = "keep"


class Conclusion(StrEnum):
    """What a plan comes to over the ranges of the evidence."""

    PAYS = "pays"
    PAYS_UNPROVEN = "pays_unproven"
    AVOIDS_HIRE = "avoids_hire"
    UNDECIDED = "undecided"
    DO_NOT = "do_not"
    NOTHING = "nothing"


TRAITS = (
    "value_added",
    "repeatability",
    "periodicity",
    "domain_knowledge",
    "lead_days",
    "standardised",
    "rules_fixed",
    "customer_contact",
)
"""Columns of ``task_inventory`` that describe how a task behaves."""
