"""Uncertain inputs: their ranges, widened by the grade of the evidence, and how they are distributed."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from csanalysis.labels import both
from csanalysis.model.parameters import WHOLE_UNIT, Parameter
from csanalysis.model.scenario import Scenario
from csanalysis.vocabulary import Distribution, Grade, Role

WIDENING = {
    Grade.MEASURED: 1.0,
    Grade.PRIMARY: 1.0,
    Grade.SECONDHAND: 1.25,
    Grade.VENDOR: 1.5,
    Grade.OPINION: 1.5,
    Grade.ASSUMPTION: 2.0,
}
"""How much further than stated the ends of a range are taken to lie from the default, by grade."""
DISTRIBUTIONS = tuple(d for d in Distribution if d != Distribution.NONE)
COLUMNS = ("key", "low", "high", "distribution")
"""Columns a frame of factors must have; mode, values, weights, unit, grade and labels may be given."""
_WHOLE_UNITS = (WHOLE_UNIT, "month")


@dataclass(frozen=True)
class Factor:
    """One uncertain input.

    Attributes
    ----------
    key : str
    low, high : float
        Ends of the range; of a lognormal distribution its 5 % and 95 % quantiles.
    mode : float
        Most likely value of triangular and PERT; where the value stands today.
    distribution : str
        ``uniform``, ``triangular``, ``pert``, ``lognormal`` or ``discrete``.
    unit, label_ja, label_en, source, grade : str
    hard_min, hard_max : float
        No value lies beyond them (NaN: no bound).
    values, weights : tuple of float
        Of a discrete distribution; weights of any positive sum.
    """

    key: str
    low: float
    high: float
    mode: float
    distribution: str
    unit: str = ""
    label_ja: str = ""
    label_en: str = ""
    source: str = ""
    grade: str = ""
    hard_min: float = math.nan
    hard_max: float = math.nan
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()

    @property
    def is_constant(self) -> bool:
        """Tell whether only one value is possible."""
        if self.distribution == Distribution.DISCRETE:
            drawn = {v for v, w in zip(self.values, self.weights, strict=True) if w > 0}
            return len(drawn) == 1
        return self.low == self.high

    def label(self, lang: str) -> str:
        """Return the label on screen; the key where there is none."""
        shown = self.label_ja if lang == "ja" else self.label_en
        return shown or self.label_en or self.label_ja or self.key


def factors_of(sc: Scenario, keys: Iterable[str] | None = None) -> tuple[Factor, ...]:
    """Return the uncertain inputs of a scenario, their ranges widened by grade.

    The distance from the value to either end is multiplied by `WIDENING` (for lognormal: the ratio is raised
    to that power) and cut at the hard bounds. A value changed by the scenario is an assumption, and keeps its
    range only where it lies within.

    Parameters
    ----------
    sc : Scenario
        Scalar values.
    keys : iterable of str, optional
        Parameters or cells; default: every uncertainty with a range and a distribution. A named key without a
        distribution, such as a lever, is uniform: over whole numbers where its unit is persons or months.

    Raises
    ------
    ValueError
        For an unknown or repeated key, one that is no number, or one without a range.

    Examples
    --------
    >>> import csanalysis as cs
    >>> sc = cs.load_dataset("data").base
    >>> churn = factors_of(sc, ["monthly_churn"])[0]
    >>> round(churn.low, 4), churn.mode, round(churn.high, 4), churn.grade
    (0.0008, 0.0284, 0.0758, 'vendor')
    """
    if keys is None:
        stated = [_ranged(sc, k) for k, p in sc.space.parameters.items() if p.role == Role.UNCERTAINTY]
        known = [p for p in stated if p.distribution in DISTRIBUTIONS and p.low < p.high]
        return tuple(_factor(p, sc.number(p.key)) for p in known if np.isfinite([p.low, p.high]).all())
    found = []
    for key in [keys] if isinstance(keys, str) else keys:
        parameter = _ranged(sc, key)
        if parameter.is_text or isinstance(sc[key], str) or sc[key] is None:
            raise ValueError(both("sensitivity.no_number", key=key))
        if not (np.isfinite([parameter.low, parameter.high]).all() and parameter.low < parameter.high):
            raise ValueError(both("sensitivity.no_range", key=key))
        found.append(_factor(parameter, sc.number(key)))
    return _unique(found)


def _ranged(sc: Scenario, key: str) -> Parameter:
    """Return a parameter as the scenario states it; a value that was moved takes its range along.

    Its ends keep their ratio to the value, or their distance where the default is zero: an assumption that
    replaces another is as uncertain as that one was.
    """
    declared, stated = sc.space.find(key), sc.stated(key)
    value, default = sc[key], declared.default
    numbers = isinstance(value, float) and isinstance(default, float)
    if not numbers or value == default or not np.isfinite([declared.low, declared.high]).all():
        return stated
    ends = np.array([declared.low, declared.high])
    moved = ends * (value / default) if default and value else ends + (value - default)
    low, high = np.fmin(np.fmax(np.sort(moved), declared.hard_min), declared.hard_max)
    return replace(stated, low=min(float(low), value), high=max(float(high), value))


def _factor(parameter: Parameter, value: Any) -> Factor:
    if np.ndim(value):
        raise ValueError(both("sensitivity.one_scenario", key=parameter.key))
    low, high = widened(parameter, float(value))
    distribution, values = parameter.distribution, tuple[float, ...]()
    if distribution == Distribution.NONE:
        whole = parameter.unit in _WHOLE_UNITS
        distribution = str(Distribution.DISCRETE if whole else Distribution.UNIFORM)
        values = tuple(np.arange(math.ceil(low), math.floor(high) + 1, dtype=float)) if whole else ()
    elif distribution == Distribution.DISCRETE:
        values = tuple(float(c) for c in parameter.choices) or tuple(
            np.arange(low, high + parameter.step / 2, parameter.step)
        )
    if values:
        low, high = min(values), max(values)
    return _checked(
        Factor(
            key=parameter.key,
            low=low,
            high=high,
            mode=float(value),
            distribution=distribution,
            unit=parameter.unit,
            label_ja=parameter.label_ja,
            label_en=parameter.label_en,
            source=parameter.source,
            grade=parameter.grade,
            hard_min=parameter.hard_min,
            hard_max=parameter.hard_max,
            values=values,
            weights=(1.0,) * len(values),
        )
    )


def widened(parameter: Parameter, value: float) -> tuple[float, float]:
    """Return the ends of a range, widened by grade and cut at the hard bounds."""
    by = WIDENING[Grade(parameter.grade)]
    ends = np.array([parameter.low, parameter.high])
    if parameter.distribution == Distribution.LOGNORMAL and value > 0 and parameter.low > 0:
        ends = value * (ends / value) ** by
    else:
        ends = np.where(by == 1, ends, value + by * (ends - value))
    low, high = np.fmin(np.fmax(ends, parameter.hard_min), parameter.hard_max)
    return float(low), float(high)


def frame_factors(frame: pd.DataFrame) -> tuple[Factor, ...]:
    """Return the uncertain inputs of a table of one's own, ranges as they stand.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns key, low, high, distribution; optional mode (default: the middle), values and weights of
        discrete ones (sequences, or text parted by ``;``), unit, grade, source, label_ja, label_en.

    Raises
    ------
    ValueError
        Naming column or key: empty, doubled, low above high, mode outside, unknown distribution, not finite.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"key": ["x"], "low": [0], "high": [2], "distribution": ["triangular"]})
    >>> frame_factors(rows)[0].mode
    1.0
    """
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ValueError(both("sensitivity.columns", missing=", ".join(missing), needed=", ".join(COLUMNS)))
    if not len(frame):
        raise ValueError(both("sensitivity.no_factor"))
    return _unique([_row_factor(record) for record in frame.to_dict("records")])


def _row_factor(record: Mapping[Hashable, Any]) -> Factor:
    key, distribution = str(record["key"]), str(record["distribution"]).strip().lower()
    values = _numbers(key, record.get("values"))
    weights = _numbers(key, record.get("weights")) or (1.0,) * len(values)
    low, high = (
        end(values) if values and _absent(record[name]) else _number(key, record[name])
        for name, end in (("low", min), ("high", max))
    )
    mode = record.get("mode")

    def word(name: str) -> str:
        return "" if _absent(record.get(name)) else str(record[name])

    return _checked(
        Factor(
            key=key,
            low=low,
            high=high,
            mode=(low + high) / 2 if _absent(mode) else _number(key, mode),
            distribution=distribution,
            values=values,
            weights=weights,
            unit=word("unit"),
            label_ja=word("label_ja"),
            label_en=word("label_en"),
            source=word("source"),
            grade=word("grade"),
        )
    )


def _checked(factor: Factor) -> Factor:
    """Return the factor if it can be sampled."""
    shown: dict[str, Any] = {"key": factor.key, "low": factor.low, "high": factor.high}
    kind = factor.distribution
    if kind not in DISTRIBUTIONS:
        allowed = ", ".join(DISTRIBUTIONS)
        raise ValueError(both("sensitivity.distribution", key=factor.key, found=kind, allowed=allowed))
    if not np.isfinite([factor.low, factor.high, factor.mode]).all():
        raise ValueError(both("sensitivity.not_finite", **shown))
    if factor.low > factor.high:
        raise ValueError(both("sensitivity.low_above_high", **shown))
    if kind in (Distribution.TRIANGULAR, Distribution.PERT) and not factor.low <= factor.mode <= factor.high:
        raise ValueError(both("sensitivity.mode_outside", mode=factor.mode, **shown))
    if kind == Distribution.LOGNORMAL and factor.low <= 0:
        raise ValueError(both("sensitivity.lognormal", **shown))
    if kind == Distribution.DISCRETE:
        weights = np.array(factor.weights)
        fits = len(weights) == len(factor.values) > 0
        finite = np.isfinite([*factor.values, *factor.weights]).all()
        if not fits or not finite or (weights < 0).any() or not weights.any():
            raise ValueError(both("sensitivity.discrete", key=factor.key))
    return factor


def _unique(factors: Sequence[Factor]) -> tuple[Factor, ...]:
    keys = [factor.key for factor in factors]
    doubled = sorted({key for key in keys if keys.count(key) > 1})
    if doubled:
        raise ValueError(both("sensitivity.doubled", keys=", ".join(doubled)))
    return tuple(factors)


def _absent(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or value is pd.NA or value == ""


def _number(key: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(both("sensitivity.not_a_number", key=key, value=value)) from None


def _numbers(key: str, entered: Any) -> tuple[float, ...]:
    if isinstance(entered, (list, tuple, np.ndarray)):
        return tuple(_number(key, value) for value in entered)
    if _absent(entered):
        return ()
    return tuple(_number(key, part) for part in str(entered).split(";"))
