"""Which parameters a view hangs on: the controls of a panel that names none."""

from __future__ import annotations

from collections.abc import Iterable

from csanalysis.model.scenario import Scenario

_PLAN = ("start_month", "csm_monthly_cost", "effort", "monthly_churn", "resources.bpo.price")
_LEVERS: dict[str, tuple[str, ...]] = {
    "assignment": ("cs_headcount", "customer_size", "product_type", "suitability_threshold"),
    "phase": ("cs_headcount",),
    "sizing": ("arr", "accounts", "cs_fte", "cs_cost_ratio", "accounts_per_csm"),
    "benchmarks": ("monthly_churn", "onboarding_sessions", "cs_fte"),
    "quadrant": ("product_type", "customer_size", "cs_headcount"),
    "demand": ("growth_monthly", "monthly_churn", "cs_fte"),
    "reconciliation": ("arr", "accounts", "cs_cost_ratio", "accounts_per_csm"),
    "touch": ("touch_high_min_arr", "touch_low_min_arr"),
    "self_onboarding": ("self_onboarding_target", "self_onboarding_start", "self_onboarding_tau"),
    "outcome": ("start_month", "csm_monthly_cost", "effort", "resources.bpo.price"),
    "unit_costs": ("csm_monthly_cost", "resources.bpo.price", "resources.bpo.productivity"),
    "capacity": ("demand_cv", "cvar_weight", "unmet_hour_penalty", "overtime_cap"),
    "tornado": _PLAN,
    "monte_carlo": _PLAN,
    "heat_map": _PLAN,
    "failure_map": _PLAN,
    "roadmap": ("csm_monthly_cost", "resources.bpo.price", "resources.bpo.productivity"),
}


def levers_of(views: Iterable[str], sc: Scenario) -> tuple[str, ...]:
    """Return the parameters to move for some views, in the order of the parameter table, each once.

    A view without levers of its own gets every parameter whose role is lever. Keys that the workspace does
    not have (another vendor on the rate card), and values derived from others, are left out.

    Parameters
    ----------
    views : iterable of str
    sc : Scenario

    Examples
    --------
    >>> import csanalysis as cs
    >>> levers_of(["phase", "touch"], cs.load_dataset("data").base)
    ('cs_headcount', 'touch_high_min_arr', 'touch_low_min_arr')
    """
    table = sc.space.parameters
    every = tuple(key for key, parameter in table.items() if parameter.role == "lever")
    wanted = {key for view in views for key in _LEVERS.get(view, every)}
    there = [key for key in table if key in wanted and sc.space.knows(key)]
    return tuple(key for key in there if sc[key] is not None)
