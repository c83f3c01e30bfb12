"""All uncertain numbers at once: how a metric is distributed, with the error of every figure told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from csanalysis.costing.cases import standing_of
from csanalysis.costing.placement import CURRENT, Assignment
from csanalysis.costing.scenario_runs import METRICS
from csanalysis.labels import both, number, percent
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding, Shown
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario
from csanalysis.sensitivity.correlation import Correlation
from csanalysis.sensitivity.sampling import Sampler, Seed, sampler
from csanalysis.sensitivity.study import (
    Function,
    Inputs,
    Progress,
    bar,
    block_of,
    metric_name,
    shown,
    study_of,
)
from csanalysis.sensitivity.turns import SIGNED, STANDING
from csanalysis.workspace.parquet_file import write_parquet

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BLOCK = 2**16
"""Scenarios of which inputs are held in memory at a time."""
TOO_WIDE = 0.05
"""A probability known no better than this (half the 95 % interval) is not stated as known (chosen)."""
_LARGER = "total_cost", "total_cost_baseline", "fte_required", "fte_peak", "heads_required"
LARGE_IS_BAD = frozenset((*_LARGER, "cs_cost_ratio_result", "unmet_hours"))
"""Metrics of which the bad cases are the large ones."""
_Z95 = 1.959964


@dataclass(frozen=True)
class MonteCarlo:
    """Metrics over a sample of scenarios. Outputs are kept; inputs are made again from the seed.

    Attributes
    ----------
    outputs : mapping of str to ndarray, shape (n,)
        Metric -> its value in each scenario.
    draw : Sampler
        Gives the inputs again: ``draw.values(start, stop)``, shape (d, stop - start).
    answers : mapping of str to float
        For npv: share of scenarios that are a ``gain``, a ``hire`` worth paying for, a ``loss``; else empty.
    level : float
        CVaR is the mean of the worst 1 - level.
    asked : int
        Scenarios asked for; fewer are there after an interruption.
    """

    outputs: Mapping[str, Array] = field(repr=False)
    answers: Mapping[str, float]
    draw: Sampler
    level: float
    asked: int

    @property
    def n(self) -> int:
        """Scenarios evaluated."""
        return len(next(iter(self.outputs.values())))

    def inputs(self, start: int = 0, stop: int | None = None) -> pd.DataFrame:
        """Return the inputs of some scenarios, one row a scenario, one column a key."""
        stop = self.n if stop is None else min(stop, self.n)
        keys = [factor.key for factor in self.draw.factors]
        return pd.DataFrame(self.draw.values(start, stop).T, columns=keys, index=range(start, stop))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a metric.

        Columns: metric, n, mean, mean_error, sd, q05, q25, q50, q75, q95, p_positive (share of scenarios
        above zero), p_low, p_high (its 95 % interval, Wilson), cvar (mean of the worst 1 - level),
        cvar_error, unit. Errors are standard errors of independent draws; those of means of Sobol points
        are smaller.
        """
        rows = [_summary(name, values, self.level) for name, values in self.outputs.items()]
        return pd.DataFrame(rows)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the sample says of the first metric, how sure that is, and what it cannot claim."""
        return (*_findings(self), *self.draw.notes)

    def sentences(self, lang: str = "ja") -> list[str]:
        """Return the findings in a language."""
        return [finding.sentence(lang) for finding in self.findings]

    def write(self, path: str | Path) -> Path:
        """Write inputs and outputs as parquet, block by block; the file holds seed and method too.

        Raises
        ------
        OSError
            If the file cannot be written; no half of it is left.
        """
        about = {
            "seed": str(self.draw.entropy),
            "method": self.draw.method,
            "n": str(self.n),
            "asked": str(self.asked),
        }
        return write_parquet(path, self._pages(), about)

    def _pages(self) -> Iterator[pd.DataFrame]:
        keys, start = [factor.key for factor in self.draw.factors], 0
        for block in self.draw.blocks(BLOCK):
            stop = min(start + block.shape[1], self.n)
            page = pd.DataFrame(block[:, : stop - start].T, columns=keys)
            if stop > start:
                yield page.assign(**{f"metric.{k}": v[start:stop] for k, v in self.outputs.items()})
            start = stop


def monte_carlo(
    metric: str | Function | Sequence[str],
    ds: Dataset | None = None,
    sc: Scenario | None = None,
    *,
    n: int = 2**14,
    seed: Seed = 1,
    factors: Inputs = None,
    method: str = "sobol",
    correlation: Correlation | None = None,
    assignment: Assignment | None = None,
    baseline: Assignment = CURRENT,
    level: float | None = None,
    progress: bool | Progress | None = None,
) -> MonteCarlo:
    """Draw all uncertain numbers at once, and evaluate a plan in every scenario.

    Parameters
    ----------
    metric : str, sequence of str, or callable
        Metrics of the cost model, see `csanalysis.costing.scenario_runs.METRICS`, or f(x) with x (n, d).
    ds, sc : Dataset, Scenario, optional
        For metrics by name; `sc` defaults to the defaults of the workspace.
    n : int
        Scenarios; a power of two keeps the balance of Sobol points.
    seed : int or numpy.random.Generator
        0 is a seed like any.
    factors : DataFrame, sequence of keys or of Factor, optional
        Default: every uncertainty with a range, widened by its grade, see `factors_of`.
    method : {"sobol", "lhs", "random"}
    correlation : ndarray, DataFrame or mapping of pairs, optional
        Rank correlations of the inputs, such as ``{("effort", "monthly_churn"): 0.4}``.
    assignment, baseline : str, mapping or result
        Held fixed; default: `assign_tasks` at `sc`, against today.
    level : float, optional
        Of CVaR, 0 to below 1; default: ``cvar_level`` of the scenario, else 0.9.
    progress : bool or callable, optional
        Default: a bar on long runs. Ctrl-C ends the run and keeps what is done.

    Raises
    ------
    ValueError
        For settings out of range, an unknown metric or key, or a metric that is not finite.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> plan = cs.playbook_assignment(ds, ds.base)
    >>> found = cs.monte_carlo("npv", ds, ds.base, n=2**10, assignment=plan)
    >>> found.n, found.inputs(0, 2).shape[0]
    (1024, 2)
    """
    wanted = (metric,) if isinstance(metric, str) or callable(metric) else tuple(metric)
    more = [m for m in STANDING if m not in wanted] if "npv" in wanted else []
    asked = metric if callable(metric) else (*map(str, wanted), *more)
    study = study_of(asked, ds, sc, factors, assignment, baseline)
    draw = sampler(study.factors, n, method=method, seed=seed, correlation=correlation)
    if level is None:
        level = float(study.scenario.number("cvar_level")) if study.scenario else 0.9
    if not 0 <= level < 1:
        raise ValueError(both("monte_carlo.level", level=level))
    outputs = {name: np.empty(n) for name in study.metrics}
    shown_bar = progress if isinstance(progress, bool) else None
    done = 0
    with bar(n, ds.lang if ds else "ja", shown=shown_bar) as update:
        tell = progress if callable(progress) else update
        try:
            for block in draw.blocks(block_of(n, BLOCK)):
                found = study.evaluate(block)
                for name, values in found.items():
                    outputs[name][done : done + block.shape[1]] = values
                done += block.shape[1]
                tell(block.shape[1])
        except KeyboardInterrupt:
            if not done:
                raise
    kept = {name: values[:done] for name, values in outputs.items()}
    shares = answers_in(kept)
    return MonteCarlo({name: kept[name] for name in kept if name not in more}, shares, draw, level, n)


def answers_in(outputs: Mapping[str, Array]) -> dict[str, float]:
    """Return the share of each answer on npv; empty where its metrics are not there."""
    if not all(name in outputs for name in STANDING):
        return {}
    told = standing_of(*(outputs[name] for name in STANDING))
    return {answer: float((told == answer).mean()) for answer in ("gain", "hire", "loss")}


def _summary(name: str, values: Array, level: float) -> dict[str, object]:
    n, mean = len(values), float(values.mean())
    deviation = float(values.std(ddof=1)) if n > 1 else 0.0
    quantiles = np.quantile(values, QUANTILES)
    positive = int((values > 0).sum())
    low, high = wilson(positive, n)
    bad, error = cvar(values if name in LARGE_IS_BAD else -values, level)
    return {
        "metric": name,
        "n": n,
        "mean": mean,
        "mean_error": deviation / np.sqrt(n),
        "sd": deviation,
        **{f"q{round(100 * q):02d}": float(v) for q, v in zip(QUANTILES, quantiles, strict=True)},
        "p_positive": positive / n,
        "p_low": low,
        "p_high": high,
        "cvar": bad if name in LARGE_IS_BAD else -bad,
        "cvar_error": error,
        "unit": METRICS.get(name, ""),
    }


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a probability of which `hits` of `n` were seen (Wilson 1927).

    Examples
    --------
    >>> [round(p, 4) for p in wilson(0, 100)]
    [0.0, 0.037]
    """
    share, z = hits / n, _Z95**2 / n
    middle, half = share + z / 2, np.sqrt(share * (1 - share) * z + z * z / 4)
    return float(max((middle - half) / (1 + z), 0.0)), float(min((middle + half) / (1 + z), 1.0))


def cvar(losses: Array, level: float) -> tuple[float, float]:
    """Return the mean of the largest 1 - `level` of losses, and its standard error.

    The quantile is the one of Rockafellar and Uryasev (2000): losses at it count with the share that is left.

    Examples
    --------
    >>> cvar(np.arange(1.0, 11.0), 0.8)[0]
    9.5
    """
    n = len(losses)
    at = min(int(np.ceil(level * n - 1e-9)), n) - 1 if level > 0 else 0
    quantile = float(np.partition(losses, max(at, 0))[max(at, 0)])
    over = np.maximum(losses - quantile, 0.0)
    tail = 1 - level
    error = float(over.std(ddof=1)) / tail / np.sqrt(n) if n > 1 else 0.0
    return quantile + float(over.mean()) / tail, error


def _findings(found: MonteCarlo) -> Iterator[Finding]:
    row = found.to_frame().iloc[0]
    name = str(row["metric"])

    def value(column: str) -> Shown:
        return lambda lang: shown(name, float(row[column]), lang)

    half = (float(row["p_high"]) - float(row["p_low"])) / 2
    said: dict[str, Shown] = {
        "metric": lambda lang: metric_name(name, lang),
        "n": number(found.n),
        "inputs": number(len(found.draw.factors)),
        "share": percent(float(row["p_positive"]), 0),
        "p_low": percent(float(row["p_low"]), 1),
        "p_high": percent(float(row["p_high"]), 1),
        "worst": percent(1 - found.level, 0),
        **{
            column: value(column)
            for column in ("q05", "q50", "q95", "mean", "mean_error", "cvar", "cvar_error")
        },
    }
    if float(row["q05"]) == float(row["q95"]) and float(row["sd"]) == 0:
        yield Finding("monte_carlo.constant", said)
        return
    if name in SIGNED:
        yield Finding("monte_carlo.positive", said)
    if name == "npv" and found.answers.get("hire"):
        shares = {answer: percent(share, 0) for answer, share in found.answers.items()}
        yield Finding("monte_carlo.answers", {**said, **shares})
    yield Finding("monte_carlo.range", said)
    yield Finding("monte_carlo.worst", said)
    yield Finding("monte_carlo.errors", said)
    if name in SIGNED and half > TOO_WIDE:
        needed = int(np.ceil((_Z95 / TOO_WIDE) ** 2 / 4))
        yield Finding("monte_carlo.too_small", {**said, "needed": number(needed)}, "warning")
    if (1 - found.level) * found.n < 30:
        few = number((1 - found.level) * found.n)
        yield Finding("monte_carlo.few_bad", {**said, "few": few}, "warning")
    if found.n < found.asked:
        yield Finding("monte_carlo.interrupted", {**said, "asked": number(found.asked)}, "warning")
    yield Finding("monte_carlo.independent" if found.draw.root is None else "monte_carlo.correlated", said)
