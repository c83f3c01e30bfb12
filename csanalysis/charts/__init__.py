"""Charts: ``cs.charts.<chart>(result, ax=None, lang="ja") -> Axes``."""

from __future__ import annotations

from csanalysis.charts.benchmarks import benchmark_comparison
from csanalysis.charts.diagnosis import phase_ladder, sizing

__all__ = ["benchmark_comparison", "phase_ladder", "sizing"]
