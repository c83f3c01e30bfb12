"""The cost ledger once more, as formulas of a spreadsheet: an independent witness for the Python model.

Every number is computed by cell formulas from input cells: projection of accounts, task hours, hours bought,
fees, team and ledger. Nothing here imports the model; only the tables and parameters of a workspace are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pandas as pd
from openpyxl.utils import get_column_letter

from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario

Formula = Callable[[int], str]
GUARD = "1E-9"
RATE_COLUMNS = (
    *("price", "base_fee", "included_units", "block", "minimum_units", "notice_months", "setup_cost"),
    *("productivity", "rework_rate", "management_ratio", "ramp_start", "ramp_tau_months", "capacity_cap"),
    *("hiring_lead_months", "hiring_cost", "attrition_annual", "success_rate", "success_cap"),
)


@dataclass(frozen=True)
class Row:
    """Cells of one quantity by month; month 0 stands in column D."""

    number: int

    def __call__(self, month: int) -> str:
        return f"{get_column_letter(4 + month)}{self.number}"

    def span(self, first: int, last: int) -> str:
        """Return the cells of some months."""
        return f"{self(first)}:{self(last)}"


@dataclass
class LedgerWorkbook:
    """A workbook that computes the ledger of one plan.

    `plan` names the resource of every task from the start month on, `sold_by` the partner that delivers paid
    packages, `renewals` contracts due by month where renewal dates replace the rule A / term.
    """

    ds: Dataset
    sc: Scenario
    plan: Mapping[str, str]
    sold_by: str = ""
    renewals: Sequence[float] = ()
    lines: dict[tuple[str, str], Row] = field(default_factory=dict)
    hours: dict[tuple[str, str], Row] = field(default_factory=dict)
    team: dict[str, Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.book = openpyxl.Workbook()
        self.page = self.book.active
        self.used = 0
        self.months = int(self.sc["horizon_months"])
        self.inputs: dict[str, str] = {}
        self.started = self.row("in force", lambda t: f"IF({t}>=MAX(1,{self('start_month')}),1,0)")
        self.project()
        self.tasks()
        outside = [r for r in self.ds.resources["resource_id"] if r != "csm"]
        now = self.ds.tasks.set_index("task_id")["current_resource"].replace("", "csm").to_dict()
        self.now, self.then = now, {**now, **self.plan}
        used = [r for r in outside if r in {*self.now.values(), *self.then.values()}]
        self.taken = [self.contract(r) for r in used]
        self.staff()
        self.own_lines()

    def __call__(self, key: str) -> str:
        """Return the input cell of a parameter or of a cell such as ``resources.bpo.price``."""
        if key not in self.inputs:
            parts, value = key.split("."), None
            if len(parts) == 1 or key in self.sc.changed() or self.sc.space.canonical(key) != key:
                value = self.sc[key]
            else:
                table, name = ("task_inventory", "task_id") if parts[0] == "tasks" else (parts[0],) * 2
                frame = self.ds.tables[table].set_index(name if name == "task_id" else "resource_id")
                value = float(frame.at[parts[1], parts[2]])
            self.inputs[key] = self.value(key, None if pd.isna(value) else value)
        return self.inputs[key]

    def value(self, label: str, value: object) -> str:
        """Write an input or a formula into a row of its own and return its cell."""
        self.used += 1
        self.page.cell(self.used, 1, label)
        self.page.cell(self.used, 2, value)
        return f"$B${self.used}"

    def row(self, label: str, formula: Formula, first: int = 0) -> Row:
        """Write one formula a month and return the cells."""
        formulas = {t: formula(t) for t in range(first, self.months + 1)}  # may write input rows first
        self.used += 1
        self.page.cell(self.used, 1, label)
        for t, text in formulas.items():
            self.page.cell(self.used, 4 + t, f"={text}")
        return Row(self.used)

    def rows(self, labels: Sequence[str], step: Callable[[dict[str, Row], int], list[str]]) -> list[Row]:
        """Write quantities that lead to one another from month to month; month 0 holds their start."""
        found = {label: Row(self.used + 1 + n) for n, label in enumerate(labels)}
        self.used += len(labels)
        for label, row in found.items():
            self.page.cell(row.number, 1, label)
        for t in range(self.months + 1):
            for row, text in zip(found.values(), step(found, t), strict=True):
                self.page[row(t)] = f"={text}"
        return list(found.values())

    def project(self) -> None:
        """A[t+1] = A[t] - loss[t] + N[t], and the volume of each driver."""
        p = self
        entered = p.sc["new_accounts_per_month"] is not None
        rate = f"MAX(0,{p('accounts')}*({p('monthly_churn')}+{p('growth_monthly')}))"
        start = p("new_accounts_per_month") if entered else rate
        growth, term, churn = p("growth_monthly"), p("term_months"), p("monthly_churn")
        self.new = self.row("new accounts", lambda t: f"{start}*(1+{growth})^{t}")
        accounts = p("accounts")
        due = [self.value(f"renewals {t}", v) for t, v in enumerate(self.renewals)]

        def step(found: dict[str, Row], t: int) -> list[str]:
            a, lost, renewals = found.values()
            before = f"{a(t - 1)}-{lost(t - 1)}+{self.new(t - 1)}" if t else accounts
            loss = f"IF({term}<=1,{churn}*{a(t)},MIN(1,{term}*{churn})*{renewals(t)})"
            return [before, loss, due[t] if due else f"IF({term}<=1,0,{a(t)}/{term})"]

        self.accounts, _, renewals = self.rows(["accounts", "lost", "renewals"], step)
        sessions, tickets = p("onboarding_sessions"), p("tickets_per_account")
        self.drivers = {
            "new_account": self.new,
            "onboarding_session": self.row("sessions", lambda t: f"{sessions}*{self.new(t)}"),
            "active_account": self.accounts,
            "renewal": renewals,
            "ticket": self.row("tickets", lambda t: f"{tickets}*{self.accounts(t)}"),
            "fixed": self.row("fixed", lambda _: "1"),
        }
        now, target, begin, tau = (p(f"self_onboarding_{k}") for k in ("now", "target", "start", "tau"))

        def left(t: int) -> str:
            risen = f"IF({tau}=0,1,1-EXP(-({t}-{begin})/IF({tau}=0,1,{tau})))"
            return f"(1-IF({t}<{begin},{now},{now}+({target}-{now})*{risen}))/(1-{now})"

        self.left = self.row("left for people", left)

    def tasks(self) -> None:
        """H = sum_k w[k] D[t-k] frequency minutes / 60 effort, only in calendar_months."""
        effort, first = self("effort"), self.ds.as_of.month
        texts: list[Formula] = []
        for task in self.ds.tasks.to_dict("records"):
            key = f"tasks.{task['task_id']}"
            months = {int(m) for m in task["calendar_months"].split(";") if m} or set(range(1, 13))
            frequency, minutes = self(f"{key}.frequency"), self(f"{key}.minutes")
            if pd.isna(task["minutes"]) and f"{key}.minutes" not in self.sc.changed():
                assert task["driver"] == "fixed"
                solved = f"=60*{self(f'{key}.hours_per_month')}/({frequency}*{len(months)}/12)"
                minutes = self.value(f"{key} minutes", solved)
            driver, width, served = (
                self.drivers[task["driver"]],
                int(task["spread_months"]),
                task["self_serve"],
            )

            def text(
                t: int, d: Row = driver, w: int = width, m: str = minutes, f: str = frequency,
                on: set[int] = months, s: float = served,
            ) -> str:  # fmt: skip
                volume = f"AVERAGE({','.join(d(max(t - k, 0)) for k in range(w))})"
                happens = int((first - 1 + t) % 12 + 1 in on)
                return f"{volume}*{f}*{m}/60*{effort}*{happens}*{self.left(t) if s == 1 else 1}"

            texts.append(text)
        rows = [self.row("hours", text) for text in texts]
        self.top, self.bottom = rows[0].number, rows[-1].number

    def work(self, t: int) -> str:
        """Return the cells with the hours of all tasks in a month."""
        column = get_column_letter(4 + t)
        return f"{column}${self.top}:{column}${self.bottom}"

    def flags(self, owner: Mapping[str, str], resource: str) -> str:
        """Write a column of 1 for the tasks of a resource."""
        cells = [self.value("has task", int(owner[t] == resource)) for t in self.ds.tasks["task_id"]]
        return f"{cells[0]}:{cells[-1]}"

    def contract(self, key: str) -> tuple[Row, Row]:
        """Hours bought, units, fee; return hours taken over and hours of management."""
        card = self.ds.resources.set_index("resource_id").loc[key]
        v = {c: self(f"resources.{key}.{c}") for c in RATE_COLUMNS}
        now, then, on = self.flags(self.now, key), self.flags(self.then, key), self.started
        begin, paid = f"MAX(1,{self('start_month')})", self("paid_hours")
        productive = f"({paid}*(1-{self('non_customer_time')}))"
        settled = self.row(
            "settled",
            lambda t: (
                f"IF({on(t)}=1,SUMPRODUCT({self.work(t)},{now},{then}),SUMPRODUCT({self.work(t)},{now}))"
            ),
        )
        fresh = self.row("fresh", lambda t: f"{on(t)}*SUMPRODUCT({self.work(t)},1-{now},{then})")
        tau = v["ramp_tau_months"]
        learning = f"/IF({tau}=0,1,{tau}))"
        ramp = self.row(
            "ramp",
            lambda t: f"IF({tau}=0,1,1-(1-{v['ramp_start']})*EXP(-MAX(0,{t}-{begin}){learning})",
        )
        rest = f"*(1+{v['rework_rate']})/{v['productivity']}"
        wanted = self.row("wanted", lambda t: f"({settled(t)}+{fresh(t)}/{ramp(t)}){rest}")
        cap = v["capacity_cap"]
        room = self.row("room", lambda t: f"IF(ISBLANK({cap}),1,IF({wanted(t)}>{cap},{cap}/{wanted(t)},1))")
        taken = self.row("taken over", lambda t: f"({settled(t)}+{fresh(t)})*{room(t)}")
        bought = self.row("bought", lambda t: f"{wanted(t)}*{room(t)}")
        managed = self.row("management", lambda t: f"{v['management_ratio']}*{bought(t)}")
        active = self.row("active", lambda t: f"IF({on(t)}=1,SIGN(SUM({then})),SIGN(SUM({now})))")
        today = f"SIGN(SUM({now}))"
        per_head = productive if card["price_form"] == "salary" else paid
        staffed = card["price_form"] == "salary" or card["contract_form"] in ("employment", "dispatch")

        def heads_in(found: dict[str, Row], t: int) -> list[str]:
            (heads,) = found.values()
            need = f"ROUNDUP(MAX(0,{bought(max(t, 1))}/{per_head}-{GUARD}),0)*{int(staffed)}"
            return [f"IF({today}=1,{need},0)" if t == 0 else f"MAX({heads(t - 1)},{need})*{active(t)}"]

        (heads,) = self.rows(["heads"], heads_in)
        forms: dict[str, Formula] = {
            "hour": bought,
            "seat_month": lambda t: f"{bought(t)}/{paid}",
            "case": lambda t: f"{self.case_driver(key)(t)}*{self.left(t)}*{on(t)}*{room(t)}",
            "licence": self.accounts,
            "salary": heads,
            "success": lambda _: "0",
        }
        units = self.row("units", forms[card["price_form"]], 1)

        def billed(quantity: str) -> str:
            block = v["block"]
            up = f"IF({block}=0,{quantity},ROUNDUP({quantity}/IF({block}=0,1,{block})-{GUARD},0)*{block})"
            return f"MAX(0,MAX({v['minimum_units']},{up})-{v['included_units']})"

        base, unit_price = v["base_fee"], v["price"]
        idle: Formula = units if card["price_form"] == "licence" else (lambda _: "0")
        attrition = f"(1-(1-{v['attrition_annual']})^(1/12))"
        item = "salary" if card["price_form"] == "salary" else "fee"
        formulas: dict[str, Formula] = {
            item: lambda t: f"{active(t)}*{unit_price}*{billed(units(t))}",
            "base": lambda t: f"{active(t)}*{base}",
            "setup": lambda t: f"IF(AND({today}=0,{active(t)}=1,{t}={begin}),{v['setup_cost']},0)",
            "notice": lambda t: (
                f"IF(AND({today}=1,{active(t)}=0,{t}<={v['notice_months']}),"
                f"{base}+{unit_price}*{billed(idle(t))},0)"
            ),
            "hiring": lambda t: (
                f"{active(t)}*{v['hiring_cost']}*({heads(t)}-{heads(t - 1)}+{attrition}*{heads(t - 1)})"
            ),
        }
        if card["price_form"] == "success":
            gain = f"{v['success_rate']}*{self('agency_uplift')}"
            most = f"IF(ISBLANK({v['success_cap']}),1E+99,{v['success_cap']})"
            formulas["success_fee"] = lambda t: f"{active(t)}*MIN({most},{gain}*{self.revenue(t)})"
        for name, formula in formulas.items():
            self.lines[key, name] = self.row(f"{key} {name}", formula, 1)
        self.hours[key, "supplied"], self.hours[key, "bought"] = taken, bought
        return taken, managed

    def case_driver(self, key: str) -> Row:
        """Driver units of a resource's tasks; here tasks of one driver, once a unit, and self-served."""
        own = self.ds.tasks[[self.then[t] == key for t in self.ds.tasks["task_id"]]]
        assert own["driver"].nunique() == 1 and (own[["frequency", "self_serve"]] == 1).all(axis=None)
        return self.drivers[own["driver"].iloc[0]]

    def revenue(self, t: int) -> str:
        """Recurring revenue of a month: accounts x revenue per account, grown by monthly_expansion."""
        each = f"{self('arr')}/(12*{self('accounts')})"
        return f"{self.accounts(t)}*{each}*(1+{self('monthly_expansion')})^{t}"

    def staff(self) -> None:
        """Leavers, replacements, whole-head hires and seats not refilled, month by month."""
        taken, managed = zip(*self.taken, strict=True) if self.taken else ((), ())
        own = self.row("own", lambda t: "-".join([f"SUM({self.work(t)})", *(r(t) for r in taken)]))
        manage = self.row("manage", lambda t: "+".join(["0", *(r(t) for r in managed)]))
        h = f"({self('paid_hours')}*(1-{self('non_customer_time')}))"
        need = self.row("need", lambda t: f"({own(t)}+{manage(t)})/{h}")
        lead, fte = self("resources.csm.hiring_lead_months"), self("cs_fte")
        monthly = self.value("leavers", f"=1-(1-{self('resources.csm.attrition_annual')})^(1/12)")
        labels = ["present", "seats", "unfilled", "ordered", "replaced", "vacant", "hires"]

        def step(found: dict[str, Row], t: int) -> list[str]:
            present, seats, unfilled, ordered, replaced, vacant, hires = found.values()
            if t == 0:
                return [fte, fte, "0", "0", "0", "0", "0"]
            leavers = f"{monthly}*{present(t - 1)}"
            spare = f"{seats(t - 1)}*(1-{monthly}*{lead})-MAX({need.span(t, self.months)})"
            given_up = f"MAX({unfilled(t - 1)},INT(MAX(0,{spare})+{GUARD}))"
            there = f"({seats(t - 1)}-{unfilled(t)}-{vacant(t)})"
            back = f"IF({t}-{lead}>=1,INDEX({ordered.span(1, t)},1,MAX(1,{t}-{lead})),0)"
            return [
                f"MAX(0,{there}+{hires(t)})",
                f"{seats(t - 1)}+{hires(t)}",
                f"MIN({given_up},{unfilled(t - 1)}+{leavers})",
                f"{leavers}-({unfilled(t)}-{unfilled(t - 1)})",
                back,
                f"{vacant(t - 1)}+{ordered(t)}-{replaced(t)}",
                f"IF({t}>={lead},ROUNDUP(MAX(0,{need(t)}-{there}-{GUARD}),0),0)",
            ]

        rows = dict(zip(labels, self.rows(labels, step), strict=True))
        self.team = {k: rows[k] for k in ("present", "hires", "replaced", "unfilled")}
        unmet = self.row(
            "unmet", lambda t: f"MIN({own(t)},MAX(0,{own(t)}+{manage(t)}-{rows['present'](t)}*{h}))"
        )
        self.hours["unmet", "supplied"] = unmet
        self.hours["csm", "supplied"] = self.row("supplied", lambda t: f"{own(t)}-{unmet(t)}")
        self.hours["csm", "management"] = manage

    def own_lines(self) -> None:
        """Salary, hiring, tools and external services of the in-house team; revenue of paid packages."""
        team, cost = self.team, self("resources.csm.hiring_cost")
        salary = self("csm_monthly_cost")
        formulas: dict[tuple[str, str], Formula] = {
            ("csm", "salary"): lambda t: f"{salary}*{team['present'](t)}",
            ("csm", "hiring"): lambda t: f"{cost}*({team['hires'](t)}+{team['replaced'](t)})",
            ("csm", "tools"): lambda _: f"{self('tools_annual_cost')}/12",
            ("csm", "external"): lambda _: f"{self('external_annual_cost')}/12",
        }
        if self.sold_by:
            sold = f"{self('package_uptake')}*{self('package_price')}"
            formulas[self.sold_by, "package_revenue"] = lambda t: f"-{sold}*{self.new(t)}*{self.started(t)}"
        for key, formula in formulas.items():
            self.lines[key] = self.row(" ".join(key), formula, 1)

    def save(self, path: Path) -> None:
        """Write the formulas; they hold no values until a spreadsheet program computes them."""
        self.book.save(path)

    def read(self, path: Path, rows: Mapping[object, Row]) -> dict[tuple[object, int], float]:
        """Return what the program computed: (key, month) -> value."""
        page = openpyxl.load_workbook(path, data_only=True).active
        found = {(k, t): page[row(t)].value for k, row in rows.items() for t in range(1, self.months + 1)}
        assert all(isinstance(v, (int, float)) for v in found.values()), "a formula failed"
        return {key: float(value) for key, value in found.items()}
