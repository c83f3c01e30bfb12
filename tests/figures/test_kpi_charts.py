"""The KPI history: drawn values equal the KPIs, and an empty table says why it is empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

import csanalysis as cs
from csanalysis.charts.frame import title_of
from csanalysis.diagnosis.kpis import Kpis, compute_kpis
from csanalysis.model.dataset import Dataset

Legible = Callable[[Axes], str]


@pytest.fixture(scope="module")
def contracts(ds: Dataset) -> Dataset:
    """Return a workspace with 240 contracts that start at two a week and end after 5 to 36 months."""
    start = pd.Timestamp("2022-01-03") + pd.to_timedelta(7 * (np.arange(240) // 2), unit="D")
    months = 5 + np.arange(240) * 7 % 32
    end = pd.Series([s + pd.DateOffset(months=int(m), days=-1) for s, m in zip(start, months, strict=True)])
    table = pd.DataFrame(
        {
            "account_id": [f"A{n:03}" for n in range(240)],
            "segment": "",
            "start_date": start,
            "end_date": end.where(end < pd.Timestamp("2026-04-01")),
            "mrr": 50_000.0 + 100 * np.arange(240),
            "renewal_date": pd.NaT,
            "csm": "csm_1",
            "onboarding_sessions": 3.0,
        }
    )
    return replace(ds, tables={**ds.tables, "accounts": table})


def lines(ax: Axes, gid: str) -> list[Line2D]:
    return [line for line in ax.lines if line.get_gid() == gid]


def history(result: Kpis, metric: str) -> list[float]:
    frame = result.to_frame().query("segment == 'all' and metric == @metric")
    return list(frame.sort_values("month")["value"])


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("first", [None, "2026-03", "2025-12", "2022-01"])
def test_any_length_of_records_is_legible(
    contracts: Dataset, first: str | None, lang: str, legible: Legible
) -> None:
    published = cs.compare_benchmarks(contracts, contracts.base)
    result = compute_kpis(contracts, first=first)
    legible(cs.charts.kpi_history(result, lang=lang, benchmarks=published))
    legible(cs.charts.kpi_history(result, lang=lang))


def test_drawn_values_are_the_kpis(contracts: Dataset) -> None:
    result = compute_kpis(contracts)
    published = cs.compare_benchmarks(contracts, contracts.base)
    ax = cs.charts.kpi_history(result, lang="en", benchmarks=published)
    [churn], [mean] = lines(ax, "churn"), lines(ax, "mean")
    assert list(churn.get_ydata()) == history(result, "logo_churn")
    np.testing.assert_array_equal(np.asarray(mean.get_ydata()), history(result, "logo_churn_mean_12m"))
    assert [line.get_ydata()[0] for line in lines(ax, "published")] == [0.0284, 0.03]
    [inset] = ax.child_axes
    for metric in ("nrr_12m", "grr_12m"):
        [drawn] = lines(inset, metric)
        np.testing.assert_array_equal(np.asarray(drawn.get_ydata()), history(result, metric))


def test_less_than_a_year_gives_no_yearly_figure(contracts: Dataset) -> None:
    ax = cs.charts.kpi_history(compute_kpis(contracts, first="2025-12"), lang="en")
    assert title_of(ax) == "4 months of records: no yearly figures yet"


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_without_accounts_the_chart_says_what_is_missing(ds: Dataset, lang: str, legible: Legible) -> None:
    tables = {name: table for name, table in ds.tables.items() if name != "accounts"}
    ax = cs.charts.kpi_history(compute_kpis(replace(ds, tables=tables)), lang=lang)
    assert "accounts" in legible(ax)
    assert not ax.lines


def test_given_axes_are_used(contracts: Dataset) -> None:
    ax = Figure().subplots()
    assert cs.charts.kpi_history(compute_kpis(contracts), ax, "ja") is ax
