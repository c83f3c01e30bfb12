"""Results and frames as HTML tables: every text escaped, numbers formatted by unit.

Plain HTML from the standard library: the tables of a report are static, so neither great-tables
(45 MB with what it needs) nor a pandas Styler (which escapes only on request) would earn its place.
"""

from __future__ import annotations

from csanalysis.tables.accounts import (
    calibration,
    cohorts,
    health_accounts,
    health_actions,
    health_calibration,
    health_sheet,
    told_rows,
)
from csanalysis.tables.assignment import (
    assignment,
    assignment_changes,
    boundaries,
    wave_totals,
    waves,
)
from csanalysis.tables.basic import (
    HasSentences,
    benchmarks,
    changes,
    files,
    label_of,
    name_of,
    overview,
    parameters,
    phases,
    repairs,
    scenarios,
    sentences,
    show,
    shown,
    sizing,
    stages,
    tasks,
)
from csanalysis.tables.capacity import capacity
from csanalysis.tables.costing import cases, cost_ledger, outcome, unit_costs, verdicts
from csanalysis.tables.diagnosis import cells, checks, ledger, plays, readings, reconciliation
from csanalysis.tables.html import Column, Html, listed, render
from csanalysis.tables.kpis import kpi_definitions, kpis
from csanalysis.tables.offers import offer_terms, offers
from csanalysis.tables.roadmap import exit_terms, roadmap, scope
from csanalysis.tables.sensitivity import (
    break_even,
    factors,
    failure_map,
    monte_carlo,
    sobol,
    tornado,
)
from csanalysis.tables.touch import touch

__all__ = [
    "Column",
    "HasSentences",
    "Html",
    "assignment",
    "assignment_changes",
    "benchmarks",
    "boundaries",
    "break_even",
    "calibration",
    "capacity",
    "cases",
    "cells",
    "changes",
    "checks",
    "cohorts",
    "cost_ledger",
    "exit_terms",
    "factors",
    "failure_map",
    "files",
    "health_accounts",
    "health_actions",
    "health_calibration",
    "health_sheet",
    "kpi_definitions",
    "kpis",
    "label_of",
    "ledger",
    "listed",
    "monte_carlo",
    "name_of",
    "offer_terms",
    "offers",
    "outcome",
    "overview",
    "parameters",
    "phases",
    "plays",
    "readings",
    "reconciliation",
    "render",
    "repairs",
    "roadmap",
    "scenarios",
    "scope",
    "sentences",
    "show",
    "shown",
    "sizing",
    "sobol",
    "stages",
    "tasks",
    "told_rows",
    "tornado",
    "touch",
    "unit_costs",
    "verdicts",
    "wave_totals",
    "waves",
]
