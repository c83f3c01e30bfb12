"""Task list of the minimal input to a task inventory: group and driver by words, traits by routine and group.

Nothing here is measured: what the analyst did not enter is prefilled and marked assumption.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from csanalysis.labels import text
from csanalysis.vocabulary import Driver, Grade, Stage
from csanalysis.workspace.minimal import VALUES, Answers, Problem, Task

ROUTINE_FROM = 4
"""Tasks of the example from this repeatability on are the routine ones that others are likened to."""
ROUTINE = {"repeatability": 5.0, "periodicity": 4.0, "standardised": 0.8, "rules_fixed": 0.6}
OTHER = {"repeatability": 2.0, "periodicity": 2.0, "standardised": 0.3, "rules_fixed": 0.2}
"""Traits of routine and other tasks: about the middle of the example's tasks of each sort."""
LIKENED = ("domain_knowledge", "lead_days", "customer_contact")
FLAGS = ("temporary_load", "self_serve")


@dataclass(frozen=True)
class GroupRule:
    """Words in a task's name that tell its group and its driver, in one stage or in all (`stage` empty)."""

    group: str
    driver: Driver
    words: str
    stage: str = ""


ACCOUNT, NEW, SESSION = Driver.ACTIVE_ACCOUNT, Driver.NEW_ACCOUNT, Driver.ONBOARDING_SESSION
FIXED, RENEWAL, TICKET = Driver.FIXED, Driver.RENEWAL, Driver.TICKET
_ON, _AD, _RE, _EX = (str(s) for s in (Stage.ONBOARDING, Stage.ADOPTION, Stage.RENEWAL, Stage.EXPANSION))

RULES = (
    GroupRule(
        "support",
        TICKET,
        r"問い?合わ?せ|ヘルプデスク|カスタマーサポート"
        r"|\bticket|\bhelp ?desk|\b(first|second)-line|\bcustomer support",
    ),
    GroupRule("newsletter", FIXED, r"メルマガ|メールマガジン|ニュースレター|\bnewsletter"),
    GroupRule(
        "faq_content",
        FIXED,
        r"faq|マニュアル|テンプレート|教材|ヘルプ(記事|サイト)|\bmanuals?\b|\btemplate|\bcontent\b",
    ),
    GroupRule(
        "surveys_cases",
        FIXED,
        r"アンケート|事例|顧客の声|\bsurvey|\b(case|success) (stor|stud|case)|\bcustomer(s|'s)? voice",
    ),
    GroupRule("usage_reporting", FIXED, r"レポート|報告書|データの?抽出|集計|\bkpi|\breport|\bextract"),
    GroupRule(
        "data_upkeep",
        FIXED,
        r"データの?(整備|入力|更新)|名寄せ|台帳|照合|アラート"
        r"|\bledger|\bclean|\balert|\bmatch\b|\bdata (entry|upkeep)",
    ),
    GroupRule("data_upkeep", ACCOUNT, r"モニタリング|監視|\bmonitor"),
    GroupRule(
        "periodic_guidance",
        ACCOUNT,
        r"(月次|年次|定期).*(案内|連絡)|組織変更|\bnotice|\borganisation change",
        _AD,
    ),
    GroupRule("sales_handover", NEW, r"引き?継ぎ?|サクセスプラン|\bhand-?\s?over|\bsuccess plan", _ON),
    GroupRule("paid_onboarding", NEW, r"有償|有料|\bpaid\b", _ON),
    GroupRule(
        "initial_setup",
        NEW,
        r"設定|移行|環境|アカウント(発行|作成)|\bset-?\s?up|\bsetting|\bmigrat|\benvironment|\bissue acc",
        _ON,
    ),
    GroupRule("onboarding_delivery", SESSION, "", _ON),
    GroupRule("outcome_consulting", ACCOUNT, r"コンサル|成果創出|\bconsult|\boutcome", _AD),
    GroupRule("initiative_coaching", ACCOUNT, r"伴走|施策|\bcoach|\binitiative", _AD),
    GroupRule("adoption_support", ACCOUNT, "", _AD),
    GroupRule("renewal_negotiation", RENEWAL, r"交渉|条件|\bnegotiat|\bterms\b", _RE),
    GroupRule(
        "renewal_clerical",
        RENEWAL,
        r"見積|契約|請求|事務|\bquote|\bcontract|\bbilling|\binvoic|\bclerical",
        _RE,
    ),
    GroupRule("renewal_confirmation", RENEWAL, "", _RE),
    GroupRule("upsell_calls", ACCOUNT, r"架電|電話|アポ|\bcall|\bappointment", _EX),
    GroupRule("expansion_proposal", ACCOUNT, "", _EX),
)
"""The first rule that fits counts; a rule without words is what a stage falls back to."""


@dataclass(frozen=True)
class Placed:
    """Where a task belongs: group, driver, and the label of a note where the usual driver has no volume."""

    group: str
    driver: Driver
    note: str = ""


def place(task: Task, answers: Answers) -> Placed:
    """Return group and driver of a task, from its stage and the words of its name.

    Renewals without a term (monthly contracts) go by active accounts, sessions by new accounts where no
    session is held; both are told.
    """
    name = unicodedata.normalize("NFKC", task.name).casefold()
    rule = next(r for r in RULES if r.stage in ("", task.stage) and re.search(r.words, name))
    if rule.driver == RENEWAL and answers.number("term_months") <= 1:
        return Placed(rule.group, ACCOUNT, "no_term")
    if rule.driver == SESSION and answers.number("onboarding_sessions") == 0:
        return Placed(rule.group, NEW, "no_sessions")
    return Placed(rule.group, rule.driver)


def without_volume(task: Task, answers: Answers) -> Problem | None:
    """Return the problem of hours that nothing brings about: onboarding work without new accounts."""
    idle = place(task, answers).driver in (NEW, SESSION) and answers.number("new_accounts_per_month") == 0
    if not (idle and task.hours > 0):
        return None
    return Problem("minimal_no_volume", {"task": task.name})


def driver_notes(answers: Answers, lang: str) -> Iterator[str]:
    """Yield what is told about tasks whose usual driver has no volume."""
    for note in ("no_term", "no_sessions"):
        names = [task.name for task in answers.tasks if place(task, answers).note == note]
        if names:
            yield text(f"minimal.note.{note}", lang, tasks=text("minimal.comma", lang).join(names))


def inventory(answers: Answers, example: pd.DataFrame, columns: list[str], lang: str) -> pd.DataFrame:
    """Return the task inventory as text cells.

    Parameters
    ----------
    answers : Answers
    example : pandas.DataFrame
        Typed inventory of the example workspace, whose tasks lend the traits that were not asked for.
    columns : list of str
        Columns of the table, in order.
    lang : {"ja", "en"}
        Language in which names were entered and sources are written.
    """
    rows = [
        {"task_id": f"t{n:02d}", **_row(task, place(task, answers), example, lang)}
        for n, task in enumerate(answers.tasks, 1)
    ]
    return pd.DataFrame(rows).reindex(columns=columns, fill_value="").fillna("").astype(str)


def _row(task: Task, placed: Placed, example: pd.DataFrame, lang: str) -> dict[str, str]:
    like = _like(task, placed.group, example)
    numbers = {
        "hours_per_month": task.hours,
        "frequency": 1.0,
        "spread_months": 1.0,
        "value_added": VALUES[task.value],
        "personal_data": float(task.personal_data),
        **(ROUTINE if task.routine else OTHER),
        **{trait: float(like[trait].median()) for trait in LIKENED},
        **{flag: float(like[flag].mean() > 0.5) for flag in FLAGS},
    }
    words = {
        f"name_{lang}": task.name,
        "stage": task.stage,
        "task_group": placed.group,
        "driver": str(placed.driver),
        "split": str(like["split"].mode().iloc[0]),
        "current_resource": "csm",
        "source": text("minimal.source.task", lang),
        "grade": str(Grade.ASSUMPTION),
    }
    return {**words, **{key: f"{value:.15g}" for key, value in numbers.items()}}


def _like(task: Task, group: str, example: pd.DataFrame) -> pd.DataFrame:
    """Return the example's tasks of the same group and sort; of the same group where there is none."""
    same = example[example["task_group"] == group]
    alike = same[(same["repeatability"] >= ROUTINE_FROM) == task.routine]
    return same if alike.empty else alike
