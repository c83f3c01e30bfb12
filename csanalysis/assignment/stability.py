"""How stable the choice of a resource is: SMAA, stochastic multicriteria acceptability analysis.

Nobody knows the weights and ratings exactly. So both are drawn many times around what is stated, and the
share of draws in which a kind of resource is chosen says how far the choice depends on them (Lahdelma and
Salminen 2001). What is drawn:

- weights: Dirichlet around the weights of the table, each kind of resource for itself; or uniform, one weight
  vector for all kinds, as if nothing were known about the weights;
- ratings: of several raters one per draw and task, then a symmetric triangular error: +-1 on a rating of 1 to
  5, and in proportion +-0.25 on a share and +-25 % on days; results stay on the scale;
- the choice: the best suitability among the eligible kinds, or the rule given as `choose`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from csanalysis.assignment.rating_stats import Agreement, agreement, raters_of, views
from csanalysis.assignment.smaa_run import Choose, Run
from csanalysis.assignment.stability_findings import StabilityFacts, findings_of
from csanalysis.assignment.suitability import Rules, trait_values
from csanalysis.labels import LANGUAGES, both
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding
from csanalysis.model.parameters import Array
from csanalysis.model.scenario import Scenario

CONCENTRATION = 50.0
"""Dirichlet concentration: in nine draws of ten a weight of 0.25 lies between 0.16 and 0.36.
Chosen, so that weights may be a third off; no source gives a figure."""
DECIDE = 0.80
"""Share of draws from which a choice counts as decided."""
LABELS = ("decide", "discuss")


@dataclass(frozen=True)
class Stability:
    """How often each kind of resource is chosen for each task.

    Attributes
    ----------
    tasks : pandas.DataFrame
        task_id, name_ja, name_en.
    kinds : tuple of str
    probability : ndarray
        Share of draws, shape (n_tasks, n_kinds); rows add up to 1.
    n, seed : int
        Draws, and the seed of the random numbers.
    decide_at : float
    weights : {"table", "uniform"}
    concentration, noise : float
        Spread of the weights (the larger the narrower) and half width of the error of a 1-5 rating.
    raters : tuple of str
        Who rated; empty where the inventory is the only view.
    agreement : Agreement or None
        How far several raters agree; None for fewer than two.
    not_taken_on : int
        Cells whose median over the raters differs from the value the scenario works with.
    """

    tasks: pd.DataFrame = field(repr=False)
    kinds: tuple[str, ...]
    probability: Array = field(repr=False)
    n: int
    seed: int
    decide_at: float
    weights: str
    concentration: float
    noise: float
    raters: tuple[str, ...]
    agreement: Agreement | None = field(repr=False)
    not_taken_on: int

    @property
    def standard_error(self) -> Array:
        """Standard error of each probability from the finite number of draws, shape (n_tasks, n_kinds)."""
        return np.sqrt(self.probability * (1 - self.probability) / self.n)

    @property
    def top(self) -> tuple[str, ...]:
        """The kind chosen most often, by task; of equal shares the first."""
        return tuple(self.kinds[i] for i in self.probability.argmax(axis=1))

    @property
    def labels(self) -> tuple[str, ...]:
        """`decide` or `discuss`, by task."""
        return tuple(LABELS[int(p < self.decide_at)] for p in self.probability.max(axis=1))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a task and kind: task_id, kind, probability, standard_error, label, unit.

        `label` is the task's, and the same in all its rows.
        """
        task_ids = self.tasks["task_id"]
        frame = pd.MultiIndex.from_product([task_ids, self.kinds], names=["task_id", "kind"])
        return frame.to_frame(index=False).assign(
            probability=self.probability.ravel(),
            standard_error=self.standard_error.ravel(),
            label=np.repeat(self.labels, len(self.kinds)),
            unit="ratio",
        )

    def tasks_frame(self) -> pd.DataFrame:
        """Return one row a task: task_id, kind (most often), probability, standard_error, label, unit."""
        frame = self.to_frame().assign(top=np.repeat(self.top, len(self.kinds)))
        return frame[frame["kind"] == frame["top"]].drop(columns="top").reset_index(drop=True)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What to know, the answer first."""
        order = np.argsort(-self.probability, axis=1, kind="stable")[:, :2]
        first, second = np.take_along_axis(self.probability, order, axis=1).T
        facts = StabilityFacts(
            task_ids=tuple(self.tasks["task_id"]),
            names={lang: _names(self.tasks, lang) for lang in LANGUAGES},
            kinds=tuple((self.kinds[one], self.kinds[other]) for one, other in order),
            first=first,
            second=second,
            error=np.sqrt(first * (1 - first) / self.n),
            n=self.n,
            decide_at=self.decide_at,
            raters=self.raters,
            agreement=self.agreement,
            not_taken_on=self.not_taken_on,
        )
        return findings_of(facts)

    def sentences(self, lang: str) -> list[str]:
        """Return the findings in a language."""
        return [finding.sentence(lang) for finding in self.findings]


def assess_stability(
    ds: Dataset,
    sc: Scenario,
    n: int = 100_000,
    seed: int = 1,
    *,
    weights: str = "table",
    concentration: float = CONCENTRATION,
    noise: float = 1.0,
    eligible: npt.NDArray[np.bool_] | None = None,
    choose: Choose | None = None,
    decide: float = DECIDE,
    chunk: int = 4096,
) -> Stability:
    """Return how often each kind of resource is chosen when weights and ratings vary.

    Parameters
    ----------
    n, seed : int
        Draws, and the seed of the random numbers (0 is a seed like any).
    weights : {"table", "uniform"}
        Dirichlet around the table's weights, or any weights alike.
    concentration : float
        Of the Dirichlet distribution, 1 or more: the standard deviation is sqrt(w (1 - w) / (1 + c)).
    noise : float
        Half width of the error of a 1-5 rating, 0 to 4; shares and days move by noise / 4 of scale and value.
    eligible : ndarray of bool, optional
        Shape (n_tasks, n_kinds), kinds in the order of `Rules.kinds`; default: every kind of the rate card.
    choose : callable, optional
        The rule: scores (n_tasks, n_kinds, n_draws), -1 where not eligible -> kind index (n_tasks, n_draws).
        Default: the best score among the eligible kinds, csm where none is above 0.
    decide : float
        Share of draws from which a choice counts as decided.
    chunk : int
        Draws held in memory at a time; it changes no result.

    Raises
    ------
    ValueError
        For a setting outside its range, or a scenario with several values a cell.

    Examples
    --------
    >>> import csanalysis as cs
    >>> ds = cs.load_dataset("data")
    >>> result = cs.assess_stability(ds, ds.base, n=2_000)
    >>> result.tasks_frame().query("task_id == 'rnw_billing_update'")["kind"].item()
    'contract_staff'
    """
    _check_settings(n, seed, weights, concentration, noise, decide, chunk)
    rules = Rules.of(ds.tables["suitability"])
    if trait_values(ds, sc).ndim > 2:
        raise ValueError(both("stability.one_scenario"))
    seen = views(ds, sc)
    allowed = _eligible(ds, rules, eligible)
    alpha = np.ones((1, rules.weights.shape[1])) if weights == "uniform" else concentration * rules.weights
    run = Run(ds, rules, seen.by_task, allowed, alpha, noise, seed, choose)
    counts = sum(run.counts(min(chunk, n - at)) for at in range(0, n, chunk))
    return Stability(
        ds.tasks[["task_id", "name_ja", "name_en"]],
        rules.kinds,
        np.asarray(counts) / n,
        n,
        seed,
        decide,
        weights,
        concentration,
        noise,
        raters_of(ds),
        agreement(ds),
        seen.not_taken_on,
    )


def _eligible(ds: Dataset, rules: Rules, eligible: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.bool_]:
    shape = (len(ds.tables["task_inventory"]), len(rules.kinds))
    if eligible is None:
        offered = set(ds.tables["resources"]["kind"])
        return np.broadcast_to(np.array([kind in offered for kind in rules.kinds]), shape)
    if eligible.shape != shape:
        raise ValueError(both("stability.eligible_shape", expected=shape, found=eligible.shape))
    return eligible.astype(bool)


def _names(tasks: pd.DataFrame, lang: str) -> tuple[str, ...]:
    shown, other = tasks[f"name_{lang}"], tasks["name_en" if lang == "ja" else "name_ja"]
    return tuple(str(name) for name in shown.where(shown != "", other))


def _check_settings(
    n: int, seed: int, weights: str, concentration: float, noise: float, decide: float, chunk: int
) -> None:
    wrong = {
        "n": n < 1,
        "seed": seed < 0,
        "weights": weights not in ("table", "uniform"),
        "concentration": not 1 <= concentration < np.inf,
        "noise": not 0 <= noise <= 4,
        "decide": not 0 < decide <= 1,
        "chunk": chunk < 1,
    }
    named = [name for name, bad in wrong.items() if bad]
    if named:
        raise ValueError(both("stability.bad_setting", names=", ".join(named)))
