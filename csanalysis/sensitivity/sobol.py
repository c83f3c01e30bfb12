"""Sobol indices of a metric: which uncertain inputs its spread comes from, alone and with others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtri

from csanalysis.costing.placement import CURRENT, Assignment
from csanalysis.labels import both, number
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.sensitivity.factors import WIDENING, Factor
from csanalysis.sensitivity.indices import BLOCK, Estimates, Metric, estimate, evaluate
from csanalysis.sensitivity.sampling import (
    Seed,
    check_design,
    column_values,
    entropy_of,
    factor_notes,
    recut,
    stream,
    unit_chunks,
)
from csanalysis.sensitivity.sobol_findings import NEGLIGIBLE, SHOWN, sobol_findings
from csanalysis.sensitivity.study import LEAST, OWN, bar, check_one, study_of
from csanalysis.vocabulary import Grade
from csanalysis.workspace.parquet_file import write_parquet

AT_ONCE = 2**17
"""Scenarios handed to the cost model at a time."""
_BOOTSTRAP = 2**32 - 1
"""Place of the bootstrap among the streams of random numbers of a run."""


@dataclass(frozen=True)
class SobolIndices:
    """First and total order of each input, with intervals.

    The first order is the share of the metric's variance that goes away once the input is known; the total
    order is the share that stays while only the input is unknown. Their difference is interaction.

    Attributes
    ----------
    metric : str
        Name; empty for a function.
    factors : tuple of Factor
    estimates : Estimates
    n : int
        Rows of each of the two samples; the metric was evaluated (d + 2) n times.
    confidence : float
        Of the intervals: estimate plus and minus normal quantile times bootstrap standard error.
    seed : int
    notes : tuple of Finding
        Repairs told beside the results.
    """

    metric: str
    factors: tuple[Factor, ...]
    estimates: Estimates = field(repr=False)
    n: int
    confidence: float
    resamples: int
    seed: int
    notes: tuple[Finding, ...] = ()

    @property
    def evaluations(self) -> int:
        """How often the metric was evaluated."""
        return self.n * (len(self.factors) + 2)

    @property
    def interactions(self) -> Array:
        """Total minus first order, shape (d,)."""
        return self.estimates.total - self.estimates.first

    @property
    def half_widths(self) -> tuple[Array, Array]:
        """Half widths of the intervals of first and total order, each of shape (d,)."""
        quantile = float(ndtri(0.5 + self.confidence / 2))
        return quantile * self.estimates.first_error, quantile * self.estimates.total_error

    def to_frame(self) -> pd.DataFrame:
        """Return one row an input, in the order of the factors.

        Columns: key, first, first_low, first_high, total, total_low, total_high (shares of the variance).
        """
        found = self.estimates
        first, total = self.half_widths
        return pd.DataFrame(
            {
                "key": [factor.key for factor in self.factors],
                "first": found.first,
                "first_low": found.first - first,
                "first_high": found.first + first,
                "total": found.total,
                "total_low": found.total - total,
                "total_high": found.total + total,
            }
        )

    def write(self, path: str | Path) -> Path:
        """Write the indices as parquet; the file holds metric, n, seed and confidence too."""
        about = {"analysis": "sobol", "metric": self.metric or OWN, "n": str(self.n), "seed": str(self.seed)}
        return write_parquet(path, [self.to_frame()], {**about, "confidence": str(self.confidence)})

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Positions of the inputs that matter, the largest total effect first."""
        total = self.estimates.total
        return tuple(int(i) for i in np.argsort(-total, kind="stable") if total[i] >= NEGLIGIBLE)

    @property
    def measure_next(self) -> tuple[str, ...]:
        """Keys of up to three inputs worth measuring better, the most rewarding first.

        Total effect times the widening of the evidence grade, among inputs that matter and are not measured.
        """
        return tuple(self.factors[i].key for i in self.worth_measuring)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What to know, the answer first."""
        return (*sobol_findings(self), *self.notes)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings in a language."""
        return [finding.sentence(lang) for finding in self.findings]

    @property
    def worth_measuring(self) -> list[int]:
        """Positions of `measure_next`."""
        open_to = [i for i in self.order if self.factors[i].grade != Grade.MEASURED]
        weakest = WIDENING[Grade.ASSUMPTION]
        by_grade = {str(grade): by for grade, by in WIDENING.items()}
        worth = {i: self.estimates.total[i] * by_grade.get(self.factors[i].grade, weakest) for i in open_to}
        return sorted(open_to, key=lambda i: -worth[i])[:SHOWN]


def sobol(
    metric: str | Metric,
    ds: Dataset | None = None,
    sc: Scenario | None = None,
    *,
    factors: pd.DataFrame | Sequence[str] | Sequence[Factor] | None = None,
    n: int = 2**12,
    seed: Seed = 1,
    assignment: Assignment | None = None,
    baseline: Assignment = CURRENT,
    confidence: float = 0.95,
    resamples: int = 200,
    method: str = "sobol",
    progress: Callable[[int], object] | None = None,
) -> SobolIndices:
    """Return the share of a metric's variance that comes from each uncertain input, with intervals.

    Inputs vary independently: the indices have no plain meaning for correlated ones. Ctrl-C keeps the rows
    that are finished.

    Parameters
    ----------
    metric : str or callable
        A metric of `csanalysis.costing.scenario_runs.METRICS`; or a function of values of shape (m, d),
        read-only, that returns (m,) and treats each row for itself.
    ds, sc : Dataset, Scenario, optional
        For a metric by name; `sc` defaults to the base scenario.
    factors : DataFrame, sequence of keys, or sequence of Factor
        Frame of key, low, high, distribution: see `frame_factors`. Default: see `factors_of`.
    n : int
        Rows of each sample, rounded up to a power of two for Sobol points (told).
    seed : int or numpy.random.Generator
        0 is a seed like any.
    assignment, baseline : str, mapping or result
        Held fixed; default: `assign_tasks` at `sc`, against today.
    confidence : float
        Of the intervals, between 0 and 1.
    resamples : int
        Of the bootstrap, 2 or more.
    method : {"sobol", "lhs", "random"}
    progress : callable, optional
        Called with the number of points evaluated since the last call.

    Raises
    ------
    ValueError
        For settings out of range, factors that cannot be sampled, or a metric that is not finite everywhere.

    Examples
    --------
    >>> import pandas as pd
    >>> ends = pd.DataFrame({"key": ["x", "y"], "low": 0.0, "high": [1.0, 2.0], "distribution": "uniform"})
    >>> found = sobol(lambda x: x[:, 0] + x[:, 1], factors=ends)
    >>> found.to_frame()[["first", "total"]].round(2).to_numpy().tolist()
    [[0.2, 0.2], [0.8, 0.8]]
    """
    check_one(metric)
    study = study_of(metric, ds, sc, factors, assignment, baseline)
    inputs = study.factors
    notes = list(factor_notes(inputs))
    check_design(n, 2 * len(inputs), method)
    if not 0 < confidence < 1 or resamples < 2:
        raise ValueError(both("sobol.settings", confidence=confidence, resamples=resamples))
    rows = max(2, 1 << (int(n) - 1).bit_length() if method == "sobol" else int(n))
    if rows != n:
        notes.append(Finding("sobol.rounded", {"n": number(n), "rows": number(rows)}, "warning"))
    entropy = entropy_of(seed)
    if callable(metric):
        function, by_block = metric, BLOCK
    else:
        function, by_block = (lambda points: study.evaluate(points.T)[metric]), _rows(len(inputs), rows)
    blocks = _blocks(inputs, rows, method, entropy, by_block)
    with bar(rows * (len(inputs) + 2), ds.lang if ds else "ja") as update:
        tell = progress or update
        outputs = evaluate(function, blocks, len(inputs), rows, stacked=not callable(metric), progress=tell)
    if outputs.interrupted:
        values = {"done": number(len(outputs.a)), "rows": number(rows)}
        notes.append(Finding("sobol.interrupted", values, "warning"))
    found = estimate(outputs, resamples, stream(entropy, _BOOTSTRAP))
    name = "" if callable(metric) else metric
    return SobolIndices(name, inputs, found, len(outputs.a), confidence, resamples, entropy, tuple(notes))


def _rows(d: int, n: int) -> int:
    """Return rows a block for the cost model: a sixteenth of all, at most `AT_ONCE` scenarios."""
    most = 1 << (max(AT_ONCE // (d + 2), 1).bit_length() - 1)
    return int(min(most, max(n // 16, LEAST // (d + 2) + 1)))


def _blocks(factors: tuple[Factor, ...], n: int, method: str, entropy: int, size: int) -> Iterator[Array]:
    """Yield values of A above values of B, shape (2 d, m)."""
    both_samples = factors + factors
    chunks = unit_chunks(n, len(both_samples), method, entropy)
    return recut((column_values(chunk, both_samples, out=chunk) for chunk in chunks), size)
