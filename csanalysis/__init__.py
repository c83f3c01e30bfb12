"""csanalysis: which Customer Success work to give to whom, when, how much, and what it costs.

The public names below are imported when first used, so that ``import csanalysis`` stays instant.
"""

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from csanalysis import charts, io, tables
    from csanalysis.accounts.account_months import account_months
    from csanalysis.accounts.calibration import calibrate
    from csanalysis.accounts.health import score_health
    from csanalysis.accounts.retention import measure_retention
    from csanalysis.assignment.assign import assign_tasks
    from csanalysis.assignment.boundary import find_boundaries
    from csanalysis.assignment.rating_stats import apply_medians
    from csanalysis.assignment.stability import assess_stability
    from csanalysis.assignment.waves import plan_waves
    from csanalysis.charts.theme import use_theme
    from csanalysis.costing.ledger import cost_to_serve
    from csanalysis.costing.offers import compare_offers
    from csanalysis.costing.outcome import evaluate_outcome
    from csanalysis.costing.scope import playbook_assignment
    from csanalysis.costing.touch import plan_touch
    from csanalysis.diagnosis.benchmarks import compare_benchmarks
    from csanalysis.diagnosis.kpis import compute_kpis
    from csanalysis.diagnosis.phase import diagnose_phase
    from csanalysis.diagnosis.quadrant import map_quadrant
    from csanalysis.diagnosis.reconcile import reconcile
    from csanalysis.diagnosis.sizing import size_team
    from csanalysis.errors import (
        DataContractError,
        Failure,
        InfeasiblePlanError,
        ReportError,
        WorkspaceError,
    )
    from csanalysis.model.demand import project_demand, task_hours
    from csanalysis.planning.capacity import plan_capacity
    from csanalysis.planning.roadmap import plan_roadmap
    from csanalysis.planning.scope import plan_scope
    from csanalysis.report.scope import write_scope
    from csanalysis.sensitivity.failure_map import failure_map
    from csanalysis.sensitivity.heat_map import heat_map
    from csanalysis.sensitivity.monte_carlo import monte_carlo
    from csanalysis.sensitivity.sobol import sobol
    from csanalysis.sensitivity.tornado import tornado
    from csanalysis.widgets.panel import scenario_panel
    from csanalysis.workspace import load_dataset, read_price_sheet, save_scenario, start
    from csanalysis.workspace.price_sheet_form import write_price_sheet
    from csanalysis.workspace.rating_sheets import read_rating_sheets, write_rating_sheet

__version__ = "0.1.0"

__all__ = [
    "DataContractError",
    "Failure",
    "InfeasiblePlanError",
    "ReportError",
    "WorkspaceError",
    "account_months",
    "apply_medians",
    "assess_stability",
    "assign_tasks",
    "calibrate",
    "charts",
    "compare_benchmarks",
    "compare_offers",
    "compute_kpis",
    "cost_to_serve",
    "diagnose_phase",
    "evaluate_outcome",
    "failure_map",
    "find_boundaries",
    "heat_map",
    "io",
    "load_dataset",
    "map_quadrant",
    "measure_retention",
    "monte_carlo",
    "plan_capacity",
    "plan_roadmap",
    "plan_scope",
    "plan_touch",
    "plan_waves",
    "playbook_assignment",
    "project_demand",
    "read_price_sheet",
    "read_rating_sheets",
    "reconcile",
    "save_scenario",
    "scenario_panel",
    "score_health",
    "size_team",
    "sobol",
    "start",
    "tables",
    "task_hours",
    "tornado",
    "use_theme",
    "write_price_sheet",
    "write_rating_sheet",
    "write_scope",
]

_HOMES = {
    "DataContractError": "errors",
    "Failure": "errors",
    "InfeasiblePlanError": "errors",
    "ReportError": "errors",
    "WorkspaceError": "errors",
    "account_months": "accounts.account_months",
    "apply_medians": "assignment.rating_stats",
    "assess_stability": "assignment.stability",
    "assign_tasks": "assignment.assign",
    "calibrate": "accounts.calibration",
    "compare_benchmarks": "diagnosis.benchmarks",
    "compare_offers": "costing.offers",
    "compute_kpis": "diagnosis.kpis",
    "cost_to_serve": "costing.ledger",
    "diagnose_phase": "diagnosis.phase",
    "evaluate_outcome": "costing.outcome",
    "failure_map": "sensitivity.failure_map",
    "find_boundaries": "assignment.boundary",
    "heat_map": "sensitivity.heat_map",
    "load_dataset": "workspace",
    "map_quadrant": "diagnosis.quadrant",
    "measure_retention": "accounts.retention",
    "monte_carlo": "sensitivity.monte_carlo",
    "plan_capacity": "planning.capacity",
    "plan_roadmap": "planning.roadmap",
    "plan_scope": "planning.scope",
    "plan_touch": "costing.touch",
    "plan_waves": "assignment.waves",
    "playbook_assignment": "costing.scope",
    "project_demand": "model.demand",
    "read_price_sheet": "workspace",
    "read_rating_sheets": "workspace.rating_sheets",
    "reconcile": "diagnosis.reconcile",
    "save_scenario": "workspace",
    "scenario_panel": "widgets.panel",
    "score_health": "accounts.health",
    "size_team": "diagnosis.sizing",
    "sobol": "sensitivity.sobol",
    "start": "workspace",
    "task_hours": "model.demand",
    "tornado": "sensitivity.tornado",
    "use_theme": "charts.theme",
    "write_price_sheet": "workspace.price_sheet_form",
    "write_rating_sheet": "workspace.rating_sheets",
    "write_scope": "report.scope",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'csanalysis' has no attribute {name!r}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"csanalysis.{_HOMES[name]}"), name)
    return importlib.import_module(f"csanalysis.{name}")


def __dir__() -> list[str]:
    return sorted(__all__)
