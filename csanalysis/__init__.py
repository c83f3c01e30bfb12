"""csanalysis: which Customer Success work to give to whom, when, how much, and what it costs.

The public names below are imported when first used, so that ``import csanalysis`` stays instant.
"""

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from csanalysis import charts, io, tables
    from csanalysis.charts.theme import use_theme
    from csanalysis.diagnosis.benchmarks import compare_benchmarks
    from csanalysis.diagnosis.kpis import compute_kpis
    from csanalysis.diagnosis.phase import diagnose_phase
    from csanalysis.diagnosis.quadrant import map_quadrant
    from csanalysis.diagnosis.reconcile import reconcile
    from csanalysis.diagnosis.sizing import size_team
    from csanalysis.errors import DataContractError, Failure, ReportError, WorkspaceError
    from csanalysis.model.demand import project_demand, task_hours
    from csanalysis.widgets.panel import scenario_panel
    from csanalysis.workspace import load_dataset, start

__version__ = "0.1.0"

__all__ = [
    "DataContractError",
    "Failure",
    "ReportError",
    "WorkspaceError",
    "charts",
    "compare_benchmarks",
    "compute_kpis",
    "diagnose_phase",
    "io",
    "load_dataset",
    "map_quadrant",
    "project_demand",
    "reconcile",
    "scenario_panel",
    "size_team",
    "start",
    "tables",
    "task_hours",
    "use_theme",
]

_HOMES = {
    "DataContractError": "errors",
    "Failure": "errors",
    "ReportError": "errors",
    "WorkspaceError": "errors",
    "compare_benchmarks": "diagnosis.benchmarks",
    "compute_kpis": "diagnosis.kpis",
    "diagnose_phase": "diagnosis.phase",
    "load_dataset": "workspace",
    "map_quadrant": "diagnosis.quadrant",
    "project_demand": "model.demand",
    "reconcile": "diagnosis.reconcile",
    "scenario_panel": "widgets.panel",
    "size_team": "diagnosis.sizing",
    "start": "workspace",
    "task_hours": "model.demand",
    "use_theme": "charts.theme",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'csanalysis' has no attribute {name!r}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"csanalysis.{_HOMES[name]}"), name)
    return importlib.import_module(f"csanalysis.{name}")


def __dir__() -> list[str]:
    return sorted(__all__)
