"""Makes ``data/accounts.csv``: invented contract periods that fit the default example.

    python -m tools.example_accounts

The company is made up. Its 24 months up to the end of March 2026 end with 439 accounts that pay 57,000 JPY
a month on average; it grew by a fifth a year and lost 2.84 % of its accounts a month, all at the renewal
of yearly contracts. Only ``random.random`` is drawn from, whose sequence is the same on every Python.
"""

from __future__ import annotations

import csv
import io
import math
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

PATH = Path(__file__).resolve().parents[1] / "data" / "accounts.csv"
COLUMNS = (
    *("account_id", "segment", "start_date", "end_date", "mrr", "renewal_date"),
    *("csm", "onboarding_sessions", "complexity"),
)
SEED = 20260401
FIRST_YEAR, MONTHS = 2024, 24
"""The history starts in April of this year."""
TODAY = date(2026, 4, 1)
ACCOUNTS_TODAY, MEAN_MRR = 439, 57_000
GROWTH_ANNUAL, MONTHLY_CHURN = 0.2, 0.0284
SESSIONS = (0.12, 0.30, 0.30, 0.18, 0.10)
"""Shares of 1 to 5 onboarding sessions: 2.84 on average."""
COMPLEXITY = (0.15, 0.30, 0.30, 0.15, 0.10)
"""Shares of complexity 1 to 5."""
GOLDEN = (math.sqrt(5) - 1) / 2
RETURNS = (9, 14, 17, 21)
"""Months in which one account comes back that left at least three months before."""
RISES, CUTS, MIDTERM = 0.08, 0.03, 0.004
"""Share of renewals with a higher and a lower price; share of accounts with a rise in any other month."""


@dataclass
class Account:
    """An account while it is being made up; `periods` are [start, end or None, JPY a month]."""

    name: str
    csm: str
    sessions: int
    complexity: int
    periods: list[tuple[date, date | None, int]] = field(default_factory=list)
    lost_in: int = -1

    @property
    def mrr(self) -> int:
        """Return the latest price."""
        return self.periods[-1][2]

    def change(self, day: date, mrr: int) -> None:
        """Close the running period the day before and open the next."""
        start, _, old = self.periods[-1]
        self.periods[-1] = (start, day - timedelta(days=1), old)
        self.periods.append((day, None, mrr))

    def renewal(self, month: date) -> date | None:
        """Return the yearly renewal in a month; the contract year begins with the latest return."""
        begun = self.begun()
        due = begun.month == month.month and month.year > begun.year
        return month.replace(day=begun.day) if due else None

    def begun(self, position: int = -1) -> date:
        """Return the start of the unbroken stretch that leads up to a period."""
        begun = self.periods[position][0]
        for start, end, _ in reversed(self.periods[:position]):
            if end and end + timedelta(days=1) == begun:
                begun = start
        return begun


class _Dice:
    """Draws for one company from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random
        self.made = 0

    def day(self) -> int:
        """Return a day from 2 to 28: no start falls on a month opening, no renewal on a leap day."""
        return 2 + int(27 * self.random())

    def price(self) -> int:
        """Return a log-normal price in whole 1,000 JPY a month."""
        normal = sum(self.random() for _ in range(12)) - 6
        return max(15, round(53 * math.exp(0.4 * normal))) * 1000

    def account(self, start: date) -> Account:
        """Make up an account; sessions and complexity follow their shares closely."""
        self.made += 1
        steps = (self.made * GOLDEN) % 1, (self.made * math.sqrt(2)) % 1
        sessions, complexity = (_level(u, s) for u, s in zip(steps, (SESSIONS, COMPLEXITY), strict=True))
        csm = f"csm_{1 + int(5 * self.random())}"
        return Account("", csm, sessions, complexity, [(start, None, self.price())])


def _level(step: float, shares: tuple[float, ...]) -> int:
    total = 0.0
    for level, share in enumerate(shares, 1):
        total += share
        if step < total:
            return level
    return len(shares)


def _month(number: int) -> date:
    """Return the first day of a month of the history."""
    return date(FIRST_YEAR + (number + 3) // 12, (number + 3) % 12 + 1, 1)


def _path() -> list[int]:
    """Return the accounts at the 25 month openings of the history."""
    return [round(ACCOUNTS_TODAY / (1 + GROWTH_ANNUAL) ** (left / 12)) for left in range(MONTHS, -1, -1)]


def _older(path: list[int], dice: _Dice) -> list[Account]:
    """Make up the accounts from before the history, one to four years old.

    Yearly contracts stay in their month, so a month's renewals grow by what its net new accounts add.
    The old accounts are spread so that today every month has a twelfth of the renewals ahead of it.
    """
    accounts = []
    for month in range(12):
        due = [round(ACCOUNTS_TODAY * end / 12) for end in (month, month + 1)]
        gained = path[month + 1] - path[month] + path[month + 13] - path[month + 12]
        for _ in range(due[1] - due[0] - gained):
            start = _month(month)
            years = 1 + int(4 * dice.random() ** 2)
            accounts.append(dice.account(start.replace(year=start.year - years, day=dice.day())))
    return accounts


def make(seed: int = SEED) -> list[Account]:
    """Make up all accounts that were ever under contract in the history."""
    dice = _Dice(seed)
    path = _path()
    accounts = _older(path, dice)
    owed = 0.0
    for number in range(MONTHS):
        active = [a for a in accounts if a.lost_in < 0]
        owed += MONTHLY_CHURN * len(active)
        losses = math.floor(owed + 0.5)
        owed -= losses
        stayed = len(active) - _renew(active, number, losses, dice)
        if number in RETURNS:
            stayed += _come_back(accounts, number, dice)
        month = _month(number)
        accounts += [dice.account(month.replace(day=dice.day())) for _ in range(path[number + 1] - stayed)]
    _meet_the_mean([a for a in accounts if a.lost_in < 0])
    accounts.sort(key=lambda a: a.periods[0][0])
    for position, account in enumerate(accounts, 1):
        account.name = f"A{position:04d}"
    return accounts


def _renew(active: list[Account], number: int, losses: int, dice: _Dice) -> int:
    """Renew, change or end the contracts due in a month; small accounts leave a little more often."""
    month = _month(number)
    due = [(a, day) for a in active if (day := a.renewal(month))]
    due.sort(key=lambda pair: -math.log(1 - dice.random()) * math.sqrt(pair[0].mrr))
    for account, day in due[:losses]:
        start, _, mrr = account.periods[-1]
        account.periods[-1] = (start, day - timedelta(days=1), mrr)
        account.lost_in = number
    for account, day in due[losses:]:
        draw = dice.random()
        if draw < RISES + CUTS:
            account.change(day, _changed(account.mrr, 1.15 if draw < RISES else 0.85))
    resting = {id(a) for a, _ in due}
    for account in active:
        begun = account.periods[-1][0]
        if id(account) not in resting and dice.random() < MIDTERM and begun < month:
            account.change(month.replace(day=dice.day()), _changed(account.mrr, 1.2))
    return min(losses, len(due))


def _changed(mrr: int, factor: float) -> int:
    return round(mrr * factor / 1000) * 1000


def _come_back(accounts: list[Account], number: int, dice: _Dice) -> int:
    gone = [a for a in accounts if 0 <= a.lost_in <= number - 3]
    account = gone[int(len(gone) * dice.random())]
    account.periods.append((_month(number).replace(day=dice.day()), None, account.mrr))
    account.lost_in = -1
    return 1


def _meet_the_mean(active: list[Account]) -> None:
    """Shift never-changed prices by whole 1,000 JPY until the mean is met to the yen."""
    plain = [a for a in active if len(a.periods) == 1]
    missing = (MEAN_MRR * len(active) - sum(a.mrr for a in active)) // 1000
    for step in range(abs(missing)):
        account = plain[step % len(plain)]
        start, end, mrr = account.periods[0]
        account.periods[0] = (start, end, mrr + (1000 if missing > 0 else -1000))


def rows(seed: int = SEED) -> list[dict[str, object]]:
    """Return the contract periods, by account and start."""
    return [
        {
            "account_id": account.name,
            "segment": "",
            "start_date": start.isoformat(),
            "end_date": end.isoformat() if end else "",
            "mrr": mrr,
            "renewal_date": "",  # the worked example renews by term; a company with dates enters them
            "csm": account.csm,
            "onboarding_sessions": account.sessions,
            "complexity": account.complexity,
        }
        for account in make(seed)
        for position, (start, end, mrr) in enumerate(account.periods)
    ]


def content(seed: int = SEED) -> str:
    """Return the file as text."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(seed))
    return stream.getvalue()


if __name__ == "__main__":
    PATH.write_text(content(), encoding="utf-8", newline="\n")
