"""The ledger equals a spreadsheet that computes the same plan: two witnesses, one truth.

A workbook whose formulas are written from the equations of the model is recalculated by LibreOffice. A sign,
an index or a rounding that went wrong in the Python code would have to go wrong in the formulas in the same
way to pass.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

import csanalysis as cs
from csanalysis.model.dataset import Dataset
from csanalysis.model.scenario import Scenario
from csanalysis.workspace import create_workspace, example_dir, load_dataset
from tests.reference.ledger_workbook import LedgerWorkbook

DELIVERY = ("onb_session_prepare", "onb_session_deliver", "onb_session_followup", "onb_progress_update")
CONFIRMATION = ("rnw_notice", "rnw_intent_confirm")
PLAYBOOK = dict.fromkeys(DELIVERY + CONFIRMATION, "bpo")
EVERY_FORM = {
    **dict.fromkeys(DELIVERY[:2], "case_desk"),
    "onb_session_followup": "bpo",
    "sup_first_response": "bpo",
    "ini_paid_onboarding": "bpo",
    **dict.fromkeys(("rnw_contract_papers", "rnw_billing_update"), "contract_staff"),
    "ado_usage_monitoring": "intern",
    "ado_outcome_consulting": "agency",
    "ini_setting_support": "tech_touch",
    "nws_write": "contractor",
}
"""A plan with every price form of the rate card: hour, seat_month, case, success, licence, salary."""


@dataclass(frozen=True)
class Case:
    """A workspace, a scenario, a plan."""

    ds: Dataset
    sc: Scenario
    plan: dict[str, str]
    sold_by: str = ""
    renewals: tuple[float, ...] = ()

    def workbook(self) -> LedgerWorkbook:
        """Return the formulas of the ledger."""
        return LedgerWorkbook(self.ds, self.sc, self.plan, self.sold_by, self.renewals)


def example_case(plan: dict[str, str]) -> Case:
    """The example with its renewal dates, which stand as input cells in the sheet."""
    ds = load_dataset(example_dir(), lang="en")
    demand = cs.project_demand(ds, ds.base)
    return Case(ds, ds.base, plan, renewals=tuple(demand.projection.renewals[:, 0].tolist()))


def workspace(folder: Path, change: Callable[[dict[str, pd.DataFrame]], None]) -> Dataset:
    """Return a new workspace, which has no contract periods, with some tables changed."""
    root = create_workspace(folder, "en")
    names = ("resources", "task_inventory")
    read = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}
    tables = {n: pd.read_csv(root / f"{n}.csv", **read).set_index(f"{n.split('_')[0].rstrip('s')}_id",
              drop=False) for n in names}  # fmt: skip
    change(tables)
    for name, frame in tables.items():
        frame.to_csv(root / f"{name}.csv", index=False)
    return load_dataset(root)


def put(frame: pd.DataFrame, row: str, **cells: object) -> None:
    """Enter cells of one row."""
    for column, value in cells.items():
        frame.loc[row, column] = str(value)


def every_form(tables: dict[str, pd.DataFrame]) -> None:
    """A rate card that uses every clause: base, block, minimum, included units, cap, heads, success."""
    card, tasks = tables["resources"], tables["task_inventory"]
    put(card, "bpo", base_fee=50000, included_units=10, block=8, minimum_units=60, capacity_cap=90)
    put(card, "contract_staff", price_form="seat_month", price=380000, block=0.25, minimum_units=0.5)
    put(card, "contract_staff", hiring_cost=70000, attrition_annual=0.4)
    put(card, "intern", price_form="salary", price=210000, personal_data_allowed=1, attrition_annual=0.5)
    put(card, "agency", success_cap=45000, price=0, base_fee=120000)
    put(card, "tech_touch", price=180, block=100, included_units=50)
    desk = card.loc["bpo"].copy()
    desk["resource_id"] = "case_desk"
    card.loc["case_desk"] = desk
    put(card, "case_desk", price_form="case", price=4200, block=10, minimum_units=30, included_units=5)
    put(card, "case_desk", capacity_cap=70, base_fee=20000, ramp_tau_months=0)
    put(tasks, "ado_outcome_consulting", spread_months=3)
    put(tasks, "ini_setting_support", spread_months=2)
    put(tasks, "nws_write", calendar_months="4;6;9;12")


def every_form_case(folder: Path) -> Case:
    """A company in the phase in which the playbook sells onboarding as a paid package."""
    ds = workspace(folder, every_form)
    sc = ds.base.replace(
        customer_size="enterprise", cs_headcount=25, package_uptake=0.2, agency_uplift=0.01, start_month=2,
        monthly_expansion=0.004, tools_annual_cost=1_234_567, external_annual_cost=777_777,
        self_onboarding_target=0.6, self_onboarding_start=4, horizon_months=18, onboarding_sessions=2.5,
    )  # fmt: skip
    return Case(ds, sc.replace({"tasks.nws_write.frequency": 3}), EVERY_FORM, sold_by="case_desk")


def ended(tables: dict[str, pd.DataFrame]) -> None:
    """Work stands outside today with commitments that run on after it has left."""
    card, tasks = tables["resources"], tables["task_inventory"]
    put(card, "bpo", base_fee=80000, minimum_units=40, notice_months=5)
    put(card, "tech_touch", notice_months=6, included_units=20)
    put(card, "contract_staff", hiring_cost=60000, attrition_annual=0.3)
    put(card, "contractor", minimum_units=20, ramp_tau_months=30, notice_months=2)
    put(card, "csm", attrition_annual=0.35, hiring_lead_months=2)
    for task in (*DELIVERY, "sup_first_response"):
        put(tasks, task, current_resource="bpo")
    put(tasks, "ini_setting_support", current_resource="tech_touch")
    put(tasks, "rnw_contract_papers", current_resource="contract_staff")
    put(card, "intern", attrition_annual=0.5)
    put(tasks, "ado_usage_monitoring", current_resource="intern")


def ended_case(folder: Path) -> Case:
    """Contracts of today end, one takes over more, the company shrinks and does not refill seats."""
    ds = workspace(folder, ended)
    back = dict.fromkeys((*DELIVERY, "ini_setting_support", "ado_usage_monitoring"), "csm")
    plan = {**back, "sup_first_response": "contractor", "rnw_billing_update": "contract_staff"}
    sc = ds.base.replace(start_month=3, growth_monthly=-0.02, cs_fte=6.3, horizon_months=20)
    return Case(ds, sc, plan)


def grown_case(folder: Path) -> Case:
    """Monthly contracts, fast growth, slow hiring and few people: hours stay undone and heads are hired."""
    ds = workspace(folder, lambda _: None)
    sc = ds.base.replace({
        "term_months": 1, "growth_monthly": 0.05, "cs_fte": 2.2, "effort": 1.1, "new_accounts_per_month": 30,
        "resources.csm.hiring_lead_months": 4, "resources.csm.attrition_annual": 0.6, "horizon_months": 15,
    })  # fmt: skip
    return Case(ds, sc, {})


@pytest.fixture(scope="module")
def cases() -> dict[str, Callable[[Path], Case]]:
    return {
        "playbook": lambda _: example_case(PLAYBOOK),
        "in_house": lambda _: example_case({}),
        "every_form": every_form_case,
        "ended": ended_case,
        "grown": grown_case,
    }


@pytest.fixture(scope="module")
def computed(
    tmp_path_factory: pytest.TempPathFactory, libreoffice: str, cases: dict[str, Callable[[Path], Case]]
) -> dict[str, tuple[Case, LedgerWorkbook, Path]]:
    """All workbooks, recalculated by one run of LibreOffice."""
    root = tmp_path_factory.mktemp("ledger")
    built = {name: make(root / name) for name, make in cases.items()}
    books = {name: case.workbook() for name, case in built.items()}
    for name, book in books.items():
        book.save(root / f"{name}.xlsx")
    profile = f"-env:UserInstallation={(root / 'profile').as_uri()}"
    command = [libreoffice, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(root / "out")]
    files = [str(root / f"{name}.xlsx") for name in books]
    subprocess.run([*command, *files], check=True, capture_output=True, timeout=180)
    return {name: (built[name], books[name], root / "out" / f"{name}.xlsx") for name in books}


NAMES = ("playbook", "in_house", "every_form", "ended", "grown")


@pytest.mark.office
@pytest.mark.parametrize("name", NAMES)
def test_every_cell_of_the_ledger(computed: dict[str, tuple[Case, LedgerWorkbook, Path]], name: str) -> None:
    """Month x resource x item, to one yen; an item that only one of the two knows counts as zero."""
    case, book, path = computed[name]
    sheet = book.read(path, book.lines)
    frame = cs.cost_to_serve(case.ds, case.sc, case.plan).to_frame()
    code = {((r, i), int(m)): y for m, r, i, y in frame[["month", "resource_id", "item", "jpy"]].to_numpy()}
    for cell in sheet.keys() | code.keys():
        assert code.get(cell, 0.0) == pytest.approx(sheet.get(cell, 0.0), abs=1.0), cell
    assert frame["jpy"].abs().sum() > 0


@pytest.mark.office
@pytest.mark.parametrize("name", NAMES)
def test_hours_and_team(computed: dict[str, tuple[Case, LedgerWorkbook, Path]], name: str) -> None:
    """Hours to a millionth: a yen of tolerance in money must not hide a slip of hours."""
    case, book, path = computed[name]
    ledger = cs.cost_to_serve(case.ds, case.sc, case.plan)
    hours = ledger.hours().set_index(["resource_id", "month"])
    for ((resource, column), month), value in book.read(path, book.hours).items():
        assert hours.at[(resource, month), column] == pytest.approx(value, abs=1e-6), (resource, month)
    team = ledger.team().set_index("month")
    for (column, month), value in book.read(path, book.team).items():
        assert team.at[month, column] == pytest.approx(value, abs=1e-9), (column, month)


@pytest.mark.office
def test_the_cases_exercise_what_they_are_for(
    computed: dict[str, tuple[Case, LedgerWorkbook, Path]],
) -> None:
    """A clause that no case reaches would be compared as zero with zero."""
    paid = {}
    for name, (_, book, path) in computed.items():
        for ((resource, item), _), value in book.read(path, book.lines).items():
            paid[name, resource, item] = paid.get((name, resource, item), 0.0) + abs(value)
    for resource, item in [
        *(("bpo", "fee"), ("bpo", "base"), ("case_desk", "package_revenue")),
        *(("case_desk", "fee"), ("case_desk", "base"), ("case_desk", "setup")),
        *(("contract_staff", "fee"), ("contract_staff", "hiring"), ("intern", "salary")),
        *(("intern", "hiring"), ("agency", "success_fee"), ("tech_touch", "fee"), ("tech_touch", "setup")),
        *(("csm", "tools"), ("csm", "external"), ("contractor", "fee")),
    ]:
        assert paid["every_form", resource, item] > 0, (resource, item)
    assert paid["ended", "bpo", "notice"] > 0 and paid["ended", "tech_touch", "notice"] > 0
    team = {name: book.read(path, book.team) for name, (_, book, path) in computed.items()}
    assert max(v for (key, _), v in team["ended"].items() if key == "unfilled") >= 1
    assert sum(v for (key, _), v in team["grown"].items() if key == "hires") >= 4
    hours = computed["grown"][1].read(computed["grown"][2], computed["grown"][1].hours)
    assert hours[("unmet", "supplied"), 1] > 0
