"""Charts: ``cs.charts.<chart>(result, ax=None, lang="ja") -> Axes``."""

from __future__ import annotations

from csanalysis.charts.assignment import assignment_map, wave_hours
from csanalysis.charts.assignment_rows import assignment_probabilities, flip_distances
from csanalysis.charts.benchmarks import benchmark_comparison
from csanalysis.charts.calibration import calibrated_minutes, plan_a_year_ago
from csanalysis.charts.capacity import capacity_plan
from csanalysis.charts.capacity_heat import utilisation
from csanalysis.charts.capacity_share import outsourced_share
from csanalysis.charts.costing import cost_ledger
from csanalysis.charts.decision import verdicts
from csanalysis.charts.demand import hours_by_stage, reconciliation
from csanalysis.charts.diagnosis import phase_ladder, sizing
from csanalysis.charts.distribution import distribution
from csanalysis.charts.full_cost import unit_cost
from csanalysis.charts.health import health_backtest, health_scores
from csanalysis.charts.kpis import kpi_history
from csanalysis.charts.outcome import churn_price, cumulative_cash
from csanalysis.charts.quadrant import quadrant_map
from csanalysis.charts.ranges import swings
from csanalysis.charts.retention import retention_curve
from csanalysis.charts.roadmap import roadmap
from csanalysis.charts.sensitivity import tornado
from csanalysis.charts.sensitivity_boxes import failure_map
from csanalysis.charts.sensitivity_effects import total_effects
from csanalysis.charts.sensitivity_map import heat_map
from csanalysis.charts.touch import touch_tiers
from csanalysis.charts.touch_lever import self_onboarding

__all__ = [
    "assignment_map",
    "assignment_probabilities",
    "benchmark_comparison",
    "calibrated_minutes",
    "capacity_plan",
    "churn_price",
    "cost_ledger",
    "cumulative_cash",
    "distribution",
    "failure_map",
    "flip_distances",
    "health_backtest",
    "health_scores",
    "heat_map",
    "hours_by_stage",
    "kpi_history",
    "outsourced_share",
    "phase_ladder",
    "plan_a_year_ago",
    "quadrant_map",
    "reconciliation",
    "retention_curve",
    "roadmap",
    "self_onboarding",
    "sizing",
    "swings",
    "tornado",
    "total_effects",
    "touch_tiers",
    "unit_cost",
    "utilisation",
    "verdicts",
    "wave_hours",
]
