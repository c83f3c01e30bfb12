"""Makes ``data/usage_events.csv.gz`` and ``data/actuals.csv``: an invented usage log and invented hours.

    python -m tools.example_events

Both follow the made-up accounts of `tools.example_accounts`. **The log is circular**: accounts that leave
were made to use less before they go, so a health score that finds them finds only what was put in. A
back-test on this log shows that the pipeline works, and says nothing about any real customer. The hours are
circular in the same way: they spread around the inventory by factors drawn here.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from tools.example_accounts import MONTHS, SEED, TODAY, Account, _month, make

DATA = Path(__file__).resolve().parents[1] / "data"
EVENTS, ACTUALS = DATA / "usage_events.csv.gz", DATA / "actuals.csv"
ROWS_A_MONTH = 3
"""Usage rows of an account and month: each stands for about ten days."""
LEAVER_FADES, FADE, FADE_MONTHS = 0.7, 0.72, 5
"""Share of leavers whose usage falls before they go, by which factor a month, over how many months."""
DIP, DIP_FACTOR = 0.02, 0.45
"""Chance a month that a staying account uses little for two months."""
TICKETS = 0.25
THIN_EVERY, THIN_MONTHS = 7, 2
"""Every seventh task has been recorded for two months only."""
DOUBLED, STRANGERS = 12, 3
"""Rows of the log that stand twice, and rows of an account without a contract: to show how they are told."""
Draw = Callable[[], float]


def _normal(draw: Draw) -> float:
    return sum(draw() for _ in range(12)) - 6


def _poisson(mean: float, draw: Draw) -> int:
    """Return a Poisson draw; a normal one, rounded, where the mean is large."""
    if mean > 50:
        return max(0, round(mean + math.sqrt(mean) * _normal(draw)))
    limit, product, count = math.exp(-mean), draw(), 0
    while product > limit:
        product *= draw()
        count += 1
    return count


def _open(account: Account, month: date) -> bool:
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return any(start < following and (end is None or end >= month) for start, end, _ in account.periods)


def _level(account: Account, fades: bool, dips: list[int], number: int) -> float:
    """Return the made-up usage of a month against the account's own normal."""
    level = 1.0
    left = account.lost_in - number
    if account.lost_in >= 0 and fades and 0 <= left < FADE_MONTHS:
        level *= FADE ** (FADE_MONTHS - left)
    return level * (DIP_FACTOR if any(0 <= number - at < 2 for at in dips) else 1.0)


def events(accounts: list[Account], seed: int = SEED + 1) -> list[tuple[str, str, str, int]]:
    """Return the log: account_id, timestamp with zone, event, count; sorted by time."""
    draw = random.Random(seed).random
    found: list[tuple[str, str, str, int]] = []
    for account in accounts:
        normal = 30 * math.exp(0.6 * _normal(draw))
        trend = 1 + (0.04 if draw() < 0.12 else 0.0)
        fades = draw() < LEAVER_FADES
        dips = [n for n in range(MONTHS) if draw() < DIP]
        for number in range(MONTHS):
            month = _month(number)
            if not _open(account, month):
                continue
            level = normal * trend**number * _level(account, fades, dips, number)
            for part in range(ROWS_A_MONTH):
                moment = datetime(
                    month.year, month.month, 1 + part * 9 + int(9 * draw()), 9 + int(9 * draw())
                )
                count = _poisson(level / ROWS_A_MONTH, draw)
                if count:
                    found.append((account.name, _stamp(moment), "login", count))
            near = account.lost_in >= 0 and 0 <= account.lost_in - number < 3
            for _ in range(_poisson(TICKETS * (1.8 if near else 1.0), draw)):
                moment = datetime(month.year, month.month, 1 + int(28 * draw()), 9 + int(9 * draw()))
                found.append((account.name, _stamp(moment), "ticket", 1))
    found.sort(key=lambda row: (row[1], row[0], row[2]))
    found = [row for position, row in enumerate(found) if position == 0 or row[:3] != found[position - 1][:3]]
    step = len(found) // DOUBLED
    found += [found[position * step] for position in range(DOUBLED)]
    return found + [("A9999", _stamp(datetime(2026, 3, 3 + n, 10)), "login", 1) for n in range(STRANGERS)]


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}+09:00"


def _volumes(accounts: list[Account], log: list[tuple[str, str, str, int]]) -> list[dict[str, float]]:
    """Return what happened in each month of the history, by driver of work."""
    tickets = Counter(stamp[:7] for name, stamp, event, _ in log if event == "ticket")
    found: list[dict[str, float]] = []
    for number in range(MONTHS):
        month, following = _month(number), _month(number + 1)
        new = [a for a in accounts if month <= a.periods[0][0] < following]
        active = sum(
            any(start <= month and (end is None or end >= month) for start, end, _ in a.periods)
            for a in accounts
        )
        due = sum(_due(account, month) for account in accounts)
        found.append(
            {
                "new_account": len(new),
                "onboarding_session": sum(a.sessions for a in new),
                "active_account": active,
                "renewal": due,
                "ticket": tickets[f"{month:%Y-%m}"],
                "fixed": 1,
            }
        )
    return found


def _due(account: Account, month: date) -> bool:
    """Tell whether a running contract year of an account ends in a month."""
    for position, (start, end, _) in enumerate(account.periods):
        begun = account.begun(position)
        runs = start <= month.replace(day=28) and (end is None or end >= month)
        if runs and begun.month == month.month and begun.year < month.year:
            return True
    return False


def actuals(
    accounts: list[Account], log: list[tuple[str, str, str, int]], seed: int = SEED + 2
) -> Iterator[dict[str, object]]:
    """Yield invented hours by month and task: month, task_id, resource_id, hours, volume."""
    draw = random.Random(seed).random
    volumes = _volumes(accounts, log)
    with (DATA / "task_inventory.csv").open(encoding="utf-8", newline="") as handle:
        tasks = list(csv.DictReader(handle))
    for position, task in enumerate(tasks):
        slower = math.exp(0.05 + 0.18 * _normal(draw))
        oftener = math.exp(0.12 * _normal(draw))
        thin = position % THIN_EVERY == THIN_EVERY - 1
        for number in range(MONTHS - THIN_MONTHS if thin else 0, MONTHS):
            each = float(task["minutes"]) if task["minutes"] else 60 * float(task["hours_per_month"])
            fixed = task["driver"] == "fixed"
            mean = volumes[number][task["driver"]] * float(task["frequency"])
            volume = round(mean) if fixed else _poisson(mean * oftener, draw)
            if not volume:
                continue
            hours = volume * each * slower / 60 * math.exp(0.25 * _normal(draw) / math.sqrt(volume))
            yield {
                "month": f"{_month(number):%Y-%m}",
                "task_id": task["task_id"],
                "resource_id": "csm",
                "hours": f"{hours:.2f}",
                "volume": volume,
            }


def events_content() -> str:
    """Return the log as text."""
    rows = events(make())
    return "account_id,timestamp,event,count\n" + "".join(f"{a},{t},{e},{c}\n" for a, t, e, c in rows)


def actuals_content() -> str:
    """Return the hours as text."""
    accounts = make()
    stream = io.StringIO(newline="")
    columns = ("month", "task_id", "resource_id", "hours", "volume")
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(actuals(accounts, events(accounts)), key=lambda r: str(r["month"])))
    return stream.getvalue()


def write() -> None:
    """Write both files; the compressed one holds no time and no name."""
    assert _month(MONTHS) == TODAY
    packed = gzip.compress(events_content().encode(), compresslevel=9, mtime=0)
    EVENTS.write_bytes(packed)
    ACTUALS.write_text(actuals_content(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
