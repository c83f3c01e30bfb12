"""What a calibration says: where the inventory is off, how sure that is, and how plans have held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from csanalysis.labels import number, percent, text, trimmed
from csanalysis.model.dataset import Dataset
from csanalysis.model.findings import Finding, Shown

if TYPE_CHECKING:
    from csanalysis.accounts.calibration import Calibration

THIN = 0.5
"""A record that weighs less than this leaves most of the say to the inventory."""
SHOWN = 3
CLOSE = 0.1
"""Hours within this share of each other count as agreeing (chosen)."""


def findings_of(found: Calibration, ds: Dataset) -> Iterator[Finding]:
    """Yield plan against actual hours, tasks that are off, thin ones, and the plan of a year ago."""
    tasks = found.tasks
    known = tasks[tasks["hours_plan"].notna() & tasks["hours_actual"].notna()]
    plan, actual = float(known["hours_plan"].sum()), float(known["hours_actual"].sum())
    if plan > 0:
        off = actual / plan - 1
        values: dict[str, Shown] = {
            "n": number(len(known)),
            "all": number(len(ds.tables["task_inventory"])),
            "plan": number(plan, 1),
            "actual": number(actual, 1),
            "off": _signed(off),
        }
        key = "agrees" if abs(off) <= CLOSE else "differs"
        yield Finding(f"calibration.plan_{key}", values, "info" if key == "agrees" else "warning")
    for direction in ("longer", "shorter"):
        yield from _off(found, ds, direction)
    thin = tasks[tasks["minutes_trust"] < THIN]
    if len(thin):
        yield Finding("calibration.thin", {"n": number(len(thin)), "tasks": _names(ds, thin["task_id"])})
    missing = len(ds.tables["task_inventory"]) - len(tasks)
    if missing:
        yield Finding("calibration.missing", {"n": number(missing)}, "question")
    if not len(found.seasons):
        yield Finding("calibration.no_season", level="question")
    yield from _year_ago(found)


def _off(found: Calibration, ds: Dataset, direction: str) -> Iterator[Finding]:
    """Name the tasks whose minutes are surely longer, or shorter, than the inventory says."""
    tasks = found.tasks
    plan = tasks["minutes_plan"]
    sure = tasks["minutes_low"] > plan if direction == "longer" else tasks["minutes_high"] < plan
    if not sure.any():
        return
    hours = (tasks["minutes"] / plan - 1).abs() * tasks["hours_plan"].fillna(0.0)
    first = tasks.loc[hours[sure].sort_values(ascending=False).index[:SHOWN]]
    shown = first.assign(off=first["minutes"] / first["minutes_plan"] - 1)

    def named(lang: str) -> str:
        parts = [
            text(
                "calibration.task_off",
                lang,
                task=_name(ds, row["task_id"], lang),
                plan=trimmed(row["minutes_plan"], 1),
                minutes=trimmed(row["minutes"], 1),
                off=_signed(float(row["off"])),
            )
            for row in shown.to_dict("records")
        ]
        return ("、" if lang == "ja" else "; ").join(parts)

    yield Finding(f"calibration.{direction}", {"n": number(int(sure.sum())), "tasks": named}, "warning")


def _year_ago(found: Calibration) -> Iterator[Finding]:
    past = found.year_ago
    if past is None:
        yield Finding("calibration.no_year_ago", level="question")
        return
    months = past.months
    each = (months["hours_plan"] - months["hours_actual"]).abs() / months["hours_actual"].replace(0, np.nan)
    values: dict[str, Shown] = {
        "month": str(np.datetime64(past.as_of, "M")),
        "n": number(past.tasks),
        "plan": number(float(months["hours_plan"].mean()), 1),
        "actual": number(float(months["hours_actual"].mean()), 1),
        "off": _signed(past.error),
        "each": percent(float(each.mean())),
        "accounts_plan": number(past.accounts_plan),
        "accounts_actual": number(past.accounts_actual),
    }
    level = "info" if abs(past.error) <= CLOSE else "warning"
    yield Finding("calibration.year_ago", values, level)


def _names(ds: Dataset, keys: object) -> Shown:
    listed = list(keys)  # type: ignore[call-overload]

    def named(lang: str) -> str:
        joined = ("、" if lang == "ja" else ", ").join(_name(ds, key, lang) for key in listed[:SHOWN])
        return joined + (text("calibration.more", lang) if len(listed) > SHOWN else "")

    return named


def _name(ds: Dataset, key: str, lang: str) -> str:
    inventory = ds.tables["task_inventory"].set_index("task_id")
    other = "en" if lang == "ja" else "ja"
    return str(inventory.at[key, f"name_{lang}"] or inventory.at[key, f"name_{other}"])


def _signed(ratio: float) -> str:
    return f"+{percent(ratio)}" if ratio > 0 else percent(ratio)
