"""The cost model over many scenarios at once: metrics of a plan beside its baseline, by scenario."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from csanalysis.costing.comparison import Comparison, compare
from csanalysis.costing.kernel_structure import Sides, structure_of, values_of
from csanalysis.costing.placement import CURRENT, Assignment, place
from csanalysis.labels import both
from csanalysis.model.dataset import Dataset
from csanalysis.model.parameters import Array
from csanalysis.model.renewals import dated_renewals
from csanalysis.model.scenario import Scenario
from csanalysis.model.segments import segments_of
from csanalysis.model.supply import productive_hours_of, whole_heads

METRICS = {
    "npv": "JPY",
    "npv_terminal": "JPY",
    "first_year_cash": "JPY",
    "cash_saving": "JPY",
    "total_cost": "JPY",
    "total_cost_baseline": "JPY",
    "hires_avoided": "head",
    "heads": "head",
    "capacity_freed": "hour/month",
    "fte_required": "FTE",
    "fte_peak": "FTE",
    "heads_required": "head",
    "cs_cost_ratio_result": "ratio",
    "unmet_hours": "hour",
    "staff_saving": "JPY",
}
"""Metric -> unit. What each is: `csanalysis.costing.outcome.Outcome`; ``heads``: avoided or released;
``staff_saving``: what the in-house team costs less."""
COMPILED_FROM = 1000
"""Number of scenarios from which the compiled model pays for the time it takes to load."""
NUMPY_BLOCK, KERNEL_BLOCK = 512, 2**16
"""Scenarios held in memory at a time."""
MOST_SHAPES = 64
"""Structures kept at a time."""
_ONE_BY_ONE = ("horizon_months", "cs_headcount")
"""Parameters that change the shape of the model: each of their values is a run of its own."""

Progress = Callable[[int], object]


@dataclass(frozen=True)
class ScenarioModel:
    """A plan and its baseline, ready to be evaluated for many scenarios.

    Attributes
    ----------
    keys : tuple of str
        Parameters and cells that change from scenario to scenario, in the order of the rows of `evaluate`.
    """

    ds: Dataset = field(repr=False)
    scenario: Scenario
    assignment: Assignment = field(repr=False)
    baseline: Assignment = field(repr=False)
    keys: tuple[str, ...]
    _built: dict[tuple[object, ...], Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def sides(self) -> Sides:
        """Placement of the plan, and of the baseline."""
        return place(self.ds, self.assignment), place(self.ds, self.baseline)

    def evaluate(
        self,
        values: Array,
        metrics: Sequence[str] = ("npv",),
        *,
        compiled: bool | None = None,
        progress: Progress | None = None,
    ) -> dict[str, Array]:
        """Return metrics by scenario.

        Parameters
        ----------
        values : ndarray, shape (n_keys, n_scenarios)
            One row a key, within the hard bounds of the key.
        metrics : sequence of str
            See `METRICS`.
        compiled : bool, optional
            Whether to use the compiled model; by default from 1,000 scenarios on. Where numba is missing, and
            where cells of tasks change, the numpy model runs in any case.
        progress : callable, optional
            Called with the number of scenarios done since the last call.

        Returns
        -------
        dict
            Metric -> ndarray of shape (n_scenarios,).

        Raises
        ------
        ValueError
            For an unknown metric, a wrong shape, or a value outside its hard bounds.
        """
        values = np.ascontiguousarray(values, dtype=float)
        unknown = [m for m in metrics if m not in METRICS]
        if unknown:
            raise ValueError(both("runs.unknown_metric", metric=unknown[0], known=", ".join(METRICS)))
        if values.ndim != 2 or len(values) != len(self.keys):
            raise ValueError(both("runs.shape", expected=len(self.keys), found=values.shape))
        width = values.shape[1]
        self.scenario.replace({k: row for k, row in zip(self.keys, values, strict=True) if width})
        fast = has_kernel() and (width >= COMPILED_FROM if compiled is None else compiled)
        out = {name: np.empty(width) for name in metrics}
        for columns, sc, keys, rows in self._parts(values):
            part = self._compiled if fast and self._fits(sc, keys) else self._plain
            size = KERNEL_BLOCK if part == self._compiled else NUMPY_BLOCK
            for begin in range(0, len(columns), size):
                some = columns[begin : begin + size]
                found = part(sc, keys, rows[:, begin : begin + size], metrics)
                for name in metrics:
                    out[name][some] = found[name]
                if progress is not None:
                    progress(len(some))
        return out

    def _parts(self, values: Array) -> Iterator[tuple[Any, Scenario, tuple[str, ...], Array]]:
        """Yield (columns, scenario, keys, values) with what changes the shape of the model held fixed."""
        apart = [n for n, key in enumerate(self.keys) if key in self._shaping]
        rest = [n for n in range(len(self.keys)) if n not in apart]
        keys = tuple(self.keys[n] for n in rest)
        if not apart:
            yield np.arange(values.shape[1]), self.scenario, keys, values
            return
        shaping = np.array([_as_used(self.keys[n], values[n]) for n in apart])
        points, which = np.unique(shaping, axis=1, return_inverse=True)
        for at in range(points.shape[1]):
            columns = np.flatnonzero(which.reshape(-1) == at)
            fixed = {self.keys[n]: float(points[row, at]) for row, n in enumerate(apart)}
            yield columns, self.scenario.replace(fixed), keys, values[rest][:, columns]

    def _fits(self, sc: Scenario, keys: tuple[str, ...]) -> bool:
        """Tell whether the compiled model can do it: coefficients that all share, and not too many months."""
        from csanalysis.model import kernel

        return not _by_task(keys) and int(sc.number("horizon_months")) + 2 <= kernel.LONGEST

    def _structure(self, sc: Scenario) -> Any:
        """Return what scenarios share, built once for each value of the keys that shape the model."""
        shape = tuple(sc.changes.items())
        if shape not in self._built:
            if len(self._built) >= MOST_SHAPES:
                self._built.clear()
            self._built[shape] = structure_of(self.ds, sc, self.sides)
        return self._built[shape]

    @cached_property
    def _shaping(self) -> tuple[str, ...]:
        """Return the keys whose values are run one by one; the term where contracts have renewal dates."""
        dated = dated_renewals(self.ds, segments_of(self.ds, self.scenario), 0).share.any()
        own = self.sides[0]
        lead = f"resources.{own.resources[own.in_house]}.hiring_lead_months"
        return (*_ONE_BY_ONE, lead, *(("term_months",) if dated else ()))

    def _plain(
        self, sc: Scenario, keys: tuple[str, ...], values: Array, metrics: Sequence[str]
    ) -> Mapping[str, Array]:
        many = sc.replace(dict(zip(keys, values, strict=True)))
        found = metrics_of(compare(self.ds, many, self.assignment, self.baseline), metrics)
        return {name: np.broadcast_to(found[name], values.shape[1:]) for name in metrics}

    def _compiled(
        self, sc: Scenario, keys: tuple[str, ...], values: Array, metrics: Sequence[str]
    ) -> Mapping[str, Array]:
        from csanalysis.model import kernel

        sides, structure = self.sides, self._structure(sc)
        many = Scenario(sc.name, sc.space, {**sc.changes, **dict(zip(keys, values, strict=True))})
        constant = np.zeros(kernel.slots(structure.due.shape[1], len(structure.contracts)))
        varying, places = list[Array](), list[int]()
        for slot, value in values_of(self.ds, many, sides):
            if len(value) == 1:
                constant[slot] = value[0]
            else:
                varying.append(value)
                places.append(slot)
        rows = np.ascontiguousarray(varying).reshape(len(varying), values.shape[1])
        found = kernel.run(structure, constant, rows, np.array(places, dtype=np.int64))
        return {name: found[kernel.METRICS.index(name)] for name in metrics}


def scenario_model(
    ds: Dataset,
    sc: Scenario,
    assignment: Assignment,
    baseline: Assignment = CURRENT,
    keys: Sequence[str] = (),
) -> ScenarioModel:
    """Return a plan and its baseline, ready to be evaluated for many scenarios.

    Parameters
    ----------
    ds : Dataset
    sc : Scenario
        Values of everything that is not in `keys`; scalars.
    assignment, baseline : str, mapping or result
        As in `cost_to_serve`; both stay the same in every scenario.
    keys : sequence of str
        Parameters and cells that change from scenario to scenario.

    Raises
    ------
    ValueError
        For an unknown or repeated key, an unknown task or resource.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> model = scenario_model(ds, ds.base, cs.playbook_assignment(ds, ds.base), keys=["effort"])
    >>> found = model.evaluate([[0.8, 1.0, 1.3]], ["npv", "hires_avoided"])
    >>> found["npv"].shape
    (3,)
    """
    canonical = tuple(sc.space.find(key).key for key in keys)
    doubled = sorted({key for key in canonical if canonical.count(key) > 1})
    if doubled:
        raise ValueError(both("sensitivity.doubled", keys=", ".join(doubled)))
    model = ScenarioModel(ds, sc, assignment, baseline, canonical)
    _ = model.sides  # an assignment that may not be is told here, not in the middle of a run
    return model


def has_kernel() -> bool:
    """Tell whether the compiled model can be used here."""
    return importlib.util.find_spec("numba") is not None


def warm() -> None:
    """Load the compiled model, or compile it where no process did before, so that no slider waits for it.

    Takes about fifteen seconds once after an installation, then about one; nothing without numba.
    """
    if not has_kernel():
        return
    from csanalysis.model import kernel

    season, whole = np.ones(2), np.int64
    structure = kernel.Structure(
        season_new=season,
        season_renewal=season,
        season_ticket=season,
        due=np.zeros((2, 1)),
        dated=np.zeros(1),
        basis=np.zeros((1, 4), dtype=whole),
        hours=np.ones((2, 1, 1)),
        contracts=np.zeros((0, 5), dtype=whole),
        cases=np.zeros((0, 1)),
        case_index=np.zeros((0, 5), dtype=whole),
        sells=np.zeros((2, 2), dtype=whole),
    )
    kernel.run(structure, np.ones(kernel.slots(1, 0)), np.ones((1, 1)), np.zeros(1, dtype=whole))


def metrics_of(comparison: Comparison, metrics: Sequence[str]) -> dict[str, Array]:
    """Return metrics of a comparison, shape (1,) or (n_scenarios,)."""
    plan, sc = comparison.plan, comparison.scenario
    need = (plan.physical.own_hours + plan.physical.management) / np.atleast_1d(productive_hours_of(sc))
    months = len(need)
    found: dict[str, Callable[[], object]] = {
        "npv": comparison.npv,
        "npv_terminal": comparison.npv_terminal,
        "first_year_cash": lambda: comparison.first_year_cash,
        "cash_saving": lambda: comparison.cash.sum(axis=0),
        "total_cost": lambda: plan.by_month.sum(axis=0),
        "total_cost_baseline": lambda: comparison.baseline.by_month.sum(axis=0),
        "hires_avoided": lambda: comparison.hires_avoided,
        "heads": lambda: comparison.heads,
        "capacity_freed": lambda: comparison.capacity_freed,
        "fte_required": lambda: need.mean(axis=0),
        "fte_peak": lambda: need.max(axis=0),
        "heads_required": lambda: whole_heads(need.max(axis=0)),
        "cs_cost_ratio_result": lambda: plan.by_month.sum(axis=0) * 12 / months / sc.number("arr"),
        "unmet_hours": lambda: plan.physical.unmet.sum(axis=0),
        "staff_saving": lambda: comparison.cash_parts()["staff"].sum(axis=0),
    }
    return {name: np.atleast_1d(np.asarray(found[name](), dtype=float)) for name in metrics}


def _as_used(key: str, values: Array) -> Array:
    """Return values as the model uses them: whole months of hiring lead."""
    return np.asarray(np.rint(values) if key.endswith(".hiring_lead_months") else values)


def _by_task(keys: Sequence[str]) -> bool:
    """Tell whether cells of the inventory change: the coefficients then differ by scenario."""
    return any(key.startswith("tasks.") for key in keys)
